//! Many at once: none swallowed, none doubled, and one that nobody can read costs no other.

use crate::support::channel::{Channel, results};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::webhooks::post;
use crate::support::{eventually, on_both_databases};
use futures_util::StreamExt;
use futures_util::stream;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

on_both_databases!(
    a_batch_with_one_poisoned_event_stores_all_others,
    five_times_ok_from_app_and_phone_are_five_messages,
);

/// Conversations in the second story; 1,000 by `RAPPORT_TESTS_CROWD`.
fn crowd() -> usize {
    std::env::var("RAPPORT_TESTS_CROWD").ok().and_then(|count| count.parse().ok()).unwrap_or(12)
}

async fn a_batch_with_one_poisoned_event_stores_all_others(database: Database) {
    let house = House::open(database).await;
    for (kind, count) in [("whatsapp", 1000), ("instagram", 200), ("messenger", 200)] {
        let channel = house.channel(kind).await;
        let messages: Vec<_> = (0..count).map(|n| (format!("{kind}-{n}"), format!("number {n}"))).collect();
        let mut body = channel.batch("15557700421", &messages);
        // It looks like a message and has no id.
        match kind {
            "whatsapp" => drop(body["entry"][0]["changes"][0]["value"]["messages"][count / 2]["id"].take()),
            _ => drop(body["entry"][0]["messaging"][count / 2]["message"]["mid"].take()),
        }
        for round in ["stored", "duplicate"] {
            let answer = results(post(&house.url(), &channel, &body).await);
            let outcomes = |outcome: &str| answer.iter().filter(|one| one["outcome"] == outcome).count();
            assert_eq!((outcomes(round), outcomes("ignored"), answer.len()), (count - 1, 1, count), "{kind}");
            let quarantined = house.admin.all("/api/v1/quarantine").await;
            assert_eq!(
                quarantined.iter().filter(|one| one["channel_id"] == channel.id).count(),
                1,
                "{kind} {round}"
            );
            let conversation = answer.iter().find_map(|one| one["conversation_id"].as_i64()).expect("stored");
            let stored = house.admin.messages(conversation).await;
            let ids: HashSet<_> = stored
                .iter()
                .map(|one| one["platform_message_id"].as_str().expect("an id").to_owned())
                .collect();
            assert_eq!((stored.len(), ids.len()), (count - 1, count - 1), "{kind} {round}");
        }
    }
}

async fn five_times_ok_from_app_and_phone_are_five_messages(database: Database) {
    let house = House::open(database).await;
    let mut channels = Vec::new();
    for kind in ["whatsapp", "instagram", "messenger"] {
        channels.push(house.channel(kind).await);
    }
    let told: Vec<_> = stream::iter((0..crowd()).map(|n| {
        let (house, channel) = (&house, &channels[n % channels.len()]);
        async move { (channel, n, five_times_ok(house, channel, n).await) }
    }))
    .buffer_unordered(16)
    .collect()
    .await;
    for (channel, n, conversation) in told {
        let messages = eventually(&format!("all of {} {n}", channel.kind), async || {
            let messages = house.admin.messages(conversation).await;
            let is_settled = messages
                .iter()
                .all(|message| ["sent", "received"].contains(&message["status"].as_str().unwrap_or("")));
            (is_settled && messages.len() >= 6).then_some(messages)
        })
        .await;
        let by = |origin: &str| {
            messages.iter().filter(|one| one["content"] == "ok" && one["origin"] == origin).count()
        };
        assert_eq!(
            (by("api") + by("app"), by("phone"), messages.len()),
            (2, 3, 6),
            "{} {n}: {messages:#?}",
            channel.kind
        );
    }
    let mut taken: HashMap<String, usize> = HashMap::new();
    for accepted in house.platform.accepted() {
        *taken.entry(format!("{} {}", accepted.platform, accepted.to)).or_default() += 1;
    }
    assert_eq!(taken.len(), crowd(), "every customer was written to");
    assert!(taken.values().all(|count| *count == 2), "each of ours was sent once: {taken:?}");
}

/// Two from the app, three from the phone, all within a moment; echoes of ours come when they like.
async fn five_times_ok(house: &House, channel: &Channel, n: usize) -> i64 {
    let customer = format!("1666{n:07}");
    let answer = post(&house.url(), channel, &channel.text(&customer, &format!("hello-{n}"), "hello")).await;
    let conversation = number(&results(answer)[0]["conversation_id"]);
    let phone = async |m: usize| {
        let echo = channel.echo(&customer, &format!("phone-{n}-{m}"), "ok", None);
        for _ in 0..2 {
            post(&house.url(), channel, &echo).await.expect(200);
        }
    };
    let app = async |m: usize| {
        let client_id = format!("app-{m}");
        house.admin.say(conversation, &client_id, "ok").await.expect(201);
    };
    tokio::join!(app(0), phone(0), phone(1), app(1), phone(2));
    if channel.kind != "whatsapp" {
        let is_theirs = |one: &&crate::support::platform::Accepted| one.to == customer;
        let ours = eventually("both of ours are taken", async || {
            let accepted: Vec<_> = house.platform.accepted().iter().filter(is_theirs).cloned().collect();
            (accepted.len() == 2).then_some(accepted)
        })
        .await;
        for accepted in ours {
            let echo: Value = channel.echo(&customer, &accepted.id, "ok", accepted.token.as_deref());
            post(&house.url(), channel, &echo).await.expect(200);
        }
    }
    conversation
}
