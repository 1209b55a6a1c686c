//! The demo's accounts: what its people sign in with, and how its platforms sign.

use crate::channels::registry;
use crate::channels::simulated::SimulatedAccount;
use crate::channels::webhook::Endpoint;
use crate::domain::Channel;

/// The password of everybody in the demo.
pub const PASSWORD: &str = "demo-demo-demo";
/// What signs the simulated platforms' webhooks.
pub const SECRET: &str = "a secret of the demo alone";

/// How the simulator sees a channel; the web chat has no platform.
pub fn account(channel: &Channel) -> Option<SimulatedAccount> {
    let webhook = registry::kind(channel.kind).webhook.as_ref()?;
    let secret = if webhook.endpoint == Endpoint::OfChannel { "demo_secret-1" } else { SECRET };
    Some(SimulatedAccount {
        kind: channel.kind,
        external_id: channel.external_id.clone(),
        secret: secret.into(),
        webhook_path: webhook.path(channel.kind, channel.id),
    })
}
