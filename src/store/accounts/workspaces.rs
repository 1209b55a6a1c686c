//! Workspaces: their names and whether anybody works there. Never who is a member.

use crate::domain::workspace::slug_of;
use crate::domain::{Timestamp, Workspace, WorkspaceId};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::workspaces;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// A workspace's row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = workspaces)]
pub struct WorkspaceRow {
    /// Unique in the server.
    pub id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// Its name in addresses; unique in the server.
    pub slug: String,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Since when nobody works there.
    pub archived_at: Option<Timestamp>,
}

impl From<WorkspaceRow> for Workspace {
    fn from(row: WorkspaceRow) -> Self {
        Self { id: row.id, slug: row.slug, name: row.name }
    }
}

/// The first workspace of this server, whose admins look after all of it; none: it is not set up.
pub async fn first(conn: &mut Conn) -> Result<Option<WorkspaceId>, StoreError> {
    Ok(on!(conn, db => workspaces::table.select(workspaces::id).order(workspaces::id).first(db).await
            .optional())?)
}

/// Makes a workspace with this name in addresses; [`StoreError::Taken`] if another one has it.
pub async fn create(
    conn: &mut Conn,
    (name, slug): (&str, &str),
    now: Timestamp,
) -> Result<WorkspaceId, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(workspaces::table)
        .values((workspaces::name.eq(name), workspaces::slug.eq(slug), workspaces::created_at.eq(now)))
        .returning(workspaces::id)
        .get_result(db)
        .await)?)
}

/// A name in addresses that is free: of the workspace's own, with a number if another one has that.
pub async fn free_slug(conn: &mut Conn, name: &str) -> Result<String, StoreError> {
    let wanted = slug_of(name);
    let mut slug = wanted.clone();
    let mut next = 2;
    while by_slug(conn, &slug).await?.is_some() {
        slug = format!("{wanted}-{next}");
        next += 1;
    }
    Ok(slug)
}

/// The workspace with this name in addresses.
pub async fn by_slug(conn: &mut Conn, slug: &str) -> Result<Option<WorkspaceRow>, StoreError> {
    Ok(on!(conn, db => workspaces::table
        .filter(workspaces::slug.eq(slug))
        .select(WorkspaceRow::as_select())
        .first(db).await.optional())?)
}

/// The workspace with this id.
pub async fn find(conn: &mut Conn, id: WorkspaceId) -> Result<Option<WorkspaceRow>, StoreError> {
    Ok(on!(conn, db => workspaces::table.find(id)
        .select(WorkspaceRow::as_select()).first(db).await.optional())?)
}

/// All workspaces, archived ones too, by their ids.
pub async fn all(conn: &mut Conn) -> Result<Vec<WorkspaceRow>, StoreError> {
    Ok(on!(conn, db => workspaces::table
        .select(WorkspaceRow::as_select()).order(workspaces::id).load(db).await)?)
}

/// Writes what may change of a workspace; [`StoreError::Taken`] if another one has the name in addresses.
pub async fn update(conn: &mut Conn, row: &WorkspaceRow) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(workspaces::table.find(row.id))
        .set((
            workspaces::name.eq(&row.name),
            workspaces::slug.eq(&row.slug),
            workspaces::archived_at.eq(row.archived_at),
        ))
        .kept().execute(db).await)?;
    Ok(())
}
