//! Who is gone holds nothing: what a removed colleague cared for goes to whom the admin says, or to nobody,
//! and nobody gives them anything again (contract 2). And how many conversations there are, which the dialog
//! of it says.

use crate::support::client::number;
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use serde_json::{Value, json};

on_both_databases!(
    who_is_removed_hands_over_what_they_hold,
    without_a_successor_what_they_held_is_nobodys,
    nothing_is_given_to_who_is_gone,
    counts_are_of_all_that_there_is,
    what_a_test_of_a_channel_found_is_remembered_until_the_account_changes,
);

/// Conversations of as many customers, given to somebody.
async fn held(house: &House, user: i64, count: usize) -> Vec<i64> {
    let channel = house.channel("whatsapp").await;
    let mut ids = Vec::new();
    for n in 0..count {
        let customer = format!("1555770{n:04}");
        let body = channel.text(&customer, &format!("wamid.{n}"), "Hello");
        post(&house.url(), &channel, &body).await.expect(200);
        let id = channel.conversation(&house.admin, &customer).await;
        let body = json!({"assignee_id": user});
        house.admin.patch(&format!("/api/v1/conversations/{id}"), &body).await.expect(200);
        ids.push(id);
    }
    ids
}

async fn assignee(house: &House, id: i64) -> Value {
    house.admin.get(&format!("/api/v1/conversations/{id}")).await.expect(200)["assignee_id"].clone()
}

async fn total(house: &House, query: &str) -> i64 {
    number(&house.admin.get(&format!("/api/v1/conversations/counts?{query}")).await.expect(200)["total"])
}

async fn who_is_removed_hands_over_what_they_hold(database: Database) {
    let house = House::open(database).await;
    let (ana, _) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (ben, _) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let (ron, _) = house.admin.adds("ron", "Ron Gone", "agent").await;
    house.admin.delete(&format!("/api/v1/users/{ron}")).await;
    let ids = held(&house, ana, 3).await;
    let closed = json!({"status": "closed"});
    house.admin.patch(&format!("/api/v1/conversations/{}", ids[2]), &closed).await.expect(200);
    assert_eq!(total(&house, &format!("assignee={ana}&status=open,pending,snoozed")).await, 2);
    for wrong in [ana, ron, 9_999] {
        let answer = house.admin.delete(&format!("/api/v1/users/{ana}?successor_id={wrong}")).await;
        assert_eq!(answer.refused(422)["code"], "bad_successor", "{wrong}");
    }
    assert_eq!(assignee(&house, ids[0]).await, json!(ana), "a refusal changes nothing");
    let list = Socket::open(&house.admin).await;
    list.watch("all").await;
    let answer = house.admin.delete(&format!("/api/v1/users/{ana}?successor_id={ben}")).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    for id in &ids[..2] {
        assert_eq!(assignee(&house, *id).await, json!(ben));
        list.until("the list is told", |frames| {
            frames
                .iter()
                .find(|frame| {
                    frame["type"] == "conversation_updated"
                        && frame["conversation"]["id"] == *id
                        && frame["conversation"]["assignee_id"] == ben
                })
                .map(drop)
        })
        .await;
    }
    assert_eq!(assignee(&house, ids[2]).await, Value::Null, "what is closed comes back to everybody");
    assert_eq!(total(&house, &format!("assignee={ana}")).await, 0);
    assert_eq!(total(&house, &format!("assignee={ben}")).await, 2);
}

async fn without_a_successor_what_they_held_is_nobodys(database: Database) {
    let house = House::open(database).await;
    let mut ids = vec![];
    for (name, by) in [("ana", "DELETE"), ("ben", "PATCH")] {
        let (user, _) = house.admin.adds(name, "Somebody", "agent").await;
        if ids.is_empty() {
            ids = held(&house, user, 2).await;
        }
        for id in &ids {
            let body = json!({"assignee_id": user});
            house.admin.patch(&format!("/api/v1/conversations/{id}"), &body).await.expect(200);
        }
        let path = format!("/api/v1/users/{user}");
        if by == "DELETE" {
            assert_eq!(house.admin.delete(&path).await.status, 204);
        } else {
            house.admin.patch(&path, &json!({"is_active": false})).await.expect(200);
        }
        for id in &ids {
            assert_eq!(assignee(&house, *id).await, Value::Null, "{by}");
        }
        assert_eq!(total(&house, "assignee=none").await, 2, "{by}: they stand where everybody sees them");
    }
}

