//! A WhatsApp webhook as events: changes, and in each its messages, statuses, echoes and history.
//! Never reads the content of a message (that is `content`) and never fails a body for one element.
//! Source: docs/platforms.md 2.1–2.4, 2.9.

use super::content::{self, Content};
use super::customers::{ADDRESSEE, Beside, CARD, Keys, SENDER};
use super::{history, statuses};
use crate::channels::lenient::{self, Lenient};
use crate::channels::meta::envelope::{self, Item, List, ignored, unreadable};
use crate::domain::inbound::{
    Author, ChannelEffect, Deletion, Edit, IdentityChange, InboundEvent, InboundKind, InboundMessage,
    Participant, Profile, Reaction, Thread,
};
use crate::domain::{MessageType, Origin};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashMap;

/// The members of a change's value, each still unread.
pub(super) type Members<'a> = HashMap<String, &'a RawValue>;

/// What the body says.
pub fn parse(whole: &RawValue) -> Vec<InboundEvent> {
    envelope::open(whole, "whatsapp_business_account", |item, events| {
        let from = events.len();
        read_item(item, events);
        for event in &mut events[from..] {
            event.business = Some(item.entry_id.to_owned());
            event.occurred_at = event.occurred_at.or(item.entry_time);
        }
    })
}

fn read_item(item: &Item, events: &mut Vec<InboundEvent>) {
    if item.list != List::Changes {
        events.push(ignored("", item.raw.get(), "not a change"));
        return;
    }
    let change = lenient::members(item.raw.get()).unwrap_or_default();
    let field = change.get("field").and_then(|raw| lenient::value(raw).ok());
    let field = field.as_ref().and_then(Value::as_str).unwrap_or_default();
    let Some(members) = change.get("value").and_then(|value| lenient::members(value.get())) else {
        events.push(unreadable("", item.raw.get(), "the change has no value"));
        return;
    };
    let before = events.len();
    read_change(field, &members, events);
    if events.len() == before {
        let account = beside(&members).account;
        events.push(ignored(&account, item.raw.get(), format!("field `{}`", words(field))));
    }
}

fn read_change(field: &str, members: &Members, events: &mut Vec<InboundEvent>) {
    let beside = beside(members);
    match field {
        "messages" => {
            each(members, "messages", &beside, events, |raw, value| read_message(raw, value, &beside));
            each(members, "statuses", &beside, events, |raw, value| statuses::read(raw, value, &beside));
            each(members, "errors", &beside, events, |raw, value| notice_of_error(raw, value, &beside));
        }
        "calls" => each(members, "calls", &beside, events, |raw, value| read_call(raw, value, &beside)),
        "smb_message_echoes" => {
            each(members, "message_echoes", &beside, events, |raw, value| read_echo(raw, value, &beside));
        }
        "history" => history::read(members, &beside, events),
        "account_update" => events.extend(account_update(members, &beside)),
        _ => {}
    }
}

fn beside(members: &Members) -> Beside {
    let read = |key: &str| members.get(key).and_then(|raw| lenient::value(raw).ok());
    Beside::new(read("metadata").as_ref(), read("contacts").as_ref())
}

/// Reads every element of the list under `key`, each by itself.
pub(super) fn each(
    members: &Members,
    key: &str,
    beside: &Beside,
    events: &mut Vec<InboundEvent>,
    read: impl Fn(&str, &Value) -> InboundEvent,
) {
    let Some(list) = members.get(key).filter(|list| list.get() != "null") else { return };
    let Some(elements) = lenient::elements(list) else {
        events.push(unreadable(&beside.account, list.get(), &format!("`{key}` is not a list")));
        return;
    };
    events.extend(elements.into_iter().map(|raw| match lenient::value(raw) {
        Ok(value) if value.is_object() => read(raw.get(), &value),
        Ok(_) => unreadable(&beside.account, raw.get(), "not an object"),
        Err(_) => unreadable(&beside.account, raw.get(), "not valid JSON"),
    }));
}

