//! One person, several workspaces: one sign-in for all of them, addresses that say which is meant, power
//! that ends at a membership, and what an archived one and a claimed account are to their neighbours.
//! Over 400 lines: they all begin with the same two workspaces.

use crate::support::channel::{Channel, outcome};
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::server::{ADMIN, PASSWORD};
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use serde_json::{Value, json};

on_both_databases!(
    one_sign_in_serves_every_workspace_and_addresses_say_which,
    a_token_is_of_one_workspace,
    nobody_is_a_member_who_did_not_say_so,
    an_admin_has_no_power_over_an_account_that_is_elsewhere_too,
    nobody_comes_along_by_a_password_they_chose_or_by_a_token,
    a_new_password_ends_what_was_open_in_every_workspace,
    workspaces_are_made_by_who_may_and_have_addresses_of_their_own,
    in_an_archived_workspace_nothing_happens_until_it_is_back,
    a_claim_without_proof_is_in_nobodys_way,
    what_an_older_program_writes_has_an_account,
    the_command_line_makes_peoples_and_archives_workspaces,
    a_deleted_workspace_is_gone_whole_and_its_neighbour_untouched,
);

/// A house with a second workspace, `pier`, that its admin made.
struct Two {
    house: House,
    /// The admin of both, by the cookie of one sign-in.
    olga: Client,
    /// The same, below `/w/pier`.
    olga_pier: Client,
}

async fn two(database: Database) -> Two {
    let house = House::open(database).await;
    let olga = Client::anonymous(&house.url()).signed_in(ADMIN, PASSWORD).await;
    olga.post("/api/v1/workspaces", &json!({"name": "The Pier", "slug": "pier"})).await.expect(201);
    let olga_pier = olga.at(&format!("{}/w/pier", house.url()));
    Two { house, olga, olga_pier }
}

impl Two {
    fn pier(&self, client: &Client) -> Client {
        client.at(&format!("{}/w/pier", self.house.url()))
    }

    /// An agent of the first workspace who accepted to be one of the other, too: by the cookie of one
    /// sign-in.
    async fn both(&self, username: &str) -> Client {
        self.house.admin.adds(username, "Dora Both", "agent").await;
        let offer = json!({"username": username, "role": "agent"});
        self.olga_pier.post("/api/v1/membership-offers", &offer).await.expect(201);
        let person = Client::anonymous(&self.house.url()).signed_in(username, PASSWORD).await;
        // An admin chose the first one: who joins elsewhere has one of their own.
        let own = json!({"current_password": PASSWORD, "new_password": PASSWORD});
        person.put("/api/v1/me/password", &own).await.expect(204);
        let offer = person.get("/api/v1/me/membership-offers").await.expect(200)["items"][0]["id"].clone();
        person.post(&format!("/api/v1/me/membership-offers/{offer}/accept"), &json!({})).await.expect(200);
        person
    }
}

/// The id of a member, as an admin's list has it.
async fn id_of(admin: &Client, username: &str) -> i64 {
    let all = admin.all("/api/v1/users").await;
    let found = all.iter().find(|user| user["username"] == username);
    number(&found.unwrap_or_else(|| panic!("{username} is no member: {all:?}"))["id"])
}

