//! The one gate before everything that is sent: what is known for sure is refused with the same reason on
//! every path, before anything is written and without a word to the platform; what only the platform can
//! know is said and handed over.

use super::answering::{answers, open, writes_as};
use super::flows::{address, make, run_becomes};
use super::sending::reaches;
use crate::support::channel::{Channel, outcome, results};
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::platform::Manner;
use crate::support::socket::Socket;
use crate::support::webhooks::{now, post};
use crate::support::{eventually, on_both_databases};
use serde_json::{Value, json};

const ADA: &str = "15557700421";

on_both_databases!(
    nobody_who_is_blocked_is_written_to_by_any_path,
    nothing_is_written_over_a_channel_that_is_gone,
    who_wants_no_offers_gets_none_and_everything_else,
    only_the_word_itself_is_an_opt_out,
    what_a_customer_tells_their_platform_is_noted_once,
    what_only_the_platform_can_know_is_said_and_handed_over,
    what_is_written_while_a_channel_is_off_goes_out_when_it_is_on,
    what_a_model_proposes_goes_through_the_gate_too,
    of_two_who_become_one_neither_gets_what_one_does_not_want,
);

async fn writes(house: &House, channel: &Channel, id: &str, words: &str) -> i64 {
    writes_as(ADA, house, channel, id, words).await
}

async fn customer_of(house: &House, conversation: i64) -> i64 {
    let path = format!("/api/v1/conversations/{conversation}");
    number(&house.admin.get(&path).await.expect(200)["customer"]["id"])
}

async fn blocks(house: &House, conversation: i64, blocked: bool) {
    let path = format!("/api/v1/customers/{}", customer_of(house, conversation).await);
    house.admin.patch(&path, &json!({"blocked": blocked})).await.expect(200);
}

async fn consents(house: &House, conversation: i64) -> Value {
    let path = format!("/api/v1/customers/{}/consents", customer_of(house, conversation).await);
    house.admin.get(&path).await.expect(200)["items"].clone()
}

async fn wants_offers(house: &House, conversation: i64, state: &str) {
    let path = format!("/api/v1/customers/{}/consents", customer_of(house, conversation).await);
    let body = json!({"items": [{"purpose": "marketing", "state": state}]});
    house.admin.put(&path, &body).await.expect(200);
}

async fn checks(house: &House, conversation: i64, body: Value) -> Value {
    let path = format!("/api/v1/conversations/{conversation}/messages/check");
    house.admin.post(&path, &body).await.expect(200)
}

fn text(words: &str) -> Value {
    json!({"kind": "message", "text": words})
}

fn soon(milliseconds: i64) -> String {
    (chrono::Utc::now() + chrono::Duration::milliseconds(milliseconds)).to_rfc3339()
}

/// What was there before somebody tries every path: a message that failed, one that waits for its moment, and
/// two flows.
struct Scene {
    house: House,
    channel: Channel,
    conversation: i64,
    failed: Value,
    by_hand: Value,
    by_hook: Value,
}

async fn scene(database: Database) -> Scene {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = writes(&house, &channel, "wamid.1", "hello").await;
    let refusal = json!({"error": {"message": "no", "code": 131_026}});
    house.platform.meets("refused once", Manner::Refuse(400, refusal, None), 1);
    house.admin.say(conversation, "failed", "refused once").await.expect(201);
    let failed = reaches(&house.admin, conversation, "failed", "failed").await;
    let by_hand = make(&house.admin, json!({"kind": "manual"}), json!([text("by hand")])).await;
    let by_hook = make(&house.admin, json!({"kind": "webhook"}), json!([text("by hook")])).await;
    Scene { house, channel, conversation, failed, by_hand, by_hook }
}

