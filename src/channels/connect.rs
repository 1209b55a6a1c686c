//! What is found when a channel is tested: does the platform know the account, may we speak for it, will it
//! call us. Said in words for an admin; it never changes a channel's row.

use super::lenient::Lenient;
use super::{ChannelAccess, media};
use crate::domain::outbound::SendOutcome;
use serde::Serialize;
use serde_json::Value;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was looked at, one word: `credentials`, `account`, `webhook`.
    pub what: &'static str,
    /// What was found, in words for an admin.
    pub text: String,
}

impl Finding {
    /// It is as it should be.
    pub fn good(what: &'static str, text: impl Into<String>) -> Self {
        Self { ok: true, what, text: text.into() }
    }

    /// Something is missing or wrong.
    pub fn bad(what: &'static str, text: impl Into<String>) -> Self {
        Self { ok: false, what, text: text.into() }
    }

    /// The platform did not answer as it should.
    pub fn of(what: &'static str, outcome: SendOutcome) -> Self {
        Self::bad(what, media::words(outcome))
    }

    /// Whether the account that the credentials speak for, as `found` names it, is the channel's.
    /// On Instagram's own login `user_id` is what webhooks carry; `id` never fits (docs/platforms.md 3.1).
    pub fn account(channel: &ChannelAccess, found: &Value) -> Self {
        let linked = found.at("instagram_business_account").and_then(|account| account.id("id"));
        let id = linked.or_else(|| found.id("user_id")).or_else(|| found.id("id"));
        let names = ["verified_name", "username", "name", "display_phone_number"];
        let name = names.iter().find_map(|key| found.text(key));
        match id {
            Some(id) if id == channel.external_id => {
                let reachable = || "the account is reachable".to_owned();
                Self::good("account", name.map_or_else(reachable, |name| format!("the account is {name}")))
            }
            Some(id) => Self::bad(
                "account",
                format!("the credentials belong to {id}, the channel is set to {}", channel.external_id),
            ),
            None => Self::bad("account", "the platform returned no account for these credentials"),
        }
    }
}
