//! A message taken back by its author, or its words changed, while no customer can have it.

use super::access;
use super::reply::{check_length, too_long};
use crate::domain::{
    DeliveryStatus, Message, MessageId, MessageStatus, MessageType, Permission, Refusal, User, text,
};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::{audit, channels};
use crate::store::delivery::outbox::{self, Delivery};
use crate::store::messages::{self, MessageRow, media};
use crate::thread::{entries, outgoing};
use serde_json::json;
use std::sync::Arc;

/// Takes a message of a colleague's conversation back, or changes its words.
#[derive(Debug, Clone)]
pub struct Amend {
    pub user: User,
    pub message_id: MessageId,
    /// The new words; none: it is taken back.
    pub content: Option<String>,
}

impl Command for Amend {
    type Answer = Arc<Message>;

    fn subject(&self) -> Subject {
        Subject::of(("message", self.message_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Arc<Message>, LedgerError> {
        let (mut row, state) = access::message(tx, &self.user, self.message_id).await?;
        if row.body.sender_user_id != Some(self.user.id) {
            return Err(Refusal::forbidden("Only the author can change a message.").into());
        }
        self.user.require(match access::writing(&state, row.body.is_private) {
            Permission::ConversationsReply if self.content.is_none() => {
                Permission::ConversationsDeleteMessage
            }
            writing => writing,
        })?;
        if row.body.deleted_at.is_some() {
            return Err(Refusal::conflict("deleted", "This message was already deleted.").into());
        }
        if self.content.is_some()
            && row.body.content.is_none()
            && matches!(row.body.message_type, MessageType::Location | MessageType::Contact)
        {
            return Err(Refusal::conflict("no_words", "A location or a contact has no text to edit.").into());
        }
        self.reach(tx, &row).await?;
        match &self.content {
            Some(content) if content.trim().is_empty() => {
                return Err(Refusal::invalid("empty_message", "A message needs text.").into());
            }
            Some(content) => {
                check_length(Some(content))?;
                row.body.content = Some(text::clean(content));
                row.body.edited_at = Some(tx.now);
            }
            None => {
                row.body.deleted_at = Some(tx.now);
                if row.body.status == MessageStatus::Queued {
                    row.body.status = MessageStatus::Failed;
                    (row.body.error_code, row.body.error_message) =
                        (Some("cancelled".into()), Some("It was deleted before it was sent.".into()));
                }
                (row.body.content, row.body.details, row.body.mentions) = (None, None, None);
                messages::delete_attachments(tx.conn, row.id).await?;
                row.body.has_attachments = false;
            }
        }
        // Never the words: they are the customer's, too.
        let action = if self.content.is_some() { "message_edited" } else { "message_deleted" };
        let details = json!({"conversation": row.conversation_id});
        let (by, subject) = ((self.user.workspace_id, Some(self.user.id)), format!("message:{}", row.id));
        audit::note(tx.conn, by, action, &subject, &details, tx.now).await?;
        entries::reword(tx, &mut row).await
    }
}

impl Amend {
    /// What a platform already has cannot be changed here without a lie; what still waits is
    /// changed in the outbox, or taken out of it. No worker takes it meanwhile.
    async fn reach(&self, tx: &mut Tx<'_>, row: &MessageRow) -> Result<(), LedgerError> {
        let parts = outbox::of_message_held(tx.conn, row.id).await?;
        // Claimed: nothing has left yet, and without its row the attempt does not start. But its words were
        // read.
        let is_waiting = |status| match status {
            DeliveryStatus::Queued | DeliveryStatus::Failed | DeliveryStatus::Cancelled => true,
            DeliveryStatus::Claimed => self.content.is_none(),
            _ => false,
        };
        if !parts.iter().all(|part| is_waiting(part.status)) {
            return Err(Refusal::conflict(
                "already_sent",
                "The customer may already have this message. It can no longer be changed here.",
            )
            .into());
        }
        if self.content.is_some() && outgoing::is_template(row.body.details.as_deref()) {
            return Err(Refusal::conflict(
                "template_words",
                "The words of a template are approved as they are. Delete this message and send it anew.",
            )
            .into());
        }
        if let Some(content) = &self.content {
            return keeps_its_parts(tx, row, content, &parts).await;
        }
        for mut part in parts {
            part.status = DeliveryStatus::Cancelled;
            (part.attempt_id, part.lease_until) = (None, None);
            part.updated_at = tx.now;
            outbox::update(tx.conn, &part).await?;
        }
        Ok(())
    }
}

/// Words go under a file or by themselves, as they fit. The queue was laid for the old ones: new
/// ones that would need another place are refused, so that none are lost.
async fn keeps_its_parts(
    tx: &mut Tx<'_>,
    row: &MessageRow,
    content: &str,
    parts: &[Delivery],
) -> Result<(), LedgerError> {
    let Some(first) = parts.first() else { return Ok(()) };
    let Some(channel) = channels::find(tx.conn, first.channel_id).await? else { return Ok(()) };
    let files = if row.body.has_attachments { media::of_message(tx.conn, row.id).await? } else { Vec::new() };
    let kinds = || files.iter().map(|file| file.kind.as_str());
    outgoing::check_words(channel.kind, Some(content), kinds()).map_err(too_long)?;
    if !row.body.has_attachments {
        return Ok(());
    }
    let mut needed = outgoing::part_numbers(channel.kind, Some(content), kinds());
    needed.sort_unstable();
    if needed.iter().eq(parts.iter().map(|part| &part.part)) {
        return Ok(());
    }
    Err(Refusal::invalid(
        "does_not_fit",
        "These words do not fit where the old ones were sent, under the file or beside it: delete the \
            message and write it anew.",
    )
    .into())
}
