//! The session of a user: the contract's frames, by the rules of the backend it is given. Never a
//! row of its own, never a socket.
//! Over 400 lines: one frame of the contract after the other.

use super::acks::{Answers, SendKey};
use super::feeds::{Change, Feeds, Follows, Has, Logic, Out, Place, frames, happened, joined};
use super::socket::HEARTBEAT;
use crate::domain::{ConversationId, Identity, Message, Refusal, Sight, ViewId};
use crate::ledger::command::LedgerError;
use crate::live::frames::{Asked, BadFrame, Close, Draft, FromClient, Scope, ToClient, read, write};
use crate::live::handle::Live;
use crate::live::hub::{Connect, Disconnect, Hub};
use crate::live::hub_watchers::Watch;
use crate::live::presence::{Came, Presence, WhoIsHere};
use crate::live::session_event::{SessionEvent, SessionKey, Standing, Subscriber};
use crate::live::viewers::{Looks, Viewers, WhoLooks};
use crate::live::watchers::Watching;
use crate::store::conversations::filtered::Filter;
use actix::Addr;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Bad frames after which a client is taken for an abuser.
const MAX_BAD_FRAMES: u32 = 50;
/// Conversations that one session may follow.
const FOLLOWED: usize = 1_000;
/// Conversations that one session may be looking at.
const VIEWED: usize = 20;

/// What an agent may do, and how it is done: the layer above brings it.
pub trait SessionBackend: 'static {
    /// Whether the user may follow a conversation; how often they had marked it as unread when they asked.
    fn may_follow(&self, id: ConversationId) -> LocalBoxFuture<'static, Result<i64, LedgerError>>;
    /// Writes a message, once per client id, and gives it as it is stored. Drafts are stored in the order
    /// of the calls.
    fn send(&self, draft: Draft) -> LocalBoxFuture<'static, Result<Arc<Message>, LedgerError>>;
    /// Marks as read; `opening`: how often it had been marked as unread when its reader opened it.
    fn read(
        &self,
        id: ConversationId,
        seq: i64,
        opening: Option<i64>,
    ) -> LocalBoxFuture<'static, Result<(), LedgerError>>;
    /// What a saved view shows, if the user has it.
    fn view(&self, id: ViewId) -> LocalBoxFuture<'static, Result<Filter, LedgerError>>;
    /// Says that the user types.
    fn typing(&self, id: ConversationId, is_typing: bool)
    -> LocalBoxFuture<'static, Result<(), LedgerError>>;
}

/// One socket of a user.
pub struct AgentSession {
    key: SessionKey,
    identity: Arc<Identity>,
    presence: Addr<Presence>,
    viewers: Addr<Viewers>,
    /// Which telling of its history the database is in.
    epoch: Arc<str>,
    hub: Addr<Hub>,
    backend: Rc<dyn SessionBackend>,
    feeds: Feeds,
    /// What of the list it watches.
    watching: Watching,
    /// Subscriptions that wait for leave, each with its number.
    subscribing: Vec<(ConversationId, u64)>,
    subscriptions: u64,
    /// What was read of a conversation whose subscription waits: how far, and the `ref`. Whether that counts
    /// depends on what the subscription finds.
    reading: HashMap<ConversationId, (i64, Option<Value>)>,
    /// What this session follows, each with how often its reader had marked it as unread when it subscribed.
    openings: HashMap<ConversationId, i64>,
    answers: Answers,
    bad_frames: u32,
    /// Whether somebody looks at what this session shows.
    is_here: bool,
    /// The conversations that it looks at, each with whether that was told.
    viewing: HashMap<ConversationId, bool>,
}

impl AgentSession {
    /// A session that is not open yet; belongs to this thread.
    pub fn new(live: &Live, identity: Arc<Identity>, backend: Rc<dyn SessionBackend>) -> Self {
        let (key, hub) = (live.session_key(), live.hub());
        Self {
            feeds: Feeds::new(key, hub.clone(), live.db().clone()).with_events(),
            key,
            identity,
            presence: live.presence(),
            viewers: live.viewers(),
            epoch: live.epoch(),
            hub,
            backend,
            watching: Watching::NOTHING,
            subscribing: Vec::new(),
            subscriptions: 0,
            reading: HashMap::new(),
            openings: HashMap::new(),
            answers: Answers::default(),
            bad_frames: 0,
            is_here: false,
            viewing: HashMap::new(),
        }
    }

