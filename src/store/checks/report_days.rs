//! What a day comes to, by colleague and channel: counted where it lies, and remembered of days that are long
//! over. What changes in such a day makes the database forget it (triggers of migrations `0050` and `0051`).
//! Never what a report shows of it.

use crate::domain::{ChannelId, Timestamp, UserId, WorkspaceId};
use crate::on;
use crate::store::db::schema::{answered_waits, messages, report_days, report_sums, workspaces};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// Milliseconds of one; days are counted from 1970 on, in UTC.
pub const DAY: i64 = 86_400_000;
/// Waits of one span at most; a median of so many is the median.
const WAITS: i64 = 200_000;

/// From when on, and up to when.
pub type Span = (Timestamp, Timestamp);

/// What one colleague (none: customers, or a program) did on one day over one channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Days since 1970.
    pub day: i64,
    /// Who wrote or answered.
    pub user: Option<i64>,
    /// Over which channel.
    pub channel: Option<i64>,
    /// Conversations that began.
    pub begun: i64,
    /// What customers wrote.
    pub received: i64,
    /// What our side wrote.
    pub written: i64,
    /// What of all failed.
    pub failed: i64,
    /// How long customers waited for what was answered, in seconds.
    pub waits: Vec<i64>,
}

type Key = (i64, Option<i64>, Option<i64>);

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    day: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    sender_user_id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    channel_id: Option<i64>,
    #[diesel(sql_type = BigInt)]
    begun: i64,
    #[diesel(sql_type = BigInt)]
    received: i64,
    #[diesel(sql_type = BigInt)]
    written: i64,
    #[diesel(sql_type = BigInt)]
    failed: i64,
}

/// Only customers' conversations have a channel; notes are no messages to anybody; spam is nobody's work.
const COUNT: &str = "SELECT created_at / 86400000 AS day, sender_user_id, channel_id, \
    COUNT(CASE WHEN seq = 1 THEN 1 END) AS begun, \
    COUNT(CASE WHEN sender_type = 'customer' THEN 1 END) AS received, \
    COUNT(CASE WHEN sender_type IN ('support', 'ai') THEN 1 END) AS written, \
    COUNT(CASE WHEN status = 'failed' THEN 1 END) AS failed \
    FROM messages WHERE workspace_id = $1 AND created_at >= $2 AND created_at < $3 \
    AND channel_id IS NOT NULL AND NOT is_private AND conversation_id NOT IN \
    (SELECT id FROM conversations WHERE workspace_id = $1 AND status = 'spam') \
    GROUP BY created_at / 86400000, sender_user_id, channel_id";

/// What a span comes to, counted message by message.
pub async fn counted(conn: &mut Conn, workspace: WorkspaceId, span: Span) -> Result<Vec<Part>, StoreError> {
    let rows: Vec<Counted> = on!(conn, db => diesel::sql_query(COUNT)
        .bind::<BigInt, _>(workspace)
        .bind::<BigInt, _>(span.0)
        .bind::<BigInt, _>(span.1)
        .load(db).await)?;
    let mut waits = waits(conn, workspace, span).await?;
    let mut parts: Vec<Part> = Vec::with_capacity(rows.len());
    for row in rows {
        let key = (row.day, row.sender_user_id, row.channel_id);
        let waits = waits.remove(&key).unwrap_or_default();
        let (begun, received, written, failed) = (row.begun, row.received, row.written, row.failed);
        parts.push(Part { begun, received, written, failed, ..part(key, waits) });
    }
    parts.extend(waits.into_iter().map(|(key, waits)| part(key, waits)));
    Ok(parts)
}

fn part((day, user, channel): Key, waits: Vec<i64>) -> Part {
    Part { day, user, channel, waits, ..Part::default() }
}

