//! Approved messages: our copy of them and who may use which, what becomes of one that its platform stops, what
//! leaves when one is sent, and how admins have new ones approved.

use super::files::upload;
use super::flows::{make, run_becomes};
use super::sending::reaches;
use crate::support::channel::{Channel, outcome};
use crate::support::client::{Answer, Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::socket::Socket;
use crate::support::webhooks::{now, post};
use serde_json::{Value, json};

const CUSTOMER: &str = "15557700421";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

on_both_databases!(
    templates_are_copied_page_by_page_and_found_by_their_words,
    an_admin_hides_names_and_grants_them,
    a_paused_template_is_told_at_once_and_refused_by_name,
    a_step_with_a_paused_template_fails_by_its_name,
    who_wants_no_offers_gets_no_template_that_is_one,
    a_header_file_is_brought_once_and_what_leaves_is_the_documented_request,
    what_no_platform_could_send_is_refused_before_anything_is_written,
    a_template_is_made_approved_changed_and_deleted,
);

fn texts(all: &[&str]) -> Vec<Value> {
    all.iter().map(|text| json!({"type": "text", "text": text})).collect()
}

fn template(id: &str, name: &str, language: &str, components: Value) -> Value {
    let mut made = json!({"id": id, "name": name, "language": language, "status": "APPROVED",
        "category": "UTILITY", "parameter_format": "POSITIONAL"});
    made["components"] = components;
    made
}

fn body(text: &str) -> Value {
    json!([{"type": "BODY", "text": text}])
}

/// What the account of these stories has.
fn known() -> Value {
    let named = json!({"id": "4", "name": "greeting", "language": "en", "status": "APPROVED",
        "category": "MARKETING", "parameter_format": "NAMED", "components": [
        {"type": "HEADER", "format": "TEXT", "text": "For {{first_name}}"},
        {"type": "BODY", "text": "Hello {{first_name}}, {{offer}} is here."},
        {"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "Open", "url": "https://shop.example/{{1}}"},
            {"type": "QUICK_REPLY", "text": "Stop"}]}]});
    let picture = json!([{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "New: {{1}}."},
        {"type": "FOOTER", "text": "The Bakery"}]);
    json!([
        template("1", "booking", "en", body("Hi {{1}}, see you at {{2}}.")),
        template("2", "booking", "pt_BR", body("Oi {{1}}, até {{2}}.")),
        template("3", "closed_today", "en", body("We are closed today.")),
        named,
        template("5", "new_bread", "en", picture),
    ])
}

/// A house with a WhatsApp number, a conversation, and these templates copied.
async fn begun(database: Database) -> (House, Channel, i64) {
    let house = House::open(database).await;
    house.platform.has_templates(known(), 2);
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    sync(&house, &channel).await;
    (house, channel, conversation)
}

fn path(channel: &Channel) -> String {
    format!("/api/v1/channels/{}/templates", channel.id)
}

async fn sync(house: &House, channel: &Channel) {
    let synced = house.admin.post(&format!("{}/sync", path(channel)), &json!({})).await.expect(200);
    assert!(synced["synced_at"].is_string(), "{synced}");
}

async fn named(client: &Client, channel: &Channel, query: &str) -> Vec<String> {
    let listed = client.get(&format!("{}?{query}", path(channel))).await.expect(200);
    let items = listed["items"].as_array().expect("items").clone();
    items.iter().map(|one| format!("{} {}", one["name"], one["language"]).replace('"', "")).collect()
}

async fn one(client: &Client, channel: &Channel, name: &str) -> Value {
    let all = client.all(&path(channel)).await;
    all.into_iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name} is not listed"))
}

async fn send(house: &House, conversation: i64, client_id: &str, template: Value) -> Answer {
    let body = json!({"client_id": client_id, "template": template});
    house.admin.post(&format!("/api/v1/conversations/{conversation}/messages"), &body).await
}

/// News of a template, as the business account hears it.
fn news(field: &str, name: &str, seconds: i64, more: &Value) -> Value {
    let mut value = json!({"message_template_id": 1, "message_template_name": name,
        "message_template_language": "en"});
    for (key, part) in more.as_object().expect("an object") {
        value[key] = part.clone();
    }
    json!({"object": "whatsapp_business_account", "entry": [{"id": "290417755120884", "time": seconds,
        "changes": [{"field": field, "value": value}]}]})
}

