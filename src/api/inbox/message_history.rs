//! `GET /api/v1/messages/{id}/history`: "why once". What a message met on its way, in order: how it
//! was written, each delivery and attempt, echoes, receipts, its names on the platform. Never its words.

use super::conversations::visible;
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::domain::{DeliveryId, Identity, MessageId, Refusal, Timestamp};
use crate::store::delivery::outbox::{self, Attempt, Delivery};
use crate::store::messages::{self, MessageRow, message_log};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// What a message met on its way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageHistory)]
pub struct History {
    /// In order.
    items: Vec<Happened>,
}

/// One thing that happened to a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageHistoryItem)]
pub struct Happened {
    at: Timestamp,
    /// written, owed, attempt, attempt_ended, echo, receipt, edited, deleted, known_as.
    kind: String,
    /// For people.
    text: String,
    #[schema(value_type = Object)]
    details: Value,
}

fn happened(at: Timestamp, kind: &str, text: impl Into<String>, details: Value) -> Happened {
    Happened { at, kind: kind.into(), text: text.into(), details }
}

/// What a message met on its way, in order.
#[utoipa::path(get, path = "/api/v1/messages/{id}/history",
    operation_id = "get_message_history", tag = "messages",
    params(("id" = i64, Path)),
    responses((status = 200, body = History), (status = 404, body = Problem)))]
pub async fn show(
    app: web::Data<App>,
    identity: Identity,
    id: web::Path<MessageId>,
) -> Result<HttpResponse, Problem> {
    let (id, workspace) = (id.into_inner(), identity.user.workspace_id);
    let row = app.db.read(async move |conn| messages::find(conn, workspace, id).await).await?;
    let row = row.ok_or_else(|| Refusal::not_found("message"))?;
    visible(&app, &identity, row.conversation_id).await.map_err(|_| Refusal::not_found("message"))?;
    let (parts, attempts, met, names) = app
        .db
        .read(async move |conn| {
            let parts = outbox::of_message(conn, id).await?;
            let ids: Vec<DeliveryId> = parts.iter().map(|part| part.id).collect();
            let attempts = outbox::attempts_of(conn, &ids).await?;
            Ok((parts, attempts, message_log::of(conn, id).await?, message_log::identities(conn, id).await?))
        })
        .await?;
    let mut items = own(&row, &names);
    items.extend(parts.iter().map(owed));
    items.extend(attempts.iter().flat_map(tried));
    items.extend(met.into_iter().map(|(kind, details, at)| {
        let details: Value = serde_json::from_str(&details).unwrap_or_default();
        let text = match kind.as_str() {
            "echo" => {
                "Reported again by the platform. Already known, so no second message was created.".to_owned()
            }
            _ => format!("Platform status: {}.", details["status"].as_str().unwrap_or("changed")),
        };
        happened(at, &kind, text, details)
    }));
    items.sort_by_key(|item| item.at);
    Ok(HttpResponse::Ok().json(History { items }))
}

/// What the message itself tells.
fn own(row: &MessageRow, names: &[String]) -> Vec<Happened> {
    let body = &row.body;
    let mut items = vec![happened(
        body.created_at,
        "written",
        format!("Stored as message {} of its conversation.", body.seq),
        json!({"origin": body.origin, "author": body.author, "client_id": body.client_id,
            "platform_message_ids": names, "status": body.status}),
    )];
    if let Some(at) = body.edited_at {
        items.push(happened(at, "edited", "The text was edited.", json!({})));
    }
    if let Some(at) = body.deleted_at {
        items.push(happened(at, "deleted", "The message was deleted.", json!({})));
    }
    items
}

fn owed(part: &Delivery) -> Happened {
    let attempts = if part.attempts == 1 { "attempt" } else { "attempts" };
    happened(
        part.created_at,
        "owed",
        format!("Queued for delivery; {} after {} {attempts}.", part.status, part.attempts),
        json!({"delivery_id": part.id, "part": part.part, "status": part.status, "attempts": part.attempts,
            "due_at": part.due_at}),
    )
}

/// An attempt's beginning, and its end.
fn tried(attempt: &Attempt) -> Vec<Happened> {
    let begun = json!({"attempt_id": attempt.attempt_id, "delivery_id": attempt.delivery_id,
        "worker": attempt.worker});
    let mut items =
        vec![happened(attempt.started_at, "attempt", "Attempt recorded, then sent to the platform.", begun)];
    if let Some(at) = attempt.ended_at {
        let outcome = attempt.outcome.clone().unwrap_or_default();
        items.push(happened(
            at,
            "attempt_ended",
            format!("Attempt finished: {outcome}."),
            json!({"attempt_id": attempt.attempt_id, "outcome": outcome, "code": attempt.error_code,
                "message": attempt.error_message, "platform_message_id": attempt.platform_message_id}),
        ));
    }
    items
}
