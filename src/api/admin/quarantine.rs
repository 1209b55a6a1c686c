//! `/api/v1/quarantine`: events that nobody could read, for admins, and reading one again. The raw
//! body is never shown: it may hold a customer's words.

use crate::api::http::identity::Admin;
use crate::api::http::pagination::{self, Page};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::channels;
use crate::domain::inbound::InboundKind;
use crate::domain::{ChannelState, Refusal};
use crate::ingest::{Receive, ReleaseQuarantined, Source};
use crate::ledger::LedgerError;
use crate::store::delivery::parked_events;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Events that could not be read, the newest first.
#[utoipa::path(get, path = "/api/v1/quarantine", tag = "overview", params(ListQuery),
    responses((status = 200,
        description = "`{items: [{id, channel_id, channel_kind, reason, size, received_at}], next_cursor}`"),
        (status = 403, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    Admin(admin): Admin,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = pagination::limit(query.limit)?;
    let below = pagination::decode::<i64>(query.cursor.as_deref())?;
    let workspace = admin.user.workspace_id;
    let rows = app
        .db
        .read(async move |conn| {
            parked_events::quarantined(conn, workspace, below, pagination::one_more(limit)).await
        })
        .await?;
    let shown = |row: parked_events::Quarantined| {
        json!({
            "id": row.id,
            "channel_id": row.channel_id,
            "channel_kind": row.channel_kind,
            "reason": row.error,
            "size": row.body.len(),
            "received_at": row.received_at,
        })
    };
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.id, shown)))
}

/// Reads a kept event again: stored now, it leaves the quarantine; else it stays. For admins.
#[utoipa::path(post, path = "/api/v1/quarantine/{id}/replay", tag = "overview", params(("id" = i64, Path)),
    responses((status = 200,
        description = "`{outcome, conversation_id, message_id}`; `outcome` `quarantined`: it still cannot be \
            read"),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn replay(
    app: web::Data<App>,
    Admin(admin): Admin,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let (id, workspace) = (id.into_inner(), admin.user.workspace_id);
    let kept =
        app.db.read(async move |conn| parked_events::find_quarantined(conn, workspace, id).await).await?;
    let kept = kept.ok_or_else(|| Refusal::not_found("quarantined event"))?;
    let channel = app
        .channels
        .get(kept.channel_id)
        .await?
        .filter(|channel| channel.channel.state != ChannelState::Off)
        .ok_or_else(|| Refusal::conflict("channel_off", "The channel of this event is turned off."))?;
    let row = &channel.channel;
    let business = channel.access.options.waba_id.as_deref();
    let raw = String::from_utf8_lossy(&kept.body);
    let events = channels::parse_kept(row.kind, &row.external_id, business, &raw).unwrap_or_default();
    if events.iter().any(|event| matches!(event.kind, InboundKind::Unreadable { .. })) {
        return Ok(still_kept());
    }
    let source =
        Source { channel_id: row.id, workspace_id: row.workspace_id, kind: row.kind, name: row.name.clone() };
    let receives: Vec<_> = events
        .into_iter()
        .map(|event| Receive { source: source.clone(), event: event.into(), conversation: None })
        .collect();
    let mut last = None;
    for outcome in app.ledger.give_all(receives).await {
        match outcome {
            Ok(received) if !received.is_quarantined => last = Some(received),
            Ok(_) | Err(LedgerError::Refused(_) | LedgerError::Store(_)) => return Ok(still_kept()),
            Err(error) => return Err(error.into()),
        }
    }
    let Some(received) = last else { return Ok(still_kept()) };
    app.ledger.give(ReleaseQuarantined { by: (workspace, admin.user.id), id }).await?;
    Ok(HttpResponse::Ok().json(json!({
        "outcome": received.outcome,
        "conversation_id": received.conversation_id,
        "message_id": received.message_id,
    })))
}

fn still_kept() -> HttpResponse {
    HttpResponse::Ok().json(json!({"outcome": "quarantined", "conversation_id": null, "message_id": null}))
}
