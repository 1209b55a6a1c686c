//! Programs outside hear what happened: signed, once an event, again until it is taken, and again when asked.

use crate::support::channel::{Channel, results};
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::hearer::{Hearer, is_signed};
use crate::support::house::House;
use crate::support::platform::Manner;
use crate::support::webhooks::post;
use crate::support::{eventually, on_both_databases};
use serde_json::{Value, json};

const CUSTOMER: &str = "15557700421";

on_both_databases!(
    each_event_is_heard_signed_and_under_one_id,
    what_is_not_taken_comes_again_and_can_be_replayed,
    what_happened_before_a_kill_is_heard_after_it,
    internal_addresses_and_agents_are_refused,
    a_program_that_hangs_delays_no_other,
);

async fn open(database: Database) -> (House, Channel) {
    let house =
        House::open_with(database, |settings| settings.with("RAPPORT_HOOKS_ALLOW_PRIVATE", "true")).await;
    let channel = house.channel("whatsapp").await;
    (house, channel)
}

async fn hook(house: &House, hearer: &Hearer, events: &[&str]) -> (i64, String) {
    let body = json!({"name": "The shop", "url": hearer.url(), "events": events});
    let hook = house.admin.post("/api/v1/hooks", &body).await.expect(201);
    (number(&hook["id"]), hook["secret"].as_str().expect("a secret").to_owned())
}

async fn writes(house: &House, channel: &Channel, id: &str, text: &str) -> i64 {
    let answer = post(&house.url(), channel, &channel.text(CUSTOMER, id, text)).await;
    number(&results(answer)[0]["conversation_id"])
}

fn is(event: &'static str) -> impl Fn(&Value) -> bool {
    move |body| body["event"] == event
}

async fn each_event_is_heard_signed_and_under_one_id(database: Database) {
    let (house, channel) = open(database).await;
    let (hearer, deaf) = (Hearer::start().await, Hearer::start().await);
    let all = ["message_created", "conversation_updated", "delivery_failed"];
    let (id, secret) = hook(&house, &hearer, &all).await;
    hook(&house, &deaf, &["delivery_failed"]).await;
    let shown = house.admin.get("/api/v1/hooks").await.expect(200);
    assert!(!shown.to_string().contains(&secret), "the secret is shown once");
    assert_eq!(shown["items"][0]["events"], json!(all));

    let conversation = writes(&house, &channel, "m-1", "hello").await;
    writes(&house, &channel, "m-1", "hello").await;
    let heard = hearer.hears("the message", 1, is("message_created")).await;
    assert_eq!(heard[0]["data"]["message"]["content"], "hello");
    assert_eq!(heard[0]["data"]["conversation_id"], json!(conversation));
    house
        .admin
        .patch(&format!("/api/v1/conversations/{conversation}"), &json!({"status": "closed"}))
        .await
        .expect(200);
    hearer
        .hears("the status", 1, |body| {
            body["event"] == "conversation_updated" && body["data"]["conversation"]["status"] == "closed"
        })
        .await;

    house.platform.meets(
        "never",
        Manner::Refuse(400, json!({"error": {"code": 131_026, "message": "undeliverable"}}), None),
        1,
    );
    house.admin.say(conversation, "c-1", "never").await.expect(201);
    let lost = deaf.hears("the failure", 1, is("delivery_failed")).await;
    assert_eq!(lost[0]["data"]["message"]["status"], "failed");
    hearer.hears("the failure", 1, is("delivery_failed")).await;

    let (_, ana) = house.admin.adds("ana", "Ana", "agent").await;
    let direct = json!({"to": "ana", "content": "between us", "client_id": "d-1"});
    assert!(house.admin.post("/api/v1/direct-messages", &direct).await.status < 300);
    drop(ana);
    writes(&house, &channel, "m-2", "the last").await;
    hearer.hears("the last", 1, |body| body["data"]["message"]["content"] == "the last").await;

    let calls = hearer.calls();
    assert!(calls.iter().all(|call| is_signed(call, &secret)), "each call is signed");
    assert!(!calls.iter().any(|call| is_signed(call, "another secret")));
    assert!(hearer.heard(|body| body.to_string().contains("between us")).is_empty());
    let mut ids: Vec<_> = calls.iter().map(|call| call.headers["x-rapport-event-id"].clone()).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "each event once");
    assert_eq!(hearer.heard(is("message_created")).len(), 3, "hello, never, the last");
    assert_eq!(deaf.calls().len(), 1, "only what it asked for");
    let log = house.admin.all(&format!("/api/v1/hooks/{id}/deliveries")).await;
    assert!(log.iter().any(|delivery| delivery["attempts"][0]["status_code"] == 200), "{log:?}");
}

