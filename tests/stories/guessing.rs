//! Guessing passwords: bounded per account, per address and altogether, whatever a header says of the address, and
//! never more memory than a few hashes need (reliability F32). A session that is stolen or ended opens nothing.

use crate::support::client::{Client, Proof, answer, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::server::{ADMIN, PASSWORD};
use crate::support::socket::Socket;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

on_both_databases!(
    an_account_takes_twenty_wrong_passwords_an_hour,
    two_hundred_guesses_at_once_are_a_few_hashes,
    a_session_is_made_anew_at_every_sign_in,
    whoever_loses_their_rights_loses_open_sockets_too,
);

async fn guess(anybody: &Client, username: &str, password: &str, forwarded: &str) -> u16 {
    let request = anybody
        .request(Method::POST, "/api/v1/login")
        .header("x-forwarded-for", forwarded)
        .header("forwarded", format!("for={forwarded}"))
        .header("x-real-ip", forwarded);
    answer(request.json(&json!({"username": username, "password": password})))
        .await
        .expect("an answer")
        .status
}

async fn an_account_takes_twenty_wrong_passwords_an_hour(database: Database) {
    let house = House::open(database).await;
    house.admin.adds("ana", "Ana Lind", "agent").await;
    let anybody = Client::anonymous(&house.url());
    let mut tried = 0;
    for n in 0..40 {
        // Another address each time, if a header were to be believed; the name in another dress.
        let name = if n % 2 == 0 { "olga" } else { "OLGA" };
        match guess(&anybody, name, "not the right one", &format!("203.0.113.{n}")).await {
            401 => tried += 1,
            429 => {}
            other => panic!("{other}"),
        }
    }
    assert_eq!(tried, 20, "guesses that were looked at");
    assert_eq!(
        guess(&anybody, ADMIN, PASSWORD, "203.0.113.99").await,
        429,
        "the right one is not told from a wrong one"
    );
    assert_eq!(guess(&anybody, "ana", PASSWORD, "203.0.113.99").await, 200, "nobody else is held up");
    house.admin.get("/api/v1/me").await.expect(200);
    for n in 0..200 {
        guess(&anybody, &format!("nobody{n}"), "not the right one", &format!("198.51.100.{n}")).await;
    }
    assert_eq!(guess(&anybody, "ana", PASSWORD, "192.0.2.1").await, 429, "an address takes a hundred");
    house.admin.get("/api/v1/me").await.expect(200);
}

async fn two_hundred_guesses_at_once_are_a_few_hashes(database: Database) {
    let house = House::open(database).await;
    let anybody = Client::anonymous(&house.url());
    guess(&anybody, "warm", "not the right one", "x").await;
    let weight = house.server.resident_kib();
    let answers = join_all((0..200).map(|n| {
        let anybody = anybody.clone();
        async move { guess(&anybody, &format!("nobody{n}"), "not the right one", "x").await }
    }))
    .await;
    assert!(answers.iter().all(|status| [401, 429].contains(status)), "{answers:?}");
    let grown = house.server.resident_kib().saturating_sub(weight);
    assert!(grown < 64 * 1024, "{grown} KiB more");
}

async fn a_session_is_made_anew_at_every_sign_in(database: Database) {
    let house = House::open(database).await;
    // What an attacker planted in the browser before.
    let planted = format!("rapport_session={}", "B".repeat(43));
    let victim = Client { proof: Proof::Cookie(planted.clone()), ..Client::anonymous(&house.url()) };
    let signed_in = victim.login(ADMIN, PASSWORD).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    let cookie = signed_in.session_cookie().expect("a cookie");
    assert!(!cookie.contains(&"B".repeat(43)), "a session of the server's own making");
    let attacker = Client { proof: Proof::Cookie(planted), ..Client::anonymous(&house.url()) };
    attacker.get("/api/v1/me").await.refused(401);
    // A cookie's secret is no bearer token, nor the other way round.
    let secret = cookie.split(['=', ';']).nth(1).expect("a value").to_owned();
    let as_bearer = Client { proof: Proof::Bearer(secret.clone()), ..Client::anonymous(&house.url()) };
    as_bearer.get("/api/v1/me").await.refused(401);
    let by_address = Client::anonymous(&house.url());
    for path in ["/api/v1/me?token=", "/api/v1/me?access_token=", "/api/v1/me?rapport_session="] {
        by_address.get(&format!("{path}{secret}")).await.refused(401);
    }
}

async fn whoever_loses_their_rights_loses_open_sockets_too(database: Database) {
    let house = House::open(database).await;
    let (id, _) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let path = format!("/api/v1/users/{id}");
    let cookie = || async { Client::anonymous(&house.url()).signed_in("ana", PASSWORD).await };

    // Signed out elsewhere; the password set anew by an admin; switched off.
    let person = cookie().await;
    let session = Socket::open(&person).await;
    ends_within_five_seconds(&session, "signing out", async {
        person.post("/api/v1/logout", &json!({})).await;
    })
    .await;
    person.get("/api/v1/me").await.refused(401);

    let person = cookie().await;
    let session = Socket::open(&person).await;
    ends_within_five_seconds(&session, "a new password by an admin", async {
        house.admin.patch(&path, &json!({"password": "another long password"})).await.expect(200);
    })
    .await;
    person.get("/api/v1/me").await.refused(401);
    house.admin.patch(&path, &json!({"password": PASSWORD})).await.expect(200);

    let person = cookie().await;
    let token = person.with_a_token().await;
    let listed = person.get("/api/v1/tokens").await.expect(200);
    let newest =
        listed["items"].as_array().expect("items").iter().map(|item| number(&item["id"])).max().expect("one");
    let session = Socket::open(&token).await;
    ends_within_five_seconds(&session, "a stolen token that was deleted", async {
        person.delete(&format!("/api/v1/tokens/{newest}")).await;
    })
    .await;
    token.get("/api/v1/me").await.refused(401);

    // A promotion that is taken back counts at the next call.
    let promoted = house.admin.patch(&path, &json!({"role": "admin"})).await;
    assert_eq!(promoted.status, 200, "{}", promoted.text);
    let person = cookie().await;
    person.get("/api/v1/quarantine").await.expect(200);
    house.admin.patch(&path, &json!({"role": "agent"})).await.expect(200);
    assert!([401, 403].contains(&person.get("/api/v1/quarantine").await.status));
}

async fn ends_within_five_seconds(session: &Socket, what: &str, deed: impl Future<Output = ()>) {
    let begun = Instant::now();
    deed.await;
    assert_eq!(session.closes().await, 4001, "{what}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{what}: {:?}", begun.elapsed());
}