    fn error(
        out: &mut Out<Self>,
        code: &str,
        message: &str,
        client_id: Option<&str>,
        reference: Option<&Value>,
    ) {
        let permission = None;
        let (decision, reason, alternatives) = (None, None, None);
        let error = ToClient::Error {
            code,
            message,
            permission,
            client_id,
            reference,
            decision,
            reason,
            alternatives,
        };
        out.text(write(&error));
    }

    fn refuse(out: &mut Out<Self>, error: &LedgerError, client_id: Option<&str>, reference: Option<&Value>) {
        match error {
            LedgerError::Refused(Refusal { code, message, verdict, permission, .. }) => {
                let verdict = verdict.as_deref();
                out.text(write(&ToClient::Error {
                    code,
                    message,
                    permission: *permission,
                    client_id,
                    reference,
                    decision: verdict.map(|verdict| verdict.decision),
                    reason: verdict.and_then(|verdict| verdict.reason),
                    alternatives: verdict.map(|verdict| &*verdict.alternatives),
                }));
            }
            LedgerError::Store(_) | LedgerError::Unavailable(_) | LedgerError::PutOff => {
                log::error!("a frame could not be served: {error}");
                Self::error(
                    out,
                    "unavailable",
                    "This cannot be done right now. Try again in a moment.",
                    client_id,
                    reference,
                );
            }
        }
    }

    fn bad(&mut self, bad: &BadFrame, out: &mut Out<Self>) {
        self.bad_frames += 1;
        if self.bad_frames > MAX_BAD_FRAMES {
            out.close(Close::Abuse);
        } else {
            Self::error(out, bad.code, &bad.message, None, bad.reference.as_ref());
        }
    }

    fn asked(&mut self, asked: Asked, out: &mut Out<Self>) {
        let reference = asked.reference;
        match asked.frame {
            FromClient::Subscribe { conversation_id, after, after_event } => {
                let known = |place: Option<i64>| place.map(|place| place.max(0));
                let has = Has { version: known(after), event_seq: known(after_event) };
                self.subscribe(conversation_id, has, reference, out);
            }
            FromClient::Unsubscribe { conversation_id } => self.unsubscribe(conversation_id, out),
            FromClient::Watch { scope: Scope::Team, team_id: None, .. } => {
                let message = "watch with the scope team needs team_id.";
                Self::error(out, "bad_frame", message, None, reference.as_ref());
            }
            FromClient::Watch { scope: Scope::View, view_id, batch, .. } => {
                self.watch_view(view_id, batch, reference, out);
            }
            FromClient::Watch { scope, team_id, batch: is_batched, .. } => {
                let team = team_id.filter(|_| scope == Scope::Team);
                let watching = Watching { scope, team, view: None, is_batched };
                self.watch(watching, None, reference.as_ref());
            }
            FromClient::Send(draft) => self.send(draft, reference, out),
            FromClient::Typing { conversation_id, is_typing } => {
                let work = self.backend.typing(conversation_id, is_typing);
                Self::or_refuse(work, reference, out);
            }
            FromClient::Read { conversation_id, seq, opening } => {
                self.read(conversation_id, seq, opening, reference, out);
            }
            FromClient::Presence { is_here } => self.came(is_here),
            FromClient::Viewing { conversation_id, is_viewing: true } => {
                self.look_at(conversation_id, reference, out);
            }
            FromClient::Viewing { conversation_id, is_viewing: false } => self.look_away(conversation_id),
            FromClient::Ping => out.text(write(&ToClient::Pong { reference: reference.as_ref() })),
        }
    }

