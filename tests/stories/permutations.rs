//! A platform promises no order: whatever order the deliveries of one story come in, with the answer of our own
//! send somewhere among them, the same is seen in the end. Each order is told to a customer of its own.
//! Over 400 lines because the orders, the events and the state they are judged by belong together.

use crate::support::channel::Channel;
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::platform::{Accepted, Manner};
use crate::support::webhooks::{now, post};
use crate::support::{eventually, on_both_databases};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Notify;

on_both_databases!(
    whatsapp_in_any_order_ends_the_same,
    instagram_in_any_order_ends_the_same,
    messenger_in_any_order_ends_the_same,
    telegram_in_any_order_ends_the_same,
);

/// Orders tried of each platform; more by `RAPPORT_TESTS_ORDERS`.
fn orders() -> u32 {
    std::env::var("RAPPORT_TESTS_ORDERS").ok().and_then(|count| count.parse().ok()).unwrap_or(20)
}

/// One delivery: a webhook, or the answer of our own send.
#[derive(Clone)]
enum Step {
    Webhook(&'static str, Value),
    Answer,
}

/// One customer's story, ready to be told in any order.
struct Story {
    channel: Channel,
    /// The customer, and the suffix of every platform id.
    customer: String,
    /// The provider's first moment, in milliseconds.
    begins: i64,
    ours: Accepted,
    /// A message was taken back before it came.
    is_gone_first: bool,
}

impl Story {
    fn id(&self, name: &str) -> String {
        match self.channel.kind {
            "telegram" => {
                (["hello", "more", "phone1", "phone2"].iter().position(|one| *one == name).expect("a name")
                    + 1)
                .to_string()
            }
            _ => format!("{name}-{}", self.customer),
        }
    }

    fn seconds(&self, at: i64) -> i64 {
        self.begins / 1000 + at
    }

