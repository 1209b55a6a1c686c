//! Every route and every frame, tried by members of another workspace with the ids of this one: by who is a
//! member of that one alone, and by who is a member of both and asks below the other's address. Nothing is
//! shown, nothing is changed. The rows are those of the matrix, so a new route is tried here, too, by having
//! one.

use super::rows::{FRAMES, On, ROWS, Row, Who};
use super::{MARK, Scene, make, next, scene};
use crate::support::channel::Channel;
use crate::support::client::{Answer, Client, answer, number};
use crate::support::database::Database;
use crate::support::on_both_databases;
use crate::support::server::{ADMIN, PASSWORD};
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use reqwest::Method;
use serde_json::{Value, json};

on_both_databases!(
    no_route_shows_or_changes_what_is_another_workspaces,
    no_frame_of_another_workspaces_is_heard_and_none_reaches_into_it,
    an_id_of_another_workspace_in_a_body_is_no_id_here,
    what_is_counted_found_and_told_is_ones_own,
);

/// Calls that end the caller's own way in, or are nobody's.
const OWN_AFFAIRS: &[&str] = &[
    "POST /api/v1/setup",
    "POST /api/v1/login",
    "POST /api/v1/logout",
    "PUT /api/v1/me/password",
    "DELETE /api/v1/me/sessions",
];

/// Who tries: by name, and how.
struct Neighbour {
    who: &'static str,
    client: Client,
}

/// The other workspace of the same server, and who is a member there.
struct Branch {
    /// An admin there alone, where the address names nothing; the same below its address; an admin there who
    /// is an agent here, too.
    neighbours: [Neighbour; 3],
    /// Whoever made it: an admin of both.
    host: Client,
    /// The one of both, by a token of the other workspace.
    both_by_token: Client,
}

async fn branch(scene: &Scene) -> Branch {
    let url = scene.house.url();
    let made = json!({"name": "The Branch", "slug": "branch"});
    scene.house.admin.post("/api/v1/workspaces", &made).await.expect(201);
    let below = format!("{url}/w/branch");
    let host = Client::anonymous(&url).signed_in(ADMIN, PASSWORD).await.at(&below);
    let eve = json!({"username": "eve2", "full_name": "Eve", "password": PASSWORD, "role": "admin"});
    host.post("/api/v1/users", &eve).await.expect(201);
    let alone = Client::anonymous(&url).signed_in("eve2", PASSWORD).await;

    scene.house.admin.adds("dora", "Dora Both", "agent").await;
    host.post("/api/v1/membership-offers", &json!({"username": "Dora", "role": "admin"})).await.expect(201);
    let both = Client::anonymous(&url).signed_in("dora", PASSWORD).await;
    // An admin chose the first one: who joins elsewhere has one of their own.
    let own = json!({"current_password": PASSWORD, "new_password": PASSWORD});
    both.put("/api/v1/me/password", &own).await.expect(204);
    let offer = both.get("/api/v1/me/membership-offers").await.expect(200)["items"][0]["id"].clone();
    both.post(&format!("/api/v1/me/membership-offers/{offer}/accept"), &json!({})).await.expect(200);
    let both = both.at(&below);
    Branch {
        neighbours: [
            Neighbour { who: "a member of the branch alone", client: alone.clone() },
            Neighbour { who: "a member of the branch alone, below its address", client: alone.at(&below) },
            Neighbour { who: "a member of both, below the branch's address", client: both.clone() },
        ],
        host,
        both_by_token: both.with_a_token().await,
    }
}

/// What moves by itself, whoever asks.
const MOVES: &[&str] = &[
    "version",
    "revision",
    "upkeep",
    "updated_at",
    "last_message",
    "last_used_at",
    "last_event_at",
    "last_test",
    "delivery",
    "error",
    "platform_message_id",
];

fn still(value: &Value, drop: &[&str]) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !drop.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), still(value, drop)))
            .collect(),
        Value::Array(items) => items.iter().map(|item| still(item, drop)).collect(),
        value => value.clone(),
    }
}

