//! The door in: who may knock, what is taken, what is refused and leaves no trace (contract 4 and 5).

use crate::support::channel::{Channel, outcome, results};
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::webhooks::{event, post, post_raw, signature};
use serde_json::{Value, json};

const CUSTOMER: &str = "15557700421";
const KINDS: [&str; 4] = ["whatsapp", "instagram", "messenger", "telegram"];

on_both_databases!(
    a_text_of_every_platform_becomes_one_message,
    a_forged_signature_is_401_and_stores_nothing,
    a_signature_is_over_the_raw_bytes,
    one_channels_secret_does_not_speak_for_another,
    a_body_that_is_no_json_is_400_and_stores_nothing,
    a_body_of_three_megabytes_is_handled_or_refused,
    a_ping_and_an_empty_entry_are_200,
    an_unknown_or_switched_off_channel_is_ignored,
    one_strange_event_costs_its_neighbours_nothing,
    lone_surrogates_and_nul_are_cleaned,
    the_handshake_answers_the_challenge_verbatim,
    what_the_platform_does_not_explain_is_shown_as_a_placeholder,
    the_same_message_id_on_two_channels_is_two_messages,
    an_edit_that_brings_no_words_leaves_the_words,
);

/// Everything this admin can see has no conversation in it.
async fn nothing_is_stored(admin: &Client) {
    assert_eq!(admin.all("/api/v1/conversations").await, Vec::<Value>::new());
}

async fn a_text_of_every_platform_becomes_one_message(database: Database) {
    let house = House::open(database).await;
    for kind in KINDS {
        let channel = house.channel(kind).await;
        let body = channel.text(CUSTOMER, &format!("first-{kind}"), "Grüße, 你好 👋");
        let result = results(post(&house.url(), &channel, &body).await).remove(0);
        assert_eq!(
            (&result["outcome"], &result["message_direction"]),
            (&json!("stored"), &json!("customer_to_owner")),
            "{kind}"
        );
        assert_eq!(outcome(post(&house.url(), &channel, &body).await), "duplicate", "{kind}");

        let messages = house.admin.messages(number(&result["conversation_id"])).await;
        assert_eq!(messages.len(), 1, "{kind}");
        let message = &messages[0];
        assert_eq!(message["id"], result["message_id"]);
        assert_eq!((&message["seq"], &message["version"]), (&json!(1), &json!(1)));
        assert_eq!((&message["sender_type"], &message["message_type"]), (&json!("customer"), &json!("text")));
        assert_eq!((&message["content"], &message["status"]), (&json!("Grüße, 你好 👋"), &json!("received")));
        every_field_of_a_message_is_there(message);
    }
    assert_eq!(house.admin.all("/api/v1/conversations").await.len(), KINDS.len());
}

fn every_field_of_a_message_is_there(message: &Value) {
    let fields = "id conversation_id seq version sender_type sender origin message_type content attachments reply_to platform_message_id \
        client_id status error is_ai_response is_answered feedback created_at platform_sent_at edited_at deleted_at";
    for field in fields.split_whitespace() {
        assert!(message.get(field).is_some(), "`{field}` is always present: {message}");
    }
    for field in ["id", "name", "avatar_url"] {
        assert!(message["sender"].get(field).is_some(), "`sender.{field}` is always present: {message}");
    }
    assert!(message["attachments"].is_array());
    let at = message["created_at"].as_str().expect("a time");
    assert!(
        at.len() == 24 && at.ends_with('Z') && at.as_bytes()[19] == b'.',
        "RFC 3339 with milliseconds: {at}"
    );
}

