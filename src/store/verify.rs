//! Looks through a whole database for what must never be in it: doubles, gaps, orphans, stuck
//! rows. Never changes a row, and never shows a text or a name: ids only.

use super::{Conn, StoreError};
use crate::domain::{
    ChannelKind, ChannelState, ConversationKind, ConversationStatus, DeliveryStatus, MessageStatus,
    MessageType, Origin, Priority, ProcessingStatus, Role, RunStatus, SenderType, Timestamp,
};
use crate::on;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

const MINUTE: i64 = 60_000;
/// How many of the rows a check found are named.
const NAMED: usize = 5;

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// doubles, gaps, orphans, stuck, unknown.
    pub kind: &'static str,
    /// What must not be, in words.
    pub fault: String,
    /// How many rows are so.
    pub count: i64,
    /// A few of them.
    pub examples: Vec<String>,
}

/// How much was looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// Rows of messages.
    pub messages: i64,
    /// Rows of conversations.
    pub conversations: i64,
}

struct Check {
    kind: &'static str,
    fault: String,
    /// Selects a text `odd` that names each faulty row; both databases read it.
    sql: String,
}

/// Every check on one snapshot; those that found nothing too.
pub async fn look(conn: &mut Conn, now: Timestamp) -> Result<(Looked, Vec<Finding>), StoreError> {
    conn.begin_snapshot().await?;
    let found = look_at_snapshot(conn, now).await;
    conn.batch_execute("ROLLBACK").await?;
    found
}

async fn look_at_snapshot(conn: &mut Conn, now: Timestamp) -> Result<(Looked, Vec<Finding>), StoreError> {
    let looked = Looked {
        messages: count(conn, "messages").await?,
        conversations: count(conn, "conversations").await?,
    };
    let mut findings = Vec::new();
    for check in doubles().into_iter().chain(gaps()).chain(orphans()).chain(stuck(now)).chain([unknown()]) {
        findings.push(run(conn, check).await?);
    }
    Ok((looked, findings))
}

