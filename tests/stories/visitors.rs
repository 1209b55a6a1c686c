//! Whom a visitor's token stands for, and for how long: a proof ends the name of before with its sockets, a
//! colleague may end a visitor's sessions, who proved and who did not are one only by an admin's word; their
//! files that were not sent live an hour; and names turn nothing around, whoever tells them (issue 17,
//! section 3).

use crate::support::channel::{Channel, results};
use crate::support::client::{Client, http, number};
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::socket::Socket;
use crate::support::webhooks::{post, signature};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

on_both_databases!(
    a_proof_ends_the_name_of_before_and_its_sockets,
    a_proof_ends_the_token_even_where_nothing_moves,
    a_colleague_ends_a_visitors_sessions,
    who_proved_and_who_did_not_are_one_by_an_admins_word_only,
    a_visitors_unsent_file_lives_an_hour,
    a_name_turns_nothing_around_whoever_tells_it,
    nonsense_is_no_site,
    what_the_api_says_is_kept_by_nobody,
    spam_leaves_every_list_with_its_sender_and_comes_back,
);

/// A web chat, and what its site proves its visitors with.
async fn web_chat(house: &House) -> (i64, String) {
    let body = json!({"kind": "webchat", "name": "Our site"});
    let channel = house.admin.post("/api/v1/channels", &body).await.expect(201);
    (number(&channel["id"]), channel["identity_secret"].as_str().expect("shown once").to_owned())
}

fn proof(secret: &str, user: &str) -> Value {
    let hash = signature(secret, user.as_bytes()).trim_start_matches("sha256=").to_owned();
    json!({"user_id": user, "hash": hash, "name": "Mira"})
}

async fn says(socket: &Socket, client_id: &str, words: &str) -> Value {
    socket.send(&json!({"type": "send", "client_id": client_id, "content": words}));
    socket
        .until("an answer", |frames| {
            let is_it = |frame: &&Value| frame["client_id"] == client_id || frame["ref"] == client_id;
            frames.iter().find(is_it).cloned()
        })
        .await
}

async fn uploads(house: &House, channel: i64, token: &str) -> reqwest::Response {
    let form = Form::new().part("file", Part::bytes(vec![7; 100]).file_name("a photo"));
    let address = format!("{}/widget/{channel}/media", house.url());
    let request = http().post(address).bearer_auth(token).multipart(form);
    request.send().await.expect("an answer")
}

async fn a_proof_ends_the_name_of_before_and_its_sockets(database: Database) {
    let house = House::open(database).await;
    let (id, secret) = web_chat(&house).await;
    let (nobody, token, _) = Socket::visitor(&house.url(), id, json!({})).await;
    let conversation = says(&nobody, "v-1", "before").await["conversation_id"].clone();
    // The same token at a place that is not the visitor's.
    let (other, _, welcome) = Socket::visitor(&house.url(), id, json!({"token": token})).await;
    assert_eq!(welcome["conversation_id"], conversation);
    let hello = json!({"token": token, "identity": proof(&secret, "mira-7")});
    let (mira, known, welcome) = Socket::visitor(&house.url(), id, hello).await;
    assert_eq!(welcome["conversation_id"], conversation, "it goes on");
    assert_eq!(says(&mira, "v-2", "only mine").await["conversation_id"], conversation);
    house.admin.say(number(&conversation), "a-1", "for Mira alone").await.expect(201);
    mira.frame("chat_message").await;
    assert_eq!(other.closes().await, 1012, "come back, as who you are now");
    let heard = Value::from(other.frames()).to_string() + &Value::from(nobody.frames()).to_string();
    assert!(!heard.contains("only mine") && !heard.contains("for Mira alone"), "{heard}");
    let (other, another, welcome) = Socket::visitor(&house.url(), id, json!({"token": token})).await;
    assert_eq!((&welcome["conversation_id"], &welcome["messages"]), (&json!(null), &json!([])));
    assert!(another != token && another != known, "the old token is nobody's");
    assert_ne!(says(&other, "o-1", "who am I").await["conversation_id"], conversation);
    assert_eq!(uploads(&house, id, &token).await.status().as_u16(), 401);
    assert_eq!(uploads(&house, id, &known).await.status().as_u16(), 201);
    let hello = json!({"token": known, "identity": proof(&secret, "mira-7")});
    let (_, kept, welcome) = Socket::visitor(&house.url(), id, hello).await;
    assert_eq!((kept, &welcome["conversation_id"]), (known, &conversation), "a proved token stays");
}

