//! Sending through WhatsApp Cloud API: messages, read marks, typing, uploads.
//! Never decides when to send; a file is uploaded first, and a lost upload has sent nothing.
//! Source: docs/platforms.md 2.2, 2.5, 2.6.

use super::kind::KIND;
use super::template_message;
use crate::channels::lenient::Lenient;
use crate::channels::meta::errors;
use crate::channels::{ChannelAccess, Platforms};
use crate::domain::inbound::{AttachmentKind, CustomerIdentity, IdentityKind, Thread};
use crate::domain::outbound::{ContactCard, MediaSource, Outbound, OutboundMedia, Part, SendOutcome};
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// Hands one message to WhatsApp.
pub async fn send(platforms: &Platforms, channel: &ChannelAccess, outbound: &Outbound) -> SendOutcome {
    let Some(mut body) = address(&outbound.thread) else {
        return SendOutcome::refused("no_address", "this customer has no WhatsApp number or id");
    };
    let content = match content(platforms, channel, &outbound.part).await {
        Ok(content) => content,
        Err(outcome) => return outcome,
    };
    body.extend(content);
    body.insert("biz_opaque_callback_data".to_owned(), outbound.token.clone().into());
    if let Some(answered) = &outbound.reply_to {
        body.insert("context".to_owned(), json!({ "message_id": answered }));
    }
    match post_message(platforms, channel, &Value::Object(body)).await {
        Ok(answer) => accepted(&answer),
        Err(outcome) => outcome,
    }
}

async fn post_message(
    platforms: &Platforms,
    channel: &ChannelAccess,
    body: &Value,
) -> Result<Value, SendOutcome> {
    let token = channel.token()?;
    let url = platforms.graph(&format!("{}/messages", channel.external_id));
    errors::judge(platforms.call(channel, platforms.http.post(url).bearer_auth(token).json(body)).await)
}

/// Who gets it: the group, else the number (always with `+`), else the business-scoped id.
fn address(thread: &Thread) -> Option<Map<String, Value>> {
    let mut body = Map::new();
    let mut put = |key: &str, value: String| body.insert(key.to_owned(), value.into());
    put("messaging_product", "whatsapp".to_owned());
    if let Some(group) = thread.find(IdentityKind::WhatsappGroup) {
        put("recipient_type", "group".to_owned());
        put("to", group.external_id.clone());
        return Some(body);
    }
    put("recipient_type", "individual".to_owned());
    if let Some(phone) = thread.find(IdentityKind::Phone) {
        put("to", format!("+{}", phone.external_id));
    } else {
        let user = thread.find(IdentityKind::Bsuid).or_else(|| thread.find(IdentityKind::ParentBsuid))?;
        put("recipient", user.external_id.clone());
    }
    Some(body)
}

/// `type` and the object of that name.
async fn content(
    platforms: &Platforms,
    channel: &ChannelAccess,
    part: &Part,
) -> Result<Map<String, Value>, SendOutcome> {
    let (kind, object) = match part {
        Part::Text(text) => ("text", json!({ "body": text, "preview_url": false })),
        Part::Media(media) => media_object(platforms, channel, media).await?,
        Part::Reaction { target, emoji } => {
            ("reaction", json!({ "message_id": target, "emoji": emoji.as_deref().unwrap_or_default() }))
        }
        Part::Template(template) => ("template", template_message::lower(template)?),
        Part::Location { latitude, longitude, name, address } => (
            "location",
            json!({ "latitude": latitude, "longitude": longitude, "name": name, "address": address }),
        ),
        Part::Contact(card) => ("contacts", json!([contact(card)])),
    };
    Ok(Map::from_iter([("type".to_owned(), kind.into()), (kind.to_owned(), object)]))
}

