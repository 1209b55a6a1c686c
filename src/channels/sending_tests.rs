//! Sends against a small local server that answers, hangs, resets or is not there at all.
//! Never the internet: every address is a loopback port of the test's own.

use super::{
    ChannelAccess, ChannelOptions, Credentials, FetchError, InstagramLogin, PlatformSettings, Platforms,
};
use crate::domain::ChannelKind;
use crate::domain::inbound::{AttachmentKind, CustomerIdentity, IdentityKind, RemoteSource, Thread};
use crate::domain::outbound::{MediaSource, Outbound, OutboundMedia, Part, Scope, SendOutcome};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one request after it has read it.
#[derive(Clone)]
enum Does {
    Answers(u16, &'static str, Value),
    Hangs,
    Resets,
    Tears,
}

/// A server that does the scripted things, one a request, and keeps what it was sent.
struct Server {
    base: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn that(script: Vec<Does>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}/sim", listener.local_addr().expect("an address"));
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let keep = seen.clone();
        tokio::spawn(async move {
            for does in script {
                let Ok((stream, _)) = listener.accept().await else { return };
                serve(stream, does, &keep).await;
            }
        });
        Self { base, seen }
    }

    fn request(&self, number: usize) -> (String, Value) {
        let seen = self.seen.lock().expect("not poisoned");
        let (head, body) = seen[number].split_once("\r\n\r\n").expect("a request");
        (head.to_owned(), serde_json::from_str(body).unwrap_or_default())
    }
}

async fn serve(mut stream: TcpStream, does: Does, seen: &Mutex<Vec<String>>) {
    let request = read_request(&mut stream).await;
    seen.lock().expect("not poisoned").push(request);
    let _ = match does {
        Does::Answers(status, head, body) => {
            let body = body.to_string();
            let answer = format!(
                "HTTP/1.1 {status} X\r\nconnection: close\r\n{head}content-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await
        }
        Does::Hangs => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            Ok(())
        }
        Does::Resets => stream.set_zero_linger(),
        Does::Tears => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"mess").await,
    };
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| {
                line.to_lowercase().strip_prefix("content-length: ")?.trim().parse::<usize>().ok()
            });
            body.len() >= length.unwrap_or(0)
        });
        if read == 0 || whole {
            return text;
        }
    }
}

fn platforms(base: &str) -> Platforms {
    let named = |(name, path): (&str, &str)| (name.to_owned(), format!("{base}{path}"));
    let bases = [("graph", ""), ("instagram", "/ig"), ("telegram", "/tg")].map(named);
    Platforms::new(PlatformSettings::at(bases.into(), Duration::from_millis(600))).expect("a client")
}

fn channel(kind: ChannelKind) -> ChannelAccess {
    ChannelAccess {
        kind,
        external_id: "77".to_owned(),
        options: ChannelOptions::default(),
        credentials: Credentials::from_pairs([("access_token", "TOKEN"), ("bot_token", "12:SECRET")]),
    }
}

fn thread(kind: ChannelKind) -> Thread {
    Thread::of(crate::channels::registry::identity(kind, "491", None))
}

fn text(kind: ChannelKind) -> Outbound {
    Outbound {
        thread: thread(kind),
        part: Part::Text("hi".to_owned()),
        reply_to: None,
        topic: None,
        token: "t1".to_owned(),
        human_agent: false,
    }
}

async fn sent(kind: ChannelKind, does: Does) -> SendOutcome {
    let server = Server::that(vec![does]).await;
    platforms(&server.base).send(&channel(kind), &text(kind)).await
}

fn class(outcome: &SendOutcome) -> &'static str {
    match outcome {
        SendOutcome::Accepted { .. } => "accepted",
        SendOutcome::NotSent { .. } => "not sent",
        SendOutcome::Refused(_) => "refused",
        SendOutcome::Unknown { .. } => "unknown",
    }
}

const REAL: [ChannelKind; 4] = [
    ChannelKind::named("whatsapp"),
    ChannelKind::named("instagram"),
    ChannelKind::named("messenger"),
    ChannelKind::named("telegram"),
];

