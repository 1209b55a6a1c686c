//! Writes what messages did to their conversations (`domain/message_effect.rs` says what they do). Never the
//! message.

use super::labels;
use crate::domain::{ConversationState, Timestamp};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::conversations;
use crate::store::db::unnest::column;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;

/// The columns that grow. Not the status: a trigger listens to it (0041), so SQLite would read the whole row
/// before and after although it seldom changes.
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

/// What triggers listen to, on SQLite: to begin such a statement costs as much as all the others of a
/// message, though it changes nothing.
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
