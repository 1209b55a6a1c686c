//! Word between processes, through Redis: "conversation N is at version V", typing, presence.
//! A hint may be lost, doubled or late: the rows are the truth, and a poll finds what no hint
//! told. So nothing here is ever waited for, and Redis may come and go.
//! Over 400 lines: every hint, and the wire that carries them.

use super::broadcast::Broadcast;
use super::messages::{Heard, ListChange, PresenceHeard, Typed, ViewerHeard};
use crate::domain::{
    ChannelEvent, ChannelId, ChannelState, ConversationId, Credential, Erased, Event, LoginSessionId, Person,
    Reason, Reminder, Revoked, Timestamp, TokenId, UserId, WorkspaceId,
};
use actix::prelude::*;
use futures_util::StreamExt;
use redis::AsyncCommands;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Hints that may wait for Redis; more are dropped.
const MAX_QUEUED: usize = 16_384;
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// A Redis that does not get better is tried this often at last.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How long it may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The same trouble is told again after this.
const LOG_AGAIN: Duration = Duration::from_mins(10);
const TOPIC: &str = "rapport:hints";

/// What processes tell each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "h", rename_all = "snake_case")]
enum Hint {
    Version {
        id: ConversationId,
        version: i64,
    },
    List {
        workspace: WorkspaceId,
        id: ConversationId,
        revision: i64,
        reason: Reason,
        only_for: Option<UserId>,
    },
    Typing {
        id: ConversationId,
        text: String,
        by: Option<UserId>,
        name: Option<String>,
        is_typing: bool,
    },
    /// What releases before 0.2 say of one person; heard only.
    Presence {
        workspace: WorkspaceId,
        user: UserId,
        online: bool,
    },
    /// Who is with a process, and who left it.
    People {
        workspace: WorkspaceId,
        here: Vec<UserId>,
        gone: Vec<UserId>,
    },
    Revoked {
        user: UserId,
        login: Option<LoginSessionId>,
        token: Option<TokenId>,
    },
    Channel {
        workspace: WorkspaceId,
        id: ChannelId,
        state: ChannelState,
        reason: Option<String>,
    },
    Templates {
        workspace: WorkspaceId,
    },
    Erased {
        workspace: WorkspaceId,
        ids: Vec<ConversationId>,
    },
    VisitorsEnded {
        ids: Vec<ConversationId>,
        at: i64,
    },
    Reminder {
        user: UserId,
        id: ConversationId,
        at: i64,
        name: Option<String>,
    },
    /// A timeline goes up to there.
    Events {
        id: ConversationId,
        seq: i64,
    },
    Viewing {
        id: ConversationId,
        user: UserId,
        name: String,
        avatar: Option<String>,
        is_viewing: bool,
    },
    #[serde(rename = "owed")]
    OutboxReady,
    /// A flow's next step is due.
    FlowDue,
    /// What a newer release says.
    #[serde(other)]
    Strange,
}

#[derive(Debug, Serialize, Deserialize)]
struct HintBatch {
    node: u64,
    hints: Vec<Hint>,
}

/// Who is told what comes from other processes.
pub(crate) struct Ears {
    pub(crate) registry: Recipient<Heard>,
    pub(crate) presence: Recipient<PresenceHeard>,
    pub(crate) viewers: Recipient<ViewerHeard>,
}

/// The handle; without Redis it does nothing.
#[derive(Clone)]
pub struct Hints(Option<Arc<Wire>>);

struct Wire {
    node: u64,
    client: redis::Client,
    letters: mpsc::Sender<Vec<Hint>>,
    outgoing: std::sync::Mutex<Option<mpsc::Receiver<Vec<Hint>>>>,
    is_up: AtomicBool,
}

impl Hints {
    /// One process alone.
    pub fn none() -> Self {
        Self(None)
    }

    /// Hints through the Redis at `url`; it need not be there yet.
    pub fn redis(url: &str) -> Result<Self, redis::RedisError> {
        let client = redis::Client::open(url)?;
        let (letters, outgoing) = mpsc::channel(MAX_QUEUED);
        let mut node = [0; 8];
        // Without randomness two processes could take each other for themselves; the clock tells them apart.
        if getrandom::fill(&mut node).is_err() {
            node = Timestamp::now().0.to_ne_bytes();
        }
        Ok(Self(Some(Arc::new(Wire {
            node: u64::from_ne_bytes(node),
            client,
            letters,
            outgoing: std::sync::Mutex::new(Some(outgoing)),
            is_up: AtomicBool::new(false),
        }))))
    }

    /// Whether Redis answers; none: there is no Redis.
    pub fn is_up(&self) -> Option<bool> {
        self.0.as_ref().map(|wire| wire.is_up.load(Ordering::Relaxed))
    }

    /// Starts listening and telling, on this thread.
    pub(crate) fn listen(&self, ears: Ears) {
        let Some(wire) = self.0.clone() else { return };
        let outgoing = wire.outgoing.lock().map(|mut slot| slot.take()).unwrap_or_default();
        if let Some(outgoing) = outgoing {
            actix::spawn(wire.clone().tell(outgoing));
        }
        actix::spawn(wire.hear(ears));
    }

