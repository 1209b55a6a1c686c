//! `GET /api/v1/deliveries`: the outbox and its log, newest first.

use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::domain::{ChannelId, ConversationId, DeliveryId, DeliveryStatus, Identity, MessageId};
use crate::store::delivery::outbox::{self, Attempt, Delivery, Wanted};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use utoipa::IntoParams;

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// queued, claimed, sending, sent, failed, unconfirmed, cancelled; several with commas; absent: all.
    status: Option<String>,
    /// Only over this channel.
    #[param(value_type = Option<i64>)]
    channel_id: Option<ChannelId>,
    /// Only in this conversation.
    #[param(value_type = Option<i64>)]
    conversation_id: Option<ConversationId>,
    /// Only of this message.
    #[param(value_type = Option<i64>)]
    message_id: Option<MessageId>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// The outbox and its log.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "deliveries", params(ListQuery),
    responses((status = 200, description = "`{items: [delivery with its attempts], next_cursor}`"),
        (status = 422, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    identity: Identity,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = pagination::limit(query.limit)?;
    let wanted = wanted(&query)?;
    let below = pagination::decode::<i64>(query.cursor.as_deref())?.map(DeliveryId);
    let workspace = identity.user.workspace_id;
    let (rows, attempts) = app
        .db
        .read(async move |conn| {
            let rows = outbox::page(conn, workspace, &wanted, below, pagination::one_more(limit)).await?;
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

fn wanted(query: &ListQuery) -> Result<Wanted, Problem> {
    let words = query.status.as_deref().unwrap_or_default().split(',').map(str::trim);
    let status = words.filter(|word| !word.is_empty()).map(str::parse).collect::<Result<Vec<_>, _>>();
    let status = status.map_err(|_| {
        Problem::bad_request(
            "bad_filter",
            "status must be queued, claimed, sending, sent, failed, unconfirmed or cancelled.",
        )
    })?;
    Ok(Wanted {
        status,
        channel: query.channel_id,
        conversation: query.conversation_id,
        message: query.message_id,
    })
}

fn view(row: &Delivery, log: &[Value]) -> Value {
    json!({
        "id": row.id,
        "message_id": row.message_id,
        "conversation_id": row.conversation_id,
        "channel_id": row.channel_id,
        "part": row.part,
        "status": row.status,
        "attempts": log,
        "attempt_count": log.len(),
        "send_at": row.send_at,
        "next_attempt_at": (row.status == DeliveryStatus::Queued).then_some(row.due_at),
        "error": error(row.error_code.as_ref(), row.error_message.as_ref()),
        "platform_message_id": row.platform_message_id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    })
}

fn attempt_view(attempt: &Attempt) -> Value {
    json!({
        "id": attempt.attempt_id,
        "worker": attempt.worker,
        "started_at": attempt.started_at,
        "finished_at": attempt.ended_at,
        "outcome": attempt.outcome,
        "code": attempt.error_code,
        "message": attempt.error_message,
        "platform_message_id": attempt.platform_message_id,
    })
}

fn error(code: Option<&String>, message: Option<&String>) -> Value {
    code.map_or(Value::Null, |code| json!({"code": code, "message": message}))
}
