//! One conversation's single voice: it lets each change through its gate once, encodes the frame
//! once, and hands it once to each worker thread's hub. Never a write; what it missed it reads
//! back from the rows, so it may be ended and started again at any moment.
//! Over 400 lines: messages and events have one voice, each by its own gate.

use super::event_frame::{EventFrame, EventPage, read_events};
use super::gate::{Gate, Reading, Verdict};
use super::hub::{Deliver, DeliverEvent, Hub, Joined, TellColleagues};
use super::messages::{Frame, Typed};
use super::registry::{ConversationRegistry, RoomEnded, RoomIdle};
use super::session_event::{HubId, Standing};
use super::shared::Shared;
use crate::domain::{ConversationId, Message, MessageEvent, TimelineNews};
use crate::store::{StoreError, conversations, messages};
use actix::prelude::*;
use bytestring::ByteString;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Rows read at once to fill a gap.
const PAGE: i64 = 200;
/// Changes that may wait for a room; beyond it they are dropped and read back later.
const MAX_QUEUED: usize = 4_096;
/// How long a read that failed waits before it is tried again.
const RETRY: Duration = Duration::from_millis(250);

/// One conversation.
pub struct ChatRoom {
    id: ConversationId,
    incarnation: u64,
    gate: Option<Gate>,
    /// The newest place this room has told of, or found when it first looked.
    newest: i64,
    /// While rows are read.
    reading: Option<Reading>,
    /// The events of its timeline, by their places.
    events: Gate,
    hubs: HashMap<HubId, Addr<Hub>>,
    registry: Addr<ConversationRegistry>,
    shared: Arc<Shared>,
}

impl ChatRoom {
    /// A room that has not yet looked where its conversation stands.
    pub fn new(
        id: ConversationId,
        incarnation: u64,
        registry: Addr<ConversationRegistry>,
        shared: Arc<Shared>,
    ) -> Self {
        let (events, hubs) = (Gate::at(0), HashMap::new());
        Self { id, incarnation, gate: None, newest: 0, reading: None, events, hubs, registry, shared }
    }

    /// Looks where the conversation stands; what comes meanwhile waits in the mailbox.
    fn look(&mut self, ctx: &mut Context<Self>) {
        let (db, id) = (self.shared.db.clone(), self.id);
        let looked = async move { db.read(async move |conn| conversations::standing(conn, id).await).await };
        ctx.wait(looked.into_actor(self).map(|standing, room, ctx| match standing {
            Ok(standing) => {
                let (version, newest, event_seq) = standing.unwrap_or_default();
                (room.gate, room.newest) = (Some(Gate::at(version)), newest);
                room.events = Gate::at(event_seq);
            }
            Err(error) => {
                log::warn!("room {}: reading its version failed, retrying: {error}", room.id);
                let again = actix::clock::sleep(RETRY).into_actor(room);
                ctx.wait(again.map(|(), room, ctx| room.look(ctx)));
            }
        }));
    }

    fn deliver(&self, frame: Frame) {
        let frame = Arc::new(frame);
        for hub in self.hubs.values() {
            // A hub whose mailbox is full has sessions that will see the gap and read it back.
            if hub.try_send(Deliver(frame.clone())).is_err() {
                log::warn!("room {}: a hub is full; its sessions will read back", self.id);
            }
        }
    }

    fn fill(&mut self, ctx: &mut Context<Self>) {
        let Some(gate) = &self.gate else { return };
        self.shared.metrics.gaps.one();
        let (db, id, after) = (self.shared.db.clone(), self.id, gate.last());
        let read = async move { read_changes(&db, id, after, PAGE).await };
        ctx.spawn(read.into_actor(self).map(|changes, room, ctx| match changes {
            Ok(changes) => room.take(changes, ctx),
            Err(error) => {
                log::warn!("room {}: filling a gap failed, retrying: {error}", room.id);
                ctx.run_later(RETRY, ChatRoom::fill);
            }
        }));
    }

