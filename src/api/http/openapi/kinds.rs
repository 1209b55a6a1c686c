//! What the description says of each kind of channel: which there are, the addresses that their platforms
//! call, and what proves those calls.

use crate::channels::kind::Kind;
use crate::channels::registry;
use crate::channels::webhook::{Endpoint, Webhook};
use serde_json::{Value, json};

/// The description with every kind in it.
pub(super) fn told(mut doc: Value) -> Value {
    let names: Vec<_> = registry::kinds().map(|kind| kind.kind).collect();
    doc["components"]["schemas"]["ChannelKind"]["enum"] = json!(names);
    spread(&mut doc, "/webhooks/{kind}", Endpoint::OfKind);
    spread(&mut doc, "/webhooks/{kind}/{channel_id}", Endpoint::OfChannel);
    doc
}

/// What proves a platform's call: its name, its header, what it is. Kinds that share one name it once.
pub(super) fn proofs() -> Vec<(&'static str, String, &'static str)> {
    let mut found: Vec<(&str, String, &str)> = Vec::new();
    for webhook in registry::kinds().filter_map(|kind| kind.webhook.as_ref()) {
        let (name, what) = webhook.scheme;
        if !found.iter().any(|(known, ..)| *known == name) {
            found.push((name, capitals(webhook.header), what));
        }
    }
    found
}

/// A header's name as it is usually written: `X-Hub-Signature-256`.
fn capitals(header: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    };
    header.split('-').map(word).collect::<Vec<_>>().join("-")
}

/// An address with a kind in it becomes one for each kind whose platform calls there.
fn spread(doc: &mut Value, pattern: &str, endpoint: Endpoint) {
    let Some(template) = doc["paths"].as_object_mut().and_then(|paths| paths.remove(pattern)) else { return };
    for kind in registry::kinds() {
        let Some(webhook) = kind.webhook.as_ref().filter(|webhook| webhook.endpoint == endpoint) else {
            continue;
        };
        let mut calls = template.clone();
        if let Some(calls) = calls.as_object_mut() {
            calls.retain(|method, _| method != "get" || webhook.has_handshake);
            calls.values_mut().for_each(|call| name(call, kind, webhook));
        }
        doc["paths"][pattern.replace("{kind}", kind.kind.as_str())] = calls;
    }
}

/// `receive_webhook` is `receive_telegram_webhook`, and is proved as Telegram proves it.
fn name(call: &mut Value, kind: &Kind, webhook: &Webhook) {
    let own = format!("_{}_webhook", kind.kind);
    call["operationId"] = call["operationId"].as_str().unwrap_or_default().replace("_webhook", &own).into();
    if let Some(parameters) = call["parameters"].as_array_mut() {
        parameters.retain(|parameter| parameter["name"] != "kind");
    }
    if call["security"].is_null() {
        call["security"] = json!([{ (webhook.scheme.0): [] }]);
    }
}
