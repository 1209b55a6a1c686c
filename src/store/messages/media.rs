//! Stored files, the files that still lie at platforms, and who is to be asked about. Never the
//! bytes, never who may see them: only what refers to what.
//! Over 400 lines: stored files, and those that are still to be fetched.

use super::NewAttachment;
use crate::domain::inbound::AttachmentKind;
use crate::domain::{
    AttachmentId, ChannelId, ConversationId, CustomerId, MediaId, MessageId, ProcessingStatus, Timestamp,
    UserId, WorkspaceId,
};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{
    attachments, canned_reply_files, customer_identities, customers, media, media_folder, messages, users,
};
use crate::store::{Conn, StoreError};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// The mark of the folder that this database's files are in; `ours` if it has none yet.
pub async fn folder_mark(conn: &mut Conn, ours: &str) -> Result<String, StoreError> {
    on!(conn, db => diesel::insert_into(media_folder::table)
        .values((media_folder::id.eq(1), media_folder::mark.eq(ours)))
        .on_conflict_do_nothing()
        .execute(db)
        .await)?;
    Ok(on!(conn, db => media_folder::table.select(media_folder::mark).first(db).await)?)
}

/// A stored file.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct MediaRow {
    /// Unique in the server.
    pub id: MediaId,
    /// Its name in the folder.
    pub storage_key: String,
    /// The name its sender gave it.
    pub file_name: Option<String>,
    /// Its type, by its bytes.
    pub mime_type: String,
    /// In bytes.
    pub size: i64,
    /// In pixels.
    pub width: Option<i64>,
    /// In pixels.
    pub height: Option<i64>,
    /// Who brought it: `user:3`, `channel:7`.
    pub uploaded_by: String,
}

impl MediaRow {
    /// It, as a file of a message to be written.
    pub fn attached(self, workspace_id: WorkspaceId, now: Timestamp) -> NewAttachment {
        NewAttachment {
            workspace_id,
            message_id: MessageId(0),
            position: 0,
            kind: AttachmentKind::of_mime(&self.mime_type).as_str().to_owned(),
            media_id: Some(self.id),
            remote: None,
            file_name: self.file_name,
            mime_type: Some(self.mime_type),
            size: Some(self.size),
            duration: None,
            width: self.width,
            height: self.height,
            processing_status: ProcessingStatus::Ready,
            tries: 0,
            due_at: now,
        }
    }
}

/// A file that was just stored.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = media, treat_none_as_default_value = false)]
pub struct NewMedia {
    pub workspace_id: WorkspaceId,
    /// Its name in the folder.
    pub storage_key: String,
    /// The name its sender gave it.
    pub file_name: Option<String>,
    /// Its type, by its bytes.
    pub mime_type: String,
    /// In bytes.
    pub size: i64,
    /// In pixels.
    pub width: Option<i64>,
    /// In pixels.
    pub height: Option<i64>,
    /// Who brought it.
    pub uploaded_by: String,
    pub created_at: Timestamp,
}

/// Notes a stored file.
pub async fn insert(conn: &mut Conn, new: &NewMedia) -> Result<MediaId, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(media::table)
        .values(new).returning(media::id).get_result(db).await)?)
}

/// A stored file by id.
pub async fn find(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: MediaId,
) -> Result<Option<MediaRow>, StoreError> {
    Ok(on!(conn, db => media::table
        .filter(media::id.eq(id).and(media::workspace_id.eq(workspace)))
        .select(MediaRow::as_select())
        .first(db).await.optional())?)
}

/// The conversations in which a file can be seen.
pub async fn conversations_of(conn: &mut Conn, id: MediaId) -> Result<Vec<ConversationId>, StoreError> {
    Ok(on!(conn, db => attachments::table
        .inner_join(messages::table.on(messages::id.eq(attachments::message_id)))
        .filter(attachments::media_id.eq(id).and(messages::deleted_at.is_null()))
        .select(messages::conversation_id)
        .distinct()
        .limit(100)
        .load(db).await)?)
}

/// The conversations in which a customer sees a file: not those where only a note among colleagues has it.
pub async fn conversations_shown_to_customer(
    conn: &mut Conn,
    id: MediaId,
) -> Result<Vec<ConversationId>, StoreError> {
    Ok(on!(conn, db => attachments::table
        .inner_join(messages::table.on(messages::id.eq(attachments::message_id)))
        .filter(attachments::media_id.eq(id).and(messages::deleted_at.is_null())
            .and(messages::is_private.eq(false)))
        .select(messages::conversation_id)
        .distinct()
        .limit(100)
        .load(db).await)?)
}

