//! Programs outside that hear what happens here, for admins: who, and what became of each event.
//! Never a secret, but in the answer that makes it.

use crate::api::http::may::{HooksManage, May};
use crate::api::http::pagination::{self, Page, PageQuery};
use crate::api::http::problem::{Problem, private};
use crate::app::App;
use crate::auth::new_token;
use crate::domain::{
    ConversationId, HookDeliveryId, HookEvent, HookId, HookState, Refusal, Timestamp, WorkspaceId,
};
use crate::hooks::{CreateHook, DeleteHook, HookChange, Replay, UpdateHook};
use crate::store::delivery::hooks::{self, Hook, HookAttempt, HookDelivery};
use actix_web::{HttpResponse, web};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A hook, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hook)]
pub struct HookView {
    #[schema(value_type = i64)]
    id: HookId,
    name: String,
    url: String,
    /// `message_created`, `conversation_updated`, `delivery_failed`.
    events: Vec<HookEvent>,
    is_on: bool,
    #[schema(value_type = String)]
    created_at: Timestamp,
    #[schema(value_type = String)]
    updated_at: Timestamp,
}

impl From<Hook> for HookView {
    fn from(hook: Hook) -> Self {
        Self {
            events: hook.events(),
            id: hook.id,
            name: hook.name,
            url: hook.url,
            is_on: hook.is_on,
            created_at: hook.created_at,
            updated_at: hook.updated_at,
        }
    }
}

/// A new hook: the only time its secret is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedHook)]
pub struct ShownHook {
    /// The key of its signatures.
    secret: String,
    #[serde(flatten)]
    hook: HookView,
}

/// The hooks.
#[utoipa::path(get, path = "/api/v1/hooks", operation_id = "list_hooks", tag = "hooks",
    params(PageQuery),
    responses((status = 200, body = Page<HookView>), (status = 403, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    May(admin, _): May<HooksManage>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let after = query.after()?.unwrap_or(0);
    let workspace = admin.user.workspace_id;
    let rows = app
        .db
        .read(async move |conn| hooks::page(conn, workspace, after, pagination::one_more(limit)).await)
        .await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |hook| hook.id, HookView::from)))
}

/// Who is to hear what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = CreateHookBody,
    example = json!({"name": "Shop", "url": "https://shop.example/rapport", "events": ["message_created"]})
)]
pub struct HookBody {
    name: String,
    /// Https and public, unless `RAPPORT_HOOKS_ALLOW_PRIVATE` is set.
    url: String,
    events: Vec<HookEvent>,
}

/// Adds a hook; answers its secret, once.
#[utoipa::path(post, path = "/api/v1/hooks", operation_id = "create_hook", tag = "hooks",
    request_body = HookBody,
    responses((status = 201, body = ShownHook), (status = 403, body = Problem),
        (status = 422, body = Problem)))]
pub async fn create(
    app: web::Data<App>,
    May(admin, _): May<HooksManage>,
    body: web::Json<HookBody>,
) -> Result<HttpResponse, Problem> {
    let HookBody { name, url, events } = body.into_inner();
    let url = url.trim().to_owned();
    app.caller.check(&url)?;
    let secret = new_token();
    let by = (admin.user.workspace_id, admin.user.id);
    let new = CreateHook::new(by, (&name, url), &events, (&app.vault, secret.expose_secret()))?;
    let hook = app.ledger.give(new).await?;
    log::info!("user {} added hook {}", admin.user.id, hook.id);
    let shown = ShownHook { secret: secret.expose_secret().to_owned(), hook: hook.into() };
    let mut answer = HttpResponse::Created().json(shown);
    private(&mut answer);
    Ok(answer)
}

/// What may change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateHookBody, example = json!({"is_on": false}))]
pub struct HookChangeBody {
    name: Option<String>,
    url: Option<String>,
    events: Option<Vec<HookEvent>>,
    /// False: it hears nothing, and what it was owed fails.
    is_on: Option<bool>,
}

