//! The socket's manners: who may open one, what it answers, what ends it (contract 3 and 5).

use crate::support::client::{Client, Proof};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::server::{ADMIN, PASSWORD};
use crate::support::socket::{Socket, of_type};
use crate::support::webhooks::post;
use serde_json::json;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

const CUSTOMER: &str = "15557700421";

on_both_databases!(
    a_frame_that_is_no_json_gets_an_error_and_the_session_lives,
    a_ref_comes_back_on_what_answers_it,
    an_oversized_frame_closes_with_1009,
    a_socket_without_a_proof_is_not_opened,
    a_cookie_opens_a_socket_only_from_our_own_origin,
    signing_out_ends_the_session,
    typing_is_seen_by_the_others,
    who_looks_at_no_page_is_away,
    one_change_of_the_list_is_one_frame,
    without_a_watch_the_list_is_silent,
    mine_and_unassigned_are_their_own_lists,
);

async fn a_frame_that_is_no_json_gets_an_error_and_the_session_lives(database: Database) {
    let house = House::open(database).await;
    let session = Socket::open(&house.admin).await;
    let wrong = [
        "hello",
        "{\"type\":",
        "[]",
        "7",
        "null",
        "{}",
        "{\"type\":\"dance\"}",
        "{\"type\":7}",
        "{\"type\":\"subscribe\"}",
        "{\"type\":\"subscribe\",\"conversation_id\":\"one\"}",
        "{\"type\":\"send\",\"conversation_id\":1}",
        "{\"type\":\"subscribe\",\"conversation_id\":999999999}",
    ];
    for (n, text) in wrong.into_iter().enumerate() {
        session.send_text(text);
        let error = session
            .until(text, |frames| frames.iter().filter(|frame| frame["type"] == "error").nth(n).cloned())
            .await;
        assert!(error["code"].is_string() && error["message"].is_string(), "{text}: {error}");
    }
    session.is_level().await;
    assert!(session.is_open(), "the session lives on");
}

async fn a_ref_comes_back_on_what_answers_it(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let session = Socket::open(&house.admin).await;
    session.send(&json!({"type": "ping", "ref": "p"}));
    assert_eq!(session.frame("pong").await["ref"], "p");
    session.send(&json!({"type": "subscribe", "conversation_id": conversation, "ref": "s"}));
    assert_eq!(session.frame("subscribed").await["ref"], "s");
    session.send(&json!({"type": "dance", "ref": "d"}));
    assert_eq!(session.frame("error").await["ref"], "d");
}

async fn an_oversized_frame_closes_with_1009(database: Database) {
    let house = House::open(database).await;
    let (session, other) = (Socket::open(&house.admin).await, Socket::open(&house.admin).await);
    session.send_message(Message::text("x".repeat(8 * 1024 * 1024)));
    assert_eq!(session.closes().await, 1009);
    other.send_message(Message::Ping(Bytes::from_static(b"still there?")));
    other.is_level().await;
}

async fn a_socket_without_a_proof_is_not_opened(database: Database) {
    let house = House::open(database).await;
    for proof in
        [Proof::Nobody, Proof::Bearer("not-a-token".into()), Proof::Cookie("rapport_session=nothing".into())]
    {
        let client = Client { proof: proof.clone(), ..house.admin.clone() };
        match Socket::try_open(&client, None).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 401, "{proof:?}"),
            Err(error) => panic!("{proof:?}: {error}"),
            Ok(socket) => assert_eq!(socket.closes().await, 4001, "{proof:?}"),
        }
    }
}

async fn a_cookie_opens_a_socket_only_from_our_own_origin(database: Database) {
    let house = House::open(database).await;
    let person = Client::anonymous(&house.url()).signed_in(ADMIN, PASSWORD).await;
    Socket::open(&person).await;
    let longer = format!("{}.example.org", house.url());
    for origin in ["https://evil.example", "null", "", longer.as_str(), "http://127.0.0.1:1"] {
        match Socket::try_open(&person, Some(origin)).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{origin:?}"),
            Err(error) => panic!("{origin:?}: {error}"),
            Ok(_) => panic!("a socket by cookie from {origin:?}"),
        }
    }
    // A bearer is no cookie: nothing sends it by itself.
    assert!(Socket::try_open(&house.admin, Some("https://evil.example")).await.is_ok());
    assert!(Socket::try_open(&house.admin, Some("")).await.is_ok());
}

async fn signing_out_ends_the_session(database: Database) {
    let house = House::open(database).await;
    let person = Client::anonymous(&house.url()).signed_in(ADMIN, PASSWORD).await;
    let session = Socket::open(&person).await;
    let answer = person.post("/api/v1/logout", &json!({})).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text);
    assert_eq!(session.closes().await, 4001);
}

async fn typing_is_seen_by_the_others(database: Database) {
    let house = House::open(database).await;
    let conversation = house.channel("whatsapp").await.conversation(&house.admin, CUSTOMER).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (one, other) = (Socket::open(&house.admin).await, Socket::open(&ana).await);
    one.subscribe(conversation, None).await;
    other.subscribe(conversation, None).await;
    other.send(&json!({"type": "typing", "conversation_id": conversation, "is_typing": true}));
    let frame = one.frame("typing").await;
    assert_eq!((&frame["user"]["name"], &frame["is_typing"]), (&json!("Ana Lind"), &json!(true)));
    assert!(frame.get("version").is_none(), "not versioned");
}

