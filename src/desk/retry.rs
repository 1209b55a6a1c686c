//! What a person decides about a message that failed or whose fate is unknown: send it again, or it was sent.

use super::access;
use crate::domain::{DeliveryStatus, Event, Message, MessageId, MessageStatus, Permission, Refusal, User};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::audit;
use crate::store::conversations;
use crate::store::delivery::outbox;
use crate::store::messages::MessageRow;
use crate::thread::entries;
use crate::thread::send_gate::{Saying, SendGate};
use serde_json::json;
use std::sync::Arc;

/// Decides what becomes of a message that failed or whose fate is unknown.
#[derive(Debug, Clone)]
pub struct Retry {
    pub user: User,
    pub message_id: MessageId,
    pub decision: Decision,
}

/// A person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it again, though it may have been sent.
    Resend,
    /// It was sent: somebody saw it.
    MarkSent,
}

impl Command for Retry {
    type Answer = Arc<Message>;

    fn subject(&self) -> Subject {
        Subject::of(("message", self.message_id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Arc<Message>, LedgerError> {
        let (row, _) = access::message(tx, &self.user, self.message_id).await?;
        self.user.require(Permission::ConversationsReply)?;
        let is_open = match self.decision {
            Decision::Resend => matches!(row.body.status, MessageStatus::Failed | MessageStatus::Unconfirmed),
            Decision::MarkSent => row.body.status == MessageStatus::Unconfirmed,
        };
        if !is_open {
            return Err(Refusal::conflict(
                "not_open",
                format!("This message is {}. It needs no decision.", row.body.status),
            )
            .into());
        }
        if row.body.deleted_at.is_some() {
            return Err(Refusal::conflict("deleted", "This message was deleted.").into());
        }
        if self.decision == Decision::Resend {
            may_go_again(tx, &row).await?;
        }
        for mut part in outbox::of_message_held(tx.conn, row.id).await? {
            if !matches!(
                part.status,
                DeliveryStatus::Failed | DeliveryStatus::Unconfirmed | DeliveryStatus::Cancelled
            ) {
                continue;
            }
            part.status =
                if self.decision == Decision::Resend { DeliveryStatus::Queued } else { DeliveryStatus::Sent };
            part.due_at = tx.now;
            part.attempts = 0;
            (part.error_code, part.error_message) = (None, None);
            part.updated_at = tx.now;
            outbox::update(tx.conn, &part).await?;
        }
        let mut row = row;
        let status =
            if self.decision == Decision::Resend { MessageStatus::Queued } else { MessageStatus::Sent };
        let message = entries::set_status(tx, &mut row, status, None).await?;
        tx.tell(Event::OutboxReady);
        let action =
            if self.decision == Decision::Resend { "message_sent_again" } else { "message_marked_sent" };
        let (by, subject) = ((self.user.workspace_id, Some(self.user.id)), format!("message:{}", row.id));
        audit::note(tx.conn, by, action, &subject, &json!({}), tx.now).await?;
        Ok(message)
    }
}

/// Whether it may be sent as things stand now.
async fn may_go_again(tx: &mut Tx<'_>, row: &MessageRow) -> Result<(), LedgerError> {
    let state = conversations::find(tx.conn, row.workspace_id, row.conversation_id).await?;
    let state = state.ok_or_else(|| Refusal::not_found("message"))?;
    SendGate::of(tx, &state).await?.pass(tx, Saying::again(&row.body)).await?;
    Ok(())
}
