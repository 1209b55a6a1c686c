//! Looks through a whole database for what must never be in it: damage, doubles, gaps, orphans, stuck
//! rows. Never changes a row, and never shows a text or a name: ids only.
//! Over 400 lines: one list of checks.

mod damage;
mod orphans;
mod unknown;

use crate::domain::{ChannelKind, MediaId, Timestamp};
use crate::on;
use crate::store::{Conn, StoreError};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

const MINUTE: i64 = 60_000;
/// How many of the rows a check found are named.
pub const NAMED: usize = 5;

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// damage, doubles, gaps, orphans, stuck, unknown, files.
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

/// Every check on one snapshot; those that found nothing too. `kinds`: the kinds of channels that there are.
pub async fn look(
    conn: &mut Conn,
    now: Timestamp,
    kinds: &[ChannelKind],
) -> Result<(Looked, Vec<Finding>), StoreError> {
    conn.begin_snapshot().await?;
    let found = look_at_snapshot(conn, now, kinds).await;
    conn.batch_execute("ROLLBACK").await?;
    found
}

async fn look_at_snapshot(
    conn: &mut Conn,
    now: Timestamp,
    kinds: &[ChannelKind],
) -> Result<(Looked, Vec<Finding>), StoreError> {
    let looked = Looked {
        messages: count(conn, "messages").await?,
        conversations: count(conn, "conversations").await?,
    };
    let mut findings = Vec::new();
    let checks = damage::checks(conn).into_iter().chain(doubles()).chain(gaps()).chain(gaps_besides());
    let checks = checks.chain(gaps_in_waits());
    let checks = checks.chain(orphans::checks()).chain(stuck(now)).chain(stuck_besides(now));
    for check in checks.chain([unknown::check(kinds)]) {
        findings.push(run(conn, check).await?);
    }
    Ok((looked, findings))
}

/// A stored file that there must be: its row, its name in the folder, its bytes.
#[derive(QueryableByName)]
pub struct StoredFile {
    /// Its row.
    #[diesel(sql_type = BigInt)]
    pub id: MediaId,
    /// Its name in the folder.
    #[diesel(sql_type = Text)]
    pub storage_key: String,
    #[diesel(sql_type = BigInt)]
    pub size: i64,
}

/// The files that the rows speak of, above `after`, by ids.
pub async fn files(conn: &mut Conn, after: MediaId, limit: i64) -> Result<Vec<StoredFile>, StoreError> {
    Ok(on!(conn, db => diesel::sql_query(
        "SELECT id, storage_key, size FROM media WHERE id > $1 ORDER BY id LIMIT $2")
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(limit)
        .load(db).await)?)
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
            "SELECT 'customer ' || CAST(customer_id AS TEXT) AS odd FROM conversations WHERE customer_id IS \
                NOT NULL \
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
    .into_iter()
    .chain(KEYS.iter().map(double_of_key))
    .collect()
}

/// What there is once, by its key: (what two rows of it are, the table, what names the row, its key).
const KEYS: &[(&str, &str, &str, &str)] = &[
    ("a step of a run that was done twice", "flow_steps_done", "run_id", "run_id, turn"),
    ("a trigger that began two runs of a flow", "flow_runs", "flow_id", "flow_id, trigger_key"),
    ("a version of a flow that is kept twice", "flow_versions", "flow_id", "flow_id, version"),
    ("an event that a program is owed twice", "hook_deliveries", "hook_id", "hook_id, event_id"),
    (
        "a try to reach a program that is kept twice",
        "hook_attempts",
        "delivery_id",
        "attempt_id, delivery_id",
    ),
    ("messages that a model answers twice", "ai_turns", "conversation_id", "conversation_id, counted"),
    ("a recording that is heard twice", "transcripts", "attachment_id", "attachment_id"),
    ("a name that two labels have", "labels", "id", "workspace_id, name_key"),
    (
        "a label that a conversation carries twice",
        "conversation_labels",
        "conversation_id",
        "conversation_id, label_id",
    ),
    (
        "a shortcut that two canned replies have",
        "canned_replies",
        "id",
        "workspace_id, COALESCE(user_id, 0), shortcut",
    ),
    ("a username that two users have", "users", "id", "username_key"),
    ("a username that two accounts have", "accounts", "id", "username_key"),
    ("an account that is a member of a workspace twice", "users", "id", "account_id, workspace_id"),
    ("an address that two workspaces have", "workspaces", "id", "slug"),
    ("an account of a platform that two channels have", "channels", "id", "kind, external_id"),
    (
        "a user who stands in a conversation twice",
        "participants",
        "conversation_id",
        "conversation_id, user_id",
    ),
    (
        "a set of colleagues with two conversations",
        "direct_conversations",
        "conversation_id",
        "workspace_id, members",
    ),
    ("two files of a message in one place", "attachments", "message_id", "message_id, position"),
    ("a stored file that two rows have", "media", "id", "storage_key"),
    ("a reaction that stands twice", "reactions", "message_id", "message_id, actor"),
    ("an event that waits twice", "parked_events", "id", "channel_id, kind, platform_message_id, event_key"),
    ("a setting that is set twice", "settings", "workspace_id", "workspace_id, name"),
    (
        "two files of a canned reply in one place",
        "canned_reply_files",
        "canned_reply_id",
        "canned_reply_id, position",
    ),
    ("a template that is kept twice", "templates", "id", "workspace_id, business, name, language"),
    ("a business account that is asked twice", "template_syncs", "workspace_id", "workspace_id, business"),
    ("a file that lies twice at a platform", "platform_files", "media_id", "channel_id, media_id"),
    ("a conversation that a job changes twice", "bulk_items", "job_id", "job_id, conversation_id"),
    (
        "a place in a timeline that two events have",
        "conversation_events",
        "conversation_id",
        "conversation_id, event_seq",
    ),
];

