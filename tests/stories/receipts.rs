//! Receipts: they only go up, may come first, twice, or in any order, and prove what an answer did not.

use super::sending::reaches;
use crate::support::channel::Channel;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::platform::Manner;
use crate::support::socket::Socket;
use crate::support::webhooks::{event, now, post};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Notify;

const CUSTOMER: &str = "15557700421";

on_both_databases!(
    statuses_in_any_order_end_at_the_highest,
    a_failure_counts_only_below_delivered,
    a_receipt_that_beats_the_answer_is_not_lost,
    a_receipt_with_our_token_proves_a_lost_answer,
    a_watermark_reaches_everything_sent_before_it,
    instagram_marks_everything_up_to_the_seen_message,
    a_receipt_for_a_stranger_is_no_message,
);

/// A conversation begun by us; the message's platform id.
async fn sent(house: &House, channel: &Channel, client_id: &str, text: &str) -> (i64, String) {
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    house.admin.say(conversation, client_id, text).await.expect(201);
    let accepted = house.platform.accepts(text).await;
    reaches(&house.admin, conversation, client_id, "sent").await;
    (conversation, accepted.id)
}

async fn status_of(house: &House, conversation: i64, client_id: &str) -> Value {
    let messages = house.admin.messages(conversation).await;
    messages.iter().find(|message| message["client_id"] == client_id).expect("it is there")["status"].clone()
}

async fn statuses_in_any_order_end_at_the_highest(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let orders = [
        ["sent", "delivered", "read"],
        ["read", "delivered", "sent"],
        ["delivered", "sent", "read"],
        ["read", "sent", "delivered"],
        ["delivered", "read", "sent"],
        ["sent", "read", "delivered"],
    ];
    let session = Socket::open(&house.admin).await;
    let mut conversation = 0;
    for (n, order) in orders.into_iter().enumerate() {
        let (client_id, text) = (format!("c-{n}"), format!("order {n}"));
        let id;
        (conversation, id) = sent(&house, &channel, &client_id, &text).await;
        session.subscribe(conversation, None).await;
        for status in order.into_iter().chain(order) {
            let answer = post(&house.url(), &channel, &channel.status(CUSTOMER, &id, status, None)).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        assert_eq!(status_of(&house, conversation, &client_id).await, "read", "{order:?}");
    }
    session.is_level().await;
    session.is_faultless();
    assert_eq!(house.admin.messages(conversation).await.len(), orders.len(), "receipts are no messages");
}

async fn a_failure_counts_only_below_delivered(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (conversation, id) = sent(&house, &channel, "c-1", "will fail").await;
    post(&house.url(), &channel, &channel.status(CUSTOMER, &id, "failed", None)).await.expect(200);
    let message = reaches(&house.admin, conversation, "c-1", "failed").await;
    assert!(
        message["error"].to_string().contains("Re-engagement")
            || message["error"].to_string().contains("24 hours"),
        "{}",
        message["error"]
    );
    let (conversation, id) = sent(&house, &channel, "c-2", "will arrive").await;
    for status in ["delivered", "failed"] {
        post(&house.url(), &channel, &channel.status(CUSTOMER, &id, status, None)).await.expect(200);
    }
    assert_eq!(status_of(&house, conversation, "c-2").await, "delivered");
}

async fn a_receipt_that_beats_the_answer_is_not_lost(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    for (client_id, with_token) in [("c-token", true), ("c-bare", false)] {
        let let_go = Arc::new(Notify::new());
        house.platform.meets(client_id, Manner::AcceptAndHold(let_go.clone()), 1);
        house.admin.say(conversation, client_id, client_id).await.expect(201);
        let accepted = house.platform.accepts(client_id).await;
        let token = accepted.token.as_deref().filter(|_| with_token);
        post(&house.url(), &channel, &channel.status(CUSTOMER, &accepted.id, "read", token))
            .await
            .expect(200);
        if with_token {
            reaches(&house.admin, conversation, client_id, "read").await; // binds at once, the attempt still running
        }
        let_go.notify_one();
        let message = reaches(&house.admin, conversation, client_id, "read").await;
        assert_eq!(message["platform_message_id"], accepted.id.as_str());
    }
}

async fn a_receipt_with_our_token_proves_a_lost_answer(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    house.platform.meets("lost", Manner::AcceptAndHangUp, 1);
    house.admin.say(conversation, "c", "lost").await.expect(201);
    let accepted = house.platform.accepts("lost").await;
    reaches(&house.admin, conversation, "c", "unconfirmed").await;
    post(
        &house.url(),
        &channel,
        &channel.status(CUSTOMER, &accepted.id, "delivered", accepted.token.as_deref()),
    )
    .await
    .expect(200);
    let message = reaches(&house.admin, conversation, "c", "delivered").await;
    assert_eq!(message["platform_message_id"], accepted.id.as_str());
    // From now on its id is known: receipts without the token find it.
    post(&house.url(), &channel, &channel.status(CUSTOMER, &accepted.id, "read", None)).await.expect(200);
    reaches(&house.admin, conversation, "c", "read").await;
    assert_eq!(house.platform.accepted_with("lost").len(), 1);
}

async fn a_watermark_reaches_everything_sent_before_it(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let (conversation, _) = sent(&house, &channel, "c-1", "one").await;
    sent(&house, &channel, "c-2", "two").await;
    let later = (now() + 60) * 1000;
    let receipt = |key: &str, watermark: i64| {
        channel.messaging(&[event(CUSTOMER, &channel.external_id, json!({key: {"watermark": watermark}}))])
    };
    post(&house.url(), &channel, &receipt("read", 1_000_000_000_000)).await.expect(200);
    assert_eq!(status_of(&house, conversation, "c-1").await, "sent", "before the watermark nothing was sent");
    post(&house.url(), &channel, &receipt("delivery", later)).await.expect(200);
    for client_id in ["c-1", "c-2"] {
        assert_eq!(status_of(&house, conversation, client_id).await, "delivered");
    }
    post(&house.url(), &channel, &receipt("read", later)).await.expect(200);
    post(&house.url(), &channel, &receipt("delivery", later)).await.expect(200);
    for client_id in ["c-1", "c-2"] {
        assert_eq!(status_of(&house, conversation, client_id).await, "read");
    }
}

async fn instagram_marks_everything_up_to_the_seen_message(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("instagram").await;
    sent(&house, &channel, "c-1", "one").await;
    let (_, second) = sent(&house, &channel, "c-2", "two").await;
    let (conversation, _) = sent(&house, &channel, "c-3", "three").await;
    let seen = channel.messaging(&[event(CUSTOMER, &channel.external_id, json!({"read": {"mid": second}}))]);
    post(&house.url(), &channel, &seen).await.expect(200);
    let statuses: Vec<_> =
        house.admin.messages(conversation).await.iter().map(|message| message["status"].clone()).collect();
    assert_eq!(statuses, [json!("read"), json!("read"), json!("sent")]);
}

async fn a_receipt_for_a_stranger_is_no_message(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let answer = post(&house.url(), &channel, &channel.status(CUSTOMER, "wamid.stranger", "read", None))
        .await
        .expect(200);
    assert_ne!(answer["results"][0]["outcome"], "stored");
    assert_eq!(house.admin.all("/api/v1/conversations").await.len(), 0);
}
