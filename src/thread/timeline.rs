//! Writes down what happens to conversations, in the very transaction in which it happens: the one place
//! through which events get into the timeline, each with its place, its cause and the names of that moment.
//! Never a rule about when; never a customer's name.

use super::look_up;
use crate::domain::{
    Cause, ChannelId, ConversationId, ConversationState, ConversationStatus, Event, LabelId, TeamId,
    TimelineKind, TimelineNews, UserId,
};
use crate::ledger::command::{LedgerError, Tx};
use crate::store::accounts::teams;
use crate::store::conversations::timeline::{self, NewEvent};
use crate::store::conversations::{self, Change, NewConversation, labels, list};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Notes what happened to a conversation, at its next place.
pub async fn note(
    tx: &mut Tx<'_>,
    state: &ConversationState,
    kind: TimelineKind,
    cause: &Cause,
    details: Value,
) -> Result<(), LedgerError> {
    append(tx, vec![new(state, kind, cause, details)]).await
}

/// Begins a conversation and notes by whom; none: somebody was first.
pub async fn begin(
    tx: &mut Tx<'_>,
    what: NewConversation<'_>,
    cause: &Cause,
) -> Result<Option<ConversationState>, LedgerError> {
    // What comes over a channel of one team is that team's.
    let team = match what.channel {
        Some(channel) => teams::sole_of_channel(tx.conn, channel).await?,
        None => None,
    };
    let Some(state) = conversations::insert(tx.conn, what, team, tx.now).await? else { return Ok(None) };
    write(tx, vec![(state.event_seq, new(&state, TimelineKind::Created, cause, json!({})))]).await?;
    Ok(Some(state))
}

/// Notes a change of a conversation, at the place that it got with it.
pub(crate) async fn note_change(
    tx: &mut Tx<'_>,
    before: &ConversationState,
    after: &ConversationState,
    change: Change,
    cause: &Cause,
) -> Result<(), LedgerError> {
    let (kind, details) = match change {
        Change::Status(..) => of_status(before.status, after),
        Change::Priority(priority) => {
            (TimelineKind::Priority, json!({"priority": priority, "before": before.priority}))
        }
        Change::Team(team) => (TimelineKind::Assigned, of_team(tx, before.team_id, team).await?),
        Change::Assignee(assignee, _) => {
            (TimelineKind::Assigned, of_assignee(tx, before.assignee_id, assignee).await?)
        }
    };
    write(tx, vec![(after.event_seq, new(after, kind, cause, details))]).await
}

/// Notes that conversations passed from a user to another, or to nobody, at the places that they got with it.
pub(crate) async fn note_handed_over(
    tx: &mut Tx<'_>,
    from: UserId,
    to: Option<UserId>,
    states: &[ConversationState],
    cause: &Cause,
) -> Result<(), LedgerError> {
    if states.is_empty() {
        return Ok(());
    }
    let details = of_assignee(tx, Some(from), to).await?;
    let event = |state| new(state, TimelineKind::Assigned, cause, details.clone());
    write(tx, states.iter().map(|state| (state.event_seq, event(state))).collect()).await
}

/// Notes that conversations passed from a team to another, or to none, at the places that they got with it.
pub(crate) async fn note_team_handed_over(
    tx: &mut Tx<'_>,
    from: TeamId,
    to: Option<TeamId>,
    states: &[ConversationState],
    cause: &Cause,
) -> Result<(), LedgerError> {
    if states.is_empty() {
        return Ok(());
    }
    let details = of_team(tx, Some(from), to).await?;
    let event = |state| new(state, TimelineKind::Assigned, cause, details.clone());
    write(tx, states.iter().map(|state| (state.event_seq, event(state))).collect()).await
}

/// Notes that what came by a channel opened a conversation, which stood otherwise before, at its next place.
pub(crate) async fn note_opened(
    tx: &mut Tx<'_>,
    channel: Option<ChannelId>,
    state: &mut ConversationState,
    before: ConversationStatus,
) -> Result<(), LedgerError> {
    let cause = match channel {
        Some(id) => Cause::platform(id, look_up::channel(tx, id).await?.map(|channel| channel.name)),
        None => Cause::system(),
    };
    let (kind, details) = of_status(before, state);
    let event = new(state, kind, &cause, details);
    state.event_seq += 1;
    tell(tx, state.event_seq, &event);
    tx.unit.note(state.event_seq, event);
    Ok(())
}