async fn one_sign_in_serves_every_workspace_and_addresses_say_which(database: Database) {
    let two = two(database).await;
    let Two { olga, olga_pier, house } = &two;
    let unsaid = olga.get("/api/v1/me").await.refused(400);
    assert_eq!(unsaid["code"], "workspace_required");
    olga.patch("/api/v1/settings", &json!({"undo_seconds": 5})).await.refused(400);
    let slug = olga.get("/api/v1/workspaces").await.expect(200)["items"][0]["slug"].clone();
    let main = olga.at(&format!("{}/w/{}", house.url(), slug.as_str().expect("a slug")));
    let (here, there) =
        (main.get("/api/v1/me").await.expect(200), olga_pier.get("/api/v1/me").await.expect(200));
    assert_ne!(here["id"], there["id"], "a membership each");
    assert_eq!(here["account"], there["account"], "of one account");
    assert_eq!((&there["workspace"]["slug"], &there["role"]), (&json!("pier"), &json!("admin")));
    assert_eq!(here["memberships"].as_array().map(Vec::len), Some(2), "{here}");
    let may =
        |me: &Value, what: &str| me["permissions"].as_array().is_some_and(|all| all.contains(&json!(what)));
    assert!(may(&here, "settings.manage") && may(&here, "conversations.reply"), "{here}");
    olga.at(&format!("{}/w/nowhere", house.url())).get("/api/v1/me").await.refused(404);

    // Two screens in two workspaces: each hears its own.
    let (one, other) = (main.with_a_token().await, olga_pier.with_a_token().await);
    let (one_socket, other_socket) = (Socket::open(&one).await, Socket::open(&other).await);
    one_socket.watch("all").await;
    other_socket.watch("all").await;
    let channel = Channel::usual(&other, "whatsapp").await;
    post(&house.url(), &channel, &channel.text("15557700421", "wamid.p", "ahoy")).await.expect(200);
    other_socket.frame("conversation_updated").await;
    one_socket.is_level().await;
    assert_eq!(one_socket.of_type("conversation_updated"), Vec::<Value>::new());
    let listed = olga.get("/api/v1/workspaces").await.expect(200);
    let unread: Vec<_> = listed["items"].as_array().expect("items").iter().map(|it| &it["unread"]).collect();
    assert_eq!(unread, [&json!(0), &json!(1)], "what is unread, in each: {listed}");

    // Pages stand there, too; what has one address only does not.
    for (path, status) in
        [("/w/pier/", 200), ("/w/pier", 200), ("/w/pier/admin", 200), ("/w/pier/metrics", 404)]
    {
        assert_eq!(olga.get(path).await.status, status, "{path}");
    }
    olga_pier.post("/api/v1/logout", &json!({})).await.expect(204);
    main.get("/api/v1/me").await.refused(401);
}

async fn a_token_is_of_one_workspace(database: Database) {
    let two = two(database).await;
    let token = two.olga_pier.with_a_token().await;
    let by_old_address = token.at(&two.house.url());
    assert_eq!(by_old_address.get("/api/v1/me").await.expect(200)["workspace"]["slug"], "pier");
    assert_eq!(token.get("/api/v1/me").await.expect(200)["memberships"].as_array().map(Vec::len), Some(1));
    let first = two.olga.get("/api/v1/workspaces").await.expect(200)["items"][0]["slug"].clone();
    let elsewhere = token.at(&format!("{}/w/{}", two.house.url(), first.as_str().expect("a slug")));
    elsewhere.get("/api/v1/me").await.refused(404);
    assert!(Socket::try_open(&elsewhere, None).await.is_err(), "no socket either");
    assert_eq!(two.house.admin.get("/api/v1/me").await.expect(200)["workspace"]["slug"], first);
}

