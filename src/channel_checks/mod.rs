//! What is asked of channels' platforms now and then, each under a lease: messages whose webhooks were lost,
//! whether the platform still calls us, how long a token lives, how a number is rated. Never a message's
//! content; whatever is found, a channel's state stays as it is: what is wrong is shown.
//!
//! ```text
//!  due ──Claim──▶ messages · webhook · token · number ──Settle──▶ due again: in an hour, after a back-off
//! ```

mod asking;
mod commands;
mod job;
mod messages;
mod token;
mod webhook;

pub(crate) use asking::ChannelChecks;
