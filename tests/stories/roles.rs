//! What roles allow, and that nobody gives what they do not have. Which route takes which permission is the
//! matrix' affair (`matrix/rows.rs`).

use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::server::PASSWORD;
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use serde_json::{Value, json};

on_both_databases!(
    four_roles_come_made_and_admin_is_never_weakened,
    nobody_gives_what_they_do_not_have,
    a_changed_role_takes_hold_at_once,
    a_role_is_held_by_frame_as_by_call,
    what_is_shared_takes_more_than_what_is_ones_own,
    a_role_that_somebody_has_stays,
);

/// Adds a user of a role, signed in by cookie: not every role may make tokens.
async fn adds(house: &House, username: &str, role: &str) -> (i64, Client) {
    let body = json!({"username": username, "full_name": username, "password": PASSWORD, "role": role});
    let id = number(&house.admin.post("/api/v1/users", &body).await.expect(201)["id"]);
    (id, Client::anonymous(&house.url()).signed_in(username, PASSWORD).await)
}

async fn makes_role(house: &House, slug: &str, permissions: &[&str]) -> Value {
    let body = json!({"name": format!("Role {slug}"), "slug": slug, "permissions": permissions});
    house.admin.post("/api/v1/roles", &body).await.expect(201)
}

/// A customer's conversation.
async fn conversation(house: &House) -> i64 {
    let channel = house.channel("whatsapp").await;
    post(&house.url(), &channel, &channel.text("15557700421", "wamid.1", "hello")).await.expect(200);
    channel.conversation(&house.admin, "15557700421").await
}

fn lacks(answer: &Value) -> &str {
    answer["permission"].as_str().unwrap_or("nothing")
}

async fn four_roles_come_made_and_admin_is_never_weakened(database: Database) {
    let house = House::open(database).await;
    let roles = house.admin.get("/api/v1/roles").await.expect(200)["items"].clone();
    let slugs: Vec<_> = roles.as_array().expect("a list").iter().map(|role| role["slug"].clone()).collect();
    assert_eq!(slugs, ["admin", "supervisor", "agent", "viewer"]);
    assert!(roles.as_array().expect("a list").iter().all(|role| role["is_made"] == true), "{roles}");
    let me = house.admin.get("/api/v1/me").await.expect(200);
    assert_eq!(me["permissions"], roles[0]["permissions"], "an admin may everything there is");
    let less = json!({"permissions": ["export"]});
    let no = house.admin.patch("/api/v1/roles/admin", &less).await.refused(409);
    assert_eq!(no["code"], "role_is_made");
    house.admin.delete("/api/v1/roles/agent").await.refused(409);
    house.admin.patch("/api/v1/roles/agent", &json!({"name": "Helper"})).await.refused(409);
    house.admin.patch("/api/v1/roles/agent", &json!({"permissions": ["moon.walk"]})).await.refused(400);
    let (_, ana) = adds(&house, "ana", "agent").await;
    ana.get("/api/v1/reports").await.refused(403);
    let mut more: Vec<Value> = roles[2]["permissions"].as_array().expect("a list").clone();
    more.push(json!("reports.see"));
    let agent = house.admin.patch("/api/v1/roles/agent", &json!({"permissions": more})).await.expect(200);
    assert!(agent["is_made"] == true && agent["slug"] == "agent", "{agent}");
    ana.get("/api/v1/reports").await.expect(200);
    let no = ana.get("/api/v1/reports?format=csv").await.refused(403);
    assert_eq!(lacks(&no), "export", "taking it out of the house is another thing");
    let trail = house.admin.all("/api/v1/audit?action=role_changed").await;
    assert_eq!(trail[0]["subject"], "role:agent");
}

