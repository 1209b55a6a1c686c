//! How far a user has read a conversation.

use super::access;
use crate::domain::{ConversationId, ConversationState, ReadMark, User};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::conversations::list;
use crate::store::messages;
use crate::thread::entries;

/// How somebody came to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// They ask for it by itself: whatever was marked as unread is read.
    Asked,
    /// A page shows it: what was marked as unread stays so unless it was opened since. How often it had been
    /// marked when it was opened, if somebody knows.
    Shown(Option<i64>),
}

/// Marks as read up to a place.
#[derive(Debug, Clone)]
pub struct Read {
    pub user: User,
    pub conversation_id: ConversationId,
    /// The place; beyond the newest it is the newest.
    pub seq: i64,
    /// How they came to it.
    pub reading: Reading,
}

impl Command for Read {
    /// The conversation and the mark.
    type Answer = (ConversationState, ReadMark);

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        let state = access::conversation(tx.conn, &self.user, self.conversation_id).await?;
        let known = list::mark(tx.conn, state.id, self.user.id).await?;
        let (mut mark, is_member) = known.unwrap_or_default();
        let seq = self.seq.min(state.version);
        let is_raised = match self.reading {
            Reading::Asked => true,
            Reading::Shown(opening) => mark.is_raised_by(opening),
        };
        if seq <= mark.read_seq || !is_raised {
            return Ok((state, mark));
        }
        mark.is_kept_unread = false;
        mark.read_count +=
            messages::count_unread(tx.conn, state.id, mark.read_seq, seq, &self.user.author()).await?;
        mark.read_seq = seq;
        list::set_mark(tx.conn, state.id, self.user.id, mark, is_member).await?;
        entries::tell_read(tx, state.clone(), self.user.id, mark);
        Ok((state, mark))
    }
}
