//! Delivery in processes of its own: `rapport worker`, one or many, beside servers that deliver or not.

use super::sending::reaches;
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::platform::Manner;
use crate::support::redis::Redis;
use crate::support::socket::Socket;
use crate::support::worker::Worker;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::Notify;

const CUSTOMERS: [&str; 4] = ["15557700421", "15557700422", "15557700423", "15557700424"];

/// A server that does not deliver, beside a PostgreSQL and a Redis.
async fn house_without_delivery() -> Option<(House, Redis)> {
    let database = Database::postgres().await?;
    let redis = Redis::start().await?;
    let house = House::open_with(database, |settings| {
        settings.with("REDIS_URL", &redis.url()).with("RAPPORT_DELIVERY", "off")
    })
    .await;
    Some((house, redis))
}

/// The delivery of the message with this client id.
async fn delivery(house: &House, conversation: i64, client_id: &str) -> Value {
    let messages = house.admin.messages(conversation).await;
    let message = messages.iter().find(|message| message["client_id"] == client_id).expect("it is there");
    let list = house.admin.all(&format!("/api/v1/deliveries?message_id={}", message["id"])).await;
    assert_eq!(list.len(), 1, "a text is one delivery: {list:?}");
    list[0].clone()
}

#[tokio::test]
async fn two_workers_beside_a_server_that_does_not_deliver_send_each_message_once_and_in_order() {
    let Some((house, redis)) = house_without_delivery().await else { return };
    let channel = house.channel("messenger").await;
    let session = Socket::open(&house.admin).await;
    let mut conversations = Vec::new();
    for customer in CUSTOMERS {
        let conversation = channel.conversation(&house.admin, customer).await;
        session.subscribe(conversation, None).await;
        for n in 0..8 {
            let (client_id, text) = (format!("c-{n}"), format!("{customer} line {n}"));
            house.admin.say(conversation, &client_id, &text).await.expect(201);
        }
        conversations.push(conversation);
    }
    assert_eq!(house.admin.all("/api/v1/deliveries?status=queued").await.len(), 32, "nobody delivers yet");
    let mut workers =
        [Worker::start(house.worker(&redis, 30)).await, Worker::start(house.worker(&redis, 30)).await];
    for (conversation, customer) in conversations.iter().zip(CUSTOMERS) {
        for n in 0..8 {
            reaches(&house.admin, *conversation, &format!("c-{n}"), "sent").await;
        }
        let accepted = house.platform.accepted();
        let texts: Vec<_> = accepted
            .iter()
            .filter(|accepted| accepted.to == customer)
            .map(|accepted| accepted.text.clone())
            .collect();
        let written: Vec<_> = (0..8).map(|n| format!("{customer} line {n}")).collect();
        assert_eq!(texts, written, "each once, in the order they were written");
    }
    session
        .until("an open screen sees each message become sent", |frames| {
            let sent = frames.iter().filter(|frame| frame["message"]["status"] == "sent");
            let ids: HashSet<_> = sent.map(|frame| frame["message"]["id"].to_string()).collect();
            (ids.len() == 32).then_some(())
        })
        .await;
    session.is_faultless();
    for worker in &mut workers {
        assert!(worker.stops().await.success(), "SIGTERM ends it with 0:\n{}", worker.log());
    }
}

#[tokio::test]
async fn a_worker_needs_postgresql_and_redis() {
    let database = Database::sqlite();
    let settings = crate::support::server::Settings::new(&database);
    let (status, said) = crate::support::server::Server::told(settings, "worker").await;
    assert!(!status.success());
    assert!(said.contains("a worker needs PostgreSQL (DATABASE_URL) and REDIS_URL"), "{said}");
}

#[tokio::test]
async fn a_second_process_never_takes_what_a_first_one_is_sending_for_abandoned() {
    let Some(database) = Database::postgres().await else { return };
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let conversation = channel.conversation(&house.admin, CUSTOMERS[0]).await;
    let let_go = Arc::new(Notify::new());
    house.platform.meets("under way", Manner::AcceptAndHold(let_go.clone()), 1);
    house.admin.say(conversation, "c-1", "under way").await.expect(201);
    house.platform.accepts("under way").await;
    // Without Redis it cannot know of the first by name; the lock tells it.
    let second = house.second_server(None).await;
    let there = house.admin.at(&second.url());
    let other = channel.conversation(&there, CUSTOMERS[1]).await;
    for n in 0..4 {
        there.say(other, &format!("d-{n}"), &format!("beside {n}")).await.expect(201);
        reaches(&there, other, &format!("d-{n}"), "sent").await;
    }
    let status = house.admin.messages(conversation).await[0]["status"].clone();
    assert_eq!(status, "sending", "still the first one's");
    let_go.notify_one();
    reaches(&house.admin, conversation, "c-1", "sent").await;
    assert_eq!(house.platform.accepted_with("under way").len(), 1);
}

#[tokio::test]
async fn a_worker_that_froze_past_its_lease_sends_nothing_when_it_wakes() {
    let Some((house, redis)) = house_without_delivery().await else { return };
    if !cfg!(debug_assertions) {
        return crate::support::not_run("a debug build, whose workers freeze on command");
    }
    let channel = house.channel("messenger").await;
    let mut frozen = Vec::new();
    for (n, place) in ["claim-committed", "start-committed"].into_iter().enumerate() {
        let conversation = channel.conversation(&house.admin, CUSTOMERS[n]).await;
        let sleeper = Worker::start(house.worker(&redis, 1).with("RAPPORT_FREEZE", place)).await;
        house.admin.say(conversation, "c-1", place).await.expect(201);
        let what = format!("it freezes at {place}");
        eventually(&what, async || sleeper.log().contains("freezing at").then_some(())).await;
        frozen.push((conversation, sleeper));
    }
    let _awake = Worker::start(house.worker(&redis, 1)).await;
    let (claimed, started) = (frozen[0].0, frozen[1].0);
    // Nothing had begun: another sends it. The attempt was on disk: it may have been sent, so nobody sends it.
    reaches(&house.admin, claimed, "c-1", "sent").await;
    reaches(&house.admin, started, "c-1", "unconfirmed").await;
    house.admin.say(started, "c-2", "after it").await.expect(201);
    reaches(&house.admin, started, "c-2", "sent").await;
    for (conversation, sleeper) in &frozen {
        sleeper.thaw();
        house.admin.say(*conversation, "c-3", "once it is awake").await.expect(201);
        reaches(&house.admin, *conversation, "c-3", "sent").await;
    }
    eventually("the late result is refused", async || {
        frozen[1].1.log().contains("the late result of its attempt is refused").then_some(())
    })
    .await;
    assert_eq!(house.platform.accepted_with("claim-committed").len(), 1);
    assert_eq!(house.platform.accepted_with("start-committed").len(), 0, "it sent nothing");
    let attempts = delivery(&house, claimed, "c-1").await["attempts"].as_array().expect("a log").len();
    assert_eq!(attempts, 1, "a claim that did not start is no attempt");
}
