//! Whatever arrives, no parser panics, and no element costs its neighbours anything.
//! Never a claim about what a body means: those are in `parsing_tests`.

use super::parse;
use super::parsing_tests::{events, whatsapp};
use super::registry::kinds;
use crate::domain::ChannelKind;
use crate::domain::inbound::InboundKind;
use proptest::prelude::*;
use serde_json::{Value, json};

/// JSON made of the words the parsers look for, in places they do not belong.
#[allow(clippy::too_many_lines)] // one line a kind of damage
fn mangled() -> impl Strategy<Value = Value> {
    const WORDS: &[&str] = &[
        "object",
        "entry",
        "id",
        "time",
        "changes",
        "messaging",
        "standby",
        "field",
        "value",
        "messages",
        "statuses",
        "history",
        "threads",
        "message",
        "mid",
        "text",
        "body",
        "type",
        "image",
        "attachments",
        "payload",
        "from",
        "chat",
        "date",
        "update_id",
        "edited_message",
        "callback_query",
        "photo",
        "reaction",
        "contacts",
        "system",
        "errors",
        "metadata",
        "timestamp",
        "sender",
        "recipient",
        "read",
        "whatsapp_business_account",
        "instagram",
        "page",
        "smb_message_echoes",
        "message_echoes",
        "watermark",
        "context",
        "interactive",
    ];
    let word = proptest::sample::select(WORDS);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(9, 120, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((word.clone(), inner), 0..6).prop_map(|members| members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_panic_a_parser(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        for kind in kinds() {
            let _ = parse(kind.kind, "77", &body);
        }
    }

    #[test]
    fn no_json_panics_a_parser_and_all_of_it_is_kept(value in mangled(), cut in 0_usize..2000) {
        let body = value.to_string();
        for kind in kinds() {
            let found = parse(kind.kind, "77", body.as_bytes()).expect("it is JSON");
            let mut places: Vec<_> = found.iter().map(|event| event.position).collect();
            places.sort_unstable();
            prop_assert!(places.iter().enumerate().all(|(index, place)| index == *place));
            let _ = parse(kind.kind, "77", &body.as_bytes()[..cut.min(body.len())]);
        }
    }

    #[test]
    fn a_mangled_element_costs_its_neighbours_nothing(odd in mangled()) {
        let good = json!({ "from": "491", "id": "w1", "timestamp": "1786000000", "type": "text",
            "text": { "body": "ok" } });
        let found = events(ChannelKind::named("whatsapp"), &whatsapp(&json!([odd, good])));
        prop_assert_eq!(found.len(), 2);
        prop_assert!(found.iter()
            .any(|event| matches!(&event.kind, InboundKind::Message(m) if m.platform_message_id == "w1")));
    }
}
