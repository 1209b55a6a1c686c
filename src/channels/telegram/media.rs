//! How a file of Telegram is fetched: a look-up gives a path, which is read below the bot's own address.

use super::send;
use crate::channels::lenient::Lenient;
use crate::channels::media::{FetchError, RemoteFile, gone_or_later, later};
use crate::channels::{ChannelAccess, Platforms};
use serde_json::json;

/// Fetches a file of at most `limit` bytes.
pub async fn fetch(
    platforms: &Platforms,
    channel: &ChannelAccess,
    file_id: &str,
    limit: u64,
) -> Result<RemoteFile, FetchError> {
    let call =
        send::call(platforms, channel, "getFile", &json!({ "file_id": file_id })).await.map_err(later)?;
    let file = super::answer::judge(call).map_err(gone_or_later)?;
    let path = file.text("file_path").ok_or_else(|| FetchError::Gone("no path was given".to_owned()))?;
    let token = send::bot_token(channel).map_err(later)?;
    let base = send::base(platforms);
    platforms.get(&format!("{base}/file/bot{token}/{path}"), None, limit).await
}
