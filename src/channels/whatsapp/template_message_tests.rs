//! Twenty combinations of a template's parts, each compared with the request that WhatsApp documents for it
//! (docs/platforms.md 2.10). Both sides are written by the same writer, so that they are compared byte by
//! byte.
//! Over 400 lines: each request stands here whole, as it is documented.

use super::*;
use crate::domain::inbound::AttachmentKind;
use crate::domain::outbound::{OutboundMedia, TemplateFile};
use crate::domain::template::TemplateMessage;

/// A file with our id, and what WhatsApp calls it.
fn file((id, uploaded): &(i64, &str)) -> TemplateFile {
    TemplateFile {
        id: MediaId(*id),
        media: OutboundMedia {
            kind: AttachmentKind::Document,
            source: MediaSource::Uploaded((*uploaded).to_owned()),
            mime_type: "application/pdf".to_owned(),
            file_name: Some("order.pdf".to_owned()),
            caption: None,
            size_in_pixels: None,
        },
    }
}

fn check(ours: &str, files: &[(i64, &str)], documented: &str) {
    let message: TemplateMessage = serde_json::from_str(ours).expect("ours is a template");
    message.check().expect("it makes sense");
    let outbound = OutboundTemplate { message, files: files.iter().map(file).collect() };
    let lowered = lower(&outbound).expect("it is lowered").to_string();
    let documented: Value = serde_json::from_str(documented).expect("the documented request is JSON");
    assert_eq!(lowered, documented.to_string(), "{ours}");
}

#[test]
fn words_alone() {
    check(
        r#"{"name": "hello_world", "language": "en_US"}"#,
        &[],
        r#"{"name": "hello_world", "language": {"code": "en_US"}}"#,
    );
    check(
        r#"{"name": "booking", "language": "en", "parameters": ["Mira", "19:30"]}"#,
        &[],
        r#"{"name": "booking", "language": {"code": "en"}, "components": [
            {"type": "body", "parameters": [
                {"type": "text", "text": "Mira"}, {"type": "text", "text": "19:30"}]}]}"#,
    );
    check(
        r#"{"name": "order_confirmation", "language": "en_US",
            "components": {"body": {"first_name": "Jessica", "order_number": "SKBUP2-4CPIG9"}}}"#,
        &[],
        r#"{"name": "order_confirmation", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [
                {"type": "text", "parameter_name": "first_name", "text": "Jessica"},
                {"type": "text", "parameter_name": "order_number", "text": "SKBUP2-4CPIG9"}]}]}"#,
    );
}

#[test]
fn texts_above_the_words() {
    check(
        r#"{"name": "sale", "language": "en_US", "components": {"header": {"text": ["Summer Sale"]},
            "body": ["the end of August", "25OFF", "25%"]}}"#,
        &[],
        r#"{"name": "sale", "language": {"code": "en_US"}, "components": [
            {"type": "header", "parameters": [{"type": "text", "text": "Summer Sale"}]},
            {"type": "body", "parameters": [{"type": "text", "text": "the end of August"},
                {"type": "text", "text": "25OFF"}, {"type": "text", "text": "25%"}]}]}"#,
    );
    check(
        r#"{"name": "sale", "language": "en_US",
            "components": {"header": {"text": {"sale_start_date": "December 1st"}}}}"#,
        &[],
        r#"{"name": "sale", "language": {"code": "en_US"}, "components": [
            {"type": "header", "parameters": [
                {"type": "text", "parameter_name": "sale_start_date", "text": "December 1st"}]}]}"#,
    );
}

