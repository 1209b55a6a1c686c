//! Background work: what panics costs its own try and nobody else's work, and a stop waits for what is under way.
//! Debug builds panic on command (`RAPPORT_PANIC`); a release does not, and then those stories say that they did
//! not run.

use super::answering::{self, answers, writes_as};
use super::flows::{make, run_becomes};
use super::sending::reaches;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::model::Mood;
use crate::support::{eventually, not_run, on_both_databases};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Notify;

const CUSTOMERS: [&str; 2] = ["15557700421", "15557700422"];

on_both_databases!(
    a_flow_step_that_panics_is_done_after_its_lease,
    a_send_that_panics_before_it_began_goes_out_after_its_lease_and_holds_up_no_other,
    a_stop_waits_for_an_answer_that_is_under_way,
);

/// A house in which the first job of this name panics; none: this build does not panic on command.
async fn house_that_panics(database: Database, jobs: &str) -> Option<House> {
    if !cfg!(debug_assertions) {
        not_run("a debug build, which panics on command");
        return None;
    }
    let change = |settings: crate::support::server::Settings| {
        settings.with("RAPPORT_PANIC", jobs).with("RAPPORT_PLATFORM_TIMEOUT", "1")
    };
    Some(House::open_with(database, change).await)
}

/// Waits until the log names what panicked.
async fn logs(house: &House, what: &str) {
    let line = format!("{what}: its job panicked; it is taken again when its lease ends");
    eventually(&line, async || house.server.log().contains(&line).then_some(())).await;
}

async fn a_flow_step_that_panics_is_done_after_its_lease(database: Database) {
    let Some(house) = house_that_panics(database, "flow steps").await else { return };
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMERS[0]).await;
    let steps = json!([{"kind": "message", "text": "first"}, {"kind": "message", "text": "second"}]);
    let flow = make(&house.admin, json!({"kind": "manual"}), steps).await;
    let body = json!({"key": "news", "conversation_ids": [conversation]});
    house.admin.post(&format!("/api/v1/flows/{}/broadcasts", flow["id"]), &body).await.expect(200);
    let run = run_becomes(&house.admin, &flow, "done").await;
    logs(&house, &format!("run {}", run["id"])).await;
    let messages = house.admin.messages(conversation).await;
    let said: Vec<_> = messages.iter().filter(|message| message["origin"] == "flow").collect();
    let said: Vec<_> = said.iter().map(|message| message["content"].as_str().unwrap_or("")).collect();
    assert_eq!(said, ["first", "second"], "each once, in order");
}

async fn a_send_that_panics_before_it_began_goes_out_after_its_lease_and_holds_up_no_other(
    database: Database,
) {
    let Some(house) = house_that_panics(database, "sends").await else { return };
    let channel = house.channel("messenger").await;
    let mut conversations = Vec::new();
    for customer in CUSTOMERS {
        conversations.push(channel.conversation(&house.admin, customer).await);
    }
    house.admin.say(conversations[0], "c-1", "the first").await.expect(201);
    eventually("it panics", async || house.server.log().contains("its job panicked").then_some(())).await;
    house.admin.say(conversations[1], "c-1", "another's").await.expect(201);
    reaches(&house.admin, conversations[1], "c-1", "sent").await;
    reaches(&house.admin, conversations[0], "c-1", "sent").await;
    let accepted: Vec<_> = house.platform.accepted().into_iter().map(|accepted| accepted.text).collect();
    assert_eq!(accepted, ["another's", "the first"], "each once");
}

async fn a_stop_waits_for_an_answer_that_is_under_way(database: Database) {
    let (mut house, model, channel) = answering::open(database, "auto").await;
    let let_go = Arc::new(Notify::new());
    model.next_is(Mood::Slow(let_go.clone()));
    let conversation = writes_as(CUSTOMERS[0], &house, &channel, "m-1", "hello?").await;
    model.is_asked(1).await;
    house.server.asked_to_stop();
    eventually("it stops", async || house.server.log().contains("shutting down").then_some(())).await;
    let_go.notify_one();
    assert!(house.server.ends().await.success(), "{}", house.server.log());
    house.server.starts_again().await;
    house.platform.accepts("answer 1").await;
    assert_eq!(answers(&house, conversation).await.len(), 1);
    assert_eq!(model.questions().len(), 1, "what was answered is not asked again");
}
