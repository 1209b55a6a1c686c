//! What no hint told of: the rows are looked at, always where others write too, else only after something was
//! dropped. Never more than word of a change: rooms and lists read what it is.

use super::broadcast::Broadcast;
use super::messages::{Heard, ListChange};
use super::registry::ConversationRegistry;
use super::shared::Shared;
use crate::domain::{ChannelEvent, ChannelId, Timestamp, WorkspaceId};
use crate::store::accounts::{audit, channels, templates};
use crate::store::{Conn, StoreError, conversations};
use actix::prelude::*;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// How far back: a transaction may commit later than its clock says.
const OVERLAP: Duration = Duration::from_secs(10);
/// Conversations that one query looks at.
const PAGE: i64 = 2_000;

/// Who looks, and what they know.
pub(crate) struct Poll {
    registry: Addr<ConversationRegistry>,
    shared: Arc<Shared>,
    /// Up to where everything was told.
    since: Timestamp,
    /// The entries of customers who were forgotten lately, and of whom that was told.
    erased: HashSet<i64>,
    /// How the channels stood; none: nobody looked yet.
    channels: Option<HashMap<ChannelId, ChannelEvent>>,
    /// Up to which moment each workspace was told of its approved messages.
    templates: HashMap<WorkspaceId, Timestamp>,
}

impl Poll {
    /// Nobody looked yet.
    pub(crate) fn new(registry: Addr<ConversationRegistry>, shared: Arc<Shared>) -> Self {
        Self {
            registry,
            shared,
            since: Timestamp::now(),
            erased: HashSet::new(),
            channels: None,
            templates: HashMap::new(),
        }
    }

    /// Looks for as long as the process lives.
    pub(crate) async fn run(mut self) {
        loop {
            actix::clock::sleep(EVERY).await;
            let missed = self.shared.missed.swap(false, Ordering::Relaxed);
            if !missed && !self.shared.db.is_shared() {
                self.since = Timestamp::now();
                continue;
            }
            if let Err(error) = self.look().await {
                self.shared.missed.store(missed, Ordering::Relaxed);
                log::warn!("polling for changes failed, retrying: {error}");
            }
        }
    }

    async fn look(&mut self) -> Result<(), StoreError> {
        let (now, from) = (Timestamp::now(), self.since.minus(OVERLAP));
        self.tell_changes_since(from).await?;
        self.tell_erased_since(from).await?;
        self.tell_channels().await?;
        self.tell_templates_since(from).await?;
        self.since = now;
        Ok(())
    }

    /// Tells the rooms and lists of everything that changed since a moment, page by page.
    async fn tell_changes_since(&self, mut from: Timestamp) -> Result<(), StoreError> {
        let mut limit = PAGE;
        loop {
            let page =
                self.shared.db.read(async move |conn| conversations::changed_since(conn, from, limit).await);
            let states = page.await?;
            let is_whole = i64::try_from(states.len()).is_ok_and(|count| count < limit);
            let last = states.last().map_or(from, |state| state.updated_at);
            for state in states {
                self.registry.do_send(Heard::Version(state.id, state.version));
                self.registry.do_send(Heard::Events(state.id, state.event_seq));
                let workspace = state.workspace_id;
                self.registry.do_send(Heard::List(workspace, ListChange::Found(Box::new(state))));
            }
            if is_whole {
                return Ok(());
            }
            // More of one moment than a page holds: a bigger page.
            (from, limit) = if last == from { (from, limit * 2) } else { (last, PAGE) };
        }
    }

    /// Tells everybody of the customers who were forgotten since a moment.
    async fn tell_erased_since(&mut self, from: Timestamp) -> Result<(), StoreError> {
        let erased = self.shared.db.read(async move |conn| audit::erased_since(conn, from).await).await?;
        self.erased.retain(|told| erased.iter().any(|(entry, _)| entry == told));
        for (entry, event) in erased {
            if self.erased.insert(entry) {
                self.registry.do_send(Heard::Announced(Broadcast::erased(&event)));
            }
        }
        Ok(())
    }

    /// Tells everybody of the channels that stopped, or work, since the last look.
    async fn tell_channels(&mut self) -> Result<(), StoreError> {
        let now = self.shared.db.read(async |conn| channels::states(conn).await).await?;
        let now: HashMap<_, _> = now.into_iter().map(|event| (event.channel_id, event)).collect();
        if let Some(before) = &self.channels {
            for event in now.values().filter(|event| before.get(&event.channel_id) != Some(*event)) {
                self.registry.do_send(Heard::Announced(Broadcast::channel(event)));
            }
        }
        self.channels = Some(now);
        Ok(())
    }

    /// Tells every workspace whose approved messages changed since a moment.
    async fn tell_templates_since(&mut self, from: Timestamp) -> Result<(), StoreError> {
        let read = async move |conn: &mut Conn| templates::changed_since(conn, from).await;
        for (workspace, at) in self.shared.db.read(read).await? {
            if self.templates.get(&workspace).is_none_or(|told| *told < at) {
                self.templates.insert(workspace, at);
                self.registry.do_send(Heard::Announced(Broadcast::templates(workspace)));
            }
        }
        Ok(())
    }
}
