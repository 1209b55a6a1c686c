//! What a model answers: one answer to what a customer wrote, by itself or as a draft, never beside somebody's word.

use crate::support::channel::{Channel, results};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::model::{Model, Mood};
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use crate::support::{eventually, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Notify;

const CUSTOMER: &str = "15557700421";

on_both_databases!(
    a_burst_gets_one_answer_and_its_redelivery_none,
    a_draft_is_shown_sent_once_and_discarded,
    a_word_in_between_withholds_the_answer,
    a_model_that_fails_is_asked_again_and_then_given_up_visibly,
    a_question_open_at_a_kill_is_answered_once_after_the_restart,
    without_a_wish_nothing_is_asked,
    a_model_is_asked_as_often_as_it_may_be,
);

/// A house with a small model, and a channel that wants its answers so.
pub async fn open(database: Database, mode: &str) -> (House, Model, Channel) {
    let model = Model::start().await;
    let url = model.url();
    let house = House::open_with(database, |settings| {
        settings
            .with("RAPPORT_AI_URL", &url)
            .with("RAPPORT_AI_KEY", "sk-hidden-key")
            .with("RAPPORT_AI_MODEL", "small-1")
    })
    .await;
    let channel = house.channel("whatsapp").await;
    let options =
        json!({"options": {"ai": {"mode": mode, "instructions": "We sell lamps.", "window_ms": 300}}});
    house.admin.patch(&format!("/api/v1/channels/{}", channel.id), &options).await.expect(200);
    (house, model, channel)
}

async fn writes(house: &House, channel: &Channel, id: &str, text: &str) -> i64 {
    writes_as(CUSTOMER, house, channel, id, text).await
}

/// A customer writes; gives their conversation.
pub async fn writes_as(customer: &str, house: &House, channel: &Channel, id: &str, text: &str) -> i64 {
    let answer = post(&house.url(), channel, &channel.text(customer, id, text)).await;
    number(&results(answer)[0]["conversation_id"])
}

async fn draft(house: &House, conversation: i64) -> Option<Value> {
    let path = format!("/api/v1/conversations/{conversation}");
    let draft = house.admin.get(&path).await.expect(200)["ai_draft"].clone();
    (!draft.is_null()).then_some(draft)
}

/// What a model said in a conversation.
pub async fn answers(house: &House, conversation: i64) -> Vec<Value> {
    let messages = house.admin.messages(conversation).await;
    messages.into_iter().filter(|message| message["sender_type"] == "ai").collect()
}

async fn a_burst_gets_one_answer_and_its_redelivery_none(database: Database) {
    let (house, model, channel) = open(database, "auto").await;
    let batch: Vec<_> = (0..5).map(|n| (format!("m-{n}"), format!("part {n}"))).collect();
    let body = channel.batch(CUSTOMER, &batch);
    let answer = post(&house.url(), &channel, &body).await;
    let conversation = number(&results(answer)[0]["conversation_id"]);

    let accepted = house.platform.accepts("answer 1").await;
    assert_eq!(accepted.to.trim_start_matches('+'), CUSTOMER);
    let question = model.is_asked(1).await;
    assert_eq!(question.path, "/v1/chat/completions");
    assert_eq!((question.key.as_str(), &question.body["model"]), ("Bearer sk-hidden-key", &json!("small-1")));
    let said = question.body["messages"].as_array().expect("messages").clone();
    assert_eq!(said[0]["role"], "system");
    assert!(said[0]["content"].as_str().expect("text").contains("We sell lamps."), "{said:?}");
    let parts: Vec<_> = said[1..].iter().map(|said| said["content"].as_str().expect("text")).collect();
    assert_eq!(parts, ["part 0", "part 1", "part 2", "part 3", "part 4"]);

    results(post(&house.url(), &channel, &body).await);
    writes(&house, &channel, "m-next", "and then?").await;
    house.platform.accepts("answer 2").await;
    let answers = answers(&house, conversation).await;
    assert_eq!(answers.len(), 2, "one for the burst, one for what came after it: {answers:?}");
    assert_eq!(model.questions().len(), 2);
    let first = &answers[0];
    assert_eq!((&first["is_ai_response"], &first["origin"]), (&json!(true), &json!("ai")));

    let path = format!("/api/v1/messages/{}/feedback", first["id"]);
    let rated = house.admin.post(&path, &json!({"rating": "positive", "comment": "kind"})).await.expect(200);
    assert_eq!(
        (&rated["feedback"]["rating"], &rated["feedback"]["comment"]),
        (&json!("positive"), &json!("kind"))
    );
    assert!(rated["feedback"]["at"].is_string());
    assert!(!house.server.log().contains("sk-hidden-key"), "the key is never logged");
    assert!(!house.server.log().contains("part 3"), "nor is what anybody wrote");
}

async fn a_draft_is_shown_sent_once_and_discarded(database: Database) {
    let (house, model, channel) = open(database, "draft").await;
    let watcher = Socket::open(&house.admin).await;
    watcher.watch("all").await;
    let conversation = writes(&house, &channel, "m-1", "how much?").await;
    let shown = watcher
        .until("a frame with the draft", |frames| {
            frames.iter().find(|frame| frame["conversation"]["ai_draft"]["content"] == "answer 1").cloned()
        })
        .await;
    assert_eq!(shown["type"], "conversation_updated");
    let id = number(&shown["conversation"]["ai_draft"]["id"]);
    assert!(answers(&house, conversation).await.is_empty(), "nothing is sent by itself");

    let path = format!("/api/v1/ai-drafts/{id}/send");
    for (kind, body, status) in [
        ("application/json", r#"{"content": "oth"#, 400),
        ("application/json", r#"{"text": "other words"}"#, 400),
        ("application/json", r#"{"content": 7}"#, 400),
        ("text/plain", "other words", 415),
    ] {
        let request = house.admin.request(Method::POST, &path).header("content-type", kind).body(body);
        crate::support::client::answer(request).await.expect("an answer").refused(status);
    }
    assert!(answers(&house, conversation).await.is_empty(), "what cannot be read sends nothing");
    let sent = house.admin.post(&path, &json!({})).await.expect(201);
    assert_eq!((&sent["content"], &sent["is_ai_response"]), (&json!("answer 1"), &json!(true)));
    assert_eq!(house.admin.post(&path, &json!({})).await.expect(200)["id"], sent["id"]);
    house.platform.accepts("answer 1").await;
    assert!(draft(&house, conversation).await.is_none());

    writes(&house, &channel, "m-2", "and this one?").await;
    let second = eventually("a second draft", async || draft(&house, conversation).await).await;
    assert_eq!(second["content"], "answer 2");
    let path = format!("/api/v1/ai-drafts/{}", second["id"]);
    let changed = house.admin.post(&format!("{path}/send"), &json!({"content": "my own"})).await.expect(201);
    assert_eq!((&changed["sender_type"], &changed["is_ai_response"]), (&json!("support"), &json!(false)));

    writes(&house, &channel, "m-3", "a third?").await;
    let third = eventually("a third draft", async || draft(&house, conversation).await).await;
    let path = format!("/api/v1/ai-drafts/{}", third["id"]);
    assert_eq!(house.admin.delete(&path).await.status, 204);
    assert_eq!(house.admin.delete(&path).await.status, 204);
    assert!(draft(&house, conversation).await.is_none());
    house.admin.post(&format!("{path}/send"), &json!({})).await.refused(409);
    assert_eq!(model.questions().len(), 3, "what was discarded is not asked again");
    assert_eq!(house.platform.accepted_with("answer 1").len(), 1);
}

async fn a_word_in_between_withholds_the_answer(database: Database) {
    let (house, model, channel) = open(database, "auto").await;
    let let_go = Arc::new(Notify::new());
    model.next_is(Mood::Slow(let_go.clone()));
    let conversation = writes(&house, &channel, "m-1", "first").await;
    model.is_asked(1).await;
    house.admin.say(conversation, "c-1", "I am here").await.expect(201);
    let_go.notify_one();
    eventually("the answer is withheld", async || house.server.log().contains("withheld").then_some(()))
        .await;
    assert!(answers(&house, conversation).await.is_empty(), "an agent has spoken");

    model.next_is(Mood::Slow(let_go.clone()));
    writes(&house, &channel, "m-2", "second").await;
    model.is_asked(2).await;
    writes(&house, &channel, "m-3", "no, wait").await;
    let_go.notify_one();
    house.platform.accepts("answer 3").await;
    let answers = answers(&house, conversation).await;
    assert_eq!(answers.len(), 1, "only what answers both: {answers:?}");
    assert_eq!(answers[0]["content"], "answer 3");
    assert!(house.platform.accepted_with("answer 1").is_empty());
    assert!(house.platform.accepted_with("answer 2").is_empty());
}

async fn a_model_that_fails_is_asked_again_and_then_given_up_visibly(database: Database) {
    let (house, model, channel) = open(database, "auto").await;
    model.next_is(Mood::Fails(500, json!({"error": {"message": "we fell over"}})));
    let conversation = writes(&house, &channel, "m-1", "hello?").await;
    house.platform.accepts("answer 2").await;
    assert_eq!(answers(&house, conversation).await.len(), 1);

    model.is_always(Some(Mood::Fails(503, json!({"error": {"code": "overloaded", "message": "no"}}))));
    writes(&house, &channel, "m-2", "hello again?").await;
    let given_up = eventually("it is given up", async || draft(&house, conversation).await).await;
    assert_eq!((&given_up["content"], &given_up["error"]["code"]), (&Value::Null, &json!("http_503")));
    assert_eq!(model.questions().len(), 2 + 4, "four tries and no more");
    model.is_always(None);
    writes(&house, &channel, "m-3", "anybody?").await;
    house.platform.accepts("answer 7").await;
    assert!(draft(&house, conversation).await.is_none());
}

async fn a_question_open_at_a_kill_is_answered_once_after_the_restart(database: Database) {
    let (mut house, model, channel) = open(database, "auto").await;
    model.next_is(Mood::Slow(Arc::new(Notify::new())));
    let conversation = writes(&house, &channel, "m-1", "still there?").await;
    model.is_asked(1).await;
    house.server.kill().await;
    house.server.starts_again().await;
    house.platform.accepts("answer 2").await;
    assert_eq!(answers(&house, conversation).await.len(), 1);
    assert_eq!(model.questions().len(), 2);
}

async fn without_a_wish_nothing_is_asked(database: Database) {
    let (house, model, channel) = open(database, "off").await;
    let conversation = writes(&house, &channel, "m-1", "hello").await;
    house.admin.say(conversation, "c-1", "hello yourself").await.expect(201);
    house.platform.accepts("hello yourself").await;
    assert!(model.questions().is_empty());
    let options = json!({"options": {"ai": {"mode": "perhaps"}}});
    house.admin.patch(&format!("/api/v1/channels/{}", channel.id), &options).await.refused(422);
}

async fn a_model_is_asked_as_often_as_it_may_be(database: Database) {
    let model = Model::start().await;
    let url = model.url();
    let house = House::open_with(database, |settings| {
        settings
            .with("RAPPORT_AI_URL", &url)
            .with("RAPPORT_LIMIT_MODEL", "3")
            .with("RAPPORT_LIMIT_MODEL_CONVERSATION", "2")
    })
    .await;
    let channel = house.channel("whatsapp").await;
    let options = json!({"options": {"ai": {"mode": "auto", "window_ms": 50}}});
    house.admin.patch(&format!("/api/v1/channels/{}", channel.id), &options).await.expect(200);
    let answers = async |customer: &str, id: &str, expected: usize| {
        let conversation = writes_as(customer, &house, &channel, id, "hello").await;
        eventually("an answer, or why there is none", async || {
            let answers = house.admin.messages(conversation).await;
            let answers = answers.iter().filter(|message| message["sender_type"] == "ai").count();
            let path = format!("/api/v1/conversations/{conversation}");
            let draft = house.admin.get(&path).await.expect(200)["ai_draft"].clone();
            let is_refused = draft["error"]["code"] == "ai_budget_spent";
            (answers == expected || is_refused).then_some(is_refused)
        })
        .await
    };
    assert!(!answers("15557700421", "wamid.1", 1).await);
    assert!(!answers("15557700421", "wamid.2", 2).await);
    assert!(answers("15557700421", "wamid.3", 3).await, "the conversation's two");
    assert!(!answers("15557700422", "wamid.4", 1).await);
    assert!(answers("15557700423", "wamid.5", 1).await, "the day's three");
    assert!(answers("15557700424", "wamid.6", 1).await);
    let log = house.admin.get("/api/v1/audit").await.expect(200).to_string();
    assert_eq!(log.matches("ai_budget_spent").count(), 2, "once a day for each budget: {log}");
}