async fn nobody_gives_what_they_do_not_have(database: Database) {
    let house = House::open(database).await;
    makes_role(&house, "people", &["users.manage", "roles.manage", "tokens.manage", "notes.write"]).await;
    makes_role(&house, "notes", &["notes.write"]).await;
    let (_, hana) = adds(&house, "hana", "people").await;
    let admin = number(&house.admin.get("/api/v1/me").await.expect(200)["id"]);
    let user = |role: &str| json!({"username": format!("x-{role}"), "password": PASSWORD, "role": role});
    let made = hana.post("/api/v1/users", &user("notes")).await.expect(201);
    for role in ["admin", "agent"] {
        let no = hana.post("/api/v1/users", &user(role)).await.refused(403);
        assert!(no["permission"].is_string(), "{no}");
        let promoted = format!("/api/v1/users/{}", made["id"]);
        hana.patch(&promoted, &json!({"role": role})).await.refused(403);
    }
    let no = hana.post("/api/v1/users", &user("nobodys")).await.refused(422);
    assert_eq!(no["code"], "bad_role");
    for change in
        [json!({"password": "taken over by hana"}), json!({"role": "notes"}), json!({"is_active": false})]
    {
        hana.patch(&format!("/api/v1/users/{admin}"), &change).await.refused(403);
    }
    hana.delete(&format!("/api/v1/users/{admin}")).await.refused(403);
    let token = number(&house.admin.all("/api/v1/tokens").await[0]["id"]);
    hana.delete(&format!("/api/v1/users/{admin}/tokens/{token}")).await.refused(403);
    let wide = json!({"name": "Wide", "permissions": ["notes.write", "export"]});
    assert_eq!(lacks(&hana.post("/api/v1/roles", &wide).await.refused(403)), "export");
    let wide = json!({"permissions": ["export"]});
    assert_eq!(lacks(&hana.patch("/api/v1/roles/people", &wide).await.refused(403)), "export");
    hana.patch("/api/v1/roles/agent", &json!({"permissions": []})).await.refused(403);
    let own = json!({"name": "Writers", "permissions": ["notes.write"]});
    assert_eq!(hana.post("/api/v1/roles", &own).await.expect(201)["slug"], "writers");
    house.admin.get("/api/v1/me").await.expect(200);
}

async fn a_changed_role_takes_hold_at_once(database: Database) {
    let house = House::open(database).await;
    let conversation = conversation(&house).await;
    makes_role(&house, "helper", &["conversations.reply"]).await;
    let (_, ana) = adds(&house, "ana", "helper").await;
    ana.say(conversation, "a", "hello").await.expect(201);
    let socket = Socket::open(&ana).await;
    house.admin.patch("/api/v1/roles/helper", &json!({"permissions": []})).await.expect(200);
    assert_eq!(socket.closes().await, 4001, "the socket of before ends");
    let no = ana.say(conversation, "b", "hello again").await.refused(403);
    assert_eq!((no["code"].as_str(), lacks(&no)), (Some("forbidden"), "conversations.reply"));
    let me = ana.get("/api/v1/me").await.expect(200);
    assert_eq!(me["permissions"], json!([]), "they are signed in as before");
    let again = json!({"permissions": ["conversations.reply", "notes.write"]});
    house.admin.patch("/api/v1/roles/helper", &again).await.expect(200);
    ana.say(conversation, "b", "hello again").await.expect(201);
}

