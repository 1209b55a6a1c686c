//! What whoever is not signed in may use up: messages, conversations, hellos, sockets, typing, names, files, each with
//! a budget that people do not meet; and a chat that is closed is closed for open sockets, too (issue 17, section 3).

use crate::support::PATIENCE;
use crate::support::client::{Client, http, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::server::Settings;
use crate::support::socket::Socket;
use futures_util::{SinkExt, StreamExt};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

on_both_databases!(
    a_visitor_writes_thirty_messages_a_minute,
    an_address_begins_thirty_conversations_an_hour_and_another_counts_apart,
    hellos_and_sockets_of_an_address_have_an_end,
    typing_is_told_once_in_two_seconds,
    files_are_counted_before_they_are_written,
    a_name_is_one_short_line,
    a_chat_that_is_closed_ends_its_open_sockets,
    a_socket_without_a_hello_is_closed,
    bodies_of_strangers_take_no_more_memory_than_they_may,
);

type Line = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// A visitor's socket.
struct Visitor(Line);

impl Visitor {
    async fn try_open(house: &House, channel: i64, from: &str, origin: Option<&str>) -> Result<Self, Error> {
        let address = format!("{}/widget/{channel}/ws", house.url().replace("http://", "ws://"));
        let mut request = address.into_client_request().expect("an address");
        request.headers_mut().insert("x-forwarded-for", from.parse().expect("a header"));
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().expect("a header"));
        }
        tokio_tungstenite::connect_async(request).await.map(|(line, _)| Self(line))
    }

    async fn open(house: &House, channel: i64, from: &str) -> Self {
        Self::try_open(house, channel, from, None).await.expect("a socket")
    }

    async fn say(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.expect("sent");
    }

    /// The next frame; none: it was closed, with this code.
    async fn hears(&mut self) -> Result<Value, u16> {
        let next = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("JSON")),
                    Some(Ok(Message::Close(why))) => return Err(why.map_or(0, |why| why.code.into())),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(0),
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("something comes")
    }

    async fn hears_one(&mut self, kinds: &[&str]) -> Value {
        loop {
            let frame = self.hears().await.expect("the socket is open");
            if kinds.iter().any(|kind| frame["type"] == *kind) {
                return frame;
            }
        }
    }

    async fn greets(&mut self, name: Option<&str>) -> Value {
        self.say(json!({"type": "hello", "name": name})).await;
        self.hears_one(&["welcome", "error"]).await
    }

    async fn writes(&mut self, client_id: &str) -> Value {
        self.say(json!({"type": "send", "client_id": client_id, "content": "hello"})).await;
        self.hears_one(&["message_sent", "error"]).await
    }

    /// Writes where the chat is closed: it is told so, unless it was closed before it could be, and closed.
    async fn is_turned_away(&mut self, client_id: &str) -> u16 {
        let frame = json!({"type": "send", "client_id": client_id, "content": "hello"});
        // The other side may have gone already.
        let _ = self.0.send(Message::text(frame.to_string())).await;
        loop {
            match self.hears().await {
                Ok(frame) => {
                    assert_ne!(frame["type"], "message_sent", "{frame}");
                    assert!(frame["type"] != "error" || frame["code"] == "chat_closed", "{frame}");
                }
                Err(code) => return code,
            }
        }
    }
}

async fn opened(database: Database, change: impl FnOnce(Settings) -> Settings) -> (House, i64) {
    let house =
        House::open_with(database, |settings| change(settings.with("RAPPORT_TRUSTED_PROXIES", "127.0.0.1")))
            .await;
    let body = json!({"kind": "webchat", "name": "Site", "external_id": "site"});
    let channel = number(&house.admin.post("/api/v1/channels", &body).await.expect(201)["id"]);
    (house, channel)
}

fn is_limited(frame: &Value) -> bool {
    frame["type"] == "error"
        && frame["code"] == "rate_limited"
        && frame["retry_after"].as_u64().is_some_and(|wait| wait >= 1)
}

async fn refused(house: &House, budget: &str) -> u64 {
    let metrics = Client::anonymous(&house.url()).get("/metrics").await.text;
    let line = format!("rapport_strangers_refused_total{{budget=\"{budget}\"}} ");
    let count = metrics.lines().find_map(|text| text.strip_prefix(&line)).expect("the metric");
    count.parse().expect("a number")
}

