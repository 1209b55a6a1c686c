//! Forgetting a customer leaves no word of theirs: not in a table, and on SQLite not in a file, neither while
//! the server runs on nor after it stopped (security S13). Words are planted wherever they can come to lie,
//! then everything is searched for them.

use crate::support::client::number;
use crate::support::database::Database;
use crate::support::hearer::Hearer;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::postgres::ask;
use crate::support::server::Settings;
use crate::support::webhooks::{now, post, stable_number};
use serde_json::{Value, json};
use std::path::Path;

on_both_databases!(no_word_of_a_forgotten_customer_is_left,);

const CUSTOMER: &str = "7700421917";
const OTHER: &str = "7700421918";
/// What must be found nowhere afterwards; the index keeps words in small letters.
const PLANTED: [&str; 14] = [
    "quokkaspoken",
    "quokkaedited",
    "quokkabefore",
    "quokkaparked",
    "quokkanoted",
    "quokkaanswer",
    "quokkainafile",
    "quokkafield",
    "quokkaunread",
    "quokkaraw",
    "quokkaagent",
    "zebulon",
    "quillfeather",
    CUSTOMER,
];

fn message(id: &str, text: &str) -> Value {
    let chat: i64 = CUSTOMER.parse().expect("a number");
    json!({"message_id": stable_number(id), "date": now(), "text": text,
        "from": {"id": chat, "is_bot": false, "first_name": "Zebulon", "last_name": "Quillfeather"},
        "chat": {"id": chat, "type": "private", "first_name": "Zebulon", "last_name": "Quillfeather"}})
}

fn edited(id: &str, text: &str) -> Value {
    let mut message = message(id, text);
    message["edit_date"] = (now() + 1).into();
    json!({"update_id": stable_number(text), "edited_message": message})
}

/// Everything at once: what they say, what is said of them, what waits, what nobody could read.
async fn plant(house: &House) -> (i64, i64) {
    let chat: i64 = CUSTOMER.parse().expect("a number");
    let sent = json!({"ok": true, "result": {"message_id": 77, "chat": {"id": chat}}});
    house.platform.answers("/sendDocument", 200, sent);
    let channel = house.channel("telegram").await;
    let says = async |body: Value| post(&house.url(), &channel, &body).await.expect(200);
    let text = |id: &str, text: &str| json!({"update_id": stable_number(id), "message": message(id, text)});
    // Enough of them that pages of the file are parted and joined.
    for n in 0..300 {
        says(text(&format!("m{n}"), &format!("quokkaspoken number {n} {}", "and more words ".repeat(20))))
            .await;
        if n % 3 == 0 {
            let other = channel.text(OTHER, &format!("o{n}"), &format!("keepsake number {n}"));
            says(other).await;
        }
    }
    says(text("e1", "quokkabefore it was edited")).await;
    says(edited("e1", "quokkaedited afterwards")).await;
    let conversation = channel.conversation(&house.admin, CUSTOMER).await;
    let state = house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.expect(200);
    let customer = number(&state["customer"]["id"]);
    let note = json!({"content": "quokkanoted among us", "client_id": "n", "is_private": true});
    house.admin.post(&format!("/api/v1/conversations/{conversation}/messages"), &note).await.expect(201);
    let file = super::media::uploads(
        &house.admin,
        "/api/v1/media",
        "quokkaagent.txt",
        "text/plain",
        b"quokkainafile".to_vec(),
    );
    let file = file.await.expect(201);
    let answer = json!({"content": "quokkaanswer", "client_id": "a", "attachment_ids": [file["id"]]});
    house.admin.post(&format!("/api/v1/conversations/{conversation}/messages"), &answer).await.expect(201);
    super::sending::reaches(&house.admin, conversation, "a", "sent").await;
    let fields = json!({"custom_fields": {"Size": "quokkafield"}, "name": "Zebulon Quillfeather"});
    house.admin.patch(&format!("/api/v1/customers/{customer}"), &fields).await.expect(200);
    for view in [
        json!({"name": "Zebulon Quillfeather", "filter": {"status": "open"}}),
        json!({"name": "That one", "filter": {"q": CUSTOMER}}),
    ] {
        house.admin.post("/api/v1/views", &view).await.expect(201);
    }
    let kept = json!({"name": "Mine", "filter": {"assignee": "me"}});
    house.admin.post("/api/v1/views", &kept).await.expect(201);
    plant_rows(house, channel.id).await;
    (customer, conversation)
}

