//! Fills a database as a team of years has one: conversations that are nearly all closed, labels of all sizes, a
//! reader who has read all but ten, words of all frequencies, messages in the order of time. By SQL, into a
//! database that a server has opened once. Never a database anybody needs.

use crate::Outcome;
use crate::fill::Database;

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Conversations, each with a customer.
    pub conversations: i64,
    /// Messages, over 300 days: as many in each conversation.
    pub messages: i64,
}

/// Messages are written over so long, in milliseconds.
const SPAN: i64 = 300 * 86_400_000;
/// Shares no factor with the numbers one fills by.
const PRIME: i64 = 7_919;
/// Messages of one statement.
const STEP: i64 = 250_000;

/// Fills it; ids begin at 1,000,000,000, so that nothing is in the way.
pub async fn fill(database: &mut Database, size: Size) -> Outcome {
    let now = i64::try_from(std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_millis())?;
    let shape = Shape { count: size.conversations, rounds: (size.messages / size.conversations).max(1), now };
    for sql in shape.people().into_iter().chain(shape.around()) {
        database.run(&sql).await?;
    }
    let all = shape.count * shape.rounds;
    let mut from = 0;
    while from < all {
        let to = (from + STEP).min(all);
        for sql in shape.messages(from, to, database.is_postgres()) {
            database.run(&sql).await?;
        }
        eprintln!("{to} of {all}");
        from = to;
    }
    database.run("ANALYZE").await
}

struct Shape {
    count: i64,
    rounds: i64,
    now: i64,
}

const FIRST: i64 = 1_000_000_000;

impl Shape {
    /// When message number `i` was written.
    fn at(&self, i: &str) -> String {
        let begun = self.now - SPAN;
        format!("({begun} + ({i}) * {} / 1000)", SPAN * 1000 / (self.count * self.rounds))
    }

    fn numbers(from: i64, to: i64) -> String {
        format!("WITH RECURSIVE n (k) AS (SELECT {from} UNION ALL SELECT k + 1 FROM n WHERE k + 1 < {to})")
    }

    /// The conversation of message number `k`: each once a round.
    fn of(&self) -> String {
        format!("{FIRST} + (k * {PRIME}) % {}", self.count)
    }

    fn people(&self) -> Vec<String> {
        let (count, n) = (self.count, Self::numbers(0, self.count));
        let last = self.at(&format!("k + {}", (self.rounds - 1) * count));
        let id = self.of();
        let name = "CASE k % 4 WHEN 0 THEN 'anna ' WHEN 1 THEN 'boris ' WHEN 2 THEN 'chen ' ELSE 'dalia ' END || \
            CASE WHEN k % 5000 = 0 THEN 'quine ' ELSE 'lind ' END || k";
        vec![
            format!(
                "INSERT INTO customers (id, workspace_id, name, search_text, enhanced_data_fetched, unreachable, created_at) \
                 {n} SELECT {FIRST} + k, 1, {name}, {name}, true, false, 1 FROM n"
            ),
            format!(
                "INSERT INTO customer_identities (id, workspace_id, channel_id, customer_id, kind, external_id, created_at) \
                 {n} SELECT {FIRST} + k, 1, (SELECT MIN(id) FROM channels), {FIRST} + k, 'phone', '3460' || (1000000 + k), 1 \
                 FROM n"
            ),
            // One in a hundred is open, one in five of those is mine; of the newest, none waits.
            format!(
                "INSERT INTO conversations (id, workspace_id, kind, channel_id, customer_id, thread, status, assignee_id, \
                 waiting_since, priority, version, revision, unread_total, answered_seq, last_seq, last_activity_at, \
                 created_at, updated_at) {n} SELECT {id}, 1, 'customer', (SELECT MIN(id) FROM channels), {id}, '', \
                 CASE WHEN k % 100 = 0 THEN 'open' ELSE 'closed' END, CASE k % 5 WHEN 0 THEN 1 ELSE NULL END, \
                 CASE WHEN k % 200 = 0 AND k < {count} / 2 THEN 1 ELSE NULL END, \
                 CASE WHEN k % 50000 = 7 THEN 'urgent' ELSE NULL END, {rounds}, 1, {rounds}, 0, {rounds}, {last}, 1, 1 \
                 FROM n",
                rounds = self.rounds
            ),
        ]
    }

