//! What a workspace decided for itself, as names and JSON values. Never what a name means or what
//! it may hold: that is decided where it is written (`desk::settings`).

use crate::domain::WorkspaceId;
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{settings, workspaces};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::{Map, Value};

/// Everything that was set; what is absent was never set.
pub async fn all(conn: &mut Conn, workspace: WorkspaceId) -> Result<Map<String, Value>, StoreError> {
    let rows: Vec<(String, String)> = on!(conn, db => settings::table
        .filter(settings::workspace_id.eq(workspace))
        .select((settings::name, settings::value))
        .load(db).await)?;
    Ok(rows
        .into_iter()
        .filter_map(|(name, value)| Some((name, serde_json::from_str(&value).ok()?)))
        .collect())
}

/// One setting; none: it was never set.
pub async fn get(conn: &mut Conn, workspace: WorkspaceId, name: &str) -> Result<Option<Value>, StoreError> {
    let value: Option<String> = on!(conn, db => settings::table.find((workspace, name))
        .select(settings::value).first(db).await.optional())?;
    Ok(value.and_then(|json| serde_json::from_str(&json).ok()))
}

/// Sets one.
pub async fn set(
    conn: &mut Conn,
    workspace: WorkspaceId,
    name: &str,
    value: &Value,
) -> Result<(), StoreError> {
    let json = value.to_string();
    on!(conn, db => diesel::insert_into(settings::table)
        .values((settings::workspace_id.eq(workspace), settings::name.eq(name), settings::value.eq(&json)))
        .on_conflict((settings::workspace_id, settings::name))
        .do_update()
        .set(settings::value.eq(&json))
        .kept().execute(db).await)?;
    Ok(())
}

/// What the workspace is called.
pub async fn workspace_name(conn: &mut Conn, workspace: WorkspaceId) -> Result<String, StoreError> {
    Ok(on!(conn, db => workspaces::table.find(workspace).select(workspaces::name).first(db).await)?)
}

/// Names the workspace anew.
pub async fn rename_workspace(conn: &mut Conn, workspace: WorkspaceId, name: &str) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(workspaces::table.find(workspace))
        .set(workspaces::name.eq(name)).kept().execute(db).await)?;
    Ok(())
}
