//! One step of one run: what it does, what it says and where the run then stands, in one
//! transaction. Fenced by the run's turn: whoever comes second changes nothing.

use super::say::{Said, say, say_template};
use super::{update_conversation, walk};
use crate::domain::flow::{Action, Case, Step, case_of};
use crate::domain::{ConversationId, ConversationState, RunId, RunStatus};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::StoreError;
use crate::store::automation::flow_runs::{self, RunRow};
use crate::store::automation::flows;
use crate::store::conversations::{self, customers};
use std::time::Duration;

/// Does the step of a run that is due.
#[derive(Debug, Clone)]
pub struct Advance {
    pub run_id: RunId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// How many steps it did when it was claimed: the fence.
    pub turn: i64,
    /// For how long it stays the worker's if it goes on at once.
    pub lease: Duration,
}

/// How a step went.
struct Walked {
    /// Where the run goes.
    to: usize,
    /// What is written of the step.
    outcome: Option<String>,
    /// What it said.
    message: Option<crate::domain::MessageId>,
}

impl Walked {
    fn to(to: usize) -> Self {
        Self { to, outcome: None, message: None }
    }
}

impl Command for Advance {
    /// The run's turn, if its next step is due at once.
    type Answer = Option<i64>;

    fn subject(&self) -> Subject {
        Subject::Conversation(self.conversation_id)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<i64>, LedgerError> {
        let Some(mut run) = flow_runs::find(tx.conn, self.run_id).await? else { return Ok(None) };
        let is_due = run.due_at.is_some_and(|due| due <= tx.now);
        if run.turn != self.turn || !run.status.is_active() || !is_due {
            return Ok(None);
        }
        let state = conversations::find(tx.conn, run.workspace_id, run.conversation_id).await?;
        let Some(state) = state else { return Ok(None) };
        match steps(tx, &run).await? {
            // Blocked since it began, however that came to be.
            _ if customers::is_blocked(tx.conn, &state).await? => {
                walk::end(&mut run, RunStatus::Stopped, tx.now);
            }
            None => walk::fail(&mut run, "unreadable", "The steps of this flow cannot be read.", tx.now),
            Some(steps) => step(tx, &mut run, &steps, &state).await?,
        }
        let goes_on = run.status == RunStatus::Running;
        let lease_until = goes_on.then(|| tx.now.plus(self.lease));
        if !flow_runs::update(tx.conn, &run, self.turn, lease_until).await? {
            // Stopped at this very moment: all of this is undone, and the run looked at again.
            return Err(StoreError::Collided("a run was moved twice at once".into()).into());
        }
        Ok(goes_on.then_some(run.turn))
    }
}

/// The steps that the run follows.
pub(super) async fn steps(tx: &mut Tx<'_>, run: &RunRow) -> Result<Option<Vec<Step>>, LedgerError> {
    let json = flows::steps(tx.conn, run.flow_id, run.flow_version).await?;
    Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
}

/// Does the step that the run is at, writes that it is done, and moves the run.
async fn step(
    tx: &mut Tx<'_>,
    run: &mut RunRow,
    steps: &[Step],
    state: &ConversationState,
) -> Result<(), LedgerError> {
    let Some(step) = steps.get(walk::here(run)) else {
        walk::end(run, RunStatus::Done, tx.now);
        return Ok(());
    };
    let next = walk::target(steps, run, None);
    let walked = match &step.action {
        Action::Message { text, attachment_ids } => {
            match say(tx, run, state, text.as_deref(), attachment_ids).await? {
                Said::Message(id) => Walked { message: Some(id), ..Walked::to(next) },
                Said::Not(code, why) => {
                    walk::fail_here(run, steps, code, &why, tx.now);
                    return Ok(());
                }
            }
        }
        Action::Template { template } => match say_template(tx, run, state, template).await? {
            Said::Message(id) => Walked { message: Some(id), ..Walked::to(next) },
            Said::Not(code, why) => {
                walk::fail_here(run, steps, code, &why, tx.now);
                return Ok(());
            }
        },
        Action::Wait { .. } => Walked::to(next),
        Action::WaitForAnswer { on_timeout, .. } => Walked {
            outcome: Some("timeout".into()),
            ..Walked::to(walk::target(steps, run, on_timeout.as_deref()))
        },
        Action::Branch { variable, cases, otherwise } => {
            branch(steps, run, variable.as_deref(), cases, otherwise.as_deref())
        }
        Action::SetStatus { status, snooze_seconds } => {
            update_conversation::set_status(tx, run, state, *status, *snooze_seconds).await?;
            Walked { outcome: Some(status.to_string()), ..Walked::to(next) }
        }
        Action::Assign { user_id } => Walked {
            outcome: update_conversation::assign(tx, run, state, *user_id).await?,
            ..Walked::to(next)
        },
        Action::Label { label_id, change } => {
            let outcome = update_conversation::label(tx, run, state, *label_id, *change).await?;
            Walked { outcome: Some(outcome), ..Walked::to(next) }
        }
        // The model speaks from here on, the run no more: it goes beyond its last step.
        Action::HandToAi { mode } => {
            let outcome = update_conversation::hand_to_ai(tx, run, state, *mode).await?;
            Walked { outcome: Some(outcome), ..Walked::to(steps.len()) }
        }
        Action::GoTo { step } => Walked::to(walk::target(steps, run, Some(step))),
        Action::End {} => {
            walk::end(run, RunStatus::Done, tx.now);
            return Ok(());
        }
    };
    let mut done = walk::done(run, steps, walked.outcome.as_deref(), tx.now);
    done.message_id = walked.message;
    flow_runs::insert_done(tx.conn, &done).await?;
    walk::arrive(run, steps, walked.to, tx.now);
    Ok(())
}

/// The first case whose words were said.
fn branch(
    steps: &[Step],
    run: &RunRow,
    variable: Option<&str>,
    cases: &[Case],
    otherwise: Option<&str>,
) -> Walked {
    let known = walk::variables(run);
    let said = known.get(variable.unwrap_or("answer")).map_or("", String::as_str);
    match case_of(cases, said) {
        Some(index) => Walked {
            outcome: Some(format!("case {}", index + 1)),
            ..Walked::to(walk::target(steps, run, Some(&cases[index].go_to)))
        },
        None => {
            Walked { outcome: Some("otherwise".into()), ..Walked::to(walk::target(steps, run, otherwise)) }
        }
    }
}