    /// Does something that has no answer but a refusal.
    fn or_refuse(
        work: LocalBoxFuture<'static, Result<(), LedgerError>>,
        reference: Option<Value>,
        out: &mut Out<Self>,
    ) {
        out.run(work, move |_, result, out| {
            if let Err(error) = result {
                Self::refuse(out, &error, None, reference.as_ref());
            }
        });
    }

    /// Marks as read. A page reads as soon as it shows something, which may be before its subscription is
    /// answered.
    fn read(
        &mut self,
        id: ConversationId,
        seq: i64,
        opening: Option<i64>,
        reference: Option<Value>,
        out: &mut Out<Self>,
    ) {
        if opening.is_none() && self.subscribing.iter().any(|(waits, _)| *waits == id) {
            let furthest = self.reading.get(&id).map_or(seq, |(known, _)| seq.max(*known));
            self.reading.insert(id, (furthest, reference));
            return;
        }
        let opening = opening.or_else(|| self.openings.get(&id).copied());
        Self::or_refuse(self.backend.read(id, seq, opening), reference, out);
    }

    fn subscribe(&mut self, id: ConversationId, has: Has, reference: Option<Value>, out: &mut Out<Self>) {
        if self.feeds.len() >= FOLLOWED && !self.feeds.contains(id) {
            Self::error(
                out,
                "too_many",
                "This session follows too many conversations; unsubscribe from some.",
                None,
                reference.as_ref(),
            );
            return;
        }
        self.subscriptions += 1;
        let number = self.subscriptions;
        self.subscribing.push((id, number));
        out.run(self.backend.may_follow(id), move |session, allowed, out| {
            if let (Some((seq, reference)), Ok(opening)) = (session.reading.remove(&id), &allowed) {
                Self::or_refuse(session.backend.read(id, seq, Some(*opening)), reference, out);
            }
            let Some(at) = session.subscribing.iter().position(|waits| *waits == (id, number)) else {
                return; // Unsubscribed meanwhile.
            };
            session.subscribing.swap_remove(at);
            match allowed {
                Ok(opening) => {
                    session.openings.insert(id, opening);
                    session.feeds.follow(id, has, reference);
                }
                Err(error) => {
                    Self::refuse(out, &error, None, reference.as_ref());
                    session.settle(id, i64::MAX, out);
                }
            }
        });
    }

    fn unsubscribe(&mut self, id: ConversationId, out: &mut Out<Self>) {
        self.subscribing.retain(|(waits, _)| *waits != id);
        self.openings.remove(&id);
        self.feeds.unfollow(id);
        self.settle(id, i64::MAX, out);
        self.look_away(id);
    }

    /// Looks at a conversation, if the user may see it.
    fn look_at(&mut self, id: ConversationId, reference: Option<Value>, out: &mut Out<Self>) {
        if self.viewing.len() >= VIEWED && !self.viewing.contains_key(&id) {
            let message = "This session looks at too many conversations; end some first.";
            Self::error(out, "too_many", message, None, reference.as_ref());
            return;
        }
        self.viewing.entry(id).or_insert(false);
        out.run(self.backend.may_follow(id), move |session, allowed, out| match allowed {
            // Ended meanwhile, or told by an earlier frame.
            Ok(_) => {
                if let Some(is_told) = session.viewing.get_mut(&id)
                    && !std::mem::replace(is_told, true)
                {
                    session.looks(id, true);
                }
            }
            Err(error) => {
                session.look_away(id);
                Self::refuse(out, &error, None, reference.as_ref());
            }
        });
    }

    /// Whatever happened to a conversation may have taken it out of this user's sight: nothing more of it is
    /// shown before that is known.
    fn look_again(&mut self, id: ConversationId, out: &mut Out<Self>) {
        let Some((has, reference)) = self.feeds.part(id) else { return };
        self.subscriptions += 1;
        let number = self.subscriptions;
        self.subscribing.push((id, number));
        out.run(self.backend.may_follow(id), move |session, allowed, out| {
            let Some(at) = session.subscribing.iter().position(|waits| *waits == (id, number)) else {
                return; // Unsubscribed meanwhile.
            };
            session.subscribing.swap_remove(at);
            if allowed.is_ok() {
                session.feeds.follow(id, has, reference);
                return;
            }
            session.openings.remove(&id);
            session.settle(id, i64::MAX, out);
            session.look_away(id);
            out.text(write(&ToClient::ConversationsErased { conversation_ids: &[id] }));
        });
    }

