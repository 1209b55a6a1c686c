//! What a command is: something that changes rows, whole or not at all, and what it concerns.
//! Never how commands are committed: that is the ledger's.

use crate::domain::{ConversationId, Event, Message, Refusal, Timestamp};
use crate::store::{Conn, StoreError};
use crate::thread::plain::Plain;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Something that changes rows, whole or not at all.
pub trait Command: Send + 'static {
    /// What its caller hears after the commit.
    type Answer: Send + 'static;

    /// What it concerns: one subject's commands are applied in order.
    fn subject(&self) -> Subject;

    /// Applies it. May run again if the transaction was lost: whatever it decides, it decides
    /// from the rows it reads through `tx`.
    fn apply(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<Self::Answer, LedgerError>>;

    /// The plain message that it brings, if it is nothing more, and what its caller hears once that is
    /// written: such may be written together with others, in place of `apply`.
    fn plain(&self) -> Option<(Plain, AnswerOf<Self::Answer>)> {
        None
    }
}

/// Makes what a caller hears of the message that was written.
pub type AnswerOf<A> = fn(Arc<Message>) -> A;

/// What a command concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A conversation there is: its row is locked before the batch begins.
    Conversation(ConversationId),
    /// Anything else that has an order of its own: a thread that may be new, a user, a channel.
    Key(u64),
}

impl Subject {
    /// The subject that `name` names.
    pub fn of(name: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        Self::Key(hasher.finish())
    }

    /// The conversation that it is.
    pub(crate) fn conversation(self) -> Option<ConversationId> {
        match self {
            Self::Conversation(id) => Some(id),
            Self::Key(_) => None,
        }
    }

    pub(crate) fn lane(self, lanes: usize) -> usize {
        let key = match self {
            Self::Conversation(id) => id.0.unsigned_abs(),
            Self::Key(key) => key,
        };
        usize::try_from(key % lanes as u64).unwrap_or(0)
    }
}

/// The transaction a command is applied in.
pub struct Tx<'c> {
    /// Its connection.
    pub conn: &'c mut Conn,
    /// The moment of the batch: all of it happens at one time.
    pub now: Timestamp,
    pub(crate) events: &'c mut Vec<Event>,
}

impl Tx<'_> {
    /// Tells `event` if this commits.
    pub fn tell(&mut self, event: Event) {
        self.events.push(event);
    }
}

/// Why a command did not happen. Nothing of it is in the database.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LedgerError {
    /// The command itself said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A query failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be committed now; later it may.
    #[error("not stored: {0}")]
    Unavailable(String),
}
