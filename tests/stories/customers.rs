//! Who writes to us: what we keep of them, blocking, making two of them one, forgetting them.

use crate::support::channel::{Channel, outcome, results};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use serde_json::{Value, json};

on_both_databases!(
    a_customer_has_names_conversations_and_fields,
    what_a_blocked_customer_writes_is_kept_and_calls_nobody,
    two_customers_become_one_and_nothing_is_doubled,
    two_customers_of_one_channel_become_one,
    a_number_that_was_given_up_belongs_to_its_next_owner,
    a_customer_is_forgotten_with_everything,
    what_the_team_calls_a_customer_outlives_what_the_platform_tells,
);

/// A text of a customer: (customer id, conversation id).
async fn says(house: &House, channel: &Channel, customer: &str, id: &str, words: &str) -> (i64, i64) {
    let told = results(post(&house.url(), channel, &channel.text(customer, id, words)).await).remove(0);
    let conversation = number(&told["conversation_id"]);
    let seen = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    (number(&seen["customer"]["id"]), conversation)
}

async fn a_customer_has_names_conversations_and_fields(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (id, conversation) = says(&house, &channel, "15557700421", "wamid.1", "hello").await;
    let path = format!("/api/v1/customers/{id}");
    let seen = house.admin.get(&path).await.expect(200);
    assert_eq!(seen["name"], "Customer 15557700421");
    assert!(seen["identities"][0]["external_id"].as_str().expect("a name").contains("15557700421"));
    assert_eq!((&seen["conversations"][0]["id"], &seen["blocked"]), (&json!(conversation), &json!(false)));
    assert_eq!(seen["custom_fields"], json!({}));
    let fields = json!({"custom_fields": {"plan": "gold", "orders": 4}});
    house.admin.patch(&path, &fields).await.expect(200);
    let changed = house.admin.patch(&path, &json!({"custom_fields": {"orders": null, "vip": true}})).await;
    assert_eq!(changed.expect(200)["custom_fields"], json!({"plan": "gold", "vip": true}));
    house.admin.patch(&path, &json!({"custom_fields": {"list": [1]}})).await.refused(422);
    house.admin.get("/api/v1/customers/999999").await.refused(404);
}

async fn what_a_blocked_customer_writes_is_kept_and_calls_nobody(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let (id, conversation) = says(&house, &channel, "15557700421", "m_1", "hello").await;
    let path = format!("/api/v1/conversations/{conversation}");
    house.admin.patch(&path, &json!({"status": "closed"})).await.expect(200);
    house.admin.patch(&format!("/api/v1/customers/{id}"), &json!({"blocked": true})).await.expect(200);
    let list = Socket::open(&house.admin).await;
    list.watch("all").await;
    says(&house, &channel, "15557700421", "m_2", "still here").await;
    let seen = house.admin.get(&path).await.expect(200);
    assert_eq!((&seen["unread_count"], &seen["status"]), (&json!(1), &json!("closed")));
    assert_eq!((&seen["customer"]["blocked"], &seen["version"]), (&json!(true), &json!(2)));
    assert_eq!(house.admin.messages(conversation).await.len(), 2, "kept");
    let told = list.frame("conversation_updated").await;
    assert_eq!(told["reason"], "status", "not news of a customer");
    house.admin.patch(&format!("/api/v1/customers/{id}"), &json!({"blocked": false})).await.expect(200);
    says(&house, &channel, "15557700421", "m_3", "and now").await;
    let seen = house.admin.get(&path).await.expect(200);
    assert_eq!((&seen["unread_count"], &seen["status"]), (&json!(2), &json!("open")));
}

