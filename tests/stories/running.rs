//! Starting, stopping, being watched: what an operator relies on (contract 1).

use crate::support::channel::results;
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::platform::Platform;
use crate::support::server::{Server, Settings};
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use serde_json::json;
use std::time::{Duration, Instant};

on_both_databases!(
    asked_to_stop_it_closes_sessions_with_1012_and_exits_0,
    asked_to_stop_during_a_send_it_still_ends,
    a_restart_keeps_everything,
    after_a_clean_stop_the_database_file_alone_is_whole,
    health_and_metrics_answer_without_signing_in,
    the_first_admin_is_made_once,
);

async fn asked_to_stop_it_closes_sessions_with_1012_and_exits_0(database: Database) {
    let mut house = House::open(database).await;
    let conversation = house.channel("whatsapp").await.conversation(&house.admin, "15557700421").await;
    let sessions = [Socket::open(&house.admin).await, Socket::open(&house.admin).await];
    sessions[0].subscribe(conversation, Some(0)).await;
    let asked = Instant::now();
    house.server.asked_to_stop();
    for session in &sessions {
        assert_eq!(session.closes().await, 1012);
    }
    let status = house.server.ends().await;
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(asked.elapsed() < Duration::from_secs(10), "the contract's ten seconds: {:?}", asked.elapsed());
}

async fn asked_to_stop_during_a_send_it_still_ends(database: Database) {
    let mut house = House::open(database).await;
    let channel = house.channel("messenger").await;
    let conversation = channel.conversation(&house.admin, "15557700421").await;
    let never = std::sync::Arc::new(tokio::sync::Notify::new());
    house.platform.meets("held", crate::support::platform::Manner::AcceptAndHold(never), 1);
    house.admin.say(conversation, "c", "held").await.expect(201);
    house.platform.accepts("held").await;
    let asked = Instant::now();
    house.server.asked_to_stop();
    assert_eq!(house.server.ends().await.code(), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(10), "the contract's ten seconds: {:?}", asked.elapsed());
    house.server.starts_again().await;
    super::sending::reaches(&house.admin, conversation, "c", "unconfirmed").await;
    assert_eq!(house.platform.accepted_with("held").len(), 1, "never sent twice");
}

async fn after_a_clean_stop_the_database_file_alone_is_whole(database: Database) {
    let mut house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, "15557700421").await;
    for number in 0..16 {
        house.admin.say(conversation, &format!("c{number}"), &format!("word {number}")).await.expect(201);
    }
    house.server.asked_to_stop();
    assert_eq!(house.server.ends().await.code(), Some(0));
    let Some(copy) = house.database.file_alone() else { return };
    let server = Server::start(crate::support::house::settings(&copy, &house.platform)).await;
    let admin = Client::admin(&server.url()).await;
    let path = format!("/api/v1/conversations/{conversation}/messages?limit=100");
    let shown = admin.get(&path).await.expect(200).to_string();
    for number in 0..16 {
        assert!(shown.contains(&format!("\"word {number}\"")), "word {number} is missing: {shown}");
    }
}

async fn a_restart_keeps_everything(database: Database) {
    let mut house = House::open(database).await;
    let channel = house.channel("telegram").await;
    let by_cookie = Client::anonymous(&house.url())
        .signed_in(crate::support::server::ADMIN, crate::support::server::PASSWORD)
        .await;
    let result =
        results(post(&house.url(), &channel, &channel.text("15557700421", "1", "hello")).await).remove(0);
    let conversation = number(&result["conversation_id"]);
    let before = house.admin.messages(conversation).await;
    house.server.asked_to_stop();
    house.server.ends().await;
    house.server.starts_again().await;
    assert_eq!(house.admin.messages(conversation).await, before, "and the token still counts");
    by_cookie.get("/api/v1/me").await.expect(200);
    let again =
        results(post(&house.url(), &channel, &channel.text("15557700421", "1", "hello")).await).remove(0);
    assert_eq!((&again["outcome"], &again["message_id"]), (&json!("duplicate"), &result["message_id"]));
}

