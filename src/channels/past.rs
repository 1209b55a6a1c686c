//! What a platform still has of the past: its conversations, and their messages as the events that their
//! webhooks would have been. Never what we have: comparing is for whoever asks.

use crate::domain::Timestamp;
use crate::domain::inbound::InboundEvent;

/// Conversations of a platform, those first in which somebody wrote last.
#[derive(Debug, Default)]
pub struct PastThreads {
    /// The conversations of this answer.
    pub items: Vec<PastThread>,
    /// Where the next answer begins; none: that was all.
    pub next: Option<String>,
}

/// A conversation of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastThread {
    /// What the platform calls it.
    pub id: String,
    /// When somebody last wrote there; none: it does not say.
    pub updated_at: Option<Timestamp>,
}

/// Messages of one conversation, the newest first.
#[derive(Debug, Default)]
pub struct PastMessages {
    /// The messages of this answer.
    pub items: Vec<PastMessage>,
    /// Where the next answer begins; none: that was all.
    pub next: Option<String>,
}

/// A message that a platform still names.
#[derive(Debug)]
pub struct PastMessage {
    /// What the platform calls it.
    pub id: String,
    /// When it was written.
    pub at: Option<Timestamp>,
    /// What its webhook would have said; none: the platform does not tell any more.
    pub event: Option<InboundEvent>,
}
