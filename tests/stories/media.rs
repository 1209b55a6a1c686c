//! Files of customers: shown at once as pending, fetched in the background by each platform's own dance, given
//! out only to those who may see their conversation, and gone when their message is taken back.

use super::sending::reaches;
use crate::support::channel::results;
use crate::support::client::{Answer, Client, answer, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::webhooks::{event, now, post};
use crate::support::{eventually, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

const CUSTOMER: &str = "15557700421";

on_both_databases!(
    a_file_is_pending_at_once_and_then_fetched_by_each_platforms_dance,
    a_file_that_does_not_come_leaves_its_words_and_can_be_asked_for_again,
    a_file_is_given_out_in_ranges_and_runs_nowhere,
    a_file_belongs_to_those_who_see_its_conversation,
    a_picture_has_a_small_one,
    only_a_pdf_is_shown_in_a_frame_and_only_in_ours,
    the_files_of_an_unsent_message_are_gone,
    a_visitor_sends_and_sees_files_of_their_own_conversation_only,
    a_platform_that_hands_over_no_file_delays_no_other,
);

/// A real PNG of one colour, this many pixels wide and high.
fn png(side: u32) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::from_pixel(side, side, image::Rgb([200, 30, 90]));
    image::DynamicImage::ImageRgb8(image).write_to(&mut out, image::ImageFormat::Png).expect("a PNG");
    out.into_inner()
}

/// The body of a customer's picture on each platform, whose file the fake platform has under `at`.
fn picture(house: &House, channel: &crate::support::channel::Channel, id: &str) -> Value {
    let at = house.platform.url("graph") + "/files/" + id;
    match channel.kind {
        "whatsapp" => channel.whatsapp(json!({
            "contacts": [{"profile": {"name": "Mira"}, "wa_id": CUSTOMER}],
            "messages": [{"from": CUSTOMER, "id": id, "timestamp": now().to_string(), "type": "image",
                "image": {"id": format!("media-{id}"), "mime_type": "image/jpeg; x=1", "caption": "look"}}]})),
        "telegram" => {
            let chat: i64 = CUSTOMER.parse().expect("a number");
            json!({"update_id": 1, "message": {"message_id": 7, "date": now(), "caption": "look",
                "from": {"id": chat, "is_bot": false, "first_name": "Mira"}, "chat": {"id": chat, "type": "private", "first_name": "Mira"},
                "photo": [{"file_id": format!("file-{id}"), "file_unique_id": "u", "width": 40, "height": 40}]}})
        }
        _ => channel.messaging(&[event(CUSTOMER, &channel.external_id,
            json!({"message": {"mid": id, "text": "look", "attachments": [{"type": "image", "payload": {"url": at}}]}}))]),
    }
}

/// The first file of the only customer's message, once it is so.
async fn file_of(client: &Client, conversation: i64, is: &str) -> Value {
    eventually(&format!("the file is {is}"), async || {
        let messages = client.messages(conversation).await;
        let files: Vec<_> = messages
            .iter()
            .flat_map(|one| one["attachments"].as_array().cloned().unwrap_or_default())
            .collect();
        files.into_iter().find(|file| file["processing_status"] == is)
    })
    .await
}

async fn a_file_is_pending_at_once_and_then_fetched_by_each_platforms_dance(database: Database) {
    let house = House::open(database).await;
    for kind in ["whatsapp", "instagram", "messenger", "telegram"] {
        let channel = house.channel(kind).await;
        let id = format!("pic-{kind}");
        let held = house.platform.holds_file(&id, png(40));
        let result = results(post(&house.url(), &channel, &picture(&house, &channel, &id)).await).remove(0);
        let conversation = number(&result["conversation_id"]);
        let message = house.admin.messages(conversation).await.remove(0);
        assert_eq!(
            (&message["message_type"], &message["content"]),
            (&json!("image"), &json!("look")),
            "{kind}"
        );
        assert_eq!(
            (&message["attachments"][0]["processing_status"], &message["attachments"][0]["media_url"]),
            (&json!("pending"), &json!(null)),
            "{kind}"
        );
        held.notify_one();
        let file = file_of(&house.admin, conversation, "ready").await;
        assert_eq!(
            (&file["mime_type"], &file["width"], &file["size"]),
            (&json!("image/png"), &json!(40), &json!(png(40).len())),
            "{kind}: what its bytes say"
        );
        let got = bytes(&house.admin, file["media_url"].as_str().expect("an address"), &[]).await;
        assert_eq!((got.0, got.2), (200, png(40)), "{kind}");
    }
    let asked = house.platform.asked();
    let token = |path: &str| {
        asked
            .iter()
            .find(|one| one.path.contains(path))
            .map(|one| one.headers.get("authorization").cloned().unwrap_or_default())
    };
    assert_eq!(
        token("/files/pic-whatsapp").as_deref(),
        Some("Bearer token-whatsapp"),
        "WhatsApp's file asks for the token"
    );
    assert_eq!(token("/files/pic-instagram").as_deref(), Some(""), "an address of a message gets none");
    assert!(!house.server.log().contains("telegram-token"), "the address of a file holds the bot's token");
}

async fn a_file_that_does_not_come_leaves_its_words_and_can_be_asked_for_again(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("instagram").await;
    let result = results(post(&house.url(), &channel, &picture(&house, &channel, "gone")).await).remove(0);
    let conversation = number(&result["conversation_id"]);
    let file = file_of(&house.admin, conversation, "failed").await;
    assert!(file["processing_error"].as_str().is_some_and(|why| why.contains("404")), "{file}");
    let message = house.admin.messages(conversation).await.remove(0);
    assert_eq!(message["content"], "look", "the words are there all the same");
    house.platform.holds_file("gone", png(8)).notify_one();
    let path = format!("/api/v1/messages/{}/attachments/{}/retry", message["id"], file["id"]);
    house.admin.post(&path, &json!({})).await.expect(200);
    file_of(&house.admin, conversation, "ready").await;
    house.admin.post(&path, &json!({})).await.refused(409);
}

async fn a_platform_that_hands_over_no_file_delays_no_other(database: Database) {
    let house = House::open(database).await;
    let (stuck, quick) = (house.channel("whatsapp").await, house.channel("instagram").await);
    let held: Vec<_> = (0..40).map(|n| house.platform.holds_file(&format!("stuck-{n}"), png(8))).collect();
    for n in 0..40 {
        post(&house.url(), &stuck, &picture(&house, &stuck, &format!("stuck-{n}"))).await;
    }
    house.platform.holds_file("quick", png(8)).notify_one();
    let result = results(post(&house.url(), &quick, &picture(&house, &quick, "quick")).await).remove(0);
    file_of(&house.admin, number(&result["conversation_id"]), "ready").await;
    held.iter().for_each(|one| one.notify_one());
}

/// A file's status, headers and bytes.
async fn bytes(
    client: &Client,
    path: &str,
    headers: &[(&str, &str)],
) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
    let mut request = client.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.bytes().await.expect("a body").to_vec())
}

