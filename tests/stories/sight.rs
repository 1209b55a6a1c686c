//! What of customers' conversations a role shows: two teams and three agents with different eyes, who look at
//! every list, search, count, frame and file there is. Which route is held at all is the matrix' affair
//! (`matrix.rs`). Over 400 lines: they look at the same five conversations.

use crate::support::channel::Channel;
use crate::support::client::{Client, answer, number};
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both_databases!(
    every_list_search_and_count_shows_what_one_sees,
    nothing_is_reached_by_its_number,
    frames_come_of_what_one_sees,
    what_leaves_ones_sight_goes_at_once,
    who_leaves_a_team_sees_no_more_of_it,
    nobody_is_called_to_what_they_do_not_see,
    what_one_begins_is_ones_own,
    who_sees_less_never_deals_with_the_whole_house,
);

/// What somebody may who sees less than everything: all that does not deal with the whole house.
pub const NARROW: [&str; 18] = [
    "conversations.start",
    "conversations.reply",
    "conversations.assign",
    "conversations.close",
    "conversations.label",
    "conversations.delete_message",
    "conversations.bulk",
    "notes.write",
    "direct.write",
    "customers.edit",
    "customers.block",
    "flows.run",
    "canned.manage",
    "labels.manage",
    "views.share",
    "views.manage",
    "ai.manage",
    "tokens.create",
];

/// One conversation, and what belongs to it.
#[derive(Debug, Clone, Copy)]
struct Thread {
    id: i64,
    customer: i64,
    /// The first message, the customer's.
    message: i64,
    /// A file under a note in it.
    file: i64,
}

struct Scene {
    house: House,
    channel: Channel,
    returns: i64,
    sales: i64,
    /// Sees her own and her team's: returns.
    ana: Client,
    ana_id: i64,
    /// Sees his own and what nobody has in his team: returns.
    ben: Client,
    ben_id: i64,
    /// Sees her own and her team's: sales.
    kim: Client,
    kim_id: i64,
    /// Of returns and nobody's; of returns and Ana's; of sales and nobody's; of no team; of sales and Ben's.
    threads: Vec<Thread>,
}

impl Scene {
    /// Each of the three, with the conversations that they see.
    fn eyes(&self) -> [(&'static str, &Client, [bool; 5]); 3] {
        [
            ("ana", &self.ana, [true, true, false, false, false]),
            ("ben", &self.ben, [true, false, false, false, true]),
            ("kim", &self.kim, [false, false, true, false, true]),
        ]
    }

    fn seen(&self, eyes: [bool; 5]) -> BTreeSet<i64> {
        self.threads.iter().zip(eyes).filter(|(_, sees)| *sees).map(|(thread, _)| thread.id).collect()
    }
}

async fn scene(database: Database) -> Scene {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    for (slug, sight) in [("team-eyes", "teams"), ("own-eyes", "own_and_unassigned")] {
        let role = json!({"name": slug, "slug": slug, "permissions": NARROW, "sight": sight});
        house.admin.post("/api/v1/roles", &role).await.expect(201);
    }
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "team-eyes").await;
    let (ben_id, ben) = house.admin.adds("ben", "Ben Ode", "own-eyes").await;
    let (kim_id, kim) = house.admin.adds("kim", "Kim Out", "team-eyes").await;
    let returns = team(&house, "Returns", &[ana_id, ben_id]).await;
    let sales = team(&house, "Sales", &[kim_id]).await;
    let mut threads = Vec::new();
    for (n, care) in [
        json!({"team_id": returns}),
        json!({"team_id": returns, "assignee_id": ana_id}),
        json!({"team_id": sales}),
        json!({}),
        json!({"team_id": sales, "assignee_id": ben_id}),
    ]
    .iter()
    .enumerate()
    {
        let thread = thread(&house, &channel, n).await;
        house.admin.patch(&format!("/api/v1/conversations/{}", thread.id), care).await.expect(200);
        threads.push(thread);
    }
    // Who is in which team is remembered for a moment with who asks.
    Scene { house, channel, returns, sales, ana, ana_id, ben, ben_id, kim, kim_id, threads }
}

