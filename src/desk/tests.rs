//! The commands on a real embedded database: one story each. Never a socket.

use super::channels::{ChannelChange, CreateChannel, DeleteChannel, UpdateChannel};
use super::users::{
    ChangePassword, CreateFirstAdmin, CreateToken, CreateUser, EndCredential, SignIn, UpdateUser, UserChange,
};
use crate::auth::{Authenticator, ChannelDirectory, TokenHash, Vault, seal_credentials};
use crate::channels::Credentials;
use crate::domain::{
    ChannelKind, ChannelState, Credential, Event, Revoked, Role, Timestamp, User, UserId, WorkspaceId,
};
use crate::ledger::{Ledger, LedgerError};
use crate::store::Db;
use crate::store::accounts::channels::NewChannel;
use crate::store::accounts::users::{self, NewUser, Search};
use crate::thread::hook_events;
use secrecy::SecretString;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A database with one admin, and what the ledger told.
struct House {
    _folder: tempfile::TempDir,
    db: Db,
    ledger: Ledger,
    told: Arc<Mutex<Vec<Event>>>,
    admin: User,
}

impl House {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let db =
            Db::open(&format!("sqlite://{}", folder.path().join("test.db").display())).await.expect("opens");
        let told = Arc::new(Mutex::new(Vec::new()));
        let hears = told.clone();
        let voice = Arc::new(move |events: Vec<Event>| hears.lock().expect("whole").extend(events));
        let ledger = Ledger::start(&db, voice, hook_events::queue).await.expect("starts");
        let first = CreateFirstAdmin {
            admin: new_user("anna", "Anna Ångström", Role::Admin),
            workspace_name: None,
        };
        let admin = ledger.give(first).await.expect("the first admin");
        Self { _folder: folder, db, ledger, told, admin }
    }

    fn by(&self) -> (WorkspaceId, UserId) {
        (self.admin.workspace_id, self.admin.id)
    }

    async fn add(&self, username: &str, full_name: &str, role: Role) -> User {
        let user = new_user(username, full_name, role);
        self.ledger.give(CreateUser { by: Some(self.by()), user }).await.expect("a new user")
    }

    async fn change(&self, id: UserId, change: UserChange) -> Result<(), &'static str> {
        code(
            self.ledger
                .give(UpdateUser { by: (self.admin.workspace_id, Some(self.admin.id)), id, change })
                .await,
        )
    }

    async fn found(&self, text: &str) -> Vec<String> {
        let (workspace, search) =
            (self.admin.workspace_id, Search { text: text.into(), limit: 10, ..Search::default() });
        let rows = self
            .db
            .read(async move |conn| users::search(conn, workspace, &search).await)
            .await
            .expect("found");
        rows.into_iter().map(|account| account.user.username).collect()
    }

    fn revoked(&self) -> Vec<Revoked> {
        let told = std::mem::take(&mut *self.told.lock().expect("whole"));
        told.into_iter()
            .filter_map(|event| if let Event::Revoked(revoked) = event { Some(revoked) } else { None })
            .collect()
    }
}

fn new_user(username: &str, full_name: &str, role: Role) -> NewUser {
    let (username, full_name, password_hash) = (username.into(), full_name.into(), "hash".into());
    NewUser { username, full_name, email: Some(format!("{role}@example.org")), role, password_hash }
}

/// The code of a refusal.
fn code<T>(outcome: Result<T, LedgerError>) -> Result<(), &'static str> {
    match outcome {
        Ok(_) => Ok(()),
        Err(LedgerError::Refused(refusal)) => Err(refusal.code),
        Err(error) => panic!("{error}"),
    }
}

#[actix::test]
async fn there_is_one_first_admin() {
    let house = House::open().await;
    assert_eq!(house.admin.role, Role::Admin);
    let second = CreateFirstAdmin { admin: new_user("eve", "Eve", Role::Admin), workspace_name: None };
    assert_eq!(code(house.ledger.give(second).await), Err("already_set_up"));
}