    fn look_away(&mut self, id: ConversationId) {
        if self.viewing.remove(&id) == Some(true) {
            self.looks(id, false);
        }
    }

    fn looks(&self, conversation_id: ConversationId, is_viewing: bool) {
        let person = self.identity.user.person();
        self.viewers.do_send(Looks { conversation_id, person, is_viewing });
    }

    /// Watches what a saved view shows, if the user has it.
    fn watch_view(
        &mut self,
        view: Option<ViewId>,
        is_batched: bool,
        reference: Option<Value>,
        out: &mut Out<Self>,
    ) {
        let Some(id) = view else {
            let message = "watch with the scope view needs view_id.";
            Self::error(out, "bad_frame", message, None, reference.as_ref());
            return;
        };
        out.run(self.backend.view(id), move |session, filter, out| match filter {
            Ok(filter) => {
                let watching = Watching { scope: Scope::View, team: None, view, is_batched };
                session.watch(watching, Some(filter.into()), reference.as_ref());
            }
            Err(error) => Self::refuse(out, &error, None, reference.as_ref()),
        });
    }

    fn watch(&mut self, watching: Watching, filter: Option<Arc<Filter>>, reference: Option<&Value>) {
        let scope = watching.scope;
        let answer = reference.map(|reference| write(&ToClient::Watching { scope, reference }));
        self.hub.do_send(Watch { session: self.key, watching, filter, answer });
        let before = std::mem::replace(&mut self.watching, watching);
        // Whoever is told by ticks goes on from there, whatever part of the list they look at.
        let knows_who_is_here = watching.is_batched && before.is_batched && before.scope != Scope::None;
        if scope != Scope::None && !knows_who_is_here {
            self.presence.do_send(WhoIsHere {
                workspace_id: self.identity.user.workspace_id,
                session: self.key,
                hub: self.hub.clone().recipient(),
                is_batched: watching.is_batched,
            });
        }
    }

    fn send(&mut self, draft: Draft, reference: Option<Value>, out: &mut Out<Self>) {
        let key = (draft.conversation_id, draft.client_id.clone());
        self.answers.expect(key.clone(), reference.clone());
        let work = self.backend.send(draft);
        out.run(work, move |session, result, out| match result {
            Ok(message) => session.sent(&key, &message, reference.as_ref(), out),
            Err(error) => {
                session.answers.forget(&key, reference.as_ref());
                Self::refuse(out, &error, Some(&key.1), reference.as_ref());
            }
        });
    }

    /// The message is stored. If this session follows its conversation it comes in its order, and that
    /// answers, or it came and that was the answer, unless a `ref` asks for more; what this session is
    /// never shown is answered here.
    fn sent(
        &mut self,
        key: &SendKey,
        message: &Arc<Message>,
        reference: Option<&Value>,
        out: &mut Out<Self>,
    ) {
        if !self.answers.is_due(key, reference) {
            return;
        }
        let will_follow = self.subscribing.iter().any(|(id, _)| *id == key.0);
        if will_follow || self.feeds.will_show(key.0, message.version) {
            self.answers.hold(key, message);
        } else if reference.is_none() && self.feeds.has_shown(key.0, message.version) {
            self.answers.forget(key, None);
        } else {
            self.acknowledge(message, message.version, out);
        }
    }

    /// The session stands at a version: sends whose messages it will not be shown any more are answered.
    fn settle(&mut self, id: ConversationId, version: i64, out: &mut Out<Self>) {
        for message in self.answers.held(id, version) {
            while self.acknowledge(&message, message.version, out) {}
        }
    }

