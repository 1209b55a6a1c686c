//! The tables: the same on both databases, and an imported database that holds messages twice comes out with
//! each of them once. Told to the migrations themselves; no server runs here.

use crate::support::database::Database;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::MigrationHarness;
use rapport::store::db::migrate;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Words {
    #[diesel(sql_type = Text)]
    words: String,
}

/// A database as it was before identities were unique, with a message told three times: the first double
/// brought a file and a reaction, the second a delivery; another message quotes a double.
const DOUBLED: &str = "
    INSERT INTO workspaces (id, name, created_at) VALUES (1, 'Pier', 1);
    INSERT INTO channels (id, workspace_id, kind, name, external_id, options, credentials, state, created_at)
        VALUES (1, 1, 'whatsapp', 'Pier', '1', '{}', '', 'active', 1);
    INSERT INTO customers (id, workspace_id, search_text, enhanced_data_fetched, unreachable, created_at)
        VALUES (1, 1, '', false, false, 1);
    INSERT INTO conversations (id, workspace_id, kind, channel_id, customer_id, thread, status, version, revision,
        unread_total, answered_seq, last_seq, last_activity_at, created_at, updated_at)
        VALUES (1, 1, 'customer', 1, 1, '', 'open', 5, 5, 5, 0, 5, 1, 1, 1);
    INSERT INTO messages (id, workspace_id, conversation_id, channel_id, seq, version, sender_type, author, origin,
        message_type, content, platform_message_id, reply_to_id, status, is_counted, has_attachments, has_reactions, created_at)
        VALUES
        (11, 1, 1, 1, 1, 1, 'customer', 'customer:1', 'platform', 'text', 'once', 'wamid.a', NULL, 'received', true, false, false, 1),
        (12, 1, 1, 1, 2, 2, 'customer', 'customer:1', 'platform', 'text', 'once', 'wamid.a', NULL, 'received', true, true, true, 1),
        (13, 1, 1, 1, 3, 3, 'customer', 'customer:1', 'platform', 'text', 'other', 'wamid.b', 12, 'received', true, false, false, 1),
        (14, 1, 1, NULL, 4, 4, 'support', 'user:1', 'app', 'text', 'no identity', NULL, NULL, 'sent', false, false, false, 1),
        (15, 1, 1, 1, 5, 5, 'customer', 'customer:1', 'platform', 'text', 'once', 'wamid.a', NULL, 'received', true, false, false, 1);
    INSERT INTO attachments (id, workspace_id, message_id, position, kind, processing_status, tries, due_at)
        VALUES (1, 1, 12, 0, 'image', 'pending', 0, 1), (2, 1, 15, 0, 'image', 'pending', 0, 1);
    INSERT INTO reactions (message_id, actor, emojis, reacted_at)
        VALUES (12, 'customer:1', 'x', 1), (15, 'customer:1', 'x', 1), (11, 'owner', 'y', 1);
    INSERT INTO outbox (id, workspace_id, channel_id, conversation_id, message_id, part, status, attempts, due_at,
        created_at, updated_at) VALUES (1, 1, 1, 1, 15, 0, 'sent', 1, 1, 1, 1), (2, 1, 1, 1, 12, 0, 'sent', 1, 1, 1, 1);
    INSERT INTO delivery_attempts (attempt_id, delivery_id, worker, started_at) VALUES ('one', 1, 'w', 1), ('two', 2, 'w', 1);
    INSERT INTO raw_events (id, channel_id, message_id, body, received_at) VALUES (1, 1, 12, '', 1);
";

/// What must hold afterwards: each query counts exactly so many.
const AFTER: [(&str, i64); 10] = [
    ("SELECT COUNT(*) AS n FROM messages", 3),
    ("SELECT COUNT(*) AS n FROM messages WHERE id = 11", 1),
    ("SELECT COUNT(*) AS n FROM messages WHERE id = 13 AND reply_to_id = 11", 1),
    ("SELECT COUNT(*) AS n FROM attachments WHERE message_id = 11", 1),
    ("SELECT COUNT(*) AS n FROM attachments", 1),
    ("SELECT COUNT(*) AS n FROM reactions WHERE message_id = 11", 2),
    ("SELECT COUNT(*) AS n FROM outbox WHERE message_id = 11", 1),
    ("SELECT COUNT(*) AS n FROM delivery_attempts", 1),
    ("SELECT COUNT(*) AS n FROM message_identities", 2),
    ("SELECT last_seq AS n FROM conversations", 4),
];

