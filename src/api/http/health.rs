//! Whether the process lives, and whether it can do its work. Never who is asking.

use super::problem::Problem;
use crate::app::App;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::json;
use std::time::Duration;

/// How long a part may take to answer before it counts as gone.
const ANSWERS: Duration = Duration::from_secs(3);

/// The process answers.
#[utoipa::path(get, path = "/health/live", tag = "health",
    responses((status = 200, description = "It lives")))]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// The database answers, the media folder takes files, and where set, Redis answers.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "health",
    responses((status = 200, description = "It can work"),
        (status = 503, body = Problem, description = "It cannot"))
)]
pub async fn ready(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let media = app.media.clone();
    let takes_files = actix_web::rt::task::spawn_blocking(move || media.takes_files());
    if !matches!(tokio::time::timeout(ANSWERS, takes_files).await, Ok(Ok(true))) {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The media folder takes no files.",
        ));
    }
    match tokio::time::timeout(ANSWERS, app.db.ping()).await {
        Ok(Ok(())) if app.ledger.is_failing() => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The database does not accept writes.",
        )),
        Ok(Ok(())) => match app.live.is_joined() {
            Some(false) => {
                Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Redis is not responding."))
            }
            joined => Ok(HttpResponse::Ok().json(json!({
                "status": "ok",
                "database": "ok",
                "media_folder": "ok",
                "redis": joined.map(|_| "ok"),
            }))),
        },
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The database is not responding.",
        )),
    }
}
