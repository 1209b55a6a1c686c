//! What waits before it is sent: for a moment its author chose, for a platform that asks for time, for a channel
//! that somebody must mend; and what is taken back meanwhile.

use super::sending::reaches;
use crate::support::channel::Channel;
use crate::support::client::{answer, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::platform::Manner;
use crate::support::socket::Socket;
use crate::support::webhooks::now;
use crate::support::{eventually, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

const CUSTOMER: &str = "15557700421";

on_both_databases!(
    a_message_for_later_holds_back_nothing_and_is_sent_when_its_time_comes,
    what_is_taken_back_before_its_time_is_never_sent,
    a_workspace_may_give_time_to_think_again,
    a_throttled_channel_waits_as_long_as_it_is_told,
    a_broken_token_pauses_its_channel_keeps_its_queue_and_says_so,
    a_channel_that_would_rather_send_twice_does,
    a_lost_answer_is_decided_by_a_person,
    what_cannot_be_read_decides_nothing,
    deliveries_are_found_by_channel_conversation_and_message,
    words_under_a_file_that_waits_are_changed_or_kept_and_never_lost,
);

async fn begun(house: &House, kind: &'static str) -> (Channel, i64) {
    let channel = house.channel(kind).await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    (channel, conversation)
}

/// RFC 3339 of a moment so many seconds ahead.
fn in_seconds(seconds: i64) -> String {
    let at = chrono::DateTime::from_timestamp(now() + seconds, 0).expect("a time");
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

async fn say_at(house: &House, conversation: i64, client_id: &str, at: &str) -> Value {
    let body = json!({"content": client_id, "client_id": client_id, "send_at": at});
    house.admin.post(&format!("/api/v1/conversations/{conversation}/messages"), &body).await.expect(201)
}

async fn a_message_for_later_holds_back_nothing_and_is_sent_when_its_time_comes(database: Database) {
    let house = House::open(database).await;
    let (_, conversation) = begun(&house, "messenger").await;
    let at = in_seconds(5);
    let later = say_at(&house, conversation, "for later", &at).await;
    assert_eq!((&later["status"], &later["send_at"]), (&json!("queued"), &json!(at)));
    let over = say_at(&house, conversation, "long over", &in_seconds(-60)).await;
    assert_eq!(over["send_at"], Value::Null, "a moment that is over means at once");
    house.admin.say(conversation, "c-2", "written after it").await.expect(201);
    reaches(&house.admin, conversation, "c-2", "sent").await;
    assert!(house.platform.accepted_with("for later").is_empty(), "it waits for its time");
    reaches(&house.admin, conversation, "for later", "sent").await;
    assert!(in_seconds(1) >= at, "not before its time");
    let texts: Vec<_> = house.platform.accepted().into_iter().map(|accepted| accepted.text).collect();
    assert_eq!(texts, ["long over", "written after it", "for later"]);
    let far = json!({"content": "x", "client_id": "far", "send_at": in_seconds(3_600 * 24 * 400)});
    house.admin.post(&format!("/api/v1/conversations/{conversation}/messages"), &far).await.refused(422);
}

async fn what_is_taken_back_before_its_time_is_never_sent(database: Database) {
    let house = House::open(database).await;
    let (_, conversation) = begun(&house, "whatsapp").await;
    let message = say_at(&house, conversation, "taken back", &in_seconds(3)).await;
    let deleted = house.admin.delete(&format!("/api/v1/messages/{}", message["id"])).await.expect(200);
    assert!(deleted["deleted_at"].is_string() && deleted["content"].is_null(), "{deleted}");
    let kept = say_at(&house, conversation, "kept", &in_seconds(3)).await;
    reaches(&house.admin, conversation, "kept", "sent").await;
    assert!(house.platform.accepted_with("taken back").is_empty());
    house.admin.delete(&format!("/api/v1/messages/{}", kept["id"])).await.refused(409);
    let path = format!("/api/v1/deliveries?message_id={}", message["id"]);
    assert_eq!(house.admin.all(&path).await[0]["status"], "cancelled");
    house.admin.post(&format!("/api/v1/messages/{}/retry", message["id"]), &json!({})).await.refused(409);
}

async fn a_workspace_may_give_time_to_think_again(database: Database) {
    let house = House::open(database).await;
    let (_, conversation) = begun(&house, "messenger").await;
    house.admin.patch("/api/v1/settings", &json!({"undo_seconds": 3})).await.expect(200);
    let undone = house.admin.say(conversation, "c-1", "oh no").await.expect(201);
    assert!(undone["send_at"].is_string(), "{undone}");
    house.admin.delete(&format!("/api/v1/messages/{}", undone["id"])).await.expect(200);
    house.admin.say(conversation, "c-2", "better").await.expect(201);
    house.admin.say(conversation, "c-3", "and more").await.expect(201);
    reaches(&house.admin, conversation, "c-3", "sent").await;
    let texts: Vec<_> = house.platform.accepted().into_iter().map(|accepted| accepted.text).collect();
    assert_eq!(texts, ["better", "and more"], "what was undone never left");
}

async fn a_throttled_channel_waits_as_long_as_it_is_told(database: Database) {
    let house = House::open(database).await;
    let (_, conversation) = begun(&house, "whatsapp").await;
    let throttled = json!({"error": {"message": "Rate limit hit", "code": 130_429}});
    house.platform.meets("slowly", Manner::Refuse(400, throttled, Some(2)), 2);
    house.admin.say(conversation, "c-1", "slowly").await.expect(201);
    house.admin.say(conversation, "c-2", "the next one").await.expect(201);
    reaches(&house.admin, conversation, "c-2", "sent").await;
    let texts: Vec<_> = house.platform.accepted().into_iter().map(|accepted| accepted.text).collect();
    assert_eq!(texts, ["slowly", "the next one"], "once each, in order");
    let delivery = house.admin.all("/api/v1/deliveries").await.pop().expect("the first one's");
    let attempts = delivery["attempts"].as_array().expect("a log").clone();
    let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt["outcome"].clone()).collect();
    assert_eq!(outcomes, ["not_sent", "not_sent", "accepted"]);
    let at = |n: usize| {
        let text = attempts[n]["started_at"].as_str().expect("a time");
        chrono::DateTime::parse_from_rfc3339(text).expect("RFC 3339").timestamp_millis()
    };
    assert!(at(1) - at(0) >= 2_000 && at(2) - at(1) >= 2_000, "{attempts:?}");
}

async fn a_broken_token_pauses_its_channel_keeps_its_queue_and_says_so(database: Database) {
    let house = House::open(database).await;
    let (channel, conversation) = begun(&house, "whatsapp").await;
    let screen = Socket::open(&house.admin).await;
    screen.watch("all").await;
    let broken = json!({"error": {"message": "Session has expired", "code": 190, "error_subcode": 463}});
    house.platform.meets("kept", Manner::Refuse(401, broken, None), 1);
    house.admin.say(conversation, "c-1", "kept").await.expect(201);
    house.admin.say(conversation, "c-2", "kept too").await.expect(201);
    let frame = screen.frame("channel_updated").await;
    assert_eq!((&frame["channel_id"], &frame["state"]), (&json!(channel.id), &json!("paused")));
    let here = async || {
        let channels = house.admin.all("/api/v1/channels").await;
        channels.into_iter().find(|each| each["id"] == channel.id).expect("it is there")
    };
    let paused = here().await;
    assert_eq!(paused["state"], "paused");
    assert!(
        paused["state_reason"].as_str().is_some_and(|why| why.contains("Session has expired")),
        "{paused}"
    );
    for client_id in ["c-1", "c-2"] {
        reaches(&house.admin, conversation, client_id, "queued").await;
    }
    let mended = json!({"state": "active", "credentials": {"access_token": "a new one"}});
    house.admin.patch(&format!("/api/v1/channels/{}", channel.id), &mended).await.expect(200);
    reaches(&house.admin, conversation, "c-2", "sent").await;
    let texts: Vec<_> = house.platform.accepted().into_iter().map(|accepted| accepted.text).collect();
    assert_eq!(texts, ["kept", "kept too"], "all of it, once, in order");
    assert_eq!(here().await["state_reason"], Value::Null);
}

async fn a_channel_that_would_rather_send_twice_does(database: Database) {
    let house = House::open(database).await;
    let (channel, conversation) = begun(&house, "telegram").await;
    let path = format!("/api/v1/channels/{}", channel.id);
    house.admin.patch(&path, &json!({"options": {"at_least_once": "yes"}})).await.refused(422);
    house.admin.patch(&path, &json!({"options": {"at_least_once": true}})).await.expect(200);
    house.platform.meets("your code is 4711", Manner::AcceptAndHangUp, 1);
    house.admin.say(conversation, "c-1", "your code is 4711").await.expect(201);
    reaches(&house.admin, conversation, "c-1", "sent").await;
    assert_eq!(house.platform.accepted_with("your code is 4711").len(), 2, "that is what was asked for");
}

async fn a_lost_answer_is_decided_by_a_person(database: Database) {
    let house = House::open(database).await;
    let (_, conversation) = begun(&house, "telegram").await;
    let path = |message: &Value| format!("/api/v1/messages/{}/retry", message["id"]);
    let mut lost = Vec::new();
    for text in ["it arrived", "it did not"] {
        house.platform.meets(text, Manner::AcceptAndHangUp, 1);
        house.admin.say(conversation, text, text).await.expect(201);
        lost.push(reaches(&house.admin, conversation, text, "unconfirmed").await);
    }
    house.admin.post(&path(&lost[0]), &json!({"action": "mark_sent"})).await.expect(200);
    assert_eq!(reaches(&house.admin, conversation, "it arrived", "sent").await["error"], Value::Null);
    house.admin.post(&path(&lost[1]), &json!({"action": "resend"})).await.expect(200);
    reaches(&house.admin, conversation, "it did not", "sent").await;
    let sent = |text: &str| house.platform.accepted_with(text).len();
    assert_eq!((sent("it arrived"), sent("it did not")), (1, 2), "only the person's word sends again");
    house.admin.post(&path(&lost[1]), &json!({"action": "resend"})).await.refused(409);
}

/// Bodies that somebody sent and nobody can read.
const UNREADABLE: [(&str, &str, u16); 8] = [
    ("application/json", r#"{"action":"mark-sent"}"#, 400),
    ("application/json", r#"{"action":"mark_sent""#, 400),
    ("application/json", r#"{"actoin":"mark_sent"}"#, 400),
    ("application/json", r#"{"action":null}"#, 400),
    ("application/json", r#""mark_sent""#, 400),
    ("application/json", " ", 400),
    ("text/plain", r#"{"action":"mark_sent"}"#, 415),
    ("application/x-www-form-urlencoded", "action=mark_sent", 415),
];

async fn what_cannot_be_read_decides_nothing(database: Database) {
    let house = House::open(database).await;
    let (_, conversation) = begun(&house, "telegram").await;
    house.platform.meets("it arrived", Manner::AcceptAndHangUp, 1);
    house.admin.say(conversation, "it arrived", "it arrived").await.expect(201);
    let lost = reaches(&house.admin, conversation, "it arrived", "unconfirmed").await;
    let path = format!("/api/v1/messages/{}/retry", lost["id"]);
    for (kind, body, status) in UNREADABLE {
        let request = house.admin.request(Method::POST, &path).header("content-type", kind).body(body);
        answer(request).await.expect("an answer").refused(status);
    }
    let chunked = reqwest::Body::wrap_stream(futures_util::stream::iter([Ok::<_, std::io::Error>("{\"act")]));
    let request = house.admin.request(Method::POST, &path).header("content-type", "application/json");
    answer(request.body(chunked)).await.expect("an answer").refused(400);
    house.admin.say(conversation, "the next", "the next").await.expect(201);
    reaches(&house.admin, conversation, "the next", "sent").await;
    reaches(&house.admin, conversation, "it arrived", "unconfirmed").await;
    assert_eq!(house.platform.accepted_with("it arrived").len(), 1, "nobody said to send it again");
    answer(house.admin.request(Method::POST, &path)).await.expect("an answer").expect(200);
    reaches(&house.admin, conversation, "it arrived", "sent").await;
    assert_eq!(house.platform.accepted_with("it arrived").len(), 2, "an absent body is the default");
}

async fn deliveries_are_found_by_channel_conversation_and_message(database: Database) {
    let house = House::open(database).await;
    let (channel, conversation) = begun(&house, "whatsapp").await;
    let (other, elsewhere) = begun(&house, "telegram").await;
    let message = house.admin.say(conversation, "c-1", "here").await.expect(201);
    house.admin.say(elsewhere, "c-1", "there").await.expect(201);
    eventually("both are sent", async || {
        (house.admin.all("/api/v1/deliveries?status=sent").await.len() == 2).then_some(())
    })
    .await;
    let found = async |query: String| house.admin.all(&format!("/api/v1/deliveries?{query}")).await;
    assert_eq!(found(format!("channel_id={}", other.id)).await.len(), 1);
    assert_eq!(found(format!("conversation_id={conversation}")).await.len(), 1);
    assert_eq!(found("status=queued,failed".into()).await.len(), 0);
    let mine =
        found(format!("message_id={}&channel_id={}&status=sent,failed", message["id"], channel.id)).await;
    let attempt = &mine[0]["attempts"][0];
    assert_eq!((attempt["outcome"].as_str(), mine[0]["attempt_count"].as_i64()), (Some("accepted"), Some(1)));
    assert!(
        attempt["started_at"].is_string() && attempt["finished_at"].is_string() && attempt["id"].is_string()
    );
    assert_eq!((&mine[0]["next_attempt_at"], &mine[0]["send_at"]), (&Value::Null, &Value::Null));
    assert_eq!(number(&mine[0]["message_id"]), number(&message["id"]));
    house.admin.get("/api/v1/deliveries?status=nonsense").await.refused(400);
}

async fn words_under_a_file_that_waits_are_changed_or_kept_and_never_lost(database: Database) {
    let house = House::open(database).await;
    let (_, conversation) = begun(&house, "whatsapp").await;
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89".to_vec();
    let part =
        reqwest::multipart::Part::bytes(png).file_name("dot.png").mime_str("image/png").expect("a type");
    let form = reqwest::multipart::Form::new().part("file", part);
    let request = house.admin.request(reqwest::Method::POST, "/api/v1/media").multipart(form);
    let file = crate::support::client::answer(request).await.expect("an answer").expect(201);
    let body = json!({"content": "short", "client_id": "c", "attachment_ids": [file["id"]], "send_at": in_seconds(3_600)});
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let message = house.admin.post(&path, &body).await.expect(201);
    let path = format!("/api/v1/messages/{}", message["id"]);
    let changed = house.admin.patch(&path, &json!({"content": "other words"})).await.expect(200);
    assert_eq!(changed["content"], "other words");
    // Too long for under the file: there is no place in the queue for them.
    house.admin.patch(&path, &json!({"content": "x".repeat(1_500)})).await.refused(422);
    let kept = house.admin.messages(conversation).await.pop().expect("it is there");
    assert_eq!((&kept["content"], &kept["status"]), (&json!("other words"), &json!("queued")));
    assert_eq!(house.admin.all(&format!("/api/v1/deliveries?message_id={}", message["id"])).await.len(), 1);
}
