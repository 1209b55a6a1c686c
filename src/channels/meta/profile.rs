//! What Instagram and Messenger know of a person. Source: docs/platforms.md 3, 4.

use super::graph;
use crate::channels::actions::{CallError, FetchedProfile};
use crate::channels::lenient::{Lenient, pick};
use crate::channels::{ChannelAccess, Platforms};
use crate::domain::inbound::{Profile, RemoteSource};
use crate::domain::outbound::SendOutcome;
use serde_json::Value;

/// Asks for a person's `fields` at their address.
pub async fn fetch(
    platforms: &Platforms,
    channel: &ChannelAccess,
    url: &str,
    fields: &str,
) -> Result<Option<FetchedProfile>, CallError> {
    match graph::get(platforms, channel, url, &[("fields", fields)]).await {
        Ok(found) => Ok(Some(profile(&found)).filter(|found| *found != FetchedProfile::default())),
        // No such profile (100/2018218): not an error, and nothing is broken.
        Err(SendOutcome::Refused(refusal)) if is_code(&refusal.code, "100") => Ok(None),
        // No consent yet: the next message may bring it.
        Err(SendOutcome::Refused(refusal)) if is_code(&refusal.code, "230") => Err(CallError {
            not_yet: true,
            channel_broken: false,
            ..CallError::from(SendOutcome::Refused(refusal))
        }),
        Err(outcome) => Err(outcome.into()),
    }
}

/// Whether a refusal has this code, with or without a subcode.
fn is_code(refused: &str, code: &str) -> bool {
    refused.split('/').next() == Some(code)
}

fn profile(found: &Value) -> FetchedProfile {
    let names: Vec<_> = [found.text("first_name"), found.text("last_name")].into_iter().flatten().collect();
    let avatar_url = found.text("profile_pic").filter(|url| url.starts_with("http"));
    FetchedProfile {
        profile: Profile {
            name: found.text("name").or_else(|| Some(names.join(" ")).filter(|name| !name.is_empty())),
            username: found.text("username"),
            avatar_url: avatar_url.clone(),
            locale: found.text("locale"),
        },
        avatar: avatar_url.map(|url| RemoteSource::Url { url }),
        details: pick(
            found,
            &["follower_count", "is_user_follow_business", "is_business_follow_user", "is_verified_user"],
        ),
    }
}