/// A customer's message; a notice that tells nothing is one that cannot be shown.
fn read_message(raw: &str, value: &Value, beside: &Beside) -> InboundEvent {
    let is_notice = value.text("type").as_deref() == Some("system");
    let kind = match value.at("system").filter(|system| is_notice && system.is_object()) {
        Some(notice) => system(value, notice),
        None => message_kind(value, beside, Author::Customer, &SENDER),
    };
    finish(raw, value, beside, kind)
}

/// A call that is over leaves a line; that one began says nothing yet.
fn read_call(raw: &str, value: &Value, beside: &Beside) -> InboundEvent {
    if value.text("event").is_some_and(|event| event != "terminate") {
        return ignored(&beside.account, raw, "a call that goes on");
    }
    let is_ours = value.text("direction").is_some_and(|direction| direction == "BUSINESS_INITIATED");
    let (author, person) = if is_ours { (Author::Owner, &ADDRESSEE) } else { (Author::Customer, &SENDER) };
    let kind = Wrote::of(value, beside, author, person)
        .map(|wrote| InboundKind::Message(Box::new(wrote.message(content::call(value)))));
    finish(raw, value, beside, kind)
}

/// What the owner wrote in the Business app; never a send of ours (docs/platforms.md 2.9).
fn read_echo(raw: &str, value: &Value, beside: &Beside) -> InboundEvent {
    finish(raw, value, beside, message_kind(value, beside, Author::Owner, &ADDRESSEE))
}

/// An event of one element, with its time; an error of reading goes to quarantine.
pub(super) fn finish(
    raw: &str,
    value: &Value,
    beside: &Beside,
    kind: Result<InboundKind, String>,
) -> InboundEvent {
    let kind = kind.unwrap_or_else(|error| InboundKind::Unreadable { error });
    let mut event = envelope::event(&beside.account, raw, kind);
    event.occurred_at = value.moment("timestamp");
    event
}

/// Who wrote what has this id, and where.
struct Wrote {
    id: String,
    author: Author,
    thread: Thread,
    profile: Profile,
    sender: Option<Participant>,
}

impl Wrote {
    /// `person` names the customer's ids in the element.
    fn of(value: &Value, beside: &Beside, author: Author, person: &Keys) -> Result<Self, String> {
        let id = value.id("id").ok_or("a message without an id")?;
        let (thread, profile, sender) = beside.thread(value, person);
        if thread.identities.is_empty() {
            return Err("a message without a sender".to_owned());
        }
        Ok(Self { id, author, thread, profile, sender })
    }

    fn message(self, content: Content) -> InboundMessage {
        InboundMessage {
            author: self.author,
            origin: if self.author == Author::Owner { Origin::Phone } else { Origin::Platform },
            may_be_ours: false,
            platform_message_id: self.id,
            thread: self.thread,
            profile: self.profile,
            sender: self.sender,
            message_type: content.message_type,
            text: content.text,
            attachments: content.attachments,
            reply_to: content.reply_to,
            details: content.details,
            our_token: None,
            app_id: None,
            album: None,
            history: None,
            callback_id: None,
        }
    }
}

/// A message or what a message-shaped element changes. A change that does not say what it changes,
/// or how, is a message that cannot be shown.
pub(super) fn message_kind(
    value: &Value,
    beside: &Beside,
    author: Author,
    person: &Keys,
) -> Result<InboundKind, String> {
    let wrote = Wrote::of(value, beside, author, person)?;
    let kind = value.text("type").unwrap_or_default();
    let part = value.at(&kind).filter(|part| part.is_object());
    let change = part.and_then(|part| match kind.as_str() {
        "reaction" => reaction(part, &wrote),
        "edit" => edit(part, value, &wrote),
        "revoke" => revocation(part, &wrote),
        _ => None,
    });
    if let Some(change) = change {
        return Ok(change);
    }
    let mut content = content::read(value);
    let target = part.and_then(|part| part.id("original_message_id").or_else(|| part.id("message_id")));
    content.reply_to = content.reply_to.or(target);
    Ok(InboundKind::Message(Box::new(wrote.message(content))))
}