async fn two_customers_become_one_and_nothing_is_doubled(database: Database) {
    let house = House::open(database).await;
    let (whatsapp, messenger) = (house.channel("whatsapp").await, house.channel("messenger").await);
    let (kept, _) = says(&house, &whatsapp, "15557700421", "wamid.1", "by phone").await;
    let (gone, moved) = says(&house, &messenger, "7700421", "m_1", "by page").await;
    house
        .admin
        .patch(&format!("/api/v1/customers/{gone}"), &json!({"custom_fields": {"plan": "gold"}}))
        .await;
    let path = format!("/api/v1/customers/{kept}");
    house.admin.post(&format!("{path}/merge"), &json!({"customer_id": kept})).await.refused(422);
    let merged = house.admin.post(&format!("{path}/merge"), &json!({"customer_id": gone})).await.expect(200);
    assert_eq!(merged["identities"].as_array().expect("names").len(), 2);
    assert_eq!(merged["conversations"].as_array().expect("conversations").len(), 2);
    assert_eq!(merged["custom_fields"]["plan"], "gold");
    house.admin.get(&format!("/api/v1/customers/{gone}")).await.refused(404);
    let again = post(&house.url(), &messenger, &messenger.text("7700421", "m_1", "by page")).await;
    assert_eq!(outcome(again), "duplicate", "what was told before is told again");
    let (late, conversation) = says(&house, &messenger, "7700421", "m_2", "later").await;
    assert_eq!((late, conversation), (kept, moved), "late news go to the one that is left");
    let messages = house.admin.messages(moved).await;
    assert_eq!(messages.len(), 2);
    assert!(messages.iter().all(|message| message["sender"]["id"] == kept), "{messages:?}");
}

async fn two_customers_of_one_channel_become_one(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let (kept, main) = says(&house, &channel, "7700421", "m_1", "one").await;
    let (gone, other) = says(&house, &channel, "7700422", "m_2", "two").await;
    let path = format!("/api/v1/customers/{kept}");
    let merged = house.admin.post(&format!("{path}/merge"), &json!({"customer_id": gone})).await.expect(200);
    assert_eq!(merged["conversations"].as_array().expect("conversations").len(), 2);
    assert_eq!(says(&house, &channel, "7700422", "m_3", "three").await, (kept, other));
    assert_eq!(says(&house, &channel, "7700421", "m_4", "four").await, (kept, main));
    for (conversation, to) in [(main, "7700421"), (other, "7700422")] {
        let sent = house.platform.accepted().len();
        house.admin.say(conversation, &format!("a-{conversation}"), "an answer").await.expect(201);
        let went =
            eventually("the answer is out", async || house.platform.accepted().get(sent).cloned()).await;
        assert!(format!("{went:?}").contains(to), "each goes where its conversation is: {went:?}");
    }
    assert_eq!(house.admin.messages(other).await.len(), 3);
}

async fn a_number_that_was_given_up_belongs_to_its_next_owner(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (before, first) = says(&house, &channel, "15557700421", "wamid.1", "one").await;
    let moves = |id: &str, from: &str, to: &str| {
        let mut body = channel.text(from, id, "");
        let message = body.pointer_mut("/entry/0/changes/0/value/messages/0").expect("a message");
        message["type"] = json!("system");
        message["system"] = json!({"type": "user_changed_number", "body": "moved", "new_wa_id": to});
        message.as_object_mut().expect("an object").remove("text");
        body
    };
    post(&house.url(), &channel, &moves("wamid.2", "15557700421", "15557700422")).await;
    let (next, second) = says(&house, &channel, "15557700421", "wamid.3", "somebody else").await;
    assert!(next != before && second != first, "who has the number now is another customer");
    assert_eq!(says(&house, &channel, "15557700422", "wamid.4", "still me").await, (before, first));
    post(&house.url(), &channel, &moves("wamid.5", "15557700422", "15557700423")).await;
    post(&house.url(), &channel, &moves("wamid.6", "15557700423", "15557700422")).await;
    for (conversation, to) in [(first, "15557700422"), (second, "15557700421")] {
        let sent = house.platform.accepted().len();
        house.admin.say(conversation, &format!("a-{conversation}"), "an answer").await.expect(201);
        let went =
            eventually("the answer is out", async || house.platform.accepted().get(sent).cloned()).await;
        assert!(format!("{went:?}").contains(to), "the answer goes to the newest number: {went:?}");
    }
}

