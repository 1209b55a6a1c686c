//! Messages of every kind, whole or torn: somebody wrote, so somebody sees it; what was taken back or edited
//! before it came is never told as it was.
//! Over 400 lines because each kind has a body of its own.

use super::flows::make;
use crate::support::channel::{Channel, outcome, results};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::dump::dump;
use crate::support::hearer::Hearer;
use crate::support::house::House;
use crate::support::platform::Manner;
use crate::support::socket::Socket;
use crate::support::webhooks::{event, now, post, stable_number};
use crate::support::{eventually, on_both_databases};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Notify;

const CUSTOMER: &str = "15557700421";
const KINDS: [&str; 4] = ["whatsapp", "instagram", "messenger", "telegram"];

on_both_databases!(
    what_a_platform_tore_is_a_row_that_waits_for_somebody,
    what_was_taken_back_before_it_came_is_told_to_nobody,
    of_what_was_edited_before_it_came_only_the_new_words_are_told,
    a_reaction_that_came_first_is_in_the_first_frame,
    a_reaction_to_an_answer_on_its_way_is_kept_for_it,
    an_edit_whose_message_never_comes_becomes_the_message,
    a_missed_call_is_a_line_that_says_so,
);

/// A message of WhatsApp of this type, with this object under its name.
fn whatsapp(channel: &Channel, id: &str, kind: &str, object: Option<Value>) -> Value {
    let mut message = json!({"from": CUSTOMER, "id": id, "timestamp": now().to_string(), "type": kind});
    if let Some(object) = object {
        message[kind] = object;
    }
    channel.whatsapp(
        json!({"contacts": [{"profile": {"name": "Mira"}, "wa_id": CUSTOMER}], "messages": [message]}),
    )
}

/// A Telegram message with these members, in an update of this kind.
#[expect(clippy::needless_pass_by_value, reason = "each caller makes it where it is handed over")]
fn telegram(update: &str, id: &str, members: Value) -> Value {
    let chat: i64 = CUSTOMER.parse().expect("a number");
    let mut message = json!({"message_id": stable_number(id), "date": now(),
        "from": {"id": chat, "is_bot": false, "first_name": "Mira"}, "chat": {"id": chat, "type": "private", "first_name": "Mira"}});
    message.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
    json!({"update_id": stable_number(id) + 7, update: message})
}

/// What each platform may tear, as the bodies it would post.
fn torn(channel: &Channel) -> Vec<Value> {
    let meta = |rest: Value| channel.messaging(&[event(CUSTOMER, &channel.external_id, rest)]);
    match channel.kind {
        "whatsapp" => {
            let kinds = [
                "text", "image", "audio", "video", "document", "sticker", "location", "contacts", "interactive", "button",
                "order", "edit", "revoke", "reaction", "template", "system",
            ];
            let missing = kinds.iter().map(|kind| (*kind, None));
            let null = kinds.iter().map(|kind| (*kind, Some(Value::Null)));
            let hollow = [
                ("text", json!({})),
                ("text", json!({"body": ""})),
                ("text", json!({"body": null})),
                ("text", json!("words")),
                ("location", json!({"name": "Pier"})),
                ("contacts", json!([])),
                ("contacts", json!([{}])),
                ("interactive", json!({"type": "list_reply"})),
                ("button", json!({})),
                ("order", json!({})),
                ("edit", json!({"original_message_id": "wamid.x", "message": {"type": "text", "text": null}})),
            ];
            let all = missing.chain(null).chain(hollow.into_iter().map(|(kind, object)| (kind, Some(object))));
            all.enumerate().map(|(n, (kind, object))| whatsapp(channel, &format!("wamid.t{n}"), kind, object)).collect()
        }
        "telegram" => ["text", "photo", "voice", "document", "location", "venue", "contact", "poll", "dice", "sticker"]
            .iter()
            .flat_map(|kind| [Value::Null, json!(""), json!({}), json!([])].map(|object| (*kind, object)))
            // An empty file of a known kind is a file that cannot be had: its row says so.
            .filter(|(kind, object)| !(object == &json!({}) && ["voice", "document", "sticker"].contains(kind)))
            .enumerate()
            .map(|(n, (kind, object))| telegram("message", &format!("t{n}"), json!({kind: object})))
            .collect(),
        _ => [
            json!({"message": null}),
            json!({"message": 3}),
            json!({"message": {"mid": "m-empty"}}),
            json!({"message": {"mid": "m-text", "text": ""}}),
            json!({"message": {"mid": "m-null", "text": null, "attachments": null}}),
            json!({"message": {"mid": "m-place", "attachments": [{"type": "location", "payload": {"coordinates": null}}]}}),
            json!({"message": {"mid": "m-share", "attachments": [{"type": "share", "payload": null}]}}),
            json!({"message": {"mid": "m-card", "attachments": [{"type": "template", "payload": null}]}}),
            json!({"message": {"mid": "m-none", "attachments": [{}]}}),
            json!({"postback": null}),
            json!({"postback": {"mid": "m-press"}}),
            json!({"message_edit": null}),
            json!({"reaction": null}),
        ]
        .into_iter()
        .map(meta)
        .collect(),
    }
}

