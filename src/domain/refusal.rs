//! Why something asked for was not done, in words for whoever asked. Never a fault of ours.

use super::permission::Permission;
use super::send_gate::{SendReason, Verdict};
use std::time::Duration;

/// What kind of no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// It makes no sense: HTTP 400 or 422.
    Invalid,
    /// Nobody is signed in: 401.
    Unauthenticated,
    /// Not theirs to do: 403.
    Forbidden,
    /// Not there, or not theirs to see: 404.
    NotFound,
    /// It contradicts what is there: 409.
    Conflict,
    /// Too large: 413.
    TooLarge,
    /// Too often: 429.
    TooMany,
}

/// A clear no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What kind of no.
    pub kind: RefusalKind,
    /// Stable, for programs.
    pub code: &'static str,
    /// For people: what is wrong and what to do.
    pub message: String,
    /// When to come again, if that is known.
    pub retry_after: Option<Duration>,
    /// Why it may not be sent and what can be done instead, where that is what was asked for.
    pub verdict: Option<Box<Verdict>>,
    /// What whoever asked would have to be allowed.
    pub permission: Option<Permission>,
}

impl Refusal {
    /// A no of any kind.
    pub fn new(kind: RefusalKind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), retry_after: None, verdict: None, permission: None }
    }

    /// It may work after `wait`.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    /// Too often, too much: come again after `wait`.
    pub fn too_many(code: &'static str, message: impl Into<String>, wait: Duration) -> Self {
        Self::new(RefusalKind::TooMany, code, message).after(wait)
    }

    /// It makes no sense.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Invalid, code, message)
    }

    /// Not theirs to do.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Forbidden, "forbidden", message)
    }

    /// There is no such `thing`, or not for them.
    pub fn not_found(thing: &str) -> Self {
        Self::new(RefusalKind::NotFound, "not_found", format!("There is no such {thing}."))
    }

    /// It contradicts what is there.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Conflict, code, message)
    }
}

/// A send that the gate refuses. Codes that were given before there was a gate stay what they were.
impl From<Verdict> for Refusal {
    fn from(verdict: Verdict) -> Self {
        let words = verdict.words.clone();
        let refusal = match verdict.reason {
            Some(SendReason::ConversationMerged) => Self::conflict("conversation_merged", words),
            Some(SendReason::ChannelGone) => Self::conflict("channel_gone", words),
            Some(SendReason::ClientIdTaken) => Self::conflict("client_id_taken", words),
            Some(SendReason::TooLong) => Self::invalid("too_long", words),
            Some(SendReason::NotOnThisChannel) => Self::invalid("not_on_this_channel", words),
            Some(SendReason::BadTemplate) => Self::invalid("bad_template", words),
            _ => Self::conflict("gate_refused", words),
        };
        Self { verdict: Some(Box::new(verdict)), ..refusal }
    }
}
