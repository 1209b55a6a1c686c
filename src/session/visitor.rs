//! The session of a visitor of the web chat (over 400 lines: one conversation with its visitor, read from the
//! top down): one conversation, their own, and of it only what a customer may see. Never a version of
//! somebody else's conversation, never an inner note.

use super::feeds::{Change, Feeds, Follows, Has, Logic, Out, Place, frames, joined};
use super::socket::HEARTBEAT;
use super::visitor_frames::{ChannelName, FromVisitor, Identified, Seen, ToVisitor, VisitorDraft};
use crate::domain::{
    ChannelId, ConversationId, Message, Refusal, RefusalKind, SenderType, Timestamp, WorkspaceId, text,
};
use crate::ledger::command::LedgerError;
use crate::live::frames::{Close, write};
use crate::live::handle::Live;
use crate::live::hub::{Connect, Disconnect, Hub};
use crate::live::session_event::{SessionEvent, SessionKey, Standing, Subscriber};
use actix::Addr;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// What a visitor is refused with whose name has ended: they come back and hear who they are.
pub const ENDED: &str = "visitor_ended";
/// How long a socket may be open before somebody says hello on it.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// How often an open socket asks whether its chat is still open.
const LOOK: Duration = Duration::from_secs(3);
/// Frames refused for being too many, after which a visitor is taken for an abuser.
const REFUSED: u32 = 300;

/// Bad frames after which a visitor is taken for an abuser.
const MAX_BAD_FRAMES: u32 = 20;

/// What a visitor may do, and how it is done: the layer above brings it.
pub trait VisitorBackend: 'static {
    /// Who comes: a token of ours, or somebody new.
    fn greet(
        &self,
        token: Option<String>,
        identity: Option<Identified>,
    ) -> LocalBoxFuture<'static, Result<Greeting, LedgerError>>;
    /// Writes, once per client id, and gives the message as it is stored.
    fn send(
        &self,
        who: KnownVisitor,
        name: Option<String>,
        draft: VisitorDraft,
        is_first: bool,
    ) -> LocalBoxFuture<'static, Result<Arc<Message>, LedgerError>>;
    /// Whether this visitor may type just now.
    fn may_type(&self, visitor: &str) -> Result<(), Refusal>;
    /// Whether this visitor may ask for something else just now.
    fn may_ask(&self, visitor: &str) -> Result<(), Refusal>;
    /// Why the socket must end, if the chat is not there any more for the page that opened it or for this
    /// visitor.
    fn must_end(&self, who: Option<KnownVisitor>) -> LocalBoxFuture<'static, Option<Close>>;
    /// Has read up to a place.
    fn read(
        &self,
        conversation: ConversationId,
        seq: i64,
    ) -> LocalBoxFuture<'static, Result<(), LedgerError>>;
    /// Older messages.
    fn history(
        &self,
        conversation: ConversationId,
        before_seq: i64,
    ) -> LocalBoxFuture<'static, Result<Vec<Message>, LedgerError>>;
}

/// Who said hello, and when: a name that ends after it is theirs no more.
#[derive(Debug, Clone)]
pub struct KnownVisitor {
    /// What they are known by.
    pub visitor: String,
    /// When they said hello.
    pub since: Timestamp,
}

/// Who came.
#[derive(Debug, Clone)]
pub struct Greeting {
    pub since: Timestamp,
    /// Whether the token is another than the one they came with, only for its age.
    pub is_renewed: bool,
    /// What they are known by.
    pub visitor: String,
    /// What proves it next time.
    pub token: String,
    /// Their conversation, if they wrote before.
    pub conversation: Option<ConversationId>,
    /// Where it stands.
    pub version: i64,
    /// Its newest messages.
    pub messages: Vec<Message>,
    /// What of our side's words is not read.
    pub unread: usize,
    /// What the channel is called.
    pub channel_name: String,
    /// What the visitor is called, if the page around the frame proved it.
    pub name: Option<String>,
    /// When somebody answers: `{time_zone, days}`, if that was said.
    pub hours: Option<Value>,
}

/// One socket of a visitor.
pub struct VisitorSession {
    key: SessionKey,
    live: Live,
    hub: Addr<Hub>,
    backend: Rc<dyn VisitorBackend>,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    feeds: Feeds,
    place: Option<Place>,
    /// Known after `hello`.
    visitor: Option<String>,
    since: Timestamp,
    /// Whether what they came with was looked at again since.
    is_looked_at: bool,
    name: Option<String>,
    conversation: Option<ConversationId>,
    /// Sent and not answered yet; with the message once it is stored and still to be shown.
    awaiting: HashMap<String, Option<Arc<Message>>>,
    bad_frames: u32,
    refused_frames: u32,
    is_typing: bool,
}