async fn status(house: &House, channel: &Channel, name: &str, event: &str, seconds: i64) -> String {
    let more = json!({"event": event, "reason": "LOW_QUALITY"});
    let told = news("message_template_status_update", name, seconds, &more);
    outcome(post(&house.url(), channel, &told).await)
}

async fn templates_are_copied_page_by_page_and_found_by_their_words(database: Database) {
    let (house, channel, _) = begun(database).await;
    let everything = ["booking en", "booking pt_BR", "closed_today en", "greeting en", "new_bread en"];
    assert_eq!(named(&house.admin, &channel, "").await, everything, "all three pages were read");
    assert_eq!(named(&house.admin, &channel, "q=closed").await, ["closed_today en"]);
    assert_eq!(named(&house.admin, &channel, "q=SEE+you").await, ["booking en"], "by its text");
    assert_eq!(named(&house.admin, &channel, "language=pt_BR").await, ["booking pt_BR"]);
    assert_eq!(named(&house.admin, &channel, "q=%25").await, Vec::<String>::new(), "a sign is only a sign");
    let first = house.admin.get(&format!("{}?limit=2", path(&channel))).await.expect(200);
    let cursor = first["next_cursor"].as_str().expect("there is more");
    let second = named(&house.admin, &channel, &format!("limit=2&cursor={cursor}")).await;
    assert_eq!(second, ["closed_today en", "greeting en"]);
    let greeting = one(&house.admin, &channel, "greeting").await;
    assert_eq!(greeting["parameters"], json!(["first_name", "offer"]), "{greeting}");
    assert_eq!((&greeting["is_named"], &greeting["can_be_sent"]), (&json!(true), &json!(true)));
    assert_eq!(greeting["content"]["buttons"][0]["kind"], "url");
    // What is gone there is gone here; what is new there comes.
    let rest = json!([template("1", "booking", "en", body("Hi {{1}}!"))]);
    house.platform.has_templates(rest, 2);
    sync(&house, &channel).await;
    assert_eq!(named(&house.admin, &channel, "").await, ["booking en"]);
    assert_eq!(one(&house.admin, &channel, "booking").await["body"], "Hi {{1}}!");
}

async fn an_admin_hides_names_and_grants_them(database: Database) {
    let (house, channel, conversation) = begun(database).await;
    let (id, agent) = house.admin.adds("ana", "Ana Reis", "agent").await;
    let change = async |name: &str, change: Value| {
        let template = one(&house.admin, &channel, name).await;
        let at = format!("{}/{}", path(&channel), template["id"]);
        house.admin.patch(&at, &change).await.expect(200)
    };
    let hidden = change("closed_today", json!({"is_hidden": true})).await;
    assert_eq!(hidden["is_hidden"], true);
    let titled = change("booking", json!({"title": "Your table"})).await;
    assert_eq!(titled["title"], "Your table");
    change("greeting", json!({"access": "admins"})).await;
    change("new_bread", json!({"access": "users", "user_ids": [id]})).await;
    assert!(!named(&agent, &channel, "hidden=true").await.contains(&"closed_today en".to_owned()));
    assert!(named(&house.admin, &channel, "hidden=true").await.contains(&"closed_today en".to_owned()));
    assert_eq!(named(&agent, &channel, "").await, ["booking en", "booking pt_BR", "new_bread en"]);
    assert_eq!(named(&agent, &channel, "q=table").await, ["booking en"], "by its title");
    let not_theirs = json!({"client_id": "g-1", "template": {"name": "greeting", "language": "en",
        "components": {"header": {"text": ["Mira"]}, "body": ["Mira", "bread"]}}});
    let at = format!("/api/v1/conversations/{conversation}/messages");
    assert_eq!(agent.post(&at, &not_theirs).await.refused(403)["code"], "template_not_granted");
    // What we say of one stays when it is copied anew.
    sync(&house, &channel).await;
    assert_eq!(one(&house.admin, &channel, "booking").await["title"], "Your table");
    let nobody = format!("{}/{}", path(&channel), titled["id"]);
    agent.patch(&nobody, &json!({"title": "Mine"})).await.refused(403);
    house.admin.patch(&nobody, &json!({"user_ids": [999_999]})).await.refused(422);
}

