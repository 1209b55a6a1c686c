//! Sums over days, colleagues and channels. Never anything that a decision hangs on, never a
//! message's words.

use super::report_days::{self, DAY};
use crate::domain::{ChannelId, ConversationId, Timestamp, UserId, WorkspaceId};
use crate::on;
use crate::store::db::schema::{answered_waits, channels, users};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

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

/// The lines of a report over `[from, to)`, by their keys: of days that are remembered what is remembered, of
/// all else what is counted.
pub async fn sums(
    conn: &mut Conn,
    workspace: WorkspaceId,
    from: Timestamp,
    to: Timestamp,
    by: By,
) -> Result<Vec<Sums>, StoreError> {
    let known = report_days::known(conn, workspace, (from, to)).await?;
    let mut parts = report_days::remembered(conn, workspace, &known).await?;
    for span in report_days::between((from, to), &known) {
        parts.extend(report_days::counted(conn, workspace, span).await?);
    }
    let mut lines: HashMap<i64, (Sums, Vec<i64>)> = HashMap::new();
    for part in parts {
        let key = match by {
            By::Day => Some(part.day * DAY),
            By::Agent => part.user,
            By::Channel => part.channel,
        };
        if let Some(key) = key {
            let (line, seconds) =
                lines.entry(key).or_insert_with(|| (Sums { key, ..Sums::default() }, Vec::new()));
            line.conversations += part.begun;
            line.messages_in += part.received;
            line.messages_out += part.written;
            line.failed += part.failed;
            seconds.extend(part.waits);
        }
    }
    let whole = |(mut line, mut seconds): (Sums, Vec<i64>)| {
        line.answers = i64::try_from(seconds.len()).unwrap_or(i64::MAX);
        line.median_first_answer_seconds = median(&mut seconds);
        line
    };
    let mut lines: Vec<_> = lines.into_values().map(whole).collect();
    lines.sort_by_key(|line| line.key);
    Ok(lines)
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
    let all = report_days::waits(conn, workspace, (since, Timestamp(i64::MAX))).await?;
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
