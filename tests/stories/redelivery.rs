//! Platforms deliver at least once, often at the same time; what is stored and shown is once.

use crate::support::channel::{outcome, results};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use futures_util::future::join_all;
use std::collections::HashMap;

const CUSTOMER: &str = "15557700421";

on_both_databases!(
    twenty_five_messages_delivered_forty_times_each_are_twenty_five,
    a_redelivered_batch_stores_what_is_new_only,
    two_equal_texts_are_two_messages,
);

/// Delivers 25 messages, each 40 times at once, over these servers by turns; counts the outcomes.
pub async fn deliver_forty_times(
    urls: &[String],
    channel: &crate::support::channel::Channel,
) -> HashMap<String, usize> {
    let mut outcomes = HashMap::new();
    for message in 0..25 {
        let body = channel.text(CUSTOMER, &format!("wamid.again{message}"), &format!("message {message}"));
        let posts = (0..40).map(|copy| post(&urls[copy % urls.len()], channel, &body));
        for answer in join_all(posts).await {
            *outcomes.entry(outcome(answer)).or_default() += 1;
        }
    }
    outcomes
}

async fn twenty_five_messages_delivered_forty_times_each_are_twenty_five(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let sessions = [
        Socket::open(&house.admin).await,
        Socket::open(&house.admin).await,
        Socket::open(&house.admin).await,
        Socket::open(&house.admin).await,
    ];
    for session in &sessions {
        session.subscribe(conversation, None).await;
    }
    let outcomes = deliver_forty_times(&[house.url()], &channel).await;
    assert_eq!(outcomes, HashMap::from([("stored".into(), 25), ("duplicate".into(), 975)]));
    assert_eq!(house.admin.messages(conversation).await.len(), 25);
    for session in &sessions {
        shows_each_once(session, conversation, 25).await;
    }
}

/// `count` messages as `chat_message`, in the order of their versions, and nothing else.
pub async fn shows_each_once(session: &Socket, conversation: i64, count: usize) {
    session
        .until("every message", |frames| {
            (frames.iter().filter(|frame| frame["type"] == "chat_message").count() >= count).then_some(())
        })
        .await;
    session.is_level().await;
    session.is_faultless();
    let versions: Vec<i64> =
        session.versioned(conversation).iter().map(|frame| number(&frame["version"])).collect();
    assert_eq!(versions, (1..=i64::try_from(count).expect("few")).collect::<Vec<_>>());
    assert_eq!(session.of_type("chat_message").len(), count);
    assert_eq!(
        session.of_type("chat_message")[0]["is_new_conversation"],
        true,
        "the conversation's first message"
    );
    assert_eq!(session.of_type("chat_message")[1]["is_new_conversation"], false);
}

async fn a_redelivered_batch_stores_what_is_new_only(database: Database) {
    let house = House::open(database).await;
    for kind in ["whatsapp", "instagram", "messenger"] {
        let channel = house.channel(kind).await;
        let messages: Vec<_> = (0..10).map(|n| (format!("{kind}-{n}"), format!("text {n}"))).collect();
        let outcomes = |answer| {
            results(answer)
                .iter()
                .map(|result| result["outcome"].as_str().expect("one").to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            outcomes(post(&house.url(), &channel, &channel.batch(CUSTOMER, &messages[..6])).await),
            ["stored"; 6]
        );
        // The platform joins what it repeats with what is new, and repeats one of them within the body.
        let mut more = messages[3..].to_vec();
        more.push(messages[9].clone());
        let answer = outcomes(post(&house.url(), &channel, &channel.batch(CUSTOMER, &more)).await);
        let expected =
            ["duplicate", "duplicate", "duplicate", "stored", "stored", "stored", "stored", "duplicate"];
        assert_eq!(answer, expected, "{kind}");
        let conversation = channel.conversation(&house.admin, CUSTOMER).await;
        let texts: Vec<_> = house
            .admin
            .messages(conversation)
            .await
            .iter()
            .map(|message| message["content"].clone())
            .collect();
        assert_eq!(
            texts,
            (0..10).map(|n| serde_json::json!(format!("text {n}"))).collect::<Vec<_>>(),
            "{kind}"
        );
    }
}

async fn two_equal_texts_are_two_messages(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    for n in 0..5 {
        assert_eq!(
            outcome(post(&house.url(), &channel, &channel.text(CUSTOMER, &format!("m_{n}"), "ok")).await),
            "stored"
        );
    }
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    assert_eq!(house.admin.messages(conversation).await.len(), 5);
}
