//! What stands around the conversations of a list that changed: read for a whole tick at once. Never who is
//! told of it.

use super::list_frame::Listed;
use super::list_tick::{Change, Item};
use super::messages::ListChange;
use crate::domain::{
    Conversation, ConversationId, ConversationState, Message, ReadMark, Reason, SenderType, UserId,
};
use crate::store::conversations::{self, list};
use crate::store::{Conn, Db, StoreError};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Conversations that are read together at most.
const BATCH: usize = 256;
const RETRY: Duration = Duration::from_millis(250);

/// What was read: each change for those who are told one by one, each conversation for the others.
pub type Read = (Vec<Change>, Vec<Item>);

/// Reads what changed, until it works: a change is not dropped because the database was away for a moment.
/// `one_by_one`: each change is wanted as it stood then; else each conversation as it stands now.
pub async fn read(db: &Db, changes: Vec<ListChange>, one_by_one: bool) -> Read {
    let changes = Arc::new(changes);
    loop {
        let asked = changes.clone();
        match db.read(async move |conn| look(conn, &asked, one_by_one).await).await {
            Ok(found) => return found,
            Err(error) => {
                log::warn!("reading the list failed, retrying: {error}");
                actix::clock::sleep(RETRY).await;
            }
        }
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

async fn look(conn: &mut Conn, changes: &[ListChange], one_by_one: bool) -> Result<Read, StoreError> {
    let ready = with_states(conn, changes).await?;
    // Where each conversation stands now: the last change of it that has its newest state.
    let mut newest: HashMap<ConversationId, usize> = HashMap::new();
    for (at, change) in ready.iter().enumerate() {
        let known = newest.entry(change.state.id).or_insert(at);
        if ready[*known].state.revision <= change.state.revision {
            *known = at;
        }
    }
    let is_wanted = |at: usize| one_by_one || newest[&ready[at].state.id] == at;
    let wanted: Vec<usize> = (0..ready.len()).filter(|at| is_wanted(*at)).collect();
    let mut listed: HashMap<usize, (Reason, Arc<Listed>)> = HashMap::new();
    for some in wanted.chunks(BATCH) {
        listed.extend(listed_of(conn, &ready, some).await?);
    }
    Ok(told(&ready, &newest, &listed, one_by_one))
}

/// The changes and the conversations, each with what was read of it.
fn told(
    ready: &[Ready],
    newest: &HashMap<ConversationId, usize>,
    listed: &HashMap<usize, (Reason, Arc<Listed>)>,
    one_by_one: bool,
) -> Read {
    let (mut changes, mut items) = (Vec::new(), Vec::new());
    let mut places: HashMap<ConversationId, usize> = HashMap::new();
    for (at, change) in ready.iter().enumerate() {
        let Some((guessed, now)) = listed.get(&newest[&change.state.id]) else { continue };
        let reason = change.reason.unwrap_or(*guessed);
        let place = *places.entry(change.state.id).or_insert_with(|| {
            items.push(Item::new(now.clone()));
            items.len() - 1
        });
        items[place].changed(reason, change.only_for);
        if change.reason.is_none() {
            items[place].found();
        }
        if let Some((_, then)) = listed.get(&at).filter(|_| one_by_one) {
            changes.push(Change { reason, only_for: change.only_for, listed: then.clone() });
        }
    }
    (changes, items)
}

/// Some of the changes as the list shows them, by their places, each with what a poll would call it.
async fn listed_of(
    conn: &mut Conn,
    ready: &[Ready],
    places: &[usize],
) -> Result<Vec<(usize, (Reason, Arc<Listed>))>, StoreError> {
    let states: Vec<_> = places.iter().map(|at| ready[*at].state.clone()).collect();
    let known = ready
        .iter()
        .filter_map(|change| change.last_message.as_ref())
        .map(|message| ((message.conversation_id, message.seq), Message::clone(message)))
        .collect();
    let views = list::views(conn, &states, &known).await?;
    let ids: Vec<_> = states.iter().map(|state| state.id).collect();
    let marks = list::marks_in(conn, &ids).await?;
    let listed = places.iter().zip(&views).map(|(at, view)| {
        let mut marks = marks.get(&view.id).cloned().unwrap_or_default();
        if let Some((user, mark)) = ready[*at].mark {
            // The mark of the change itself, unless a newer one was read.
            let newest = marks.entry(user).or_insert(mark);
            if newest.read_seq < mark.read_seq {
                *newest = ReadMark { mention_seq: newest.mention_seq.max(mark.mention_seq), ..mark };
            }
        }
        (*at, (guess(view), Arc::new(Listed::new(view, marks))))
    });
    Ok(listed.collect())
}

/// Reads what was only hinted at.
async fn with_states(conn: &mut Conn, changes: &[ListChange]) -> Result<Vec<Ready>, StoreError> {
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
