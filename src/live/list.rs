//! One workspace's list of conversations: each committed change becomes one frame for everybody
//! who watches. What stands around a conversation is read for a whole burst at once. Never a
//! second notification: it is fed by the same events as the rooms.

use super::frames::{ListText, Scope};
use super::hub::{Hub, ListChanged, SendTo};
use super::messages::ListChange;
use super::session_event::HubId;
use super::shared::Shared;
use crate::domain::{
    Conversation, ConversationId, ConversationKind, ConversationState, Message, ReadMark, Reason, SenderType,
    UserId, WorkspaceId,
};
use crate::store::StoreError;
use crate::store::conversations::{self, list};
use actix::prelude::*;
use bytestring::ByteString;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Changes that are read together at most.
const BATCH: usize = 256;
/// Changes that may wait; beyond it the oldest are dropped and counted (clients refetch the list).
const MAX_QUEUED: usize = 16_384;
const RETRY: Duration = Duration::from_millis(250);

/// One workspace's list.
pub struct Inbox {
    id: WorkspaceId,
    shared: Arc<Shared>,
    hubs: HashMap<HubId, Addr<Hub>>,
    queue: VecDeque<ListChange>,
    is_reading: bool,
    /// The revisions told lately, so that a poll or a hint tells nothing twice.
    told: moka::sync::Cache<ConversationId, Vec<i64>>,
}

/// One change, ready for every session.
#[derive(Debug)]
pub struct ListFrame {
    pub workspace_id: WorkspaceId,
    reason: Reason,
    kind: ConversationKind,
    assignee: Option<UserId>,
    members: Vec<UserId>,
    only_for: Option<UserId>,
    unread_total: i64,
    marks: HashMap<UserId, ReadMark>,
    text: ListText,
}

impl ListFrame {
    /// Whether a user who watches `scope` is told.
    pub fn is_for(&self, user: UserId, scope: Scope) -> bool {
        if self.only_for.is_some_and(|only| only != user) {
            return false;
        }
        let calls = self.marks.get(&user).is_some_and(|mark| mark.is_mentioned() || mark.is_following);
        if self.kind == ConversationKind::Direct {
            return scope != Scope::None && self.members.contains(&user);
        }
        // What leaves a list is told to it once more, so that it can leave.
        let is_moving = self.reason == Reason::Assigned;
        match scope {
            Scope::All => true,
            Scope::Mine => is_moving || calls || self.assignee == Some(user),
            Scope::Unassigned => is_moving || calls || self.assignee.is_none(),
            Scope::None => false,
        }
    }

    /// The frame in a user's eyes.
    pub fn text_for(&self, user: UserId) -> ByteString {
        let mark = self.marks.get(&user).copied().unwrap_or_default();
        self.text.with(mark.unread(self.unread_total), mark)
    }
}

/// What a change needs before it can be told.
struct Ready {
    /// None: found by a poll, which sees that something changed, not what.
    reason: Option<Reason>,
    only_for: Option<UserId>,
    mark: Option<(UserId, ReadMark)>,
    state: ConversationState,
    last_message: Option<Arc<Message>>,
}

impl Inbox {
    /// A list that nobody watches yet.
    pub fn new(id: WorkspaceId, shared: Arc<Shared>) -> Self {
        let told = moka::sync::Cache::new(20_000);
        Self { id, shared, hubs: HashMap::new(), queue: VecDeque::new(), is_reading: false, told }
    }

    fn read_next(&mut self, ctx: &mut Context<Self>) {
        if self.is_reading || self.queue.is_empty() || self.hubs.is_empty() {
            return;
        }
        self.is_reading = true;
        let count = self.queue.len().min(BATCH);
        let waiting: Vec<_> = self.queue.drain(..count).collect();
        let changes: Vec<_> = waiting.into_iter().filter(|change| self.is_news(change)).collect();
        let shared = self.shared.clone();
        let read = async move { retrying(&shared, changes).await };
        ctx.spawn(read.into_actor(self).map(|frames, inbox, ctx| {
            for frame in frames {
                let frame = Arc::new(frame);
                inbox.hubs.values().for_each(|hub| hub.do_send(ListChanged(frame.clone())));
            }
            inbox.is_reading = false;
            inbox.read_next(ctx);
        }));
    }

    /// Remembers a change; false: it was told. Read marks have no revision of their own.
    fn is_news(&self, change: &ListChange) -> bool {
        let (id, revision, is_found) = match change {
            ListChange::Event(event) if event.reason != Reason::Read => {
                (event.state.id, event.state.revision, false)
            }
            ListChange::Hint { id, revision, reason, .. } if *reason != Reason::Read => {
                (*id, *revision, false)
            }
            ListChange::Found(state) => (state.id, state.revision, true),
            _ => return true,
        };
        let mut told = self.told.get(&id).unwrap_or_default();
        if told.contains(&revision) || (is_found && told.iter().any(|known| *known > revision)) {
            return false;
        }
        if told.len() >= 32 {
            told.remove(0);
        }
        told.push(revision);
        self.told.insert(id, told);
        true
    }
}

