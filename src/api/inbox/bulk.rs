//! Several conversations changed at once: those that are named, or all that match a filter, as a job that
//! goes on by itself. Never how one is changed: that is `desk::update_conversation`.

use super::conversations::{CareBody, in_the_eyes_of, shown};
use crate::api::http::may::{ConversationsBulk, May};
use crate::api::http::optional::given;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::bulk::{self, Change, StartBulk, StopBulk, UndoBulk};
use crate::desk::lists::ListFilter;
use crate::desk::update_conversation::UpdateConversation;
use crate::domain::message::Failure;
use crate::domain::{
    BulkJobId, BulkOutcome, BulkState, ConversationFor, ConversationId, ConversationStatus, Identity,
    LabelId, Priority, Refusal, TeamId, Timestamp, UserId,
};
use crate::store::conversations::bulk as rows;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use utoipa::ToSchema;

/// Conversations that are named at once, at most.
const MOST: usize = 100;

/// Several conversations, and what to change of each.
// Not flattened: as a schema, both parts would forbid each other's fields.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateConversationsBody, example = json!({"ids": [1, 2], "status": "closed"}))]
pub struct BulkBody {
    /// 100 at most.
    #[serde(default, alias = "conversation_ids")]
    ids: Vec<ConversationId>,
    /// In place of `ids`: the fields of the list's query, and everything that matches is changed.
    #[schema(value_type = Option<Object>)]
    filter: Option<Map<String, Value>>,
    /// How many matched when a person decided it; noted beside how many it became.
    expected: Option<i64>,
    /// open, pending, snoozed, closed; spam, with all conversations of its sender, until one of them gets
    /// another status.
    status: Option<ConversationStatus>,
    /// Until when they sleep, if they are snoozed.
    snoozed_until: Option<Timestamp>,
    /// A user's id; null: nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    assignee_id: Option<Option<UserId>>,
    /// A team's id; null: no team's.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    team_id: Option<Option<TeamId>>,
    /// low, medium, high, urgent; null: none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Priority>)]
    priority: Option<Option<Priority>>,
    /// The labels they carry from now on, and no others.
    label_ids: Option<Vec<LabelId>>,
    /// Labels they carry from now on, too.
    #[serde(default)]
    add_label_ids: Vec<LabelId>,
    /// Labels they carry no more.
    #[serde(default)]
    remove_label_ids: Vec<LabelId>,
}

impl BulkBody {
    /// What is to change of each.
    fn change(&self) -> CareBody {
        CareBody {
            status: self.status,
            snoozed_until: self.snoozed_until,
            assignee_id: self.assignee_id,
            team_id: self.team_id,
            priority: self.priority,
            label_ids: self.label_ids.clone(),
            add_label_ids: self.add_label_ids.clone(),
            remove_label_ids: self.remove_label_ids.clone(),
        }
    }
}

/// A job that was begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StartedBulkJob)]
pub struct BulkStarted {
    /// What to ask about.
    job_id: BulkJobId,
    /// Conversations that matched.
    total: i64,
}

/// What became of several conversations.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UpdatedConversations)]
pub struct BulkAnswer {
    /// One for each id, in their order.
    items: Vec<BulkItem>,
}

/// What became of one of several conversations.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UpdatedConversation)]
pub struct BulkItem {
    id: ConversationId,
    /// After the change; null: it was refused.
    conversation: Option<ConversationFor<'static>>,
    /// Why it was refused.
    error: Option<Failure>,
}

/// Changes several conversations at once; each is changed or refused by itself.
#[utoipa::path(post, path = "/api/v1/conversations/bulk",
    operation_id = "update_conversations", tag = "conversations",
    request_body = BulkBody,
    responses((status = 200, body = BulkAnswer, description = "With `ids`: what became of each"),
        (status = 202, body = BulkStarted, description = "With `filter`: a job was begun"),
        (status = 422, body = Problem)))]
pub async fn change(
    app: web::Data<App>,
    May(identity, _): May<ConversationsBulk>,
    body: web::Json<BulkBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let change = body.change();
    let BulkBody { ids, filter, expected, .. } = body;
    match filter {
        Some(filter) if ids.is_empty() => start(&app, identity, &filter, expected, change).await,
        Some(_) => Err(Refusal::invalid("bad_ids", "Give either ids or a filter, not both.").into()),
        None => change_each(&app, &identity, &ids, &change).await,
    }
}

