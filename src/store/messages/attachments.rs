//! The files of a message as they are first written. What becomes of them: see `media`.

use crate::domain::{MediaId, MessageId, ProcessingStatus, Timestamp, WorkspaceId};
use crate::on;
use crate::store::db::schema::attachments;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Writes the files of a message, none of them fetched yet.
pub async fn insert_attachments(conn: &mut Conn, files: &[NewAttachment]) -> Result<(), StoreError> {
    for file in files {
        on!(conn, db => diesel::insert_into(attachments::table).values(file).on_conflict_do_nothing()
            .execute(db).await)?;
    }
    Ok(())
}

/// Forgets the files of a message.
pub async fn delete_attachments(conn: &mut Conn, message: MessageId) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(attachments::table.filter(attachments::message_id.eq(message)))
        .execute(db).await)?;
    Ok(())
}

/// A file of a message, as it is first written.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = attachments, treat_none_as_default_value = false)]
pub struct NewAttachment {
    pub workspace_id: WorkspaceId,
    /// Of which message.
    pub message_id: MessageId,
    /// Its place among the message's files.
    pub position: i64,
    /// image, video, audio, voice, document, sticker, animation, share.
    pub kind: String,
    /// Where it is stored, once it is.
    pub media_id: Option<MediaId>,
    /// JSON: where the platform keeps it.
    pub remote: Option<String>,
    /// The name its sender gave it.
    pub file_name: Option<String>,
    /// Its type.
    pub mime_type: Option<String>,
    /// In bytes.
    pub size: Option<i64>,
    /// In seconds.
    pub duration: Option<i64>,
    /// In pixels.
    pub width: Option<i64>,
    /// In pixels.
    pub height: Option<i64>,
    /// How far it came.
    pub processing_status: ProcessingStatus,
    /// How often it was tried.
    pub tries: i64,
    /// When to try next.
    pub due_at: Timestamp,
}