#[test]
fn files_and_places_above_the_words() {
    check(
        r#"{"name": "welcome", "language": "en", "components": {"header": {"image": 7}}}"#,
        &[(7, "2871834006348767")],
        r#"{"name": "welcome", "language": {"code": "en"}, "components": [
            {"type": "header", "parameters": [{"type": "image", "image": {"id": "2871834006348767"}}]}]}"#,
    );
    check(
        r#"{"name": "welcome", "language": "en", "components": {"header": {"image": 7}, "body": ["Pablo"]}}"#,
        &[(7, "2871834006348767")],
        r#"{"name": "welcome", "language": {"code": "en"}, "components": [
            {"type": "header", "parameters": [{"type": "image", "image": {"id": "2871834006348767"}}]},
            {"type": "body", "parameters": [{"type": "text", "text": "Pablo"}]}]}"#,
    );
    check(
        r#"{"name": "tour", "language": "en", "components": {"header": {"video": 8}}}"#,
        &[(8, "1166414785519855")],
        r#"{"name": "tour", "language": {"code": "en"}, "components": [
            {"type": "header", "parameters": [{"type": "video", "video": {"id": "1166414785519855"}}]}]}"#,
    );
    check(
        r#"{"name": "order_confirmation", "language": "en_US",
            "components": {"header": {"document": 9}, "body": ["Jessica", "SKBUP2-4CPIG9"]}}"#,
        &[(9, "1602186516975000")],
        r#"{"name": "order_confirmation", "language": {"code": "en_US"}, "components": [
            {"type": "header", "parameters": [{"type": "document",
                "document": {"id": "1602186516975000", "filename": "order.pdf"}}]},
            {"type": "body", "parameters": [{"type": "text", "text": "Jessica"},
                {"type": "text", "text": "SKBUP2-4CPIG9"}]}]}"#,
    );
    check(
        r#"{"name": "order_delivery_update", "language": "en_US", "components": {
            "header": {"location": {"latitude": 37.44211676, "longitude": -122.16155892,
                "name": "Philz Coffee", "address": "101 Forest Ave, Palo Alto, CA 94301"}},
            "body": ["Pablo", "566701"]}}"#,
        &[],
        r#"{"name": "order_delivery_update", "language": {"code": "en_US"}, "components": [
            {"type": "header", "parameters": [{"type": "location", "location": {
                "latitude": "37.44211676", "longitude": "-122.16155892", "name": "Philz Coffee",
                "address": "101 Forest Ave, Palo Alto, CA 94301"}}]},
            {"type": "body", "parameters": [{"type": "text", "text": "Pablo"},
                {"type": "text", "text": "566701"}]}]}"#,
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn buttons_with_their_values() {
    check(
        r#"{"name": "account_created", "language": "en", "components": {"body": ["Pablo"],
            "buttons": [{"index": 0, "kind": "url", "value": "2gP7Ju"}]}}"#,
        &[],
        r#"{"name": "account_created", "language": {"code": "en"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Pablo"}]},
            {"type": "button", "sub_type": "url", "index": "0",
                "parameters": [{"type": "text", "text": "2gP7Ju"}]}]}"#,
    );
    check(
        r#"{"name": "seasonal", "language": "en_US", "components": {"buttons": [
            {"index": 0, "kind": "quick_reply", "value": "unsubscribe-promos"},
            {"index": 1, "kind": "quick_reply", "value": "unsubscribe-all"}]}}"#,
        &[],
        r#"{"name": "seasonal", "language": {"code": "en_US"}, "components": [
            {"type": "button", "sub_type": "quick_reply", "index": "0",
                "parameters": [{"type": "payload", "payload": "unsubscribe-promos"}]},
            {"type": "button", "sub_type": "quick_reply", "index": "1",
                "parameters": [{"type": "payload", "payload": "unsubscribe-all"}]}]}"#,
    );
    check(
        r#"{"name": "coupon_code_fall2023_25off", "language": "en_US", "components": {
            "body": ["25OFF", "25%"], "buttons": [{"index": 1, "kind": "copy_code", "value": "25OFF"}]}}"#,
        &[],
        r#"{"name": "coupon_code_fall2023_25off", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "25OFF"},
                {"type": "text", "text": "25%"}]},
            {"type": "button", "sub_type": "copy_code", "index": "1",
                "parameters": [{"type": "coupon_code", "coupon_code": "25OFF"}]}]}"#,
    );
    check(
        r#"{"name": "verification_code", "language": "en_US", "components": {"body": ["J$FpnYnP"],
            "buttons": [{"index": 0, "kind": "one_time_password", "value": "J$FpnYnP"}]}}"#,
        &[],
        r#"{"name": "verification_code", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "J$FpnYnP"}]},
            {"type": "button", "sub_type": "url", "index": "0",
                "parameters": [{"type": "text", "text": "J$FpnYnP"}]}]}"#,
    );
    check(
        r#"{"name": "sign_up", "language": "en_US", "components": {
            "buttons": [{"index": 0, "kind": "flow"}]}}"#,
        &[],
        r#"{"name": "sign_up", "language": {"code": "en_US"}, "components": [
            {"type": "button", "sub_type": "flow", "index": "0",
                "parameters": [{"type": "action", "action": {"flow_token": "unused"}}]}]}"#,
    );
    check(
        r#"{"name": "sign_up", "language": "en_US", "components": {"buttons": [
            {"index": 0, "kind": "flow", "value": "run-7", "data": {"name": "Pablo"}}]}}"#,
        &[],
        r#"{"name": "sign_up", "language": {"code": "en_US"}, "components": [
            {"type": "button", "sub_type": "flow", "index": "0", "parameters": [{"type": "action",
                "action": {"flow_token": "run-7", "flow_action_data": {"name": "Pablo"}}}]}]}"#,
    );
    check(
        r#"{"name": "call_us", "language": "en", "components": {"body": ["Pablo"], "buttons": [
            {"index": 0, "kind": "phone"}, {"index": 1, "kind": "url", "value": "x"}]}}"#,
        &[],
        r#"{"name": "call_us", "language": {"code": "en"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Pablo"}]},
            {"type": "button", "sub_type": "url", "index": "1",
                "parameters": [{"type": "text", "text": "x"}]}]}"#,
    );
}

