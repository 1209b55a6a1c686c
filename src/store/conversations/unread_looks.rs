//! What people who have read nearly all have left to read: looked at now and then, kept, and found again
//! among what was left and what was written since (`narrowed`). Never a read mark.

use super::filter::Owner;
use super::name_search::numbers;
use super::narrowed::{FEW, since_looked, these};
use crate::domain::{ConversationId, Timestamp, UserId, WorkspaceId};
use crate::on;
use crate::store::db::schema::{api_tokens, login_sessions, messages, unread_left, unread_looked, users};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Who has more left has something in any page: nothing need be kept for them.
const MOST: usize = 2_000;

/// Who was here since a moment, by a sign-in or a token.
pub async fn readers(conn: &mut Conn, since: Timestamp, limit: i64) -> Result<Vec<Owner>, StoreError> {
    let rows: Vec<(WorkspaceId, UserId)> = on!(conn, db => users::table
        .filter(users::deactivated_at.is_null())
        .filter(
            users::id
                .eq_any(login_sessions::table.filter(login_sessions::seen_at.ge(since))
                    .select(login_sessions::user_id))
                .or(users::id.eq_any(
                    api_tokens::table.filter(api_tokens::seen_at.ge(since)).select(api_tokens::user_id))),
        )
        .order(users::id)
        .limit(limit)
        .select((users::workspace_id, users::id))
        .load(db).await)?;
    Ok(rows)
}

/// The newest message there is.
pub async fn newest_message(conn: &mut Conn) -> Result<i64, StoreError> {
    let newest: Option<i64> = on!(conn, db => messages::table
        .order(messages::id.desc()).select(messages::id).first(db).await.optional())?;
    Ok(newest.unwrap_or(0))
}

/// Says up to which message it is looked next: when that is done, all before it are stored.
pub async fn ask(conn: &mut Conn, of: &[UserId], newest: i64, now: Timestamp) -> Result<(), StoreError> {
    for user in of {
        let next = || (unread_looked::next_id.eq(newest), unread_looked::asked_at.eq(now));
        on!(conn, db => diesel::insert_into(unread_looked::table)
            .values((unread_looked::user_id.eq(user), unread_looked::marked.eq(0_i64), next()))
            .on_conflict(unread_looked::user_id)
            .do_update()
            .set(next())
            .execute(db).await)?;
    }
    Ok(())
}

/// What was asked last of one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Asked {
    /// Up to which message.
    pub next: i64,
    /// When.
    pub at: Timestamp,
    /// How often marks had gone back when this was read.
    pub marked: i64,
}

/// What was asked last; to be read before [`unread`].
pub async fn asked(conn: &mut Conn, user: UserId) -> Result<Option<Asked>, StoreError> {
    Ok(on!(conn, db => unread_looked::table.find(user)
        .select((unread_looked::next_id, unread_looked::asked_at, unread_looked::marked))
        .first(db).await.optional())?)
}

/// All that a reader has left to read; none: more than is kept.
pub async fn unread(
    conn: &mut Conn,
    (workspace, user): Owner,
) -> Result<Option<Vec<ConversationId>>, StoreError> {
    let since = format!("SELECT id FROM ({}) AS candidate LIMIT {}", since_looked(user), FEW + 1);
    let mut candidates: Vec<_> = numbers(conn, since, &[]).await?.into_iter().map(ConversationId).collect();
    candidates.sort_unstable();
    let from = if candidates.len() > FEW {
        // All of them, as they lie: no index has what is asked.
        Some("conversations AS c WHERE true".to_owned())
    } else {
        candidates.dedup();
        these(&candidates, conn.has_many_writers())
    };
    let Some(from) = from else { return Ok(Some(Vec::new())) };
    let sql = format!(
        "SELECT c.id FROM {from} AND +c.workspace_id = {workspace} AND c.unread_total > 0 AND NOT EXISTS (\
         SELECT 1 FROM participants AS p WHERE p.conversation_id = c.id AND p.user_id = {user} \
         AND p.own_count + p.read_count >= c.unread_total) LIMIT {}",
        MOST + 1
    );
    let found = numbers(conn, sql, &[]).await?;
    Ok((found.len() <= MOST).then(|| found.into_iter().map(ConversationId).collect()))
}

/// Keeps what a reader has left, unless a mark of theirs went back since it was asked for.
pub async fn keep(
    conn: &mut Conn,
    user: UserId,
    asked: Asked,
    left: &[ConversationId],
) -> Result<(), StoreError> {
    let same = unread_looked::next_id.eq(asked.next).and(unread_looked::marked.eq(asked.marked));
    let kept = on!(conn, db => diesel::update(unread_looked::table.find(user).filter(same))
        .set(unread_looked::message_id.eq(Some(asked.next))).execute(db).await)?;
    if kept == 0 {
        return Ok(());
    }
    on!(conn, db => diesel::delete(unread_left::table.filter(unread_left::user_id.eq(user)))
        .execute(db).await)?;
    for id in left {
        on!(conn, db => diesel::insert_into(unread_left::table)
            .values((unread_left::user_id.eq(user), unread_left::conversation_id.eq(id)))
            .execute(db).await)?;
    }
    Ok(())
}
