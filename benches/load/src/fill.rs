//! Fills a database that a server has opened once, by SQL and not by messages: a million in a
//! minute. What it writes is what `rapport verify` calls sound. Never a database anybody needs.

use crate::Outcome;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

/// One that is filled.
pub enum Database {
    /// A file.
    Sqlite(SqliteConnection),
    /// A server's.
    Postgres(tokio_postgres::Client),
}

impl Database {
    /// As fast as may be, whatever a crash would leave of it.
    pub async fn open(url: &str) -> Outcome<Self> {
        if !url.starts_with("postgres") {
            let mut conn = SqliteConnection::establish(url.trim_start_matches("sqlite://"))?;
            conn.batch_execute(
                "PRAGMA busy_timeout = 10000; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;",
            )?;
            return Ok(Self::Sqlite(conn));
        }
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute("SET synchronous_commit = off").await?;
        Ok(Self::Postgres(client))
    }

    /// Whether it is a server's.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Runs a statement.
    pub async fn run(&mut self, sql: &str) -> Outcome {
        match self {
            Self::Sqlite(conn) => Ok(conn.batch_execute(sql)?),
            Self::Postgres(client) => Ok(client.batch_execute(sql).await?),
        }
    }
}

/// Adds customers, a conversation each, and messages to all of them, round by round.
pub async fn fill(url: &str, conversations: i64, messages: i64) -> Outcome {
    let mut database = Database::open(url).await?;
    let now = i64::try_from(std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_millis())?;
    let rounds = (messages / conversations.max(1)).max(1);
    let begun = now - rounds * 60_000;
    for sql in people(conversations, begun) {
        database.run(&sql).await?;
    }
    for round in 0..rounds {
        database.run(&one_round(begun + round * 60_000)).await?;
        if round % 20 == 19 {
            eprintln!("{} of {messages}", (round + 1) * conversations);
        }
    }
    database.run(&identities()).await?;
    let (names, words) = if database.is_postgres() { WORDS_POSTGRES } else { WORDS_SQLITE };
    database.run(names).await?;
    database.run(words).await?;
    database.run("ANALYZE").await
}

/// `filled-…` tells them from people whom a load brought.
fn people(count: i64, at: i64) -> Vec<String> {
    let numbers =
        format!("WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < {count})");
    vec![
        format!(
            "INSERT INTO customers (workspace_id, name, search_text, enhanced_data_fetched, unreachable, created_at) \
             {numbers} SELECT 1, 'Filled ' || CAST(k AS TEXT), 'filled ' || CAST(k AS TEXT), true, false, {at} FROM n"
        ),
        format!(
            "INSERT INTO customer_identities (workspace_id, channel_id, customer_id, kind, external_id, created_at) \
             SELECT 1, (SELECT MIN(id) FROM channels), c.id, 'phone', 'filled-' || CAST(c.id AS TEXT), {at} FROM customers AS c \
             WHERE c.name LIKE 'Filled %' AND NOT EXISTS (SELECT 1 FROM customer_identities AS i WHERE i.customer_id = c.id)"
        ),
        format!(
            "INSERT INTO conversations (workspace_id, kind, channel_id, customer_id, thread, status, version, revision, \
             unread_total, answered_seq, last_seq, last_activity_at, created_at, updated_at) \
             SELECT 1, 'customer', (SELECT MIN(id) FROM channels), c.id, '', \
             CASE WHEN c.id % 3 = 0 THEN 'closed' ELSE 'open' END, 0, 1, 0, 0, 0, {at} + c.id % 60000, {at}, {at} \
             FROM customers AS c WHERE c.name LIKE 'Filled %' \
             AND NOT EXISTS (SELECT 1 FROM conversations AS v WHERE v.customer_id = c.id)"
        ),
    ]
}

/// One message more in every conversation that was filled.
fn one_round(at: i64) -> String {
    let filled = "customer_id IN (SELECT id FROM customers WHERE name LIKE 'Filled %')";
    format!(
        "UPDATE conversations SET version = version + 1, revision = revision + 1, unread_total = unread_total + 1, \
         last_seq = version + 1, last_activity_at = {at} + id % 60000, updated_at = {at}, \
         waiting_since = CASE WHEN status <> 'closed' THEN COALESCE(waiting_since, {at} + id % 60000) END WHERE {filled}; \
         INSERT INTO messages (workspace_id, conversation_id, channel_id, seq, version, sender_type, sender_customer_id, author, \
         origin, message_type, content, platform_message_id, status, is_counted, has_attachments, has_reactions, created_at) \
         SELECT 1, id, channel_id, version, version, 'customer', customer_id, 'customer:' || CAST(customer_id AS TEXT), \
         'platform', 'text', 'Do you still have the blue one in a small size? ' || CAST(version AS TEXT), \
         'filled.' || CAST(id AS TEXT) || '.' || CAST(version AS TEXT), 'received', true, false, false, {at} + id % 60000 \
         FROM conversations WHERE {filled}"
    )
}

fn identities() -> String {
    "INSERT INTO message_identities (channel_id, platform_message_id, message_id) \
     SELECT m.channel_id, m.platform_message_id, m.id FROM messages AS m WHERE m.platform_message_id LIKE 'filled.%' \
     AND NOT EXISTS (SELECT 1 FROM message_identities AS i WHERE i.message_id = m.id)"
        .to_owned()
}

/// What people are found by, and what messages are found by: the server's own words of these texts.
const WORDS_SQLITE: (&str, &str) = (
    "INSERT OR REPLACE INTO search_customers (rowid, words) \
     SELECT id, 'filled ' || CAST(id AS TEXT) || substr(search_text, 7) FROM customers WHERE name LIKE 'Filled %'",
    "INSERT OR REPLACE INTO search_messages (rowid, words) \
     SELECT id, 'a blue do have in one size small still the you ' || CAST(seq AS TEXT) FROM messages \
     WHERE platform_message_id LIKE 'filled.%'",
);
const WORDS_POSTGRES: (&str, &str) = (
    "INSERT INTO search_customers (id, words) \
     SELECT id, array_to_tsvector(ARRAY['filled', CAST(id AS TEXT), substr(search_text, 8)]) FROM customers \
     WHERE name LIKE 'Filled %' ON CONFLICT (id) DO NOTHING",
    "INSERT INTO search_messages (id, words) \
     SELECT id, array_to_tsvector(string_to_array('a blue do have in one size small still the you ' || CAST(seq AS TEXT), ' ')) \
     FROM messages WHERE platform_message_id LIKE 'filled.%' ON CONFLICT (id) DO NOTHING",
);
