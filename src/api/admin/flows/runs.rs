//! Runs: watched by everybody, started and stopped by hand, started for many by admins. Never a step.

use super::hook::variables;
use super::view::RunView;
use crate::api::http::may::{BroadcastsSend, FlowsRun, May};
use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::Problem;
use crate::api::inbox::conversations::visible;
use crate::api::inbox::recipient::{self, CustomerBody};
use crate::app::App;
use crate::desk::note_deed::NoteDeed;
use crate::domain::flow::Variables;
use crate::domain::{
    Cause, ChannelId, ConversationId, FlowId, Identity, Refusal, RunId, RunStatus, SendReason, Sight,
};
use crate::flows::{Begin, Start, Started, Stop};
use crate::ledger::LedgerError;
use crate::store::automation::flow_runs::{self, Filter, RunRow};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

/// Recipients of one call at most.
const MOST: usize = 10_000;
/// Runs begun at once: a broadcast leaves room for others.
const BATCH: usize = 200;

/// Which runs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RunsQuery {
    flow_id: Option<i64>,
    conversation_id: Option<i64>,
    /// running, waiting, waiting_for_answer, done, failed, stopped, taken_over.
    status: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Runs, the newest first.
#[utoipa::path(get, path = "/api/v1/flow-runs", operation_id = "list_flow_runs", tag = "flows",
    params(RunsQuery),
    responses((status = 200, body = Page<RunView>)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<RunsQuery>,
) -> Result<HttpResponse, Problem> {
    let flow = query.flow_id.map(FlowId);
    page_of(&app, &identity, &query, flow).await
}

/// The runs of a flow, the newest first.
#[utoipa::path(get, path = "/api/v1/flows/{id}/runs", operation_id = "list_runs_of_flow", tag = "flows",
    params(("id" = i64, Path), RunsQuery),
    responses((status = 200, body = Page<RunView>), (status = 404, body = Problem)))]
pub async fn of_flow(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<FlowId>,
    query: web::Query<RunsQuery>,
) -> Result<HttpResponse, Problem> {
    let flow = super::existing(&app, &identity, id.into_inner()).await?;
    page_of(&app, &identity, &query, Some(flow.id)).await
}

async fn page_of(
    app: &App,
    identity: &Identity,
    query: &RunsQuery,
    flow: Option<FlowId>,
) -> Result<HttpResponse, Problem> {
    let limit = pagination::limit(query.limit)?;
    let below = pagination::decode(query.cursor.as_deref())?.map(RunId);
    let status = query.status.as_deref().map(str::trim).filter(|word| !word.is_empty());
    let status = status.map(str::parse::<RunStatus>).transpose().map_err(|_| {
        let words: Vec<_> = RunStatus::ALL.iter().map(|word| word.as_str()).collect();
        Problem::bad_request("bad_filter", format!("status must be one of {}.", words.join(", ")))
    })?;
    let conversation = query.conversation_id.map(ConversationId);
    if !sees_runs_of(app, identity, conversation).await? {
        return Ok(HttpResponse::Ok().json(Page::<RunView> { items: Vec::new(), next_cursor: None }));
    }
    let filter = Filter { flow, conversation, status };
    let workspace = identity.user.workspace_id;
    let (rows, done) = app
        .db
        .read(async move |conn| {
            let rows = flow_runs::page(conn, workspace, filter, below, pagination::one_more(limit)).await?;
            let ids: Vec<_> = rows.iter().map(|run| run.id).collect();
            let done = flow_runs::done_of(conn, &ids).await?;
            Ok((rows, done))
        })
        .await?;
    let page = Page::of(rows, limit, |run| run.id.0, |run| RunView::of(run, &done));
    Ok(HttpResponse::Ok().json(page))
}

/// Whoever sees less than everything sees the runs of a conversation they name, if it is theirs to see.
async fn sees_runs_of(
    app: &App,
    identity: &Identity,
    conversation: Option<ConversationId>,
) -> Result<bool, Problem> {
    if identity.user.sight == Sight::Everything {
        return Ok(true);
    }
    let Some(id) = conversation else { return Ok(false) };
    match visible(app, identity, id).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.status.is_client_error() => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// One run.
#[utoipa::path(get, path = "/api/v1/flow-runs/{id}", operation_id = "get_flow_run", tag = "flows",
    params(("id" = i64, Path)),
    responses((status = 200, body = RunView), (status = 404, body = Problem)))]