async fn team(house: &House, name: &str, members: &[i64]) -> i64 {
    let body = json!({"name": name, "member_ids": members});
    number(&house.admin.post("/api/v1/teams", &body).await.expect(201)["id"])
}

async fn thread(house: &House, channel: &Channel, n: usize) -> Thread {
    let phone = format!("1555770050{n}");
    let words = format!("the lighthouse number{n}");
    post(&house.url(), channel, &channel.text(&phone, &format!("wamid.{n}"), &words)).await.expect(200);
    let id = channel.conversation(&house.admin, &phone).await;
    let shown = house.admin.get(&format!("/api/v1/conversations/{id}")).await.expect(200);
    let customer = number(&shown["customer"]["id"]);
    let name = json!({"name": format!("Keeper Nr{n}")});
    house.admin.patch(&format!("/api/v1/customers/{customer}"), &name).await.expect(200);
    let file = number(&upload(&house.admin).await["id"]);
    let note = json!({"content": "a note", "client_id": format!("n{n}"), "is_private": true, "attachment_ids": [file]});
    house.admin.post(&format!("/api/v1/conversations/{id}/messages"), &note).await.expect(201);
    Thread { id, customer, message: number(&shown["last_message"]["id"]), file }
}

async fn upload(client: &Client) -> Value {
    let request = client
        .request(Method::POST, "/api/v1/media")
        .header("content-type", "multipart/form-data; boundary=b");
    let body =
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nwords\r\n--b--\r\n";
    answer(request.body(body)).await.expect("an answer").expect(201)
}

/// The ids of the conversations that a list of conversations holds.
async fn listed(client: &Client, query: &str) -> BTreeSet<i64> {
    let items = client.all(&format!("/api/v1/conversations?{query}")).await;
    items.iter().map(|item| number(&item["id"])).collect()
}

async fn every_list_search_and_count_shows_what_one_sees(database: Database) {
    let scene = scene(database).await;
    let all = scene.seen([true; 5]);
    assert_eq!(listed(&scene.house.admin, "").await, all, "an admin sees everything");
    let filters = [
        "",
        "status=open",
        "sort=oldest",
        "sort=longest_waiting",
        "waiting=true",
        "unread=true",
        "assignee=none",
        "assignee=me",
        "q=keeper",
        "q=155577005",
        "kind=customer&status=open,closed",
    ];
    let own: Vec<String> = vec![
        format!("team_id={}", scene.returns),
        format!("team_id={},{}", scene.returns, scene.sales),
        format!("channel_id={}", scene.channel.id),
        format!("assignee={},{}", scene.ana_id, scene.ben_id),
    ];
    for (who, client, eyes) in scene.eyes() {
        let seen = scene.seen(eyes);
        assert_eq!(listed(client, "").await, seen, "{who}");
        for filter in filters.iter().map(|filter| (*filter).to_owned()).chain(own.iter().cloned()) {
            let found = listed(client, &filter).await;
            // `me` is another to each: what an admin sees of it says nothing.
            if !filter.contains("me") {
                let whole = listed(&scene.house.admin, &filter).await;
                let theirs: BTreeSet<i64> = whole.intersection(&seen).copied().collect();
                assert_eq!(found, theirs, "{who}: {filter}");
            }
            assert!(found.is_subset(&seen), "{who}: {filter}: {found:?}");
            let counts = client.get(&format!("/api/v1/conversations/counts?{filter}")).await.expect(200);
            assert_eq!(number(&counts["total"]), i64::try_from(found.len()).expect("few"), "{who}: {filter}");
        }
        searches(&scene, who, client, &seen).await;
        let view = json!({"name": "All", "filter": {"status": "open"}});
        client.post("/api/v1/views", &view).await.expect(201);
        let badges = client.get("/api/v1/views/counts").await.expect(200);
        assert_eq!(badges["items"][0]["matching"], seen.len(), "{who}: {badges}");
        let change = json!({"filter": {"status": "open"}, "priority": "low"});
        let begun = client.post("/api/v1/conversations/bulk", &change).await.expect(202);
        assert_eq!(begun["total"], seen.len(), "{who}: {begun}");
    }
}