/// Reads until it works: a change is not dropped because the database was away for a moment.
async fn retrying(shared: &Shared, changes: Vec<ListChange>) -> Vec<ListFrame> {
    let changes = Arc::new(changes);
    loop {
        let asked = changes.clone();
        match shared.db.read(async move |conn| read(conn, &asked).await).await {
            Ok(frames) => return frames,
            Err(error) => {
                log::warn!("reading the list failed, retrying: {error}");
                actix::clock::sleep(RETRY).await;
            }
        }
    }
}

async fn read(conn: &mut crate::store::Conn, changes: &[ListChange]) -> Result<Vec<ListFrame>, StoreError> {
    let ready = with_states(conn, changes).await?;
    let states: Vec<_> = ready.iter().map(|change| change.state.clone()).collect();
    let known = ready
        .iter()
        .filter_map(|change| change.last_message.as_ref())
        .map(|message| ((message.conversation_id, message.seq), Message::clone(message)))
        .collect();
    let views = list::views(conn, &states, &known).await?;
    let ids: Vec<_> = states.iter().map(|state| state.id).collect();
    let marks = list::marks_in(conn, &ids).await?;
    Ok(ready.into_iter().zip(views).map(|(change, view)| frame(&change, &view, &marks)).collect())
}

/// Reads what was only hinted at.
async fn with_states(
    conn: &mut crate::store::Conn,
    changes: &[ListChange],
) -> Result<Vec<Ready>, StoreError> {
    let hinted: Vec<_> = changes
        .iter()
        .filter_map(|change| if let ListChange::Hint { id, .. } = change { Some(*id) } else { None })
        .collect();
    let states: HashMap<_, _> =
        conversations::by_ids(conn, &hinted).await?.into_iter().map(|state| (state.id, state)).collect();
    Ok(changes
        .iter()
        .filter_map(|change| match change {
            ListChange::Event(event) => Some(Ready {
                reason: Some(event.reason),
                only_for: event.only_for,
                mark: event.mark,
                state: event.state.clone(),
                last_message: event.last_message.clone(),
            }),
            ListChange::Hint { id, reason, only_for, .. } => states.get(id).map(|state| Ready {
                reason: Some(*reason),
                only_for: *only_for,
                mark: None,
                state: state.clone(),
                last_message: None,
            }),
            ListChange::Found(state) => Some(Ready {
                reason: None,
                only_for: None,
                mark: None,
                state: (**state).clone(),
                last_message: None,
            }),
        })
        .collect())
}

/// What a poll found, judged by the newest message.
fn guess(view: &Conversation) -> Reason {
    match &view.last_message {
        Some(message) if message.seq == 1 && view.version == 1 => Reason::Created,
        Some(message) if message.sender_type == SenderType::Customer => Reason::NewCustomerMessage,
        Some(_) => Reason::MessageSent,
        None => Reason::Status,
    }
}

fn frame(
    change: &Ready,
    view: &Conversation,
    marks: &HashMap<ConversationId, HashMap<UserId, ReadMark>>,
) -> ListFrame {
    let mut marks = marks.get(&view.id).cloned().unwrap_or_default();
    if let Some((user, mark)) = change.mark {
        // The mark of the change itself, unless a newer one was read.
        let newest = marks.entry(user).or_insert(mark);
        if newest.read_seq < mark.read_seq {
            *newest = ReadMark { mention_seq: newest.mention_seq.max(mark.mention_seq), ..mark };
        }
    }
    let reason = change.reason.unwrap_or_else(|| guess(view));
    ListFrame {
        workspace_id: change.state.workspace_id,
        reason,
        kind: view.kind,
        assignee: view.assignee_id,
        members: view.participants.iter().map(|person| person.id).collect(),
        only_for: change.only_for,
        unread_total: view.unread_total,
        marks,
        text: ListText::new(reason, view),
    }
}

impl Actor for Inbox {
    type Context = Context<Self>;
}

/// A hub has sessions that watch; what it is told once every change reaches it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct WatchedBy(pub HubId, pub Addr<Hub>, pub Option<SendTo>);

impl Handler<WatchedBy> for Inbox {
    type Result = ();
    fn handle(&mut self, WatchedBy(id, hub, answer): WatchedBy, _: &mut Self::Context) {
        if let Some(answer) = answer {
            hub.do_send(answer);
        }
        self.hubs.insert(id, hub);
    }
}

impl Handler<ListChange> for Inbox {
    type Result = ();
    fn handle(&mut self, change: ListChange, ctx: &mut Self::Context) {
        if self.queue.len() >= MAX_QUEUED {
            log::warn!(
                "workspace {}: the list changes faster than it can be read; clients must refetch it",
                self.id
            );
            self.queue.pop_front();
        }
        self.queue.push_back(change);
        self.read_next(ctx);
    }
}
