//! Files as weapons: names that climb, pictures that are pages, addresses that lead inside (reliability F27, F29).

use crate::support::client::{Answer, Client, answer, number};
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::raw::Raw;
use crate::support::webhooks::post;
use reqwest::Method;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

on_both_databases!(a_file_never_runs_and_its_name_is_only_a_name, an_address_inside_is_never_called,);

pub async fn upload(client: &Client, name: &str, claimed: &str, bytes: &[u8]) -> Answer {
    let head = format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: {claimed}\r\n\r\n"
    );
    let body = [head.as_bytes(), bytes, b"\r\n--b--\r\n"].concat();
    let request = client
        .request(Method::POST, "/api/v1/media")
        .header("content-type", "multipart/form-data; boundary=b");
    answer(request.body(body)).await.expect("an answer")
}

#[expect(clippy::too_many_lines, reason = "one case after the other")]
async fn a_file_never_runs_and_its_name_is_only_a_name(database: Database) {
    let house = House::open(database).await;
    let script =
        b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"><script>alert(1)</script></svg>";
    let gif = [b"GIF89a/*".as_slice(), &[0; 8], b"*/=1;alert(1)"].concat();
    let png = [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(),
        &50_000_u32.to_be_bytes(),
        &50_000_u32.to_be_bytes(),
        &[8, 6, 0, 0, 0, 1, 2, 3, 4],
    ]
    .concat();
    let pdf = b"%PDF-1.4\n<script>alert(1)</script>".as_slice();
    for (name, claimed, bytes) in [
        ("../../../../etc/passwd", "image/png", script.as_slice()),
        ("..%2f..%2fkey.png", "image/png", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("/etc/cron.d/evil", "text/html", b"<html><body onload=alert(1)>"),
        ("a.png", "image/png", script),
        ("C:\\\\windows\\\\evil.svg", "image/svg+xml", script),
        (
            "page.xhtml",
            "application/xhtml+xml",
            b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>",
        ),
        ("polyglot.gif", "text/javascript", &gif),
        ("huge.png", "image/png", &png),
        ("sheet.pdf", "application/pdf", pdf),
    ] {
        let kept = upload(&house.admin, name, claimed, bytes).await;
        assert!(kept.status == 201 || kept.status == 422, "{name}: {} {}", kept.status, kept.text);
        if kept.status != 201 {
            continue;
        }
        let shown = kept.json["file_name"].as_str().unwrap_or_default();
        assert!(!shown.contains('/') && !shown.contains('\\') && shown != "..", "{name}: {shown}");
        let got = house.admin.get(kept.json["media_url"].as_str().expect("an address")).await;
        assert_eq!(got.status, 200);
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{name}");
        assert!(got.header("content-security-policy").contains("sandbox"), "{name}");
        let mime = got.header("content-type");
        assert!(!mime.contains("svg") && !mime.contains("javascript"), "{name}: served as {mime}");
        if !mime.starts_with("image/") {
            assert!(got.header("content-disposition").starts_with("attachment"), "{name}: {mime}");
        }
    }
    assert!(
        (400..500).contains(&upload(&house.admin, "nothing.png", "image/png", b"").await.status),
        "no bytes, no file"
    );
    for path in [
        "/api/v1/media/../../rapport.key",
        "/api/v1/media/%2e%2e%2f%2e%2e%2frapport.key",
        "/api/v1/media/1/../../../data",
        "/api/v1/media/%00",
        "/api/v1/media/-1",
        "/s/x/../../Cargo.toml",
        "/s/x/%2e%2e/%2e%2e/Cargo.toml",
        "/s/x/..%2f..%2fCargo.toml",
        "/s/x//etc/passwd",
        "/widget.js/../../Cargo.toml",
    ] {
        // By hand: a client library would tidy the address up.
        let mut raw = Raw::connect(&house.url()).await;
        raw.write(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await;
        let head = raw.head().await;
        assert!(
            ["HTTP/1.1 400", "HTTP/1.1 401", "HTTP/1.1 404"].iter().any(|status| head.starts_with(status)),
            "{path}: {head}"
        );
    }
}

/// Counts whoever connects.
async fn canary() -> (u16, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind(("0.0.0.0", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, calls)
}

#[expect(clippy::too_many_lines, reason = "one case after the other")]
async fn an_address_inside_is_never_called(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("instagram").await;
    let (port, calls) = canary().await;
    let addresses: Vec<String> = [
        "http://127.0.0.1",
        "https://127.0.0.1",
        "https://localhost",
        "https://LOCALHOST.",
        "https://127.1",
        "https://0x7f000001",
        "https://2130706433",
        "https://017700000001",
        "https://0.0.0.0",
        "https://0",
        "https://[::1]",
        "https://[::]",
        "https://[::ffff:127.0.0.1]",
        "https://[::ffff:7f00:1]",
        "https://[64:ff9b::7f00:1]",
        "https://[2002:7f00:1::]",
        "https://user:pass@127.0.0.1",
        "https://example.org@127.0.0.1",
        "https://169.254.169.254",
        "https://10.0.0.1",
        "https://192.168.0.1",
        "gopher://127.0.0.1",
        "ftp://127.0.0.1",
    ]
    .iter()
    .map(|base| format!("{base}:{port}/secret.png"))
    .chain([
        "file:///etc/passwd".into(),
        format!("//127.0.0.1:{port}/x"),
        "javascript:alert(1)".into(),
        "data:image/png;base64,AAAA".into(),
    ])
    .collect();
    for (n, address) in addresses.iter().enumerate() {
        let mut body = channel.text("15557700421", &format!("mid.inside{n}"), "PLACE");
        let message = &mut body["entry"][0]["messaging"][0]["message"];
        message.as_object_mut().expect("a message").remove("text");
        message["attachments"] = json!([{"type": "image", "payload": {"url": address}}]);
        post(&house.url(), &channel, &body).await.expect(200);
    }
    let conversation = channel.conversation(&house.admin, "15557700421").await;
    // A name may lead elsewhere later, so the two that are names are tried again and again; addresses are refused for good.
    let names = addresses.iter().filter(|address| address.to_lowercase().contains("localhost")).count();
    eventually("every address is refused", async || {
        let messages = house.admin.messages(conversation).await;
        assert_eq!(messages.len(), addresses.len(), "each is a message all the same");
        let waiting = messages
            .iter()
            .flat_map(|message| message["attachments"].as_array().cloned().unwrap_or_default());
        let left = waiting.into_iter().filter(|file| file["processing_status"] != "failed").count();
        (left <= names).then_some(())
    })
    .await;
    assert_eq!(calls.load(Ordering::SeqCst), 0, "calls to the inside");
    // A person who tries again changes nothing.
    let messages = house.admin.messages(conversation).await;
    let refused =
        messages.iter().position(|message| message["attachments"][0]["processing_status"] == "failed");
    let at = refused.expect("one at least");
    let (message, file) = (number(&messages[at]["id"]), number(&messages[at]["attachments"][0]["id"]));
    house.admin.post(&format!("/api/v1/messages/{message}/attachments/{file}/retry"), &json!({})).await;
    eventually("refused again", async || {
        let messages = house.admin.messages(conversation).await;
        (messages[at]["attachments"][0]["processing_status"] == "failed").then_some(())
    })
    .await;
    assert_eq!(calls.load(Ordering::SeqCst), 0, "calls to the inside");
}
