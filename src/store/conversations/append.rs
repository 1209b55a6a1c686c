//! What a new message does to its conversation: the next version, the counters, the newest activity. Never
//! the message.

use super::labels;
use crate::domain::{ConversationState, ConversationStatus, Timestamp};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::conversations;
use crate::store::db::unnest::column;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;

/// What a new message does to its conversation.
#[derive(Debug, Clone)]
pub struct AppendEffect {
    /// Whether it counts as unread.
    pub is_counted: bool,
    /// Whether the list shows it (not an import of old messages).
    pub is_shown: bool,
    /// Whether it answers the customer.
    pub is_answer: bool,
    /// Whether it wakes a conversation that was closed or sleeps.
    pub reopens: bool,
    /// Until when it opens the platform's window.
    pub window_expires_at: Option<Timestamp>,
}

impl AppendEffect {
    /// An answer to the customer, whoever gives it.
    pub const ANSWER: Self =
        Self { is_counted: false, is_shown: true, is_answer: true, reopens: false, window_expires_at: None };

    /// Makes a conversation what it is after the message; its version is the message's place. Gives how it
    /// stood if the message opened it.
    pub fn apply(&self, state: &mut ConversationState, now: Timestamp) -> Option<ConversationStatus> {
        let before = Some(state.status).filter(|status| self.reopens && *status != ConversationStatus::Open);
        state.version += 1;
        state.revision += 1;
        state.unread_total += i64::from(self.is_counted);
        state.updated_at = now;
        if self.is_answer {
            state.answered_seq = state.version;
        }
        if self.is_shown {
            state.last_seq = state.version;
            state.last_activity_at = now;
        }
        if self.reopens {
            state.snoozed_until = None;
            // A customer waits from their first word on; an answer ends it (`answered`), and so does closing:
            // then it begins anew.
            let was_closed = state.status == ConversationStatus::Closed;
            state.waiting_since = state.waiting_since.filter(|_| !was_closed).or(Some(now));
            state.status = ConversationStatus::Open;
        }
        // An older message does not shorten the window.
        state.window_expires_at = state.window_expires_at.max(self.window_expires_at);
        before
    }
}

/// The columns that grow. Not the status: a trigger listens to it (0041), so SQLite would read the whole row before
/// and after although it seldom changes.
#[derive(AsChangeset)]
#[diesel(table_name = conversations, treat_none_as_null = true)]
struct AppendColumns {
    version: i64,
    revision: i64,
    unread_total: i64,
    answered_seq: i64,
    last_seq: i64,
    last_activity_at: Timestamp,
    waiting_since: Option<Timestamp>,
    snoozed_until: Option<Timestamp>,
    window_expires_at: Option<Timestamp>,
    event_seq: i64,
    updated_at: Timestamp,
}

impl From<&ConversationState> for AppendColumns {
    fn from(state: &ConversationState) -> Self {
        Self {
            version: state.version,
            revision: state.revision,
            unread_total: state.unread_total,
            answered_seq: state.answered_seq,
            last_seq: state.last_seq,
            last_activity_at: state.last_activity_at,
            waiting_since: state.waiting_since,
            snoozed_until: state.snoozed_until,
            window_expires_at: state.window_expires_at,
            event_seq: state.event_seq,
            updated_at: state.updated_at,
        }
    }
}

const WRITE_ALL: &str = "UPDATE conversations SET version = new.version, revision = new.revision, \
    unread_total = new.unread_total, answered_seq = new.answered_seq, last_seq = new.last_seq, \
    last_activity_at = new.last_activity_at, status = new.status, waiting_since = new.waiting_since, \
    snoozed_until = new.snoozed_until, window_expires_at = new.window_expires_at, \
    event_seq = new.event_seq, updated_at = new.updated_at \
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS new (id, version, revision, \
    unread_total, answered_seq, last_seq, last_activity_at, status, waiting_since, snoozed_until, \
    window_expires_at, event_seq, updated_at) \
    WHERE conversations.id = new.id";

/// Writes what messages made of conversations that are locked: one statement where each costs a journey;
/// SQLite is at hand and keeps short statements prepared.
pub async fn write_appended(conn: &mut Conn, states: &[&ConversationState]) -> Result<(), StoreError> {
    match conn {
        Conn::Sqlite(db) => {
            for state in states {
                diesel::update(conversations::table.find(state.id))
                    .set(AppendColumns::from(*state))
                    .kept()
                    .execute(db)
                    .await?;
            }
            write_changed(conn, states).await?;
        }
        Conn::Postgres(_) if states.is_empty() => {}
        Conn::Postgres(db) => {
            let each = || states.iter();
            diesel::sql_query(WRITE_ALL)
                .bind::<Array<BigInt>, _>(column(each().map(|state| state.id)))
                .bind::<Array<BigInt>, _>(column(each().map(|state| state.version)))
                .bind::<Array<BigInt>, _>(column(each().map(|state| state.revision)))
                .bind::<Array<BigInt>, _>(column(each().map(|state| state.unread_total)))
                .bind::<Array<BigInt>, _>(column(each().map(|state| state.answered_seq)))
                .bind::<Array<BigInt>, _>(column(each().map(|state| state.last_seq)))
                .bind::<Array<BigInt>, _>(column(each().map(|state| state.last_activity_at)))
                .bind::<Array<Text>, _>(column(each().map(|state| state.status)))
                .bind::<Array<Nullable<BigInt>>, _>(column(each().map(|state| state.waiting_since)))
                .bind::<Array<Nullable<BigInt>>, _>(column(each().map(|state| state.snoozed_until)))
                .bind::<Array<Nullable<BigInt>>, _>(column(each().map(|state| state.window_expires_at)))
                .bind::<Array<BigInt>, _>(column(each().map(|state| state.event_seq)))
                .bind::<Array<BigInt>, _>(column(each().map(|state| state.updated_at)))
                .kept()
                .execute(db)
                .await?;
        }
    }
    Ok(())
}

