//! How an answer leaves: to the place where the question stood, with its file's own name, a recording as a
//! recording; and what nobody may write. A colleague is named to colleagues in full, to visitors by the name
//! the team shows.
//! Over 400 lines because each kind has a body of its own.

use super::sending::reaches;
use crate::support::channel::results;
use crate::support::client::{Answer, Client, answer, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::socket::Socket;
use crate::support::webhooks::{event, now, post, stable_number};
use crate::support::{eventually, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

const GROUP: i64 = -1_001_234_567_890;
const CUSTOMER: &str = "15557700421";

on_both_databases!(
    an_answer_goes_to_the_topic_where_the_question_stood,
    a_recording_goes_out_as_a_voice_note,
    a_picture_that_is_too_large_goes_as_a_document,
    a_file_keeps_its_name_with_its_ending_in_every_script,
    nobody_writes_in_the_servers_name,
    an_edit_is_measured_as_a_message_is,
    colleagues_are_told_who_wrote_and_visitors_a_name,
    what_a_channel_takes_is_there_to_be_read,
    a_place_and_a_card_go_where_there_are_such_things,
    who_agrees_later_is_asked_about_again,
);

fn in_group(id: &str, topic: Option<i64>, words: &str) -> Value {
    let mut message = json!({"message_id": stable_number(id), "date": now(), "text": words,
        "from": {"id": 7_700_421, "is_bot": false, "first_name": "Mira"},
        "chat": {"id": GROUP, "type": "supergroup", "title": "The pier", "is_forum": true}});
    if let Some(topic) = topic {
        message["message_thread_id"] = topic.into();
        message["is_topic_message"] = true.into();
    }
    json!({"update_id": stable_number(id), "message": message})
}

async fn an_answer_goes_to_the_topic_where_the_question_stood(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("telegram").await;
    let heard = async |id: &str, topic, words: &str| {
        results(post(&house.url(), &channel, &in_group(id, topic, words)).await).remove(0)
    };
    let first = heard("one", Some(17), "a question in a topic").await;
    let conversation = number(&first["conversation_id"]);
    house.admin.say(conversation, "a1", "an answer to the topic").await.expect(201);
    let sent = house.platform.accepts("an answer to the topic").await;
    assert_eq!((&sent.body["message_thread_id"], &sent.body["chat_id"]), (&json!(17), &json!(GROUP)));

    heard("two", None, "a question to all").await;
    house.admin.say(conversation, "a2", "an answer to all").await.expect(201);
    assert_eq!(house.platform.accepts("an answer to all").await.body["message_thread_id"], Value::Null);

    // What is quoted decides, whatever was said last.
    let quoting =
        json!({"content": "once more to the topic", "client_id": "a3", "reply_to": first["message_id"]});
    house.admin.post(&format!("/api/v1/conversations/{conversation}/messages"), &quoting).await.expect(201);
    let sent = house.platform.accepts("once more to the topic").await;
    assert_eq!(
        (&sent.body["message_thread_id"], sent.body["reply_parameters"].is_object()),
        (&json!(17), true)
    );

    // Files as well as words.
    heard("three", Some(23), "and a file?").await;
    let file = upload(&house.admin, "list.txt", "text/plain", b"a list").await.expect(201);
    sends(&house.admin, conversation, "a4", json!({"attachment_ids": [file["id"]]})).await;
    let form = eventually("the file goes out", async || {
        let asked = house.platform.asked();
        asked.into_iter().find(|one| one.path.ends_with("/sendDocument"))
    })
    .await;
    let form = String::from_utf8_lossy(&form.body).into_owned();
    assert!(form.contains("name=\"message_thread_id\"\r\n\r\n23\r\n"), "{form}");

    // An answer in a plain group has a thread, too: that one is no place to write to.
    let mut plain = in_group("four", Some(31), "no topic");
    plain["message"]["is_topic_message"] = Value::Null;
    plain["message"]["chat"] = json!({"id": GROUP - 1, "type": "supergroup", "title": "Another"});
    let other = results(post(&house.url(), &channel, &plain).await).remove(0);
    house.admin.say(number(&other["conversation_id"]), "a5", "to the plain group").await.expect(201);
    assert_eq!(house.platform.accepts("to the plain group").await.body["message_thread_id"], Value::Null);
}

/// A file as a browser posts it.
async fn upload(client: &Client, name: &str, mime: &str, bytes: &[u8]) -> Answer {
    let head = format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: {mime}\r\n\r\n"
    );
    let body = [head.as_bytes(), bytes, b"\r\n--b--\r\n"].concat();
    let request = client
        .request(Method::POST, "/api/v1/media")
        .header("content-type", "multipart/form-data; boundary=b");
    answer(request.body(body)).await.expect("an answer")
}

/// Writes a message with more than words.
async fn sends(client: &Client, conversation: i64, client_id: &str, mut body: Value) -> Value {
    body["client_id"] = client_id.into();
    client.post(&format!("/api/v1/conversations/{conversation}/messages"), &body).await.expect(201)
}

/// The head of a recording: Opus in Ogg.
fn recording() -> Vec<u8> {
    let mut bytes = vec![0; 600];
    bytes[..4].copy_from_slice(b"OggS");
    bytes[28..36].copy_from_slice(b"OpusHead");
    bytes
}

async fn a_recording_goes_out_as_a_voice_note(database: Database) {
    let house = House::open(database).await;
    house.platform.answers(
        "/sendVoice",
        200,
        json!({"ok": true, "result": {"message_id": 77, "chat": {"id": 15_557_700_421_i64}}}),
    );
    house.platform.answers("/media", 200, json!({"id": "up-1"}));
    let channels = [house.channel("whatsapp").await, house.channel("telegram").await];
    for (kind, name, mime) in [
        ("whatsapp", "voice-1.ogg", "audio/ogg"),
        ("whatsapp", "voice-2.opus", "audio/opus"),
        ("telegram", "voice-3.ogg", "application/ogg"),
    ] {
        let channel = channels.iter().find(|channel| channel.kind == kind).expect("connected");
        let conversation = channel.conversation(&house.admin, CUSTOMER).await;
        let file = upload(&house.admin, name, mime, &recording()).await.expect(201);
        assert_eq!(file["mime_type"], "audio/ogg", "{kind}: {name}");
        let message = sends(&house.admin, conversation, name, json!({"attachment_ids": [file["id"]]})).await;
        assert_eq!(
            (&message["message_type"], &message["attachments"][0]["kind"]),
            (&json!("voice"), &json!("voice"))
        );
        reaches(&house.admin, conversation, name, "sent").await;
    }
    let spoken: Vec<_> =
        house.platform.accepted().into_iter().map(|sent| sent.body["audio"].clone()).collect();
    assert_eq!(spoken, [json!({"id": "up-1", "voice": true}), json!({"id": "up-1", "voice": true})]);
    let paths: Vec<_> = house.platform.asked().into_iter().map(|one| one.path).collect();
    assert!(paths.iter().any(|path| path.ends_with("/sendVoice")), "{paths:?}");
}

/// A real PNG of so many pixels, and padding up to a size.
fn picture(width: u32, height: u32, at_least: usize) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::from_pixel(width, height, image::Rgb([200, 30, 90]));
    image::DynamicImage::ImageRgb8(image).write_to(&mut out, image::ImageFormat::Png).expect("a PNG");
    let mut bytes = out.into_inner();
    bytes.resize(bytes.len().max(at_least), 0);
    bytes
}

