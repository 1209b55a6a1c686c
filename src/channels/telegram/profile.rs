//! What Telegram knows of a person or a group.

use super::send;
use crate::channels::actions::{CallError, FetchedProfile};
use crate::channels::lenient::{Lenient, pick};
use crate::channels::{ChannelAccess, Platforms};
use crate::domain::inbound::{CustomerIdentity, Profile, RemoteSource};
use serde_json::json;

/// Asks for the chat.
pub async fn fetch(
    platforms: &Platforms,
    channel: &ChannelAccess,
    who: &CustomerIdentity,
) -> Result<FetchedProfile, CallError> {
    let chat = send::ask(platforms, channel, "getChat", &json!({ "chat_id": who.platform_id() })).await?;
    let names: Vec<_> = [chat.text("first_name"), chat.text("last_name")].into_iter().flatten().collect();
    let photo =
        chat.at("photo").and_then(|photo| photo.text("big_file_id").or_else(|| photo.text("small_file_id")));
    Ok(FetchedProfile {
        profile: Profile {
            name: chat.text("title").or_else(|| Some(names.join(" ")).filter(|name| !name.is_empty())),
            username: chat.text("username"),
            ..Profile::default()
        },
        avatar: photo.map(|file_id| RemoteSource::TelegramFile { file_id }),
        details: pick(&chat, &["bio", "description"]),
    })
}
