//! Labels and which conversations carry them. Never who may make one.

use crate::domain::{ConversationId, Label, LabelId, Timestamp, WorkspaceId, text};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{conversation_labels, labels};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// How the key of a deleted label begins; no name is folded to one, for it is on one line.
const DELETED: &str = "\ndeleted ";

/// What `active_hour` counts by.
pub(super) const HOUR: i64 = 3_600_000;
const MOVE_HOUR: &str =
    "UPDATE conversation_labels SET active_hour = $2 WHERE conversation_id = $1 AND active_hour <> $2";

type LabelRow = (LabelId, String, String);

fn label((id, name, color): LabelRow) -> Label {
    Label { id, name, color }
}

macro_rules! columns {
    () => {
        (labels::id, labels::name, labels::color)
    };
}

/// A workspace's labels that come after the name `after`, by name.
pub async fn page(
    conn: &mut Conn,
    workspace: WorkspaceId,
    after: &str,
    limit: i64,
) -> Result<Vec<Label>, StoreError> {
    let rows: Vec<LabelRow> = on!(conn, db => labels::table
        .filter(labels::workspace_id.eq(workspace).and(labels::name_key.gt(text::fold(after))))
        .filter(labels::deleted_at.is_null())
        .order(labels::name_key)
        .limit(limit)
        .select(columns!())
        .load(db).await)?;
    Ok(rows.into_iter().map(label).collect())
}

/// Those that were deleted and can come back, after the id `after`, each with when it was deleted.
pub async fn deleted(
    conn: &mut Conn,
    workspace: WorkspaceId,
    since: Timestamp,
    after: i64,
    limit: i64,
) -> Result<Vec<(Label, Timestamp)>, StoreError> {
    let rows: Vec<(LabelRow, Option<Timestamp>)> = on!(conn, db => labels::table
        .filter(labels::workspace_id.eq(workspace).and(labels::id.gt(LabelId(after))))
        .filter(labels::deleted_at.ge(since))
        .order(labels::id)
        .limit(limit)
        .select((columns!(), labels::deleted_at))
        .load(db).await)?;
    Ok(rows.into_iter().filter_map(|(row, at)| Some((label(row), at?))).collect())
}

/// Brings one back to where it was, with every conversation that carried it; none: it is not there, or it is
/// too late. [`StoreError::Taken`]: another one has its name by now.
pub async fn restore(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: LabelId,
    since: Timestamp,
) -> Result<Option<Label>, StoreError> {
    let row: Option<LabelRow> = on!(conn, db => labels::table
        .filter(labels::id.eq(id).and(labels::workspace_id.eq(workspace)).and(labels::deleted_at.ge(since)))
        .select(columns!())
        .first(db).await.optional())?;
    let Some(label) = row.map(label) else { return Ok(None) };
    on!(conn, db => diesel::update(labels::table.find(id))
        .set((labels::name_key.eq(text::fold(&label.name)), labels::deleted_at.eq(None::<Timestamp>)))
        .execute(db).await)?;
    Ok(Some(label))
}

/// Forgets for good what was deleted before `before`.
pub async fn purge(conn: &mut Conn, before: Timestamp) -> Result<usize, StoreError> {
    let old: Vec<LabelId> = on!(conn, db => labels::table
        .filter(labels::deleted_at.lt(before)).limit(100).select(labels::id).load(db).await)?;
    on!(conn, db => diesel::delete(conversation_labels::table
        .filter(conversation_labels::label_id.eq_any(&old))).execute(db).await)?;
    Ok(on!(conn, db => diesel::delete(labels::table.filter(labels::id.eq_any(&old))).execute(db).await)?)
}

/// A label by id.
pub async fn find(conn: &mut Conn, workspace: WorkspaceId, id: LabelId) -> Result<Option<Label>, StoreError> {
    let row: Option<LabelRow> = on!(conn, db => labels::table
        .filter(labels::id.eq(id).and(labels::workspace_id.eq(workspace)).and(labels::deleted_at.is_null()))
        .select(columns!())
        .first(db).await.optional())?;
    Ok(row.map(label))
}

/// A new label; [`StoreError::Taken`]: there is one of that name.
pub async fn insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    name: &str,
    color: &str,
    now: Timestamp,
) -> Result<Label, StoreError> {
    let row: LabelRow = on!(conn, db => diesel::insert_into(labels::table)
        .values((
            labels::workspace_id.eq(workspace),
            labels::name.eq(name),
            labels::name_key.eq(text::fold(name)),
            labels::color.eq(color),
            labels::created_at.eq(now),
        ))
        .returning(columns!())
        .get_result(db).await)?;
    Ok(label(row))
}

