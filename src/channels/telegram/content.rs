//! What a Telegram message holds. Never who wrote it or when.
//! Source: docs/platforms.md 5.3: photos are sizes of one picture, an animation also fills `document`, a
//! venue also `location`.

use crate::channels::lenient::{Lenient, bare_mime, pick};
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

/// Reads the one content of a message; a kind without a word of its own becomes a placeholder.
pub fn read(part: &Value) -> Content {
    let mut content = kind_of(part);
    content.text = content.text.or_else(|| part.text("text")).or_else(|| part.text("caption"));
    add_start(&mut content);
    add_origin(&mut content, part);
    content
}

/// The files, in the order in which one may hide another.
const FILES: [(&str, AttachmentKind); 7] = [
    ("animation", AttachmentKind::Animation),
    ("video", AttachmentKind::Video),
    ("video_note", AttachmentKind::Video),
    ("voice", AttachmentKind::Voice),
    ("audio", AttachmentKind::Audio),
    ("sticker", AttachmentKind::Sticker),
    ("document", AttachmentKind::Document),
];

fn kind_of(part: &Value) -> Content {
    if let Some(photo) = largest(part.list("photo")) {
        return of_file(AttachmentKind::Image, photo);
    }
    let file =
        |(key, kind): &(&str, AttachmentKind)| Some((*kind, part.at(key).filter(|at| at.is_object())?));
    if let Some((kind, file)) = FILES.iter().find_map(file) {
        return of_file(kind, file);
    }
    if part.text("text").is_some() {
        return Content::new(MessageType::Text);
    }
    let place = || part.at("venue").or_else(|| part.at("location")).and_then(of_place);
    place()
        .or_else(|| of_contact(part.at("contact")?, part))
        .or_else(|| of_poll(part.at("poll")?))
        .or_else(|| of_dice(part.at("dice")?))
        .unwrap_or_else(|| of_service(part))
}

fn of_poll(poll: &Value) -> Option<Content> {
    let question = poll.text("question")?;
    let poll = pick(poll, &["id", "question", "options"]);
    Some(Content::new(MessageType::Interactive).says(Some(question)).with("poll", poll))
}

fn of_dice(dice: &Value) -> Option<Content> {
    let shown = [dice.text("emoji"), dice.int("value").map(|value| value.to_string())];
    let shown: Vec<_> = shown.into_iter().flatten().collect();
    if shown.is_empty() {
        return None;
    }
    Some(Content::new(MessageType::Text).says(Some(shown.join(" "))).with("dice", dice.clone()))
}

impl Content {
    fn new(message_type: MessageType) -> Self {
        Self { message_type, text: None, attachments: Vec::new(), details: Map::new() }
    }

    fn says(mut self, text: Option<String>) -> Self {
        self.text = text.filter(|text| !text.is_empty());
        self
    }

    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }
}

/// The sizes are of one picture; the largest counts (the last, where they do not say).
fn largest(sizes: &[Value]) -> Option<&Value> {
    sizes
        .iter()
        .max_by_key(|size| size.int("width").unwrap_or(0).saturating_mul(size.int("height").unwrap_or(0)))
}

fn of_file(kind: AttachmentKind, file: &Value) -> Content {
    let source =
        file.text("file_id").map_or(RemoteSource::Withheld, |file_id| RemoteSource::TelegramFile { file_id });
    let mut content = Content::new(kind.message_type());
    if kind == AttachmentKind::Sticker {
        content.details.insert("sticker".to_owned(), pick(file, &["emoji", "set_name"]).into());
        content.text = file.text("emoji");
    }
    content.attachments.push(RemoteAttachment {
        mime_type: file.text("mime_type").and_then(|mime| bare_mime(&mime)).or_else(|| mime_of(kind, file)),
        file_name: file.text("file_name"),
        size: file.int("file_size"),
        duration: file.int("duration"),
        width: file.int("width").or_else(|| file.int("length")),
        height: file.int("height").or_else(|| file.int("length")),
        animated: kind == AttachmentKind::Animation || file.flag("is_animated") || file.flag("is_video"),
        ..RemoteAttachment::new(kind, source)
    });
    content
}

/// What Telegram's own formats are, where it names no media type.
fn mime_of(kind: AttachmentKind, file: &Value) -> Option<String> {
    let mime = match kind {
        AttachmentKind::Image => "image/jpeg",
        AttachmentKind::Sticker if file.flag("is_animated") => "application/x-tgsticker",
        AttachmentKind::Sticker if file.flag("is_video") => "video/webm",
        AttachmentKind::Sticker => "image/webp",
        AttachmentKind::Voice => "audio/ogg",
        _ => return None,
    };
    Some(mime.to_owned())
}

fn of_place(place: &Value) -> Option<Content> {
    let point = place.at("location").unwrap_or(place);
    let location = json!({
        "latitude": point.float("latitude")?,
        "longitude": point.float("longitude")?,
        "name": place.text("title"),
        "address": place.text("address"),
        "live": point.int("live_period").is_some(),
    });
    Some(Content::new(MessageType::Location).with("location", location))
}

/// A card is the sender's own number only where its user id is theirs.
fn of_contact(contact: &Value, part: &Value) -> Option<Content> {
    let names: Vec<_> =
        [contact.text("first_name"), contact.text("last_name")].into_iter().flatten().collect();
    let name = Some(names.join(" ")).filter(|name| !name.is_empty());
    let from = part.at("from").and_then(|from| from.id("id"));
    let phone = contact.text("phone_number");
    if name.is_none() && phone.is_none() {
        return None;
    }
    let card = json!({
        "name": name,
        "phones": phone.into_iter().collect::<Vec<_>>(),
        "user_id": contact.id("user_id"),
        "is_sender": from.is_some() && contact.id("user_id") == from,
    });
    Some(Content::new(MessageType::Contact).with("contacts", vec![card]))
}