#[actix::test]
async fn users_are_found_whatever_the_case_and_accents() {
    let house = House::open().await;
    house.add("jose", "José García", Role::Agent).await;
    house.add("per_cent", "100% Björk", Role::Agent).await;
    for (text, found) in [
        ("ANGSTROM", vec!["anna"]),
        ("josé", vec!["jose"]),
        ("garcia jose", vec!["jose"]),
        ("AGENT@example", vec!["jose", "per_cent"]),
        ("100%", vec!["per_cent"]),
        ("r_c", vec!["per_cent"]),
        ("%", vec!["per_cent"]),
        ("nobody", vec![]),
        ("", vec!["anna", "jose", "per_cent"]),
    ] {
        assert_eq!(house.found(text).await, found, "{text}");
    }
}

#[actix::test]
async fn a_username_is_taken_however_it_is_written() {
    let house = House::open().await;
    let twin = CreateUser { by: Some(house.by()), user: new_user("ÁNNA", "Twin", Role::Agent) };
    assert_eq!(code(house.ledger.give(twin).await), Err("username_taken"));
    let bert = house.add("bert", "Bert", Role::Agent).await;
    let rename = UserChange { username: Some("Anna".into()), ..UserChange::default() };
    assert_eq!(house.change(bert.id, rename).await, Err("username_taken"));
}

#[actix::test]
async fn the_last_admin_stays_one() {
    let house = House::open().await;
    let demote = || UserChange { role: Some(Role::Agent), ..UserChange::default() };
    let leave = || UserChange { is_active: Some(false), ..UserChange::default() };
    assert_eq!(house.change(house.admin.id, demote()).await, Err("last_admin"));
    assert_eq!(house.change(house.admin.id, leave()).await, Err("last_admin"));
    let other = house.add("bert", "Bert", Role::Admin).await;
    assert_eq!(house.change(other.id, leave()).await, Ok(()));
    assert_eq!(
        house.change(house.admin.id, demote()).await,
        Err("last_admin"),
        "one who cannot come in does not count"
    );
    assert_eq!(
        house.change(other.id, UserChange { is_active: Some(true), ..UserChange::default() }).await,
        Ok(())
    );
    assert_eq!(house.change(house.admin.id, demote()).await, Ok(()));
    assert_eq!(house.change(other.id, demote()).await, Err("forbidden"), "an agent changes nobody");
}

#[actix::test]
async fn a_sign_in_ends_with_the_password_the_user_or_itself() {
    let house = House::open().await;
    let bert = house.add("bert", "Bert", Role::Agent).await;
    let user = (bert.workspace_id, bert.id);
    let sign_in = |token: &str| SignIn {
        user,
        verified: "hash".into(),
        token_hash: TokenHash::of(token),
        device: None,
    };
    let one = house.ledger.give(sign_in("one")).await.expect("signed in");
    let two = house.ledger.give(sign_in("two")).await.expect("signed in");
    let three = house.ledger.give(sign_in("three")).await.expect("signed in");
    let asked = Authenticator::new(house.db.clone());
    let now = Timestamp::now();
    let open = async |token: &str| {
        asked.forget();
        asked.by_cookie(token, now).await.expect("asked").is_some()
    };
    assert!(open("one").await && open("two").await && open("three").await);
    assert!(
        asked.by_bearer("one", now).await.expect("asked").is_none(),
        "a cookie's token is no bearer token"
    );

    let ended = house
        .ledger
        .give(EndCredential { by: user, user: bert.id, credential: Credential::Login(two) })
        .await;
    assert!(ended.expect("ended") && !open("two").await);

    let new_password = ChangePassword {
        user,
        verified: "hash".into(),
        password_hash: "new".into(),
        kept: Some(one),
        end_sessions: true,
    };
    house.ledger.give(new_password).await.expect("changed");
    assert!(open("one").await && !open("three").await);
    assert_eq!(
        code(house.ledger.give(sign_in("four")).await),
        Err("wrong_credentials"),
        "checked against the old one"
    );

    let token =
        CreateToken { user, name: "bot".into(), token_hash: TokenHash::of("bearer"), expires_at: None };
    house.ledger.give(token).await.expect("made");
    assert!(asked.by_bearer("bearer", now).await.expect("asked").is_some());
    house
        .change(bert.id, UserChange { is_active: Some(false), ..UserChange::default() })
        .await
        .expect("deactivated");
    asked.forget();
    assert!(!open("one").await && asked.by_bearer("bearer", now).await.expect("asked").is_none());
    let ends = house.revoked();
    let of = |credential| Revoked { user_id: bert.id, credential };
    assert_eq!(ends, [of(Some(Credential::Login(two))), of(Some(Credential::Login(three))), of(None)]);
}

