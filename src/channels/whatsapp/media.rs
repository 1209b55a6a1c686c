//! How a file of WhatsApp is fetched: by the webhook's address, or by an id that is looked up for one.

use crate::channels::lenient::Lenient;
use crate::channels::media::{FetchError, RemoteFile, gone_or_later, later, segment};
use crate::channels::meta::errors;
use crate::channels::{ChannelAccess, Platforms};

/// The webhook's address if it still works, else a look-up and the address it gives; both with the token.
pub async fn fetch(
    platforms: &Platforms,
    channel: &ChannelAccess,
    id: &str,
    url: Option<&str>,
    limit: u64,
) -> Result<RemoteFile, FetchError> {
    let token = channel.token().map_err(later)?;
    if let Some(url) = url {
        match platforms.get(url, Some(token), limit).await {
            Err(FetchError::Gone(_) | FetchError::Later(_) | FetchError::Forbidden(_)) => {}
            done => return done,
        }
    }
    let lookup = platforms.graph(&segment(id));
    let request =
        platforms.http.get(lookup).query(&[("phone_number_id", &channel.external_id)]).bearer_auth(token);
    let answer = errors::judge(platforms.call(channel, request).await).map_err(gone_or_later)?;
    let url =
        answer.text("url").ok_or_else(|| FetchError::Later("the lookup returned no address".to_owned()))?;
    platforms.get(&url, Some(token), limit).await
}
