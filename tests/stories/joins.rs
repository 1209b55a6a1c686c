//! Who is who, by the platform's proof: two names of one address become one customer and one conversation,
//! what stood in the other comes along, and nothing is lost, doubled or sent elsewhere.

use crate::support::channel::{Channel, results};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::platform::Manner;
use crate::support::socket::Socket;
use crate::support::webhooks::{now, post};
use serde_json::{Value, json};

const NUMBER: &str = "5215557700421";
const SPELLED: &str = "525557700421";
const USER: &str = "MX.1029384756";

on_both_databases!(
    a_number_and_a_user_id_known_apart_become_one_when_an_event_names_both,
    another_spelling_that_a_send_teaches_joins,
    a_change_to_a_number_that_is_known_joins,
    a_group_that_was_known_by_its_new_id_joins_at_its_upgrade,
    two_people_with_ids_of_their_own_stay_two,
    what_the_platform_joined_can_be_parted_again,
    what_a_colleague_merged_can_be_parted_again,
);

/// A text by whatever names: conversation and outcome.
async fn writes(house: &House, channel: &Channel, names: &[(&str, &str)], id: &str, text: &str) -> i64 {
    let mut message =
        json!({"id": id, "timestamp": now().to_string(), "type": "text", "text": {"body": text}});
    let mut card = json!({"profile": {"name": "Mira"}});
    for (kind, name) in names {
        let (of_message, of_card) =
            if *kind == "phone" { ("from", "wa_id") } else { ("from_user_id", "user_id") };
        message[of_message] = json!(name);
        card[of_card] = json!(name);
    }
    let body = channel.whatsapp(json!({"contacts": [card], "messages": [message]}));
    number(&results(post(&house.url(), channel, &body).await)[0]["conversation_id"])
}

/// One conversation holds these texts in this order, each at its place, and the other says where it went.
async fn is_one(house: &House, kept: i64, gone: i64, texts: &[&str]) {
    let messages = house.admin.messages(kept).await;
    let words: Vec<_> = messages.iter().filter(|one| one["message_type"] == "text").collect();
    let contents: Vec<_> = words.iter().map(|one| one["content"].as_str().unwrap_or_default()).collect();
    assert_eq!(contents, texts);
    let places: Vec<i64> = messages.iter().map(|one| number(&one["seq"])).collect();
    assert!(places.is_sorted_by(|one, next| one < next), "each at its place: {places:?}");
    let sign = house.admin.get(&format!("/api/v1/conversations/{gone}")).await.expect(200);
    assert_eq!(sign["merged_into"], json!(kept));
    assert_eq!(house.admin.messages(gone).await, Vec::<Value>::new());
    let listed = house.admin.all("/api/v1/conversations").await;
    assert_eq!(listed.iter().map(|one| number(&one["id"])).collect::<Vec<_>>(), [kept], "one in the list");
    let refused = house.admin.say(gone, "late", "to nobody").await.refused(409);
    assert_eq!(refused["code"], "conversation_merged");
    let audit = house.admin.all("/api/v1/audit").await;
    assert!(audit.iter().any(|entry| entry["action"] == "customer_joined"), "{audit:?}");
}

async fn a_number_and_a_user_id_known_apart_become_one_when_an_event_names_both(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let first = writes(&house, &channel, &[("phone", NUMBER)], "wamid.1", "by number").await;
    let second = writes(&house, &channel, &[("user", USER)], "wamid.2", "by id").await;
    assert_ne!(first, second, "nobody knows yet");
    let third = writes(&house, &channel, &[("phone", NUMBER)], "wamid.3", "by number again").await;
    assert_eq!(third, first);
    let ids: Vec<_> = house.admin.messages(second).await.iter().map(|one| one["id"].clone()).collect();
    let screen = Socket::open(&house.admin).await;
    screen.subscribe(first, None).await;
    let both = writes(&house, &channel, &[("phone", NUMBER), ("user", USER)], "wamid.4", "by both").await;
    assert_eq!(both, first, "the one that is known longer stays");
    is_one(&house, first, second, &["by number", "by id", "by number again", "by both"]).await;
    let messages = house.admin.messages(first).await;
    assert_eq!(messages[1]["id"], ids[0], "a message keeps its id");
    let told = screen
        .until("the newest came", |frames| {
            frames.iter().find(|frame| frame["message"]["content"] == "by both").cloned()
        })
        .await;
    assert_eq!(told["version"], messages[3]["version"]);
    assert_eq!(
        house.admin.get(&format!("/api/v1/conversations/{first}")).await.expect(200)["unread_count"],
        4
    );
    let again = writes(&house, &channel, &[("user", USER)], "wamid.2", "by id").await;
    assert_eq!(again, first, "told again: a duplicate there");
    assert_eq!(house.admin.messages(first).await.len(), 4);
}

