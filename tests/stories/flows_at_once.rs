//! Flows under fire: many triggers at once, servers killed in between, a broadcast told by two. Every message
//! is there once and in order; a platform never gets one twice.

use super::flows::{address, make, run_becomes};
use crate::support::channel::Channel;
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::{House, Pair};
use crate::support::redis::Redis;
use crate::support::server::Server;
use crate::support::{eventually, on_both_databases};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::HashMap;

const CUSTOMERS: usize = 50;
const KILLS: usize = 4;

on_both_databases!(
    fifty_triggers_and_kills_are_a_hundred_messages_in_order,
    a_broadcast_told_twice_at_once_is_one_run_each,
);

/// Tells of a trigger until it is answered, as a program should: with its key, to whichever server lives.
async fn tell(urls: &[String], address: &str, body: &Value) -> Value {
    let programs: Vec<_> = urls.iter().map(|url| Client::anonymous(url)).collect();
    let mut turn = 0;
    eventually("a trigger is taken", async || {
        turn += 1;
        let answer = programs[turn % programs.len()].try_post(address, body).await.ok()?;
        (answer.status == 201 || answer.status == 200).then_some(answer.json)
    })
    .await
}

async fn kill_in_turn(servers: &mut [&mut Server]) {
    for kill in 0..KILLS {
        let server = &mut *servers[kill % 2 % servers.len()];
        server.kill().await;
        server.starts_again().await;
    }
}

async fn fifty_triggers_and_kills_are_a_hundred_messages_in_order(database: Database) {
    let Some((mut house, mut second, _redis)) = open(database).await else { return };
    let channel = house.channel("whatsapp").await;
    let steps = json!([{"kind": "message", "text": "first for {{who}}"}, {"kind": "message", "text": "second for {{who}}"}]);
    let flow = make(&house.admin, json!({"kind": "webhook"}), steps).await;
    let (address, urls) = (address(&flow), urls(&house, second.as_ref()));
    let bodies: Vec<_> = (0..CUSTOMERS)
        .map(|n| {
            let customer = json!({"external_id": format!("1555770{n:04}")});
            json!({"channel_id": channel.id, "customer": customer, "variables": {"who": n}, "key": format!("k{n}")})
        })
        .collect();
    let telling = join_all(bodies.iter().map(|body| tell(&urls, &address, body)));
    let mut servers = vec![&mut house.server];
    servers.extend(second.as_mut());
    let (told, ()) = tokio::join!(telling, kill_in_turn(&mut servers));
    for body in &bodies {
        tell(&urls, &address, body).await;
    }
    let done = format!("/api/v1/flows/{}/runs?status=done", flow["id"]);
    eventually("all runs are done", async || (house.admin.all(&done).await.len() == CUSTOMERS).then_some(()))
        .await;
    for (n, answer) in told.iter().enumerate() {
        let said = house.admin.messages(number(&answer["conversation_id"])).await;
        let said: Vec<_> = said.iter().map(|message| message["content"].as_str().unwrap_or("")).collect();
        assert_eq!(said, [format!("first for {n}"), format!("second for {n}")]);
    }
    eventually("nothing waits to be sent", async || {
        let waiting =
            ["queued", "claimed", "sending"].map(|status| format!("/api/v1/deliveries?status={status}"));
        for path in waiting {
            if !house.admin.all(&path).await.is_empty() {
                return None;
            }
        }
        Some(())
    })
    .await;
    let mut accepted: HashMap<String, usize> = HashMap::new();
    for message in house.platform.accepted() {
        *accepted.entry(message.text).or_default() += 1;
    }
    assert!(accepted.values().all(|times| *times == 1), "sent twice: {accepted:?}");
    let unproved = house.admin.all("/api/v1/deliveries?status=unconfirmed").await.len();
    assert!(accepted.len() + unproved >= CUSTOMERS * 2, "{} and {unproved}", accepted.len());
}

/// Two servers where the database takes two, else one.
async fn open(database: Database) -> Option<(House, Option<Server>, Option<Redis>)> {
    if database.is_sqlite() {
        return Some((House::open(database).await, None, None));
    }
    let Pair { house, second, redis } = Pair::on(database).await?;
    Some((house, Some(second), Some(redis)))
}

fn urls(house: &House, second: Option<&Server>) -> Vec<String> {
    std::iter::once(house.url()).chain(second.map(Server::url)).collect()
}

/// 3,000 where `RAPPORT_TESTS_BROADCAST` says so; the suite has less time.
fn recipients() -> usize {
    std::env::var("RAPPORT_TESTS_BROADCAST").ok().and_then(|count| count.parse().ok()).unwrap_or(300)
}

async fn a_broadcast_told_twice_at_once_is_one_run_each(database: Database) {
    let Some((house, second, _redis)) = open(database).await else { return };
    let webchat = json!({"kind": "webchat", "name": "Site", "external_id": "site", "credentials": {}});
    let webchat = number(&house.admin.post("/api/v1/channels", &webchat).await.expect(201)["id"]);
    let whatsapp = Channel::usual(&house.admin, "whatsapp").await;
    let known = whatsapp.conversation(&house.admin, "15557700421").await;
    let steps = json!([{"kind": "message", "text": "News for {{name|you}}"}]);
    let flow = make(&house.admin, json!({"kind": "manual"}), steps).await;
    let count = recipients();
    let customers: Vec<_> = (0..count)
        .map(|n| json!({"external_id": format!("visitor-{n}"), "variables": {"name": format!("number {n}")}}))
        .collect();
    let body =
        json!({"key": "news", "conversation_ids": [known], "channel_id": webchat, "customers": customers});
    let path = format!("/api/v1/flows/{}/broadcasts", flow["id"]);
    let clients: Vec<_> =
        urls(&house, second.as_ref()).iter().cycle().take(2).map(|url| house.admin.at(url)).collect();
    let told = join_all(clients.iter().map(|client| client.post(&path, &body))).await;
    let told: Vec<_> = told.into_iter().map(|answer| answer.expect(200)).collect();
    let of = |name: &str| told.iter().map(|answer| number(&answer[name])).sum::<i64>();
    let everybody = i64::try_from(count + 1).expect("few");
    assert_eq!((of("started"), of("already_started")), (everybody, everybody), "{told:?}");
    assert!(told.iter().all(|answer| answer["failed"] == json!([])), "{told:?}");
    house.admin.post(&path, &json!({"key": "news", "conversation_ids": []})).await.refused(422);

    let shown = eventually("all runs are done", async || {
        let flow = house.admin.get(&format!("/api/v1/flows/{}", flow["id"])).await.expect(200);
        (flow["runs"]["done"] == everybody).then_some(flow)
    })
    .await;
    assert_eq!(shown["runs"], json!({"done": everybody}));
    run_becomes(&house.admin, &flow, "done").await;
    let conversations = house.admin.all(&format!("/api/v1/conversations?channel_id={webchat}")).await;
    assert_eq!(conversations.len(), count);
    let mut said: Vec<_> = conversations
        .iter()
        .inspect(|one| assert_eq!(one["version"], 1, "one message each: {one}"))
        .map(|one| one["last_message"]["content"].as_str().unwrap_or("").to_owned())
        .collect();
    said.sort();
    said.dedup();
    assert_eq!(said.len(), count, "everybody was called by name");
    house.platform.accepts("News for you").await;
    assert_eq!(house.platform.accepted().len(), 1);
}
