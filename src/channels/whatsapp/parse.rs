//! A WhatsApp webhook as events: changes, and in each its messages, statuses, echoes and history.
//! Never reads the content of a message (that is `content`) and never fails a body for one element.
//! Source: docs/platforms.md 2.1–2.4, 2.9.

use super::content;
use super::customers::{ADDRESSEE, Beside, CARD, SENDER};
use super::message::{Wrote, message_kind};
use super::read::{Members, each, finish, words};
use super::{history, number, statuses, template_news};
use crate::channels::lenient::{self, Lenient};
use crate::channels::meta::envelope::{self, Item, List, ignored, unreadable};
use crate::domain::inbound::{Author, ChannelEffect, IdentityChange, InboundEvent, InboundKind, Thread};
use serde_json::Value;
use serde_json::value::RawValue;

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
    if let Some(kind) = news_of_template(field, &change) {
        // It names the business account alone; kept whole, so that it can be read again.
        events.push(envelope::event("", item.raw.get(), kind));
        return;
    }
    let before = events.len();
    read_change(field, &members, events);
    if events.len() == before {
        let account = beside(&members).account;
        events.push(ignored(&account, item.raw.get(), format!("field `{}`", words(field))));
    }
}

fn news_of_template(field: &str, change: &Members) -> Option<InboundKind> {
    if !template_news::is_field(field) {
        return None;
    }
    template_news::read(field, &lenient::value(change.get("value")?).ok()?)
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
        "user_preferences" => {
            each(members, "user_preferences", &beside, events, |raw, value| preference(raw, value, &beside));
        }
        "smb_message_echoes" => {
            each(members, "message_echoes", &beside, events, |raw, value| read_echo(raw, value, &beside));
        }
        "history" => history::read(members, &beside, events),
        "account_update" => events.extend(account_update(members, &beside)),
        "phone_number_quality_update" | "phone_number_name_update" => {
            events.extend(number::update(field, members, &beside));
        }
        _ => {}
    }
}

fn beside(members: &Members) -> Beside {
    let read = |key: &str| members.get(key).and_then(|raw| lenient::value(raw).ok());
    Beside::new(read("metadata").as_ref(), read("contacts").as_ref())
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

/// Somebody wants no offers any more, or wants them again (docs/platforms.md 2.11).
fn preference(raw: &str, value: &Value, beside: &Beside) -> InboundEvent {
    let is_of_offers = value.text("category").is_none_or(|category| category == "marketing_messages");
    let wanted = match value.text("value").as_deref() {
        Some("stop") if is_of_offers => false,
        Some("resume") if is_of_offers => true,
        _ => return ignored(&beside.account, raw, "a preference that is about no offers"),
    };
    let (identities, _) = beside.person(value, &CARD);
    let kind = if identities.is_empty() {
        Err("a preference without a customer".to_owned())
    } else {
        Ok(InboundKind::Preference { thread: Thread { identities, business_connection: None }, wanted })
    };
    finish(raw, value, beside, kind)
}

/// What the owner wrote in the Business app; never a send of ours (docs/platforms.md 2.9).
fn read_echo(raw: &str, value: &Value, beside: &Beside) -> InboundEvent {
    finish(raw, value, beside, message_kind(value, beside, Author::Owner, &ADDRESSEE))
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
