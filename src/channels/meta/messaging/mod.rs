//! The events Instagram and Messenger share: `messaging[]` and `standby[]` of a Meta webhook.
//! Never decides whether an echo is ours: it only says that it may be.
//! Source: docs/platforms.md 3.2, 3.3, 4.

mod attachments;
mod message;
mod receipts;

use super::envelope::{self, Item, List, event, ignored, unreadable};
use crate::channels::lenient::{self, Lenient};
use crate::domain::Timestamp;
use crate::domain::inbound::{
    Author, ChannelEffect, CustomerIdentity, IdentityKind, InboundEvent, InboundKind, Referral, Thread,
};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// Which of the two platforms speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Object `instagram`.
    Instagram,
    /// Object `page`.
    Messenger,
}

impl Flavour {
    fn object(self) -> &'static str {
        match self {
            Self::Instagram => "instagram",
            Self::Messenger => "page",
        }
    }

    fn identity(self, id: String) -> CustomerIdentity {
        let kind = match self {
            Self::Instagram => IdentityKind::Igsid,
            Self::Messenger => IdentityKind::Psid,
        };
        CustomerIdentity::new(kind, id)
    }
}

/// One element with what is known of it before its content is read.
struct Element<'a> {
    value: &'a Value,
    sender: Option<String>,
    author: Author,
    thread: Thread,
    occurred_at: Option<Timestamp>,
}

/// One event that was kept by itself, as a body that [`parse`] reads.
pub fn wrapped(flavour: Flavour, account: &str, raw: &str) -> String {
    let (object, id) = (flavour.object(), Value::from(account));
    format!(r#"{{"object":"{object}","entry":[{{"id":{id},"messaging":[{raw}]}}]}}"#)
}

/// What the body says.
pub fn parse(whole: &RawValue, flavour: Flavour) -> Vec<InboundEvent> {
    envelope::open(whole, flavour.object(), |item, events| events.push(read_item(item, flavour)))
}

fn read_item(item: &Item, flavour: Flavour) -> InboundEvent {
    let raw = item.raw.get();
    if item.list == List::Changes {
        return ignored(item.entry_id, raw, "a change, not a message");
    }
    let value = match lenient::value(item.raw) {
        Ok(value) if value.is_object() => value,
        Ok(_) => return unreadable(item.entry_id, raw, "not an object"),
        Err(_) => return unreadable(item.entry_id, raw, "not valid JSON"),
    };
    let occurred_at = value.moment("timestamp").or_else(|| receipts::watermark(&value)).or(item.entry_time);
    let element = Element::new(item.entry_id, flavour, &value, occurred_at);
    let kind = element.read().unwrap_or_else(|error| InboundKind::Unreadable { error });
    InboundEvent { occurred_at, standby: item.list == List::Standby, ..event(item.entry_id, raw, kind) }
}

impl<'a> Element<'a> {
    /// The customer is the side that is not the account, whichever way the event went.
    fn new(account: &str, flavour: Flavour, value: &'a Value, occurred_at: Option<Timestamp>) -> Self {
        let party =
            |key: &str| value.at(key).and_then(|party| party.id("id").or_else(|| party.id("user_ref")));
        let (sender, recipient) = (party("sender"), party("recipient"));
        let is_echo = value.at("message").is_some_and(|message| message.flag("is_echo"));
        let by_us = is_echo || sender.as_deref() == Some(account);
        let customer = if by_us { recipient } else { sender.clone() };
        let thread =
            customer.filter(|customer| customer != account).map(|id| Thread::of(flavour.identity(id)));
        let author = if by_us { Author::Owner } else { Author::Customer };
        Self { value, sender, author, thread: thread.unwrap_or_default(), occurred_at }
    }

    fn read(&self) -> Result<InboundKind, String> {
        const KEYS: &[&str] = &[
            "message",
            "message_edit",
            "reaction",
            "read",
            "delivery",
            "postback",
            "referral",
            "policy_enforcement",
        ];
        /// What a person does, who waits for somebody to see it.
        const BY_PEOPLE: &[&str] = &["message", "message_edit", "reaction", "postback"];
        let is_there = |key: &&str| self.value.at(key).is_some();
        let is_named = |key: &&str| self.value.get(key).is_some();
        let key = KEYS.iter().copied().find(is_there);
        let Some(key) = key.or_else(|| BY_PEOPLE.iter().copied().find(is_named)) else {
            return Ok(InboundKind::Ignored { reason: format!("event {}", self.keys()) });
        };
        let Some(part) = self.value.at(key).filter(|part| part.is_object()) else {
            let is_somebodys = BY_PEOPLE.contains(&key) && !self.thread.identities.is_empty();
            return if is_somebodys {
                Ok(message::placeholder(self, key))
            } else {
                Err(format!("`{key}` is not an object"))
            };
        };
        if key == "policy_enforcement" {
            return Ok(policy(part));
        }
        if part.flag("is_self") {
            return Ok(InboundKind::Ignored { reason: "the account writes to itself".to_owned() });
        }
        if self.thread.identities.is_empty() && key != "delivery" {
            return Err(format!("`{key}` has no customer"));
        }
        match key {
            "message" => message::read(self, part),
            "message_edit" => message::edit(self, part),
            "reaction" => message::reaction(self, part),
            "postback" => message::postback(self, part),
            "read" => receipts::read(self, part),
            "delivery" => receipts::delivered(self, part),
            _ => Ok(InboundKind::Referral(Box::new(Referral {
                thread: self.thread.clone(),
                referral: part.clone(),
            }))),
        }
    }

    /// A name for what the platform did not name: the same whenever the same event comes again.
    fn made_up_id(&self, kind: &str) -> String {
        let sum = Sha256::digest(self.value.to_string());
        let sign = sum.iter().take(8).fold(String::new(), |sign, byte| sign + &format!("{byte:02x}"));
        format!("{kind}:{}:{sign}", self.sender.as_deref().unwrap_or_default())
    }

    /// The names of what an unknown event holds.
    fn keys(&self) -> String {
        let keys = self.value.as_object().into_iter().flat_map(|object| object.keys());
        let known = ["sender", "recipient", "timestamp"];
        let unknown: Vec<_> = keys.filter(|key| !known.contains(&key.as_str())).map(String::as_str).collect();
        unknown.join(", ").chars().filter(|sign| sign.is_ascii_graphic() || *sign == ' ').take(60).collect()
    }
}

/// The page was warned or blocked.
fn policy(part: &Value) -> InboundKind {
    let action = part.text("action").unwrap_or_else(|| "warning".to_owned());
    let effect = match action.as_str() {
        "block" => ChannelEffect::Broken,
        "unblock" => ChannelEffect::Restored,
        _ => ChannelEffect::Note,
    };
    let text = part.text("reason").unwrap_or_else(|| format!("policy enforcement: {action}"));
    InboundKind::ChannelNotice { code: format!("policy_{action}"), effect, text }
}
