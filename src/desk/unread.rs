//! Marking a conversation as unread for oneself: the read mark goes down and stays down until its owner opens
//! the conversation anew. Never anybody else's mark, and never a word to a platform.

use super::access;
use crate::domain::{ConversationId, ConversationState, ReadMark, Refusal, User};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::conversations::{list, marks};
use crate::store::messages;
use crate::thread::entries;

/// Marks a conversation as unread from a place on.
#[derive(Debug, Clone)]
pub struct MarkUnread {
    pub user: User,
    pub conversation_id: ConversationId,
    /// The place of the first message that counts as unread; none: nobody said, which is refused.
    pub from_seq: Option<i64>,
}

impl Command for MarkUnread {
    /// The conversation and the mark.
    type Answer = (ConversationState, ReadMark);

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        let refused = |why: &str| LedgerError::from(Refusal::invalid("bad_from_seq", why.to_owned()));
        let from = self.from_seq.ok_or_else(|| {
            refused("from_seq is missing: the seq of the first message that is to count as unread.")
        })?;
        let state = access::conversation(tx.conn, &self.user, self.conversation_id).await?;
        if !(1..=state.version).contains(&from) {
            return Err(refused("from_seq must be the seq of a message of this conversation."));
        }
        let mark = lower(tx, &state, &self.user, from).await?.ok_or_else(|| {
            let message = "Only what others wrote can be unread, and nobody wrote anything here yet.";
            Refusal::conflict("nothing_to_read", message)
        })?;
        entries::tell_read(tx, state.clone(), self.user.id, mark);
        Ok((state, mark))
    }
}

/// Lowers a user's mark below `from`, or below the newest message of others before it, so that something is
/// unread. It stays so until they open the conversation anew. None: there is no message of others.
pub(super) async fn lower(
    tx: &mut Tx<'_>,
    state: &ConversationState,
    user: &User,
    from: i64,
) -> Result<Option<ReadMark>, LedgerError> {
    let author = user.author();
    let Some(newest) = marks::newest_counted(tx.conn, state.id, &author).await? else { return Ok(None) };
    let (mut mark, is_member) = list::mark(tx.conn, state.id, user.id).await?.unwrap_or_default();
    mark.read_seq = mark.read_seq.min(from.min(newest) - 1);
    mark.read_count = messages::count_unread(tx.conn, state.id, 0, mark.read_seq, &author).await?;
    mark.marked_unread += 1;
    mark.is_kept_unread = true;
    list::set_mark(tx.conn, state.id, user.id, mark, is_member).await?;
    Ok(Some(mark))
}
