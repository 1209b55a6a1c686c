//! The demo's accounts: what its people sign in with, and how its platforms sign.

use crate::channels::simulated::SimulatedAccount;
use crate::domain::{Channel, ChannelKind};

/// The password of everybody in the demo.
pub const PASSWORD: &str = "demo-demo-demo";
/// What signs the simulated platforms' webhooks.
pub const SECRET: &str = "a secret of the demo alone";

/// How the simulator sees a channel; the web chat has no platform.
pub fn account(channel: &Channel) -> Option<SimulatedAccount> {
    let (secret, webhook_path) = match channel.kind {
        ChannelKind::Webchat => return None,
        ChannelKind::Telegram => ("demo_secret-1", format!("/webhooks/telegram/{}", channel.id)),
        kind => (SECRET, format!("/webhooks/{kind}")),
    };
    Some(SimulatedAccount {
        kind: channel.kind,
        external_id: channel.external_id.clone(),
        secret: secret.into(),
        webhook_path,
    })
}