/// Rewrites a label; [`StoreError::Taken`]: there is one of that name.
pub async fn update(conn: &mut Conn, label: &Label) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(labels::table.find(label.id))
        .set((
            labels::name.eq(&label.name),
            labels::name_key.eq(text::fold(&label.name)),
            labels::color.eq(&label.color),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Takes a label away, from every conversation too, in a way that can be undone: its name is free.
pub async fn delete(conn: &mut Conn, id: LabelId, now: Timestamp) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(labels::table.find(id))
        .set((labels::name_key.eq(format!("{DELETED}{id}")), labels::deleted_at.eq(now)))
        .execute(db).await)?;
    Ok(())
}

/// These labels, by id; deleted ones too.
pub async fn by_ids(conn: &mut Conn, ids: &[LabelId]) -> Result<Vec<Label>, StoreError> {
    let rows: Vec<LabelRow> = on!(conn, db => labels::table
        .filter(among(labels::id, ids)).order(labels::id).select(columns!()).load(db).await)?;
    Ok(rows.into_iter().map(label).collect())
}

/// Which of these ids are labels of the workspace.
pub async fn known(
    conn: &mut Conn,
    workspace: WorkspaceId,
    ids: &[LabelId],
) -> Result<Vec<LabelId>, StoreError> {
    Ok(on!(conn, db => labels::table
        .filter(labels::workspace_id.eq(workspace).and(among(labels::id, ids))
            .and(labels::deleted_at.is_null()))
        .order(labels::id)
        .select(labels::id)
        .load(db).await)?)
}

/// The ids of what a conversation carries, ascending.
pub async fn carried(conn: &mut Conn, id: ConversationId) -> Result<Vec<LabelId>, StoreError> {
    Ok(on!(conn, db => conversation_labels::table
        .inner_join(labels::table.on(labels::id.eq(conversation_labels::label_id)))
        .filter(conversation_labels::conversation_id.eq(id).and(labels::deleted_at.is_null()))
        .order(conversation_labels::label_id)
        .select(conversation_labels::label_id)
        .load(db).await)?)
}

/// A conversation carries these and no others.
pub async fn carry(conn: &mut Conn, id: ConversationId, ids: &[LabelId]) -> Result<(), StoreError> {
    // What is deleted may come back: it is left where it was.
    let others =
        carried(conn, id).await?.into_iter().filter(|other| !ids.contains(other)).collect::<Vec<_>>();
    on!(conn, db => diesel::delete(conversation_labels::table.filter(
        conversation_labels::conversation_id.eq(id).and(conversation_labels::label_id.eq_any(&others))))
            .execute(db).await)?;
    for label in ids {
        on!(conn, db => diesel::insert_into(conversation_labels::table)
            .values((conversation_labels::conversation_id.eq(id), conversation_labels::label_id.eq(label)))
            .on_conflict_do_nothing()
            .execute(db).await)?;
    }
    Ok(())
}

/// What is labelled was active at a moment: on SQLite the order of a label (`active_hour`) is moved here,
/// once an hour at most; on PostgreSQL a trigger does it.
pub(super) async fn move_hour(
    conn: &mut Conn,
    id: ConversationId,
    active_at: Timestamp,
) -> Result<(), StoreError> {
    if let Conn::Sqlite(db) = conn {
        diesel::sql_query(MOVE_HOUR)
            .bind::<BigInt, _>(id)
            .bind::<BigInt, _>(active_at.0 / HOUR)
            .kept()
            .execute(db)
            .await?;
    }
    Ok(())
}

/// What each of several conversations carries, by name.
pub async fn of_conversations(
    conn: &mut Conn,
    ids: &[ConversationId],
) -> Result<HashMap<ConversationId, Vec<Label>>, StoreError> {
    let rows: Vec<(ConversationId, LabelRow)> = on!(conn, db => conversation_labels::table
        .inner_join(labels::table.on(labels::id.eq(conversation_labels::label_id)))
        .filter(among(conversation_labels::conversation_id, ids).and(labels::deleted_at.is_null()))
        .order(labels::name_key)
        .select((conversation_labels::conversation_id, columns!()))
        .load(db).await)?;
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for (conversation, row) in rows {
        found.entry(conversation).or_default().push(label(row));
    }
    Ok(found)
}
