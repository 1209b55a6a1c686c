//! One workspace's list of conversations: what is committed is gathered for a tick, read once, and handed
//! once to each hub that has somebody who watches. Where nobody does, nothing is read. Never a second
//! notification: it is fed by the same events as the rooms.

use super::hub::{Hub, SendTo};
use super::list_read;
use super::list_tick::{ListTick, ListTicked};
use super::messages::ListChange;
use super::session_event::HubId;
use super::shared::Shared;
use super::tick::{Pace, TICK};
use super::watchers::Audience;
use crate::domain::{ConversationId, Reason, WorkspaceId};
use actix::prelude::*;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// Conversations that are read for one tick at most, where nobody has to be told of each change: no page
/// shows more at once.
const MOST_READ: usize = 256;
/// Changes that may wait; beyond it they are dropped, and those who watch are told to fetch the list.
const MAX_QUEUED: usize = 16_384;
/// How far apart those who fetch the list are on average: a page and its counts are some 10 ms of work.
const APART: Duration = Duration::from_millis(50);
/// The shortest and the longest that they spread over.
const WITHIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(2));

/// One workspace's list.
pub struct Inbox {
    id: WorkspaceId,
    shared: Arc<Shared>,
    hubs: HashMap<HubId, (Addr<Hub>, Audience)>,
    queue: Vec<ListChange>,
    /// Changes were dropped since the last tick.
    is_overrun: bool,
    is_reading: bool,
    pace: Pace,
    /// The revisions told lately, so that a poll or a hint tells nothing twice.
    told: moka::sync::Cache<ConversationId, Vec<i64>>,
}

impl Inbox {
    /// A list that nobody watches yet.
    pub fn new(id: WorkspaceId, shared: Arc<Shared>) -> Self {
        Self {
            id,
            shared,
            hubs: HashMap::new(),
            queue: Vec::new(),
            is_overrun: false,
            is_reading: false,
            pace: Pace::of(TICK),
            told: moka::sync::Cache::new(20_000),
        }
    }

    /// Everybody who watches, at all hubs.
    fn audience(&self) -> Audience {
        self.hubs.values().fold(Audience::default(), |all, (_, some)| all.and(*some))
    }

    /// Tells what waits: at once after a rest, else with the tick.
    fn tell_soon(&mut self, ctx: &mut Context<Self>) {
        let waits = !self.queue.is_empty() || self.is_overrun;
        if waits
            && !self.is_reading
            && let Some(wait) = self.pace.wait()
        {
            ctx.run_later(wait, Self::tell);
        }
    }

    fn tell(&mut self, ctx: &mut Context<Self>) {
        self.pace.tells();
        let audience = self.audience();
        let waiting = std::mem::take(&mut self.queue);
        let changes: Vec<_> = waiting.into_iter().filter(|change| self.is_news(change)).collect();
        let is_overrun = std::mem::take(&mut self.is_overrun);
        let one_by_one = audience.single > 0;
        let conversations: HashSet<_> = changes.iter().map(ListChange::conversation).collect();
        let is_too_much = is_overrun || conversations.len() > MOST_READ;
        let within = (APART * audience.batched).clamp(WITHIN.0, WITHIN.1);
        if is_overrun || (is_too_much && !one_by_one) {
            self.hand(ListTick::too_much(self.id, is_overrun, within));
        } else if audience != Audience::default() && !changes.is_empty() {
            self.read(changes, one_by_one, is_too_much, within, ctx);
        }
    }

    fn read(
        &mut self,
        changes: Vec<ListChange>,
        one_by_one: bool,
        is_too_much: bool,
        within: Duration,
        ctx: &mut Context<Self>,
    ) {
        self.is_reading = true;
        self.shared.metrics.list_reads.one();
        let db = self.shared.db.clone();
        let read = async move { list_read::read(&db, changes, one_by_one).await };
        ctx.spawn(read.into_actor(self).map(move |(changes, items), inbox, ctx| {
            let mut tick = ListTick::new(inbox.id, changes, items, within);
            tick.is_too_much = is_too_much;
            inbox.hand(tick);
            inbox.is_reading = false;
            inbox.tell_soon(ctx);
        }));
    }

    fn hand(&self, tick: ListTick) {
        let tick = Arc::new(tick);
        self.hubs.values().for_each(|(hub, _)| hub.do_send(ListTicked(tick.clone())));
    }

    /// Remembers a change; false: it was told. Read marks have no revision of their own.
    fn is_news(&self, change: &ListChange) -> bool {
        let (id, revision, is_found) = match change {
            ListChange::Event(event) if event.reason != Reason::Read => {
                (event.state.id, event.state.revision, false)
            }
            ListChange::Hint { id, revision, reason, .. } if *reason != Reason::Read => {
                (*id, *revision, false)
            }
            ListChange::Found(state) => (state.id, state.revision, true),
            _ => return true,
        };
        let mut told = self.told.get(&id).unwrap_or_default();
        if told.contains(&revision) || (is_found && told.iter().any(|known| *known > revision)) {
            return false;
        }
        if told.len() >= 32 {
            told.remove(0);
        }
        told.push(revision);
        self.told.insert(id, told);
        true
    }
}

impl Actor for Inbox {
    type Context = Context<Self>;
}

/// How many sessions of a hub watch; what one of them is told once every change reaches it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct WatchedBy {
    pub hub: HubId,
    /// Where it is.
    pub addr: Addr<Hub>,
    pub audience: Audience,
    /// What one of them is told once every change reaches it.
    pub answer: Option<SendTo>,
}

impl Handler<WatchedBy> for Inbox {
    type Result = ();
    fn handle(&mut self, watched: WatchedBy, _: &mut Self::Context) {
        let WatchedBy { hub, addr, audience, answer } = watched;
        if let Some(answer) = answer {
            addr.do_send(answer);
        }
        if audience == Audience::default() {
            self.hubs.remove(&hub);
        } else {
            self.hubs.insert(hub, (addr, audience));
        }
        if self.hubs.is_empty() {
            // What waits here is in the list that whoever comes next fetches.
            self.queue.clear();
            self.is_overrun = false;
        }
    }
}

impl Handler<ListChange> for Inbox {
    type Result = ();
    fn handle(&mut self, change: ListChange, ctx: &mut Self::Context) {
        if self.hubs.is_empty() {
            return;
        }
        if self.queue.len() >= MAX_QUEUED {
            log::warn!("workspace {}: the list changes too fast to be read; pages fetch it", self.id);
            self.queue.clear();
            self.is_overrun = true;
        }
        self.queue.push(change);
        self.tell_soon(ctx);
    }
}