/// How long customers waited, in seconds, by the day of the answer, who gave it, and the channel.
pub async fn waits(
    conn: &mut Conn,
    workspace: WorkspaceId,
    (from, to): Span,
) -> Result<HashMap<Key, Vec<i64>>, StoreError> {
    type Wait = (Timestamp, Timestamp, Option<UserId>, Option<ChannelId>);
    let rows: Vec<Wait> = on!(conn, db => answered_waits::table
        .filter(answered_waits::workspace_id.eq(workspace)
            .and(answered_waits::answered_at.ge(from)).and(answered_waits::answered_at.lt(to)))
        .order(answered_waits::answered_at.desc())
        .limit(WAITS)
        .select((answered_waits::asked_at, answered_waits::answered_at, answered_waits::user_id,
            answered_waits::channel_id))
        .load(db).await)?;
    let mut found: HashMap<Key, Vec<i64>> = HashMap::new();
    for (asked, answered, user, channel) in rows {
        let key = (answered.0.div_euclid(DAY), user.map(|id| id.0), channel.map(|id| id.0));
        found.entry(key).or_default().push((answered.0 - asked.0).max(0) / 1000);
    }
    Ok(found)
}

/// The days that lie whole in a span and are remembered, in order.
pub async fn known(conn: &mut Conn, workspace: WorkspaceId, span: Span) -> Result<Vec<i64>, StoreError> {
    let (first, end) = whole_days(span);
    Ok(on!(conn, db => report_days::table
        .filter(report_days::workspace_id.eq(workspace).and(report_days::is_known.eq(true))
            .and(report_days::day.ge(first)).and(report_days::day.lt(end)))
        .order(report_days::day)
        .select(report_days::day)
        .load(db).await)?)
}

/// The first day that begins in a span, and the first that does not end in it.
fn whole_days((from, to): Span) -> (i64, i64) {
    (from.0.div_euclid(DAY) + i64::from(from.0.rem_euclid(DAY) > 0), to.0.div_euclid(DAY))
}

/// What of a span lies between the days that are known.
pub fn between((from, to): Span, known: &[i64]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut reached = from;
    for day in known {
        let begins = Timestamp(day * DAY);
        if reached < begins {
            spans.push((reached, begins));
        }
        reached = Timestamp(begins.0 + DAY);
    }
    if reached < to {
        spans.push((reached, to));
    }
    spans
}

type Row = (i64, i64, i64, i64, i64, i64, i64, String);

/// What is remembered of these days.
pub async fn remembered(
    conn: &mut Conn,
    workspace: WorkspaceId,
    known: &[i64],
) -> Result<Vec<Part>, StoreError> {
    let (Some(first), Some(last)) = (known.iter().min(), known.iter().max()) else {
        return Ok(Vec::new());
    };
    let rows: Vec<Row> = on!(conn, db => report_sums::table
        .filter(report_sums::workspace_id.eq(workspace)
            .and(report_sums::day.ge(first)).and(report_sums::day.le(last)))
        .select((report_sums::day, report_sums::user_id, report_sums::channel_id, report_sums::begun,
            report_sums::received, report_sums::written, report_sums::failed, report_sums::waits))
        .load(db).await)?;
    let some = |id: i64| (id > 0).then_some(id);
    let read = |(day, user, channel, begun, received, written, failed, waits): Row| {
        let waits = waits.split(',').filter_map(|seconds| seconds.parse().ok()).collect();
        Part { day, user: some(user), channel: some(channel), begun, received, written, failed, waits }
    };
    // What was forgotten lies there until it is summed up anew.
    Ok(rows.into_iter().filter(|row| known.binary_search(&row.0).is_ok()).map(read).collect())
}

