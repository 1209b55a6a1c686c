//! `rapport backup` and `rapport restore` (contract 6): taken under way, brought back where there is nothing,
//! and never over anything or from what is not whole.

use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::house::{House, settings};
use crate::support::on_both_databases;
use crate::support::server::{Server, Settings};
use crate::support::socket::Socket;
use crate::support::webhooks::post;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

on_both_databases!(
    a_backup_taken_under_way_comes_back_on_an_empty_machine,
    nothing_is_written_over_and_nothing_restored_that_is_not_whole,
);

const CUSTOMER: &str = "15557700421";

/// A machine without anything: a database, a folder for files.
struct Machine {
    database: Database,
    folder: tempfile::TempDir,
    settings: Settings,
}

impl Machine {
    async fn like(house: &House) -> Self {
        let database = if house.database.is_sqlite() {
            Database::sqlite()
        } else {
            Database::empty_postgres().await.expect("there was one before")
        };
        let folder = tempfile::tempdir().expect("a folder");
        let media = folder.path().join("media");
        let mut settings = settings(&database, &house.platform)
            .with("RAPPORT_MEDIA_DIR", &media.display().to_string())
            .without("RAPPORT_ADMIN_USERNAME")
            .without("RAPPORT_ADMIN_PASSWORD");
        if database.is_sqlite() {
            // The backup brings it.
            settings = settings.without("RAPPORT_SECRET_KEY");
        }
        Self { database, folder, settings }
    }

    async fn told(&self, words: &str) -> (bool, String) {
        let (status, said) = Server::told(self.settings.clone(), words).await;
        (status.success(), said)
    }

    /// Nothing was made here.
    fn is_empty(&self) -> bool {
        let path = self.database.url.trim_start_matches("sqlite://");
        let files = std::fs::read_dir(self.folder.path().join("media")).map_or(0, Iterator::count);
        let is_made = self.database.is_sqlite() && Path::new(path).exists();
        !is_made && files == 0
    }
}

async fn back_up(house: &House, words: &[&str]) -> (bool, String) {
    let (status, said) = house.server.command(words, "", &[]).await;
    (status.success(), said)
}

/// Puts an agent's file into a conversation; the message.
async fn send_a_file(house: &House, conversation: i64, name: &str, content: Vec<u8>) -> Value {
    house.platform.answers("/media", 200, json!({"id": "up-1"}));
    let file =
        super::media::uploads(&house.admin, "/api/v1/media", name, "text/plain", content).await.expect(201);
    let body = json!({"content": name, "client_id": name, "attachment_ids": [file["id"]]});
    house.admin.post(&format!("/api/v1/conversations/{conversation}/messages"), &body).await.expect(201);
    super::sending::reaches(&house.admin, conversation, name, "sent").await;
    file
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() { found.extend(names(&entry.path())) } else { found.push(entry.path()) }
    }
    found
}

async fn a_backup_taken_under_way_comes_back_on_an_empty_machine(database: Database) {
    use std::os::unix::fs::PermissionsExt;
    let mut house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    for n in 0..6 {
        let text =
            channel.text(CUSTOMER, &format!("wamid.{n}"), &format!("word {n} of \"many\" \\ \u{1f30a}"));
        post(&house.url(), &channel, &text).await.expect(200);
    }
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let file = send_a_file(&house, conversation, "notes.txt", b"what is in the file".to_vec()).await;
    let address = file["media_url"].as_str().expect("an address").to_owned();
    let before = house.admin.messages(conversation).await;
    let kept = tempfile::tempdir().expect("a folder");
    let folder = kept.path().join("monday");
    let words = ["backup", folder.to_str().expect("a text")];
    // Customers go on writing meanwhile.
    let writing = async {
        for n in 6..40 {
            let text = channel.text(CUSTOMER, &format!("wamid.{n}"), &format!("word {n}"));
            post(&house.url(), &channel, &text).await.expect(200);
        }
    };
    let ((is_taken, said), ()) = tokio::join!(back_up(&house, &words), writing);
    assert!(is_taken && said.contains("1 files"), "{said}");
    for file in names(&folder) {
        let mode = std::fs::metadata(&file).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "its owner's alone: {}", file.display());
    }
    let epoch = async |admin: &Client| Socket::open(admin).await.frame("welcome").await["epoch"].clone();
    let first = epoch(&house.admin).await;
    house.server.kill().await;

    let machine = Machine::like(&house).await;
    let (is_restored, said) = machine.told(&format!("restore {}", folder.display())).await;
    assert!(is_restored, "{said}");
    let (is_sound, said) = machine.told("verify").await;
    assert!(is_sound && said.contains("Nothing is wrong."), "{said}");
    let server = Server::start(machine.settings.clone()).await;
    // Its tokens came along; its address is another one.
    let admin = house.admin.at(&server.url());
    let after = admin.messages(conversation).await;
    assert!(after.len() >= before.len() && after.len() <= 41, "{} messages", after.len());
    assert_eq!(after[..before.len()], before[..], "all that was there before is there, as it was");
    assert_eq!(admin.get(&address).await.text, "what is in the file");
    assert_ne!(epoch(&admin).await, first, "open pages fetch everything anew");
    let found = admin.get("/api/v1/search?q=many").await.expect(200);
    assert_eq!(found["items"].as_array().map(Vec::len), Some(6), "its words are found: {found}");
    // The key came along: the channel's secret opens, ids go on where they were, and what came is known.
    let again = channel.text(CUSTOMER, "wamid.0", "word 0");
    let answer = post(&server.url(), &channel, &again).await.expect(200);
    assert_eq!(answer["results"][0]["outcome"], "duplicate", "{answer}");
    let new = channel.text(CUSTOMER, "wamid.new", "after the restore");
    let answer = post(&server.url(), &channel, &new).await.expect(200);
    assert_eq!(answer["results"][0]["outcome"], "stored", "{answer}");
    let last = admin.messages(conversation).await.pop().expect("one");
    assert_eq!(last["content"], "after the restore");
    assert!(number(&last["id"]) > number(&after[after.len() - 1]["id"]), "no id is given twice: {last}");
}

