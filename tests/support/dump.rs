//! Every row of a database, named by what people know instead of by numbers, so that two databases which
//! lived through the same can be held side by side. Never for what the API tells: this is for what must not
//! differ behind it.

use super::database::Database;
use super::postgres;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// Tables whose rows are chance (secrets, sessions) or depend on when a background worker came by.
const LEFT_OUT: &[&str] = &[
    "accounts",
    "api_tokens",
    "audit",
    "channel_checks",
    "channel_health",
    "channels",
    "delivery_attempts",
    "epochs",
    "flow_versions",
    "flows",
    "hook_attempts",
    "hooks",
    "login_sessions",
    "media_folder",
    "outbox",
    "platform_files",
    "report_days",
    "report_sums",
    "settings",
    "sockets_held",
    "sqlite_sequence",
    "template_syncs",
    "templates",
    "unread_left",
    "unread_looked",
    "users",
    "workspaces",
    "__diesel_schema_migrations",
];

/// Numbers that are no clock and the same in both.
const KEPT: [&str; 10] = [
    "assignee_id",
    "channel_id",
    "edit_order",
    "flow_id",
    "hook_id",
    "label_id",
    "platform_sent_at",
    "user_id",
    "window_expires_at",
    "workspace_id",
];

/// From here on a number is a moment in milliseconds.
const MOMENT: i64 = 1_000_000_000_000;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Table by table its rows, in an order of their own.
pub async fn dump(database: &Database) -> BTreeMap<String, Vec<String>> {
    let lines = if database.is_sqlite() { sqlite(&database.url) } else { of_postgres(&database.url).await };
    let rows: Vec<(String, Map<String, Value>)> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect();
    let names = Names::of(&rows);
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, row) in rows {
        if !LEFT_OUT.contains(&table.as_str()) {
            let row = names.told(&table, row);
            tables.entry(table).or_default().push(Value::Object(row).to_string());
        }
    }
    tables.values_mut().for_each(|rows| rows.sort());
    tables
}

fn sqlite(url: &str) -> Vec<String> {
    let mut conn = SqliteConnection::establish(url.trim_start_matches("sqlite://")).expect("opens");
    let mut ask = |sql: &str| -> Vec<String> {
        let lines: Vec<Line> =
            sql_query(sql).load(&mut conn).unwrap_or_else(|error| panic!("{sql}: {error}"));
        lines.into_iter().map(|line| line.line).collect()
    };
    let tables =
        ask("SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search%'");
    let mut lines = Vec::new();
    for table in tables {
        let columns = ask(&format!("SELECT name AS line FROM pragma_table_info('{table}')"));
        let pairs: Vec<String> = columns
            .iter()
            .map(|column| {
                format!("'{column}', CASE typeof({column}) WHEN 'blob' THEN hex({column}) ELSE {column} END")
            })
            .collect();
        let row = pairs.join(", ");
        lines.extend(ask(&format!("SELECT json_array('{table}', json_object({row})) AS line FROM {table}")));
    }
    // What the index of words holds can only be asked of the words.
    for table in ["search_messages", "search_customers"] {
        let words =
            format!("CREATE VIRTUAL TABLE temp.{table}_words USING fts5vocab(main, {table}, instance)");
        conn.batch_execute(&words).expect("a table of words");
        let rows = format!(
            "SELECT json_array('{table}', json_object('id', doc, 'words', group_concat(term, ' '))) AS line \
             FROM (SELECT doc, term FROM temp.{table}_words ORDER BY doc, term) GROUP BY doc"
        );
        let found: Vec<Line> = sql_query(rows).load(&mut conn).expect("the words");
        lines.extend(found.into_iter().map(|line| line.line));
    }
    lines
}

async fn of_postgres(url: &str) -> Vec<String> {
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    let rows: Vec<String> = postgres::ask(url, tables)
        .await
        .iter()
        .map(|table| format!("SELECT json_build_array('{table}', row_to_json(t))::text FROM {table} t"))
        .collect();
    postgres::ask(url, &rows.join(" UNION ALL ")).await
}

