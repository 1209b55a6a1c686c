//! WhatsApp's receipts: `statuses[]`. Never decides what they change: they come in any order.

use super::customers::{Beside, RECIPIENT};
use super::read::{finish, words};
use crate::channels::lenient::Lenient;
use crate::domain::MessageStatus;
use crate::domain::inbound::{
    CustomerIdentity, IdentityKind, InboundEvent, InboundKind, PlatformError, Receipt, Thread,
};
use serde_json::Value;

/// One status.
pub fn read(raw: &str, value: &Value, beside: &Beside) -> InboundEvent {
    finish(raw, value, beside, receipt(value, beside))
}

fn receipt(value: &Value, beside: &Beside) -> Result<InboundKind, String> {
    let id = value.id("id").ok_or("a status without an id")?;
    let word = value.text("status").ok_or("a status without a value")?;
    let Some(status) = status(&word) else {
        return Ok(InboundKind::Ignored { reason: format!("status `{}`", words(&word)) });
    };
    let (thread, participant) = recipient(value, beside);
    Ok(InboundKind::Receipt(Box::new(Receipt {
        message_ids: vec![id],
        up_to: None,
        status,
        error: (status == MessageStatus::Failed)
            .then(|| value.list("errors").first().map_or_else(unexplained, error)),
        our_token: value.text("biz_opaque_callback_data"),
        thread,
        participant,
    })))
}

fn status(word: &str) -> Option<MessageStatus> {
    match word {
        "sent" => Some(MessageStatus::Sent),
        "delivered" => Some(MessageStatus::Delivered),
        "read" => Some(MessageStatus::Read),
        "played" => Some(MessageStatus::Played),
        "failed" => Some(MessageStatus::Failed),
        _ => None,
    }
}

/// A group's receipt names the group, and in another field the member.
fn recipient(value: &Value, beside: &Beside) -> (Thread, Option<CustomerIdentity>) {
    if value.text("recipient_type").as_deref() == Some("group") {
        let group = value
            .id("recipient_id")
            .map(|id| Thread::of(CustomerIdentity::new(IdentityKind::WhatsappGroup, id)));
        return (
            group.unwrap_or_default(),
            value.id("recipient_participant_id").map(|id| CustomerIdentity::phone(&id)),
        );
    }
    let (identities, _) = beside.person(value, &RECIPIENT);
    (Thread { identities, business_connection: None }, None)
}

/// The error of a status or of a whole change, in WhatsApp's words.
pub fn error(value: &Value) -> PlatformError {
    let details = value.at("error_data").and_then(|data| data.text("details"));
    PlatformError {
        code: value.id("code").unwrap_or_else(|| "unknown".to_owned()),
        message: details
            .or_else(|| value.text("message"))
            .or_else(|| value.text("title"))
            .unwrap_or_else(|| "WhatsApp gave no reason".to_owned()),
    }
}

fn unexplained() -> PlatformError {
    error(&Value::Null)
}
