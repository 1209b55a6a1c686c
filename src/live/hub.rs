//! One worker thread's share of all sessions: rooms and inboxes hand it a frame once, it feeds
//! the sessions of its thread. Frames that pile up leave together, so that a busy room costs a
//! session one wake-up and one write. Never a gate: each session has its own.
//! Over 400 lines: one message a thing that a hub hears.

use super::broadcast::Broadcast;
use super::event_frame::EventFrame;
use super::frames::{Close, Scope};
use super::messages::{Frame, Typed};
use super::registry::{ConversationRegistry, JoinRoom, LeaveRoom, WatchInbox};
use super::session_event::{HubId, OUTSTANDING, SessionEvent, SessionKey, Standing, Subscriber};
use super::shared::Shared;
use super::signin_check;
use super::tick::Pace;
use super::watchers::{Owed, Watchers, Watching};
use crate::domain::{ConversationId, Identity, Revoked, Timestamp, UserId, WorkspaceId};
use crate::store::conversations::filtered::Filter;
use actix::prelude::*;
use bytestring::ByteString;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What a hub may have waiting before rooms leave it out (its sessions read back).
const MAX_QUEUED: usize = 65_536;
/// What may wait for a session before it is left out of what it can fetch again.
const BEHIND: usize = OUTSTANDING / 2;
/// Whoever was left out is told so this often at most.
const TELL_OWED: Duration = Duration::from_secs(1);

/// One session.
pub(super) struct Entry {
    pub(super) subscriber: Subscriber,
    pub(super) watching: Watching,
    /// What the saved view shows that it watches, if it does.
    pub(super) filter: Option<Arc<Filter>>,
    /// What it was not told.
    pub(super) owed: Owed,
    follows: HashSet<ConversationId>,
}

#[derive(Default)]
struct Subscription {
    sessions: Vec<SessionKey>,
    /// Where the newest frame that came by left it; none until the room answered.
    standing: Option<Standing>,
}

impl Subscription {
    /// It stands there at least.
    fn reached(&mut self, there: Standing) {
        let here = self.standing.get_or_insert(there);
        here.version = here.version.max(there.version);
        here.newest = here.newest.max(there.newest);
        here.event_seq = here.event_seq.max(there.event_seq);
    }
}

/// The hub of one worker thread.
pub struct Hub {
    id: HubId,
    registry: Addr<ConversationRegistry>,
    pub(super) shared: Arc<Shared>,
    pub(super) subscribers: HashMap<SessionKey, Entry>,
    pub(super) watchers: Watchers,
    /// Who was not told something.
    pub(super) owing: HashSet<SessionKey>,
    pub(super) owed_pace: Pace,
    subscriptions: HashMap<ConversationId, Subscription>,
    /// Frames of one burst, by conversation, in the order they came.
    pending: Vec<(ConversationId, Vec<Arc<Frame>>)>,
    is_flushing: bool,
}

impl Hub {
    /// An empty hub.
    pub fn new(id: HubId, registry: Addr<ConversationRegistry>, shared: Arc<Shared>) -> Self {
        Self {
            id,
            registry,
            shared,
            subscribers: HashMap::new(),
            watchers: Watchers::default(),
            owing: HashSet::new(),
            owed_pace: Pace::of(TELL_OWED),
            subscriptions: HashMap::new(),
            pending: Vec::new(),
            is_flushing: false,
        }
    }

    /// Hands news to one session; a session that is too slow is let go.
    pub(super) fn hand(&mut self, key: SessionKey, news: SessionEvent) {
        let Some(entry) = self.subscribers.get(&key) else { return };
        let (weight, frames) = (news.weight(), news.frames());
        let outstanding = entry.subscriber.outstanding.fetch_add(weight, Ordering::Relaxed) + weight;
        if outstanding > OUTSTANDING || entry.subscriber.news.try_send(news).is_err() {
            self.let_go(key);
            return;
        }
        self.shared.metrics.frames.add(frames);
    }

    /// Hands a session what it can fetch again; false: it is behind, or not there, and was left out.
    pub(super) fn offer(&self, key: SessionKey, news: SessionEvent) -> bool {
        let Some(Entry { subscriber, .. }) = self.subscribers.get(&key) else { return false };
        let (weight, frames) = (news.weight(), news.frames());
        let waits = subscriber.outstanding.fetch_add(weight, Ordering::Relaxed);
        let is_behind = waits > 0 && waits.saturating_add(weight) > BEHIND;
        if is_behind || subscriber.news.try_send(news).is_err() {
            subscriber.outstanding.fetch_sub(weight, Ordering::Relaxed);
            return false;
        }
        self.shared.metrics.frames.add(frames);
        true
    }