async fn another_spelling_that_a_send_teaches_joins(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let first = writes(&house, &channel, &[("phone", NUMBER)], "wamid.1", "hello").await;
    let second = channel.conversation(&house.admin, SPELLED).await;
    assert_ne!(first, second);
    let learned = json!({"messaging_product": "whatsapp", "messages": [{"id": "wamid.out"}],
        "contacts": [{"input": SPELLED, "wa_id": NUMBER}]});
    house.platform.meets("we have news", Manner::AcceptAndAnswer(200, learned), 1);
    house.admin.say(second, "c-1", "we have news").await.expect(201);
    crate::support::eventually("they are one", async || {
        let sign = house.admin.get(&format!("/api/v1/conversations/{second}")).await.expect(200);
        (sign["merged_into"] == json!(first)).then_some(())
    })
    .await;
    is_one(&house, first, second, &["hello", "we have news"]).await;
    let sent = house.admin.messages(first).await.remove(1);
    assert_eq!(sent["status"], "sent", "once, with its proof");
    let receipt = channel.status(NUMBER, "wamid.out", "delivered", None);
    post(&house.url(), &channel, &receipt).await.expect(200);
    assert_eq!(house.admin.messages(first).await[1]["status"], "delivered", "receipts find it");
}

async fn a_change_to_a_number_that_is_known_joins(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let first = writes(&house, &channel, &[("phone", NUMBER)], "wamid.1", "old number").await;
    let second = writes(&house, &channel, &[("phone", "5215557700999")], "wamid.2", "new number").await;
    let mut body = channel.text(NUMBER, "wamid.3", "");
    let message = body.pointer_mut("/entry/0/changes/0/value/messages/0").expect("a message");
    message["type"] = json!("system");
    message["system"] = json!({"type": "user_changed_number", "body": "moved", "new_wa_id": "5215557700999"});
    message.as_object_mut().expect("an object").remove("text");
    post(&house.url(), &channel, &body).await.expect(200);
    is_one(&house, first, second, &["old number", "new number"]).await;
    house.admin.say(first, "c-1", "an answer").await.expect(201);
    assert!(house.platform.accepts("an answer").await.to.ends_with("5215557700999"), "to the new number");
}

async fn a_group_that_was_known_by_its_new_id_joins_at_its_upgrade(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("telegram").await;
    let says = async |update: i64, chat: i64, kind: &str, extra: Value| {
        let mut message = json!({"message_id": update, "date": now(),
            "from": {"id": 15_557_700_421_i64, "is_bot": false, "first_name": "Mira"},
            "chat": {"id": chat, "type": kind, "title": "The club"}});
        for (key, value) in extra.as_object().expect("an object") {
            message[key] = value.clone();
        }
        let body = json!({"update_id": update, "message": message});
        results(post(&house.url(), &channel, &body).await)[0]["conversation_id"].clone()
    };
    let first = number(&says(1, -4_001, "group", json!({"text": "in the group"})).await);
    let second = number(&says(2, -100_900, "supergroup", json!({"text": "after the upgrade"})).await);
    says(3, -4_001, "group", json!({"migrate_to_chat_id": -100_900})).await;
    is_one(&house, first, second, &["in the group", "after the upgrade"]).await;
    assert_eq!(number(&says(4, -100_900, "supergroup", json!({"text": "and on"})).await), first);
}

async fn two_people_with_ids_of_their_own_stay_two(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let first = writes(&house, &channel, &[("phone", NUMBER), ("user", USER)], "wamid.1", "one").await;
    let other = [("user", "MX.5647382910")];
    let second = writes(&house, &channel, &other, "wamid.2", "two").await;
    let third =
        writes(&house, &channel, &[("phone", NUMBER), ("user", "MX.5647382910")], "wamid.3", "three").await;
    assert_eq!(third, second, "the number went to the second");
    assert_ne!(first, second);
    assert_eq!(house.admin.messages(first).await.len(), 1);
}