async fn a_paused_template_is_told_at_once_and_refused_by_name(database: Database) {
    let (house, channel, conversation) = begun(database).await;
    let session = Socket::open(&house.admin).await;
    session.watch("all").await;
    let paused = now();
    assert_eq!(status(&house, &channel, "booking", "PAUSED", paused).await, "updated");
    session.frame("templates_updated").await;
    let booking = one(&house.admin, &channel, "booking").await;
    assert_eq!((&booking["status"], &booking["can_be_sent"]), (&json!("PAUSED"), &json!(false)));
    assert_eq!(booking["reason"], "LOW_QUALITY");
    let filled = json!({"name": "booking", "language": "en", "parameters": ["Mira", "19:30"]});
    let refused = send(&house, conversation, "p-1", filled.clone()).await.refused(409);
    assert_eq!((&refused["code"], &refused["reason"]), (&json!("gate_refused"), &json!("template_paused")));
    assert!(refused["detail"].to_string().contains("booking"), "{refused}");
    assert!(house.admin.messages(conversation).await.is_empty(), "nothing was written");
    // What happened before it and comes late changes nothing.
    assert_eq!(status(&house, &channel, "booking", "APPROVED", paused - 60).await, "ignored");
    assert_eq!(one(&house.admin, &channel, "booking").await["status"], "PAUSED");
    assert_eq!(status(&house, &channel, "booking", "REINSTATED", paused + 1).await, "updated");
    send(&house, conversation, "p-2", filled).await.expect(201);
    reaches(&house.admin, conversation, "p-2", "sent").await;
    let told =
        news("message_template_quality_update", "booking", paused, &json!({"new_quality_score": "RED"}));
    assert_eq!(outcome(post(&house.url(), &channel, &told).await), "updated");
    let told = news("template_category_update", "booking", paused, &json!({"new_category": "MARKETING"}));
    assert_eq!(outcome(post(&house.url(), &channel, &told).await), "updated");
    let booking = one(&house.admin, &channel, "booking").await;
    assert_eq!((&booking["quality"], &booking["category"]), (&json!("RED"), &json!("MARKETING")));
}

async fn a_step_with_a_paused_template_fails_by_its_name(database: Database) {
    let (house, channel, conversation) = begun(database).await;
    let values = json!(["{{customer.first_name|you}}", "{{time}}"]);
    let step = json!({"kind": "template", "template": {"name": "booking", "language": "en",
        "components": {"body": values}}});
    let flow = make(&house.admin, json!({"kind": "manual"}), json!([step])).await;
    let start = async || {
        let at = format!("/api/v1/flows/{}/runs", flow["id"]);
        let body = json!({"conversation_id": conversation, "variables": {"time": "19:30"}});
        house.admin.post(&at, &body).await.expect(201);
    };
    start().await;
    run_becomes(&house.admin, &flow, "done").await;
    let said = house.admin.messages(conversation).await.remove(0);
    assert_eq!(said["content"], "Hi you, see you at 19:30.", "{said}");
    assert_eq!(status(&house, &channel, "booking", "PAUSED", now()).await, "updated");
    start().await;
    let failed = run_becomes(&house.admin, &flow, "failed").await;
    let error = failed["error"].to_string();
    assert!(error.contains("booking") && error.contains("paused"), "{failed}");
    assert_eq!(house.admin.messages(conversation).await.len(), 1, "nothing more was said");
}