async fn what_a_platform_tore_is_a_row_that_waits_for_somebody(database: Database) {
    let house = House::open(database).await;
    let mut rows = 0;
    for kind in KINDS {
        let channel = house.channel(kind).await;
        let bodies = torn(&channel);
        let mut conversation = 0;
        for (n, body) in bodies.iter().enumerate() {
            let result = results(post(&house.url(), &channel, body).await).remove(0);
            assert_eq!(result["outcome"], "stored", "{kind} {n}: {body}");
            conversation = number(&result["conversation_id"]);
            assert_eq!(outcome(post(&house.url(), &channel, body).await), "duplicate", "{kind} {n}: {body}");
        }
        let messages = house.admin.messages(conversation).await;
        assert_eq!(messages.len(), bodies.len(), "{kind}");
        for (message, body) in messages.iter().zip(&bodies) {
            assert_eq!(message["message_type"], "unsupported", "{kind}: {body}");
            assert!(message["details"]["unsupported"].is_object(), "{kind}: {message}");
        }
        let shown = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
        assert_eq!(shown["unread_count"], json!(bodies.len()), "{kind}");
        rows += bodies.len();
        assert_eq!(dump(&house.database).await["raw_events"].len(), rows, "{kind}: each as it came");
    }
    assert_eq!(house.admin.all("/api/v1/quarantine").await, Vec::<Value>::new());
}

/// A customer takes a message back, in each platform's shape.
fn unsent(channel: &Channel, id: &str) -> Value {
    match channel.kind {
        "whatsapp" => {
            whatsapp(channel, &format!("{id}.revoke"), "revoke", Some(json!({"original_message_id": id})))
        }
        "telegram" => {
            let chat: i64 = CUSTOMER.parse().expect("a number");
            json!({"update_id": 5, "deleted_business_messages": {"business_connection_id": "bc1",
                "chat": {"id": chat, "type": "private", "first_name": "Mira"}, "message_ids": [stable_number(id)]}})
        }
        _ => channel.messaging(&[event(
            CUSTOMER,
            &channel.external_id,
            json!({"message": {"mid": id, "is_deleted": true}}),
        )]),
    }
}

/// A text of the customer; on Telegram in a business chat, where there are unsendings.
fn said(channel: &Channel, id: &str, words: &str) -> Value {
    match channel.kind {
        "telegram" => {
            telegram("business_message", id, json!({"business_connection_id": "bc1", "text": words}))
        }
        _ => channel.text(CUSTOMER, id, words),
    }
}

async fn hearing_house(database: Database, hearer: &Hearer) -> House {
    let house =
        House::open_with(database, |settings| settings.with("RAPPORT_HOOKS_ALLOW_PRIVATE", "true")).await;
    let hook =
        json!({"name": "All", "url": hearer.url(), "events": ["message_created", "conversation_updated"]});
    house.admin.post("/api/v1/hooks", &hook).await.expect(201);
    house
}