async fn a_picture_that_is_too_large_goes_as_a_document(database: Database) {
    let house = House::open(database).await;
    house.platform.answers("/media", 200, json!({"id": "up-1"}));
    let answer = json!({"ok": true, "result": {"message_id": 77, "chat": {"id": 15_557_700_421_i64}}});
    house.platform.answers("/sendDocument", 200, answer.clone());
    house.platform.answers("/sendPhoto", 200, answer);
    let megabyte = 1024 * 1024;
    let channels = [house.channel("whatsapp").await, house.channel("telegram").await];
    for (kind, name, bytes, goes_as) in [
        ("whatsapp", "small.png", picture(20, 20, 0), "image"),
        ("whatsapp", "heavy.png", picture(20, 20, 5 * megabyte + 1), "document"),
        ("telegram", "small.png", picture(20, 20, 0), "/sendPhoto"),
        ("telegram", "long.png", picture(2, 41, 0), "/sendDocument"),
        ("telegram", "wide.png", picture(9_000, 1_001, 0), "/sendDocument"),
        ("telegram", "heavy.png", picture(20, 20, 10 * megabyte + 1), "/sendDocument"),
    ] {
        let channel = channels.iter().find(|channel| channel.kind == kind).expect("connected");
        let conversation = channel.conversation(&house.admin, CUSTOMER).await;
        let file = upload(&house.admin, name, "image/png", &bytes).await.expect(201);
        let before = (house.platform.accepted().len(), house.platform.asked().len());
        let client_id = format!("{kind}-{name}");
        sends(&house.admin, conversation, &client_id, json!({"attachment_ids": [file["id"]]})).await;
        reaches(&house.admin, conversation, &client_id, "sent").await;
        let went = if kind == "whatsapp" {
            house.platform.accepted().split_off(before.0)[0].body["type"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        } else {
            let asked = house.platform.asked().split_off(before.1);
            let sent = asked.into_iter().find(|one| one.path.contains("/send")).expect("it was sent");
            format!("/{}", sent.path.rsplit('/').next().unwrap_or_default())
        };
        assert_eq!(went, goes_as, "{kind}: {name}");
    }
}

async fn a_file_keeps_its_name_with_its_ending_in_every_script(database: Database) {
    let house = House::open(database).await;
    // What an agent sends.
    for (given, shown) in [
        ("報告書.pdf", "報告書.pdf"),
        ("фактура за май.pdf", "фактура за май.pdf"),
        ("../../فاتورة.pdf", "فاتورة.pdf"),
        ("C:\\\\temp\\\\ε.pdf", "ε.pdf"),
    ] {
        let file = upload(&house.admin, given, "application/pdf", b"%PDF-1.4 a page").await.expect(201);
        assert_eq!(file["file_name"], shown, "{given}");
    }
    for stem in ["a", "報", "д", "😀"] {
        let given = format!("{}.pdf", stem.repeat(300));
        let file = upload(&house.admin, &given, "application/pdf", b"%PDF-1.4 a page").await.expect(201);
        let name = file["file_name"].as_str().expect("a name");
        let ending = name.rsplit('.').next();
        assert!(ending == Some("pdf") && name.starts_with(stem) && name.chars().count() <= 200, "{name}");
    }
    // What a customer sends by Messenger: the name stands in the address.
    let messenger = house.channel("messenger").await;
    let id = "%E5%A0%B1%E5%91%8A.pdf";
    house.platform.holds_file(id, b"%PDF-1.4 a page".to_vec()).notify_one();
    let url = format!("{}/files/{id}?_nc=1", house.platform.url("graph"));
    let attachment = json!({"type": "file", "payload": {"url": url}});
    let body = messenger.messaging(&[event(
        CUSTOMER,
        &messenger.external_id,
        json!({"message": {"mid": "m-1", "attachments": [attachment]}}),
    )]);
    let stored = results(post(&house.url(), &messenger, &body).await).remove(0);
    let message = house.admin.messages(number(&stored["conversation_id"])).await.remove(0);
    assert_eq!(message["attachments"][0]["file_name"], "報告.pdf");
    // What a customer names to climb.
    let whatsapp = house.channel("whatsapp").await;
    let body = whatsapp.whatsapp(json!({"contacts": [{"profile": {"name": "Mira"}, "wa_id": CUSTOMER}], "messages": [
        {"from": CUSTOMER, "id": "w-1", "timestamp": now().to_string(), "type": "document",
         "document": {"id": "media-x", "mime_type": "application/pdf", "filename": "../../../étude\u{202e}.pdf"}}]}));
    let stored = results(post(&house.url(), &whatsapp, &body).await).remove(0);
    let message = house.admin.messages(number(&stored["conversation_id"])).await.remove(0);
    assert_eq!(message["attachments"][0]["file_name"], "étude.pdf");
}

async fn nobody_writes_in_the_servers_name(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let path = format!("/api/v1/conversations/{conversation}/messages");
    for (n, kind) in ["system", "unsupported", "postback", "story_mention", "story_reply"].iter().enumerate()
    {
        for is_private in [false, true] {
            let body = json!({"content": "Conversation closed", "client_id": format!("{n}{is_private}"), "message_type": kind, "is_private": is_private});
            assert_eq!(
                house.admin.post(&path, &body).await.refused(422)["code"],
                "bad_message_type",
                "{kind}"
            );
        }
    }
    assert_eq!(house.admin.messages(conversation).await, Vec::<Value>::new());
}

async fn an_edit_is_measured_as_a_message_is(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("instagram").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let later = json!({"content": "short", "send_at": "2027-06-01T00:00:00.000Z"});
    let message = sends(&house.admin, conversation, "later", later).await;
    let amend = async |content: &str| {
        house.admin.patch(&format!("/api/v1/messages/{}", message["id"]), &json!({"content": content})).await
    };
    for too_long in ["é".repeat(501), "x".repeat(900_550)] {
        assert_eq!(amend(&too_long).await.refused(422)["code"], "too_long", "{}", too_long.len());
    }
    assert_eq!(house.admin.messages(conversation).await[0]["content"], "short");
    let fits = "é".repeat(500);
    assert_eq!(amend(&fits).await.expect(200)["content"], json!(fits));
    // A note goes to no platform: only what we keep counts.
    let note =
        sends(&house.admin, conversation, "note", json!({"content": "a note", "is_private": true})).await;
    let amend = async |content: String| {
        house.admin.patch(&format!("/api/v1/messages/{}", note["id"]), &json!({"content": content})).await
    };
    amend("x".repeat(65_537)).await.refused(422);
    amend("x".repeat(5_000)).await.expect(200);
}

async fn colleagues_are_told_who_wrote_and_visitors_a_name(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let body = json!({"kind": "webchat", "name": "Shop", "external_id": "shop", "credentials": {}});
    let channel = number(&house.admin.post("/api/v1/channels", &body).await.expect(201)["id"]);
    let (visitor, _, _) = Socket::visitor(&house.url(), channel, json!({})).await;
    visitor.send(&json!({"type": "send", "client_id": "v1", "content": "hello"}));
    let conversation = eventually("the visitor's word is here", async || {
        house.admin.all("/api/v1/conversations").await.into_iter().next()
    })
    .await;
    let conversation = number(&conversation["id"]);
    ana.say(conversation, "a1", "good morning").await.expect(201);
    let messages = house.admin.messages(conversation).await;
    let sender = &messages[1]["sender"];
    assert_eq!(
        (&sender["name"], &sender["username"], &sender["email"]),
        (&json!("Ana Lind"), &json!("ana"), &json!("ana@example.org"))
    );
    let seen = visitor
        .until("the answer", |frames| {
            frames.iter().find(|frame| frame["message"]["content"] == "good morning").cloned()
        })
        .await;
    let sender = seen["message"]["sender"].as_object().expect("a sender");
    let mut fields: Vec<_> = sender.keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["avatar_url", "id", "name"]);
    assert!(!visitor.frames().iter().any(|frame| frame.to_string().contains("ana@example.org")));
}

