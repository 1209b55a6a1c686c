//! Which sessions of a hub watch which list, so that who watches nothing costs nothing. Never what they are
//! told.

use super::frames::Scope;
use super::session_event::SessionKey;
use crate::domain::{TeamId, UserId, ViewId, WorkspaceId};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// What a session watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Watching {
    /// Which part of the list.
    pub scope: Scope,
    /// Which team's, if the scope says so.
    pub team: Option<TeamId>,
    /// Which saved view's, if the scope says so; its filter lies with each session: `me` is somebody else
    /// there.
    pub view: Option<ViewId>,
    /// Whether it is told by ticks; else each change by itself.
    pub is_batched: bool,
}

impl Watching {
    /// A session that watches nothing.
    pub const NOTHING: Self = Self { scope: Scope::None, team: None, view: None, is_batched: false };
}

/// What a session was not told, for it was behind, or the list too busy: it is told that.
#[derive(Debug, Default)]
pub struct Owed {
    /// Changes of the list: it is to fetch it, within this time.
    pub list: Option<Duration>,
    /// Who came or went, each as it was last.
    pub presence: HashMap<UserId, bool>,
}

/// How many sessions watch a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Audience {
    /// Told of each change by itself.
    pub single: u32,
    /// Told by ticks.
    pub batched: u32,
}

impl Audience {
    /// These and those.
    pub fn and(self, other: Self) -> Self {
        Self { single: self.single + other.single, batched: self.batched + other.batched }
    }
}

/// Those who watch, by list: its workspace and what of it.
#[derive(Debug, Default)]
pub struct Watchers(HashMap<WorkspaceId, HashMap<Watching, BTreeSet<SessionKey>>>);

impl Watchers {
    /// A session watches something else from now on, perhaps nothing.
    pub fn change(&mut self, workspace: WorkspaceId, key: SessionKey, from: Watching, to: Watching) {
        let lists = self.0.entry(workspace).or_default();
        if let Some(sessions) = lists.get_mut(&from) {
            sessions.remove(&key);
            if sessions.is_empty() {
                lists.remove(&from);
            }
        }
        if to.scope != Scope::None {
            lists.entry(to).or_default().insert(key);
        }
        if lists.is_empty() {
            self.0.remove(&workspace);
        }
    }

    /// Everybody who watches something of a workspace.
    pub fn of(&self, workspace: WorkspaceId) -> Vec<(Watching, Vec<SessionKey>)> {
        let lists = self.0.get(&workspace).into_iter().flatten();
        lists.map(|(watching, sessions)| (*watching, sessions.iter().copied().collect())).collect()
    }

    /// How many they are.
    pub fn audience(&self, workspace: WorkspaceId) -> Audience {
        let mut audience = Audience::default();
        for (watching, sessions) in self.0.get(&workspace).into_iter().flatten() {
            let count = u32::try_from(sessions.len()).unwrap_or(u32::MAX);
            let kind = if watching.is_batched { &mut audience.batched } else { &mut audience.single };
            *kind = kind.saturating_add(count);
        }
        audience
    }
}