#[derive(QueryableByName)]
struct Odd {
    #[diesel(sql_type = Text)]
    odd: String,
    #[diesel(sql_type = BigInt)]
    found: i64,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

async fn run(conn: &mut Conn, check: Check) -> Result<Finding, StoreError> {
    let sql = format!("SELECT odd, COUNT(*) OVER () AS found FROM ({}) AS faults LIMIT {NAMED}", check.sql);
    let rows: Vec<Odd> = on!(conn, db => diesel::sql_query(sql).load(db).await)?;
    Ok(Finding {
        kind: check.kind,
        fault: check.fault,
        count: rows.iter().map(|row| row.found).next().unwrap_or(0),
        examples: rows.into_iter().map(|row| row.odd).collect(),
    })
}

async fn count(conn: &mut Conn, table: &str) -> Result<i64, StoreError> {
    let sql = format!("SELECT COUNT(*) AS found FROM {table}");
    let row: Count = on!(conn, db => diesel::sql_query(sql).get_result(db).await)?;
    Ok(row.found)
}

fn check(kind: &'static str, fault: &str, sql: &str) -> Check {
    Check { kind, fault: fault.to_owned(), sql: sql.to_owned() }
}

/// Words that no program of this version writes: a newer one did, or the row is damaged.
fn unknown() -> Check {
    fn words<W: Copy + std::fmt::Display>(all: &[W]) -> String {
        all.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
    }
    let columns = [
        ("messages", "status", words(MessageStatus::ALL)),
        ("messages", "message_type", words(MessageType::ALL)),
        ("messages", "origin", words(Origin::ALL)),
        ("messages", "sender_type", words(SenderType::ALL)),
        ("conversations", "status", words(ConversationStatus::ALL)),
        ("conversations", "kind", words(ConversationKind::ALL)),
        ("conversations", "priority", words(Priority::ALL)),
        ("attachments", "processing_status", words(ProcessingStatus::ALL)),
        ("outbox", "status", words(DeliveryStatus::ALL)),
        ("channels", "kind", words(ChannelKind::ALL)),
        ("channels", "state", words(ChannelState::ALL)),
        ("users", "role", words(Role::ALL)),
        ("flow_runs", "status", words(RunStatus::ALL)),
    ];
    let rows = columns.map(|(table, column, words)| {
        format!(
            "SELECT '{table} ' || CAST(id AS TEXT) || ' ({column})' AS odd FROM {table} WHERE {column} NOT IN ({words})"
        )
    });
    check("unknown", "a word that this program does not know", &rows.join(" UNION ALL "))
}

/// One thing in two rows. Most have a unique key; a restored or repaired database may lack it.
fn doubles() -> Vec<Check> {
    let doubles = |fault, sql| check("doubles", fault, sql);
    vec![
        doubles(
            "a platform's message that is in several rows",
            "SELECT 'message ' || CAST(MIN(id) AS TEXT) AS odd FROM messages \
             WHERE channel_id IS NOT NULL AND platform_message_id IS NOT NULL \
             GROUP BY channel_id, platform_message_id HAVING COUNT(*) > 1",
        ),
        doubles(
            "a platform's message id that is kept twice",
            "SELECT 'message ' || CAST(MIN(message_id) AS TEXT) AS odd FROM message_identities \
             GROUP BY channel_id, platform_message_id HAVING COUNT(*) > 1",
        ),
        doubles(
            "a client's message that is in several rows",
            "SELECT 'message ' || CAST(MIN(id) AS TEXT) AS odd FROM messages WHERE client_id IS NOT NULL \
             GROUP BY conversation_id, author, client_id HAVING COUNT(*) > 1",
        ),
        doubles(
            "a place in a conversation that two messages have",
            "SELECT 'conversation ' || CAST(conversation_id AS TEXT) AS odd FROM messages \
             GROUP BY conversation_id, seq HAVING COUNT(*) > 1",
        ),
        doubles(
            "a version of a conversation that two messages carry",
            "SELECT 'conversation ' || CAST(conversation_id AS TEXT) AS odd FROM messages \
             GROUP BY conversation_id, version HAVING COUNT(*) > 1",
        ),
        doubles(
            "a customer with two conversations on one channel",
            "SELECT 'customer ' || CAST(customer_id AS TEXT) AS odd FROM conversations WHERE customer_id IS NOT NULL \
             GROUP BY channel_id, customer_id, thread HAVING COUNT(*) > 1",
        ),
        doubles(
            "a name on a platform that two customers have",
            "SELECT 'customer ' || CAST(MIN(customer_id) AS TEXT) AS odd FROM customer_identities \
             GROUP BY channel_id, external_id HAVING COUNT(*) > 1",
        ),
        doubles(
            "a part of a message that is owed twice",
            "SELECT 'message ' || CAST(message_id AS TEXT) AS odd FROM outbox \
             GROUP BY message_id, part HAVING COUNT(*) > 1",
        ),
        doubles(
            "a delivery of which the platform accepted two attempts",
            "SELECT 'delivery ' || CAST(delivery_id AS TEXT) AS odd FROM delivery_attempts \
             WHERE platform_message_id IS NOT NULL \
             GROUP BY delivery_id HAVING COUNT(DISTINCT platform_message_id) > 1",
        ),
    ]
}

/// Counters and rows that do not meet: something is missing between them.
fn gaps() -> Vec<Check> {
    let gaps = |fault, sql| check("gaps", fault, sql);
    vec![
        gaps(
            "a conversation whose newest version is on no message",
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM conversations AS c WHERE c.version <> \
             COALESCE((SELECT MAX(m.version) FROM messages AS m WHERE m.conversation_id = c.id), 0)",
        ),
        gaps(
            "a message with a place or version that its conversation never gave",
            "SELECT 'message ' || CAST(m.id AS TEXT) AS odd FROM messages AS m \
             JOIN conversations AS c ON c.id = m.conversation_id \
             WHERE m.seq < 1 OR m.version < m.seq OR m.version > c.version",
        ),
        gaps(
            "a conversation whose last message is missing",
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM conversations AS c WHERE c.last_seq > 0 \
             AND NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.conversation_id = c.id AND m.seq = c.last_seq)",
        ),
        gaps(
            "a conversation with fewer or more counted messages than it counted",
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM conversations AS c \
             LEFT JOIN (SELECT conversation_id, COUNT(*) AS counted FROM messages WHERE is_counted \
                        GROUP BY conversation_id) AS m ON m.conversation_id = c.id \
             WHERE c.unread_total <> COALESCE(m.counted, 0)",
        ),
        gaps(
            "a message whose platform id is not kept, so that it could be stored again",
            "SELECT 'message ' || CAST(m.id AS TEXT) AS odd FROM messages AS m \
             WHERE m.channel_id IS NOT NULL AND m.platform_message_id IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM message_identities AS i WHERE i.channel_id = m.channel_id \
              AND i.platform_message_id = m.platform_message_id AND i.message_id = m.id)",
        ),
        gaps(
            "a message that should have files and has none",
            "SELECT 'message ' || CAST(m.id AS TEXT) AS odd FROM messages AS m WHERE m.has_attachments \
             AND m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM attachments AS a WHERE a.message_id = m.id)",
        ),
    ]
}