async fn what_a_channel_takes_is_there_to_be_read(database: Database) {
    let house = House::open(database).await;
    let kinds = house.admin.get("/api/v1/channel-kinds").await.expect(200)["items"].clone();
    let kind = |name: &str| {
        kinds.as_array().expect("items").iter().find(|one| one["kind"] == name).expect(name).clone()
    };
    for (name, limit, unit) in [
        ("whatsapp", 4096, "characters"),
        ("instagram", 1000, "bytes"),
        ("messenger", 2000, "characters"),
        ("telegram", 4096, "utf16"),
        ("webchat", 65_536, "bytes"),
    ] {
        let shown = kind(name);
        assert_eq!(shown["text"], json!({"limit": limit, "unit": unit}), "{name}");
        for field in ["caption", "files", "abilities", "credentials", "window"] {
            assert!(shown.get(field).is_some(), "{name}: {field}");
        }
    }
    assert_eq!(kind("whatsapp")["window"], json!({"hours": 24, "then": "template"}));
    assert_eq!(kind("telegram")["window"], Value::Null);
    assert_eq!(kind("telegram")["credentials"], json!(["bot_token", "webhook_secret"]));
    let largest = |name: &str, of: &str| {
        let files = kind(name)["files"].clone();
        files
            .as_array()
            .expect("files")
            .iter()
            .find(|one| one["kind"] == of)
            .map(|one| one["max_bytes"].clone())
    };
    let megabytes = |count: u64| Some(json!(count * 1024 * 1024));
    assert_eq!((largest("whatsapp", "image"), largest("telegram", "image")), (megabytes(5), megabytes(10)));
    assert_eq!((largest("whatsapp", "video"), largest("instagram", "image")), (megabytes(16), megabytes(8)));
    let can = |name: &str, what: &str| {
        kind(name)["abilities"].as_array().expect("abilities").contains(&json!(what))
    };
    assert!(can("whatsapp", "location") && can("telegram", "contact") && !can("instagram", "location"));
}

