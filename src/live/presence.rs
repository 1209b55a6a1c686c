//! Who is here: counts each user's sessions and tells the workspace when somebody comes or goes.
//! Never stored; what is lost heals with the next change or beat.

use super::broadcast::Broadcast;
use super::messages::{Heard, PresenceHeard};
use super::redis_hints::Hints;
use super::registry::ConversationRegistry;
use super::session_event::SessionEvent;
use crate::domain::{UserId, WorkspaceId};
use actix::prelude::*;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How often a process says who is with it.
const BEAT: Duration = Duration::from_secs(5);
/// After how long a silent process's people are gone.
const SILENCE: Duration = Duration::from_secs(15);

/// Who is here.
pub struct Presence {
    registry: Addr<ConversationRegistry>,
    hints: Hints,
    here: HashMap<(WorkspaceId, UserId), usize>,
    elsewhere: HashMap<(u64, WorkspaceId, UserId), Instant>,
}

impl Presence {
    /// Nobody is here yet.
    pub fn new(registry: Addr<ConversationRegistry>, hints: Hints) -> Self {
        Self { registry, hints, here: HashMap::new(), elsewhere: HashMap::new() }
    }

    fn is_online(&self, workspace: WorkspaceId, user: UserId) -> bool {
        self.here.contains_key(&(workspace, user))
            || self.elsewhere.keys().any(|(_, at, who)| (*at, *who) == (workspace, user))
    }

    fn broadcast(&self, workspace_id: WorkspaceId, user_id: UserId, online: bool) {
        self.registry.do_send(Heard::Announced(Broadcast::presence(workspace_id, user_id, online)));
    }

    fn change(&mut self, workspace: WorkspaceId, user: UserId, change: impl FnOnce(&mut Self)) {
        let before = self.is_online(workspace, user);
        change(self);
        let after = self.is_online(workspace, user);
        if before != after {
            self.broadcast(workspace, user, after);
        }
    }

    fn beat(&mut self) {
        for (workspace, user) in self.here.keys() {
            self.hints.presence(*workspace, *user, true);
        }
        let silent: Vec<_> = self
            .elsewhere
            .iter()
            .filter(|(_, heard)| heard.elapsed() > SILENCE)
            .map(|(key, _)| *key)
            .collect();
        for key in silent {
            self.change(key.1, key.2, |presence| {
                presence.elsewhere.remove(&key);
            });
        }
    }
}

impl Actor for Presence {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(BEAT, |presence, _| presence.beat());
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
    fn handle(&mut self, came: Came, _: &mut Self::Context) {
        let key = (came.workspace_id, came.user_id);
        self.change(key.0, key.1, |presence| {
            let count = presence.here.entry(key).or_insert(0);
            *count = if came.is_here { *count + 1 } else { count.saturating_sub(1) };
            if *count == 0 {
                presence.here.remove(&key);
            }
        });
        if came.is_here != self.here.contains_key(&key) {
            return;
        }
        self.hints.presence(key.0, key.1, came.is_here);
    }
}

/// A session wants to know who is here.
#[derive(Message)]
#[rtype(result = "()")]
pub struct WhoIsHere {
    pub workspace_id: WorkspaceId,
    /// Who asks.
    pub news: Recipient<SessionEvent>,
}

impl Handler<WhoIsHere> for Presence {
    type Result = ();
    fn handle(&mut self, asked: WhoIsHere, _: &mut Self::Context) {
        let here = self.here.keys().map(|(workspace, user)| (*workspace, *user));
        let elsewhere = self.elsewhere.keys().map(|(_, workspace, user)| (*workspace, *user));
        let mut online: Vec<_> = here
            .chain(elsewhere)
            .filter(|(workspace, _)| *workspace == asked.workspace_id)
            .map(|(_, user)| user)
            .collect();
        online.sort_unstable();
        online.dedup();
        for user_id in online {
            let told = Broadcast::presence(asked.workspace_id, user_id, true);
            if asked.news.try_send(SessionEvent::Text(told.text)).is_err() {
                return;
            }
        }
    }
}

impl Handler<PresenceHeard> for Presence {
    type Result = ();
    fn handle(&mut self, heard: PresenceHeard, _: &mut Self::Context) {
        let key = (heard.node, heard.workspace_id, heard.user_id);
        self.change(heard.workspace_id, heard.user_id, |presence| {
            if heard.online {
                presence.elsewhere.insert(key, Instant::now());
            } else {
                presence.elsewhere.remove(&key);
            }
        });
    }
}