pub async fn show(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<RunId>,
) -> Result<HttpResponse, Problem> {
    let run = existing(&app, &identity, id.into_inner()).await?;
    Ok(HttpResponse::Ok().json(shown(&app, run).await?))
}

/// For which conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StartFlowBody, example = json!({"conversation_id": 1, "variables": {"order": "4711"}}))]
pub struct StartRunBody {
    conversation_id: i64,
    #[serde(default)]
    #[schema(value_type = Object)]
    variables: Map<String, Value>,
    /// Said again under the same key, it starts nothing. Without one: one run of the flow at a time.
    key: Option<String>,
}

/// Starts a flow by hand.
#[utoipa::path(post, path = "/api/v1/flows/{id}/runs", operation_id = "start_flow", tag = "flows",
    params(("id" = i64, Path)),
    request_body = StartRunBody,
    responses((status = 201, body = RunView),
        (status = 200, body = RunView, description = "It is running there already"),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn start(
    app: web::Data<App>,
    May(identity, _): May<FlowsRun>,
    id: web::Path<FlowId>,
    body: web::Json<StartRunBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let state = visible(&app, &identity, ConversationId(body.conversation_id)).await?;
    let start = Start {
        workspace_id: identity.user.workspace_id,
        flow_id: id.into_inner(),
        conversation_id: state.id,
        by: Begin::Manual { user: identity.user.id, key: body.key },
        variables: variables(body.variables)?,
    };
    let Started { run, is_new } = app.ledger.give(start).await?;
    let run = shown(&app, run).await?;
    Ok(if is_new { HttpResponse::Created().json(run) } else { HttpResponse::Ok().json(run) })
}

/// Stops a run; one that has ended stays as it ended.
#[utoipa::path(post, path = "/api/v1/flow-runs/{id}/stop", operation_id = "stop_flow_run", tag = "flows",
    params(("id" = i64, Path)),
    responses((status = 200, body = RunView), (status = 404, body = Problem)))]
pub async fn stop(
    app: web::Data<App>,
    May(identity, _): May<FlowsRun>,
    id: web::Path<RunId>,
) -> Result<HttpResponse, Problem> {
    let run = existing(&app, &identity, id.into_inner()).await?;
    let stop = Stop {
        workspace_id: run.workspace_id,
        run_id: run.id,
        conversation_id: run.conversation_id,
        by: identity.user.id,
    };
    let run = app.ledger.give(stop).await?;
    Ok(HttpResponse::Ok().json(shown(&app, run).await?))
}

/// For whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BroadcastFlowBody, example = json!({"key": "spring-sale", "conversation_ids": [1, 2]}))]
pub struct BroadcastBody {
    /// What the client calls this broadcast: each recipient gets one run under it, however often and
    /// by how many it is told.
    key: String,
    /// Whether it is an offer: then nobody hears it who wants none.
    #[serde(default)]
    is_marketing: bool,
    /// Conversations there are.
    #[serde(default)]
    conversation_ids: Vec<i64>,
    /// The channel of `customers`.
    channel_id: Option<i64>,
    /// Customers, known or not.
    #[serde(default)]
    customers: Vec<RecipientBody>,
    /// What every run knows.
    #[serde(default)]
    #[schema(value_type = Object)]
    variables: Map<String, Value>,
}

/// A customer of a broadcast.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = BroadcastRecipient)]
pub struct RecipientBody {
    #[serde(flatten)]
    customer: CustomerBody,
    /// What this one's run knows besides.
    #[serde(default)]
    #[schema(value_type = Object)]
    variables: Map<String, Value>,
}

/// What became of a broadcast.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct BroadcastAnswer {
    key: String,
    /// Runs that this call began.
    started: usize,
    /// Runs that the same broadcast had begun before.
    already_started: usize,
    /// Recipients without a run, and why.
    failed: Vec<BroadcastFailure>,
}

/// A recipient without a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct BroadcastFailure {
    /// Counts `conversation_ids` first, then `customers`, from 0 on.
    index: usize,
    code: &'static str,
    /// Why nothing may be sent to this one, if that is it.
    reason: Option<SendReason>,
    message: String,
}

