//! Answers to customers as a set: plain text over channels that take it, into conversations in which
//! no flow speaks. Never a rule that an answer alone does not follow (`desk::reply`).

use super::entries::tell_new;
use super::outgoing::{self, uses_outbox};
use super::plain::{self, Waiting, Written};
use crate::domain::{
    Channel, ChannelId, ConversationId, ConversationKind, ConversationState, Event, MessageStatus, Origin,
    Reason, Timestamp, WorkspaceId,
};
use crate::ledger::command::{LedgerError, Subject, Tx};
use crate::store::accounts::channels;
use crate::store::automation::flow_runs;
use crate::store::checks::reports;
use crate::store::conversations::{self, AppendEffect, joins};
use crate::store::delivery::outbox;
use crate::store::messages::plain::{ClientKey, known_client_ids};
use crate::store::messages::{self, MessageBody};
use crate::store::{Conn, StoreError};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// An answer that may be nothing but that.
#[derive(Debug, Clone)]
pub struct PlainReply {
    pub workspace_id: WorkspaceId,
    /// Into which conversation.
    pub conversation_id: ConversationId,
    /// The message but for its channel, its place, its time and its status.
    pub body: MessageBody,
}

impl PlainReply {
    fn key(&self) -> Option<ClientKey> {
        Some((self.conversation_id, self.body.author.clone(), self.body.client_id.clone()?))
    }
}

/// One that is plain, with where and over what.
struct Ready {
    index: usize,
    state: ConversationState,
    channel: Channel,
    reply: PlainReply,
}

/// Writes those that are plain and tells them, in order; the others are as they were.
pub(crate) async fn write(
    tx: &mut Tx<'_>,
    waiting: Vec<Waiting<PlainReply>>,
    held: &mut HashSet<Subject>,
) -> Result<Vec<Written>, LedgerError> {
    let ready = if waiting.is_empty() { Vec::new() } else { choose(tx, waiting, held).await? };
    if ready.is_empty() { Ok(Vec::new()) } else { store(tx, ready).await }
}