async fn nothing_is_given_to_who_is_gone(database: Database) {
    let house = House::open(database).await;
    let (ana, _) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let ids = held(&house, ana, 1).await;
    let steps = json!([{"kind": "assign", "user_id": ana}]);
    let flow = json!({"name": "To Ana", "trigger": {"kind": "manual"}, "steps": steps});
    let made = house.admin.post("/api/v1/flows", &flow).await.expect(201);
    house.admin.delete(&format!("/api/v1/users/{ana}")).await;
    let conversation = format!("/api/v1/conversations/{}", ids[0]);
    house.admin.patch(&conversation, &json!({"assignee_id": ana})).await.refused(422);
    let bulk = json!({"ids": ids, "assignee_id": ana});
    let answer = house.admin.post("/api/v1/conversations/bulk", &bulk).await.expect(200);
    assert_eq!(answer["items"][0]["error"]["code"], "bad_assignee");
    house.admin.post("/api/v1/flows", &flow).await.refused(422);
    let (id, start) = (number(&made["id"]), json!({"conversation_id": ids[0]}));
    house
        .admin
        .patch(&format!("/api/v1/flows/{id}"), &json!({"name": "To nobody", "steps": steps}))
        .await
        .expect(200);
    let run = house.admin.post(&format!("/api/v1/flows/{id}/runs"), &start).await.expect(201);
    eventually("the run has ended", async || {
        let runs = house.admin.get(&format!("/api/v1/flows/{id}/runs")).await.expect(200);
        let runs = runs["items"].as_array()?;
        runs.iter().find(|each| each["id"] == run["id"] && each["status"] == "done").map(drop)
    })
    .await;
    assert_eq!(assignee(&house, ids[0]).await, Value::Null);
}

async fn counts_are_of_all_that_there_is(database: Database) {
    let house = House::open(database).await;
    let (ana, agent) = house.admin.adds("ana", "Ana Lind", "agent").await;
    house.admin.adds("ben", "Ben Ode", "agent").await;
    let ids = held(&house, ana, 4).await;
    let nobody = json!({"assignee_id": null});
    house.admin.patch(&format!("/api/v1/conversations/{}", ids[3]), &nobody).await.expect(200);
    let direct = json!({"to": "ben", "content": "between us", "client_id": "d"});
    agent.post("/api/v1/direct-messages", &direct).await.expect(201);
    let counts = async |query: &str| {
        let told = house.admin.get(&format!("/api/v1/conversations/counts?{query}")).await.expect(200);
        json!({"total": told["total"], "unread": told["unread"]})
    };
    assert_eq!(counts("").await, json!({"total": 4, "unread": 4}), "what colleagues say is nobody else's");
    let read = json!({"seq": 1_000});
    house.admin.post(&format!("/api/v1/conversations/{}/read", ids[0]), &read).await.expect(200);
    assert_eq!(counts("status=open").await, json!({"total": 4, "unread": 3}));
    assert_eq!(counts(&format!("assignee={ana}&unread=true")).await, json!({"total": 2, "unread": 2}));
    assert_eq!(counts("assignee=none").await, json!({"total": 1, "unread": 1}));
    assert_eq!(counts("status=closed,snoozed").await, json!({"total": 0, "unread": 0}));
    assert_eq!(counts("up_to=2").await, json!({"total": 2, "unread": 2}), "nobody counts further");
    let seen = agent.get("/api/v1/conversations/counts?kind=direct").await.expect(200);
    assert_eq!(seen["total"], 1);
    let list = house.admin.get("/api/v1/conversations?unread=true&status=open,pending").await.expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(3));
    for wrong in ["status=open,lost", "up_to=0"] {
        house.admin.get(&format!("/api/v1/conversations/counts?{wrong}")).await.refused(400);
    }
}

async fn what_a_test_of_a_channel_found_is_remembered_until_the_account_changes(database: Database) {
    let house = House::open(database).await;
    let body = json!({"kind": "whatsapp", "name": "Shop", "external_id": "1", "credentials": {}});
    let id = number(&house.admin.post("/api/v1/channels", &body).await.expect(201)["id"]);
    let path = format!("/api/v1/channels/{id}");
    let last = async || house.admin.get(&path).await.expect(200)["last_test"].clone();
    assert_eq!(last().await, Value::Null, "nobody has tested it");
    house.admin.post(&format!("{path}/test"), &json!({})).await.expect(200);
    let found = last().await;
    assert_eq!(found["ok"], false, "{found}");
    assert!(found["fault"].as_str().is_some_and(|fault| fault.contains("access_token")), "{found}");
    assert!(found["at"].is_string(), "{found}");
    house.admin.patch(&path, &json!({"name": "The shop"})).await.expect(200);
    assert_eq!(last().await, found, "another name is the same account");
    let change = json!({"credentials": {"access_token": "a token", "app_secret": "s"}});
    house.admin.patch(&path, &change).await.expect(200);
    assert_eq!(last().await, Value::Null, "another token was never tested");
}
