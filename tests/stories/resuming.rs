//! The heart of the promise: networks fail, servers die, and every screen ends with exactly what is stored.

use crate::support::channel::{Channel, results};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::follower::Follower;
use crate::support::house::House;
use crate::support::socket::Socket;
use crate::support::view::View;
use crate::support::webhooks::{post, try_post};
use crate::support::{PATIENCE, on_both_databases};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::watch;

const CUSTOMER: &str = "15557700421";

on_both_databases!(
    six_clients_on_a_bad_network_and_two_kills_end_with_the_databases_rows,
    whatever_was_answered_200_is_there_after_a_kill,
    after_gives_the_difference_once_then_what_comes,
    several_changes_of_one_message_are_replayed_as_its_newest,
    a_subscription_without_after_gets_only_what_comes,
);

/// Posts until it is answered 200, as a platform does.
async fn post_until_taken(url: &str, channel: &Channel, body: &Value) -> Vec<Value> {
    let posting = async {
        loop {
            match try_post(url, channel, body).await {
                Ok(answer) if answer.status == 200 => return results(answer),
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, posting).await.expect("the webhook is taken in the end")
}

async fn six_clients_on_a_bad_network_and_two_kills_end_with_the_databases_rows(database: Database) {
    let mut house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let (tell, calm) = watch::channel(None);
    let mut lives = tokio::task::JoinSet::new();
    for n in 0..6 {
        // Four of them write, 40 messages each; two only look on.
        let to_say: Vec<String> =
            (0..if n < 4 { 40 } else { 0 }).map(|line| format!("client {n} line {line}")).collect();
        lives.spawn(
            Follower::new(&format!("client-{n}"), &house.admin, conversation, &to_say).lives(calm.clone()),
        );
    }
    // 240 from the customer, each posted twice, while the server is killed at a third and at two thirds.
    let (url, customer) = (house.url(), channel.clone());
    let (progress, mut reached) = watch::channel(0);
    let posting = tokio::spawn(async move {
        for n in 0..240 {
            let body = customer.text(CUSTOMER, &format!("m_{n}"), &format!("customer {n}"));
            let (one, other) = tokio::join!(
                post_until_taken(&url, &customer, &body),
                post_until_taken(&url, &customer, &body)
            );
            assert_eq!(one.len() + other.len(), 2);
            progress.send_replace(n + 1);
        }
    });
    for kill_at in [80, 160] {
        reached.wait_for(|posted| *posted >= kill_at).await.expect("the customer goes on");
        house.server.kill().await;
        house.server.starts_again().await;
    }
    posting.await.expect("all were taken");

    let all_said = async || {
        let rows = house.admin.messages(conversation).await;
        (rows.len() == 400
            && rows.iter().all(|row| !matches!(row["status"].as_str(), Some("queued" | "sending"))))
        .then_some(rows)
    };
    let rows = eventually_long("400 messages stored, none owed", all_said).await;
    let version = number(
        &house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200)["version"],
    );
    tell.send_replace(Some(version));
    while let Some(follower) = lives.join_next().await {
        let follower = follower.expect("no client panics");
        assert!(follower.sessions > 1, "{} was never cut", follower.name);
        follower.view.shows(&rows, &follower.name);
    }
    let contents: BTreeSet<&str> = rows.iter().filter_map(|row| row["content"].as_str()).collect();
    assert_eq!(contents.len(), 400, "every text once");
    let seqs: Vec<i64> = rows.iter().map(|row| number(&row["seq"])).collect();
    assert!(seqs.is_sorted_by(|one, next| one < next));
    let texts: Vec<String> = house.platform.accepted().into_iter().map(|accepted| accepted.text).collect();
    let once: BTreeSet<&String> = texts.iter().collect();
    assert_eq!(texts.len(), once.len(), "nothing was handed to the platform twice");
}

/// Sends are paced by the platforms' budgets: this one waits longer than a condition usually may.
pub async fn eventually_long<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..3 {
        let asked = async {
            loop {
                if let Some(answer) = ask().await {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        if let Ok(answer) = tokio::time::timeout(PATIENCE, asked).await {
            return answer;
        }
    }
    panic!("never came true: {what}");
}

async fn whatever_was_answered_200_is_there_after_a_kill(database: Database) {
    let mut house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let mut answered: Vec<String> = Vec::new();
    for round in 0..4 {
        let (told, mut first) = watch::channel(0_usize);
        let (url, posting) = (house.url(), channel.clone());
        let load = tokio::spawn(async move {
            let mut taken = Vec::new();
            for n in 0.. {
                let posts = (0..8).map(|lane| {
                    let (url, posting) = (&url, &posting);
                    async move {
                        let id = format!("wamid.{round}.{n}.{lane}");
                        let customer = format!("1555770{lane:04}");
                        let answer = try_post(url, posting, &posting.text(&customer, &id, &id)).await;
                        (id, answer.is_ok_and(|answer| answer.status == 200))
                    }
                });
                let answers = futures_util::future::join_all(posts).await;
                let all = answers.iter().all(|(_, yes)| *yes);
                taken.extend(answers.into_iter().filter(|(_, yes)| *yes).map(|(id, _)| id));
                told.send_replace(taken.len());
                if !all {
                    return taken;
                }
            }
            taken
        });
        first.wait_for(|taken| *taken > 40).await.expect("the load goes on");
        house.server.kill().await;
        answered.extend(load.await.expect("no panic"));
        house.server.starts_again().await;
        let mut stored = BTreeSet::new();
        for conversation in house.admin.all("/api/v1/conversations").await {
            for message in house.admin.messages(number(&conversation["id"])).await {
                let id = message["platform_message_id"].as_str().expect("from a platform").to_owned();
                assert!(stored.insert(id.clone()), "{id} is there twice");
            }
        }
        let lost: Vec<_> = answered.iter().filter(|id| !stored.contains(*id)).collect();
        assert!(lost.is_empty(), "answered 200 and gone: {lost:?}");
    }
}

async fn after_gives_the_difference_once_then_what_comes(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("instagram").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    for n in 0..120 {
        post(&house.url(), &channel, &channel.text(CUSTOMER, &format!("aWd{n}"), &format!("{n}")))
            .await
            .expect(200);
    }
    for after in [0, 1, 60, 119, 120] {
        let session = Socket::open(&house.admin).await;
        let subscribed = session.subscribe(conversation, Some(after)).await;
        assert_eq!(subscribed["version"], 120);
        let versions: Vec<i64> =
            session.versioned(conversation).iter().map(|frame| number(&frame["version"])).collect();
        assert_eq!(versions, (after + 1..=120).collect::<Vec<_>>(), "before `subscribed`, after {after}");
        session.is_faultless();
    }
    let session = Socket::open(&house.admin).await;
    // While a replay is under way, more comes.
    session.send(&json!({"type": "subscribe", "conversation_id": conversation, "after": 0}));
    for n in 120..140 {
        post(&house.url(), &channel, &channel.text(CUSTOMER, &format!("aWd{n}"), &format!("{n}")))
            .await
            .expect(200);
    }
    session
        .until("all", |frames| {
            (frames.iter().filter(|frame| frame["type"] == "chat_message").count() == 140).then_some(())
        })
        .await;
    session.is_level().await;
    session.is_faultless();
    let mut view = View::default();
    session.frames().iter().for_each(|frame| view.apply(conversation, frame));
    view.shows(&house.admin.messages(conversation).await, "the late session");
}

async fn several_changes_of_one_message_are_replayed_as_its_newest(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.in", "hello")).await.expect(200);
    house.admin.say(conversation, "c", "answer").await.expect(201);
    let id = house.platform.accepts("answer").await.id;
    super::sending::reaches(&house.admin, conversation, "c", "sent").await;
    for status in ["delivered", "read"] {
        post(&house.url(), &channel, &channel.status(CUSTOMER, &id, status, None)).await.expect(200);
    }
    let version = number(
        &house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200)["version"],
    );
    // One that knew the answer as it was written: its seq is not above `after`, so it has changed, not come.
    for (after, kinds) in [
        (0, vec!["chat_message", "chat_message"]),
        (1, vec!["chat_message"]),
        (2, vec!["message_updated"]),
        (version, vec![]),
    ] {
        let session = Socket::open(&house.admin).await;
        assert_eq!(session.subscribe(conversation, Some(after)).await["version"], version);
        let frames = session.versioned(conversation);
        let got: Vec<_> = frames.iter().map(|frame| frame["type"].as_str().expect("a type")).collect();
        assert_eq!(got, kinds, "after {after}");
        if let Some(last) = frames.last() {
            assert_eq!((&last["version"], &last["message"]["status"]), (&json!(version), &json!("read")));
        }
    }
}

async fn a_subscription_without_after_gets_only_what_comes(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.1", "before")).await.expect(200);
    let session = Socket::open(&house.admin).await;
    assert_eq!(session.subscribe(conversation, None).await["version"], 1);
    post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.2", "now")).await.expect(200);
    assert_eq!(session.frame("chat_message").await["message"]["content"], "now");
    session.send(&json!({"type": "unsubscribe", "conversation_id": conversation}));
    session.is_level().await;
    post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.3", "later")).await.expect(200);
    session.is_level().await;
    assert_eq!(session.of_type("chat_message").len(), 1, "unsubscribed");
    session.subscribe(conversation, Some(2)).await;
    assert_eq!(session.of_type("chat_message").len(), 2, "and back again");
    session.is_faultless();
}
