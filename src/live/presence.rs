//! Who is here: counts each user's sessions and tells the workspace once a tick who came and went, and
//! whoever comes once who is here. Never stored; what is lost heals with the next change or beat.
//! Never who types: `handle` passes that on.

use super::frames::Present;
use super::hub::SendTo;
use super::messages::PresenceHeard;
use super::presence_tick::{PresenceTick, PresenceTicked, Snapshot};
use super::redis_hints::Hints;
use super::registry::ConversationRegistry;
use super::session_event::SessionKey;
use super::tick::{Pace, TICK};
use crate::domain::{UserId, WorkspaceId};
use actix::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a process says who is with it.
const BEAT: Duration = Duration::from_secs(5);
/// After how long a silent process's people are gone.
const SILENCE: Duration = Duration::from_secs(15);
/// Where more than 1,000 are here, a tick lasts so long for each: whoever comes costs all others together the
/// same, however many they are.
const EACH: Duration = Duration::from_micros(100);

/// Who is here.
pub struct Presence {
    registry: Addr<ConversationRegistry>,
    hints: Hints,
    workspaces: HashMap<WorkspaceId, People>,
}

/// Those of one workspace.
struct People {
    pace: Pace,
    /// With how many sessions of this process.
    here: HashMap<UserId, usize>,
    /// At which other processes, and when each said so last.
    elsewhere: HashMap<UserId, HashMap<u64, Instant>>,
    /// Who is here as everybody was told.
    told: BTreeSet<UserId>,
    /// Whoever may have come or gone since.
    moved: BTreeSet<UserId>,
    /// Whoever came to this process or left it since: others are told.
    moved_here: BTreeSet<UserId>,
    snapshot: Snapshot,
}

impl Default for People {
    fn default() -> Self {
        Self {
            pace: Pace::of(TICK),
            here: HashMap::new(),
            elsewhere: HashMap::new(),
            told: BTreeSet::new(),
            moved: BTreeSet::new(),
            moved_here: BTreeSet::new(),
            snapshot: Snapshot::default(),
        }
    }
}

impl People {
    /// Somebody may have come or gone: how long to wait before that is told; none: it will be, or need not.
    fn wait(&mut self) -> Option<Duration> {
        let has_moved = !self.moved.is_empty() || !self.moved_here.is_empty();
        if has_moved { self.pace.wait() } else { None }
    }

    fn is_online(&self, user: UserId) -> bool {
        self.here.contains_key(&user) || self.elsewhere.contains_key(&user)
    }

    /// A session of this process began or ended.
    fn sits_down(&mut self, user: UserId, is_here: bool) {
        let count = self.here.entry(user).or_insert(0);
        *count = if is_here { *count + 1 } else { count.saturating_sub(1) };
        let left = *count;
        if left == 0 {
            self.here.remove(&user);
        }
        if left == usize::from(is_here) {
            self.moved.insert(user);
            self.moved_here.insert(user);
        }
    }

    /// Another process says who is with it, or not any more.
    fn heard(&mut self, node: u64, user: UserId, is_there: bool) {
        if is_there {
            self.elsewhere.entry(user).or_default().insert(node, Instant::now());
        } else if let Some(nodes) = self.elsewhere.get_mut(&user) {
            nodes.remove(&node);
            if nodes.is_empty() {
                self.elsewhere.remove(&user);
            }
        }
        if self.told.contains(&user) != self.is_online(user) {
            self.moved.insert(user);
        }
    }

    /// Forgets whom a process had that is silent.
    fn forget_silent(&mut self) {
        let Self { elsewhere, moved, .. } = self;
        elsewhere.retain(|user, nodes| {
            nodes.retain(|_, heard| heard.elapsed() <= SILENCE);
            if nodes.is_empty() {
                moved.insert(*user);
            }
            !nodes.is_empty()
        });
    }