async fn a_visitor_writes_thirty_messages_a_minute(database: Database) {
    let (house, channel) = opened(database, |settings| settings).await;
    let mut visitor = Visitor::open(&house, channel, "203.0.113.1").await;
    visitor.greets(None).await;
    let begun = Instant::now();
    let (mut sent, mut limited) = (0, 0);
    for n in 0..50 {
        let answer = visitor.writes(&format!("v-{n}")).await;
        if is_limited(&answer) {
            assert_eq!(answer["ref"], format!("v-{n}"));
            limited += 1;
        } else {
            assert_eq!(answer["type"], "message_sent", "{answer}");
            sent += 1;
        }
    }
    let grown = begun.elapsed().as_secs() / 2 + 1;
    assert!((30..=30 + grown).contains(&sent) && limited > 0, "{sent} sent in {:?}", begun.elapsed());
    assert_eq!(refused(&house, "messages").await, limited);
    let mut other = Visitor::open(&house, channel, "203.0.113.1").await;
    other.greets(None).await;
    assert_eq!(other.writes("o-1").await["type"], "message_sent", "somebody else is not concerned");
}

async fn an_address_begins_thirty_conversations_an_hour_and_another_counts_apart(database: Database) {
    let (house, channel) = opened(database, |settings| settings).await;
    let mut answers = Vec::new();
    for _ in 0..34 {
        let mut visitor = Visitor::open(&house, channel, "203.0.113.1").await;
        visitor.greets(None).await;
        answers.push(visitor.writes("v-1").await);
    }
    assert!(answers[..30].iter().all(|answer| answer["type"] == "message_sent"), "{answers:?}");
    assert!(answers[30..].iter().all(is_limited), "{answers:?}");
    assert_eq!(refused(&house, "conversations").await, 4);
    let mut visitor = Visitor::open(&house, channel, "203.0.113.2").await;
    visitor.greets(None).await;
    assert_eq!(visitor.writes("v-1").await["type"], "message_sent");
    let list = house.admin.get("/api/v1/conversations?limit=100").await.expect(200);
    assert_eq!(list["items"].as_array().expect("items").len(), 31, "what was refused left nothing");
}

