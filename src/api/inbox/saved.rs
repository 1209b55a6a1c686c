//! Ready-made answers of the team (`/api/v1/canned-replies`) and one's own views of the list
//! (`/api/v1/views`). Never a message: a canned reply is only text until somebody sends it.

use crate::api::http::pagination::{self, Page, Restorable};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::labels::{DeleteCannedReply, DeleteView, PutCannedReply, SaveView};
use crate::desk::restore::{self, Restore};
use crate::domain::{CannedReplyId, Identity, Timestamp, ViewId};
use crate::store::Conn;
use crate::store::conversations::saved::{self, CannedReply, ViewRow};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

/// What the list can be asked for, and so what a view may hold.
const FIELDS: [&str; 8] =
    ["status", "assignee", "channel_id", "kind", "label_id", "priority", "mentioned", "q"];

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    limit: Option<i64>,
    cursor: Option<String>,
    /// Only those deleted in the last 30 days, each with `deleted_at`.
    #[serde(default)]
    deleted: bool,
}

/// The canned replies, by shortcut.
#[utoipa::path(get, path = "/api/v1/canned-replies",
    operation_id = "list_canned_replies", tag = "canned replies",
    params(ListQuery),
    responses((status = 200, body = Page<Restorable<CannedReply>>)))]
pub async fn canned(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = pagination::limit(query.limit)?;
    if query.deleted {
        return deleted_canned(&app, &identity, limit, query.cursor.as_deref()).await;
    }
    let after = pagination::decode::<String>(query.cursor.as_deref())?.unwrap_or_default();
    let workspace = identity.user.workspace_id;
    let rows = app
        .db
        .read(async move |conn| saved::canned(conn, workspace, &after, pagination::one_more(limit)).await)
        .await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |reply| reply.shortcut.clone(), pagination::in_use)))
}

/// A canned reply.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CannedReplyBody,
    example = json!({"shortcut": "hours", "content": "We are here from 9 to 17."}))]
pub struct CannedBody {
    /// What one types after `/` to get it.
    shortcut: Option<String>,
    content: Option<String>,
}

async fn put(
    app: &App,
    identity: Identity,
    id: Option<CannedReplyId>,
    body: CannedBody,
) -> Result<CannedReply, Problem> {
    let CannedBody { shortcut, content } = body;
    Ok(app.ledger.give(PutCannedReply { user: identity.user, id, shortcut, content }).await?)
}

/// Creates a canned reply.
#[utoipa::path(post, path = "/api/v1/canned-replies",
    operation_id = "create_canned_reply", tag = "canned replies",
    request_body = CannedBody,
    responses((status = 201, body = CannedReply), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn create_canned(
    app: web::Data<App>,
    identity: Identity,
    body: web::Json<CannedBody>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Created().json(put(&app, identity, None, body.into_inner()).await?))
}

/// Changes a canned reply.
#[utoipa::path(patch, path = "/api/v1/canned-replies/{id}",
    operation_id = "update_canned_reply", tag = "canned replies",
    params(("id" = i64, Path)), request_body = CannedBody,
    responses((status = 200, body = CannedReply), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update_canned(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<CannedReplyId>,
    body: web::Json<CannedBody>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(put(&app, identity, Some(id.into_inner()), body.into_inner()).await?))
}

/// Deletes a canned reply.
#[utoipa::path(delete, path = "/api/v1/canned-replies/{id}",
    operation_id = "delete_canned_reply", tag = "canned replies",
    params(("id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub async fn delete_canned(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<CannedReplyId>,
) -> Result<HttpResponse, Problem> {
    app.ledger.give(DeleteCannedReply { user: identity.user, id: id.into_inner() }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A saved filter of the list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SavedView {
    id: ViewId,
    name: String,
    /// Fields of the list's query.
    #[schema(value_type = Object)]
    filter: Map<String, Value>,
    created_at: Timestamp,
}

fn shown((id, name, filter, created_at): ViewRow) -> SavedView {
    let filter = serde_json::from_str(&filter).unwrap_or_default();
    SavedView { id, name, filter, created_at }
}

/// One's own views, in the order they were made.
#[utoipa::path(get, path = "/api/v1/views", operation_id = "list_views", tag = "views",
    params(ListQuery),
    responses((status = 200, body = Page<Restorable<SavedView>>)))]
pub async fn views(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = pagination::limit(query.limit)?;
    if query.deleted {
        return deleted_views(&app, &identity, limit, query.cursor.as_deref()).await;
    }
    let after = pagination::decode(query.cursor.as_deref())?.unwrap_or(0);
    let user = identity.user.id;
    let rows = app
        .db
        .read(async move |conn| saved::views(conn, user, after, pagination::one_more(limit)).await)
        .await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.0, |row| pagination::in_use(shown(row)))))
}

