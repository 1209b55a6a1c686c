//! What customers say in recordings: shown at once, its words when they come, each recording heard once, and never
//! a message less because nobody could hear it.

use super::answering::{answers, writes_as};
use crate::support::channel::{Channel, results};
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::model::{Model, Mood};
use crate::support::socket::Socket;
use crate::support::webhooks::{now, post};
use crate::support::{eventually, on_both_databases};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Notify;

const CUSTOMER: &str = "15557700421";
/// How a voice message begins: Opus in Ogg.
const OGG: &[u8] = b"OggS\0\x02\0\0\0\0\0\0\0\0the sound of a voice";

on_both_databases!(
    a_recording_is_shown_at_once_and_its_words_follow_once,
    a_recording_that_nobody_hears_stays_a_message,
    a_recording_being_heard_at_a_kill_is_heard_after_the_restart,
    an_answer_waits_for_the_words_of_a_recording,
    switched_off_no_recording_leaves_the_house,
);

async fn open(database: Database, hearing: &str) -> (House, Model, Channel) {
    let model = Model::start().await;
    let url = model.url();
    let house = House::open_with(database, |settings| {
        settings
            .with("RAPPORT_AI_URL", &url)
            .with("RAPPORT_AI_KEY", "sk-hidden-key")
            .with("RAPPORT_AI_TRANSCRIPTION_MODEL", hearing)
    })
    .await;
    let channel = house.channel("whatsapp").await;
    (house, model, channel)
}

/// A voice message as WhatsApp tells of it.
fn voice(channel: &Channel, id: &str) -> Value {
    channel.whatsapp(json!({
        "contacts": [{"profile": {"name": "Mira"}, "wa_id": CUSTOMER}],
        "messages": [{"from": CUSTOMER, "id": id, "timestamp": now().to_string(), "type": "audio",
            "audio": {"id": format!("media-{id}"), "mime_type": "audio/ogg; codecs=opus", "voice": true}}]}))
}

/// A customer says something; gives their conversation.
async fn speaks(house: &House, channel: &Channel, id: &str) -> i64 {
    house.platform.holds_file(id, OGG.to_vec()).notify_one();
    number(&results(post(&house.url(), channel, &voice(channel, id)).await)[0]["conversation_id"])
}

/// The file of a conversation's message, once it holds.
async fn file(client: &Client, conversation: i64, place: usize, holds: impl Fn(&Value) -> bool) -> Value {
    eventually("the recording is so", async || {
        let message = client.messages(conversation).await.into_iter().nth(place)?;
        let file = message["attachments"][0].clone();
        holds(&file).then_some(file)
    })
    .await
}

async fn a_recording_is_shown_at_once_and_its_words_follow_once(database: Database) {
    let (house, model, channel) = open(database, "small-ear-1").await;
    let let_go = Arc::new(Notify::new());
    model.next_is(Mood::Slow(let_go.clone()));
    let watcher = Socket::open(&house.admin).await;
    watcher.watch("all").await;
    let conversation = speaks(&house, &channel, "v-1").await;
    watcher.subscribe(conversation, None).await;
    let question = model.is_asked(1).await;
    let shown = file(&house.admin, conversation, 0, |file| file["processing_status"] == "ready").await;
    assert_eq!(
        (&shown["kind"], &shown["transcription"], &shown["mime_type"]),
        (&json!("voice"), &json!(null), &json!("audio/ogg")),
        "it can be played before anybody has heard it"
    );
    assert_eq!(
        (question.path.as_str(), question.key.as_str()),
        ("/v1/audio/transcriptions", "Bearer sk-hidden-key")
    );
    for part in ["small-ear-1", "recording.ogg", "the sound of a voice"] {
        assert!(question.form.contains(part), "{part} in {}", question.form);
    }

    let before = house.admin.messages(conversation).await.remove(0);
    let_go.notify_one();
    let frame = watcher
        .until("a frame with the words", |frames| {
            frames
                .iter()
                .find(|frame| frame["message"]["attachments"][0]["transcription"] == "heard 1")
                .cloned()
        })
        .await;
    assert_eq!(frame["type"], "message_updated");
    assert!(number(&frame["message"]["version"]) > number(&before["version"]), "{frame}");

    results(post(&house.url(), &channel, &voice(&channel, "v-1")).await);
    speaks(&house, &channel, "v-2").await;
    file(&house.admin, conversation, 1, |file| file["transcription"] == "heard 2").await;
    assert_eq!(model.questions().len(), 2, "told again, it is not heard again");
    let found = house.admin.get("/api/v1/search?q=heard%201").await.expect(200);
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(
        (&found["items"][0]["message"]["id"], &found["items"][0]["excerpt"]),
        (&before["id"], &json!("heard 1"))
    );
    assert!(!house.server.log().contains("sk-hidden-key"), "the key is never logged");
    assert!(!house.server.log().contains("heard 1"), "nor is what anybody said");
}

