//! `GET /api/v1/audit`: who changed what, for admins. Never a secret: none is written down.

use super::identity::Admin;
use super::page::{self, Page};
use super::problem::Problem;
use crate::app::App;
use crate::store::{audit, inbox};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Who changed what, the newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "overview", params(ListQuery),
    responses((status = 200, description = "`{items: [{id, at, user, action, subject, details}], next_cursor}`"), (status = 403, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    Admin(admin): Admin,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = page::limit(query.limit)?;
    let below = page::decode::<i64>(query.cursor.as_deref())?;
    let workspace = admin.user.workspace_id;
    let (rows, people) = app
        .db
        .read(async move |conn| {
            let rows = audit::page(conn, workspace, below, page::one_more(limit)).await?;
            let ids: Vec<_> = rows.iter().filter_map(|row| row.user_id).collect();
            let people = inbox::people(conn, &ids).await?;
            Ok((rows, people))
        })
        .await?;
    let shown = |row: audit::Entry| {
        let details: Value = serde_json::from_str(&row.details).unwrap_or_default();
        json!({
            "id": row.id,
            "at": row.at,
            "user": row.user_id.and_then(|id| people.get(&id)),
            "action": row.action,
            "subject": row.subject,
            "details": details,
        })
    };
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.id, shown)))
}
