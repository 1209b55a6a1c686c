//! Every route and every frame, tried by everybody who must not: nobody, a forged and a stolen proof, a
//! visitor, a removed agent, the wrong role, a colleague who is no part of it, an admin of another
//! workspace, another site's page. The rows are in `rows`; `tidy::routes` fails where a route has none. And
//! what whoever may leaves behind in the audit trail. Over 400 lines: they stand in one scene.

mod isolation;
pub mod rows;

use crate::stories::sight::NARROW;
use crate::support::client::{Answer, Client, Proof, answer, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::server::{ADMIN, PASSWORD};
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use reqwest::Method;
use rows::{FRAMES, FREE, NEEDS, On, ROWS, Row, Who};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

on_both_databases!(
    no_route_answers_whom_it_is_not_for,
    each_role_may_what_it_says_and_nothing_else,
    no_frame_reaches_into_what_is_not_ones_own,
    a_field_that_is_not_the_callers_to_set_changes_nothing,
    every_writing_route_leaves_a_trace_or_says_why_not,
    what_the_table_cannot_do_leaves_its_trace_too,
);

/// Stands in whatever belongs to the workspace; seen by anybody else it is a leak.
const MARK: &str = "lighthouse";

/// The people and things of the matrix.
struct Scene {
    house: House,
    /// Not part of the direct conversation.
    outsider: Client,
    /// Part of it, an agent.
    agent: Client,
    /// An admin of another workspace on the same server.
    stranger: Client,
    removed: Client,
    visitor: Client,
    by_cookie: Client,
    /// Of the same workspace, and may all that does not deal with the whole house, but sees only their own.
    narrow: Client,
    channel: i64,
    conversation: i64,
    customer: i64,
    direct: i64,
}

async fn scene(database: Database) -> Scene {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let body = channel.text("15557700421", "wamid.first", &format!("the {MARK} is dark"));
    post(&house.url(), &channel, &body).await.expect(200);
    let conversation = channel.conversation(&house.admin, "15557700421").await;
    let shown = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    let (_, agent) = house.admin.adds("ana", "Ana Lind", "agent").await;
    house.admin.adds("ben", "Ben Ode", "agent").await;
    let (_, outsider) = house.admin.adds("kim", "Kim Out", "agent").await;
    let (gone, removed) = house.admin.adds("ron", "Ron Gone", "agent").await;
    house.admin.delete(&format!("/api/v1/users/{gone}")).await;
    let direct = json!({"to": "ben", "content": format!("the {MARK}, between us"), "client_id": "d"});
    let direct = agent.post("/api/v1/direct-messages", &direct).await.expect(201);
    let webchat =
        json!({"kind": "webchat", "name": format!("The {MARK}"), "external_id": "shop", "credentials": {}});
    let webchat = number(&house.admin.post("/api/v1/channels", &webchat).await.expect(201)["id"]);
    let token = visitors_token(&house.url(), webchat).await;
    house.admin.post("/api/v1/roles", &json!({"name": "Spare", "permissions": []})).await.expect(201);
    let narrow = json!({"name": "Narrow", "permissions": NARROW, "sight": "teams"});
    house.admin.post("/api/v1/roles", &narrow).await.expect(201);
    let (_, narrow) = house.admin.adds("nell", "Nell Own", "narrow").await;
    Scene {
        stranger: stranger(&house).await,
        visitor: Client { proof: Proof::Bearer(token), ..house.admin.clone() },
        narrow,
        by_cookie: Client::anonymous(&house.url()).signed_in(ADMIN, PASSWORD).await,
        outsider,
        agent,
        removed,
        channel: channel.id,
        conversation,
        customer: number(&shown["customer"]["id"]),
        direct: number(&direct["conversation"]["id"]),
        house,
    }
}

/// A second workspace, made by hand as a program before accounts would: the database itself gives it its
/// address and its admin an account.
async fn stranger(house: &House) -> Client {
    house
        .database
        .execute(
            "INSERT INTO workspaces (name, created_at) VALUES ('Elsewhere', 1);
             INSERT INTO users (workspace_id, username, username_key, full_name, search_text, password_hash, role, created_at)
             SELECT w.id, 'eve', 'eve', 'Eve', 'eve', u.password_hash, 'admin', 1
             FROM users u, workspaces w WHERE u.username_key = 'olga' AND w.name = 'Elsewhere';",
        )
        .await;
    Client::anonymous(&house.url()).signed_in("eve", PASSWORD).await.with_a_token().await
}

/// The token a new visitor of the web chat is given.
async fn visitors_token(url: &str, channel: i64) -> String {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;
    let address = format!("{}/widget/{channel}/ws", url.replace("http://", "ws://"));
    let (mut socket, _) = tokio_tungstenite::connect_async(address).await.expect("a visitor's socket");
    let hello = json!({"type": "hello", "token": null, "after": null, "name": null});
    socket.send(Message::text(hello.to_string())).await.expect("sent");
    while let Some(Ok(message)) = socket.next().await {
        let frame: Value = serde_json::from_str(message.to_text().unwrap_or_default()).unwrap_or_default();
        if let Some(token) = frame["token"].as_str() {
            return token.to_owned();
        }
    }
    panic!("no token");
}

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A row whose places are filled.
#[derive(Debug)]
struct Call {
    method: Method,
    path: String,
    body: String,
}

impl Scene {
    /// Makes what the row is about and fills its places.
    async fn call(&self, row: &Row) -> Call {
        let (method, path) = row.call.split_once(' ').expect("METHOD /path");
        let id = self.object(row.on).await;
        let path = path.replace("{id}", &id.to_string()).replace("{attachment_id}", "1");
        let path = path
            .replace("{session_id}", "999999")
            .replace("{merge_id}", "999999")
            .replace("{token_id}", "999999")
            .replace("{template_id}", "999999");
        let path = path.replace("{token}", "guessed").replace("{channel_id}", "999999");
        let path = path.replace("{slug}", "spare");
        let body = self.filled(row.body);
        let (path, body) =
            if body.starts_with('?') { (format!("{path}{body}"), String::new()) } else { (path, body) };
        Call { method: method.parse().expect("a method"), path, body }
    }

    fn filled(&self, text: &str) -> String {
        text.replace("{n}", &next().to_string())
            .replace("{channel}", &self.channel.to_string())
            .replace("{conversation}", &self.conversation.to_string())
            .replace("{tomorrow}", &(chrono::Utc::now() + chrono::Duration::days(1)).to_rfc3339())
            .replace("{customer}", &self.customer.to_string())
    }

    async fn object(&self, on: On) -> i64 {
        match on {
            On::Nothing => 999_999,
            On::Conversation => self.conversation,
            On::Direct => self.direct,
            On::Message => self.says(self.conversation).await,
            On::DirectMessage => self.says(self.direct).await,
            On::Customer => self.customer,
            On::Channel => {
                let body = json!({"kind": "webchat", "name": MARK, "external_id": format!("w{}", next()), "credentials": {}});
                number(&self.house.admin.post("/api/v1/channels", &body).await.expect(201)["id"])
            }
            On::User => {
                let name = format!("u{}", next());
                let body = json!({"username": name, "full_name": MARK, "email": format!("{name}@example.org"), "password": PASSWORD, "role": "agent"});
                number(&self.house.admin.post("/api/v1/users", &body).await.expect(201)["id"])
            }
            On::Token => {
                number(&self.agent.post("/api/v1/tokens", &json!({"name": MARK})).await.expect(201)["id"])
            }
            On::Media => number(&upload(&self.agent, "/api/v1/media", Method::POST).await.expect(201)["id"]),
            On::Made(path, body) => {
                let body: Value = serde_json::from_str(&self.filled(body)).expect("JSON");
                let made = self.house.admin.post(path, &body).await;
                number(&made.expect(201)["id"])
            }
        }
    }

    async fn says(&self, conversation: i64) -> i64 {
        number(&self.agent.say(conversation, &format!("s{}", next()), MARK).await.expect(201)["id"])
    }

    /// Whoever must be refused, and how.
    fn refused(&self, row: &Row) -> Vec<(&'static str, &Client, u16)> {
        let mut all = Vec::new();
        if matches!(row.who, Who::User | Who::Admin) {
            all.extend([("a visitor", &self.visitor, 401), ("a removed agent", &self.removed, 401)]);
        }
        if row.who == Who::Admin {
            all.push(("an agent", &self.agent, 403));
        }
        if row.on != On::Nothing && matches!(row.who, Who::User | Who::Admin) {
            all.push(("another workspace's admin", &self.stranger, 404));
        }
        if matches!(row.on, On::Conversation | On::Message | On::Customer) {
            // What deals with the whole house is not theirs to do, whatever it is about.
            let is_of_the_house = row.who == Who::Admin || row.call.contains("/merge");
            all.push((
                "a colleague who does not see it",
                &self.narrow,
                if is_of_the_house { 403 } else { 404 },
            ));
        }
        if matches!(row.on, On::Direct | On::DirectMessage | On::Token | On::Media) {
            all.push(("a colleague who is no part of it", &self.outsider, 404));
            all.push(("an admin who is no part of it", &self.house.admin, 404));
        }
        all
    }

    /// Who may.
    fn rightful(&self, row: &Row) -> &Client {
        if row.who == Who::Admin || matches!(row.on, On::Made(..)) { &self.house.admin } else { &self.agent }
    }
}

/// Routes that write and leave no entry in the audit trail, each with its reason.
const NO_TRACE: &[(&str, &str)] = &[
    ("POST /api/v1/conversations/{id}/messages", "the message says who wrote it and when"),
    ("POST /api/v1/conversations/{id}/messages/check", "nothing is written: it only tells what would be"),
    ("POST /api/v1/conversations/{id}/read", "how far somebody read is their own affair"),
    ("PUT /api/v1/conversations/{id}/unread", "how far somebody read is their own affair"),
    ("PUT /api/v1/conversations/{id}/follow", "what somebody follows is their own affair"),
    ("DELETE /api/v1/conversations/{id}/follow", "what somebody follows is their own affair"),
    ("PUT /api/v1/conversations/{id}/reminder", "of what somebody is reminded is their own affair"),
    ("DELETE /api/v1/conversations/{id}/reminder", "of what somebody is reminded is their own affair"),
    ("POST /api/v1/direct-messages", "among colleagues; the message says who wrote it"),
    ("POST /api/v1/messages/{id}/feedback", "it stands on the message"),
    ("PUT /api/v1/messages/{id}/reaction", "it stands on the message"),
    ("POST /api/v1/media", "nobody sees it yet; sending it is a message"),
    ("PUT /api/v1/me/avatar", "one's own picture, which everybody sees"),
    ("POST /api/v1/channels/{id}/test", "it only asks the platform"),
    ("POST /api/v1/channels/{id}/templates/sync", "it only asks the platform; our copy says when"),
    (
        "POST /api/v1/channels/{id}/subscribe",
        "there is nothing to subscribe for a web chat; for others there is an entry",
    ),
    ("POST /api/v1/logout", "with a token nothing ends; with a cookie there is an entry"),
    ("POST /api/v1/flows/{id}/runs", "the run says who began it"),
    ("POST /api/v1/flows/dry-run", "nothing is written: it only tells what would be"),
];
/// What the table cannot call with success: it is done in a story of its own.
const ELSEWHERE: &[&str] = &[
    "POST /api/v1/setup",
    "POST /api/v1/login",
    "PUT /api/v1/me/password",
    "DELETE /api/v1/me/membership-offers/{id}",
    "POST /api/v1/me/membership-offers/{id}/accept",
    "DELETE /api/v1/me/sessions/{id}",
    "DELETE /api/v1/users/{id}/sessions/{session_id}",
    "DELETE /api/v1/users/{id}/tokens/{token_id}",
    "POST /api/v1/channels/{id}/templates",
    "PATCH /api/v1/channels/{id}/templates/{template_id}",
    "DELETE /api/v1/channels/{id}/templates/{template_id}",
    "POST /api/v1/conversations/bulk",
    "DELETE /api/v1/bulk-jobs/{id}",
    "POST /api/v1/bulk-jobs/{id}/undo",
    "PATCH /api/v1/messages/{id}",
    "DELETE /api/v1/messages/{id}",
    "POST /api/v1/messages/{id}/retry",
    "POST /api/v1/messages/{id}/attachments/{attachment_id}/retry",
    "POST /api/v1/customers/{id}/merge",
    "POST /api/v1/customers/{id}/merges/{merge_id}/undo",
    "POST /api/v1/labels/{id}/restore",
    "POST /api/v1/canned-replies/{id}/restore",
    "POST /api/v1/views/{id}/restore",
    "POST /api/v1/flows/{id}/restore",
    "POST /api/v1/flows/{id}/broadcasts",
    "POST /api/v1/flow-runs/{id}/stop",
    "POST /api/v1/quarantine/{id}/replay",
    "POST /api/v1/hook-deliveries/{id}/replay",
    "POST /api/v1/ai-drafts/{id}/send",
    "DELETE /api/v1/ai-drafts/{id}",
];

async fn newest_trace(scene: &Scene) -> i64 {
    number(&scene.house.admin.get("/api/v1/audit?limit=1").await.expect(200)["items"][0]["id"])
}

async fn every_writing_route_leaves_a_trace_or_says_why_not(database: Database) {
    let scene = scene(database).await;
    let mut silent = Vec::new();
    for row in ROWS.iter().filter(|row| !row.call.starts_with("GET ")) {
        // What platforms and visitors cause are messages: those say so themselves.
        if matches!(row.who, Who::Signed | Who::Visitor) || ELSEWHERE.contains(&row.call) {
            continue;
        }
        let call = scene.call(row).await;
        let before = newest_trace(&scene).await;
        let answer = make(scene.rightful(row), &call, &[]).await;
        if NO_TRACE.iter().any(|(named, _)| *named == row.call) {
            continue;
        }
        let newest = scene.house.admin.get("/api/v1/audit?limit=1").await.expect(200)["items"][0].clone();
        let is_new = number(&newest["id"]) > before;
        // A direct conversation is none of an admin's business: what is done in it is refused or its own
        // record.
        let is_refused = row.on == On::Direct && answer.status >= 400;
        let is_traced = answer.status < 300 && is_new && newest["address"] == "127.0.0.1";
        if !is_refused && !is_traced {
            silent.push(format!("{} on {:?}: {} {newest}", row.call, row.on, answer.status));
        }
    }
    assert!(silent.is_empty(), "without a trace:\n{}", silent.join("\n"));
    for named in NO_TRACE.iter().map(|(call, _)| call).chain(ELSEWHERE) {
        assert!(ROWS.iter().any(|row| row.call == *named), "{named} is no route any more");
    }
}

#[expect(clippy::too_many_lines, reason = "one deed after the other")]
async fn what_the_table_cannot_do_leaves_its_trace_too(database: Database) {
    let scene = scene(database).await;
    let admin = &scene.house.admin;
    let (conversation, done) = (scene.conversation, json!({}));
    let browser = Client::anonymous(&scene.house.url()).signed_in("ana", PASSWORD).await;
    let second = Client::anonymous(&scene.house.url()).signed_in("ana", PASSWORD).await;
    second.post("/api/v1/logout", &done).await.expect(204);
    let third = Client::anonymous(&scene.house.url()).signed_in("ana", PASSWORD).await;
    let sessions = browser.all("/api/v1/me/sessions").await;
    let current = sessions.iter().find(|one| one["is_current"] == true).expect("this one");
    assert_eq!(current["address"], "127.0.0.1");
    let newest = &sessions[sessions.len() - 1]["id"];
    browser.delete(&format!("/api/v1/me/sessions/{newest}")).await.expect(204);
    third.get("/api/v1/me").await.refused(401);
    let ana = number(&browser.get("/api/v1/me").await.expect(200)["id"]);
    let token = browser.post("/api/v1/tokens", &json!({"name": "a bot"})).await.expect(201);
    admin.delete(&format!("/api/v1/users/{ana}/tokens/{}", token["id"])).await.expect(204);
    let password = json!({"current_password": PASSWORD, "new_password": "another long password"});
    browser.put("/api/v1/me/password", &password).await.expect(204);
    let current = admin.all(&format!("/api/v1/users/{ana}/sessions")).await;
    admin.delete(&format!("/api/v1/users/{ana}/sessions/{}", current[0]["id"])).await.expect(204);

    admin
        .post("/api/v1/conversations/bulk", &json!({"ids": [conversation], "status": "pending"}))
        .await
        .expect(200);
    let all = json!({"filter": {"status": "pending"}, "expected": 1, "priority": "high"});
    let job = admin.post("/api/v1/conversations/bulk", &all).await.expect(202);
    let job = format!("/api/v1/bulk-jobs/{}", job["job_id"]);
    admin.delete(&job).await.expect(204);
    admin.post(&format!("{job}/undo"), &done).await.expect(202);
    let note = json!({"content": "a note", "client_id": "n", "is_private": true});
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let note = admin.post(&path, &note).await.expect(201);
    let note = format!("/api/v1/messages/{}", note["id"]);
    admin.patch(&note, &json!({"content": "another note"})).await.expect(200);
    admin.delete(&note).await.expect(200);
    let other = json!({"channel_id": scene.channel, "customer": {"external_id": "15557700999"}});
    let other = admin.post("/api/v1/conversations", &other).await.expect(201);
    let merge = json!({"customer_id": other["customer"]["id"]});
    let customer = format!("/api/v1/customers/{}", scene.customer);
    let merged = admin.post(&format!("{customer}/merge"), &merge).await.expect(200);
    let undo = format!("{customer}/merges/{}/undo", merged["merges"][0]["id"]);
    admin.post(&undo, &done).await.expect(200);
    for (path, body) in [
        ("/api/v1/labels", json!({"name": "Back again", "color": "#aa0000"})),
        ("/api/v1/canned-replies", json!({"shortcut": "back", "content": "Hello"})),
        ("/api/v1/views", json!({"name": "Back again", "filter": {"status": "open"}})),
        ("/api/v1/flows", json!({"name": "Back again", "steps": [{"kind": "message", "text": "Hello"}]})),
    ] {
        let made = admin.post(path, &body).await.expect(201);
        let one = format!("{path}/{}", made["id"]);
        let (gone, back) = (admin.delete(&one).await, admin.post(&format!("{one}/restore"), &done).await);
        assert!(gone.status < 300 && back.status < 300, "{path}: {} {}", gone.text, back.text);
    }
    let flow = json!({"name": "Slow", "is_on": true, "channel_id": null, "trigger": {"kind": "manual"},
        "steps": [{"kind": "wait", "seconds": 600}, {"kind": "message", "text": "Hello"}]});
    let flow = admin.post("/api/v1/flows", &flow).await.expect(201)["id"].clone();
    let broadcast = json!({"key": "b", "conversation_ids": [conversation]});
    admin.post(&format!("/api/v1/flows/{flow}/broadcasts"), &broadcast).await.expect(200);
    let run = admin.all("/api/v1/flow-runs").await[0]["id"].clone();
    admin.post(&format!("/api/v1/flow-runs/{run}/stop"), &done).await.expect(200);

    let trail = admin.all("/api/v1/audit").await;
    for action in [
        "set_up",
        "signed_in",
        "session_ended",
        "token_created",
        "token_deleted",
        "password_changed",
        "conversation_changed",
        "bulk_started",
        "bulk_undone",
        "message_edited",
        "message_deleted",
        "conversation_started",
        "customer_merged",
        "customer_unmerged",
        "label_restored",
        "canned_reply_restored",
        "view_restored",
        "flow_restored",
        "flow_created",
        "flow_broadcast",
        "flow_stopped",
    ] {
        let found = trail.iter().find(|one| one["action"] == action);
        let found = found.unwrap_or_else(|| panic!("{action} is not in the trail: {trail:#?}"));
        assert!(action == "set_up" || found["address"] == "127.0.0.1", "from where: {found}");
    }
    let text = json!(trail).to_string();
    for secret in [PASSWORD, "another long password", "a note", "another note"] {
        assert!(!text.contains(secret), "no secret and no words: {secret}");
    }
    let only = admin.all("/api/v1/audit?action=flow_stopped").await;
    assert!(only.len() == 1 && only[0]["subject"] == format!("flow_run:{run}"), "narrowed by what: {only:?}");
    let theirs = admin.all(&format!("/api/v1/audit?user_id={ana}")).await;
    assert!(!theirs.is_empty() && theirs.iter().all(|one| one["user"]["id"] == ana), "by whom: {theirs:?}");
    assert_eq!(admin.all("/api/v1/audit?to=2001-01-01").await.len(), 0, "by when");
    let table = admin.get("/api/v1/audit?format=csv").await;
    assert!(table.status == 200 && table.header("content-type").starts_with("text/csv"), "{}", table.text);
    assert!(
        table.text.lines().count() > trail.len() && table.text.contains("flow_stopped"),
        "{}",
        table.text
    );
}

async fn upload(client: &Client, path: &str, method: Method) -> Answer {
    let request = client.request(method, path).header("content-type", "multipart/form-data; boundary=b");
    let body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{MARK}.txt\"\r\n\r\nthe {MARK}\r\n--b--\r\n"
    );
    answer(request.body(body)).await.expect("an answer")
}

