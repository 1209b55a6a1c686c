//! The bodies the simulated platforms send: the same shapes the real ones use.
//! Never an answer to a call (those are in `routes`).

use super::{AcceptedSend, SimulatedAccount};
use crate::domain::{ChannelKind, Timestamp};
use serde_json::{Value, json};

/// An invented customer.
#[derive(Debug, Clone, Copy)]
pub struct Customer {
    /// Their number or id on every simulated platform.
    pub id: &'static str,
    /// Their name.
    pub name: &'static str,
}

const CUSTOMERS: [Customer; 4] = [
    Customer { id: "15550170001", name: "Noor Haddad" },
    Customer { id: "15550170002", name: "Jonas Lindqvist" },
    Customer { id: "15550170003", name: "Amara Okoye" },
    Customer { id: "15550170004", name: "Pilar Montes" },
];

const WORDS: [&str; 8] = [
    "Hello! Are you open on Sunday?",
    "Is my order on its way?",
    "Thank you, that was quick 😊",
    "Do you also deliver to Lyon?",
    "ok",
    "Could I change the size to medium?",
    "What does a large box cost?",
    "Perfect, see you tomorrow!",
];

/// Who writes what in this turn.
pub fn small_talk(turn: usize) -> (&'static Customer, &'static str) {
    (&CUSTOMERS[turn % CUSTOMERS.len()], WORDS[(turn * 3 + turn / WORDS.len()) % WORDS.len()])
}

/// A customer's message; `None` for the web chat, which has no webhook.
pub fn message(account: &SimulatedAccount, customer: &Customer, id: &str, text: &str) -> Option<String> {
    let now = Timestamp::now().0;
    let body = match account.kind {
        ChannelKind::Whatsapp => whatsapp(
            account,
            &json!({
                "contacts": [{ "profile": { "name": customer.name }, "wa_id": customer.id }],
                "messages": [{ "from": customer.id, "id": id, "timestamp": (now / 1000).to_string(),
                    "type": "text", "text": { "body": text } }],
            }),
        ),
        ChannelKind::Instagram | ChannelKind::Messenger => messaging(
            account,
            customer.id,
            &account.external_id,
            &json!({ "message": { "mid": id, "text": text } }),
        ),
        ChannelKind::Telegram => telegram(customer, id, now / 1000, text)?,
        ChannelKind::Webchat => return None,
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
    let bodies = match account.kind {
        ChannelKind::Whatsapp => {
            ["sent", "delivered", "read"].iter().map(|status| receipt(account, send, status)).collect()
        }
        ChannelKind::Instagram => vec![
            echo(account, send),
            messaging(account, &send.to, &account.external_id, &json!({ "read": { "mid": send.id } })),
        ],
        ChannelKind::Messenger => {
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
        ChannelKind::Telegram | ChannelKind::Webchat => Vec::new(),
    };
    bodies.iter().map(Value::to_string).collect()
}

fn receipt(account: &SimulatedAccount, send: &AcceptedSend, status: &str) -> Value {
    whatsapp(
        account,
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

fn whatsapp(account: &SimulatedAccount, part: &Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550170000", "phone_number_id": account.external_id },
    });
    extend(&mut value, part);
    json!({ "object": "whatsapp_business_account",
        "entry": [{ "id": "demo", "changes": [{ "field": "messages", "value": value }] }] })
}

fn messaging(account: &SimulatedAccount, sender: &str, recipient: &str, part: &Value) -> Value {
    let now = Timestamp::now().0;
    let object = if account.kind == ChannelKind::Messenger { "page" } else { "instagram" };
    let mut event = json!({ "sender": { "id": sender }, "recipient": { "id": recipient }, "timestamp": now });
    extend(&mut event, part);
    json!({ "object": object, "entry": [{ "id": account.external_id, "time": now, "messaging": [event] }] })
}

fn extend(value: &mut Value, part: &Value) {
    if let (Some(value), Some(part)) = (value.as_object_mut(), part.as_object()) {
        value.extend(part.clone());
    }
}