impl Scene {
    /// Tries every path by which something can be sent: all of them refuse with this code and this reason,
    /// nothing is written, and the platform hears nothing.
    async fn every_path_refuses(&self, code: &str, code_of_flows: &str, reason: &str) {
        let (house, id) = (&self.house, self.conversation);
        let written = house.admin.messages(id).await.len();
        let sent = house.platform.accepted().len();
        let is_refused = |answer: &Value, code: &str, by: &str| {
            assert_eq!(
                (&answer["code"], &answer["decision"], &answer["reason"]),
                (&json!(code), &json!("refuse"), &json!(reason)),
                "{by}: {answer}"
            );
            assert!(answer["alternatives"].is_array(), "{by}: {answer}");
        };
        let told = checks(house, id, json!({"content": "may I?"})).await;
        assert_eq!((&told["decision"], &told["reason"]), (&json!("refuse"), &json!(reason)), "{told}");
        let instead = told["alternatives"].as_array().expect("alternatives").clone();
        assert!(instead.contains(&json!("note_instead")), "{told}");

        is_refused(&house.admin.say(id, "by-http", "words").await.refused(409), code, "HTTP");
        let path = format!("/api/v1/conversations/{id}/messages");
        let later = json!({"content": "later", "client_id": "later", "send_at": soon(3_600_000)});
        is_refused(&house.admin.post(&path, &later).await.refused(409), code, "for later");
        let template = json!({"client_id": "t", "template": {"name": "hello", "language": "en"}});
        is_refused(&house.admin.post(&path, &template).await.refused(409), code, "a template");
        let socket = Socket::open(&house.admin).await;
        socket.say(id, "by-socket", "words");
        let error = socket.frame("error").await;
        assert_eq!(error["client_id"], "by-socket");
        is_refused(&error, code, "the socket");
        let retry = format!("/api/v1/messages/{}/retry", self.failed["id"]);
        is_refused(&house.admin.post(&retry, &json!({})).await.refused(409), code, "again");
        self.every_flow_refuses(code_of_flows, reason).await;

        assert_eq!(house.admin.messages(id).await.len(), written, "nothing is written");
        assert_eq!(house.platform.accepted().len(), sent, "the platform hears nothing");
        let metrics = Client::anonymous(&house.url()).get("/metrics").await.text;
        assert!(metrics.contains(&format!("rapport_gate_refused_total{{reason=\"{reason}\"}}")), "{metrics}");
        let note = json!({"content": "a note", "client_id": "note", "is_private": true});
        house.admin.post(&path, &note).await.expect(201);
    }

    async fn every_flow_refuses(&self, code: &str, reason: &str) {
        let (house, id) = (&self.house, self.conversation);
        let path = format!("/api/v1/flows/{}", self.by_hand["id"]);
        let by_hand = house.admin.post(&format!("{path}/runs"), &json!({"conversation_id": id})).await;
        let refused = by_hand.refused(409);
        assert_eq!((&refused["code"], &refused["reason"]), (&json!(code), &json!(reason)), "{refused}");
        let news = json!({"key": "news", "conversation_ids": [id]});
        let told = house.admin.post(&format!("{path}/broadcasts"), &news).await.expect(200);
        let failed = &told["failed"][0];
        assert_eq!((&failed["code"], &failed["reason"]), (&json!(code), &json!(reason)), "{told}");
        assert_eq!(house.admin.all(&format!("{path}/runs")).await.len(), 0, "nothing was begun");
        let call = json!({"channel_id": self.channel.id, "customer": {"external_id": ADA}});
        let called = Client::anonymous(&house.url()).post(&address(&self.by_hook), &call).await;
        assert!((404..=409).contains(&called.status), "{}", called.text);
    }
}

async fn nobody_who_is_blocked_is_written_to_by_any_path(database: Database) {
    let scene = scene(database).await;
    let Scene { house, conversation, .. } = &scene;
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let waits = json!({"content": "in a moment", "client_id": "waits", "send_at": soon(3_000)});
    house.admin.post(&path, &waits).await.expect(201);
    blocks(house, *conversation, true).await;
    scene.every_path_refuses("gate_refused", "customer_blocked", "customer_blocked").await;

    // What was to be sent later is looked at again when its moment comes.
    let failed = reaches(&house.admin, *conversation, "waits", "failed").await;
    assert_eq!(failed["error"]["code"], "customer_blocked", "{failed}");
    assert!(house.platform.accepted_with("in a moment").is_empty());

    blocks(house, *conversation, false).await;
    house.admin.say(*conversation, "by-http", "words").await.expect(201);
    house.platform.accepts("words").await;
    let retry = format!("/api/v1/messages/{}/retry", scene.failed["id"]);
    house.admin.post(&retry, &json!({})).await.expect(200);
    house.platform.accepts("refused once").await;
}