#[expect(clippy::too_many_lines, reason = "one step after the other")]
async fn what_was_taken_back_before_it_came_is_told_to_nobody(database: Database) {
    let hearer = Hearer::start().await;
    let house = hearing_house(database, &hearer).await;
    let flow = make(
        &house.admin,
        json!({"kind": "keyword", "keywords": ["secret"]}),
        json!([{"kind": "message", "text": "heard"}]),
    )
    .await;
    let watcher = Socket::open(&house.admin).await;
    watcher.watch("all").await;
    for kind in ["whatsapp", "instagram", "telegram"] {
        let channel = house.channel(kind).await;
        let first =
            results(post(&house.url(), &channel, &said(&channel, &format!("{kind}-1"), "hello")).await);
        let conversation = number(&first[0]["conversation_id"]);
        let path = format!("/api/v1/conversations/{conversation}");
        watcher.subscribe(conversation, None).await;
        house.admin.post(&format!("{path}/read"), &json!({"seq": 1})).await.expect(200);
        if kind != "whatsapp" {
            // Who they are is asked in the background, and told by a change of its own.
            eventually("the platform said who it is", async || {
                let shown = house.admin.get(&path).await.expect(200);
                (shown["customer"]["enhanced_data_fetched"] == true).then_some(())
            })
            .await;
        }
        house.admin.patch(&path, &json!({"status": "closed"})).await.expect(200);
        let before = house.admin.get(&path).await.expect(200);
        hearer
            .hears("it was closed", 1, |body| {
                body["data"]["conversation"]["id"] == conversation
                    && body["data"]["conversation"]["status"] == "closed"
            })
            .await;

        let id = format!("{kind}-2");
        assert_eq!(outcome(post(&house.url(), &channel, &unsent(&channel, &id)).await), "updated", "{kind}");
        let late = said(&channel, &id, "my secret words");
        assert_eq!(outcome(post(&house.url(), &channel, &late).await), "stored", "{kind}");
        assert_eq!(outcome(post(&house.url(), &channel, &late).await), "duplicate", "{kind}");

        let message = house.admin.messages(conversation).await.remove(1);
        assert_eq!((&message["content"], &message["version"]), (&Value::Null, &json!(2)), "{kind}");
        assert!(message["deleted_at"].is_string(), "{kind}: {message}");
        let after = house.admin.get(&path).await.expect(200);
        for field in ["status", "unread_count", "last_activity_at"] {
            assert_eq!(after[field], before[field], "{kind}: {field}");
        }
        let told = hearer
            .hears("the message was created", 1, |body| body["data"]["message"]["id"] == message["id"])
            .await;
        assert!(told[0]["data"]["message"]["deleted_at"].is_string() && told.len() == 1, "{kind}: {told:?}");
        // A word that comes after all is heard after it: nothing else was told in between.
        let last = said(&channel, &format!("{kind}-3"), "and now?");
        assert_eq!(outcome(post(&house.url(), &channel, &last).await), "stored");
        hearer
            .hears("the last word", 1, |body| {
                body["data"]["message"]["content"] == "and now?"
                    && body["data"]["conversation_id"] == conversation
            })
            .await;
        let between = hearer.heard(|body| {
            body["event"] == "conversation_updated"
                && body["data"]["conversation"]["id"] == conversation
                && body["data"]["conversation"]["status"] == "closed"
        });
        assert_eq!(between.len(), 1, "{kind}: only that it was closed: {between:?}");
        assert!(hearer.heard(|body| body.to_string().contains("secret")).is_empty(), "{kind}");
        watcher
            .until("the last word", |frames| {
                let is_it = |frame: &Value| {
                    frame["type"] == "chat_message"
                        && frame["conversation_id"] == conversation
                        && frame["message"]["content"] == "and now?"
                };
                frames.iter().any(is_it).then_some(())
            })
            .await;
        assert!(!watcher.frames().iter().any(|frame| frame.to_string().contains("secret")), "{kind}");
    }
    let runs = house.admin.all(&format!("/api/v1/flows/{}/runs", flow["id"])).await;
    assert_eq!(runs, Vec::<Value>::new());
}

