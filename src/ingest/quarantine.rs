//! Around the events themselves: that a channel said something, and what is kept of events that could not be
//! stored. Never an event's content.

use super::event::Source;
use crate::domain::inbound::InboundEvent;
use crate::domain::{ChannelId, PlatformCheck, UserId, WorkspaceId};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::{audit, channel_checks, channels};
use crate::store::delivery::parked_events;
use std::sync::Arc;
use std::time::Duration;

/// What a channel that was silent for so long missed is asked for as soon as it is heard again.
const SILENCE: Duration = Duration::from_mins(10);

/// A channel said something.
#[derive(Debug, Clone, Copy)]
pub struct HeardFrom {
    pub channel_id: ChannelId,
}

impl Command for HeardFrom {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(self.channel_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let before =
            channels::find(tx.conn, self.channel_id).await?.and_then(|channel| channel.last_event_at);
        if before.is_some_and(|before| before.plus(SILENCE) < tx.now) {
            // Perhaps it had nothing to say, perhaps we were deaf.
            channel_checks::hurry(tx.conn, self.channel_id, PlatformCheck::Messages, tx.now).await?;
        }
        Ok(channels::heard_from(tx.conn, self.channel_id, tx.now).await?)
    }
}

/// Keeps an event that could not be stored for a reason of its own.
#[derive(Debug, Clone)]
pub struct Quarantine {
    /// By which channel.
    pub source: Source,
    /// The event.
    pub event: Arc<InboundEvent>,
    pub error: String,
}

impl Command for Quarantine {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(self.source.channel_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        parked_events::quarantine(
            tx.conn,
            self.source.channel_id,
            self.event.raw.as_bytes(),
            &self.error,
            tx.now,
        )
        .await?;
        Ok(())
    }
}

/// A quarantined event was read after all: it is let go.
#[derive(Debug, Clone, Copy)]
pub struct ReleaseQuarantined {
    /// Which admin had it read again.
    pub by: (WorkspaceId, UserId),
    pub id: i64,
}

impl Command for ReleaseQuarantined {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of(("quarantine", self.id))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let (workspace, user) = self.by;
        let subject = format!("quarantine:{}", self.id);
        let details = serde_json::json!({});
        audit::note(tx.conn, (workspace, Some(user)), "quarantine_replayed", &subject, &details, tx.now)
            .await?;
        Ok(parked_events::release(tx.conn, self.id).await?)
    }
}