impl VisitorSession {
    /// A session that is not open yet; belongs to this thread.
    pub fn new(
        live: Live,
        workspace_id: WorkspaceId,
        channel_id: ChannelId,
        backend: Rc<dyn VisitorBackend>,
    ) -> Self {
        let (key, hub) = (live.session_key(), live.hub());
        Self {
            feeds: Feeds::new(key, hub.clone(), live.db().clone()),
            key,
            live,
            hub,
            backend,
            workspace_id,
            channel_id,
            place: None,
            visitor: None,
            since: Timestamp(0),
            is_looked_at: false,
            name: None,
            conversation: None,
            awaiting: HashMap::new(),
            bad_frames: 0,
            refused_frames: 0,
            is_typing: false,
        }
    }

    fn who(&self) -> Option<KnownVisitor> {
        Some(KnownVisitor { visitor: self.visitor.clone()?, since: self.since })
    }

    fn error(out: &mut Out<Self>, code: &str, message: &str, reference: Option<&Value>) {
        out.text(write(&ToVisitor::Error { code, message, reference, retry_after: None }));
    }

    fn no(out: &mut Out<Self>, no: &Refusal, reference: Option<&Value>) {
        let seconds = no.retry_after.map(|wait| wait.as_millis().div_ceil(1000).max(1));
        let retry_after = seconds.and_then(|seconds| u64::try_from(seconds).ok());
        out.text(write(&ToVisitor::Error { code: no.code, message: &no.message, reference, retry_after }));
    }

    /// Whoever goes on and on although it is refused is thrown out.
    fn over(&mut self, no: &Refusal, reference: Option<&Value>, out: &mut Out<Self>) {
        self.refused_frames += 1;
        if self.refused_frames > REFUSED {
            out.close(Close::Abuse);
        } else {
            Self::no(out, no, reference);
        }
    }

    fn refuse(out: &mut Out<Self>, error: &LedgerError, reference: Option<&Value>) {
        match error {
            LedgerError::Refused(refusal) => Self::no(out, refusal, reference),
            LedgerError::Store(_) | LedgerError::Unavailable(_) | LedgerError::PutOff => {
                log::error!("a visitor's frame could not be served: {error}");
                Self::error(
                    out,
                    "unavailable",
                    "This cannot be done right now. Try again in a moment.",
                    reference,
                );
            }
        }
    }

    fn asked(&mut self, frame: FromVisitor, reference: Option<Value>, out: &mut Out<Self>) {
        match frame {
            FromVisitor::Hello { token, after, name, identity } => {
                self.hello(token, after, name, identity, out);
            }
            FromVisitor::Ping => out.text(write(&ToVisitor::Pong)),
            _ if self.visitor.is_none() => {
                Self::error(out, "no_hello", "Send a hello frame first.", reference.as_ref());
            }
            FromVisitor::Send(draft) => self.send(draft, out),
            FromVisitor::Typing { is_typing } => self.types(is_typing, reference.as_ref(), out),
            FromVisitor::Read { seq } => {
                if !self.may_ask(reference.as_ref(), out) {
                    return;
                }
                if let Some(id) = self.conversation {
                    out.run(self.backend.read(id, seq), |_, result, out| {
                        if let Err(error) = result {
                            Self::refuse(out, &error, None);
                        }
                    });
                }
            }
            FromVisitor::History { before_seq } => {
                if self.may_ask(reference.as_ref(), out) {
                    self.history(before_seq, reference, out);
                }
            }
        }
    }

    fn types(&mut self, is_typing: bool, reference: Option<&Value>, out: &mut Out<Self>) {
        let (Some(id), Some(visitor)) = (self.conversation, &self.visitor) else { return };
        if !is_typing && !self.is_typing {
            return; // Nobody was told that they did.
        }
        if let Some(no) = is_typing.then(|| self.backend.may_type(visitor).err()).flatten() {
            self.over(&no, reference, out);
            return;
        }
        self.is_typing = is_typing;
        self.live.typing(id, None, is_typing);
    }

