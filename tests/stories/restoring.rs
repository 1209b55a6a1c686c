//! What people delete by hand comes back for 30 days: labels, ready-made answers, views, flows; and a name
//! that is free again may be taken meanwhile (issue 17, section 3).

use crate::support::client::Client;
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::webhooks::post;
use serde_json::{Value, json};

on_both_databases!(
    what_was_deleted_by_hand_comes_back,
    what_another_one_is_called_by_now_stays_away,
    after_thirty_days_it_is_gone,
);

/// Makes one of each: its list, itself, and its name there.
async fn made(admin: &Client) -> Vec<(&'static str, Value)> {
    let mut all = Vec::new();
    for (list, body) in [
        ("labels", json!({"name": "Urgent", "color": "#00aa00"})),
        ("canned-replies", json!({"shortcut": "hi", "content": "Hello"})),
        ("views", json!({"name": "Mine", "filter": {"status": "open"}})),
        (
            "flows",
            json!({"name": "Greets", "is_on": true, "channel_id": null,
                "trigger": {"kind": "keyword", "keywords": ["hello"]},
                "steps": [{"kind": "message", "text": "Welcome"}]}),
        ),
    ] {
        all.push((list, admin.post(&format!("/api/v1/{list}"), &body).await.expect(201)));
    }
    all
}

async fn listed(admin: &Client, list: &str, deleted: bool) -> Vec<Value> {
    admin.all(&format!("/api/v1/{list}?deleted={deleted}")).await
}

async fn what_was_deleted_by_hand_comes_back(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let all = made(&house.admin).await;
    let writes = async |id: &str| {
        post(&house.url(), &channel, &channel.text("15557700421", id, "hello")).await.expect(200);
        channel.conversation(&house.admin, "15557700421").await
    };
    let conversation = writes("wamid.1").await;
    let path = format!("/api/v1/conversations/{conversation}");
    house.admin.patch(&path, &json!({"label_ids": [all[0].1["id"]]})).await.expect(200);
    eventually("the flow answered", async || {
        (house.admin.messages(conversation).await.len() == 2).then_some(())
    })
    .await;
    for (list, it) in &all {
        let path = format!("/api/v1/{list}/{}", it["id"]);
        house.admin.post(&format!("{path}/restore"), &json!({})).await.refused(404);
        assert_eq!(house.admin.delete(&path).await.status, 204);
        assert_eq!(house.admin.delete(&path).await.status, 404, "{list}: once");
        assert!(listed(&house.admin, list, false).await.is_empty(), "{list}");
        let gone = listed(&house.admin, list, true).await;
        assert!(
            gone.len() == 1 && gone[0]["id"] == it["id"] && gone[0]["deleted_at"].is_string(),
            "{gone:?}"
        );
        let named = ["name", "shortcut"].map(|field| gone[0][field].clone());
        assert_eq!(named, ["name", "shortcut"].map(|field| it[field].clone()), "{list}");
    }
    assert_eq!(house.admin.get(&path).await.expect(200)["labels"], json!([]));
    writes("wamid.2").await;
    // What is put on a conversation meanwhile takes nothing away that may come back.
    let other = json!({"name": "Other", "color": "#0000aa"});
    let other = house.admin.post("/api/v1/labels", &other).await.expect(201);
    house.admin.patch(&path, &json!({"label_ids": [other["id"]]})).await.expect(200);
    for (list, it) in &all {
        let path = format!("/api/v1/{list}/{}/restore", it["id"]);
        let back = house.admin.post(&path, &json!({})).await.expect(200);
        assert_eq!((&back["id"], &back["name"]), (&it["id"], &it["name"]), "{list}");
        assert_eq!(back["shortcut"], it["shortcut"]);
        assert!(listed(&house.admin, list, true).await.is_empty());
        assert!(listed(&house.admin, list, false).await.iter().any(|each| each["id"] == it["id"]));
        house.admin.post(&path, &json!({})).await.refused(404);
    }
    let names = house.admin.get(&path).await.expect(200)["labels"].to_string();
    assert!(names.contains("Urgent") && names.contains("Other"), "{names}");
    let flow = house.admin.get(&format!("/api/v1/flows/{}", all[3].1["id"])).await.expect(200);
    assert_eq!(flow["is_on"], false, "an admin switches it on again");
    assert_eq!(house.admin.messages(conversation).await.len(), 3, "a deleted flow answers nobody");
    let log = house.admin.get("/api/v1/audit").await.expect(200).to_string();
    assert!(log.contains("label_restored") && log.contains("flow_restored"), "{log}");
    let (_, agent) = house.admin.adds("ava", "Ava Lind", "agent").await;
    house.admin.delete(&format!("/api/v1/views/{}", all[2].1["id"])).await;
    let path = format!("/api/v1/views/{}/restore", all[2].1["id"]);
    agent.post(&path, &json!({})).await.refused(404);
    assert!(listed(&agent, "views", true).await.is_empty(), "nobody else's");
}

async fn what_another_one_is_called_by_now_stays_away(database: Database) {
    let house = House::open(database).await;
    let all = made(&house.admin).await;
    for (list, it) in &all[..2] {
        house.admin.delete(&format!("/api/v1/{list}/{}", it["id"])).await;
    }
    made(&house.admin).await;
    for (list, it) in &all[..2] {
        let path = format!("/api/v1/{list}/{}/restore", it["id"]);
        house.admin.post(&path, &json!({})).await.refused(409);
        assert_eq!(listed(&house.admin, list, true).await.len(), 1, "{list}: it waits");
    }
}

async fn after_thirty_days_it_is_gone(database: Database) {
    let mut house = House::open(database).await;
    let all = made(&house.admin).await;
    for (list, it) in &all {
        house.admin.delete(&format!("/api/v1/{list}/{}", it["id"])).await;
    }
    house.server.kill().await;
    let past = 31_i64 * 24 * 3_600_000;
    for table in ["labels", "canned_replies", "saved_views", "flows"] {
        let sql = format!("UPDATE {table} SET deleted_at = deleted_at - {past} WHERE deleted_at IS NOT NULL");
        house.database.execute(&sql).await;
    }
    house.server.starts_again().await;
    for (list, it) in &all {
        assert!(listed(&house.admin, list, true).await.is_empty(), "{list}");
        let path = format!("/api/v1/{list}/{}/restore", it["id"]);
        house.admin.post(&path, &json!({})).await.refused(404);
    }
}