/// What rows are called: a conversation by its customer, a message by its place there.
#[derive(Default)]
struct Names {
    customers: HashMap<i64, String>,
    conversations: HashMap<i64, String>,
    messages: HashMap<i64, String>,
    /// Messages of ours: their platform's ids are chance.
    ours: Vec<i64>,
}

impl Names {
    fn of(rows: &[(String, Map<String, Value>)]) -> Self {
        let mut names = Self::default();
        let of = |table: &'static str| rows.iter().filter(move |(name, _)| name == table).map(|(_, row)| row);
        for row in of("customer_identities") {
            let name = row["external_id"].as_str().expect("a name").to_owned();
            let known = names.customers.entry(number(row, "customer_id")).or_insert_with(|| name.clone());
            *known = name.min(known.clone());
        }
        for row in of("conversations") {
            let with = names.customers.get(&number(row, "customer_id")).cloned().unwrap_or_default();
            names.conversations.insert(number(row, "id"), format!("with {with}{}", row["thread"]));
        }
        for row in of("messages") {
            let place = names.conversations.get(&number(row, "conversation_id")).cloned().unwrap_or_default();
            names.messages.insert(number(row, "id"), format!("{place} at {}", row["seq"]));
            if !row["client_id"].is_null() {
                names.ours.push(number(row, "id"));
            }
        }
        names
    }

    fn told(&self, table: &str, row: Map<String, Value>) -> Map<String, Value> {
        let is_ours = match table {
            "messages" => self.ours.contains(&number(&row, "id")),
            "message_identities" => self.ours.contains(&number(&row, "message_id")),
            _ => false,
        };
        let mut told = Map::new();
        for (column, value) in row {
            let is_left_out = match table {
                "hook_deliveries" => ["attempt_id", "attempts", "body", "state"].contains(&column.as_str()),
                "conversation_labels" => column == "active_hour",
                _ => is_ours && column == "platform_message_id",
            };
            if !is_left_out {
                let value = self.value(table, &column, value);
                told.insert(column, value);
            }
        }
        told
    }

    fn value(&self, table: &str, column: &str, value: Value) -> Value {
        let named = |names: &HashMap<i64, String>, id: i64| json!(names.get(&id));
        if let Some(id) = value.as_i64() {
            return match (table, column) {
                ("messages" | "search_messages", "id") => named(&self.messages, id),
                ("conversations", "id") => named(&self.conversations, id),
                ("customers" | "search_customers", "id") => named(&self.customers, id),
                (_, "conversation_id" | "about_conversation_id") => named(&self.conversations, id),
                (_, "customer_id" | "sender_customer_id" | "merged_from") => named(&self.customers, id),
                (_, "message_id" | "reply_to_id") => named(&self.messages, id),
                (_, column) if KEPT.contains(&column) => value,
                (_, column) if column == "id" || column.ends_with("_id") => json!("a number"),
                _ if id > MOMENT => json!("a moment"),
                _ => value,
            };
        }
        let Some(text) = value.as_str() else { return value };
        if (table, column) == ("parked_events", "body") {
            // Its place in the body it came by is no part of what waits.
            let mut event: Value = serde_json::from_str(text).expect("an event");
            event["position"] = Value::Null;
            return event;
        }
        let parts: Vec<&str> = text.split([':', '-']).collect();
        let id = || parts[1].parse::<i64>().ok();
        match (column, parts.as_slice()) {
            ("author" | "actor" | "trigger_key", ["customer", _]) => {
                json!([parts[0], id().map(|id| named(&self.customers, id))])
            }
            ("event_id" | "trigger_key", ["message", _, ..]) => {
                json!([parts[0], id().map(|id| named(&self.messages, id)), parts[2..]])
            }
            ("event_id" | "trigger_key", ["conversation", _, ..]) => {
                json!([parts[0], id().map(|id| named(&self.conversations, id)), parts[2..]])
            }
            _ => value,
        }
    }
}

fn number(row: &Map<String, Value>, column: &str) -> i64 {
    row.get(column).and_then(Value::as_i64).unwrap_or_default()
}
