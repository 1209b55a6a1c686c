//! `/api/v1/labels`: what conversations are sorted by. Everybody signed in may make and change
//! them. Never a conversation: see `conversations`.

use crate::api::http::pagination::{self, Page, Restorable};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::labels::{DeleteLabel, PutLabel};
use crate::desk::restore::{self, Restore};
use crate::domain::{Identity, Label, LabelId, Timestamp};
use crate::store::Conn;
use crate::store::conversations::labels;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

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

/// The labels, by name.
#[utoipa::path(get, path = "/api/v1/labels", operation_id = "list_labels", tag = "labels",
    params(ListQuery),
    responses((status = 200, body = Page<Restorable<Label>>)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = pagination::limit(query.limit)?;
    if query.deleted {
        return deleted(&app, &identity, limit, query.cursor.as_deref()).await;
    }
    let after = pagination::decode::<String>(query.cursor.as_deref())?.unwrap_or_default();
    let workspace = identity.user.workspace_id;
    let rows = app
        .db
        .read(async move |conn| labels::page(conn, workspace, &after, pagination::one_more(limit)).await)
        .await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |label| label.name.clone(), pagination::in_use)))
}

/// A label.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Refund", "color": "#c2410c"}))]
pub struct LabelBody {
    name: Option<String>,
    /// `#rrggbb`; absent: grey.
    color: Option<String>,
}

async fn put(app: &App, identity: Identity, id: Option<LabelId>, body: LabelBody) -> Result<Label, Problem> {
    let LabelBody { name, color } = body;
    Ok(app.ledger.give(PutLabel { user: identity.user, id, name, color }).await?)
}

/// Makes a label.
#[utoipa::path(post, path = "/api/v1/labels", operation_id = "create_label", tag = "labels",
    request_body = LabelBody,
    responses((status = 201, body = Label), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    app: web::Data<App>,
    identity: Identity,
    body: web::Json<LabelBody>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Created().json(put(&app, identity, None, body.into_inner()).await?))
}

/// Changes a label, wherever it is carried.
#[utoipa::path(patch, path = "/api/v1/labels/{id}", operation_id = "update_label", tag = "labels",
    params(("id" = i64, Path)), request_body = LabelBody,
    responses((status = 200, body = Label), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn update(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<LabelId>,
    body: web::Json<LabelBody>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(put(&app, identity, Some(id.into_inner()), body.into_inner()).await?))
}

/// Takes a label away, from every conversation too.
#[utoipa::path(delete, path = "/api/v1/labels/{id}", operation_id = "delete_label", tag = "labels",
    params(("id" = i64, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub async fn delete(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<LabelId>,
) -> Result<HttpResponse, Problem> {
    app.ledger.give(DeleteLabel { user: identity.user, id: id.into_inner() }).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn deleted(
    app: &App,
    identity: &Identity,
    limit: i64,
    cursor: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let after = pagination::decode(cursor)?.unwrap_or(0);
    let (workspace, since) = (identity.user.workspace_id, restore::since(Timestamp::now()));
    let read = async move |conn: &mut Conn| {
        labels::deleted(conn, workspace, since, after, pagination::one_more(limit)).await
    };
    let rows = app.db.read(read).await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.0.id.0, pagination::with_deletion)))
}

/// Brings a deleted label back, wherever it was carried, for 30 days after it was deleted.
#[utoipa::path(post, path = "/api/v1/labels/{id}/restore", operation_id = "restore_label", tag = "labels",
    params(("id" = i64, Path)),
    responses((status = 200, body = Label), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn bring_back(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<LabelId>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(app.ledger.give(Restore { user: identity.user, id: id.into_inner() }).await?))
}