    fn take(&mut self, changes: Changes, ctx: &mut Context<Self>) {
        let Some(mut gate) = self.gate else { return };
        let mut follows = gate.last();
        let mut reading = self.reading.take().unwrap_or_else(|| Reading::after(self.newest));
        for message in changes.messages {
            let version = message.version;
            if gate.is_news(version) {
                let is_new = reading.is_first(message.seq);
                self.deliver(Frame::new(
                    follows,
                    version,
                    is_new,
                    is_new && message.seq == 1,
                    Arc::new(message),
                ));
                follows = version;
            }
        }
        let done = gate.filled(changes.version, changes.is_whole);
        self.gate = Some(gate);
        if done {
            self.newest = changes.newest;
        } else {
            self.reading = Some(reading);
            self.fill(ctx);
        }
    }
}

/// The same of the timeline, whose events never change.
impl ChatRoom {
    fn deliver_event(&self, frame: EventFrame) {
        let frame = Arc::new(frame);
        for hub in self.hubs.values() {
            if hub.try_send(DeliverEvent(frame.clone())).is_err() {
                log::warn!("room {}: a hub is full; its sessions will read back", self.id);
            }
        }
    }

    fn fill_events(&mut self, ctx: &mut Context<Self>) {
        self.shared.metrics.gaps.one();
        let (db, id, after) = (self.shared.db.clone(), self.id, self.events.last());
        let read = async move { read_events(&db, id, after, PAGE).await };
        ctx.spawn(read.into_actor(self).map(|page, room, ctx| match page {
            Ok(page) => room.take_events(&page, ctx),
            Err(error) => {
                log::warn!("room {}: cannot fill a gap of its timeline yet: {error}", room.id);
                ctx.run_later(RETRY, ChatRoom::fill_events);
            }
        }));
    }

    fn take_events(&mut self, page: &EventPage, ctx: &mut Context<Self>) {
        for event in page.events.iter().filter(|event| self.events.is_news(event.event_seq)) {
            self.deliver_event(EventFrame::new(self.id, event));
        }
        if self.events.filled(page.last, page.is_whole) {
            return;
        }
        if page.events.is_empty() {
            // Heard of and not there: it was forgotten meanwhile, or this reads behind.
            ctx.run_later(RETRY, ChatRoom::fill_events);
        } else {
            self.fill_events(ctx);
        }
    }
}

/// What changed in a conversation after a version.
#[derive(Debug)]
pub struct Changes {
    /// The messages, by rising version.
    pub messages: Vec<Message>,
    /// Everything up to here is in them.
    pub version: i64,
    /// The newest place there is, once there was no more.
    pub newest: i64,
    /// Whether there was no more.
    pub is_whole: bool,
}

/// Reads what changed in a conversation after a version, `limit` messages at most.
pub async fn read_changes(
    db: &crate::store::Db,
    id: ConversationId,
    after: i64,
    limit: i64,
) -> Result<Changes, StoreError> {
    db.read(async move |conn| {
        // First where it stands, then the rows: the rows hold at least what the version counted.
        let (version, newest, _) = conversations::standing(conn, id).await?.unwrap_or((after, 0, 0));
        let rows = messages::changed_after(conn, id, after, limit).await?;
        let is_whole = i64::try_from(rows.len()).is_ok_and(|count| count < limit);
        let last = rows.last().map_or(after, |row| row.body.version);
        let newest = rows.iter().map(|row| row.body.seq).fold(newest, i64::max);
        let messages = messages::views(conn, rows).await?;
        Ok(Changes { messages, version: if is_whole { last.max(version) } else { last }, newest, is_whole })
    })
    .await
}

impl Actor for ChatRoom {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAX_QUEUED);
        self.shared.metrics.rooms.add(1);
        self.look(ctx);
    }
}

impl Drop for ChatRoom {
    /// Also after a panic: actix restarts nothing, the registry does.
    fn drop(&mut self) {
        self.shared.metrics.rooms.add(-1);
        self.registry.do_send(RoomEnded { id: self.id, incarnation: self.incarnation });
    }
}

/// A committed change.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Changed(pub MessageEvent);

