//! Flows and the versions of their steps. Never a run: see `flow_runs`; never a rule about steps.

use crate::domain::{ChannelId, FlowId, Timestamp, TriggerKind, WorkspaceId};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{flow_versions, flows, workspaces};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// A flow, without its steps.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = flows)]
pub struct FlowRow {
    /// Unique in the server.
    pub id: FlowId,
    pub workspace_id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// Whether it starts.
    pub is_on: bool,
    /// In which channel alone; none: in all.
    pub channel_id: Option<ChannelId>,
    /// What starts it by itself.
    pub trigger_kind: TriggerKind,
    /// Its keywords: a list in JSON.
    pub keywords: String,
    /// Which version of the steps new runs follow.
    pub version: i64,
    /// The token of its address, sealed.
    pub hook_sealed: Vec<u8>,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A flow that is to be.
#[derive(Debug, Clone)]
pub struct NewFlow {
    /// What people call it.
    pub name: String,
    /// Whether it starts.
    pub is_on: bool,
    /// In which channel alone.
    pub channel_id: Option<ChannelId>,
    /// What starts it by itself.
    pub trigger_kind: TriggerKind,
    /// Its keywords: a list in JSON.
    pub keywords: String,
    /// Its steps, in JSON.
    pub steps: String,
    /// The hash of its address's token.
    pub hook_hash: Vec<u8>,
    /// The token, sealed.
    pub hook_sealed: Vec<u8>,
}

/// Keeps a flow and the first version of its steps.
pub async fn create(
    conn: &mut Conn,
    workspace: WorkspaceId,
    new: &NewFlow,
    now: Timestamp,
) -> Result<FlowRow, StoreError> {
    let row: FlowRow = on!(conn, db => diesel::insert_into(flows::table)
        .values((
            flows::workspace_id.eq(workspace),
            flows::name.eq(&new.name),
            flows::is_on.eq(new.is_on),
            flows::channel_id.eq(new.channel_id),
            flows::trigger_kind.eq(new.trigger_kind),
            flows::keywords.eq(&new.keywords),
            flows::version.eq(1),
            flows::hook_hash.eq(&new.hook_hash),
            flows::hook_sealed.eq(&new.hook_sealed),
            flows::created_at.eq(now),
            flows::updated_at.eq(now),
        ))
        .returning(FlowRow::as_returning())
        .get_result(db).await)?;
    add_version(conn, row.id, 1, &new.steps, now).await?;
    Ok(row)
}

/// Keeps another version of a flow's steps.
pub async fn add_version(
    conn: &mut Conn,
    id: FlowId,
    version: i64,
    steps: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(flow_versions::table)
        .values((
            flow_versions::flow_id.eq(id),
            flow_versions::version.eq(version),
            flow_versions::steps.eq(steps),
            flow_versions::created_at.eq(now),
        ))
        .execute(db).await)?;
    Ok(())
}

/// Rewrites what may change of a flow, but for its address.
pub async fn update(conn: &mut Conn, row: &FlowRow) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(flows::table.find(row.id))
        .set((
            flows::name.eq(&row.name),
            flows::is_on.eq(row.is_on),
            flows::channel_id.eq(row.channel_id),
            flows::trigger_kind.eq(row.trigger_kind),
            flows::keywords.eq(&row.keywords),
            flows::version.eq(row.version),
            flows::updated_at.eq(row.updated_at),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Gives a flow another address: the one it had is no more.
pub async fn set_hook(conn: &mut Conn, id: FlowId, hash: &[u8], sealed: &[u8]) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(flows::table.find(id))
        .set((flows::hook_hash.eq(hash), flows::hook_sealed.eq(sealed)))
        .kept().execute(db).await)?;
    Ok(())
}

/// Takes a flow away: its row stays for its runs.
pub async fn delete(conn: &mut Conn, id: FlowId, now: Timestamp) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(flows::table.find(id))
        .set((flows::is_on.eq(false), flows::deleted_at.eq(now), flows::updated_at.eq(now)))
        .kept().execute(db).await)?;
    Ok(())
}