/// A card in WhatsApp's shape: it wants a first name beside the whole one.
fn contact(card: &ContactCard) -> Value {
    let phones: Vec<_> = card.phones.iter().map(|phone| json!({ "phone": phone, "type": "CELL" })).collect();
    let emails: Vec<_> = card.emails.iter().map(|email| json!({ "email": email })).collect();
    let mut shape =
        json!({ "name": { "formatted_name": card.name, "first_name": card.name }, "phones": phones });
    if !emails.is_empty() {
        shape["emails"] = emails.into();
    }
    if let Some(organization) = &card.organization {
        shape["org"] = json!({ "company": organization });
    }
    shape
}

async fn media_object(
    platforms: &Platforms,
    channel: &ChannelAccess,
    media: &OutboundMedia,
) -> Result<(&'static str, Value), SendOutcome> {
    let (kind, is_recording) = media_type(media);
    let mut object = match &media.source {
        MediaSource::Uploaded(id) => json!({ "id": id }),
        MediaSource::Url(url) => json!({ "link": url }),
        MediaSource::Bytes(bytes) => json!({ "id": upload(platforms, channel, media, bytes).await? }),
    };
    if let Some(caption) = media.caption.as_deref().filter(|_| matches!(kind, "image" | "video" | "document"))
    {
        object["caption"] = caption.into();
    }
    if let Some(name) = media.file_name.as_deref().filter(|_| kind == "document") {
        object["filename"] = name.into();
    }
    if is_recording {
        object["voice"] = true.into();
    }
    Ok((kind, object))
}

/// What WhatsApp shows it as; what it takes as no picture or film goes as a document.
fn media_type(media: &OutboundMedia) -> (&'static str, bool) {
    match KIND.goes_as(media) {
        AttachmentKind::Sticker => ("sticker", false),
        AttachmentKind::Image | AttachmentKind::Share => ("image", false),
        AttachmentKind::Video | AttachmentKind::Animation => ("video", false),
        AttachmentKind::Voice => ("audio", true),
        AttachmentKind::Audio => ("audio", false),
        AttachmentKind::Document => ("document", false),
    }
}

/// Puts a file at WhatsApp for 30 days; gives its id.
pub async fn upload(
    platforms: &Platforms,
    channel: &ChannelAccess,
    media: &OutboundMedia,
    bytes: &Bytes,
) -> Result<String, SendOutcome> {
    let token = channel.token()?;
    let name = media.file_name.clone().unwrap_or_else(|| "file".to_owned());
    let form = crate::channels::media::form()
        .text("messaging_product", "whatsapp")
        .text("type", media.mime_type.clone())
        .part("file", crate::channels::media::form_part(bytes.clone(), name, &media.mime_type)?);
    let url = platforms.graph(&format!("{}/media", channel.external_id));
    let call = platforms.call(channel, platforms.http.post(url).bearer_auth(token).multipart(form)).await;
    let answer = errors::judge(call).map_err(crate::channels::media::nothing_sent)?;
    answer.id("id").ok_or_else(|| SendOutcome::not_sent("the upload returned no ID"))
}

/// The message's id, and the number or id WhatsApp knows the customer by (docs/platforms.md 2.2).
fn accepted(answer: &Value) -> SendOutcome {
    let Some(platform_message_id) = answer.list("messages").first().and_then(|message| message.id("id"))
    else {
        return SendOutcome::unknown("WhatsApp's response has no message ID");
    };
    let contact = answer.list("contacts").first();
    let learn = |key: &str| contact.and_then(|contact| contact.id(key));
    let phone = learn("wa_id").map(|number| CustomerIdentity::phone(&number));
    let user = learn("user_id").map(|id| CustomerIdentity::new(IdentityKind::Bsuid, id));
    SendOutcome::Accepted { platform_message_id, learned: phone.into_iter().chain(user).collect() }
}

/// Marks a message and all before it as read; with `typing`, also shows that somebody writes.
pub async fn mark_read(
    platforms: &Platforms,
    channel: &ChannelAccess,
    message_id: &str,
    typing: bool,
) -> Result<(), SendOutcome> {
    let mut body = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": message_id });
    if typing {
        body["typing_indicator"] = json!({ "type": "text" });
    }
    post_message(platforms, channel, &body).await.map(drop)
}