async fn a_forged_signature_is_401_and_stores_nothing(database: Database) {
    let house = House::open(database).await;
    for kind in KINDS {
        let channel = house.channel(kind).await;
        let bytes = channel.text(CUSTOMER, "forged", "let me in").to_string().into_bytes();
        let right = signature(&channel.secret, &bytes);
        let header =
            if kind == "telegram" { "x-telegram-bot-api-secret-token" } else { "x-hub-signature-256" };
        let other = signature("another secret", &bytes);
        let upper = right.to_uppercase();
        let cut = &right[..right.len() - 1];
        let bare = right.trim_start_matches("sha256=");
        for wrong in [other.as_str(), upper.as_str(), cut, bare, "sha256=", "", "sha256=zz"] {
            let answer = post_raw(&house.url(), &channel, bytes.clone(), Some((header, wrong))).await;
            assert_eq!(answer.status, 401, "{kind}: {wrong:?}: {}", answer.text);
        }
        let answer = post_raw(&house.url(), &channel, bytes.clone(), None).await;
        assert_eq!(answer.status, 401, "{kind}: without a signature");
        if kind != "telegram" {
            let answer = post_raw(&house.url(), &channel, bytes, Some(("x-hub-signature", &right))).await;
            assert_eq!(answer.status, 401, "{kind}: the old header does not count");
            let answer =
                post_raw(&house.url(), &channel, b"{not json".to_vec(), Some((header, "sha256=00"))).await;
            assert_eq!(answer.status, 401, "{kind}: the signature is checked before anything is parsed");
        }
    }
    nothing_is_stored(&house.admin).await;
}

async fn a_signature_is_over_the_raw_bytes(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("instagram").await;
    // Meta signs the escaped form; read and written again it is another body.
    let escaped = channel
        .text(CUSTOMER, "escaped", "PLACE")
        .to_string()
        .replace("PLACE", "caf\\u00e9 \\/ \\ud83d\\ude00");
    let signed = signature(&channel.secret, escaped.as_bytes());
    let header = Some(("x-hub-signature-256", signed.as_str()));
    let rewritten = escaped.replace("caf\\u00e9 \\/ \\ud83d\\ude00", "café / 😀");
    assert_eq!(post_raw(&house.url(), &channel, rewritten.into_bytes(), header).await.status, 401);
    let result = results(post_raw(&house.url(), &channel, escaped.into_bytes(), header).await).remove(0);
    let messages = house.admin.messages(number(&result["conversation_id"])).await;
    assert_eq!(messages[0]["content"], "café / 😀");
}

async fn one_channels_secret_does_not_speak_for_another(database: Database) {
    let house = House::open(database).await;
    let one = Channel::connect(&house.admin, "whatsapp", "731904466218053").await;
    let other = Channel::connect(&house.admin, "whatsapp", "731904466218990").await;
    let body = other.text(CUSTOMER, "wamid.other", "for the other number");
    let signed_by_one = Channel { secret: one.secret.clone(), ..other.clone() };
    assert_eq!(outcome(post(&house.url(), &signed_by_one, &body).await), "ignored");
    nothing_is_stored(&house.admin).await;
    assert_eq!(outcome(post(&house.url(), &other, &body).await), "stored");
}

async fn a_body_that_is_no_json_is_400_and_stores_nothing(database: Database) {
    let house = House::open(database).await;
    for kind in KINDS {
        let channel = house.channel(kind).await;
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).into_bytes();
        for bytes in
            [b"{\"object\": \"page\", ".to_vec(), b"hello".to_vec(), Vec::new(), vec![0xff, 0xfe, 0x00]]
        {
            assert_eq!(signed(&house, &channel, bytes.clone()).await, 400, "{kind}: {bytes:?}");
        }
        let status = signed(&house, &channel, deep).await;
        assert!(status == 400 || status == 200, "{kind}: absurdly deep: {status}");
    }
    nothing_is_stored(&house.admin).await;
}

/// Posts bytes with the right signature.
async fn signed(house: &House, channel: &Channel, bytes: Vec<u8>) -> u16 {
    let signature = signature(&channel.secret, &bytes);
    let header = match channel.kind {
        "telegram" => ("x-telegram-bot-api-secret-token", channel.secret.as_str()),
        _ => ("x-hub-signature-256", signature.as_str()),
    };
    post_raw(&house.url(), channel, bytes, Some(header)).await.status
}