async fn searches(scene: &Scene, who: &str, client: &Client, seen: &BTreeSet<i64>) {
    for query in ["q=lighthouse", &format!("channel_id={}", scene.channel.id)] {
        let found = client.get(&format!("/api/v1/search?{query}&limit=100")).await.expect(200);
        let items = found["items"].as_array().expect("items");
        let there: BTreeSet<i64> = items
            .iter()
            .filter(|item| item["kind"] == "message")
            .map(|item| number(&item["message"]["conversation_id"]))
            .collect();
        assert_eq!(there, *seen, "{who}: {query}");
    }
    for (n, thread) in scene.threads.iter().enumerate() {
        for query in [format!("q=Nr{n}"), format!("q=1555770050{n}")] {
            let found = client.get(&format!("/api/v1/search?{query}")).await.expect(200);
            let people: Vec<&Value> = found["items"]
                .as_array()
                .expect("items")
                .iter()
                .filter(|item| item["customer"]["id"] == thread.customer)
                .collect();
            assert_eq!(!people.is_empty(), seen.contains(&thread.id), "{who}: {query}: {found}");
        }
        let of = format!("/api/v1/search?customer_id={}", thread.customer);
        let found = client.get(&of).await.expect(200);
        let is_empty = found["items"].as_array().expect("items").is_empty();
        assert_eq!(!is_empty, seen.contains(&thread.id), "{who}: {of}");
    }
}

async fn nothing_is_reached_by_its_number(database: Database) {
    let scene = scene(database).await;
    for (who, client, eyes) in scene.eyes() {
        for (thread, sees) in scene.threads.iter().zip(eyes) {
            let Thread { id, customer, message, file } = *thread;
            for path in [
                format!("/api/v1/conversations/{id}"),
                format!("/api/v1/conversations/{id}/messages"),
                format!("/api/v1/conversations/{id}/events"),
                format!("/api/v1/messages/{message}/history"),
                format!("/api/v1/customers/{customer}"),
                format!("/api/v1/media/{file}"),
            ] {
                let got = client.get(&path).await;
                assert_eq!(got.status, if sees { 200 } else { 404 }, "{who}: {path}: {}", got.text);
            }
            let runs = client.get(&format!("/api/v1/flow-runs?conversation_id={id}")).await.expect(200);
            assert_eq!(runs["items"], json!([]), "{who}: {id}");
            if sees {
                continue;
            }
            let conversation = format!("/api/v1/conversations/{id}");
            client.say(id, "stolen", "let me in").await.refused(404);
            client.patch(&conversation, &json!({"assignee_id": null})).await.refused(404);
            client.post(&format!("{conversation}/read"), &json!({"seq": 1})).await.refused(404);
            client.put(&format!("{conversation}/follow"), &json!({})).await.refused(404);
            let customer = format!("/api/v1/customers/{customer}");
            client.patch(&customer, &json!({"name": "Mine"})).await.refused(404);
            let ids = json!({"ids": [id], "status": "closed"});
            let bulk = client.post("/api/v1/conversations/bulk", &ids).await.expect(200);
            assert_eq!(bulk["items"][0]["error"]["code"], "not_found", "{who}: {bulk}");
            let ask = json!({"to": "olga", "content": "see?", "client_id": format!("{who}{id}"), "about_conversation_id": id});
            client.post("/api/v1/direct-messages", &ask).await.refused(404);
        }
    }
    for thread in &scene.threads {
        let messages = scene.house.admin.messages(thread.id).await;
        assert_eq!(messages.len(), 2, "nobody wrote into what they do not see: {messages:?}");
    }
}

