//! What is sent to hurt: bodies that are huge, deep, endless, packed or lie about their size, on every route; before
//! and after signing in. The answer is a refusal, quickly, and the server weighs what it weighed (reliability F19, F26).

use super::matrix::rows::{ROWS, Who};
use crate::support::client::{Client, answer};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::raw::Raw;
use crate::support::webhooks::{post_raw, signature};
use reqwest::Method;
use std::time::{Duration, Instant};

on_both_databases!(a_json_bomb_is_refused_on_every_route, a_signed_bomb_is_refused_or_quarantined,);

/// Twice the largest body that JSON may have is over it on every route.
const LARGER: usize = 10 * 1024 * 1024;

fn bombs() -> Vec<(&'static str, String)> {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    let keys: Vec<String> = (0..60_000).map(|n| format!("\"k{n}\":{n}")).collect();
    vec![
        ("ten megabytes", format!("{{\"content\":\"{}\"}}", "x".repeat(LARGER))),
        ("lists in lists", deep(100_000)),
        ("objects in objects", format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000))),
        ("very many keys", format!("{{{}}}", keys.join(","))),
        ("the same key twice", r#"{"content":"a","content":"b","client_id":"a","client_id":"b","name":"x","name":"y"}"#.into()),
        ("no number", r#"{"content":NaN,"seq":NaN,"client_id":"n"}"#.into()),
        ("a huge number", r#"{"seq":1e999,"channel_id":99999999999999999999999,"content":"x","client_id":"h","ids":[1e400]}"#.into()),
        ("texts where objects belong", r#""just a text""#.into()),
        ("null", "null".into()),
        ("zeros", "\0".repeat(1000)),
        ("no letters", "\u{feff}{}".into()),
    ]
}

async fn a_json_bomb_is_refused_on_every_route(database: Database) {
    let house = House::open(database).await;
    let (_, agent) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let weight = house.server.resident_kib();
    let bombs = bombs();
    let mut slowest = (Duration::ZERO, String::new());
    for row in ROWS.iter().filter(|row| !row.body.is_empty() && !row.body.starts_with('?')) {
        let (method, path) = row.call.split_once(' ').expect("METHOD /path");
        let path = path.replace("{id}", "1").replace("{attachment_id}", "1").replace("{channel_id}", "1");
        let path = path.replace("{token}", "guessed");
        let client = match row.who {
            Who::Admin => &house.admin,
            Who::User => &agent,
            _ => &Client::anonymous(&house.url()),
        };
        for (what, bomb) in &bombs {
            let begun = Instant::now();
            let request = client.request(method.parse::<Method>().expect("a method"), &path);
            let sent = answer(request.header("content-type", "application/json").body(bomb.clone())).await;
            let took = begun.elapsed();
            if took > slowest.0 {
                slowest = (took, format!("{}: {what}", row.call));
            }
            // A server that refuses before it has read everything may hang up on who still writes.
            if let Ok(answer) = sent {
                assert!(answer.status < 500, "{}: {what}: {} {:.300}", row.call, answer.status, answer.text);
            }
        }
    }
    house.admin.get("/api/v1/me").await.expect(200);
    let grown = house.server.resident_kib().saturating_sub(weight);
    assert!(grown < 48 * 1024, "{grown} KiB more; the slowest took {slowest:?}");
    assert!(!house.server.log().contains("panicked"), "{}", house.server.log());
}

async fn a_signed_bomb_is_refused_or_quarantined(database: Database) {
    let house = House::open(database).await;
    for kind in ["whatsapp", "instagram", "messenger", "telegram"] {
        let channel = house.channel(kind).await;
        let mut bodies: Vec<(&str, Vec<u8>)> =
            bombs().into_iter().map(|(what, text)| (what, text.into_bytes())).collect();
        let inside = channel.text("15557700421", "bomb", "PLACE").to_string();
        bodies.push((
            "deep inside of an event",
            inside.replace("\"PLACE\"", &format!("{}1{}", "[".repeat(5000), "]".repeat(5000))).into_bytes(),
        ));
        bodies.push(("half a pair", inside.replace("PLACE", "\\ud800 and \\u0000").into_bytes()));
        bodies
            .push(("bytes that are no text", [&b"{\"object\":\""[..], &[0xff, 0xc0, 0xaf], b"\"}"].concat()));
        bodies.push(("packed", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 4, 0, 0, 0, 0, 0]));
        for (what, body) in bodies {
            let signed = signature(&channel.secret, &body);
            let header = match kind {
                "telegram" => ("x-telegram-bot-api-secret-token", channel.secret.as_str()),
                _ => ("x-hub-signature-256", signed.as_str()),
            };
            let answer = post_raw(&house.url(), &channel, body, Some(header)).await;
            assert!(answer.status < 500, "{kind}: {what}: {} {:.200}", answer.status, answer.text);
        }
    }
    house.admin.get("/api/v1/me").await.expect(200);
    assert!(!house.server.log().contains("panicked"), "{}", house.server.log());
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_read() {
    let house = House::open(Database::sqlite()).await;
    let channel = house.channel("whatsapp").await;
    let weight = house.server.resident_kib();
    let paths =
        [channel.webhook_path(), "/api/v1/login".into(), "/api/v1/setup".into(), "/api/v1/users".into()];
    for path in paths {
        let mut raw = Raw::connect(&house.url()).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1073741824\r\n\r\n"
        );
        raw.write(head.as_bytes()).await;
        let answer = raw.head().await;
        assert!(
            ["HTTP/1.1 413", "HTTP/1.1 401"].iter().any(|status| answer.starts_with(status)),
            "{path}: {answer}"
        );
        // Endless, in pieces, and no word of a size.
        let mut raw = Raw::connect(&house.url()).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        raw.write(head.as_bytes()).await;
        let chunk = [b"10000\r\n".to_vec(), vec![b' '; 65_536], b"\r\n".to_vec()].concat();
        // What is on its way may still be taken (for a second, so that the answer arrives), and no more.
        let begun = Instant::now();
        while raw.write(&chunk).await {
            assert!(begun.elapsed() < Duration::from_secs(15), "{path}: the server goes on reading");
        }
    }
    let grown = house.server.resident_kib().saturating_sub(weight);
    assert!(grown < 32 * 1024, "{grown} KiB more");
}

#[tokio::test]
async fn a_packed_body_is_never_unpacked() {
    let house = House::open(Database::sqlite()).await;
    let channel = house.channel("whatsapp").await;
    let weight = house.server.resident_kib();
    // 200 MB of zeros, packed twice over would be nothing on the wire.
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![b' '; 1024 * 1024];
    for _ in 0..200 {
        std::io::Write::write_all(&mut packed, &zeros).expect("memory");
    }
    let bomb = packed.finish().expect("memory");
    for encoding in ["gzip", "br", "zstd", "deflate"] {
        for (path, client) in
            [("/api/v1/login", Client::anonymous(&house.url())), ("/api/v1/tokens", house.admin.clone())]
        {
            let request = client.request(Method::POST, path).header("content-encoding", encoding);
            let got = answer(request.header("content-type", "application/json").body(bomb.clone()))
                .await
                .expect("an answer");
            assert!((400..500).contains(&got.status), "{path} {encoding}: {}", got.status);
        }
        let signed = signature(&channel.secret, &bomb);
        let request = channel
            .http
            .post(format!("{}{}", house.url(), channel.webhook_path()))
            .header("content-encoding", encoding);
        let got = answer(request.header("x-hub-signature-256", signed).body(bomb.clone()))
            .await
            .expect("an answer");
        assert!((400..500).contains(&got.status), "{encoding}: {}", got.status);
    }
    let grown = house.server.resident_kib().saturating_sub(weight);
    assert!(grown < 32 * 1024, "{grown} KiB more");
}
