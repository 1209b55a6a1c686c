//! Echoes: what our side wrote comes back as an event. Known by its id or our token it confirms;
//! unknown while a send that it may belong to is under way it waits, durably; else the owner wrote
//! it elsewhere. Never taken for ours because of its text alone, but for a lost answer, and then
//! one echo for one attempt.

use super::event::{Receive, Received, parked_receive};
use super::message::store;
use super::{changes, identify};
use crate::channels::registry;
use crate::domain::inbound::{InboundKind, InboundMessage};
use crate::domain::{ConversationId, DeliveryStatus, MessageStatus, Outcome, Timestamp};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::conversations::visitors;
use crate::store::delivery::outbox::{self, Attempt, Delivery};
use crate::store::delivery::parked_events::{self, NewParked};
use crate::store::messages::{self, MessageRow, message_log};
use crate::thread::receipts;
use crate::thread::recovered::RECOVERED;
use std::time::Duration;

/// How long an echo may belong to an attempt whose answer was lost, and how long one waits.
const WINDOW: Duration = Duration::from_mins(2);
/// A platform's clock may be this much behind ours.
const SKEW: Duration = Duration::from_secs(5);

/// An echo of a message that is there: it was sent at the platform's time.
pub(super) async fn confirm(
    tx: &mut Tx<'_>,
    receive: &Receive,
    row: &mut MessageRow,
) -> Result<(), LedgerError> {
    message_log::note(tx.conn, row.id, "echo", &serde_json::json!({}), tx.now).await?;
    if row.body.platform_sent_at.is_some() || receive.event.occurred_at.is_none() {
        return Ok(());
    }
    row.body.platform_sent_at = receive.event.occurred_at;
    messages::update(tx.conn, row).await?;
    // By the platform's own clock it may lie before what was read already.
    let marks = parked_events::in_conversation(tx.conn, row.conversation_id, receipts::MARK).await?;
    receipts::apply_marks(tx, row, &marks, None).await?;
    if registry::kind(receive.source.kind).receipts_reach_back && row.body.status == MessageStatus::Read {
        receipts::reach_back(tx, receive.source.channel_id, row, MessageStatus::Read).await?;
    }
    Ok(())
}

/// An echo of a message that nobody knows by its id: done with, or `None`: the owner wrote it.
pub(super) async fn receive(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
) -> Result<Option<Received>, LedgerError> {
    let direction = receive.event.kind.direction();
    if let Some(token) = &message.our_token
        && let Some(delivery) = outbox::by_attempt(tx.conn, token)
            .await?
            .filter(|delivery| delivery.channel_id == receive.source.channel_id)
    {
        let row = by_token(tx, receive, message, token, delivery).await?;
        return Ok(row.map(|row| Received::new(Outcome::Updated, direction).about(&row)));
    }
    if !message.may_be_ours {
        return Ok(None);
    }
    let Some(state) = identify::conversation_of(tx, &receive.source, &message.thread).await? else {
        return Ok(None);
    };
    match belongs(tx, receive, message, state.id).await? {
        Belongs::Waits => {
            park(tx, receive, message, state.id).await?;
            Ok(Some(Received {
                conversation_id: Some(state.id),
                ..Received::new(Outcome::Updated, direction)
            }))
        }
        Belongs::To(mut delivery) => {
            receipts::accept(
                tx,
                &mut delivery,
                Some(&message.platform_message_id),
                receive.event.occurred_at,
            )
            .await?;
            let row = messages::find(tx.conn, delivery.workspace_id, delivery.message_id).await?;
            Ok(row.map(|row| Received::new(Outcome::Updated, direction).about(&row)))
        }
        Belongs::ToNobody => Ok(None),
    }
}

/// Our own token came back: exact, whatever became of the answer.
async fn by_token(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
    token: &str,
    mut delivery: Delivery,
) -> Result<Option<MessageRow>, LedgerError> {
    let details = serde_json::json!({"platform_message_id": message.platform_message_id});
    message_log::note(tx.conn, delivery.message_id, "echo", &details, tx.now).await?;
    if delivery.attempt_id.as_deref() == Some(token) && delivery.platform_message_id.is_none() {
        receipts::accept(tx, &mut delivery, Some(&message.platform_message_id), receive.event.occurred_at)
            .await?;
    } else {
        // An attempt that was given up and sent anew: both went out, both are this message.
        messages::add_identity(
            tx.conn,
            delivery.channel_id,
            &message.platform_message_id,
            delivery.message_id,
        )
        .await?;
    }
    Ok(messages::find(tx.conn, delivery.workspace_id, delivery.message_id).await?)
}

enum Belongs {
    /// An attempt that it fits is still being answered.
    Waits,
    /// The one attempt whose answer was lost.
    To(Delivery),
    /// No attempt.
    ToNobody,
}