    /// What a platform's id stands for in the state.
    fn name_of(&self, id: &str) -> String {
        if id == self.ours.id || id.ends_with(&format!(":{}", self.ours.id)) {
            return "ours".into();
        }
        match self.channel.kind {
            "telegram" => ["hello", "more", "phone1", "phone2"]
                .into_iter()
                .find(|name| id.ends_with(&format!(":{}", self.id(name))))
                .unwrap_or(id)
                .into(),
            _ => id.trim_end_matches(&format!("-{}", self.customer)).into(),
        }
    }
}

/// Tells a kind's story in many orders, and in the order it happened.
async fn in_any_order(database: Database, kind: &'static str, steps: fn(&Story) -> Vec<Step>, count: usize) {
    let house = Arc::new(House::open(database).await);
    let channel = house.channel(kind).await;
    let (story, conversation) = tell(&house, &channel, 0, steps, &(0..count).collect::<Vec<_>>()).await;
    let straight = Arc::new(state_of(&house, &story, conversation).await);
    assert_eq!(straight["ours"]["content"], "ok", "{straight:#?}");
    let runtime = tokio::runtime::Handle::current();
    let told = tokio::task::spawn_blocking(move || {
        let number = std::cell::Cell::new(0);
        let mut runner = TestRunner::new(Config {
            cases: orders(),
            max_shrink_iters: 40,
            failure_persistence: None,
            ..Config::default()
        });
        let shuffled = Just((0..count).collect::<Vec<_>>()).prop_shuffle();
        runner.run(&shuffled, |order| {
            number.set(number.get() + 1);
            let told = runtime.block_on(tell(&house, &channel, number.get(), steps, &order));
            let expected = end_of(&straight, &told.0);
            let state = runtime.block_on(settled(&house, &told, &expected));
            let differs = |(name, _): &(&String, &Value)| state.get(*name) != expected.get(*name);
            let other: Vec<_> = state
                .iter()
                .filter(differs)
                .map(|(name, seen)| format!("{name}: {seen} instead of {:?}", expected.get(name)))
                .collect();
            prop_assert!(
                other.is_empty() && state.len() == expected.len(),
                "in the order {:?}: {:#?}",
                order,
                other
            );
            Ok(())
        })
    });
    if let Err(failure) = told.await.expect("no panic") {
        panic!("{failure}");
    }
}

/// What must be seen in the end: the same in every order, but that a message which was taken back before it
/// came is nobody's unread one (contract 6).
fn end_of(straight: &BTreeMap<String, Value>, story: &Story) -> BTreeMap<String, Value> {
    let mut end = straight.clone();
    if let Some(conversation) = end.get_mut("conversation").filter(|_| story.is_gone_first) {
        let unread = number(&conversation["unread"]);
        conversation["unread"] = (unread - 1).into();
    }
    end
}

/// Whether the story's unsending stands before the message it takes back.
fn is_gone_first(steps: &[Step], order: &[usize]) -> bool {
    let place_of = |names: &[&str]| {
        order.iter().position(|step| matches!(&steps[*step], Step::Webhook(name, _) if names.contains(name)))
    };
    let (gone, came) = (place_of(&["revoke", "unsend", "deletion"]), place_of(&["more"]));
    gone.zip(came).is_some_and(|(gone, came)| gone < came)
}

/// Tells the story to one customer; gives what is seen in the end.
async fn tell(
    house: &House,
    channel: &Channel,
    number_of: i64,
    steps: fn(&Story) -> Vec<Step>,
    order: &[usize],
) -> (Story, i64) {
    let customer = (1_557_000_000 + number_of).to_string();
    let conversation = begin(house, channel, &customer).await;
    let let_go = Arc::new(Notify::new());
    house.platform.meets("ok", Manner::AcceptAndHold(let_go.clone()), 1);
    let before = house.platform.accepted().len();
    house.admin.say(conversation, "ours", "ok").await.expect(201);
    let ours =
        eventually("our send is under way", async || house.platform.accepted().get(before).cloned()).await;
    let mut story =
        Story { channel: channel.clone(), customer, begins: now() * 1000, ours, is_gone_first: false };
    let steps = steps(&story);
    assert_eq!(steps.len(), order.len(), "every step has its place");
    story.is_gone_first = is_gone_first(&steps, order);
    let mut is_answered = false;
    for place in order {
        match &steps[*place] {
            Step::Answer => {
                let_go.notify_one();
                is_answered = true;
                // The worker writes it in its own time; a webhook behind it may still come first.
            }
            Step::Webhook(name, body) => {
                let answer = post(&house.url(), channel, body).await;
                assert_eq!(answer.status, 200, "{name}: {}", answer.text);
            }
        }
    }
    assert!(is_answered, "the answer is one of the steps");
    eventually("everything is there and settled", async || {
        let messages = house.admin.messages(conversation).await;
        let is_whole = messages.len() == 5;
        let is_settled =
            messages.iter().all(|message| message["status"] != "sending" && message["status"] != "queued");
        let deliveries = house.admin.all("/api/v1/deliveries").await;
        let is_sent = deliveries
            .iter()
            .filter(|one| one["conversation_id"] == conversation)
            .all(|one| one["status"] == "sent");
        (is_whole && is_settled && is_sent).then_some(())
    })
    .await;
    (story, conversation)
}

/// What is seen of a story.
async fn state_of(house: &House, story: &Story, conversation: i64) -> BTreeMap<String, Value> {
    let mut state: BTreeMap<String, Value> =
        house.admin.messages(conversation).await.iter().map(|message| seen(story, message)).collect();
    let shown = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    state.insert("conversation".into(), json!({"unread": shown["unread_count"], "status": shown["status"]}));
    state
}

/// The same, once it is as expected, or after a while as it is: what waits is looked at again in the background.
async fn settled(
    house: &House,
    (story, conversation): &(Story, i64),
    expected: &BTreeMap<String, Value>,
) -> BTreeMap<String, Value> {
    for _ in 0..100 {
        let state = state_of(house, story, *conversation).await;
        if state == *expected {
            return state;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    state_of(house, story, *conversation).await
}

async fn begin(house: &House, channel: &Channel, customer: &str) -> i64 {
    let mut who = json!({"external_id": customer});
    if channel.kind == "telegram" {
        let connected = json!({"update_id": 1, "business_connection": {"id": "bcTest", "user": {"id": 512_340_011}, "is_enabled": true}});
        post(&house.url(), channel, &connected).await.expect(200);
        who["business_connection_id"] = "bcTest".into();
    }
    let answer =
        house.admin.post("/api/v1/conversations", &json!({"channel_id": channel.id, "customer": who})).await;
    number(&answer.expect(201)["id"])
}

/// What is the same in every order: not places, versions and our own clock.
fn seen(story: &Story, message: &Value) -> (String, Value) {
    let since = |field: &str| {
        message[field].as_str().map(|at| at[17..].to_owned()).map(|_| moment(&message[field]) - story.begins)
    };
    let reactions: Vec<_> =
        message["reactions"].as_array().into_iter().flatten().map(|one| one["emoji"].clone()).collect();
    let state = json!({
        "sender_type": message["sender_type"], "origin": message["origin"], "content": message["content"],
        "status": message["status"], "error": message["error"]["code"], "reactions": reactions,
        "sent": since("platform_sent_at"), "edited": since("edited_at"), "deleted": !message["deleted_at"].is_null(),
    });
    let id = message["platform_message_id"].as_str().unwrap_or_else(|| panic!("without an id: {message}"));
    (story.name_of(id), state)
}

/// Milliseconds of an RFC 3339 time.
fn moment(time: &Value) -> i64 {
    let text = time.as_str().expect("a time");
    let part = |from: usize, to: usize| text[from..to].parse::<i64>().expect("digits");
    let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
    // Days since 1970 of a civil date (Howard Hinnant's formula).
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    ((days * 24 + part(11, 13)) * 60 + part(14, 16)) * 60_000 + part(17, 19) * 1000 + part(20, 23)
}

#[expect(clippy::too_many_lines, reason = "one story, told event by event")]
fn whatsapp(story: &Story) -> Vec<Step> {
    let customer = &story.customer;
    let message = |name: &'static str, id: String, at: i64, rest: Value| {
        let mut one = json!({"from": customer, "id": id, "timestamp": story.seconds(at).to_string()});
        one.as_object_mut().expect("object").extend(rest.as_object().expect("object").clone());
        Step::Webhook(name, story.channel.whatsapp(json!({"messages": [one]})))
    };
    let text = |name: &'static str, at| {
        message(name, story.id(name), at, json!({"type": "text", "text": {"body": name}}))
    };
    let phone = |name: &'static str, at| {
        let mut body = story.channel.whatsapp(
            json!({"message_echoes": [{"from": "15550142210", "to": customer, "id": story.id(name),
            "timestamp": story.seconds(at), "type": "text", "text": {"body": "ok"}}]}),
        );
        body["entry"][0]["changes"][0]["field"] = "smb_message_echoes".into();
        Step::Webhook(name, body)
    };
    let edit = |name: &'static str, at: i64| {
        message(
            name,
            format!("{name}-{customer}"),
            at,
            json!({"type": "edit", "edit": {"original_message_id": story.id("hello"),
            "message": {"type": "text", "text": {"body": name}}}}),
        )
    };
    let react = |name: &'static str, at: i64, emoji: &str| {
        message(
            name,
            format!("{name}-{customer}"),
            at,
            json!({"type": "reaction", "reaction": {"message_id": story.id("phone1"), "emoji": emoji}}),
        )
    };
    let status = |name: &'static str, id: &str, word: &str, token: Option<&str>| {
        Step::Webhook(name, story.channel.status(customer, id, word, token))
    };
    vec![
        text("hello", 0),
        phone("phone1", 1),
        text("more", 2),
        phone("phone2", 3),
        Step::Answer,
        status("ours is sent", &story.ours.id, "sent", None),
        status("ours is delivered", &story.ours.id, "delivered", None),
        status("ours is read", &story.ours.id, "read", story.ours.token.as_deref()),
        status("phone1 is read", &story.id("phone1"), "read", None),
        status("phone1 is delivered", &story.id("phone1"), "delivered", None),
        status("phone2 failed", &story.id("phone2"), "failed", None),
        edit("first edit", 5),
        edit("second edit", 7),
        message(
            "revoke",
            format!("revoke-{customer}"),
            6,
            json!({"type": "revoke", "revoke": {"original_message_id": story.id("more")}}),
        ),
        react("thumb", 5, "👍"),
        react("heart", 6, "❤️"),
        react("thumb again", 7, "👍"),
    ]
}

