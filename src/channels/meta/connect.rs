//! Connecting an account at Meta: whether the token speaks for it, and whether an app is subscribed to it.
//! Source: docs/platforms.md 1.1, 3.1.

use super::{errors, graph};
use crate::channels::actions::CallError;
use crate::channels::connect::Finding;
use crate::channels::lenient::Lenient;
use crate::channels::{ChannelAccess, Platforms};

/// Where an account stands.
pub struct Account {
    /// Its own address.
    pub url: String,
    /// The fields that name it.
    pub fields: &'static str,
    /// What is subscribed to, for its webhooks; or the option that is missing to know.
    pub asset: Result<String, &'static str>,
}

/// Looks at the account, its subscription and what signs its webhooks.
pub async fn test(
    platforms: &Platforms,
    channel: &ChannelAccess,
    account: Account,
    secrets: &[&str],
) -> Vec<Finding> {
    let found = graph::get(platforms, channel, &account.url, &[("fields", account.fields)]).await;
    let mut findings = vec![match found {
        Ok(found) => Finding::account(channel, &found),
        Err(outcome) => Finding::of("credentials", outcome),
    }];
    findings.push(match account.asset {
        Ok(asset) => subscription(platforms, channel, &asset).await,
        Err(option) => Finding::bad("webhook", format!("set `{option}` to check the subscription")),
    });
    if channel.credentials.any_of(secrets).is_empty() {
        findings.push(Finding::bad("credentials", "without `app_secret` every webhook is rejected"));
    }
    if channel.credentials.get("verify_token").is_none() {
        findings.push(Finding::bad("credentials", "without `verify_token` the address cannot be verified"));
    }
    findings
}

async fn subscription(platforms: &Platforms, channel: &ChannelAccess, asset: &str) -> Finding {
    match graph::get(platforms, channel, &format!("{asset}/subscribed_apps"), &[]).await {
        Ok(found) if found.list("data").is_empty() => {
            Finding::bad("webhook", "no app is subscribed to this account: no message will arrive")
        }
        Ok(_) => Finding::good("webhook", "an app is subscribed to this account"),
        Err(outcome) => Finding::of("webhook", outcome),
    }
}

/// Has our app called for what happens to an asset; `fields`: which of it, where the platform asks.
pub async fn subscribe(
    platforms: &Platforms,
    channel: &ChannelAccess,
    account: Account,
    fields: Option<&str>,
) -> Result<(), CallError> {
    let Ok(asset) = account.asset else { return Ok(()) };
    let query: Vec<_> = fields.map(|fields| ("subscribed_fields", fields)).into_iter().collect();
    let url = format!("{asset}/subscribed_apps");
    let request = platforms.http.post(url).query(&query).bearer_auth(channel.token()?);
    errors::judge(platforms.call(channel, request).await)?;
    Ok(())
}