    /// Tells others what was committed here.
    pub(crate) fn publish(&self, events: &[Event]) {
        if self.0.is_some() {
            self.send(events.iter().map(hint_of).collect());
        }
    }

    pub(crate) fn typing(&self, id: ConversationId, typed: &Typed) {
        let Typed { text, by, name, is_typing } = typed.clone();
        self.send(vec![Hint::Typing { id, text: text.into(), by, name, is_typing }]);
    }

    pub(crate) fn presence(&self, workspace: WorkspaceId, here: Vec<UserId>, gone: Vec<UserId>) {
        self.send(vec![Hint::People { workspace, here, gone }]);
    }

    pub(crate) fn viewing(&self, id: ConversationId, person: &Person, is_viewing: bool) {
        let Person { id: user, name, avatar_url: avatar } = person.clone();
        self.send(vec![Hint::Viewing { id, user, name, avatar, is_viewing }]);
    }

    fn send(&self, hints: Vec<Hint>) {
        if let Some(wire) = &self.0
            && wire.letters.try_send(hints).is_err()
        {
            log::debug!("a hint is dropped: Redis does not keep up; the poll will find it");
        }
    }
}

fn hint_of(event: &Event) -> Hint {
    match event {
        Event::Message(event) => Hint::Version { id: event.conversation_id, version: event.version },
        Event::Timeline(news) => Hint::Events { id: news.conversation_id, seq: news.event.event_seq },
        Event::Conversation(event) => Hint::List {
            workspace: event.state.workspace_id,
            id: event.state.id,
            revision: event.state.revision,
            reason: event.reason,
            only_for: event.only_for,
        },
        Event::Revoked(Revoked { user_id, credential }) => Hint::Revoked {
            user: *user_id,
            login: if let Some(Credential::Login(id)) = credential { Some(*id) } else { None },
            token: if let Some(Credential::Token(id)) = credential { Some(*id) } else { None },
        },
        Event::Channel(ChannelEvent { workspace_id, channel_id, state, state_reason }) => Hint::Channel {
            workspace: *workspace_id,
            id: *channel_id,
            state: *state,
            reason: state_reason.clone(),
        },
        Event::Templates(workspace) => Hint::Templates { workspace: *workspace },
        Event::Erased(Erased { workspace_id, conversation_ids }) => {
            Hint::Erased { workspace: *workspace_id, ids: conversation_ids.clone() }
        }
        Event::VisitorsEnded(ids, at) => Hint::VisitorsEnded { ids: ids.clone(), at: at.0 },
        Event::Reminder(Reminder { user_id, conversation_id, at, customer_name }) => {
            Hint::Reminder { user: *user_id, id: *conversation_id, at: at.0, name: customer_name.clone() }
        }
        Event::OutboxReady => Hint::OutboxReady,
        Event::FlowDue => Hint::FlowDue,
    }
}

/// What is wrong with Redis, told once: again only when it is something else, or has lasted.
struct Trouble {
    place: String,
    told: Option<(String, Instant)>,
    tries: u32,
    was_up: bool,
}

impl Trouble {
    fn at(client: &redis::Client) -> Self {
        let place = client.get_connection_info().addr().to_string();
        Self { place, told: None, tries: 0, was_up: false }
    }

    /// Tells it unless it is known; gives how long to wait before the next try.
    fn tell(&mut self, why: &str) -> Duration {
        let is_known = self.told.as_ref().is_some_and(|(known, at)| known == why && at.elapsed() < LOG_AGAIN);
        if !is_known {
            let what = if self.was_up { "connection lost" } else { "connection failed" };
            log::warn!(
                "Redis at {}: {what}, retrying: {why}; until then changes are found by polling",
                self.place
            );
            self.told = Some((why.to_owned(), Instant::now()));
        }
        let wait = FIRST_WAIT.saturating_mul(1 << self.tries.min(8)).min(LONGEST_WAIT);
        self.tries += 1;
        wait
    }

    fn is_over(&mut self) {
        if !self.was_up || self.told.is_some() {
            log::info!("connected to Redis at {}", self.place);
        }
        *self = Self { place: std::mem::take(&mut self.place), told: None, tries: 0, was_up: true };
    }
}

fn silent() -> redis::RedisError {
    io::Error::new(io::ErrorKind::TimedOut, "it does not answer within 5 s").into()
}

