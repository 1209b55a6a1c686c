//! Messages that arrive together are written together, and that must not show: what a body of many events leaves
//! behind is what the same events leave one by one.

use crate::support::channel::{Channel, results};
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::{House, settings};
use crate::support::on_both_databases;
use crate::support::server::Server;
use crate::support::socket::Socket;
use crate::support::webhooks::{now, post};
use serde_json::{Value, json};

const KNOWN: [&str; 2] = ["15557700421", "15557700422"];
const NEW: &str = "15557700423";

on_both_databases!(
    a_body_of_many_leaves_what_one_by_one_leaves,
    many_bodies_at_once_leave_each_message_once,
    a_sign_that_no_database_takes_costs_nobody_else,
);

/// (customer, id, what it is): the usual and what interrupts it.
fn events(channel: &Channel) -> Vec<Value> {
    let [ann, bob] = KNOWN;
    let mut image = channel.text(ann, "a3", "");
    image["entry"][0]["changes"][0]["value"]["messages"][0] = json!({"from": ann, "id": "a3", "type": "image",
        "timestamp": now().to_string(), "image": {"id": "1", "mime_type": "image/jpeg", "caption": "look"}});
    let mut reply = channel.text(bob, "b2", "yes, that one");
    reply["entry"][0]["changes"][0]["value"]["messages"][0]["context"] = json!({"id": "b1"});
    let mut renamed = channel.text(bob, "b4", "a new name");
    renamed["entry"][0]["changes"][0]["value"]["contacts"][0]["profile"]["name"] = json!("Bob II");
    vec![
        channel.text(ann, "a1", "one"),
        channel.text(bob, "b1", "uno"),
        channel.text(ann, "a2", "two"),
        channel.text(NEW, "c1", "I am new"),
        channel.text(NEW, "c2", "still new"),
        image,
        channel.text(ann, "a4", "behind the picture"),
        channel.text(bob, "b1", "uno"),
        reply,
        channel.text(bob, "b3", "tres"),
        renamed,
        channel.text(bob, "b5", "cinco"),
        channel.text(ann, "a5", "three"),
    ]
}

async fn knows(house: &House, external_id: &str) -> Channel {
    let channel = Channel::connect(&house.admin, "whatsapp", external_id).await;
    for customer in KNOWN {
        let first = channel.text(customer, &format!("first.{customer}"), "hello");
        post(&house.url(), &channel, &first).await.expect(200);
    }
    channel
}

/// What people see of each customer's conversation, without ids and clocks.
async fn seen(client: &Client, channel: &Channel) -> Vec<Value> {
    let mut seen = Vec::new();
    for customer in [KNOWN[0], KNOWN[1], NEW] {
        let conversation = channel.conversation(client, customer).await;
        let shown = client.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
        let messages = client.messages(conversation).await;
        let plain = |message: &Value| {
            json!([
                message["seq"],
                message["version"],
                message["sender_type"],
                message["sender"]["name"],
                message["origin"],
                message["message_type"],
                message["content"],
                message["reply_to"].is_null(),
                message["status"],
                message["attachments"].as_array().map(Vec::len),
                message["platform_message_id"]
            ])
        };
        seen.push(json!({
            "messages": messages.iter().map(plain).collect::<Vec<_>>(),
            "unread": shown["unread_count"], "version": shown["version"], "status": shown["status"],
            "last": shown["last_message"]["content"], "name": shown["customer"]["name"],
            "window": shown["window_expires_at"].is_null(),
        }));
    }
    seen
}

