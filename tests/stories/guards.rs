//! What refuses to begin: commands over a database that is not there, of a newer program, in use, or silent;
//! and the way out of a lost key (contract 6, "Commands").

use crate::support::database::Database;
use crate::support::house::{House, settings};
use crate::support::on_both_databases;
use crate::support::platform::Platform;
use crate::support::server::{Server, Settings, free_port};
use crate::support::webhooks::post;
use crate::support::{PATIENCE, guard};
use serde_json::json;
use std::path::Path;

on_both_databases!(
    commands_that_make_no_database_name_the_one_they_miss,
    a_newer_database_is_refused_by_every_command,
    a_lost_key_is_given_up_and_everything_else_stays,
    an_unknown_word_in_a_row_costs_no_list,
);

fn one_line(said: &str) {
    assert_eq!(said.trim().lines().count(), 1, "one clear line: {said}");
}

async fn commands_that_make_no_database_name_the_one_they_miss(database: Database) {
    let database = database.without_tables().await;
    let place = database.url.rsplit('/').next().expect("a name").to_owned();
    for command in ["verify", "restored", "rekey"] {
        let (status, said) = Server::told(Settings::new(&database), command).await;
        assert!(!status.success(), "{command}: {said}");
        assert!(said.contains("there is no database at") && said.contains(&place), "{command}: {said}");
        one_line(&said);
    }
    if database.is_sqlite() {
        let file = database.url.trim_start_matches("sqlite://");
        let folder = Path::new(file).parent().expect("a folder");
        assert_eq!(std::fs::read_dir(folder).expect("there").count(), 0, "nothing was made");
    }
}

async fn a_newer_database_is_refused_by_every_command(database: Database) {
    let mut house = House::open(database).await;
    house.server.asked_to_stop();
    house.server.ends().await;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
    house.database.execute(newer).await;
    let told = settings(&house.database, &house.platform);
    for command in ["serve", "migrate", "verify", "restored", "rekey"] {
        let (status, said) = Server::told(told.clone(), command).await;
        assert!(!status.success(), "{command}: {said}");
        let names_both = said.contains("9999") && said.contains(env!("CARGO_PKG_VERSION"));
        assert!(names_both, "{command} names both versions: {said}");
        one_line(&said);
    }
    let add = ["user", "add", "--username", "rescue", "--role", "admin"];
    let (status, said) = house.server.command(&add, "a long enough one\n", &[]).await;
    assert!(!status.success() && said.contains("9999"), "{said}");
    let adding = "INSERT INTO migration_notes (version, release, only_adds) VALUES ('9999', '9.9.0', true)";
    house.database.execute(adding).await;
    house.server.starts_again().await;
}

async fn a_lost_key_is_given_up_and_everything_else_stays(database: Database) {
    let mut house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let body = channel.text("15557700421", "wamid.kept", "kept");
    post(&house.url(), &channel, &body).await.expect(200);
    let conversation = channel.conversation(&house.admin, "15557700421").await;
    let before = house.admin.messages(conversation).await;
    house.server.asked_to_stop();
    house.server.ends().await;
    let new = (!house.database.is_sqlite()).then_some("another key, forty characters long too..");
    house.server.will_have("RAPPORT_SECRET_KEY", new);
    house.server.begins_again();
    let status = house.server.ends().await;
    let said = house.server.log();
    assert!(!status.success() && said.contains("rekey --lost"), "{said}");
    if house.database.is_sqlite() {
        let key = Path::new(house.database.url.trim_start_matches("sqlite://")).with_extension("key");
        assert!(!key.exists() && said.contains(&key.display().to_string()), "no key was made: {said}");
    }
    let (status, said) = house.server.command(&["rekey", "--lost"], "", &[]).await;
    assert!(status.success() && said.contains(&format!("channel {}", channel.id)), "{said}");
    house.server.starts_again().await;
    assert_eq!(house.admin.messages(conversation).await, before);
    let path = format!("/api/v1/channels/{}", channel.id);
    let shown = house.admin.get(&path).await.expect(200);
    assert_eq!(shown["state"], "paused", "{shown}");
    let (_, said) = house.server.command(&["rekey", "--lost"], "", &[]).await;
    assert!(said.contains("in use by") || !house.database.is_sqlite(), "beside a running server: {said}");
    let again = json!({"credentials": {"access_token": "t", "app_secret": channel.secret, "verify_token": "v"},
                       "state": "active"});
    house.admin.patch(&path, &again).await.expect(200);
    let answer =
        post(&house.url(), &channel, &channel.text("15557700421", "wamid.new", "new")).await.expect(200);
    assert_eq!(answer["results"][0]["outcome"], "stored", "{answer}");
}

async fn an_unknown_word_in_a_row_costs_no_list(database: Database) {
    let house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    for n in 1..=2 {
        let body = channel.text("15557700421", &format!("wamid.{n}"), "hello");
        post(&house.url(), &channel, &body).await.expect(200);
    }
    let conversation = channel.conversation(&house.admin, "15557700421").await;
    for odd in [
        "UPDATE messages SET status = 'levitating', origin = 'dream' WHERE seq = 1",
        "UPDATE messages SET message_type = 'hologram', sender_type = 'ghost' WHERE seq = 2",
        "UPDATE conversations SET status = 'adrift', priority = 'whenever'",
    ] {
        house.database.execute(odd).await;
    }
    let messages = house.admin.messages(conversation).await;
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(messages[1]["message_type"], "unsupported");
    assert_eq!(house.admin.all("/api/v1/conversations").await.len(), 1);
    let (status, said) = Server::told(settings(&house.database, &house.platform), "verify").await;
    assert!(!status.success() && said.contains("messages 1 (status)"), "{said}");
}