async fn a_body_of_three_megabytes_is_handled_or_refused(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let text = "x".repeat(2500);
    let messages: Vec<_> = (0..1000).map(|n| (format!("wamid.big{n}"), format!("{n} {text}"))).collect();
    let body = channel.batch(CUSTOMER, &messages);
    assert!(body.to_string().len() > 2_600_000);
    let answer = post(&house.url(), &channel, &body).await;
    if answer.status == 413 {
        return nothing_is_stored(&house.admin).await;
    }
    let results = results(answer);
    assert_eq!(results.len(), 1000, "one result an event");
    assert!(results.iter().all(|result| result["outcome"] == "stored"));
    let stored = house.admin.messages(number(&results[0]["conversation_id"])).await;
    let contents: Vec<_> = stored.iter().map(|message| message["content"].as_str().expect("text")).collect();
    let sent: Vec<_> = messages.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(contents, sent, "all of them, in their order");
}

async fn a_ping_and_an_empty_entry_are_200(database: Database) {
    let house = House::open(database).await;
    for (kind, object) in
        [("whatsapp", "whatsapp_business_account"), ("instagram", "instagram"), ("messenger", "page")]
    {
        let channel = house.channel(kind).await;
        for body in [json!({"object": object, "entry": []}), json!({"object": object}), json!({})] {
            assert_eq!(
                results(post(&house.url(), &channel, &body).await),
                Vec::<Value>::new(),
                "{kind}: {body}"
            );
        }
    }
    nothing_is_stored(&house.admin).await;
}

async fn an_unknown_or_switched_off_channel_is_ignored(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let stranger = Channel { external_id: "100000000000001".into(), ..channel.clone() };
    assert_eq!(
        outcome(post(&house.url(), &channel, &stranger.text(CUSTOMER, "wamid.s", "hello?")).await),
        "ignored"
    );
    house
        .admin
        .patch(&format!("/api/v1/channels/{}", channel.id), &json!({"state": "off"}))
        .await
        .expect(200);
    assert_eq!(
        outcome(post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.off", "hello?")).await),
        "ignored"
    );
    nothing_is_stored(&house.admin).await;
}

async fn one_strange_event_costs_its_neighbours_nothing(database: Database) {
    let house = House::open(database).await;
    let instagram = house.channel("instagram").await;
    let good =
        |id: &str| event(CUSTOMER, &instagram.external_id, json!({"message": {"mid": id, "text": id}}));
    let strange = [
        json!(7),
        json!(null),
        json!({}),
        json!([]),
        json!("text"),
        event(CUSTOMER, &instagram.external_id, json!({"message": {"mid": {"no": "id"}}})),
        json!({"sender": {"id": 5}, "recipient": null, "timestamp": "soon", "message": 3}),
    ];
    let mut events = vec![good("aWd-first")];
    events.extend(strange);
    events.push(good("aWd-last"));
    let results_ = results(post(&house.url(), &instagram, &instagram.messaging(&events)).await);
    let stored: Vec<_> = results_.iter().filter(|result| result["outcome"] == "stored").collect();
    assert!(stored.len() >= 2, "{results_:?}");
    let texts: Vec<_> = house
        .admin
        .messages(number(&stored[0]["conversation_id"]))
        .await
        .iter()
        .filter_map(|message| message["content"].as_str().map(str::to_owned))
        .collect();
    assert!(texts.contains(&"aWd-first".into()) && texts.contains(&"aWd-last".into()), "{texts:?}");

    let whatsapp = house.channel("whatsapp").await;
    let mut body = whatsapp.text(CUSTOMER, "wamid.good", "the good one");
    let changes = body["entry"][0]["changes"].as_array_mut().expect("changes");
    changes.insert(0, json!({"field": "messages", "value": {"messages": "not a list", "metadata": 5}}));
    changes.insert(0, json!({"field": "a_new_field", "value": {"anything": [1, 2]}}));
    let answer = results(post(&house.url(), &whatsapp, &body).await);
    assert!(answer.iter().any(|result| result["outcome"] == "stored"), "{answer:?}");
}

async fn lone_surrogates_and_nul_are_cleaned(database: Database) {
    let house = House::open(database).await;
    for kind in KINDS {
        let channel = house.channel(kind).await;
        let body = channel
            .text(CUSTOMER, &format!("odd-{kind}"), "PLACE")
            .to_string()
            .replace("PLACE", "a\\ud83d b\\u0000c \\ud83d\\ude00");
        let bytes = body.into_bytes();
        let signed = signature(&channel.secret, &bytes);
        let header = if kind == "telegram" {
            ("x-telegram-bot-api-secret-token", channel.secret.as_str())
        } else {
            ("x-hub-signature-256", signed.as_str())
        };
        let result = results(post_raw(&house.url(), &channel, bytes, Some(header)).await).remove(0);
        assert_eq!(result["outcome"], "stored", "{kind}");
        let messages = house.admin.messages(number(&result["conversation_id"])).await;
        assert_eq!(messages[0]["content"], "a\u{fffd} b\u{fffd}c 😀", "{kind}");
    }
}

async fn the_handshake_answers_the_challenge_verbatim(database: Database) {
    let house = House::open(database).await;
    let anybody = Client::anonymous(&house.url());
    for kind in ["whatsapp", "instagram", "messenger"] {
        let channel = house.channel(kind).await;
        let path = |mode: &str, token: &str| {
            format!("/webhooks/{kind}?hub.mode={mode}&hub.challenge=0012%3Cb%3E&hub.verify_token={token}")
        };
        let answer = anybody.get(&path("subscribe", &channel.verify_token)).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "0012<b>"), "{kind}");
        assert!(answer.header("content-type").starts_with("text/plain"), "{}", answer.header("content-type"));
        for wrong in [
            path("subscribe", "wrong"),
            path("subscribe", ""),
            path("unsubscribe", &channel.verify_token),
            format!("/webhooks/{kind}"),
            format!("/webhooks/{kind}?hub.mode=subscribe&hub.verify_token={}", "x"),
        ] {
            assert_eq!(anybody.get(&wrong).await.status, 403, "{wrong}");
        }
    }
}

