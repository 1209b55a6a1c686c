//! `/api/v1/quarantine`: events that nobody could read, for admins, and reading one again. The raw
//! body is never shown: it may hold a customer's words.

use crate::api::http::may::{May, QuarantineManage};
use crate::api::http::pagination::{self, Page, PageQuery};
use crate::api::http::problem::Problem;
use crate::app::App;
use crate::channels;
use crate::domain::inbound::InboundKind;
use crate::domain::{ChannelId, ChannelKind, ChannelState, ConversationId, MessageId, Refusal, Timestamp};
use crate::ingest::{Receive, Received, ReleaseQuarantined, Source};
use crate::ledger::LedgerError;
use crate::store::delivery::parked_events;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// An event that could not be read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuarantinedEvent)]
pub struct QuarantinedView {
    id: i64,
    channel_id: ChannelId,
    channel_kind: ChannelKind,
    /// Why it could not be read.
    reason: String,
    /// In bytes.
    size: usize,
    received_at: Timestamp,
}

/// What became of a quarantined event that was read again.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayedEvent {
    /// `stored`, `duplicate`, `updated`, `ignored`; `quarantined`: it still cannot be read.
    outcome: &'static str,
    conversation_id: Option<ConversationId>,
    message_id: Option<MessageId>,
}

/// Events that could not be read, the newest first.
#[utoipa::path(get, path = "/api/v1/quarantine", operation_id = "list_quarantined_events", tag = "overview",
    params(PageQuery),
    responses((status = 200, body = Page<QuarantinedView>), (status = 403, body = Problem)))]
pub async fn list(
    app: web::Data<App>,
    May(admin, _): May<QuarantineManage>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let below = query.after::<i64>()?;
    let workspace = admin.user.workspace_id;
    let rows = app
        .db
        .read(async move |conn| {
            parked_events::quarantined(conn, workspace, below, pagination::one_more(limit)).await
        })
        .await?;
    let shown = |row: parked_events::Quarantined| QuarantinedView {
        id: row.id,
        channel_id: row.channel_id,
        channel_kind: row.channel_kind,
        reason: row.error,
        size: row.body.len(),
        received_at: row.received_at,
    };
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.id, shown)))
}

/// Reads a kept event again: stored now, it leaves the quarantine; else it stays. For admins.
#[utoipa::path(post, path = "/api/v1/quarantine/{id}/replay",
    operation_id = "replay_quarantined_event", tag = "overview",
    params(("id" = i64, Path)),
    responses((status = 200, body = ReplayedEvent),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn replay(
    app: web::Data<App>,
    May(admin, _): May<QuarantineManage>,
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
    let business = channel.access.options.business();
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
    let outcome = received.outcome.as_str();
    let Received { conversation_id, message_id, .. } = received;
    Ok(HttpResponse::Ok().json(ReplayedEvent { outcome, conversation_id, message_id }))
}

fn still_kept() -> HttpResponse {
    let still = ReplayedEvent { outcome: "quarantined", conversation_id: None, message_id: None };
    HttpResponse::Ok().json(still)
}
