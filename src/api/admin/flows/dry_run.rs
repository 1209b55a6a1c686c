//! `POST /api/v1/flows/dry-run`: what a flow would do, before it is saved. Writes nothing and calls nobody.

use crate::api::http::may::{FlowsManage, May};
use crate::api::http::problem::Problem;
use crate::domain::flow::{self, DryRun, Step, Tried, Variables};
use crate::domain::message::Failure;
use crate::domain::{Refusal, RunStatus};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

const MOST_ANSWERS: usize = 200;
const LONGEST_ANSWER: usize = 4_096;
const MOST_VARIABLES: usize = 100;
const LONGEST_VARIABLES: usize = 32_768;

/// The flow that is tried: one that `GET /api/v1/flows/{id}` gave fits as it is.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TriedFlow {
    /// Objects with a `kind`: see docs/flows.md.
    #[schema(value_type = Vec<Object>)]
    steps: Vec<Value>,
}

/// A flow, and what the customer would say to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "flow": {"steps": [{"kind": "message", "text": "Hello {{customer.first_name}}!"}]},
    "answers": [],
    "variables": {"customer.first_name": "Ana"}
}))]
pub struct DryRunBody {
    flow: TriedFlow,
    /// One for each time the flow waits for an answer; null: nobody answers in time.
    #[serde(default)]
    answers: Vec<Option<String>>,
    /// What the run knows from the beginning, such as `customer.first_name` and `answer`.
    #[serde(default)]
    #[schema(value_type = Object)]
    variables: Variables,
}

/// A step that would be taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TriedStep)]
pub struct TriedStepView {
    /// Which step of the flow, from 0 on.
    step: usize,
    /// The step's own id, if it has one.
    id: Option<String>,
    kind: &'static str,
    /// How it would go, where there is a choice: `answered`, `timeout`, `case 2`, `otherwise`.
    outcome: Option<String>,
    /// What it would say; of a step that waits for one, the answer.
    text: Option<String>,
    /// For how long it would wait.
    seconds: Option<u64>,
}

/// What a flow would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DryRun)]
pub struct DryRunView {
    /// done, waiting_for_answer, failed.
    status: RunStatus,
    /// The step it is at in the end, from 0 on; the number of steps: beyond the last one.
    step: usize,
    /// How long it waits there at most; null: without an end.
    seconds: Option<u64>,
    /// The steps it would take, in order.
    steps: Vec<TriedStepView>,
    /// What it would know in the end.
    #[schema(value_type = Object)]
    variables: Variables,
    /// Why it would fail; it names the step.
    error: Option<Failure>,
}

/// Tells what a flow would do with these answers: the steps it takes, the texts with their variables filled
/// in, where it waits. Nothing is written and nobody is called. For admins.
#[utoipa::path(post, path = "/api/v1/flows/dry-run", operation_id = "dry_run_flow", tag = "flows",
    request_body = DryRunBody,
    responses((status = 200, body = DryRunView), (status = 403, body = Problem),
        (status = 422, body = Problem, description = "The detail names the step at fault")))]
pub async fn dry_run(_: May<FlowsManage>, body: web::Json<DryRunBody>) -> Result<HttpResponse, Problem> {
    let DryRunBody { flow: TriedFlow { steps }, answers, variables } = body.into_inner();
    check(&answers, &variables)?;
    let steps = flow::parse(&steps)?;
    let run = flow::dry_run(&steps, variables, &answers);
    Ok(HttpResponse::Ok().json(DryRunView::of(&steps, run)))
}

fn check(answers: &[Option<String>], variables: &Variables) -> Result<(), Refusal> {
    let is_long = |answer: &Option<String>| answer.as_ref().is_some_and(|text| text.len() > LONGEST_ANSWER);
    if answers.len() > MOST_ANSWERS || answers.iter().any(is_long) {
        return Err(Refusal::invalid(
            "bad_answers",
            format!("A dry run takes at most {MOST_ANSWERS} answers of {LONGEST_ANSWER} bytes each."),
        ));
    }
    let size: usize = variables.iter().map(|(name, value)| name.len() + value.len()).sum();
    if variables.len() > MOST_VARIABLES || size > LONGEST_VARIABLES {
        return Err(Refusal::invalid(
            "bad_variables",
            format!("A run takes {MOST_VARIABLES} variables of {LONGEST_VARIABLES} bytes together at most."),
        ));
    }
    Ok(())
}

impl DryRunView {
    fn of(steps: &[Step], run: DryRun) -> Self {
        Self {
            status: run.status,
            step: run.step,
            seconds: run.seconds,
            steps: run.steps.into_iter().map(|tried| shown(steps, tried)).collect(),
            variables: run.variables,
            error: run.error.map(|(code, message)| Failure { code: code.to_owned(), message }),
        }
    }
}

fn shown(steps: &[Step], tried: Tried) -> TriedStepView {
    let step = steps.get(tried.step);
    TriedStepView {
        step: tried.step,
        id: step.and_then(|step| step.id.clone()),
        kind: step.map_or("end", |step| step.action.kind()),
        outcome: tried.outcome,
        text: tried.text,
        seconds: tried.seconds,
    }
}
