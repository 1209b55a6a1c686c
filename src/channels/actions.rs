//! What comes of telling a platform what is no message (read marks, typing, seen button presses), and of
//! asking it about people. Each may be tried again or lost without harm.

use super::media;
use crate::domain::inbound::{Profile, RemoteSource};
use crate::domain::outbound::{Scope, SendOutcome};
use serde_json::{Map, Value};
use std::time::Duration;

/// Why a call that is no message did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// The platform's words, or what was seen of the line.
    pub message: String,
    /// Whether another try may work.
    pub may_retry: bool,
    /// How long the platform wants us to wait.
    pub retry_after: Option<Duration>,
    /// The credentials are no longer good.
    pub channel_broken: bool,
    /// The person has not agreed yet: later they may have.
    pub not_yet: bool,
}

impl From<SendOutcome> for CallError {
    fn from(outcome: SendOutcome) -> Self {
        let (retry_after, channel_broken) = match &outcome {
            SendOutcome::NotSent {
                retry_after,
                scope: Scope::Recipient | Scope::Pair | Scope::Channel | Scope::App,
                ..
            } => (*retry_after, false),
            SendOutcome::Refused(refusal) => (None, refusal.channel_broken),
            _ => (None, false),
        };
        let may_retry = !matches!(outcome, SendOutcome::Refused(_));
        Self { message: media::words(outcome), may_retry, retry_after, channel_broken, not_yet: false }
    }
}

/// What a platform knows of a person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FetchedProfile {
    /// Names, language, picture's address.
    pub profile: Profile,
    /// Where the picture is to be fetched from.
    pub avatar: Option<RemoteSource>,
    /// What else it says: `bio`, `follower_count`, `is_verified_user` ….
    pub details: Map<String, Value>,
}
