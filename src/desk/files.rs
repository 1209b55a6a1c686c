//! Files as agents use them: uploaded, put under a message, worn as a picture, asked for again.
//! Never bytes: they lie in the media folder before a command is given.

use super::access;
use crate::domain::{AttachmentId, MediaId, Message, MessageId, ProcessingStatus, Refusal, Timestamp, User};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::media::Stored;
use crate::store::conversations::canned;
use crate::store::messages::media::{self, MediaRow, NewMedia};
use crate::store::messages::{self, NewAttachment};
use crate::store::{Conn, StoreError};
use crate::thread::entries;
use std::sync::Arc;

/// Files of one message at most.
const MOST: usize = 10;

/// Notes a file that a user uploaded.
#[derive(Debug, Clone)]
pub struct KeepUpload {
    pub user: User,
    /// Where it lies and what it is.
    pub stored: Stored,
    /// What the user calls it.
    pub file_name: Option<String>,
    /// It is the user's own picture from now on.
    pub is_portrait: bool,
}

impl Command for KeepUpload {
    type Answer = MediaId;

    fn subject(&self) -> Subject {
        Subject::of(("user", self.user.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<MediaId, LedgerError> {
        let new = NewMedia {
            workspace_id: self.user.workspace_id,
            storage_key: self.stored.storage_key.clone(),
            file_name: self.file_name.clone(),
            mime_type: self.stored.mime_type.clone(),
            size: self.stored.size,
            width: self.stored.width,
            height: self.stored.height,
            uploaded_by: self.user.author(),
            created_at: tx.now,
        };
        let id = media::insert(tx.conn, &new).await?;
        if self.is_portrait {
            media::set_portrait(tx.conn, self.user.workspace_id, self.user.id, id).await?;
        }
        Ok(id)
    }
}

/// A stored file, if the user may see it: by a conversation they may see, as a portrait, in a canned reply
/// they have, or because they uploaded it.
pub async fn visible(conn: &mut Conn, user: &User, id: MediaId) -> Result<Option<MediaRow>, StoreError> {
    let Some(row) = media::find(conn, user.workspace_id, id).await? else { return Ok(None) };
    if row.uploaded_by == user.author() || media::is_colleague(conn, user.workspace_id, id).await? {
        return Ok(Some(row));
    }
    if let Some(customer) = media::customer_shown(conn, user.workspace_id, id).await?
        && access::sees_customer(conn, user, customer).await?
    {
        return Ok(Some(row));
    }
    if canned::has_file(conn, (user.workspace_id, user.id), id).await? {
        return Ok(Some(row));
    }
    for conversation in media::conversations_of(conn, id).await? {
        match access::conversation(conn, user, conversation).await {
            Ok(_) => return Ok(Some(row)),
            Err(LedgerError::Store(error)) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(None)
}

/// The user's own uploads, and files of canned replies they have, as files of a message to be written. Each
/// may be used again.
pub(super) async fn attachments(
    conn: &mut Conn,
    user: &User,
    ids: &[i64],
    now: Timestamp,
) -> Result<Vec<NewAttachment>, LedgerError> {
    if ids.len() > MOST {
        return Err(
            Refusal::invalid("too_many_files", format!("A message can have at most {MOST} files.")).into()
        );
    }
    let mut files = Vec::with_capacity(ids.len());
    for id in ids {
        let refused = || {
            Refusal::invalid(
                "bad_attachment",
                "attachment_ids has a file that you did not upload. Upload it to /api/v1/media first.",
            )
        };
        let row = media::find(conn, user.workspace_id, MediaId(*id)).await?.ok_or_else(refused)?;
        let reader = (user.workspace_id, user.id);
        if row.uploaded_by != user.author() && !canned::has_file(conn, reader, row.id).await? {
            return Err(refused().into());
        }
        files.push(row.attached(user.workspace_id, now));
    }
    Ok(files)
}

/// Fetches a file again that did not come.
#[derive(Debug, Clone)]
pub struct FetchAgain {
    /// Who asks.
    pub user: User,
    /// Of which message.
    pub message_id: MessageId,
    pub attachment_id: AttachmentId,
}

impl Command for FetchAgain {
    type Answer = Arc<Message>;

    fn subject(&self) -> Subject {
        Subject::of(("message", self.message_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Arc<Message>, LedgerError> {
        let mut row = messages::find(tx.conn, self.user.workspace_id, self.message_id)
            .await?
            .ok_or_else(|| Refusal::not_found("message"))?;
        access::conversation(tx.conn, &self.user, row.conversation_id).await?;
        let file = media::file(tx.conn, self.attachment_id)
            .await?
            .filter(|file| file.message_id == row.id)
            .ok_or_else(|| Refusal::not_found("file"))?;
        if file.processing_status != ProcessingStatus::Failed || file.remote.is_none() {
            return Err(
                Refusal::conflict("not_failed", "This file is already here or is being downloaded.").into()
            );
        }
        media::set_waiting(tx.conn, file.id, ProcessingStatus::Pending, None, 0, tx.now).await?;
        entries::rewrite(tx, &mut row).await
    }
}
