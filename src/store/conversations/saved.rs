//! What people save for later: canned replies of the team, views of one user. Never what is in
//! a view's filter: that is the list's.

use crate::domain::{CannedReplyId, Timestamp, UserId, ViewId, WorkspaceId};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{canned_replies, saved_views};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use utoipa::ToSchema;

/// How the shortcut of a deleted answer begins; none that people choose has a space.
const DELETED: &str = "\ndeleted ";

/// A canned reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = canned_replies)]
pub struct CannedReply {
    /// Unique in the server.
    pub id: CannedReplyId,
    /// What one types to get it.
    pub shortcut: String,
    /// Its words.
    pub content: String,
    /// Since when it is there.
    pub created_at: Timestamp,
}

/// A workspace's canned replies whose shortcut comes after `after`, by shortcut.
pub async fn canned(
    conn: &mut Conn,
    workspace: WorkspaceId,
    after: &str,
    limit: i64,
) -> Result<Vec<CannedReply>, StoreError> {
    Ok(on!(conn, db => canned_replies::table
        .filter(canned_replies::workspace_id.eq(workspace).and(canned_replies::shortcut.gt(after)))
        .filter(canned_replies::deleted_at.is_null())
        .order(canned_replies::shortcut)
        .limit(limit)
        .select(CannedReply::as_select())
        .load(db).await)?)
}

/// One of them.
pub async fn find_canned(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: CannedReplyId,
) -> Result<Option<CannedReply>, StoreError> {
    Ok(on!(conn, db => canned_replies::table
        .filter(canned_replies::id.eq(id).and(canned_replies::workspace_id.eq(workspace)))
        .filter(canned_replies::deleted_at.is_null())
        .select(CannedReply::as_select())
        .first(db).await.optional())?)
}

/// A new one; [`StoreError::Taken`]: the shortcut is.
pub async fn insert_canned(
    conn: &mut Conn,
    workspace: WorkspaceId,
    shortcut: &str,
    content: &str,
    now: Timestamp,
) -> Result<CannedReply, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(canned_replies::table)
        .values((
            canned_replies::workspace_id.eq(workspace),
            canned_replies::shortcut.eq(shortcut),
            canned_replies::content.eq(content),
            canned_replies::created_at.eq(now),
        ))
        .returning(CannedReply::as_returning())
        .get_result(db).await)?)
}

/// Rewrites one; [`StoreError::Taken`]: the shortcut is.
pub async fn update_canned(conn: &mut Conn, reply: &CannedReply) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(canned_replies::table.find(reply.id))
        .set((canned_replies::shortcut.eq(&reply.shortcut), canned_replies::content.eq(&reply.content)))
        .kept().execute(db).await)?;
    Ok(())
}

/// Takes one away in a way that can be undone: its shortcut is free.
pub async fn delete_canned(conn: &mut Conn, reply: &CannedReply, now: Timestamp) -> Result<(), StoreError> {
    let shortcut = format!("{DELETED}{} {}", reply.id, reply.shortcut);
    on!(conn, db => diesel::update(canned_replies::table.find(reply.id))
        .set((canned_replies::shortcut.eq(shortcut), canned_replies::deleted_at.eq(now)))
        .execute(db).await)?;
    Ok(())
}

/// As it was before it was deleted.
fn undeleted(reply: CannedReply) -> CannedReply {
    let shortcut = reply.shortcut.strip_prefix(DELETED).and_then(|rest| rest.split_once(' '));
    let shortcut = shortcut.map_or(reply.shortcut.clone(), |(_, shortcut)| shortcut.to_owned());
    CannedReply { shortcut, ..reply }
}

/// Those that were deleted and can come back, after the id `after`, each with when it was deleted.
pub async fn deleted_canned(
    conn: &mut Conn,
    workspace: WorkspaceId,
    since: Timestamp,
    after: i64,
    limit: i64,
) -> Result<Vec<(CannedReply, Timestamp)>, StoreError> {
    let rows: Vec<(CannedReply, Option<Timestamp>)> = on!(conn, db => canned_replies::table
        .filter(canned_replies::workspace_id.eq(workspace).and(canned_replies::id.gt(CannedReplyId(after))))
        .filter(canned_replies::deleted_at.ge(since))
        .order(canned_replies::id)
        .limit(limit)
        .select((CannedReply::as_select(), canned_replies::deleted_at))
        .load(db).await)?;
    Ok(rows.into_iter().filter_map(|(reply, at)| Some((undeleted(reply), at?))).collect())
}

