//! A conversation as the list shows it. Never whose eyes it is for, but for the unread count.

use super::channel::ChannelKind;
use super::ids::{ChannelId, ConversationId, CustomerId, LabelId, TeamId, TurnId, UserId, WorkspaceId};
use super::message::{Failure, Message};
use super::time::Timestamp;
use super::words::words;
use serde::Serialize;
use std::borrow::Cow;
use std::time::Duration;
use utoipa::ToSchema;

words! {
    /// With whom a conversation is.
    ConversationKind {
        /// A customer, over a channel.
        Customer = "customer",
        /// Between colleagues.
        Direct = "direct",
    }

    /// Why somebody has a conversation.
    AssignedBecause {
        /// A person decided it.
        Manual = "manual",
        /// They answered it when it was nobody's.
        Reply = "reply",
        /// A flow decided it.
        Rule = "rule",
    }

    /// Where a conversation stands.
    ConversationStatus {
        /// Needs somebody.
        Open = "open",
        /// Waits for something.
        Pending = "pending",
        /// Comes back at a time.
        Snoozed = "snoozed",
        /// Done, until the customer writes again.
        Closed = "closed",
        /// Nobody needs it, nor its sender: in no list but its own, whatever comes.
        Spam = "spam",
    }

    /// How urgent a conversation is.
    Priority {
        /// Can wait.
        Low = "low",
        /// In its turn.
        Medium = "medium",
        /// Before others.
        High = "high",
        /// Before everything else.
        Urgent = "urgent",
    }

    /// The order of a list of conversations.
    ListOrder {
        /// The newest activity first.
        Newest = "newest",
        /// The oldest activity first.
        Oldest = "oldest",
        /// Who has waited longest first; then those who do not wait, the newest activity first.
        LongestWaiting = "longest_waiting",
    }
}

/// 7 days after the customer's last message, of which the free window was the first (docs/platforms.md
/// 3.5, 4).
pub const HUMAN_AGENT_AFTER_WINDOW: Duration = Duration::from_hours(6 * 24);

/// What a conversation is, by itself: what a change of it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationState {
    /// Unique in the server.
    pub id: ConversationId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// With a customer, or among colleagues.
    pub kind: ConversationKind,
    /// Over which channel.
    pub channel_id: Option<ChannelId>,
    /// With whom.
    pub customer_id: Option<CustomerId>,
    /// Which of several threads with one customer on one channel; empty: the ordinary one.
    pub thread: String,
    /// Where it stands.
    pub status: ConversationStatus,
    /// Who cares for it.
    pub assignee_id: Option<UserId>,
    /// Why they have it.
    pub assigned_because: Option<AssignedBecause>,
    /// Whose team's it is.
    pub team_id: Option<TeamId>,
    /// The changes of its messages so far.
    pub version: i64,
    /// The changes of the conversation itself so far; orders what the list is told.
    pub revision: i64,
    /// Messages that may count as unread: the customer's, or everybody's in a direct conversation.
    pub unread_total: i64,
    /// The place of our side's last words: customer's messages below it are answered.
    pub answered_seq: i64,
    /// The place of the message the list shows.
    pub last_seq: i64,
    /// When something was last written.
    pub last_activity_at: Timestamp,
    /// Until when the platform lets us write freely; none where it has no such rule.
    pub window_expires_at: Option<Timestamp>,
    /// Until when it sleeps.
    pub snoozed_until: Option<Timestamp>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// The customer's conversation that colleagues talk about here.
    pub about_conversation_id: Option<ConversationId>,
    /// Since when the customer has no answer; whether that means waiting, [`Self::waits_since`] says.
    pub waiting_since: Option<Timestamp>,
    /// The place of the newest event of its timeline.
    pub event_seq: i64,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// What of it stands in its row.
    pub stored: Stored,
}

/// What is written only where it changed, because triggers listen to it: as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Where it stood.
    pub status: ConversationStatus,
    /// When something was last written.
    pub last_activity_at: Timestamp,
}

impl ConversationState {
    /// Since when the customer waits for an answer: in what is closed or spam nobody does.
    pub fn waits_since(&self) -> Option<Timestamp> {
        let is_over = matches!(self.status, ConversationStatus::Closed | ConversationStatus::Spam);
        self.waiting_since.filter(|_| !is_over)
    }
}

