//! Taking work: what is due and first in line of its conversation, by lease and fence; and giving
//! back what nobody came back for. Never a network call.

use crate::chat::settle::tell_message;
use crate::chat::{Command, LedgerError, Subject, Tx};
use crate::domain::{ChannelId, DeliveryId, DeliveryStatus};
use crate::store::messages::{self, MessageRow};
use crate::store::outbox::{self, Attempt, Delivery, Ended};
use std::time::Duration;

/// Takes what is due, at most one delivery a conversation.
#[derive(Debug, Clone)]
pub struct Claim {
    /// How many at most.
    pub limit: i64,
    /// For how long: longer than one call to a platform may take.
    pub lease: Duration,
    /// Channels that must wait.
    pub held: Vec<ChannelId>,
}

/// A delivery that is this worker's for a while.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The delivery.
    pub delivery: Delivery,
    /// Its message.
    pub message: MessageRow,
}

impl Command for Claim {
    type Answer = Vec<Claimed>;

    fn subject(&self) -> Subject {
        Subject::of("outbox")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Claimed>, LedgerError> {
        let mut claimed = Vec::new();
        for mut delivery in outbox::due(tx.conn, tx.now, &self.held, self.limit).await? {
            let Some(message) = messages::find(tx.conn, delivery.workspace_id, delivery.message_id).await?
            else {
                continue;
            };
            delivery.status = DeliveryStatus::Claimed;
            delivery.attempt_id = Some(new_attempt_id()?);
            delivery.lease_until = Some(tx.now.plus(self.lease));
            delivery.updated_at = tx.now;
            outbox::update(tx.conn, &delivery).await?;
            claimed.push(Claimed { delivery, message });
        }
        Ok(claimed)
    }
}

/// The fence, and on some platforms the token that proves a send: unguessable.
fn new_attempt_id() -> Result<String, LedgerError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| LedgerError::Unavailable(format!("no randomness: {error}")))?;
    Ok(bytes.iter().fold(String::with_capacity(32), |text, byte| text + &format!("{byte:02x}")))
}

/// Commits an attempt: from here on the first byte may leave. False: the lease went to another.
#[derive(Debug, Clone)]
pub struct Start {
    /// Which delivery.
    pub id: DeliveryId,
    /// Under which fence.
    pub attempt_id: String,
    /// By whom.
    pub worker: String,
    /// For how long from now.
    pub lease: Duration,
    /// In which conversation.
    pub conversation_id: crate::domain::ConversationId,
}

impl Command for Start {
    type Answer = bool;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let Some(mut delivery) = outbox::find(tx.conn, self.id).await? else { return Ok(false) };
        if delivery.status != DeliveryStatus::Claimed
            || delivery.attempt_id.as_deref() != Some(&self.attempt_id)
        {
            return Ok(false);
        }
        delivery.status = DeliveryStatus::Sending;
        delivery.attempts += 1;
        delivery.lease_until = Some(tx.now.plus(self.lease));
        delivery.updated_at = tx.now;
        outbox::update(tx.conn, &delivery).await?;
        let attempt = Attempt {
            attempt_id: self.attempt_id.clone(),
            delivery_id: delivery.id,
            worker: self.worker.clone(),
            started_at: tx.now,
            ended_at: None,
            outcome: None,
            error_code: None,
            error_message: None,
            platform_message_id: None,
        };
        outbox::insert_attempt(tx.conn, &attempt).await?;
        tell_message(tx, &delivery).await?;
        Ok(true)
    }
}

/// Takes back what no worker came back for: claimed is queued again, an attempt without a result
/// is unconfirmed, never queued.
#[derive(Debug, Clone)]
pub struct Recover {
    /// Everything that is held: this process is the only one, and it has just begun.
    pub all: bool,
}

impl Command for Recover {
    /// How many were taken back.
    type Answer = usize;

    fn subject(&self) -> Subject {
        Subject::of("outbox")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<usize, LedgerError> {
        let abandoned = outbox::abandoned(tx.conn, tx.now, self.all).await?;
        let count = abandoned.len();
        for mut delivery in abandoned {
            if delivery.status == DeliveryStatus::Claimed {
                delivery.status = DeliveryStatus::Queued;
                delivery.attempt_id = None;
            } else {
                delivery.status = DeliveryStatus::Unconfirmed;
                lost(tx, &mut delivery, "the worker ended before the platform's answer was written").await?;
            }
            delivery.lease_until = None;
            delivery.updated_at = tx.now;
            outbox::update(tx.conn, &delivery).await?;
            tell_message(tx, &delivery).await?;
        }
        Ok(count)
    }
}

/// Notes that an attempt's answer was lost.
pub(super) async fn lost(tx: &mut Tx<'_>, delivery: &mut Delivery, reason: &str) -> Result<(), LedgerError> {
    delivery.error_code = Some("unconfirmed".into());
    delivery.error_message = Some(reason.to_owned());
    if let Some(attempt) = &delivery.attempt_id {
        let ended = Ended {
            ended_at: tx.now,
            outcome: "unknown".into(),
            error_code: delivery.error_code.clone(),
            error_message: delivery.error_message.clone(),
            platform_message_id: None,
        };
        outbox::end_attempt(tx.conn, attempt, &ended).await?;
    }
    Ok(())
}