async fn whatsapp_in_any_order_ends_the_same(database: Database) {
    in_any_order(database, "whatsapp", whatsapp, 17).await;
}

/// One event of Instagram or Messenger, `at` milliseconds into the story.
fn event(story: &Story, name: &'static str, by_us: bool, at: i64, mut rest: Value) -> Step {
    let (account, customer) = (story.channel.external_id.as_str(), story.customer.as_str());
    let (sender, recipient) = if by_us { (account, customer) } else { (customer, account) };
    rest["sender"] = json!({"id": sender});
    rest["recipient"] = json!({"id": recipient});
    rest["timestamp"] = (story.begins + at).into();
    Step::Webhook(name, story.channel.messaging(&[rest]))
}

/// What both of Meta's messengers tell.
fn meta(story: &Story) -> Vec<Step> {
    let text = |name: &'static str, at| {
        event(story, name, false, at, json!({"message": {"mid": story.id(name), "text": name}}))
    };
    let echo = |name: &'static str, id: &str, at| {
        let mut message = json!({"mid": id, "text": "ok", "is_echo": true});
        if story.channel.kind == "messenger" && name == "echo of ours" {
            message["metadata"] = json!(story.ours.token);
        }
        event(story, name, true, at, json!({"message": message}))
    };
    let edit = |name: &'static str, order: i64| {
        event(
            story,
            name,
            false,
            40 + order,
            json!({"message_edit": {"mid": story.id("hello"), "text": name, "num_edit": order}}),
        )
    };
    let react = |name: &'static str, at: i64, action: &str, emoji: &str| {
        event(
            story,
            name,
            false,
            at,
            json!({"reaction": {"mid": story.id("phone1"), "action": action, "emoji": emoji}}),
        )
    };
    vec![
        text("hello", 0),
        echo("phone1", &story.id("phone1"), 10),
        text("more", 20),
        echo("echo of ours", &story.ours.id, 30),
        echo("phone2", &story.id("phone2"), 35),
        Step::Answer,
        edit("first edit", 1),
        edit("second edit", 2),
        react("love", 50, "react", "❤️"),
        react("wow", 51, "react", "😮"),
        react("love again", 52, "react", "❤️"),
    ]
}

