//! What we tell a platform beside messages, in the background: that an agent read, that one types, how
//! one reacted. Never a message, and never waited for: each may be lost without harm, and a reaction
//! that the platform refuses is taken back.

use crate::auth::{ChannelDirectory, ConnectedChannel};
use crate::channels::{Platforms, registry};
use crate::desk::react::{React, Reacted};
use crate::domain::ConversationId;
use crate::domain::inbound::Thread;
use crate::domain::outbound::{Outbound, Part, SendOutcome};
use crate::ledger::Ledger;
use crate::store::conversations::{self, customers};
use crate::store::{Db, StoreError, messages};
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Calls at one time; what is more is left out.
const CONCURRENCY: usize = 32;
/// Typing is said again after this long: the most forgetful platform forgets it after 5 seconds.
const TYPING_LASTS: Duration = Duration::from_secs(4);
/// Tries of a reaction: setting it twice is setting it once.
const TRIES: u32 = 4;

/// Tells platforms what is no message; cloned freely.
#[derive(Clone)]
pub struct ChannelSignals {
    db: Db,
    ledger: Ledger,
    channels: ChannelDirectory,
    platforms: Platforms,
    running: Arc<Semaphore>,
    /// The message that was told as read last.
    told: Cache<ConversationId, String>,
    /// Where typing was told a moment ago.
    typing: Cache<ConversationId, ()>,
}

impl ChannelSignals {
    /// For all channels.
    pub fn new(db: Db, ledger: Ledger, channels: ChannelDirectory, platforms: Platforms) -> Self {
        Self {
            db,
            ledger,
            channels,
            platforms,
            running: Arc::new(Semaphore::new(CONCURRENCY)),
            told: Cache::builder().max_capacity(50_000).time_to_live(Duration::from_hours(24)).build(),
            typing: Cache::builder().max_capacity(50_000).time_to_live(TYPING_LASTS).build(),
        }
    }

    /// An agent has read up to a place: the customer is told, where the channel is set to.
    pub fn read(&self, id: ConversationId, seq: i64) {
        let channel_signals = self.clone();
        self.run(async move {
            let Some((channel, thread)) = channel_signals.customer(id).await? else { return Ok(()) };
            if !channel.access.options.read_receipts {
                return Ok(());
            }
            let read =
                async move |conn: &mut crate::store::Conn| messages::last_of_customer(conn, id, seq).await;
            let Some(message) = channel_signals.db.read(read).await? else { return Ok(()) };
            if channel_signals.told.get(&id).as_ref() == Some(&message) {
                return Ok(());
            }
            match channel_signals.platforms.mark_read(&channel.access, &thread, &message).await {
                Ok(()) => channel_signals.told.insert(id, message),
                Err(error) => log::debug!("conversation {id}: the customer was not told of reading: {error}"),
            }
            Ok(())
        });
    }

    /// An agent types, or stopped.
    pub fn typing(&self, id: ConversationId, is_typing: bool) {
        let was_told = self.typing.contains_key(&id);
        if is_typing == was_told {
            return;
        }
        if is_typing {
            self.typing.insert(id, ());
        } else {
            self.typing.invalidate(&id);
        }
        let channel_signals = self.clone();
        self.run(async move {
            let Some((channel, thread)) = channel_signals.customer(id).await? else { return Ok(()) };
            let options = &channel.access.options;
            let marks_read = registry::kind(channel.access.kind).typing_marks_read;
            if !options.typing.unwrap_or(true) || marks_read && !options.read_receipts {
                return Ok(());
            }
            let last = if marks_read {
                let read = async move |conn: &mut crate::store::Conn| {
                    messages::last_of_customer(conn, id, i64::MAX).await
                };
                channel_signals.db.read(read).await?
            } else {
                None
            };
            let told =
                channel_signals.platforms.typing(&channel.access, &thread, is_typing, last.as_deref()).await;
            if let Err(error) = told {
                log::debug!("conversation {id}: the customer was not told of typing: {error}");
            }
            Ok(())
        });
    }

    /// An agent reacted: the platform is told, and if it refuses the reaction goes again.
    pub fn react(&self, reacted: Reacted) {
        let channel_signals = self.clone();
        actix::spawn(async move {
            let id = reacted.conversation_id;
            if !channel_signals.is_told(&reacted).await {
                let back =
                    React { emoji: reacted.before.clone(), instead_of: Some(reacted.emoji), ..reacted.asked };
                if let Err(error) = channel_signals.ledger.give(back).await {
                    log::warn!("conversation {id}: a refused reaction could not be taken back: {error}");
                }
            }
        });
    }

    async fn is_told(&self, reacted: &Reacted) -> bool {
        let Some(target) = reacted.target.clone() else { return true };
        for attempt in 0..TRIES {
            match self.customer(reacted.conversation_id).await {
                Ok(None) => return false,
                Ok(Some((channel, thread))) => {
                    if let Some(is_taken) = self.try_to_react(&channel, thread, &target, reacted).await {
                        return is_taken;
                    }
                }
                Err(error) => log::debug!("a reaction could not be read, retrying: {error}"),
            }
            actix::clock::sleep(Duration::from_secs(1 << attempt)).await;
        }
        false
    }

    /// Whether the platform took it; `None`: another try may work.
    async fn try_to_react(
        &self,
        channel: &ConnectedChannel,
        thread: Thread,
        target: &str,
        reacted: &Reacted,
    ) -> Option<bool> {
        let outbound = Outbound {
            thread,
            part: Part::Reaction { target: target.to_owned(), emoji: reacted.emoji.clone() },
            reply_to: None,
            topic: None,
            token: String::new(),
            human_agent: false,
        };
        match self.platforms.send(&channel.access, &outbound).await {
            SendOutcome::Accepted { .. } => Some(true),
            SendOutcome::Refused(refusal) => {
                log::info!("channel {}: a reaction was refused: {}", channel.channel.id, refusal.code);
                Some(false)
            }
            SendOutcome::NotSent { .. } | SendOutcome::Unknown { .. } => None,
        }
    }

    /// The channel of a conversation with a customer, and how they are called there.
    async fn customer(
        &self,
        id: ConversationId,
    ) -> Result<Option<(Arc<ConnectedChannel>, Thread)>, StoreError> {
        let read = async move |conn: &mut crate::store::Conn| {
            let state = conversations::by_ids(conn, &[id]).await?.into_iter().next();
            let Some(channel) = state.and_then(|state| state.channel_id) else { return Ok(None) };
            Ok(Some((channel, customers::thread(conn, channel, id).await?)))
        };
        let Some((channel, thread)) = self.db.read(read).await? else { return Ok(None) };
        let connected = self.channels.get(channel).await?;
        Ok(connected
            .filter(|connected| registry::kind(connected.access.kind).uses_outbox())
            .map(|it| (it, thread)))
    }

    /// Does something nobody waits for, unless too much of it runs already.
    fn run(&self, work: impl Future<Output = Result<(), StoreError>> + 'static) {
        let Ok(permit) = self.running.clone().try_acquire_owned() else { return };
        actix::spawn(async move {
            if let Err(error) = work.await {
                log::debug!("a channel signal was skipped: {error}");
            }
            drop(permit);
        });
    }
}