/// The customer's new words for a message.
fn edited(channel: &Channel, id: &str, words: &str) -> Value {
    match channel.kind {
        "whatsapp" => whatsapp(
            channel,
            &format!("{id}.edit"),
            "edit",
            Some(json!({"original_message_id": id, "message": {"type": "text", "text": {"body": words}}})),
        ),
        "telegram" => telegram("edited_message", id, json!({"text": words, "edit_date": now()})),
        _ => channel.messaging(&[event(
            CUSTOMER,
            &channel.external_id,
            json!({"message_edit": {"mid": id, "text": words, "num_edit": 1}}),
        )]),
    }
}

async fn of_what_was_edited_before_it_came_only_the_new_words_are_told(database: Database) {
    let hearer = Hearer::start().await;
    let house = hearing_house(database, &hearer).await;
    let keyword = async |word: &str| {
        make(
            &house.admin,
            json!({"kind": "keyword", "keywords": [word]}),
            json!([{"kind": "message", "text": "heard"}]),
        )
        .await
    };
    let (old, new) = (keyword("secret").await, keyword("public").await);
    for kind in ["whatsapp", "instagram", "messenger"] {
        let channel = house.channel(kind).await;
        let id = format!("{kind}-e");
        assert_eq!(
            outcome(post(&house.url(), &channel, &edited(&channel, &id, "public words")).await),
            "updated",
            "{kind}"
        );
        let late = results(post(&house.url(), &channel, &channel.text(CUSTOMER, &id, "secret words")).await)
            .remove(0);
        assert_eq!(late["outcome"], "stored", "{kind}");
        let message = house.admin.messages(number(&late["conversation_id"])).await.remove(0);
        assert_eq!((&message["content"], &message["version"]), (&json!("public words"), &json!(1)), "{kind}");
        assert!(message["edited_at"].is_string(), "{kind}: {message}");
        hearer.hears("the new words", 1, |body| body["data"]["message"]["id"] == message["id"]).await;
    }
    assert!(hearer.heard(|body| body.to_string().contains("secret words")).is_empty());
    let runs =
        async |flow: &Value| house.admin.all(&format!("/api/v1/flows/{}/runs", flow["id"])).await.len();
    assert_eq!((runs(&old).await, runs(&new).await), (0, 3));
}

async fn a_reaction_that_came_first_is_in_the_first_frame(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("instagram").await;
    let first = results(post(&house.url(), &channel, &channel.text(CUSTOMER, "m-1", "hello")).await);
    let conversation = number(&first[0]["conversation_id"]);
    let watcher = Socket::open(&house.admin).await;
    watcher.subscribe(conversation, Some(1)).await;
    let reaction = json!({"reaction": {"mid": "m-2", "action": "react", "emoji": "😂"}});
    let reaction = channel.messaging(&[event(CUSTOMER, &channel.external_id, reaction)]);
    assert_eq!(outcome(post(&house.url(), &channel, &reaction).await), "updated");
    assert_eq!(
        outcome(post(&house.url(), &channel, &channel.text(CUSTOMER, "m-2", "a joke")).await),
        "stored"
    );
    let frame = watcher
        .until("the joke", |frames| {
            frames.iter().find(|frame| frame["message"]["content"] == "a joke").cloned()
        })
        .await;
    assert_eq!((&frame["type"], &frame["version"]), (&json!("chat_message"), &json!(2)));
    assert_eq!(frame["message"]["reactions"][0]["emoji"], "😂", "{frame}");
}

async fn a_reaction_to_an_answer_on_its_way_is_kept_for_it(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let let_go = Arc::new(Notify::new());
    house.platform.meets("on its way", Manner::AcceptAndHold(let_go.clone()), 1);
    house.admin.say(conversation, "a1", "on its way").await.expect(201);
    let accepted = house.platform.accepts("on its way").await;
    let object = json!({"message_id": accepted.id, "emoji": "🙏"});
    let reaction = whatsapp(&channel, "wamid.early", "reaction", Some(object));
    assert_eq!(outcome(post(&house.url(), &channel, &reaction).await), "updated");
    let_go.notify_one();
    eventually("the reaction is at its message", async || {
        let message = house.admin.messages(conversation).await.remove(0);
        (message["reactions"][0]["emoji"] == "🙏").then_some(())
    })
    .await;
}