/// Those that are plain: not known, into a customer's conversation that their author sees and in which no
/// flow speaks, over a channel that takes them.
async fn choose(
    tx: &mut Tx<'_>,
    waiting: Vec<Waiting<PlainReply>>,
    held: &mut HashSet<Subject>,
) -> Result<Vec<Ready>, LedgerError> {
    let mut ids: Vec<ConversationId> = waiting.iter().map(|one| one.what.conversation_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let states = conversations::by_ids(tx.conn, &ids).await?;
    let channels = channels_of(tx.conn, &states).await?;
    let rooms: HashMap<ConversationId, ConversationState> =
        states.into_iter().map(|state| (state.id, state)).collect();
    let flowing = flow_runs::active_among(tx.conn, &ids).await?;
    let keys: Vec<ClientKey> = waiting.iter().filter_map(|one| one.what.key()).collect();
    let mut known = known_client_ids(tx.conn, &keys).await?;
    let mut ready = Vec::new();
    for Waiting { index, subject, what: reply } in waiting {
        // Said twice in one batch: the second one finds the first.
        let is_new = reply.key().is_none_or(|key| known.insert(key));
        let state = rooms.get(&reply.conversation_id).filter(|state| {
            state.workspace_id == reply.workspace_id
                && state.kind == ConversationKind::Customer
                && joins::merged_into(&state.thread).is_none()
                && !flowing.contains(&state.id)
                // Whoever answers what nobody has may take it.
                && (reply.body.origin != Origin::App || state.assignee_id.is_some())
        });
        let channel = state
            .and_then(|state| channels.get(&state.channel_id?))
            .filter(|channel| outgoing::check_fits(channel.kind, reply.body.content.as_deref(), &[]).is_ok())
            .filter(|channel| reply.body.origin != Origin::App || !channel.has_signature());
        match (state, channel) {
            (Some(state), Some(channel)) if is_new && !held.contains(&subject) => {
                ready.push(Ready { index, state: state.clone(), channel: channel.clone(), reply });
            }
            _ => {
                held.insert(subject);
            }
        }
    }
    Ok(ready)
}

/// The channels over which these conversations are led, as far as there are any.
async fn channels_of(
    conn: &mut Conn,
    states: &[ConversationState],
) -> Result<HashMap<ChannelId, Channel>, StoreError> {
    let mut channels = HashMap::new();
    let ids: HashSet<ChannelId> = states.iter().filter_map(|state| state.channel_id).collect();
    for id in ids {
        if let Some(channel) = channels::find(conn, id).await? {
            channels.insert(id, channel);
        }
    }
    Ok(channels)
}

async fn store(tx: &mut Tx<'_>, mut ready: Vec<Ready>) -> Result<Vec<Written>, LedgerError> {
    let appended = append(tx, &mut ready).await?;
    conversations::write_appended(tx.conn, &appended.values().collect::<Vec<_>>()).await?;
    let moments = moments(tx, &ready).await?;
    let (mut told, mut new) = (Vec::with_capacity(ready.len()), Vec::with_capacity(ready.len()));
    for Ready { index, state, channel, reply } in ready {
        let goes_out = uses_outbox(channel.kind);
        let moment = moments.get(&state.workspace_id).copied().flatten();
        let body = MessageBody {
            channel_id: state.channel_id,
            seq: state.version,
            version: state.version,
            status: if goes_out { MessageStatus::Queued } else { MessageStatus::Sent },
            created_at: tx.now,
            send_at: moment.filter(|_| goes_out),
            ..reply.body
        };
        new.push((state.workspace_id, state.id, body));
        told.push((index, state, channel));
    }
    let rows = plain::insert(tx, new).await?;
    let owed: Vec<_> = rows
        .iter()
        .zip(&told)
        .filter(|(_, (_, _, channel))| uses_outbox(channel.kind))
        .flat_map(|(row, (_, _, channel))| outgoing::deliveries(row, channel, &[], tx.now))
        .collect();
    outbox::insert(tx.conn, &owed).await?;
    let views = messages::views(tx.conn, rows).await?;
    let mut written = Vec::with_capacity(views.len());
    for (message, (index, state, _)) in views.into_iter().zip(told) {
        let message = Arc::new(message);
        written.push(Written { index, message: message.clone() });
        tell_new(tx, &state, message, Reason::MessageSent);
    }
    if !owed.is_empty() {
        tx.tell(Event::OutboxReady);
    }
    Ok(written)
}

/// When what goes out leaves, by workspace.
async fn moments(
    tx: &mut Tx<'_>,
    ready: &[Ready],
) -> Result<HashMap<WorkspaceId, Option<Timestamp>>, StoreError> {
    let mut moments = HashMap::new();
    let going = ready.iter().filter(|one| uses_outbox(one.channel.kind)).map(|one| one.state.workspace_id);
    for workspace in going.collect::<HashSet<_>>() {
        moments.insert(workspace, outgoing::moment(tx.conn, workspace, tx.now).await?);
    }
    Ok(moments)
}

/// Gives each its version, in their order, and ends their customers' waits; what becomes of the conversations
/// in the end.
async fn append(
    tx: &mut Tx<'_>,
    ready: &mut [Ready],
) -> Result<BTreeMap<ConversationId, ConversationState>, StoreError> {
    let mut appended: BTreeMap<ConversationId, ConversationState> = BTreeMap::new();
    for Ready { state, reply, .. } in ready {
        let latest = appended.entry(state.id).or_insert_with(|| state.clone());
        AppendEffect::ANSWER.apply(latest, tx.now);
        if let Some(asked_at) = latest.waiting_since.take() {
            reports::note_answer(tx.conn, latest, asked_at, reply.body.sender_user_id, tx.now).await?;
        }
        state.clone_from(latest);
    }
    Ok(appended)
}