async fn who_wants_no_offers_gets_no_template_that_is_one(database: Database) {
    let (house, _, conversation) = begun(database).await;
    let at = format!("/api/v1/conversations/{conversation}");
    let customer = house.admin.get(&at).await.expect(200)["customer"]["id"].clone();
    let consents = format!("/api/v1/customers/{customer}/consents");
    let wants = |state: &str| json!({"items": [{"purpose": "marketing", "state": state}]});
    let offer = json!({"name": "greeting", "language": "en", "components": {
        "header": {"text": {"first_name": "Mira"}}, "body": {"first_name": "Mira", "offer": "rye"},
        "buttons": [{"index": 0, "kind": "url", "value": "rye"},
            {"index": 1, "kind": "quick_reply", "value": "stop"}]}});
    let check = json!({"template": offer});
    let told = house.admin.post(&format!("{at}/messages/check"), &check).await.expect(200);
    assert_eq!((&told["decision"], &told["reason"]), (&json!("warn"), &json!("no_consent")), "{told}");

    house.admin.put(&consents, &wants("withdrawn")).await.expect(200);
    let told = house.admin.post(&format!("{at}/messages/check"), &check).await.expect(200);
    assert_eq!((&told["decision"], &told["reason"]), (&json!("refuse"), &json!("opted_out")), "{told}");
    let refused = send(&house, conversation, "o-1", offer.clone()).await.refused(409);
    assert_eq!((&refused["code"], &refused["reason"]), (&json!("gate_refused"), &json!("opted_out")));
    assert_eq!(refused["alternatives"], json!(["ask_consent"]));
    assert!(house.admin.messages(conversation).await.is_empty(), "nothing was written");
    let news = json!({"name": "closed_today", "language": "en"});
    send(&house, conversation, "o-2", news).await.expect(201);
    reaches(&house.admin, conversation, "o-2", "sent").await;

    house.admin.put(&consents, &wants("granted")).await.expect(200);
    send(&house, conversation, "o-3", offer).await.expect(201);
    reaches(&house.admin, conversation, "o-3", "sent").await;
}

async fn picture(house: &House) -> i64 {
    let kept = upload(&house.admin, "bread.png", "image/png", PNG).await;
    number(&kept.expect(201)["id"])
}

