//! What a team has together and each colleague for themselves: who takes what they answer, what stands above
//! an answer, views, canned replies. What would hurt: a conversation that changes hands by a program, a note
//! that is signed, a reply whose file is gone, somebody's own reply in everybody's list.

use crate::support::channel::Channel;
use crate::support::client::{Answer, Client, answer, number};
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::server::PASSWORD;
use crate::support::webhooks::post;
use reqwest::Method;
use serde_json::{Value, json};

on_both_databases!(
    who_answers_what_nobody_has_takes_it,
    a_signature_stands_above_a_persons_words_alone,
    views_are_shared_with_the_team_and_lie_in_folders,
    canned_replies_are_the_teams_or_ones_own,
    the_files_of_a_canned_reply_are_kept_and_sent_by_everybody,
);

const CUSTOMER: &str = "15557700421";

async fn writes(house: &House, channel: &Channel, from: &str) -> i64 {
    let body = channel.text(from, &format!("wamid.{from}"), "anybody there?");
    post(&house.url(), channel, &body).await.expect(200);
    channel.conversation(&house.admin, from).await
}

async fn shown(client: &Client, id: i64) -> Value {
    client.get(&format!("/api/v1/conversations/{id}")).await.expect(200)
}

/// Somebody at our own page.
async fn at_the_page(house: &House, username: &str) -> Client {
    Client::anonymous(&house.url()).signed_in(username, PASSWORD).await
}

async fn note(client: &Client, id: i64) -> Value {
    let note = json!({"content": "a note", "client_id": "n", "is_private": true});
    client.post(&format!("/api/v1/conversations/{id}/messages"), &note).await.expect(201)
}

async fn who_answers_what_nobody_has_takes_it(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (ana_id, by_token) = house.admin.adds("ana", "Ana Lind", "agent").await;
    house.admin.adds("ben", "Ben Ode", "agent").await;
    let (ana, ben) = (at_the_page(&house, "ana").await, at_the_page(&house, "ben").await);
    let id = writes(&house, &channel, CUSTOMER).await;
    note(&ana, id).await;
    by_token.say(id, "t", "a program says something").await.expect(201);
    assert_eq!(shown(&ana, id).await["assignee_id"], Value::Null, "neither a note nor a program takes it");
    ana.say(id, "a", "I am here").await.expect(201);
    let now = shown(&ana, id).await;
    assert_eq!((&now["assignee_id"], &now["assigned_because"]), (&json!(ana_id), &json!("reply")));
    ben.say(id, "b", "me, too").await.expect(201);
    assert_eq!(shown(&ana, id).await["assignee_id"], json!(ana_id), "what somebody has stays theirs");
    let by_hand = json!({"assignee_id": number(&ben.get("/api/v1/me").await.expect(200)["id"])});
    let given = ana.patch(&format!("/api/v1/conversations/{id}"), &by_hand).await.expect(200);
    assert_eq!(given["assigned_because"], "manual");
    let freed =
        ana.patch(&format!("/api/v1/conversations/{id}"), &json!({"assignee_id": null})).await.expect(200);
    assert_eq!(freed["assigned_because"], Value::Null);

    // Many at once, as the ledger writes them together.
    let mut crowd = Vec::new();
    for n in 0..12 {
        crowd.push(writes(&house, &channel, &format!("155577005{n:02}")).await);
    }
    let said = crowd.iter().map(|id| ana.say(*id, "a", "one moment"));
    for answer in futures_util::future::join_all(said).await {
        answer.expect(201);
    }
    for id in &crowd {
        assert_eq!(shown(&ana, *id).await["assignee_id"], json!(ana_id), "conversation {id}");
    }
    house.admin.patch("/api/v1/settings", &json!({"assign_on_reply": "maybe"})).await.refused(422);
    let off = house.admin.patch("/api/v1/settings", &json!({"assign_on_reply": false})).await.expect(200);
    assert_eq!(off["assign_on_reply"], false);
    let last = writes(&house, &channel, "15557700499").await;
    ana.say(last, "a", "hello").await.expect(201);
    assert_eq!(shown(&ana, last).await["assignee_id"], Value::Null, "the team decided otherwise");
}