async fn what_is_not_taken_comes_again_and_can_be_replayed(database: Database) {
    let (house, channel) = open(database).await;
    let hearer = Hearer::start().await;
    let (id, _) = hook(&house, &hearer, &["message_created"]).await;
    hearer.answers(500);
    hearer.answers(302);
    writes(&house, &channel, "m-1", "hello").await;
    hearer.hears("three tries", 3, is("message_created")).await;
    let path = format!("/api/v1/hooks/{id}/deliveries");
    let delivered = |tries: usize| {
        let (admin, path) = (&house.admin, &path);
        async move {
            eventually("it is delivered", async || {
                let log = admin.get(path).await.expect(200)["items"][0].clone();
                let is_there =
                    log["state"] == "delivered" && log["attempts"].as_array().map(Vec::len) == Some(tries);
                is_there.then_some(log)
            })
            .await
        }
    };
    let log = delivered(3).await;
    let statuses: Vec<_> =
        log["attempts"].as_array().expect("tries").iter().map(|try_| try_["status_code"].clone()).collect();
    assert_eq!(statuses, [500, 302, 200]);

    let replay = format!("/api/v1/hook-deliveries/{}/replay", log["id"]);
    house.admin.post(&replay, &json!({})).await.expect(202);
    delivered(4).await;
    let calls = hearer.calls();
    assert_eq!(calls.len(), 4);
    assert!(calls.iter().all(|call| call.body == calls[0].body), "the same to the byte");
    assert!(
        calls.iter().all(|call| call.headers["x-rapport-event-id"] == calls[0].headers["x-rapport-event-id"])
    );
}

async fn a_program_that_hangs_delays_no_other(database: Database) {
    let (house, channel) = open(database).await;
    let (stuck, quick) = (Hearer::start().await, Hearer::start().await);
    stuck.is_mute(true);
    hook(&house, &stuck, &["message_created"]).await;
    hook(&house, &quick, &["message_created"]).await;
    for n in 0..150 {
        writes(&house, &channel, &format!("m-{n}"), "hello").await;
    }
    let heard = quick.hears("all of them", 150, is("message_created")).await;
    assert_eq!(heard.len(), 150, "each once");
    assert!(!stuck.calls().is_empty(), "who hangs is called all the same");
}

async fn what_happened_before_a_kill_is_heard_after_it(database: Database) {
    let (mut house, channel) = open(database).await;
    let hearer = Hearer::start().await;
    hook(&house, &hearer, &["message_created"]).await;
    for n in 0..20 {
        writes(&house, &channel, &format!("m-{n}"), &format!("word {n}")).await;
    }
    house.server.kill().await;
    house.server.starts_again().await;
    eventually("all twenty", async || {
        let mut ids: Vec<_> =
            hearer.calls().iter().map(|call| call.headers["x-rapport-event-id"].clone()).collect();
        ids.sort();
        ids.dedup();
        (ids.len() == 20).then_some(())
    })
    .await;
}

async fn internal_addresses_and_agents_are_refused(database: Database) {
    let house = House::open(database).await;
    let hearer = Hearer::start().await;
    for url in
        [&hearer.url(), "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/", "https://10.1.2.3/"]
    {
        let body = json!({"name": "x", "url": url, "events": ["message_created"]});
        assert_eq!(
            house.admin.post("/api/v1/hooks", &body).await.refused(422)["code"],
            "invalid_url",
            "{url}"
        );
    }
    let (_, ana) = house.admin.adds("ana", "Ana", "agent").await;
    let body = json!({"name": "x", "url": "https://example.com/", "events": ["message_created"]});
    ana.post("/api/v1/hooks", &body).await.refused(403);
    let made = house.admin.post("/api/v1/hooks", &body).await.expect(201);
    let path = format!("/api/v1/hooks/{}", made["id"]);
    ana.patch(&path, &json!({"is_on": false})).await.refused(403);
    let changed = house.admin.patch(&path, &json!({"is_on": false, "name": "y"})).await.expect(200);
    assert_eq!(
        (&changed["is_on"], &changed["name"], &changed["secret"]),
        (&json!(false), &json!("y"), &Value::Null)
    );
    assert_eq!(house.admin.delete(&path).await.status, 204);
    assert_eq!(house.admin.delete(&path).await.status, 404);
}