async fn start(
    app: &App,
    identity: Identity,
    filter: &Map<String, Value>,
    expected: Option<i64>,
    change: CareBody,
) -> Result<HttpResponse, Problem> {
    let filter = ListFilter::of_json(filter).and_then(|filter| filter.read(identity.user.id));
    let filter = filter.map_err(|why| Refusal::invalid("bad_filter", why))?;
    // What a change of one means, without the one.
    let care = change.care(identity.user, ConversationId(0));
    let UpdateConversation { user, status, assignee, team, priority, labels, more_labels, .. } = care;
    let change = Change { status, assignee, team, priority, labels, more_labels };
    let (job_id, total) = app.ledger.give(StartBulk { user, filter, expected, change }).await?;
    Ok(HttpResponse::Accepted().json(BulkStarted { job_id, total }))
}

async fn change_each(
    app: &App,
    identity: &Identity,
    ids: &[ConversationId],
    change: &CareBody,
) -> Result<HttpResponse, Problem> {
    if ids.is_empty() || ids.len() > MOST {
        return Err(Refusal::invalid("bad_ids", "ids must list 1 to 100 conversations.").into());
    }
    let cares = ids.iter().map(|id| change.clone().care(identity.user.clone(), *id)).collect();
    let given = app.ledger.give_all::<UpdateConversation>(cares).await;
    let (user, states) = (identity.user.id, given.iter().flatten().cloned().collect::<Vec<_>>());
    let views = app.db.read(async move |conn| in_the_eyes_of(conn, user, &states).await).await?;
    let views: HashMap<_, _> = views.iter().map(|seen| (seen.0.id, shown(seen))).collect();
    let items = ids.iter().zip(given).map(|(id, outcome)| match outcome {
        Ok(_) => BulkItem { id: *id, conversation: views.get(id).cloned(), error: None },
        Err(error) => {
            let Problem { code, detail, .. } = error.into();
            let error = Failure { code: code.to_owned(), message: detail };
            BulkItem { id: *id, conversation: None, error: Some(error) }
        }
    });
    Ok(HttpResponse::Ok().json(BulkAnswer { items: items.collect() }))
}

/// How far a job came.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkJob)]
pub struct BulkProgress {
    /// Unique in the server.
    id: BulkJobId,
    /// Conversations that matched when it began.
    total: i64,
    /// Those that were changed.
    done: i64,
    /// Those whose change was refused.
    failed: i64,
    /// In a job that undoes another one: those that somebody changed since; they stay as they are.
    kept: i64,
    /// Whether it goes on.
    state: BulkState,
}

/// How far a change of everything that matched came; for who began it, and who may see colleagues'.
#[utoipa::path(get, path = "/api/v1/bulk-jobs/{id}", operation_id = "get_bulk_job", tag = "conversations",
    params(("id" = i64, Path)),
    responses((status = 200, body = BulkProgress), (status = 404, body = Problem)))]
pub async fn show(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<BulkJobId>,
) -> Result<HttpResponse, Problem> {
    let (user, id) = (identity.user, id.into_inner());
    let progress = app.db.read(async move |conn| {
        let job = match bulk::visible(conn, &user, id).await {
            Ok(job) => job,
            Err(error) => return Ok(Err(error)),
        };
        let done = rows::count(conn, id, BulkOutcome::Done).await?;
        let failed = rows::count(conn, id, BulkOutcome::Failed).await?;
        let kept = rows::count(conn, id, BulkOutcome::Kept).await?;
        Ok(Ok(BulkProgress { id, total: job.total, done, failed, kept, state: job.state }))
    });
    Ok(HttpResponse::Ok().json(progress.await??))
}

/// Stops a job; what it changed stays so.
#[utoipa::path(delete, path = "/api/v1/bulk-jobs/{id}", operation_id = "stop_bulk_job", tag = "conversations",
    params(("id" = i64, Path)),
    responses((status = 204, description = "It goes no further"), (status = 404, body = Problem)))]
pub async fn stop(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<BulkJobId>,
) -> Result<HttpResponse, Problem> {
    app.ledger.give(StopBulk { user: identity.user, id: id.into_inner() }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Undoes a job that has ended, by a job of its own: each conversation gets what it had before, but for those
/// that somebody changed since.
#[utoipa::path(post, path = "/api/v1/bulk-jobs/{id}/undo",
    operation_id = "undo_bulk_job", tag = "conversations",
    params(("id" = i64, Path)),
    responses((status = 202, body = BulkStarted, description = "It was begun; asked twice, it is the same"),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn undo(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<BulkJobId>,
) -> Result<HttpResponse, Problem> {
    let undo = UndoBulk { user: identity.user, id: id.into_inner() };
    let (job_id, total) = app.ledger.give(undo).await?;
    Ok(HttpResponse::Accepted().json(BulkStarted { job_id, total }))
}
