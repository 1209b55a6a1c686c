//! One HTTP client for all platforms, and the one door to every send call.
//! Never retries, never follows a redirect, never prints an address (Telegram's hold the bot's token).

use super::ChannelAccess;
use crate::domain::outbound::{Outbound, SendOutcome};
use std::time::Duration;

/// Where the platforms are, and how long a call may take.
#[derive(Debug, Clone)]
pub struct PlatformSettings {
    /// Graph: WhatsApp, Messenger, Instagram by Facebook login.
    pub graph_url: String,
    /// Instagram by Instagram login.
    pub instagram_url: String,
    /// Telegram's Bot API.
    pub telegram_url: String,
    /// Graph's version, put behind a base URL that names none.
    pub graph_version: String,
    /// How long one call may take altogether.
    pub timeout: Duration,
}

/// The platforms; cloned freely.
#[derive(Debug, Clone)]
pub struct Platforms {
    pub(super) settings: std::sync::Arc<PlatformSettings>,
}

impl Platforms {
    /// Hands one message to its platform, once. Never fails: what happened is the outcome.
    pub async fn send(&self, _channel: &ChannelAccess, _outbound: &Outbound) -> SendOutcome {
        SendOutcome::not_sent("not built yet")
    }
}
