//! Counts for the overview. Never anything that a decision hangs on.

use super::schema::{messages, outbox};
use super::{Conn, StoreError};
use crate::domain::{DeliveryStatus, SenderType, Timestamp, WorkspaceId};
use crate::on;
use diesel::prelude::*;
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

/// Messages by minute since a moment.
pub async fn per_minute(
    conn: &mut Conn,
    workspace: WorkspaceId,
    since: Timestamp,
) -> Result<Vec<Minute>, StoreError> {
    let rows: Vec<(Timestamp, SenderType)> = on!(conn, db => messages::table
        .filter(messages::workspace_id.eq(workspace).and(messages::created_at.ge(since)))
        .order(messages::created_at.desc())
        .limit(COUNTED)
        .select((messages::created_at, messages::sender_type))
        .load(db).await)?;
    let mut minutes: BTreeMap<i64, Minute> = BTreeMap::new();
    for (at, sender) in rows {
        let start = at.0 - at.0.rem_euclid(MINUTE);
        let minute = minutes.entry(start).or_insert(Minute { at: Timestamp(start), customers: 0, ours: 0 });
        match sender {
            SenderType::Customer => minute.customers += 1,
            SenderType::Support | SenderType::Ai => minute.ours += 1,
            SenderType::System => {}
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
        .filter(outbox::workspace_id.eq(workspace).and(outbox::status.eq(DeliveryStatus::Failed)).and(outbox::updated_at.ge(since)))
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
