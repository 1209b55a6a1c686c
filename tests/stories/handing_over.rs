//! One voice for a customer: what flows do around a conversation, when they hand it to a model, that neither
//! speaks beside the other, and that nobody who is blocked hears either.

use super::answering::{answers, open, writes_as};
use super::flows::{address, make, run_becomes};
use crate::support::channel::Channel;
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::model::{Model, Mood};
use crate::support::{eventually, on_both_databases};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Notify;

const ADA: &str = "15557700421";
const BO: &str = "15557700422";

on_both_databases!(
    a_step_puts_a_label_and_another_removes_one,
    a_flow_hands_over_to_a_model_until_a_person_writes,
    while_a_flow_runs_no_model_speaks,
    a_flow_that_begins_while_the_model_thinks_has_the_word,
    who_is_blocked_starts_no_flow_and_hears_none,
    who_is_blocked_meanwhile_gets_no_answer,
);

fn text(words: &str) -> Value {
    json!({"kind": "message", "text": words})
}

async fn starts(house: &House, flow: &Value, conversation: i64) -> Value {
    let path = format!("/api/v1/flows/{}/runs", flow["id"]);
    house.admin.post(&path, &json!({"conversation_id": conversation})).await.expect(201)
}

/// The outcomes of a run's steps.
fn went(run: &Value) -> Vec<&str> {
    let steps = run["steps"].as_array().expect("steps").iter();
    steps.map(|step| step["outcome"].as_str().unwrap_or("")).collect()
}

async fn blocks(house: &House, conversation: i64, blocked: bool) {
    let path = format!("/api/v1/conversations/{conversation}");
    let customer = house.admin.get(&path).await.expect(200)["customer"]["id"].clone();
    let path = format!("/api/v1/customers/{customer}");
    house.admin.patch(&path, &json!({"blocked": blocked})).await.expect(200);
}

/// The last words of each question so far.
fn asked(model: &Model) -> Vec<String> {
    let last = |body: &Value| body["messages"].as_array()?.last()?["content"].as_str().map(str::to_owned);
    model.questions().iter().map(|question| last(&question.body).expect("words")).collect()
}

async fn a_step_puts_a_label_and_another_removes_one(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let mut ids = Vec::new();
    for name in ["new", "vip", "gone"] {
        ids.push(house.admin.post("/api/v1/labels", &json!({"name": name})).await.expect(201)["id"].clone());
    }
    let conversation = channel.conversation(&house.admin, ADA).await;
    let path = format!("/api/v1/conversations/{conversation}");
    house.admin.patch(&path, &json!({"label_ids": [ids[0]]})).await.expect(200);

    let unknown = json!({"name": "F", "steps": [{"kind": "label", "label_id": 999}]});
    let refused = house.admin.post("/api/v1/flows", &unknown).await.refused(422);
    assert!(refused["detail"].as_str().is_some_and(|why| why.contains("Step 1 (label)")), "{refused}");
    let steps = json!([
        {"kind": "label", "label_id": ids[1]},
        {"kind": "label", "label_id": ids[1], "change": "put"},
        {"kind": "label", "label_id": ids[0], "change": "remove"},
        {"kind": "label", "label_id": ids[2]},
    ]);
    let flow = make(&house.admin, json!({"kind": "manual"}), steps).await;
    house.admin.delete(&format!("/api/v1/labels/{}", ids[2])).await.expect(204);
    starts(&house, &flow, conversation).await;
    let run = run_becomes(&house.admin, &flow, "done").await;
    assert_eq!(went(&run), ["put", "put", "remove", "label_gone"]);
    let carried = house.admin.get(&path).await.expect(200)["labels"].clone();
    let names: Vec<_> = carried.as_array().expect("labels").iter().map(|label| &label["name"]).collect();
    assert_eq!(names, ["vip"]);
}

async fn a_flow_hands_over_to_a_model_until_a_person_writes(database: Database) {
    let (house, model, channel) = open(database, "off").await;
    let steps = json!([text("Our robot takes over."), {"kind": "hand_to_ai"}, text("never said")]);
    let flow = make(&house.admin, json!({"kind": "keyword", "keywords": ["robot"]}), steps).await;
    let conversation = writes_as(ADA, &house, &channel, "a-1", "robot please").await;
    let run = run_becomes(&house.admin, &flow, "done").await;
    assert_eq!(went(&run), ["", "auto"], "handing over ends the run");
    writes_as(ADA, &house, &channel, "a-2", "how much?").await;
    house.platform.accepts("answer 1").await;

    house.admin.say(conversation, "c-1", "I am here myself").await.expect(201);
    writes_as(ADA, &house, &channel, "a-3", "and blue ones?").await;
    let other = writes_as(BO, &house, &channel, "b-1", "robot!").await;
    house.platform.accepts("Our robot takes over.").await;
    eventually("the second run is done", async || {
        let runs = house.admin.all(&format!("/api/v1/flows/{}/runs", flow["id"])).await;
        (runs.len() == 2 && runs.iter().all(|run| run["status"] == "done")).then_some(())
    })
    .await;
    writes_as(BO, &house, &channel, "b-2", "what now?").await;
    house.platform.accepts("answer 2").await;
    assert_eq!(asked(&model), ["how much?", "what now?"], "a person has taken the first one back");
    assert_eq!((answers(&house, conversation).await.len(), answers(&house, other).await.len()), (1, 1));
    assert!(house.platform.accepted_with("never said").is_empty());
}

