//! Flows and runs as they stand in answers.

use crate::domain::message::Failure;
use crate::domain::{FlowId, RunId, RunStatus, Timestamp, TriggerKind};
use crate::store::automation::flow_runs::{RunRow, StepDone};
use crate::store::automation::flows::FlowRow;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use utoipa::ToSchema;

/// A flow.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Flow)]
pub struct FlowView {
    #[schema(value_type = i64)]
    id: FlowId,
    name: String,
    /// Whether it starts.
    is_on: bool,
    /// In which channel alone; null: in all.
    channel_id: Option<i64>,
    trigger: TriggerView,
    /// Objects with a `kind`: see docs/flows.md.
    #[schema(value_type = Vec<Object>)]
    steps: Vec<Value>,
    /// Counts the changes of the steps.
    version: i64,
    /// Its secret address; null for agents.
    hook_url: Option<String>,
    /// How many of its runs stand where: `{done: 12, waiting: 3}`.
    #[schema(value_type = HashMap<String, i64>)]
    runs: HashMap<&'static str, i64>,
    #[schema(value_type = String)]
    created_at: Timestamp,
    #[schema(value_type = String)]
    updated_at: Timestamp,
}

impl FlowView {
    pub(super) fn of(
        row: FlowRow,
        steps: &str,
        runs: HashMap<&'static str, i64>,
        hook_url: Option<String>,
    ) -> Self {
        let keywords: Vec<String> = serde_json::from_str(&row.keywords).unwrap_or_default();
        Self {
            id: row.id,
            name: row.name,
            is_on: row.is_on,
            channel_id: row.channel_id.map(|id| id.0),
            trigger: TriggerView { kind: row.trigger_kind, keywords },
            steps: serde_json::from_str(steps).unwrap_or_default(),
            version: row.version,
            hook_url,
            runs,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// What starts a flow by itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlowTrigger)]
pub struct TriggerView {
    kind: TriggerKind,
    /// Words and phrases that start it, for `keyword`.
    keywords: Vec<String>,
}

/// One walk through a flow.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlowRun)]
pub struct RunView {
    #[schema(value_type = i64)]
    id: RunId,
    flow_id: i64,
    flow_version: i64,
    conversation_id: i64,
    /// webhook, keyword, new_conversation, manual, broadcast.
    started_by: &'static str,
    /// Who started it, if a person did.
    user_id: Option<i64>,
    status: RunStatus,
    /// The step it is at, from 0 on.
    step: i64,
    /// What it knows.
    #[schema(value_type = Object)]
    variables: Map<String, Value>,
    /// When its step is due; null if nothing but an answer moves it.
    #[schema(value_type = Option<String>)]
    due_at: Option<Timestamp>,
    /// Why it failed.
    error: Option<Failure>,
    /// What it did, in order.
    steps: Vec<StepDoneView>,
    #[schema(value_type = String)]
    created_at: Timestamp,
    #[schema(value_type = String)]
    updated_at: Timestamp,
    #[schema(value_type = Option<String>)]
    ended_at: Option<Timestamp>,
}

/// A step that a run did.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FlowRunStep)]
pub struct StepDoneView {
    /// The how-manieth of the run it was, from 0 on.
    turn: i64,
    /// Which step of the flow, from 0 on.
    step: i64,
    /// The step's own id, if it has one.
    id: Option<String>,
    kind: String,
    /// How it went, where there is a choice: `answered`, `timeout`, `case 2`, `otherwise`.
    outcome: Option<String>,
    /// What it said, or the answer it got.
    message_id: Option<i64>,
    #[schema(value_type = String)]
    done_at: Timestamp,
}

impl RunView {
    pub(super) fn of(run: RunRow, done: &[StepDone]) -> Self {
        let message = run.error_message;
        Self {
            steps: done.iter().filter(|step| step.run_id == run.id).map(StepDoneView::of).collect(),
            id: run.id,
            flow_id: run.flow_id.0,
            flow_version: run.flow_version,
            conversation_id: run.conversation_id.0,
            started_by: run.started_by.as_str(),
            user_id: run.user_id.map(|id| id.0),
            status: run.status,
            step: run.step,
            variables: serde_json::from_str(&run.variables).unwrap_or_default(),
            due_at: run.due_at,
            error: run.error_code.map(|code| Failure { code, message: message.unwrap_or_default() }),
            created_at: run.created_at,
            updated_at: run.updated_at,
            ended_at: run.ended_at,
        }
    }
}

impl StepDoneView {
    fn of(done: &StepDone) -> Self {
        Self {
            turn: done.turn,
            step: done.step,
            id: done.name.clone(),
            kind: done.kind.clone(),
            outcome: done.outcome.clone(),
            message_id: done.message_id.map(|id| id.0),
            done_at: done.done_at,
        }
    }
}
