//! Canned replies: the team's and each colleague's own, with their files. Never what a message says: it is
//! only text until somebody sends it.

use crate::domain::{CannedReplyId, MediaId, Timestamp, UserId, WorkspaceId};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{canned_replies, canned_reply_files, media};
use crate::store::messages::media_url;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// How the shortcut of a deleted answer begins; none that people choose has a space.
const DELETED: &str = "\ndeleted ";

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = canned_replies)]
struct CannedRow {
    id: CannedReplyId,
    shortcut: String,
    content: String,
    created_at: Timestamp,
    user_id: Option<UserId>,
    folder: Option<String>,
}

/// A canned reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CannedReply {
    /// Unique in the server.
    pub id: CannedReplyId,
    /// What one types to get it.
    pub shortcut: String,
    /// Its words.
    pub content: String,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// In which folder it lies.
    pub folder: Option<String>,
    /// Whether it is the team's; else it is its reader's own.
    pub is_shared: bool,
    /// Its files, as a message takes them.
    pub attachment_ids: Vec<MediaId>,
    /// What these are.
    pub attachments: Vec<CannedFile>,
    /// Whose own it is.
    #[serde(skip)]
    pub user_id: Option<UserId>,
}

/// A file of a canned reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CannedFile {
    /// Unique in the server.
    pub id: MediaId,
    /// Its name.
    pub file_name: Option<String>,
    /// Its type.
    pub mime_type: String,
    /// In bytes.
    pub size: i64,
    /// Where it is fetched.
    pub url: String,
}

/// Who reads: whose workspace, and who.
pub type Reader = (WorkspaceId, UserId);

/// What a reader has, deleted or not: the team's and their own.
macro_rules! had_by {
    ($reader:expr) => {{
        let (workspace, user) = $reader;
        canned_replies::table
            .filter(canned_replies::workspace_id.eq(workspace))
            .filter(canned_replies::user_id.is_null().or(canned_replies::user_id.eq(user).assume_not_null()))
    }};
}

/// What a reader has, by shortcut, after the place `after`.
pub async fn list(
    conn: &mut Conn,
    reader: Reader,
    (shortcut, id): (&str, i64),
    limit: i64,
) -> Result<Vec<CannedReply>, StoreError> {
    let rows: Vec<CannedRow> = on!(conn, db => had_by!(reader)
        .filter(canned_replies::deleted_at.is_null())
        .filter(canned_replies::shortcut.ge(shortcut))
        .filter(canned_replies::shortcut.gt(shortcut).or(canned_replies::id.gt(CannedReplyId(id))))
        .order((canned_replies::shortcut, canned_replies::id))
        .limit(limit)
        .select(CannedRow::as_select())
        .load(db).await)?;
    with_files(conn, rows).await
}

/// One of them.
pub async fn find(
    conn: &mut Conn,
    reader: Reader,
    id: CannedReplyId,
) -> Result<Option<CannedReply>, StoreError> {
    let rows: Vec<CannedRow> = on!(conn, db => had_by!(reader)
        .filter(canned_replies::id.eq(id).and(canned_replies::deleted_at.is_null()))
        .select(CannedRow::as_select())
        .load(db).await)?;
    Ok(with_files(conn, rows).await?.pop())
}

async fn with_files(conn: &mut Conn, rows: Vec<CannedRow>) -> Result<Vec<CannedReply>, StoreError> {
    type FileRow = (CannedReplyId, MediaId, Option<String>, String, i64);
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let found: Vec<FileRow> = on!(conn, db => canned_reply_files::table
        .inner_join(media::table.on(media::id.eq(canned_reply_files::media_id)))
        .filter(among(canned_reply_files::canned_reply_id, &ids))
        .order((canned_reply_files::canned_reply_id, canned_reply_files::position))
        .select((canned_reply_files::canned_reply_id, media::id, media::file_name, media::mime_type,
            media::size))
        .load(db).await)?;
    let mut files: HashMap<CannedReplyId, Vec<CannedFile>> = HashMap::new();
    for (reply, id, file_name, mime_type, size) in found {
        let url = media_url(id);
        files.entry(reply).or_default().push(CannedFile { id, file_name, mime_type, size, url });
    }
    let whole = |row: CannedRow| {
        let attachments = files.remove(&row.id).unwrap_or_default();
        CannedReply {
            id: row.id,
            shortcut: row.shortcut,
            content: row.content,
            created_at: row.created_at,
            folder: row.folder,
            is_shared: row.user_id.is_none(),
            attachment_ids: attachments.iter().map(|file| file.id).collect(),
            attachments,
            user_id: row.user_id,
        }
    };
    Ok(rows.into_iter().map(whole).collect())
}

/// A new one without files, the team's if `owner` is none; [`StoreError::Taken`]: its shortcut is.
pub async fn insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    (owner, folder): (Option<UserId>, Option<&str>),
    (shortcut, content): (&str, &str),
    now: Timestamp,
) -> Result<CannedReplyId, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(canned_replies::table)
        .values((
            canned_replies::workspace_id.eq(workspace),
            canned_replies::shortcut.eq(shortcut),
            canned_replies::content.eq(content),
            canned_replies::created_at.eq(now),
            canned_replies::user_id.eq(owner),
            canned_replies::folder.eq(folder),
        ))
        .returning(canned_replies::id)
        .get_result(db).await)?)
}

