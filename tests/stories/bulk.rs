//! One act over everything that matches a filter. What would hurt: a conversation that is changed twice or
//! left out, a job that is forgotten when the server dies, one that cannot be stopped or taken back, an undo that
//! overwrites what a colleague did since.

use crate::support::channel::Channel;
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::webhooks::post;
use serde_json::{Value, json};
use std::collections::BTreeMap;

on_both_databases!(
    everything_that_matches_is_changed_once_and_nothing_else,
    what_is_refused_is_counted_and_the_others_are_changed,
    a_job_survives_a_kill_and_changes_each_once,
    a_job_that_is_stopped_goes_no_further,
    what_makes_no_sense_begins_nothing,
    an_undo_gives_back_what_each_had_but_not_what_changed_since,
    an_undo_survives_a_kill,
);

/// Conversations with customers who have not written yet.
async fn many(house: &House, channel: &Channel, count: i64) -> Vec<i64> {
    let mut all = Vec::new();
    for n in 0..count {
        all.push(channel.conversation(&house.admin, &format!("1555771{n:04}")).await);
    }
    all
}

async fn begins(client: &Client, body: &Value) -> (i64, i64) {
    let begun = client.post("/api/v1/conversations/bulk", body).await.expect(202);
    (number(&begun["job_id"]), number(&begun["total"]))
}

async fn job(client: &Client, id: i64) -> Value {
    client.get(&format!("/api/v1/bulk-jobs/{id}")).await.expect(200)
}

async fn ends(client: &Client, id: i64) -> Value {
    eventually("the job ends", async || {
        let progress = job(client, id).await;
        (progress["state"] != "running").then_some(progress)
    })
    .await
}

async fn count(client: &Client, filter: &str) -> i64 {
    number(&client.get(&format!("/api/v1/conversations/counts?{filter}")).await.expect(200)["matching"])
}

/// How often each conversation was changed, as the audit trail has it.
async fn changes(admin: &Client) -> BTreeMap<String, usize> {
    let mut changes = BTreeMap::new();
    for entry in admin.all("/api/v1/audit?action=conversation_changed").await {
        *changes.entry(entry["subject"].as_str().expect("of what").to_owned()).or_default() += 1;
    }
    changes
}

async fn everything_that_matches_is_changed_once_and_nothing_else(database: Database) {
    let house = House::open(database).await;
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let channel = house.channel("whatsapp").await;
    let all = many(&house, &channel, 120).await;
    let spared = format!("/api/v1/conversations/{}", all[0]);
    ana.patch(&spared, &json!({"status": "pending"})).await.expect(200);
    let direct = json!({"to": "olga", "client_id": "d", "content": "psst"});
    ana.post("/api/v1/direct-messages", &direct).await.expect(201);
    let before = changes(&house.admin).await.len();
    let wish = json!({"filter": {"status": "open", "assignee": "none"}, "expected": 119,
        "status": "closed", "assignee_id": ana_id});
    let (id, total) = begins(&ana, &wish).await;
    assert_eq!(total, 119, "colleagues' conversations are not meant");
    let progress = ends(&ana, id).await;
    assert_eq!(
        (&progress["state"], &progress["total"], &progress["done"], &progress["failed"]),
        (&json!("finished"), &json!(119), &json!(119), &json!(0))
    );
    assert_eq!(count(&ana, "status=closed&assignee=me").await, 119);
    assert_eq!(ana.get(&spared).await.expect(200)["status"], "pending", "it did not match");
    let changed = changes(&house.admin).await;
    assert_eq!(changed.len() - before, 119);
    assert!(changed.values().all(|times| *times == 1), "each once: {changed:?}");
    let started = house.admin.all("/api/v1/audit?action=bulk_started").await;
    assert_eq!((started.len(), &started[0]["address"]), (1, &json!("127.0.0.1")));

    let label = ana.post("/api/v1/labels", &json!({"name": "Refund"})).await.expect(201)["id"].clone();
    let other = ana.post("/api/v1/labels", &json!({"name": "Order"})).await.expect(201)["id"].clone();
    ana.patch(&spared, &json!({"label_ids": [other]})).await.expect(200);
    let wish = json!({"filter": {"status": "pending"}, "add_label_ids": [label]});
    ends(&ana, begins(&ana, &wish).await.0).await;
    let labels = ana.get(&spared).await.expect(200)["labels"].as_array().expect("labels").len();
    assert_eq!(labels, 2, "a label that is added takes no other away");
    let wish = json!({"filter": {"label_id": label}, "remove_label_ids": [label]});
    ends(&ana, begins(&ana, &wish).await.0).await;
    assert_eq!(ana.get(&spared).await.expect(200)["labels"][0]["id"], other);

    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    ben.get(&format!("/api/v1/bulk-jobs/{id}")).await.refused(404);
    ben.delete(&format!("/api/v1/bulk-jobs/{id}")).await.refused(404);
    house.admin.get(&format!("/api/v1/bulk-jobs/{id}")).await.expect(200);
    let named = json!({"conversation_ids": [all[1], 999_999], "status": "open"});
    let named = ana.post("/api/v1/conversations/bulk", &named).await.expect(200);
    assert_eq!(
        (&named["items"][0]["error"], &named["items"][1]["error"]["code"]),
        (&Value::Null, &json!("not_found"))
    );
}

