//! What the customer's side received and read: by message or by watermark.
//! Never decides what it changes: it may come first, late, or twice.

use super::Element;
use crate::channels::lenient::{Lenient, id_of};
use crate::domain::inbound::{Author, InboundKind, Receipt, UpTo};
use crate::domain::{MessageStatus, Timestamp};
use serde_json::Value;

/// Instagram names a message, and means everything up to it; Messenger gives a watermark.
pub fn read(element: &Element, part: &Value) -> Result<InboundKind, String> {
    if element.author == Author::Owner {
        return Ok(InboundKind::Ignored { reason: "our own read mark".to_owned() });
    }
    receipt(element, part, MessageStatus::Read, part.id("mid").into_iter().collect())
}

/// Only Messenger tells it; the message ids are optional.
pub fn delivered(element: &Element, part: &Value) -> Result<InboundKind, String> {
    receipt(element, part, MessageStatus::Delivered, part.list("mids").iter().filter_map(id_of).collect())
}

fn receipt(
    element: &Element,
    part: &Value,
    status: MessageStatus,
    message_ids: Vec<String>,
) -> Result<InboundKind, String> {
    let moment = part.moment("watermark").map(UpTo::Moment);
    let read_up_to =
        || message_ids.first().filter(|_| status == MessageStatus::Read).cloned().map(UpTo::Message);
    let up_to = moment.or_else(read_up_to);
    if message_ids.is_empty() && up_to.is_none() {
        return Err(format!("a receipt `{status}` without a message"));
    }
    Ok(InboundKind::Receipt(Box::new(Receipt {
        message_ids,
        up_to,
        status,
        error: None,
        our_token: None,
        thread: element.thread.clone(),
        participant: None,
    })))
}

/// The time of a receipt that has no timestamp of its own.
pub fn watermark(value: &Value) -> Option<Timestamp> {
    ["delivery", "read"].iter().find_map(|key| value.at(key)?.moment("watermark"))
}