/// Starts a flow for many. Answered when every run is on disk; without an answer, say it again.
#[utoipa::path(post, path = "/api/v1/flows/{id}/broadcasts", operation_id = "broadcast_flow", tag = "flows",
    params(("id" = i64, Path)),
    request_body = BroadcastBody,
    responses((status = 200, body = BroadcastAnswer), (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn broadcast(
    app: web::Data<App>,
    May(admin, _): May<BroadcastsSend>,
    id: web::Path<FlowId>,
    body: web::Json<BroadcastBody>,
) -> Result<HttpResponse, Problem> {
    let flow = super::existing(&app, &admin, id.into_inner()).await?;
    if !flow.is_on {
        return Err(Refusal::conflict("flow_off", "This flow is turned off.").into());
    }
    let body = body.into_inner();
    let by = Begin::Broadcast { user: admin.user.id, key: body.key.clone(), is_marketing: body.is_marketing };
    let common = variables(body.variables.clone())?;
    let recipients = recipients(&app, &admin, &body, &common).await?;
    let mut answer = BroadcastAnswer { key: body.key, ..BroadcastAnswer::default() };
    let mut index = 0;
    for some in recipients.chunks(BATCH) {
        let start = |(conversation_id, variables): &(ConversationId, Variables)| Start {
            workspace_id: flow.workspace_id,
            flow_id: flow.id,
            conversation_id: *conversation_id,
            by: by.clone(),
            variables: variables.clone(),
        };
        for started in app.ledger.give_all(some.iter().map(start).collect()).await {
            answer.count(index, started)?;
            index += 1;
        }
    }
    let (by, subject) = ((flow.workspace_id, admin.user.id), format!("flow:{}", flow.id));
    let details = serde_json::json!({"key": answer.key, "started": answer.started});
    app.ledger.give(NoteDeed { by, action: "flow_broadcast", subject, details }).await?;
    log::info!("user {} started flow {} for {} conversations", admin.user.id, flow.id, answer.started);
    Ok(HttpResponse::Ok().json(answer))
}

impl BroadcastAnswer {
    /// A recipient's own fault is told; a fault of ours ends the call, which can be made again.
    fn count(&mut self, index: usize, started: Result<Started, LedgerError>) -> Result<(), Problem> {
        match started {
            Ok(Started { is_new: true, .. }) => self.started += 1,
            Ok(_) => self.already_started += 1,
            Err(LedgerError::Refused(no)) => {
                let reason = no.verdict.and_then(|verdict| verdict.reason);
                self.failed.push(BroadcastFailure { index, code: no.code, reason, message: no.message });
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// Everybody's conversation and variables; who is new gets a conversation.
async fn recipients(
    app: &App,
    admin: &Identity,
    body: &BroadcastBody,
    common: &Variables,
) -> Result<Vec<(ConversationId, Variables)>, Problem> {
    let count = body.conversation_ids.len() + body.customers.len();
    if count == 0 || count > MOST {
        let message = format!("A broadcast takes 1 to {MOST} recipients; send the rest with the same key.");
        return Err(Refusal::invalid("bad_recipients", message).into());
    }
    let mut all: Vec<_> =
        body.conversation_ids.iter().map(|id| (ConversationId(*id), common.clone())).collect();
    if body.customers.is_empty() {
        return Ok(all);
    }
    let channel_id = body
        .channel_id
        .map(ChannelId)
        .ok_or_else(|| Refusal::invalid("bad_channel", "customers needs a channel_id to reach them on."))?;
    let customers = body.customers.iter().map(|one| one.customer.clone()).collect();
    let (workspace, cause) = (admin.user.workspace_id, Cause::user(&admin.user));
    let states = recipient::conversations(app, workspace, channel_id, customers, &cause).await?;
    for (one, state) in body.customers.iter().zip(states) {
        let mut known = common.clone();
        known.extend(variables(one.variables.clone())?);
        all.push((state.id, known));
    }
    Ok(all)
}

async fn existing(app: &App, identity: &Identity, id: RunId) -> Result<RunRow, Problem> {
    let run = app.db.read(async move |conn| flow_runs::find(conn, id).await).await?;
    let run = run.filter(|run| run.workspace_id == identity.user.workspace_id);
    let run = run.ok_or_else(|| Refusal::not_found("run"))?;
    if sees_runs_of(app, identity, Some(run.conversation_id)).await? {
        Ok(run)
    } else {
        Err(Refusal::not_found("run").into())
    }
}

async fn shown(app: &App, run: RunRow) -> Result<RunView, Problem> {
    let id = run.id;
    let done = app.db.read(async move |conn| flow_runs::done_of(conn, &[id]).await).await?;
    Ok(RunView::of(run, &done))
}