    /// Who came and who went since everybody was told, who counts as told from now on.
    fn changes(&mut self) -> Vec<Present> {
        let moved = std::mem::take(&mut self.moved);
        let mut changes = Vec::new();
        for user in moved {
            let is_here = self.is_online(user);
            let is_news = if is_here { self.told.insert(user) } else { self.told.remove(&user) };
            if is_news {
                changes.push(Present::new(user, is_here));
            }
        }
        if !changes.is_empty() {
            self.snapshot = Snapshot::default();
            let online = u32::try_from(self.told.len()).unwrap_or(u32::MAX);
            self.pace.slows(TICK.max(EACH * online));
        }
        changes
    }

    /// Who of those came to this process, and who left it.
    fn changes_here(&mut self) -> (Vec<UserId>, Vec<UserId>) {
        let moved = std::mem::take(&mut self.moved_here);
        moved.into_iter().partition(|user| self.here.contains_key(user))
    }
}

impl Presence {
    /// Nobody is here yet.
    pub fn new(registry: Addr<ConversationRegistry>, hints: Hints) -> Self {
        Self { registry, hints, workspaces: HashMap::new() }
    }

    /// Tells what changed: at once after a rest, else with the tick.
    fn tell_soon(&mut self, workspace_id: WorkspaceId, ctx: &mut Context<Self>) {
        if let Some(wait) = self.workspaces.get_mut(&workspace_id).and_then(People::wait) {
            ctx.run_later(wait, move |presence, _| presence.tell(workspace_id));
        }
    }

    fn tell(&mut self, workspace_id: WorkspaceId) {
        let Some(people) = self.workspaces.get_mut(&workspace_id) else { return };
        people.pace.tells();
        let (here, gone) = people.changes_here();
        if !here.is_empty() || !gone.is_empty() {
            self.hints.presence(workspace_id, here, gone);
        }
        let changes = people.changes();
        if !changes.is_empty() {
            let tick = PresenceTick::new(workspace_id, changes);
            self.registry.do_send(PresenceTicked(Arc::new(tick)));
        }
    }

    fn beat(&mut self, ctx: &mut Context<Self>) {
        for (workspace, people) in &mut self.workspaces {
            if !people.here.is_empty() {
                self.hints.presence(*workspace, people.here.keys().copied().collect(), Vec::new());
            }
            people.forget_silent();
        }
        let workspaces: Vec<_> = self.workspaces.keys().copied().collect();
        workspaces.into_iter().for_each(|workspace| self.tell_soon(workspace, ctx));
    }
}

impl Actor for Presence {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(BEAT, Self::beat);
    }
}

/// A session of a user began or ended.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Came {
    pub workspace_id: WorkspaceId,
    pub user_id: UserId,
    /// Began, or ended.
    pub is_here: bool,
}

impl Handler<Came> for Presence {
    type Result = ();
    fn handle(&mut self, came: Came, ctx: &mut Self::Context) {
        self.workspaces.entry(came.workspace_id).or_default().sits_down(came.user_id, came.is_here);
        self.tell_soon(came.workspace_id, ctx);
    }
}

/// A session wants to know who is here, and hears of every change from now on.
#[derive(Message)]
#[rtype(result = "()")]
pub struct WhoIsHere {
    pub workspace_id: WorkspaceId,
    pub session: SessionKey,
    /// Where it sits.
    pub hub: Recipient<SendTo>,
    /// Whether it is told all at once, or of each by itself.
    pub is_batched: bool,
}

impl Handler<WhoIsHere> for Presence {
    type Result = ();
    fn handle(&mut self, asked: WhoIsHere, _: &mut Self::Context) {
        let WhoIsHere { workspace_id, session, hub, is_batched } = asked;
        let People { told, snapshot, .. } = self.workspaces.entry(workspace_id).or_default();
        if is_batched || !told.is_empty() {
            hub.do_send(SendTo(session, snapshot.news(is_batched, told.iter().copied())));
        }
    }
}

impl Handler<PresenceHeard> for Presence {
    type Result = ();
    fn handle(&mut self, heard: PresenceHeard, ctx: &mut Self::Context) {
        let PresenceHeard { node, workspace_id, here, gone } = heard;
        let people = self.workspaces.entry(workspace_id).or_default();
        here.into_iter().for_each(|user| people.heard(node, user, true));
        gone.into_iter().for_each(|user| people.heard(node, user, false));
        self.tell_soon(workspace_id, ctx);
    }
}
