//! Finds, starts and ends rooms, inboxes and hubs: everything that happened goes through here to
//! the one room of its conversation and the one inbox of its workspace. Never a frame.

use super::broadcast::Broadcast;
use super::hub::{CloseAll, EndVisitors, Hub, Revoke, RoomDied, SendTo, TellUser};
use super::list::{Inbox, WatchedBy};
use super::messages::{Heard, ListChange};
use super::presence_tick::PresenceTicked;
use super::room::{Changed, ChatRoom, EventHint, Happened, Hint, Join, Leave, Retire, Shown};
use super::session_event::HubId;
use super::shared::Shared;
use super::watchers::Audience;
use crate::domain::{ConversationId, Event, Reminder, Timestamp, WorkspaceId};
use actix::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// Events that may wait; beyond it they are dropped, and rooms read back what they missed.
const MAX_QUEUED: usize = 1 << 17;

struct Room {
    addr: Addr<ChatRoom>,
    incarnation: u64,
}

/// The one of this process.
pub struct ConversationRegistry {
    shared: Arc<Shared>,
    rooms: HashMap<ConversationId, Room>,
    inboxes: HashMap<WorkspaceId, Addr<Inbox>>,
    hubs: HashMap<HubId, Addr<Hub>>,
    incarnations: u64,
}

impl ConversationRegistry {
    /// An empty registry.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, rooms: HashMap::new(), inboxes: HashMap::new(), hubs: HashMap::new(), incarnations: 0 }
    }

    fn room(&mut self, id: ConversationId, ctx: &mut Context<Self>) -> &Addr<ChatRoom> {
        let Self { rooms, incarnations, shared, .. } = self;
        let room = rooms.entry(id).or_insert_with(|| {
            *incarnations += 1;
            let incarnation = *incarnations;
            Room { addr: ChatRoom::new(id, incarnation, ctx.address(), shared.clone()).start(), incarnation }
        });
        &room.addr
    }

    fn inbox(&mut self, id: WorkspaceId) -> &Addr<Inbox> {
        let shared = &self.shared;
        self.inboxes.entry(id).or_insert_with(|| Inbox::new(id, shared.clone()).start())
    }

    fn route(&mut self, event: Event) {
        match event {
            Event::Message(event) => {
                if let Some(room) = self.rooms.get(&event.conversation_id)
                    && room.addr.try_send(Changed(event)).is_err()
                {
                    log::warn!("a room is full; it will read back what it missed");
                }
            }
            Event::Timeline(news) => {
                if let Some(room) = self.rooms.get(&news.conversation_id)
                    && room.addr.try_send(Happened(news)).is_err()
                {
                    log::warn!("a room is full; it will read back what it missed");
                }
            }
            Event::Conversation(event) => {
                let workspace = event.state.workspace_id;
                // Without watchers there is no inbox, and nobody to tell.
                if let Some(inbox) = self.inboxes.get(&workspace) {
                    inbox.do_send(ListChange::Event(Box::new(event)));
                }
            }
            Event::Revoked(revoked) => {
                self.hubs.values().for_each(|hub| hub.do_send(Revoke(revoked.clone())));
            }
            Event::VisitorsEnded(ids, at) => self.end_visitors(&ids, at),
            Event::Channel(event) => self.broadcast(&Broadcast::channel(&event)),
            Event::Templates(workspace) => self.broadcast(&Broadcast::templates(workspace)),
            Event::Erased(event) => self.broadcast(&Broadcast::erased(&event)),
            Event::Reminder(event) => self.remind(&event),
            Event::OutboxReady => self.shared.outbox_ready.notify_one(),
            Event::FlowDue => self.shared.flow_due.notify_one(),
        }
    }

    fn end_visitors(&self, ids: &[ConversationId], at: Timestamp) {
        self.hubs.values().for_each(|hub| hub.do_send(EndVisitors(ids.to_vec(), at)));
    }

    fn remind(&self, event: &Reminder) {
        let text = Broadcast::reminder(event);
        self.hubs.values().for_each(|hub| hub.do_send(TellUser(event.user_id, text.clone())));
    }

    fn broadcast(&self, broadcast: &Broadcast) {
        self.hubs.values().for_each(|hub| hub.do_send(broadcast.clone()));
    }
}

impl Actor for ConversationRegistry {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAX_QUEUED);
    }
}

/// What the ledger committed, in order.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Published(pub Vec<Event>);

impl Handler<Published> for ConversationRegistry {
    type Result = ();
    fn handle(&mut self, Published(events): Published, _: &mut Self::Context) {
        events.into_iter().for_each(|event| self.route(event));
    }
}

impl Handler<Heard> for ConversationRegistry {
    type Result = ();
    fn handle(&mut self, heard: Heard, _: &mut Self::Context) {
        match heard {
            Heard::Version(id, version) => {
                if let Some(room) = self.rooms.get(&id) {
                    room.addr.do_send(Hint(version));
                }
            }
            Heard::Events(id, seq) => {
                if let Some(room) = self.rooms.get(&id) {
                    room.addr.do_send(EventHint(seq));
                }
            }
            Heard::Shown(id, text) => {
                if let Some(room) = self.rooms.get(&id) {
                    room.addr.do_send(Shown(text));
                }
            }
            Heard::List(workspace, change) => {
                if let Some(inbox) = self.inboxes.get(&workspace) {
                    inbox.do_send(change);
                }
            }
            Heard::Typing(id, typed) => {
                if let Some(room) = self.rooms.get(&id) {
                    room.addr.do_send(typed);
                }
            }
            Heard::Revoked(revoked) => {
                self.hubs.values().for_each(|hub| hub.do_send(Revoke(revoked.clone())));
            }
            Heard::VisitorsEnded(ids, at) => self.end_visitors(&ids, at),
            Heard::Announced(broadcast) => self.broadcast(&broadcast),
            Heard::Reminder(event) => self.remind(&event),
            Heard::OutboxReady => self.shared.outbox_ready.notify_one(),
            Heard::FlowDue => self.shared.flow_due.notify_one(),
        }
    }
}