fn double_of_key(&(fault, table, named, key): &(&str, &str, &str, &str)) -> Check {
    let sql = format!(
        "SELECT '{table} {named} ' || CAST(MIN({named}) AS TEXT) AS odd FROM {table} GROUP BY {key} HAVING \
            COUNT(*) > 1"
    );
    check("doubles", fault, &sql)
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
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM conversations AS c WHERE c.last_seq > \
                0 \
             AND NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.conversation_id = c.id AND m.seq = \
             c.last_seq)",
        ),
    ]
    .into_iter()
    .chain(gaps_in_counts())
    .collect()
}

/// Counters that do not meet what they count.
fn gaps_in_counts() -> Vec<Check> {
    let gaps = |fault, sql| check("gaps", fault, sql);
    vec![
        gaps(
            "a conversation with fewer or more messages than it gave places to",
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM conversations AS c \
             LEFT JOIN (SELECT conversation_id, COUNT(*) AS written FROM messages \
                        GROUP BY conversation_id) AS m ON m.conversation_id = c.id \
             WHERE c.version - c.changes <> COALESCE(m.written, 0)",
        ),
        // Old messages that were imported and a blocked customer's do not move it; these do.
        gaps(
            "a conversation that shows an older message as its last",
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM conversations AS c WHERE EXISTS \
             (SELECT 1 FROM messages AS m WHERE m.conversation_id = c.id AND m.seq > c.last_seq \
              AND (m.is_counted OR m.origin IN ('app', 'api', 'flow', 'ai')))",
        ),
        gaps(
            "a reader who read further than the conversation goes",
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM participants AS p \
             JOIN conversations AS c ON c.id = p.conversation_id \
             WHERE p.read_seq > c.version OR p.mention_seq > c.version",
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
             AND m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM attachments AS a WHERE a.message_id = \
             m.id)",
        ),
    ]
}

/// Who waits for an answer, against who wrote last; and what a reader has read, against what there is.
fn gaps_in_waits() -> Vec<Check> {
    let gaps = |fault, sql| check("gaps", fault, sql);
    vec![
        gaps(
            "a customer who waits since a moment after their last word",
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM conversations AS c \
             WHERE c.waiting_since IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages AS m \
             WHERE m.conversation_id = c.id AND m.sender_type = 'customer' AND m.created_at >= \
             c.waiting_since)",
        ),
        gaps(
            "a customer who waits although we wrote last",
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM conversations AS c \
             JOIN messages AS m ON m.conversation_id = c.id AND m.seq = c.last_seq \
             WHERE c.waiting_since IS NOT NULL AND NOT m.is_private AND m.origin IN ('app', 'api', 'flow', \
             'ai')",
        ),
        gaps(
            "a customer who wrote last and does not wait",
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM conversations AS c \
             JOIN messages AS m ON m.conversation_id = c.id AND m.seq = c.last_seq \
             WHERE c.waiting_since IS NULL AND c.status IN ('open', 'pending', 'snoozed') \
             AND m.sender_type = 'customer' AND m.is_counted AND NOT EXISTS (SELECT 1 FROM customers AS u \
             WHERE u.id = c.customer_id AND (u.is_blocked OR u.is_spam))",
        ),
        gaps(
            "a label in the order of an hour in which its conversation was not active last",
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM conversation_labels AS l \
             JOIN conversations AS c ON c.id = l.conversation_id \
             WHERE l.active_hour <> c.last_activity_at / 3600000",
        ),
        gaps(
            "a reader who read more or fewer messages than there are up to where they read",
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM participants AS p \
             JOIN conversations AS c ON c.id = p.conversation_id \
             WHERE c.kind = 'customer' AND p.read_count <> (SELECT COUNT(*) FROM messages AS m \
             WHERE m.conversation_id = c.id AND m.is_counted AND m.seq <= p.read_seq)",
        ),
    ]
}