async fn check(does: Does, expected: &str) {
    for kind in REAL {
        let outcome = sent(kind, does.clone()).await;
        assert_eq!(class(&outcome), expected, "{kind}: {outcome:?}");
        assert!(!format!("{outcome:?}").contains("SECRET"), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_never_taken_for_a_refusal() {
    check(Does::Hangs, "unknown").await;
    check(Does::Resets, "unknown").await;
    check(Does::Tears, "unknown").await;
    check(Does::Answers(502, "", json!("bad gateway")), "unknown").await;
    check(Does::Answers(504, "", Value::Null), "unknown").await;
    check(Does::Answers(200, "", json!("what?")), "unknown").await;
    check(Does::Answers(200, "", json!({ "ok": true, "result": {} })), "unknown").await;
}

#[tokio::test]
async fn what_was_surely_not_sent_may_be_tried_again() {
    check(Does::Answers(429, "retry-after: 7\r\n", Value::Null), "not sent").await;
    for kind in REAL {
        let closed =
            TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
        let outcome = platforms(&format!("http://{closed}")).send(&channel(kind), &text(kind)).await;
        assert_eq!(class(&outcome), "not sent", "{kind}: {outcome:?}");
        let outcome = platforms("http://no-such-host.invalid").send(&channel(kind), &text(kind)).await;
        assert_eq!(class(&outcome), "not sent", "{kind}: {outcome:?}");
        // TLS against a plain server fails before a byte of the request is written.
        let server = Server::that(vec![Does::Resets]).await;
        let outcome =
            platforms(&server.base.replace("http", "https")).send(&channel(kind), &text(kind)).await;
        assert_eq!(class(&outcome), "not sent", "{kind}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_final() {
    check(Does::Answers(404, "", Value::Null), "refused").await;
    check(Does::Answers(302, "location: http://127.0.0.1:1/\r\n", Value::Null), "refused").await;
    let waits = sent(
        ChannelKind::named("telegram"),
        Does::Answers(429, "", json!({ "ok": false, "error_code": 429, "parameters": { "retry_after": 2 } })),
    )
    .await;
    assert!(
        matches!(waits, SendOutcome::NotSent { retry_after: Some(wait), scope: Scope::Recipient, .. } if wait
            .as_secs() == 2)
    );
}

#[tokio::test]
async fn whatsapp_gets_number_token_and_context() {
    let ok = json!({ "messages": [{ "id": "w5" }], "contacts": [{ "input": "+491", "wa_id": "492" }] });
    let server = Server::that(vec![Does::Answers(200, "", ok)]).await;
    let outbound = Outbound { reply_to: Some("w1".to_owned()), ..text(ChannelKind::named("whatsapp")) };
    let outcome = platforms(&server.base).send(&channel(ChannelKind::named("whatsapp")), &outbound).await;
    assert_eq!(
        outcome,
        SendOutcome::Accepted {
            platform_message_id: "w5".to_owned(),
            learned: vec![CustomerIdentity::phone("492")]
        }
    );
    let (head, body) = server.request(0);
    assert!(
        head.starts_with("POST /sim/v26.0/77/messages HTTP/1.1")
            && head.contains("authorization: Bearer TOKEN"),
        "{head}"
    );
    assert_eq!(
        (&body["to"], &body["biz_opaque_callback_data"], &body["context"]["message_id"]),
        (&json!("+491"), &json!("t1"), &json!("w1"))
    );
    assert_eq!(body["text"]["body"], "hi");
}

#[tokio::test]
async fn whatsapp_reaches_a_person_without_a_number_and_a_group() {
    let ok = Does::Answers(200, "", json!({ "messages": [{ "id": "w5" }] }));
    let server = Server::that(vec![ok.clone(), ok]).await;
    let platforms = platforms(&server.base);
    for identity in [
        CustomerIdentity::new(IdentityKind::Bsuid, "FR.1"),
        CustomerIdentity::new(IdentityKind::WhatsappGroup, "g1"),
    ] {
        let outbound = Outbound { thread: Thread::of(identity), ..text(ChannelKind::named("whatsapp")) };
        assert_eq!(
            class(&platforms.send(&channel(ChannelKind::named("whatsapp")), &outbound).await),
            "accepted"
        );
    }
    assert_eq!(
        (&server.request(0).1["recipient"], &server.request(0).1["to"]),
        (&json!("FR.1"), &Value::Null)
    );
    assert_eq!(
        (&server.request(1).1["recipient_type"], &server.request(1).1["to"]),
        (&json!("group"), &json!("g1"))
    );
}

#[tokio::test]
async fn messenger_and_instagram_go_to_their_own_addresses() {
    let ok = Does::Answers(200, "", json!({ "recipient_id": "491", "message_id": "m5" }));
    let server = Server::that(vec![ok.clone(), ok.clone(), ok]).await;
    let platforms = platforms(&server.base);
    let mut facebook = channel(ChannelKind::named("instagram"));
    facebook.options = ChannelOptions {
        login: InstagramLogin::Facebook,
        page_id: Some("88".to_owned()),
        ..ChannelOptions::default()
    };
    let cases = [
        (channel(ChannelKind::named("messenger")), "/sim/v26.0/77/messages "),
        (channel(ChannelKind::named("instagram")), "/sim/ig/v26.0/me/messages "),
        (facebook, "/sim/v26.0/88/messages "),
    ];
    for (number, (channel, path)) in cases.into_iter().enumerate() {
        let outcome = platforms.send(&channel, &text(channel.kind)).await;
        assert_eq!(outcome, SendOutcome::Accepted { platform_message_id: "m5".to_owned(), learned: vec![] });
        let (head, body) = server.request(number);
        assert!(head.contains(path), "{head}");
        let is_messenger = channel.kind == ChannelKind::named("messenger");
        assert_eq!(body["message"]["metadata"] == "t1", is_messenger);
        assert_eq!(body["messaging_type"] == "RESPONSE", is_messenger);
        assert_eq!(body["recipient"]["id"], "491");
    }
}

#[tokio::test]
async fn telegram_is_named_by_its_answer() {
    let ok = json!({ "ok": true, "result": { "message_id": 9, "chat": { "id": 491 } } });
    let server = Server::that(vec![Does::Answers(200, "", ok.clone()), Does::Answers(200, "", ok)]).await;
    let platforms = platforms(&server.base);
    let outbound = Outbound { reply_to: Some("491:8".to_owned()), ..text(ChannelKind::named("telegram")) };
    let business = Outbound {
        thread: Thread::of(CustomerIdentity::telegram_business("bc", "491")),
        ..text(ChannelKind::named("telegram"))
    };
    for (outbound, id) in [(&outbound, "491:9"), (&business, "bc:491:9")] {
        let outcome = platforms.send(&channel(ChannelKind::named("telegram")), outbound).await;
        assert_eq!(outcome, SendOutcome::Accepted { platform_message_id: id.to_owned(), learned: vec![] });
    }
    let (head, body) = server.request(0);
    assert!(head.starts_with("POST /sim/tg/bot12:SECRET/sendMessage "), "{head}");
    assert_eq!((&body["chat_id"], &body["reply_parameters"]["message_id"]), (&json!(491), &json!(8)));
    assert_eq!(server.request(1).1["business_connection_id"], "bc");
}

#[tokio::test]
async fn a_file_of_ours_is_uploaded_first_and_a_lost_upload_has_sent_nothing() {
    let media = OutboundMedia {
        kind: AttachmentKind::Image,
        source: MediaSource::Bytes(bytes::Bytes::from_static(b"JPEG")),
        mime_type: "image/jpeg".to_owned(),
        file_name: Some("a.jpg".to_owned()),
        caption: Some("look".to_owned()),
        size_in_pixels: None,
    };
    let outbound = Outbound { part: Part::Media(media), ..text(ChannelKind::named("whatsapp")) };
    let uploaded = Does::Answers(200, "", json!({ "id": "up1" }));
    let server =
        Server::that(vec![uploaded, Does::Answers(200, "", json!({ "messages": [{ "id": "w5" }] }))]).await;
    assert_eq!(
        class(&platforms(&server.base).send(&channel(ChannelKind::named("whatsapp")), &outbound).await),
        "accepted"
    );
    assert_eq!(server.request(1).1["image"], json!({ "id": "up1", "caption": "look" }));
    let server = Server::that(vec![Does::Resets]).await;
    assert_eq!(
        class(&platforms(&server.base).send(&channel(ChannelKind::named("whatsapp")), &outbound).await),
        "not sent"
    );
    let refused =
        platforms("http://127.0.0.1:1").send(&channel(ChannelKind::named("instagram")), &outbound).await;
    assert_eq!(class(&refused), "refused");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_it_leaves() {
    let platforms = platforms("http://127.0.0.1:1");
    let long = Outbound { part: Part::Text("x".repeat(1001)), ..text(ChannelKind::named("instagram")) };
    let outcome = platforms.send(&channel(ChannelKind::named("instagram")), &long).await;
    assert!(matches!(outcome, SendOutcome::Refused(refusal) if refusal.code == "too_long"));
    let mut bare = channel(ChannelKind::named("telegram"));
    bare.credentials = Credentials::from_pairs([("bot_token", "12:SE/CRET")]);
    let outcome = platforms.send(&bare, &text(ChannelKind::named("telegram"))).await;
    assert!(
        matches!(&outcome, SendOutcome::Refused(refusal) if refusal.channel_broken)
            && !format!("{outcome:?}").contains("SE/")
    );
}

#[tokio::test]
async fn a_nearly_spent_allowance_slows_the_channel() {
    let usage = "x-app-usage: {\"call_count\":90}\r\n";
    let server = Server::that(vec![Does::Answers(200, usage, json!({ "message_id": "m1" }))]).await;
    let platforms = platforms(&server.base);
    assert_eq!(platforms.slow_down(&channel(ChannelKind::named("messenger"))), None);
    platforms.send(&channel(ChannelKind::named("messenger")), &text(ChannelKind::named("messenger"))).await;
    assert!(
        platforms
            .slow_down(&channel(ChannelKind::named("messenger")))
            .is_some_and(|wait| wait > Duration::from_secs(1))
    );
}

#[tokio::test]
async fn a_file_is_fetched_by_its_platforms_dance_and_capped() {
    use futures_util::StreamExt;
    let path = json!({ "ok": true, "result": { "file_path": "voice/1.oga" } });
    let file = Does::Answers(200, "content-type: audio/ogg\r\n", json!("abcdef"));
    let server = Server::that(vec![
        Does::Answers(200, "", path.clone()),
        file.clone(),
        Does::Answers(200, "", path),
        file,
    ])
    .await;
    let platforms = platforms(&server.base);
    let source = RemoteSource::TelegramFile { file_id: "f".to_owned() };
    let found =
        platforms.fetch(&channel(ChannelKind::named("telegram")), &source, 100).await.expect("a file");
    assert_eq!(found.mime_type.as_deref(), Some("audio/ogg"));
    let bytes: Vec<_> = found.bytes.collect().await;
    assert_eq!(bytes.into_iter().collect::<Result<Vec<_>, _>>().expect("bytes").concat(), b"\"abcdef\"");
    assert!(server.request(1).0.starts_with("GET /sim/tg/file/bot12:SECRET/voice/1.oga "));
    let large = platforms.fetch(&channel(ChannelKind::named("telegram")), &source, 3).await.err();
    assert_eq!(large, Some(FetchError::TooLarge(3)));
    for url in [
        "http://127.0.0.1:1/x",
        "https://169.254.169.254/meta",
        "https://[::1]/",
        "ftp://a.example/",
        "nothing",
    ] {
        let source = RemoteSource::Url { url: url.to_owned() };
        let refused = platforms.fetch(&channel(ChannelKind::named("instagram")), &source, 100).await.err();
        assert!(matches!(refused, Some(FetchError::Forbidden(_))), "{url}: {refused:?}");
    }
}