    fn may_ask(&mut self, reference: Option<&Value>, out: &mut Out<Self>) -> bool {
        let asked = self.visitor.as_deref().map_or(Ok(()), |visitor| self.backend.may_ask(visitor));
        if let Err(no) = &asked {
            self.over(no, reference, out);
        }
        asked.is_ok()
    }

    /// Ends as soon as the chat is not there any more.
    fn look(out: &mut Out<Self>) {
        out.run(actix::clock::sleep(LOOK), |session, (), out| {
            // Of a name that ends word comes at once. Not if it ended while they said hello, and where other
            // processes write too the word may be lost.
            let asks = !session.is_looked_at || session.live.db().is_shared();
            let who = session.who().filter(|_| asks);
            session.is_looked_at |= who.is_some();
            out.run(session.backend.must_end(who), |_, why, out| match why {
                Some(why) => out.close(why),
                None => Self::look(out),
            });
        });
    }

    fn hello(
        &mut self,
        token: Option<String>,
        after: Option<i64>,
        name: Option<String>,
        identity: Option<Identified>,
        out: &mut Out<Self>,
    ) {
        if self.visitor.is_some() {
            return;
        }
        out.run(self.backend.greet(token, identity), move |session, greeted, out| match greeted {
            Ok(greeting) => session.welcome(&greeting, after, name, out),
            Err(error) => Self::refuse(out, &error, None),
        });
    }

    fn welcome(
        &mut self,
        greeting: &Greeting,
        after: Option<i64>,
        name: Option<String>,
        out: &mut Out<Self>,
    ) {
        self.visitor = Some(greeting.visitor.clone());
        self.since = greeting.since;
        let name = greeting.name.clone().or(name).map(|name| text::name(&name));
        self.name = name.filter(|name| !name.is_empty());
        let is_new = after.is_none();
        let messages = if is_new {
            greeting.messages.iter().map(|message| Seen::of(message, self.channel_id)).collect()
        } else {
            Vec::new()
        };
        let heartbeat_ms = u64::try_from(HEARTBEAT.as_millis()).unwrap_or(u64::MAX);
        out.text(write(&ToVisitor::Welcome {
            token: &greeting.token,
            is_renewed: greeting.is_renewed,
            conversation_id: greeting.conversation,
            version: greeting.version,
            heartbeat_ms,
            epoch: &self.live.epoch(),
            channel: ChannelName { name: &greeting.channel_name },
            hours: greeting.hours.as_ref(),
            unread: greeting.unread,
            messages,
        }));
        if let Some(id) = greeting.conversation {
            self.follow(id, after.unwrap_or(greeting.version));
        }
    }

    fn follow(&mut self, id: ConversationId, after: i64) {
        if self.conversation.is_none() {
            self.conversation = Some(id);
            self.feeds.follow(id, Has { version: Some(after.max(0)), event_seq: None }, None);
        }
    }

    fn send(&mut self, draft: VisitorDraft, out: &mut Out<Self>) {
        let Some(who) = self.who() else { return };
        let client_id = draft.client_id.clone();
        self.awaiting.insert(client_id.clone(), None);
        out.run(
            self.backend.send(who, self.name.clone(), draft, self.conversation.is_none()),
            move |session, result, out| match result {
                Ok(message) => {
                    // The first words begin the conversation: from the start of it, everything is news.
                    session.follow(message.conversation_id, message.seq - 1);
                    session.sent(&client_id, &message, out);
                }
                Err(error) => {
                    session.awaiting.remove(&client_id);
                    let reference = Value::from(client_id);
                    match &error {
                        LedgerError::Refused(no) if no.kind == RefusalKind::TooMany => {
                            session.over(no, Some(&reference), out);
                        }
                        LedgerError::Refused(no) if no.code == ENDED => out.close(Close::ComeBack),
                        error => Self::refuse(out, error, Some(&reference)),
                    }
                }
            },
        );
    }

    /// The message is stored: it comes in its order, and that answers, or it came and that was the answer;
    /// what this session is never shown is answered here.
    fn sent(&mut self, client_id: &str, message: &Arc<Message>, out: &mut Out<Self>) {
        let (id, version) = (message.conversation_id, message.version);
        if self.feeds.has_shown(id, version) {
            self.awaiting.remove(client_id);
        } else if self.feeds.will_show(id, version) {
            if let Some(waiting) = self.awaiting.get_mut(client_id) {
                *waiting = Some(message.clone());
            }
        } else {
            self.acknowledge(message, message.version, out);
        }
    }