/// Members came or went, something was pinned or renamed: a notice. What else there is: a placeholder.
fn of_service(part: &Value) -> Content {
    const SERVICE: [&str; 26] = [
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
        "group_chat_created",
        "supergroup_chat_created",
        "pinned_message",
        "forum_topic_created",
        "message_auto_delete_timer_changed",
        "channel_chat_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "video_chat_scheduled",
        "video_chat_started",
        "video_chat_ended",
        "video_chat_participants_invited",
        "write_access_allowed",
        "connected_website",
        "boost_added",
        "chat_background_set",
        "proximity_alert_triggered",
        "successful_payment",
    ];
    let Some(key) = SERVICE.iter().find(|key| part.at(key).is_some()) else {
        return of_unknown(part);
    };
    let who = match *key {
        "new_chat_members" => {
            part.list("new_chat_members").iter().filter_map(|user| user.text("first_name")).collect()
        }
        "left_chat_member" => {
            part.at("left_chat_member").and_then(|user| user.text("first_name")).into_iter().collect()
        }
        "new_chat_title" => part.text("new_chat_title").into_iter().collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let notice = [key.replace('_', " "), who.join(", ")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>();
    Content::new(MessageType::System).says(Some(notice.join(": "))).with("service", *key)
}

/// A kind without a word of its own: its name, and what it is called.
fn of_unknown(part: &Value) -> Content {
    let kind = unknown_kind(part);
    let inside = kind.as_deref().and_then(|kind| part.at(kind));
    let title = inside.and_then(|inside| {
        ["title", "prize_description", "data", "description"].iter().find_map(|key| inside.text(key))
    });
    Content::new(MessageType::Unsupported)
        .with("unsupported", json!({ "type": kind, "code": null, "title": title }))
}

/// The member that says what was sent, though it holds nothing to show; else the one an unknown kind came in.
fn unknown_kind(part: &Value) -> Option<String> {
    const KNOWN: [&str; 7] = ["text", "photo", "venue", "location", "contact", "poll", "dice"];
    const COMMON: [&str; 18] = [
        "message_id",
        "from",
        "chat",
        "date",
        "sender_chat",
        "reply_to_message",
        "external_reply",
        "quote",
        "link_preview_options",
        "reply_to_story",
        "business_connection_id",
        "media_group_id",
        "message_thread_id",
        "edit_date",
        "via_bot",
        "forward_origin",
        "reply_markup",
        "sender_business_bot",
    ];
    let said = KNOWN.into_iter().chain(FILES.map(|(key, _)| key));
    let known = said.into_iter().find(|key| part.get(key).is_some());
    let members = part.as_object()?;
    let mut others = members.iter().filter(|(key, _)| !COMMON.contains(&key.as_str()));
    let unknown = || others.find(|(_, value)| value.is_object()).map(|(key, _)| key.as_str());
    known.or_else(unknown).map(|key| key.chars().take(40).collect())
}

/// `/start payload`: the deep link a person came by.
fn add_start(content: &mut Content) {
    let Some(text) = content.text.as_deref().filter(|_| content.message_type == MessageType::Text) else {
        return;
    };
    let mut words = text.split_whitespace();
    let is_start = words.next().is_some_and(|word| word == "/start" || word.starts_with("/start@"));
    if let Some(payload) = words.next().filter(|_| is_start) {
        content.details.insert("referral".to_owned(), json!({ "ref": payload, "source": "start" }));
    }
}

/// Links behind words: the text alone does not show where they lead.
fn hidden_links(part: &Value) -> Vec<Value> {
    let (text, list) = match part.text("text") {
        Some(text) => (text, "entities"),
        None => (part.text("caption").unwrap_or_default(), "caption_entities"),
    };
    let units: Vec<u16> = text.encode_utf16().collect();
    let read = |entity: &Value| {
        let url = entity.text("url").filter(|url| url.starts_with("http"))?;
        let from = usize::try_from(entity.int("offset")?).ok()?;
        let to = from.checked_add(usize::try_from(entity.int("length")?).ok()?)?;
        let title = String::from_utf16_lossy(units.get(from..to)?);
        Some(json!({ "title": title, "url": url }))
    };
    part.list(list).iter().filter_map(read).collect()
}

/// Where a forwarded message is from, and which words of another it quotes.
fn add_origin(content: &mut Content, part: &Value) {
    if let Some(origin) = part.at("forward_origin") {
        let from = origin
            .text("sender_user_name")
            .or_else(|| origin.at("sender_user").and_then(|user| user.text("first_name")))
            .or_else(|| ["sender_chat", "chat"].iter().find_map(|key| origin.at(key)?.text("title")));
        content.details.insert("forwarded".to_owned(), true.into());
        if let Some(from) = from {
            content.details.insert("forwarded_from".to_owned(), from.into());
        }
    }
    let links = hidden_links(part);
    if !links.is_empty() {
        content.details.insert("links".to_owned(), links.into());
    }
    if let Some(quote) = part.at("quote").and_then(|quote| quote.text("text")) {
        content.details.insert("quoted_text".to_owned(), quote.into());
    }
    if let Some(topic) = topic(part) {
        content.details.insert("topic".to_owned(), topic.into());
    }
}

/// The topic of its group that a message stands in. Answers in a group without topics have a thread, too:
/// that one is no place to write to.
pub fn topic(part: &Value) -> Option<String> {
    let is_topic = part.flag("is_topic_message") || part.at("chat").is_some_and(|chat| chat.flag("is_forum"));
    part.id("message_thread_id").filter(|_| is_topic)
}
