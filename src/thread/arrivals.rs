//! What customers write, as a set: plain messages of people we know, into their conversations. Never
//! a message that teaches anything of anybody (`ingest::receive`).

use super::entries::tell_new;
use super::plain::{self, Waiting, Written};
use super::timeline;
use crate::domain::{
    ChannelId, ConversationId, ConversationState, ConversationStatus, CustomerId, Reason, Timestamp,
    WorkspaceId,
};
use crate::ledger::command::{LedgerError, Subject, Tx};
use crate::store::automation::flows;
use crate::store::conversations::customers::{self, CustomerRow};
use crate::store::conversations::{self, AppendEffect};
use crate::store::delivery::parked_events;
use crate::store::messages::plain::{add_identities, known_identities};
use crate::store::messages::{self, MessageBody};
use crate::store::{Conn, StoreError};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// A customer's message that may be nothing but that.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub workspace_id: WorkspaceId,
    /// By which channel.
    pub channel_id: ChannelId,
    /// Every name the platform has for the customer.
    pub names: Vec<String>,
    /// What they call themselves, as far as the event says: name, username, locale.
    pub profile: [Option<String>; 3],
    /// What the platform calls the message.
    pub platform_message_id: String,
    /// How long the customer may be written to freely after it; none: it opens no such time.
    pub opens_window: Option<Duration>,
    /// The message but for its customer, its place and its time.
    pub body: MessageBody,
}

/// One that is plain, with whom and where.
struct Ready {
    index: usize,
    customer: CustomerRow,
    state: ConversationState,
    arrival: Arrival,
}

/// Writes those that are plain and tells them, in order; the others are as they were.
pub(crate) async fn write(
    tx: &mut Tx<'_>,
    waiting: Vec<Waiting<Arrival>>,
    held: &mut HashSet<Subject>,
) -> Result<Vec<Written>, LedgerError> {
    let mut channels: Vec<(ChannelId, Vec<Waiting<Arrival>>)> = Vec::new();
    for one in waiting {
        let channel = one.what.channel_id;
        match channels.iter_mut().find(|(known, _)| *known == channel) {
            Some((_, group)) => group.push(one),
            None => channels.push((channel, vec![one])),
        }
    }
    let mut written = Vec::new();
    for (channel, group) in channels {
        // Where flows listen, each message may begin or move one.
        let workspace = group.first().map(|one| one.what.workspace_id);
        if let Some(workspace) = workspace
            && flows::are_there(tx.conn, workspace).await?
        {
            held.extend(group.iter().map(|one| one.subject));
            continue;
        }
        let ready = choose(tx, channel, group, held).await?;
        if !ready.is_empty() {
            written.extend(store(tx, channel, ready).await?);
        }
    }
    Ok(written)
}

/// Those of a channel that are plain: not known, nothing waits for them, their customer and
/// conversation are there and the event says nothing new of them.
async fn choose(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    group: Vec<Waiting<Arrival>>,
    held: &mut HashSet<Subject>,
) -> Result<Vec<Ready>, LedgerError> {
    let ids: Vec<&str> = group.iter().map(|one| one.what.platform_message_id.as_str()).collect();
    let mut strange = known_identities(tx.conn, channel, &ids).await?;
    strange.extend(parked_events::waited_for(tx.conn, channel, &ids).await?);
    let mut names: Vec<&str> =
        group.iter().flat_map(|one| one.what.names.iter().map(String::as_str)).collect();
    names.sort_unstable();
    names.dedup();
    let people = people_of(tx.conn, channel, &names).await?;
    let rooms = rooms_of(tx.conn, channel, &group, &people).await?;
    let is_held_alone = !tx.conn.has_many_writers();
    let mut ready = Vec::new();
    for Waiting { index, subject, what: arrival } in group {
        // Told twice in one batch: the second one finds the first.
        if !strange.insert(arrival.platform_message_id.clone()) || held.contains(&subject) {
            held.insert(subject);
            continue;
        }
        let customer = customer_of(&arrival, &people);
        let state = customer
            .and_then(|row| rooms.get(&row.id))
            .filter(|state| is_held_alone || subject == Subject::Conversation(state.id));
        let (Some(row), Some(state)) = (customer, state) else {
            held.insert(subject);
            continue;
        };
        ready.push(Ready { index, customer: row.clone(), state: state.clone(), arrival });
    }
    Ok(ready)
}

