//! How long tokens of Meta live, and making Instagram's own live longer. Never a token in a text.
//! Source: docs/platforms.md 1.6.

use super::errors;
use crate::channels::actions::CallError;
use crate::channels::lenient::Lenient;
use crate::channels::{ChannelAccess, Platforms, RenewedToken};
use crate::domain::{Timestamp, TokenLife};
use std::time::Duration;

/// What is missing to ask about the channel's token.
pub fn missing(channel: &ChannelAccess) -> Option<&'static str> {
    ["app_id", "app_secret"].into_iter().find(|name| channel.credentials.get(name).is_none())
}

/// Asks about the channel's token, as the app that it was given to; none: the app is not known here.
pub async fn life(platforms: &Platforms, channel: &ChannelAccess) -> Result<Option<TokenLife>, CallError> {
    let credentials = &channel.credentials;
    let (Some(app), Some(secret)) = (credentials.get("app_id"), credentials.get("app_secret")) else {
        return Ok(None);
    };
    let url = platforms.graph("debug_token");
    let query = [("input_token", channel.token()?)];
    let request = platforms.http.get(url).query(&query).bearer_auth(format!("{app}|{secret}"));
    let found = errors::judge(platforms.call(channel, request).await)?;
    let Some(data) = found.at("data") else { return Ok(None) };
    if data.at("is_valid").is_some() && !data.flag("is_valid") {
        let why = data.at("error").and_then(|error| error.text("message"));
        let why = why.unwrap_or_else(|| "the access token is not valid any more".to_owned());
        return Err(errors::broken("190", &why).into());
    }
    // 0: it does not end.
    let at = |key: &str| data.moment(key);
    Ok(Some(TokenLife { expires_at: at("expires_at"), data_access_expires_at: at("data_access_expires_at") }))
}

/// Makes a token of Instagram's own login live for 60 days again.
pub async fn renew(
    platforms: &Platforms,
    channel: &ChannelAccess,
) -> Result<Option<RenewedToken>, CallError> {
    let url = platforms.instagram_root("refresh_access_token");
    let query = [("grant_type", "ig_refresh_token"), ("access_token", channel.token()?)];
    let found = errors::judge(platforms.call(channel, platforms.http.get(url).query(&query)).await)?;
    let token = found.text("access_token");
    let lives = found.int("expires_in").and_then(|seconds| u64::try_from(seconds).ok());
    let (Some(token), Some(lives)) = (token, lives) else { return Ok(None) };
    let expires_at = Timestamp::now().plus(Duration::from_secs(lives));
    Ok(Some(RenewedToken { token: token.into(), expires_at }))
}