async fn a_signature_stands_above_a_persons_words_alone(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (_, by_token) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let ana = at_the_page(&house, "ana").await;
    let id = writes(&house, &channel, CUSTOMER).await;
    let path = format!("/api/v1/channels/{}", channel.id);
    let options = |options: Value| json!({"options": options});
    house.admin.patch(&path, &options(json!({"signature": "loud"}))).await.refused(422);
    house.admin.patch(&path, &options(json!({"signature_text": "{{agent.name"}))).await.refused(422);
    house.admin.patch(&path, &options(json!({"signature": "name"}))).await.expect(200);
    let said = ana.say(id, "a", "hello").await.expect(201);
    assert_eq!(said["content"], "Ana Lind:\nhello", "what we show is what the customer got");
    house.platform.accepts("Ana Lind:\nhello").await;
    assert_eq!(
        ana.say(id, "a", "hello").await.expect(200)["id"],
        said["id"],
        "said again, it is the same one"
    );
    assert_eq!(note(&ana, id).await["content"], "a note");
    assert_eq!(by_token.say(id, "t", "beep").await.expect(201)["content"], "beep");
    let signed = json!({"signature": "text", "signature_text": "{{agent.first_name}} of {{channel.name}} to {{customer.nick|you}}"});
    house.admin.patch(&path, &options(signed)).await.expect(200);
    let said = ana.say(id, "b", "hello").await.expect(201);
    assert_eq!(said["content"], "Ana of The whatsapp to you\nhello");
    house.admin.patch(&path, &options(json!({"signature": "none"}))).await.expect(200);
    assert_eq!(ana.say(id, "c", "hello").await.expect(201)["content"], "hello");
}

async fn views_are_shared_with_the_team_and_lie_in_folders(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let own = json!({"name": "Mine", "filter": {"assignee": "me"}});
    ana.post("/api/v1/views", &own).await.expect(201);
    let shared = json!({"name": "Waiting", "filter": {"waiting": true, "sort": "longest_waiting"},
        "is_shared": true, "folder": " Mornings "});
    let shared = ana.post("/api/v1/views", &shared).await.expect(201);
    assert_eq!((&shared["is_shared"], &shared["folder"]), (&json!(true), &json!("Mornings")));
    let bens = ben.all("/api/v1/views").await;
    assert_eq!(bens.len(), 1, "only what is shared: {bens:?}");
    assert_eq!((&bens[0]["name"], &bens[0]["is_mine"]), (&json!("Waiting"), &json!(false)));
    let path = format!("/api/v1/views/{}", shared["id"]);
    ben.patch(&path, &json!({"name": "Ben's"})).await.refused(403);
    ben.delete(&path).await.refused(403);
    let changed = ana.patch(&path, &json!({"name": "Waiting long", "folder": null})).await.expect(200);
    assert_eq!((&changed["name"], &changed["folder"]), (&json!("Waiting long"), &Value::Null));
    assert_eq!(
        changed["filter"],
        json!({"waiting": true, "sort": "longest_waiting"}),
        "what is absent stays"
    );
    assert_eq!(house.admin.patch(&path, &json!({"folder": "Team"})).await.expect(200)["folder"], "Team");
    ana.patch(&path, &json!({"is_shared": false})).await.expect(200);
    assert!(ben.all("/api/v1/views").await.is_empty());
    ben.patch(&path, &json!({"name": "Ben's"})).await.refused(404);
    ana.delete(&path).await.expect(204);
    assert_eq!(ana.all("/api/v1/views").await.len(), 1);
    ana.post("/api/v1/views", &json!({"name": "No filter"})).await.refused(422);
}