/// Rewrites one but for its files; [`StoreError::Taken`]: its shortcut is.
pub async fn update(conn: &mut Conn, reply: &CannedReply) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(canned_replies::table.find(reply.id))
        .set((
            canned_replies::shortcut.eq(&reply.shortcut),
            canned_replies::content.eq(&reply.content),
            canned_replies::user_id.eq(reply.user_id),
            canned_replies::folder.eq(reply.folder.as_deref()),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Gives one these files, and no others.
pub async fn set_files(conn: &mut Conn, id: CannedReplyId, files: &[MediaId]) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(canned_reply_files::table
        .filter(canned_reply_files::canned_reply_id.eq(id)))
        .execute(db).await)?;
    for (position, file) in (0_i64..).zip(files) {
        on!(conn, db => diesel::insert_into(canned_reply_files::table)
            .values((
                canned_reply_files::canned_reply_id.eq(id),
                canned_reply_files::position.eq(position),
                canned_reply_files::media_id.eq(file),
            ))
            .execute(db).await)?;
    }
    Ok(())
}

/// Whether a stored file is one of a canned reply that a reader has.
pub async fn has_file(conn: &mut Conn, reader: Reader, file: MediaId) -> Result<bool, StoreError> {
    let found: Option<CannedReplyId> = on!(conn, db => had_by!(reader)
        .filter(canned_replies::id.eq_any(canned_reply_files::table
            .filter(canned_reply_files::media_id.eq(file))
            .select(canned_reply_files::canned_reply_id)))
        .select(canned_replies::id)
        .first(db).await.optional())?;
    Ok(found.is_some())
}

/// Takes one away in a way that can be undone: its shortcut is free.
pub async fn delete(conn: &mut Conn, reply: &CannedReply, now: Timestamp) -> Result<(), StoreError> {
    let shortcut = format!("{DELETED}{} {}", reply.id, reply.shortcut);
    on!(conn, db => diesel::update(canned_replies::table.find(reply.id))
        .set((canned_replies::shortcut.eq(shortcut), canned_replies::deleted_at.eq(now)))
        .execute(db).await)?;
    Ok(())
}

/// As it was before it was deleted.
fn undeleted(row: CannedRow) -> CannedRow {
    let shortcut = row.shortcut.strip_prefix(DELETED).and_then(|rest| rest.split_once(' '));
    let shortcut = shortcut.map_or(row.shortcut.clone(), |(_, shortcut)| shortcut.to_owned());
    CannedRow { shortcut, ..row }
}

/// Those that were deleted and can come back, after the id `after`, each with when it was deleted.
pub async fn deleted(
    conn: &mut Conn,
    reader: Reader,
    since: Timestamp,
    after: i64,
    limit: i64,
) -> Result<Vec<(CannedReply, Timestamp)>, StoreError> {
    let rows: Vec<(CannedRow, Option<Timestamp>)> = on!(conn, db => had_by!(reader)
        .filter(canned_replies::id.gt(CannedReplyId(after)).and(canned_replies::deleted_at.ge(since)))
        .order(canned_replies::id)
        .limit(limit)
        .select((CannedRow::as_select(), canned_replies::deleted_at))
        .load(db).await)?;
    let (rows, times): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let replies = with_files(conn, rows.into_iter().map(undeleted).collect()).await?;
    Ok(replies.into_iter().zip(times).filter_map(|(reply, at)| Some((reply, at?))).collect())
}

/// Brings one back; none: it is not there, or it is too late. [`StoreError::Taken`]: another one has its
/// shortcut.
pub async fn restore(
    conn: &mut Conn,
    reader: Reader,
    id: CannedReplyId,
    since: Timestamp,
) -> Result<Option<CannedReply>, StoreError> {
    let rows: Vec<CannedRow> = on!(conn, db => had_by!(reader)
        .filter(canned_replies::id.eq(id).and(canned_replies::deleted_at.ge(since)))
        .select(CannedRow::as_select())
        .load(db).await)?;
    let rows = rows.into_iter().map(undeleted).collect();
    let Some(reply) = with_files(conn, rows).await?.pop() else { return Ok(None) };
    on!(conn, db => diesel::update(canned_replies::table.find(id))
        .set((canned_replies::shortcut.eq(&reply.shortcut), canned_replies::deleted_at.eq(None::<Timestamp>)))
        .execute(db).await)?;
    Ok(Some(reply))
}

/// Forgets for good what was deleted before `before`.
pub async fn purge(conn: &mut Conn, before: Timestamp) -> Result<usize, StoreError> {
    Ok(on!(conn, db => diesel::delete(canned_replies::table.filter(canned_replies::deleted_at.lt(before)))
        .execute(db).await)?)
}