/// What triggers listen to, on SQLite: to begin such a statement costs as much as all the others of a message, though
/// it changes nothing.
async fn write_changed(conn: &mut Conn, states: &[&ConversationState]) -> Result<(), StoreError> {
    for state in states {
        if state.status != state.stored.status {
            on!(conn, db => diesel::update(conversations::table.find(state.id))
                .set(conversations::status.eq(state.status))
                .kept()
                .execute(db).await)?;
        }
        let hour = |at: Timestamp| at.0 / labels::HOUR;
        if hour(state.last_activity_at) != hour(state.stored.last_activity_at) {
            labels::move_hour(conn, state.id, state.last_activity_at).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ConversationId, ConversationKind, Stored, WorkspaceId};
    use std::time::Duration;

    const MORNING: Timestamp = Timestamp(1_786_004_405_118);
    const NOON: Timestamp = Timestamp(1_786_014_405_118);

    /// One that was closed in the morning, with three messages.
    fn closed() -> ConversationState {
        ConversationState {
            id: ConversationId(7),
            workspace_id: WorkspaceId(1),
            kind: ConversationKind::Customer,
            channel_id: None,
            customer_id: None,
            thread: String::new(),
            status: ConversationStatus::Closed,
            assignee_id: None,
            assigned_because: None,
            team_id: None,
            version: 5,
            revision: 9,
            unread_total: 2,
            answered_seq: 4,
            last_seq: 4,
            last_activity_at: MORNING,
            window_expires_at: Some(NOON),
            snoozed_until: Some(NOON),
            priority: None,
            about_conversation_id: None,
            waiting_since: None,
            event_seq: 4,
            created_at: MORNING,
            updated_at: MORNING,
            stored: Stored { status: ConversationStatus::Closed, last_activity_at: MORNING },
        }
    }

    fn customers(window_expires_at: Option<Timestamp>) -> AppendEffect {
        AppendEffect { is_counted: true, is_shown: true, is_answer: false, reopens: true, window_expires_at }
    }

    #[test]
    fn a_customers_message_wakes_its_conversation_and_begins_the_wait() {
        let mut state = closed();
        let before = customers(Some(NOON)).apply(&mut state, NOON);
        assert_eq!(before, Some(ConversationStatus::Closed));
        assert_eq!((state.version, state.revision, state.unread_total, state.last_seq), (6, 10, 3, 6));
        assert_eq!((state.status, state.snoozed_until), (ConversationStatus::Open, None));
        assert_eq!((state.waiting_since, state.last_activity_at), (Some(NOON), NOON));
        let before = customers(None).apply(&mut state, NOON.plus(Duration::from_mins(1)));
        assert_eq!(before, None, "it is opened once");
        assert_eq!(state.waiting_since, Some(NOON), "the wait began with the first word");
    }

    #[test]
    fn closing_ends_the_wait_and_opening_again_without_a_word_of_theirs_goes_on_with_it() {
        let mut state = ConversationState { waiting_since: Some(MORNING), ..closed() };
        assert_eq!(state.waits_since(), None, "nobody waits in what is closed");
        let reopened = ConversationState { status: ConversationStatus::Open, ..state.clone() };
        assert_eq!(reopened.waits_since(), Some(MORNING), "closed by mistake");
        customers(None).apply(&mut state, NOON);
        assert_eq!(state.waits_since(), Some(NOON), "they came with something new");
    }

    #[test]
    fn an_older_message_does_not_shorten_the_window() {
        for (event, expected) in [
            (Some(MORNING), NOON),
            (None, NOON),
            (Some(NOON.plus(Duration::from_secs(1))), Timestamp(NOON.0 + 1000)),
        ] {
            let mut state = closed();
            customers(event).apply(&mut state, NOON);
            assert_eq!(state.window_expires_at, Some(expected), "{event:?}");
        }
    }

    #[test]
    fn an_imported_message_takes_a_place_and_changes_nothing_that_is_shown() {
        let mut state = closed();
        let import = AppendEffect {
            is_counted: false,
            is_shown: false,
            is_answer: false,
            reopens: false,
            window_expires_at: None,
        };
        import.apply(&mut state, NOON);
        let (was, is) = (closed(), state);
        assert_eq!((is.version, is.updated_at), (6, NOON));
        assert_eq!(
            (is.last_seq, is.last_activity_at, is.unread_total),
            (was.last_seq, was.last_activity_at, was.unread_total)
        );
        assert_eq!(
            (is.status, is.waiting_since, is.answered_seq),
            (was.status, was.waiting_since, was.answered_seq)
        );
    }
}
