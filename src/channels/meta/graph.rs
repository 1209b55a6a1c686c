//! Reading calls to Graph.

use super::errors;
use crate::channels::{ChannelAccess, Platforms};
use crate::domain::outbound::SendOutcome;
use serde_json::Value;

/// One reading call with the channel's token, judged.
pub async fn get(
    platforms: &Platforms,
    channel: &ChannelAccess,
    url: &str,
    query: &[(&str, &str)],
) -> Result<Value, SendOutcome> {
    let request = platforms.http.get(url).query(query).bearer_auth(channel.token()?);
    errors::judge(platforms.call(channel, request).await)
}
