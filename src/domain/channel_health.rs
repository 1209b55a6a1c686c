//! What is asked of a channel's platform beside messages now and then, and what it says of itself. Never a
//! secret, never when something is asked.

use super::time::Timestamp;
use super::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// What is asked of a channel's platform now and then.
    PlatformCheck {
        /// Messages whose webhooks were lost: what the platform has is compared with what we have.
        Messages = "messages",
        /// Whether the platform still calls us, and what it could not deliver.
        Webhook = "webhook",
        /// How long the channel's token lives; one that can be renewed is.
        Token = "token",
        /// How the platform rates the channel's number.
        Number = "number",
    }
}

/// What a platform says of its webhook for a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookStanding {
    /// Whether it calls our address.
    pub is_ours: bool,
    /// How many events wait to be delivered.
    pub pending: Option<i64>,
    /// Why the last delivery failed, in the platform's words.
    pub error: Option<String>,
    /// When that was.
    pub error_at: Option<Timestamp>,
}

/// How long a token speaks for its channel; none: it does not end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenLife {
    /// When the token itself ends.
    pub expires_at: Option<Timestamp>,
    /// When the access to people's data that it gives ends.
    pub data_access_expires_at: Option<Timestamp>,
}

/// How the platform rates a channel's number, in its own words; none: it did not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberStanding {
    /// As people dial it.
    pub number: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`.
    pub quality: Option<String>,
    /// How many people may be written to first in a day: `TIER_1K` …
    pub tier: Option<String>,
    /// Whether the shown name was approved.
    pub name_status: Option<String>,
    /// The name that customers see.
    pub verified_name: Option<String>,
}

impl NumberStanding {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