    /// A session that is too slow is told to come back.
    pub(super) fn let_go(&mut self, key: SessionKey) {
        let Some(entry) = self.subscribers.get(&key) else { return };
        self.shared.metrics.slow_sessions.one();
        // do_send ignores the bound: the last word must arrive.
        entry.subscriber.news.do_send(SessionEvent::Close(Close::TooSlow));
        self.leave(key);
    }

    fn leave(&mut self, key: SessionKey) {
        let Some(entry) = self.subscribers.remove(&key) else { return };
        self.shared.metrics.open_sessions.add(-1);
        self.owing.remove(&key);
        if entry.watching.scope != Scope::None {
            let workspace_id = entry.subscriber.workspace_id;
            self.watchers.change(workspace_id, key, entry.watching, Watching::NOTHING);
            self.count_watchers(workspace_id, None);
        }
        entry.follows.into_iter().for_each(|id| self.unfollow(key, id));
    }

    /// Tells a workspace's list how many watch it here; `answer` comes back once it knows.
    pub(super) fn count_watchers(&self, workspace_id: WorkspaceId, answer: Option<SendTo>) {
        let audience = self.watchers.audience(workspace_id);
        self.registry.do_send(WatchInbox { workspace_id, hub: self.id, audience, answer });
    }

    /// The sessions that have a conversation open.
    pub(super) fn followers(&self, id: ConversationId) -> &[SessionKey] {
        self.subscriptions.get(&id).map(|subscription| subscription.sessions.as_slice()).unwrap_or_default()
    }

    /// Lets go whose sign-in ended, or who may do something else by now: they come back as who they are.
    fn check_sign_ins(&self, ctx: &mut Context<Self>) {
        let signed_in: HashSet<_> = self.identities().map(signin_check::standing).collect();
        if signed_in.is_empty() {
            return;
        }
        let db = self.shared.db.clone();
        let read = async move { signin_check::read_ended(&db, signed_in).await };
        ctx.spawn(read.into_actor(self).map(|ended, hub, _| match ended {
            Ok(ended) if ended.is_empty() => {}
            Ok(ended) => hub.sign_out(|identity| ended.contains(&signin_check::standing(identity))),
            Err(error) => log::warn!("checking for ended sign-ins failed, retrying: {error}"),
        }));
    }

    /// Who sits here, each with how they signed in.
    fn identities(&self) -> impl Iterator<Item = &Identity> {
        self.subscribers.values().filter_map(|entry| entry.subscriber.identity.as_deref())
    }

    /// Whose rights have ended is told so and goes.
    fn sign_out(&mut self, has_ended: impl Fn(&Identity) -> bool) {
        let mut gone = Vec::new();
        for (key, entry) in &self.subscribers {
            if entry.subscriber.identity.as_deref().is_some_and(&has_ended) {
                entry.subscriber.news.do_send(SessionEvent::Close(Close::SignedOut));
                gone.push(*key);
            }
        }
        gone.into_iter().for_each(|key| self.leave(key));
    }

    fn unfollow(&mut self, key: SessionKey, id: ConversationId) {
        if let Some(entry) = self.subscribers.get_mut(&key) {
            entry.follows.remove(&id);
        }
        let Some(subscription) = self.subscriptions.get_mut(&id) else { return };
        subscription.sessions.retain(|session| *session != key);
        if subscription.sessions.is_empty() {
            self.subscriptions.remove(&id);
            self.registry.do_send(LeaveRoom { conversation_id: id, hub: self.id });
        }
    }

    /// Hands news of a conversation to the colleagues who follow it; visitors hear none of it.
    fn hand_colleagues(&mut self, id: ConversationId, news: &SessionEvent) {
        let Some(subscription) = self.subscriptions.get(&id) else { return };
        let is_colleague = |key: &SessionKey| {
            self.subscribers.get(key).is_some_and(|entry| entry.subscriber.identity.is_some())
        };
        let colleagues: Vec<_> = subscription.sessions.iter().copied().filter(is_colleague).collect();
        colleagues.into_iter().for_each(|key| self.hand(key, news.clone()));
    }

    /// Hands on what came of rooms.
    pub(super) fn flush(&mut self) {
        self.is_flushing = false;
        for (id, frames) in std::mem::take(&mut self.pending) {
            let Some(subscription) = self.subscriptions.get_mut(&id) else { continue };
            // One that its room has not answered yet stands nowhere: the answer knows the events, too.
            if subscription.standing.is_some() {
                for frame in &frames {
                    let (version, newest) = (frame.version, frame.message.seq);
                    subscription.reached(Standing { version, newest, event_seq: 0 });
                }
            }
            let frames = Arc::new(frames);
            for key in subscription.sessions.clone() {
                self.hand(key, SessionEvent::Frames(frames.clone()));
            }
        }
    }
}

