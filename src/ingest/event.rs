//! One event of a webhook as the ledger takes it, by which channel it came, and what became of it.

use crate::domain::inbound::InboundEvent;
use crate::domain::{ChannelId, ChannelKind, ConversationId, Direction, MessageId, Outcome, WorkspaceId};
use crate::ledger::{LedgerError, Tx};
use crate::store::accounts::channels;
use crate::store::conversations;
use crate::store::messages::MessageRow;
use std::sync::Arc;

/// The channel an event came by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub channel_id: ChannelId,
    pub workspace_id: WorkspaceId,
    /// On which platform.
    pub kind: ChannelKind,
    /// What the channel is called: the name of the owner who writes elsewhere.
    pub name: String,
}

impl Source {
    /// The channel, if it is still there.
    pub(super) async fn find(tx: &mut Tx<'_>, channel_id: ChannelId) -> Result<Option<Self>, LedgerError> {
        let channel = channels::find(tx.conn, channel_id).await?;
        Ok(channel.map(|channel| Self {
            channel_id,
            workspace_id: channel.workspace_id,
            kind: channel.kind,
            name: channel.name,
        }))
    }
}

/// One event of a webhook.
#[derive(Debug, Clone)]
pub struct Receive {
    /// By which channel.
    pub source: Source,
    /// The event.
    pub event: Arc<InboundEvent>,
    /// Its conversation, if that is known: its row is then locked in order.
    pub conversation: Option<ConversationId>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Stored, known, an update, or not ours.
    pub outcome: Outcome,
    /// Which way it went.
    pub direction: Direction,
    /// Where it belongs.
    pub conversation_id: Option<ConversationId>,
    /// Which message it is or changes.
    pub message_id: Option<MessageId>,
    /// It could not be read and is kept for an admin.
    pub is_quarantined: bool,
}

impl Received {
    /// Only an outcome.
    pub fn new(outcome: Outcome, direction: Direction) -> Self {
        Self { outcome, direction, conversation_id: None, message_id: None, is_quarantined: false }
    }

    /// About this message.
    #[must_use]
    pub fn about(mut self, row: &MessageRow) -> Self {
        self.conversation_id = Some(row.conversation_id);
        self.message_id = Some(row.id);
        self
    }
}

/// An event that waited, as it came; none: its conversation or its channel is gone.
pub(super) async fn parked_receive(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    body: &str,
) -> Result<Option<Receive>, LedgerError> {
    let Ok(event) = serde_json::from_str::<InboundEvent>(body) else { return Ok(None) };
    let states = conversations::by_ids(tx.conn, &[conversation]).await?;
    let Some(channel_id) = states.first().and_then(|state| state.channel_id) else { return Ok(None) };
    let Some(source) = Source::find(tx, channel_id).await? else { return Ok(None) };
    Ok(Some(Receive { source, event: event.into(), conversation: Some(conversation) }))
}