/// The story of an import, on whichever connection.
macro_rules! import {
    ($conn:expr, $migrations:expr) => {{
        let conn = $conn;
        conn.run_next_migration($migrations).expect("the tables");
        conn.batch_execute(DOUBLED).expect("the import");
        conn.run_pending_migrations($migrations).expect("the identities");
        for (query, expected) in AFTER {
            let found: Number = diesel::sql_query(query).get_result(conn).expect(query);
            assert_eq!(found.n, expected, "{query}");
        }
        let again = "INSERT INTO message_identities (channel_id, platform_message_id, message_id) VALUES (1, 'wamid.a', 13)";
        assert!(conn.batch_execute(again).is_err(), "the key holds");
    }};
}

#[test]
fn sqlite_an_imported_database_keeps_each_doubled_message_once() {
    let database = Database::sqlite();
    let mut conn = SqliteConnection::establish(database.url.trim_start_matches("sqlite://")).expect("opens");
    conn.batch_execute("PRAGMA foreign_keys = ON").expect("enforces");
    import!(&mut conn, migrate::SQLITE);
}

type Postgres = AsyncConnectionWrapper<AsyncPgConnection>;

/// What triggers keep beside the rows: each change, and what must be kept after it.
const KEPT: [(&str, &str, i64); 18] = [
    (
        "UPDATE conversations SET status = 'open'",
        "SELECT COUNT(*) AS n FROM unclosed WHERE assignee_id = 0",
        1,
    ),
    (
        "UPDATE conversations SET assignee_id = 7, status = 'pending'",
        "SELECT COUNT(*) AS n FROM unclosed WHERE assignee_id = 7 AND conversation_id = 1",
        1,
    ),
    ("UPDATE conversations SET status = 'closed'", "SELECT COUNT(*) AS n FROM unclosed", 0),
    ("UPDATE conversations SET status = 'snoozed'", "SELECT COUNT(*) AS n FROM unclosed", 1),
    (
        "INSERT INTO conversation_labels (conversation_id, label_id) VALUES (1, 3)",
        "SELECT active_hour AS n FROM conversation_labels",
        0,
    ),
    (
        "INSERT INTO participants (conversation_id, user_id, is_member, read_seq, read_count, own_count, mention_seq) \
         VALUES (1, 7, false, 2, 0, 0, 5)",
        "SELECT COUNT(*) AS n FROM unread_mentions WHERE user_id = 7",
        1,
    ),
    ("UPDATE participants SET read_seq = 5", "SELECT COUNT(*) AS n FROM unread_mentions", 0),
    ("UPDATE participants SET mention_seq = 6", "SELECT COUNT(*) AS n FROM unread_mentions", 1),
    (
        "INSERT INTO unread_looked (user_id, message_id, next_id, asked_at, marked) VALUES (7, 1, 1, 1, 0); \
         UPDATE participants SET read_count = 3",
        "SELECT COUNT(*) AS n FROM unread_left",
        0,
    ),
    ("UPDATE participants SET read_count = 1", "SELECT COUNT(*) AS n FROM unread_left WHERE user_id = 7", 1),
    ("DELETE FROM participants", "SELECT COUNT(*) AS n FROM unread_mentions", 0),
    ("UPDATE messages SET seq = seq + 10", "SELECT marked AS n FROM unread_looked", 2),
    (
        "INSERT INTO report_days (workspace_id, day, asked_at, is_known) VALUES (1, 0, 1, true), (1, 1, 1, true)",
        "SELECT COUNT(*) AS n FROM report_days",
        2,
    ),
    ("UPDATE messages SET status = 'read' WHERE id = 11", "SELECT COUNT(*) AS n FROM report_days", 2),
    ("UPDATE messages SET status = 'failed' WHERE id = 11", "SELECT COUNT(*) AS n FROM report_days", 1),
    ("UPDATE messages SET created_at = 86400001", "SELECT COUNT(*) AS n FROM report_days WHERE day = 1", 1),
    ("UPDATE conversations SET status = 'spam'", "SELECT COUNT(*) AS n FROM report_days", 0),
    (
        "UPDATE conversations SET status = 'open'",
        "SELECT COUNT(*) AS n FROM unclosed WHERE assignee_id = 7",
        1,
    ),
];

/// Who carries the conversation, and what it is called.
const PEOPLE: &str = "
    INSERT INTO users (id, workspace_id, username, username_key, full_name, search_text, password_hash, role, created_at)
        VALUES (7, 1, 'ana', 'ana', 'Ana', 'ana', '', 'agent', 1);
    INSERT INTO labels (id, workspace_id, name, name_key, color, created_at) VALUES (3, 1, 'Order', 'order', '', 1);
