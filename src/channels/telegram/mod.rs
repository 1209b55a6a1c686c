//! The Telegram Bot API: updates, business connections included, and its send calls.
//! Never another platform's shapes; the bot's token never leaves the request's address.

pub(super) mod answer;
pub(super) mod content;
mod parse;
pub mod secret;
pub(super) mod send;

pub(super) use parse::parse;