/// All that the people of this workspace see of it, but for what moves by itself.
async fn everything(scene: &Scene) -> Value {
    let admin = &scene.house.admin;
    let mut all = serde_json::Map::new();
    for path in [
        "/api/v1/conversations",
        "/api/v1/channels",
        "/api/v1/labels",
        "/api/v1/canned-replies",
        "/api/v1/views",
        "/api/v1/hooks",
        "/api/v1/flows",
        "/api/v1/flow-runs",
        "/api/v1/users",
        "/api/v1/membership-offers",
    ] {
        all.insert(path.into(), still(&json!(admin.all(path).await), MOVES));
    }
    for path in [
        "/api/v1/settings".to_owned(),
        format!("/api/v1/conversations/{}", scene.conversation),
        format!("/api/v1/customers/{}", scene.customer),
    ] {
        let seen = admin.get(&path).await.json;
        all.insert(path, still(&seen, MOVES));
    }
    // Whether a message went out already is no word of a neighbour's.
    let says: Vec<_> = [MOVES, &["status"]].concat();
    for conversation in [scene.conversation, scene.direct] {
        let messages = json!(scene.agent.messages(conversation).await);
        all.insert(format!("messages of {conversation}"), still(&messages, &says));
    }
    Value::Object(all)
}

/// What is wrong with an answer to somebody of another workspace.
fn leak(row: &Row, answer: &Answer) -> Option<String> {
    // What they upload themselves is called so.
    if answer.text.contains(MARK) && row.body != "multipart" {
        return Some(format!("tells what is not theirs: {:.200}", answer.text));
    }
    let is_about_something = row.on != On::Nothing || row.call.contains('{');
    let is_refused = [403, 404].contains(&answer.status);
    if (is_about_something && !is_refused) || answer.status >= 500 {
        return Some(format!("{}: {:.200}", answer.status, answer.text));
    }
    None
}

async fn no_route_shows_or_changes_what_is_another_workspaces(database: Database) {
    let scene = scene(database).await;
    let branch = branch(&scene).await;
    let (mut failures, mut cells) = (Vec::new(), 0);
    let is_tried = |row: &&Row| {
        matches!(row.who, Who::User | Who::Admin)
            && row.call.contains(" /api/v1/")
            && !OWN_AFFAIRS.contains(&row.call)
    };
    for row in ROWS.iter().filter(is_tried) {
        let call = scene.call(row).await;
        let before = everything(&scene).await;
        for Neighbour { who, client } in &branch.neighbours {
            cells += 1;
            let got = make(client, &call, &[]).await;
            if let Some(fault) = leak(row, &got) {
                failures.push(format!("{} on {:?} by {who}: {fault}", row.call, row.on));
            }
        }
        let after = everything(&scene).await;
        if before != after {
            failures.push(format!("{} on {:?} changed something:\n{before}\n{after}", row.call, row.on));
        }
    }
    assert!(failures.is_empty(), "{} faults:\n{}", failures.len(), failures.join("\n"));
    assert!(cells > 250, "{cells} cells");
}

async fn no_frame_of_another_workspaces_is_heard_and_none_reaches_into_it(database: Database) {
    let scene = scene(database).await;
    let branch = branch(&scene).await;
    let eve = branch.neighbours[0].client.with_a_token().await;
    for client in [&eve, &branch.both_by_token] {
        let socket = Socket::open(client).await;
        socket.watch("all").await;
        for (kind, body) in FRAMES.iter().filter(|(_, body)| !body.is_empty()) {
            for conversation in [scene.conversation, scene.direct] {
                let name = format!("{kind} {conversation}");
                let mut frame: Value =
                    serde_json::from_str(&body.replace("{id}", &conversation.to_string())).expect("JSON");
                frame["ref"] = json!(name);
                socket.send(&frame);
                let error = socket
                    .until("a refusal", |frames| {
                        frames.iter().find(|one| one["ref"] == name && one["type"] == "error").cloned()
                    })
                    .await;
                let code = error["error"]["code"].as_str().or(error["code"].as_str());
                assert_eq!(code, Some("not_found"), "{kind}: {error}");
            }
        }
        happens(&scene).await;
        socket.is_level().await;
        let told = json!(socket.frames()).to_string();
        assert!(!told.contains(MARK), "of another workspace: {told}");
        for (name, why) in [("Ana Lind", "who is online there"), ("conversation_updated", "its list")] {
            assert!(!told.contains(name), "{why}: {told}");
        }
    }
    let messages = scene.agent.messages(scene.conversation).await;
    assert!(messages.iter().all(|message| message["client_id"] != "stolen"), "{messages:?}");
}

