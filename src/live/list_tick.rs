//! What changed in a workspace's list in one tick: each change by itself for who is told one by one, and
//! each conversation once, as it stands now, for who is told by ticks. Texts are made once for all who stand
//! alike; who that is, the hub knows.

use super::frames::Scope;
use super::list_frame::{Listed, Own, Viewer};
use crate::domain::{ConversationId, Reason, UserId, WorkspaceId};
use actix::Message;
use bytestring::ByteString;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// One change, for who is told of each.
#[derive(Debug)]
pub struct Change {
    /// What.
    pub reason: Reason,
    /// Whom it concerns alone.
    pub only_for: Option<UserId>,
    /// As it stood after it.
    pub listed: Arc<Listed>,
}

impl Change {
    fn is_for(&self, viewer: Viewer<'_>) -> bool {
        self.only_for.is_none_or(|only| only == viewer.user)
            && self.listed.is_for(viewer, is_moving(viewer, self.reason))
    }
}

/// Whether a change may take a conversation out of what somebody watches.
fn is_moving(viewer: Viewer<'_>, reason: Reason) -> bool {
    reason == Reason::Assigned || (viewer.scope == Scope::View && reason == Reason::Status)
}

/// One conversation that changed, however often.
#[derive(Debug)]
pub struct Item {
    listed: Arc<Listed>,
    /// What of it changed for everybody; none: it changed for some only.
    reason: Option<Reason>,
    is_moving: bool,
    /// Whether something changed that a saved view may ask for.
    is_restated: bool,
    /// Nobody told what changed: it may have changed hands.
    is_found: bool,
    /// What changed for one user alone.
    only_for: Vec<(UserId, Reason)>,
}

/// What says more of a conversation that changed twice: a page calls its person for some of them.
fn rank(reason: Reason) -> u8 {
    match reason {
        Reason::Created => 6,
        Reason::NewCustomerMessage => 5,
        Reason::MessageSent => 4,
        Reason::Assigned => 3,
        Reason::Status => 2,
        Reason::Read => 1,
    }
}

impl Item {
    /// A conversation that has not changed yet.
    pub fn new(listed: Arc<Listed>) -> Self {
        Self {
            listed,
            reason: None,
            is_moving: false,
            is_restated: false,
            is_found: false,
            only_for: Vec::new(),
        }
    }

    /// Notes a change of it.
    pub fn changed(&mut self, reason: Reason, only_for: Option<UserId>) {
        if let Some(user) = only_for {
            self.only_for.push((user, reason));
        } else {
            self.is_moving |= reason == Reason::Assigned;
            self.is_restated |= matches!(reason, Reason::Assigned | Reason::Status);
            self.reason = self.reason.into_iter().chain([reason]).max_by_key(|each| rank(*each));
        }
    }

    /// Notes that it was found changed, and not told.
    pub fn found(&mut self) {
        self.is_found = true;
    }

    fn is_direct(&self) -> bool {
        self.listed.is_direct()
    }

    /// What a user who watches is told of it; none: nothing.
    fn told(&self, viewer: Viewer<'_>) -> Option<(Reason, Own)> {
        let theirs = self.only_for.iter().filter(|(user, _)| *user == viewer.user).map(|(_, reason)| *reason);
        let reason = self.reason.into_iter().chain(theirs).max_by_key(|each| rank(*each))?;
        let is_moving = if viewer.scope == Scope::View { self.is_restated } else { self.is_moving };
        let is_told = self.listed.is_for(viewer, is_moving);
        is_told.then(|| (reason, self.listed.own(viewer.user)))
    }
}

/// What changed in one tick.
#[derive(Debug)]
pub struct ListTick {
    /// Whose list.
    pub workspace_id: WorkspaceId,
    /// Each change, in order; none where nobody is told one by one.
    pub changes: Vec<Change>,
    /// Each conversation once.
    items: Vec<Item>,
    /// Those for whom an item may be another than for everybody else.
    special: HashSet<UserId>,
    /// More changed than could be read: nobody is told what.
    pub is_too_much: bool,
    /// Changes were dropped that somebody who is told one by one was owed.
    pub is_overrun: bool,
    /// Over how long those who fetch the list spread.
    pub within: Duration,
}