    /// Labels (one of 20, one of a fiftieth that are all old, one of a third), and what the first user read: all
    /// but ten.
    fn around(&self) -> Vec<String> {
        let (count, n, id) = (self.count, Self::numbers(0, self.count), self.of());
        let mut all = vec![
            "INSERT INTO labels (id, workspace_id, name, name_key, color, created_at) VALUES \
             (1000000001, 1, 'few', 'few', '', 1), (1000000002, 1, 'old', 'old', '', 1), \
             (1000000003, 1, 'many', 'many', '', 1)"
                .to_owned(),
            format!(
                "INSERT INTO participants (conversation_id, user_id, is_member, read_seq, read_count, own_count, mention_seq, \
                 is_following) {n} SELECT {id}, 1, false, 0, CASE WHEN k % ({count} / 10) = 3 THEN 0 ELSE {} END, 0, \
                 CASE WHEN k % ({count} / 20) = 5 THEN 1 ELSE 0 END, k % ({count} / 30) = 9 FROM n",
                self.rounds
            ),
        ];
        let half = count / 2;
        for (label, held) in [
            (1_000_000_001_i64, format!("k % ({count} / 20) = 1 AND k < {half}")),
            (1_000_000_002, format!("k % 25 = 2 AND k < {half}")),
            (1_000_000_003, "k % 3 = 0".to_owned()),
        ] {
            all.push(format!(
                "INSERT INTO conversation_labels (conversation_id, label_id) {n} SELECT {id}, {label} FROM n WHERE {held}"
            ));
        }
        all
    }

    /// Messages of one span, and their words: one in four has `parcel`, one in thirty `refund`, one in 100,000
    /// `needle`.
    fn messages(&self, from: i64, to: i64, is_postgres: bool) -> Vec<String> {
        let (n, id, at) = (Self::numbers(from, to), self.of(), self.at("k"));
        let words = "'do you still have the blue one in a small size ' || k || \
            CASE WHEN k % 4 = 0 THEN ' parcel' ELSE '' END || CASE WHEN k % 30 = 1 THEN ' refund' ELSE '' END || \
            CASE WHEN k % 100000 = 77 THEN ' needle' ELSE '' END";
        let seq = format!("k / {} + 1", self.count);
        let sender = "CASE WHEN k % 3 = 0 THEN 'support' ELSE 'customer' END";
        let index = if is_postgres {
            format!(
                "INSERT INTO search_messages (id, words) {n} SELECT {FIRST} + k, array_to_tsvector(ARRAY(SELECT DISTINCT w \
                 FROM unnest(string_to_array({words}, ' ')) AS w WHERE w <> '')) FROM n"
            )
        } else {
            format!("INSERT INTO search_messages (rowid, words) {n} SELECT {FIRST} + k, {words} FROM n")
        };
        vec![
            format!(
                "INSERT INTO messages (id, workspace_id, conversation_id, channel_id, seq, version, sender_type, \
                 sender_user_id, author, origin, message_type, content, status, is_counted, has_attachments, has_reactions, \
                 created_at) {n} SELECT {FIRST} + k, 1, {id}, (SELECT MIN(id) FROM channels), {seq}, {seq}, {sender}, \
                 CASE WHEN k % 3 = 0 THEN 1 ELSE NULL END, 'x:' || k, 'platform', 'text', {words}, 'received', true, false, \
                 false, {at} FROM n"
            ),
            index,
            // One answer in ten ends a wait.
            format!(
                "INSERT INTO answered_waits (workspace_id, conversation_id, channel_id, user_id, asked_at, answered_at) \
                 {n} SELECT 1, {id}, (SELECT MIN(id) FROM channels), 1, {at} - k % 7200000, {at} FROM n WHERE k % 30 = 0"
            ),
        ]
    }
}
