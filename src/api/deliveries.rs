//! `GET /api/v1/deliveries`: the outbox and its log, newest first.

use super::page::{self, Page};
use super::problem::Problem;
use crate::app::App;
use crate::domain::{DeliveryId, DeliveryStatus, Identity};
use crate::store::outbox::{self, Attempt, Delivery};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use utoipa::IntoParams;

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// queued, claimed, sending, sent, failed, unconfirmed, cancelled; absent: all.
    status: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// The outbox and its log.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "deliveries", params(ListQuery),
    responses((status = 200, description = "`{items: [delivery with its attempts], next_cursor}`"), (status = 422, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = page::limit(query.limit)?;
    let status: Option<DeliveryStatus> =
        query.status.as_deref().filter(|word| !word.is_empty()).map(str::parse).transpose().map_err(
            |_| {
                Problem::bad_request(
                    "bad_filter",
                    "status must be queued, claimed, sending, sent, failed, unconfirmed or cancelled.",
                )
            },
        )?;
    let below = page::decode::<i64>(query.cursor.as_deref())?.map(DeliveryId);
    let workspace = identity.user.workspace_id;
    let (rows, attempts) = app
        .db
        .read(async move |conn| {
            let rows = outbox::page(conn, workspace, status, below, page::one_more(limit)).await?;
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            let attempts = outbox::attempts_of(conn, &ids).await?;
            Ok((rows, attempts))
        })
        .await?;
    let mut by_delivery: HashMap<DeliveryId, Vec<Value>> = HashMap::new();
    for attempt in attempts {
        by_delivery.entry(attempt.delivery_id).or_default().push(attempt_view(&attempt));
    }
    let log = |row: &Delivery| by_delivery.get(&row.id).cloned().unwrap_or_default();
    let page = Page::of(rows, limit, |row| row.id, |row| view(&row, &log(&row)));
    Ok(HttpResponse::Ok().json(page))
}

fn view(row: &Delivery, log: &[Value]) -> Value {
    json!({
        "id": row.id,
        "message_id": row.message_id,
        "conversation_id": row.conversation_id,
        "channel_id": row.channel_id,
        "part": row.part,
        "status": row.status,
        "attempts": row.attempts,
        "attempt_log": log,
        "due_at": row.due_at,
        "error": error(row.error_code.as_ref(), row.error_message.as_ref()),
        "platform_message_id": row.platform_message_id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    })
}

fn attempt_view(attempt: &Attempt) -> Value {
    json!({
        "attempt_id": attempt.attempt_id,
        "worker": attempt.worker,
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
        "outcome": attempt.outcome,
        "error": error(attempt.error_code.as_ref(), attempt.error_message.as_ref()),
        "platform_message_id": attempt.platform_message_id,
    })
}

fn error(code: Option<&String>, message: Option<&String>) -> Value {
    code.map_or(Value::Null, |code| json!({"code": code, "message": message}))
}