impl Handler<Changed> for ChatRoom {
    type Result = ();
    fn handle(&mut self, Changed(event): Changed, ctx: &mut Self::Context) {
        let Some(gate) = &mut self.gate else { return };
        let follows = gate.last();
        match gate.offer(event.version - 1, event.version) {
            Verdict::Pass => {
                self.newest = self.newest.max(event.message.seq);
                self.deliver(Frame::new(
                    follows,
                    event.version,
                    event.is_new,
                    event.is_new_conversation,
                    event.message,
                ));
            }
            Verdict::Drop => {}
            Verdict::Fill => self.fill(ctx),
        }
    }
}

/// Word from elsewhere that the conversation is at a version.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Hint(pub i64);

impl Handler<Hint> for ChatRoom {
    type Result = ();
    fn handle(&mut self, Hint(version): Hint, ctx: &mut Self::Context) {
        if self.gate.as_mut().is_some_and(|gate| gate.hear(version)) {
            self.fill(ctx);
        }
    }
}

/// Something happened that is committed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Happened(pub TimelineNews);

impl Handler<Happened> for ChatRoom {
    type Result = ();
    fn handle(&mut self, Happened(news): Happened, ctx: &mut Self::Context) {
        let seq = news.event.event_seq;
        match self.events.offer(seq - 1, seq) {
            Verdict::Pass => self.deliver_event(EventFrame::new(self.id, &news.event)),
            Verdict::Drop => {}
            Verdict::Fill => self.fill_events(ctx),
        }
    }
}

/// Word from elsewhere that the conversation's timeline goes up to a place.
#[derive(Message)]
#[rtype(result = "()")]
pub struct EventHint(pub i64);

impl Handler<EventHint> for ChatRoom {
    type Result = ();
    fn handle(&mut self, EventHint(seq): EventHint, ctx: &mut Self::Context) {
        if self.events.hear(seq) {
            self.fill_events(ctx);
        }
    }
}

/// A ready frame for the colleagues who follow, of what is never stored.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Shown(pub ByteString);

impl Handler<Shown> for ChatRoom {
    type Result = ();
    fn handle(&mut self, Shown(text): Shown, _: &mut Self::Context) {
        for hub in self.hubs.values() {
            hub.do_send(TellColleagues { conversation_id: self.id, text: text.clone() });
        }
    }
}

/// A hub has sessions for this room.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Join(pub HubId, pub Addr<Hub>);

impl Handler<Join> for ChatRoom {
    type Result = ();
    fn handle(&mut self, Join(id, hub): Join, _: &mut Self::Context) {
        let version = self.gate.map_or(0, |gate| gate.last());
        let standing = Standing { version, newest: self.newest, event_seq: self.events.last() };
        hub.do_send(Joined { conversation_id: self.id, standing });
        self.hubs.insert(id, hub);
    }
}

/// A hub has no sessions for this room any more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Leave(pub HubId);

impl Handler<Leave> for ChatRoom {
    type Result = ();
    fn handle(&mut self, Leave(id): Leave, ctx: &mut Self::Context) {
        self.hubs.remove(&id);
        if self.hubs.is_empty() {
            ctx.run_later(self.shared.room_idle, |room, _| {
                if room.hubs.is_empty() {
                    room.registry.do_send(RoomIdle { id: room.id, incarnation: room.incarnation });
                }
            });
        }
    }
}

/// Nobody is left: end. Behind everything that was routed before.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Retire;

impl Handler<Retire> for ChatRoom {
    type Result = ();
    fn handle(&mut self, _: Retire, ctx: &mut Self::Context) {
        ctx.stop();
    }
}

impl Handler<Typed> for ChatRoom {
    type Result = ();
    fn handle(&mut self, typed: Typed, _: &mut Self::Context) {
        for hub in self.hubs.values() {
            hub.do_send(super::hub::DeliverTyping { conversation_id: self.id, typed: typed.clone() });
        }
    }
}

/// Makes this room panic.
#[cfg(test)]
#[derive(Message)]
#[rtype(result = "()")]
pub struct Panic;

#[cfg(test)]
impl Handler<Panic> for ChatRoom {
    type Result = ();
    fn handle(&mut self, _: Panic, _: &mut Self::Context) {
        panic!("asked to");
    }
}