/// Who came and went, wherever.
impl Handler<PresenceTicked> for ConversationRegistry {
    type Result = ();
    fn handle(&mut self, ticked: PresenceTicked, _: &mut Self::Context) {
        self.hubs.values().for_each(|hub| hub.do_send(ticked.clone()));
    }
}

/// A hub began.
#[derive(Message)]
#[rtype(result = "()")]
pub struct HubStarted(pub HubId, pub Addr<Hub>);

impl Handler<HubStarted> for ConversationRegistry {
    type Result = ();
    fn handle(&mut self, HubStarted(id, hub): HubStarted, _: &mut Self::Context) {
        self.hubs.insert(id, hub);
    }
}

/// A hub wants a conversation's changes.
#[derive(Message)]
#[rtype(result = "()")]
pub struct JoinRoom {
    pub conversation_id: ConversationId,
    pub hub: HubId,
    /// Where it is.
    pub addr: Addr<Hub>,
}

impl Handler<JoinRoom> for ConversationRegistry {
    type Result = ();
    fn handle(&mut self, join: JoinRoom, ctx: &mut Self::Context) {
        self.room(join.conversation_id, ctx).do_send(Join(join.hub, join.addr));
    }
}

/// A hub wants them no more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct LeaveRoom {
    pub conversation_id: ConversationId,
    pub hub: HubId,
}

impl Handler<LeaveRoom> for ConversationRegistry {
    type Result = ();
    fn handle(&mut self, leave: LeaveRoom, _: &mut Self::Context) {
        if let Some(room) = self.rooms.get(&leave.conversation_id) {
            room.addr.do_send(Leave(leave.hub));
        }
    }
}

/// How many sessions of a hub watch a workspace's list.
#[derive(Message)]
#[rtype(result = "()")]
pub struct WatchInbox {
    pub workspace_id: WorkspaceId,
    pub hub: HubId,
    pub audience: Audience,
    /// What one of them is told once every change reaches it.
    pub answer: Option<SendTo>,
}

impl Handler<WatchInbox> for ConversationRegistry {
    type Result = ();
    fn handle(&mut self, watch: WatchInbox, _: &mut Self::Context) {
        let WatchInbox { workspace_id, hub, audience, answer } = watch;
        let Some(addr) = self.hubs.get(&hub).cloned() else { return };
        self.inbox(workspace_id).do_send(WatchedBy { hub, addr, audience, answer });
    }
}

/// A room has had nobody for a while.
#[derive(Message)]
#[rtype(result = "()")]
pub struct RoomIdle {
    pub id: ConversationId,
    /// Which of its lives.
    pub incarnation: u64,
}

impl Handler<RoomIdle> for ConversationRegistry {
    type Result = ();
    fn handle(&mut self, idle: RoomIdle, _: &mut Self::Context) {
        // From here on a join starts a new room; a join that was routed before reaches the old
        // one ahead of Retire, and `RoomEnded` sends its hub to the new one.
        if self.rooms.get(&idle.id).is_some_and(|room| room.incarnation == idle.incarnation)
            && let Some(room) = self.rooms.remove(&idle.id)
        {
            room.addr.do_send(Retire);
        }
    }
}

/// A room is gone: retired, or it panicked.
#[derive(Message)]
#[rtype(result = "()")]
pub struct RoomEnded {
    pub id: ConversationId,
    /// Which of its lives.
    pub incarnation: u64,
}

impl Handler<RoomEnded> for ConversationRegistry {
    type Result = ();
    fn handle(&mut self, ended: RoomEnded, _: &mut Self::Context) {
        if self.rooms.get(&ended.id).is_some_and(|room| room.incarnation == ended.incarnation) {
            log::error!("room {} crashed; its sessions join a new one", ended.id);
            self.rooms.remove(&ended.id);
        }
        // Whoever still follows it joins the next one and reads back what it missed.
        self.hubs.values().for_each(|hub| hub.do_send(RoomDied(ended.id)));
    }
}

/// The server stops.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Stop;

impl Handler<Stop> for ConversationRegistry {
    type Result = ();
    fn handle(&mut self, _: Stop, _: &mut Self::Context) {
        self.hubs.values().for_each(|hub| hub.do_send(CloseAll));
    }
}

/// Which conversations have a room here.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct CountRooms;

impl Handler<CountRooms> for ConversationRegistry {
    type Result = usize;
    fn handle(&mut self, _: CountRooms, _: &mut Self::Context) -> usize {
        self.rooms.len()
    }
}

/// Makes a room panic.
#[cfg(test)]
#[derive(Message)]
#[rtype(result = "()")]
pub struct PanicIn(pub ConversationId);

#[cfg(test)]
impl Handler<PanicIn> for ConversationRegistry {
    type Result = ();
    fn handle(&mut self, PanicIn(id): PanicIn, _: &mut Self::Context) {
        if let Some(room) = self.rooms.get(&id) {
            room.addr.do_send(super::room::Panic);
        }
    }
}
