//! The bodies the simulated platforms send: the same shapes the real ones use.
//! Never an answer to a call (those are in `routes`).

use super::{AcceptedSend, SimulatedAccount};
use crate::channels::lenient::Lenient;
use crate::domain::{ChannelKind, Timestamp};
use serde_json::{Value, json};
use std::borrow::Cow;

/// An invented customer.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Their number or id on the platform.
    pub id: Cow<'static, str>,
    /// Their name.
    pub name: Cow<'static, str>,
}

const fn customer(id: &'static str, name: &'static str) -> Customer {
    Customer { id: Cow::Borrowed(id), name: Cow::Borrowed(name) }
}

static CUSTOMERS: [Customer; 4] = [
    customer("15550170001", "Noor Haddad"),
    customer("15550170002", "Jonas Lindqvist"),
    customer("15550170003", "Amara Okoye"),
    customer("15550170004", "Pilar Montes"),
];

const WORDS: [&str; 16] = [
    "Hello! Are you open on Sunday?",
    "Is my order on its way?",
    "Thank you, that was quick 😊",
    "Do you also deliver to the islands?",
    "Could I change the size to medium?",
    "What does a large box cost?",
    "Perfect, see you tomorrow!",
    "Can I pay by card when I pick it up?",
    "The tracking page says it is in Utrecht. Is that right?",
    "Do you have a table for two at eight?",
    "My daughter loves the whale mug!",
    "Which of the breads are vegan?",
    "I think I left my umbrella with you",
    "Could you send me the invoice once more?",
    "Is the terrace open when it rains?",
    "How long does the sourdough keep?",
];

/// Who writes what in this turn: nobody says the same thing again before everything was said.
pub fn small_talk(turn: usize) -> (&'static Customer, &'static str) {
    (&CUSTOMERS[turn % CUSTOMERS.len()], WORDS[(turn * 5) % WORDS.len()])
}

/// Words, as WhatsApp writes what is in a message.
pub fn words(text: &str) -> Value {
    json!({ "type": "text", "text": { "body": text } })
}

/// A customer's words; `None` for the web chat, which has no webhook.
pub fn message(account: &SimulatedAccount, customer: &Customer, id: &str, text: &str) -> Option<String> {
    content(account, customer, id, &words(text))
}

/// What a customer sends, in WhatsApp's words for it; of anything but words the other platforms send nothing.
pub fn content(account: &SimulatedAccount, customer: &Customer, id: &str, what: &Value) -> Option<String> {
    let now = Timestamp::now().0;
    let (who, name) = (customer.id.as_ref(), customer.name.as_ref());
    if account.kind == ChannelKind::named("whatsapp") {
        let mut message = json!({ "from": who, "id": id, "timestamp": (now / 1000).to_string() });
        extend(&mut message, what);
        let contact = json!({ "profile": { "name": name }, "wa_id": who });
        let part = json!({ "contacts": [contact], "messages": [message] });
        return Some(whatsapp(account, "messages", &part).to_string());
    }
    let text = what.at("text")?.text("body")?;
    let body = match account.kind.as_str() {
        "instagram" | "messenger" => {
            let message = json!({ "message": { "mid": id, "text": text } });
            messaging(account, who, &account.external_id, &message)
        }
        "telegram" => telegram(customer, id, now / 1000, &text)?,
        _ => return None,
    };
    Some(body.to_string())
}

/// What the owner writes to a customer in the platform's own app, as the platform echoes it.
pub fn from_phone(account: &SimulatedAccount, customer: &Customer, id: &str, text: &str) -> Option<String> {
    let who = customer.id.as_ref();
    let body = match account.kind.as_str() {
        "whatsapp" => {
            let seconds = (Timestamp::now().0 / 1000).to_string();
            let mut echo = json!({ "from": "15550170000", "to": who, "id": id, "timestamp": seconds });
            extend(&mut echo, &words(text));
            whatsapp(account, "smb_message_echoes", &json!({ "message_echoes": [echo] }))
        }
        "instagram" | "messenger" => {
            let message = json!({ "message": { "mid": id, "is_echo": true, "text": text } });
            messaging(account, &account.external_id, who, &message)
        }
        _ => return None,
    };
    Some(body.to_string())
}