async fn what_is_refused_is_counted_and_the_others_are_changed(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    many(&house, &channel, 5).await;
    let (id, total) =
        begins(&house.admin, &json!({"filter": {}, "assignee_id": 999_999, "status": "closed"})).await;
    let progress = ends(&house.admin, id).await;
    assert_eq!((total, &progress["done"], &progress["failed"]), (5, &json!(0), &json!(5)));
    assert_eq!(count(&house.admin, "status=open").await, 5, "what was refused is as it was");
    let (id, _) = begins(&house.admin, &json!({"filter": {"status": "snoozed"}, "status": "open"})).await;
    let progress = ends(&house.admin, id).await;
    assert_eq!((&progress["state"], &progress["total"]), (&json!("finished"), &json!(0)));
}

async fn a_job_survives_a_kill_and_changes_each_once(database: Database) {
    let mut house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    many(&house, &channel, 250).await;
    let (id, total) = begins(&house.admin, &json!({"filter": {"status": "open"}, "priority": "high"})).await;
    assert_eq!(total, 250);
    // Somewhere between the first and the last of them.
    eventually("it has begun", async || (number(&job(&house.admin, id).await["done"]) > 0).then_some(()))
        .await;
    house.server.kill().await;
    house.server.starts_again().await;
    let progress = ends(&house.admin, id).await;
    assert_eq!(
        (&progress["state"], &progress["done"], &progress["failed"]),
        (&json!("finished"), &json!(250), &json!(0))
    );
    assert_eq!(count(&house.admin, "priority=high").await, 250);
    let changed = changes(&house.admin).await;
    assert_eq!(changed.len(), 250);
    assert!(changed.values().all(|times| *times == 1), "each once: {changed:?}");
}

async fn a_job_that_is_stopped_goes_no_further(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    many(&house, &channel, 250).await;
    let (id, _) = begins(&house.admin, &json!({"filter": {"status": "open"}, "status": "closed"})).await;
    let path = format!("/api/v1/bulk-jobs/{id}");
    house.admin.delete(&path).await.expect(204);
    let progress = job(&house.admin, id).await;
    // Quicker than the word to stop is allowed; going on after it is not.
    assert!(["stopped", "finished"].contains(&progress["state"].as_str().expect("a word")), "{progress}");
    let closed = count(&house.admin, "status=closed").await;
    let (next, _) = begins(&house.admin, &json!({"filter": {"status": "pending"}, "status": "open"})).await;
    ends(&house.admin, next).await;
    assert_eq!(
        count(&house.admin, "status=closed").await,
        closed,
        "a later job ended, and this one changed nothing"
    );
    assert_eq!(number(&job(&house.admin, id).await["done"]), closed);
    house.admin.delete(&path).await.expect(204);
}

async fn what_makes_no_sense_begins_nothing(database: Database) {
    let house = House::open(database).await;
    for body in [
        json!({"filter": {"status": "open"}}),
        json!({"filter": {"colour": "red"}, "status": "closed"}),
        json!({"filter": {"status": "shut"}, "status": "closed"}),
        json!({"filter": {}, "ids": [1], "status": "closed"}),
        json!({"status": "closed"}),
    ] {
        house.admin.post("/api/v1/conversations/bulk", &body).await.refused(422);
    }
    house.admin.get("/api/v1/bulk-jobs/1").await.refused(404);
}

async fn undone(client: &Client, job: i64) -> Value {
    let path = format!("/api/v1/bulk-jobs/{job}/undo");
    let undo = client.post(&path, &json!({})).await.expect(202);
    let again = client.post(&path, &json!({})).await.expect(202);
    assert_eq!(again, undo, "asked for twice, it is one job");
    ends(client, number(&undo["job_id"])).await
}

/// What a job may change of a conversation.
async fn stands(client: &Client, id: i64) -> Value {
    let it = client.get(&format!("/api/v1/conversations/{id}")).await.expect(200);
    json!([it["status"], it["snoozed_until"], it["assignee_id"], it["priority"], it["labels"]])
}