/// A view to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Urgent and mine", "filter": {"assignee": "me", "priority": "urgent"}}))]
pub struct ViewBody {
    name: String,
    /// The fields of the list's query: status, assignee, channel_id, kind, label_id, priority, mentioned, q.
    #[schema(value_type = Object)]
    filter: Map<String, Value>,
}

/// Saves a view of the list for oneself.
#[utoipa::path(post, path = "/api/v1/views", operation_id = "create_view", tag = "views",
    request_body = ViewBody,
    responses((status = 201, body = SavedView), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn create_view(
    app: web::Data<App>,
    identity: Identity,
    body: web::Json<ViewBody>,
) -> Result<HttpResponse, Problem> {
    let ViewBody { name, filter } = body.into_inner();
    let is_field = |(field, value): (&String, &Value)| {
        FIELDS.contains(&field.as_str()) && (value.is_string() || value.is_i64() || value.is_boolean())
    };
    if !filter.iter().all(is_field) {
        return Err(crate::domain::Refusal::invalid(
            "bad_filter",
            "A filter holds the fields of the list's query, each a text, a number, true or false.",
        )
        .into());
    }
    let filter = Value::Object(filter).to_string();
    let row = app.ledger.give(SaveView { user: identity.user, name, filter }).await?;
    Ok(HttpResponse::Created().json(shown(row)))
}

/// Takes one of one's own views away.
#[utoipa::path(delete, path = "/api/v1/views/{id}", operation_id = "delete_view", tag = "views",
    params(("id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub async fn delete_view(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ViewId>,
) -> Result<HttpResponse, Problem> {
    app.ledger.give(DeleteView { user: identity.user, id: id.into_inner() }).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn deleted_canned(
    app: &App,
    identity: &Identity,
    limit: i64,
    cursor: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let after = pagination::decode(cursor)?.unwrap_or(0);
    let (workspace, since) = (identity.user.workspace_id, restore::since(Timestamp::now()));
    let read = async move |conn: &mut Conn| {
        saved::deleted_canned(conn, workspace, since, after, pagination::one_more(limit)).await
    };
    let rows = app.db.read(read).await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.0.id.0, pagination::with_deletion)))
}

async fn deleted_views(
    app: &App,
    identity: &Identity,
    limit: i64,
    cursor: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let after = pagination::decode(cursor)?.unwrap_or(0);
    let (user, since) = (identity.user.id, restore::since(Timestamp::now()));
    let read = async move |conn: &mut Conn| {
        saved::deleted_views(conn, user, since, after, pagination::one_more(limit)).await
    };
    let rows = app.db.read(read).await?;
    let show = |(row, at)| pagination::with_deletion((shown(row), at));
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.0.0, show)))
}

/// Brings a deleted answer back, for 30 days after it was deleted.
#[utoipa::path(post, path = "/api/v1/canned-replies/{id}/restore",
    operation_id = "restore_canned_reply", tag = "canned replies",
    params(("id" = i64, Path)),
    responses((status = 200, body = CannedReply), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn restore_canned(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<CannedReplyId>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(app.ledger.give(Restore { user: identity.user, id: id.into_inner() }).await?))
}

/// Brings one of one's own deleted views back, for 30 days after it was deleted.
#[utoipa::path(post, path = "/api/v1/views/{id}/restore", operation_id = "restore_view", tag = "views",
    params(("id" = i64, Path)),
    responses((status = 200, body = SavedView), (status = 404, body = Problem)))]
pub async fn restore_view(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<ViewId>,
) -> Result<HttpResponse, Problem> {
    let row = app.ledger.give(Restore { user: identity.user, id: id.into_inner() }).await?;
    Ok(HttpResponse::Ok().json(shown(row)))
}
