//! What passes between a hub and the sessions of its thread. Never who gets what: that is the hub's.

use super::event_frame::EventFrame;
use super::frames::Close;
use super::messages::{Frame, Typed};
use crate::domain::{ConversationId, Identity, Timestamp, UserId, WorkspaceId};
use actix::prelude::*;
use bytestring::ByteString;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// Bytes of frames that one session may have outstanding; over it, it is too slow.
pub const OUTSTANDING: usize = 1 << 20;
/// What a frame costs beside its text.
const FRAME_COST: usize = 64;

/// One hub of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HubId(pub u64);

/// One session of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey(pub u64);

/// Where a conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its version.
    pub version: i64,
    /// The place of its newest message.
    pub newest: i64,
    /// The place of the newest event of its timeline.
    pub event_seq: i64,
}

/// What a hub tells a session.
#[derive(Message, Debug, Clone)]
#[rtype(result = "()")]
pub enum SessionEvent {
    /// The session follows a conversation that stands there; also after a room died.
    Joined(ConversationId, Standing),
    /// Changes of one conversation, in order.
    Frames(Arc<Vec<Arc<Frame>>>),
    /// Something happened to a conversation; colleagues only.
    Happened(Arc<EventFrame>),
    /// A ready frame: a tick of the list, presence.
    Text(ByteString),
    /// Several that leave together.
    Texts(Arc<Vec<ByteString>>),
    /// Somebody types in a conversation.
    Typed(Arc<Typed>),
    /// Whoever came before this moment is not known any more by what they came with.
    Ended(Timestamp),
    /// The end.
    Close(Close),
}

impl SessionEvent {
    /// What it takes of a session's allowance, in bytes.
    pub fn weight(&self) -> usize {
        match self {
            Self::Frames(frames) => frames.iter().map(|frame| frame.text.len() + FRAME_COST).sum(),
            Self::Happened(frame) => frame.text.len() + FRAME_COST,
            Self::Text(text) => text.len() + FRAME_COST,
            Self::Texts(texts) => texts.iter().map(|text| text.len()).sum::<usize>() + FRAME_COST,
            Self::Typed(typed) => typed.text.len() + FRAME_COST,
            Self::Joined(..) | Self::Ended(_) | Self::Close(_) => FRAME_COST,
        }
    }

    pub(crate) fn frames(&self) -> u64 {
        match self {
            Self::Frames(frames) => frames.len() as u64,
            Self::Texts(texts) => texts.len() as u64,
            _ => 1,
        }
    }
}

/// Who sits at a session.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// Where news go.
    pub news: Recipient<SessionEvent>,
    /// Bytes handed over and not yet taken; the session counts it down.
    pub outstanding: Arc<AtomicUsize>,
    /// Whose workspace.
    pub workspace_id: WorkspaceId,
    /// Who signed in; none: a visitor.
    pub identity: Option<Arc<Identity>>,
}

impl Subscriber {
    /// The user; none: a visitor.
    pub fn user_id(&self) -> Option<UserId> {
        self.identity.as_ref().map(|identity| identity.user.id)
    }
}
