//! `GET /api/v1/stats`: what the dashboard's overview shows.

use crate::api::http::may::{May, StatsSee};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::domain::{DeliveryStatus, Timestamp};
use crate::store::accounts::workspaces;
use crate::store::checks::{reports, stats};
use crate::store::delivery::outbox;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// How far back the per-minute counts go.
const MINUTES: u64 = 60;

/// Counts of this workspace, and of this process since it started: those are for the first workspace, and
/// null in every other one, which must not see how busy its neighbours are.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stats {
    /// Sockets of colleagues.
    open_sessions: Option<i64>,
    rooms: Option<i64>,
    /// Of the last hour; a minute without any is left out.
    messages_in_per_minute: Vec<MinuteCount>,
    messages_out_per_minute: Vec<MinuteCount>,
    /// What is owed and not sent yet.
    queue_depth: i64,
    oldest_queued_seconds: Option<i64>,
    delivery_failures_24h: i64,
    unconfirmed: i64,
    /// Events that came again and made nothing twice.
    duplicates_suppressed: Option<u64>,
    /// From a message's time on its platform to the disk, the last one.
    ingest_lag_ms: Option<i64>,
    median_first_answer_seconds: Option<i64>,
    quarantined: i64,
    /// Webhooks with a wrong signature.
    forged_webhooks: Option<u64>,
}

/// How many in one minute.
#[derive(Debug, Serialize, ToSchema)]
pub struct MinuteCount {
    /// The minute's beginning.
    at: Timestamp,
    count: i64,
}

/// What the overview shows.
#[utoipa::path(get, path = "/api/v1/stats", operation_id = "get_stats", tag = "overview",
    responses((status = 200, body = Stats)))]
pub async fn show(app: web::Data<App>, May(identity, _): May<StatsSee>) -> Result<HttpResponse, Problem> {
    let workspace = identity.user.workspace_id;
    let now = Timestamp::now();
    let since = now.minus(Duration::from_mins(MINUTES));
    let (counts, per_minute, failures, oldest, quarantined, median, first) = app
        .db
        .read(async move |conn| {
            Ok((
                outbox::counts(conn, workspace).await?,
                stats::per_minute(conn, workspace, since).await?,
                stats::failures_since(conn, workspace, now.minus(Duration::from_hours(24))).await?,
                stats::oldest_queued(conn, workspace).await?,
                crate::store::delivery::parked_events::count_quarantined(conn, Some(workspace)).await?,
                reports::median_first_answer(conn, workspace, now.minus(Duration::from_hours(24))).await?,
                workspaces::first(conn).await?,
            ))
        })
        .await?;
    let count = |status: DeliveryStatus| {
        counts.iter().find(|(word, _)| *word == status).map_or(0, |(_, count)| *count)
    };
    // How it goes with the process is for those who look after it.
    let process = Some(app.live.metrics()).filter(|_| first == Some(workspace));
    let waiting = [DeliveryStatus::Queued, DeliveryStatus::Claimed, DeliveryStatus::Sending];
    let series = |of: fn(&stats::Minute) -> i64| -> Vec<MinuteCount> {
        per_minute.iter().map(|minute| MinuteCount { at: minute.at, count: of(minute) }).collect()
    };
    Ok(HttpResponse::Ok().json(Stats {
        open_sessions: process.map(|metrics| metrics.open_sessions.get()),
        rooms: process.map(|metrics| metrics.rooms.get()),
        messages_in_per_minute: series(|minute| minute.customers),
        messages_out_per_minute: series(|minute| minute.ours),
        queue_depth: waiting.into_iter().map(count).sum(),
        oldest_queued_seconds: oldest.map(|at| now.0.saturating_sub(at.0) / 1000),
        delivery_failures_24h: failures,
        unconfirmed: count(DeliveryStatus::Unconfirmed),
        duplicates_suppressed: process.map(|metrics| metrics.duplicates.get()),
        ingest_lag_ms: process.map(|metrics| metrics.ingest_lag_ms.get()),
        median_first_answer_seconds: median,
        quarantined,
        forged_webhooks: process.map(|metrics| metrics.forged.get()),
    }))
}