#[test]
fn everything_together() {
    check(
        r#"{"name": "receipt", "language": "de", "components": {"header": {"image": 7},
            "body": {"name": "Mira", "total": "€ 12"}, "buttons": [
            {"index": 0, "kind": "quick_reply", "value": "thanks"},
            {"index": 1, "kind": "url", "value": "r/1042"}]}}"#,
        &[(7, "42")],
        r#"{"name": "receipt", "language": {"code": "de"}, "components": [
            {"type": "header", "parameters": [{"type": "image", "image": {"id": "42"}}]},
            {"type": "body", "parameters": [{"type": "text", "parameter_name": "name", "text": "Mira"},
                {"type": "text", "parameter_name": "total", "text": "€ 12"}]},
            {"type": "button", "sub_type": "quick_reply", "index": "0",
                "parameters": [{"type": "payload", "payload": "thanks"}]},
            {"type": "button", "sub_type": "url", "index": "1",
                "parameters": [{"type": "text", "text": "r/1042"}]}]}"#,
    );
}

#[test]
fn cards_with_their_own_parts() {
    check(
        r#"{"name": "summer_carousel_promo_2023", "language": "en_US", "components": {
            "body": ["20OFF", "20%"], "carousel": [
            {"header": {"image": 1}, "body": ["Blue"], "buttons": [
                {"index": 0, "kind": "quick_reply", "value": "more-blue"},
                {"index": 1, "kind": "url", "value": "blue-elf"}]},
            {"header": {"image": 2}, "body": ["Buddha"], "buttons": [
                {"index": 0, "kind": "quick_reply", "value": "more-buddha"},
                {"index": 1, "kind": "url", "value": "buddha"}]}]}}"#,
        &[(1, "24230790383178626"), (2, "24230790383178627")],
        r#"{"name": "summer_carousel_promo_2023", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "20OFF"},
                {"type": "text", "text": "20%"}]},
            {"type": "carousel", "cards": [
                {"card_index": 0, "components": [
                    {"type": "header", "parameters": [
                        {"type": "image", "image": {"id": "24230790383178626"}}]},
                    {"type": "body", "parameters": [{"type": "text", "text": "Blue"}]},
                    {"type": "button", "sub_type": "quick_reply", "index": "0",
                        "parameters": [{"type": "payload", "payload": "more-blue"}]},
                    {"type": "button", "sub_type": "url", "index": "1",
                        "parameters": [{"type": "text", "text": "blue-elf"}]}]},
                {"card_index": 1, "components": [
                    {"type": "header", "parameters": [
                        {"type": "image", "image": {"id": "24230790383178627"}}]},
                    {"type": "body", "parameters": [{"type": "text", "text": "Buddha"}]},
                    {"type": "button", "sub_type": "quick_reply", "index": "0",
                        "parameters": [{"type": "payload", "payload": "more-buddha"}]},
                    {"type": "button", "sub_type": "url", "index": "1",
                        "parameters": [{"type": "text", "text": "buddha"}]}]}]}]}"#,
    );
    check(
        r#"{"name": "films", "language": "en", "components": {"carousel": [
            {"header": {"video": 1}}, {"header": {"video": 1}}]}}"#,
        &[(1, "55")],
        r#"{"name": "films", "language": {"code": "en"}, "components": [{"type": "carousel", "cards": [
            {"card_index": 0, "components": [
                {"type": "header", "parameters": [{"type": "video", "video": {"id": "55"}}]}]},
            {"card_index": 1, "components": [
                {"type": "header", "parameters": [{"type": "video", "video": {"id": "55"}}]}]}]}]}"#,
    );
}

#[test]
fn a_file_that_is_not_there_is_refused_and_one_not_uploaded_is_not_sent() {
    let message: TemplateMessage =
        serde_json::from_str(r#"{"name": "a", "language": "en", "components": {"header": {"image": 7}}}"#)
            .expect("a template");
    let mut outbound = OutboundTemplate { message, files: Vec::new() };
    assert!(matches!(lower(&outbound), Err(SendOutcome::Refused(refusal)) if refusal.code == "file_gone"));
    let mut raw = file(&(7, ""));
    raw.media.source = MediaSource::Bytes(bytes::Bytes::new());
    outbound.files.push(raw);
    assert!(matches!(lower(&outbound), Err(SendOutcome::NotSent { .. })));
}
