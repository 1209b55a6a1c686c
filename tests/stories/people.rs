//! Who may do what, and how one proves who one is (contract 2 and 5).

use crate::support::client::{Client, Proof, answer};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::server::{ADMIN, PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

on_both_databases!(
    signing_in_gives_a_cookie_that_works_until_signing_out,
    a_wrong_password_and_an_unknown_name_are_told_alike,
    a_write_by_cookie_from_another_site_is_403,
    a_token_is_shown_once_and_survives_the_cookie,
    over_https_the_cookie_is_bound_to_the_host,
    nothing_answers_without_signing_in,
    users_are_found_whatever_the_case_or_accents,
    an_agent_manages_neither_users_nor_channels,
    a_password_has_twelve_characters_or_more,
    a_removed_user_is_out_at_once,
    a_new_password_ends_the_old_sessions,
    a_new_password_ends_every_token_unless_they_are_to_be_kept,
    credentials_are_written_and_never_read_back,
    errors_are_problems_with_a_stable_code,
);

async fn signing_in_gives_a_cookie_that_works_until_signing_out(database: Database) {
    let house = House::open(database).await;
    let anybody = Client::anonymous(&house.url());
    let answer = anybody.login(ADMIN, PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let cookie = answer.session_cookie().expect("a cookie");
    assert!(cookie.starts_with("rapport_session="), "{cookie}");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert!(!cookie.contains("Secure"), "plain http: {cookie}");
    let person = anybody.signed_in(ADMIN, PASSWORD).await;
    let me = person.get("/api/v1/me").await.expect(200);
    assert_eq!((&me["username"], &me["role"]), (&json!(ADMIN), &json!("admin")));
    assert!(
        me.get("avatar_url").is_some() && me.get("password_hash").is_none() && me.get("password").is_none()
    );
    let answer = person.post("/api/v1/logout", &json!({})).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text);
    person.get("/api/v1/me").await.refused(401);
    house.admin.get("/api/v1/me").await.expect(200);
}

async fn a_wrong_password_and_an_unknown_name_are_told_alike(database: Database) {
    let house = House::open(database).await;
    let anybody = Client::anonymous(&house.url());
    let wrong = anybody.login(ADMIN, "a wrong password").await.refused(401);
    let unknown = anybody.login("nobody-here", "a wrong password").await.refused(401);
    assert_eq!(
        (&wrong["code"], &wrong["detail"], &wrong["title"]),
        (&unknown["code"], &unknown["detail"], &unknown["title"])
    );
    for body in [json!({}), json!({"username": 7, "password": null}), json!([]), json!("x")] {
        let status = anybody.post("/api/v1/login", &body).await.status;
        assert!((400..500).contains(&status), "{body}: {status}");
    }
}

async fn a_write_by_cookie_from_another_site_is_403(database: Database) {
    let house = House::open(database).await;
    let person = Client::anonymous(&house.url()).signed_in(ADMIN, PASSWORD).await;
    let write = async |client: &Client, headers: &[(&str, &str)]| {
        let mut request = client.request(Method::POST, "/api/v1/tokens").json(&json!({"name": "x"}));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request).await.expect("an answer").status
    };
    let own = house.url();
    let longer = format!("{own}.example.org");
    for origin in ["https://evil.example", "null", longer.as_str(), "http://127.0.0.1:1"] {
        assert_eq!(write(&person, &[("origin", origin)]).await, 403, "{origin}");
        assert!(write(&house.admin, &[("origin", origin)]).await < 300, "a bearer is not checked for origin");
    }
    assert_eq!(write(&person, &[("sec-fetch-site", "cross-site")]).await, 403);
    assert!(write(&person, &[]).await < 300, "with neither header it is accepted");
    assert!(write(&person, &[("origin", &own), ("sec-fetch-site", "same-origin")]).await < 300);
    let read = answer(person.request(Method::GET, "/api/v1/me").header("sec-fetch-site", "cross-site"))
        .await
        .expect("an answer");
    assert_eq!(read.status, 200, "a read changes nothing");
}

async fn a_token_is_shown_once_and_survives_the_cookie(database: Database) {
    let mut house = House::open(database).await;
    let (_, agent) = house.admin.adds("ana", "Ana Lind", "agent").await;
    assert!(matches!(agent.proof, Proof::Bearer(_)), "agents make their own");
    let person = Client::anonymous(&house.url()).signed_in(ADMIN, PASSWORD).await;
    let token = person.with_a_token().await;
    person.post("/api/v1/logout", &json!({})).await;
    token.get("/api/v1/me").await.expect(200);
    house.server.kill().await;
    house.server.starts_again().await;
    token.get("/api/v1/me").await.expect(200);
    let Proof::Bearer(secret) = &token.proof else { unreachable!("with_a_token gives a bearer") };
    let tampered =
        Client { proof: Proof::Bearer(format!("{}x", &secret[..secret.len() - 1])), ..token.clone() };
    tampered.get("/api/v1/me").await.refused(401);
    assert!(!house.server.log().contains(secret.as_str()), "a token in the log");
}