async fn nobody_is_a_member_who_did_not_say_so(database: Database) {
    let two = two(database).await;
    let (_, dora) = two.house.admin.adds("dora", "Dora", "agent").await;
    let offer = json!({"username": "DORA", "role": "agent"});
    let made = two.olga_pier.post("/api/v1/membership-offers", &offer).await.expect(201);
    let to_nobody = json!({"username": "nobody-has-this", "role": "agent"});
    let same = two.olga_pier.post("/api/v1/membership-offers", &to_nobody).await.expect(201);
    let names = |offer: &Value| offer.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>());
    assert_eq!(names(&made), names(&same), "whether somebody has a name is not told");
    two.olga_pier.post("/api/v1/membership-offers", &offer).await.refused(409);
    let is_member = |users: &[Value]| users.iter().any(|user| user["username"] == "dora");
    assert!(!is_member(&two.olga_pier.all("/api/v1/users").await), "an offer is no membership");

    // A program of hers cannot take her along, and nobody else can answer.
    let id = &made["id"];
    let accept = format!("/api/v1/me/membership-offers/{id}/accept");
    dora.post(&accept, &json!({})).await.refused(403);
    assert_eq!(dora.get("/api/v1/me/membership-offers").await.expect(200)["items"], json!([]));
    two.olga.post(&accept, &json!({})).await.refused(404);
    let dora = Client::anonymous(&two.house.url()).signed_in("dora", PASSWORD).await;
    dora.delete(&format!("/api/v1/me/membership-offers/{id}")).await.expect(204);
    dora.post(&accept, &json!({})).await.refused(404);

    let again = two.olga_pier.post("/api/v1/membership-offers", &offer).await.expect(201);
    let path = format!("/api/v1/membership-offers/{}", again["id"]);
    two.olga_pier.delete(&path).await.expect(204);
    dora.post(&format!("/api/v1/me/membership-offers/{}/accept", again["id"]), &json!({})).await.refused(404);
    assert!(!is_member(&two.olga_pier.all("/api/v1/users").await));
}

