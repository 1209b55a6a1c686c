//! What a step does to its conversation: status, assignee, labels, who answers from here on. Never a
//! word to the customer.

use crate::domain::{
    AiMode, AssignedBecause, Cause, ConversationState, ConversationStatus, LabelChange, LabelId, MOST_LABELS,
    TimelineKind, Timestamp, UserId,
};
use crate::ledger::{LedgerError, Tx};
use crate::store::accounts::users;
use crate::store::automation::flow_runs::RunRow;
use crate::store::automation::{ai_turns, flows};
use crate::store::conversations::{Change, labels};
use crate::thread::{entries, timeline};
use serde_json::json;
use std::time::Duration;

/// What a run does is its flow's doing.
async fn cause(tx: &mut Tx<'_>, run: &RunRow) -> Result<Cause, LedgerError> {
    Ok(Cause::flow(run.flow_id, flows::name_of(tx.conn, run.flow_id).await?))
}

pub(super) async fn set_status(
    tx: &mut Tx<'_>,
    run: &RunRow,
    state: &ConversationState,
    status: ConversationStatus,
    seconds: Option<u64>,
) -> Result<(), LedgerError> {
    let until: Option<Timestamp> = seconds.map(|seconds| tx.now.plus(Duration::from_secs(seconds)));
    if (status, until) != (state.status, state.snoozed_until) {
        let cause = cause(tx, run).await?;
        entries::change(tx, state, Change::Status(status, until), &cause).await?;
    }
    Ok(())
}

/// Gives the conversation to somebody; who is gone gets nothing, and that is written.
pub(super) async fn assign(
    tx: &mut Tx<'_>,
    run: &RunRow,
    state: &ConversationState,
    user: Option<UserId>,
) -> Result<Option<String>, LedgerError> {
    if let Some(id) = user
        && !users::stays(tx.conn, state.workspace_id, id).await?
    {
        return Ok(Some("user_gone".into()));
    }
    if user != state.assignee_id {
        let cause = cause(tx, run).await?;
        entries::change(tx, state, Change::Assignee(user, AssignedBecause::Rule), &cause).await?;
    }
    Ok(None)
}

/// Puts a label on the conversation or removes it; where that cannot be, the run goes on, and it is
/// written.
pub(super) async fn label(
    tx: &mut Tx<'_>,
    run: &RunRow,
    state: &ConversationState,
    id: LabelId,
    change: LabelChange,
) -> Result<String, LedgerError> {
    if labels::find(tx.conn, state.workspace_id, id).await?.is_none() {
        return Ok("label_gone".into());
    }
    let before = labels::carried(tx.conn, state.id).await?;
    let (mut carried, is_carried) = (before.clone(), before.contains(&id));
    match change {
        LabelChange::Put if is_carried => return Ok(change.to_string()),
        LabelChange::Put if carried.len() >= MOST_LABELS => return Ok("too_many_labels".into()),
        LabelChange::Put => carried.push(id),
        LabelChange::Remove if !is_carried => return Ok(change.to_string()),
        LabelChange::Remove => carried.retain(|carried| *carried != id),
    }
    let cause = cause(tx, run).await?;
    entries::carry(tx, state, &before, &carried, &cause).await?;
    Ok(change.to_string())
}

/// From here on a model answers this customer, whatever the channel says, until a person writes.
pub(super) async fn hand_to_ai(
    tx: &mut Tx<'_>,
    run: &RunRow,
    state: &ConversationState,
    mode: AiMode,
) -> Result<String, LedgerError> {
    ai_turns::set_mode(tx.conn, state.id, mode, tx.now).await?;
    let cause = cause(tx, run).await?;
    timeline::note(tx, state, TimelineKind::HandedToAi, &cause, json!({"mode": mode})).await?;
    Ok(mode.to_string())
}
