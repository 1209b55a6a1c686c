//! `/api/v1/labels`: what conversations are sorted by. Everybody signed in may make and change
//! them. Never a conversation: see `conversations`.

use crate::api::http::deleted::{self, Deleted, Restorable, RestorableQuery};
use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::labels::{DeleteLabel, PutLabel};
use crate::desk::restore::Restore;
use crate::domain::{Identity, Label, LabelId};
use crate::store::Conn;
use crate::store::conversations::labels;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// The labels, by name.
#[utoipa::path(get, path = "/api/v1/labels", operation_id = "list_labels", tag = "labels",
    params(RestorableQuery),
    responses((status = 200, body = Page<Restorable<Label>>)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<RestorableQuery>,
) -> Result<HttpResponse, Problem> {
    let workspace = identity.user.workspace_id;
    if query.deleted {
        let read = async move |conn: &mut Conn, of: Deleted| {
            labels::deleted(conn, workspace, of.since, of.after, of.limit).await
        };
        let page = deleted::page(&app, &query, read, |label: &Label| label.id.0, |label| label).await?;
        return Ok(HttpResponse::Ok().json(page));
    }
    let limit = pagination::limit(query.limit)?;
    let after = pagination::decode::<String>(query.cursor.as_deref())?.unwrap_or_default();
    let rows = app
        .db
        .read(async move |conn| labels::page(conn, workspace, &after, pagination::one_more(limit)).await)
        .await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |label| label.name.clone(), deleted::in_use)))
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
