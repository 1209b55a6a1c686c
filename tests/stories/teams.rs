//! Teams: whose conversations are which team's, and who hears of it.

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
    what_comes_over_a_channel_of_one_team_is_that_teams,
    a_conversation_is_given_to_a_team,
    whoever_watches_a_team_hears_of_its_conversations,
    whoever_watches_a_saved_view_hears_of_what_it_shows,
    what_a_team_had_goes_to_another_one,
    a_team_is_made_of_what_there_is,
);

async fn team(house: &House, body: &Value) -> i64 {
    number(&house.admin.post("/api/v1/teams", body).await.expect(201)["id"])
}

async fn user(house: &House, username: &str) -> i64 {
    let body = json!({"username": username, "full_name": username, "password": PASSWORD, "role": "agent"});
    number(&house.admin.post("/api/v1/users", &body).await.expect(201)["id"])
}

async fn shown(client: &Client, conversation: i64) -> Value {
    client.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200)
}

/// The ids of a list.
async fn ids(client: &Client, query: &str) -> Vec<i64> {
    let items = client.all(&format!("/api/v1/conversations?{query}")).await;
    items.iter().map(|item| number(&item["id"])).collect()
}

async fn what_comes_over_a_channel_of_one_team_is_that_teams(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let returns = team(&house, &json!({"name": "Returns", "channel_ids": [channel.id]})).await;
    post(&house.url(), &channel, &channel.text("15557700421", "wamid.1", "hello")).await.expect(200);
    let first = channel.conversation(&house.admin, "15557700421").await;
    let seen = shown(&house.admin, first).await;
    assert_eq!((&seen["team_id"], &seen["team"]["name"]), (&json!(returns), &json!("Returns")));
    let started = json!({"channel_id": channel.id, "customer": {"external_id": "15557700422"}});
    let started = house.admin.post("/api/v1/conversations", &started).await.expect(201);
    assert_eq!(started["team_id"], returns, "also what we begin");
    team(&house, &json!({"name": "Sales", "channel_ids": [channel.id]})).await;
    post(&house.url(), &channel, &channel.text("15557700423", "wamid.2", "hello")).await.expect(200);
    let third = channel.conversation(&house.admin, "15557700423").await;
    let seen = shown(&house.admin, third).await;
    assert!(seen["team_id"].is_null() && seen["team"].is_null(), "of two teams nobody knows whose: {seen}");
    assert_eq!(ids(&house.admin, &format!("team_id={returns}")).await.len(), 2);
}

async fn a_conversation_is_given_to_a_team(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let returns = team(&house, &json!({"name": "Returns"})).await;
    let sales = team(&house, &json!({"name": "Sales"})).await;
    post(&house.url(), &channel, &channel.text("15557700421", "wamid.1", "hello")).await.expect(200);
    let conversation = channel.conversation(&house.admin, "15557700421").await;
    let path = format!("/api/v1/conversations/{conversation}");
    let no = house.admin.patch(&path, &json!({"team_id": 999_999})).await.refused(422);
    assert_eq!(no["code"], "bad_team");
    let given = house.admin.patch(&path, &json!({"team_id": returns})).await.expect(200);
    assert_eq!((&given["team_id"], &given["assignee_id"]), (&json!(returns), &Value::Null));
    house.admin.patch(&path, &json!({"team_id": sales})).await.expect(200);
    let events = house.admin.all(&format!("{path}/events")).await;
    let last = events.last().expect("an event");
    assert_eq!((&last["kind"], &last["cause"]["kind"]), (&json!("assigned"), &json!("user")), "{last}");
    assert_eq!(
        (&last["team"]["name"], &last["before"]["name"]),
        (&json!("Sales"), &json!("Returns")),
        "{last}"
    );
    let trail = house.admin.all("/api/v1/audit?action=conversation_changed").await;
    assert_eq!(trail[0]["details"]["team"], "Sales", "{trail:?}");
    assert_eq!(ids(&house.admin, &format!("team_id={sales}&status=open")).await, [conversation]);
    assert_eq!(ids(&house.admin, &format!("team_id={returns}")).await, [0_i64; 0]);
    let both = format!("/api/v1/conversations/counts?team_id={sales},{returns}");
    assert_eq!(house.admin.get(&both).await.expect(200)["total"], 1);

    let all = json!({"filter": {"team_id": sales}, "team_id": null});
    let job = house.admin.post("/api/v1/conversations/bulk", &all).await.expect(202)["job_id"].clone();
    ends(&house, &job).await;
    assert!(shown(&house.admin, conversation).await["team_id"].is_null());
    let undo = house.admin.post(&format!("/api/v1/bulk-jobs/{job}/undo"), &json!({})).await.expect(202);
    ends(&house, &undo["job_id"]).await;
    assert_eq!(shown(&house.admin, conversation).await["team_id"], sales, "undone");
}