    /// Answers a send of this session; false: it is not one that waits for an answer.
    fn acknowledge(&mut self, message: &Message, version: i64, out: &mut Out<Self>) -> bool {
        let is_mine = message.sender.id == Some(self.identity.user.id.0);
        let Some(client_id) = message.client_id.as_deref().filter(|_| is_mine && !self.answers.is_empty())
        else {
            return false;
        };
        let conversation_id = message.conversation_id;
        let Some(reference) = self.answers.give(&(conversation_id, client_id.to_owned())) else {
            return false;
        };
        out.text(write(&ToClient::MessageSent {
            client_id,
            conversation_id,
            version,
            message,
            reference: reference.as_ref(),
        }));
        true
    }

    /// Somebody looks at this session's page, or does no more; each said once.
    fn came(&mut self, is_here: bool) {
        if std::mem::replace(&mut self.is_here, is_here) == is_here {
            return;
        }
        let user = &self.identity.user;
        self.presence.do_send(Came { workspace_id: user.workspace_id, user_id: user.id, is_here });
    }
}

impl Logic for AgentSession {
    fn opened(&mut self, place: Place, out: &mut Out<Self>) {
        let user = &self.identity.user;
        let subscriber = Subscriber {
            news: place.news,
            outstanding: place.outstanding,
            workspace_id: user.workspace_id,
            identity: Some(self.identity.clone()),
        };
        self.hub.do_send(Connect(self.key, subscriber));
        self.came(true);
        let user = &self.identity.user;
        let heartbeat_ms = u64::try_from(HEARTBEAT.as_millis()).unwrap_or(u64::MAX);
        let epoch = &self.epoch;
        out.text(write(&ToClient::Welcome { user, session_id: self.key.0, heartbeat_ms, epoch }));
    }

    fn text(&mut self, text: &str, out: &mut Out<Self>) {
        match read(text) {
            Ok(asked) => self.asked(asked, out),
            Err(bad) => self.bad(&bad, out),
        }
    }

    fn news(&mut self, news: SessionEvent, out: &mut Out<Self>) {
        match news {
            SessionEvent::Joined(id, standing) => joined(self, id, standing, out),
            SessionEvent::Frames(batch) => frames(self, &batch, out),
            SessionEvent::Happened(frame) if self.identity.user.sight != Sight::Everything => {
                self.look_again(frame.conversation_id, out);
            }
            SessionEvent::Happened(frame) => happened(self, &frame, out),
            SessionEvent::Text(text) => out.text(text),
            SessionEvent::Texts(texts) => texts.iter().for_each(|text| out.text(text.clone())),
            SessionEvent::Typed(typed) => out.text(typed.text.clone()),
            SessionEvent::Ended(_) => {}
            SessionEvent::Close(why) => out.close(why),
        }
    }

    fn closed(&mut self) {
        self.hub.do_send(Disconnect(self.key));
        self.came(false);
        let viewed: Vec<_> = self.viewing.keys().copied().collect();
        viewed.into_iter().for_each(|id| self.look_away(id));
    }
}

impl Follows for AgentSession {
    fn feeds(&mut self) -> &mut Feeds {
        &mut self.feeds
    }

    fn show(&mut self, change: Change<'_>, out: &mut Out<Self>) {
        match change {
            Change::Live(frame) => {
                if !self.acknowledge(&frame.message, frame.version, out) {
                    out.text(frame.text.clone());
                }
            }
            Change::Replayed { message, is_new } => {
                let (conversation_id, version) = (message.conversation_id, message.version);
                if self.acknowledge(&message, version, out) {
                    return;
                }
                let message = &*message;
                out.text(if is_new {
                    let is_new_conversation = message.seq == 1;
                    write(&ToClient::ChatMessage { conversation_id, version, is_new_conversation, message })
                } else {
                    write(&ToClient::MessageUpdated { conversation_id, version, message })
                });
            }
        }
    }

    fn caught_up(
        &mut self,
        conversation_id: ConversationId,
        Standing { version, event_seq, .. }: Standing,
        reference: Option<Value>,
        out: &mut Out<Self>,
    ) {
        self.settle(conversation_id, version, out);
        let reference = reference.as_ref();
        out.text(write(&ToClient::Subscribed { conversation_id, version, event_seq, reference }));
        self.viewers.do_send(WhoLooks(conversation_id));
    }
}