async fn frames_come_of_what_one_sees(database: Database) {
    let scene = scene(database).await;
    let mut sockets = Vec::new();
    for (who, client, eyes) in scene.eyes() {
        let socket = Socket::open(client).await;
        socket.watch("all").await;
        for (thread, sees) in scene.threads.iter().zip(eyes) {
            for kind in ["subscribe", "typing", "viewing"] {
                let reference = format!("{kind} {}", thread.id);
                socket.send(&json!({"type": kind, "conversation_id": thread.id, "is_typing": true,
                    "is_viewing": true, "ref": reference}));
            }
            let reference = format!("subscribe {}", thread.id);
            let answer = socket
                .until("an answer", |frames| frames.iter().find(|frame| frame["ref"] == reference).cloned())
                .await;
            assert_eq!(answer["type"] == "subscribed", sees, "{who}: {answer}");
        }
        sockets.push((who, socket, eyes));
    }
    for (n, thread) in scene.threads.iter().enumerate() {
        let phone = format!("1555770050{n}");
        let text = scene.channel.text(&phone, &format!("wamid.more{n}"), "once more");
        post(&scene.house.url(), &scene.channel, &text).await.expect(200);
        scene.house.admin.say(thread.id, &format!("a{n}"), "an answer").await.expect(201);
    }
    for (who, socket, eyes) in &sockets {
        let seen = scene.seen(*eyes);
        let last = *seen.iter().max().expect("one");
        socket
            .until("the last of theirs", |frames| {
                let is_last =
                    |frame: &&Value| frame["conversation"]["id"] == last && frame["reason"] == "message_sent";
                frames.iter().find(is_last).map(drop)
            })
            .await;
        socket.is_level().await;
        for frame in socket.frames() {
            let about = frame["conversation_id"].as_i64().or(frame["conversation"]["id"].as_i64());
            let is_theirs = about.is_none_or(|id| seen.contains(&id));
            assert!(is_theirs, "{who} hears of what they do not see: {frame}");
        }
    }
}

async fn what_leaves_ones_sight_goes_at_once(database: Database) {
    let scene = scene(database).await;
    let thread = scene.threads[0];
    let (ben, id) = (&scene.ben, thread.id);
    let path = format!("/api/v1/conversations/{id}");
    let socket = Socket::open(ben).await;
    socket.watch("all").await;
    socket.subscribe(id, Some(0)).await;
    // A second one follows it and watches nothing.
    let quiet = Socket::open(ben).await;
    quiet.subscribe(id, Some(0)).await;
    scene.house.admin.patch(&path, &json!({"assignee_id": scene.ana_id})).await.expect(200);
    for socket in [&socket, &quiet] {
        let gone = socket.frame("conversations_erased").await;
        assert_eq!(gone["conversation_ids"], json!([id]));
    }
    scene.house.admin.say(id, "later", "not for Ben").await.expect(201);
    ben.get(&path).await.refused(404);
    ben.get(&format!("/api/v1/media/{}", thread.file)).await.refused(404);
    assert!(!listed(ben, "").await.contains(&id));
    for socket in [&socket, &quiet] {
        socket.is_level().await;
        let heard = socket.frames().iter().any(|frame| frame.to_string().contains("not for Ben"));
        assert!(!heard, "{:?}", socket.frames());
    }
    scene.house.admin.patch(&path, &json!({"assignee_id": null})).await.expect(200);
    socket
        .until("it comes back", |frames| {
            frames
                .iter()
                .find(|frame| {
                    frame["conversation"]["id"] == id
                        && frame["conversation"]["assignee_id"].is_null()
                        && frame["reason"] == "assigned"
                })
                .map(drop)
        })
        .await;
    ben.get(&path).await.expect(200);
    // Whoever goes on seeing it goes on hearing of it, each version once.
    let ana = Socket::open(&scene.ana).await;
    ana.subscribe(id, Some(0)).await;
    scene.house.admin.patch(&path, &json!({"assignee_id": scene.ana_id})).await.expect(200);
    scene.house.admin.say(id, "last", "for Ana").await.expect(201);
    ana.until("she hears it", |frames| {
        frames.iter().find(|frame| frame["message"]["content"] == "for Ana").map(drop)
    })
    .await;
    ana.is_faultless();
}