#[tokio::test]
async fn a_second_server_on_one_file_is_refused_and_told_of_the_first() {
    let house = House::open(Database::sqlite()).await;
    let told = settings(&house.database, &house.platform);
    let first = format!("process {}", house.server.process_id());
    for command in ["serve", "restored", "rekey"] {
        let (status, said) = Server::told(told.clone(), command).await;
        assert!(!status.success() && said.contains(&first), "{command}: {said}");
        one_line(&said);
    }
    let (status, said) = Server::told(told, "verify").await;
    assert!(status.success(), "{said}");
    let add = ["user", "add", "--username", "rescue", "--role", "admin"];
    let (status, said) = house.server.command(&add, "a long enough one\n", &[]).await;
    assert!(status.success(), "{said}");
}

#[tokio::test]
async fn asked_to_stop_while_the_database_is_silent_it_ends_and_a_command_gives_up_by_itself() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = silent.local_addr().expect("bound");
    let platform = Platform::start().await;
    let database = Database::sqlite();
    let at = |more: &str| {
        settings(&database, &platform).with("DATABASE_URL", &format!("postgres://u:p@{address}/d{more}"))
    };
    let mut server = Server::begins(at(""));
    let _taken = silent.accept().await.expect("it asks");
    server.asked_to_stop();
    assert!(server.ends().await.success(), "{}", server.log());
    let (status, said) = Server::told(at("?connect_timeout=1"), "migrate").await;
    assert!(!status.success() && said.contains(&address.to_string()), "{said}");
    one_line(&said);
}

/// Where `PgBouncer` is installed; it is no part of what runs the tests.
#[tokio::test]
async fn a_pooler_that_hands_out_sessions_by_the_transaction_is_refused() {
    const POOLER: &str = "/usr/sbin/pgbouncer";
    let Some(database) = Database::empty_postgres().await else { return };
    if !Path::new(POOLER).exists() {
        return crate::support::not_run("PgBouncer");
    }
    let (host, name) = database.url.trim_start_matches("postgres://postgres@").split_once('/').expect("both");
    for (mode, is_refused) in [("transaction", true), ("session", false)] {
        let folder = tempfile::tempdir().expect("a folder");
        let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), everybody).expect("ours");
        let (settings, port) = (folder.path().join("pooler.ini"), free_port());
        let text = format!(
            "[databases]\n* = host={} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = {mode}\n",
            host.replace("%2F", "/")
        );
        std::fs::write(&settings, text).expect("writes");
        let mut pooler = tokio::process::Command::from(guard::plain(POOLER, true));
        let _pooler = pooler.arg("-q").arg(&settings).kill_on_drop(true).spawn().expect("it starts");
        let answers = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, answers).await.expect("it listens");
        let at =
            Settings::new(&database).with("DATABASE_URL", &format!("postgres://u@127.0.0.1:{port}/{name}"));
        let (status, said) = Server::told(at, "migrate").await;
        assert_eq!(status.success(), !is_refused, "{mode}: {said}");
        assert_eq!(said.contains("transaction mode"), is_refused, "{mode}: {said}");
        if is_refused {
            one_line(&said);
        }
    }
}

#[tokio::test]
async fn the_media_folder_of_another_database_is_refused_and_a_missing_one_is_told_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().display().to_string();
    let platform = Platform::start().await;
    let (first, second) = (Database::sqlite(), Database::sqlite());
    let at =
        |database: &Database, place: &str| settings(database, &platform).with("RAPPORT_MEDIA_DIR", place);
    for database in [&first, &first] {
        let mut server = Server::start(at(database, &place)).await;
        server.asked_to_stop();
        server.ends().await;
        assert!(!server.log().contains("media folder"), "{}", server.log());
    }
    let other = folder.path().join("other").display().to_string();
    let mut server = Server::start(at(&second, &other)).await;
    server.asked_to_stop();
    server.ends().await;
    let (status, said) = Server::refused(at(&second, &place)).await;
    assert!(!status.success() && said.contains(&place) && said.contains("RAPPORT_MEDIA_DIR"), "{said}");
    let server = Server::start(at(&first, &folder.path().join("new").display().to_string())).await;
    assert!(server.log().contains("share one folder"), "{}", server.log());
}

#[tokio::test]
async fn what_is_kept_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let database = Database::sqlite();
    let platform = Platform::start().await;
    let file = database.url.trim_start_matches("sqlite://").replace("rapport.db", "new/rapport.db");
    let told = settings(&database, &platform).with("DATABASE_URL", &format!("sqlite://{file}"));
    let _server = Server::start(told.without("RAPPORT_SECRET_KEY")).await;
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let folder = Path::new(&file).parent().expect("a folder");
    assert_eq!(mode(folder), 0o700);
    for entry in std::fs::read_dir(folder).expect("reads") {
        let path = entry.expect("an entry").path();
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
}
