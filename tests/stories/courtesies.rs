//! What our side tells a platform beside messages, and what a channel says of itself: reactions, read marks,
//! typing, templates, the human agent's tag, limits, health.

use super::sending::reaches;
use crate::support::channel::{Channel, results};
use crate::support::client::{Answer, answer, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::socket::Socket;
use crate::support::webhooks::{event, now, post};
use crate::support::wire::Request;
use crate::support::{eventually, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

const CUSTOMER: &str = "15557700421";

on_both_databases!(
    an_agents_reaction_reaches_the_platform_and_a_refused_one_goes_again,
    a_customer_is_told_of_reading_only_where_the_channel_says_so,
    typing_is_told_where_the_platform_has_it,
    templates_are_listed_and_sent,
    a_late_answer_carries_the_human_agents_tag_where_it_is_allowed,
    a_text_too_long_for_its_platform_is_refused_with_a_clear_word,
    a_channel_says_how_it_does_and_what_is_missing,
    a_visitor_who_is_proved_keeps_their_conversation,
    a_web_chat_is_opened_from_its_own_sites_only,
);

async fn begun(house: &House, kind: &'static str) -> (Channel, i64, Value) {
    let channel = house.channel(kind).await;
    let answer = post(&house.url(), &channel, &channel.text(CUSTOMER, "opening", "hello")).await;
    let conversation = number(&results(answer)[0]["conversation_id"]);
    let message = house.admin.messages(conversation).await.remove(0);
    (channel, conversation, message)
}

async fn options(house: &House, channel: &Channel, options: Value) {
    let path = format!("/api/v1/channels/{}", channel.id);
    house.admin.patch(&path, &json!({"options": options})).await.expect(200);
}

/// What the platform was asked with a body that is so.
async fn asked(house: &House, what: &str, is_so: impl Fn(&str, &Value) -> bool) -> Value {
    eventually(what, async || {
        house.platform.asked().iter().find(|one| is_so(&one.path, &one.json())).map(Request::json)
    })
    .await
}

async fn reacts(house: &House, message: &Value, emoji: Value) -> Answer {
    let request = house.admin.request(Method::PUT, &format!("/api/v1/messages/{}/reaction", message["id"]));
    answer(request.json(&json!({"emoji": emoji}))).await.expect("an answer")
}

async fn an_agents_reaction_reaches_the_platform_and_a_refused_one_goes_again(database: Database) {
    let house = House::open(database).await;
    let (_, conversation, message) = begun(&house, "messenger").await;
    let session = Socket::open(&house.admin).await;
    session.subscribe(conversation, None).await;
    let reacted = reacts(&house, &message, json!("👍")).await.expect(200);
    assert_eq!(reacted["reactions"], json!([{"emoji": "👍", "actor": "owner", "name": "olga"}]));
    assert_eq!(session.frame("message_updated").await["message"]["reactions"][0]["emoji"], "👍");
    let told = asked(&house, "Messenger is told", |_, body| body["sender_action"] == "react").await;
    assert_eq!(
        (&told["payload"]["message_id"], &told["payload"]["reaction"]),
        (&json!("opening"), &json!("👍"))
    );
    assert_eq!(reacts(&house, &message, json!(null)).await.expect(200)["reactions"], json!([]));
    asked(&house, "and of its end", |_, body| body["sender_action"] == "unreact").await;
    reacts(&house, &message, json!("a word")).await.refused(422);

    let (_, conversation, message) = begun(&house, "telegram").await;
    house.platform.answers(
        "/setMessageReaction",
        400,
        json!({"ok": false, "error_code": 400, "description": "Bad Request: REACTION_INVALID"}),
    );
    reacts(&house, &message, json!("🦤")).await.expect(200);
    eventually("what Telegram refuses is taken back", async || {
        let message = house.admin.messages(conversation).await.remove(0);
        (message["reactions"] == json!([])).then_some(())
    })
    .await;
}

async fn a_customer_is_told_of_reading_only_where_the_channel_says_so(database: Database) {
    let house = House::open(database).await;
    let (_, silent, _) = begun(&house, "messenger").await;
    house.admin.post(&format!("/api/v1/conversations/{silent}/read"), &json!({"seq": 1})).await.expect(200);
    let (channel, conversation, _) = begun(&house, "whatsapp").await;
    let read = format!("/api/v1/conversations/{conversation}/read");
    options(&house, &channel, json!({"read_receipts": true})).await;
    post(&house.url(), &channel, &channel.text(CUSTOMER, "second", "and?")).await.expect(200);
    house.admin.post(&read, &json!({"seq": 2})).await.expect(200);
    asked(&house, "WhatsApp is told of the second", |_, body| {
        body["status"] == "read" && body["message_id"] == "second"
    })
    .await;
    let of_the_silent = |body: &Value| body["sender_action"] == "mark_seen";
    assert!(
        !house.platform.asked().iter().any(|one| of_the_silent(&one.json())),
        "its channel does not say so"
    );
}

async fn typing_is_told_where_the_platform_has_it(database: Database) {
    let house = House::open(database).await;
    let session = Socket::open(&house.admin).await;
    for kind in ["instagram", "messenger", "telegram"] {
        let (_, conversation, _) = begun(&house, kind).await;
        session.send(&json!({"type": "typing", "conversation_id": conversation, "is_typing": true}));
        asked(&house, kind, |path, body| match kind {
            "telegram" => path.ends_with("/sendChatAction"),
            "instagram" => path.starts_with("/instagram/") && body["sender_action"] == "typing_on",
            _ => path.starts_with("/graph/") && body["sender_action"] == "typing_on",
        })
        .await;
    }
}

async fn templates_are_listed_and_sent(database: Database) {
    let house = House::open(database).await;
    let (channel, conversation, _) = begun(&house, "whatsapp").await;
    house.platform.answers(
        "/290417755120884/message_templates",
        200,
        json!({"data": [{"name": "booking", "language": "en", "status": "APPROVED",
        "category": "UTILITY", "components": [{"type": "BODY", "text": "Hi {{1}}, see you at {{2}}."}]}]}),
    );
    let listed = house.admin.get(&format!("/api/v1/channels/{}/templates", channel.id)).await.expect(200);
    assert_eq!(listed["items"][0]["parameters"], json!(["1", "2"]), "{listed}");
    let template = json!({"name": "booking", "language": "en", "parameters": ["Mira", "19:30"]});
    let body = json!({"content": "Hi Mira, see you at 19:30.", "client_id": "t-1", "template": template});
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let sent = house.admin.post(&path, &body).await.expect(201);
    assert_eq!((&sent["content"], &sent["details"]["template"]), (&body["content"], &template));
    reaches(&house.admin, conversation, "t-1", "sent").await;
    let accepted = house
        .platform
        .accepted()
        .into_iter()
        .find(|one| one.body["type"] == "template")
        .expect("it went out as one");
    assert_eq!(accepted.body["template"]["language"]["code"], "en");
    assert_eq!(accepted.body["template"]["components"][0]["parameters"][1]["text"], "19:30");
    let (_, other, _) = begun(&house, "messenger").await;
    let body = json!({"client_id": "t-2", "template": template});
    house.admin.post(&format!("/api/v1/conversations/{other}/messages"), &body).await.refused(422);
}

async fn a_late_answer_carries_the_human_agents_tag_where_it_is_allowed(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let mut late =
        event(CUSTOMER, &channel.external_id, json!({"message": {"mid": "m-late", "text": "two days ago"}}));
    late["timestamp"] = ((now() - 2 * 24 * 3600) * 1000).into();
    let result = results(post(&house.url(), &channel, &channel.messaging(&[late])).await).remove(0);
    let conversation = number(&result["conversation_id"]);
    let path = format!("/api/v1/conversations/{conversation}");
    assert_eq!(house.admin.get(&path).await.expect(200)["human_agent_until"], json!(null));
    house.admin.say(conversation, "plain", "plain").await.expect(201);
    assert_eq!(house.platform.accepts("plain").await.body["messaging_type"], "RESPONSE");
    options(&house, &channel, json!({"human_agent": true})).await;
    assert!(house.admin.get(&path).await.expect(200)["human_agent_until"].is_string());
    eventually("the option is known to the sender", async || {
        house.admin.say(conversation, "tagged", "tagged").await;
        let accepted = house.platform.accepts("tagged").await;
        (accepted.body["tag"] == "HUMAN_AGENT" && accepted.body["messaging_type"] == "MESSAGE_TAG")
            .then_some(())
    })
    .await;
}

async fn a_text_too_long_for_its_platform_is_refused_with_a_clear_word(database: Database) {
    let house = House::open(database).await;
    for (kind, fits, too_long) in [
        ("instagram", "😀".repeat(250), "😀".repeat(251)),
        ("whatsapp", "é".repeat(4096), "é".repeat(4097)),
        ("messenger", "é".repeat(2000), "é".repeat(2001)),
        ("telegram", "x".repeat(4096), "x".repeat(4097)),
    ] {
        let (_, conversation, _) = begun(&house, kind).await;
        let refused = house.admin.say(conversation, "long", &too_long).await.refused(422);
        assert_eq!(refused["code"], "too_long", "{kind}");
        house.admin.say(conversation, "fits", &fits).await.expect(201);
        reaches(&house.admin, conversation, "fits", "sent").await;
        assert_eq!(house.platform.accepted_with(&fits).len(), 1, "{kind}: whole, in one piece");
        assert_eq!(house.admin.messages(conversation).await.len(), 2, "{kind}: nothing of the other is left");
    }
}

async fn a_channel_says_how_it_does_and_what_is_missing(database: Database) {
    let house = House::open(database).await;
    let (channel, _, _) = begun(&house, "telegram").await;
    let path = format!("/api/v1/channels/{}", channel.id);
    house.platform.answers(
        "/getWebhookInfo",
        200,
        json!({"ok": true, "result": {"url": "https://elsewhere.example/hook", "pending_update_count": 4}}),
    );
    let forged = Channel { secret: "wrong".into(), ..channel.clone() };
    assert_eq!(post(&house.url(), &forged, &channel.text(CUSTOMER, "x", "x")).await.status, 401);
    let health = eventually("it was heard", async || {
        let health = house.admin.get(&format!("{path}/health")).await.expect(200);
        health["last_event_at"].is_string().then_some(health)
    })
    .await;
    assert_eq!(
        (&health["signature_failures"], &health["webhook_info"]["pending_update_count"]),
        (&json!(1), &json!(4)),
        "{health}"
    );
    let test = house.admin.post(&format!("{path}/test"), &json!({})).await.expect(200);
    let webhook = test["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .find(|check| check["what"] == "webhook")
        .expect("one");
    assert!(webhook["ok"] == false && webhook["text"].to_string().contains("another address"), "{test}");
    assert_eq!(house.admin.post(&format!("{path}/subscribe"), &json!({})).await.expect(200)["ok"], true);
    let set = asked(&house, "the webhook is set", |at, _| at.ends_with("/setWebhook")).await;
    assert!(set["allowed_updates"].to_string().contains("message_reaction"), "{set}");
    let bare = house
        .admin
        .post("/api/v1/channels", &json!({"kind": "messenger", "external_id": "1", "name": "Bare"}))
        .await
        .expect(201);
    let test =
        house.admin.post(&format!("/api/v1/channels/{}/test", bare["id"]), &json!({})).await.expect(200);
    assert_eq!((&test["ok"], &test["missing"]), (&json!(false), &json!(["access_token", "app_secret"])));
}

async fn web_chat(house: &House) -> (i64, String) {
    let channel = house
        .admin
        .post("/api/v1/channels", &json!({"kind": "webchat", "name": "Our site"}))
        .await
        .expect(201);
    (number(&channel["id"]), channel["identity_secret"].as_str().expect("shown once").to_owned())
}

async fn a_visitor_who_is_proved_keeps_their_conversation(database: Database) {
    let house = House::open(database).await;
    let (id, secret) = web_chat(&house).await;
    let hash =
        crate::support::webhooks::signature(&secret, b"mira-7").trim_start_matches("sha256=").to_owned();
    let mira = json!({"identity": {"user_id": "mira-7", "hash": hash, "name": "Mira"}});
    let (nobody, token, _) = Socket::visitor(&house.url(), id, json!({})).await;
    nobody.send(&json!({"type": "send", "client_id": "v-1", "content": "before I signed in"}));
    let conversation = nobody.frame("message_sent").await["conversation_id"].clone();
    let mut proved = mira.clone();
    proved["token"] = token.as_str().into();
    let (_, known, welcome) = Socket::visitor(&house.url(), id, proved).await;
    assert_eq!(welcome["conversation_id"], conversation, "it goes on");
    let (elsewhere, _, welcome) = Socket::visitor(&house.url(), id, mira).await;
    assert_eq!(welcome["messages"][0]["content"], "before I signed in", "on every device");
    elsewhere.send(&json!({"type": "send", "client_id": "v-2", "content": "from my phone"}));
    assert_eq!(elsewhere.frame("message_sent").await["conversation_id"], conversation);
    let (_, _, welcome) = Socket::visitor(&house.url(), id, json!({"token": known})).await;
    assert_eq!(welcome["conversation_id"], json!(null), "who signed out of the page is nobody again");
    let forged = Socket::opened(&house.url(), &format!("/widget/{id}/ws"), None).await.expect("a socket");
    forged.send(&json!({"type": "hello", "identity": {"user_id": "mira-7", "hash": "00"}}));
    assert_eq!(forged.frame("error").await["code"], "forbidden");
}

async fn a_web_chat_is_opened_from_its_own_sites_only(database: Database) {
    let house = House::open(database).await;
    let (id, _) = web_chat(&house).await;
    let sites = json!({"options": {"allowed_sites": ["https://shop.example"]}});
    house.admin.patch(&format!("/api/v1/channels/{id}"), &sites).await.expect(200);
    let page = house.admin.get(&format!("/widget/{id}")).await;
    assert!(page.header("content-security-policy").ends_with("frame-ancestors 'self' https://shop.example"));
    let path = format!("/widget/{id}/ws");
    for (origin, is_open) in [
        (None, true),
        (Some(house.url()), true),
        (Some("https://shop.example".into()), true),
        (Some("https://evil.example".into()), false),
    ] {
        let opened = Socket::opened(&house.url(), &path, origin.as_deref()).await;
        assert_eq!(opened.is_ok(), is_open, "{origin:?}");
    }
    let bad = json!({"options": {"allowed_sites": ["https://a.example; script-src *"]}});
    house.admin.patch(&format!("/api/v1/channels/{id}"), &bad).await.refused(422);
}
