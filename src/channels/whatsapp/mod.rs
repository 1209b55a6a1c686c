//! WhatsApp Cloud API: its webhooks, coexistence echoes and history included, and its send call.
//! Never another platform's shapes.

mod content;
pub mod customers;
mod history;
mod parse;
pub(super) mod send;
mod statuses;

pub(super) use parse::parse;
