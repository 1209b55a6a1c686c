//! Whether the process lives, and whether it can do its work. Never who is asking.

use super::problem::Problem;
use crate::app::App;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// How long a part may take to answer before it counts as gone.
const ANSWERS: Duration = Duration::from_secs(3);

/// The process answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Alive {
    /// `ok`.
    status: &'static str,
}

/// The process can work.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ready {
    /// `ok`, as each of the others.
    status: &'static str,
    database: &'static str,
    media_folder: &'static str,
    /// Null: there is none.
    redis: Option<&'static str>,
}

/// The process answers.
#[utoipa::path(get, path = "/health/live", operation_id = "check_live", tag = "health",
    security(()),
    responses((status = 200, body = Alive)))]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Alive { status: "ok" })
}

/// The database answers, the media folder takes files, and where set, Redis answers.
#[utoipa::path(
    get,
    path = "/health/ready",
    operation_id = "check_ready",
    tag = "health",
    security(()),
    responses((status = 200, body = Ready), (status = 503, body = Problem, description = "It cannot"))
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
            joined => Ok(HttpResponse::Ok().json(Ready {
                status: "ok",
                database: "ok",
                media_folder: "ok",
                redis: joined.map(|_| "ok"),
            })),
        },
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The database is not responding.",
        )),
    }
}
