//! What the team works with: conversations, messages, customers, files, search.

pub mod ai_drafts;
pub mod conversations;
pub mod customers;
pub mod direct_messages;
pub mod erased;
pub mod labels;
pub mod media;
pub mod message_history;
pub mod messages;
pub mod recipient;
pub mod saved;
pub mod search;
