//! What a WhatsApp message holds, type by type. Never who wrote it or when.
//! Source: docs/platforms.md 2.3.

use super::read::{PLACEHOLDER, words};
use crate::channels::lenient::{Lenient, bare_mime, pick};
use crate::domain::MessageType;
use crate::domain::inbound::{
    AttachmentKind, Author, Participant, Profile, RemoteAttachment, RemoteSource, Thread,
};
use serde_json::{Map, Value, json};

/// What a message holds.
#[derive(Debug)]
pub struct Content {
    pub message_type: MessageType,
    pub text: Option<String>,
    pub attachments: Vec<RemoteAttachment>,
    pub reply_to: Option<String>,
    pub details: Map<String, Value>,
}

impl Content {
    fn new(message_type: MessageType) -> Self {
        Self { message_type, text: None, attachments: Vec::new(), reply_to: None, details: Map::new() }
    }

    fn says(mut self, text: Option<String>) -> Self {
        self.text = text;
        self
    }

    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }
}

/// Reads a message by its `type`. An unknown type, and a known one that holds nothing to show,
/// becomes a placeholder: somebody wrote.
pub fn read(value: &Value) -> Content {
    let kind = value.text("type").unwrap_or_default();
    let mut content = match known(value) {
        Some(content) => content,
        None if kind == "media_placeholder" => Content::new(PLACEHOLDER).with("placeholder", true),
        None => unsupported(&kind, value),
    };
    add_context(&mut content, value);
    if let Some(referral) = value.at("referral").filter(|referral| referral.is_object()) {
        content.details.insert("referral".to_owned(), referral.clone());
    }
    content
}

/// What a message of a type that we know holds; `None`: nothing that could be shown.
pub fn known(value: &Value) -> Option<Content> {
    let kind = value.text("type")?;
    let part = value.at(&kind).filter(|part| part.is_object() || part.is_array())?;
    Some(match kind.as_str() {
        "text" => Content::new(MessageType::Text).says(Some(part.text("body")?)),
        "image" => media(AttachmentKind::Image, part),
        "video" => media(AttachmentKind::Video, part),
        "document" => media(AttachmentKind::Document, part),
        "sticker" => media(AttachmentKind::Sticker, part),
        "audio" if part.flag("voice") => media(AttachmentKind::Voice, part),
        "audio" => media(AttachmentKind::Audio, part),
        "location" => location(part)?,
        "contacts" => contacts(part)?,
        "interactive" => interactive(part)?,
        "button" => button(part)?,
        "template" => template(part)?,
        "order" => order(part)?,
        _ => return None,
    })
}

/// What another tool of ours sent.
fn template(part: &Value) -> Option<Content> {
    let template = pick(part, &["name", "language", "components"]);
    if template.is_empty() {
        return None;
    }
    Some(Content::new(MessageType::Interactive).says(part.text("name")).with("template", template))
}

fn order(part: &Value) -> Option<Content> {
    let order = pick(part, &["catalog_id", "text", "product_items"]);
    if order.is_empty() {
        return None;
    }
    Some(Content::new(MessageType::Interactive).says(part.text("text")).with("order", order))
}

/// What is left of a call: who called, whether anybody answered, how long they spoke.
pub fn call(value: &Value) -> Content {
    let seconds = value.int("duration").filter(|seconds| *seconds > 0);
    let is_ours = value.text("direction").is_some_and(|direction| direction == "BUSINESS_INITIATED");
    let words = match (seconds, is_ours) {
        (Some(_), _) => "Call",
        (None, false) => "Missed call",
        (None, true) => "Call without an answer",
    };
    let call = json!({ "missed": seconds.is_none(), "outgoing": is_ours, "seconds": seconds });
    Content::new(MessageType::Interactive).says(Some(words.to_owned())).with("call", call)
}

fn media(kind: AttachmentKind, part: &Value) -> Content {
    let source = match part.id("id") {
        Some(id) => {
            RemoteSource::WhatsappMedia { id, url: part.text("url").filter(|url| url.starts_with("http")) }
        }
        None => part
            .text("url")
            .or_else(|| part.text("link"))
            .map_or(RemoteSource::Withheld, |url| RemoteSource::Url { url }),
    };
    let mut content = Content::new(kind.message_type()).says(part.text("caption"));
    content.attachments.push(RemoteAttachment {
        mime_type: part.text("mime_type").and_then(|mime| bare_mime(&mime)),
        file_name: part.text("filename"),
        size: part.int("file_size"),
        animated: part.flag("animated"),
        ..RemoteAttachment::new(kind, source)
    });
    content
}

fn location(part: &Value) -> Option<Content> {
    let (latitude, longitude) = (part.float("latitude")?, part.float("longitude")?);
    let mut place = pick(part, &["name", "address", "url"]);
    place.insert("latitude".to_owned(), json!(latitude));
    place.insert("longitude".to_owned(), json!(longitude));
    Some(Content::new(MessageType::Location).with("location", place))
}