/// What waits for its message, what nobody could read, what is kept as it came.
async fn plant_rows(house: &House, channel: i64) {
    let parked = json!({"from": CUSTOMER, "text": "quokkaparked"}).to_string();
    let parked = format!(
        "INSERT INTO parked_events (channel_id, kind, platform_message_id, event_key, body, received_at, expires_at) \
         VALUES ({channel}, 'edit', 'never came', '', '{parked}', 1, 9000000000000)"
    );
    house.database.execute(&parked).await;
    for (table, word) in [("quarantined_events", "quokkaunread"), ("raw_events", "quokkaraw")] {
        let body = json!({"from": {"id": 7_700_421_917_i64}, "odd": word}).to_string();
        let bytes = if house.database.is_sqlite() {
            format!("CAST('{body}' AS BLOB)")
        } else {
            format!("convert_to('{body}', 'UTF8')")
        };
        let (columns, values) = match table {
            "quarantined_events" => (", fingerprint, error", format!(", {bytes}, 'odd'")),
            _ => ("", String::new()),
        };
        let insert = format!(
            "INSERT INTO {table} (channel_id, body, received_at{columns}) VALUES ({channel}, {bytes}, 1{values})"
        );
        house.database.execute(&insert).await;
    }
}

/// Every planted word that is in a file below a folder, with the file.
fn words_in_files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(words_in_files(&path));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap_or_default().to_ascii_lowercase();
        let is_in = |word: &&str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        let words = PLANTED.iter().copied().filter(is_in);
        found.extend(words.map(|word| format!("{word} in {}", path.display())));
    }
    found
}

/// Every planted word that is in a row of PostgreSQL, with its table.
async fn words_in_tables(url: &str) -> Vec<String> {
    let mut found = Vec::new();
    for table in ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'").await {
        let rows = ask(url, &format!("SELECT row_to_json(t)::text FROM {table} AS t")).await;
        let text = rows.join("\n").to_lowercase();
        for word in PLANTED {
            let hex = word.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            if text.contains(word) || text.contains(&hex) {
                found.push(format!("{word} in {table}"));
            }
        }
    }
    found
}

async fn left(house: &House, media: &Path) -> Vec<String> {
    let mut found = words_in_files(media);
    if house.database.is_sqlite() {
        let path = house.database.url.trim_start_matches("sqlite://");
        found.extend(words_in_files(Path::new(path).parent().expect("a folder")));
    } else {
        found.extend(words_in_tables(&house.database.url).await);
    }
    found
}

async fn no_word_of_a_forgotten_customer_is_left(database: Database) {
    let files = tempfile::tempdir().expect("a folder");
    let media = files.path().join("media");
    let told = |settings: Settings| {
        settings
            .with("RAPPORT_HOOKS_ALLOW_PRIVATE", "true")
            .with("RAPPORT_MEDIA_DIR", &media.display().to_string())
    };
    let mut house = House::open_with(database, told).await;
    let hearer = Hearer::start().await;
    let hook = json!({"name": "The shop", "url": hearer.url(), "events": ["message_created"]});
    house.admin.post("/api/v1/hooks", &hook).await.expect(201);
    let (customer, conversation) = plant(&house).await;
    let before = left(&house, &media).await;
    for word in PLANTED {
        assert!(before.iter().any(|found| found.starts_with(word)), "{word} was planted: {before:?}");
    }
    let told = house.admin.delete(&format!("/api/v1/customers/{customer}")).await.expect(200);
    let counted = |what: &str| number(&told["deleted"][what]);
    assert_eq!((counted("conversations"), counted("saved_views"), counted("files")), (1, 2, 1), "{told}");
    assert!(counted("messages") >= 303 && counted("hook_deliveries") >= 300, "{told}");
    assert_eq!(
        (counted("waiting_events"), counted("unreadable_events"), counted("raw_events")),
        (1, 1, 1),
        "{told}"
    );
    let stays = told["stays"].as_array().expect("what stays");
    assert_eq!(
        stays.iter().any(|one| one["code"] == "postgres"),
        !house.database.is_sqlite(),
        "what stays is said: {told}"
    );
    assert!(
        !stays.iter().any(|one| one["code"] == "washing" || one["code"] == "pages"),
        "it was through before it answered: {told}"
    );
    assert_eq!(left(&house, &media).await, Vec::<String>::new(), "while it runs");
    house.admin.get(&format!("/api/v1/conversations/{conversation}")).await.refused(404);
    let found = house.admin.get("/api/v1/search?q=keepsake").await.expect(200);
    assert!(!found["items"].as_array().expect("items").is_empty(), "nobody else is touched: {found}");
    assert_eq!(house.admin.all("/api/v1/views").await.len(), 1, "a view that names nobody stays");
    house.server.asked_to_stop();
    assert_eq!(house.server.ends().await.code(), Some(0));
    assert_eq!(left(&house, &media).await, Vec::<String>::new(), "after it stopped");
    let log = house.server.log().to_lowercase();
    assert!(PLANTED.iter().all(|word| !log.contains(word)), "nor in the log");
}
