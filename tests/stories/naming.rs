//! The audit log and the deliveries name people and things: as they were called then, found by words and kinds,
//! and without the name of whoever was forgotten.

use super::sending::reaches;
use crate::support::channel::results;
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::webhooks::post;
use serde_json::{Value, json};

on_both_databases!(
    the_log_keeps_the_names_of_then_and_is_found_by_words,
    a_forgotten_customers_name_goes_from_the_log,
    a_delivery_names_its_customer_and_its_message,
);

const CUSTOMER: &str = "15557700421";

async fn log(admin: &Client, query: &str) -> Vec<Value> {
    admin.all(&format!("/api/v1/audit?{query}")).await
}

async fn the_log_keeps_the_names_of_then_and_is_found_by_words(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (jose_id, jose) = house.admin.adds("jose", "José Núñez", "admin").await;
    let told = post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.1", "hello")).await;
    let conversation = number(&results(told)[0]["conversation_id"]);
    let path = format!("/api/v1/conversations/{conversation}");
    let shown = house.admin.get(&path).await.expect(200);
    let customer = number(&shown["customer"]["id"]);
    let of_customer = format!("/api/v1/customers/{customer}");
    jose.patch(&of_customer, &json!({"name": "Zoë Quill"})).await.expect(200);
    jose.patch(&path, &json!({"status": "closed", "assignee_id": jose_id})).await.expect(200);
    let label = json!({"name": "Refund 100%", "color": "#aa0000"});
    let label = jose.post("/api/v1/labels", &label).await.expect(201);
    jose.patch(&path, &json!({"label_ids": [label["id"]]})).await.expect(200);
    jose.delete(&format!("/api/v1/labels/{}", label["id"])).await;
    let renamed = json!({"full_name": "Joe N."});
    house.admin.patch(&format!("/api/v1/users/{jose_id}"), &renamed).await.expect(200);

    let closed = log(&house.admin, "action=conversation_changed").await;
    assert_eq!(closed.len(), 2);
    let entry = &closed[1];
    assert_eq!((&entry["user"]["id"], &entry["user"]["name"]), (&json!(jose_id), &json!("José Núñez")));
    let object = json!({"kind": "conversation", "id": conversation, "name": "Zoë Quill"});
    assert_eq!(entry["object"], object, "{entry}");
    assert_eq!(entry["details"]["assignee"], "José Núñez");
    assert_eq!(closed[0]["details"]["labels"], json!(["Refund 100%"]));
    let deleted = log(&house.admin, "action=label_deleted").await;
    assert_eq!(deleted[0]["object"]["name"], "Refund 100%", "what is gone has its name");

    let both = log(&house.admin, "action=label_created,label_deleted").await;
    assert_eq!(both.len(), 2, "several of what was done");
    let of_kind = log(&house.admin, "object=label").await;
    assert_eq!(of_kind.len(), 2, "by kind");
    for (words, count) in [
        ("JOSE+label", 3),
        ("label_deleted", 1),
        ("zoe", 3),
        ("100%25", 3),
        ("1%2500", 0),
        ("quill+customer", 1),
        ("nobody+at+all", 0),
    ] {
        let found = log(&house.admin, &format!("q={words}")).await;
        let found: Vec<_> = found.iter().map(|entry| &entry["action"]).collect();
        assert_eq!(found.len(), count, "{words}: {found:?}");
    }
    assert_eq!(log(&house.admin, &format!("user_id={jose_id}&q=zoe&object=customer")).await.len(), 1);
    house.admin.get("/api/v1/audit?object=1%25").await.refused(400);
    let table = house.admin.get("/api/v1/audit?format=csv&q=zoe").await;
    assert!(table.text.starts_with("id,at,user_id,user,address,action,subject,details,subject_name\r\n"));
    assert!(table.text.contains("José Núñez") && table.text.contains("Zoë Quill"), "{}", table.text);
}

async fn a_forgotten_customers_name_goes_from_the_log(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let mut customers = Vec::new();
    for (n, (number_of, name)) in
        [(CUSTOMER, "Zoë Quill"), ("15557700422", "Quill Twice"), ("15557700423", "Someone Else")]
            .into_iter()
            .enumerate()
    {
        let told = post(&house.url(), &channel, &channel.text(number_of, &format!("wamid.{n}"), "hi")).await;
        let conversation = number(&results(told)[0]["conversation_id"]);
        let path = format!("/api/v1/conversations/{conversation}");
        let customer = number(&house.admin.get(&path).await.expect(200)["customer"]["id"]);
        let renamed = json!({"name": name});
        house.admin.patch(&format!("/api/v1/customers/{customer}"), &renamed).await.expect(200);
        house.admin.patch(&path, &json!({"status": "closed"})).await.expect(200);
        let note = json!({"content": "note to self", "client_id": "n", "is_private": true});
        let note = house.admin.post(&format!("{path}/messages"), &note).await.expect(201);
        let changed = json!({"content": "another note"});
        house.admin.patch(&format!("/api/v1/messages/{}", note["id"]), &changed).await.expect(200);
        customers.push(customer);
    }
    let merge = format!("/api/v1/customers/{}/merge", customers[0]);
    house.admin.post(&merge, &json!({"customer_id": customers[1]})).await.expect(200);
    assert_eq!(log(&house.admin, "q=quill").await.len(), 7, "two each of three deeds, and the merge");
    house.admin.delete(&format!("/api/v1/customers/{}", customers[0])).await.expect(200);
    let all = log(&house.admin, "").await;
    let text = json!(all).to_string().to_lowercase();
    assert!(!text.contains("quill") && !text.contains("zoë"), "{text}");
    assert!(log(&house.admin, "q=quill").await.is_empty(), "nor is it found");
    assert_eq!(all.iter().filter(|entry| entry["action"] == "customer_renamed").count(), 3, "the deeds stay");
    assert_eq!(log(&house.admin, "q=someone").await.len(), 3, "others keep their names");
}

async fn a_delivery_names_its_customer_and_its_message(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let path = format!("/api/v1/conversations/{conversation}");
    let customer = number(&house.admin.get(&path).await.expect(200)["customer"]["id"]);
    let named = json!({"name": "Zoë Quill"});
    house.admin.patch(&format!("/api/v1/customers/{customer}"), &named).await.expect(200);
    let words = "a long answer ".repeat(40);
    house.admin.say(conversation, "c", &words).await.expect(201);
    reaches(&house.admin, conversation, "c", "sent").await;
    let listed = house.admin.all("/api/v1/deliveries").await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["customer"], json!({"id": customer, "name": "Zoë Quill"}));
    assert_eq!(listed[0]["conversation_id"], conversation);
    let preview: String = words.chars().take(120).collect();
    assert_eq!(listed[0]["message"], json!({"preview": preview, "message_type": "text"}));
}
