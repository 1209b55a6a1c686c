//! What admins look at: why a message went once, who changed what, sums over days, what nobody could read.

use crate::support::channel::results;
use crate::support::client::number;
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::webhooks::post;
use serde_json::{Value, json};

on_both_databases!(
    a_message_tells_why_it_went_once,
    who_changed_what_is_kept_and_no_secret_with_it,
    reports_sum_up_and_no_cell_is_a_formula,
    what_was_kept_is_read_again,
);

async fn a_message_tells_why_it_went_once(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, "15557700421").await;
    let sent = house.admin.say(conversation, "a-1", "hello").await.expect(201);
    let path = format!("/api/v1/messages/{}", sent["id"]);
    let platform_id = eventually("it is sent", async || {
        let messages = house.admin.messages(conversation).await;
        messages[0]["platform_message_id"].as_str().map(str::to_owned)
    })
    .await;
    let receipt = channel.status("15557700421", &platform_id, "delivered", None);
    post(&house.url(), &channel, &receipt).await.expect(200);
    let history = house.admin.get(&format!("{path}/history")).await.expect(200);
    let kinds: Vec<_> =
        history["items"].as_array().expect("items").iter().map(|item| item["kind"].clone()).collect();
    for kind in ["written", "owed", "attempt", "attempt_ended", "receipt"] {
        assert!(kinds.contains(&json!(kind)), "no `{kind}`: {history}");
    }
    assert!(!history.to_string().contains("hello"), "never its words");
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let direct = json!({"to": "olga", "client_id": "d-1", "content": "psst"});
    let direct = ana.post("/api/v1/direct-messages", &direct).await.expect(201);
    let path = format!("/api/v1/messages/{}/history", direct["message"]["id"]);
    ana.get(&path).await.expect(200);
    let (_, eve) = house.admin.adds("eve", "Eve Curious", "admin").await;
    eve.get(&path).await.refused(404);
}

async fn who_changed_what_is_kept_and_no_secret_with_it(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let path = format!("/api/v1/channels/{}", channel.id);
    let change = json!({"name": "Shop", "credentials": {"app_secret": "a very new secret"}});
    house.admin.patch(&path, &change).await.expect(200);
    house.admin.patch(&format!("/api/v1/users/{ana_id}"), &json!({"role": "admin"})).await.expect(200);
    house.admin.patch("/api/v1/settings", &json!({"undo_seconds": 7})).await.expect(200);
    let all = house.admin.all("/api/v1/audit").await;
    let actions: Vec<_> = all.iter().map(|entry| entry["action"].as_str().expect("a word")).collect();
    for action in [
        "settings_changed",
        "user_changed",
        "channel_changed",
        "channel_created",
        "user_created",
        "token_created",
    ] {
        assert!(actions.contains(&action), "no `{action}`: {actions:?}");
    }
    assert_eq!(actions[0], "settings_changed", "the newest first");
    assert_eq!(all[0]["user"]["name"], "olga");
    let text = json!(all).to_string();
    assert!(!text.contains("very new secret") && !text.contains(&channel.secret), "{text}");
    assert!(text.contains("app_secret"), "which of them changed is told");
    drop(ana);
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    ben.get("/api/v1/audit").await.refused(403);
}

async fn reports_sum_up_and_no_cell_is_a_formula(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let (ana_id, ana) = house.admin.adds("ana", "=HYPERLINK(1)", "agent").await;
    let told = post(&house.url(), &channel, &channel.text("7700421", "m_1", "hello")).await;
    let conversation = number(&results(told)[0]["conversation_id"]);
    post(&house.url(), &channel, &channel.text("7700421", "m_2", "anybody?")).await.expect(200);
    let note = json!({"content": "who takes it?", "is_private": true});
    ana.post(&format!("/api/v1/conversations/{conversation}/messages"), &note).await.expect(201);
    assert_eq!(
        house.admin.get("/api/v1/stats").await.expect(200)["median_first_answer_seconds"],
        Value::Null
    );
    ana.say(conversation, "a-1", "yes").await.expect(201);
    ana.say(conversation, "a-2", "what is it?").await.expect(201);
    assert!(house.admin.get("/api/v1/stats").await.expect(200)["median_first_answer_seconds"].is_i64());
    let days = house.admin.get("/api/v1/reports?by=day").await.expect(200);
    let day = &days["items"][0];
    assert_eq!((&day["messages_in"], &day["messages_out"]), (&json!(2), &json!(2)), "notes are no messages");
    assert_eq!((&day["answers"], &day["conversations"]), (&json!(1), &json!(1)), "one wait, one answer");
    let agents = house.admin.get("/api/v1/reports?by=agent").await.expect(200);
    assert_eq!(
        (&agents["items"][0]["key"], &agents["items"][0]["messages_out"]),
        (&json!(ana_id), &json!(2))
    );
    let channels = house.admin.get("/api/v1/reports?by=channel").await.expect(200);
    assert_eq!(channels["items"][0]["name"], "The messenger");
    let table = house.admin.get("/api/v1/reports?by=agent&format=csv").await;
    assert!(table.header("content-type").starts_with("text/csv"), "{}", table.text);
    assert!(table.text.contains("\"'=HYPERLINK(1)\""), "{}", table.text);
    assert_eq!(house.admin.all("/api/v1/audit").await[0]["action"], "exported");
    ana.get("/api/v1/reports").await.refused(403);
    house.admin.get("/api/v1/reports?by=mood").await.refused(400);
    house.admin.get("/api/v1/reports?from=2026-01-01&to=2020-01-01").await.refused(422);
}

async fn what_was_kept_is_read_again(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("messenger").await;
    // Kept by a version that could not read it; this one can.
    let body = channel.text("7700421", "m_kept", "after all")["entry"][0]["messaging"][0].to_string();
    let bytes: String = body.bytes().fold(String::new(), |mut hex, byte| {
        let _ = std::fmt::Write::write_fmt(&mut hex, format_args!("{byte:02x}"));
        hex
    });
    let blob =
        if house.database.is_sqlite() { format!("X'{bytes}'") } else { format!("'\\x{bytes}'::bytea") };
    let odd = if house.database.is_sqlite() { "X'5b5d'" } else { "'\\x5b5d'::bytea" };
    for (fingerprint, body) in [("01", blob.as_str()), ("02", odd)] {
        let key = if house.database.is_sqlite() {
            format!("X'{fingerprint}'")
        } else {
            format!("'\\x{fingerprint}'::bytea")
        };
        let sql = format!(
            "INSERT INTO quarantined_events (channel_id, fingerprint, body, error, received_at) VALUES ({}, {key}, {body}, 'odd', 1)",
            channel.id
        );
        house.database.execute(&sql).await;
    }
    let kept = house.admin.all("/api/v1/quarantine").await;
    assert_eq!(kept.len(), 2);
    let (odd, good) = (&kept[0]["id"], &kept[1]["id"]);
    let replay =
        async |id: &Value| house.admin.post(&format!("/api/v1/quarantine/{id}/replay"), &json!({})).await;
    let outcome = replay(good).await.expect(200);
    assert_eq!(outcome["outcome"], "stored");
    let messages = house.admin.messages(number(&outcome["conversation_id"])).await;
    assert_eq!(messages[0]["content"], "after all");
    assert_eq!(replay(odd).await.expect(200)["outcome"], "quarantined");
    assert_eq!(house.admin.all("/api/v1/quarantine").await.len(), 1, "what cannot be read stays");
    replay(good).await.refused(404);
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    ana.post(&format!("/api/v1/quarantine/{odd}/replay"), &json!({})).await.refused(403);
}
