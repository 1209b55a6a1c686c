//! `GET/PATCH /api/v1/settings`: what the workspace decided for itself. Never what a setting may
//! hold: that is `desk::settings`.

use crate::api::http::identity::Admin;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::settings::{self, ChangeSettings};
use crate::domain::Identity;
use actix_web::{HttpResponse, web};
use serde_json::{Map, Value};

/// Every setting, for everybody signed in.
#[utoipa::path(get, path = "/api/v1/settings", tag = "settings",
    responses((status = 200, description = "`{workspace_name, undo_seconds, business_hours, …}`")))]
pub async fn show(app: web::Data<App>, identity: Identity) -> Result<HttpResponse, Problem> {
    let workspace = identity.user.workspace_id;
    let all = app.db.read(async move |conn| settings::read(conn, workspace).await).await?;
    Ok(HttpResponse::Ok().json(all))
}

/// Changes settings, for admins; what is absent stays.
#[utoipa::path(patch, path = "/api/v1/settings", tag = "settings", request_body = serde_json::Value,
    responses((status = 200, description = "Every setting after it"), (status = 403, body = Problem),
        (status = 422, body = Problem)))]
pub async fn change(
    app: web::Data<App>,
    Admin(admin): Admin,
    body: web::Json<Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    let by = (admin.user.workspace_id, admin.user.id);
    let all = app.ledger.give(ChangeSettings { by, changes: body.into_inner() }).await?;
    Ok(HttpResponse::Ok().json(all))
}