/// Rows whose parent is gone: (table, what names the row, column, parent's table).
const CHILDREN: &[(&str, &str, &str, &str)] = &[
    ("messages", "id", "conversation_id", "conversations"),
    ("messages", "id", "reply_to_id", "messages"),
    ("message_identities", "message_id", "message_id", "messages"),
    ("attachments", "id", "message_id", "messages"),
    ("attachments", "id", "media_id", "media"),
    ("reactions", "message_id", "message_id", "messages"),
    ("raw_events", "id", "message_id", "messages"),
    ("outbox", "id", "message_id", "messages"),
    ("outbox", "id", "conversation_id", "conversations"),
    ("delivery_attempts", "attempt_id", "delivery_id", "outbox"),
    ("participants", "conversation_id", "conversation_id", "conversations"),
    ("participants", "user_id", "user_id", "users"),
    ("direct_conversations", "conversation_id", "conversation_id", "conversations"),
    ("conversations", "id", "customer_id", "customers"),
    ("conversations", "id", "channel_id", "channels"),
    ("customer_identities", "id", "customer_id", "customers"),
];

fn orphans() -> Vec<Check> {
    let one = |(table, name, column, parent): &(&str, &str, &str, &str)| Check {
        kind: "orphans",
        fault: format!("{table}.{column} names a row of {parent} that is not there"),
        sql: format!(
            "SELECT '{table} {name} ' || CAST(child.{name} AS TEXT) AS odd FROM {table} AS child \
             WHERE child.{column} IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM {parent} AS parent WHERE parent.id = child.{column})"
        ),
    };
    CHILDREN.iter().map(one).collect()
}

/// What a running system would have moved on long ago.
fn stuck(now: Timestamp) -> Vec<Check> {
    let stuck = |fault: &str, sql: String| check("stuck", fault, &sql);
    let (minutes, hour) = (now.0 - 5 * MINUTE, now.0 - 60 * MINUTE);
    vec![
        stuck(
            "a delivery whose worker never came back",
            format!(
                "SELECT 'delivery ' || CAST(id AS TEXT) AS odd FROM outbox \
                 WHERE status IN ('claimed', 'sending') AND (lease_until IS NULL OR lease_until < {minutes})"
            ),
        ),
        stuck(
            "a delivery that has been due for an hour on a channel that works",
            format!(
                "SELECT 'delivery ' || CAST(o.id AS TEXT) AS odd FROM outbox AS o \
                 JOIN channels AS c ON c.id = o.channel_id \
                 WHERE o.status = 'queued' AND o.due_at < {hour} AND c.state = 'active'"
            ),
        ),
        stuck(
            "a message that waits to be sent while nothing of it is owed",
            "SELECT 'message ' || CAST(m.id AS TEXT) AS odd FROM messages AS m \
             WHERE m.status IN ('queued', 'sending') AND NOT EXISTS (SELECT 1 FROM outbox AS o \
             WHERE o.message_id = m.id AND o.status NOT IN ('sent', 'failed', 'unconfirmed', 'cancelled'))"
                .to_owned(),
        ),
        stuck(
            "an attempt without a result, an hour old, of a delivery that is not being sent",
            format!(
                "SELECT 'delivery ' || CAST(a.delivery_id AS TEXT) AS odd FROM delivery_attempts AS a \
                 JOIN outbox AS o ON o.id = a.delivery_id \
                 WHERE a.ended_at IS NULL AND a.started_at < {hour} AND o.status NOT IN ('claimed', 'sending')"
            ),
        ),
        stuck(
            "a file that has been due to be fetched for an hour",
            format!(
                "SELECT 'attachment ' || CAST(id AS TEXT) AS odd FROM attachments \
                 WHERE processing_status = 'pending' AND due_at < {hour}"
            ),
        ),
        stuck(
            "an event that waits for its message an hour beyond its time",
            format!(
                "SELECT 'parked event ' || CAST(id AS TEXT) AS odd FROM parked_events WHERE expires_at < {hour}"
            ),
        ),
    ]
}