#[actix::test]
async fn a_sign_in_ends_by_itself_unused_or_old() {
    let house = House::open().await;
    let sign_in =
        SignIn { user: house.by(), verified: "hash".into(), token_hash: TokenHash::of("one"), device: None };
    house.ledger.give(sign_in).await.expect("signed in");
    let now = Timestamp::now();
    let days = |days: u64| now.plus(Duration::from_secs(days * 24 * 3600));
    for (at, is_open) in [(now, true), (days(6), true), (days(8), false), (days(31), false)] {
        let found = Authenticator::new(house.db.clone()).by_cookie("one", at).await.expect("asked");
        assert_eq!(found.is_some(), is_open, "{at:?}");
    }
}

#[actix::test]
async fn a_deleted_channel_frees_its_account_and_keeps_its_row() {
    let house = House::open().await;
    let vault = Vault::new(&SecretString::from("a secret of this test"));
    let directory = ChannelDirectory::new(house.db.clone(), vault.clone());
    let new = || NewChannel {
        kind: ChannelKind::named("whatsapp"),
        name: "Shop".into(),
        external_id: "4711".into(),
        options: json!({"waba_id": "1"}),
        sealed: seal_credentials(&vault, &Credentials::from_pairs([("app_secret", "old"), ("app_id", "7")])),
    };
    let channel =
        house.ledger.give(CreateChannel { by: house.by(), channel: new() }).await.expect("connected");
    let twin = house.ledger.give(CreateChannel { by: house.by(), channel: new() }).await;
    assert_eq!(code(twin), Err("channel_exists"));

    let change = ChannelChange {
        credentials: vec![("app_secret", Some("new".into())), ("app_id", None)],
        options: json!({"waba_id": null, "coexistence": true}).as_object().expect("an object").clone(),
        state: Some(ChannelState::Paused),
        ..ChannelChange::default()
    };
    let update = UpdateChannel { by: house.by(), id: channel.id, change, vault: vault.clone() };
    house.ledger.give(update).await.expect("changed");
    let found =
        directory.by_external(ChannelKind::named("whatsapp"), "4711").await.expect("asked").expect("there");
    assert_eq!(found.access.credentials.get("app_secret"), Some("new"));
    assert_eq!(found.access.credentials.get("app_id"), None);
    assert_eq!(found.channel.options, json!({"coexistence": true}));
    assert_eq!(found.channel.state, ChannelState::Paused);

    house.ledger.give(DeleteChannel { by: house.by(), id: channel.id }).await.expect("deleted");
    directory.forget();
    assert!(directory.get(channel.id).await.expect("asked").is_none());
    assert!(directory.all_of_kind(ChannelKind::named("whatsapp")).await.expect("asked").is_empty());
    let again =
        house.ledger.give(CreateChannel { by: house.by(), channel: new() }).await.expect("connected anew");
    assert_ne!(again.id, channel.id);
    let seen_at_once = directory.get(again.id).await.expect("asked");
    assert!(seen_at_once.is_some(), "a channel another process made is found though it is not remembered");
}
