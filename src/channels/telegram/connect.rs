//! Connecting a bot: whose it is, and where Telegram sends its updates. Source: docs/platforms.md 5.1.

use super::send;
use crate::channels::actions::CallError;
use crate::channels::connect::Finding;
use crate::channels::lenient::{Lenient, pick};
use crate::channels::{ChannelAccess, Platforms};
use crate::domain::WebhookStanding;
use serde_json::{Value, json};

/// The updates an inbox lives on; some are not in Telegram's default set.
const UPDATES: [&str; 9] = [
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

/// Looks at the bot, its webhook and what proves its updates.
pub async fn test(platforms: &Platforms, channel: &ChannelAccess, webhook_url: &str) -> Vec<Finding> {
    let account = match send::ask(platforms, channel, "getMe", &json!({})).await {
        Ok(bot) => Finding::account(channel, &bot),
        Err(outcome) => return vec![Finding::of("credentials", outcome)],
    };
    let webhook = match send::ask(platforms, channel, "getWebhookInfo", &json!({})).await {
        Ok(info) => webhook_finding(&info, webhook_url),
        Err(outcome) => Finding::of("webhook", outcome),
    };
    let mut findings = vec![account, webhook];
    if channel.credentials.get("webhook_secret").is_none() {
        findings.push(Finding::bad("credentials", "without `webhook_secret` every webhook is rejected"));
    }
    findings
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

/// Tells Telegram where to send the bot's updates.
pub async fn subscribe(
    platforms: &Platforms,
    channel: &ChannelAccess,
    webhook_url: &str,
) -> Result<(), CallError> {
    let secret = channel.credentials.get("webhook_secret").unwrap_or_default();
    let body = json!({ "url": webhook_url, "secret_token": secret, "allowed_updates": UPDATES });
    send::ask(platforms, channel, "setWebhook", &body).await?;
    Ok(())
}

/// What Telegram says of the bot's webhook: waiting updates, the last error. Never the address with a token.
pub async fn webhook_info(platforms: &Platforms, channel: &ChannelAccess) -> Option<Value> {
    let info = send::ask(platforms, channel, "getWebhookInfo", &json!({})).await.ok()?;
    let shown = ["url", "pending_update_count", "last_error_date", "last_error_message", "allowed_updates"];
    Some(pick(&info, &shown).into())
}

/// How the bot's webhook stands, which should go to `webhook_url`.
pub async fn standing(
    platforms: &Platforms,
    channel: &ChannelAccess,
    webhook_url: &str,
) -> Result<Option<WebhookStanding>, CallError> {
    let info = send::ask(platforms, channel, "getWebhookInfo", &json!({})).await?;
    Ok(Some(WebhookStanding {
        is_ours: info.text("url").is_some_and(|url| url == webhook_url),
        pending: info.int("pending_update_count"),
        error: info.text("last_error_message"),
        error_at: info.moment("last_error_date"),
    }))
}
