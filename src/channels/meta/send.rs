//! The send call Instagram and Messenger share: `POST …/messages` with `recipient` and `message`.
//! Never decides when to send; a file is uploaded first, and a lost upload has sent nothing.
//! Source: docs/platforms.md 3.4, 4.

use super::errors;
use crate::channels::lenient::Lenient;
use crate::channels::{ChannelAccess, Platforms, media};
use crate::domain::inbound::{AttachmentKind, CustomerIdentity};
use crate::domain::outbound::{MediaSource, Outbound, OutboundMedia, Part, SendOutcome};
use bytes::Bytes;
use serde_json::{Value, json};

/// Where one account's calls go and what they may say.
pub struct Door {
    /// The address before `/messages`.
    pub base: String,
    /// Whether `metadata` comes back in the echo.
    pub takes_metadata: bool,
    /// Whether an answer may name the message it answers (on Instagram's own login: unproven).
    pub takes_reply_to: bool,
    /// Whether each message must say why it is sent.
    pub needs_messaging_type: bool,
    /// Said at an upload: `instagram`.
    pub platform: Option<&'static str>,
}

/// Hands one message to the platform.
pub async fn send(
    platforms: &Platforms,
    channel: &ChannelAccess,
    door: &Door,
    recipient: &CustomerIdentity,
    outbound: &Outbound,
) -> SendOutcome {
    let body = match body(platforms, channel, door, recipient, outbound).await {
        Ok(body) => body,
        Err(outcome) => return outcome,
    };
    let answer = match post(platforms, channel, &format!("{}/messages", door.base), &body).await {
        Ok(answer) => answer,
        Err(outcome) => return outcome,
    };
    let platform_message_id = match (&outbound.part, answer.id("message_id")) {
        (_, Some(id)) => id,
        // A reaction has no message of its own.
        (Part::Reaction { target, .. }, None) => target.clone(),
        _ => return SendOutcome::unknown("the platform's response has no message ID"),
    };
    let learned = answer.id("recipient_id").map(|id| CustomerIdentity::new(recipient.kind, id));
    SendOutcome::Accepted {
        platform_message_id,
        learned: learned.filter(|id| id != recipient).into_iter().collect(),
    }
}

/// One call with the channel's token, judged.
pub async fn post(
    platforms: &Platforms,
    channel: &ChannelAccess,
    url: &str,
    body: &Value,
) -> Result<Value, SendOutcome> {
    let token = channel.token()?;
    errors::judge(platforms.call(channel, platforms.http.post(url).bearer_auth(token).json(body)).await)
}

async fn body(
    platforms: &Platforms,
    channel: &ChannelAccess,
    door: &Door,
    recipient: &CustomerIdentity,
    outbound: &Outbound,
) -> Result<Value, SendOutcome> {
    let mut body = json!({ "recipient": { "id": recipient.external_id } });
    let mut message = match &outbound.part {
        Part::Text(text) => json!({ "text": text }),
        Part::Media(media) => json!({ "attachment": attachment(platforms, channel, door, media).await? }),
        Part::Reaction { target, emoji } => {
            body["sender_action"] = if emoji.is_some() { "react" } else { "unreact" }.into();
            body["payload"] = json!({ "message_id": target });
            if let Some(emoji) = emoji {
                // Instagram knows the heart by its word; other signs by themselves.
                let is_heart = door.platform == Some("instagram") && emoji.starts_with('\u{2764}');
                body["payload"]["reaction"] = if is_heart { "love" } else { emoji.as_str() }.into();
            }
            return Ok(body);
        }
        Part::Template(_) => {
            return Err(SendOutcome::refused("unsupported", "templates exist on WhatsApp only"));
        }
        Part::Location { .. } | Part::Contact(_) => {
            return Err(SendOutcome::refused(
                "unsupported",
                "this platform does not support locations or contacts",
            ));
        }
    };
    if door.takes_metadata {
        message["metadata"] = outbound.token.as_str().into();
    }
    if outbound.human_agent {
        body["messaging_type"] = "MESSAGE_TAG".into();
        body["tag"] = "HUMAN_AGENT".into();
    } else if door.needs_messaging_type {
        body["messaging_type"] = "RESPONSE".into();
    }
    if let Some(answered) = outbound.reply_to.as_deref().filter(|_| door.takes_reply_to) {
        body["reply_to"] = json!({ "mid": answered });
    }
    body["message"] = message;
    Ok(body)
}

async fn attachment(
    platforms: &Platforms,
    channel: &ChannelAccess,
    door: &Door,
    media: &OutboundMedia,
) -> Result<Value, SendOutcome> {
    let payload = match &media.source {
        MediaSource::Url(url) => json!({ "url": url }),
        MediaSource::Uploaded(id) => json!({ "attachment_id": id }),
        MediaSource::Bytes(bytes) => {
            json!({ "attachment_id": upload(platforms, channel, door, media, bytes).await? })
        }
    };
    Ok(json!({ "type": attachment_type(media.kind), "payload": payload }))
}

fn attachment_type(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Image
        | AttachmentKind::Sticker
        | AttachmentKind::Share
        | AttachmentKind::Animation => "image",
        AttachmentKind::Video => "video",
        AttachmentKind::Audio | AttachmentKind::Voice => "audio",
        AttachmentKind::Document => "file",
    }
}

/// Puts a file at the platform; gives its id.
async fn upload(
    platforms: &Platforms,
    channel: &ChannelAccess,
    door: &Door,
    media: &OutboundMedia,
    bytes: &Bytes,
) -> Result<String, SendOutcome> {
    let token = channel.token()?;
    let message =
        json!({ "attachment": { "type": attachment_type(media.kind), "payload": { "is_reusable": false } } });
    let name = media.file_name.clone().unwrap_or_else(|| "file".to_owned());
    let mut form = crate::channels::media::form().text("message", message.to_string());
    if let Some(platform) = door.platform {
        form = form.text("platform", platform);
    }
    form = form.part("filedata", media::form_part(bytes.clone(), name, &media.mime_type)?);
    let url = format!("{}/message_attachments", door.base);
    let call = platforms.call(channel, platforms.http.post(url).bearer_auth(token).multipart(form)).await;
    let answer = errors::judge(call).map_err(media::nothing_sent)?;
    answer.id("attachment_id").ok_or_else(|| SendOutcome::not_sent("the upload returned no ID"))
}

/// `mark_seen`, `typing_on`, `typing_off`: always a request of its own.
pub async fn act(
    platforms: &Platforms,
    channel: &ChannelAccess,
    door: &Door,
    recipient: &CustomerIdentity,
    action: &str,
) -> Result<(), SendOutcome> {
    let body = json!({ "recipient": { "id": recipient.external_id }, "sender_action": action });
    post(platforms, channel, &format!("{}/messages", door.base), &body).await.map(drop)
}
