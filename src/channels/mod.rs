//! Everything that knows a platform: reading its webhooks, speaking to it, judging its answers.
//! Never the database, never an actor: values of `domain` in, values of `domain` out.
//!
//! A platform is a folder: `KIND` is all that is to know of it, [`Platform`] all that it can be asked, and
//! `registry` the one list of them.
//! In: what [`kind::Kind::webhook`] says of the proof on the raw bytes, then [`parse`].
//! Out: [`Platforms::send`], whose [`crate::domain::outbound::SendOutcome`] tells surely-not-sent from
//! perhaps-sent.

mod access;
mod actions;
mod call;
mod connect;
mod dispatch;
pub mod file_limits;
pub(crate) mod guard;
mod instagram;
pub mod kind;
mod lenient;
mod media;
mod messenger;
pub mod meta;
mod past;
mod platform;
mod platforms;
pub mod registry;
pub(crate) mod simulated;
pub mod telegram;
mod templates;
pub mod text_limits;
mod token;
mod unregistered;
mod webchat;
pub mod webhook;
mod whatsapp;

pub use access::{ChannelAccess, ChannelOptions, Credentials, InstagramLogin, business_of};
pub use actions::{CallError, FetchedProfile};
pub use connect::Finding;
pub use media::{FetchError, RemoteFile};
pub use past::{PastMessage, PastMessages, PastThread, PastThreads};
pub use platform::Platform;
pub use platforms::{PlatformSettings, Platforms};
pub use templates::{TemplateAnswer, TemplateRequest};
pub use token::RenewedToken;

use crate::domain::ChannelKind;
use crate::domain::inbound::InboundEvent;
use registry::platform;

/// A body that is no JSON at all: answered with 400, nothing is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not JSON")]
pub struct NotJson;

/// What a webhook's body says. `account_hint` is the channel's external id where the address
/// of the webhook names it (Telegram); Meta's bodies name their accounts themselves.
/// Events come ordered by provider time, then position; one odd event costs no other.
pub fn parse(kind: ChannelKind, account_hint: &str, body: &[u8]) -> Result<Vec<InboundEvent>, NotJson> {
    let text = lenient::clean(body);
    let whole: &serde_json::value::RawValue =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|_| NotJson)?;
    let mut events = platform(kind).parse(account_hint, whole);
    put_in_order(&mut events);
    Ok(events)
}

/// What one event says that was kept by itself, without the body it came in: the same as [`parse`],
/// wrapped as its platform wraps it.
pub fn parse_kept(
    kind: ChannelKind,
    account: &str,
    business: Option<&str>,
    raw: &str,
) -> Result<Vec<InboundEvent>, NotJson> {
    let whole = platform(kind).wrapped(account, business, raw);
    parse(kind, account, whole.as_bytes())
}

/// Provider time, then position. An event without a time keeps its place behind its predecessor.
fn put_in_order(events: &mut [InboundEvent]) {
    let mut last = None;
    let mut times = Vec::with_capacity(events.len());
    for (position, event) in events.iter_mut().enumerate() {
        event.position = position;
        last = event.occurred_at.or(last);
        times.push(last);
    }
    events.sort_by_key(|event| (times[event.position], event.position));
}

#[cfg(test)]
mod kind_tests;
#[cfg(test)]
mod parsing_properties;
#[cfg(test)]
mod parsing_tests;
#[cfg(test)]
mod sending_tests;
