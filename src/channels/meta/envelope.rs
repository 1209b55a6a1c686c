//! The wrapping of every Meta webhook: `{object, entry: [{id, time, changes | messaging | standby}]}`.
//! Opens it element by element, so that one odd element costs no other; never reads what is inside.

use crate::channels::lenient::{self, Lenient};
use crate::domain::Timestamp;
use crate::domain::inbound::{InboundEvent, InboundKind};
use serde_json::Value;
use serde_json::value::RawValue;

/// One element of an entry's list.
pub struct Item<'a> {
    /// The entry's id: the asset it is about.
    pub entry_id: &'a str,
    /// The entry's time.
    pub entry_time: Option<Timestamp>,
    /// Which list it stood in.
    pub list: List,
    /// The element, unread.
    pub raw: &'a RawValue,
}

/// The lists an entry may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// `changes`
    Changes,
    /// `messaging`
    Messaging,
    /// `standby`: another app holds the thread.
    Standby,
}

const LISTS: [(&str, List); 3] =
    [("changes", List::Changes), ("messaging", List::Messaging), ("standby", List::Standby)];

/// Walks a body that should be about `object`, and gives every element to `read`.
pub fn open(
    whole: &RawValue,
    object: &str,
    mut read: impl FnMut(&Item, &mut Vec<InboundEvent>),
) -> Vec<InboundEvent> {
    let mut events = Vec::new();
    let Some(body) = lenient::members(whole.get()) else {
        return events;
    };
    let claimed = body.get("object").and_then(|raw| lenient::value(raw).ok());
    if let Some(claimed) = claimed.as_ref().and_then(Value::as_str).filter(|claimed| *claimed != object) {
        let claimed: String = claimed.chars().filter(char::is_ascii_graphic).take(40).collect();
        events.push(ignored("", whole.get(), format!("object `{claimed}` is not `{object}`")));
        return events;
    }
    for entry in body.get("entry").and_then(|raw| lenient::elements(raw)).unwrap_or_default() {
        open_entry(entry, &mut events, &mut read);
    }
    events
}

fn open_entry(
    raw: &RawValue,
    events: &mut Vec<InboundEvent>,
    read: &mut impl FnMut(&Item, &mut Vec<InboundEvent>),
) {
    let Some(entry) = lenient::members(raw.get()) else {
        events.push(unreadable("", raw.get(), "the entry is not an object"));
        return;
    };
    let head: Value = ["id", "time"]
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), lenient::value(entry.get(*key)?).ok()?)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let entry_id = head.id("id").unwrap_or_default();
    for (key, list) in LISTS {
        let Some(found) = entry.get(key).filter(|found| found.get() != "null") else { continue };
        let Some(elements) = lenient::elements(found) else {
            events.push(unreadable(&entry_id, found.get(), &format!("`{key}` is not a list")));
            continue;
        };
        for raw in elements {
            read(&Item { entry_id: &entry_id, entry_time: head.moment("time"), list, raw }, events);
        }
    }
}

/// An event that is not for an inbox.
pub fn ignored(account: &str, raw: &str, reason: impl Into<String>) -> InboundEvent {
    event(account, raw, InboundKind::Ignored { reason: reason.into() })
}

/// An event for the quarantine.
pub fn unreadable(account: &str, raw: &str, error: &str) -> InboundEvent {
    event(account, raw, InboundKind::Unreadable { error: error.to_owned() })
}

/// An event without a time; its place in the order comes from its neighbours.
pub fn event(account: &str, raw: &str, kind: InboundKind) -> InboundEvent {
    InboundEvent {
        account: account.to_owned(),
        business: None,
        occurred_at: None,
        position: 0,
        standby: false,
        raw: raw.to_owned(),
        kind,
    }
}