async fn over_https_the_cookie_is_bound_to_the_host(database: Database) {
    let house = House::open_with_public_url(database, "https://inbox.example.org").await;
    let answer = Client::anonymous(&house.url()).login(ADMIN, PASSWORD).await;
    let cookie = answer.session_cookie().expect("a cookie");
    assert!(cookie.starts_with("__Host-rapport_session="), "{cookie}");
    assert!(
        cookie.contains("Secure")
            && cookie.contains("HttpOnly")
            && cookie.contains("Path=/")
            && !cookie.contains("Domain"),
        "{cookie}"
    );
}

async fn nothing_answers_without_signing_in(database: Database) {
    let house = House::open(database).await;
    let anybody = Client::anonymous(&house.url());
    for path in [
        "me",
        "users",
        "channels",
        "conversations",
        "conversations/1",
        "conversations/1/messages",
        "deliveries",
        "stats",
    ] {
        anybody.get(&format!("/api/v1/{path}")).await.refused(401);
    }
    for path in [
        "tokens",
        "users",
        "channels",
        "conversations",
        "conversations/1/messages",
        "conversations/1/read",
        "direct-messages",
    ] {
        anybody.post(&format!("/api/v1/{path}"), &json!({})).await.refused(401);
    }
    anybody.post("/api/v1/logout", &json!({})).await;
}

