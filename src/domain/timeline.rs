//! What happened to a conversation, each with its cause: the quiet lines of its thread. Never a message,
//! never a customer's word or name.

use super::ids::{ChannelId, FlowId};
use super::time::Timestamp;
use super::user::User;
use super::words::words;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

words! {
    /// What happened to a conversation.
    TimelineKind {
        /// It began.
        Created = "created",
        /// Somebody cares for it from now on, or nobody.
        Assigned = "assigned",
        /// It was opened, set to pending or closed.
        Status = "status",
        /// It sleeps.
        Snoozed = "snoozed",
        /// It woke: its time came, a customer wrote, or somebody woke it.
        Woken = "woken",
        /// How urgent it is.
        Priority = "priority",
        /// It was given labels.
        Labelled = "labelled",
        /// Labels were taken from it.
        Unlabelled = "unlabelled",
        /// Its sender is spam.
        Spam = "spam",
        /// Its sender is no spam after all.
        NotSpam = "not_spam",
        /// Two customers were made one by hand.
        Merged = "merged",
        /// Two customers were parted again.
        Unmerged = "unmerged",
        /// A platform proved that two customers are one.
        Joined = "joined",
        /// A model answers from now on.
        HandedToAi = "handed_to_ai",
        /// A model gave no answer.
        AiFailed = "ai_failed",
        /// Messages whose webhooks were lost were read back from the platform.
        Recovered = "recovered",
        /// Messages were lost that the platform does not give any more.
        Gap = "gap",
        /// They came after all.
        GapFilled = "gap_filled",
    }

    /// By whom or by what something happened.
    CauseKind {
        /// A colleague, or a program with their token.
        User = "user",
        /// A rule.
        Rule = "rule",
        /// A flow.
        Flow = "flow",
        /// A model.
        Ai = "ai",
        /// What came by a channel: a customer wrote, a platform said so.
        Platform = "platform",
        /// The server itself, or its command line.
        System = "system",
    }
}

/// By whom or by what something happened, as it was called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cause {
    /// Of which kind.
    pub kind: CauseKind,
    /// The user, the flow or the channel.
    pub id: Option<i64>,
    /// What that was called.
    pub name: Option<String>,
}

impl Cause {
    /// A colleague did it.
    pub fn user(user: &User) -> Self {
        Self { kind: CauseKind::User, id: Some(user.id.0), name: Some(user.full_name.clone()) }
    }

    /// A flow did it.
    pub fn flow(id: FlowId, name: Option<String>) -> Self {
        Self { kind: CauseKind::Flow, id: Some(id.0), name }
    }

    /// It came by a channel.
    pub fn platform(id: ChannelId, name: Option<String>) -> Self {
        Self { kind: CauseKind::Platform, id: Some(id.0), name }
    }

    /// A model did it.
    pub fn ai() -> Self {
        Self { kind: CauseKind::Ai, id: None, name: None }
    }

    /// The server did it by itself, or its command line.
    pub fn system() -> Self {
        Self { kind: CauseKind::System, id: None, name: None }
    }
}

/// Something that happened to a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ConversationEvent)]
pub struct TimelineEvent {
    /// Its place: 1, 2, 3 … without gaps.
    pub event_seq: i64,
    /// What: a [`TimelineKind`], or what a newer program wrote.
    pub kind: String,
    /// When it happened.
    pub at: Timestamp,
    /// By whom or by what.
    pub cause: Cause,
    /// What belongs to its kind.
    #[serde(flatten)]
    pub details: Map<String, Value>,
}
