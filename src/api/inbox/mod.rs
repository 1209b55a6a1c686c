//! What the team works with: conversations, messages, customers, files, search.

pub(crate) mod ai_drafts;
pub(crate) mod bulk;
pub(crate) mod consents;
pub(crate) mod conversation_events;
pub(crate) mod conversations;
pub(crate) mod customers;
pub(crate) mod direct_messages;
pub(crate) mod erased;
pub(crate) mod labels;
pub(crate) mod media;
pub(crate) mod message_history;
pub(crate) mod messages;
pub(crate) mod my_marks;
pub(crate) mod recipient;
pub(crate) mod saved;
pub(crate) mod search;