async fn ends(house: &House, job: &Value) {
    eventually("the job ends", async || {
        let job = house.admin.get(&format!("/api/v1/bulk-jobs/{job}")).await.expect(200);
        (job["state"] != "running").then_some(())
    })
    .await;
}

async fn whoever_watches_a_team_hears_of_its_conversations(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let returns = team(&house, &json!({"name": "Returns", "channel_ids": [channel.id]})).await;
    let other = house.admin.post("/api/v1/channels", &json!({"kind": "webchat", "name": "Site"})).await;
    other.expect(201);
    let watcher = house.admin.adds("ana", "Ana Lind", "agent").await.1;
    let socket = Socket::open(&watcher).await;
    socket.send(&json!({"type": "watch", "scope": "team", "ref": "none"}));
    let error = socket.frame("error").await;
    assert_eq!(error["code"], "bad_frame", "which team? {error}");
    socket.send(&json!({"type": "watch", "scope": "team", "team_id": returns, "ref": "w"}));
    let watching = socket.frame("watching").await;
    assert_eq!(watching["scope"], "team");
    post(&house.url(), &channel, &channel.text("15557700421", "wamid.1", "hello")).await.expect(200);
    let told = socket.frame("conversation_updated").await;
    assert_eq!((&told["reason"], &told["conversation"]["team_id"]), (&json!("created"), &json!(returns)));
    let conversation = number(&told["conversation"]["id"]);
    let path = format!("/api/v1/conversations/{conversation}");
    house.admin.patch(&path, &json!({"team_id": null})).await.expect(200);
    socket
        .until("it leaves the team's list", |frames| {
            frames
                .iter()
                .find(|frame| frame["reason"] == "assigned" && frame["conversation"]["team_id"].is_null())
                .map(drop)
        })
        .await;
    post(&house.url(), &channel, &channel.text("15557700421", "wamid.2", "again")).await.expect(200);
    house.admin.patch(&path, &json!({"team_id": returns})).await.expect(200);
    socket
        .until("it comes back", |frames| {
            let back = |frame: &&Value| frame["conversation"]["last_message"]["content"] == "again";
            frames.iter().find(back).cloned()
        })
        .await;
    let of_messages = |frame: &Value| frame["reason"] == "new_customer_message";
    assert!(!socket.frames().iter().any(of_messages), "what is no team's is not the team's to hear");
}