/// Whether it is the picture of a user.
pub async fn is_colleague(conn: &mut Conn, workspace: WorkspaceId, id: MediaId) -> Result<bool, StoreError> {
    let user: Option<UserId> = on!(conn, db => users::table
        .filter(users::workspace_id.eq(workspace).and(users::avatar_media_id.eq(id.0)))
        .select(users::id).first(db).await.optional())?;
    Ok(user.is_some())
}

/// The customer whose picture it is.
pub async fn customer_shown(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: MediaId,
) -> Result<Option<CustomerId>, StoreError> {
    Ok(on!(conn, db => customers::table
        .filter(customers::workspace_id.eq(workspace).and(customers::avatar_url.eq(super::media_url(id))))
        .select(customers::id).first(db).await.optional())?)
}

/// Whether it is the picture of a user or a customer.
pub async fn is_portrait(conn: &mut Conn, workspace: WorkspaceId, id: MediaId) -> Result<bool, StoreError> {
    Ok(is_colleague(conn, workspace, id).await? || customer_shown(conn, workspace, id).await?.is_some())
}

/// Gives a user a picture.
pub async fn set_portrait(
    conn: &mut Conn,
    workspace: WorkspaceId,
    user: UserId,
    id: MediaId,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(users::table
        .filter(users::id.eq(user).and(users::workspace_id.eq(workspace))))
        .set(users::avatar_media_id.eq(id.0)).kept().execute(db).await)?;
    Ok(())
}

/// A file of a message, with where it lies.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct FileRow {
    /// Unique in the server.
    pub id: AttachmentId,
    pub workspace_id: WorkspaceId,
    /// Of which message.
    pub message_id: MessageId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// By which channel.
    pub channel_id: Option<ChannelId>,
    /// Its place among the message's files.
    pub position: i64,
    /// What it is shown as.
    pub kind: String,
    /// Where it is stored.
    pub media_id: Option<MediaId>,
    /// JSON: where the platform keeps it.
    pub remote: Option<String>,
    /// The name its sender gave it.
    pub file_name: Option<String>,
    /// Its type.
    pub mime_type: Option<String>,
    /// How far it came.
    pub processing_status: ProcessingStatus,
    /// How often it was tried.
    pub tries: i64,
    /// When to try next.
    pub due_at: Timestamp,
}

/// The columns of a [`FileRow`].
macro_rules! files {
    () => {
        attachments::table.inner_join(messages::table.on(messages::id.eq(attachments::message_id))).select((
            attachments::id,
            attachments::workspace_id,
            attachments::message_id,
            messages::conversation_id,
            messages::channel_id,
            attachments::position,
            attachments::kind,
            attachments::media_id,
            attachments::remote,
            attachments::file_name,
            attachments::mime_type,
            attachments::processing_status,
            attachments::tries,
            attachments::due_at,
        ))
    };
}

/// The files of a message, in their order.
pub async fn of_message(conn: &mut Conn, message: MessageId) -> Result<Vec<FileRow>, StoreError> {
    Ok(on!(conn, db => files!()
        .filter(attachments::message_id.eq(message))
        .order(attachments::position)
        .load(db).await)?)
}

/// A file of a message by its id.
pub async fn file(conn: &mut Conn, id: AttachmentId) -> Result<Option<FileRow>, StoreError> {
    Ok(on!(conn, db => files!().filter(attachments::id.eq(id)).first(db).await.optional())?)
}

/// Files that are to be fetched now, those of some channels excepted.
pub async fn due(
    conn: &mut Conn,
    now: Timestamp,
    but: &[ChannelId],
    limit: i64,
) -> Result<Vec<FileRow>, StoreError> {
    let is_anothers =
        || messages::channel_id.is_null().or(not(among(messages::channel_id.assume_not_null(), but)));
    Ok(on!(conn, db => files!()
        .filter(attachments::processing_status.eq(ProcessingStatus::Pending)
            .and(attachments::due_at.le(now)).and(attachments::remote.is_not_null()))
        .filter(is_anothers())
        .order((attachments::due_at, attachments::id))
        .limit(limit)
        .load(db).await)?)
}

/// Takes a file that is due, until `until`; false: another process took it.
pub async fn claim(conn: &mut Conn, file: &FileRow, until: Timestamp) -> Result<bool, StoreError> {
    let taken = on!(conn, db => diesel::update(attachments::table.filter(
            attachments::id.eq(file.id).and(attachments::due_at.eq(file.due_at))
                .and(attachments::tries.eq(file.tries))
                .and(attachments::processing_status.eq(ProcessingStatus::Pending)),
        ))
        .set((attachments::tries.eq(file.tries + 1), attachments::due_at.eq(until)))
        .kept().execute(db).await)?;
    Ok(taken == 1)
}

