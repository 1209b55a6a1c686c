//! The files of what came in: rows appear at once, the files themselves are fetched later. Never
//! a download: a webhook waits for nothing.

use super::event::Source;
use crate::domain::inbound::{RemoteAttachment, RemoteSource};
use crate::domain::{MessageId, ProcessingStatus, Timestamp};
use crate::ledger::{LedgerError, Tx};
use crate::store::messages::media::{self, FileRow};
use crate::store::messages::{self, MessageRow, NewAttachment};

/// Rows for files that still lie at the platform.
pub(super) fn pending(source: &Source, files: &[RemoteAttachment], now: Timestamp) -> Vec<NewAttachment> {
    files
        .iter()
        .map(|file| NewAttachment {
            workspace_id: source.workspace_id,
            message_id: MessageId(0),
            position: 0,
            kind: file.kind.as_str().to_owned(),
            media_id: None,
            remote: serde_json::to_string(&file.source).ok(),
            file_name: file.file_name.as_deref().and_then(crate::media::shown_name),
            mime_type: file.mime_type.clone(),
            size: file.size,
            duration: file.duration,
            width: file.width,
            height: file.height,
            processing_status: match file.source {
                RemoteSource::Withheld => ProcessingStatus::Failed,
                _ => ProcessingStatus::Pending,
            },
            tries: 0,
            due_at: now,
        })
        .collect()
}

/// Whether a message holds just these files already: an edit of its words repeats them.
pub(super) async fn are(
    tx: &mut Tx<'_>,
    row: &MessageRow,
    files: &[RemoteAttachment],
) -> Result<bool, LedgerError> {
    if !row.body.has_attachments {
        return Ok(files.is_empty());
    }
    let known = media::of_message(tx.conn, row.id).await?;
    let is_same = |(known, file): (&FileRow, &RemoteAttachment)| {
        let remote = known.remote.as_deref().and_then(|json| serde_json::from_str::<RemoteSource>(json).ok());
        known.kind == file.kind.as_str() && remote.is_some_and(|remote| remote.is_same(&file.source))
    };
    Ok(known.len() == files.len() && known.iter().zip(files).all(is_same))
}

/// Whether two lists name the same files.
pub(super) fn are_same(some: &[RemoteAttachment], others: &[RemoteAttachment]) -> bool {
    let is_same = |(one, other): (&RemoteAttachment, &RemoteAttachment)| {
        one.kind == other.kind && one.source.is_same(&other.source)
    };
    some.len() == others.len() && some.iter().zip(others).all(is_same)
}

/// Gives a message that is there its files.
pub(super) async fn attach(
    tx: &mut Tx<'_>,
    row: &mut MessageRow,
    mut files: Vec<NewAttachment>,
) -> Result<(), LedgerError> {
    for (position, file) in (0..).zip(&mut files) {
        (file.message_id, file.position) = (row.id, position);
    }
    messages::insert_attachments(tx.conn, &files).await?;
    row.body.has_attachments = row.body.has_attachments || !files.is_empty();
    Ok(())
}
