//! What a new message does to its conversation: the next version, the counters, the newest activity. Never the message.

use super::among::among;
use super::conversations::ConversationRow;
use super::kept::Keep;
use super::schema::conversations;
use super::{Conn, StoreError};
use crate::domain::{ConversationId, ConversationState, ConversationStatus, Timestamp};
use crate::on;
use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;

/// What a new message does to its conversation.
#[derive(Debug, Clone)]
pub struct Growth {
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

/// What growing does to the row of a conversation.
macro_rules! grown {
    ($growth:expr, $now:expr) => {{
        let (growth, now) = ($growth, $now);
        let shown = || growth.is_shown.into_sql::<Bool>();
        (
            conversations::version.eq(conversations::version + 1),
            conversations::revision.eq(conversations::revision + 1),
            conversations::unread_total.eq(conversations::unread_total + i64::from(growth.is_counted)),
            conversations::answered_seq.eq(case_when(
                growth.is_answer.into_sql::<Bool>(),
                conversations::version + 1,
            )
            .otherwise(conversations::answered_seq)),
            conversations::last_seq
                .eq(case_when(shown(), conversations::version + 1).otherwise(conversations::last_seq)),
            conversations::last_activity_at
                .eq(case_when(shown(), now.into_sql::<BigInt>()).otherwise(conversations::last_activity_at)),
            conversations::status.eq(case_when(
                growth.reopens.into_sql::<Bool>(),
                ConversationStatus::Open.into_sql::<Text>(),
            )
            .otherwise(conversations::status)),
            // A customer waits from their first word on; an answer ends it (`answered`).
            conversations::waiting_since.eq(case_when(
                growth.reopens.into_sql::<Bool>().and(conversations::waiting_since.is_null()),
                Some(now).into_sql::<Nullable<BigInt>>(),
            )
            .otherwise(conversations::waiting_since)),
            conversations::snoozed_until.eq(case_when(
                growth.reopens.into_sql::<Bool>(),
                None::<Timestamp>.into_sql::<Nullable<BigInt>>(),
            )
            .otherwise(conversations::snoozed_until)),
            conversations::window_expires_at.eq(case_when(
                growth.window_expires_at.is_some().into_sql::<Bool>().and(
                    conversations::window_expires_at
                        .is_null()
                        .or(conversations::window_expires_at.lt(growth.window_expires_at).assume_not_null()),
                ),
                growth.window_expires_at.into_sql::<Nullable<BigInt>>(),
            )
            .otherwise(conversations::window_expires_at)),
            conversations::updated_at.eq(now),
        )
    }};
}

/// Gives the next version, which is also the new message's place: the row is locked from here to
/// the commit.
pub async fn grow(
    conn: &mut Conn,
    id: ConversationId,
    growth: &Growth,
    now: Timestamp,
) -> Result<ConversationState, StoreError> {
    let row: ConversationRow = on!(conn, db => diesel::update(conversations::table.find(id))
        .set(grown!(growth, now))
        .returning(ConversationRow::as_returning())
        .kept().get_result(db).await)?;
    Ok(row.into())
}

/// The same for several at once, each of them once, in no order. One statement where each costs a
/// journey; SQLite is at hand and keeps one short statement prepared.
pub async fn grow_all(
    conn: &mut Conn,
    ids: &[ConversationId],
    growth: &Growth,
    now: Timestamp,
) -> Result<Vec<ConversationState>, StoreError> {
    if let Conn::Postgres(db) = conn {
        let rows: Vec<ConversationRow> =
            diesel::update(conversations::table.filter(among(conversations::id, ids)))
                .set(grown!(growth, now))
                .returning(ConversationRow::as_returning())
                .kept()
                .get_results(db)
                .await?;
        return Ok(rows.into_iter().map(Into::into).collect());
    }
    let mut grown = Vec::with_capacity(ids.len());
    for id in ids {
        grown.push(grow(conn, *id, growth, now).await?);
    }
    Ok(grown)
}
