//! Old messages of a number that joined from the Business app: `history`.
//! Never news: each is marked, so that it makes no unread, no window and no bot speak.

use super::customers::{ADDRESSEE, Beside, CARD, SENDER, is_number};
use super::message::message_kind;
use super::read::{Members, each, finish};
use super::statuses;
use crate::channels::lenient::{self, Lenient};
use crate::channels::meta::envelope::{self, unreadable};
use crate::domain::MessageStatus;
use crate::domain::inbound::{Author, ChannelEffect, CustomerIdentity, History, InboundEvent, InboundKind};
use serde_json::Value;

/// The chunks of threads, and the media that follow their placeholders.
pub fn read(members: &Members, beside: &Beside, events: &mut Vec<InboundEvent>) {
    each(members, "messages", beside, events, |raw, value| {
        finish(raw, value, beside, old_message(value, beside, &Value::Null, true))
    });
    let chunks = members.get("history").and_then(|raw| lenient::elements(raw)).unwrap_or_default();
    for chunk in chunks {
        let Some(chunk) = lenient::members(chunk.get()) else {
            events.push(unreadable(&beside.account, chunk.get(), "a chunk of history is not an object"));
            continue;
        };
        each(&chunk, "errors", beside, events, |raw, value| refusal(raw, value, beside));
        for thread in chunk.get("threads").and_then(|raw| lenient::elements(raw)).unwrap_or_default() {
            read_thread(thread.get(), beside, events);
        }
    }
}

fn read_thread(raw: &str, beside: &Beside, events: &mut Vec<InboundEvent>) {
    let Some(members) = lenient::members(raw) else {
        events.push(unreadable(&beside.account, raw, "a thread of history is not an object"));
        return;
    };
    let member = |key: &str| members.get(key).and_then(|raw| lenient::value(raw).ok());
    let context = member("context").unwrap_or_default();
    let thread_id = member("id").and_then(|id| lenient::id_of(&id));
    let head = match (&context, thread_id) {
        (Value::Object(known), Some(id)) if !known.contains_key("wa_id") && !id.contains('.') => {
            let mut known = known.clone();
            known.insert("wa_id".to_owned(), Value::String(id));
            Value::Object(known)
        }
        (Value::Object(_), _) | (_, None) => context,
        (_, Some(id)) if id.contains('.') => serde_json::json!({ "user_id": id }),
        (_, Some(id)) => serde_json::json!({ "wa_id": id }),
    };
    each(&members, "messages", beside, events, |raw, value| {
        finish(raw, value, beside, old_message(value, beside, &head, false))
    });
}

/// One old message. `head` holds the customer's ids of the thread.
fn old_message(
    value: &Value,
    beside: &Beside,
    head: &Value,
    fills_placeholder: bool,
) -> Result<InboundKind, String> {
    let author = if is_number(value.at("from"), beside.our_number.as_deref()) {
        Author::Owner
    } else {
        Author::Customer
    };
    let person = if author == Author::Owner { &ADDRESSEE } else { &SENDER };
    let known = CARD.identities(head);
    let named = with_thread_id(value, author, &known);
    let mut kind = message_kind(&named, beside, author, person)?;
    if let InboundKind::Message(message) = &mut kind {
        for identity in known {
            message.thread.add(identity);
        }
        message.thread.identities.sort_by_key(|identity| identity.kind);
        message.history = Some(History {
            status: status(value, author),
            placeholder: value.text("type").as_deref() == Some("media_placeholder"),
            fills_placeholder,
        });
    }
    Ok(kind)
}

/// The message, naming its thread's customer where it names nobody (the owner's may lack `to`).
fn with_thread_id(value: &Value, author: Author, known: &[CustomerIdentity]) -> Value {
    let key = if author == Author::Owner { "to" } else { "from" };
    let mut named = value.clone();
    if let (Some(object), Some(first)) = (named.as_object_mut(), known.first()) {
        object.entry(key).or_insert_with(|| Value::String(first.external_id.clone()));
    }
    named
}

fn status(value: &Value, author: Author) -> MessageStatus {
    if author == Author::Customer {
        return MessageStatus::Received;
    }
    let word = value.at("history_context").and_then(|context| context.text("status")).unwrap_or_default();
    match word.to_ascii_uppercase().as_str() {
        "DELIVERED" => MessageStatus::Delivered,
        "READ" => MessageStatus::Read,
        "PLAYED" => MessageStatus::Played,
        "ERROR" | "FAILED" => MessageStatus::Failed,
        _ => MessageStatus::Sent,
    }
}

/// The owner did not share the history.
fn refusal(raw: &str, value: &Value, beside: &Beside) -> InboundEvent {
    let error = statuses::error(value);
    envelope::event(
        &beside.account,
        raw,
        InboundKind::ChannelNotice { code: error.code, effect: ChannelEffect::Note, text: error.message },
    )
}