async fn nothing_is_written_over_a_channel_that_is_gone(database: Database) {
    let scene = scene(database).await;
    scene.house.admin.delete(&format!("/api/v1/channels/{}", scene.channel.id)).await.expect(204);
    scene.every_path_refuses("channel_gone", "channel_gone", "channel_gone").await;
}

async fn who_wants_no_offers_gets_none_and_everything_else(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = writes(&house, &channel, "wamid.1", "hello").await;
    let steps = json!([text("first"), {"kind": "wait_for_answer"}, text("an offer")]);
    let flow = make(&house.admin, json!({"kind": "manual"}), steps).await;
    let path = format!("/api/v1/flows/{}/broadcasts", flow["id"]);
    let ids = [conversation];
    let send = |key: &str, offer: bool| json!({"key": key, "conversation_ids": ids, "is_marketing": offer});
    let begun = house.admin.post(&path, &send("spring", true)).await.expect(200);
    assert_eq!(begun["started"], 1, "nobody noted anything: {begun}");
    run_becomes(&house.admin, &flow, "waiting_for_answer").await;

    // Between the start and the turn.
    wants_offers(&house, conversation, "withdrawn").await;
    writes(&house, &channel, "wamid.2", "yes please").await;
    let failed = run_becomes(&house.admin, &flow, "failed").await;
    assert_eq!(failed["error"]["code"], "opted_out", "{failed}");
    let refused = house.admin.post(&path, &send("summer", true)).await.expect(200);
    assert_eq!((&refused["started"], &refused["failed"][0]["reason"]), (&json!(0), &json!("opted_out")));
    assert_eq!(refused["failed"][0]["code"], "gate_refused");
    assert!(house.platform.accepted_with("an offer").is_empty());

    house.admin.say(conversation, "c-1", "your parcel is here").await.expect(201);
    house.platform.accepts("your parcel is here").await;
    let news = house.admin.post(&path, &send("closed on Monday", false)).await.expect(200);
    assert_eq!(news["started"], 1, "it is no offer: {news}");

    wants_offers(&house, conversation, "granted").await;
    let known = consents(&house, conversation).await;
    assert_eq!(
        (&known[0]["purpose"], &known[0]["state"], &known[0]["source"]),
        (&json!("marketing"), &json!("granted"), &json!("user"))
    );
    let again = house.admin.post(&path, &send("autumn", true)).await.expect(200);
    assert_eq!(again["started"], 1, "{again}");
    let customer = customer_of(&house, conversation).await;
    let path = format!("/api/v1/customers/{customer}/consents");
    let [yes, no] = ["granted", "withdrawn"].map(|state| json!({"purpose": "marketing", "state": state}));
    let twice = json!({"items": [yes, no]});
    assert_eq!(house.admin.put(&path, &twice).await.refused(422)["code"], "bad_consents");
    assert_eq!(house.admin.put(&path, &json!({"items": []})).await.expect(200)["items"], json!([]));
    house.admin.get("/api/v1/customers/999999/consents").await.refused(404);
    let trail = house.admin.all("/api/v1/audit?action=customer_consent_changed").await;
    assert_eq!(trail.len(), 3, "withdrawn, granted, forgotten: {trail:?}");
}

async fn only_the_word_itself_is_an_opt_out(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = writes(&house, &channel, "wamid.1", "stop, he is not coming").await;
    assert_eq!(consents(&house, conversation).await, json!([]));
    let word = channel.text(ADA, "wamid.2", " Stop! ");
    assert_eq!(outcome(post(&house.url(), &channel, &word).await), "stored");
    let known = consents(&house, conversation).await;
    assert_eq!((&known[0]["state"], &known[0]["source"]), (&json!("withdrawn"), &json!("customer")));
    assert_eq!(house.admin.messages(conversation).await.len(), 2, "it is a message like any other");

    // A colleague asked, and they want them after all: what is delivered again takes nothing back.
    wants_offers(&house, conversation, "granted").await;
    assert_eq!(outcome(post(&house.url(), &channel, &word).await), "duplicate");
    assert_eq!(consents(&house, conversation).await[0]["state"], "granted");
    let batch = [("wamid.3", "one"), ("wamid.4", "SAIR"), ("wamid.5", "two")];
    let batch = batch.map(|(id, words)| (id.to_owned(), words.to_owned()));
    results(post(&house.url(), &channel, &channel.batch(ADA, &batch)).await);
    assert_eq!(consents(&house, conversation).await[0]["state"], "withdrawn");
    let said = house.admin.messages(conversation).await;
    let said: Vec<_> = said.iter().map(|message| message["content"].as_str().unwrap_or("")).collect();
    assert_eq!(said[2..], ["one", "SAIR", "two"], "each once, in order");

    let page = house.channel("messenger").await;
    let elsewhere = writes_as("7700421", &house, &page, "m_1", "stop").await;
    assert_eq!(consents(&house, elsewhere).await, json!([]), "nobody makes offers there");
}