async fn users_are_found_whatever_the_case_or_accents(database: Database) {
    let house = House::open(database).await;
    house.admin.adds("zoe", "Zoë Ångström", "agent").await;
    house.admin.adds("ivan", "Иван Петров", "agent").await;
    let (_, agent) = house.admin.adds("plain", "Plain Person", "agent").await;
    let found = async |text: &str| {
        let url = reqwest::Url::parse_with_params("http://x/api/v1/users", [("q", text)]).expect("a url");
        let items = agent.all(&format!("/api/v1/users?{}", url.query().expect("one"))).await;
        items.iter().map(|user| user["username"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    for text in ["zoe", "ZOË", "ångström", "ANGSTROM", "Angst", "zoe@EXAMPLE.org"] {
        assert_eq!(found(text).await, ["zoe"], "{text}");
    }
    for text in ["иван", "ПЕТРОВ"] {
        assert_eq!(found(text).await, ["ivan"], "{text}");
    }
    assert_eq!(found("%").await, Vec::<String>::new(), "a sign of SQL is a letter here");
    assert_eq!(found("_____").await, Vec::<String>::new());
    let again = house.admin.post("/api/v1/users", &json!({"username": "ZOE", "full_name": "Another", "email": "z2@example.org", "password": PASSWORD, "role": "agent"})).await;
    assert_eq!(again.status, 409, "a name is taken whatever its case: {}", again.text);
}

async fn an_agent_manages_neither_users_nor_channels(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let (id, agent) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let user = json!({"username": "eve", "full_name": "Eve", "email": "eve@example.org", "password": PASSWORD, "role": "admin"});
    agent.post("/api/v1/users", &user).await.refused(403);
    agent.patch(&format!("/api/v1/users/{id}"), &json!({"role": "admin"})).await.refused(403);
    agent.delete(&format!("/api/v1/users/{id}")).await.refused(403);
    let another = json!({"kind": "webchat", "name": "x", "external_id": "x", "credentials": {}});
    agent.post("/api/v1/channels", &another).await.refused(403);
    agent.patch(&format!("/api/v1/channels/{}", channel.id), &json!({"name": "x"})).await.refused(403);
    agent.delete(&format!("/api/v1/channels/{}", channel.id)).await.refused(403);
    assert_eq!(agent.get("/api/v1/me").await.expect(200)["role"], "agent");
    agent.get("/api/v1/users").await.expect(200);
}

async fn a_password_has_twelve_characters_or_more(database: Database) {
    let house = House::open(database).await;
    let user = |password: &str| json!({"username": format!("u{}", password.len()), "full_name": "U", "email": "u@example.org", "password": password, "role": "agent"});
    for short in ["", "eleven char"] {
        let status = house.admin.post("/api/v1/users", &user(short)).await.status;
        assert!(status == 400 || status == 422, "{short:?}: {status}");
    }
    house.admin.post("/api/v1/users", &user("passwordpass")).await.expect(201);
}

async fn a_removed_user_is_out_at_once(database: Database) {
    let house = House::open(database).await;
    let (id, agent) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let session = crate::support::socket::Socket::open(&agent).await;
    let answer = house.admin.delete(&format!("/api/v1/users/{id}")).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text);
    agent.get("/api/v1/me").await.refused(401);
    assert_eq!(session.closes().await, 4001);
    Client::anonymous(&house.url()).login("ana", PASSWORD).await.refused(401);
}

async fn a_new_password_ends_the_old_sessions(database: Database) {
    let house = House::open(database).await;
    house.admin.adds("ana", "Ana Lind", "agent").await;
    let (here, elsewhere) = (
        Client::anonymous(&house.url()).signed_in("ana", PASSWORD).await,
        Client::anonymous(&house.url()).signed_in("ana", PASSWORD).await,
    );
    let change = |current: &str| json!({"current_password": current, "password": "another long password"});
    let put = async |body: &Value| {
        answer(here.request(Method::PUT, "/api/v1/me/password").json(body)).await.expect("an answer").status
    };
    assert!((400..500).contains(&put(&change("not the old one")).await));
    let status = put(&change(PASSWORD)).await;
    assert!((200..300).contains(&status), "{status}");
    elsewhere.get("/api/v1/me").await.refused(401);
    Client::anonymous(&house.url())
        .signed_in("ana", "another long password")
        .await
        .get("/api/v1/me")
        .await
        .expect(200);
}

async fn a_new_password_ends_every_token_unless_they_are_to_be_kept(database: Database) {
    let house = House::open(database).await;
    house.admin.adds("ana", "Ana Lind", "agent").await;
    let here = Client::anonymous(&house.url()).signed_in("ana", PASSWORD).await;
    let tokens = [here.with_a_token().await, here.with_a_token().await];
    let open = crate::support::socket::Socket::open(&tokens[0]).await;
    let put = async |body: Value| {
        answer(here.request(Method::PUT, "/api/v1/me/password").json(&body)).await.expect("an answer").status
    };
    let (second, third) = ("another long password", "a third and long password");
    let keeping = json!({"current_password": PASSWORD, "new_password": second, "end_sessions": false});
    assert_eq!(put(keeping).await, 204);
    for token in &tokens {
        token.get("/api/v1/me").await.expect(200);
    }
    assert_eq!(put(json!({"current_password": second, "new_password": third})).await, 204);
    for token in &tokens {
        token.get("/api/v1/me").await.refused(401);
    }
    assert_eq!(open.closes().await, 4001);
    here.get("/api/v1/me").await.expect(200);
}

async fn credentials_are_written_and_never_read_back(database: Database) {
    let house = House::open(database).await;
    for kind in ["whatsapp", "instagram", "messenger", "telegram"] {
        let channel = house.channel(kind).await;
        let listed = house.admin.get("/api/v1/channels").await.text;
        assert!(listed.contains(&format!("The {kind}")), "{listed}");
        for secret in [
            &channel.secret,
            &channel.verify_token,
            &format!("token-{kind}"),
            &format!("{}:telegram-token", channel.external_id),
        ] {
            assert!(!listed.contains(secret.as_str()), "{kind}: {listed}");
        }
        post_all_but(&house, &channel).await;
        let log = house.server.log();
        assert!(
            !log.contains(&channel.secret) && !log.contains(":telegram-token"),
            "{kind}: a secret in the log"
        );
    }
    // Sealed at rest: not to be found in the database's file.
    if house.database.is_sqlite() {
        let path = house.database.url.trim_start_matches("sqlite://").to_owned();
        for file in [path.clone(), format!("{path}-wal")] {
            let bytes = std::fs::read(&file).unwrap_or_default();
            let found = bytes.windows(10).any(|window| window == b"secret_of_");
            assert!(!found, "a secret in clear in {file}");
        }
    }
}

/// Has the channel used once, so that a log of it would be written.
async fn post_all_but(house: &House, channel: &crate::support::channel::Channel) {
    let body = channel.text("15557700421", "log-1", "a customer's words");
    crate::support::webhooks::post(&house.url(), channel, &body).await.expect(200);
    house.admin.post(&format!("/api/v1/channels/{}/test", channel.id), &json!({})).await;
    assert!(!house.server.log().contains("a customer's words"), "a customer's text in the log");
}

async fn errors_are_problems_with_a_stable_code(database: Database) {
    let house = House::open(database).await;
    house.admin.get("/api/v1/conversations/999999").await.refused(404);
    house.admin.get("/api/v1/nothing-here").await.refused(404);
    house.admin.get("/api/v1/conversations/abc").await.refused(404);
    for odd in ["cursor=%21%21", "cursor=AAAA", "limit=many", "status=lost"] {
        let answer = house.admin.get(&format!("/api/v1/conversations?{odd}")).await;
        let status = answer.status;
        assert!(status == 400 || status == 422, "{odd}: {}", answer.text);
        answer.refused(status);
    }
    let raw = house
        .admin
        .request(Method::POST, "/api/v1/conversations")
        .header("content-type", "application/json")
        .body("{\"channel");
    answer(raw).await.expect("an answer").refused(400);
}