/// Uploads a file as an agent, or as a visitor.
pub async fn uploads(client: &Client, path: &str, name: &str, mime: &str, content: Vec<u8>) -> Answer {
    let part =
        reqwest::multipart::Part::bytes(content).file_name(name.to_owned()).mime_str(mime).expect("a type");
    let form = reqwest::multipart::Form::new().part("file", part);
    answer(client.request(Method::POST, path).multipart(form)).await.expect("an answer")
}

async fn a_file_is_given_out_in_ranges_and_runs_nowhere(database: Database) {
    let house = House::open(database).await;
    let upload = async |name: &str, mime: &str, content: &[u8]| {
        uploads(&house.admin, "/api/v1/media", name, mime, content.to_vec()).await.expect(201)["media_url"]
            .as_str()
            .expect("an address")
            .to_owned()
    };
    let page = upload("page.html", "text/html", b"<!doctype html><script>alert(1)</script>").await;
    let (status, headers, _) = bytes(&house.admin, &page, &[]).await;
    let header =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!((status, header("x-content-type-options").as_str()), (200, "nosniff"));
    assert!(
        header("content-disposition").starts_with("attachment")
            && header("content-security-policy").contains("sandbox")
    );
    let lie =
        upload("photo.png", "image/png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
            .await;
    let (_, headers, _) = bytes(&house.admin, &lie, &[]).await;
    let shown = headers["content-disposition"].to_str().expect("text");
    assert!(shown.starts_with("attachment"), "its bytes count, not what it claims: {shown}");

    let text = upload("digits.txt", "text/plain", b"0123456789").await;
    for (range, expected, status) in [
        ("bytes=2-4", &b"234"[..], 206),
        ("bytes=-3", b"789", 206),
        ("bytes=7-", b"789", 206),
        ("bytes=20-", b"", 416),
    ] {
        let (got, headers, body) = bytes(&house.admin, &text, &[("range", range)]).await;
        assert_eq!(got, status, "{range}");
        assert!(status != 206 || body[..] == *expected, "{range}: {body:?}");
        assert!(status != 206 || headers["content-range"].to_str().is_ok_and(|said| said.ends_with("/10")));
    }
}

async fn a_file_belongs_to_those_who_see_its_conversation(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let (_, ben) = house.admin.adds("ben", "Ben Moe", "agent").await;
    let file =
        uploads(&ana, "/api/v1/media", "a.txt", "text/plain", b"between us".to_vec()).await.expect(201);
    let path = file["media_url"].as_str().expect("an address").to_owned();
    assert_eq!(bytes(&ben, &path, &[]).await.0, 404, "an upload is its uploader's");
    assert_eq!(bytes(&Client::anonymous(&house.url()), &path, &[]).await.0, 401);
    let direct = ana
        .post("/api/v1/direct-messages", &json!({"to": "ben", "content": "here", "client_id": "c"}))
        .await
        .expect(201);
    let conversation = number(&direct["conversation"]["id"]);
    let body = json!({"content": "a file", "client_id": "d", "attachment_ids": [file["id"]]});
    ana.post(&format!("/api/v1/conversations/{conversation}/messages"), &body).await.expect(201);
    assert_eq!(bytes(&ben, &path, &[]).await.2, b"between us");
    assert_eq!(bytes(&house.admin, &path, &[]).await.0, 404, "an admin is not among its participants");
}

async fn a_picture_has_a_small_one(database: Database) {
    let house = House::open(database).await;
    let picture = uploads(&house.admin, "/api/v1/media", "a.png", "image/png", png(1200)).await.expect(201);
    let path = picture["thumbnail_url"].as_str().expect("an address");
    for _ in 0..2 {
        let (status, headers, small) = bytes(&house.admin, path, &[]).await;
        assert_eq!((status, headers["content-type"].to_str().expect("text")), (200, "image/jpeg"));
        let small = image::load_from_memory(&small).expect("a picture");
        assert_eq!((small.width(), small.height()), (480, 480));
    }
    let text =
        uploads(&house.admin, "/api/v1/media", "a.txt", "text/plain", b"words".to_vec()).await.expect(201);
    assert_eq!(text["thumbnail_url"], json!(null));
    assert_eq!(
        bytes(&house.admin, &format!("{}/thumbnail", text["media_url"].as_str().expect("one")), &[]).await.0,
        404
    );
}

async fn only_a_pdf_is_shown_in_a_frame_and_only_in_ours(database: Database) {
    let house = House::open(database).await;
    let pdf = b"%PDF-1.4\n<script>alert(1)</script>\n%%EOF".to_vec();
    let file =
        uploads(&house.admin, "/api/v1/media", "a.pdf", "application/pdf", pdf.clone()).await.expect(201);
    let path = file["media_url"].as_str().expect("an address").to_owned();
    let preview = format!("{path}/preview");
    let (status, headers, body) = bytes(&house.admin, &preview, &[]).await;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!((status, body), (200, pdf));
    assert_eq!(
        [header("content-type"), header("content-disposition"), header("x-content-type-options")],
        ["application/pdf", "inline", "nosniff"],
        "a browser takes it for a PDF and for nothing else"
    );
    let policy = header("content-security-policy");
    assert!(
        policy.contains("frame-ancestors 'self'") && policy.starts_with("default-src 'none'"),
        "{policy}"
    );
    assert!(!policy.contains("script"), "nothing of it may run: {policy}");
    let part = bytes(&house.admin, &preview, &[("range", "bytes=0-3")]).await;
    assert_eq!((part.0, part.2), (206, b"%PDF".to_vec()), "readers ask for parts");
    let (_, plain, _) = bytes(&house.admin, &path, &[]).await;
    assert!(
        plain["content-disposition"].to_str().expect("text").starts_with("attachment"),
        "else it is saved"
    );
    let (_, ben) = house.admin.adds("ben", "Ben Moe", "agent").await;
    assert_eq!(bytes(&ben, &preview, &[]).await.0, 404, "an upload is its uploader's");
    for (name, claimed, content) in [
        ("b.pdf", "application/pdf", b"<!DOCTYPE html><script>alert(1)</script>".to_vec()),
        ("c.pdf", "application/pdf", png(9)),
        ("d.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()),
    ] {
        let file = uploads(&house.admin, "/api/v1/media", name, claimed, content).await.expect(201);
        let path = format!("{}/preview", file["media_url"].as_str().expect("an address"));
        assert_eq!(bytes(&house.admin, &path, &[]).await.0, 404, "{name} only calls itself so");
    }
}

async fn the_files_of_an_unsent_message_are_gone(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("instagram").await;
    house.platform.holds_file("unsent", png(9)).notify_one();
    let result = results(post(&house.url(), &channel, &picture(&house, &channel, "unsent")).await).remove(0);
    let conversation = number(&result["conversation_id"]);
    let file = file_of(&house.admin, conversation, "ready").await;
    let unsend =
        event(CUSTOMER, &channel.external_id, json!({"message": {"mid": "unsent", "is_deleted": true}}));
    post(&house.url(), &channel, &channel.messaging(&[unsend])).await.expect(200);
    let message = house.admin.messages(conversation).await.remove(0);
    assert_eq!((&message["content"], &message["attachments"]), (&json!(null), &json!([])));
    assert_eq!(
        bytes(&house.admin, file["media_url"].as_str().expect("an address"), &[]).await.0,
        404,
        "nobody gets it any more"
    );
}

async fn a_visitor_sends_and_sees_files_of_their_own_conversation_only(database: Database) {
    let house = House::open(database).await;
    let channel = house
        .admin
        .post("/api/v1/channels", &json!({"kind": "webchat", "name": "Our site"}))
        .await
        .expect(201);
    let id = number(&channel["id"]);
    let (visitor, token, welcome) =
        crate::support::socket::Socket::visitor(&house.url(), id, json!({})).await;
    assert_eq!(welcome["unread"], 0);
    let anybody = Client::anonymous(&house.url());
    let with = |token: &str, path: &str| format!("{path}?token={token}");
    let up = with(&token, &format!("/widget/{id}/media"));
    assert_eq!(
        uploads(&anybody, &format!("/widget/{id}/media"), "a.png", "image/png", png(5)).await.status,
        401
    );
    let file = uploads(&anybody, &up, "a.png", "image/png", png(5)).await.expect(201);
    visitor
        .send(&json!({"type": "send", "client_id": "v-1", "content": null, "attachment_ids": [file["id"]]}));
    let sent = visitor.frame("message_sent").await["message"].clone();
    assert_eq!(
        (&sent["message_type"], &sent["attachments"][0]["media_url"]),
        (&json!("image"), &file["media_url"])
    );
    let conversation = number(&sent["conversation_id"]);
    let shown = house.admin.messages(conversation).await.remove(0);
    assert_eq!(
        bytes(&house.admin, shown["attachments"][0]["media_url"].as_str().expect("one"), &[]).await.2,
        png(5),
        "agents see it"
    );

    let ours = uploads(&house.admin, "/api/v1/media", "b.png", "image/png", png(6)).await.expect(201);
    let body = json!({"content": "and ours", "client_id": "a-1", "attachment_ids": [ours["id"]]});
    house.admin.post(&format!("/api/v1/conversations/{conversation}/messages"), &body).await.expect(201);
    reaches(&house.admin, conversation, "a-1", "sent").await;
    let got = visitor.frame("chat_message").await["message"]["attachments"][0]["media_url"]
        .as_str()
        .expect("an address")
        .to_owned();
    assert!(got.starts_with(&format!("/widget/{id}/media/")), "{got}");
    assert_eq!(bytes(&anybody, &with(&token, &got), &[]).await.2, png(6));
    let (_, other, _) = crate::support::socket::Socket::visitor(&house.url(), id, json!({})).await;
    assert_eq!(bytes(&anybody, &with(&other, &got), &[]).await.0, 404, "another visitor's");
    assert_eq!(bytes(&anybody, &got, &[]).await.0, 401);
}
