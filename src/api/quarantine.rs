//! `GET /api/v1/quarantine`: events that nobody could read, for admins. The raw body stays where it
//! is: it may hold a customer's words.

use super::identity::Admin;
use super::page::{self, Page};
use super::problem::Problem;
use crate::app::App;
use crate::store::waiting;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Events that could not be read, the newest first.
#[utoipa::path(get, path = "/api/v1/quarantine", tag = "overview", params(ListQuery),
    responses((status = 200, description = "`{items: [{id, channel_id, channel_kind, reason, size, received_at}], next_cursor}`"),
        (status = 403, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    Admin(admin): Admin,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = page::limit(query.limit)?;
    let below = page::decode::<i64>(query.cursor.as_deref())?;
    let workspace = admin.user.workspace_id;
    let rows = app
        .db
        .read(async move |conn| waiting::quarantined(conn, workspace, below, page::one_more(limit)).await)
        .await?;
    let shown = |row: waiting::Quarantined| {
        json!({
            "id": row.id,
            "channel_id": row.channel_id,
            "channel_kind": row.channel_kind,
            "reason": row.error,
            "size": row.body.len(),
            "received_at": row.received_at,
        })
    };
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.id, shown)))
}
