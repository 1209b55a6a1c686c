//! Writing what came of an attempt, once, by its fence. Never a guess: what may have been sent is
//! unconfirmed until it is proved or a person decides.

use super::retries;
use super::unconfirmed::perhaps_sent;
use crate::domain::inbound::CustomerIdentity;
use crate::domain::outbound::{PlatformRefusal, SendOutcome};
use crate::domain::{
    ChannelEvent, ChannelState, ConversationId, ConversationState, DeliveryId, DeliveryStatus, Event,
    Timestamp,
};
use crate::jobs::fault::{Place, point};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::channels;
use crate::store::conversations::customers::{self, NewIdentity};
use crate::store::delivery::outbox::{self, Delivery, Ended};
use crate::store::{conversations, messages};
use crate::thread::join;
use crate::thread::receipts::{accept, tell_message};
use std::time::Duration;

/// Writes the outcome of an attempt.
#[derive(Debug, Clone)]
pub struct RecordResult {
    pub id: DeliveryId,
    /// Under which fence.
    pub attempt_id: String,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// What the platform said.
    pub outcome: SendOutcome,
    /// 0 to 1: where in its span a wait lies, so that many do not come back at once.
    pub jitter: f64,
}

impl Command for RecordResult {
    /// Whether the result counted.
    type Answer = bool;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let Some(mut delivery) = outbox::find(tx.conn, self.id).await? else { return Ok(false) };
        if delivery.attempt_id.as_deref() != Some(&self.attempt_id) {
            self.note_late(tx, &delivery).await?;
            return Ok(false);
        }
        let is_held = matches!(delivery.status, DeliveryStatus::Claimed | DeliveryStatus::Sending);
        match &self.outcome {
            SendOutcome::Accepted { platform_message_id, learned } => {
                accept(tx, &mut delivery, Some(platform_message_id), None).await?;
                self.learn(tx, &delivery, learned).await?;
            }
            // Proof came while the attempt was still running: nothing lowers it.
            _ if delivery.status == DeliveryStatus::Sent => return Ok(false),
            // The lease was over, and others went on without it: only an acceptance still counts.
            _ if !is_held => {
                self.note_late(tx, &delivery).await?;
                return Ok(false);
            }
            SendOutcome::NotSent { reason, retry_after, scope } => {
                let wait = retries::wait(*scope, *retry_after, (delivery.attempts, self.jitter));
                self.later(tx, &mut delivery, reason, wait).await?;
            }
            SendOutcome::Refused(refusal) => self.refused(tx, &mut delivery, refusal).await?,
            SendOutcome::Unknown { reason } => {
                perhaps_sent(tx, &mut delivery, reason).await?;
                write(tx, &mut delivery).await?;
            }
        }
        point(Place::SettleWritten);
        Ok(true)
    }
}

async fn write(tx: &mut Tx<'_>, delivery: &mut Delivery) -> Result<(), LedgerError> {
    delivery.lease_until = None;
    delivery.updated_at = tx.now;
    outbox::update(tx.conn, delivery).await?;
    tell_message(tx, delivery).await?;
    Ok(())
}

impl RecordResult {
    /// The fence is another's by now: the result is noted with its attempt and changes nothing.
    async fn note_late(&self, tx: &mut Tx<'_>, delivery: &Delivery) -> Result<(), LedgerError> {
        log::warn!("delivery {}: lease expired, the late result of its attempt is refused", self.id);
        let platform_message_id = match &self.outcome {
            SendOutcome::Accepted { platform_message_id: id, .. } => {
                // It went out all the same: its echo and its receipts are this message's.
                messages::add_identity(tx.conn, delivery.channel_id, id, delivery.message_id).await?;
                Some(id.clone())
            }
            _ => None,
        };
        self.end(tx, "late", None, platform_message_id).await
    }

    async fn end(
        &self,
        tx: &mut Tx<'_>,
        outcome: &str,
        error: Option<(String, String)>,
        platform_message_id: Option<String>,
    ) -> Result<(), LedgerError> {
        let (error_code, error_message) = error.unzip();
        let ended = Ended {
            ended_at: tx.now,
            outcome: outcome.into(),
            error_code,
            error_message,
            platform_message_id,
        };
        Ok(outbox::end_attempt(tx.conn, &self.attempt_id, &ended).await?)
    }