/// Some of what people hear of: a message, a channel, a label, somebody who comes.
async fn happens(scene: &Scene) {
    let socket = Socket::open(&scene.agent).await;
    socket.watch("all").await;
    scene.agent.say(scene.conversation, &format!("heard{}", next()), MARK).await.expect(201);
    let path = format!("/api/v1/conversations/{}", scene.conversation);
    for priority in ["high", "low"] {
        scene.agent.patch(&path, &json!({"priority": priority})).await.expect(200);
    }
    let channel = format!("/api/v1/channels/{}", scene.channel);
    for state in ["paused", "active"] {
        scene.house.admin.patch(&channel, &json!({"state": state, "name": MARK})).await.expect(200);
    }
    socket
        .until("its own list", |frames| frames.iter().find(|one| one["type"] == "channel_updated").cloned())
        .await;
}

/// The id of what an answer made.
fn id(answer: Answer) -> i64 {
    number(&answer.expect(201)["id"])
}

#[expect(clippy::too_many_lines, reason = "one body after the other")]
async fn an_id_of_another_workspace_in_a_body_is_no_id_here(database: Database) {
    let scene = scene(database).await;
    let branch = branch(&scene).await;
    let (theirs, ours) = (&scene.house.admin, &branch.host);
    let ana = theirs.all("/api/v1/users").await.into_iter().find(|user| user["username"] == "ana");
    let ana = ana.expect("ana")["id"].clone();
    let label = id(theirs.post("/api/v1/labels", &json!({"name": "Theirs", "color": "#aa0000"})).await);
    let message = scene.says(scene.conversation).await;
    let media = scene.object(On::Media).await;
    let (their_channel, their_talk, their_customer) = (scene.channel, scene.conversation, scene.customer);

    let channel = Channel::connect(ours, "whatsapp", "731904466218999").await;
    let first = channel.text("15557700999", "wamid.branch", "ahoy");
    post(&scene.house.url(), &channel, &first).await.expect(200);
    let talk = ours.all("/api/v1/conversations").await[0].clone();
    let (customer, talk) = (talk["customer"]["id"].clone(), talk["id"].clone());
    let eve = ours.all("/api/v1/users").await.into_iter().find(|user| user["username"] == "eve2");
    let eve = eve.expect("eve")["id"].clone();
    let steps = json!([{"kind": "message", "text": "Hello"}]);
    let flow = json!({"name": "Ours", "is_on": true, "trigger": {"kind": "manual"}, "steps": steps});
    let flow = id(ours.post("/api/v1/flows", &flow).await);
    let (ours_path, says) =
        (format!("/api/v1/conversations/{talk}"), format!("/api/v1/conversations/{talk}/messages"));

    let before = everything(&scene).await;
    for (method, path, body) in [
        (Method::PATCH, ours_path.clone(), json!({"assignee_id": ana})),
        (Method::PATCH, ours_path.clone(), json!({"label_ids": [label]})),
        (Method::PATCH, ours_path.clone(), json!({"add_label_ids": [label]})),
        (Method::POST, says.clone(), json!({"content": "x", "client_id": "q1", "reply_to": message})),
        (Method::POST, says.clone(), json!({"content": "x", "client_id": "q2", "attachment_ids": [media]})),
        (
            Method::POST,
            "/api/v1/direct-messages".into(),
            json!({"to": "ana", "content": "x", "client_id": "q3"}),
        ),
        (
            Method::POST,
            "/api/v1/direct-messages".into(),
            json!({"to": "eve2", "content": "x", "client_id": "q4", "about_conversation_id": their_talk}),
        ),
        (
            Method::POST,
            "/api/v1/canned-replies".into(),
            json!({"shortcut": "q", "content": "x", "attachment_ids": [media]}),
        ),
        (
            Method::POST,
            "/api/v1/flows".into(),
            json!({"name": "q", "channel_id": their_channel, "trigger": {"kind": "manual"}, "steps": steps}),
        ),
        (Method::POST, format!("/api/v1/customers/{customer}/merge"), json!({"customer_id": their_customer})),
        (
            Method::POST,
            "/api/v1/conversations".into(),
            json!({"channel_id": their_channel, "customer": {"external_id": "15557700888"}}),
        ),
        (Method::POST, format!("/api/v1/flows/{flow}/runs"), json!({"conversation_id": their_talk})),
        (Method::DELETE, format!("/api/v1/users/{eve}"), json!({"successor_id": ana})),
    ] {
        let request = ours.request(method.clone(), &path).json(&body);
        let got = answer(request).await.expect("an answer");
        assert!((400..500).contains(&got.status), "{method} {path} {body}: {} {}", got.status, got.text);
        assert!(!got.text.contains(MARK), "{method} {path}: {}", got.text);
    }
    assert_eq!(before, everything(&scene).await, "nothing moved over there");
    let kept = ours.get(&ours_path).await.expect(200);
    assert_eq!((&kept["assignee"], &kept["labels"]), (&Value::Null, &json!([])), "{kept}");
}

