//! What people save for later: ready-made answers of the team, views of one user. Never what is in
//! a view's filter: that is the list's.

use super::kept::Keep;
use super::schema::{canned_replies, saved_views};
use super::{Conn, StoreError};
use crate::domain::{CannedReplyId, Timestamp, UserId, ViewId, WorkspaceId};
use crate::on;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;

/// A ready-made answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable)]
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

/// A workspace's ready-made answers whose shortcut comes after `after`, by shortcut.
pub async fn canned(
    conn: &mut Conn,
    workspace: WorkspaceId,
    after: &str,
    limit: i64,
) -> Result<Vec<CannedReply>, StoreError> {
    Ok(on!(conn, db => canned_replies::table
        .filter(canned_replies::workspace_id.eq(workspace).and(canned_replies::shortcut.gt(after)))
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

/// Takes one away.
pub async fn delete_canned(conn: &mut Conn, id: CannedReplyId) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(canned_replies::table.find(id)).execute(db).await)?;
    Ok(())
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
        .filter(saved_views::user_id.eq(user).and(saved_views::id.gt(after)))
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

/// Takes a user's view away; false: it is not theirs or not there.
pub async fn delete_view(conn: &mut Conn, user: UserId, id: ViewId) -> Result<bool, StoreError> {
    let gone = on!(conn, db => diesel::delete(saved_views::table.filter(
        saved_views::id.eq(id).and(saved_views::user_id.eq(user)))).execute(db).await)?;
    Ok(gone == 1)
}
