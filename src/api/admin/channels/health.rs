//! How a channel does, and what its platform is told. Never a credential; and whatever a platform says, the
//! channel's row stays as it is.

use super::view::{Check, HealthView};
use super::{existing, webhook_url};
use crate::api::http::may::{ChannelsManage, May};
use crate::api::http::problem::Problem;
use crate::app::{App, WebhookEndpoint};
use crate::auth::ConnectedChannel;
use crate::channels::registry;
use crate::desk::note_deed::NoteDeed;
use crate::domain::ChannelId;
use actix_web::{HttpResponse, web};
use serde_json::json;

/// How a channel does: when it was last heard, webhooks refused for their signature, what the platform says
/// of its webhook.
#[utoipa::path(get, path = "/api/v1/channels/{id}/health",
    operation_id = "get_channel_health", tag = "channels",
    params(("id" = i64, Path)),
    responses((status = 200, body = HealthView), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn health(
    app: web::Data<App>,
    May(admin, _): May<ChannelsManage>,
    id: web::Path<ChannelId>,
) -> Result<HttpResponse, Problem> {
    let channel = existing(&app, &admin, id.into_inner()).await?;
    let door = WebhookEndpoint::of(channel.kind, channel.id);
    let connected = app.channels.connect(channel);
    let webhook = app.platforms.webhook_info(&connected.access).await;
    Ok(HttpResponse::Ok().json(HealthView::of(&connected.channel, app.forged.at(door), webhook)))
}

/// Tells the platform to call us, again.
#[utoipa::path(post, path = "/api/v1/channels/{id}/subscribe",
    operation_id = "subscribe_channel", tag = "channels",
    params(("id" = i64, Path)),
    responses((status = 200, body = Check), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn subscribe(
    app: web::Data<App>,
    May(admin, _): May<ChannelsManage>,
    id: web::Path<ChannelId>,
) -> Result<HttpResponse, Problem> {
    let channel = existing(&app, &admin, id.into_inner()).await?;
    let connected = app.channels.connect(channel);
    let Some(address) = webhook_url(&app, &connected.channel) else {
        return Ok(HttpResponse::Ok().json(Check::good("webhook", "This channel needs no webhook.")));
    };
    if let Some(option) = missing_option(&connected) {
        return Ok(
            HttpResponse::Ok().json(Check::bad("webhook", format!("Set the option `{option}` first.")))
        );
    }
    let check = match app.platforms.subscribe(&connected.access, &address).await {
        Ok(()) => Check::good("webhook", "The platform will call this address."),
        Err(error) => Check::bad("webhook", error.message),
    };
    let (by, subject) =
        ((admin.user.workspace_id, admin.user.id), format!("channel:{}", connected.channel.id));
    let details = json!({"ok": check.ok});
    app.ledger.give(NoteDeed { by, action: "channel_subscribed", subject, details }).await?;
    Ok(HttpResponse::Ok().json(check))
}

/// The option without which the platform cannot be asked.
pub(super) fn missing_option(connected: &ConnectedChannel) -> Option<&'static str> {
    registry::platform(connected.channel.kind).missing_option(&connected.access.options)
}