async fn whoever_watches_a_saved_view_hears_of_what_it_shows(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let returns = team(&house, &json!({"name": "Returns"})).await;
    let view = json!({"name": "Returns, open", "filter": {"team_id": returns, "status": "open"}});
    let view = number(&house.admin.post("/api/v1/views", &view).await.expect(201)["id"]);
    let socket = Socket::open(&house.admin).await;
    for (frame, code) in [
        (json!({"type": "watch", "scope": "view", "ref": "none"}), "bad_frame"),
        (json!({"type": "watch", "scope": "view", "view_id": 999_999, "ref": "strange"}), "not_found"),
    ] {
        socket.send(&frame);
        let error = socket
            .until("a refusal", |frames| frames.iter().find(|one| one["ref"] == frame["ref"]).cloned())
            .await;
        assert_eq!(error["code"], code, "{error}");
    }
    socket.send(&json!({"type": "watch", "scope": "view", "view_id": view, "ref": "w"}));
    socket.frame("watching").await;
    for n in 1..3 {
        let text = channel.text(&format!("1555770042{n}"), &format!("wamid.{n}"), "hello");
        post(&house.url(), &channel, &text).await.expect(200);
    }
    let first = channel.conversation(&house.admin, "15557700421").await;
    let path = format!("/api/v1/conversations/{first}");
    house.admin.patch(&path, &json!({"team_id": returns})).await.expect(200);
    post(&house.url(), &channel, &channel.text("15557700421", "wamid.3", "of the view")).await.expect(200);
    post(&house.url(), &channel, &channel.text("15557700422", "wamid.4", "of none")).await.expect(200);
    house.admin.patch(&path, &json!({"status": "closed"})).await.expect(200);
    socket
        .until("it leaves the view", |frames| {
            frames.iter().find(|frame| frame["conversation"]["status"] == "closed").map(drop)
        })
        .await;
    let told = socket.of_type("conversation_updated");
    let of_messages: Vec<_> = told.iter().filter(|frame| frame["reason"] == "new_customer_message").collect();
    assert_eq!(of_messages.len(), 1, "{told:#?}");
    assert_eq!(of_messages[0]["conversation"]["last_message"]["content"], "of the view");
}

async fn what_a_team_had_goes_to_another_one(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (ana, ben) = (user(&house, "ana").await, user(&house, "ben").await);
    let members =
        json!({"name": "Returns", "member_ids": [ana, ben], "channel_ids": [channel.id], "lead_id": ana});
    let returns = team(&house, &members).await;
    let sales = team(&house, &json!({"name": "Sales", "member_ids": [ben]})).await;
    post(&house.url(), &channel, &channel.text("15557700421", "wamid.1", "hello")).await.expect(200);
    let conversation = channel.conversation(&house.admin, "15557700421").await;
    let teams_of = async |id: i64| {
        let users = house.admin.all("/api/v1/users").await;
        users.iter().find(|user| user["id"] == id).expect("the user")["team_ids"].clone()
    };
    assert_eq!((teams_of(ana).await, teams_of(ben).await), (json!([returns]), json!([returns, sales])));
    let path = format!("/api/v1/teams/{returns}");
    house.admin.delete(&format!("{path}?successor_id={returns}")).await.refused(422);
    let gone = house.admin.delete(&format!("{path}?successor_id={sales}")).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    assert_eq!(shown(&house.admin, conversation).await["team_id"], sales);
    let events = house.admin.all(&format!("/api/v1/conversations/{conversation}/events")).await;
    assert_eq!(events.last().expect("an event")["team"]["name"], "Sales");
    assert_eq!((teams_of(ana).await, teams_of(ben).await), (json!([]), json!([sales])));
    house.admin.delete(&format!("/api/v1/teams/{sales}")).await;
    assert!(shown(&house.admin, conversation).await["team_id"].is_null(), "nobody's team's");
    house.admin.delete(&path).await.refused(404);
}

async fn a_team_is_made_of_what_there_is(database: Database) {
    let house = House::open(database).await;
    let ana = user(&house, "ana").await;
    let returns = team(&house, &json!({"name": "Returns", "member_ids": [ana], "lead_id": ana})).await;
    for (body, code) in [
        (json!({"name": "Returns"}), "team_exists"),
        (json!({"name": " "}), "bad_name"),
        (json!({"name": "Others", "member_ids": [999_999]}), "bad_member"),
        (json!({"name": "Others", "channel_ids": [999_999]}), "bad_channel"),
        (json!({"name": "Others", "lead_id": ana}), "bad_lead"),
    ] {
        let no = house.admin.post("/api/v1/teams", &body).await;
        assert!(matches!(no.status, 409 | 422) && no.json["code"] == code, "{body}: {}", no.text);
    }
    let teams = house.admin.all("/api/v1/teams").await;
    assert_eq!(teams.len(), 1, "what was refused is not there: {teams:?}");
    let path = format!("/api/v1/teams/{returns}");
    let left = house.admin.patch(&path, &json!({"member_ids": []})).await.expect(200);
    assert!(left["lead_id"].is_null(), "who leaves leads it no more: {left}");
}
