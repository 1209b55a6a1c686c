//! What the actors hand each other that names none of them: a change as everybody gets it, and what was heard
//! of other processes.

use super::broadcast::Broadcast;
use super::frames::{ToClient, write};
use crate::domain::{
    ConversationEvent, ConversationId, ConversationState, Message, Person, Reason, Reminder, Timestamp,
    UserId, WorkspaceId,
};
use actix::Message as ActorMessage;
use bytestring::ByteString;
use std::sync::Arc;

/// One change of one conversation, encoded for everybody.
#[derive(Debug)]
pub struct Frame {
    /// Where.
    pub conversation_id: ConversationId,
    /// The version it stands upon.
    pub follows: i64,
    /// The version it makes.
    pub version: i64,
    /// Whether the message is new.
    pub is_new: bool,
    /// Whether it is the conversation's first.
    pub is_new_conversation: bool,
    /// As it stands now.
    pub message: Arc<Message>,
    /// `chat_message` or `message_updated`.
    pub text: ByteString,
}

impl Frame {
    /// Encodes a change.
    pub fn new(
        follows: i64,
        version: i64,
        is_new: bool,
        is_new_conversation: bool,
        message: Arc<Message>,
    ) -> Self {
        let conversation_id = message.conversation_id;
        let text = if is_new {
            write(&ToClient::ChatMessage { conversation_id, version, is_new_conversation, message: &message })
        } else {
            write(&ToClient::MessageUpdated { conversation_id, version, message: &message })
        };
        Self { conversation_id, follows, version, is_new, is_new_conversation, message, text }
    }
}

/// Somebody types: told to everybody but themselves, and never remembered.
#[derive(ActorMessage, Debug, Clone)]
#[rtype(result = "()")]
pub struct Typed {
    /// The frame for users.
    pub text: ByteString,
    /// Who types; none: the customer.
    pub by: Option<UserId>,
    /// What a customer sees them called.
    pub name: Option<String>,
    /// Whether, or no more.
    pub is_typing: bool,
}

/// A change of the list.
#[derive(ActorMessage, Debug)]
#[rtype(result = "()")]
pub enum ListChange {
    /// Committed here.
    Event(Box<ConversationEvent>),
    /// Committed elsewhere: what it is must be read.
    Hint {
        /// Which.
        id: ConversationId,
        /// Which change.
        revision: i64,
        /// What changed.
        reason: Reason,
        /// Whom it concerns alone.
        only_for: Option<UserId>,
    },
    /// Found by a poll: perhaps told already.
    Found(Box<ConversationState>),
}

impl ListChange {
    /// Which conversation changed.
    pub fn conversation(&self) -> ConversationId {
        match self {
            Self::Event(event) => event.state.id,
            Self::Hint { id, .. } => *id,
            Self::Found(state) => state.id,
        }
    }
}

/// What another process committed, or a poll found.
#[derive(ActorMessage)]
#[rtype(result = "()")]
pub enum Heard {
    /// A conversation's messages are at a version.
    Version(ConversationId, i64),
    /// A conversation's timeline goes up to a place.
    Events(ConversationId, i64),
    /// A ready frame for the colleagues who follow a conversation.
    Shown(ConversationId, ByteString),
    /// A conversation changed.
    List(WorkspaceId, ListChange),
    /// Somebody types there.
    Typing(ConversationId, Typed),
    /// A user's rights ended there.
    Revoked(crate::domain::Revoked),
    /// Visitors there are not known any more by what they came with.
    VisitorsEnded(Vec<ConversationId>, Timestamp),
    /// Something to tell everybody of a workspace.
    Announced(Broadcast),
    /// Somebody is reminded of a conversation.
    Reminder(Reminder),
    /// Somebody there left us something to send.
    OutboxReady,
    /// A flow's next step is due.
    FlowDue,
}

/// Another process says who is with it.
#[derive(ActorMessage, Debug, Clone)]
#[rtype(result = "()")]
pub struct PresenceHeard {
    /// Which process.
    pub node: u64,
    /// Whose people.
    pub workspace_id: WorkspaceId,
    /// Who is there.
    pub here: Vec<UserId>,
    /// Who is not there any more.
    pub gone: Vec<UserId>,
}

/// Somebody at another process looks at a conversation, or no more.
#[derive(ActorMessage, Debug, Clone)]
#[rtype(result = "()")]
pub struct ViewerHeard {
    /// Which process.
    pub node: u64,
    /// At which.
    pub conversation_id: ConversationId,
    /// Who.
    pub person: Person,
    /// Whether, or no more.
    pub is_viewing: bool,
}
