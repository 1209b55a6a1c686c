//! What a hub tells those of its sessions that watch the list: its ticks, and who comes and goes. What does
//! not fit is not queued: they are told that the list is to be fetched. Never what a session follows: that is
//! the hub's.

use super::frames::{Present, Scope, ToClient, write};
use super::hub::{Hub, SendTo};
use super::list_frame::Viewer;
use super::list_tick::{ListTick, ListTicked, Texts, TooMuch};
use super::presence_tick::{PresenceTick, PresenceTicked};
use super::session_event::{SessionEvent, SessionKey};
use super::watchers::{Owed, Watching};
use crate::domain::sight::Eyes;
use crate::domain::{UserId, WorkspaceId};
use crate::store::conversations::filtered::Filter;
use actix::prelude::*;
use bytestring::ByteString;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// Bytes of the list that a hub writes in one tick at most, to all its sessions: 80 MB/s.
const WRITTEN: usize = 8 << 20;
/// Bytes that one session is told in one tick at most: some hundred conversations, more than a page shows.
const MOST: usize = 128 << 10;
/// The same while the list is so busy that everybody is told only what concerns them.
const MOST_FLOODED: usize = 32 << 10;
/// Nobody: who sees what everybody sees whom nothing concerns.
const ANYBODY: UserId = UserId(0);

/// A session watches the list, or another part of it, or nothing any more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Watch {
    /// Who.
    pub session: SessionKey,
    /// Which part of it, and how it is told.
    pub watching: Watching,
    /// What the saved view shows that it watches, if it does.
    pub filter: Option<Arc<Filter>>,
    /// What it hears once nothing is missed any more.
    pub answer: Option<ByteString>,
}

impl Handler<Watch> for Hub {
    type Result = ();
    fn handle(&mut self, Watch { session, watching, filter, answer }: Watch, _: &mut Self::Context) {
        let Some(entry) = self.subscribers.get_mut(&session) else { return };
        let before = std::mem::replace(&mut entry.watching, watching);
        entry.filter = filter;
        let workspace_id = entry.subscriber.workspace_id;
        self.watchers.change(workspace_id, session, before, watching);
        let answer = answer.map(|text| SendTo(session, SessionEvent::Text(text)));
        self.count_watchers(workspace_id, answer);
    }
}

impl Handler<ListTicked> for Hub {
    type Result = ();
    fn handle(&mut self, ListTicked(tick): ListTicked, ctx: &mut Self::Context) {
        // A list never shows a message before its room did.
        self.flush();
        let mut telling = Telling { tick: &tick, texts: Texts::of(&tick), left: WRITTEN };
        for (watching, keys) in self.watchers.of(tick.workspace_id) {
            if watching.is_batched {
                self.tell_by_ticks(&mut telling, watching, &keys);
            } else {
                self.tell_each(&mut telling, watching, &keys);
            }
        }
        self.pay_soon(ctx);
    }
}

/// A tick on its way to the sessions of a hub.
struct Telling<'a> {
    tick: &'a ListTick,
    texts: Texts<'a>,
    /// Bytes that may still be written.
    left: usize,
}

impl Telling<'_> {
    /// What everybody is told whom nothing of it concerns; an error: more than may be written to so many.
    fn usual(&mut self, watching: Watching, sessions: usize) -> Result<Option<ByteString>, TooMuch> {
        let Watching { scope, team, .. } = watching;
        let anybody = Viewer {
            user: ANYBODY,
            scope,
            team,
            view: None,
            narrow: None,
            has_open: false,
            is_flooded: false,
        };
        let text = self.texts.frame_for(anybody, MOST)?;
        let size = text.as_ref().map_or(0, |text| text.len() * sessions);
        if size > self.left { Err(TooMuch) } else { Ok(text) }
    }

    /// What one user is told; an error: more than may be written to one.
    fn own(&mut self, viewer: Viewer<'_>) -> Result<Option<ByteString>, TooMuch> {
        let most = if viewer.is_flooded { MOST_FLOODED } else { MOST };
        self.texts.frame_for(viewer, most.min(self.left))
    }
}

impl Hub {
    fn user(&self, key: SessionKey) -> Option<UserId> {
        self.subscribers.get(&key)?.subscriber.user_id()
    }

    /// With what a session sees customers' conversations, if that is not all of them.
    fn narrow_eyes(&self, key: SessionKey) -> Option<Eyes> {
        let user = &self.subscribers.get(&key)?.subscriber.identity.as_ref()?.user;
        Some(user.eyes()).filter(Eyes::are_narrow)
    }

    /// What the saved view shows that a session watches, if it watches one.
    fn filter_of(&self, key: SessionKey) -> Option<Arc<Filter>> {
        self.subscribers.get(&key)?.filter.clone()
    }

    /// What changed hands and is not theirs to see goes from their page, if it is there.
    fn tell_what_left(&mut self, key: SessionKey, tick: &ListTick, viewer: Viewer<'_>) {
        if viewer.narrow.is_none() {
            return;
        }
        let left = tick.left(viewer);
        if !left.is_empty() {
            let text = write(&ToClient::ConversationsErased { conversation_ids: &left });
            self.hand(key, SessionEvent::Text(text));
        }
    }

    /// Those who are told of each change by itself.
    fn tell_each(&mut self, telling: &mut Telling<'_>, watching: Watching, keys: &[SessionKey]) {
        let Watching { scope, team, .. } = watching;
        for key in keys {
            if telling.tick.is_overrun {
                self.let_go(*key);
                continue;
            }
            let Some(user) = self.user(*key) else { continue };
            let eyes = self.narrow_eyes(*key);
            let narrow = eyes.as_ref();
            let filter = self.filter_of(*key);
            let view = filter.as_deref();
            let viewer = Viewer { user, scope, team, view, narrow, has_open: false, is_flooded: false };
            self.tell_what_left(*key, telling.tick, viewer);
            let frames = telling.texts.frames_for(viewer);
            if !frames.is_empty() {
                self.hand(*key, SessionEvent::Texts(Arc::new(frames)));
            }
        }
    }