impl Actor for Hub {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAX_QUEUED);
        self.registry.do_send(super::registry::HubStarted(self.id, ctx.address()));
        // Where nobody else writes, too: a sign-in or a token that reaches its end is told by nobody.
        ctx.run_interval(signin_check::EVERY, |hub, ctx| hub.check_sign_ins(ctx));
    }
}

/// A session begins.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Connect(pub SessionKey, pub Subscriber);

impl Handler<Connect> for Hub {
    type Result = ();
    fn handle(&mut self, Connect(key, subscriber): Connect, _: &mut Self::Context) {
        self.shared.metrics.open_sessions.add(1);
        let (watching, owed, follows) = (Watching::NOTHING, Owed::default(), HashSet::new());
        self.subscribers.insert(key, Entry { subscriber, watching, filter: None, owed, follows });
    }
}

/// A session ended.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Disconnect(pub SessionKey);

impl Handler<Disconnect> for Hub {
    type Result = ();
    fn handle(&mut self, Disconnect(key): Disconnect, _: &mut Self::Context) {
        self.leave(key);
    }
}

/// A session wants a conversation's changes.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Follow(pub SessionKey, pub ConversationId);

impl Handler<Follow> for Hub {
    type Result = ();
    fn handle(&mut self, Follow(key, id): Follow, ctx: &mut Self::Context) {
        let Some(entry) = self.subscribers.get_mut(&key) else { return };
        let is_first = !self.subscriptions.contains_key(&id);
        let subscription = self.subscriptions.entry(id).or_default();
        if entry.follows.insert(id) {
            subscription.sessions.push(key);
        }
        let standing = subscription.standing;
        if is_first {
            self.registry.do_send(JoinRoom { conversation_id: id, hub: self.id, addr: ctx.address() });
        } else if let Some(standing) = standing {
            self.hand(key, SessionEvent::Joined(id, standing));
        }
    }
}

/// A session wants them no more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Unfollow(pub SessionKey, pub ConversationId);

impl Handler<Unfollow> for Hub {
    type Result = ();
    fn handle(&mut self, Unfollow(key, id): Unfollow, _: &mut Self::Context) {
        self.unfollow(key, id);
    }
}

/// Something for one session.
#[derive(Message)]
#[rtype(result = "()")]
pub struct SendTo(pub SessionKey, pub SessionEvent);

impl Handler<SendTo> for Hub {
    type Result = ();
    fn handle(&mut self, SendTo(key, news): SendTo, _: &mut Self::Context) {
        self.hand(key, news);
    }
}

/// The room answered; also a room that came after one that died.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Joined {
    /// Which.
    pub conversation_id: ConversationId,
    /// Where it stands: every later frame follows.
    pub standing: Standing,
}

impl Handler<Joined> for Hub {
    type Result = ();
    fn handle(&mut self, joined: Joined, _: &mut Self::Context) {
        self.flush();
        let Some(subscription) = self.subscriptions.get_mut(&joined.conversation_id) else { return };
        subscription.reached(joined.standing);
        for key in subscription.sessions.clone() {
            self.hand(key, SessionEvent::Joined(joined.conversation_id, joined.standing));
        }
    }
}

/// A room died: join its successor.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub struct RoomDied(pub ConversationId);

impl Handler<RoomDied> for Hub {
    type Result = ();
    fn handle(&mut self, RoomDied(id): RoomDied, ctx: &mut Self::Context) {
        if self.subscriptions.contains_key(&id) {
            self.registry.do_send(JoinRoom { conversation_id: id, hub: self.id, addr: ctx.address() });
        }
    }
}

/// A room's change.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Deliver(pub Arc<Frame>);

impl Handler<Deliver> for Hub {
    type Result = ();
    fn handle(&mut self, Deliver(frame): Deliver, ctx: &mut Self::Context) {
        match self.pending.iter_mut().find(|(id, _)| *id == frame.conversation_id) {
            Some((_, frames)) => frames.push(frame),
            None => self.pending.push((frame.conversation_id, vec![frame])),
        }
        if !self.is_flushing {
            self.is_flushing = true;
            // Behind everything that is in the mailbox now: a burst leaves as one.
            ctx.notify(Flush);
        }
    }
}

/// Something happened to a conversation.
#[derive(Message)]
#[rtype(result = "()")]
pub struct DeliverEvent(pub Arc<EventFrame>);