/// All cards in one row; a card may lack telephones.
fn contacts(part: &Value) -> Option<Content> {
    let cards = part.as_array()?;
    let holds = |card: &Value| card.as_object().is_some_and(|card| !card.is_empty());
    if !cards.iter().any(holds) {
        return None;
    }
    let cards: Vec<Value> = cards.iter().map(card).collect();
    Some(Content::new(MessageType::Contact).with("contacts", cards))
}

fn card(card: &Value) -> Value {
    let name = card.at("name").and_then(|name| {
        name.text("formatted_name").or_else(|| {
            let parts: Vec<_> =
                [name.text("first_name"), name.text("last_name")].into_iter().flatten().collect();
            Some(parts.join(" ")).filter(|name| !name.is_empty())
        })
    });
    let list = |key: &str, member: &str| -> Vec<String> {
        card.list(key).iter().filter_map(|entry| entry.text(member)).collect()
    };
    json!({
        "name": name,
        "phones": list("phones", "phone"),
        "emails": list("emails", "email"),
        "organization": card.at("org").and_then(|org| org.text("company")),
        "wa_id": card.list("phones").iter().find_map(|phone| phone.id("wa_id")),
    })
}

/// An answer by button, list or form; `None`: it names none.
fn interactive(part: &Value) -> Option<Content> {
    let kind = part.text("type").unwrap_or_default();
    let reply = part.at(&kind).cloned().unwrap_or_default();
    let mut payload = pick(
        &reply,
        &["id", "title", "description", "name", "body", "response_json", "response", "expiration_timestamp"],
    );
    let text = reply.text("title").or_else(|| reply.text("body")).or_else(|| reply.text("response"));
    // Buttons and lists that another tool of ours sent: their words, and what they offer.
    let sent = part.at("body").and_then(|body| body.text("text"));
    if sent.is_some() {
        payload.extend(pick(part, &["header", "footer", "action"]));
    }
    if payload.is_empty() {
        return None;
    }
    let calls = (kind == "call_permission_reply").then(|| on_calls(&reply)).flatten();
    payload.insert("kind".to_owned(), kind.into());
    if let Some(id) = reply.id("id") {
        payload.insert("payload".to_owned(), id.into());
    }
    let mut content = Content::new(MessageType::Interactive).says(sent.or(text)).with("interactive", payload);
    content.details.extend(calls.map(|answer| ("calls".to_owned(), answer)));
    Some(content)
}

/// Whether we may call a customer who was asked, and until when (docs/platforms.md 2.12).
fn on_calls(reply: &Value) -> Option<Value> {
    let is_allowed = match reply.text("response")?.as_str() {
        "accept" => true,
        "reject" => false,
        _ => return None,
    };
    let until = reply.moment("expiration_timestamp").filter(|_| is_allowed);
    Some(json!({ "allowed": is_allowed, "until": until.map(|until| until.0) }))
}

/// A tap on a template's quick reply.
fn button(part: &Value) -> Option<Content> {
    let (title, payload) = (part.text("text"), part.text("payload"));
    let words = title.clone().or_else(|| payload.clone())?;
    let tapped = json!({ "kind": "button", "title": title, "payload": payload });
    Some(Content::new(MessageType::Interactive).says(Some(words)).with("interactive", tapped))
}

fn unsupported(kind: &str, value: &Value) -> Content {
    let error = value.list("errors").first();
    let inner = value.at("unsupported").and_then(|part| part.text("type"));
    let code = error.and_then(|error| error.id("code"));
    let details = json!({
        "type": inner.or_else(|| Some(words(kind)).filter(|kind| !kind.is_empty())),
        "code": code,
        "title": error.and_then(|error| error.text("title")),
        // The message came from a companion device that the API cannot read (docs/platforms.md 2.3).
        "on_phone": code.as_deref() == Some("131060"),
    });
    Content::new(PLACEHOLDER).with("unsupported", details)
}

/// `context`: a reply, a forward (which has no id), or a question about a product.
fn add_context(content: &mut Content, value: &Value) {
    let Some(about) = value.at("context") else { return };
    content.reply_to = about.id("id");
    for key in ["forwarded", "frequently_forwarded"] {
        if about.flag(key) {
            content.details.insert(key.to_owned(), true.into());
        }
    }
    if let Some(product) = about.at("referred_product") {
        content.details.insert("product".to_owned(), product.clone());
    }
}

/// Who reacts, where the event names only a side and a thread.
pub fn actor(author: Author, thread: &Thread, profile: &Profile) -> Option<Participant> {
    let identity = thread.first().filter(|_| author == Author::Customer)?;
    Some(Participant { identity: identity.clone(), profile: profile.clone() })
}