/// A conversation as the list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SharedConversation)]
pub struct Conversation {
    /// Unique in the server.
    pub id: ConversationId,
    /// With a customer, or among colleagues.
    pub kind: ConversationKind,
    /// Over which channel.
    pub channel_id: Option<ChannelId>,
    /// What that channel is.
    pub channel_kind: Option<ChannelKind>,
    /// What that channel is called.
    pub channel_name: Option<String>,
    /// What a model would answer, until somebody writes.
    pub ai_draft: Option<AiDraft>,
    /// Where it stands.
    pub status: ConversationStatus,
    /// Who cares for it.
    pub assignee_id: Option<UserId>,
    /// Who that is.
    pub assignee: Option<Person>,
    /// Why they have it: `manual`, `reply` (they answered it when it was nobody's) or `rule` (a flow).
    pub assigned_because: Option<AssignedBecause>,
    /// Which team's it is.
    pub team_id: Option<TeamId>,
    /// What that team is called.
    pub team: Option<TeamName>,
    /// Who writes to us.
    pub customer: Option<Customer>,
    /// Who takes part in a direct conversation.
    pub participants: Vec<Person>,
    /// The newest message.
    pub last_message: Option<Message>,
    /// The changes of its messages so far.
    pub version: i64,
    /// The changes of the conversation itself so far.
    pub revision: i64,
    /// See [`ConversationState::unread_total`].
    #[serde(skip)]
    pub unread_total: i64,
    /// When something was last written.
    pub last_activity_at: Timestamp,
    /// Until when the platform lets us write freely; null where it has no such rule.
    pub window_expires_at: Option<Timestamp>,
    /// Until when a person may still answer after that, with the human-agent tag; null where the platform
    /// has none, or the channel has no permission for it.
    pub human_agent_until: Option<Timestamp>,
    /// Until when it sleeps.
    pub snoozed_until: Option<Timestamp>,
    /// Since when the customer waits: their oldest message that nobody answered; null: they do not wait, or
    /// it is closed or spam.
    pub waiting_since: Option<Timestamp>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// What it is labelled with, by name.
    pub labels: Vec<Label>,
    /// The customer's conversation that colleagues talk about here.
    pub about_conversation_id: Option<ConversationId>,
    /// The conversation in which this one goes on: a platform proved that both are with one address.
    pub merged_into: Option<ConversationId>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a model would answer: a person sends it, changed or not, or discards it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AiDraft {
    /// Unique in the server.
    pub id: TurnId,
    /// Its words; null if the model gave no answer.
    pub content: Option<String>,
    /// Why there is none.
    pub error: Option<Failure>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A conversation in one user's eyes.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Conversation)]
pub struct ConversationFor<'a> {
    /// What everybody sees.
    #[serde(flatten)]
    #[schema(value_type = Conversation)]
    pub conversation: Cow<'a, Conversation>,
    /// What this user has not read.
    pub unread_count: i64,
    /// Whether a note that this user has not read mentions them.
    pub is_mentioned: bool,
    /// Whether this user follows it.
    pub is_following: bool,
    /// When this user will be reminded of it.
    pub reminder_at: Option<Timestamp>,
    /// How often this user marked it as unread: what `opening` of a `read` frame repeats.
    pub marked_unread: i64,
}

impl<'a> ConversationFor<'a> {
    /// A conversation as whoever has this mark sees it.
    pub fn new(conversation: Cow<'a, Conversation>, mark: ReadMark) -> Self {
        Self {
            unread_count: mark.unread(conversation.unread_total),
            conversation,
            is_mentioned: mark.is_mentioned(),
            is_following: mark.is_following,
            reminder_at: mark.reminder_at,
            marked_unread: mark.marked_unread,
        }
    }
}

/// How one user stands to one conversation: how far they read it, whether they follow it, when they are
/// reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadMark {
    /// The place of the last message read.
    pub read_seq: i64,
    /// How many messages that count lie at or below it.
    pub read_count: i64,
    /// How many of the messages that count are the user's own.
    pub own_count: i64,
    /// The place of the newest note that mentions the user.
    pub mention_seq: i64,
    /// Whether they hear of it as of their own.
    pub is_following: bool,
    /// When they will be reminded of it.
    pub reminder_at: Option<Timestamp>,
    /// How often they marked it as unread.
    pub marked_unread: i64,
    /// Whether it stays unread until they open it anew.
    pub is_kept_unread: bool,
}

impl ReadMark {
    /// What is left to read of `unread_total`.
    pub fn unread(self, unread_total: i64) -> i64 {
        (unread_total - self.own_count - self.read_count).max(0)
    }

    /// Whether reading raises it: what was marked as unread stays so until it is opened anew. `opening`: how
    /// often it had been marked when it was opened; none: nobody says that it was.
    pub fn is_raised_by(self, opening: Option<i64>) -> bool {
        !self.is_kept_unread || opening.is_some_and(|opening| opening >= self.marked_unread)
    }

    /// Whether a note that the user has not read mentions them.
    pub fn is_mentioned(self) -> bool {
        self.mention_seq > self.read_seq
    }
}

/// Labels of one conversation at most.
pub const MOST_LABELS: usize = 20;

/// What conversations are sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Label {
    /// Unique in the server.
    pub id: LabelId,
    /// What it says.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
}

/// A team, by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TeamName {
    /// Unique in the server.
    pub id: TeamId,
    /// What it is called.
    pub name: String,
}

/// A person who answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Person {
    /// Unique in the server.
    pub id: UserId,
    /// The full name.
    pub name: String,
    /// Their picture.
    pub avatar_url: Option<String>,
}

/// A person who writes to us.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Customer {
    /// Unique in the server.
    pub id: CustomerId,
    /// What the team calls them, else what they call themselves.
    pub name: Option<String>,
    /// Their name on the platform.
    pub username: Option<String>,
    /// Their picture.
    pub avatar_url: Option<String>,
    /// Their language, as the platform writes it.
    pub locale: Option<String>,
    /// The ad or link they came by last.
    #[schema(value_type = Option<Object>)]
    pub referral: Option<serde_json::Value>,
    /// Their first identity on the channel of the conversation.
    pub external_id: Option<String>,
    /// Whether the platform was asked for their profile and answered.
    pub enhanced_data_fetched: bool,
    /// Whether they blocked us.
    pub unreachable: bool,
    /// Whether we blocked them: what they write is kept and calls nobody.
    pub blocked: bool,
}