/// Whom these names mean, as far as it says nothing more: who came by a merge writes in a conversation of
/// their own, and for who has several names of a kind it matters which was seen last.
async fn people_of(
    conn: &mut Conn,
    channel: ChannelId,
    names: &[&str],
) -> Result<HashMap<String, CustomerRow>, StoreError> {
    let mut found = customers::holders(conn, channel, names).await?;
    found.retain(|holder| holder.merged_from.is_none());
    let ids: Vec<CustomerId> = found.iter().map(|holder| holder.customer.id).collect();
    let several = customers::with_several_names(conn, channel, &ids).await?;
    found.retain(|holder| !several.contains(&holder.customer.id));
    Ok(found.into_iter().map(|holder| (holder.external_id, holder.customer)).collect())
}

/// Where these people write on a channel. Where several write at once only what was locked when the batch
/// began stays as it is: that is found by its id.
async fn rooms_of(
    conn: &mut Conn,
    channel: ChannelId,
    group: &[Waiting<Arrival>],
    people: &HashMap<String, CustomerRow>,
) -> Result<HashMap<CustomerId, ConversationState>, StoreError> {
    let states = if conn.has_many_writers() {
        let mut locked: Vec<ConversationId> =
            group.iter().filter_map(|one| one.subject.conversation()).collect();
        locked.dedup();
        conversations::by_ids(conn, &locked).await?
    } else {
        let mut ids: Vec<CustomerId> = people.values().map(|row| row.id).collect();
        ids.sort_unstable();
        ids.dedup();
        conversations::of_customers(conn, channel, &ids).await?
    };
    let theirs =
        states.into_iter().filter(|state| state.channel_id == Some(channel) && state.thread.is_empty());
    Ok(theirs.filter_map(|state| Some((state.customer_id?, state))).collect())
}

/// The one customer whom all names of an arrival mean, if the event teaches nothing of them and nobody blocks
/// anybody.
fn customer_of<'p>(arrival: &Arrival, people: &'p HashMap<String, CustomerRow>) -> Option<&'p CustomerRow> {
    let row = people.get(arrival.names.first()?)?;
    let is_one = arrival.names.iter().all(|name| people.get(name).is_some_and(|other| other.id == row.id));
    let says_nothing = [&row.name, &row.username, &row.locale]
        .into_iter()
        .zip(&arrival.profile)
        .all(|(known, news)| news.is_none() || known == news);
    (is_one && says_nothing && !row.unreachable && !row.is_silenced()).then_some(row)
}

async fn store(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    mut ready: Vec<Ready>,
) -> Result<Vec<Written>, LedgerError> {
    let (appended, opened) = append(&mut ready, tx.now);
    conversations::write_appended(tx.conn, &appended.values().collect::<Vec<_>>()).await?;
    let opened: Vec<_> =
        opened.iter().filter_map(|(id, before)| Some((appended.get(id)?, *before))).collect();
    timeline::note_opened(tx, Some(channel), &opened).await?;
    let mut told = Vec::with_capacity(ready.len());
    let mut new = Vec::with_capacity(ready.len());
    for Ready { index, customer, state, arrival } in ready {
        let body = MessageBody {
            seq: state.version,
            version: state.version,
            sender_customer_id: Some(customer.id),
            author: format!("customer:{}", customer.id),
            is_counted: true,
            created_at: tx.now,
            ..arrival.body
        };
        new.push((arrival.workspace_id, state.id, body));
        told.push((index, customer, state));
    }
    let rows = plain::insert(tx, new).await?;
    if !add_identities(tx.conn, channel, &rows).await? {
        return Err(StoreError::Collided("a message was stored twice at once".into()).into());
    }
    let mut written = Vec::with_capacity(rows.len());
    for ((index, customer, state), row) in told.into_iter().zip(rows) {
        let message = Arc::new(messages::view_of_new(row, customer.id, customer.into_sender()));
        written.push(Written { index, message: message.clone() });
        tell_new(tx, &state, message, Reason::NewCustomerMessage);
    }
    Ok(written)
}

/// What becomes of conversations in the end, and how those stood that were opened.
type Grown = (BTreeMap<ConversationId, ConversationState>, BTreeMap<ConversationId, ConversationStatus>);

/// Gives each its version, in their order.
fn append(ready: &mut [Ready], now: Timestamp) -> Grown {
    let (mut appended, mut opened) = Grown::default();
    for Ready { state, arrival, .. } in ready {
        let at = arrival.body.platform_sent_at.unwrap_or(now);
        let effect = AppendEffect {
            is_counted: true,
            is_shown: true,
            is_answer: false,
            reopens: true,
            window_expires_at: arrival.opens_window.map(|window| at.plus(window)),
        };
        let latest = appended.entry(state.id).or_insert_with(|| state.clone());
        if let Some(before) = effect.apply(latest, now) {
            opened.insert(state.id, before);
        }
        state.clone_from(latest);
    }
    (appended, opened)
}
