//! What the platforms would post: bodies in their shapes (facts, sections 1 to 5), signed over the exact
//! bytes. All ids, numbers and texts are invented.

use super::{channel::Channel, client::Answer, client::answer};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// Second of the provider's clock these stories play at; messages add their own number.
pub fn now() -> i64 {
    let seconds = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    i64::try_from(seconds).expect("before the year 292 billion")
}

/// `sha256=<hex>` over the raw bytes (docs/platforms.md 1.2).
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key length");
    mac.update(body);
    let hex: Vec<String> = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={}", hex.concat())
}

/// Posts a body as the channel's platform would, signed with the channel's secret.
pub async fn post(url: &str, channel: &Channel, body: &Value) -> Answer {
    try_post(url, channel, body)
        .await
        .unwrap_or_else(|error| panic!("the webhook was not answered: {error:?}"))
}

/// The same, where the server may be away.
pub async fn try_post(url: &str, channel: &Channel, body: &Value) -> reqwest::Result<Answer> {
    let bytes = body.to_string().into_bytes();
    let request = channel
        .http
        .post(format!("{url}{}", channel.webhook_path()))
        .header("content-type", "application/json");
    let request = if channel.kind == "telegram" {
        request.header("x-telegram-bot-api-secret-token", &channel.secret)
    } else {
        request.header("x-hub-signature-256", signature(&channel.secret, &bytes))
    };
    answer(request.body(bytes)).await
}

/// Posts bytes with exactly this signature header, or none.
pub async fn post_raw(url: &str, channel: &Channel, bytes: Vec<u8>, header: Option<(&str, &str)>) -> Answer {
    let mut request = channel.http.post(format!("{url}{}", channel.webhook_path()));
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    answer(request.header("content-type", "application/json").body(bytes)).await.expect("an answer")
}

impl Channel {
    /// One text of a customer, in this platform's shape.
    pub fn text(&self, customer: &str, id: &str, text: &str) -> Value {
        match self.kind {
            "whatsapp" => self.whatsapp(json!({
                "contacts": [{"profile": {"name": format!("Customer {customer}")}, "wa_id": customer}],
                "messages": [{"from": customer, "id": id, "timestamp": now().to_string(), "type": "text", "text": {"body": text}}],
            })),
            "telegram" => json!({"update_id": stable_number(id), "message": telegram_message(customer, id, text)}),
            _ => self.messaging(&[event(customer, &self.external_id, json!({"message": {"mid": id, "text": text}}))]),
        }
    }

    /// Many texts of one customer in one body; Telegram never batches.
    pub fn batch(&self, customer: &str, messages: &[(String, String)]) -> Value {
        if self.kind == "whatsapp" {
            let messages: Vec<Value> = messages.iter().map(|(id, text)| {
                json!({"from": customer, "id": id, "timestamp": now().to_string(), "type": "text", "text": {"body": text}})
            }).collect();
            return self.whatsapp(
                json!({"contacts": [{"profile": {"name": "Many"}, "wa_id": customer}], "messages": messages}),
            );
        }
        let events: Vec<Value> = messages
            .iter()
            .map(|(id, text)| {
                event(customer, &self.external_id, json!({"message": {"mid": id, "text": text}}))
            })
            .collect();
        self.messaging(&events)
    }

    /// What our side wrote, told by the platform: a WhatsApp phone's message, an Instagram or Messenger echo
    /// (with our token where the platform hands it back), a message from the owner's own Telegram.
    pub fn echo(&self, customer: &str, id: &str, text: &str, token: Option<&str>) -> Value {
        match self.kind {
            "whatsapp" => {
                let mut body = self.whatsapp(json!({"message_echoes": [{
                    "from": "15550142210", "to": customer, "id": id, "timestamp": now(), "type": "text", "text": {"body": text}}]}));
                body["entry"][0]["changes"][0]["field"] = "smb_message_echoes".into();
                body
            }
            "telegram" => {
                let mut message = telegram_message(customer, id, text);
                message["from"] = json!({"id": 512_340_011, "is_bot": false, "first_name": "Petra"});
                message["business_connection_id"] = "bcTest".into();
                json!({"update_id": stable_number(id) + 1, "business_message": message})
            }
            _ => {
                let mut message = json!({"mid": id, "text": text, "is_echo": true});
                if let Some(token) = token {
                    message["metadata"] = token.into();
                    message["app_id"] = 884_512_007_733_901_i64.into();
                }
                self.messaging(&[event(&self.external_id, customer, json!({"message": message}))])
            }
        }
    }

    /// A WhatsApp receipt, with our token if given.
    pub fn status(&self, customer: &str, id: &str, status: &str, token: Option<&str>) -> Value {
        let mut row = json!({"id": id, "status": status, "timestamp": now().to_string(), "recipient_id": customer.trim_start_matches('+')});
        if let Some(token) = token {
            row["biz_opaque_callback_data"] = token.into();
        }
        if status == "failed" {
            row["errors"] = json!([{"code": 131_047, "title": "Re-engagement message", "message": "Re-engagement message",
                "error_data": {"details": "More than 24 hours have passed since the recipient last replied."}}]);
        }
        self.whatsapp(json!({"statuses": [row]}))
    }

    /// The WhatsApp envelope around one `value`.
    pub fn whatsapp(&self, mut value: Value) -> Value {
        value["messaging_product"] = "whatsapp".into();
        value["metadata"] =
            json!({"display_phone_number": "15550142210", "phone_number_id": self.external_id});
        json!({"object": "whatsapp_business_account", "entry": [{"id": "290417755120884", "changes": [{"value": value, "field": "messages"}]}]})
    }

    /// The envelope of Instagram and Messenger around events.
    pub fn messaging(&self, events: &[Value]) -> Value {
        let object = if self.kind == "instagram" { "instagram" } else { "page" };
        json!({"object": object, "entry": [{"id": self.external_id, "time": now() * 1000, "messaging": events}]})
    }
}

/// One event of Instagram or Messenger.
pub fn event(sender: &str, recipient: &str, mut rest: Value) -> Value {
    rest["sender"] = json!({"id": sender});
    rest["recipient"] = json!({"id": recipient});
    rest["timestamp"] = (now() * 1000).into();
    rest
}

/// Telegram's ids are numbers: the same one for the same text (FNV-1a), below 2^31.
pub fn stable_number(text: &str) -> i64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    i64::try_from(hash >> 33).expect("31 bits")
}

fn telegram_message(customer: &str, id: &str, text: &str) -> Value {
    let chat: i64 = customer.parse().expect("Telegram's customers are numbers");
    json!({"message_id": stable_number(id), "date": now(), "text": text,
        "from": {"id": chat, "is_bot": false, "first_name": "Customer", "last_name": customer},
        "chat": {"id": chat, "type": "private", "first_name": "Customer", "last_name": customer}})
}