/// A file is here.
pub async fn set_ready(
    conn: &mut Conn,
    id: AttachmentId,
    media_id: MediaId,
    new: &NewMedia,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(attachments::table.find(id))
        .set((
            attachments::media_id.eq(media_id),
            attachments::file_name.eq(&new.file_name),
            attachments::mime_type.eq(&new.mime_type),
            attachments::size.eq(new.size),
            attachments::processing_status.eq(ProcessingStatus::Ready),
            attachments::processing_error.eq(None::<String>),
        ))
        .kept().execute(db).await)?;
    if let (Some(width), Some(height)) = (new.width, new.height) {
        on!(conn, db => diesel::update(attachments::table.find(id))
            .set((attachments::width.eq(width), attachments::height.eq(height)))
            .kept().execute(db).await)?;
    }
    Ok(())
}

/// A file did not come, or is to be tried again.
pub async fn set_waiting(
    conn: &mut Conn,
    id: AttachmentId,
    status: ProcessingStatus,
    error: Option<&str>,
    tries: i64,
    due_at: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(attachments::table.find(id))
        .set((
            attachments::processing_status.eq(status),
            attachments::processing_error.eq(error),
            attachments::tries.eq(tries),
            attachments::due_at.eq(due_at),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Stored files above `after` that nothing refers to and that were brought before `before`, by ids:
/// uploads never sent, and the files of messages that were taken back.
pub async fn unused(
    conn: &mut Conn,
    after: MediaId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<(MediaRow, WorkspaceId)>, StoreError> {
    Ok(on!(conn, db => media::table
        .filter(media::id.gt(after).and(media::created_at.lt(before)))
        .filter(not(exists(attachments::table.filter(attachments::media_id.eq(media::id.nullable())))))
        .filter(not(exists(canned_reply_files::table.filter(canned_reply_files::media_id.eq(media::id)))))
        .order(media::id)
        .limit(limit)
        .select((MediaRow::as_select(), media::workspace_id))
        .load(db).await)?)
}

/// How many files somebody brought that no message has.
pub async fn count_unused_by(conn: &mut Conn, workspace: WorkspaceId, by: &str) -> Result<i64, StoreError> {
    Ok(on!(conn, db => media::table
        .filter(media::workspace_id.eq(workspace).and(media::uploaded_by.eq(by)))
        .filter(not(exists(attachments::table.filter(attachments::media_id.eq(media::id.nullable())))))
        .filter(not(exists(canned_reply_files::table.filter(canned_reply_files::media_id.eq(media::id)))))
        .count()
        .get_result(db).await)?)
}

/// Who brought files under one name has another.
pub async fn rename_uploader(
    conn: &mut Conn,
    workspace: WorkspaceId,
    before: &str,
    after: &str,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(media::table
            .filter(media::workspace_id.eq(workspace).and(media::uploaded_by.eq(before))))
        .set(media::uploaded_by.eq(after)).execute(db).await)?;
    Ok(())
}

/// Whether a stored file was brought before this moment.
pub async fn is_older(conn: &mut Conn, id: MediaId, than: Timestamp) -> Result<bool, StoreError> {
    let at: Option<Timestamp> =
        on!(conn, db => media::table.find(id).select(media::created_at).first(db).await.optional())?;
    Ok(at.is_some_and(|at| at < than))
}

/// Takes the row of a stored file away, unless something refers to it by now.
pub async fn remove_unused(conn: &mut Conn, id: MediaId) -> Result<bool, StoreError> {
    let removed = on!(conn, db => diesel::delete(media::table
        .filter(media::id.eq(id))
        .filter(not(exists(attachments::table.filter(attachments::media_id.eq(media::id.nullable())))))
        .filter(not(exists(canned_reply_files::table.filter(canned_reply_files::media_id.eq(media::id))))))
        .execute(db).await)?;
    Ok(removed == 1)
}

/// A customer whose platform was not asked about them yet.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Unasked {
    pub customer_id: CustomerId,
    pub workspace_id: WorkspaceId,
    /// By which channel.
    pub channel_id: ChannelId,
    /// What kind of name they have there.
    pub kind: String,
    /// The name.
    pub external_id: String,
}

/// Customers with a name of one of these kinds that were not asked about yet, the newest first.
pub async fn unasked(
    conn: &mut Conn,
    kinds: &[&str],
    but: &[CustomerId],
    limit: i64,
) -> Result<Vec<Unasked>, StoreError> {
    Ok(on!(conn, db => customers::table
        .inner_join(customer_identities::table.on(customer_identities::customer_id.eq(customers::id)))
        .filter(customers::enhanced_data_fetched.eq(false)
            .and(customers::id.ne_all(but))
            .and(customer_identities::kind.eq_any(kinds)))
        .order(customers::id.desc())
        .limit(limit)
        .select((
            customers::id,
            customers::workspace_id,
            customer_identities::channel_id,
            customer_identities::kind,
            customer_identities::external_id,
        ))
        .load(db).await)?)
}