async fn a_proof_ends_the_token_even_where_nothing_moves(database: Database) {
    let house = House::open(database).await;
    let (id, secret) = web_chat(&house).await;
    let hello = json!({"identity": proof(&secret, "mira-7")});
    let (mira, _, _) = Socket::visitor(&house.url(), id, hello).await;
    let hers = says(&mira, "m-1", "from home").await["conversation_id"].clone();
    // At another device she writes as nobody first: that one stays apart, and its token ends.
    let (nobody, token, _) = Socket::visitor(&house.url(), id, json!({})).await;
    let apart = says(&nobody, "n-1", "from work").await["conversation_id"].clone();
    let hello = json!({"token": token, "identity": proof(&secret, "mira-7")});
    let (_, _, welcome) = Socket::visitor(&house.url(), id, hello).await;
    assert!(welcome["conversation_id"] == hers && hers != apart);
    let (_, _, welcome) = Socket::visitor(&house.url(), id, json!({"token": token})).await;
    assert_eq!(welcome["conversation_id"], json!(null));
    // Who is signed in as somebody else does not end Mira's.
    let hello = json!({"identity": proof(&secret, "ben-1")});
    let (_, ben, _) = Socket::visitor(&house.url(), id, hello).await;
    let hello = json!({"token": ben, "identity": proof(&secret, "mira-7")});
    Socket::visitor(&house.url(), id, hello).await;
    let hello = json!({"token": ben, "identity": proof(&secret, "ben-1")});
    let (_, kept, _) = Socket::visitor(&house.url(), id, hello).await;
    assert_eq!(kept, ben);
}

async fn a_colleague_ends_a_visitors_sessions(database: Database) {
    let house = House::open(database).await;
    let (id, secret) = web_chat(&house).await;
    let (_, agent) = house.admin.adds("ava", "Ava Lind", "agent").await;
    let customer_of = async |conversation: &Value| {
        let path = format!("/api/v1/conversations/{conversation}");
        number(&house.admin.get(&path).await.expect(200)["customer"]["id"])
    };
    let (nobody, token, _) = Socket::visitor(&house.url(), id, json!({})).await;
    let conversation = says(&nobody, "v-1", "hello").await["conversation_id"].clone();
    let path = format!("/api/v1/customers/{}/end-visits", customer_of(&conversation).await);
    assert_eq!(agent.post(&path, &json!({})).await.expect(200), json!({"ended": 1}));
    assert_eq!(nobody.closes().await, 1012);
    let (_, _, welcome) = Socket::visitor(&house.url(), id, json!({"token": token})).await;
    assert_eq!(welcome["conversation_id"], json!(null), "their browser begins anew");

    let hello = json!({"identity": proof(&secret, "mira-7")});
    let (mira, token, _) = Socket::visitor(&house.url(), id, hello).await;
    let conversation = says(&mira, "m-1", "hello").await["conversation_id"].clone();
    let path = format!("/api/v1/customers/{}/end-visits", customer_of(&conversation).await);
    agent.post(&path, &json!({})).await.expect(200);
    assert_eq!(mira.closes().await, 1012);
    assert_eq!(uploads(&house, id, &token).await.status().as_u16(), 401);
    let hello = json!({"token": token, "identity": proof(&secret, "mira-7")});
    let (mira, again, welcome) = Socket::visitor(&house.url(), id, hello).await;
    assert_eq!(welcome["conversation_id"], conversation, "who proves it anew is known");
    assert_ne!(again, token);
    assert_eq!(says(&mira, "m-2", "again").await["conversation_id"], conversation);
    let log = house.admin.get("/api/v1/audit").await.expect(200).to_string();
    assert_eq!(log.matches("visits_ended").count(), 2);
    agent.post("/api/v1/customers/999999/end-visits", &json!({})).await.refused(404);
}

async fn who_proved_and_who_did_not_are_one_by_an_admins_word_only(database: Database) {
    let house = House::open(database).await;
    let (id, secret) = web_chat(&house).await;
    let (_, agent) = house.admin.adds("ava", "Ava Lind", "agent").await;
    let customer_of = async |hello: Value| {
        let (socket, _, _) = Socket::visitor(&house.url(), id, hello).await;
        let conversation = says(&socket, "c-1", "hello").await["conversation_id"].clone();
        let path = format!("/api/v1/conversations/{conversation}");
        number(&house.admin.get(&path).await.expect(200)["customer"]["id"])
    };
    let mira = customer_of(json!({"identity": proof(&secret, "mira-7")})).await;
    let (one, two) = (customer_of(json!({})).await, customer_of(json!({})).await);
    for (kept, gone) in [(mira, one), (one, mira)] {
        let path = format!("/api/v1/customers/{kept}/merge");
        let no = agent.post(&path, &json!({"customer_id": gone})).await.refused(403);
        assert_eq!(no["code"], "proved_and_unproved", "{no}");
    }
    let path = format!("/api/v1/customers/{one}/merge");
    agent.post(&path, &json!({"customer_id": two})).await.expect(200);
    let path = format!("/api/v1/customers/{mira}/merge");
    house.admin.post(&path, &json!({"customer_id": one})).await.expect(200);
}