async fn a_recording_that_nobody_hears_stays_a_message(database: Database) {
    let (house, model, channel) = open(database, "whisper-1").await;
    model.next_is(Mood::Fails(400, json!({"error": {"code": "bad_sound", "message": "what?"}})));
    let conversation = speaks(&house, &channel, "v-1").await;
    model.is_asked(1).await;
    model.is_always(Some(Mood::Fails(503, json!({"error": {"code": "overloaded", "message": "no"}}))));
    speaks(&house, &channel, "v-2").await;
    model.is_asked(1 + 4).await;
    model.is_always(None);
    speaks(&house, &channel, "v-3").await;
    file(&house.admin, conversation, 2, |file| file["transcription"] == "heard 6").await;
    let messages = house.admin.messages(conversation).await;
    for message in &messages[..2] {
        let file = &message["attachments"][0];
        assert_eq!(
            (&file["processing_status"], &file["transcription"]),
            (&json!("ready"), &json!(null)),
            "it can be played all the same"
        );
        assert!(file["media_url"].is_string(), "{file}");
    }
    assert_eq!(model.questions().len(), 1 + 4 + 1, "what is refused is not asked again, the rest four times");
    house.admin.say(conversation, "c-1", "I have listened").await.expect(201);
    house.platform.accepts("I have listened").await;
}

async fn a_recording_being_heard_at_a_kill_is_heard_after_the_restart(database: Database) {
    let (mut house, model, channel) = open(database, "whisper-1").await;
    model.next_is(Mood::Slow(Arc::new(Notify::new())));
    let conversation = speaks(&house, &channel, "v-1").await;
    model.is_asked(1).await;
    house.server.kill().await;
    house.server.starts_again().await;
    file(&house.admin, conversation, 0, |file| file["transcription"] == "heard 2").await;
    assert_eq!(model.questions().len(), 2);
}

async fn an_answer_waits_for_the_words_of_a_recording(database: Database) {
    let (house, model, channel) = open(database, "whisper-1").await;
    let options = json!({"options": {"ai": {"mode": "auto", "window_ms": 0}}});
    house.admin.patch(&format!("/api/v1/channels/{}", channel.id), &options).await.expect(200);
    let let_go = Arc::new(Notify::new());
    model.next_is(Mood::Slow(let_go.clone()));
    let conversation = speaks(&house, &channel, "v-1").await;
    assert!(model.is_asked(1).await.is_recording());
    // Who writes is answered; when that is so, the one who spoke was looked at as well.
    writes_as("15557700422", &house, &channel, "m-1", "hello?").await;
    house.platform.accepts("answer 2").await;
    assert!(answers(&house, conversation).await.is_empty());
    let_go.notify_one();
    house.platform.accepts("answer 3").await;
    let asked = model.is_asked(3).await;
    let last =
        asked.body["messages"].as_array().and_then(|said| said.last()).expect("words")["content"].clone();
    assert_eq!(last, "[voice: heard 1]");
}

async fn switched_off_no_recording_leaves_the_house(database: Database) {
    let (house, model, channel) = open(database, "off").await;
    let options = json!({"options": {"ai": {"mode": "auto", "window_ms": 0}}});
    house.admin.patch(&format!("/api/v1/channels/{}", channel.id), &options).await.expect(200);
    let conversation = speaks(&house, &channel, "v-1").await;
    house.platform.accepts("answer 1").await;
    let file = file(&house.admin, conversation, 0, |file| file["processing_status"] == "ready").await;
    assert_eq!(file["transcription"], json!(null));
    assert!(model.questions().iter().all(|question| !question.is_recording()));
}
