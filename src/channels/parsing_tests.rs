//! What each platform's bodies become. The bodies are invented; shapes follow the platforms' pages.
//! Never a socket, never a row. Over 400 lines because it is a table: a few for each kind of event.

use super::parse;
use crate::domain::inbound::{
    Author, ChannelEffect, IdentityKind, InboundEvent, InboundKind, InboundMessage, RemoteSource, UpTo,
};
use crate::domain::{ChannelKind, MessageStatus, MessageType, Origin, Timestamp};
use serde_json::{Value, json};

pub(super) fn events(kind: ChannelKind, body: &Value) -> Vec<InboundEvent> {
    parse(kind, "77", body.to_string().as_bytes()).expect("json")
}

fn one(kind: ChannelKind, body: &Value) -> InboundKind {
    let mut events = events(kind, body);
    assert_eq!(events.len(), 1, "{body}");
    events.remove(0).kind
}

fn message(kind: ChannelKind, body: &Value) -> InboundMessage {
    match one(kind, body) {
        InboundKind::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

fn change(field: &str, value: &Value) -> Value {
    json!({ "object": "whatsapp_business_account",
        "entry": [{ "id": "900", "changes": [{ "field": field, "value": value }] }] })
}

/// A WhatsApp body with these messages, from Ida (491) with her card beside them.
pub(super) fn whatsapp(messages: &Value) -> Value {
    change(
        "messages",
        &json!({
            "metadata": { "display_phone_number": "+1 500", "phone_number_id": "77" },
            "contacts": [{ "wa_id": "492" },
                { "profile": { "name": "Ida" }, "wa_id": "491", "user_id": "DE.1" }],
            "messages": messages,
        }),
    )
}

fn whatsapp_of(kind: &str, object: &Value) -> Value {
    whatsapp(&json!([{ "from": "491", "id": "w1", "timestamp": "1786000000", "type": kind, kind: object }]))
}

fn messaging(object: &str, event: &Value) -> Value {
    let mut whole =
        json!({ "sender": { "id": "5" }, "recipient": { "id": "77" }, "timestamp": 1_786_000_000_123_i64 });
    whole.as_object_mut().expect("object").extend(event.as_object().expect("object").clone());
    json!({ "object": object, "entry": [{ "id": "77", "time": 1, "messaging": [whole] }] })
}

fn instagram(event: &Value) -> Value {
    messaging("instagram", event)
}

fn telegram(extra: &Value) -> Value {
    let mut message = json!({
        "message_id": 3, "date": 1_786_000_000, "chat": { "id": 8, "first_name": "Ida", "type": "private" },
        "from": { "id": 8, "first_name": "Ida", "last_name": "B", "language_code": "de" },
    });
    message.as_object_mut().expect("object").extend(extra.as_object().expect("object").clone());
    json!({ "update_id": 1, "message": message })
}

fn check(kind: ChannelKind, body: &Value, expected: MessageType, text: Option<&str>, files: usize) {
    let found = message(kind, body);
    assert_eq!(
        (found.message_type, found.text.as_deref(), found.attachments.len()),
        (expected, text, files),
        "{body}"
    );
}

#[test]
fn whatsapp_reads_every_type() {
    const W: ChannelKind = ChannelKind::named("whatsapp");
    let file = json!({ "id": "m1", "mime_type": "audio/OGG; codecs=opus", "caption": "look",
        "filename": "a.pdf", "voice": true });
    check(W, &whatsapp_of("text", &json!({ "body": "hi" })), MessageType::Text, Some("hi"), 0);
    check(W, &whatsapp_of("image", &file), MessageType::Image, Some("look"), 1);
    check(W, &whatsapp_of("video", &file), MessageType::Video, Some("look"), 1);
    check(W, &whatsapp_of("document", &file), MessageType::Document, Some("look"), 1);
    check(W, &whatsapp_of("sticker", &json!({ "id": "m1" })), MessageType::Sticker, None, 1);
    check(W, &whatsapp_of("audio", &json!({ "id": "m1", "voice": true })), MessageType::Voice, None, 1);
    check(W, &whatsapp_of("audio", &json!({ "id": "m1" })), MessageType::Audio, None, 1);
    check(
        W,
        &whatsapp_of("location", &json!({ "latitude": "1.5", "longitude": 2 })),
        MessageType::Location,
        None,
        0,
    );
    check(
        W,
        &whatsapp_of("contacts", &json!([{ "name": { "first_name": "A" } }, {}])),
        MessageType::Contact,
        None,
        0,
    );
    check(
        W,
        &whatsapp_of("button", &json!({ "text": "Yes", "payload": "Y" })),
        MessageType::Interactive,
        Some("Yes"),
        0,
    );
    let reply = json!({ "type": "button_reply", "button_reply": { "id": "b", "title": "Go" } });
    check(W, &whatsapp_of("interactive", &reply), MessageType::Interactive, Some("Go"), 0);
    check(W, &whatsapp_of("hologram", &json!({})), MessageType::Unsupported, None, 0);
    let voice = message(W, &whatsapp_of("audio", &file));
    assert_eq!(voice.attachments[0].mime_type.as_deref(), Some("audio/ogg"));
}

#[test]
fn a_whatsapp_person_is_found_by_id_not_by_place() {
    let found = message(ChannelKind::named("whatsapp"), &whatsapp_of("text", &json!({ "body": "hi" })));
    let names: Vec<_> = found.thread.identities.iter().map(|id| (id.kind, id.external_id.as_str())).collect();
    assert_eq!(names, [(IdentityKind::Phone, "491"), (IdentityKind::Bsuid, "DE.1")]);
    assert_eq!(found.profile.name.as_deref(), Some("Ida"));
}

#[test]
fn a_whatsapp_group_is_the_thread_and_keeps_the_writer() {
    let found = message(
        ChannelKind::named("whatsapp"),
        &whatsapp(&json!([
            { "from": "491", "group_id": "g1", "id": "w1", "timestamp": "1786000000", "type": "text",
                "text": { "body": "hi" } }
        ])),
    );
    assert!(found.thread.is_group());
    assert_eq!(found.sender.expect("a writer").profile.name.as_deref(), Some("Ida"));
}

#[test]
fn whatsapp_edits_revocations_and_reactions_change_what_is_there() {
    let edit =
        json!({ "original_message_id": "w0", "message": { "type": "text", "text": { "body": "new" } } });
    let InboundKind::Edit(edit) = one(ChannelKind::named("whatsapp"), &whatsapp_of("edit", &edit)) else {
        panic!("no edit")
    };
    assert_eq!(
        (edit.target.as_str(), edit.text.as_deref(), edit.order),
        ("w0", Some("new"), 1_786_000_000_000)
    );
    let gone =
        one(ChannelKind::named("whatsapp"), &whatsapp_of("revoke", &json!({ "original_message_id": "w0" })));
    assert!(matches!(gone, InboundKind::Deletion(gone) if gone.targets == ["w0"]));
    for (object, expected) in [
        (json!({ "message_id": "w0", "emoji": "👍" }), vec!["👍".to_owned()]),
        (json!({ "message_id": "w0", "emoji": "" }), vec![]),
        (json!({ "message_id": "w0" }), vec![]),
    ] {
        let InboundKind::Reaction(reaction) =
            one(ChannelKind::named("whatsapp"), &whatsapp_of("reaction", &object))
        else {
            panic!()
        };
        assert_eq!(reaction.emojis, expected);
    }
}

#[test]
fn whatsapp_receipts_carry_our_token_and_the_reason() {
    let status = |extra: Value| {
        let mut status = json!({ "id": "w9", "timestamp": "1786000000", "recipient_id": "491" });
        status.as_object_mut().expect("object").extend(extra.as_object().expect("object").clone());
        one(
            ChannelKind::named("whatsapp"),
            &change("messages", &json!({ "metadata": { "phone_number_id": "77" }, "statuses": [status] })),
        )
    };
    let InboundKind::Receipt(sent) = status(json!({ "status": "sent", "biz_opaque_callback_data": "t1" }))
    else {
        panic!()
    };
    assert_eq!((sent.status, sent.our_token.as_deref()), (MessageStatus::Sent, Some("t1")));
    let failed = status(json!({ "status": "failed",
            "errors": [{ "code": 131_047, "title": "T", "error_data": { "details": "why" } }] }));
    let InboundKind::Receipt(failed) = failed else { panic!() };
    assert_eq!(
        failed.error.map(|error| (error.code, error.message)),
        Some(("131047".to_owned(), "why".to_owned()))
    );
    assert!(matches!(status(json!({ "status": "warmed_up" })), InboundKind::Ignored { .. }));
    assert!(matches!(status(json!({})), InboundKind::Unreadable { .. }));
}

#[test]
fn the_owners_phone_and_old_messages_are_told_apart_from_news() {
    let echo = message(
        ChannelKind::named("whatsapp"),
        &change(
            "smb_message_echoes",
            &json!({
                "metadata": { "phone_number_id": "77" },
                "message_echoes": [{ "from": "500", "to": "491", "id": "w2", "timestamp": 1_786_000_000,
                    "type": "text", "text": { "body": "ok" } }],
            }),
        ),
    );
    assert_eq!((echo.author, echo.origin, echo.may_be_ours), (Author::Owner, Origin::Phone, false));
    assert_eq!(echo.thread.first().expect("customer").external_id, "491");
    let history = change(
        "history",
        &json!({
            "metadata": { "display_phone_number": "500", "phone_number_id": "77" },
            "history": [{ "threads": [{ "id": "491", "messages": [
                { "from": "500", "id": "h1", "timestamp": "1780000000", "type": "text",
                    "text": { "body": "old" }, "history_context": { "status": "READ" } },
                { "from": "491", "id": "h2", "timestamp": "1780000001", "type": "media_placeholder" },
            ] }] }],
        }),
    );
    let found = events(ChannelKind::named("whatsapp"), &history);
    let InboundKind::Message(first) = &found[0].kind else { panic!() };
    assert_eq!((first.author, first.history.expect("history").status), (Author::Owner, MessageStatus::Read));
    let InboundKind::Message(second) = &found[1].kind else { panic!() };
    assert!(second.author == Author::Customer && second.history.expect("history").placeholder);
}

#[test]
fn a_changed_number_names_both_sides_and_an_account_update_its_effect() {
    let changed = one(
        ChannelKind::named("whatsapp"),
        &whatsapp_of("system", &json!({ "wa_id": "493", "user_id": "DE.2", "body": "moved" })),
    );
    let InboundKind::IdentityChange(changed) = changed else { panic!() };
    assert_eq!((changed.old.len(), changed.new.len(), changed.new[0].external_id.as_str()), (1, 2, "493"));
    let update = events(
        ChannelKind::named("whatsapp"),
        &change("account_update", &json!({ "event": "PARTNER_REMOVED" })),
    );
    assert_eq!(update[0].business.as_deref(), Some("900"));
    assert!(matches!(update[0].kind, InboundKind::ChannelNotice { effect: ChannelEffect::Broken, .. }));
}

#[test]
fn one_poisoned_element_costs_no_other() {
    let mut messages: Vec<Value> = (0..50)
        .map(|n| {
            json!({ "from": "491", "id": format!("w{n}"), "timestamp": "1786000000", "type": "text",
            "text": { "body": "ok" } })
        })
        .collect();
    for (poison, is_somebodys) in [
        (json!(7), false),
        (json!({ "type": "text" }), false),
        (json!({ "from": "491", "id": "x", "type": "text", "text": 3 }), true),
        (json!([[[]]]), false),
    ] {
        messages[20] = poison;
        let found = events(ChannelKind::named("whatsapp"), &whatsapp(&json!(messages)));
        let read = found.iter().filter(|event| matches!(event.kind, InboundKind::Message(_))).count();
        let quarantined =
            found.iter().filter(|event| matches!(event.kind, InboundKind::Unreadable { .. })).count();
        assert_eq!((read, quarantined), if is_somebodys { (50, 0) } else { (49, 1) });
    }
}

#[test]
fn a_depth_bomb_is_quarantined_beside_its_neighbours() {
    let bomb = "[".repeat(50_000) + &"]".repeat(50_000);
    let body = whatsapp_of("text", &json!({ "body": "ok" })).to_string();
    let body = body.replace("\"messages\":[", &format!("\"messages\":[{bomb},"));
    let found = parse(ChannelKind::named("whatsapp"), "", body.as_bytes()).expect("json");
    assert!(
        matches!(found[0].kind, InboundKind::Unreadable { .. })
            && matches!(found[1].kind, InboundKind::Message(_))
    );
}

#[test]
fn events_come_by_provider_time_then_place() {
    let at = |id: &str, second: &str| {
        json!({ "from": "491", "id": id, "timestamp": second, "type": "text",
        "text": { "body": id } })
    };
    let body = whatsapp(&json!([
        at("late", "1786000009"),
        at("a", "1786000001"),
        at("b", "1786000001"),
        at("odd", "soon")
    ]));
    let order: Vec<_> =
        events(ChannelKind::named("whatsapp"), &body).iter().map(|event| event.position).collect();
    assert_eq!(order, [1, 2, 3, 0]);
}

#[test]
fn lone_surrogates_and_nul_are_cleaned() {
    let body =
        whatsapp_of("text", &json!({ "body": "BODY" })).to_string().replace("BODY", r"a\ud83d b\u0000");
    let found = parse(ChannelKind::named("whatsapp"), "", body.as_bytes()).expect("json");
    assert!(
        matches!(&found[0].kind, InboundKind::Message(m) if m.text.as_deref() == Some("a\u{fffd} b\u{fffd}"))
    );
}

#[test]
fn instagram_and_messenger_read_every_kind_of_message() {
    const I: ChannelKind = ChannelKind::named("instagram");
    const M: ChannelKind = ChannelKind::named("messenger");
    let with = |kind: &str, payload: Value| {
        instagram(
            &json!({ "message": { "mid": "m1", "attachments": [{ "type": kind, "payload": payload }] } }),
        )
    };
    let url = json!({ "url": "https://cdn.example/1" });
    check(
        I,
        &instagram(&json!({ "message": { "mid": "m1", "text": "hi" } })),
        MessageType::Text,
        Some("hi"),
        0,
    );
    check(I, &with("image", url.clone()), MessageType::Image, None, 1);
    check(I, &with("video", url.clone()), MessageType::Video, None, 1);
    check(I, &with("audio", url.clone()), MessageType::Audio, None, 1);
    check(I, &with("file", url.clone()), MessageType::Document, None, 1);
    check(I, &with("image", Value::Null), MessageType::Image, None, 1);
    check(I, &with("ig_reel", url.clone()), MessageType::Image, None, 1);
    check(I, &with("story_mention", url.clone()), MessageType::StoryMention, None, 0);
    check(I, &with("share", json!({})), MessageType::Unsupported, None, 0);
    check(I, &with("hologram", json!({})), MessageType::Unsupported, None, 0);
    check(
        I,
        &instagram(&json!({ "message": { "mid": "m1", "is_unsupported": true } })),
        MessageType::Unsupported,
        None,
        0,
    );
    check(I, &instagram(&json!({ "message": { "mid": "m1" } })), MessageType::Unsupported, None, 0);
    let reply = json!({ "mid": "m1", "text": "wow",
        "reply_to": { "story": { "url": "https://cdn.example/s", "id": "9" } } });
    check(I, &instagram(&json!({ "message": reply })), MessageType::StoryReply, Some("wow"), 0);
    let quick = json!({ "message": { "mid": "m1", "text": "A", "quick_reply": { "payload": "P" } } });
    check(I, &instagram(&quick), MessageType::Interactive, Some("A"), 0);
    let press = json!({ "postback": { "title": "Start", "payload": "S" } });
    check(M, &messaging("page", &press), MessageType::Postback, Some("Start"), 0);
    let both = json!({ "message": { "mid": "m1", "attachments": [
        { "type": "sticker", "payload": url },
            { "type": "image", "payload": { "url": "https://cdn.example/1", "sticker_id": 3 } },
    ] } });
    check(M, &messaging("page", &both), MessageType::Sticker, None, 1);
    let link = json!({ "message": { "mid": "m1",
        "attachments": [{ "type": "fallback", "title": "Shop", "url": "https://a.example",
            "payload": null }] } });
    check(M, &messaging("page", &link), MessageType::Text, Some("Shop"), 0);
}

#[test]
fn an_echo_belongs_to_its_recipient_and_may_be_ours() {
    let echo = json!({ "sender": { "id": "77" }, "recipient": { "id": "5" },
        "message": { "mid": "m1", "text": "ok", "is_echo": true, "app_id": 9_007_199_254_740_993_i64,
            "metadata": "t1" } });
    let found = message(ChannelKind::named("messenger"), &messaging("page", &echo));
    assert_eq!(
        (found.author, found.may_be_ours, found.our_token.as_deref()),
        (Author::Owner, true, Some("t1"))
    );
    assert_eq!(found.app_id.as_deref(), Some("9007199254740993"));
    assert_eq!(found.thread.first().expect("customer").external_id, "5");
}

#[test]
fn meta_receipts_count_by_watermark_or_message() {
    let read = |object: &str, kind, event: Value| match one(kind, &messaging(object, &event)) {
        InboundKind::Receipt(receipt) => *receipt,
        other => panic!("{other:?}"),
    };
    let seen = read("instagram", ChannelKind::named("instagram"), json!({ "read": { "mid": "m9" } }));
    assert_eq!(seen.up_to, Some(UpTo::Message("m9".to_owned())));
    let delivered = read(
        "page",
        ChannelKind::named("messenger"),
        json!({ "delivery": { "watermark": 1_786_000_000_500_i64 } }),
    );
    assert_eq!(
        (delivered.status, delivered.up_to),
        (MessageStatus::Delivered, Some(UpTo::Moment(Timestamp(1_786_000_000_500))))
    );
}

#[test]
fn unsends_edits_and_reactions_change_what_is_there() {
    let gone = one(
        ChannelKind::named("instagram"),
        &instagram(&json!({ "message": { "mid": "m0", "is_deleted": true } })),
    );
    assert!(matches!(gone, InboundKind::Deletion(gone) if gone.targets == ["m0"]));
    let edit = one(
        ChannelKind::named("instagram"),
        &instagram(&json!({ "message_edit": { "mid": "m0", "text": "n", "num_edit": "3" } })),
    );
    assert!(matches!(edit, InboundKind::Edit(edit) if edit.order == 3));
    for (text, has_no_words) in
        [(json!({}), false), (json!({ "text": null }), false), (json!({ "text": "" }), true)]
    {
        let mut part = json!({ "mid": "m0", "num_edit": 4 });
        part.as_object_mut().expect("an object").extend(text.as_object().expect("an object").clone());
        let edit = one(ChannelKind::named("instagram"), &instagram(&json!({ "message_edit": part })));
        let InboundKind::Edit(edit) = edit else { panic!("no edit") };
        assert_eq!((edit.text, edit.has_no_words), (None, has_no_words), "absent is not empty");
    }
    let unreact = one(
        ChannelKind::named("instagram"),
        &instagram(&json!({ "reaction": { "mid": "m0", "action": "unreact" } })),
    );
    assert!(matches!(unreact, InboundKind::Reaction(reaction) if reaction.emojis.is_empty()));
}

#[test]
fn another_apps_thread_is_marked_and_a_test_button_ignored() {
    let mut body = instagram(&json!({ "message": { "mid": "m1", "text": "hi" } }));
    let entry = body["entry"][0].as_object_mut().expect("object");
    let list = entry.remove("messaging").expect("list");
    entry.insert("standby".to_owned(), list);
    assert!(events(ChannelKind::named("instagram"), &body)[0].standby);
    let test = json!({ "object": "instagram",
        "entry": [{ "id": "0", "changes": [{ "field": "messages", "value": {} }] }] });
    assert!(matches!(one(ChannelKind::named("instagram"), &test), InboundKind::Ignored { .. }));
    let own = instagram(&json!({ "message": { "mid": "m1", "text": "me", "is_self": true } }));
    assert!(matches!(one(ChannelKind::named("instagram"), &own), InboundKind::Ignored { .. }));
    let optin = messaging("page", &json!({ "optin": { "ref": "x" } }));
    assert!(matches!(one(ChannelKind::named("messenger"), &optin), InboundKind::Ignored { .. }));
}

#[test]
fn telegram_reads_every_content() {
    const T: ChannelKind = ChannelKind::named("telegram");
    let file = json!({ "file_id": "f", "file_unique_id": "u" });
    check(T, &telegram(&json!({ "text": "hi" })), MessageType::Text, Some("hi"), 0);
    check(
        T,
        &telegram(&json!({ "photo": [{ "file_id": "s", "width": 1, "height": 1 }, file], "caption": "c" })),
        MessageType::Image,
        Some("c"),
        1,
    );
    check(T, &telegram(&json!({ "animation": file, "document": file })), MessageType::Animation, None, 1);
    check(T, &telegram(&json!({ "voice": file })), MessageType::Voice, None, 1);
    check(T, &telegram(&json!({ "video_note": file })), MessageType::Video, None, 1);
    check(T, &telegram(&json!({ "document": file })), MessageType::Document, None, 1);
    let place = json!({ "latitude": 1.0, "longitude": 2.0 });
    check(
        T,
        &telegram(
            &json!({ "location": place, "venue": { "location": place, "title": "Pier", "address": "1" } }),
        ),
        MessageType::Location,
        None,
        0,
    );
    check(
        T,
        &telegram(&json!({ "poll": { "question": "Q?", "options": [] } })),
        MessageType::Interactive,
        Some("Q?"),
        0,
    );
    check(
        T,
        &telegram(&json!({ "dice": { "emoji": "🎲", "value": 4 } })),
        MessageType::Text,
        Some("🎲 4"),
        0,
    );
    check(
        T,
        &telegram(&json!({ "new_chat_members": [{ "first_name": "Bo" }] })),
        MessageType::System,
        Some("new chat members: Bo"),
        0,
    );
    check(T, &telegram(&json!({ "gift": {} })), MessageType::Unsupported, None, 0);
    let sizes = json!({ "photo": [{ "file_id": "s", "width": 1, "height": 1 },
        { "file_id": "l", "width": 9, "height": 9 }] });
    let photo = message(T, &telegram(&sizes));
    assert_eq!(photo.attachments[0].source, RemoteSource::TelegramFile { file_id: "l".to_owned() });
}

#[test]
fn telegram_names_a_message_by_connection_chat_and_number() {
    let found = message(
        ChannelKind::named("telegram"),
        &telegram(&json!({ "text": "hi", "reply_to_message": { "message_id": 2, "chat": { "id": 8 } } })),
    );
    assert_eq!((found.platform_message_id.as_str(), found.reply_to.as_deref()), ("8:3", Some("8:2")));
    assert_eq!((found.profile.name.as_deref(), found.profile.locale.as_deref()), (Some("Ida B"), Some("de")));
    let business = |from: i64| {
        json!({ "update_id": 1, "business_message": {
        "message_id": 3, "date": 1_786_000_000, "business_connection_id": "bc",
            "chat": { "id": 8, "first_name": "Ida" },
        "from": { "id": from }, "text": "hi" } })
    };
    let customer = message(ChannelKind::named("telegram"), &business(8));
    let owner = message(ChannelKind::named("telegram"), &business(1));
    assert_eq!(
        (customer.author, owner.author, owner.origin),
        (Author::Customer, Author::Owner, Origin::Phone)
    );
    assert_eq!((customer.platform_message_id.as_str(), &customer.thread), ("bc:8:3", &owner.thread));
    let name = owner.thread.first().expect("customer");
    assert_eq!((name.platform_id(), name.business_connection()), ("8", Some("bc")));
}

#[test]
fn telegram_tells_presses_reactions_blocks_and_moves() {
    let press = message(
        ChannelKind::named("telegram"),
        &json!({ "update_id": 2, "callback_query": { "id": "55", "from": { "id": 8 }, "data": "d",
        "message": { "message_id": 3, "chat": { "id": 8 },
            "reply_markup": { "inline_keyboard": [[{ "text": "Go", "callback_data": "d" }]] } } } }),
    );
    assert_eq!(
        (press.platform_message_id.as_str(), press.text.as_deref(), press.callback_id.as_deref()),
        ("callback:55", Some("Go"), Some("55"))
    );
    let reaction = one(
        ChannelKind::named("telegram"),
        &json!({ "update_id": 3, "message_reaction": { "chat": { "id": 8 }, "message_id": 3, "date": 1,
        "user": { "id": 8 }, "old_reaction": [{ "type": "emoji", "emoji": "🔥" }], "new_reaction": [] } }),
    );
    assert!(matches!(reaction, InboundKind::Reaction(reaction) if reaction.emojis.is_empty()
            && reaction.target == "8:3"));
    let blocked = one(
        ChannelKind::named("telegram"),
        &json!({ "update_id": 4,
            "my_chat_member": { "chat": { "id": 8 }, "new_chat_member": { "status": "kicked" } } }),
    );
    assert!(matches!(blocked, InboundKind::Reachability { reachable: false, .. }));
    let moved = one(
        ChannelKind::named("telegram"),
        &telegram(&json!({ "chat": { "id": -5, "title": "G" }, "migrate_to_chat_id": -1005 })),
    );
    assert!(matches!(moved, InboundKind::IdentityChange(moved) if moved.new[0].external_id == "-1005"));
    let start =
        message(ChannelKind::named("telegram"), &telegram(&json!({ "text": "/start@pier_bot table-4" })));
    assert_eq!(start.details["referral"]["ref"], "table-4");
}

#[test]
fn what_is_no_json_is_said_to_be_none_and_pings_are_empty() {
    assert!(parse(ChannelKind::named("whatsapp"), "", b"hello").is_err());
    assert!(parse(ChannelKind::named("telegram"), "", b"").is_err());
    for body in ["{}", "[]", "5", "null", r#"{"object":"page","entry":[]}"#, r#"{"entry":null}"#] {
        for kind in super::registry::kinds() {
            let found = parse(kind.kind, "", body.as_bytes()).expect("json");
            assert!(
                found.iter().all(|event| matches!(
                    event.kind,
                    InboundKind::Ignored { .. } | InboundKind::Unreadable { .. }
                )),
                "{} {body}",
                kind.kind
            );
        }
    }
}

#[test]
fn what_could_not_be_handed_over_is_a_placeholder_and_a_service_notice_is_none_of_the_customers_words() {
    let lost = json!([{ "from": "491", "id": "w1", "timestamp": "1786000000", "type": "video",
        "errors": [{ "code": 131_052, "title": "Media download error" }] }]);
    let found = message(ChannelKind::named("whatsapp"), &whatsapp(&lost));
    assert_eq!(
        (found.message_type, &found.details["unsupported"]["type"]),
        (MessageType::Unsupported, &json!("video"))
    );
    let started = telegram(&json!({ "video_chat_started": {} }));
    check(ChannelKind::named("telegram"), &started, MessageType::System, Some("video chat started"), 0);
}

#[test]
fn what_somebody_wants_of_offers_is_a_preference_and_nothing_else_is() {
    let kind = ChannelKind::named("whatsapp");
    let told = |category: &str, value: &str| {
        change(
            "user_preferences",
            &json!({
                "metadata": { "display_phone_number": "+1 500", "phone_number_id": "77" },
                "contacts": [{ "profile": { "name": "Ida" }, "wa_id": "491", "user_id": "DE.1" }],
                "user_preferences": [{ "wa_id": "491", "detail": "User requested …", "category": category,
                    "value": value, "timestamp": 1_786_000_000 }],
            }),
        )
    };
    for (value, expected) in [("stop", false), ("resume", true)] {
        let event = events(kind, &told("marketing_messages", value)).remove(0);
        assert_eq!((event.account.as_str(), event.occurred_at), ("77", Some(Timestamp(1_786_000_000_000))));
        match event.kind {
            InboundKind::Preference { thread, wanted } => {
                assert_eq!(wanted, expected);
                let names: Vec<_> = thread.identities.iter().map(|name| name.external_id.as_str()).collect();
                assert!(
                    names.contains(&"DE.1") && names.iter().any(|name| name.ends_with("491")),
                    "{names:?}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
    for (category, value) in [("marketing_messages", "perhaps"), ("utility_messages", "stop")] {
        assert!(matches!(one(kind, &told(category, value)), InboundKind::Ignored { .. }));
    }
}

#[test]
fn what_somebody_answers_who_was_asked_for_calls_is_read() {
    let answered = |reply: &Value| {
        let part = json!({ "type": "call_permission_reply", "call_permission_reply": reply });
        let read = message(ChannelKind::named("whatsapp"), &whatsapp_of("interactive", &part));
        read.details.get("calls").cloned()
    };
    let until = json!({ "response": "accept", "expiration_timestamp": 1_786_000_000 });
    assert_eq!(answered(&until), Some(json!({ "allowed": true, "until": 1_786_000_000_000_i64 })));
    let as_text = json!({ "response": "accept", "expiration_timestamp": "1786000000" });
    assert_eq!(answered(&as_text), answered(&until));
    let for_good = json!({ "response": "accept", "is_permanent": true });
    assert_eq!(answered(&for_good), Some(json!({ "allowed": true, "until": null })));
    let none = json!({ "response": "reject", "expiration_timestamp": 1_786_000_000 });
    assert_eq!(answered(&none), Some(json!({ "allowed": false, "until": null })));
    assert_eq!(answered(&json!({ "response": "perhaps" })), None);
}
