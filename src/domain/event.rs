//! What happened, in the past tense: what the ledger tells the actors after a commit.
//! Never a command.

use super::channel::ChannelState;
use super::conversation::{ConversationState, ReadMark};
use super::ids::{ChannelId, ConversationId, UserId, WorkspaceId};
use super::message::Message;
use super::time::Timestamp;
use super::timeline::TimelineEvent;
use super::words::words;
use std::sync::Arc;

words! {
    /// What changed in a conversation (the frame's `reason`).
    Reason {
        /// It is new.
        Created = "created",
        /// The customer wrote.
        NewCustomerMessage = "new_customer_message",
        /// Our side wrote.
        MessageSent = "message_sent",
        /// Its status.
        Status = "status",
        /// Its assignee.
        Assigned = "assigned",
        /// A user's read mark: only that user's sessions hear of it.
        Read = "read",
    }

    /// Whose answer makes a reminder needless.
    AnswerFrom {
        /// Ours: a customer wrote last when it was set.
        Team = "team",
        /// The customer's: we wrote last.
        Customer = "customer",
    }
}

/// Where what was committed is told.
pub type Voice = Arc<dyn Fn(Vec<Event>) + Send + Sync>;

/// One committed change.
#[derive(Debug, Clone)]
pub enum Event {
    /// A message is new or changed.
    Message(MessageEvent),
    /// A conversation is new or changed.
    Conversation(ConversationEvent),
    /// Something happened to a conversation that its thread tells in a quiet line.
    Timeline(TimelineNews),
    /// A user's rights ended: their sessions close.
    Revoked(Revoked),
    /// Visitors who came to these conversations before a moment are not known by what they came with any
    /// more.
    VisitorsEnded(Vec<ConversationId>, Timestamp),
    /// A channel stopped or works again.
    Channel(ChannelEvent),
    /// Approved messages of this workspace changed: whoever shows them reads them again.
    Templates(WorkspaceId),
    /// A customer was forgotten: what pages show of them goes.
    Erased(Erased),
    /// Somebody is reminded of a conversation.
    Reminder(Reminder),
    /// Rows of the outbox wait: the worker need not poll.
    OutboxReady,
    /// A flow's next step is due: the timer need not poll.
    FlowDue,
}

/// A message is new or changed.
#[derive(Debug, Clone)]
pub struct MessageEvent {
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// The conversation it is in.
    pub conversation_id: ConversationId,
    /// The version this change made.
    pub version: i64,
    /// Whether the message is new.
    pub is_new: bool,
    /// Whether it is the conversation's first.
    pub is_new_conversation: bool,
    /// As it stands now.
    pub message: Arc<Message>,
}

/// A conversation is new or changed.
#[derive(Debug, Clone)]
pub struct ConversationEvent {
    /// What changed.
    pub reason: Reason,
    /// As it stands after the change.
    pub state: ConversationState,
    /// The newest message, where the change is one.
    pub last_message: Option<Arc<Message>>,
    /// A read mark that moved with it, and whose.
    pub mark: Option<(UserId, ReadMark)>,
    /// Whom it concerns alone; none: everybody who may see it.
    pub only_for: Option<UserId>,
}

/// Something happened to a conversation.
#[derive(Debug, Clone)]
pub struct TimelineNews {
    /// The conversation that it happened to.
    pub conversation_id: ConversationId,
    /// What, with its place and its cause.
    pub event: Arc<TimelineEvent>,
}

/// A channel stopped or works again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelEvent {
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// The channel that stopped or works again.
    pub channel_id: ChannelId,
    /// Whether it takes part from now on.
    pub state: ChannelState,
    /// Why not, in words for an admin.
    pub state_reason: Option<String>,
}

/// A customer was forgotten with everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The workspace they belonged to.
    pub workspace_id: WorkspaceId,
    /// Their conversations, none of which is there any more.
    pub conversation_ids: Vec<ConversationId>,
}

/// Somebody is reminded of a conversation, as they wished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// The user who is reminded.
    pub user_id: UserId,
    /// Of which.
    pub conversation_id: ConversationId,
    /// For when they asked.
    pub at: Timestamp,
    /// What its customer is called.
    pub customer_name: Option<String>,
}

/// A user's rights ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// The user whose rights ended.
    pub user_id: UserId,
    /// One sign-in or token; none: all of them.
    pub credential: Option<super::user::Credential>,
}
