//! What proves or refutes that a message went out: the platform's answer, its echo, its receipts,
//! in any order. Each finds the message by the platform's id or our token, never by its text, but
//! for a lost answer, which may be bound to one echo at most. Never a network call.

use super::entries;
use crate::domain::inbound::InboundEvent;
use crate::domain::{ChannelId, ConversationId, DeliveryStatus, MessageStatus, Timestamp};
use crate::ledger::command::{LedgerError, Tx};
use crate::store::delivery::outbox::{self, Delivery, Ended};
use crate::store::delivery::parked_events::{self, NewParked, Parked};
use crate::store::messages::{self, MessageRow, UpTo};
use std::time::Duration;

/// Receipts that count up to a moment.
pub const MARK: &str = "watermark";
/// Platforms redeliver for 7 days: as long an older message may still come.
const MARK_PATIENCE: Duration = Duration::from_hours(7 * 24);
/// A platform's clock may be this much behind ours.
const SKEW: Duration = Duration::from_secs(5);

/// What the outbox says of a message: the worst of its parts, and why.
pub async fn tell_message(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<Option<MessageRow>, LedgerError> {
    let Some(mut row) = messages::find(tx.conn, delivery.workspace_id, delivery.message_id).await? else {
        return Ok(None);
    };
    let parts = outbox::of_message(tx.conn, delivery.message_id).await?;
    let (status, error) = whole(&parts);
    let is_proved = row.body.status.rung().is_some_and(|rung| rung >= 2);
    // A receipt told more than the outbox knows.
    if row.body.status == status
        || (is_proved && status != MessageStatus::Queued && !row.body.status.yields_to(status))
    {
        return Ok(Some(row));
    }
    entries::set_status(tx, &mut row, status, error).await?;
    Ok(Some(row))
}

fn whole(parts: &[Delivery]) -> (MessageStatus, Option<(String, String)>) {
    use DeliveryStatus::{Cancelled, Claimed, Failed, Queued, Sending, Sent, Unconfirmed};
    let find = |status: DeliveryStatus| parts.iter().find(|part| part.status == status);
    let why = |part: &Delivery| {
        part.error_code.clone().map(|code| (code, part.error_message.clone().unwrap_or_default()))
    };
    if let Some(part) = find(Failed).or(find(Cancelled)) {
        (MessageStatus::Failed, why(part))
    } else if let Some(part) = find(Unconfirmed) {
        (MessageStatus::Unconfirmed, why(part))
    } else if find(Sending).is_some() {
        (MessageStatus::Sending, None)
    } else if parts.iter().all(|part| part.status == Sent) {
        (MessageStatus::Sent, None)
    } else if find(Queued).or(find(Claimed)).is_some() && find(Sent).is_none() {
        (MessageStatus::Queued, None)
    } else {
        (MessageStatus::Sending, None)
    }
}

/// The platform took an attempt, as its answer, echo or receipt proves: binds its id, and applies
/// what came before.
pub async fn accept(
    tx: &mut Tx<'_>,
    delivery: &mut Delivery,
    platform_message_id: Option<&str>,
    sent_at: Option<Timestamp>,
) -> Result<(), LedgerError> {
    let mut sent_at = sent_at;
    if let Some(id) = platform_message_id {
        let told_at = bind(tx, delivery, id).await?;
        sent_at = sent_at.or(told_at);
    }
    if let Some(attempt) = &delivery.attempt_id {
        let ended = Ended {
            ended_at: tx.now,
            outcome: "accepted".into(),
            error_code: None,
            error_message: None,
            platform_message_id: platform_message_id.map(str::to_owned),
        };
        outbox::end_attempt(tx.conn, attempt, &ended).await?;
    }
    delivery.status = DeliveryStatus::Sent;
    delivery.lease_until = None;
    (delivery.error_code, delivery.error_message) = (None, None);
    delivery.updated_at = tx.now;
    outbox::update(tx.conn, delivery).await?;
    if let Some(at) = sent_at {
        note_time(tx, delivery, at).await?;
    }
    let Some(mut row) = tell_message(tx, delivery).await? else { return Ok(()) };
    if let Some(id) = platform_message_id {
        let started_at = match &delivery.attempt_id {
            Some(attempt) => outbox::started_at(tx.conn, attempt).await?,
            None => None,
        };
        // Written long before it was sent, a message was not read in between.
        let sent_at = row.body.platform_sent_at.or(started_at.map(|at| at.minus(SKEW)));
        apply_receipts(tx, delivery.channel_id, id, &mut row, sent_at).await?;
    }
    Ok(())
}

/// The platform's own time of a send, before anybody is told of it.
async fn note_time(tx: &mut Tx<'_>, delivery: &Delivery, at: Timestamp) -> Result<(), LedgerError> {
    if let Some(mut row) = messages::find(tx.conn, delivery.workspace_id, delivery.message_id).await?
        && row.body.platform_sent_at.is_none()
    {
        row.body.platform_sent_at = Some(at);
        messages::update(tx.conn, &row).await?;
    }
    Ok(())
}

/// Gives a delivery's message its identity on the platform; tells when its echo says it was sent.
async fn bind(tx: &mut Tx<'_>, delivery: &mut Delivery, id: &str) -> Result<Option<Timestamp>, LedgerError> {
    delivery.platform_message_id = Some(id.to_owned());
    if !messages::add_identity(tx.conn, delivery.channel_id, id, delivery.message_id).await?
        && !is_its_own(tx, delivery, id).await?
    {
        // Two rows claim one id: it is known under the first, and both stay visible.
        log::warn!("delivery {}: its platform id is another message's already", delivery.id);
        return Ok(None);
    }
    if let Some(mut row) = messages::find(tx.conn, delivery.workspace_id, delivery.message_id).await?
        && row.body.platform_message_id.is_none()
    {
        row.body.platform_message_id = Some(id.to_owned());
        messages::update(tx.conn, &row).await?;
    }
    // Its echo was parked: it made no row, and now it is known.
    let mut told_at = None;
    for echo in parked_events::for_message(tx.conn, delivery.channel_id, &["echo"], id).await? {
        parked_events::unpark(tx.conn, echo.id).await?;
        let event = serde_json::from_str::<InboundEvent>(&echo.body).ok();
        told_at = told_at.or(event.and_then(|event| event.occurred_at));
    }
    Ok(told_at)
}

/// Whether a platform id is this delivery's message's already: a receipt with our token in it came before the
/// answer of the send and told it first.
async fn is_its_own(tx: &mut Tx<'_>, delivery: &Delivery, id: &str) -> Result<bool, LedgerError> {
    let known = messages::by_identity(tx.conn, delivery.channel_id, id).await?;
    Ok(known.is_some_and(|row| row.id == delivery.message_id))
}

/// Applies the receipts that came before the message they speak of was known by its id. `sent_at`
/// is when it was sent, where that is known better than by the row.
pub async fn apply_receipts(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    id: &str,
    row: &mut MessageRow,
    sent_at: Option<Timestamp>,
) -> Result<(), LedgerError> {
    for parked in parked_events::for_message(tx.conn, channel, &["receipt"], id).await? {
        parked_events::unpark(tx.conn, parked.id).await?;
        if let Ok(receipt) = serde_json::from_str::<ParkedReceipt>(&parked.body) {
            entries::advance(tx, row, receipt.status, receipt.error).await?;
            if receipt.reaches_back {
                reach_back(tx, channel, row, receipt.status).await?;
            }
        }
    }
    let marks = parked_events::in_conversation(tx.conn, row.conversation_id, MARK).await?;
    apply_marks(tx, row, &marks, sent_at).await
}

/// What the customer's side received or read up to a moment also counts for a message that we
/// learn of only now.
pub async fn apply_marks(
    tx: &mut Tx<'_>,
    row: &mut MessageRow,
    marks: &[Parked],
    sent_at: Option<Timestamp>,
) -> Result<(), LedgerError> {
    let sent_at = sent_at.unwrap_or_else(|| sent_at_of(row));
    for mark in marks.iter().filter_map(|parked| serde_json::from_str::<Watermark>(&parked.body).ok()) {
        if sent_at <= mark.moment && row.body.status.rung().is_some_and(|rung| rung >= 2) {
            entries::advance(tx, row, mark.status, None).await?;
        }
    }
    Ok(())
}

/// When a message was sent: by the platform's clock where it told.
pub fn sent_at_of(row: &MessageRow) -> Timestamp {
    row.body.platform_sent_at.unwrap_or(row.body.created_at)
}

/// A receipt of one message that also counts for everything sent before it, known now or later.
pub async fn reach_back(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    row: &MessageRow,
    status: MessageStatus,
) -> Result<usize, LedgerError> {
    let Some(moment) = row.body.platform_sent_at else {
        // Its echo will tell the platform's time; until then only what was written before it.
        return raise_up_to(tx, row.conversation_id, UpTo::Seq(row.body.seq), status).await;
    };
    let mark = Watermark { status, moment };
    let raised = raise_up_to(tx, row.conversation_id, UpTo::Moment(mark.moment), status).await?;
    keep_mark(tx, channel, Some(row.conversation_id), "", mark).await?;
    Ok(raised)
}

/// Keeps the highest moment up to which something was received or read: echoes, answers and late
/// deliveries of older messages may still come. `name` stands for a customer who has no
/// conversation yet.
pub async fn keep_mark(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    conversation: Option<ConversationId>,
    name: &str,
    mark: Watermark,
) -> Result<(), LedgerError> {
    let key = conversation.map_or_else(|| name.to_owned(), |id| format!("#{id}"));
    for parked in parked_events::for_message(tx.conn, channel, &[MARK], &key).await? {
        let Ok(known) = serde_json::from_str::<Watermark>(&parked.body) else { continue };
        if known.status != mark.status {
            continue;
        }
        if known.moment >= mark.moment {
            return Ok(());
        }
        parked_events::unpark(tx.conn, parked.id).await?;
    }
    let body = serde_json::to_string(&mark).unwrap_or_default();
    let parked = NewParked {
        channel,
        kind: MARK,
        platform_message_id: &key,
        event_key: mark.status.as_str(),
        conversation,
        body: &body,
        expires_at: tx.now.plus(MARK_PATIENCE),
    };
    parked_events::park(tx.conn, parked, tx.now).await?;
    Ok(())
}

/// Raises everything our side sent in a conversation up to a point.
pub async fn raise_up_to(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    up_to: UpTo,
    status: MessageStatus,
) -> Result<usize, LedgerError> {
    let below: Vec<_> = MessageStatus::ALL
        .iter()
        .copied()
        .filter(|now| now.yields_to(status) && now.rung().is_some_and(|rung| rung >= 2))
        .collect();
    let rows = messages::sent_up_to(tx.conn, conversation, up_to, &below).await?;
    let count = rows.len();
    for mut row in rows {
        entries::advance(tx, &mut row, status, None).await?;
    }
    Ok(count)
}

/// A receipt that waits for its message.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct ParkedReceipt {
    /// How far it came.
    pub status: MessageStatus,
    /// Why it failed: code, message.
    pub error: Option<(String, String)>,
    /// It also counts for everything sent before.
    #[serde(default)]
    pub reaches_back: bool,
}

/// A receipt for everything up to a moment, also for what is still to come.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub struct Watermark {
    /// How far it came.
    pub status: MessageStatus,
    /// Up to when, in milliseconds.
    #[serde(with = "millis")]
    pub moment: Timestamp,
}

mod millis {
    use super::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.0)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp)
    }
}