async fn a_visitors_unsent_file_lives_an_hour(database: Database) {
    let mut house = House::open(database).await;
    let (id, _) = web_chat(&house).await;
    let (_, token, _) = Socket::visitor(&house.url(), id, json!({})).await;
    let uploaded: Value = uploads(&house, id, &token).await.json().await.expect("JSON");
    let theirs = uploaded["media_url"].as_str().expect("where it lies").to_owned();
    let form = Form::new().part("file", Part::bytes(vec![8; 100]).file_name("a plan"));
    let request = house.admin.request(reqwest::Method::POST, "/api/v1/media").multipart(form);
    let uploaded = crate::support::client::answer(request).await.expect("an answer").expect(201);
    let ours = uploaded["media_url"].as_str().expect("where it lies").to_owned();
    let is_there = async |house: &House| {
        let visitor = http().get(format!("{}{theirs}", house.url())).bearer_auth(&token);
        let seen = visitor.send().await.expect("an answer").status().as_u16();
        (seen, house.admin.get(&ours).await.status)
    };
    assert_eq!(is_there(&house).await, (200, 200));
    house.server.kill().await;
    house.database.execute("UPDATE media SET created_at = created_at - 3660000").await;
    house.server.starts_again().await;
    eventually("it is gone", async || (is_there(&house).await.0 == 404).then_some(())).await;
    assert_eq!(is_there(&house).await.1, 200, "a colleague's stays for a day");
}

async fn a_name_turns_nothing_around_whoever_tells_it(database: Database) {
    let house = House::open(database).await;
    let turned = "Ana\u{202E}\u{2066}\u{200F}\u{7}\r\n Lind\u{feff}";
    let channel = house.channel("whatsapp").await;
    let told = async |id: &str, name: &str| {
        let mut body = channel.text("15557700421", id, "hello");
        body["entry"][0]["changes"][0]["value"]["contacts"][0]["profile"]["name"] = name.into();
        post(&house.url(), &channel, &body).await.expect(200);
        let conversation = channel.conversation(&house.admin, "15557700421").await;
        let path = format!("/api/v1/conversations/{conversation}");
        house.admin.get(&path).await.expect(200)["customer"]["name"].clone()
    };
    assert_eq!(told("wamid.1", turned).await, "Ana Lind", "of somebody new");
    assert_eq!(told("wamid.2", &turned.replace("Lind", "Lund")).await, "Ana Lund", "of somebody known");
    assert_eq!(told("wamid.3", "\u{202E}\u{200B}").await, "Ana Lund", "a name of nothing is none");
}

async fn nonsense_is_no_site(database: Database) {
    let house = House::open(database).await;
    let (id, _) = web_chat(&house).await;
    let path = format!("/api/v1/channels/{id}");
    for nonsense in
        ["javascript:alert(1)", "'none'", "data:", "https://", "shop.example", "https://a.example/path"]
    {
        let no =
            house.admin.patch(&path, &json!({"options": {"allowed_sites": [nonsense]}})).await.refused(422);
        assert!(no["detail"].as_str().is_some_and(|why| why.contains("allowed_sites")), "{no}");
        let body = json!({"kind": "webchat", "name": "Other", "options": {"allowed_sites": ["*", nonsense]}});
        house.admin.post("/api/v1/channels", &body).await.refused(422);
    }
    let sites = json!(["https://shop.example", "https://*.shop.example", "http://localhost:3000", "*"]);
    house.admin.patch(&path, &json!({"options": {"allowed_sites": sites}})).await.expect(200);
}

async fn what_the_api_says_is_kept_by_nobody(database: Database) {
    let house = House::open_with_public_url(database, "https://chat.example").await;
    let stranger = Client::anonymous(&house.url());
    for (client, path) in [
        (&house.admin, "/api/v1/me"),
        (&house.admin, "/api/v1/conversations"),
        (&house.admin, "/api/v1/nothing"),
        (&stranger, "/api/v1/users"),
        (&stranger, "/api/v1/setup"),
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{path}");
    }
    let page = stranger.get("/login").await;
    assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
}

/// A text of a customer: its conversation.
async fn writes(house: &House, channel: &Channel, customer: &str, id: &str) -> i64 {
    let told = results(post(&house.url(), channel, &channel.text(customer, id, "hello")).await).remove(0);
    number(&told["conversation_id"])
}

/// The ids that a list holds, ascending.
async fn listed(house: &House, query: &str) -> Vec<i64> {
    let all = house.admin.all(&format!("/api/v1/conversations{query}")).await;
    let mut ids: Vec<i64> = all.iter().map(|each| number(&each["id"])).collect();
    ids.sort_unstable();
    ids
}