fn telegram(customer: &Customer, id: &str, seconds: i64, text: &str) -> Option<Value> {
    let chat: i64 = customer.id.parse().ok()?;
    let number: i64 = id.parse().ok()?;
    Some(json!({ "update_id": number, "message": {
        "message_id": number, "date": seconds, "text": text,
        "chat": { "id": chat, "type": "private", "first_name": customer.name },
        "from": { "id": chat, "is_bot": false, "first_name": customer.name },
    } }))
}

/// What follows a send, in order.
pub fn follow_ups(account: &SimulatedAccount, send: &AcceptedSend) -> Vec<String> {
    let bodies = match account.kind.as_str() {
        "whatsapp" => {
            ["sent", "delivered", "read"].iter().map(|status| receipt(account, send, status)).collect()
        }
        "instagram" => vec![
            echo(account, send),
            messaging(account, &send.to, &account.external_id, &json!({ "read": { "mid": send.id } })),
        ],
        "messenger" => {
            let now = Timestamp::now().0;
            vec![
                echo(account, send),
                messaging(
                    account,
                    &send.to,
                    &account.external_id,
                    &json!({ "delivery": { "mids": [send.id], "watermark": now } }),
                ),
                messaging(account, &send.to, &account.external_id, &json!({ "read": { "watermark": now } })),
            ]
        }
        _ => Vec::new(),
    };
    bodies.iter().map(Value::to_string).collect()
}

fn receipt(account: &SimulatedAccount, send: &AcceptedSend, status: &str) -> Value {
    whatsapp(
        account,
        "messages",
        &json!({ "statuses": [{
        "id": send.id, "status": status, "timestamp": (Timestamp::now().0 / 1000).to_string(),
        "recipient_id": send.to.trim_start_matches('+'), "biz_opaque_callback_data": send.token,
    }] }),
    )
}

fn echo(account: &SimulatedAccount, send: &AcceptedSend) -> Value {
    let mut message = json!({ "mid": send.id, "is_echo": true });
    if let Some(text) = &send.text {
        message["text"] = text.as_str().into();
    }
    if let Some(token) = &send.token {
        message["metadata"] = token.as_str().into();
    }
    messaging(account, &account.external_id, &send.to, &json!({ "message": message }))
}

fn whatsapp(account: &SimulatedAccount, field: &str, part: &Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550170000", "phone_number_id": account.external_id },
    });
    extend(&mut value, part);
    let change = json!({ "field": field, "value": value });
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "demo", "changes": [change] }] })
}

/// What is told of a template that stands otherwise.
pub fn template_status(account: &SimulatedAccount, template: &Value, event: &str) -> Value {
    let value = json!({
        "event": event,
        "message_template_id": template.id("id"),
        "message_template_name": template.text("name"),
        "message_template_language": template.text("language"),
        "reason": "NONE",
    });
    let mut body = whatsapp(account, "message_template_status_update", &json!({}));
    body["entry"][0]["changes"][0]["value"] = value;
    body["entry"][0]["time"] = (Timestamp::now().0 / 1000).into();
    body
}

fn messaging(account: &SimulatedAccount, sender: &str, recipient: &str, part: &Value) -> Value {
    let now = Timestamp::now().0;
    let object = if account.kind == ChannelKind::named("messenger") { "page" } else { "instagram" };
    let mut event = json!({ "sender": { "id": sender }, "recipient": { "id": recipient }, "timestamp": now });
    extend(&mut event, part);
    json!({ "object": object, "entry": [{ "id": account.external_id, "time": now, "messaging": [event] }] })
}

fn extend(value: &mut Value, part: &Value) {
    if let (Some(value), Some(part)) = (value.as_object_mut(), part.as_object()) {
        value.extend(part.clone());
    }
}
