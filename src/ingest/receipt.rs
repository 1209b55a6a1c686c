//! Receipts: news of what our side sent, by id, by token or by a moment, in any order. Statuses
//! only go up; a receipt that comes before its message waits for it.

use super::event::{Received, Source};
use super::identify;
use crate::domain::inbound::{Receipt, UpTo};
use crate::domain::{Direction, Outcome, SenderType, Timestamp};
use crate::ledger::{LedgerError, Tx};
use crate::store::conversations;
use crate::store::delivery::outbox;
use crate::store::delivery::parked_events::{self, NewParked};
use crate::store::messages::{self, MessageRow, UpTo as Point};
use crate::thread::entries;
use crate::thread::receipts::{self, ParkedReceipt, Watermark};
use std::time::Duration;

/// How long a receipt waits for the message it speaks of; of another app's messages it waits in vain.
const PARKED_FOR: Duration = Duration::from_hours(1);

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
        match find_or_wait(tx, source, receipt, id).await? {
            Some(mut row) => {
                if is_ours(&row) && raise(tx, source, &mut row, receipt).await? {
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
    if let Some(UpTo::Moment(moment)) = receipt.up_to {
        up_to(tx, source, receipt, moment, &mut received).await?;
    }
    Ok(received)
}

/// The message of this id. A send may be bound to it at this moment, in its conversation: whoever comes
/// second sees what the first did, so nothing is parked beside a message that is already known.
async fn find_or_wait(
    tx: &mut Tx<'_>,
    source: &Source,
    receipt: &Receipt,
    id: &str,
) -> Result<Option<MessageRow>, LedgerError> {
    if let Some(row) = messages::by_identity(tx.conn, source.channel_id, id).await? {
        return Ok(Some(row));
    }
    let Some(state) = identify::conversation_of(tx, source, &receipt.thread).await? else { return Ok(None) };
    conversations::lock(tx.conn, &[state.id]).await?;
    Ok(messages::by_identity(tx.conn, source.channel_id, id).await?)
}

fn is_ours(row: &MessageRow) -> bool {
    !matches!(row.body.sender_type, SenderType::Customer | SenderType::System)
}

fn error_of(receipt: &Receipt) -> Option<(String, String)> {
    receipt.error.as_ref().map(|error| (error.code.clone(), error.message.clone()))
}

async fn raise(
    tx: &mut Tx<'_>,
    source: &Source,
    row: &mut MessageRow,
    receipt: &Receipt,
) -> Result<bool, LedgerError> {
    let raised = entries::advance(tx, row, receipt.status, error_of(receipt)).await?;
    if reaches_back(receipt) {
        let below = receipts::reach_back(tx, source.channel_id, row, receipt.status).await?;
        return Ok(raised || below > 0);
    }
    Ok(raised)
}

/// Instagram names one message and means everything sent up to it.
fn reaches_back(receipt: &Receipt) -> bool {
    matches!(receipt.up_to, Some(UpTo::Message(_)))
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
            receipts::accept(tx, &mut delivery, id, None).await?;
        }
    }
    Ok(())
}

/// A receipt that counts for everything up to a moment.
async fn up_to(
    tx: &mut Tx<'_>,
    source: &Source,
    receipt: &Receipt,
    moment: Timestamp,
    received: &mut Received,
) -> Result<(), LedgerError> {
    let conversation = match received.conversation_id {
        Some(id) => Some(id),
        None => identify::conversation_of(tx, source, &receipt.thread).await?.map(|state| state.id),
    };
    let mark = Watermark { status: receipt.status, moment };
    if let Some(conversation) = conversation {
        received.conversation_id = Some(conversation);
        if receipts::raise_up_to(tx, conversation, Point::Moment(moment), receipt.status).await? > 0 {
            received.outcome = Outcome::Updated;
        }
        return receipts::keep_mark(tx, source.channel_id, Some(conversation), "", mark).await;
    }
    if received.message_id.is_none() && receipt.message_ids.is_empty() {
        received.outcome = Outcome::Ignored;
    }
    match receipt.thread.first() {
        Some(customer) => receipts::keep_mark(tx, source.channel_id, None, &customer.external_id, mark).await,
        None => Ok(()),
    }
}

/// A receipt of a message that nobody knows yet.
async fn park(tx: &mut Tx<'_>, source: &Source, id: &str, receipt: &Receipt) -> Result<bool, LedgerError> {
    let waits = ParkedReceipt {
        status: receipt.status,
        error: error_of(receipt),
        reaches_back: reaches_back(receipt),
    };
    let body = serde_json::to_string(&waits).unwrap_or_default();
    let parked = NewParked {
        channel: source.channel_id,
        kind: "receipt",
        platform_message_id: id,
        event_key: receipt.status.as_str(),
        conversation: None,
        body: &body,
        expires_at: tx.now.plus(PARKED_FOR),
    };
    Ok(parked_events::park(tx.conn, parked, tx.now).await?)
}
