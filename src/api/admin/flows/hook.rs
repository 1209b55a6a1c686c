//! `POST /hooks/flows/{token}`: a program starts a flow for a customer. Its only proof is the address;
//! what it says again starts nothing. Never an answer before the run is on disk.

use crate::api::http::address::Origin;
use crate::api::http::problem::Problem;
use crate::api::inbox::recipient::{self, CustomerBody};
use crate::app::App;
use crate::auth::TokenHash;
use crate::domain::flow::Variables;
use crate::domain::{Cause, ChannelId, Refusal, RunStatus, text};
use crate::flows::{Begin, Start, Started};
use crate::store::automation::flows;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A trigger is small.
pub const BODY_LIMIT: usize = 256 * 1024;

/// For whom, and what the run then knows.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TriggerFlowBody, example = json!({
    "channel_id": 1,
    "customer": {"external_id": "+34600112233", "name": "Ana Lind"},
    "variables": {"order": "4711"},
    "key": "order-4711"
}))]
pub struct HookBody {
    channel_id: i64,
    customer: CustomerBody,
    /// Texts, numbers, true and false by name.
    #[serde(default)]
    #[schema(value_type = Object)]
    variables: Map<String, Value>,
    /// What the caller calls this trigger: told again under it, it starts nothing. The header
    /// `Idempotency-Key` says the same.
    key: Option<String>,
}

/// The run that a trigger started.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TriggeredRun)]
pub struct HookAnswer {
    run_id: i64,
    conversation_id: i64,
    /// Where the run stands.
    status: RunStatus,
}

impl HookAnswer {
    /// What is told of a run.
    pub fn of(started: &Started) -> Self {
        Self {
            run_id: started.run.id.0,
            conversation_id: started.run.conversation_id.0,
            status: started.run.status,
        }
    }
}

/// Starts the flow of this address for a customer.
#[utoipa::path(post, path = "/hooks/flows/{token}", operation_id = "trigger_flow", tag = "flows",
    params(("token" = String, Path)), security(()),
    request_body = HookBody,
    responses((status = 201, body = HookAnswer),
        (status = 200, body = HookAnswer, description = "This trigger was told before"),
        (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn start(
    app: web::Data<App>,
    request: HttpRequest,
    token: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let hash = TokenHash::of(&token).0.to_vec();
    let flow = app.db.read(async move |conn| flows::by_hook(conn, &hash).await).await?;
    let Some(flow) = flow else {
        app.strangers.tries(&Origin::of(&app, &request).place())?;
        return Err(Refusal::not_found("flow").into());
    };
    app.flow_budget.take(flow.id)?;
    let body: HookBody = serde_json::from_slice(&body).map_err(|error| of_json(&error))?;
    let key = match request.headers().get("idempotency-key").map(|key| key.to_str()) {
        None => body.key,
        Some(Ok(key)) => Some(key.to_owned()),
        Some(Err(_)) => {
            return Err(Refusal::invalid("bad_key", "Idempotency-Key must be plain ASCII.").into());
        }
    };
    let variables = variables(body.variables)?;
    let workspace_id = flow.workspace_id;
    let (channel, cause) = (ChannelId(body.channel_id), Cause::flow(flow.id, Some(flow.name.clone())));
    let (state, _) = recipient::conversation(&app, workspace_id, channel, body.customer, cause).await?;
    let by = Begin::Webhook { key };
    let start = Start { workspace_id, flow_id: flow.id, conversation_id: state.id, by, variables };
    let started = app.ledger.give(start).await?;
    let status = if started.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(HookAnswer::of(&started)))
}

fn of_json(error: &serde_json::Error) -> Problem {
    let detail: String = error.to_string().chars().take(300).collect();
    Problem::bad_request("bad_json", detail)
}

/// Variables as texts; lists and objects say nothing.
pub(super) fn variables(given: Map<String, Value>) -> Result<Variables, Refusal> {
    let written = |(name, value): (String, Value)| match value {
        Value::String(value) => Ok((text::clean(&name), text::clean(&value))),
        Value::Number(number) => Ok((text::clean(&name), number.to_string())),
        Value::Bool(value) => Ok((text::clean(&name), value.to_string())),
        Value::Null => Ok((text::clean(&name), String::new())),
        Value::Array(_) | Value::Object(_) => {
            Err(Refusal::invalid("bad_variables", "A variable must be text, a number, true or false."))
        }
    };
    given.into_iter().map(written).collect()
}