async fn who_leaves_a_team_sees_no_more_of_it(database: Database) {
    let scene = scene(database).await;
    let socket = Socket::open(&scene.kim).await;
    socket.watch("all").await;
    let path = format!("/api/v1/teams/{}", scene.sales);
    scene.house.admin.patch(&path, &json!({"member_ids": []})).await.expect(200);
    assert_eq!(socket.closes().await, 4001, "she comes back as who she is now");
    assert_eq!(listed(&scene.kim, "").await, BTreeSet::new());
    let members = json!({"member_ids": [scene.kim_id, scene.ana_id, scene.ben_id]});
    scene.house.admin.patch(&format!("/api/v1/teams/{}", scene.returns), &members).await.expect(200);
    assert_eq!(listed(&scene.kim, "").await, scene.seen([true, true, false, false, false]));
    scene.house.admin.delete(&format!("/api/v1/teams/{}", scene.returns)).await;
    assert_eq!(listed(&scene.kim, "").await, BTreeSet::new(), "of a team that is gone nothing is seen");
    assert_eq!(listed(&scene.ana, "").await, scene.seen([false, true, false, false, false]), "her own is");
}

async fn nobody_is_called_to_what_they_do_not_see(database: Database) {
    let scene = scene(database).await;
    let path = format!("/api/v1/conversations/{}/messages", scene.threads[1].id);
    let note = json!({"content": "@kim @ana look", "client_id": "call", "is_private": true});
    scene.house.admin.post(&path, &note).await.expect(201);
    assert_eq!(listed(&scene.ana, "mentioned=true").await, BTreeSet::from([scene.threads[1].id]));
    assert_eq!(listed(&scene.kim, "mentioned=true").await, BTreeSet::new());
    let given = format!("/api/v1/conversations/{}", scene.threads[1].id);
    scene.house.admin.patch(&given, &json!({"assignee_id": scene.kim_id})).await.expect(200);
    assert_eq!(listed(&scene.kim, "mentioned=true").await, BTreeSet::new(), "nor was she called then");
}

async fn what_one_begins_is_ones_own(database: Database) {
    let scene = scene(database).await;
    let begin = |phone: &str| json!({"channel_id": scene.channel.id, "customer": {"external_id": phone}});
    let begun = scene.ana.post("/api/v1/conversations", &begin("15557700777")).await.expect(201);
    assert_eq!(begun["assignee_id"], scene.ana_id, "else she would not see what she began: {begun}");
    scene.ana.post("/api/v1/conversations", &begin("15557700502")).await.refused(404);
    let own = scene.ana.post("/api/v1/conversations", &begin("15557700500")).await.expect(200);
    assert_eq!(own["id"], scene.threads[0].id, "what is there and theirs to see is given");
    let untouched = format!("/api/v1/conversations/{}", scene.threads[2].id);
    assert!(scene.house.admin.get(&untouched).await.expect(200)["assignee_id"].is_null());
}

async fn who_sees_less_never_deals_with_the_whole_house(database: Database) {
    let scene = scene(database).await;
    for permission in
        ["export", "reports.see", "users.manage", "teams.manage", "customers.erase", "hooks.manage"]
    {
        let body = json!({"name": "Odd", "permissions": [permission], "sight": "teams"});
        let no = scene.house.admin.post("/api/v1/roles", &body).await.refused(422);
        assert_eq!(
            (no["code"].as_str(), no["permission"].as_str()),
            (Some("needs_everything"), Some(permission))
        );
    }
    for path in ["reports", "stats", "audit", "deliveries", "quarantine", "hooks"] {
        scene.ana.get(&format!("/api/v1/{path}")).await.refused(403);
    }
    // Sight taken from a role takes hold at once.
    let (_, eve) = scene.house.admin.adds("eve", "Eve Ode", "agent").await;
    assert_eq!(listed(&eve, "").await.len(), 5);
    let narrow = json!({"permissions": NARROW, "sight": "own_and_unassigned"});
    scene.house.admin.patch("/api/v1/roles/agent", &narrow).await.expect(200);
    assert_eq!(listed(&eve, "").await.len(), 0);
    eventually("her token goes on", async || (eve.get("/api/v1/me").await.status == 200).then_some(())).await;
}
