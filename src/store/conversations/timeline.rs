//! What happened to conversations: rows that are only added, each conversation's dense from 1 on. Never
//! rewritten; they go with their conversation.

use crate::domain::{Cause, CauseKind, ConversationId, TimelineEvent, TimelineKind, Timestamp, WorkspaceId};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{conversation_events, conversations};
use crate::store::db::unnest::column;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use serde_json::Value;

/// Something that is to be written down.
#[derive(Debug, Clone)]
pub struct NewEvent {
    pub workspace_id: WorkspaceId,
    pub conversation_id: ConversationId,
    pub kind: TimelineKind,
    /// By whom or by what.
    pub cause: Cause,
    /// What belongs to the kind: an object.
    pub details: Value,
}

/// Gives each of these conversations its next place. Each is named once; its row is locked from here on.
pub async fn next_places(
    conn: &mut Conn,
    ids: &[ConversationId],
    now: Timestamp,
) -> Result<Vec<(ConversationId, i64)>, StoreError> {
    Ok(on!(conn, db => diesel::update(conversations::table.filter(among(conversations::id, ids)))
        .set((conversations::event_seq.eq(conversations::event_seq + 1), conversations::updated_at.eq(now)))
        .returning((conversations::id, conversations::event_seq))
        .kept().get_results(db).await)?)
}

const INSERT_ALL: &str = "INSERT INTO conversation_events (conversation_id, event_seq, workspace_id, kind, \
    at, \
    cause_kind, cause_id, cause_name, details) \
    SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Writes events at the places that their conversations gave them.
pub async fn insert(conn: &mut Conn, placed: &[(i64, NewEvent)], now: Timestamp) -> Result<(), StoreError> {
    match conn {
        Conn::Sqlite(db) => {
            for (event_seq, new) in placed {
                diesel::insert_into(conversation_events::table)
                    .values((
                        conversation_events::conversation_id.eq(new.conversation_id),
                        conversation_events::event_seq.eq(event_seq),
                        conversation_events::workspace_id.eq(new.workspace_id),
                        conversation_events::kind.eq(new.kind.as_str()),
                        conversation_events::at.eq(now),
                        conversation_events::cause_kind.eq(new.cause.kind),
                        conversation_events::cause_id.eq(new.cause.id),
                        conversation_events::cause_name.eq(new.cause.name.as_deref()),
                        conversation_events::details.eq(new.details.to_string()),
                    ))
                    .execute(db)
                    .await?;
            }
        }
        Conn::Postgres(_) if placed.is_empty() => {}
        Conn::Postgres(db) => {
            let each = || placed.iter().map(|(_, new)| new);
            diesel::sql_query(INSERT_ALL)
                .bind::<Array<BigInt>, _>(column(each().map(|new| new.conversation_id)))
                .bind::<Array<BigInt>, _>(column(placed.iter().map(|(event_seq, _)| *event_seq)))
                .bind::<Array<BigInt>, _>(column(each().map(|new| new.workspace_id)))
                .bind::<Array<Text>, _>(column(each().map(|new| new.kind.as_str())))
                .bind::<Array<BigInt>, _>(column(each().map(|_| now)))
                .bind::<Array<Text>, _>(column(each().map(|new| new.cause.kind)))
                .bind::<Array<Nullable<BigInt>>, _>(column(each().map(|new| new.cause.id)))
                .bind::<Array<Nullable<Text>>, _>(column(each().map(|new| new.cause.name.as_deref())))
                .bind::<Array<Text>, _>(column(each().map(|new| new.details.to_string())))
                .kept()
                .execute(db)
                .await?;
        }
    }
    Ok(())
}

impl NewEvent {
    /// As it stands in its row.
    pub fn placed(&self, event_seq: i64, at: Timestamp) -> TimelineEvent {
        TimelineEvent {
            event_seq,
            kind: self.kind.to_string(),
            at,
            cause: self.cause.clone(),
            details: self.details.as_object().cloned().unwrap_or_default(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = conversation_events)]
struct EventRow {
    event_seq: i64,
    kind: String,
    at: Timestamp,
    cause_kind: CauseKind,
    cause_id: Option<i64>,
    cause_name: Option<String>,
    details: String,
}

impl From<EventRow> for TimelineEvent {
    fn from(row: EventRow) -> Self {
        Self {
            event_seq: row.event_seq,
            kind: row.kind,
            at: row.at,
            cause: Cause { kind: row.cause_kind, id: row.cause_id, name: row.cause_name },
            details: serde_json::from_str(&row.details).unwrap_or_default(),
        }
    }
}

/// The next events above a place, rising.
pub async fn after(
    conn: &mut Conn,
    id: ConversationId,
    after: i64,
    limit: i64,
) -> Result<Vec<TimelineEvent>, StoreError> {
    let rows: Vec<EventRow> = on!(conn, db => conversation_events::table
        .filter(conversation_events::conversation_id.eq(id).and(conversation_events::event_seq.gt(after)))
        .order(conversation_events::event_seq)
        .limit(limit)
        .select(EventRow::as_select())
        .load(db).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The last events below a place, falling.
pub async fn before(
    conn: &mut Conn,
    id: ConversationId,
    before: i64,
    limit: i64,
) -> Result<Vec<TimelineEvent>, StoreError> {
    let rows: Vec<EventRow> = on!(conn, db => conversation_events::table
        .filter(conversation_events::conversation_id.eq(id).and(conversation_events::event_seq.lt(before)))
        .order(conversation_events::event_seq.desc())
        .limit(limit)
        .select(EventRow::as_select())
        .load(db).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}