async fn a_header_file_is_brought_once_and_what_leaves_is_the_documented_request(database: Database) {
    let (house, _, conversation) = begun(database).await;
    let id = picture(&house).await;
    let shown = |bread: &str| json!({"name": "new_bread", "language": "en", "components": {"header": {"image": id}, "body": [bread]}});
    let sent = send(&house, conversation, "b-1", shown("rye")).await.expect(201);
    assert_eq!((&sent["content"], &sent["message_type"]), (&json!("New: rye."), &json!("image")));
    assert_eq!(sent["details"]["rendered"]["footer"], "The Bakery", "{sent}");
    assert_eq!(sent["attachments"].as_array().map(Vec::len), Some(1), "its picture is seen in the thread");
    reaches(&house.admin, conversation, "b-1", "sent").await;
    send(&house, conversation, "b-2", shown("spelt")).await.expect(201);
    reaches(&house.admin, conversation, "b-2", "sent").await;
    let uploads = house.platform.asked().into_iter().filter(|one| one.path.ends_with("/media")).count();
    assert_eq!(uploads, 1, "one file, one channel: brought once");
    let greeting = json!({"name": "greeting", "language": "en", "components": {
        "header": {"text": {"first_name": "Mira"}}, "body": {"first_name": "Mira", "offer": "rye"},
        "buttons": [{"index": 0, "kind": "url", "value": "rye"},
            {"index": 1, "kind": "quick_reply", "value": "stop"}]}});
    send(&house, conversation, "b-3", greeting).await.expect(201);
    reaches(&house.admin, conversation, "b-3", "sent").await;
    let left: Vec<Value> =
        house.platform.accepted().into_iter().map(|one| one.body["template"].clone()).collect();
    let image = json!({"type": "header", "parameters": [{"type": "image", "image": {"id": "an-upload"}}]});
    let with = |bread: &str| {
        json!({"name": "new_bread", "language": {"code": "en"}, "components": [image,
            {"type": "body", "parameters": texts(&[bread])}]})
    };
    let parameter = |name: &str, text: &str| json!({"type": "text", "parameter_name": name, "text": text});
    let by_name = json!({"name": "greeting", "language": {"code": "en"}, "components": [
        {"type": "header", "parameters": [parameter("first_name", "Mira")]},
        {"type": "body", "parameters": [parameter("first_name", "Mira"), parameter("offer", "rye")]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": texts(&["rye"])},
        {"type": "button", "sub_type": "quick_reply", "index": "1",
            "parameters": [{"type": "payload", "payload": "stop"}]}]});
    let expected = [with("rye"), with("spelt"), by_name];
    let bytes = |all: &[Value]| all.iter().map(Value::to_string).collect::<Vec<_>>();
    assert_eq!(bytes(&left), bytes(&expected), "byte by byte");
}

async fn what_no_platform_could_send_is_refused_before_anything_is_written(database: Database) {
    let (house, _, conversation) = begun(database).await;
    let id = picture(&house).await;
    let cases = [
        (json!({"name": "booking", "language": "en", "parameters": ["Mira"]}), "“2”"),
        (json!({"name": "booking", "language": "en", "parameters": ["a", "b", "c"]}), "“3”"),
        (json!({"name": "new_bread", "language": "en", "parameters": ["rye"]}), "image"),
        (
            json!({"name": "closed_today", "language": "en", "components": {"header": {"image": id}}}),
            "header",
        ),
        (
            json!({"name": "greeting", "language": "en",
            "components": {"header": {"text": ["Mira"]}, "body": ["Mira", "rye"]}}),
            "button 1",
        ),
        (json!({"name": "", "language": "en"}), "name"),
    ];
    for (number, (template, expected)) in cases.into_iter().enumerate() {
        let refused = send(&house, conversation, &format!("n-{number}"), template).await.refused(422);
        assert_eq!(refused["code"], "bad_template", "{refused}");
        assert!(refused["detail"].to_string().contains(expected), "{expected}: {refused}");
    }
    assert!(house.admin.messages(conversation).await.is_empty(), "nothing was written");
    // What we have no copy of is the platform's to judge.
    let unknown = json!({"name": "nobody_knows", "language": "en"});
    send(&house, conversation, "n-x", unknown).await.expect(201);
    let failed = reaches(&house.admin, conversation, "n-x", "failed").await;
    assert_eq!(failed["error"]["code"], "132001", "{failed}");
}

async fn a_template_is_made_approved_changed_and_deleted(database: Database) {
    let (house, channel, conversation) = begun(database).await;
    let new = json!({"name": "order_ready", "language": "en", "category": "UTILITY", "content": {
        "body": {"text": "Hi {{1}}, it is ready.", "examples": {"1": "Mira"}}}});
    let mut bad = new.clone();
    bad["content"]["body"]["text"] = "{{1}}, it is ready.".into();
    let refused = house.admin.post(&path(&channel), &bad).await.refused(422);
    assert_eq!(refused["code"], "bad_template_content");
    assert!(refused["detail"].to_string().contains("body"), "{refused}");
    let made = house.admin.post(&path(&channel), &new).await.expect(201);
    assert_eq!((&made["status"], &made["can_be_sent"]), (&json!("PENDING"), &json!(false)));
    house.admin.post(&path(&channel), &new).await.refused(409);
    let asked = house.platform.asked();
    let posted =
        asked.iter().rev().find(|one| one.method == "POST" && one.path.ends_with("/message_templates"));
    let posted = posted.expect("the platform was asked").json();
    assert_eq!(posted["components"][0]["example"], json!({"body_text": [["Mira"]]}), "{posted}");
    assert_eq!(status(&house, &channel, "order_ready", "APPROVED", now() + 1).await, "updated");
    let filled = json!({"name": "order_ready", "language": "en", "parameters": ["Mira"]});
    let sent = send(&house, conversation, "m-1", filled).await.expect(201);
    assert_eq!(sent["content"], "Hi Mira, it is ready.");
    let at = format!("{}/{}", path(&channel), made["id"]);
    let words = json!({"content": {"body": {"text": "Hi {{1}}, come by.", "examples": {"1": "Mira"}}}});
    let changed = house.admin.patch(&at, &words).await.expect(200);
    assert_eq!((&changed["body"], &changed["status"]), (&json!("Hi {{1}}, come by."), &json!("PENDING")));
    house.admin.delete(&at).await.expect(204);
    assert!(!named(&house.admin, &channel, "").await.contains(&"order_ready en".to_owned()));
    house.admin.delete(&at).await.refused(404);
    let traces = house.admin.get("/api/v1/audit?limit=10").await.expect(200);
    let items = traces["items"].as_array().expect("items").clone();
    let actions: Vec<&str> = items.iter().filter_map(|one| one["action"].as_str()).collect();
    for action in ["template_created", "template_edited", "template_deleted"] {
        assert!(actions.contains(&action), "{action} left no trace: {actions:?}");
    }
}