#[expect(clippy::too_many_lines, reason = "one refusal after the other")]
async fn nothing_is_written_over_and_nothing_restored_that_is_not_whole(database: Database) {
    let mut house = House::open(database).await;
    let channel = house.channel("whatsapp").await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    send_a_file(&house, conversation, "notes.txt", b"what is in the file".to_vec()).await;
    house.server.asked_to_stop();
    house.server.ends().await;
    let kept = tempfile::tempdir().expect("a folder");
    let (folder, key) = (kept.path().join("monday"), kept.path().join("the.key"));
    let [folder_name, key_name] = [&folder, &key].map(|path| path.to_str().expect("a text").to_owned());
    let (is_taken, said) = back_up(&house, &["backup", &folder_name, "--key", &key_name]).await;
    assert!(is_taken, "beside no server, too: {said}");
    let key_text = std::fs::read_to_string(&key).expect("the key, apart");
    let inside = names(&folder).iter().any(|file| {
        std::fs::read(file)
            .expect("readable")
            .windows(key_text.trim().len())
            .any(|bytes| bytes == key_text.trim().as_bytes())
    });
    assert!(!inside, "the key is apart");
    let (is_taken, said) = back_up(&house, &["backup", &folder_name]).await;
    assert!(!is_taken && said.contains("not empty"), "{said}");
    let restore = format!("restore {folder_name} --key {key_name}");

    let machine = Machine::like(&house).await;
    if machine.database.is_sqlite() {
        let (is_restored, said) = machine.told(&format!("restore {folder_name}")).await;
        assert!(!is_restored && said.contains("--key") && machine.is_empty(), "without its key: {said}");
    }
    // Each file in its turn: changed, cut, gone.
    for file in names(&folder) {
        let whole = std::fs::read(&file).expect("readable");
        let mut changed = whole.clone();
        changed.iter_mut().rev().take(1).for_each(|byte| *byte ^= 1);
        for faulty in [Some(changed.as_slice()), Some(&whole[..whole.len() / 2]), None] {
            match faulty {
                Some(bytes) if bytes == whole => continue,
                Some(bytes) => std::fs::write(&file, bytes).expect("writable"),
                None => std::fs::remove_file(&file).expect("removable"),
            }
            let (is_restored, said) = machine.told(&restore).await;
            assert!(!is_restored && said.trim().lines().count() == 1, "{}: {said}", file.display());
            assert!(machine.is_empty(), "{}: nothing was made", file.display());
        }
        std::fs::write(&file, &whole).expect("writable");
    }
    let (is_restored, said) = machine.told(&restore).await;
    assert!(is_restored, "{said}");
    let (is_restored, said) = machine.told(&restore).await;
    assert!(!is_restored && said.contains("writes over none"), "{said}");
    let (is_restored, said) = back_up(&house, &["restore", &folder_name, "--key", &key_name]).await;
    assert!(!is_restored && said.contains("writes over none"), "where it came from: {said}");

    // A file that is lost is found missing, and a backup says so.
    let lost = names(&machine.folder.path().join("media"));
    let lost = lost.iter().find(|file| !file.ends_with(".rapport-folder")).expect("a file");
    std::fs::remove_file(lost).expect("removable");
    let (is_sound, said) = machine.told("verify").await;
    assert!(!is_sound && said.contains("FOUND files"), "{said}");
    let (is_taken, said) = machine.told(&format!("backup {}", kept.path().join("tuesday").display())).await;
    assert!(
        is_taken && said.contains("1 files that the database names are not in the media folder"),
        "{said}"
    );
}
