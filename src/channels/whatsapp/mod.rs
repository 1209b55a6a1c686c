//! WhatsApp Cloud API: its webhooks, coexistence echoes and history included, and its send call.
//! Never another platform's shapes.

mod content;
mod customers;
mod history;
mod message;
mod parse;
mod read;
pub(super) mod send;
mod statuses;

pub(super) use parse::parse;
