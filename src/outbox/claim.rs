//! Taking work: what is due and first in line of its conversation, by lease and fence; and giving
//! back what nobody came back for. Never a network call.

use super::budget::{Budgets, Wait};
use super::unconfirmed::perhaps_sent;
use crate::domain::{ChannelId, ConversationId, DeliveryId, DeliveryStatus, Event, Timestamp};
use crate::jobs::Free;
use crate::jobs::attempt::new_attempt_id;
use crate::jobs::fault::{Place, point};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::accounts::channels::kinds_of;
use crate::store::conversations;
use crate::store::delivery::outbox::{self, Attempt, Delivery};
use crate::store::messages::{self, MessageRow};
use crate::thread::receipts::tell_message;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Takes what is due, at most one delivery a conversation, as far as the budgets reach.
#[derive(Debug, Clone)]
pub struct Claim {
    /// How many at most.
    pub limit: i64,
    /// For how long: longer than one call to a platform may take.
    pub lease: Duration,
    /// Channels that must wait.
    pub held: Vec<ChannelId>,
    /// How many each channel may have under way.
    pub free: Free<ChannelId>,
    /// How fast may be sent.
    pub budgets: Budgets,
}

/// A delivery that is this worker's for a while.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The delivery.
    pub delivery: Delivery,
    /// Its message.
    pub message: MessageRow,
}

/// What a claim brought.
#[derive(Debug, Default)]
pub struct Taken {
    /// What is this worker's now.
    pub claimed: Vec<Claimed>,
    /// Channels whose budget is spent, and for how long.
    pub spent: Vec<(ChannelId, Duration)>,
    /// How many wait because their customers got enough for now.
    pub deferred: usize,
}

impl Taken {
    /// Nothing was due.
    pub fn is_nothing(&self) -> bool {
        self.claimed.is_empty() && self.spent.is_empty() && self.deferred == 0
    }
}

impl Command for Claim {
    type Answer = Taken;

    fn subject(&self) -> Subject {
        Subject::of("outbox")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Taken, LedgerError> {
        let mut taken = Taken::default();
        let mut free = self.free.clone();
        let held: Vec<_> = self.held.iter().copied().chain(free.full()).collect();
        let due = outbox::due(tx.conn, tx.now, &held, self.limit).await?;
        let channels: Vec<_> = due.iter().map(|delivery| delivery.channel_id).collect();
        let kinds = if due.is_empty() { HashMap::new() } else { kinds_of(tx.conn, &channels).await? };
        for mut delivery in due {
            if taken.spent.iter().any(|(channel, _)| *channel == delivery.channel_id) {
                continue;
            }
            if free.of(delivery.channel_id) <= 0 {
                continue; // The next claim looks behind what this channel has.
            }
            let (channel, conversation) = (delivery.channel_id, delivery.conversation_id);
            let kind = kinds.get(&channel);
            match kind.map_or(Ok(()), |kind| self.budgets.spend(*kind, channel, conversation)) {
                Ok(()) => drop(free.take(delivery.channel_id)),
                Err(Wait::Channel(wait)) => {
                    taken.spent.push((delivery.channel_id, wait));
                    continue;
                }
                Err(Wait::Recipient(wait)) => {
                    delivery.due_at = tx.now.plus(wait);
                    delivery.updated_at = tx.now;
                    outbox::update(tx.conn, &delivery).await?;
                    taken.deferred += 1;
                    continue;
                }
            }
            self.take(tx, delivery, &mut taken.claimed).await?;
        }
        if !taken.claimed.is_empty() {
            point(Place::ClaimWritten);
        }
        Ok(taken)
    }
}

impl Claim {
    async fn take(
        &self,
        tx: &mut Tx<'_>,
        mut delivery: Delivery,
        claimed: &mut Vec<Claimed>,
    ) -> Result<(), LedgerError> {
        // Read after the row is ours: whoever changes its words holds the row meanwhile.
        let Some(message) = messages::find(tx.conn, delivery.workspace_id, delivery.message_id).await? else {
            return Ok(());
        };
        delivery.status = DeliveryStatus::Claimed;
        delivery.attempt_id = Some(new_attempt_id()?);
        delivery.lease_until = Some(tx.now.plus(self.lease));
        delivery.updated_at = tx.now;
        outbox::update(tx.conn, &delivery).await?;
        claimed.push(Claimed { delivery, message });
        Ok(())
    }
}

/// Commits an attempt: from here on the first byte may leave.
#[derive(Debug, Clone)]
pub struct Start {
    pub id: DeliveryId,
    /// Under which fence.
    pub attempt_id: String,
    pub worker: String,
    /// For how long from now.
    pub lease: Duration,
    /// In which conversation.
    pub conversation_id: crate::domain::ConversationId,
}

impl Command for Start {
    /// When its lease began, by the steady clock: how long it waited for its turn before is not of it. None:
    /// the lease went to another.
    type Answer = Option<Instant>;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<Instant>, LedgerError> {
        let Some(mut delivery) = outbox::find(tx.conn, self.id).await? else { return Ok(None) };
        if delivery.status != DeliveryStatus::Claimed
            || delivery.attempt_id.as_deref() != Some(&self.attempt_id)
        {
            return Ok(None);
        }
        let began = Instant::now();
        delivery.status = DeliveryStatus::Sending;
        delivery.attempts += 1;
        delivery.lease_until = Some(Timestamp::now().plus(self.lease));
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
        point(Place::StartWritten);
        Ok(Some(began))
    }
}

/// Takes back what no worker came back for: claimed is queued again, an attempt without a result
/// is unconfirmed, never queued.
#[derive(Debug, Clone)]
pub struct Recover {
    /// Whose leases ended before this moment. The end of time: everything that is held, because this process
    /// is the only one, and it has just begun.
    pub before: Timestamp,
}

impl Command for Recover {
    /// In which conversations, one each delivery that was taken back.
    type Answer = Vec<ConversationId>;

    fn subject(&self) -> Subject {
        Subject::of("outbox")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Answer, LedgerError> {
        // First the conversations, as everybody does, then the rows: what settled meanwhile is seen.
        let conversations = outbox::abandoned_in(tx.conn, self.before).await?;
        conversations::lock(tx.conn, &conversations).await?;
        let abandoned = outbox::abandoned(tx.conn, &conversations, self.before).await?;
        let taken: Vec<_> = abandoned.iter().map(|delivery| delivery.conversation_id).collect();
        for mut delivery in abandoned {
            delivery.lease_until = None;
            delivery.updated_at = tx.now;
            if delivery.status == DeliveryStatus::Claimed {
                delivery.status = DeliveryStatus::Queued;
                delivery.attempt_id = None;
            } else {
                perhaps_sent(tx, &mut delivery, "the worker ended before the platform's answer was written")
                    .await?;
            }
            outbox::update(tx.conn, &delivery).await?;
            tell_message(tx, &delivery).await?;
        }
        if !taken.is_empty() {
            tx.tell(Event::OutboxReady);
        }
        Ok(taken)
    }
}

/// Takes back what no worker came back for; in which conversations, one each delivery.
pub(super) async fn take_back(
    ledger: &Ledger,
    before: Timestamp,
) -> Result<Vec<ConversationId>, LedgerError> {
    let mut all = Vec::new();
    loop {
        let more = ledger.give(Recover { before }).await?;
        if more.is_empty() {
            return Ok(all);
        }
        all.extend(more);
    }
}

/// Says so where something was.
pub(super) fn report(count: usize) {
    if count > 0 {
        log::info!("lease expired: {count} deliveries were taken back from workers that ended");
    }
}