/// Flows that were deleted and can come back, by their ids, each with when it was deleted.
pub async fn deleted(
    conn: &mut Conn,
    workspace: WorkspaceId,
    since: Timestamp,
    after: i64,
    limit: i64,
) -> Result<Vec<(FlowRow, Timestamp)>, StoreError> {
    let rows: Vec<(FlowRow, Option<Timestamp>)> = on!(conn, db => flows::table
        .filter(flows::workspace_id.eq(workspace).and(flows::deleted_at.ge(since))
            .and(flows::id.gt(FlowId(after))))
        .order(flows::id)
        .limit(limit)
        .select((FlowRow::as_select(), flows::deleted_at))
        .load(db).await)?;
    Ok(rows.into_iter().filter_map(|(row, at)| Some((row, at?))).collect())
}

/// Brings a flow back, switched off; none: it is not there, or it is too late.
pub async fn restore(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: FlowId,
    since: Timestamp,
    now: Timestamp,
) -> Result<Option<FlowRow>, StoreError> {
    Ok(on!(conn, db => diesel::update(flows::table.filter(
            flows::id.eq(id).and(flows::workspace_id.eq(workspace)).and(flows::deleted_at.ge(since))))
        .set((flows::deleted_at.eq(None::<Timestamp>), flows::updated_at.eq(now)))
        .returning(FlowRow::as_returning())
        .get_result(db).await.optional())?)
}

/// A flow of a workspace; locked until the commit where several can write at once.
pub async fn lock(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: FlowId,
) -> Result<Option<FlowRow>, StoreError> {
    let wanted = flows::table
        .filter(flows::id.eq(id).and(flows::workspace_id.eq(workspace)).and(flows::deleted_at.is_null()));
    Ok(match conn {
        Conn::Sqlite(db) => wanted.select(FlowRow::as_select()).first(db).await.optional()?,
        Conn::Postgres(db) => wanted.select(FlowRow::as_select()).for_update().first(db).await.optional()?,
    })
}

/// A flow of a workspace.
pub async fn find(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: FlowId,
) -> Result<Option<FlowRow>, StoreError> {
    Ok(on!(conn, db => flows::table
        .filter(flows::id.eq(id).and(flows::workspace_id.eq(workspace)).and(flows::deleted_at.is_null()))
        .select(FlowRow::as_select())
        .first(db).await.optional())?)
}

/// What a flow is called, or was before it was deleted.
pub async fn name_of(conn: &mut Conn, id: FlowId) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, db => flows::table.find(id).select(flows::name).first(db).await.optional())?)
}

/// The flow whose address has this token.
pub async fn by_hook(conn: &mut Conn, hash: &[u8]) -> Result<Option<FlowRow>, StoreError> {
    Ok(on!(conn, db => flows::table
        .inner_join(workspaces::table.on(workspaces::id.eq(flows::workspace_id)))
        .filter(flows::hook_hash.eq(hash).and(flows::deleted_at.is_null()))
        .filter(workspaces::archived_at.is_null())
        .select(FlowRow::as_select())
        .first(db).await.optional())?)
}

/// A page of a workspace's flows, by their ids.
pub async fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    after: i64,
    limit: i64,
) -> Result<Vec<FlowRow>, StoreError> {
    Ok(on!(conn, db => flows::table
        .filter(flows::workspace_id.eq(workspace).and(flows::deleted_at.is_null())
            .and(flows::id.gt(FlowId(after))))
        .order(flows::id)
        .limit(limit)
        .select(FlowRow::as_select())
        .load(db).await)?)
}

/// Every flow of a workspace, by their ids: for what starts them by itself.
pub async fn all(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<FlowRow>, StoreError> {
    list(conn, workspace, 0, i64::MAX).await
}

/// The steps of a version, in JSON.
pub async fn steps(conn: &mut Conn, id: FlowId, version: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, db => flow_versions::table
        .find((id, version))
        .select(flow_versions::steps)
        .first(db).await.optional())?)
}

/// The newest steps of every flow of a workspace, in JSON, deleted ones too: they can be brought back.
pub async fn newest_steps(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, db => flows::table
        .inner_join(flow_versions::table
            .on(flow_versions::flow_id.eq(flows::id).and(flow_versions::version.eq(flows::version))))
        .filter(flows::workspace_id.eq(workspace))
        .select(flow_versions::steps)
        .load(db).await)?)
}