    /// Those who are told by ticks: all that they watch, or what concerns them where that is too much.
    fn tell_by_ticks(&mut self, telling: &mut Telling<'_>, watching: Watching, keys: &[SessionKey]) {
        let Watching { scope, team, .. } = watching;
        let within = telling.tick.within;
        if telling.tick.is_too_much {
            keys.iter().for_each(|key| self.owe_list(*key, within));
            return;
        }
        let usual = telling.usual(watching, keys.len());
        let is_flooded = usual.is_err();
        // Whoever watches everything is told of what they have open in any case.
        let is_whole = scope == Scope::All && !is_flooded;
        let open = if is_whole { HashSet::new() } else { self.who_has_open(telling.tick) };
        for key in keys {
            let Some(user) = self.user(*key) else { continue };
            let has_open = open.contains(key);
            let eyes = self.narrow_eyes(*key);
            let filter = self.filter_of(*key);
            let (view, narrow) = (filter.as_deref(), eyes.as_ref());
            let viewer = Viewer { user, scope, team, view, narrow, has_open, is_flooded };
            self.tell_what_left(*key, telling.tick, viewer);
            let is_own = eyes.is_some() || filter.is_some();
            let is_special = has_open || is_own || telling.tick.is_special(user);
            let told = match &usual {
                Ok(text) if !is_special => Ok(text.clone()),
                Err(TooMuch) if !is_special => Ok(None),
                _ => telling.own(viewer),
            };
            if !self.is_told(*key, told, &mut telling.left) || is_flooded {
                self.owe_list(*key, within);
            }
        }
    }

    /// Tells a session what there is; false: not all of it.
    fn is_told(&self, key: SessionKey, told: Result<Option<ByteString>, TooMuch>, left: &mut usize) -> bool {
        match told {
            Ok(Some(text)) => {
                *left = left.saturating_sub(text.len());
                self.offer(key, SessionEvent::Text(text))
            }
            Ok(None) => true,
            Err(TooMuch) => false,
        }
    }

    /// The sessions that have one of the conversations open that changed.
    fn who_has_open(&self, tick: &ListTick) -> HashSet<SessionKey> {
        tick.conversations().flat_map(|id| self.followers(id)).copied().collect()
    }

    fn owe_list(&mut self, key: SessionKey, within: Duration) {
        if let Some(entry) = self.subscribers.get_mut(&key) {
            entry.owed.list = Some(within);
            self.owing.insert(key);
        }
    }

    fn owe_presence(&mut self, key: SessionKey, items: &[Present]) {
        if let Some(entry) = self.subscribers.get_mut(&key) {
            entry.owed.presence.extend(items.iter().map(|each| (each.id, each.is_here())));
            self.owing.insert(key);
        }
    }

    /// Tells a session who came and went; what it was not told before goes with it, and not after it.
    fn tell_presence(&mut self, key: SessionKey, watching: Watching, tick: &PresenceTick) {
        let is_owed = self.subscribers.get(&key).is_some_and(|entry| !entry.owed.presence.is_empty());
        if is_owed || !self.offer(key, tick.news(watching.is_batched)) {
            self.owe_presence(key, &tick.items);
        }
    }

    /// Tells those who were left out, once in a while.
    fn pay_soon(&mut self, ctx: &mut Context<Self>) {
        if !self.owing.is_empty()
            && let Some(wait) = self.owed_pace.wait()
        {
            ctx.run_later(wait, |hub, ctx| {
                hub.pay();
                hub.pay_soon(ctx);
            });
        }
    }

    fn pay(&mut self) {
        self.owed_pace.tells();
        let mut stale: HashMap<(Scope, Duration), ByteString> = HashMap::new();
        for key in std::mem::take(&mut self.owing) {
            let Some(entry) = self.subscribers.get_mut(&key) else { continue };
            let (watching, workspace_id) = (entry.watching, entry.subscriber.workspace_id);
            let Owed { list, presence } = std::mem::take(&mut entry.owed);
            if watching.scope == Scope::None {
                continue;
            }
            if let Some(within) = list.filter(|_| watching.is_batched) {
                let text = stale.entry((watching.scope, within));
                let text = text.or_insert_with(|| list_stale(watching.scope, within)).clone();
                if self.offer(key, SessionEvent::Text(text)) {
                    self.shared.metrics.list_stale.one();
                } else {
                    self.owe_list(key, within);
                }
            }
            if !presence.is_empty() {
                self.tell_presence(key, watching, &late(workspace_id, presence));
            }
        }
    }
}

fn list_stale(scope: Scope, within: Duration) -> ByteString {
    let within_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
    write(&ToClient::ListStale { scope, within_ms })
}

fn late(workspace_id: WorkspaceId, presence: HashMap<UserId, bool>) -> PresenceTick {
    let items = presence.into_iter().map(|(id, is_here)| Present::new(id, is_here)).collect();
    PresenceTick::new(workspace_id, items)
}

impl Handler<PresenceTicked> for Hub {
    type Result = ();
    fn handle(&mut self, PresenceTicked(tick): PresenceTicked, ctx: &mut Self::Context) {
        for (watching, keys) in self.watchers.of(tick.workspace_id) {
            keys.into_iter().for_each(|key| self.tell_presence(key, watching, &tick));
        }
        self.pay_soon(ctx);
    }
}
