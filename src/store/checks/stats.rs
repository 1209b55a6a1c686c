//! Counts for the overview. Never anything that a decision hangs on.

use crate::domain::{DeliveryStatus, SenderType, Timestamp, WorkspaceId};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::outbox;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

const MINUTE: i64 = 60_000;
/// Messages that one look counts; busier hours are cut, not waited for.
const COUNTED: i64 = 100_000;

/// One minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minute {
    /// When it began.
    pub at: Timestamp,
    /// What customers wrote.
    pub customers: i64,
    /// What our side wrote.
    pub ours: i64,
}

/// Counted where they lie: only the sums leave the database.
const PER_MINUTE: &str = "SELECT created_at / 60000 AS minute, sender_type, COUNT(*) AS count FROM ( \
    SELECT created_at, sender_type FROM messages WHERE workspace_id = $1 AND created_at >= $2 \
    ORDER BY created_at DESC LIMIT $3) AS newest GROUP BY 1, 2";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    minute: i64,
    #[diesel(sql_type = Text)]
    sender_type: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Messages by minute since a moment.
pub async fn per_minute(
    conn: &mut Conn,
    workspace: WorkspaceId,
    since: Timestamp,
) -> Result<Vec<Minute>, StoreError> {
    let rows: Vec<Count> = on!(conn, db => diesel::sql_query(PER_MINUTE)
        .bind::<BigInt, _>(workspace)
        .bind::<BigInt, _>(since)
        .bind::<BigInt, _>(COUNTED)
        .kept()
        .load(db).await)?;
    let mut minutes: BTreeMap<i64, Minute> = BTreeMap::new();
    for row in rows {
        let at = row.minute * MINUTE;
        let minute = minutes.entry(at).or_insert(Minute { at: Timestamp(at), customers: 0, ours: 0 });
        match row.sender_type.parse() {
            Ok(SenderType::Customer) => minute.customers += row.count,
            Ok(SenderType::Support | SenderType::Ai) => minute.ours += row.count,
            Ok(SenderType::System) | Err(_) => {}
        }
    }
    Ok(minutes.into_values().collect())
}

/// Deliveries that failed since a moment.
pub async fn failures_since(
    conn: &mut Conn,
    workspace: WorkspaceId,
    since: Timestamp,
) -> Result<i64, StoreError> {
    Ok(on!(conn, db => outbox::table
        .filter(outbox::workspace_id.eq(workspace).and(outbox::status.eq(DeliveryStatus::Failed))
            .and(outbox::updated_at.ge(since)))
        .count()
        .get_result(db).await)?)
}

/// Since when the oldest delivery waits.
pub async fn oldest_queued(conn: &mut Conn, workspace: WorkspaceId) -> Result<Option<Timestamp>, StoreError> {
    Ok(on!(conn, db => outbox::table
        .filter(outbox::workspace_id.eq(workspace).and(outbox::status.eq(DeliveryStatus::Queued)))
        .order(outbox::created_at)
        .select(outbox::created_at)
        .first(db).await.optional())?)
}