async fn nobody_comes_along_by_a_password_they_chose_or_by_a_token(database: Database) {
    let two = two(database).await;
    let url = two.house.url();
    two.house.admin.adds("zoe", "Zoe", "agent").await;
    let narrow = json!({"slug": "narrow", "name": "Narrow", "permissions": ["notes.write"], "sight": "own_and_unassigned"});
    two.olga_pier.post("/api/v1/roles", &narrow).await.expect(201);
    let offer = json!({"username": "zoe", "role": "narrow"});
    let offered = two.olga_pier.post("/api/v1/membership-offers", &offer).await.expect(201)["id"].clone();
    let in_use = two.olga_pier.delete("/api/v1/roles/narrow").await.refused(409);
    assert_eq!(in_use["code"], "role_in_use", "what was offered is in use");
    let accept = format!("/api/v1/me/membership-offers/{offered}/accept");

    // Whoever chose the password could accept in her place, and whoever is signed in as her would come along.
    let other = Client::anonymous(&url).signed_in("zoe", PASSWORD).await;
    let zoe = Client::anonymous(&url).signed_in("zoe", PASSWORD).await;
    assert_eq!(zoe.post(&accept, &json!({})).await.refused(403)["code"], "own_password_first");
    let own =
        json!({"current_password": PASSWORD, "new_password": "only zoe knows it", "end_sessions": false});
    zoe.put("/api/v1/me/password", &own).await.expect(204);
    zoe.post(&accept, &json!({})).await.expect(200);
    other.get("/w/pier/api/v1/me").await.refused(401);
    zoe.get("/w/pier/api/v1/me").await.expect(200);

    // A new password by an admin withdraws what was offered.
    two.house.admin.adds("max", "Max", "agent").await;
    two.olga_pier
        .post("/api/v1/membership-offers", &json!({"username": "max", "role": "agent"}))
        .await
        .expect(201);
    let path = format!("/api/v1/users/{}", id_of(&two.house.admin, "max").await);
    two.house.admin.patch(&path, &json!({"password": "chosen by the admin"})).await.expect(200);
    assert_eq!(two.olga_pier.get("/api/v1/membership-offers").await.expect(200)["items"], json!([]));

    // A token of one workspace speaks for nobody elsewhere, whoever made it.
    let pier = two.olga_pier.with_a_token().await;
    let first = two.house.admin.get("/api/v1/me").await.expect(200)["workspace"]["id"].clone();
    pier.patch(&format!("/api/v1/workspaces/{first}"), &json!({"slug": "gone"})).await.refused(404);
    pier.post("/api/v1/workspaces", &json!({"name": "Another"})).await.refused(403);
    assert_eq!(pier.get("/api/v1/workspaces").await.expect(200)["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(pier.get("/api/v1/me/sessions").await.refused(403)["code"], "sign_in_required");
}

async fn an_admin_has_no_power_over_an_account_that_is_elsewhere_too(database: Database) {
    let two = two(database).await;
    let dora = two.both("dora").await;
    let admin = &two.house.admin;
    let path = format!("/api/v1/users/{}", id_of(admin, "dora").await);
    for change in [
        json!({"password": "a password of the admin's"}),
        json!({"username": "mallory"}),
        json!({"is_unlocked": true}),
    ] {
        assert_eq!(admin.patch(&path, &change).await.refused(403)["code"], "account_elsewhere", "{change}");
    }
    admin.get(&format!("{path}/sessions")).await.refused(403);
    let own = dora.all("/api/v1/me/sessions").await;
    admin.delete(&format!("{path}/sessions/{}", own[0]["id"])).await.refused(403);
    admin.patch(&path, &json!({"full_name": "Dora of ours", "role": "admin"})).await.expect(200);
    let pier = two.pier(&dora);
    let there = pier.get("/api/v1/me").await.expect(200);
    assert_eq!((&there["full_name"], &there["role"]), (&json!("Dora Both"), &json!("agent")), "each its own");

    // Ended here, she goes on there, by the same sign-in.
    admin.delete(&path).await.expect(204);
    assert_eq!(pier.get("/api/v1/me").await.expect(200)["memberships"].as_array().map(Vec::len), Some(1));
    assert_eq!(dora.get("/api/v1/me").await.expect(200)["workspace"]["slug"], "pier", "her only one");
    assert_eq!(
        admin.patch(&path, &json!({"is_active": true})).await.refused(403)["code"],
        "account_elsewhere"
    );
    assert_eq!(Client::anonymous(&two.house.url()).login("dora", PASSWORD).await.status, 200);

    // Who is a member here alone is this admin's to help.
    let (id, _) = admin.adds("ana", "Ana", "agent").await;
    let changed = json!({"password": "a new long password"});
    admin.patch(&format!("/api/v1/users/{id}"), &changed).await.expect(200);
    let ana = Client::anonymous(&two.house.url());
    assert_eq!(ana.login("ana", "a new long password").await.status, 200);
    admin.delete(&format!("/api/v1/users/{id}")).await.expect(204);
    assert_eq!(ana.login("ana", "a new long password").await.status, 401);
    admin.patch(&format!("/api/v1/users/{id}"), &json!({"is_active": true})).await.expect(200);
    assert_eq!(ana.login("ana", "a new long password").await.status, 200);
}

async fn a_new_password_ends_what_was_open_in_every_workspace(database: Database) {
    let two = two(database).await;
    let dora = two.both("dora").await;
    let other = Client::anonymous(&two.house.url()).signed_in("dora", PASSWORD).await;
    let token = two.pier(&dora).with_a_token().await;
    let socket = Socket::open(&token).await;
    let body = json!({"current_password": PASSWORD, "new_password": "another long password"});
    dora.put("/api/v1/me/password", &body).await.expect(204);
    assert_eq!(socket.closes().await, 4001);
    token.get("/api/v1/me").await.refused(401);
    two.pier(&other).get("/api/v1/me").await.refused(401);
    two.pier(&dora).get("/api/v1/me").await.expect(200);
    let anybody = Client::anonymous(&two.house.url());
    assert_eq!(anybody.login("dora", PASSWORD).await.status, 401);
    assert_eq!(anybody.login("dora", "another long password").await.status, 200);
}

async fn workspaces_are_made_by_who_may_and_have_addresses_of_their_own(database: Database) {
    let two = two(database).await;
    let (_, ana) = two.house.admin.adds("ana", "Ana", "agent").await;
    ana.post("/api/v1/workspaces", &json!({"name": "Ana's"})).await.refused(403);
    assert_eq!(ana.get("/api/v1/me").await.expect(200)["can_create_workspaces"], false);
    for (body, status, code) in [
        (json!({"name": "x", "slug": "pier"}), 409, "slug_taken"),
        (json!({"name": "x", "slug": "Not a slug"}), 422, "bad_slug"),
        (json!({"name": "x", "slug": "admin"}), 422, "bad_slug"),
        (json!({"name": " "}), 422, "bad_name"),
    ] {
        let refused = two.olga.post("/api/v1/workspaces", &body).await.refused(status);
        assert_eq!(refused["code"], code, "{body}");
    }
    let twins = [(); 2].map(|()| json!({"name": "Söhne & Co."}));
    let mut slugs = Vec::new();
    for twin in &twins {
        slugs.push(two.olga.post("/api/v1/workspaces", twin).await.expect(201)["slug"].clone());
    }
    assert_eq!(slugs, ["sohne-co", "sohne-co-2"]);

    let pier = two.olga_pier.get("/api/v1/me").await.expect(200)["workspace"]["id"].clone();
    let path = format!("/api/v1/workspaces/{pier}");
    two.olga.patch(&path, &json!({"slug": "harbour", "name": "Harbour"})).await.expect(200);
    two.olga_pier.get("/api/v1/me").await.refused(404);
    let moved = two.olga.at(&format!("{}/w/harbour", two.house.url()));
    assert_eq!(moved.get("/api/v1/me").await.expect(200)["workspace"]["name"], "Harbour");
    ana.patch(&path, &json!({"name": "Mine"})).await.refused(404);

    let open = House::open_with(Database::sqlite(), |settings| {
        settings.with("RAPPORT_WORKSPACES_BY_ANYBODY", "true")
    })
    .await;
    open.admin.adds("ben", "Ben", "agent").await;
    let ben = Client::anonymous(&open.url()).signed_in("ben", PASSWORD).await;
    assert_eq!(ben.get("/api/v1/me").await.expect(200)["can_create_workspaces"], true);
    let made = ben.post("/api/v1/workspaces", &json!({"name": "Ben's"})).await.expect(201);
    let slug = made["slug"].as_str().expect("a slug").to_owned();
    let ben = ben.at(&format!("{}/w/{slug}", open.url()));
    assert_eq!(ben.get("/api/v1/me").await.expect(200)["role"], "admin", "{made}");
    let seen = open.admin.get("/api/v1/workspaces").await.expect(200);
    let his = seen["items"].as_array().and_then(|all| all.iter().find(|it| it["slug"] == slug.as_str()));
    let his = his.expect("who looks after the server sees its name");
    assert_eq!((&his["user_id"], &his["unread"]), (&Value::Null, &Value::Null), "and nothing else");
    open.admin.at(&format!("{}/w/{slug}", open.url())).get("/api/v1/me").await.refused(404);
}

async fn in_an_archived_workspace_nothing_happens_until_it_is_back(database: Database) {
    let two = two(database).await;
    let dora = two.both("dora").await;
    let token = two.olga_pier.with_a_token().await;
    let channel = Channel::usual(&token, "whatsapp").await;
    let url = two.house.url();
    post(&url, &channel, &channel.text("15557700421", "wamid.1", "before")).await.expect(200);
    let socket = Socket::open(&token).await;
    let id = two.olga_pier.get("/api/v1/me").await.expect(200)["workspace"]["id"].clone();
    let path = format!("/api/v1/workspaces/{id}");
    let first = two.olga.get("/api/v1/workspaces").await.expect(200)["items"][0]["id"].clone();
    let kept = two.olga.patch(&format!("/api/v1/workspaces/{first}"), &json!({"archived": true})).await;
    assert_eq!(kept.refused(409)["code"], "first_workspace");

    two.olga.patch(&path, &json!({"archived": true})).await.expect(200);
    assert_eq!(socket.closes().await, 4001);
    token.get("/api/v1/me").await.refused(401);
    two.olga_pier.get("/api/v1/me").await.refused(404);
    dora.get("/api/v1/me").await.expect(200);
    let body = channel.text("15557700421", "wamid.2", "meanwhile");
    assert_eq!(outcome(post(&url, &channel, &body).await), "ignored", "the platform need not come again");

    two.olga.patch(&path, &json!({"archived": false})).await.expect(200);
    let listed = token.all("/api/v1/channels").await;
    assert_eq!((&listed[0]["state"], &listed[0]["state_reason"]), (&json!("active"), &Value::Null));
    post(&url, &channel, &channel.text("15557700421", "wamid.3", "after")).await.expect(200);
    let conversation = number(&token.all("/api/v1/conversations").await[0]["id"]);
    let said: Vec<_> =
        token.messages(conversation).await.iter().map(|message| message["content"].clone()).collect();
    assert_eq!(said, ["before", "after"]);
}

async fn a_claim_without_proof_is_in_nobodys_way(database: Database) {
    let two = two(database).await;
    let (squatter, owner) = (&two.olga_pier, &two.house.admin);
    let claim = json!({"kind": "whatsapp", "name": "Not theirs", "external_id": "731904466218053",
        "options": {}, "credentials": {"app_secret": "a secret of their own", "access_token": "x"}});
    squatter.post("/api/v1/channels", &claim).await.expect(201);
    squatter.post("/api/v1/channels", &claim).await.refused(409);
    let channel = Channel::usual(owner, "whatsapp").await;
    let shown = owner.get(&format!("/api/v1/channels/{}", channel.id)).await.expect(200);
    assert_eq!(shown["external_id"], "731904466218053", "as its platform names it");
    let body = channel.text("15557700421", "wamid.1", "for the owner");
    assert_eq!(outcome(post(&two.house.url(), &channel, &body).await), "stored");
    assert_eq!(owner.all("/api/v1/conversations").await.len(), 1);
    assert_eq!(squatter.all("/api/v1/conversations").await.len(), 0);

    // Who proves it has it; who comes later is told so.
    let chat = json!({"kind": "webchat", "name": "Chat", "external_id": "shop", "credentials": {}});
    let theirs = squatter.post("/api/v1/channels", &chat).await.expect(201)["id"].clone();
    let ours = owner.post("/api/v1/channels", &chat).await.expect(201)["id"].clone();
    let test = |id: &Value| format!("/api/v1/channels/{id}/test");
    owner.post(&test(&ours), &json!({})).await.expect(200);
    let late = squatter.post(&test(&theirs), &json!({})).await.refused(409);
    assert_eq!(late["code"], "channel_claimed");
    owner.delete(&format!("/api/v1/channels/{ours}")).await.expect(204);
    squatter.post(&test(&theirs), &json!({})).await.expect(200);
}

async fn what_an_older_program_writes_has_an_account(database: Database) {
    let house = House::open(database).await;
    house
        .database
        .execute(
            "INSERT INTO users (workspace_id, username, username_key, full_name, search_text, password_hash, role, created_at)
             SELECT workspace_id, 'ivo', 'ivo', 'Ivo', 'ivo', password_hash, 'agent', 1 FROM users WHERE username_key = 'olga';",
        )
        .await;
    let anybody = Client::anonymous(&house.url());
    let ivo = anybody.signed_in("ivo", PASSWORD).await;
    let me = ivo.get("/api/v1/me").await.expect(200);
    assert_eq!((&me["account"]["username"], &me["role"]), (&json!("ivo"), &json!("agent")), "{me}");
    // A password that it sets counts; one that is set here it reads.
    house
        .database
        .execute("UPDATE users SET password_hash = 'no hash at all' WHERE username_key = 'ivo';")
        .await;
    assert_eq!(anybody.login("ivo", PASSWORD).await.status, 401);
    let change = json!({"password": "another long password", "username": "ivan"});
    house.admin.patch(&format!("/api/v1/users/{}", me["id"]), &change).await.expect(200);
    assert_eq!(anybody.login("ivan", "another long password").await.status, 200);
    house.database.execute("UPDATE users SET deactivated_at = 5 WHERE username_key = 'ivan';").await;
    assert_eq!(anybody.login("ivan", "another long password").await.status, 401);
}

async fn the_command_line_makes_peoples_and_archives_workspaces(database: Database) {
    let house = House::open(database).await;
    house.admin.adds("ana", "Ana", "agent").await;
    let run = async |words: &[&str], input: &str| {
        let (status, said) = house.server.command(words, input, &[]).await;
        assert!(status.success(), "{words:?}: {said}");
        said
    };
    let said = run(&["workspace", "add", "--name", "The Pier", "--slug", "pier"], "").await;
    assert!(said.contains("/w/pier/"), "{said}");
    run(&["user", "add", "--username", "ana", "--role", "admin", "--workspace", "pier"], "").await;
    let new = ["user", "add", "--username", "ben", "--role", "admin", "--workspace", "pier"];
    run(&new, &format!("{PASSWORD}\n")).await;
    let below = format!("{}/w/pier", house.url());
    let signed_in =
        async |username: &str| Client::anonymous(&house.url()).signed_in(username, PASSWORD).await.at(&below);
    assert_eq!(signed_in("ana").await.get("/api/v1/me").await.expect(200)["role"], "admin");
    assert_eq!(signed_in("ben").await.get("/api/v1/me").await.expect(200)["role"], "admin");
    assert!(!house.admin.all("/api/v1/users").await.iter().any(|user| user["username"] == "ben"));
    let said = run(&["workspace", "list"], "").await;
    assert!(said.contains("/w/pier/  The Pier") && said.contains("2 workspaces."), "{said}");
    run(&["workspace", "archive", "pier"], "").await;
    let (status, _) = house.server.command(&["workspace", "archive", "nowhere"], "", &[]).await;
    assert!(!status.success());
    assert_eq!(Client::anonymous(&house.url()).login("ben", PASSWORD).await.status, 401, "nowhere else");
    run(&["workspace", "unarchive", "pier"], "").await;
    assert_eq!(signed_in("ben").await.get("/api/v1/me").await.expect(200)["role"], "admin");
    run(&["user", "deactivate", "ana"], "").await;
    assert_eq!(Client::anonymous(&house.url()).login("ana", PASSWORD).await.status, 401, "of none of them");
}

/// Every row of the first workspace that people see, and what the database says of itself.
async fn seen(client: &Client, conversation: i64) -> Value {
    let mut all = Vec::new();
    for path in ["conversations", "channels", "labels", "users", "audit", "flows", "hooks", "canned-replies"]
    {
        let mut items = client.all(&format!("/api/v1/{path}")).await;
        // What is asked of a platform now and then is asked anew at each start.
        items.iter_mut().filter_map(Value::as_object_mut).for_each(|item| drop(item.remove("upkeep")));
        all.push(json!(items));
    }
    all.push(json!(client.messages(conversation).await));
    all.push(client.get("/api/v1/search?q=neighbour").await.expect(200));
    json!(all)
}

async fn a_deleted_workspace_is_gone_whole_and_its_neighbour_untouched(database: Database) {
    let mut two = two(database).await;
    let dora = two.both("dora").await;
    let url = two.house.url();
    let owner = two.house.admin.clone();
    let channel = two.house.channel("whatsapp").await;
    post(&url, &channel, &channel.text("15557700421", "wamid.n", "a neighbour here")).await.expect(200);
    let conversation = number(&owner.all("/api/v1/conversations").await[0]["id"]);

    // One of everything, where it is to go.
    let pier = two.olga_pier.with_a_token().await;
    let theirs = Channel::connect(&pier, "whatsapp", "731904466218999").await;
    post(&url, &theirs, &theirs.text("15557700999", "wamid.t", "goes away")).await.expect(200);
    let talk = number(&pier.all("/api/v1/conversations").await[0]["id"]);
    pier.say(talk, "c1", "goes, too").await.expect(201);
    let note = json!({"content": "@dora look", "client_id": "c2", "is_private": true});
    pier.post(&format!("/api/v1/conversations/{talk}/messages"), &note).await.expect(201);
    let label = pier.post("/api/v1/labels", &json!({"name": "Gone", "color": "#aa0000"})).await.expect(201);
    let change = json!({"label_ids": [label["id"]], "priority": "high"});
    pier.patch(&format!("/api/v1/conversations/{talk}"), &change).await.expect(200);
    for (path, body) in [
        ("canned-replies", json!({"shortcut": "gone", "content": "Hello"})),
        ("views", json!({"name": "Gone", "filter": {"status": "open"}})),
        ("hooks", json!({"name": "Gone", "url": "https://example.org/x", "events": ["message_created"]})),
        ("flows", json!({"name": "Gone", "steps": [{"kind": "message", "text": "Hello"}]})),
        ("users", json!({"username": "paul", "full_name": "Paul", "password": PASSWORD, "role": "agent"})),
        ("direct-messages", json!({"to": "dora", "content": "psst", "client_id": "d"})),
    ] {
        let made = pier.post(&format!("/api/v1/{path}"), &body).await;
        assert_eq!(made.status, 201, "{path}: {}", made.text);
    }
    let id = pier.get("/api/v1/me").await.expect(200)["workspace"]["id"].clone();
    two.olga.patch(&format!("/api/v1/workspaces/{id}"), &json!({"archived": true})).await.expect(200);
    let before = seen(&owner, conversation).await;

    // (Of servers on PostgreSQL a command knows nothing.)
    if two.house.database.is_sqlite() {
        let (status, said) = two.house.server.command(&["workspace", "delete", "pier"], "", &[]).await;
        assert!(!status.success(), "not while a server runs: {said}");
    }
    two.house.server.asked_to_stop();
    two.house.server.ends().await;
    let (status, said) = two.house.server.command(&["workspace", "delete", "pier"], "", &[]).await;
    assert!(status.success() && said.contains("was deleted"), "{said}");
    let (status, said) = two.house.server.command(&["verify"], "", &[]).await;
    assert!(status.success(), "nothing is left over: {said}");
    two.house.server.starts_again().await;

    let mut after = seen(&owner, conversation).await;
    let log = after[4].as_array_mut().expect("the log");
    log.retain(|entry| entry["action"] != "workspace_deleted");
    assert_eq!(before, after, "what the neighbour has");
    assert_eq!(dora.get("/api/v1/me").await.expect(200)["memberships"].as_array().map(Vec::len), Some(1));
    let anybody = Client::anonymous(&url);
    assert_eq!(anybody.login("paul", PASSWORD).await.status, 401, "who was a member there alone");
    owner.post("/api/v1/users", &json!({"username": "paul", "password": PASSWORD})).await.expect(201);
    owner.post("/api/v1/workspaces", &json!({"name": "The Pier", "slug": "pier"})).await.expect(201);
}

/// What two hundred clients of an agency cost while none of them does anything.
#[tokio::test]
async fn idle_workspaces_cost_next_to_nothing() {
    let two = two(Database::sqlite()).await;
    let before = two.house.server.resident_kib();
    for n in 0..200 {
        two.olga.post("/api/v1/workspaces", &json!({"name": format!("Client {n}")})).await.expect(201);
    }
    let last = two.olga.at(&format!("{}/w/client-199", two.house.url()));
    assert_eq!(last.get("/api/v1/me").await.expect(200)["memberships"].as_array().map(Vec::len), Some(202));
    let listed = two.olga.get("/api/v1/workspaces").await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(202));
    let more = two.house.server.resident_kib().saturating_sub(before);
    assert!(more < 100 * 1024, "two hundred idle workspaces take {more} KiB");
}