/// What WhatsApp tells when somebody stops or resumes offers in their app.
fn preference(channel: &Channel, value: &str, at: i64) -> Value {
    let mut body = channel.whatsapp(json!({
        "contacts": [{"profile": {"name": "Ada"}, "wa_id": ADA}],
        "user_preferences": [{"wa_id": ADA, "detail": format!("User requested to {value} marketing messages"),
            "category": "marketing_messages", "value": value, "timestamp": at}],
    }));
    body["entry"][0]["changes"][0]["field"] = "user_preferences".into();
    body
}

async fn what_a_customer_tells_their_platform_is_noted_once(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let stranger = preference(&channel, "stop", now());
    assert_eq!(outcome(post(&house.url(), &channel, &stranger).await), "ignored", "nobody knows them");
    let conversation = writes(&house, &channel, "wamid.1", "hello").await;
    let stop = preference(&channel, "stop", now() - 60);
    assert_eq!(outcome(post(&house.url(), &channel, &stop).await), "updated");
    assert_eq!(outcome(post(&house.url(), &channel, &stop).await), "duplicate");
    let known = consents(&house, conversation).await;
    assert_eq!((&known[0]["state"], &known[0]["source"]), (&json!("withdrawn"), &json!("platform")));
    assert_eq!(house.admin.messages(conversation).await.len(), 1, "it is no message");

    let resumed = preference(&channel, "resume", now() - 30);
    assert_eq!(outcome(post(&house.url(), &channel, &resumed).await), "updated");
    assert_eq!(
        outcome(post(&house.url(), &channel, &stop).await),
        "duplicate",
        "what is older changes nothing"
    );
    assert_eq!(consents(&house, conversation).await[0]["state"], "granted");
}

async fn what_only_the_platform_can_know_is_said_and_handed_over(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let mut late = channel.text(ADA, "wamid.1", "hello");
    let place = "/entry/0/changes/0/value/messages/0/timestamp";
    *late.pointer_mut(place).expect("a time") = json!((now() - 25 * 3_600).to_string());
    let conversation = number(&results(post(&house.url(), &channel, &late).await)[0]["conversation_id"]);
    let told = checks(&house, conversation, json!({})).await;
    assert_eq!((&told["decision"], &told["reason"]), (&json!("warn"), &json!("window_closed")), "{told}");
    assert_eq!(told["alternatives"], json!(["send_template", "note_instead"]));
    assert!(told["detail"].as_str().is_some_and(|words| !words.is_empty()), "{told}");
    let note = json!({"content": "a note", "is_private": true});
    assert_eq!(checks(&house, conversation, note).await["decision"], "allowed");
    house.admin.say(conversation, "c-1", "still there?").await.expect(201);
    house.platform.accepts("still there?").await;

    let open = writes(&house, &channel, "wamid.2", "yes").await;
    assert_eq!(open, conversation);
    let told = checks(&house, conversation, json!({"content": "good"})).await;
    assert_eq!((&told["decision"], &told["reason"]), (&json!("allowed"), &Value::Null), "{told}");
    assert!(told["until"].is_string(), "the end of the window: {told}");
    let later = json!({"content": "good", "send_at": soon(48 * 3_600_000)});
    assert_eq!(
        checks(&house, conversation, later).await["reason"],
        "window_closed",
        "it will be over by then"
    );
    let long = json!({"content": "x".repeat(5_000)});
    let told = checks(&house, conversation, long).await;
    assert_eq!((&told["decision"], &told["reason"]), (&json!("refuse"), &json!("too_long")), "{told}");
    let again = json!({"content": "still there?", "client_id": "c-1"});
    let told = checks(&house, conversation, again).await;
    assert_eq!(
        (&told["decision"], &told["reason"]),
        (&json!("allowed"), &json!("already_written")),
        "{told}"
    );
    let other = json!({"content": "other words", "client_id": "c-1"});
    assert_eq!(checks(&house, conversation, other).await["reason"], "client_id_taken");
    let path = "/api/v1/conversations/999999/messages/check";
    house.admin.post(path, &json!({})).await.refused(404);
}