async fn a_role_is_held_by_frame_as_by_call(database: Database) {
    let house = House::open(database).await;
    let conversation = conversation(&house).await;
    makes_role(&house, "notes", &["notes.write"]).await;
    let (_, vera) = adds(&house, "vera", "viewer").await;
    let (_, nora) = adds(&house, "nora", "notes").await;
    let socket = Socket::open(&vera).await;
    socket.subscribe(conversation, Some(0)).await;
    for frame in [
        json!({"type": "send", "conversation_id": conversation, "client_id": "x", "content": "hi", "ref": "send"}),
        json!({"type": "typing", "conversation_id": conversation, "is_typing": true, "ref": "typing"}),
    ] {
        socket.send(&frame);
        let error = socket
            .until("a refusal", |frames| {
                frames.iter().find(|one| one["type"] == "error" && one["ref"] == frame["ref"]).cloned()
            })
            .await;
        assert_eq!(error["permission"], "conversations.reply", "{error}");
    }
    // Reading is not writing.
    socket.send(&json!({"type": "read", "conversation_id": conversation, "seq": 1}));
    eventually("it is read", async || {
        let seen = vera.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
        (seen["unread_count"] == 0).then_some(())
    })
    .await;
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let note = json!({"content": "a note", "client_id": "n", "is_private": true});
    assert_eq!(lacks(&vera.post(&path, &note).await.refused(403)), "notes.write");
    let note = nora.post(&path, &note).await.expect(201);
    assert_eq!(
        lacks(&nora.say(conversation, "r", "to the customer").await.refused(403)),
        "conversations.reply"
    );
    let note = format!("/api/v1/messages/{}", note["id"]);
    nora.patch(&note, &json!({"content": "another note"})).await.expect(200);
    nora.delete(&note).await.expect(200);
    let change = json!({"status": "closed"});
    let no = nora.patch(&format!("/api/v1/conversations/{conversation}"), &change).await.refused(403);
    assert_eq!(lacks(&no), "conversations.close");
    let change = json!({"assignee_id": null, "priority": "high"});
    let no = nora.patch(&format!("/api/v1/conversations/{conversation}"), &change).await.refused(403);
    assert_eq!(lacks(&no), "conversations.assign");
    assert_eq!(house.admin.messages(conversation).await.len(), 2, "the customer's and the note");
}

async fn what_is_shared_takes_more_than_what_is_ones_own(database: Database) {
    let house = House::open(database).await;
    let (_, vera) = adds(&house, "vera", "viewer").await;
    let own = json!({"shortcut": "mine", "content": "Hello", "is_shared": false});
    let own = vera.post("/api/v1/canned-replies", &own).await.expect(201);
    let path = format!("/api/v1/canned-replies/{}", own["id"]);
    assert_eq!(lacks(&vera.patch(&path, &json!({"is_shared": true})).await.refused(403)), "canned.manage");
    vera.patch(&path, &json!({"content": "Good day"})).await.expect(200);
    let view = json!({"name": "Open", "filter": {"status": "open"}});
    let view = vera.post("/api/v1/views", &view).await.expect(201);
    let path = format!("/api/v1/views/{}", view["id"]);
    assert_eq!(lacks(&vera.patch(&path, &json!({"is_shared": true})).await.refused(403)), "views.share");
    vera.patch(&path, &json!({"name": "All open"})).await.expect(200);
    let shared = json!({"name": "Shared", "filter": {"status": "open"}, "is_shared": true});
    let shared = house.admin.post("/api/v1/views", &shared).await.expect(201);
    let path = format!("/api/v1/views/{}", shared["id"]);
    assert_eq!(lacks(&vera.delete(&path).await.refused(403)), "views.manage");
}

async fn a_role_that_somebody_has_stays(database: Database) {
    let house = House::open(database).await;
    makes_role(&house, "helper", &[]).await;
    let twice = json!({"name": "Helper", "permissions": []});
    assert_eq!(house.admin.post("/api/v1/roles", &twice).await.refused(409)["code"], "role_exists");
    let (id, _) = adds(&house, "ana", "helper").await;
    let no = house.admin.delete("/api/v1/roles/helper").await.refused(409);
    assert_eq!(no["code"], "role_in_use");
    house.admin.patch(&format!("/api/v1/users/{id}"), &json!({"role": "viewer"})).await.expect(200);
    let gone = house.admin.delete("/api/v1/roles/helper").await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    house.admin.patch("/api/v1/roles/helper", &json!({"name": "Again"})).await.refused(404);
    let users = house.admin.all("/api/v1/users").await;
    assert!(users.iter().any(|user| user["role"] == "viewer"), "{users:?}");
}