/// To which attempt of the conversation an echo may belong.
async fn belongs(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
    conversation: ConversationId,
) -> Result<Belongs, LedgerError> {
    let at = receive.event.occurred_at.unwrap_or(tx.now);
    // What was read back from its platform is late because its webhook was lost: its own time counts.
    let now = if message.details.contains_key(RECOVERED) { at } else { tx.now };
    let mut lost = None;
    for (delivery, attempt) in outbox::open_in(tx.conn, conversation).await? {
        if delivery.platform_message_id.is_some() || !is_in_time(&delivery, &attempt, at, now) {
            continue;
        }
        // Its answer will name the id: whatever the words became on the platform, that decides.
        if delivery.status == DeliveryStatus::Sending {
            return Ok(Belongs::Waits);
        }
        if lost.is_none() && is_same(tx, &delivery, message).await? {
            lost = Some(delivery);
        }
    }
    Ok(lost.map_or(Belongs::ToNobody, Belongs::To))
}

/// A lost answer is bound narrowly; an echo that only waits for an answer may have a wrong clock.
fn is_in_time(delivery: &Delivery, attempt: &Attempt, at: Timestamp, now: Timestamp) -> bool {
    let skew = if delivery.status == DeliveryStatus::Sending { WINDOW } else { SKEW };
    at >= attempt.started_at.minus(skew)
        && at <= attempt.started_at.plus(WINDOW)
        && now <= attempt.started_at.plus(WINDOW * 2)
}

/// The same words and as many files: what a lost answer may be bound by.
async fn is_same(
    tx: &mut Tx<'_>,
    delivery: &Delivery,
    message: &InboundMessage,
) -> Result<bool, LedgerError> {
    let Some(row) = messages::find(tx.conn, delivery.workspace_id, delivery.message_id).await? else {
        return Ok(false);
    };
    let is_file = delivery.part > 0;
    // Words that have no request of their own went under the file.
    let has_words = !is_file
        || !outbox::of_message(tx.conn, delivery.message_id).await?.iter().any(|part| part.part == 0);
    let ours = row.body.content.as_deref().filter(|_| has_words).map(normalised).unwrap_or_default();
    let theirs = message.text.as_deref().map(normalised).unwrap_or_default();
    Ok(ours == theirs && message.attachments.len() == usize::from(is_file))
}

/// Platforms trim and fold white space.
fn normalised(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn park(
    tx: &mut Tx<'_>,
    receive: &Receive,
    message: &InboundMessage,
    conversation: ConversationId,
) -> Result<(), LedgerError> {
    let body = serde_json::to_string(&*receive.event).unwrap_or_default();
    let parked = NewParked {
        channel: receive.source.channel_id,
        kind: "echo",
        platform_message_id: &message.platform_message_id,
        event_key: "",
        conversation: Some(conversation),
        body: &body,
        expires_at: tx.now.plus(WINDOW),
    };
    parked_events::park(tx.conn, parked, tx.now).await?;
    Ok(())
}

/// Looks again at the echoes that wait in a conversation: given when one of its attempts settled,
/// or when they waited long enough.
#[derive(Debug, Clone)]
pub struct ReleaseEchoes {
    pub conversation_id: ConversationId,
}

impl Command for ReleaseEchoes {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        for parked in parked_events::in_conversation(tx.conn, self.conversation_id, "echo").await? {
            let Some(receive) = parked_receive(tx, self.conversation_id, &parked.body).await? else {
                parked_events::unpark(tx.conn, parked.id).await?;
                continue;
            };
            let InboundKind::Message(message) = receive.event.kind.clone() else { continue };
            if let Some(mut row) =
                messages::by_identity(tx.conn, receive.source.channel_id, &message.platform_message_id)
                    .await?
            {
                parked_events::unpark(tx.conn, parked.id).await?;
                confirm(tx, &receive, &mut row).await?;
                continue;
            }
            match belongs(tx, &receive, &message, self.conversation_id).await? {
                Belongs::Waits => {}
                Belongs::To(mut delivery) => {
                    receipts::accept(
                        tx,
                        &mut delivery,
                        Some(&message.platform_message_id),
                        receive.event.occurred_at,
                    )
                    .await?;
                }
                Belongs::ToNobody => {
                    parked_events::unpark(tx.conn, parked.id).await?;
                    store(tx, &receive, &message).await?;
                }
            }
        }
        changes::catch_up(tx, self.conversation_id).await
    }
}

/// After this long no token can be told to open anything whose name ended.
const TOKENS_ARE_OVER: Duration = Duration::from_hours(24 * 400);

/// Forgets parked events that waited in vain, echoes are never among them, and names of visitors that ended
/// long ago.
#[derive(Debug, Clone, Copy)]
pub struct ForgetExpired;

impl Command for ForgetExpired {
    type Answer = usize;

    fn subject(&self) -> Subject {
        Subject::of("parked")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<usize, LedgerError> {
        visitors::forget(tx.conn, tx.now.minus(TOKENS_ARE_OVER)).await?;
        Ok(parked_events::forget_expired(tx.conn, tx.now).await?)
    }
}
