//! Starting, stopping, being watched: what an operator relies on (contract 1).

use crate::support::channel::results;
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::eventually;
use crate::support::hearer::Hearer;
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
    what_was_open_at_a_kill_waits_for_no_lease,
    a_start_says_what_began_and_what_is_odd,
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

/// A call to a program that was open at a kill is made again at once: nobody else can hold it. More of them
/// than one claim takes.
async fn what_was_open_at_a_kill_waits_for_no_lease(database: Database) {
    let mut house =
        House::open_with(database, |settings| settings.with("RAPPORT_HOOKS_ALLOW_PRIVATE", "true")).await;
    let channel = house.channel("whatsapp").await;
    let hearer = Hearer::start().await;
    let hook = json!({"name": "The shop", "url": hearer.url(), "events": ["message_created"]});
    house.admin.post("/api/v1/hooks", &hook).await.expect(201);
    hearer.is_mute(true);
    let words: Vec<String> = (0..24).map(|number| format!("word {number}")).collect();
    for word in &words {
        post(&house.url(), &channel, &channel.text("15557700421", word, word)).await.expect(200);
    }
    hearer.hears("calls are open", 16, |_| true).await;
    house.server.kill().await;
    let before = hearer.calls().len();
    hearer.is_mute(false);
    house.server.starts_again().await;
    let begun = Instant::now();
    eventually("every event is handed over", async || {
        let heard: Vec<_> = hearer.heard(|_| true).split_off(before);
        let is_heard = |word: &String| heard.iter().any(|body| body["data"]["message"]["content"] == **word);
        words.iter().all(is_heard).then_some(())
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(20), "no lease was waited for: {:?}", begun.elapsed());
}

async fn a_start_says_what_began_and_what_is_odd(database: Database) {
    let odd = |settings: Settings| {
        // What compose's `${X:-}` makes of a setting that nobody set.
        let empty = [
            "RAPPORT_DELIVERY",
            "RAPPORT_PLATFORM_TIMEOUT",
            "RAPPORT_HOOKS_ALLOW_PRIVATE",
            "RAPPORT_AI_TIMEOUT",
        ];
        let settings = empty.into_iter().fold(settings, |settings, name| settings.with(name, ""));
        settings.with("RAPPORT_PUBLICURL", "https://chat.example.org").with("RUST_LOG", "loud")
    };
    let mut house = House::open_with(database.without_tables().await, odd).await;
    let port: u16 = house.url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    // A port scanner's greeting is no fault of ours.
    let garbage = async {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(b"\x16\x03\x01\x02\x00 \xff\xff nonsense\r\n\r\n").await?;
        stream.read_to_end(&mut Vec::new()).await
    };
    drop(garbage.await);
    let (status, said) = house.server.command(&["health"], "", &[]).await;
    assert!(status.success() && said.contains("ready"), "{said}");
    let log = house.server.log();
    for said in [
        "RUST_LOG cannot be read: \"loud\"",
        "RAPPORT_PUBLICURL is no setting and changes nothing; did you mean RAPPORT_PUBLIC_URL?",
        "migrations applied: ",
        concat!("Rapport ", env!("CARGO_PKG_VERSION"), " began: "),
        "0 channels",
    ] {
        assert!(log.contains(said), "{said} is not in the log:\n{log}");
    }
    assert!(!log.contains("ERROR"), "{log}");
    house.server.asked_to_stop();
    house.server.ends().await;
    let (status, said) = house.server.command(&["health"], "", &[]).await;
    assert!(!status.success() && said.contains("does not answer"), "{said}");
}

#[tokio::test]
async fn a_media_folder_that_takes_no_file_is_not_ready() {
    let database = Database::sqlite();
    let folder = tempfile::tempdir().expect("a folder");
    let media = folder.path().join("media");
    let server =
        Server::start(Settings::new(&database).with("RAPPORT_MEDIA_DIR", &media.display().to_string())).await;
    let anybody = Client::anonymous(&server.url());
    let ready = anybody.get("/health/ready").await.expect(200);
    assert_eq!(ready["media_folder"], "ok");
    std::fs::remove_dir_all(&media).expect("it was made");
    let told = anybody.get("/health/ready").await.refused(503);
    assert!(told["detail"].as_str().is_some_and(|words| words.contains("media folder")), "{told}");
    anybody.get("/health/live").await.expect(200);
}

#[tokio::test]
async fn a_near_miss_on_the_command_line_is_one_line_with_the_right_word() {
    let database = Database::sqlite();
    for (line, wanted) in [
        ("server", "did you mean serve?"),
        ("bakcup /tmp/x", "did you mean backup?"),
        ("--lisen 127.0.0.1:1", "did you mean --listen?"),
        ("verify --databse-url sqlite://x", "--database-url"),
        ("--listen localhost:8080", "127.0.0.1:8080"),
        ("--listen 8080", "0.0.0.0:8080"),
        ("frobnicate", "See rapport --help"),
    ] {
        let (status, said) = Server::told(Settings::new(&database), line).await;
        assert_eq!(status.code(), Some(2), "{line}: {said}");
        assert!(said.contains(wanted) && said.trim().lines().count() == 1, "{line}: {said}");
    }
    for (line, wanted) in
        [("verify --help", "verify"), ("backup --help", "--key"), ("help user add", "--role")]
    {
        let (status, said) = Server::told(Settings::new(&database), line).await;
        assert!(status.success() && said.contains(wanted), "{line}: {said}");
        assert!(said.lines().count() < 30 && !said.contains("--graph-url"), "{line}: {said}");
    }
    let (_, said) = Server::told(Settings::new(&database), "--help").await;
    assert!(said.contains("--graph-url") && said.contains("restore"), "{said}");
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