/// Changes a hook.
#[utoipa::path(patch, path = "/api/v1/hooks/{id}", operation_id = "update_hook", tag = "hooks",
    params(("id" = i64, Path)), request_body = HookChangeBody,
    responses((status = 200, body = HookView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub async fn update(
    app: web::Data<App>,
    May(admin, _): May<HooksManage>,
    id: web::Path<HookId>,
    body: web::Json<HookChangeBody>,
) -> Result<HttpResponse, Problem> {
    let HookChangeBody { name, url, events, is_on } = body.into_inner();
    let url = url.map(|url| url.trim().to_owned());
    url.as_deref().map_or(Ok(()), |url| app.caller.check(url))?;
    let change = HookChange { name, url, events, is_on };
    let update =
        UpdateHook { workspace_id: admin.user.workspace_id, by: admin.user.id, id: id.into_inner(), change };
    Ok(HttpResponse::Ok().json(HookView::from(app.ledger.give(update).await?)))
}

/// Takes a hook away, with its log.
#[utoipa::path(delete, path = "/api/v1/hooks/{id}", operation_id = "delete_hook", tag = "hooks",
    params(("id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn delete(
    app: web::Data<App>,
    May(admin, _): May<HooksManage>,
    id: web::Path<HookId>,
) -> Result<HttpResponse, Problem> {
    let (workspace_id, by, id) = (admin.user.workspace_id, admin.user.id, id.into_inner());
    app.ledger.give(DeleteHook { workspace_id, by, id }).await?;
    log::info!("user {by} deleted hook {id}");
    Ok(HttpResponse::NoContent().finish())
}

/// One event that a hook is or was owed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HookDelivery)]
pub struct HookDeliveryView {
    id: HookDeliveryId,
    hook_id: HookId,
    /// The event's own name: the same at each try, for each hook.
    event_id: String,
    event: HookEvent,
    state: HookState,
    conversation_id: ConversationId,
    /// What is handed over.
    #[schema(value_type = Object)]
    body: Value,
    attempts: Vec<HookAttemptView>,
    /// Null: it is not tried again by itself.
    next_attempt_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// One try to hand an event over.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HookAttempt)]
pub struct HookAttemptView {
    id: i64,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// What the address answered.
    status_code: Option<i64>,
    /// Why it counts as failed.
    error: Option<String>,
}

/// What a hook is and was owed, the newest first, each with its tries.
#[utoipa::path(get, path = "/api/v1/hooks/{id}/deliveries",
    operation_id = "list_hook_deliveries", tag = "hooks",
    params(("id" = i64, Path), PageQuery),
    responses((status = 200, body = Page<HookDeliveryView>), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn deliveries(
    app: web::Data<App>,
    May(admin, _): May<HooksManage>,
    id: web::Path<HookId>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let before = query.after::<i64>()?;
    let (workspace, id) = (admin.user.workspace_id, id.into_inner());
    require_hook(&app, workspace, id).await?;
    let (rows, attempts) = app
        .db
        .read(async move |conn| {
            let rows = hooks::deliveries(conn, id, before, pagination::one_more(limit)).await?;
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            Ok((rows, hooks::attempts(conn, &ids).await?))
        })
        .await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.id, |row| shown(&row, &attempts))))
}

/// Hands an event over again, under the same id.
#[utoipa::path(post, path = "/api/v1/hook-deliveries/{id}/replay",
    operation_id = "replay_hook_delivery", tag = "hooks",
    params(("id" = i64, Path)),
    responses((status = 202, body = HookDeliveryView), (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn replay(
    app: web::Data<App>,
    May(admin, _): May<HooksManage>,
    id: web::Path<HookDeliveryId>,
) -> Result<HttpResponse, Problem> {
    let (workspace_id, by, id) = (admin.user.workspace_id, admin.user.id, id.into_inner());
    let delivery = app.ledger.give(Replay { workspace_id, by, id }).await?;
    let attempts = app.db.read(async move |conn| hooks::attempts(conn, &[id]).await).await?;
    Ok(HttpResponse::Accepted().json(shown(&delivery, &attempts)))
}

async fn require_hook(app: &App, workspace: WorkspaceId, id: HookId) -> Result<(), Problem> {
    let hook = app.db.read(async move |conn| hooks::find(conn, workspace, id).await).await?;
    hook.map(drop).ok_or_else(|| Refusal::not_found("hook").into())
}

fn shown(row: &HookDelivery, attempts: &[HookAttempt]) -> HookDeliveryView {
    let of_row = attempts.iter().filter(|attempt| attempt.delivery_id == row.id);
    HookDeliveryView {
        id: row.id,
        hook_id: row.hook_id,
        event_id: row.event_id.clone(),
        event: row.event,
        state: row.state,
        conversation_id: row.conversation_id,
        body: serde_json::from_str(&row.body).unwrap_or_default(),
        attempts: of_row.map(HookAttemptView::from).collect(),
        next_attempt_at: Some(row.due_at).filter(|_| row.state == HookState::Waiting),
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

impl From<&HookAttempt> for HookAttemptView {
    fn from(attempt: &HookAttempt) -> Self {
        Self {
            id: attempt.id,
            started_at: attempt.started_at,
            finished_at: attempt.finished_at,
            status_code: attempt.status_code,
            error: attempt.error.clone(),
        }
    }
}
