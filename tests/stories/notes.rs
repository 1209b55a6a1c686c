//! Notes among colleagues, and what stands around a conversation: labels, priority, sleep.

use crate::support::channel::{Channel, results};
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

on_both_databases!(
    a_note_never_leaves_the_house,
    a_note_is_never_shown_to_a_visitor,
    a_mention_calls_the_colleague_until_they_read_it,
    a_sleeping_conversation_wakes_by_its_time_or_by_its_customer,
    labels_and_priority_sort_the_list,
    several_conversations_are_changed_at_once,
    ready_made_answers_and_views_are_kept,
);

async fn conversation(house: &House, channel: &Channel, customer: &str) -> i64 {
    let told = post(&house.url(), channel, &channel.text(customer, &format!("id.{customer}"), "hello")).await;
    number(&results(told)[0]["conversation_id"])
}

async fn note(by: &Client, conversation: i64, client_id: &str, content: &str) -> Value {
    let body = json!({"content": content, "client_id": client_id, "is_private": true});
    by.post(&format!("/api/v1/conversations/{conversation}/messages"), &body).await.expect(201)
}

async fn a_note_never_leaves_the_house(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let id = conversation(&house, &channel, "15557700421").await;
    let written = note(&house.admin, id, "n-1", "between us").await;
    assert_eq!((&written["is_private"], &written["status"]), (&json!(true), &json!("sent")));
    let customers = &house.admin.messages(id).await[0];
    assert_eq!(customers["is_answered"], false, "a note answers nobody");
    // What is owed goes out in order: the answer after the note proves that the note never will.
    house.admin.say(id, "a-1", "to you").await.expect(201);
    eventually("the answer is out", async || (house.platform.accepted().len() == 1).then_some(())).await;
    assert_eq!(house.admin.all("/api/v1/deliveries").await.len(), 1, "a note is owed to nobody");
    let quoting = json!({"content": "as I said", "client_id": "a-2", "reply_to": written["id"]});
    let path = format!("/api/v1/conversations/{id}/messages");
    house.admin.post(&path, &quoting).await.refused(422);
    let other = json!({"content": "between us", "client_id": "n-1"});
    house.admin.post(&path, &other).await.refused(409);
}

async fn a_note_is_never_shown_to_a_visitor(database: Database) {
    let house = House::open(database).await;
    let body = json!({"kind": "webchat", "name": "Site", "external_id": "site"});
    let channel = number(&house.admin.post("/api/v1/channels", &body).await.expect(201)["id"]);
    let address = format!("{}/widget/{channel}/ws", house.url().replace("http://", "ws://"));
    let open = async || tokio_tungstenite::connect_async(address.as_str()).await.expect("a socket").0;
    let mut visitor = open().await;
    let say = |frame: Value| Message::text(frame.to_string());
    visitor.send(say(json!({"type": "hello"}))).await.expect("sent");
    visitor
        .send(say(json!({"type": "send", "client_id": "v-1", "content": "anybody?"})))
        .await
        .expect("sent");
    let mut token = String::new();
    let conversation = loop {
        let frame = heard(&mut visitor).await;
        token = frame["token"].as_str().map_or(token, str::to_owned);
        if frame["type"] == "message_sent" {
            break number(&frame["conversation_id"]);
        }
    };
    note(&house.admin, conversation, "n-1", "a strange one").await;
    house.admin.say(conversation, "a-1", "yes").await.expect(201);
    let next = heard(&mut visitor).await;
    assert_eq!((&next["type"], &next["message"]["content"]), (&json!("chat_message"), &json!("yes")));
    let mut again = open().await;
    again.send(say(json!({"type": "hello", "token": token}))).await.expect("sent");
    let welcome = heard(&mut again).await;
    let words: Vec<_> =
        welcome["messages"].as_array().expect("messages").iter().map(|message| &message["content"]).collect();
    assert_eq!(words, ["anybody?", "yes"]);
    again.send(say(json!({"type": "history", "before_seq": 99, "ref": 1}))).await.expect("sent");
    let history = heard(&mut again).await;
    assert!(!history.to_string().contains("strange"), "{history}");
    let mut late = open().await;
    late.send(say(json!({"type": "hello", "token": token, "after": 1}))).await.expect("sent");
    assert_eq!(heard(&mut late).await["type"], "welcome");
    assert_eq!(heard(&mut late).await["message"]["content"], "yes", "nor by resuming");
}