/// Makes the first four unlike each other; the last of them as the job wants it. The labels: its own, another.
async fn make_different(ana: &Client, ana_id: i64, all: &[i64]) -> [Value; 2] {
    let refund = ana.post("/api/v1/labels", &json!({"name": "Refund"})).await.expect(201)["id"].clone();
    let order = ana.post("/api/v1/labels", &json!({"name": "Order"})).await.expect(201)["id"].clone();
    let changes = [
        json!({"status": "pending", "label_ids": [order]}),
        json!({"status": "snoozed", "snoozed_until": "2044-01-01T00:00:00.000Z", "priority": "low"}),
        json!({"assignee_id": ana_id, "label_ids": [order, refund]}),
        json!({"status": "closed", "assignee_id": ana_id, "priority": "high", "label_ids": [refund]}),
    ];
    for (id, change) in all.iter().zip(&changes) {
        ana.patch(&format!("/api/v1/conversations/{id}"), change).await.expect(200);
    }
    [refund, order]
}

async fn an_undo_gives_back_what_each_had_but_not_what_changed_since(database: Database) {
    let house = House::open(database).await;
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let channel = house.channel("whatsapp").await;
    let all = many(&house, &channel, 12).await;
    let [refund, order] = make_different(&ana, ana_id, &all).await;
    let mut before = Vec::new();
    for id in &all {
        before.push(stands(&ana, *id).await);
    }
    let wish = json!({"filter": {}, "status": "closed", "assignee_id": ana_id, "priority": "high",
        "add_label_ids": [refund], "remove_label_ids": [order]});
    let (id, total) = begins(&ana, &wish).await;
    assert_eq!((total, &ends(&ana, id).await["done"]), (12, &json!(12)));
    // Meanwhile a colleague takes one up, and another one's customer writes.
    ben.patch(&format!("/api/v1/conversations/{}", all[4]), &json!({"priority": "urgent"})).await.expect(200);
    post(&house.url(), &channel, &channel.text("15557710005", "wamid.since", "Hello?")).await;
    let (bens, reopened) = (stands(&ana, all[4]).await, stands(&ana, all[5]).await);
    assert_eq!(reopened[0], "open");

    ben.post(&format!("/api/v1/bulk-jobs/{id}/undo"), &json!({})).await.refused(404);
    let progress = undone(&ana, id).await;
    // One stood already as it was to be: there is nothing to give back.
    assert_eq!(
        (&progress["total"], &progress["done"], &progress["kept"], &progress["failed"]),
        (&json!(11), &json!(9), &json!(2), &json!(0))
    );
    for (at, conversation) in all.iter().enumerate() {
        let expected = match at {
            4 => &bens,
            5 => &reopened,
            _ => &before[at],
        };
        assert_eq!(&stands(&ana, *conversation).await, expected, "number {at}");
    }
    let trail = ana_did(&house.admin, ana_id).await;
    let by_jobs = trail.iter().filter(|entry| entry["action"] == "conversation_changed").count();
    assert_eq!(by_jobs, 4 + 11 + 9, "by hand, by the job, by its undo");
    assert!(trail.iter().all(|entry| entry["address"] == "127.0.0.1"), "from where: {trail:#?}");
    assert!(trail.iter().any(|entry| entry["action"] == "bulk_undone"));
}

async fn ana_did(admin: &Client, ana: i64) -> Vec<Value> {
    admin.all(&format!("/api/v1/audit?user_id={ana}")).await
}

async fn an_undo_survives_a_kill(database: Database) {
    let mut house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    many(&house, &channel, 250).await;
    let (id, _) = begins(&house.admin, &json!({"filter": {"status": "open"}, "status": "closed"})).await;
    let path = format!("/api/v1/bulk-jobs/{id}/undo");
    if job(&house.admin, id).await["state"] == "running" {
        // It may end between the two.
        let answer = house.admin.post(&path, &json!({})).await;
        assert!([202, 409].contains(&answer.status), "{}", answer.text);
    }
    ends(&house.admin, id).await;
    let undo = number(&house.admin.post(&path, &json!({})).await.expect(202)["job_id"]);
    eventually("it has begun", async || (number(&job(&house.admin, undo).await["done"]) > 0).then_some(()))
        .await;
    house.server.kill().await;
    house.server.starts_again().await;
    let progress = ends(&house.admin, undo).await;
    assert_eq!((&progress["done"], &progress["kept"]), (&json!(250), &json!(0)));
    assert_eq!(count(&house.admin, "status=open").await, 250);
    let changed = changes(&house.admin).await;
    assert!(changed.values().all(|times| *times == 2), "there and back, each once: {changed:?}");
}
