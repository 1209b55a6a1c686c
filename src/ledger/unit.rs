//! The unit of work: what commands wrote and what is not in the database yet. Conversations as they stand
//! after it, and new rows, table by table; each table is written by one statement. A command that is not to
//! be is cut off again, and its neighbours stay.

use super::known::Known;
use crate::domain::{ConversationId, ConversationState, MessageId, MessageType, Timestamp};
use crate::store::checks::reports::{self, AnsweredWait};
use crate::store::conversations::{
    self,
    timeline::{self, NewEvent},
};
use crate::store::delivery::outbox::{self, NewDelivery};
use crate::store::messages::{self, MessageRow, search};
use crate::store::{Conn, StoreError};
use std::collections::{BTreeMap, VecDeque};

/// What was collected.
#[derive(Debug, Default)]
pub(crate) struct Unit {
    /// What was read for the whole batch; none: nothing is collected, each command reads by itself, and what
    /// it writes is written at once.
    pub(super) known: Option<Known>,
    /// Given to nobody yet.
    ids: VecDeque<MessageId>,
    /// Changed and not written.
    states: BTreeMap<ConversationId, ConversationState>,
    /// How they stood before each change.
    before: Vec<(ConversationId, Option<ConversationState>)>,
    messages: Vec<MessageRow>,
    deliveries: Vec<NewDelivery>,
    events: Vec<(i64, NewEvent)>,
    answers: Vec<AnsweredWait>,
}

/// How much was collected at some moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    before: usize,
    messages: usize,
    deliveries: usize,
    events: usize,
    answers: usize,
}

impl Unit {
    /// A conversation as it stands after what was collected, if that is known.
    pub(crate) fn conversation(&self, id: ConversationId) -> Option<&ConversationState> {
        self.states.get(&id).or_else(|| self.known.as_ref()?.conversation(id))
    }

    /// A conversation changed.
    pub(crate) fn change(&mut self, state: ConversationState) {
        let id = state.id;
        self.before.push((id, self.states.insert(id, state)));
    }

    /// A message is new.
    pub(crate) fn add(&mut self, row: MessageRow) {
        if let Some(known) = &mut self.known {
            known.take(&row);
        }
        self.messages.push(row);
    }

    /// Parts of messages are owed.
    pub(crate) fn enqueue(&mut self, deliveries: Vec<NewDelivery>) {
        self.deliveries.extend(deliveries);
    }

    /// Something happened to a conversation, at this place of its timeline.
    pub(crate) fn note(&mut self, event_seq: i64, event: NewEvent) {
        self.events.push((event_seq, event));
    }

    /// A customer's wait ended.
    pub(crate) fn answer(&mut self, wait: AnsweredWait) {
        self.answers.push(wait);
    }

    /// The id of the next message; `expected`: how many more may be asked for.
    pub(super) async fn next_id(
        &mut self,
        conn: &mut Conn,
        expected: usize,
    ) -> Result<MessageId, StoreError> {
        if self.ids.is_empty() {
            self.ids.extend(messages::next_ids(conn, expected.max(1)).await?);
        }
        self.ids.pop_front().ok_or(StoreError::NotFound)
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            before: self.before.len(),
            messages: self.messages.len(),
            deliveries: self.deliveries.len(),
            events: self.events.len(),
            answers: self.answers.len(),
        }
    }

    /// Forgets what was collected since the mark.
    pub(super) fn cut(&mut self, mark: Mark) {
        for (id, state) in self.before.drain(mark.before..).rev() {
            match state {
                Some(state) => self.states.insert(id, state),
                None => self.states.remove(&id),
            };
        }
        for row in self.messages.drain(mark.messages..).rev() {
            if let Some(known) = &mut self.known {
                known.give_back(&row);
            }
            self.ids.push_front(row.id);
        }
        self.deliveries.truncate(mark.deliveries);
        self.events.truncate(mark.events);
        self.answers.truncate(mark.answers);
    }

    /// Writes what was collected: conversations, then what belongs to them, then what belongs to messages.
    pub(super) async fn flush(&mut self, conn: &mut Conn, now: Timestamp) -> Result<(), StoreError> {
        self.before.clear();
        let states = std::mem::take(&mut self.states);
        conversations::write_appended(conn, &states.values().collect::<Vec<_>>()).await?;
        timeline::insert(conn, &std::mem::take(&mut self.events), now).await?;
        reports::note_answers(conn, &std::mem::take(&mut self.answers)).await?;
        let rows = std::mem::take(&mut self.messages);
        messages::insert(conn, &rows).await?;
        if !messages::identify(conn, &rows).await? {
            // Another transaction may have been first: then this one is tried again and finds it.
            return Err(StoreError::Collided("a message was stored twice at once".into()));
        }
        let words: Vec<(MessageId, &str)> = rows.iter().filter_map(words).collect();
        search::index_new_messages(conn, &words).await?;
        outbox::insert(conn, &std::mem::take(&mut self.deliveries)).await
    }
}

/// What a new message is found by; nobody looks for the server's own notices.
fn words(row: &MessageRow) -> Option<(MessageId, &str)> {
    let content = row.body.content.as_deref().filter(|_| row.body.message_type != MessageType::System);
    Some((row.id, content?))
}
