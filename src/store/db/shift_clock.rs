//! What waits for a moment, after the wall clock was set back: moments that were written by the clock as it
//! was. Never one that a person chose, and never a decision.

use super::schema::{ai_turns, channel_checks, flow_runs, hook_deliveries, outbox, transcripts};
use crate::domain::{DeliveryStatus, Timestamp};
use crate::on;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// Beside what was due: what was to come so soon. What waits longer waits for its time by the clock as it is.
const SOON: Duration = Duration::from_secs(10);

/// Of one table: what was due, or was to come soon, is due earlier by as much.
macro_rules! earlier {
    ($conn:ident, $table:ident, ($now:ident, $soon:ident), $by:ident) => {
        on!($conn, db => diesel::update($table::table
                .filter($table::due_at.gt($now).and($table::due_at.le($soon))))
            .set($table::due_at.eq($table::due_at - $by))
            .execute(db).await)?
    };
}

/// Of one table: no lease reaches beyond a moment.
macro_rules! shorten_leases {
    ($conn:ident, $table:ident, $latest:ident) => {
        on!($conn, db => diesel::update($table::table.filter($table::lease_until.gt($latest)))
            .set($table::lease_until.eq($latest))
            .execute(db).await)?
    };
}

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
    shorten_leases!(conn, outbox, latest);
    shorten_leases!(conn, flow_runs, latest);
    shorten_leases!(conn, channel_checks, latest);
    earlier!(conn, flow_runs, (now, soon), by);
    earlier!(conn, channel_checks, (now, soon), by);
    earlier!(conn, ai_turns, (now, soon), by);
    earlier!(conn, transcripts, (now, soon), by);
    earlier!(conn, hook_deliveries, (now, soon), by);
    Ok(())
}