async fn what_is_counted_found_and_told_is_ones_own(database: Database) {
    let scene = scene(database).await;
    let branch = branch(&scene).await;
    let hook = json!({"name": "Ours", "url": "https://example.org/x", "events": ["message_created", "conversation_updated"]});
    let hook = number(&branch.host.post("/api/v1/hooks", &hook).await.expect(201)["id"]);
    happens(&scene).await;
    let heard = branch.host.get(&format!("/api/v1/hooks/{hook}/deliveries")).await.expect(200);
    assert_eq!(heard["items"], json!([]), "a hook hears of its own workspace");

    for Neighbour { who, client } in &branch.neighbours {
        let counts = client.get("/api/v1/conversations/counts").await.expect(200);
        assert_eq!(counts["total"], 0, "{who}: {counts}");
        for path in ["/api/v1/conversations", "/api/v1/deliveries", "/api/v1/quarantine", "/api/v1/channels"]
        {
            assert_eq!(client.all(path).await, Vec::<Value>::new(), "{who}: {path}");
        }
        let stats = client.get("/api/v1/stats").await.expect(200);
        for name in ["open_sessions", "rooms", "forged_webhooks", "duplicates_suppressed"] {
            assert_eq!(stats[name], Value::Null, "{who}: how busy the neighbours are: {stats}");
        }
        assert_eq!((&stats["queue_depth"], &stats["quarantined"]), (&json!(0), &json!(0)), "{who}: {stats}");
        for path in [
            format!("/api/v1/search?q={MARK}"),
            "/api/v1/reports?format=csv".to_owned(),
            "/api/v1/audit?format=csv".to_owned(),
            "/api/v1/audit".to_owned(),
            "/api/v1/users".to_owned(),
        ] {
            let found = client.get(&path).await;
            let tells = found.text.contains(MARK) || found.text.contains("Ana Lind");
            assert!(found.status == 200 && !tells, "{who}: {path}: {}", found.text);
        }
    }
    let listed = branch.neighbours[0].client.get("/api/v1/workspaces").await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "only one's own: {listed}");
    let metrics = Client::anonymous(&scene.house.url()).get("/metrics").await;
    assert!(metrics.status == 200 && !metrics.text.contains(MARK) && !metrics.text.contains("Branch"));
}
