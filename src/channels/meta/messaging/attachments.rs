//! The files, shares, stories and places of an Instagram or Messenger message.
//! Never a story's file: the platform's terms let us keep its link only.

use crate::channels::lenient::{Lenient, pick};
use crate::channels::media::name_in_address;
use crate::domain::MessageType;
use crate::domain::inbound::{AttachmentKind, RemoteAttachment, RemoteSource};
use serde_json::{Map, Value, json};

/// What a message holds.
#[derive(Debug)]
pub struct Content {
    pub message_type: MessageType,
    pub text: Option<String>,
    pub attachments: Vec<RemoteAttachment>,
    pub details: Map<String, Value>,
}

/// Reads `attachments`; the first one gives the message its type.
pub fn read(part: &Value) -> Content {
    let mut content = nothing();
    let attachments = part.list("attachments");
    let has_sticker = attachments.iter().any(|one| one.text("type").as_deref() == Some("sticker"));
    for attachment in attachments {
        // Until Meta's change is through, one sticker comes as sticker and as image: show one.
        if !(has_sticker && is_sticker_image(attachment)) {
            add(&mut content, attachment);
        }
    }
    content
}

/// A message that holds nothing yet.
pub fn nothing() -> Content {
    Content { message_type: MessageType::Text, text: None, attachments: Vec::new(), details: Map::new() }
}

fn is_sticker_image(attachment: &Value) -> bool {
    attachment.text("type").as_deref() == Some("image")
        && attachment.at("payload").is_some_and(|payload| payload.id("sticker_id").is_some())
}

fn add(content: &mut Content, attachment: &Value) {
    let empty = Value::Null;
    let payload = attachment.at("payload").unwrap_or(&empty);
    let kind = attachment.text("type").unwrap_or_default();
    match kind.as_str() {
        "image" if is_sticker_image(attachment) => add_file(content, AttachmentKind::Sticker, payload),
        "image" => add_file(content, AttachmentKind::Image, payload),
        "video" => add_file(content, AttachmentKind::Video, payload),
        "audio" => add_file(content, AttachmentKind::Audio, payload),
        "file" => add_file(content, AttachmentKind::Document, payload),
        "sticker" | "animated_sticker" => add_file(content, AttachmentKind::Sticker, payload),
        "share" | "ig_post" | "post" | "media" | "ig_reel" | "reel" => add_share(content, &kind, payload),
        "story_mention" | "ig_story" => {
            set_type(content, MessageType::StoryMention);
            content
                .details
                .insert("story".to_owned(), pick(payload, &["id", "url", "story_media_id"]).into());
        }
        "location" => add_location(content, attachment, payload),
        "fallback" => add_link(content, attachment, payload),
        "template" => add_template(content, attachment, payload),
        _ if payload.text("url").is_some() => add_file(content, AttachmentKind::Document, payload),
        other => add_unknown(content, other, payload),
    }
}

/// The first attachment decides; the others go along.
fn set_type(content: &mut Content, message_type: MessageType) {
    if content.message_type == MessageType::Text {
        content.message_type = message_type;
    }
}

/// Private and expired files come without an address: the row shows a placeholder for them.
fn add_file(content: &mut Content, kind: AttachmentKind, payload: &Value) {
    let source = payload
        .text("url")
        .filter(|url| url.starts_with("http"))
        .map_or(RemoteSource::Withheld, |url| RemoteSource::Url { url });
    set_type(content, kind.message_type());
    let in_address = || match &source {
        // A picture's name there is a number; a document's is its sender's.
        RemoteSource::Url { url } if kind == AttachmentKind::Document => name_in_address(url),
        _ => None,
    };
    let said = payload.text("title").or_else(|| payload.text("file_name")).or_else(|| payload.text("name"));
    content.attachments.push(RemoteAttachment {
        file_name: said.or_else(in_address),
        ..RemoteAttachment::new(kind, source)
    });
}

/// A shared post or reel: its picture, and where it is from.
fn add_share(content: &mut Content, kind: &str, payload: &Value) {
    if payload.text("url").is_some() {
        add_file(content, AttachmentKind::Share, payload);
    } else {
        add_unknown(content, kind, payload);
    }
    let mut share = pick(payload, &["title", "url", "ig_post_media_id", "reel_video_id", "id"]);
    share.insert("kind".to_owned(), kind.into());
    content.details.insert("share".to_owned(), share.into());
}

fn add_location(content: &mut Content, attachment: &Value, payload: &Value) {
    let place = payload.at("coordinates").unwrap_or(payload);
    let (Some(latitude), Some(longitude)) = (place.float("lat"), place.float("long")) else {
        return add_unknown(content, "location", attachment);
    };
    set_type(content, MessageType::Location);
    content.text = content.text.take().or_else(|| attachment.text("title"));
    content.details.insert(
        "location".to_owned(),
        json!({
            "latitude": latitude,
            "longitude": longitude,
            "name": attachment.text("title"),
            "address": null,
        }),
    );
}

/// A link somebody pasted: title and address stand beside a null payload.
fn add_link(content: &mut Content, attachment: &Value, payload: &Value) {
    let find = |key: &str| attachment.text(key).or_else(|| payload.text(key));
    let (title, url) = (find("title"), find("url"));
    content.text = content.text.take().or_else(|| title.clone()).or_else(|| url.clone());
    content.details.insert("share".to_owned(), json!({ "kind": "link", "title": title, "url": url }));
}

/// What our side sent as cards or buttons, coming back in an echo.
fn add_template(content: &mut Content, attachment: &Value, payload: &Value) {
    if attachment.text("title").is_none() && payload.as_object().is_none_or(Map::is_empty) {
        return add_unknown(content, "template", payload);
    }
    set_type(content, MessageType::Interactive);
    let element = payload.list("elements").first();
    content.text = content
        .text
        .take()
        .or_else(|| payload.text("text"))
        .or_else(|| attachment.text("title"))
        .or_else(|| element.and_then(|element| element.text("title")));
    content.details.insert("template".to_owned(), payload.clone());
}

fn add_unknown(content: &mut Content, kind: &str, payload: &Value) {
    let kind: String = kind.chars().filter(char::is_ascii_graphic).take(40).collect();
    // A known kind whose address is missing, or a kind we do not know: visible, not dropped.
    set_type(content, MessageType::Unsupported);
    let mut details = pick(payload, &["title", "id"]);
    details.insert("type".to_owned(), kind.into());
    content.details.insert("unsupported".to_owned(), details.into());
}
