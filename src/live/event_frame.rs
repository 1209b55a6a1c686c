//! The events of a conversation's timeline on their way to those who follow it: encoded once, and read back
//! from the rows where one was missed. Never a version of a message: events have places of their own.

use super::frames::{ToClient, write};
use crate::domain::{ConversationId, TimelineEvent};
use crate::store::conversations::timeline;
use crate::store::{Db, StoreError};
use bytestring::ByteString;

/// One event, encoded for everybody.
#[derive(Debug)]
pub struct EventFrame {
    pub conversation_id: ConversationId,
    /// Its place.
    pub event_seq: i64,
    /// `conversation_event`.
    pub text: ByteString,
}

impl EventFrame {
    /// Encodes an event.
    pub fn new(conversation_id: ConversationId, event: &TimelineEvent) -> Self {
        let event_seq = event.event_seq;
        let text = write(&ToClient::ConversationEvent { conversation_id, event_seq, event });
        Self { conversation_id, event_seq, text }
    }
}

/// Events above a place.
#[derive(Debug)]
pub struct EventPage {
    /// By rising place.
    pub events: Vec<TimelineEvent>,
    /// Everything up to here is in them.
    pub last: i64,
    /// Whether there was no more.
    pub is_whole: bool,
}

/// Reads the events of a conversation above a place, `limit` at most.
pub async fn read_events(
    db: &Db,
    id: ConversationId,
    after: i64,
    limit: i64,
) -> Result<EventPage, StoreError> {
    let events = db.read(async move |conn| timeline::after(conn, id, after, limit).await).await?;
    let is_whole = i64::try_from(events.len()).is_ok_and(|count| count < limit);
    let last = events.last().map_or(after, |event| event.event_seq);
    Ok(EventPage { events, last, is_whole })
}