async fn hellos_and_sockets_of_an_address_have_an_end(database: Database) {
    let change =
        |settings: Settings| settings.with("RAPPORT_LIMIT_HELLOS", "3").with("RAPPORT_LIMIT_SOCKETS", "4");
    let (house, channel) = opened(database, change).await;
    let mut open = Vec::new();
    for n in 0..4 {
        let mut visitor = Visitor::open(&house, channel, "2001:db8::1").await;
        assert_eq!(is_limited(&visitor.greets(None).await), n == 3, "hello {n}");
        open.push(visitor);
    }
    let full = Visitor::try_open(&house, channel, "2001:db8::ffff", None).await.err();
    let Some(Error::Http(answer)) = full else { panic!("the fifth of a household: {full:?}") };
    assert_eq!(answer.status().as_u16(), 429);
    assert!(answer.headers().contains_key("retry-after"));
    Visitor::open(&house, channel, "2001:db8:0:1::1").await;
    drop(open);
    let again = async {
        while Visitor::try_open(&house, channel, "2001:db8::2", None).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("places are given back");
    // Who is signed in has no such limit.
    for _ in 0..12 {
        Socket::open(&house.admin).await;
    }
}

async fn typing_is_told_once_in_two_seconds(database: Database) {
    let (house, channel) = opened(database, |settings| settings).await;
    let mut visitor = Visitor::open(&house, channel, "203.0.113.1").await;
    visitor.greets(None).await;
    let conversation = number(&visitor.writes("v-1").await["conversation_id"]);
    let agent = Socket::open(&house.admin).await;
    agent.subscribe(conversation, None).await;
    for _ in 0..100 {
        visitor.say(json!({"type": "typing", "is_typing": true})).await;
    }
    assert!(is_limited(&visitor.hears_one(&["error"]).await));
    visitor.say(json!({"type": "typing", "is_typing": false})).await;
    visitor.say(json!({"type": "send", "client_id": "v-2", "content": "hello"})).await;
    visitor.hears_one(&["message_sent"]).await;
    agent.frame("chat_message").await;
    let told = agent.of_type("typing").len();
    assert!((1..=3).contains(&told), "told {told} times");
}

async fn files_are_counted_before_they_are_written(database: Database) {
    let (house, channel) = opened(database, |settings| settings.with("RAPPORT_LIMIT_UPLOADS", "2")).await;
    let mut visitor = Visitor::open(&house, channel, "203.0.113.1").await;
    let token = visitor.greets(None).await["token"].as_str().expect("a token").to_owned();
    let upload = async |from: &str, bytes: usize| {
        let form = Form::new().part("file", Part::bytes(vec![7; bytes]).file_name("a photo"));
        let address = format!("{}/widget/{channel}/media", house.url());
        let request = http().post(address).header("x-forwarded-for", from);
        request.bearer_auth(&token).multipart(form).send().await.expect("an answer")
    };
    assert_eq!(
        upload("203.0.113.1", 1_500_000).await.status().as_u16(),
        201,
        "a visitor may begin with a photo"
    );
    let over = upload("203.0.113.1", 1_500_000).await;
    assert_eq!(over.status().as_u16(), 429);
    assert!(over.headers().contains_key("retry-after"));
    assert_eq!(upload("203.0.113.2", 1_500_000).await.status().as_u16(), 201, "another address");
    assert_eq!(refused(&house, "uploads").await, 1);
}

async fn a_name_is_one_short_line(database: Database) {
    let (house, channel) = opened(database, |settings| settings).await;
    let mut visitor = Visitor::open(&house, channel, "203.0.113.1").await;
    let name = format!("Ana\u{202E}\r\n\u{7} Lind {}", "x".repeat(5_000));
    visitor.greets(Some(&name)).await;
    let conversation = number(&visitor.writes("v-1").await["conversation_id"]);
    let shown = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    let shown = shown["customer"]["name"].as_str().expect("a name").to_owned();
    assert!(shown.starts_with("Ana Lind xxx") && shown.chars().count() <= 200, "{shown}");
}

async fn a_chat_that_is_closed_ends_its_open_sockets(database: Database) {
    let (house, channel) = opened(database, |settings| settings).await;
    let path = format!("/api/v1/channels/{channel}");
    let ended = async |visitor: &mut Visitor| loop {
        if let Err(code) = visitor.hears().await {
            return code;
        }
    };
    // Another site's page, once it is not among the sites any more.
    let mut page = Visitor::try_open(&house, channel, "203.0.113.1", Some("https://old.example"))
        .await
        .expect("any site");
    page.greets(None).await;
    let mut visitor = Visitor::open(&house, channel, "203.0.113.1").await;
    visitor.greets(None).await;
    visitor.writes("v-1").await;
    house
        .admin
        .patch(&path, &json!({"options": {"allowed_sites": ["https://new.example"]}}))
        .await
        .expect(200);
    assert_eq!(page.is_turned_away("v-0").await, 1008, "for the other site");
    assert_eq!(visitor.writes("v-2").await["type"], "message_sent", "a program has no site");
    house.admin.patch(&path, &json!({"state": "off"})).await.expect(200);
    assert_eq!(visitor.is_turned_away("v-3").await, 1008, "switched off");
    house.admin.patch(&path, &json!({"state": "active"})).await.expect(200);
    let mut visitor = Visitor::open(&house, channel, "203.0.113.1").await;
    visitor.greets(None).await;
    house.admin.delete(&path).await;
    assert_eq!(ended(&mut visitor).await, 1008, "deleted");
}

async fn a_socket_without_a_hello_is_closed(database: Database) {
    let (house, channel) = opened(database, |settings| settings).await;
    let mut silent = Visitor::open(&house, channel, "203.0.113.1").await;
    let begun = Instant::now();
    while silent.hears().await.is_ok() {}
    assert!(begun.elapsed() < Duration::from_secs(14), "{:?}", begun.elapsed());
}

async fn bodies_of_strangers_take_no_more_memory_than_they_may(database: Database) {
    let house = House::open_with(database, |settings| settings.with("RAPPORT_LIMIT_UNPROVEN", "1")).await;
    let post = async |bytes: usize| {
        let request = http().post(format!("{}/webhooks/whatsapp", house.url()));
        let request = request
            .header("x-hub-signature-256", format!("sha256={}", "0".repeat(64)))
            .body(vec![b' '; bytes]);
        request.send().await.map(|answer| answer.status().as_u16())
    };
    // Three quarters of a mebibyte for large ones; what collects a body takes up to twice its length.
    assert!(matches!(post(300_000).await, Ok(401 | 403)), "it is read, and its signature is wrong");
    // The answer may be lost to who goes on sending.
    assert!(!matches!(post(600_000).await, Ok(200 | 401 | 403)), "it is too much");
    assert!(matches!(post(300_000).await, Ok(401 | 403)), "what was refused is given back");
}