async fn an_edit_whose_message_never_comes_becomes_the_message(database: Database) {
    let house = House::open(database).await;
    for kind in KINDS {
        let channel = house.channel(kind).await;
        let body = edited(&channel, &format!("{kind}-lost"), "what it says now");
        let answer = results(post(&house.url(), &channel, &body).await).remove(0);
        if kind != "telegram" {
            assert_eq!(answer["outcome"], "updated", "{kind}");
            assert_eq!(
                house.admin.all(&format!("/api/v1/conversations?channel_id={}", channel.id)).await.len(),
                0
            );
            house
                .database
                .execute(&format!(
                    "UPDATE parked_events SET expires_at = 1 WHERE channel_id = {}",
                    channel.id
                ))
                .await;
        }
        let conversation = eventually("the edit is a message", async || {
            house
                .admin
                .all(&format!("/api/v1/conversations?channel_id={}", channel.id))
                .await
                .into_iter()
                .next()
        })
        .await;
        let messages = house.admin.messages(number(&conversation["id"])).await;
        assert_eq!((messages.len(), &messages[0]["content"]), (1, &json!("what it says now")), "{kind}");
        assert!(messages[0]["edited_at"].is_string(), "{kind}: {}", messages[0]);
        assert_eq!(
            (&conversation["unread_count"], &messages[0]["sender_type"]),
            (&json!(1), &json!("customer")),
            "{kind}"
        );
        let original = channel.text(CUSTOMER, &format!("{kind}-lost"), "what it said before");
        assert_eq!(outcome(post(&house.url(), &channel, &original).await), "duplicate", "{kind}");
        assert_eq!(outcome(post(&house.url(), &channel, &body).await), "duplicate", "{kind}");
        assert_eq!(house.admin.messages(number(&conversation["id"])).await[0]["content"], "what it says now");
    }
}

async fn a_missed_call_is_a_line_that_says_so(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let flow = make(
        &house.admin,
        json!({"kind": "new_conversation"}),
        json!([{"kind": "message", "text": "Welcome"}]),
    )
    .await;
    let call = |id: &str, rest: Value| {
        let mut call = json!({"id": id, "from": CUSTOMER, "to": "15550142210", "timestamp": now().to_string(), "direction": "USER_INITIATED"});
        call.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
        let mut body = channel.whatsapp(
            json!({"contacts": [{"profile": {"name": "Mira"}, "wa_id": CUSTOMER}], "calls": [call]}),
        );
        body["entry"][0]["changes"][0]["field"] = "calls".into();
        body
    };
    assert_eq!(
        outcome(post(&house.url(), &channel, &call("wacid.1", json!({"event": "connect"}))).await),
        "ignored"
    );
    let missed = call("wacid.1", json!({"event": "terminate", "status": "FAILED"}));
    let stored = results(post(&house.url(), &channel, &missed).await).remove(0);
    assert_eq!(stored["outcome"], "stored");
    assert_eq!(outcome(post(&house.url(), &channel, &missed).await), "duplicate");
    let taken = call("wacid.2", json!({"event": "terminate", "status": "COMPLETED", "duration": 65}));
    assert_eq!(outcome(post(&house.url(), &channel, &taken).await), "stored");
    let messages = house.admin.messages(number(&stored["conversation_id"])).await;
    assert_eq!(
        (&messages[0]["content"], &messages[0]["message_type"]),
        (&json!("Missed call"), &json!("interactive"))
    );
    assert_eq!(messages[0]["details"]["call"], json!({"missed": true, "outgoing": false, "seconds": null}));
    assert_eq!(
        (&messages[1]["content"], &messages[1]["details"]["call"]["seconds"]),
        (&json!("Call"), &json!(65))
    );
    assert_eq!(house.admin.all(&format!("/api/v1/flows/{}/runs", flow["id"])).await, Vec::<Value>::new());
}