";

/// The story of what is kept, on whichever connection.
macro_rules! kept {
    ($conn:expr, $migrations:expr) => {{
        let conn = $conn;
        conn.run_next_migration($migrations).expect("the tables");
        conn.batch_execute(DOUBLED).expect("rows of an older version");
        conn.run_pending_migrations($migrations).expect("all migrations");
        let found: Number =
            diesel::sql_query("SELECT COUNT(*) AS n FROM unclosed").get_result(conn).expect("filled");
        assert_eq!(found.n, 1, "what was there before is kept, too");
        conn.batch_execute(PEOPLE).expect("people");
        for (change, query, expected) in KEPT {
            conn.batch_execute(change).expect(change);
            let found: Number = diesel::sql_query(query).get_result(conn).expect(query);
            assert_eq!(found.n, expected, "{change}: {query}");
        }
    }};
}

#[test]
fn sqlite_what_few_conversations_are_is_kept_beside_them() {
    let database = Database::sqlite();
    let mut conn = SqliteConnection::establish(database.url.trim_start_matches("sqlite://")).expect("opens");
    kept!(&mut conn, migrate::SQLITE);
}

#[tokio::test]
async fn postgres_what_few_conversations_are_is_kept_beside_them() {
    let Some(database) = Database::empty_postgres().await else { return };
    let url = database.url.clone();
    let told = tokio::task::spawn_blocking(move || {
        let mut conn = <Postgres as Connection>::establish(&url).expect("opens");
        kept!(&mut conn, migrate::POSTGRES);
    });
    told.await.expect("holds");
}

#[tokio::test]
async fn postgres_an_index_that_was_broken_off_is_made_anew() {
    let Some(database) = Database::empty_postgres().await else { return };
    let url = database.url.clone();
    let told = tokio::task::spawn_blocking(move || {
        migrate::postgres(&url).expect("migrates");
        let mut conn = <Postgres as Connection>::establish(&url).expect("opens");
        // As a killed migration leaves it: the index is there and not valid, and the migration is not noted.
        conn.batch_execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'participants_members'::regclass; \
             DELETE FROM __diesel_schema_migrations WHERE version = '0046'",
        )
        .expect("breaks it");
        migrate::postgres(&url).expect("goes on");
        let valid = "SELECT COUNT(*) AS n FROM pg_index \
            WHERE indexrelid = 'participants_members'::regclass AND indisvalid";
        let found: Number = diesel::sql_query(valid).get_result(&mut conn).expect("is there");
        assert_eq!(found.n, 1);
    });
    told.await.expect("holds");
}

#[tokio::test]
async fn postgres_an_imported_database_keeps_each_doubled_message_once() {
    let Some(database) = Database::empty_postgres().await else { return };
    let url = database.url.clone();
    let told = tokio::task::spawn_blocking(move || {
        let mut conn = <Postgres as Connection>::establish(&url).expect("opens");
        import!(&mut conn, migrate::POSTGRES);
    });
    told.await.expect("holds");
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    let Some(postgres) = Database::empty_postgres().await else { return };
    let sqlite = Database::sqlite();
    let mut conn = SqliteConnection::establish(sqlite.url.trim_start_matches("sqlite://")).expect("opens");
    migrate::sqlite(&mut conn).expect("migrates");
    // What is searched lies in FTS5's tables here and in tsvectors there: the stories compare what they find.
    let here: Vec<Words> = diesel::sql_query(
        "SELECT m.name || '.' || p.name || CASE WHEN p.\"notnull\" OR p.pk THEN '' ELSE '?' END AS words
         FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '__diesel%'
           AND m.name NOT LIKE 'search\\_%' ESCAPE '\\'",
    )
    .load(&mut conn)
    .expect("reads");
    let there = tokio::task::spawn_blocking(move || {
        migrate::postgres(&postgres.url).expect("migrates");
        let mut conn = <Postgres as Connection>::establish(&postgres.url).expect("opens");
        let columns: Vec<Words> = diesel::sql_query(
            "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'YES' THEN '?' ELSE '' END AS words
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'
               AND table_name NOT LIKE 'search\\_%'",
        )
        .load(&mut conn)
        .expect("reads");
        columns
    });
    let sorted = |columns: Vec<Words>| {
        let mut names: Vec<_> = columns.into_iter().map(|column| column.words).collect();
        names.sort();
        names
    };
    let (here, there) = (sorted(here), sorted(there.await.expect("no panic")));
    assert!(here.len() > 100, "the tables are there: {here:?}");
    assert_eq!(here, there);
}
