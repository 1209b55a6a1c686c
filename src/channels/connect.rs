//! Connecting a channel: does the platform know the account, may we speak for it, will it call us.
//! Never changes a channel's row: it says in words what is there and what is missing.
//! Source: docs/platforms.md 1.1, 3.1, 5.1.

use super::actions::CallError;
use super::lenient::Lenient;
use super::meta::errors;
use super::{ChannelAccess, InstagramLogin, Platforms, media};
use crate::domain::ChannelKind;
use crate::domain::outbound::SendOutcome;
use serde::Serialize;
use serde_json::{Value, json};

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
    fn good(what: &'static str, text: impl Into<String>) -> Self {
        Self { ok: true, what, text: text.into() }
    }

    fn bad(what: &'static str, text: impl Into<String>) -> Self {
        Self { ok: false, what, text: text.into() }
    }

    fn of(what: &'static str, outcome: SendOutcome) -> Self {
        Self::bad(what, media::words(outcome))
    }
}

/// The Messenger fields an inbox lives on.
const MESSENGER_FIELDS: &str = "messages,message_echoes,messaging_postbacks,message_deliveries,\
    message_reads,message_reactions,message_edits,messaging_referrals,standby";
/// The Instagram fields an inbox lives on.
const INSTAGRAM_FIELDS: &str =
    "messages,messaging_postbacks,messaging_seen,message_reactions,messaging_referral,message_edit,standby";
/// The updates an inbox lives on; some are not in Telegram's default set.
const TELEGRAM_UPDATES: [&str; 9] = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
];

impl Platforms {
    /// Asks the platform about the channel. `webhook_url` is where its webhooks should go.
    pub async fn test(&self, channel: &ChannelAccess, webhook_url: &str) -> Vec<Finding> {
        match channel.kind {
            ChannelKind::Telegram => self.test_telegram(channel, webhook_url).await,
            ChannelKind::Webchat => vec![Finding::good("account", "the web chat needs no account")],
            _ => self.test_meta(channel).await,
        }
    }

    /// Tells the platform to call us: WhatsApp's business account, the page, the Instagram account, the bot.
    pub async fn subscribe(&self, channel: &ChannelAccess, webhook_url: &str) -> Result<(), CallError> {
        match channel.kind {
            ChannelKind::Telegram => {
                let secret = channel.credentials.get("webhook_secret").unwrap_or_default();
                let body = json!({ "url": webhook_url, "secret_token": secret,
                    "allowed_updates": TELEGRAM_UPDATES });
                self.bot(channel, "setWebhook", &body).await?;
            }
            ChannelKind::Webchat => {}
            kind => {
                let Some(asset) = self.asset(channel) else { return Ok(()) };
                let fields = if kind == ChannelKind::Instagram { INSTAGRAM_FIELDS } else { MESSENGER_FIELDS };
                let query = if kind == ChannelKind::Whatsapp {
                    Vec::new()
                } else {
                    vec![("subscribed_fields", fields)]
                };
                let request = self
                    .http
                    .post(format!("{asset}/subscribed_apps"))
                    .query(&query)
                    .bearer_auth(channel.token()?);
                errors::judge(self.call(channel, request).await)?;
            }
        }
        Ok(())
    }

    /// What Telegram says of the bot's webhook: waiting updates, the last error. Never the address with a
    /// token.
    pub async fn webhook_info(&self, channel: &ChannelAccess) -> Result<Value, CallError> {
        let info = self.bot(channel, "getWebhookInfo", &json!({})).await?;
        Ok(super::lenient::pick(
            &info,
            &["url", "pending_update_count", "last_error_date", "last_error_message", "allowed_updates"],
        )
        .into())
    }

    /// The asset whose subscription brings webhooks.
    fn asset(&self, channel: &ChannelAccess) -> Option<String> {
        match (channel.kind, channel.options.login) {
            (ChannelKind::Whatsapp, _) => Some(self.graph(channel.options.waba_id.as_deref()?)),
            (ChannelKind::Instagram, InstagramLogin::Instagram) => Some(self.instagram("me")),
            (ChannelKind::Instagram, InstagramLogin::Facebook) => {
                Some(self.graph(channel.options.page_id.as_deref()?))
            }
            _ => Some(self.graph(&channel.external_id)),
        }
    }