async fn canned_replies_are_the_teams_or_ones_own(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let make = async |client: &Client, body: Value| client.post("/api/v1/canned-replies", &body).await;
    let team = json!({"shortcut": "hi", "content": "Hello from the team", "folder": "Greetings"});
    let team = make(&ana, team).await.expect(201);
    assert_eq!((&team["is_shared"], &team["folder"]), (&json!(true), &json!("Greetings")));
    let own = json!({"shortcut": "hi", "content": "Ahoy, Ana here", "is_shared": false});
    let own = make(&ana, own.clone()).await.expect(201);
    make(&ana, json!({"shortcut": "hi", "content": "again", "is_shared": false})).await.refused(409);
    make(&ben, json!({"shortcut": "hi", "content": "Ben's", "is_shared": false})).await.expect(201);
    let of = async |client: &Client, query: &str| {
        let all = client.all(&format!("/api/v1/canned-replies?{query}")).await;
        all.iter().map(|reply| reply["content"].as_str().expect("words").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of(&ana, "").await, ["Hello from the team", "Ahoy, Ana here"]);
    assert_eq!(of(&ben, "").await, ["Hello from the team", "Ben's"]);
    assert_eq!(of(&ana, "q=AHOY").await, ["Ahoy, Ana here"], "by a word of it");
    assert_eq!(of(&ana, "q=team%20greet").await, ["Hello from the team"], "by words and folder");
    assert!(of(&ana, "q=nothing").await.is_empty());
    let path = format!("/api/v1/canned-replies/{}", own["id"]);
    ben.patch(&path, &json!({"content": "stolen"})).await.refused(404);
    ben.delete(&path).await.refused(404);
    ana.patch(&path, &json!({"is_shared": true})).await.refused(409);
    let told = json!({"is_shared": true, "shortcut": "ahoy", "folder": "Greetings"});
    assert_eq!(ana.patch(&path, &told).await.expect(200)["is_shared"], true);
    assert_eq!(of(&ben, "q=ahoy").await, ["Ahoy, Ana here"], "now it is everybody's");
    ana.patch(&path, &json!({"is_shared": false})).await.expect(200);
    ana.delete(&path).await.expect(204);
    assert!(ben.all("/api/v1/canned-replies?deleted=true").await.is_empty(), "nor what she threw away");
    ben.post(&format!("{path}/restore"), &json!({})).await.refused(404);
    ana.post(&format!("{path}/restore"), &json!({})).await.expect(200);
}

async fn upload(client: &Client, name: &str) -> i64 {
    let request = client.request(Method::POST, "/api/v1/media");
    let request = request.header("content-type", "multipart/form-data; boundary=b");
    let body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\nthe words of {name}\r\n--b--\r\n"
    );
    let kept: Answer = answer(request.body(body)).await.expect("an answer");
    number(&kept.expect(201)["id"])
}

async fn the_files_of_a_canned_reply_are_kept_and_sent_by_everybody(database: Database) {
    let mut house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Ode", "agent").await;
    let (terms, forgotten) = (upload(&ana, "terms.txt").await, upload(&ana, "forgotten.txt").await);
    let body = json!({"shortcut": "terms", "content": "Our terms", "attachment_ids": [terms]});
    let reply = ana.post("/api/v1/canned-replies", &body).await.expect(201);
    assert_eq!(reply["attachment_ids"], json!([terms]));
    assert_eq!(reply["attachments"][0]["file_name"], "terms.txt");
    let own = json!({"shortcut": "own", "content": "x", "is_shared": false, "attachment_ids": [forgotten]});
    let own = ana.post("/api/v1/canned-replies", &own).await.expect(201);
    ben.get(&format!("/api/v1/media/{forgotten}")).await.refused(404);
    let path = format!("/api/v1/canned-replies/{}", own["id"]);
    ana.patch(&path, &json!({"attachment_ids": []})).await.expect(200);

    house.database.execute("UPDATE media SET created_at = 1").await;
    house.server.kill().await;
    house.server.starts_again().await;
    eventually("what nothing needs goes", async || {
        (ana.get(&format!("/api/v1/media/{forgotten}")).await.status == 404).then_some(())
    })
    .await;
    assert_eq!(ben.get(&format!("/api/v1/media/{terms}")).await.status, 200, "what a reply has stays");
    let id = writes(&house, &channel, CUSTOMER).await;
    let sent = json!({"content": "Our terms", "client_id": "a", "attachment_ids": [terms]});
    let sent = ben.post(&format!("/api/v1/conversations/{id}/messages"), &sent).await.expect(201);
    assert_eq!(sent["attachments"][0]["file_name"], "terms.txt", "a colleague sends it, too");
    let strange = json!({"content": "x", "client_id": "b", "attachment_ids": [999_999]});
    ben.post(&format!("/api/v1/conversations/{id}/messages"), &strange).await.refused(422);
    assert_eq!(ben.all("/api/v1/canned-replies?q=terms.txt").await.len(), 1, "found by the name of its file");
}
