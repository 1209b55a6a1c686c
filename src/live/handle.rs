//! The handle to all actors of this process: what happened goes in, sessions connect, and at the end
//! everybody is told to reconnect. Other code sees no address of an actor but this.

use super::frames::{ToClient, write};
use super::hub::Hub;
use super::messages::{Heard, Typed};
use super::metrics::Metrics;
use super::poll::Poll;
use super::presence::Presence;
use super::redis_hints::{Ears, Hints};
use super::registry::{ConversationRegistry, Published, Stop};
use super::session_event::{HubId, SessionKey};
use super::shared::Shared;
use super::viewers::Viewers;
use crate::domain::event::Voice;
use crate::domain::{ConversationId, Event, MessageEvent, Origin, Person, SenderType};
use crate::store::Db;
use actix::prelude::*;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// Whether somebody of our side wrote something for others than colleagues: a person, a flow or a model. What
/// an owner wrote elsewhere is not of our writing.
fn is_written_by_us(event: &Event) -> bool {
    let Event::Message(MessageEvent { message, is_new: true, .. }) = event else { return false };
    matches!(message.sender_type, SenderType::Support | SenderType::Ai)
        && !matches!(message.origin, Origin::Phone | Origin::Platform)
        && !message.is_private
}

/// The handle.
#[derive(Clone)]
pub struct Live {
    registry: Addr<ConversationRegistry>,
    presence: Addr<Presence>,
    viewers: Addr<Viewers>,
    shared: Arc<Shared>,
    hints: Hints,
    next_key: Arc<AtomicU64>,
    next_hub: Arc<AtomicU64>,
    /// Which telling of its history the database is in; said in every welcome.
    epoch: Arc<str>,
    /// Tells two systems of one process apart (tests): a thread has a hub for each.
    id: u64,
}

thread_local! {
    static HUBS: RefCell<HashMap<u64, Addr<Hub>>> = RefCell::new(HashMap::new());
}

impl Live {
    /// Starts the registry on this thread's arbiter.
    pub fn start(db: Db, hints: Hints, room_idle: Duration) -> Self {
        static SYSTEMS: AtomicU64 = AtomicU64::new(0);
        let shared = Arc::new(Shared {
            db,
            metrics: Arc::default(),
            room_idle,
            outbox_ready: Arc::default(),
            flow_due: Arc::default(),
            missed: AtomicBool::new(false),
        });
        let registry = ConversationRegistry::new(shared.clone()).start();
        let presence = Presence::new(registry.clone(), hints.clone()).start();
        let viewers = Viewers::new(registry.clone(), hints.clone()).start();
        let live = Self {
            registry,
            presence,
            viewers,
            shared,
            hints,
            next_key: Arc::default(),
            next_hub: Arc::default(),
            epoch: Arc::from(""),
            id: SYSTEMS.fetch_add(1, Ordering::Relaxed),
        };
        live.hints.listen(Ears {
            registry: live.registry.clone().recipient(),
            presence: live.presence.clone().recipient(),
            viewers: live.viewers.clone().recipient(),
        });
        actix::spawn(Poll::new(live.registry.clone(), live.shared.clone()).run());
        live
    }

    /// The same, in an epoch. Before anybody sits down: who is here already was welcomed without it.
    #[must_use]
    pub fn in_epoch(self, epoch: &str) -> Self {
        Self { epoch: epoch.into(), ..self }
    }

    /// Which epoch it is.
    pub fn epoch(&self) -> Arc<str> {
        self.epoch.clone()
    }

    /// Where the ledger's events go: the only thing that publishes.
    pub fn voice(&self) -> Voice {
        let live = self.clone();
        Arc::new(move |events| {
            let written = events.iter().filter(|event| is_written_by_us(event)).count();
            (0..written).for_each(|_| live.shared.metrics.messages_out.one());
            live.hints.publish(&events);
            if live.registry.try_send(Published(events)).is_err() {
                live.shared.missed.store(true, Ordering::Relaxed);
                log::warn!("the registry is full; rooms will read back what they missed");
            }
        })
    }

    /// This thread's hub.
    pub fn hub(&self) -> Addr<Hub> {
        HUBS.with_borrow_mut(|hubs| {
            hubs.entry(self.id)
                .or_insert_with(|| {
                    let id = HubId(self.next_hub.fetch_add(1, Ordering::Relaxed));
                    Hub::new(id, self.registry.clone(), self.shared.clone()).start()
                })
                .clone()
        })
    }

    /// A key for a new session.
    pub fn session_key(&self) -> SessionKey {
        SessionKey(self.next_key.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Who is here.
    pub fn presence(&self) -> Addr<Presence> {
        self.presence.clone()
    }

    /// Who looks at which conversation.
    pub fn viewers(&self) -> Addr<Viewers> {
        self.viewers.clone()
    }

    /// Tells a room that somebody types; `by` none: the customer.
    pub fn typing(&self, conversation_id: ConversationId, by: Option<&Person>, is_typing: bool) {
        let text = write(&ToClient::Typing { conversation_id, user: by, is_typing });
        let typed = Typed {
            text,
            by: by.map(|person| person.id),
            name: by.map(|person| person.name.clone()),
            is_typing,
        };
        self.hints.typing(conversation_id, &typed);
        self.registry.do_send(Heard::Typing(conversation_id, typed));
    }

    /// What is counted.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.shared.metrics
    }

    /// Rung when the outbox has something new.
    pub fn outbox_ready(&self) -> Arc<Notify> {
        self.shared.outbox_ready.clone()
    }

    /// Rung when a flow's next step is due.
    pub fn flow_due(&self) -> Arc<Notify> {
        self.shared.flow_due.clone()
    }

    /// Whether other processes are heard; none: this one is alone.
    pub fn is_joined(&self) -> Option<bool> {
        self.hints.is_up()
    }

    /// The database the actors read.
    pub fn db(&self) -> &Db {
        &self.shared.db
    }

    /// The registry itself: tests make rooms fail.
    #[cfg(test)]
    pub fn registry_for_tests(&self) -> Addr<ConversationRegistry> {
        self.registry.clone()
    }

    /// Tells every session to come back, and waits until they went (or `limit` is over).
    pub async fn close(&self, limit: Duration) {
        self.registry.do_send(Stop);
        let gone = async {
            while self.shared.metrics.open_sessions.get() > 0 {
                actix::clock::sleep(Duration::from_millis(10)).await;
            }
        };
        if actix::clock::timeout(limit, gone).await.is_err() {
            log::warn!("{} sessions were not closed in time", self.shared.metrics.open_sessions.get());
        }
    }
}
