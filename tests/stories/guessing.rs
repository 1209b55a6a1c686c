//! Guessing passwords: bounded per name and address, per address and altogether, whatever a header says of the address
//! unless a trusted proxy says it, never a lock that an attacker holds the key of, and never more memory than a few
//! hashes need (reliability F32, issue 17). A session that is stolen or ended opens nothing.

use crate::support::client::{Client, Proof, answer, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::server::{ADMIN, PASSWORD};
use crate::support::socket::Socket;
use crate::support::{eventually, on_both_databases};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

on_both_databases!(
    a_pair_of_name_and_address_takes_ten_wrong_passwords,
    behind_a_trusted_proxy_addresses_count_apart_and_owners_get_in,
    a_thousand_at_once_are_a_hundred_and_the_owner_gets_in_meanwhile,
    a_failed_sign_in_leaves_a_line_a_count_and_an_entry,
    whoever_runs_the_server_helps_a_person_in_by_command,
    two_hundred_guesses_at_once_are_a_few_hashes,
    a_session_is_made_anew_at_every_sign_in,
    whoever_loses_their_rights_loses_open_sockets_too,
    a_token_past_its_end_opens_nothing,
    addresses_of_flows_cannot_be_guessed_at_will,
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

async fn a_pair_of_name_and_address_takes_ten_wrong_passwords(database: Database) {
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
    assert_eq!(tried, 10, "guesses that were looked at");
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
    // Who is signed in is asked for the old password all the same, and strangers' guesses do not count there.
    let body = json!({"current_password": PASSWORD, "new_password": "another long password"});
    let changed = answer(house.admin.request(Method::PUT, "/api/v1/me/password").json(&body)).await;
    assert_eq!(changed.expect("an answer").status, 204);
}

/// A sign-in from an address, with a cookie that the browser holds.
async fn sign_in(
    anybody: &Client,
    password: &str,
    from: &str,
    cookie: &str,
) -> crate::support::client::Answer {
    let request = anybody
        .request(Method::POST, "/api/v1/login")
        .header("x-forwarded-for", format!("6.6.6.6, {from}"))
        .header("cookie", cookie)
        .json(&json!({"username": ADMIN, "password": password}));
    answer(request).await.expect("an answer")
}

/// The mark that a good sign-in leaves in a browser.
fn device(signed_in: &crate::support::client::Answer) -> String {
    let cookies = signed_in.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let mark = cookies.filter(|cookie| cookie.contains("rapport_seen")).map(str::to_owned).next();
    mark.expect("a mark of the device").split(';').next().expect("a value").to_owned()
}

async fn behind_a_trusted_proxy_addresses_count_apart_and_owners_get_in(database: Database) {
    let house =
        House::open_with(database, |settings| settings.with("RAPPORT_TRUSTED_PROXIES", "127.0.0.0/8")).await;
    let anybody = Client::anonymous(&house.url());
    let mark = device(&sign_in(&anybody, PASSWORD, "203.0.113.1", "").await);
    for n in 0..20 {
        let status = sign_in(&anybody, "not the right one", "203.0.113.2", "").await.status;
        assert_eq!(status, if n < 10 { 401 } else { 429 }, "guess {n}");
    }
    let shut = sign_in(&anybody, PASSWORD, "203.0.113.2", "").await;
    let wait = shut.headers.get("retry-after").and_then(|wait| wait.to_str().ok()?.parse::<u64>().ok());
    assert!(shut.status == 429 && wait.is_some_and(|wait| (1..=600).contains(&wait)), "{wait:?}");
    assert_eq!(sign_in(&anybody, PASSWORD, "203.0.113.3", "").await.status, 200, "her own address");
    assert_eq!(sign_in(&anybody, PASSWORD, "203.0.113.2", &mark).await.status, 200, "her own device");
    let forged = format!("{mark}A");
    assert_eq!(sign_in(&anybody, PASSWORD, "203.0.113.2", &forged).await.status, 429, "not a mark of ours");
    // One household's IPv6 addresses are one.
    for n in 0..12 {
        let from = format!("2001:db8:1:2::{n:x}");
        let status = sign_in(&anybody, "not the right one", &from, "").await.status;
        assert_eq!(status, if n < 10 { 401 } else { 429 }, "{from}");
    }
}

async fn a_thousand_at_once_are_a_hundred_and_the_owner_gets_in_meanwhile(database: Database) {
    let house = House::open(database).await;
    let anybody = Client::anonymous(&house.url());
    let mark = device(&sign_in(&anybody, PASSWORD, "x", "").await);
    let flood = join_all((0..1_000).map(|n| {
        let anybody = anybody.clone();
        async move { guess(&anybody, &format!("nobody{n}"), "not the right one", "x").await }
    }));
    let owner = async {
        let begun = Instant::now();
        assert_eq!(sign_in(&anybody, PASSWORD, "x", &mark).await.status, 200, "the owner, by her device");
        begun.elapsed()
    };
    let (answers, waited) = tokio::join!(flood, owner);
    assert!(answers.iter().all(|status| [401, 429].contains(status)), "{answers:?}");
    let evaluated = answers.iter().filter(|status| **status == 401).count();
    assert!((1..=100).contains(&evaluated), "{evaluated} were looked at");
    assert!(waited < Duration::from_secs(10), "{waited:?}");
}

async fn a_failed_sign_in_leaves_a_line_a_count_and_an_entry(database: Database) {
    let house =
        House::open_with(database, |settings| settings.with("RAPPORT_TRUSTED_PROXIES", "127.0.0.1")).await;
    let anybody = Client::anonymous(&house.url());
    for name in [ADMIN, "a secret in the wrong field"] {
        assert_eq!(guess(&anybody, name, "not the right one", "203.0.113.77").await, 401);
    }
    let log = house.server.log();
    assert!(log.contains("sign-in failed (wrong): user 1, address 203.0.113.77"), "{log}");
    assert!(log.contains("sign-in failed (wrong): nobody known, address 203.0.113.77"), "{log}");
    assert!(!log.contains("a secret in the wrong field"), "what was typed is nobody's business");
    let metrics = anybody.get("/metrics").await.text;
    assert!(metrics.contains("rapport_sign_ins_total{result=\"wrong\"} 2"), "{metrics}");
    let noted = async {
        loop {
            let entries = house.admin.get("/api/v1/audit").await.expect(200);
            let items = entries["items"].as_array().expect("items");
            let of = |subject: &str| {
                items.iter().any(|item| {
                    item["action"] == "sign_in_failed"
                        && item["subject"] == subject
                        && item["details"]["address"] == "203.0.113.77"
                })
            };
            if of("user:1") && of("sign_in") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), noted).await.expect("both entries");
    // Most are refused before any password is looked at: a flood, however slow the machine is.
    for _ in 0..400 {
        guess(&anybody, "nobody", "not the right one", "198.51.100.9").await;
    }
    let lines = house.server.log().matches("sign-in failed").count();
    assert!(lines < 200, "{lines} lines: a flood of guesses is not a flood of lines");
}

async fn whoever_runs_the_server_helps_a_person_in_by_command(database: Database) {
    let house = House::open(database).await;
    house.admin.adds("ana", "Ana Lind", "agent").await;
    let anybody = Client::anonymous(&house.url());
    let user = async |words: &[&str], input: &str| {
        house.server.command(&[&["user"], words].concat(), input, &[]).await
    };
    let (status, said) = user(&["list"], "").await;
    assert!(status.success() && said.contains("ana") && said.contains(ADMIN), "{said}");
    for _ in 0..11 {
        guess(&anybody, "ana", "not the right one", "x").await;
    }
    assert_eq!(guess(&anybody, "ana", PASSWORD, "x").await, 429);
    let (status, said) = user(&["unlock", "ANA"], "").await;
    assert!(status.success(), "{said}");
    assert_eq!(guess(&anybody, "ana", PASSWORD, "x").await, 200, "at once, in the server that runs");
    let (status, said) = user(&["password", "ana"], "an entirely new one\n").await;
    assert!(status.success() && !said.contains("entirely"), "{said}");
    assert_eq!(guess(&anybody, "ana", "an entirely new one", "x").await, 200);
    let (status, said) = user(&["deactivate", "ana"], "").await;
    assert!(status.success(), "{said}");
    assert_eq!(guess(&anybody, "ana", "an entirely new one", "x").await, 401);
    assert!(user(&["list"], "").await.1.contains("deactivated"));
    assert!(user(&["unlock", "ana"], "").await.0.success());
    assert_eq!(guess(&anybody, "ana", "an entirely new one", "x").await, 200);
    let (status, said) = user(&["deactivate", ADMIN], "").await;
    assert!(!status.success() && said.contains("last admin"), "{said}");
    let (status, said) = user(&["password", "nobody"], "an entirely new one\n").await;
    assert!(!status.success() && said.contains("nobody"), "{said}");
    let elsewhere = [("DATABASE_URL", "sqlite://not/there.db")];
    for words in [&["user", "list"][..], &["user", "unlock", "ana"], &["user", "deactivate", "ana"]] {
        let (status, said) = house.server.command(words, "", &elsewhere).await;
        assert!(!status.success() && said.contains("there.db"), "{words:?}: {said}");
    }
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

async fn a_token_past_its_end_opens_nothing(database: Database) {
    let house = House::open(database).await;
    let past = json!({"name": "over", "expires_at": "2020-01-01T00:00:00Z"});
    house.admin.post("/api/v1/tokens", &past).await.refused(422);
    let end = (chrono::Utc::now() + chrono::TimeDelta::seconds(2)).to_rfc3339();
    let made =
        house.admin.post("/api/v1/tokens", &json!({"name": "short", "expires_at": end})).await.expect(201);
    let program = Client {
        proof: Proof::Bearer(made["token"].as_str().expect("the token, once").to_owned()),
        ..Client::anonymous(&house.url())
    };
    let socket = Socket::open(&program).await;
    eventually("the token is over", async || (program.get("/api/v1/me").await.status == 401).then_some(()))
        .await;
    program.get("/api/v1/conversations").await.refused(401);
    assert_eq!(socket.closes().await, 4001, "who sits in a socket is not signed in any more either");
    house.admin.get("/api/v1/me").await.expect(200);
}

async fn addresses_of_flows_cannot_be_guessed_at_will(database: Database) {
    let house = House::open(database).await;
    let anybody = Client::anonymous(&house.url());
    let body = json!({"channel_id": 1, "customer": {"external_id": "1"}});
    let mut found = std::collections::BTreeMap::<u16, u32>::new();
    for n in 0..80 {
        let answer = anybody.post(&format!("/hooks/flows/guess-{n}"), &body).await;
        assert!(answer.status != 429 || !answer.header("retry-after").is_empty());
        *found.entry(answer.status).or_default() += 1;
    }
    assert!(found[&404] >= 60 && found[&429] >= 15, "{found:?}");
}

#[tokio::test]
async fn wrong_passwords_at_one_server_count_at_the_other() {
    let Some(database) = Database::postgres().await else { return };
    let house = House::open(database).await;
    let second = house.second_server(None).await;
    let (here, there) = (Client::anonymous(&house.url()), Client::anonymous(&second.url()));
    for _ in 0..10 {
        assert_eq!(guess(&here, ADMIN, "not the right one", "").await, 401);
    }
    // Wrong ones, because a right one forgives what was wrong; fewer than the other server takes by itself.
    for _ in 0..9 {
        if guess(&there, ADMIN, "not the right one", "").await == 429 {
            return;
        }
        // The pace of the look: each is told of the other's within seconds.
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    panic!("the other server never heard of it");
}