/// Why, in one line: Redis' own words (NOAUTH, WRONGPASS, NOPERM), which hold no password.
fn reason(error: &redis::RedisError) -> String {
    let mut text = error.to_string();
    if let Some(cause) =
        error.source().map(ToString::to_string).filter(|cause| !text.contains(cause.as_str()))
    {
        text = format!("{text}: {cause}");
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Wire {
    async fn tell(self: Arc<Self>, mut outgoing: mpsc::Receiver<Vec<Hint>>) {
        let mut connection = None;
        let mut trouble = Trouble::at(&self.client);
        while let Some(mut hints) = outgoing.recv().await {
            // What waits goes in one letter.
            while hints.len() < 1_024
                && let Ok(more) = outgoing.try_recv()
            {
                hints.extend(more);
            }
            if connection.is_none() {
                let opened = self.client.get_multiplexed_async_connection();
                connection = match tokio::time::timeout(TIMEOUT, opened).await {
                    Ok(Ok(open)) => Some(open),
                    // Who hears says why.
                    Ok(Err(_)) | Err(_) => None,
                };
            }
            let Some(open) = &mut connection else {
                actix::clock::sleep(FIRST_WAIT).await;
                continue;
            };
            let Ok(letter) = serde_json::to_string(&HintBatch { node: self.node, hints }) else { continue };
            let sent: redis::RedisResult<()> = open.publish(TOPIC, letter).await;
            match sent {
                Ok(()) => trouble.is_over(),
                Err(error) => {
                    trouble.tell(&format!("it does not take what is published: {}", reason(&error)));
                    connection = None;
                }
            }
        }
    }

    async fn hear(self: Arc<Self>, ears: Ears) {
        let mut trouble = Trouble::at(&self.client);
        loop {
            let why = match self.hear_once(&mut trouble, &ears).await {
                Ok(()) => "it closed the connection".to_owned(),
                Err(error) => reason(&error),
            };
            self.is_up.store(false, Ordering::Relaxed);
            actix::clock::sleep(trouble.tell(&why)).await;
        }
    }

    /// Hears until the connection ends.
    async fn hear_once(&self, trouble: &mut Trouble, ears: &Ears) -> redis::RedisResult<()> {
        let opening = tokio::time::timeout(TIMEOUT, async {
            let mut pubsub = self.client.get_async_pubsub().await?;
            pubsub.subscribe(TOPIC).await?;
            redis::RedisResult::Ok(pubsub)
        });
        let mut pubsub = opening.await.unwrap_or_else(|_| Err(silent()))?;
        self.is_up.store(true, Ordering::Relaxed);
        trouble.is_over();
        let mut letters = pubsub.on_message();
        while let Some(message) = letters.next().await {
            if let Ok(letter) = serde_json::from_slice::<HintBatch>(message.get_payload_bytes()) {
                self.take(letter, ears);
            }
        }
        Ok(())
    }

    fn take(&self, letter: HintBatch, ears: &Ears) {
        let Ears { registry, presence, viewers } = ears;
        if letter.node == self.node {
            return;
        }
        for hint in letter.hints {
            match hint {
                Hint::Version { id, version } => registry.do_send(Heard::Version(id, version)),
                Hint::List { workspace, id, revision, reason, only_for } => {
                    registry
                        .do_send(Heard::List(workspace, ListChange::Hint { id, revision, reason, only_for }));
                }
                Hint::Typing { id, text, by, name, is_typing } => {
                    registry.do_send(Heard::Typing(id, Typed { text: text.into(), by, name, is_typing }));
                }
                Hint::Presence { workspace: workspace_id, user, online } => {
                    let (here, gone) = if online { (vec![user], vec![]) } else { (vec![], vec![user]) };
                    presence.do_send(PresenceHeard { node: letter.node, workspace_id, here, gone });
                }
                Hint::People { workspace: workspace_id, here, gone } => {
                    presence.do_send(PresenceHeard { node: letter.node, workspace_id, here, gone });
                }
                Hint::Revoked { user, login, token } => {
                    let credential = login.map(Credential::Login).or(token.map(Credential::Token));
                    registry.do_send(Heard::Revoked(Revoked { user_id: user, credential }));
                }
                Hint::Channel { workspace: workspace_id, id: channel_id, state, reason: state_reason } => {
                    let event = ChannelEvent { workspace_id, channel_id, state, state_reason };
                    registry.do_send(Heard::Announced(Broadcast::channel(&event)));
                }
                Hint::Templates { workspace } => {
                    registry.do_send(Heard::Announced(Broadcast::templates(workspace)));
                }
                Hint::Erased { workspace: workspace_id, ids: conversation_ids } => {
                    let event = Erased { workspace_id, conversation_ids };
                    registry.do_send(Heard::Announced(Broadcast::erased(&event)));
                }
                Hint::VisitorsEnded { ids, at } => registry.do_send(Heard::VisitorsEnded(ids, Timestamp(at))),
                Hint::Reminder { user: user_id, id: conversation_id, at, name: customer_name } => {
                    let at = Timestamp(at);
                    let event = Reminder { user_id, conversation_id, at, customer_name };
                    registry.do_send(Heard::Reminder(event));
                }
                Hint::Events { id, seq } => registry.do_send(Heard::Events(id, seq)),
                Hint::Viewing { id, user, name, avatar: avatar_url, is_viewing } => {
                    let person = Person { id: user, name, avatar_url };
                    viewers.do_send(ViewerHeard {
                        node: letter.node,
                        conversation_id: id,
                        person,
                        is_viewing,
                    });
                }
                Hint::Strange => {}
                Hint::OutboxReady => registry.do_send(Heard::OutboxReady),
                Hint::FlowDue => registry.do_send(Heard::FlowDue),
            }
        }
    }
}
