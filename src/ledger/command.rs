//! What a command is: something that changes rows, whole or not at all, and what it concerns.
//! Never how commands are committed: that is the ledger's.

use super::known::{Known, Needs};
use super::unit::Unit;
use crate::domain::{ConversationId, Event, MessageId, Refusal, Timestamp};
use crate::store::{Conn, StoreError};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Something that changes rows, whole or not at all.
pub trait Command: Send + 'static {
    /// What its caller hears after the commit.
    type Answer: Send + 'static;

    /// What it concerns: one subject's commands are applied in order.
    fn subject(&self) -> Subject;

    /// Applies it. May run again if the transaction was lost: whatever it decides, it decides
    /// from the rows it reads through `tx`.
    fn apply(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<Self::Answer, LedgerError>>;

    /// What it will look up, if it may be collected with others: these are read together before any of them
    /// is applied, and what they write is written together after the last one. Whoever says so reads
    /// conversations, messages and what is owed through `thread::look_up` only, writes them through
    /// `thread::entries` and `thread::outgoing` only, and calls `Tx::alone` before anything else.
    fn needs(&self) -> Option<Needs> {
        None
    }
}

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
    /// Its connection. What this command or one before it collected is not there yet: see `Tx::alone`.
    pub conn: &'c mut Conn,
    /// The moment of the batch: all of it happens at one time.
    pub now: Timestamp,
    pub(crate) events: &'c mut Vec<Event>,
    pub(crate) unit: &'c mut Unit,
    /// How many messages may still be collected, this command's among them.
    pub(crate) expected: usize,
}

impl Tx<'_> {
    /// Tells `event` if this commits.
    pub fn tell(&mut self, event: Event) {
        self.events.push(event);
    }

    /// What was read for the whole batch, where this command is collected with others.
    pub(crate) fn known(&mut self) -> Option<&mut Known> {
        self.unit.known.as_mut()
    }

    /// From here on the command reads and writes by itself. One that is collected with others is put off: it
    /// is applied anew once they are written, and nothing of it stays until then.
    pub(crate) fn alone(&self) -> Result<(), LedgerError> {
        if self.unit.known.is_some() { Err(LedgerError::PutOff) } else { Ok(()) }
    }

    /// The id of the next message.
    pub(crate) async fn next_message_id(&mut self) -> Result<MessageId, StoreError> {
        self.unit.next_id(self.conn, self.expected).await
    }

    /// Writes what this command collected, unless that waits for its neighbours.
    pub(crate) async fn settle(&mut self) -> Result<(), StoreError> {
        if self.unit.known.is_some() { Ok(()) } else { self.unit.flush(self.conn, self.now).await }
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
    /// It is applied by itself, behind those that are collected: the ledger does so, and no caller hears of
    /// it.
    #[error("put off until those beside it are written")]
    PutOff,
}