/// Brings one back; none: it is not there, or it is too late. [`StoreError::Taken`]: another one has its
/// shortcut.
pub async fn restore_canned(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: CannedReplyId,
    since: Timestamp,
) -> Result<Option<CannedReply>, StoreError> {
    let found: Option<CannedReply> = on!(conn, db => canned_replies::table
        .filter(canned_replies::id.eq(id).and(canned_replies::workspace_id.eq(workspace)))
        .filter(canned_replies::deleted_at.ge(since))
        .select(CannedReply::as_select())
        .first(db).await.optional())?;
    let Some(reply) = found.map(undeleted) else { return Ok(None) };
    on!(conn, db => diesel::update(canned_replies::table.find(id))
        .set((canned_replies::shortcut.eq(&reply.shortcut), canned_replies::deleted_at.eq(None::<Timestamp>)))
        .execute(db).await)?;
    Ok(Some(reply))
}

/// Forgets for good what was deleted before `before`: answers and views.
pub async fn purge(conn: &mut Conn, before: Timestamp) -> Result<usize, StoreError> {
    let replies = on!(conn, db =>
        diesel::delete(canned_replies::table.filter(canned_replies::deleted_at.lt(before)))
        .execute(db).await)?;
    let views = on!(conn, db => diesel::delete(saved_views::table.filter(saved_views::deleted_at.lt(before)))
        .execute(db).await)?;
    Ok(replies + views)
}

/// A saved view: (id, name, JSON of its filter, since when).
pub type ViewRow = (ViewId, String, String, Timestamp);

macro_rules! view_columns {
    () => {
        (saved_views::id, saved_views::name, saved_views::filter, saved_views::created_at)
    };
}

/// A user's views, in the order they were made.
pub async fn views(
    conn: &mut Conn,
    user: UserId,
    after: i64,
    limit: i64,
) -> Result<Vec<ViewRow>, StoreError> {
    Ok(on!(conn, db => saved_views::table
        .filter(saved_views::user_id.eq(user).and(saved_views::id.gt(after))
            .and(saved_views::deleted_at.is_null()))
        .order(saved_views::id)
        .limit(limit)
        .select(view_columns!())
        .load(db).await)?)
}

/// A new view.
pub async fn insert_view(
    conn: &mut Conn,
    user: UserId,
    name: &str,
    filter: &str,
    now: Timestamp,
) -> Result<ViewRow, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(saved_views::table)
        .values((
            saved_views::user_id.eq(user),
            saved_views::name.eq(name),
            saved_views::filter.eq(filter),
            saved_views::created_at.eq(now),
        ))
        .returning(view_columns!())
        .get_result(db).await)?)
}

/// Takes a user's view away in a way that can be undone; false: it is not theirs or not there.
pub async fn delete_view(
    conn: &mut Conn,
    user: UserId,
    id: ViewId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let gone = on!(conn, db => diesel::update(saved_views::table.filter(
            saved_views::id.eq(id).and(saved_views::user_id.eq(user)).and(saved_views::deleted_at.is_null())))
        .set(saved_views::deleted_at.eq(now)).execute(db).await)?;
    Ok(gone == 1)
}

/// A user's views that were deleted and can come back, each with when it was.
pub async fn deleted_views(
    conn: &mut Conn,
    user: UserId,
    since: Timestamp,
    after: i64,
    limit: i64,
) -> Result<Vec<(ViewRow, Timestamp)>, StoreError> {
    let rows: Vec<(ViewRow, Option<Timestamp>)> = on!(conn, db => saved_views::table
        .filter(saved_views::user_id.eq(user).and(saved_views::id.gt(after))
            .and(saved_views::deleted_at.ge(since)))
        .order(saved_views::id)
        .limit(limit)
        .select((view_columns!(), saved_views::deleted_at))
        .load(db).await)?;
    Ok(rows.into_iter().filter_map(|(row, at)| Some((row, at?))).collect())
}

/// Brings a user's view back; none: it is not theirs, not there, or it is too late.
pub async fn restore_view(
    conn: &mut Conn,
    user: UserId,
    id: ViewId,
    since: Timestamp,
) -> Result<Option<ViewRow>, StoreError> {
    Ok(on!(conn, db => diesel::update(saved_views::table.filter(
            saved_views::id.eq(id).and(saved_views::user_id.eq(user)).and(saved_views::deleted_at.ge(since))))
        .set(saved_views::deleted_at.eq(None::<Timestamp>))
        .returning(view_columns!())
        .get_result(db).await.optional())?)
}