#[expect(clippy::too_many_lines, reason = "one platform after the other")]
async fn a_place_and_a_card_go_where_there_are_such_things(database: Database) {
    let house = House::open(database).await;
    let whatsapp = house.channel("whatsapp").await;
    let conversation = whatsapp.conversation(&house.admin, CUSTOMER).await;
    let place = json!({"location": {"latitude": 52.5163, "longitude": 13.3777, "name": "The gate", "address": "Platz 1"}});
    let card =
        json!({"contacts": [{"name": "Dana Reyes", "phones": ["+1 555 770 0988"], "organization": "Reyes"}]});
    let sent =
        sends(&house.admin, conversation, "p", json!({"message_type": "location", "details": place})).await;
    assert_eq!(
        (&sent["message_type"], &sent["details"]["location"]["name"]),
        (&json!("location"), &json!("The gate"))
    );
    let again = json!({"message_type": "location", "details": place, "client_id": "p"});
    let path = format!("/api/v1/conversations/{conversation}/messages");
    house.admin.post(&path, &again).await.expect(200);
    sends(&house.admin, conversation, "c", json!({"details": card})).await;
    reaches(&house.admin, conversation, "c", "sent").await;
    let accepted = house.platform.accepted();
    let bodies: Vec<_> = accepted.iter().map(|one| (one.body["type"].clone(), one.body.clone())).collect();
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    assert_eq!(bodies[0].1["location"], place["location"]);
    assert_eq!(
        bodies[1].1["contacts"],
        json!([{"name": {"formatted_name": "Dana Reyes", "first_name": "Dana Reyes"},
            "phones": [{"phone": "+1 555 770 0988", "type": "CELL"}], "org": {"company": "Reyes"}}])
    );

    let telegram = house.channel("telegram").await;
    let answer = json!({"ok": true, "result": {"message_id": 77, "chat": {"id": 15_557_700_421_i64}}});
    house.platform.answers("/sendVenue", 200, answer.clone());
    house.platform.answers("/sendContact", 200, answer);
    let there = telegram.conversation(&house.admin, CUSTOMER).await;
    sends(&house.admin, there, "p", json!({"details": place})).await;
    sends(&house.admin, there, "c", json!({"details": card})).await;
    reaches(&house.admin, there, "p", "sent").await;
    let asked = |end: &str| {
        house.platform.asked().into_iter().find(|one| one.path.ends_with(end)).map(|one| one.json())
    };
    let venue = eventually("the place goes out", async || asked("/sendVenue")).await;
    assert_eq!((&venue["title"], &venue["latitude"]), (&json!("The gate"), &json!(52.5163)));
    let contact = eventually("the card goes out", async || asked("/sendContact")).await;
    assert_eq!(
        (&contact["phone_number"], &contact["first_name"]),
        (&json!("+1 555 770 0988"), &json!("Dana Reyes"))
    );

    let instagram = house.channel("instagram").await;
    let elsewhere = instagram.conversation(&house.admin, CUSTOMER).await;
    for (conversation, body, code) in [
        (elsewhere, json!({"details": place}), "not_on_this_channel"),
        (elsewhere, json!({"details": card}), "not_on_this_channel"),
        (conversation, json!({"details": place, "content": "look"}), "bad_details"),
        (conversation, json!({"message_type": "contact", "details": place}), "bad_details"),
        (conversation, json!({"details": {"location": {"latitude": 91, "longitude": 0}}}), "bad_details"),
        (conversation, json!({"details": {"contacts": [{"name": "Nobody"}]}}), "bad_details"),
    ] {
        let mut body = body;
        body["client_id"] = format!("bad-{code}").into();
        let answer = house.admin.post(&format!("/api/v1/conversations/{conversation}/messages"), &body).await;
        assert_eq!(answer.refused(422)["code"], code, "{body}");
    }
}

async fn who_agrees_later_is_asked_about_again(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("instagram").await;
    let refusal = json!({"error": {"code": 230, "message": "User consent is required"}});
    house.platform.answers("/1002003004005", 400, refusal);
    let asks =
        || house.platform.asked().into_iter().filter(|one| one.path.contains("/1002003004005?")).count();
    let body = channel.text("1002003004005", "m-1", "hello");
    let conversation = number(&results(post(&house.url(), &channel, &body).await)[0]["conversation_id"]);
    eventually("it was asked once", async || (asks() >= 1).then_some(())).await;
    house.platform.answers("/1002003004005", 200, json!({"name": "Mira Oduya", "username": "mira"}));
    eventually("the name is known", async || {
        let shown = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
        (shown["customer"]["name"] == "Mira Oduya").then_some(())
    })
    .await;
}
