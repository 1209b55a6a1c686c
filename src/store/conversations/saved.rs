//! Views of the list that users save, for themselves or for the team. Never what is in a view's filter: that
//! is the list's.

use crate::domain::{Timestamp, UserId, ViewId, WorkspaceId};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{saved_views, users};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = saved_views)]
pub struct ViewRow {
    /// Unique in the server.
    pub id: ViewId,
    /// Who made it.
    pub user_id: UserId,
    /// What it is called.
    pub name: String,
    /// JSON: the list's query.
    pub filter: String,
    /// Whether the whole team has it.
    pub is_shared: bool,
    /// In which folder it lies.
    pub folder: Option<String>,
    /// Since when it is there.
    pub created_at: Timestamp,
}

/// Forgets for good what was deleted before `before`.
pub async fn purge(conn: &mut Conn, before: Timestamp) -> Result<usize, StoreError> {
    Ok(on!(conn, db => diesel::delete(saved_views::table.filter(saved_views::deleted_at.lt(before)))
        .execute(db).await)?)
}

/// What a user sees: their own and the team's.
macro_rules! seen_by {
    ($reader:expr) => {{
        let (workspace, user) = $reader;
        saved_views::table.filter(saved_views::deleted_at.is_null()).filter(
            saved_views::user_id.eq(user).or(saved_views::is_shared.eq(true).and(
                saved_views::user_id
                    .eq_any(users::table.filter(users::workspace_id.eq(workspace)).select(users::id)),
            )),
        )
    }};
}

/// A user's views and the team's, in the order they were made.
pub async fn views(
    conn: &mut Conn,
    reader: (WorkspaceId, UserId),
    after: i64,
    limit: i64,
) -> Result<Vec<ViewRow>, StoreError> {
    Ok(on!(conn, db => seen_by!(reader)
        .filter(saved_views::id.gt(ViewId(after)))
        .order(saved_views::id)
        .limit(limit)
        .select(ViewRow::as_select())
        .load(db).await)?)
}

/// One of them.
pub async fn find(
    conn: &mut Conn,
    reader: (WorkspaceId, UserId),
    id: ViewId,
) -> Result<Option<ViewRow>, StoreError> {
    Ok(on!(conn, db => seen_by!(reader)
        .filter(saved_views::id.eq(id))
        .select(ViewRow::as_select())
        .first(db).await.optional())?)
}

/// How many views a user made.
pub async fn count_own(conn: &mut Conn, user: UserId) -> Result<i64, StoreError> {
    Ok(on!(conn, db => saved_views::table
        .filter(saved_views::user_id.eq(user).and(saved_views::deleted_at.is_null()))
        .count()
        .get_result(db).await)?)
}

/// What a new view is.
#[derive(Debug, Clone)]
pub struct NewView<'a> {
    /// Who makes it.
    pub user: UserId,
    /// What it is called.
    pub name: &'a str,
    /// JSON: the list's query.
    pub filter: &'a str,
    /// Whether the whole team has it.
    pub is_shared: bool,
    /// In which folder it lies.
    pub folder: Option<&'a str>,
}

/// A new view.
pub async fn insert(conn: &mut Conn, new: NewView<'_>, now: Timestamp) -> Result<ViewRow, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(saved_views::table)
        .values((
            saved_views::user_id.eq(new.user),
            saved_views::name.eq(new.name),
            saved_views::filter.eq(new.filter),
            saved_views::is_shared.eq(new.is_shared),
            saved_views::folder.eq(new.folder),
            saved_views::created_at.eq(now),
        ))
        .returning(ViewRow::as_returning())
        .get_result(db).await)?)
}

/// Writes what may change of a view.
pub async fn update(conn: &mut Conn, view: &ViewRow) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(saved_views::table.find(view.id))
        .set((
            saved_views::name.eq(&view.name),
            saved_views::filter.eq(&view.filter),
            saved_views::is_shared.eq(view.is_shared),
            saved_views::folder.eq(view.folder.as_deref()),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Takes a view away in a way that can be undone.
pub async fn delete(conn: &mut Conn, id: ViewId, now: Timestamp) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(saved_views::table.find(id))
        .set(saved_views::deleted_at.eq(now)).kept().execute(db).await)?;
    Ok(())
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
        .filter(saved_views::user_id.eq(user).and(saved_views::id.gt(ViewId(after))))
        .filter(saved_views::deleted_at.ge(since))
        .order(saved_views::id)
        .limit(limit)
        .select((ViewRow::as_select(), saved_views::deleted_at))
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
        .returning(ViewRow::as_returning())
        .get_result(db).await.optional())?)
}