async fn contents(house: &House, conversation: i64) -> Vec<String> {
    let messages = house.admin.messages(conversation).await;
    let places: Vec<i64> = messages.iter().map(|one| number(&one["seq"])).collect();
    assert!(places.is_sorted_by(|one, next| one < next), "each at its place: {places:?}");
    messages.iter().map(|one| one["content"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn customer_of(house: &House, conversation: i64) -> i64 {
    let seen = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    number(&seen["customer"]["id"])
}

/// Undoes the newest merge of a customer; once.
async fn parts(house: &House, customer: i64) {
    let path = format!("/api/v1/customers/{customer}");
    let merge = house.admin.get(&path).await.expect(200)["merges"][0].clone();
    assert!(merge["undo_until"].is_string(), "{merge}");
    let undo = format!("{path}/merges/{}/undo", merge["id"]);
    let left = house.admin.post(&undo, &json!({})).await.expect(200);
    assert_eq!(left["merges"], json!([]));
    house.admin.post(&undo, &json!({})).await.refused(404);
}

async fn what_the_platform_joined_can_be_parted_again(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let first = writes(&house, &channel, &[("phone", NUMBER)], "wamid.1", "by number").await;
    let second = writes(&house, &channel, &[("user", USER)], "wamid.2", "by id").await;
    writes(&house, &channel, &[("phone", NUMBER)], "wamid.3", "by number again").await;
    let (one, two) = (customer_of(&house, first).await, customer_of(&house, second).await);
    writes(&house, &channel, &[("phone", NUMBER), ("user", USER)], "wamid.4", "by both").await;
    assert_eq!(customer_of(&house, second).await, one);
    parts(&house, one).await;
    assert_eq!(contents(&house, first).await, ["by number", "by number again", "by both"]);
    assert_eq!(contents(&house, second).await, ["by id"]);
    assert_eq!((customer_of(&house, first).await, customer_of(&house, second).await), (one, two));
    for (conversation, unread) in [(first, 3), (second, 1)] {
        let seen = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
        assert_eq!((&seen["unread_count"], &seen["merged_into"]), (&json!(unread), &json!(null)));
    }
    assert_eq!(writes(&house, &channel, &[("user", USER)], "wamid.5", "by id again").await, second);
    assert_eq!(writes(&house, &channel, &[("phone", NUMBER)], "wamid.6", "and by number").await, first);
    house.admin.say(second, "c-1", "to the id").await.expect(201);
    assert_eq!(house.platform.accepts("to the id").await.to, USER);
}

async fn what_a_colleague_merged_can_be_parted_again(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let first = writes(&house, &channel, &[("phone", NUMBER)], "wamid.1", "one").await;
    let second = writes(&house, &channel, &[("phone", "5215557700999")], "wamid.2", "two").await;
    let (one, two) = (customer_of(&house, first).await, customer_of(&house, second).await);
    let plan = json!({"custom_fields": {"plan": "gold"}});
    house.admin.patch(&format!("/api/v1/customers/{two}"), &plan).await.expect(200);
    let merge = format!("/api/v1/customers/{one}/merge");
    house.admin.post(&merge, &json!({"customer_id": two})).await.expect(200);
    assert_eq!(customer_of(&house, second).await, one);
    parts(&house, one).await;
    assert_eq!((customer_of(&house, first).await, customer_of(&house, second).await), (one, two));
    let kept = house.admin.get(&format!("/api/v1/customers/{one}")).await.expect(200);
    let back = house.admin.get(&format!("/api/v1/customers/{two}")).await.expect(200);
    assert_eq!((&kept["custom_fields"], &back["custom_fields"]["plan"]), (&json!({}), &json!("gold")));
    for each in [&kept, &back] {
        assert_eq!(each["identities"].as_array().expect("names").len(), 1, "{each}");
    }
    let message = house.admin.messages(second).await.remove(0);
    assert_eq!(message["sender"]["id"], json!(two), "who spoke is who they were");
    assert_eq!(writes(&house, &channel, &[("phone", "5215557700999")], "wamid.3", "three").await, second);
}