    /// Surely not sent: waits and comes again, for a day.
    async fn later(
        &self,
        tx: &mut Tx<'_>,
        delivery: &mut Delivery,
        reason: &str,
        wait: Duration,
    ) -> Result<(), LedgerError> {
        let error = ("not_sent".to_owned(), reason.to_owned());
        self.end(tx, "not_sent", Some(error.clone()), None).await?;
        let owed_since = delivery.send_at.unwrap_or(delivery.created_at);
        let is_over = retries::is_over(owed_since, delivery.attempts, tx.now);
        delivery.status = if is_over { DeliveryStatus::Failed } else { DeliveryStatus::Queued };
        delivery.due_at = tx.now.plus(wait);
        (delivery.error_code, delivery.error_message) = (Some(error.0), Some(error.1));
        write(tx, delivery).await
    }

    async fn refused(
        &self,
        tx: &mut Tx<'_>,
        delivery: &mut Delivery,
        refusal: &PlatformRefusal,
    ) -> Result<(), LedgerError> {
        let error = (refusal.code.clone(), refusal.message.clone());
        self.end(tx, "refused", Some(error.clone()), None).await?;
        (delivery.error_code, delivery.error_message) = (Some(error.0), Some(error.1));
        delivery.status = DeliveryStatus::Failed;
        if refusal.channel_broken {
            // The channel stops, its queue stays: a person mends it and everything goes out.
            let reason = format!("{}: {}", refusal.code, refusal.message);
            let state = ChannelState::Paused;
            if channels::set_state(tx.conn, delivery.channel_id, state, Some(&reason)).await? {
                log::warn!(
                    "channel {}: paused, its platform does not accept its credentials",
                    delivery.channel_id
                );
                tx.tell(Event::Channel(ChannelEvent {
                    workspace_id: delivery.workspace_id,
                    channel_id: delivery.channel_id,
                    state,
                    state_reason: Some(reason),
                }));
            }
            delivery.status = DeliveryStatus::Queued;
            delivery.due_at = tx.now;
        } else if let Some(identity) = &refusal.migrate_to {
            self.learn(tx, delivery, std::slice::from_ref(identity)).await?;
            delivery.status = DeliveryStatus::Queued;
            delivery.due_at = tx.now;
            tx.tell(Event::OutboxReady);
        }
        if refusal.unreachable {
            self.is_unreachable(tx, delivery).await?;
        }
        write(tx, delivery).await
    }

    /// Names of the customer that the answer taught us.
    async fn learn(
        &self,
        tx: &mut Tx<'_>,
        delivery: &Delivery,
        learned: &[CustomerIdentity],
    ) -> Result<(), LedgerError> {
        if learned.is_empty() {
            return Ok(());
        }
        let state = conversations::by_ids(tx.conn, &[delivery.conversation_id]).await?.into_iter().next();
        let Some(state) = state else { return Ok(()) };
        let Some(customer) = state.customer_id else { return Ok(()) };
        for identity in learned {
            let new = NewIdentity {
                workspace: delivery.workspace_id,
                channel: delivery.channel_id,
                customer,
                kind: identity.kind.as_str(),
                external_id: &identity.external_id,
                merged_from: customers::merged_from(&state.thread),
            };
            if !customers::add_identity(tx.conn, new, tx.now).await? {
                self.join(tx, &state, &identity.external_id).await?;
            }
        }
        Ok(())
    }

    /// The platform answered that whom we wrote to is who somebody else is known as: they are one.
    async fn join(
        &self,
        tx: &mut Tx<'_>,
        state: &ConversationState,
        learned: &str,
    ) -> Result<(), LedgerError> {
        let (Some(customer), Some(channel_id)) = (state.customer_id, state.channel_id) else { return Ok(()) };
        let from = customers::merged_from(&state.thread);
        let own = customers::addresses(tx.conn, customer, channel_id, from).await?;
        let Some((_, address)) = own.first() else { return Ok(()) };
        let place = join::Where { workspace_id: state.workspace_id, channel_id };
        join::join(tx, place, [address, learned]).await
    }

    async fn is_unreachable(&self, tx: &mut Tx<'_>, delivery: &Delivery) -> Result<(), LedgerError> {
        let state = conversations::by_ids(tx.conn, &[delivery.conversation_id]).await?.into_iter().next();
        let Some(customer) = state.and_then(|state| state.customer_id) else { return Ok(()) };
        if let Some(mut row) = customers::find(tx.conn, delivery.workspace_id, customer).await? {
            row.unreachable = true;
            customers::update(tx.conn, &row).await?;
        }
        Ok(())
    }
}

/// When a delivery that waits may be looked at.
pub(super) fn until(due: Timestamp, now: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(due.0.saturating_sub(now.0)).unwrap_or(0))
}