async fn what_the_platform_does_not_explain_is_shown_as_a_placeholder(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let mut body = channel.text(CUSTOMER, "wamid.new", "");
    body["entry"][0]["changes"][0]["value"]["messages"][0] = json!({"from": CUSTOMER, "id": "wamid.new", "timestamp": "1786004405", "type": "hologram", "hologram": {"depth": 3}});
    let result = results(post(&house.url(), &channel, &body).await).remove(0);
    assert_eq!(result["outcome"], "stored");
    let messages = house.admin.messages(number(&result["conversation_id"])).await;
    assert_eq!((messages.len(), &messages[0]["message_type"]), (1, &json!("unsupported")));
}

async fn the_same_message_id_on_two_channels_is_two_messages(database: Database) {
    let house = House::open(database).await;
    let one = Channel::connect(&house.admin, "whatsapp", "731904466218053").await;
    let other = Channel::connect(&house.admin, "whatsapp", "731904466218990").await;
    for channel in [&one, &other] {
        assert_eq!(
            outcome(post(&house.url(), channel, &channel.text(CUSTOMER, "wamid.same", "hello")).await),
            "stored"
        );
        assert_eq!(
            outcome(post(&house.url(), channel, &channel.text(CUSTOMER, "wamid.same", "hello")).await),
            "duplicate"
        );
    }
    assert_eq!(house.admin.all("/api/v1/conversations").await.len(), 2, "one per customer and channel");
}

async fn an_edit_that_brings_no_words_leaves_the_words(database: Database) {
    let house = House::open(database).await;
    for kind in ["instagram", "messenger"] {
        let channel = house.channel(kind).await;
        let words = format!("the words of {kind}");
        let stored = results(post(&house.url(), &channel, &channel.text(CUSTOMER, "m-1", &words)).await);
        let conversation = number(&stored[0]["conversation_id"]);
        let edited = async |edit: Value| {
            let edit = event(CUSTOMER, &channel.external_id, json!({ "message_edit": edit }));
            post(&house.url(), &channel, &channel.messaging(&[edit])).await;
            house.admin.messages(conversation).await[0].clone()
        };
        for absent in
            [json!({"mid": "m-1", "num_edit": 1}), json!({"mid": "m-1", "num_edit": 2, "text": null})]
        {
            let shown = edited(absent).await;
            assert_eq!((&shown["content"], &shown["edited_at"]), (&json!(words), &Value::Null), "{kind}");
        }
        let shown = edited(json!({"mid": "m-1", "num_edit": 3, "text": "other words"})).await;
        assert_eq!(shown["content"], "other words", "{kind}");
    }
}
