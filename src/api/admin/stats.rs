//! `GET /api/v1/stats`: what the dashboard's overview shows.

use crate::api::http::problem::Problem;
use crate::app::App;
use crate::domain::{DeliveryStatus, Identity, Timestamp};
use crate::store::checks::{reports, stats};
use crate::store::delivery::outbox;
use actix_web::{HttpResponse, web};
use serde_json::json;
use std::time::Duration;

/// How far back the per-minute counts go.
const MINUTES: u64 = 60;

/// What the overview shows.
#[utoipa::path(get, path = "/api/v1/stats", tag = "overview",
    responses((status = 200, description = "Counts of this workspace and this process")))]
pub async fn show(app: web::Data<App>, identity: Identity) -> Result<HttpResponse, Problem> {
    let workspace = identity.user.workspace_id;
    let now = Timestamp::now();
    let since = now.minus(Duration::from_mins(MINUTES));
    let (counts, per_minute, failures, oldest, quarantined, median) = app
        .db
        .read(async move |conn| {
            Ok((
                outbox::counts(conn, workspace).await?,
                stats::per_minute(conn, workspace, since).await?,
                stats::failures_since(conn, workspace, now.minus(Duration::from_hours(24))).await?,
                stats::oldest_queued(conn, workspace).await?,
                crate::store::delivery::parked_events::count_quarantined(conn).await?,
                reports::median_first_answer(conn, workspace, now.minus(Duration::from_hours(24))).await?,
            ))
        })
        .await?;
    let count = |status: DeliveryStatus| {
        counts.iter().find(|(word, _)| *word == status).map_or(0, |(_, count)| *count)
    };
    let metrics = app.live.metrics();
    let series = |is_in: bool| {
        per_minute
            .iter()
            .map(|minute| {
                json!({"at": minute.at,
            "count": if is_in { minute.customers } else { minute.ours }})
            })
            .collect::<Vec<_>>()
    };
    Ok(HttpResponse::Ok().json(json!({
        "open_sessions": metrics.open_sessions.get(),
        "rooms": metrics.rooms.get(),
        "messages_in_per_minute": series(true),
        "messages_out_per_minute": series(false),
        "queue_depth": count(DeliveryStatus::Queued)
            + count(DeliveryStatus::Claimed)
            + count(DeliveryStatus::Sending),
        "oldest_queued_seconds": oldest.map(|at| now.0.saturating_sub(at.0) / 1000),
        "delivery_failures_24h": failures,
        "unconfirmed": count(DeliveryStatus::Unconfirmed),
        "duplicates_suppressed": metrics.duplicates.get(),
        "ingest_lag_ms": metrics.ingest_lag_ms.get(),
        "median_first_answer_seconds": median,
        "quarantined": quarantined,
        "forged_webhooks": metrics.forged.get(),
    })))
}