/// The same of flows and of what is written down of people's deeds.
fn gaps_besides() -> Vec<Check> {
    let gaps = |fault, sql| check("gaps", fault, sql);
    vec![
        gaps(
            "a run with a step beyond those it says it did",
            "SELECT 'run ' || CAST(r.id AS TEXT) AS odd FROM flow_runs AS r \
             JOIN flow_steps_done AS s ON s.run_id = r.id WHERE s.turn >= r.turn",
        ),
        gaps(
            "a run that has ended and has not, or that nothing will ever move",
            "SELECT 'run ' || CAST(id AS TEXT) AS odd FROM flow_runs \
             WHERE (status IN ('running', 'waiting', 'waiting_for_answer')) <> (ended_at IS NULL) \
             OR (status IN ('running', 'waiting') AND due_at IS NULL)",
        ),
        gaps(
            "a run or a flow whose steps are not kept",
            "SELECT 'run ' || CAST(r.id AS TEXT) AS odd FROM flow_runs AS r WHERE NOT EXISTS \
             (SELECT 1 FROM flow_versions AS v WHERE v.flow_id = r.flow_id AND v.version = r.flow_version) \
             UNION ALL SELECT 'flow ' || CAST(f.id AS TEXT) FROM flows AS f WHERE NOT EXISTS \
             (SELECT 1 FROM flow_versions AS v WHERE v.flow_id = f.id AND v.version = f.version)",
        ),
        gaps(
            "a conversation whose timeline has a gap, or ends elsewhere than it says",
            "SELECT 'conversation ' || CAST(c.id AS TEXT) AS odd FROM conversations AS c \
             LEFT JOIN (SELECT conversation_id, COUNT(*) AS written, MIN(event_seq) AS lowest, \
                        MAX(event_seq) AS highest FROM conversation_events \
                        GROUP BY conversation_id) AS e ON e.conversation_id = c.id \
             WHERE c.event_seq <> COALESCE(e.written, 0) OR c.event_seq <> COALESCE(e.highest, 0) \
             OR COALESCE(e.lowest, 1) <> 1",
        ),
        gaps(
            "an event of a timeline that says nothing",
            "SELECT 'conversation ' || CAST(conversation_id AS TEXT) AS odd FROM conversation_events \
             WHERE details NOT LIKE '{%}'",
        ),
        gaps(
            "an entry of the audit trail that says nothing",
            "SELECT 'audit entry ' || CAST(id AS TEXT) AS odd FROM audit WHERE details NOT LIKE '{%}' OR \
                action = ''",
        ),
    ]
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
                 WHERE a.ended_at IS NULL AND a.started_at < {hour} AND o.status NOT IN ('claimed', \
                 'sending')"
            ),
        ),
        stuck(
            "a file that has been due to be fetched for an hour",
            format!(
                "SELECT 'attachment ' || CAST(id AS TEXT) AS odd FROM attachments \
                 WHERE processing_status = 'pending' AND due_at < {hour}"
            ),
        ),
    ]
}

/// The same beside what is owed to customers.
fn stuck_besides(now: Timestamp) -> Vec<Check> {
    let stuck = |fault: &str, sql: String| check("stuck", fault, &sql);
    let hour = now.0 - 60 * MINUTE;
    vec![
        stuck(
            "a step of a run that has been due for an hour",
            format!(
                "SELECT 'run ' || CAST(id AS TEXT) AS odd FROM flow_runs WHERE ended_at IS NULL AND due_at < \
                    {hour}"
            ),
        ),
        stuck(
            "an event that a program has been owed for an hour",
            format!(
                "SELECT 'hook delivery ' || CAST(id AS TEXT) AS odd FROM hook_deliveries \
                 WHERE state IN ('waiting', 'running') AND due_at < {hour}"
            ),
        ),
        stuck(
            "a conversation that should have woken an hour ago",
            format!(
                "SELECT 'conversation ' || CAST(id AS TEXT) AS odd FROM conversations \
                 WHERE status = 'snoozed' AND snoozed_until < {hour}"
            ),
        ),
        stuck(
            "a reminder that should have come an hour ago",
            format!(
                "SELECT 'conversation ' || CAST(conversation_id AS TEXT) AS odd FROM participants \
                 WHERE reminder_at < {hour}"
            ),
        ),
        stuck(
            "a change of many conversations that has not gone on for an hour",
            format!(
                "SELECT 'bulk job ' || CAST(id AS TEXT) AS odd FROM bulk_jobs \
                 WHERE state = 'running' AND updated_at < {hour}"
            ),
        ),
        stuck(
            "an event that waits for its message an hour beyond its time",
            format!(
                "SELECT 'parked event ' || CAST(id AS TEXT) AS odd FROM parked_events WHERE expires_at < \
                    {hour}"
            ),
        ),
    ]
}
