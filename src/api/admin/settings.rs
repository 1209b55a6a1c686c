//! `GET/PATCH /api/v1/settings`: what the workspace decided for itself. Never what a setting may
//! hold: that is `desk::settings`.

use crate::api::http::may::{May, SettingsManage};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::desk::settings::{self, ChangeSettings};
use crate::domain::Identity;
use actix_web::{HttpResponse, web};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Every setting of the workspace.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only its shape is told")]
pub struct Settings {
    /// What the workspace is called.
    pub workspace_name: String,
    /// How long an answer waits before it goes, so that it can be taken back: 0 to 120.
    pub undo_seconds: i64,
    /// Whether who answers an unassigned conversation has it from then on.
    pub assign_on_reply: bool,
    /// When somebody answers.
    pub business_hours: BusinessHours,
}

/// When somebody answers.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only its shape is told")]
pub struct BusinessHours {
    /// Whether they are told to customers.
    pub is_on: bool,
    /// `Europe/Madrid`.
    pub time_zone: String,
    /// Spans of the week; a day may have several, or none.
    pub days: Vec<OpenSpan>,
}

/// A span of a day.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only its shape is told")]
pub struct OpenSpan {
    /// 1 (Monday) to 7.
    pub day: i64,
    /// `09:00`.
    pub from: String,
    /// `17:30`, `24:00` at most.
    pub to: String,
}

/// Settings to change; what is absent stays, fields of `business_hours` too.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only its shape is told")]
#[schema(example = json!({"workspace_name": "Lighthouse Bakery", "undo_seconds": 10}))]
pub struct UpdateSettingsBody {
    /// 1 to 100 characters.
    pub workspace_name: Option<String>,
    /// 0 to 120.
    pub undo_seconds: Option<i64>,
    /// Whether who answers an unassigned conversation has it from then on.
    pub assign_on_reply: Option<bool>,
    /// `{is_on, time_zone, days: [{day, from, to}]}`, or some of them.
    #[schema(value_type = Option<Object>)]
    pub business_hours: Option<BusinessHours>,
}

/// Every setting, for everybody signed in.
#[utoipa::path(get, path = "/api/v1/settings", operation_id = "get_settings", tag = "settings",
    responses((status = 200, body = Settings)))]
pub async fn show(app: web::Data<App>, identity: Identity) -> Result<HttpResponse, Problem> {
    let workspace = identity.user.workspace_id;
    let all = app.db.read(async move |conn| settings::read(conn, workspace).await).await?;
    Ok(HttpResponse::Ok().json(all))
}

/// Changes settings, for admins; what is absent stays.
#[utoipa::path(patch, path = "/api/v1/settings", operation_id = "update_settings", tag = "settings",
    request_body = UpdateSettingsBody,
    responses((status = 200, body = Settings, description = "Every setting after it"),
        (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    app: web::Data<App>,
    May(admin, _): May<SettingsManage>,
    body: web::Json<Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    let by = (admin.user.workspace_id, admin.user.id);
    let all = app.ledger.give(ChangeSettings { by, changes: body.into_inner() }).await?;
    Ok(HttpResponse::Ok().json(all))
}