/// An open page that nobody looks at is not a person who is here; one page that somebody looks at is enough.
async fn who_looks_at_no_page_is_away(database: Database) {
    let house = House::open(database).await;
    let (id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let watcher = Socket::open(&house.admin).await;
    watcher.watch("all").await;
    let is_told = async |count: usize, online: bool| {
        watcher
            .until("whether she is here", |frames| {
                let told: Vec<_> =
                    of_type(frames, "presence").filter(|frame| frame["user_id"] == id).collect();
                (told.len() == count && told.last().is_some_and(|frame| frame["online"] == online))
                    .then_some(())
            })
            .await;
    };
    let one = Socket::open(&ana).await;
    is_told(1, true).await;
    let other = Socket::open(&ana).await;
    one.send(&json!({"type": "presence", "is_here": false}));
    one.is_level().await;
    other.send(&json!({"type": "presence", "is_here": false}));
    is_told(2, false).await;
    other.send(&json!({"type": "presence", "is_here": true}));
    is_told(3, true).await;
}

async fn one_change_of_the_list_is_one_frame(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let session = Socket::open(&house.admin).await;
    session.watch("all").await;
    let reasons = async |count: usize| {
        session
            .until("the list changes", |frames| {
                (frames.iter().filter(|frame| frame["type"] == "conversation_updated").count() >= count)
                    .then_some(())
            })
            .await;
        session.is_level().await;
        session
            .of_type("conversation_updated")
            .iter()
            .map(|frame| frame["reason"].as_str().expect("one").to_owned())
            .collect::<Vec<_>>()
    };
    post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.1", "hello")).await.expect(200);
    assert_eq!(reasons(1).await, ["created"], "the first message's is `created`");
    for _ in 0..3 {
        post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.2", "again")).await.expect(200);
    }
    assert_eq!(reasons(2).await, ["created", "new_customer_message"]);
    let conversation = session.of_type("conversation_updated")[1]["conversation"].clone();
    assert_eq!(
        (&conversation["unread_count"], &conversation["last_message"]["content"]),
        (&json!(2), &json!("again"))
    );
    let path = format!("/api/v1/conversations/{}", conversation["id"]);
    house.admin.patch(&path, &json!({"status": "pending"})).await.expect(200);
    assert_eq!(reasons(3).await[2], "status");
    let me = house.admin.get("/api/v1/me").await.expect(200)["id"].clone();
    house.admin.patch(&path, &json!({"assignee_id": me})).await.expect(200);
    assert_eq!(reasons(4).await[3], "assigned");
    let read = house.admin.post(&format!("{path}/read"), &json!({"seq": 2})).await;
    assert!((200..300).contains(&read.status), "{}", read.text);
    assert_eq!(reasons(5).await[4], "read");
}

async fn without_a_watch_the_list_is_silent(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (quiet, watching) = (Socket::open(&house.admin).await, Socket::open(&house.admin).await);
    watching.watch("all").await;
    post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.1", "hello")).await.expect(200);
    watching.frame("conversation_updated").await;
    watching.watch("none").await;
    post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.2", "again")).await.expect(200);
    watching.is_level().await;
    quiet.is_level().await;
    assert_eq!(
        (watching.of_type("conversation_updated").len(), quiet.of_type("conversation_updated").len()),
        (1, 0)
    );
    assert_eq!(quiet.of_type("chat_message").len(), 0, "nobody subscribed");
}

async fn mine_and_unassigned_are_their_own_lists(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (ana_id, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (mine, free, all) = (Socket::open(&ana).await, Socket::open(&ana).await, Socket::open(&ana).await);
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    mine.watch("mine").await;
    free.watch("unassigned").await;
    all.watch("all").await;
    post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.1", "to nobody yet")).await.expect(200);
    free.frame("conversation_updated").await;
    all.frame("conversation_updated").await;
    mine.is_level().await;
    assert_eq!(mine.of_type("conversation_updated").len(), 0);
    house
        .admin
        .patch(&format!("/api/v1/conversations/{conversation}"), &json!({"assignee_id": ana_id}))
        .await
        .expect(200);
    mine.until("it is mine now", |frames| frames.iter().find(|frame| frame["reason"] == "assigned").cloned())
        .await;
    free.until("and nobody else's", |frames| {
        frames.iter().find(|frame| frame["reason"] == "assigned").cloned()
    })
    .await;
    post(&house.url(), &channel, &channel.text(CUSTOMER, "wamid.2", "to Ana")).await.expect(200);
    mine.until("hers", |frames| {
        frames.iter().find(|frame| frame["reason"] == "new_customer_message").cloned()
    })
    .await;
    all.until("everyone's", |frames| {
        frames.iter().find(|frame| frame["conversation"]["last_message"]["content"] == "to Ana").cloned()
    })
    .await;
    free.is_level().await;
    assert!(
        !free
            .of_type("conversation_updated")
            .iter()
            .any(|frame| frame["conversation"]["last_message"]["content"] == "to Ana")
    );
}