    async fn test_meta(&self, channel: &ChannelAccess) -> Vec<Finding> {
        let mut findings = vec![self.test_account(channel).await];
        findings.push(match self.asset(channel) {
            Some(asset) => self.test_subscription(channel, &asset).await,
            None if channel.kind == ChannelKind::Whatsapp => {
                Finding::bad("webhook", "set `waba_id` to check the subscription")
            }
            None => Finding::bad("webhook", "set `page_id` to check the subscription"),
        });
        if channel.credentials.signing_secrets(channel.kind).is_empty() {
            findings.push(Finding::bad("credentials", "without `app_secret` every webhook is rejected"));
        }
        if channel.credentials.get("verify_token").is_none() {
            findings
                .push(Finding::bad("credentials", "without `verify_token` the address cannot be verified"));
        }
        findings
    }

    /// Whether the token speaks for the account the channel names.
    async fn test_account(&self, channel: &ChannelAccess) -> Finding {
        let (url, fields) = match (channel.kind, channel.options.login) {
            (ChannelKind::Whatsapp, _) => {
                (self.graph(&channel.external_id), "id,display_phone_number,verified_name")
            }
            (ChannelKind::Instagram, InstagramLogin::Instagram) => {
                (self.instagram("me"), "id,user_id,username")
            }
            (ChannelKind::Instagram, InstagramLogin::Facebook) => (
                self.graph(channel.options.page_id.as_deref().unwrap_or("me")),
                "instagram_business_account,name",
            ),
            _ => (self.graph(&channel.external_id), "id,name"),
        };
        match self.graph_get(channel, &url, &[("fields", fields)]).await {
            Ok(found) => account_finding(channel, &found),
            Err(outcome) => Finding::of("credentials", outcome),
        }
    }

    async fn test_subscription(&self, channel: &ChannelAccess, asset: &str) -> Finding {
        match self.graph_get(channel, &format!("{asset}/subscribed_apps"), &[]).await {
            Ok(found) if found.list("data").is_empty() => {
                Finding::bad("webhook", "no app is subscribed to this account: no message will arrive")
            }
            Ok(_) => Finding::good("webhook", "an app is subscribed to this account"),
            Err(outcome) => Finding::of("webhook", outcome),
        }
    }

    async fn test_telegram(&self, channel: &ChannelAccess, webhook_url: &str) -> Vec<Finding> {
        let account = match self.bot(channel, "getMe", &json!({})).await {
            Ok(bot) => account_finding(channel, &bot),
            Err(outcome) => return vec![Finding::of("credentials", outcome)],
        };
        let webhook = match self.bot(channel, "getWebhookInfo", &json!({})).await {
            Ok(info) => webhook_finding(&info, webhook_url),
            Err(outcome) => Finding::of("webhook", outcome),
        };
        let mut findings = vec![account, webhook];
        if channel.credentials.get("webhook_secret").is_none() {
            findings.push(Finding::bad("credentials", "without `webhook_secret` every webhook is rejected"));
        }
        findings
    }
}

/// On Instagram's own login `user_id` is what webhooks carry; `id` never fits (docs/platforms.md 3.1).
fn account_finding(channel: &ChannelAccess, found: &Value) -> Finding {
    let linked = found.at("instagram_business_account").and_then(|account| account.id("id"));
    let id = linked.or_else(|| found.id("user_id")).or_else(|| found.id("id"));
    let name =
        ["verified_name", "username", "name", "display_phone_number"].iter().find_map(|key| found.text(key));
    match id {
        Some(id) if id == channel.external_id => Finding::good(
            "account",
            name.map_or_else(
                || "the account is reachable".to_owned(),
                |name| format!("the account is {name}"),
            ),
        ),
        Some(id) => Finding::bad(
            "account",
            format!("the credentials belong to {id}, the channel is set to {}", channel.external_id),
        ),
        None => Finding::bad("account", "the platform returned no account for these credentials"),
    }
}

fn webhook_finding(info: &Value, wanted: &str) -> Finding {
    match info.text("url") {
        None => Finding::bad("webhook", "no webhook is set: no message will arrive"),
        Some(url) if url != wanted => Finding::bad("webhook", "the bot's webhook is set to another address"),
        Some(_) => match info.text("last_error_message") {
            Some(error) => Finding::bad("webhook", format!("Telegram could not deliver: {error}")),
            None => Finding::good("webhook", "the webhook is set"),
        },
    }
}