/// The days that nobody remembers or was asked to, the newest first: all that end before `before`.
pub async fn missing(
    conn: &mut Conn,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<(WorkspaceId, i64)>, StoreError> {
    let all: Vec<WorkspaceId> =
        on!(conn, db => workspaces::table.order(workspaces::id).select(workspaces::id).load(db).await)?;
    let mut missing = Vec::new();
    for workspace in all {
        let first: Option<Timestamp> = on!(conn, db => messages::table
            .filter(messages::workspace_id.eq(workspace)).order(messages::created_at)
            .select(messages::created_at).first(db).await.optional())?;
        let Some(first) = first else { continue };
        let asked: Vec<i64> = on!(conn, db => report_days::table
            .filter(report_days::workspace_id.eq(workspace)).order(report_days::day).select(report_days::day)
            .load(db).await)?;
        let days = (first.0.div_euclid(DAY)..before.0.div_euclid(DAY)).rev().take(MOST_DAYS);
        let left = days.filter(|day| asked.binary_search(day).is_err()).map(|day| (workspace, day));
        missing.extend(left.take(limit - missing.len()));
    }
    Ok(missing)
}

/// How far back days are remembered: what one report covers, and some more.
const MOST_DAYS: usize = 500;

/// Says that days are about to be summed up; what changes in them from now on takes that back.
pub async fn ask(conn: &mut Conn, days: &[(WorkspaceId, i64)], now: Timestamp) -> Result<(), StoreError> {
    for (workspace, day) in days {
        on!(conn, db => diesel::insert_into(report_days::table)
            .values((
                report_days::workspace_id.eq(workspace),
                report_days::day.eq(day),
                report_days::asked_at.eq(now),
                report_days::is_known.eq(false),
            ))
            .on_conflict_do_nothing()
            .execute(db).await)?;
    }
    Ok(())
}

/// What is to be summed up: (workspace, day, since when), of what was asked for before `before`.
pub async fn asked(
    conn: &mut Conn,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<(WorkspaceId, i64, Timestamp)>, StoreError> {
    Ok(on!(conn, db => report_days::table
        .filter(report_days::is_known.eq(false).and(report_days::asked_at.le(before)))
        .order((report_days::workspace_id, report_days::day.desc()))
        .limit(limit)
        .select((report_days::workspace_id, report_days::day, report_days::asked_at))
        .load(db).await)?)
}

/// Remembers a day, if nothing changed in it since it was asked for.
pub async fn remember(
    conn: &mut Conn,
    (workspace, day, asked_at): (WorkspaceId, i64, Timestamp),
    parts: &[Part],
) -> Result<(), StoreError> {
    let asked = report_days::table.find((workspace, day));
    let is_whole = report_days::is_known.eq(false).and(report_days::asked_at.eq(asked_at));
    let kept = on!(conn, db => diesel::update(asked.filter(is_whole))
        .set(report_days::is_known.eq(true)).execute(db).await)?;
    if kept == 0 {
        return Ok(());
    }
    on!(conn, db => diesel::delete(report_sums::table
        .filter(report_sums::workspace_id.eq(workspace).and(report_sums::day.eq(day))))
        .execute(db).await)?;
    for part in parts {
        let waits: Vec<String> = part.waits.iter().map(ToString::to_string).collect();
        on!(conn, db => diesel::insert_into(report_sums::table)
            .values((
                report_sums::workspace_id.eq(workspace),
                report_sums::day.eq(day),
                report_sums::user_id.eq(part.user.unwrap_or(0)),
                report_sums::channel_id.eq(part.channel.unwrap_or(0)),
                report_sums::begun.eq(part.begun),
                report_sums::received.eq(part.received),
                report_sums::written.eq(part.written),
                report_sums::failed.eq(part.failed),
                report_sums::waits.eq(waits.join(",")),
            ))
            .execute(db).await)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_counted_between_the_days_that_are() {
        let at = |day: i64, hour: i64| Timestamp(day * DAY + hour * 3_600_000);
        let span = (at(10, 6), at(15, 3));
        assert_eq!(whole_days(span), (11, 15));
        assert_eq!(whole_days((at(10, 0), at(11, 0))), (10, 11));
        assert_eq!(
            between(span, &[11, 12, 14]),
            [(at(10, 6), at(11, 0)), (at(13, 0), at(14, 0)), (at(15, 0), at(15, 3))]
        );
        assert_eq!(between(span, &[]), [span]);
        assert_eq!(between((at(10, 0), at(11, 0)), &[10]), []);
    }
}