async fn make(client: &Client, call: &Call, headers: &[(&str, &str)]) -> Answer {
    if call.body == "multipart" && headers.is_empty() {
        return upload(client, &call.path, call.method.clone()).await;
    }
    let mut request = client.request(call.method.clone(), &call.path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = if call.body.is_empty() {
        request
    } else {
        request.header("content-type", "application/json").body(call.body.clone())
    };
    answer(request).await.unwrap_or_else(|error| panic!("{call:?}: {error}"))
}

/// Lists of what is everybody's, and named with the mark.
const NAMED: [&str; 2] = ["GET /api/v1/channels", "GET /api/v1/users"];

#[expect(clippy::too_many_lines, reason = "each kind of caller has its cell")]
async fn no_route_answers_whom_it_is_not_for(database: Database) {
    let scene = scene(database).await;
    let anybody = Client::anonymous(&scene.house.url());
    let forged = Client { proof: Proof::Bearer("A".repeat(43)), ..anybody.clone() };
    let stale =
        Client { proof: Proof::Cookie(format!("rapport_session={}", "A".repeat(43))), ..anybody.clone() };
    let mut failures = Vec::new();
    let mut cells = 0;
    for row in ROWS {
        let call = scene.call(row).await;
        let mut cell = |who: &str, got: &Answer, wanted: &[u16]| {
            cells += 1;
            if !wanted.contains(&got.status) {
                failures.push(format!(
                    "{} on {:?} by {who}: {} and not {wanted:?}: {:.200}",
                    row.call, row.on, got.status, got.text
                ));
            }
            // The stranger made nothing with the mark, and whoever is refused is told nothing.
            if who != "the rightful" && row.who != Who::Everybody && got.text.contains(MARK) {
                failures.push(format!(
                    "{} on {:?} by {who} tells what is not theirs: {:.200}",
                    row.call, row.on, got.text
                ));
            }
        };
        if matches!(row.who, Who::User | Who::Admin) {
            for (who, client) in
                [("nobody", &anybody), ("a forged token", &forged), ("a forged cookie", &stale)]
            {
                cell(who, &make(client, &call, &[]).await, &[401]);
            }
            let writes = call.method != Method::GET;
            for headers in [
                [("origin", "https://evil.example")],
                [("origin", "null")],
                [("sec-fetch-site", "cross-site")],
            ] {
                if writes {
                    cell("another site's page", &make(&scene.by_cookie, &call, &headers).await, &[403]);
                }
            }
        }
        for (who, client, status) in scene.refused(row) {
            cell(who, &make(client, &call, &[]).await, &[status]);
        }
        if row.on == On::Nothing
            && call.method == Method::GET
            && row.who == Who::User
            && !NAMED.contains(&row.call)
        {
            let got = make(&scene.narrow, &call, &[]).await;
            cell("a colleague who sees none of it, a list", &got, &[200, 400, 403, 404, 426]);
        }
        if row.on == On::Nothing && call.method == Method::GET && row.who != Who::Everybody {
            let got = make(&scene.stranger, &call, &[]).await;
            cell("another workspace's admin, a list", &got, &[200, 400, 403, 404, 426, 401, 422]);
        }
        cell("the rightful", &make(scene.rightful(row), &call, &[]).await, row.answers);
    }
    assert!(failures.is_empty(), "{} of {cells} cells:\n{}", failures.len(), failures.join("\n"));
    assert!(cells > 300, "{cells} cells");
}

/// Somebody of each role that comes made, and of one that allows nothing; the admin, who takes things away, last.
async fn one_of_each_role(scene: &Scene) -> Vec<(&'static str, Client, Vec<String>)> {
    let nothing = json!({"name": "Nothing", "slug": "nothing", "permissions": []});
    scene.house.admin.post("/api/v1/roles", &nothing).await.expect(201);
    let mut all = Vec::new();
    for role in ["nothing", "viewer", "agent", "supervisor", "admin"] {
        let name = format!("one-{role}");
        let body = json!({"username": name, "full_name": MARK, "password": PASSWORD, "role": role});
        scene.house.admin.post("/api/v1/users", &body).await.expect(201);
        // By cookie: not every role may make tokens.
        let client = Client::anonymous(&scene.house.url()).signed_in(&name, PASSWORD).await;
        let me = client.get("/api/v1/me").await.expect(200);
        assert_eq!(me["role"], role);
        let words = me["permissions"].as_array().expect("a list").iter();
        let permissions = words.map(|word| word.as_str().expect("a word").to_owned()).collect();
        all.push((role, client, permissions));
    }
    all
}

/// Whether what a row is about is nothing that the caller sees: then it is not there for them.
fn may_be_hidden(row: &Row) -> bool {
    matches!(row.on, On::Direct | On::DirectMessage | On::Token | On::Media) || row.answers.contains(&404)
}

async fn each_role_may_what_it_says_and_nothing_else(database: Database) {
    let asked = |row: &&Row| matches!(row.who, Who::User | Who::Admin) && row.call != "GET /ws";
    for row in ROWS.iter().filter(asked).filter(|row| !row.call.starts_with("GET ")) {
        let is_told = NEEDS.iter().chain(FREE).any(|(call, _)| *call == row.call);
        assert!(is_told, "{} writes: say in matrix/rows.rs what it takes", row.call);
    }
    for (call, _) in NEEDS.iter().chain(FREE) {
        assert!(ROWS.iter().any(|row| row.call == *call), "{call} is no route any more");
    }
    let scene = scene(database).await;
    let roles = one_of_each_role(&scene).await;
    let (mut failures, mut cells) = (Vec::new(), 0);
    for row in ROWS.iter().filter(asked) {
        let needed = NEEDS.iter().find(|(call, _)| *call == row.call).map(|(_, permission)| *permission);
        for (role, client, permissions) in &roles {
            cells += 1;
            let call = scene.call(row).await;
            let got = make(client, &call, &[]).await;
            let missing = needed.filter(|needed| !permissions.iter().any(|word| word == needed));
            let told = got.json["permission"].as_str();
            let is_right = match missing {
                Some(missing) => {
                    (got.status == 403 && told == Some(missing)) || (may_be_hidden(row) && got.status == 404)
                }
                None => told.is_none(),
            };
            if !is_right {
                let wanted = missing.unwrap_or("nothing");
                failures.push(format!(
                    "{} on {:?} by {role}, who lacks {wanted}: {} {:.200}",
                    row.call, row.on, got.status, got.text
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {cells} cells:\n{}", failures.len(), failures.join("\n"));
    assert!(cells > 500, "{cells} cells");
}

async fn no_frame_reaches_into_what_is_not_ones_own(database: Database) {
    let scene = scene(database).await;
    let before = [scene.agent.messages(scene.direct).await, scene.agent.messages(scene.conversation).await];
    let cells = [
        ("another workspace's admin", &scene.stranger, scene.conversation),
        ("another workspace's admin", &scene.stranger, scene.direct),
        ("a colleague who is no part of it", &scene.outsider, scene.direct),
        ("an admin who is no part of it", &scene.house.admin, scene.direct),
        ("a colleague who does not see it", &scene.narrow, scene.conversation),
        ("anybody, at nothing", &scene.agent, 999_999),
    ];
    for (who, client, conversation) in cells {
        let socket = Socket::open(client).await;
        socket.watch("all").await;
        for (kind, body) in FRAMES.iter().filter(|(_, body)| !body.is_empty()) {
            let body = body.replace("{id}", &conversation.to_string());
            socket.send_text(&body);
            let error = socket
                .until("a refusal", |frames| {
                    frames.iter().find(|frame| frame["ref"] == *kind && frame["type"] == "error").cloned()
                })
                .await;
            assert_eq!(
                error["error"]["code"].as_str().or(error["code"].as_str()),
                Some("not_found"),
                "{who}: {kind}: {error}"
            );
        }
        // What happens there meanwhile is not heard either.
        let teller = if conversation == scene.direct { &scene.agent } else { &scene.outsider };
        if conversation < 999_999 {
            teller.say(conversation, &format!("after{}", next()), MARK).await.expect(201);
        }
        socket.is_level().await;
        // (What is told of other conversations may be theirs to hear.)
        let is_of_it = |frame: &&Value| {
            frame["conversation_id"] == conversation || frame["conversation"]["id"] == conversation
        };
        let heard = socket.frames().iter().filter(is_of_it).any(|frame| frame.to_string().contains(MARK));

        assert!(!heard, "{who} hears of {conversation}: {:?}", socket.frames());
    }
    for (conversation, before) in [scene.direct, scene.conversation].into_iter().zip(before) {
        let now = scene.agent.messages(conversation).await;
        assert!(now.iter().all(|message| message["client_id"] != "stolen"), "{now:?}");
        assert!(now.len() >= before.len());
    }
}

async fn a_field_that_is_not_the_callers_to_set_changes_nothing(database: Database) {
    let scene = scene(database).await;
    let extra = json!({"id": 1, "workspace_id": 2, "role": "admin", "sender_type": "customer", "seq": 1, "version": 1, "created_at": "2000-01-01T00:00:00.000Z", "is_ai_response": true, "status": "read", "author": "user:1"});
    let with = |mut body: Value| {
        for (name, value) in extra.as_object().expect("an object") {
            if body.get(name).is_none() {
                body[name] = value.clone();
            }
        }
        body
    };
    let path = format!("/api/v1/conversations/{}/messages", scene.conversation);
    let sent = scene.agent.post(&path, &with(json!({"content": "x", "client_id": "mass"}))).await;
    assert!(sent.status == 400 || sent.status == 422 || sent.status == 201, "{}", sent.text);
    if sent.status == 201 {
        assert_eq!(sent.json["sender_type"], "support");
        assert_ne!(sent.json["id"], 1);
    }
    let token = scene.agent.post("/api/v1/tokens", &with(json!({"name": "x"}))).await;
    assert!(token.status < 500, "{}", token.text);
    for path in ["/api/v1/me", "/api/v1/me/password"] {
        let method = if path.ends_with("me") { Method::PATCH } else { Method::PUT };
        let request = scene.agent.request(method, path).json(&with(json!({"full_name": "x"})));
        let status = answer(request).await.expect("an answer").status;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    let me = scene.agent.get("/api/v1/me").await.expect(200);
    assert_eq!(me["role"], "agent", "nobody promotes themselves: {me}");
    let user =
        with(json!({"username": "mass", "full_name": "M", "email": "m@example.org", "password": PASSWORD}));
    scene.agent.post("/api/v1/users", &user).await.refused(403);
    let channel = json!({"kind": "webchat", "name": "x", "external_id": "mass", "credentials": {}, "workspace_id": 2, "id": 1});
    let made = scene.house.admin.post("/api/v1/channels", &channel).await;
    assert!(made.status == 201 || made.status == 400 || made.status == 422, "{}", made.text);
    let theirs = scene.stranger.get("/api/v1/channels").await.expect(200);
    assert_eq!(
        theirs["items"].as_array().map(Vec::len),
        Some(0),
        "nothing moved to another workspace: {theirs}"
    );
}