/// A customer with two conversations, and another one: their ids, ascending.
async fn three_conversations(house: &House, whatsapp: &Channel) -> [i64; 3] {
    let telegram = house.channel("telegram").await;
    let first = writes(house, whatsapp, "15557700421", "wamid.1").await;
    let second = writes(house, &telegram, "7700421", "9001").await;
    let third = writes(house, whatsapp, "15557700422", "wamid.2").await;
    let customer_of = async |id: i64| {
        number(&house.admin.get(&format!("/api/v1/conversations/{id}")).await.expect(200)["customer"]["id"])
    };
    let (kept, gone) = (customer_of(first).await, customer_of(second).await);
    let path = format!("/api/v1/customers/{kept}/merge");
    house.admin.post(&path, &json!({"customer_id": gone})).await.expect(200);
    [first, second, third]
}

#[expect(clippy::too_many_lines, reason = "there and back, as one tale")]
async fn spam_leaves_every_list_with_its_sender_and_comes_back(database: Database) {
    let house = House::open(database).await;
    let whatsapp = house.channel("whatsapp").await;
    let [first, second, good] = three_conversations(&house, &whatsapp).await;
    let (_, agent) = house.admin.adds("ava", "Ava Lind", "agent").await;
    let body = json!({"ids": [first], "status": "spam"});
    let done = agent.post("/api/v1/conversations/bulk", &body).await.expect(200);
    assert_eq!(done["items"][0]["conversation"]["status"], "spam", "{done}");
    // With its sender: their other conversation, too.
    assert_eq!(listed(&house, "?status=spam").await, [first, second]);
    for query in ["", "?status=open", "?assignee=none", "?kind=customer"] {
        assert_eq!(listed(&house, query).await, [good], "{query}");
    }
    let list = Socket::open(&house.admin).await;
    list.watch("all").await;
    let flow = json!({"name": "Greets", "is_on": true, "channel_id": whatsapp.id,
        "trigger": {"kind": "keyword", "keywords": ["hello"]}, "steps": [{"kind": "message", "text": "Welcome"}]});
    house.admin.post("/api/v1/flows", &flow).await.expect(201);
    writes(&house, &whatsapp, "15557700421", "wamid.3").await;
    writes(&house, &whatsapp, "15557700422", "wamid.4").await;
    eventually("the good one is answered", async || {
        (house.admin.messages(good).await.len() == 3).then_some(())
    })
    .await;
    assert_eq!(house.admin.messages(first).await.len(), 2, "kept, and nobody answered");
    let seen = house.admin.get(&format!("/api/v1/conversations/{first}")).await.expect(200);
    assert_eq!((&seen["status"], number(&seen["unread_count"])), (&json!("spam"), 1));
    let news = list
        .until("news of a customer", |frames| {
            let news = frames.iter().filter(|frame| frame["reason"] == "new_customer_message");
            let ids: Vec<i64> = news.map(|frame| number(&frame["conversation"]["id"])).collect();
            (!ids.is_empty()).then_some(ids)
        })
        .await;
    assert_eq!(news, [good], "spam calls nobody");
    let found = async |more: &str| {
        let hits = agent.get(&format!("/api/v1/search?q=hello{more}")).await.expect(200);
        let items = hits["items"].as_array().expect("hits").iter().filter(|hit| hit["kind"] == "message");
        items.map(|hit| number(&hit["message"]["conversation_id"])).collect::<std::collections::BTreeSet<_>>()
    };
    let received = async || {
        let report = house.admin.get("/api/v1/reports?by=channel").await.expect(200);
        report["items"]
            .as_array()
            .expect("lines")
            .iter()
            .map(|line| number(&line["messages_in"]))
            .sum::<i64>()
    };
    let without_spam = received().await;
    assert!(!found("").await.contains(&first), "spam is not in the way of what is looked for");
    let sender = number(&seen["customer"]["id"]);
    assert!(found(&format!("&customer_id={sender}")).await.contains(&first), "but can be looked for");
    let body = json!({"ids": [second], "status": "open"});
    agent.post("/api/v1/conversations/bulk", &body).await.expect(200);
    assert!(found("").await.contains(&first));
    assert_eq!(received().await - without_spam, 3, "nor is spam anybody's work");
    assert_eq!(listed(&house, "?status=spam").await, [0_i64; 0]);
    let mut all = [first, second, good];
    all.sort_unstable();
    assert_eq!(listed(&house, "?status=open").await, all);
    writes(&house, &whatsapp, "15557700421", "wamid.5").await;
    let back = house.admin.get(&format!("/api/v1/conversations/{first}")).await.expect(200);
    assert_eq!((&back["status"], number(&back["unread_count"])), (&json!("open"), 2));
    let log = house.admin.get("/api/v1/audit").await.expect(200).to_string();
    assert!(log.contains("customer_spam") && log.contains("customer_not_spam"));
}
