//! Sums over days, colleagues and channels. Never anything that a decision hangs on, never a
//! message's words.

use crate::domain::{ChannelId, ConversationId, Timestamp, UserId, WorkspaceId};
use crate::on;
use crate::store::db::schema::{answered_waits, channels, users};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

const DAY: i64 = 86_400_000;
/// Waits of one report at most; a median of so many is the median.
const WAITS: i64 = 200_000;

/// What a report is parted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The day, in UTC.
    Day,
    /// Who wrote or answered.
    Agent,
    /// Over which channel.
    Channel,
}

/// One line of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// The day's first millisecond, the user's or the channel's id.
    pub key: i64,
    /// Conversations that began.
    pub conversations: i64,
    /// What customers wrote.
    pub messages_in: i64,
    /// What our side wrote.
    pub messages_out: i64,
    /// What of it failed.
    pub failed: i64,
    /// Waits that were answered.
    pub answers: i64,
    /// The one in the middle, in seconds.
    pub median_first_answer_seconds: Option<i64>,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Nullable<BigInt>)]
    part: Option<i64>,
    #[diesel(sql_type = BigInt)]
    begun: i64,
    #[diesel(sql_type = BigInt)]
    received: i64,
    #[diesel(sql_type = BigInt)]
    written: i64,
    #[diesel(sql_type = BigInt)]
    failed: i64,
}

/// The lines of a report over `[from, to)`, by their keys.
pub async fn sums(
    conn: &mut Conn,
    workspace: WorkspaceId,
    from: Timestamp,
    to: Timestamp,
    by: By,
) -> Result<Vec<Sums>, StoreError> {
    let part = match by {
        By::Day => "created_at - created_at % 86400000",
        By::Agent => "sender_user_id",
        By::Channel => "channel_id",
    };
    // Only customers' conversations have a channel; notes are no messages to anybody; spam is nobody's work.
    let query = format!(
        "SELECT {part} AS part, COUNT(CASE WHEN seq = 1 THEN 1 END) AS begun, \
         COUNT(CASE WHEN sender_type = 'customer' THEN 1 END) AS received, \
         COUNT(CASE WHEN sender_type IN ('support', 'ai') THEN 1 END) AS written, \
         COUNT(CASE WHEN status = 'failed' THEN 1 END) AS failed \
         FROM messages WHERE workspace_id = $1 AND created_at >= $2 AND created_at < $3 \
         AND channel_id IS NOT NULL AND NOT is_private AND conversation_id NOT IN \
         (SELECT id FROM conversations WHERE workspace_id = $1 AND status = 'spam') GROUP BY {part}"
    );
    let counted: Vec<Counted> = on!(conn, db => diesel::sql_query(query)
        .bind::<BigInt, _>(workspace)
        .bind::<BigInt, _>(from)
        .bind::<BigInt, _>(to)
        .load(db).await)?;
    let mut lines: HashMap<i64, Sums> = HashMap::new();
    for row in counted {
        let Some(key) = row.part else { continue };
        let (begun, received, written, failed) = (row.begun, row.received, row.written, row.failed);
        let line = Sums {
            key,
            conversations: begun,
            messages_in: received,
            messages_out: written,
            failed,
            ..Sums::default()
        };
        lines.insert(key, line);
    }
    for (key, mut seconds) in waits(conn, workspace, from, to, by).await? {
        let line = lines.entry(key).or_insert_with(|| Sums { key, ..Sums::default() });
        line.answers = i64::try_from(seconds.len()).unwrap_or(i64::MAX);
        line.median_first_answer_seconds = median(&mut seconds);
    }
    let mut lines: Vec<_> = lines.into_values().collect();
    lines.sort_by_key(|line| line.key);
    Ok(lines)
}

/// How long customers waited, in seconds, by the key of their line.
async fn waits(
    conn: &mut Conn,
    workspace: WorkspaceId,
    from: Timestamp,
    to: Timestamp,
    by: By,
) -> Result<HashMap<i64, Vec<i64>>, StoreError> {
    type Wait = (Timestamp, Timestamp, Option<UserId>, Option<ChannelId>);
    let rows: Vec<Wait> = on!(conn, db => answered_waits::table
        .filter(answered_waits::workspace_id.eq(workspace)
            .and(answered_waits::answered_at.ge(from)).and(answered_waits::answered_at.lt(to)))
        .order(answered_waits::answered_at.desc())
        .limit(WAITS)
        .select((answered_waits::asked_at, answered_waits::answered_at, answered_waits::user_id,
            answered_waits::channel_id))
        .load(db).await)?;
    let mut found: HashMap<i64, Vec<i64>> = HashMap::new();
    for (asked, answered, user, channel) in rows {
        let key = match by {
            By::Day => Some(answered.0 - answered.0.rem_euclid(DAY)),
            By::Agent => user.map(|id| id.0),
            By::Channel => channel.map(|id| id.0),
        };
        if let Some(key) = key {
            found.entry(key).or_default().push((answered.0 - asked.0).max(0) / 1000);
        }
    }
    Ok(found)
}

/// The value in the middle.
fn median(seconds: &mut [i64]) -> Option<i64> {
    seconds.sort_unstable();
    seconds.get(seconds.len().checked_sub(1)? / 2).copied()
}

/// How long a customer waits in the middle, in seconds, of what was answered since a moment.
pub async fn median_first_answer(
    conn: &mut Conn,
    workspace: WorkspaceId,
    since: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let all = waits(conn, workspace, since, Timestamp(i64::MAX), By::Day).await?;
    Ok(median(&mut all.into_values().flatten().collect::<Vec<_>>()))
}

/// What the keys of a report's lines are called.
pub async fn names(
    conn: &mut Conn,
    workspace: WorkspaceId,
    by: By,
    keys: &[i64],
) -> Result<HashMap<i64, String>, StoreError> {
    let rows: Vec<(i64, String)> = match by {
        By::Day => Vec::new(),
        By::Agent => on!(conn, db => users::table
            .filter(users::workspace_id.eq(workspace).and(users::id.eq_any(keys)))
            .select((users::id, users::full_name)).load(db).await)?,
        By::Channel => on!(conn, db => channels::table
            .filter(channels::workspace_id.eq(workspace).and(channels::id.eq_any(keys)))
            .select((channels::id, channels::name)).load(db).await)?,
    };
    Ok(rows.into_iter().collect())
}

/// A customer's wait that an answer ended.
#[derive(Debug, Clone, PartialEq, Eq, Insertable)]
#[diesel(table_name = answered_waits, treat_none_as_default_value = false)]
pub struct AnsweredWait {
    pub workspace_id: WorkspaceId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// Over which channel.
    pub channel_id: Option<ChannelId>,
    /// Who answered, if a person did.
    pub user_id: Option<UserId>,
    /// Since when they waited.
    pub asked_at: Timestamp,
    pub answered_at: Timestamp,
}

/// Notes waits that were answered; several cost PostgreSQL one journey.
pub async fn note_answers(conn: &mut Conn, waits: &[AnsweredWait]) -> Result<(), StoreError> {
    match conn {
        Conn::Postgres(db) if waits.len() > 1 => {
            diesel::insert_into(answered_waits::table).values(waits).execute(db).await?;
        }
        conn => {
            for wait in waits {
                on!(&mut *conn, db => diesel::insert_into(answered_waits::table).values(wait)
                    .execute(db).await)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_stands_in_the_middle() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [9]), Some(9));
        assert_eq!(median(&mut [9, 1, 5]), Some(5));
        assert_eq!(median(&mut [1, 3]), Some(1));
    }
}
