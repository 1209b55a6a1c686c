//! How a run moves: arriving at a step, coming to an end. Only values; never a row.

use crate::domain::flow::{Action, MOST_TURNS, Step, Variables, name_of, place_of};
use crate::domain::{RunStatus, Timestamp};
use crate::store::automation::flow_runs::{RunRow, StepDone};
use std::time::Duration;

/// What a run's variables hold; what cannot be read is nothing.
pub(super) fn variables(run: &RunRow) -> Variables {
    serde_json::from_str(&run.variables).unwrap_or_default()
}

/// Gives a run a value to remember.
pub(super) fn remember(run: &mut RunRow, name: &str, value: &str) {
    let mut known = variables(run);
    known.insert(name.to_owned(), value.to_owned());
    run.variables = serde_json::to_string(&known).unwrap_or_default();
}

/// Where the run is.
pub(super) fn here(run: &RunRow) -> usize {
    usize::try_from(run.step).unwrap_or(usize::MAX)
}

/// Where a step's word leads; without one, to the next step.
pub(super) fn target(steps: &[Step], run: &RunRow, id: Option<&str>) -> usize {
    id.and_then(|id| place_of(steps, id)).unwrap_or_else(|| here(run).saturating_add(1))
}

/// What is written of the step that the run is at.
pub(super) fn done(run: &RunRow, steps: &[Step], outcome: Option<&str>, now: Timestamp) -> StepDone {
    let step = steps.get(here(run));
    StepDone {
        run_id: run.id,
        turn: run.turn,
        step: run.step,
        name: step.and_then(|step| step.id.clone()),
        kind: step.map_or("end", |step| step.action.kind()).to_owned(),
        outcome: outcome.map(str::to_owned),
        message_id: None,
        done_at: now,
    }
}

/// The step is done: the run arrives at the one at `index`, and if that waits, it begins to wait.
pub(super) fn arrive(run: &mut RunRow, steps: &[Step], index: usize, now: Timestamp) {
    run.turn += 1;
    run.step = i64::try_from(index).unwrap_or(i64::MAX);
    settle(run, steps, now);
}

/// Looks at the step that the run is at: what it waits for, or that it is due, or the end.
pub(super) fn settle(run: &mut RunRow, steps: &[Step], now: Timestamp) {
    if run.turn >= MOST_TURNS {
        return fail(run, "too_long", &format!("The run did {MOST_TURNS} steps: is there a loop?"), now);
    }
    run.updated_at = now;
    (run.status, run.due_at) = match steps.get(here(run)).map(|step| &step.action) {
        None | Some(Action::End {}) => return end(run, RunStatus::Done, now),
        Some(Action::Wait { seconds }) => (RunStatus::Waiting, Some(now.plus(Duration::from_secs(*seconds)))),
        Some(Action::WaitForAnswer { timeout_seconds, .. }) => {
            let until = timeout_seconds.map(|seconds| now.plus(Duration::from_secs(seconds)));
            (RunStatus::WaitingForAnswer, until)
        }
        Some(_) => (RunStatus::Running, Some(now)),
    };
}

/// The run is over.
pub(super) fn end(run: &mut RunRow, status: RunStatus, now: Timestamp) {
    run.status = status;
    run.due_at = None;
    run.updated_at = now;
    run.ended_at = Some(now);
}

/// The run is over because a step cannot be done.
pub(super) fn fail(run: &mut RunRow, code: &str, message: &str, now: Timestamp) {
    run.error_code = Some(code.to_owned());
    run.error_message = Some(message.to_owned());
    end(run, RunStatus::Failed, now);
}

/// The run is over because the step that it is at cannot be done.
pub(super) fn fail_here(run: &mut RunRow, steps: &[Step], code: &str, why: &str, now: Timestamp) {
    let message = format!("{}: {why}", name_of(steps, here(run)));
    fail(run, code, &message, now);
}