async fn health_and_metrics_answer_without_signing_in(database: Database) {
    let house = House::open(database).await;
    let anybody = Client::anonymous(&house.url());
    for path in ["/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs"] {
        assert_eq!(anybody.get(path).await.status, 200, "{path}");
    }
    let metrics = anybody.get("/metrics").await;
    assert!(metrics.header("content-type").starts_with("text/plain"), "{}", metrics.header("content-type"));
    assert!(metrics.text.lines().any(|line| line.starts_with("# TYPE ")), "{}", metrics.text);
    let described = anybody.get("/openapi.json").await.expect(200);
    for path in [
        "/api/v1/login",
        "/api/v1/conversations",
        "/api/v1/conversations/{id}/messages",
        "/api/v1/direct-messages",
    ] {
        assert!(described["paths"].get(path).is_some(), "{path} is described");
    }
    let paths = described["paths"].as_object().expect("paths");
    for prefix in ["/webhooks/", "/ws", "/health/ready"] {
        assert!(
            paths.keys().any(|path| path.starts_with(prefix)),
            "all of it is described, {prefix} as well"
        );
    }
}

async fn the_first_admin_is_made_once(database: Database) {
    let mut house = House::open(database).await;
    house.server.kill().await;
    house.server.starts_again().await;
    let users = house.admin.all("/api/v1/users").await;
    assert_eq!(users.len(), 1, "{users:?}");
    assert_eq!((&users[0]["username"], &users[0]["role"]), (&json!("olga"), &json!("admin")));
    assert!(!house.server.log().contains(crate::support::server::PASSWORD), "a password in the log");
}

#[tokio::test]
async fn a_wrong_setting_ends_the_start_with_one_clear_line() {
    let database = Database::sqlite();
    let good = Settings::new(&database);
    for (name, flag, value) in [
        ("DATABASE_URL", "--database-url", "mysql://nowhere/x"),
        ("RAPPORT_SECRET_KEY", "--secret-key", "too short"),
        ("RAPPORT_PUBLIC_URL", "--public-url", "not a url"),
        ("RAPPORT_DELIVERY", "--delivery", "perhaps"),
        ("RAPPORT_PLATFORM_TIMEOUT", "--platform-timeout", "soon"),
    ] {
        let (status, said) = Server::refused(good.clone().with(name, value)).await;
        assert!(!status.success(), "{name}={value}: {said}");
        assert!(said.contains(name) || said.contains(flag), "{name}: the line names the setting: {said}");
        assert_eq!(said.trim().lines().count(), 1, "{name}: one clear line: {said}");
        assert!(!said.contains("panicked"), "{said}");
        assert!(!said.contains("too short"), "a key is no text for a log: {said}");
    }
}

#[tokio::test]
async fn postgres_demands_a_secret_key() {
    let Some(database) = Database::postgres().await else { return };
    let (status, said) = Server::refused(Settings::new(&database).without("RAPPORT_SECRET_KEY")).await;
    assert!(!status.success() && said.contains("RAPPORT_SECRET_KEY"), "{said}");
}

#[tokio::test]
async fn an_empty_database_prints_a_one_time_link_for_the_first_admin() {
    let database = Database::sqlite();
    let platform = Platform::start().await;
    let settings = crate::support::house::settings(&database, &platform);
    let server = Server::start(
        settings
            .without("RAPPORT_ADMIN_USERNAME")
            .without("RAPPORT_ADMIN_PASSWORD")
            .without("RAPPORT_SECRET_KEY"),
    )
    .await;
    let log = server.log();
    let token = log
        .split("/setup#")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or_else(|| panic!("no link: {log}"))
        .to_owned();
    let anybody = Client::anonymous(&server.url());
    let body = |token: &str| json!({"token": token, "username": "first", "full_name": "First Admin", "password": "a long enough one"});
    let wrong = anybody.post("/api/v1/setup", &body("wrong")).await;
    assert!((400..500).contains(&wrong.status), "{}", wrong.text);
    anybody.post("/api/v1/setup", &body(&token)).await.expect(201);
    let again = anybody.post("/api/v1/setup", &body(&token)).await;
    assert!((400..500).contains(&again.status), "one time: {}", again.text);
    let me = anybody.signed_in("first", "a long enough one").await.get("/api/v1/me").await.expect(200);
    assert_eq!(me["role"], "admin");
}