fn reaction(part: &Value, wrote: &Wrote) -> Option<InboundKind> {
    Some(InboundKind::Reaction(Box::new(Reaction {
        target: part.id("message_id")?,
        event_id: Some(wrote.id.clone()),
        author: wrote.author,
        actor: wrote.sender.clone().or_else(|| content::actor(wrote.author, &wrote.thread, &wrote.profile)),
        emojis: part.text("emoji").into_iter().collect(),
        thread: wrote.thread.clone(),
    })))
}

fn edit(part: &Value, value: &Value, wrote: &Wrote) -> Option<InboundKind> {
    let target = part.id("original_message_id")?;
    let now = part.at("message")?;
    let content = content::known(now)?;
    let alone = Wrote {
        id: target.clone(),
        author: wrote.author,
        thread: wrote.thread.clone(),
        profile: wrote.profile.clone(),
        sender: wrote.sender.clone(),
    };
    let alone = alone.message(content::read(now));
    Some(InboundKind::Edit(Box::new(Edit {
        target,
        event_id: Some(wrote.id.clone()),
        order: value.moment("timestamp").map_or(0, |at| at.0),
        author: wrote.author,
        thread: wrote.thread.clone(),
        message_type: Some(content.message_type),
        has_no_words: false,
        text: content.text,
        attachments: (!content.attachments.is_empty()).then_some(content.attachments),
        details: alone.details.clone(),
        alone: Some(Box::new(alone)),
        is_whole: false,
        written_at: None,
    })))
}

fn revocation(part: &Value, wrote: &Wrote) -> Option<InboundKind> {
    Some(InboundKind::Deletion(Box::new(Deletion {
        targets: vec![part.id("original_message_id")?],
        event_id: Some(wrote.id.clone()),
        author: wrote.author,
        thread: wrote.thread.clone(),
    })))
}

/// A changed number or id, else a notice to show. It has no contact card beside it.
fn system(value: &Value, system: &Value) -> Result<InboundKind, String> {
    let id = value.id("id").ok_or("a notice without an id")?;
    let old = SENDER.identities(value);
    let mut new = CARD.identities(system);
    if let Some(number) = system.id("new_wa_id") {
        new.insert(0, crate::domain::inbound::CustomerIdentity::phone(&number));
    }
    new.dedup();
    if old.is_empty() {
        return Err("a notice without a customer".to_owned());
    }
    Ok(InboundKind::IdentityChange(Box::new(IdentityChange {
        platform_message_id: id,
        old,
        new,
        notice: system.text("body"),
    })))
}

/// An error beside no message: for the admins' eyes.
fn notice_of_error(raw: &str, value: &Value, beside: &Beside) -> InboundEvent {
    let error = statuses::error(value);
    envelope::event(
        &beside.account,
        raw,
        InboundKind::ChannelNotice { code: error.code, effect: ChannelEffect::Note, text: error.message },
    )
}

/// The number left or came back to our app; it names the business account only.
fn account_update(members: &Members, beside: &Beside) -> Option<InboundEvent> {
    let event = lenient::value(members.get("event")?).ok()?;
    let code = event.as_str()?.to_owned();
    let effect = match code.as_str() {
        "PARTNER_REMOVED" | "ACCOUNT_OFFBOARDED" | "DISABLED_UPDATE" => ChannelEffect::Broken,
        "ACCOUNT_RECONNECTED" | "PARTNER_ADDED" => ChannelEffect::Restored,
        _ => ChannelEffect::Note,
    };
    let text = format!("WhatsApp reports {} for this account", words(&code));
    Some(envelope::event(
        &beside.account,
        members.get("event")?.get(),
        InboundKind::ChannelNotice { code, effect, text },
    ))
}

/// A platform's word, short enough to be shown.
pub(super) fn words(text: &str) -> String {
    text.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_').take(60).collect()
}

/// A message type that stands for "no content here".
pub(super) const PLACEHOLDER: MessageType = MessageType::Unsupported;