async fn a_body_of_many_leaves_what_one_by_one_leaves(database: Database) {
    let house = House::open(database).await;
    let (together, alone) = (knows(&house, "731904466218053").await, knows(&house, "731904466218054").await);
    let conversation = together.conversation(&house.admin, KNOWN[1]).await;
    let closed = json!({"status": "closed"});
    house.admin.patch(&format!("/api/v1/conversations/{conversation}"), &closed).await.expect(200);
    let other = alone.conversation(&house.admin, KNOWN[1]).await;
    house.admin.patch(&format!("/api/v1/conversations/{other}"), &closed).await.expect(200);
    let (room, list) = (Socket::open(&house.admin).await, Socket::open(&house.admin).await);
    room.subscribe(conversation, Some(0)).await;
    list.watch("all").await;

    let mut body = json!({"object": "whatsapp_business_account", "entry": []});
    let entries: Vec<Value> = events(&together).into_iter().map(|event| event["entry"][0].clone()).collect();
    body["entry"] = entries.into();
    let outcome =
        |results: Vec<Value>| results.iter().map(|result| result["outcome"].clone()).collect::<Vec<_>>();
    let at_once = outcome(results(post(&house.url(), &together, &body).await));
    let mut one_by_one = Vec::new();
    for event in events(&alone) {
        one_by_one.extend(outcome(results(post(&house.url(), &alone, &event).await)));
    }
    assert_eq!(at_once, one_by_one);
    assert_eq!(seen(&house.admin, &together).await, seen(&house.admin, &alone).await);

    let version = house.admin.messages(conversation).await.len();
    room.until("every message of the one customer", |frames| {
        (frames.iter().filter(|frame| frame["type"] == "chat_message").count() == version).then_some(())
    })
    .await;
    room.is_faultless();
    list.until("the list tells of the last one", |frames| {
        let last = |frame: &&Value| {
            number(&frame["conversation"]["id"]) == conversation
                && frame["conversation"]["last_message"]["content"] == "cinco"
        };
        frames.iter().filter(|frame| frame["type"] == "conversation_updated").find(last).cloned()
    })
    .await;
    list.is_faultless();
    sound(&house).await;
}

/// The database holds nothing that must not be.
async fn sound(house: &House) {
    let (status, said) = Server::told(settings(&house.database, &house.platform), "verify").await;
    assert_eq!(status.code(), Some(0), "{said}");
}

async fn many_bodies_at_once_leave_each_message_once(database: Database) {
    let house = House::open(database).await;
    let channel = knows(&house, "731904466218053").await;
    let bodies: Vec<Value> = (0..150)
        .map(|n| channel.text(KNOWN[n % 2], &format!("wamid.{}", n / 2 * 2 + n % 2), &format!("{n}")))
        .collect();
    // Each twice, all at once.
    let url = house.url();
    let posts = bodies.iter().chain(&bodies).map(|body| post(&url, &channel, body));
    let answers = futures_util::future::join_all(posts).await;
    let outcomes: Vec<Value> =
        answers.into_iter().map(|answer| results(answer).remove(0)["outcome"].clone()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "stored").count(), 150);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "duplicate").count(), 150);
    for customer in KNOWN {
        let conversation = channel.conversation(&house.admin, customer).await;
        let messages = house.admin.messages(conversation).await;
        let seqs: Vec<i64> = messages.iter().map(|message| number(&message["seq"])).collect();
        assert_eq!(seqs, (1..=76).collect::<Vec<_>>(), "{customer}");
    }
    sound(&house).await;
}

async fn a_sign_that_no_database_takes_costs_nobody_else(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    post(&house.url(), &channel, &channel.text(KNOWN[0], "w0", "hello")).await.expect(200);
    let conversation = channel.conversation(&house.admin, KNOWN[0]).await;
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let says = |client_id: String| json!({"client_id": client_id, "content": "x"});
    let bad = says("c\u{0}x".into());
    let template = json!({"client_id": "t\u{0}", "template": {"name": "a\u{0}b", "language": "en"}});
    let to = json!({"to": "nobody\u{0}", "content": "x", "client_id": "d"});
    let rounds = (0..12).map(async |n| {
        let good = says(format!("good-{n}"));
        let body = channel.text(KNOWN[0], &format!("n{n}"), "at the same time");
        let url = house.url();
        let (odd, odder, direct, fine, hook) = tokio::join!(
            house.admin.post(&path, &bad),
            house.admin.post(&path, &template),
            house.admin.post("/api/v1/direct-messages", &to),
            house.admin.post(&path, &good),
            post(&url, &channel, &body),
        );
        assert_eq!((odd.status, odder.status), (422, 422), "{} {}", odd.text, odder.text);
        assert!(direct.status >= 400, "{}", direct.text);
        assert_eq!((fine.status, hook.status), (201, 200), "{} {}", fine.text, hook.text);
    });
    futures_util::future::join_all(rounds).await;
    assert_eq!(house.admin.messages(conversation).await.len(), 25, "each once, and nothing odd");
}
