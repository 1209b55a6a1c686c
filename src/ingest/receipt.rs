//! Receipts: news of what our side sent, by id, by token or by a moment, in any order. Statuses
//! only go up; a receipt that comes before its message waits for it.

use super::people;
use super::receive::{Received, Source};
use crate::chat::settle::{self, ParkedReceipt, ParkedWatermark};
use crate::chat::{LedgerError, Tx, entries};
use crate::domain::inbound::{Receipt, UpTo};
use crate::domain::{ConversationId, Direction, Outcome, SenderType};
use crate::store::messages::{self, MessageRow, UpTo as Point};
use crate::store::outbox;
use crate::store::waiting::{self, NewParked};
use std::time::Duration;

/// How long a receipt waits for the message it speaks of; of another app's messages it waits in vain.
const PATIENCE: Duration = Duration::from_hours(1);

/// News of what we sent.
pub(super) async fn receive(
    tx: &mut Tx<'_>,
    source: &Source,
    receipt: &Receipt,
) -> Result<Received, LedgerError> {
    let mut received = Received::new(Outcome::Duplicate, Direction::OwnerToCustomer);
    if let Some(token) = &receipt.our_token {
        by_token(tx, source, token, receipt.message_ids.first().map(String::as_str)).await?;
    }
    for id in &receipt.message_ids {
        match messages::by_identity(tx.conn, source.channel_id, id).await? {
            Some(mut row) => {
                if is_ours(&row) && raise(tx, &mut row, receipt).await? {
                    received.outcome = Outcome::Updated;
                }
                received = received.about(&row);
            }
            None => {
                if park(tx, source, id, receipt).await? {
                    received.outcome = Outcome::Updated;
                }
            }
        }
    }
    up_to(tx, source, receipt, &mut received).await?;
    Ok(received)
}

fn is_ours(row: &MessageRow) -> bool {
    !matches!(row.body.sender_type, SenderType::Customer | SenderType::System)
}

fn error_of(receipt: &Receipt) -> Option<(String, String)> {
    receipt.error.as_ref().map(|error| (error.code.clone(), error.message.clone()))
}

async fn raise(tx: &mut Tx<'_>, row: &mut MessageRow, receipt: &Receipt) -> Result<bool, LedgerError> {
    let raised = entries::advance(tx, row, receipt.status, error_of(receipt)).await?;
    // A messenger's receipt that names one message also counts for those before it.
    if receipt.up_to.is_some() {
        let below =
            settle::raise_up_to(tx, row.conversation_id, Point::Seq(row.body.seq), receipt.status).await?;
        return Ok(raised || below > 0);
    }
    Ok(raised)
}

/// Our own token came back: whatever became of the answer, the attempt went through.
async fn by_token(
    tx: &mut Tx<'_>,
    source: &Source,
    token: &str,
    id: Option<&str>,
) -> Result<(), LedgerError> {
    if let Some(mut delivery) =
        outbox::by_attempt(tx.conn, token).await?.filter(|delivery| delivery.channel_id == source.channel_id)
    {
        let is_open = delivery.attempt_id.as_deref() == Some(token) && delivery.platform_message_id.is_none();
        if is_open {
            settle::accept(tx, &mut delivery, id, None).await?;
        }
    }
    Ok(())
}

/// A receipt that counts for everything up to a point.
async fn up_to(
    tx: &mut Tx<'_>,
    source: &Source,
    receipt: &Receipt,
    received: &mut Received,
) -> Result<(), LedgerError> {
    let point = match &receipt.up_to {
        None => return Ok(()),
        Some(UpTo::Message(id)) => match messages::by_identity(tx.conn, source.channel_id, id).await? {
            Some(row) => {
                received.conversation_id = Some(row.conversation_id);
                Point::Seq(row.body.seq)
            }
            None => return Ok(()),
        },
        Some(UpTo::Moment(moment)) => Point::Moment(*moment),
    };
    let conversation = match received.conversation_id {
        Some(id) => Some(id),
        None => people::conversation_of(tx, source, &receipt.thread).await?.map(|state| state.id),
    };
    let Some(conversation) = conversation else {
        if received.message_id.is_none() && receipt.message_ids.is_empty() {
            received.outcome = Outcome::Ignored;
        }
        return Ok(());
    };
    received.conversation_id = Some(conversation);
    if settle::raise_up_to(tx, conversation, point, receipt.status).await? > 0 {
        received.outcome = Outcome::Updated;
    }
    if let Point::Moment(moment) = point {
        park_watermark(tx, source, conversation, ParkedWatermark { status: receipt.status, moment }).await?;
    }
    Ok(())
}

/// For a send whose answer is still to come: it was sent before that moment, too.
async fn park_watermark(
    tx: &mut Tx<'_>,
    source: &Source,
    conversation: ConversationId,
    mark: ParkedWatermark,
) -> Result<(), LedgerError> {
    if outbox::open_in(tx.conn, conversation).await?.is_empty() {
        return Ok(());
    }
    let key = format!("{}:{}:{}", conversation, mark.status, mark.moment.0);
    let body = serde_json::to_string(&mark).unwrap_or_default();
    let parked = NewParked {
        channel: source.channel_id,
        kind: "watermark",
        platform_message_id: "",
        event_key: &key,
        conversation: Some(conversation),
        body: &body,
        expires_at: tx.now.plus(PATIENCE),
    };
    waiting::park(tx.conn, parked, tx.now).await?;
    Ok(())
}

/// A receipt of a message that nobody knows yet.
async fn park(tx: &mut Tx<'_>, source: &Source, id: &str, receipt: &Receipt) -> Result<bool, LedgerError> {
    let body = serde_json::to_string(&ParkedReceipt { status: receipt.status, error: error_of(receipt) })
        .unwrap_or_default();
    let parked = NewParked {
        channel: source.channel_id,
        kind: "receipt",
        platform_message_id: id,
        event_key: receipt.status.as_str(),
        conversation: None,
        body: &body,
        expires_at: tx.now.plus(PATIENCE),
    };
    Ok(waiting::park(tx.conn, parked, tx.now).await?)
}
