//! What roles allow: a row for each that a workspace made, and for each made one that it changed. Never what
//! a made one allows until then, which is the domain's; never who may change one.

use crate::domain::{Permissions, Role, Sight, Timestamp, UserId, WorkspaceId};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{roles, users};
use crate::store::{Conn, StoreError};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;

/// What the row of a user's role says, beside that user: the permissions, a bar, and the sight; none: there
/// is no row.
pub(crate) type OfUser = SqlLiteral<Nullable<Text>>;

/// See [`OfUser`]; only where `users` is in the statement.
pub(crate) fn of_user() -> OfUser {
    sql("(SELECT roles.permissions || '|' || roles.sight FROM roles \
         WHERE roles.workspace_id = users.workspace_id AND roles.slug = users.role)")
}

/// What a user's role allows and shows, by what [`of_user`] read.
pub(crate) fn allowed(role: Role, row: Option<&str>) -> (Permissions, Sight) {
    role.allows(row.map(|row| row.rsplit_once('|').unwrap_or((row, ""))))
}

/// A role's row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = roles)]
pub struct RoleRow {
    /// Which.
    pub slug: Role,
    /// What people call it.
    pub name: String,
    permissions: String,
    /// What of customers' conversations it shows.
    sight: String,
    /// Since when it is there.
    pub created_at: Timestamp,
}

impl RoleRow {
    /// What it allows, and what it shows.
    pub fn allows(&self) -> (Permissions, Sight) {
        self.slug.allows(Some((&self.permissions, &self.sight)))
    }
}

/// All rows of a workspace, by slug.
pub async fn all(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<RoleRow>, StoreError> {
    Ok(on!(conn, db => roles::table
        .filter(roles::workspace_id.eq(workspace))
        .order(roles::slug)
        .select(RoleRow::as_select())
        .load(db).await)?)
}

/// One row; none: the workspace has no such role of its own, or did not change the made one.
pub async fn find(
    conn: &mut Conn,
    workspace: WorkspaceId,
    role: Role,
) -> Result<Option<RoleRow>, StoreError> {
    Ok(on!(conn, db => roles::table
        .filter(roles::workspace_id.eq(workspace).and(roles::slug.eq(role)))
        .select(RoleRow::as_select())
        .first(db).await.optional())?)
}

/// Writes a role, new or not.
pub async fn put(
    conn: &mut Conn,
    workspace: WorkspaceId,
    (role, name): (Role, &str),
    (permissions, sight): (Permissions, Sight),
    now: Timestamp,
) -> Result<(), StoreError> {
    let permissions = permissions.written();
    on!(conn, db => diesel::insert_into(roles::table)
        .values((
            roles::workspace_id.eq(workspace),
            roles::slug.eq(role),
            roles::name.eq(name),
            roles::permissions.eq(&permissions),
            roles::sight.eq(sight),
            roles::created_at.eq(now),
            roles::updated_at.eq(now),
        ))
        .on_conflict((roles::workspace_id, roles::slug))
        .do_update()
        .set((
            roles::name.eq(name),
            roles::permissions.eq(&permissions),
            roles::sight.eq(sight),
            roles::updated_at.eq(now),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Takes a role's row away.
pub async fn delete(conn: &mut Conn, workspace: WorkspaceId, role: Role) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(
            roles::table.filter(roles::workspace_id.eq(workspace).and(roles::slug.eq(role))),
        )
        .execute(db).await)?;
    Ok(())
}

/// Who has a role, those who may not come in any more too, by their ids.
pub async fn holders(conn: &mut Conn, workspace: WorkspaceId, role: Role) -> Result<Vec<UserId>, StoreError> {
    Ok(on!(conn, db => users::table
        .filter(users::workspace_id.eq(workspace).and(users::role.eq(role)))
        .order(users::id)
        .select(users::id)
        .load(db).await)?)
}
