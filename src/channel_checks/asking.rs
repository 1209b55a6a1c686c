//! What the checks work with, and what comes of one. Never which there are: those are in a file each.

use super::commands::{Found, NoteFound};
use crate::auth::{ChannelDirectory, ConnectedChannel, Vault};
use crate::channels::{CallError, Platforms};
use crate::config::PublicUrl;
use crate::ingest::Source;
use crate::ledger::metrics::Counter;
use crate::ledger::{Ledger, LedgerError};
use crate::live::Live;
use crate::store::{Db, StoreError};
use std::time::Duration;

/// How long one check works at most; what is left goes on right after.
pub(super) const AT_MOST: Duration = Duration::from_mins(1);

/// What checks work with.
pub struct ChannelChecks {
    pub(super) db: Db,
    pub(super) ledger: Ledger,
    pub(super) directory: ChannelDirectory,
    pub(super) platforms: Platforms,
    pub(super) vault: Vault,
    pub(super) public_url: PublicUrl,
    pub(super) live: Live,
    /// How long one call may take.
    pub(super) timeout: Duration,
}

/// What came of a check.
#[derive(Debug, Default)]
pub struct Outcome {
    /// When it is asked again; none: after a back-off.
    pub(super) again_in: Option<Duration>,
    pub(super) is_done: bool,
    pub(super) fault: Option<String>,
    /// Where it goes on.
    pub(super) progress: Option<String>,
    /// How many messages it brought.
    pub(super) recovered: usize,
}

impl Outcome {
    /// It was answered to the end.
    pub(super) fn done(again_in: Duration) -> Self {
        Self { again_in: Some(again_in), is_done: true, ..Self::default() }
    }

    /// It was not answered, for the platform's reason.
    pub(super) fn failed(error: CallError) -> Self {
        Self { again_in: error.retry_after, fault: Some(error.message), ..Self::default() }
    }

    /// It could not be written down.
    pub(super) fn not_written(error: &LedgerError) -> Self {
        log::warn!("what a channel's platform said could not be stored yet: {error}");
        Self { fault: Some("the database is unavailable".to_owned()), ..Self::default() }
    }
}

impl From<StoreError> for Outcome {
    fn from(error: StoreError) -> Self {
        Self::not_written(&error.into())
    }
}

impl ChannelChecks {
    /// Writes what was found; asked again after `again_in`.
    pub(super) async fn note(&self, channel: &ConnectedChannel, found: Found, again_in: Duration) -> Outcome {
        let whose = (channel.channel.workspace_id, channel.channel.id);
        match self.ledger.give(NoteFound { whose, found }).await {
            Ok(()) => Outcome::done(again_in),
            Err(error) => Outcome::not_written(&error),
        }
    }

    /// What counts messages that were read back.
    pub(super) fn counter(&self) -> &Counter {
        &self.live.metrics().recovered
    }
}

/// The channel that events are said to come by.
pub(super) fn source(channel: &ConnectedChannel) -> Source {
    let row = &channel.channel;
    Source { channel_id: row.id, workspace_id: row.workspace_id, kind: row.kind, name: row.name.clone() }
}
