//! What a run hears: the customer's answer moves it, a word may begin another, a person's answer
//! ends it. Called in the transaction of the message, so that neither is without the other. Never
//! for an echo, an import or what a flow said itself: whoever writes those does not call this.

use super::start::{Begin, begin};
use super::{advance, walk};
use crate::domain::flow::{Action, Variables, says};
use crate::domain::{ConversationId, Event, RunStatus, TriggerKind};
use crate::ledger::{LedgerError, Tx};
use crate::store::automation::flow_runs::{self, RunRow};
use crate::store::automation::flows::FlowRow;
use crate::thread::entries::Added;
use crate::thread::look_up;

/// The answer is remembered up to here.
const LONGEST_ANSWER: usize = 4_096;

/// A customer wrote, now and to us.
pub async fn on_customer_message(tx: &mut Tx<'_>, added: &Added) -> Result<(), LedgerError> {
    let flows = look_up::flows(tx, added.row.workspace_id).await?;
    // Where there is no flow nothing runs, and nobody pays for looking.
    if flows.is_empty() || answer(tx, added).await? {
        return Ok(());
    }
    let said = added.row.body.content.as_deref().unwrap_or_default();
    let fits = |flow: &&FlowRow| {
        flow.is_on && flow.channel_id.is_none_or(|channel| Some(channel) == added.row.body.channel_id)
    };
    let on = |kind: TriggerKind| flows.iter().filter(fits).filter(move |flow| flow.trigger_kind == kind);
    let by_word = on(TriggerKind::Keyword).find(|flow| keywords(flow).iter().any(|words| says(said, words)));
    let (flow, by) = match by_word {
        Some(flow) => (flow, Begin::Keyword(added.row.id)),
        None if added.state.version == 1 => match on(TriggerKind::NewConversation).next() {
            Some(flow) => (flow, Begin::NewConversation),
            None => return Ok(()),
        },
        None => return Ok(()),
    };
    tx.alone()?;
    let running = look_up::active_runs(tx, added.state.id).await?;
    if running.iter().any(|run| run.flow_id == flow.id) {
        return Ok(());
    }
    let said = said.chars().take(LONGEST_ANSWER).collect();
    begin(tx, flow, &added.state, &by, &Variables::from([("answer".into(), said)])).await?;
    Ok(())
}

/// A flow's keywords; what cannot be read is none.
fn keywords(flow: &FlowRow) -> Vec<String> {
    serde_json::from_str(&flow.keywords).unwrap_or_default()
}

/// Gives the customer's words to the run that asked last; false: none waits for them.
async fn answer(tx: &mut Tx<'_>, added: &Added) -> Result<bool, LedgerError> {
    let running = look_up::active_runs(tx, added.state.id).await?;
    let waiting = running.into_iter().filter(|run| run.status == RunStatus::WaitingForAnswer);
    let Some(mut run) = waiting.max_by_key(|run| (run.updated_at, run.id)) else { return Ok(false) };
    let Some(steps) = advance::steps(tx, &run).await? else { return Ok(false) };
    let Some(Action::WaitForAnswer { save_as, .. }) =
        steps.get(walk::here(&run)).map(|step| step.action.clone())
    else {
        return Ok(false);
    };
    let said = added.row.body.content.as_deref().unwrap_or_default();
    let said: String = said.chars().take(LONGEST_ANSWER).collect();
    walk::remember(&mut run, "answer", &said);
    if let Some(name) = save_as {
        walk::remember(&mut run, &name, &said);
    }
    let turn = run.turn;
    let mut done = walk::done(&run, &steps, Some("answered"), tx.now);
    done.message_id = Some(added.row.id);
    let next = walk::target(&steps, &run, None);
    walk::arrive(&mut run, &steps, next, tx.now);
    if !flow_runs::update(tx.conn, &run, turn, None).await? {
        // Ended at this very moment: then it waits for nothing.
        return Ok(false);
    }
    flow_runs::insert_done(tx.conn, &done).await?;
    tx.tell(Event::FlowDue);
    Ok(true)
}

/// A person of ours answered the customer: from here on they speak, and no run does.
pub async fn taken_over(tx: &mut Tx<'_>, conversation: ConversationId) -> Result<(), LedgerError> {
    for run in look_up::active_runs(tx, conversation).await? {
        finish(tx, run, RunStatus::TakenOver).await?;
    }
    Ok(())
}

/// We blocked this customer: nothing is said to them by itself any more.
pub async fn fell_silent(tx: &mut Tx<'_>, conversation: ConversationId) -> Result<(), LedgerError> {
    for run in flow_runs::active_in(tx.conn, conversation).await? {
        finish(tx, run, RunStatus::Stopped).await?;
    }
    Ok(())
}

/// Ends a run, if it has not ended.
pub(super) async fn finish(
    tx: &mut Tx<'_>,
    mut run: RunRow,
    status: RunStatus,
) -> Result<RunRow, LedgerError> {
    walk::end(&mut run, status, tx.now);
    let turn = run.turn;
    flow_runs::update(tx.conn, &run, turn, None).await?;
    Ok(run)
}
