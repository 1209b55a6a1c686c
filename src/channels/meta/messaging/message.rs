//! Messages of Instagram and Messenger, and what changes them: edits, unsends, reactions, postbacks.
//! Never a receipt, never a file's bytes.

use super::Element;
use super::attachments::{self, Content};
use crate::channels::lenient::{Lenient, pick};
use crate::domain::inbound::{
    Author, Deletion, Edit, InboundKind, InboundMessage, Participant, Profile, Reaction,
};
use crate::domain::{MessageType, Origin};
use serde_json::{Map, Value};

/// A message, the echo of one, or the unsending of one.
pub fn read(element: &Element, part: &Value) -> Result<InboundKind, String> {
    // Without an id it could not be known again.
    let mid = part.id("mid").ok_or("a message without an id")?;
    if part.flag("is_deleted") {
        return Ok(InboundKind::Deletion(Box::new(Deletion {
            targets: vec![mid],
            event_id: None,
            author: element.author,
            thread: element.thread.clone(),
        })));
    }
    let content = content(part);
    Ok(InboundKind::Message(Box::new(InboundMessage {
        may_be_ours: element.author == Author::Owner,
        reply_to: part.at("reply_to").and_then(|reply| reply.id("mid")),
        our_token: part.text("metadata"),
        app_id: part.id("app_id"),
        ..message(element, mid, content)
    })))
}

/// Somebody did something, and the platform does not say what: a row that says so.
pub fn placeholder(element: &Element, kind: &str) -> InboundKind {
    let mut content = attachments::nothing();
    content.message_type = MessageType::Unsupported;
    content.details.insert("unsupported".to_owned(), serde_json::json!({ "type": kind, "code": null }));
    InboundKind::Message(Box::new(message(element, element.made_up_id(kind), content)))
}

/// A message with nothing but its content.
fn message(element: &Element, mid: String, content: Content) -> InboundMessage {
    InboundMessage {
        author: element.author,
        origin: origin(element),
        may_be_ours: false,
        platform_message_id: mid,
        thread: element.thread.clone(),
        profile: Profile::default(),
        sender: None,
        message_type: content.message_type,
        text: content.text,
        attachments: content.attachments,
        reply_to: None,
        details: content.details,
        our_token: None,
        app_id: None,
        album: None,
        history: None,
        callback_id: None,
    }
}

/// What the owner writes elsewhere is all one to us: the phone's app or a page's inbox.
fn origin(element: &Element) -> Origin {
    match element.author {
        Author::Owner => Origin::Phone,
        Author::Customer => Origin::Platform,
    }
}

/// Words, files, and what an answer or an ad adds. A message without any of it is a placeholder.
fn content(part: &Value) -> Content {
    let mut content = attachments::read(part);
    content.text = part.text("text").or(content.text);
    if let Some(story) = part.at("reply_to").and_then(|reply| reply.at("story")) {
        content.message_type = MessageType::StoryReply;
        content.details.insert("story".to_owned(), pick(story, &["id", "url"]).into());
    }
    if let Some(payload) = part.at("quick_reply").and_then(|reply| reply.text("payload")) {
        content.message_type = MessageType::Interactive;
        content.details.insert(
            "interactive".to_owned(),
            interactive("quick_reply", content.text.as_deref(), Some(&payload)),
        );
    }
    for key in ["referral", "hop_context"] {
        if let Some(found) = part.at(key) {
            content.details.insert(key.to_owned(), found.clone());
        }
    }
    let is_empty =
        content.text.is_none() && content.attachments.is_empty() && content.message_type == MessageType::Text;
    if part.flag("is_unsupported") || is_empty {
        content.message_type = MessageType::Unsupported;
        let unnamed = || serde_json::json!({ "type": null, "code": null });
        content.details.entry("unsupported").or_insert_with(unnamed);
    }
    content
}

fn interactive(kind: &str, title: Option<&str>, payload: Option<&str>) -> Value {
    serde_json::json!({ "kind": kind, "title": title, "payload": payload })
}

/// A press of a menu button, an ice breaker, "get started". Older apps send no id, standby no payload.
pub fn postback(element: &Element, part: &Value) -> Result<InboundKind, String> {
    let (title, payload) = (part.text("title"), part.text("payload"));
    if title.is_none() && payload.is_none() {
        return Ok(placeholder(element, "postback"));
    }
    let made_up = || {
        let sender = element.sender.as_deref()?;
        let at = element.occurred_at?.0;
        Some(format!("postback:{sender}:{at}:{}", payload.as_deref().unwrap_or_default()))
    };
    let mid = part.id("mid").or_else(made_up).ok_or("a postback without an id or a time")?;
    let mut details = Map::new();
    details.insert("interactive".to_owned(), interactive("postback", title.as_deref(), payload.as_deref()));
    if let Some(referral) = part.at("referral") {
        details.insert("referral".to_owned(), referral.clone());
    }
    let content = Content {
        message_type: MessageType::Postback,
        text: title.or(payload),
        attachments: Vec::new(),
        details,
    };
    Ok(InboundKind::Message(Box::new(message(element, mid, content))))
}

/// New words; ordered by `num_edit`, which may be a string, else by time.
pub fn edit(element: &Element, part: &Value) -> Result<InboundKind, String> {
    Ok(InboundKind::Edit(Box::new(Edit {
        target: part.id("mid").ok_or("an edit without a target")?,
        event_id: None,
        order: part.int("num_edit").or(element.occurred_at.map(|at| at.0)).unwrap_or_default(),
        author: element.author,
        thread: element.thread.clone(),
        message_type: None,
        has_no_words: part.at("text").and_then(Value::as_str).is_some_and(str::is_empty),
        text: part.text("text"),
        attachments: None,
        details: Map::new(),
        alone: None,
        is_whole: false,
        written_at: None,
    })))
}

/// One reaction a person; unreacting names none.
pub fn reaction(element: &Element, part: &Value) -> Result<InboundKind, String> {
    let gone = part.text("action").as_deref() == Some("unreact");
    let emoji = part.text("emoji").or_else(|| part.text("reaction").map(|word| emoji_of(&word).to_owned()));
    Ok(InboundKind::Reaction(Box::new(Reaction {
        target: part.id("mid").ok_or("a reaction without a target")?,
        event_id: None,
        author: element.author,
        actor: element
            .thread
            .first()
            .filter(|_| element.author == Author::Customer)
            .map(|identity| Participant { identity: identity.clone(), profile: Profile::default() }),
        emojis: emoji.filter(|_| !gone).into_iter().collect(),
        thread: element.thread.clone(),
    })))
}

/// The sign of a reaction that came as a word only.
fn emoji_of(word: &str) -> &str {
    match word {
        "love" => "\u{2764}\u{fe0f}",
        "like" | "yes" => "\u{1f44d}",
        "dislike" | "no" => "\u{1f44e}",
        "smile" | "haha" | "laugh" => "\u{1f606}",
        "wow" => "\u{1f62e}",
        "sad" => "\u{1f622}",
        "angry" => "\u{1f620}",
        other => other,
    }
}
