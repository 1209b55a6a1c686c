//! Keeps our copy of the templates of each business account as its platform has them: once connected, each
//! day, whenever an admin asks, and when the platform tells of one that is not in it. Never a template made
//! or changed.

use crate::auth::{ChannelDirectory, ConnectedChannel};
use crate::channels::kind::Ability;
use crate::channels::{CallError, Platforms, registry};
use crate::domain::template::{KnownTemplate, PlatformTemplate};
use crate::domain::{ChannelState, Event, Timestamp, WorkspaceId};
use crate::ledger::{Command, Ledger, LedgerError, Subject, Tx};
use crate::store::accounts::templates::{self, DELETED, Sync};
use crate::store::{Conn, Db, StoreError};
use crate::thread::templates::SKEW;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// How often one looks whether a copy is due.
const LOOK: Duration = Duration::from_secs(3);
/// How long a copy is good.
const GOOD: Duration = Duration::from_hours(24);
/// When one tries again that the platform did not give.
const AGAIN: Duration = Duration::from_hours(1);
/// How long whoever asks may take, before another process does.
const LEASE: Duration = Duration::from_mins(5);

/// Whose templates, owned.
type Whose = (WorkspaceId, String);

/// Why a copy was not made.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The platform did not give it.
    #[error(transparent)]
    Platform(#[from] CallError),
    /// It could not be stored.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Takes the turn to ask, if it is due.
struct Begin(Whose);

impl Command for Begin {
    type Answer = bool;

    fn subject(&self) -> Subject {
        Subject::of(("templates", &self.0))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let account = (self.0.0, self.0.1.as_str());
        let before = templates::sync_of(tx.conn, account).await?;
        if before.as_ref().is_some_and(|sync| sync.due_at > tx.now) {
            return Ok(false);
        }
        let (synced_at, fault) = before.map_or((None, None), |sync| (sync.synced_at, sync.fault));
        let due_at = tx.now.plus(LEASE);
        templates::set_sync(tx.conn, account, &Sync { synced_at, due_at, fault }).await?;
        Ok(true)
    }
}

/// Keeps what the platform gave, or why it did not.
struct Keep {
    whose: Whose,
    /// When it was asked.
    asked_at: Timestamp,
    found: Result<Vec<PlatformTemplate>, String>,
}

impl Command for Keep {
    type Answer = Sync;

    fn subject(&self) -> Subject {
        Subject::of(("templates", &self.whose))
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Sync, LedgerError> {
        let account = (self.whose.0, self.whose.1.as_str());
        let sync = match &self.found {
            Ok(found) => {
                self.keep(tx, found).await?;
                Sync { synced_at: Some(tx.now), due_at: tx.now.plus(GOOD), fault: None }
            }
            Err(fault) => {
                let before = templates::sync_of(tx.conn, account).await?;
                let synced_at = before.and_then(|sync| sync.synced_at);
                Sync { synced_at, due_at: tx.now.plus(AGAIN), fault: Some(fault.clone()) }
            }
        };
        templates::set_sync(tx.conn, account, &sync).await?;
        Ok(sync)
    }
}

impl Keep {
    async fn keep(&self, tx: &mut Tx<'_>, found: &[PlatformTemplate]) -> Result<(), LedgerError> {
        let account = (self.whose.0, self.whose.1.as_str());
        let known = templates::all(tx.conn, account).await?;
        let mut is_changed = false;
        for told in found {
            let before = known.iter().find(|known| is_same(known, told));
            let Some((fresh, at)) = self.fresh(before, told) else { continue };
            templates::keep(tx.conn, account, &fresh, (at, tx.now)).await?;
            is_changed = true;
        }
        for gone in known.iter().filter(|known| !found.iter().any(|told| is_same(known, told))) {
            // One that was made while the platform was asked is not in its answer yet.
            if gone.told.status != DELETED && gone.updated_at < self.asked_at {
                let at = (self.asked_at, tx.now);
                is_changed |= templates::set_status(tx.conn, gone.id, (DELETED, None), at).await?;
            }
        }
        if is_changed {
            tx.tell(Event::Templates(account.0));
        }
        Ok(())
    }

    /// What is to be kept, and of which moment it tells where it stands; none: it is known so.
    fn fresh(
        &self,
        before: Option<&KnownTemplate>,
        told: &PlatformTemplate,
    ) -> Option<(PlatformTemplate, Timestamp)> {
        let mut at = self.asked_at.minus(SKEW);
        let Some(before) = before else { return Some((told.clone(), at)) };
        let mut fresh = told.clone();
        // What the platform told by itself meanwhile is newer than its list.
        if before.status_at > at {
            (fresh.status, fresh.reason) = (before.told.status.clone(), before.told.reason.clone());
            at = before.status_at;
        }
        // The list has no reason for a pause; the news of it had.
        if fresh.reason.is_none() && fresh.status == before.told.status {
            fresh.reason.clone_from(&before.told.reason);
        }
        (fresh != before.told).then_some((fresh, at))
    }
}

fn is_same(known: &KnownTemplate, told: &PlatformTemplate) -> bool {
    known.told.name == told.name && known.told.language == told.language
}

/// Makes the copy of a channel's business account now.
pub async fn sync(
    ledger: &Ledger,
    platforms: &Platforms,
    channel: &ConnectedChannel,
    business: &str,
) -> Result<Sync, SyncError> {
    let whose = (channel.channel.workspace_id, business.to_owned());
    let asked_at = Timestamp::now();
    match platforms.templates(&channel.access).await {
        Ok(found) => Ok(ledger.give(Keep { whose, asked_at, found: Ok(found) }).await?),
        Err(error) => {
            ledger.give(Keep { whose, asked_at, found: Err(error.message.clone()) }).await?;
            Err(error.into())
        }
    }
}

/// Looks for copies that are due, for as long as the process lives.
pub async fn run(db: Db, ledger: Ledger, directory: ChannelDirectory, platforms: Platforms) {
    loop {
        tokio::time::sleep(LOOK).await;
        if let Err(error) = look(&db, &ledger, &directory, &platforms).await {
            log::warn!("the copies of templates could not be looked at, retrying: {error}");
        }
    }
}

async fn look(
    db: &Db,
    ledger: &Ledger,
    directory: &ChannelDirectory,
    platforms: &Platforms,
) -> Result<(), LedgerError> {
    let mut seen = HashSet::new();
    for (whose, channel) in accounts(directory).await? {
        if !seen.insert(whose.clone()) || !is_due(db, &whose).await? {
            continue;
        }
        if !ledger.give(Begin(whose.clone())).await? {
            continue;
        }
        match sync(ledger, platforms, &channel, &whose.1).await {
            Ok(_) => {}
            Err(SyncError::Ledger(error)) => return Err(error),
            Err(SyncError::Platform(error)) => {
                log::info!("channel {}: its templates were not to be had: {error}", channel.channel.id);
            }
        }
    }
    Ok(())
}

/// Every business account, with a channel that can speak for it.
async fn accounts(directory: &ChannelDirectory) -> Result<Vec<(Whose, Arc<ConnectedChannel>)>, StoreError> {
    let mut found = Vec::new();
    for kind in registry::kinds().filter(|kind| kind.can(Ability::Template)) {
        for channel in directory.all_of_kind(kind.kind).await? {
            let business = channel.access.options.business().map(str::to_owned);
            let needs = kind.needs.iter().all(|name| channel.access.credentials.get(name).is_some());
            if let Some(business) = business.filter(|_| needs && channel.channel.state != ChannelState::Off) {
                found.push(((channel.channel.workspace_id, business), channel));
            }
        }
    }
    Ok(found)
}

async fn is_due(db: &Db, whose: &Whose) -> Result<bool, StoreError> {
    let whose = whose.clone();
    let now = Timestamp::now();
    let read = async move |conn: &mut Conn| templates::sync_of(conn, (whose.0, &whose.1)).await;
    Ok(db.read(read).await?.is_none_or(|sync| sync.due_at <= now))
}
