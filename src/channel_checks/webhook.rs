//! Whether a platform that we tell the address ourselves still calls us: set anew where it was taken away or
//! leads elsewhere, and what could not be delivered is known. Never how it is told: that is the platform's.

use super::asking::{ChannelChecks, Outcome};
use super::commands::Found;
use crate::auth::ConnectedChannel;
use crate::channels::registry;
use std::time::Duration;

/// How often it is looked at.
const EVERY: Duration = Duration::from_hours(1);
/// While something could not be delivered it is looked at more often.
const SOON: Duration = Duration::from_mins(5);

/// Looks, and sets it anew where that is needed.
pub(super) async fn look(checks: &ChannelChecks, channel: &ConnectedChannel) -> Outcome {
    let row = &channel.channel;
    let Some(webhook) = &registry::kind(row.kind).webhook else { return Outcome::done(EVERY) };
    let address = checks.public_url.at(&webhook.path(row.kind, row.id));
    let standing = match checks.platforms.webhook_standing(&channel.access, &address).await {
        Ok(Some(standing)) => standing,
        Ok(None) => return Outcome::done(EVERY),
        Err(error) => return Outcome::failed(error),
    };
    let is_set = webhook.is_set_by_us && !standing.is_ours;
    if is_set {
        if let Err(error) = checks.platforms.subscribe(&channel.access, &address).await {
            return Outcome::failed(error);
        }
        log::warn!("channel {}: its webhook was not ours any more and is set anew", row.id);
    }
    let is_behind = standing.error.is_some() && standing.pending.is_some_and(|pending| pending > 0);
    let again_in = if is_behind { SOON } else { EVERY };
    checks.note(channel, Found::Webhook { standing, is_set }, again_in).await
}
