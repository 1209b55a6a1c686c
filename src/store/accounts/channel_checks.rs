//! What is asked of channels' platforms now and then: when it is due, who has it, what came of it. Never the
//! question itself.

use crate::domain::{ChannelId, PlatformCheck, Timestamp, WorkspaceId};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::channel_checks;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// One thing that is asked of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = channel_checks)]
pub struct CheckRow {
    pub channel_id: ChannelId,
    /// What is asked.
    pub what: PlatformCheck,
    pub workspace_id: WorkspaceId,
    /// When it is asked next.
    pub due_at: Timestamp,
    /// When somebody last wanted it asked at once.
    pub asked_at: Option<Timestamp>,
    /// Under which attempt, which is its fence.
    pub attempt_id: Option<String>,
    /// How often it failed in a row.
    pub tries: i64,
    /// When it was last answered.
    pub done_at: Option<Timestamp>,
    /// Why it failed last, in words for an admin.
    pub fault: Option<String>,
    /// Where it goes on.
    pub progress: Option<String>,
}

/// What came of asking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// When it is asked next.
    pub due_at: Timestamp,
    /// Whether it was answered to the end.
    pub is_done: bool,
    /// Why it failed.
    pub fault: Option<String>,
    /// Where it goes on.
    pub progress: Option<String>,
}

/// Has something asked of a channel from `due_at` on; false: that is so already.
pub async fn add(
    conn: &mut Conn,
    (workspace, channel): (WorkspaceId, ChannelId),
    what: PlatformCheck,
    due_at: Timestamp,
) -> Result<bool, StoreError> {
    let count = on!(conn, db => diesel::insert_into(channel_checks::table)
        .values((
            channel_checks::channel_id.eq(channel),
            channel_checks::what.eq(what),
            channel_checks::workspace_id.eq(workspace),
            channel_checks::due_at.eq(due_at),
            channel_checks::tries.eq(0),
        ))
        .on_conflict_do_nothing()
        .execute(db).await)?;
    Ok(count > 0)
}

/// Has it asked at this moment; while it is being asked, once more.
pub async fn hurry(
    conn: &mut Conn,
    channel: ChannelId,
    what: PlatformCheck,
    at: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(channel_checks::table.find((channel, what)))
        .set(channel_checks::asked_at.eq(at))
        .kept().execute(db).await)?;
    on!(conn, db => diesel::update(channel_checks::table.find((channel, what))
            .filter(channel_checks::due_at.gt(at)))
        .set(channel_checks::due_at.eq(at))
        .kept().execute(db).await)?;
    Ok(())
}

/// Nothing is asked of this channel any more.
pub async fn forget(conn: &mut Conn, channel: ChannelId) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(channel_checks::table.filter(channel_checks::channel_id.eq(channel)))
        .execute(db).await)?;
    Ok(())
}

/// When something is due next that nobody has.
pub async fn next_due(conn: &mut Conn, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    Ok(on!(conn, db => channel_checks::table
        .filter(channel_checks::lease_until.is_null()
            .or(channel_checks::lease_until.lt(now).assume_not_null()))
        .order(channel_checks::due_at)
        .select(channel_checks::due_at)
        .first(db).await.optional())?)
}

/// What is due and nobody has; what another process takes at this moment is left out.
pub async fn due(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<CheckRow>, StoreError> {
    let due = channel_checks::table
        .filter(channel_checks::due_at.le(now))
        .filter(
            channel_checks::lease_until.is_null().or(channel_checks::lease_until.lt(now).assume_not_null()),
        )
        .order((channel_checks::due_at, channel_checks::channel_id))
        .limit(limit);
    Ok(match conn {
        Conn::Sqlite(db) => due.select(CheckRow::as_select()).load(db).await?,
        Conn::Postgres(db) => due.select(CheckRow::as_select()).for_update().skip_locked().load(db).await?,
    })
}

/// Takes it until a moment, under this attempt.
pub async fn take(
    conn: &mut Conn,
    row: &CheckRow,
    attempt_id: &str,
    until: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(channel_checks::table.find((row.channel_id, row.what)))
        .set((channel_checks::attempt_id.eq(attempt_id), channel_checks::lease_until.eq(until)))
        .kept().execute(db).await)?;
    Ok(())
}

/// Writes what came of it, if it is still this attempt's; false: it is not.
pub async fn settle(
    conn: &mut Conn,
    row: &CheckRow,
    checked: &Checked,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let asked_at: Option<Option<Timestamp>> = on!(conn, db => channel_checks::table
        .find((row.channel_id, row.what))
        .select(channel_checks::asked_at)
        .first(db).await.optional())?;
    // Wanted meanwhile: what was asked may be out of date.
    let is_wanted = asked_at.is_some_and(|asked_at| asked_at != row.asked_at);
    let due_at = if is_wanted { now } else { checked.due_at };
    let tries = if checked.fault.is_some() { row.tries + 1 } else { 0 };
    let done_at = if checked.is_done { Some(now) } else { row.done_at };
    let count = on!(conn, db => diesel::update(channel_checks::table.find((row.channel_id, row.what))
            .filter(channel_checks::attempt_id.eq(row.attempt_id.as_deref())))
        .set((
            channel_checks::due_at.eq(due_at),
            channel_checks::lease_until.eq(None::<Timestamp>),
            channel_checks::attempt_id.eq(None::<String>),
            channel_checks::tries.eq(tries),
            channel_checks::done_at.eq(done_at),
            channel_checks::fault.eq(checked.fault.as_deref()),
            channel_checks::progress.eq(checked.progress.as_deref()),
        ))
        .kept().execute(db).await)?;
    Ok(count > 0)
}

/// What is asked of these channels, and what came of it.
pub async fn of_channels(conn: &mut Conn, ids: &[ChannelId]) -> Result<Vec<CheckRow>, StoreError> {
    Ok(on!(conn, db => channel_checks::table
        .filter(channel_checks::channel_id.eq_any(ids))
        .select(CheckRow::as_select())
        .load(db).await)?)
}