async fn a_customer_is_forgotten_with_everything(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (id, conversation) = says(&house, &channel, "7700421", "m_1", "unforgettable words").await;
    let (_, other) = says(&house, &channel, "7700422", "m_2", "unforgettable too").await;
    house.admin.say(conversation, "a-1", "an answer").await.expect(201);
    eventually("the answer is out", async || (!house.platform.accepted().is_empty()).then_some(())).await;
    let screen = Socket::open(&ana).await;
    screen.watch("mine").await;
    let path = format!("/api/v1/customers/{id}");
    ana.delete(&path).await.refused(403);
    house.admin.delete(&path).await.expect(200);
    let frame = screen.frame("conversations_erased").await;
    assert_eq!(frame["conversation_ids"], json!([conversation]), "no screen shows them any more");
    house.admin.get(&path).await.refused(404);
    house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.refused(404);
    assert_eq!(house.admin.all("/api/v1/deliveries").await, Vec::<Value>::new());
    let found = house.admin.get("/api/v1/search?q=unforgettable").await.expect(200);
    assert_eq!(found["items"].as_array().expect("items").len(), 1, "the other one's: {found}");
    assert_eq!(house.admin.messages(other).await.len(), 1, "nobody else is touched");
    let (anew, _) = says(&house, &channel, "7700421", "m_9", "hello again").await;
    assert_ne!(anew, id, "who comes back is new");
}

async fn what_the_team_calls_a_customer_outlives_what_the_platform_tells(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let face = house.platform.url("graph") + "/files/face";
    let profile = json!({"first_name": "Rosa", "last_name": "Vidal", "profile_pic": face});
    house.platform.answers("/7700421", 200, profile);
    let held = house.platform.holds_file("face", b"no picture".to_vec());
    let (id, conversation) = says(&house, &channel, "7700421", "m_1", "hello").await;
    let path = format!("/api/v1/customers/{id}");
    // The profile is being fetched, and its picture keeps it waiting.
    let named = house.admin.patch(&path, &json!({"name": "  Rosa from the harbour "})).await.expect(200);
    assert_eq!((&named["name"], &named["given_name"]), (&json!("Rosa from the harbour"), &named["name"]));
    held.notify_one();
    let learned = eventually("the profile is here", async || {
        let seen = house.admin.get(&path).await.expect(200);
        (seen["enhanced_data_fetched"] == true).then_some(seen)
    })
    .await;
    assert_eq!(learned["name"], "Rosa from the harbour", "a profile overwrites nothing a person wrote");
    assert_eq!(learned["own_name"], "Rosa Vidal", "what they call themselves is known, too");
    let listed = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    assert_eq!(listed["customer"]["name"], "Rosa from the harbour");
    assert_eq!(listed["last_message"]["sender"]["name"], "Rosa from the harbour");
    for word in ["harbour", "vidal"] {
        let found = house.admin.get(&format!("/api/v1/search?q={word}")).await.expect(200);
        assert_eq!(found["items"][0]["customer"]["id"], id, "found by both names: {found}");
    }
    for wrong in [json!({"name": "x".repeat(101)}), json!({"name": "two\nlines"})] {
        house.admin.patch(&path, &wrong).await.refused(422);
    }
    house.admin.patch(&path, &json!({"blocked": false})).await.expect(200);
    assert_eq!(
        house.admin.get(&path).await.expect(200)["given_name"],
        "Rosa from the harbour",
        "absent: it stays"
    );
    let again = house.admin.patch(&path, &json!({"name": null})).await.expect(200);
    assert_eq!((&again["name"], &again["given_name"]), (&json!("Rosa Vidal"), &Value::Null));
    let actions: Vec<_> =
        house.admin.all("/api/v1/audit").await.iter().map(|one| one["action"].clone()).collect();
    assert_eq!(actions.iter().filter(|action| *action == "customer_renamed").count(), 2, "{actions:?}");
}
