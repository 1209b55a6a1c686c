//! What waits for a moment, after the wall clock was set back: moments that were written by the clock as it
//! was. Never one that a person chose, and never a decision.

use super::schema::{ai_turns, flow_runs, hook_deliveries, outbox, transcripts};
use crate::domain::{DeliveryStatus, Timestamp};
use crate::on;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// Beside what was due: what was to come so soon. What waits longer waits for its time by the clock as it is.
const SOON: Duration = Duration::from_secs(10);

/// Moves what was due, or was about to be, back by as much as the clock; retries of sends altogether. No
/// lease reaches beyond `latest`. Doing it twice does no harm: it makes a try a little earlier.
pub async fn set_back(
    conn: &mut Conn,
    now: Timestamp,
    by: Duration,
    latest: Timestamp,
) -> Result<(), StoreError> {
    let soon = now.plus(by).plus(SOON);
    let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    on!(conn, db => diesel::update(outbox::table
            .filter(outbox::status.eq(DeliveryStatus::Queued).and(outbox::due_at.gt(now)))
            .filter(outbox::send_at.is_null().or(outbox::send_at.le(now).assume_not_null())))
        .set(outbox::due_at.eq(outbox::due_at - by))
        .execute(db).await)?;
    on!(conn, db => diesel::update(outbox::table.filter(outbox::lease_until.gt(latest)))
        .set(outbox::lease_until.eq(latest))
        .execute(db).await)?;
    on!(conn, db => diesel::update(flow_runs::table
            .filter(flow_runs::due_at.gt(now).and(flow_runs::due_at.le(soon))))
        .set(flow_runs::due_at.eq(flow_runs::due_at - by))
        .execute(db).await)?;
    on!(conn, db => diesel::update(flow_runs::table.filter(flow_runs::lease_until.gt(latest)))
        .set(flow_runs::lease_until.eq(latest))
        .execute(db).await)?;
    on!(conn, db => diesel::update(ai_turns::table
            .filter(ai_turns::due_at.gt(now).and(ai_turns::due_at.le(soon))))
        .set(ai_turns::due_at.eq(ai_turns::due_at - by))
        .execute(db).await)?;
    on!(conn, db => diesel::update(transcripts::table
            .filter(transcripts::due_at.gt(now).and(transcripts::due_at.le(soon))))
        .set(transcripts::due_at.eq(transcripts::due_at - by))
        .execute(db).await)?;
    on!(conn, db => diesel::update(hook_deliveries::table
            .filter(hook_deliveries::due_at.gt(now).and(hook_deliveries::due_at.le(soon))))
        .set(hook_deliveries::due_at.eq(hook_deliveries::due_at - by))
        .execute(db).await)?;
    Ok(())
}