/// Notes which labels a conversation was given, and which were taken from it.
pub(crate) async fn note_labels(
    tx: &mut Tx<'_>,
    state: &ConversationState,
    before: &[LabelId],
    after: &[LabelId],
    cause: &Cause,
) -> Result<(), LedgerError> {
    let not_in = |some: &[LabelId], others: &[LabelId]| -> Vec<LabelId> {
        some.iter().filter(|id| !others.contains(id)).copied().collect()
    };
    let both =
        [(TimelineKind::Unlabelled, not_in(before, after)), (TimelineKind::Labelled, not_in(after, before))];
    for (kind, ids) in both.into_iter().filter(|(_, ids)| !ids.is_empty()) {
        let labels = labels::by_ids(tx.conn, &ids).await?;
        note(tx, state, kind, cause, json!({"labels": labels})).await?;
    }
    Ok(())
}

/// Notes the same of several conversations.
pub async fn note_all(
    tx: &mut Tx<'_>,
    ids: &[ConversationId],
    kind: TimelineKind,
    cause: &Cause,
    details: &Value,
) -> Result<(), LedgerError> {
    let states = conversations::by_ids(tx.conn, ids).await?;
    append(tx, states.iter().map(|state| new(state, kind, cause, details.clone())).collect()).await
}

fn new(state: &ConversationState, kind: TimelineKind, cause: &Cause, details: Value) -> NewEvent {
    let (workspace_id, conversation_id) = (state.workspace_id, state.id);
    NewEvent { workspace_id, conversation_id, kind, cause: cause.clone(), details }
}

/// What a change of the status is.
fn of_status(before: ConversationStatus, after: &ConversationState) -> (TimelineKind, Value) {
    use ConversationStatus::{Open, Snoozed, Spam};
    match (before, after.status) {
        (_, Spam) => (TimelineKind::Spam, json!({"before": before})),
        (Spam, status) => (TimelineKind::NotSpam, json!({"status": status})),
        (_, Snoozed) => (TimelineKind::Snoozed, json!({"until": after.snoozed_until, "before": before})),
        (Snoozed, Open) => (TimelineKind::Woken, json!({})),
        (_, status) => (TimelineKind::Status, json!({"status": status, "before": before})),
    }
}

async fn of_assignee(
    tx: &mut Tx<'_>,
    before: Option<UserId>,
    after: Option<UserId>,
) -> Result<Value, LedgerError> {
    let ids: Vec<UserId> = before.into_iter().chain(after).collect();
    let people = list::people(tx.conn, &ids).await?;
    let named = |id: Option<UserId>| {
        id.map(|id| json!({"id": id, "name": people.get(&id).map(|person| person.name.as_str())}))
    };
    Ok(json!({"assignee": named(after), "before": named(before)}))
}

/// The same kind as of a person, told apart by what was assigned.
async fn of_team(
    tx: &mut Tx<'_>,
    before: Option<TeamId>,
    after: Option<TeamId>,
) -> Result<Value, LedgerError> {
    let ids: Vec<TeamId> = before.into_iter().chain(after).collect();
    let names = teams::names(tx.conn, &ids).await?;
    let named = |id: Option<TeamId>| {
        id.map(|id| json!({"id": id, "name": names.get(&id).map(|team| team.name.as_str())}))
    };
    Ok(json!({"team": named(after), "before": named(before)}))
}

/// Gives each of these its conversation's next place; no two are of one conversation.
async fn append(tx: &mut Tx<'_>, events: Vec<NewEvent>) -> Result<(), LedgerError> {
    tx.alone()?;
    if events.is_empty() {
        return Ok(());
    }
    let ids: Vec<ConversationId> = events.iter().map(|event| event.conversation_id).collect();
    let places: HashMap<_, _> = timeline::next_places(tx.conn, &ids, tx.now).await?.into_iter().collect();
    let placed =
        events.into_iter().filter_map(|event| Some((*places.get(&event.conversation_id)?, event))).collect();
    write(tx, placed).await
}

/// Writes events at their places, and tells each if this commits.
async fn write(tx: &mut Tx<'_>, placed: Vec<(i64, NewEvent)>) -> Result<(), LedgerError> {
    tx.alone()?;
    timeline::insert(tx.conn, &placed, tx.now).await?;
    placed.iter().for_each(|(event_seq, event)| tell(tx, *event_seq, event));
    Ok(())
}

fn tell(tx: &mut Tx<'_>, event_seq: i64, event: &NewEvent) {
    let (conversation_id, event) = (event.conversation_id, Arc::new(event.placed(event_seq, tx.now)));
    tx.tell(Event::Timeline(TimelineNews { conversation_id, event }));
}