impl ListTick {
    /// A tick of a list that was read.
    pub fn new(workspace_id: WorkspaceId, changes: Vec<Change>, items: Vec<Item>, within: Duration) -> Self {
        let special = items
            .iter()
            .flat_map(|item| item.listed.special().chain(item.only_for.iter().map(|(user, _)| *user)))
            .collect();
        let (is_too_much, is_overrun) = (false, false);
        Self { workspace_id, changes, items, special, is_too_much, is_overrun, within }
    }

    /// A tick in which more changed than could be read. `is_overrun`: changes were dropped, too.
    pub fn too_much(workspace_id: WorkspaceId, is_overrun: bool, within: Duration) -> Self {
        let nothing = Self::new(workspace_id, Vec::new(), Vec::new(), within);
        Self { is_too_much: true, is_overrun, ..nothing }
    }

    /// The conversations that changed.
    pub fn conversations(&self) -> impl Iterator<Item = ConversationId> {
        self.items.iter().map(|item| item.listed.id())
    }

    /// The conversations that changed hands and are not somebody's to see: they may have been before.
    pub fn left(&self, viewer: Viewer<'_>) -> Vec<ConversationId> {
        let moved = self.items.iter().filter(|item| (item.is_moving || item.is_found) && !item.is_direct());
        moved.filter(|item| !item.listed.is_seen_by(viewer)).map(|item| item.listed.id()).collect()
    }

    /// Whether a user may be told something else than everybody who watches the same.
    pub fn is_special(&self, user: UserId) -> bool {
        self.special.contains(&user)
    }
}

/// A tick, to a hub.
#[derive(Message, Debug, Clone)]
#[rtype(result = "()")]
pub struct ListTicked(pub Arc<ListTick>);

/// An item as some see it.
type Piece = (usize, Reason, Own);

/// The frames of one tick, each made once for all who are told the same.
pub struct Texts<'a> {
    tick: &'a ListTick,
    made: HashMap<Vec<Piece>, ByteString>,
    /// Those of each change by itself.
    single: HashMap<(usize, Own), ByteString>,
}

impl<'a> Texts<'a> {
    /// None is made yet.
    pub fn of(tick: &'a ListTick) -> Self {
        Self { tick, made: HashMap::new(), single: HashMap::new() }
    }

    /// `conversation_updated` for each change that a user who watches is told of, in order.
    pub fn frames_for(&mut self, viewer: Viewer<'_>) -> Vec<ByteString> {
        let tick = self.tick;
        let changes = tick.changes.iter().enumerate().filter(|(_, change)| change.is_for(viewer));
        changes
            .map(|(at, change)| {
                let own = change.listed.own(viewer.user);
                let made = self.single.entry((at, own));
                made.or_insert_with(|| change.listed.frame(change.reason, own)).clone()
            })
            .collect()
    }

    /// `conversations_updated` for a user who watches; none: they are told nothing. Refused where it would be
    /// more than `most` bytes.
    pub fn frame_for(&mut self, viewer: Viewer<'_>, most: usize) -> Result<Option<ByteString>, TooMuch> {
        let items = self.tick.items.iter().enumerate();
        let pieces: Vec<Piece> =
            items.filter_map(|(at, item)| item.told(viewer).map(|(reason, own)| (at, reason, own))).collect();
        if pieces.is_empty() {
            return Ok(None);
        }
        let size: usize = pieces.iter().map(|(at, ..)| self.tick.items[*at].listed.size()).sum();
        if size > most {
            return Err(TooMuch);
        }
        let tick = self.tick;
        let text = self.made.entry(pieces).or_insert_with_key(|pieces| write(tick, pieces, size));
        Ok(Some(text.clone()))
    }
}

/// More than a session may be told in one tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch;

fn write(tick: &ListTick, pieces: &[Piece], size: usize) -> ByteString {
    let mut text = String::with_capacity(size + 64);
    text.push_str(r#"{"type":"conversations_updated","items":["#);
    for (n, (at, reason, own)) in pieces.iter().enumerate() {
        if n > 0 {
            text.push(',');
        }
        tick.items[*at].listed.write_item(&mut text, *reason, *own);
    }
    text.push_str("]}");
    text.into()
}