impl Handler<DeliverEvent> for Hub {
    type Result = ();
    fn handle(&mut self, DeliverEvent(frame): DeliverEvent, _: &mut Self::Context) {
        // What its room told before is shown before.
        self.flush();
        let id = frame.conversation_id;
        if let Some(standing) =
            self.subscriptions.get_mut(&id).and_then(|subscription| subscription.standing.as_mut())
        {
            standing.event_seq = standing.event_seq.max(frame.event_seq);
        }
        self.hand_colleagues(id, &SessionEvent::Happened(frame));
    }
}

/// A ready frame of a conversation that visitors never see.
#[derive(Message)]
#[rtype(result = "()")]
pub struct TellColleagues {
    /// Which.
    pub conversation_id: ConversationId,
    /// The frame.
    pub text: ByteString,
}

impl Handler<TellColleagues> for Hub {
    type Result = ();
    fn handle(&mut self, told: TellColleagues, _: &mut Self::Context) {
        self.hand_colleagues(told.conversation_id, &SessionEvent::Text(told.text));
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Flush;

impl Handler<Flush> for Hub {
    type Result = ();
    fn handle(&mut self, _: Flush, _: &mut Self::Context) {
        self.flush();
    }
}

/// Somebody types.
#[derive(Message)]
#[rtype(result = "()")]
pub struct DeliverTyping {
    /// Where.
    pub conversation_id: ConversationId,
    /// What.
    pub typed: Typed,
}

impl Handler<DeliverTyping> for Hub {
    type Result = ();
    fn handle(&mut self, deliver: DeliverTyping, _: &mut Self::Context) {
        let Some(subscription) = self.subscriptions.get(&deliver.conversation_id) else { return };
        let typed = Arc::new(deliver.typed);
        for key in subscription.sessions.clone() {
            // Nobody is told of themselves: a colleague by their id, the visitor by having none.
            let is_own =
                self.subscribers.get(&key).is_some_and(|entry| entry.subscriber.user_id() == typed.by);
            if !is_own {
                self.hand(key, SessionEvent::Typed(typed.clone()));
            }
        }
    }
}

impl Handler<Broadcast> for Hub {
    type Result = ();
    fn handle(&mut self, broadcast: Broadcast, _: &mut Self::Context) {
        for (_, keys) in self.watchers.of(broadcast.workspace_id) {
            keys.into_iter().for_each(|key| self.hand(key, SessionEvent::Text(broadcast.text.clone())));
        }
    }
}

/// A ready frame for every session of a user.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub struct TellUser(pub UserId, pub ByteString);

impl Handler<TellUser> for Hub {
    type Result = ();
    fn handle(&mut self, TellUser(user, text): TellUser, _: &mut Self::Context) {
        let theirs = self.subscribers.iter().filter(|(_, entry)| entry.subscriber.user_id() == Some(user));
        let theirs: Vec<_> = theirs.map(|(key, _)| *key).collect();
        for key in theirs {
            self.hand(key, SessionEvent::Text(text.clone()));
        }
    }
}

/// A user's rights ended.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub struct Revoke(pub Revoked);

impl Handler<Revoke> for Hub {
    type Result = ();
    fn handle(&mut self, Revoke(revoked): Revoke, _: &mut Self::Context) {
        // A sign-in ends in every workspace it was good for, whichever membership it is told of.
        self.sign_out(|identity| match revoked.credential {
            Some(credential) => credential == identity.credential,
            None => identity.user.id == revoked.user_id,
        });
    }
}

/// Visitors who came to these conversations before a moment come back as who they are now.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub struct EndVisitors(pub Vec<ConversationId>, pub Timestamp);

impl Handler<EndVisitors> for Hub {
    type Result = ();
    fn handle(&mut self, EndVisitors(ids, at): EndVisitors, _: &mut Self::Context) {
        // What happened before is shown before.
        self.flush();
        let sits_there = |entry: &Entry| {
            entry.subscriber.identity.is_none() && ids.iter().any(|id| entry.follows.contains(id))
        };
        let there: Vec<_> =
            self.subscribers.iter().filter(|(_, entry)| sits_there(entry)).map(|(key, _)| *key).collect();
        there.into_iter().for_each(|key| self.hand(key, SessionEvent::Ended(at)));
    }
}

/// The server stops: everybody is told to come back.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub struct CloseAll;

impl Handler<CloseAll> for Hub {
    type Result = ();
    fn handle(&mut self, _: CloseAll, _: &mut Self::Context) {
        self.flush();
        for entry in self.subscribers.values() {
            entry.subscriber.news.do_send(SessionEvent::Close(Close::Restart));
        }
    }
}