type Visitor = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn heard(visitor: &mut Visitor) -> Value {
    let next = async {
        loop {
            if let Message::Text(text) = visitor.next().await.expect("open").expect("a frame") {
                return serde_json::from_str(text.as_str()).expect("JSON");
            }
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, next).await.expect("a frame comes")
}

async fn a_mention_calls_the_colleague_until_they_read_it(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let id = conversation(&house, &channel, "15557700421").await;
    let list = Socket::open(&ana).await;
    list.watch("mine").await;
    let written = note(&house.admin, id, "n-1", "can you look, @Ana? not you, ben@example.org").await;
    assert_eq!(written["mentions"], json!([ana_id]));
    let frame = list.frame("conversation_updated").await;
    assert_eq!(frame["conversation"]["is_mentioned"], true, "told, though it is not hers");
    assert_eq!(frame["conversation"]["last_message"]["id"], written["id"]);
    let path = format!("/api/v1/conversations/{id}");
    let seen = ana.get(&path).await.expect(200);
    assert_eq!((&seen["is_mentioned"], &seen["unread_count"]), (&json!(true), &json!(1)));
    assert_eq!(ben.get(&path).await.expect(200)["is_mentioned"], false);
    assert_eq!(ana.all("/api/v1/conversations?mentioned=true").await.len(), 1);
    assert_eq!(ben.all("/api/v1/conversations?mentioned=true").await.len(), 0);
    ana.post(&format!("{path}/read"), &json!({"seq": 99})).await.expect(200);
    assert_eq!(ana.get(&path).await.expect(200)["is_mentioned"], false);
}

async fn a_sleeping_conversation_wakes_by_its_time_or_by_its_customer(database: Database) {
    let house = House::open(database).await;
    // The embedded database belongs to one process.
    let second = if house.database.is_sqlite() { None } else { Some(house.second_server(None).await) };
    let channel = house.channel("messenger").await;
    let (one, two) = (
        conversation(&house, &channel, "15557700421").await,
        conversation(&house, &channel, "15557700422").await,
    );
    let list = Socket::open(&house.admin).await;
    list.watch("all").await;
    let path = |id: i64| format!("/api/v1/conversations/{id}");
    let soon = chrono::Utc::now() + chrono::Duration::milliseconds(700);
    let slept = house.admin.patch(&path(one), &json!({"snoozed_until": soon.to_rfc3339()})).await.expect(200);
    assert_eq!(slept["status"], "snoozed");
    let late = house.admin.patch(&path(two), &json!({"snoozed_until": "2199-01-01T00:00:00.000Z"})).await;
    assert_eq!(late.expect(200)["status"], "snoozed");
    eventually("the first wakes", async || {
        let now = house.admin.get(&path(one)).await.expect(200);
        (now["status"] == "open" && now["snoozed_until"].is_null()).then_some(())
    })
    .await;
    assert_eq!(house.admin.get(&path(two)).await.expect(200)["status"], "snoozed");
    post(&house.url(), &channel, &channel.text("15557700422", "id.again", "hello?")).await.expect(200);
    let woken = house.admin.get(&path(two)).await.expect(200);
    assert_eq!((&woken["status"], &woken["snoozed_until"]), (&json!("open"), &Value::Null));
    // The other process may have woken the first: word of it comes by the poll, under a reason of its own.
    let asleep = number(&slept["revision"]);
    let is_waking = |frame: &Value| {
        let conversation = &frame["conversation"];
        conversation["id"] == one
            && conversation["status"] == "open"
            && number(&conversation["revision"]) > asleep
    };
    list.until("the waking is told", |frames| frames.iter().find(|frame| is_waking(frame)).cloned()).await;
    // What its platform says of the customer may be told after it, under a revision of its own.
    let told = list.of_type("conversation_updated");
    let mut wakes: Vec<_> = told.iter().filter(|frame| is_waking(frame)).collect();
    let all = wakes.len();
    wakes.dedup_by_key(|frame| number(&frame["conversation"]["revision"]));
    assert_eq!(wakes.len(), all, "once, with two processes that look: {wakes:?}");
    drop(second);
}

async fn labels_and_priority_sort_the_list(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let id = conversation(&house, &channel, "15557700421").await;
    conversation(&house, &channel, "15557700422").await;
    let vip = ana.post("/api/v1/labels", &json!({"name": "VIP", "color": "#AA0000"})).await.expect(201);
    assert_eq!(vip["color"], "#aa0000");
    ana.post("/api/v1/labels", &json!({"name": "vip"})).await.refused(409);
    ana.post("/api/v1/labels", &json!({"name": "x", "color": "red"})).await.refused(422);
    let path = format!("/api/v1/conversations/{id}");
    let cared = json!({"label_ids": [vip["id"]], "priority": "urgent"});
    let changed = ana.patch(&path, &cared).await.expect(200);
    assert_eq!((&changed["labels"], &changed["priority"]), (&json!([vip]), &json!("urgent")));
    let ids = async |query: &str| {
        let items = ana.all(&format!("/api/v1/conversations?{query}")).await;
        items.iter().map(|item| number(&item["id"])).collect::<Vec<_>>()
    };
    assert_eq!(ids(&format!("label_id={}", vip["id"])).await, [id]);
    assert_eq!(ids("priority=urgent").await, [id]);
    assert_eq!(ids("priority=low").await, Vec::<i64>::new());
    ana.patch(&path, &json!({"label_ids": [999]})).await.refused(422);
    let label = format!("/api/v1/labels/{}", vip["id"]);
    assert_eq!(ana.patch(&label, &json!({"name": "Very"})).await.expect(200)["name"], "Very");
    assert_eq!(ana.get(&path).await.expect(200)["labels"][0]["name"], "Very");
    assert_eq!(ana.patch(&path, &json!({"priority": null})).await.expect(200)["priority"], Value::Null);
    ana.delete(&label).await.expect(204);
    assert_eq!(ana.get(&path).await.expect(200)["labels"], json!([]));
    assert_eq!(ana.all("/api/v1/labels").await.len(), 0);
}

async fn several_conversations_are_changed_at_once(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let (one, two) = (
        conversation(&house, &channel, "15557700421").await,
        conversation(&house, &channel, "15557700422").await,
    );
    let body = json!({"ids": [one, 999_999, two], "status": "closed", "priority": "low"});
    let answer = house.admin.post("/api/v1/conversations/bulk", &body).await.expect(200);
    assert_eq!(answer["items"][0]["conversation"]["status"], "closed");
    assert_eq!(answer["items"][1]["error"]["code"], "not_found");
    assert_eq!(answer["items"][2]["conversation"]["priority"], "low");
    assert_eq!(house.admin.all("/api/v1/conversations?status=closed").await.len(), 2);
    house.admin.post("/api/v1/conversations/bulk", &json!({"ids": []})).await.refused(422);
}

async fn ready_made_answers_and_views_are_kept(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let path = "/api/v1/canned-replies";
    let reply = ana.post(path, &json!({"shortcut": "/Hi", "content": "Hello there"})).await.expect(201);
    assert_eq!(reply["shortcut"], "hi");
    ana.post(path, &json!({"shortcut": "hi", "content": "again"})).await.refused(409);
    let one = format!("{path}/{}", reply["id"]);
    ana.patch(&one, &json!({"content": "Hello!"})).await.expect(200);
    assert_eq!(house.admin.all(path).await[0]["content"], "Hello!", "the team's, not one's own");
    ana.delete(&one).await.expect(204);
    ana.delete(&one).await.refused(404);

    let view = json!({"name": "Urgent and mine", "filter": {"assignee": "me", "priority": "urgent"}});
    let saved = ana.post("/api/v1/views", &view).await.expect(201);
    assert_eq!(saved["filter"], view["filter"]);
    ana.post("/api/v1/views", &json!({"name": "x", "filter": {"colour": "red"}})).await.refused(422);
    assert_eq!(house.admin.all("/api/v1/views").await.len(), 0, "one's own");
    let one = format!("/api/v1/views/{}", saved["id"]);
    house.admin.delete(&one).await.refused(404);
    ana.delete(&one).await.expect(204);
    assert_eq!(ana.all("/api/v1/views").await.len(), 0);
}