    fn acknowledge(&mut self, message: &Message, version: i64, out: &mut Out<Self>) -> bool {
        let Some(client_id) =
            message.client_id.as_deref().filter(|_| message.sender_type == SenderType::Customer)
        else {
            return false;
        };
        if self.awaiting.remove(client_id).is_none() {
            return false;
        }
        out.text(write(&ToVisitor::MessageSent {
            client_id,
            conversation_id: message.conversation_id,
            version,
            message: Seen::of(message, self.channel_id),
        }));
        true
    }

    fn history(&mut self, before_seq: i64, reference: Option<Value>, out: &mut Out<Self>) {
        let Some(id) = self.conversation else {
            out.text(write(&ToVisitor::History { reference: reference.as_ref(), messages: Vec::new() }));
            return;
        };
        out.run(self.backend.history(id, before_seq), move |session, read, out| match read {
            Ok(messages) => {
                let messages = messages.iter().map(|message| Seen::of(message, session.channel_id)).collect();
                out.text(write(&ToVisitor::History { reference: reference.as_ref(), messages }));
            }
            Err(error) => Self::refuse(out, &error, reference.as_ref()),
        });
    }
}

impl Logic for VisitorSession {
    fn opened(&mut self, place: Place, out: &mut Out<Self>) {
        let subscriber = Subscriber {
            news: place.news.clone(),
            outstanding: place.outstanding.clone(),
            workspace_id: self.workspace_id,
            identity: None,
        };
        self.hub.do_send(Connect(self.key, subscriber));
        self.place = Some(place);
        out.run(actix::clock::sleep(HELLO_WITHIN), |session, (), out| {
            if session.visitor.is_none() {
                out.close(Close::NoHello);
            }
        });
        Self::look(out);
    }

    fn text(&mut self, text: &str, out: &mut Out<Self>) {
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let reference = value.get("ref").cloned();
        if let Ok(frame) = serde_json::from_value(value) {
            self.asked(frame, reference, out);
            return;
        }
        self.bad_frames += 1;
        if self.bad_frames > MAX_BAD_FRAMES {
            out.close(Close::Abuse);
        } else {
            Self::error(out, "bad_frame", "This frame is not valid.", reference.as_ref());
        }
    }

    fn news(&mut self, news: SessionEvent, out: &mut Out<Self>) {
        match news {
            SessionEvent::Joined(id, standing) => joined(self, id, standing, out),
            SessionEvent::Frames(batch) => frames(self, &batch, out),
            SessionEvent::Typed(typed) => out
                .text(write(&ToVisitor::Typing { is_typing: typed.is_typing, name: typed.name.as_deref() })),
            SessionEvent::Ended(at) if self.since < at => out.close(Close::ComeBack),
            SessionEvent::Text(_)
            | SessionEvent::Texts(_)
            | SessionEvent::Happened(_)
            | SessionEvent::Ended(_) => {}
            SessionEvent::Close(why) => out.close(why),
        }
    }

    fn closed(&mut self) {
        self.hub.do_send(Disconnect(self.key));
    }
}

impl Follows for VisitorSession {
    fn feeds(&mut self) -> &mut Feeds {
        &mut self.feeds
    }

    fn show(&mut self, change: Change<'_>, out: &mut Out<Self>) {
        let (message, version, is_new) = match &change {
            Change::Live(frame) => (&*frame.message, frame.version, frame.is_new),
            Change::Replayed { message, is_new } => (&**message, message.version, *is_new),
        };
        if message.is_private {
            return; // Among colleagues.
        }
        let conversation_id = message.conversation_id;
        if self.acknowledge(message, version, out) {
            return;
        }
        out.text(if is_new {
            write(&ToVisitor::ChatMessage {
                conversation_id,
                version,
                message: Seen::of(message, self.channel_id),
            })
        } else {
            write(&ToVisitor::MessageUpdated {
                conversation_id,
                version,
                message: Seen::of(message, self.channel_id),
            })
        });
    }

    fn caught_up(&mut self, _: ConversationId, there: Standing, _: Option<Value>, out: &mut Out<Self>) {
        let held = self.awaiting.values().flatten().filter(|message| message.version <= there.version);
        let mut held: Vec<_> = held.cloned().collect();
        held.sort_by_key(|message| message.version);
        for message in held {
            self.acknowledge(&message, message.version, out);
        }
    }
}