async fn while_a_flow_runs_no_model_speaks(database: Database) {
    let (house, model, channel) = open(database, "auto").await;
    let steps = json!([text("Big or small?"), {"kind": "wait_for_answer"}, {"kind": "wait_for_answer"}]);
    let flow = make(&house.admin, json!({"kind": "keyword", "keywords": ["lamp"]}), steps).await;
    let conversation = writes_as(ADA, &house, &channel, "a-1", "a lamp").await;
    run_becomes(&house.admin, &flow, "waiting_for_answer").await;
    writes_as(ADA, &house, &channel, "a-2", "big").await;
    // Whoever is quiet longer comes first: when the other one is answered, this one was passed over.
    writes_as(BO, &house, &channel, "b-1", "hello?").await;
    house.platform.accepts("answer 1").await;
    assert_eq!(asked(&model), ["hello?"]);

    writes_as(ADA, &house, &channel, "a-3", "and red").await;
    run_becomes(&house.admin, &flow, "done").await;
    house.platform.accepts("answer 2").await;
    assert_eq!(asked(&model), ["hello?", "and red"], "the flow ended without a word to this");
    let said: Vec<_> = house.admin.messages(conversation).await;
    let said: Vec<_> = said.iter().map(|message| message["content"].as_str().unwrap_or("")).collect();
    assert_eq!(said, ["a lamp", "Big or small?", "big", "and red", "answer 2"]);
}

async fn a_flow_that_begins_while_the_model_thinks_has_the_word(database: Database) {
    let (house, model, channel) = open(database, "auto").await;
    let flow =
        make(&house.admin, json!({"kind": "manual"}), json!([{"kind": "wait", "seconds": 3600}])).await;
    let let_go = Arc::new(Notify::new());
    model.next_is(Mood::Slow(let_go.clone()));
    let conversation = writes_as(ADA, &house, &channel, "a-1", "hello?").await;
    model.is_asked(1).await;
    let run = starts(&house, &flow, conversation).await;
    let_go.notify_one();
    eventually("the answer is withheld", async || house.server.log().contains("withheld").then_some(()))
        .await;
    assert!(answers(&house, conversation).await.is_empty(), "the flow speaks");

    house.admin.post(&format!("/api/v1/flow-runs/{}/stop", run["id"]), &json!({})).await.expect(200);
    house.platform.accepts("answer 2").await;
    assert_eq!(asked(&model), ["hello?", "hello?"], "the flow ended without a word to this");
    assert!(house.platform.accepted_with("answer 1").is_empty());
}

async fn who_is_blocked_starts_no_flow_and_hears_none(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let steps = json!([text("Hello."), {"kind": "wait_for_answer"}, text("never said")]);
    let flow = make(&house.admin, json!({"kind": "keyword", "keywords": ["help"]}), steps).await;
    let conversation = writes_as(ADA, &house, &channel, "a-1", "help").await;
    run_becomes(&house.admin, &flow, "waiting_for_answer").await;
    blocks(&house, conversation, true).await;
    let stopped = run_becomes(&house.admin, &flow, "stopped").await;
    assert_eq!(stopped["due_at"], json!(null));

    writes_as(ADA, &house, &channel, "a-2", "help, I say").await;
    let path = format!("/api/v1/flows/{}", flow["id"]);
    let by_hand = json!({"conversation_id": conversation});
    let refused = house.admin.post(&format!("{path}/runs"), &by_hand).await.refused(409);
    assert_eq!(refused["code"], "customer_blocked");
    refuses_to_be_called(&house, &channel, &flow).await;
    let news = json!({"key": "news", "conversation_ids": [conversation]});
    let told = house.admin.post(&format!("{path}/broadcasts"), &news).await.expect(200);
    assert_eq!((&told["started"], &told["failed"][0]["code"]), (&json!(0), &json!("customer_blocked")));
    let runs = format!("{path}/runs");
    assert_eq!(house.admin.all(&runs).await.len(), 1, "nothing was started");

    blocks(&house, conversation, false).await;
    writes_as(ADA, &house, &channel, "a-3", "help again").await;
    run_becomes(&house.admin, &flow, "waiting_for_answer").await;
    assert_eq!(house.admin.all(&runs).await.len(), 2);
    assert!(house.platform.accepted_with("never said").is_empty());
}

async fn refuses_to_be_called(house: &House, channel: &Channel, flow: &Value) {
    let body = json!({"channel_id": channel.id, "customer": {"external_id": ADA}});
    Client::anonymous(&house.url()).post(&address(flow), &body).await.refused(409);
}

async fn who_is_blocked_meanwhile_gets_no_answer(database: Database) {
    let (house, model, channel) = open(database, "auto").await;
    let let_go = Arc::new(Notify::new());
    model.next_is(Mood::Slow(let_go.clone()));
    let conversation = writes_as(ADA, &house, &channel, "a-1", "buy my pills").await;
    model.is_asked(1).await;
    blocks(&house, conversation, true).await;
    let_go.notify_one();
    eventually("the answer is withheld", async || house.server.log().contains("withheld").then_some(()))
        .await;
    writes_as(ADA, &house, &channel, "a-2", "cheap").await;
    let other = writes_as(BO, &house, &channel, "b-1", "hello?").await;
    house.platform.accepts("answer 2").await;
    assert_eq!(asked(&model), ["buy my pills", "hello?"]);
    assert_eq!(number(&answers(&house, other).await[0]["conversation_id"]), other);
    assert!(answers(&house, conversation).await.is_empty());
}
