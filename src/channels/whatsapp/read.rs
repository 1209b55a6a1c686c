//! How the elements of a change are read, whatever they are: one by one, so that an odd one costs no other.

use super::customers::Beside;
use crate::channels::lenient;
use crate::channels::lenient::Lenient;
use crate::channels::meta::envelope::{self, unreadable};
use crate::domain::MessageType;
use crate::domain::inbound::{InboundEvent, InboundKind};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashMap;

/// A message type that stands for "no content here".
pub(super) const PLACEHOLDER: MessageType = MessageType::Unsupported;

/// The members of a change's value, each still unread.
pub(super) type Members<'a> = HashMap<String, &'a RawValue>;

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

/// A platform's word, short enough to be shown.
pub(super) fn words(text: &str) -> String {
    text.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_').take(60).collect()
}