async fn what_is_written_while_a_channel_is_off_goes_out_when_it_is_on(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("telegram").await;
    let conversation = writes(&house, &channel, "1", "hello").await;
    let path = format!("/api/v1/channels/{}", channel.id);
    house.admin.patch(&path, &json!({"state": "off"})).await.expect(200);
    let told = checks(&house, conversation, json!({"content": "later"})).await;
    assert_eq!((&told["decision"], &told["reason"]), (&json!("warn"), &json!("channel_off")), "{told}");
    assert_eq!(told["alternatives"], json!(["reconnect_channel", "note_instead"]));
    house.admin.say(conversation, "c-1", "later").await.expect(201);
    // Another channel shows that the worker has looked.
    let other = house.channel("whatsapp").await;
    let elsewhere = writes(&house, &other, "wamid.1", "hello").await;
    house.admin.say(elsewhere, "c-2", "at once").await.expect(201);
    house.platform.accepts("at once").await;
    assert!(house.platform.accepted_with("later").is_empty(), "it waits");
    house.admin.patch(&path, &json!({"state": "active"})).await.expect(200);
    house.platform.accepts("later").await;
    assert_eq!(checks(&house, conversation, json!({})).await["decision"], "allowed");
}

async fn what_a_model_proposes_goes_through_the_gate_too(database: Database) {
    let (house, _model, channel) = open(database, "draft").await;
    let conversation = writes(&house, &channel, "wamid.1", "how much?").await;
    let path = format!("/api/v1/conversations/{conversation}");
    let draft = eventually("a draft", async || {
        let draft = house.admin.get(&path).await.expect(200)["ai_draft"].clone();
        (!draft.is_null()).then_some(draft)
    })
    .await;
    blocks(&house, conversation, true).await;
    let send = format!("/api/v1/ai-drafts/{}/send", draft["id"]);
    let refused = house.admin.post(&send, &json!({})).await.refused(409);
    assert_eq!(
        (&refused["code"], &refused["reason"]),
        (&json!("gate_refused"), &json!("customer_blocked")),
        "{refused}"
    );
    assert!(answers(&house, conversation).await.is_empty());
    assert!(house.platform.accepted().is_empty());
    blocks(&house, conversation, false).await;
    house.admin.post(&send, &json!({})).await.expect(201);
    house.platform.accepts("answer 1").await;
}

async fn of_two_who_become_one_neither_gets_what_one_does_not_want(database: Database) {
    let house = House::open(database).await;
    let (one, other) = (house.channel("whatsapp").await, house.channel("messenger").await);
    let kept = writes(&house, &one, "wamid.1", "hello").await;
    let gone = writes_as("7700421", &house, &other, "m_1", "hello").await;
    wants_offers(&house, kept, "granted").await;
    wants_offers(&house, gone, "withdrawn").await;
    let path = format!("/api/v1/customers/{}", customer_of(&house, kept).await);
    let merge = json!({"customer_id": customer_of(&house, gone).await});
    let merged = house.admin.post(&format!("{path}/merge"), &merge).await.expect(200);
    assert_eq!(consents(&house, kept).await[0]["state"], "withdrawn");
    let undo = format!("{path}/merges/{}/undo", merged["merges"][0]["id"]);
    house.admin.post(&undo, &json!({})).await.expect(200);
    assert_eq!(consents(&house, kept).await[0]["state"], "granted");
    assert_eq!(consents(&house, gone).await[0]["state"], "withdrawn");
    house.admin.delete(&format!("/api/v1/customers/{}", customer_of(&house, gone).await)).await.expect(200);
    assert_eq!(consents(&house, kept).await[0]["state"], "granted", "the other one's stay");
}
