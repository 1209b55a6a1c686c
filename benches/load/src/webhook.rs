//! What WhatsApp would post, signed. All numbers and texts are invented.

use crate::server::{PHONE, SECRET};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use std::fmt::Write;

/// One message: (customer, id, text).
pub type Said = (String, String, String);

/// A whole request with these messages in it.
pub fn request(messages: &[Said]) -> Vec<u8> {
    let at = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    let entries: Vec<_> = messages
        .iter()
        .map(|(from, id, text)| {
            json!({"id": "290417755120884", "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "15550142210", "phone_number_id": PHONE},
                "contacts": [{"profile": {"name": format!("Customer {from}")}, "wa_id": from}],
                "messages": [{"from": from, "id": id, "timestamp": at.to_string(), "type": "text", "text": {"body": text}}],
            }}]})
        })
        .collect();
    let body = json!({"object": "whatsapp_business_account", "entry": entries}).to_string();
    let mut head = format!(
        "POST /webhooks/whatsapp HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         x-hub-signature-256: sha256=",
        body.len()
    );
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()) {
        mac.update(body.as_bytes());
        for byte in mac.finalize().into_bytes() {
            // Writing to a String does not fail.
            let _ = write!(head, "{byte:02x}");
        }
    }
    head.push_str("\r\n\r\n");
    head.push_str(&body);
    head.into_bytes()
}

/// A text of so many bytes.
pub fn words(length: usize) -> String {
    "Do you still have the blue one in a small size? ".chars().cycle().take(length).collect()
}