fn instagram(story: &Story) -> Vec<Step> {
    let mut steps = meta(story);
    let seen = |name: &'static str, id: &str| event(story, name, false, 60, json!({"read": {"mid": id}}));
    steps.push(event(
        story,
        "unsend",
        false,
        45,
        json!({"message": {"mid": story.id("more"), "is_deleted": true}}),
    ));
    steps.push(seen("phone1 is seen", &story.id("phone1")));
    steps.push(seen("ours is seen, and phone1 by it", &story.ours.id));
    steps
}

async fn instagram_in_any_order_ends_the_same(database: Database) {
    in_any_order(database, "instagram", instagram, 14).await;
}

fn messenger(story: &Story) -> Vec<Step> {
    let mut steps = meta(story);
    steps.push(event(story, "delivered", false, 61, json!({"delivery": {"watermark": story.begins + 35}})));
    steps.push(event(story, "read", false, 62, json!({"read": {"watermark": story.begins + 30}})));
    steps.push(event(story, "read before", false, 63, json!({"read": {"watermark": story.begins + 10}})));
    steps
}

async fn messenger_in_any_order_ends_the_same(database: Database) {
    in_any_order(database, "messenger", messenger, 14).await;
}

fn telegram(story: &Story) -> Vec<Step> {
    let chat: i64 = story.customer.parse().expect("a number");
    let message = |id: &str, by_owner: bool, at: i64, text: &str| {
        let from = if by_owner { 512_340_011 } else { chat };
        json!({"message_id": id.parse::<i64>().expect("a number"), "date": story.seconds(at), "text": text, "business_connection_id": "bcTest",
            "from": {"id": from, "is_bot": false, "first_name": "Ida"}, "chat": {"id": chat, "type": "private", "first_name": "Ida"}})
    };
    let update = |name: &'static str, kind: &str, part: Value| {
        Step::Webhook(name, json!({"update_id": 1, kind: part}))
    };
    let said = |name: &'static str, by_owner: bool, at: i64, text: &str| {
        update(name, "business_message", message(&story.id(name), by_owner, at, text))
    };
    let edit = |name: &'static str, at: i64| {
        let mut edited = message(&story.id("hello"), false, 0, name);
        edited["edit_date"] = story.seconds(at).into();
        update(name, "edited_business_message", edited)
    };
    let mut reported = message(&story.ours.id, true, 4, "ok");
    reported["sender_business_bot"] =
        json!({"id": 7_045_512_398_i64, "is_bot": true, "first_name": "North Pier"});
    vec![
        said("hello", false, 0, "hello"),
        said("phone1", true, 1, "ok"),
        said("more", false, 2, "more"),
        said("phone2", true, 3, "ok"),
        update("ours, reported back", "business_message", reported),
        Step::Answer,
        edit("first edit", 5),
        edit("second edit", 6),
        update(
            "deletion",
            "deleted_business_messages",
            json!({"business_connection_id": "bcTest", "chat": {"id": chat, "type": "private"},
            "message_ids": [story.id("more").parse::<i64>().expect("a number")]}),
        ),
    ]
}

async fn telegram_in_any_order_ends_the_same(database: Database) {
    in_any_order(database, "telegram", telegram, 9).await;
}
