//! The usual things as sets: plain messages that wait together are looked up, counted and written
//! by a few statements for all of them, instead of a dozen for each: what customers write
//! (`arrivals`) and what people answer them (`replies`). Never an unusual one: whatever is not
//! plainly that is left to its own command, which decides alone.

use super::arrivals::{self, Arrival};
use super::replies::{self, PlainReply};
use crate::domain::{Message, MessageId};
use crate::ledger::command::{LedgerError, Subject, Tx};
use crate::store::StoreError;
use crate::store::messages::plain::NewPlain;
use crate::store::messages::{MessageRow, plain as store, search};
use std::collections::HashSet;
use std::sync::Arc;

/// What a command brings, if that is all it does.
#[derive(Debug, Clone)]
pub enum Plain {
    /// A customer's message.
    Arrival(Arrival),
    /// An answer to a customer.
    Reply(PlainReply),
}

/// One of a batch, at its place in it.
pub(crate) struct Waiting<T> {
    pub(crate) index: usize,
    pub(crate) subject: Subject,
    pub(crate) what: T,
}

/// One that was written.
pub(crate) struct Written {
    pub(crate) index: usize,
    pub(crate) message: Arc<Message>,
}

/// What of a batch may be plain, in its order.
#[derive(Default)]
pub(crate) struct Candidates {
    pub(crate) arrivals: Vec<Waiting<Arrival>>,
    pub(crate) replies: Vec<Waiting<PlainReply>>,
}

impl Candidates {
    /// Those of a batch sorted by subject that nothing of their subject stands before which is written after
    /// them.
    pub(crate) fn of(batch: impl Iterator<Item = (Subject, Option<Plain>)>) -> Self {
        let (mut all, mut answered, mut blocked) = (Self::default(), None, None);
        for (index, (subject, plain)) in batch.enumerate() {
            match plain {
                Some(Plain::Arrival(what)) if ![answered, blocked].contains(&Some(subject)) => {
                    all.arrivals.push(Waiting { index, subject, what });
                }
                Some(Plain::Reply(what)) if blocked != Some(subject) => {
                    all.replies.push(Waiting { index, subject, what });
                    answered = Some(subject);
                }
                _ => blocked = Some(subject),
            }
        }
        all
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.arrivals.len() + self.replies.len()
    }
}

/// Writes those that are plain and tells them, in order; the others are as they were.
pub(crate) async fn write(tx: &mut Tx<'_>, all: Candidates) -> Result<Vec<Written>, LedgerError> {
    // What comes after one that is left out waits for it: the order of a subject stays.
    let mut held: HashSet<Subject> = HashSet::new();
    let mut written = arrivals::write(tx, all.arrivals, &mut held).await?;
    written.extend(replies::write(tx, all.replies, &mut held).await?);
    Ok(written)
}

/// Writes the rows of new messages, findable by their words; in their order.
pub(crate) async fn insert(tx: &mut Tx<'_>, new: Vec<NewPlain>) -> Result<Vec<MessageRow>, StoreError> {
    let ids = store::insert(tx.conn, &new).await?;
    let row =
        |((workspace_id, conversation_id, body), id)| MessageRow { id, workspace_id, conversation_id, body };
    let rows: Vec<MessageRow> = new.into_iter().zip(ids).map(row).collect();
    let words: Vec<(MessageId, &str)> =
        rows.iter().filter_map(|row| Some((row.id, row.body.content.as_deref()?))).collect();
    search::index_new_messages(tx.conn, &words).await?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ChannelId, ConversationId, MessageType, WorkspaceId};
    use crate::thread::entries::blank;

    fn arrival() -> Plain {
        Plain::Arrival(Arrival {
            workspace_id: WorkspaceId(1),
            channel_id: ChannelId(1),
            names: Vec::new(),
            profile: [None, None, None],
            platform_message_id: "1".into(),
            opens_window: None,
            body: blank(MessageType::Text, None),
        })
    }

    fn reply() -> Plain {
        Plain::Reply(PlainReply {
            workspace_id: WorkspaceId(1),
            conversation_id: ConversationId(1),
            body: blank(MessageType::Text, None),
        })
    }

    #[test]
    fn nothing_overtakes_what_stands_before_it_in_its_conversation() {
        for (batch, expected) in [
            (vec![Some(arrival()), Some(reply()), Some(reply())], vec![0, 1, 2]),
            // Answers are written after arrivals.
            (vec![Some(reply()), Some(arrival()), Some(reply())], vec![0]),
            (vec![None, Some(arrival()), Some(reply())], vec![]),
            (vec![Some(reply()), None, Some(reply())], vec![0]),
        ] {
            let subject = Subject::Conversation(ConversationId(1));
            let all = Candidates::of(batch.into_iter().map(|plain| (subject, plain)));
            let arrivals = all.arrivals.iter().map(|one| one.index);
            let chosen: Vec<usize> = arrivals.chain(all.replies.iter().map(|one| one.index)).collect();
            assert_eq!(chosen, expected);
        }
    }

    #[test]
    fn conversations_do_not_wait_for_each_other() {
        let of = |id| Subject::Conversation(ConversationId(id));
        let batch = [(of(1), None), (of(2), Some(reply())), (of(3), Some(arrival()))];
        assert_eq!(Candidates::of(batch.into_iter()).len(), 2);
    }
}
