//! What was seen lately, in front of the database: a redelivered message need not wait for the
//! ledger, and a known customer's conversation is locked in order. Only an accelerator: what is
//! not here is asked of the rows, and nothing is here that was not committed.

use super::event::{Receive, Received};
use crate::domain::inbound::{Author, InboundEvent, InboundKind, InboundMessage};
use crate::domain::{ChannelId, ConversationId, MessageId, Outcome};
use moka::sync::Cache;
use std::time::Duration;

/// Messages and conversations that are remembered.
const REMEMBERED: u64 = 50_000;
const FOR: Duration = Duration::from_hours(1);
/// How often a channel's sign of life is written: not with every message.
const LIFE: Duration = Duration::from_secs(5);

/// What was seen lately; cloned freely.
#[derive(Clone)]
pub struct Seen {
    messages: Cache<(ChannelId, String), (ConversationId, MessageId)>,
    conversations: Cache<(ChannelId, String), ConversationId>,
    /// Channels whose last sign of life was written a moment ago.
    heard: Cache<ChannelId, ()>,
}

impl Default for Seen {
    fn default() -> Self {
        let cache = || Cache::builder().max_capacity(REMEMBERED).time_to_live(FOR);
        Self {
            messages: cache().build(),
            conversations: Cache::builder().max_capacity(REMEMBERED).time_to_live(FOR).build(),
            heard: Cache::builder().max_capacity(REMEMBERED).time_to_live(LIFE).build(),
        }
    }
}

impl Seen {
    /// What became of a customer's message that was stored already.
    pub fn known(&self, channel: ChannelId, event: &InboundEvent) -> Option<Received> {
        let message = customers_message(event)?;
        let (conversation, id) = self.messages.get(&(channel, message.platform_message_id.clone()))?;
        let received = Received::new(Outcome::Duplicate, event.kind.direction());
        Some(Received { conversation_id: Some(conversation), message_id: Some(id), ..received })
    }

    /// Whether a channel's sign of life is to be written now.
    pub fn is_life_due(&self, channel: ChannelId) -> bool {
        let is_due = !self.heard.contains_key(&channel);
        if is_due {
            self.heard.insert(channel, ());
        }
        is_due
    }

    /// The conversation of an event's customer.
    pub fn conversation(&self, channel: ChannelId, event: &InboundEvent) -> Option<ConversationId> {
        let identity = event.kind.thread()?.first()?;
        self.conversations.get(&(channel, identity.external_id.clone()))
    }

    /// Remembers what was committed.
    pub fn note(&self, receive: &Receive, received: &Received) {
        let channel = receive.source.channel_id;
        let Some(conversation) = received.conversation_id else { return };
        for identity in receive.event.kind.thread().into_iter().flat_map(|thread| &thread.identities) {
            let key = (channel, identity.external_id.clone());
            let known = self.conversations.get(&key);
            if known.is_some_and(|known| known != conversation) {
                // Two conversations became one: what is remembered may stand in the other.
                self.messages.invalidate_all();
            }
            if known != Some(conversation) {
                self.conversations.insert(key, conversation);
            }
        }
        if let (Some(message), Some(id)) = (customers_message(&receive.event), received.message_id) {
            self.messages.insert((channel, message.platform_message_id.clone()), (conversation, id));
        }
    }
}

/// Only of these a repetition says nothing new: an echo may settle a send, an import bring a file.
fn customers_message(event: &InboundEvent) -> Option<&InboundMessage> {
    match &event.kind {
        InboundKind::Message(message) if message.author == Author::Customer && message.history.is_none() => {
            Some(message)
        }
        _ => None,
    }
}
