//! What an operator relies on when things go wrong: a backup put back, a key exchanged, a port that is open to all,
//! and a log that one can show to others (contract 1; reliability F41, section 4).

use crate::support::client::Client;
use crate::support::database::Database;
use crate::support::hearer::{Hearer, is_signed};
use crate::support::house::{House, settings};
use crate::support::on_both_databases;
use crate::support::platform::Platform;
use crate::support::server::{PASSWORD, Server, Settings};
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use serde_json::{Value, json};

on_both_databases!(
    pages_are_told_that_the_database_was_put_back,
    a_new_key_opens_what_the_old_one_sealed,
    the_log_holds_no_secret_and_nobodys_words,
);

async fn pages_are_told_that_the_database_was_put_back(database: Database) {
    let mut house = House::open(database).await;
    let epoch = async |house: &House| {
        let welcome = Socket::open(&house.admin).await.frame("welcome").await;
        welcome["epoch"].as_str().expect("an epoch").to_owned()
    };
    let first = epoch(&house).await;
    house.server.kill().await;
    house.server.starts_again().await;
    assert_eq!(epoch(&house).await, first, "a restart begins nothing");
    house.server.kill().await;
    let (status, said) = house.server.command(&["restored"], "", &[]).await;
    assert!(status.success(), "{said}");
    house.server.starts_again().await;
    assert_ne!(epoch(&house).await, first);
}

async fn a_new_key_opens_what_the_old_one_sealed(database: Database) {
    let hears = |settings: Settings| settings.with("RAPPORT_HOOKS_ALLOW_PRIVATE", "true");
    let mut house = House::open_with(database, hears).await;
    let channel = house.channel("whatsapp").await;
    let hearer = Hearer::start().await;
    let hook = json!({"name": "The shop", "url": hearer.url(), "events": ["message_created"]});
    let hook = house.admin.post("/api/v1/hooks", &hook).await.expect(201);
    let flow = json!({"name": "Greeting", "steps": [{"kind": "message", "text": "Hello"}]});
    let flow = house.admin.post("/api/v1/flows", &flow).await.expect(201);
    let old = "a key for tests, forty characters long...";
    let new = "another key for tests, as long as that one";
    house.server.kill().await;
    let with_new = [("RAPPORT_SECRET_KEY", new)];
    let (status, said) =
        house.server.command(&["rekey"], "not the old key at all, but long enough\n", &with_new).await;
    assert!(!status.success(), "a wrong old key changes nothing: {said}");
    let (status, said) = house.server.command(&["rekey"], &format!("{old}\n"), &with_new).await;
    assert!(status.success(), "{said}");
    assert!(!said.contains(old) && !said.contains(new), "no key in what it says: {said}");

    let renewed = hears(settings(&house.database, &house.platform)).with("RAPPORT_SECRET_KEY", new);
    let mut server = Server::start(renewed).await;
    let body = channel.text("15557700421", "wamid.rekeyed", "still signed");
    let answer = post(&server.url(), &channel, &body).await.expect(200);
    assert_eq!(answer["results"][0]["outcome"], "stored", "the webhook's secret opens: {answer}");
    hearer.hears("the message", 1, |body| body["data"]["message"]["content"] == "still signed").await;
    let secret = hook["secret"].as_str().expect("a secret");
    assert!(hearer.calls().iter().all(|call| is_signed(call, secret)), "the program's secret opens");
    let admin = Client::admin(&server.url()).await;
    let shown = admin.get(&format!("/api/v1/flows/{}", flow["id"])).await.expect(200);
    let token =
        |flow: &Value| flow["hook_url"].as_str().and_then(|url| url.rsplit('/').next()).map(str::to_owned);
    assert!(token(&flow).is_some() && token(&shown) == token(&flow), "the flow's address opens: {shown}");

    // One SQLite file has one server: the other one would be refused for that.
    server.kill().await;
    let (status, said) = Server::refused(settings(&house.database, &house.platform)).await;
    assert!(
        !status.success() && said.contains("RAPPORT_SECRET_KEY"),
        "the old key opens nothing any more: {said}"
    );
}

/// Everything that must not be in a log is planted, used rightly and wrongly, at the most talkative level of our own.
async fn the_log_holds_no_secret_and_nobodys_words(database: Database) {
    let mut house =
        House::open_with(database, |settings| settings.with("RUST_LOG", "info,rapport=trace")).await;
    let words = "the parrot is in the cellar";
    for kind in ["whatsapp", "instagram", "messenger", "telegram"] {
        let channel = house.channel(kind).await;
        post(&house.url(), &channel, &channel.text("15557700421", "planted", words)).await.expect(200);
        let forged =
            crate::support::channel::Channel { secret: "planted-wrong-secret".into(), ..channel.clone() };
        post(&house.url(), &forged, &channel.text("15557700421", "forged", words)).await.refused(401);
        let conversation = channel.conversation(&house.admin, "15557700421").await;
        house.admin.say(conversation, &format!("planted-{kind}"), words).await.expect(201);
        house.platform.accepts(words).await;
        house.admin.post(&format!("/api/v1/channels/{}/test", channel.id), &json!({})).await;
    }
    let anybody = Client::anonymous(&house.url());
    anybody.login("olga", "planted-wrong-password").await.refused(401);
    anybody.login("planted-user-name", "planted-wrong-password").await.refused(401);
    let socket = Socket::open(&house.admin).await;
    socket.send_text(&format!("{{\"type\":\"{words}\"}}"));
    socket.send_text(words);
    socket.is_level().await;
    house.admin.get(&format!("/api/v1/conversations?q={}", words.replace(' ', "%20"))).await.expect(200);
    house.admin.get(&format!("/api/v1/users?q={}", words.replace(' ', "%20"))).await.expect(200);
    anybody.get("/api/v1/me?token=planted-token-in-address").await.refused(401);
    anybody
        .get("/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=planted-verify&hub.challenge=x")
        .await
        .refused(403);
    // Errors are the most talkative: a database that goes away in the middle of it all.
    house.server.asked_to_stop();
    house.server.ends().await;
    let log = house.server.log();
    let crate::support::client::Proof::Bearer(token) = &house.admin.proof else { panic!("a token") };
    for secret in [
        words,
        "secret_of_",
        "token-whatsapp",
        "telegram-token",
        "verify_",
        PASSWORD,
        "planted-",
        token,
        "15557700421",
        "forty characters",
    ] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret:?} is in the log");
    }
}

#[tokio::test]
async fn a_port_that_is_open_to_all_needs_an_address_that_says_so() {
    let database = Database::sqlite();
    let platform = Platform::start().await;
    let open = settings(&database, &platform).with("RAPPORT_LISTEN_HOST", "0.0.0.0");
    let (status, said) = Server::refused(open.clone()).await;
    assert!(!status.success() && said.contains("RAPPORT_PUBLIC_URL"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    let server = Server::start(open.with("RAPPORT_PUBLIC_URL", "https://inbox.example.org")).await;
    Client::anonymous(&server.url()).get("/health/ready").await.expect(200);
}
