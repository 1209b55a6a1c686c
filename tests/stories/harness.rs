//! The harness judges the product, so something has to judge the harness: each part is shown to do its part,
//! and to notice what it is there to notice. Never the product.

use crate::support::browser::Browser;
use crate::support::client::{Answer, Client, http};
use crate::support::platform::{Manner, Platform};
use crate::support::postgres;
use crate::support::redis::Redis;
use crate::support::view::View;
use crate::support::webhooks::signature;
use crate::support::{database::Database, eventually};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Notify;

/// Posts to a platform like a delivery worker would.
async fn send(platform: &Platform, text: &str) -> reqwest::Result<Answer> {
    let body = json!({"messaging_product": "whatsapp", "to": "+15557700421", "type": "text", "text": {"body": text}});
    Client::anonymous(&platform.url("graph")).try_post("/v26.0/731904466218053/messages", &body).await
}

#[tokio::test]
async fn every_database_is_fresh_and_its_server_ours() {
    let Some(one) = Database::postgres().await else { return };
    let Some(other) = Database::postgres().await else { return };
    assert_ne!(one.url, other.url);
    postgres::execute(&one.url, "CREATE TABLE only_here (id int)").await;
    postgres::execute(&other.url, "CREATE TABLE only_here (id int)").await;
}

#[tokio::test]
async fn redis_starts_and_stops() {
    let Some(mut redis) = Redis::start().await else { return };
    let port: u16 = redis
        .url()
        .rsplit(':')
        .next()
        .and_then(|rest| rest.trim_end_matches('/').parse().ok())
        .expect("a port");
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok());
    redis.stop();
    eventually("it is gone", async || {
        tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err().then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_platform_accepts_refuses_and_loses_answers() {
    let mut platform = Platform::start().await;
    let answer = send(&platform, "plain").await.expect("an answer");
    assert_eq!(answer.json["messages"][0]["id"], platform.accepted()[0].id);
    assert_eq!(
        (platform.accepted()[0].platform, platform.accepted()[0].to.as_str()),
        ("whatsapp", "+15557700421")
    );

    platform.meets("lost", Manner::AcceptAndHangUp, 1);
    assert!(send(&platform, "lost").await.is_err());
    assert_eq!(platform.accepted_with("lost").len(), 1, "accepted, though nobody was told");
    assert!(send(&platform, "lost").await.is_ok(), "a rule holds as often as it says");

    platform.meets("busy", Manner::Refuse(429, json!({}), Some(1)), 1);
    let busy = send(&platform, "busy").await.expect("an answer");
    assert_eq!((busy.status, busy.header("retry-after")), (429, "1"));
    platform.meets("gateway", Manner::AcceptAndAnswer(502, Value::Null), 1);
    assert_eq!(send(&platform, "gateway").await.expect("an answer").status, 502);
    assert_eq!((platform.accepted_with("busy").len(), platform.accepted_with("gateway").len()), (0, 1));

    let let_go = Arc::new(Notify::new());
    platform.meets("slow", Manner::AcceptAndHold(let_go.clone()), 1);
    let (answer, accepted) = tokio::join!(send(&platform, "slow"), async {
        let accepted = platform.accepts("slow").await;
        let_go.notify_one();
        accepted
    });
    assert_eq!(answer.expect("in the end").json["messages"][0]["id"], accepted.id);

    platform.close().await;
    assert!(send(&platform, "closed").await.expect_err("nobody listens").is_connect());
    platform.open().await;
    send(&platform, "open again").await.expect("an answer");
    assert_eq!(platform.accepted_with("closed").len(), 0);
}

#[test]
fn signatures_are_the_platforms() {
    let secret = "9f3b61d0c2ab4e7789aa55de10f4c7b2";
    let expected = "sha256=4245f969820424bd9f2a3de7a4b95ed2deedb6473bc23a7aa71ff0ad64ee0fc3";
    assert_eq!(signature(secret, br#"{"object":"page","entry":[]}"#), expected);
}

#[test]
fn a_view_notices_what_comes_twice_or_backwards() {
    let frame = |kind: &str, version: i64, seq: i64| {
        json!({"type": kind, "conversation_id": 7, "version": version,
            "message": {"id": 100 + seq, "seq": seq, "version": version, "status": "received"}})
    };
    let faults = |frames: &[Value]| {
        let mut view = View::default();
        for frame in frames {
            view.apply(7, frame);
        }
        view.faults.len()
    };
    assert_eq!(
        faults(&[frame("chat_message", 1, 1), frame("message_updated", 2, 1), frame("message_sent", 3, 3)]),
        0
    );
    assert_eq!(faults(&[frame("chat_message", 1, 1), frame("chat_message", 2, 1)]), 1, "new twice");
    assert_eq!(faults(&[frame("chat_message", 2, 2), frame("chat_message", 1, 1)]), 1, "backwards");
    assert_eq!(faults(&[frame("message_updated", 1, 1)]), 1, "changed before it came");
    let mut view = View::default();
    view.apply(7, &frame("chat_message", 1, 1));
    view.shows(&[json!({"id": 101, "seq": 1, "version": 1, "status": "received"})], "a view");
    assert!(std::panic::catch_unwind(|| view.shows(&[], "a view")).is_err(), "one too many is noticed");
}

/// A page of our own on a port of our own: the driver is tried without the product.
async fn a_page(html: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let mut request = [0; 4096];
            let length = stream.read(&mut request).await.unwrap_or(0);
            let found = request[..length].starts_with(b"GET / ");
            let (status, body) = if found { ("200 OK", html) } else { ("404 Not Found", "") };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\
                content-security-policy: default-src 'self'; img-src 'self' data:; script-src 'unsafe-inline'; style-src 'self'\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    format!("http://127.0.0.1:{port}/")
}

#[tokio::test]
async fn the_browser_types_clicks_and_tells_every_error() {
    let Some(browser) = Browser::start().await else { return };
    let url = a_page("<!doctype html><link rel=icon href='data:,'><input id=field><button id=go>go</button><p id=said></p>\
        <script>go.onclick = () => { said.textContent = field.value }; field.onkeydown = event => { if (event.key === 'Enter') said.textContent = 'entered' }</script>").await;
    let (one, other) = (browser.person(1200, 800).await, browser.person(400, 700).await);
    one.opens(&url).await;
    other.opens(&url).await;
    one.types("#field", "hello there").await;
    one.clicks("#go").await;
    one.until("said.textContent === 'hello there'").await;
    one.types("#field", "").await;
    one.presses("Enter", 13).await;
    one.until("said.textContent === 'entered'").await;
    assert_eq!(one.problems(), Vec::<String>::new());

    other
        .eval(
            "console.error('on purpose'); setTimeout(() => { throw new Error('thrown') }); \
        document.body.append(Object.assign(document.createElement('img'), { src: '/missing.png' })); \
        document.body.setAttribute('style', 'color: red')",
        )
        .await;
    let expected = ["on purpose", "thrown", "404", "Content Security Policy"];
    for text in expected {
        eventually(text, async || {
            other.problems().iter().any(|problem| problem.contains(text)).then_some(())
        })
        .await;
    }
    assert_eq!(one.problems(), Vec::<String>::new(), "problems are each person's own");
    let picture = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("harness.png").display().to_string();
    one.picture(&picture).await;
    assert!(std::fs::metadata(&picture).expect("written").len() > 1000);
}

#[tokio::test]
async fn a_plain_client_goes_nowhere_by_itself() {
    let url = a_page("here").await;
    assert_eq!(http().get(&url).send().await.expect("an answer").status(), 200);
}
