//! Many different users, each with a token: written by SQL into a database that a server has opened, for their
//! passwords are nobody's business here. And a session of one of them that does what the product's page does.

use crate::Outcome;
use crate::http::Http;
use crate::server::Server;
use crate::socket::{self, Reader, Writer};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

/// What a page asks for when its list is stale: its first rows, and what stands beside its views.
const FETCHED: [&str; 7] = [
    "/api/v1/conversations?status=open&limit=50",
    "/api/v1/conversations/counts?mentioned=true&up_to=1000",
    "/api/v1/conversations/counts?status=open&unread=true&up_to=1000",
    "/api/v1/conversations/counts?status=open&assignee=me&unread=true&up_to=1000",
    "/api/v1/conversations/counts?status=open&assignee=none&unread=true&up_to=1000",
    "/api/v1/conversations/counts?status=open&waiting=true&up_to=1000",
    "/api/v1/conversations/counts?kind=direct&unread=true&up_to=1000",
];
/// Connections that all pages of a run share for what they fetch.
const FETCHERS: usize = 16;

/// The token of a user of the load.
pub fn token(n: usize) -> String {
    format!("token-of-load-{n:06}")
}

/// So many agents, with a token each. The server may run.
pub fn enrol(database: &str, count: usize) -> Outcome {
    let mut conn = SqliteConnection::establish(database.trim_start_matches("sqlite://"))?;
    conn.batch_execute("PRAGMA busy_timeout = 10000;")?;
    let mut sql = "BEGIN IMMEDIATE;".to_owned();
    for n in 0..count {
        let hash = Sha256::digest(token(n).as_bytes()).iter().fold(String::new(), |mut hex, byte| {
            // Writing to a String does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let _ = write!(
            sql,
            "INSERT INTO users (workspace_id, username, username_key, full_name, search_text, password_hash, \
             role, created_at) VALUES (1, 'load{n}', 'load{n}', 'Load {n}', 'load{n}', 'none', 'agent', 0);\
             INSERT INTO api_tokens (user_id, name, token_hash, created_at) \
             VALUES (last_insert_rowid(), 'load', x'{hash}', 0);"
        );
    }
    sql.push_str("COMMIT;");
    Ok(conn.batch_execute(&sql)?)
}

/// What the pages of a run saw.
#[derive(Default)]
pub struct Seen {
    /// Frames of any kind.
    pub frames: AtomicU64,
    /// Frames that were the list.
    pub list: AtomicU64,
    /// Times the list was said to be stale.
    pub stale: AtomicU64,
    /// Times it was fetched for that.
    pub fetched: AtomicU64,
    /// Sessions that the server ended.
    pub closed: AtomicU64,
}

/// What all pages of a run share.
pub struct Pages {
    pub seen: Seen,
    fetchers: Vec<Mutex<Http>>,
    next: AtomicU64,
}

impl Pages {
    pub async fn of(server: &Server) -> Outcome<Arc<Self>> {
        let mut fetchers = Vec::new();
        for _ in 0..FETCHERS {
            fetchers.push(Mutex::new(Http::open(server.port).await?));
        }
        Ok(Arc::new(Self { seen: Seen::default(), fetchers, next: AtomicU64::new(0) }))
    }

    /// Fetches what a page shows, once, after a wait of chance.
    async fn fetch(&self, user: usize, within: Duration) -> Outcome {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        // A multiplicative hash spreads them as chance would.
        let share = f64::from(u32::try_from(turn.wrapping_mul(2_654_435_761) & 0xffff)?) / 65_536.0;
        tokio::time::sleep(within.mul_f64(share)).await;
        let at = usize::try_from(turn)? % FETCHERS;
        let mut http = self.fetchers[at].lock().await;
        for path in FETCHED {
            http.call("GET", path, &token(user), &Value::Null).await?;
        }
        self.seen.fetched.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Looks at a frame as the page would.
    fn look(self: &Arc<Self>, user: usize, bytes: &[u8], fetches: &Arc<AtomicBool>) {
        let head = &bytes[..bytes.len().min(48)];
        let is = |kind: &[u8]| head.windows(kind.len()).any(|part| part == kind);
        self.seen.frames.fetch_add(1, Ordering::Relaxed);
        if is(b"\"conversations_updated\"") || is(b"\"conversation_updated\"") {
            self.seen.list.fetch_add(1, Ordering::Relaxed);
        } else if is(b"\"list_stale\"") {
            self.seen.stale.fetch_add(1, Ordering::Relaxed);
            let frame: Value = serde_json::from_slice(bytes).unwrap_or_default();
            let within = Duration::from_millis(frame["within_ms"].as_u64().unwrap_or(1_000));
            if !fetches.swap(true, Ordering::Relaxed) {
                let (pages, fetches) = (self.clone(), fetches.clone());
                tokio::spawn(async move {
                    if let Err(error) = pages.fetch(user, within).await {
                        eprintln!("a page could not fetch its list: {error}");
                    }
                    fetches.store(false, Ordering::Relaxed);
                });
            }
        }
    }
}

/// Opens a session of user `n`; `is_watching`: of everything, as the page does. It follows a room, if one is given.
pub async fn sits_down(
    port: u16,
    n: usize,
    room: Option<i64>,
    is_watching: bool,
) -> Outcome<(Reader, Writer)> {
    let (mut reader, mut writer) = socket::open(port, &token(n), 1 + u8::try_from(n % 200)?).await?;
    if is_watching {
        writer.say(&json!({"type": "watch", "scope": "all", "batch": true, "ref": "list"})).await?;
        reader.text_with(b"\"watching\"").await?;
    }
    if let Some(room) = room {
        writer.say(&json!({"type": "subscribe", "conversation_id": room})).await?;
        reader.text_with(b"\"subscribed\"").await?;
    }
    Ok((reader, writer))
}

/// Reads a session to its end; each frame is looked at as the page would, and by `also`.
pub async fn reads(pages: Arc<Pages>, n: usize, mut reader: Reader, mut also: impl FnMut(&[u8])) {
    let fetches: Arc<AtomicBool> = Arc::default();
    while let Ok((kind, bytes)) = reader.frame().await {
        if kind == 8 {
            break;
        }
        pages.look(n, bytes, &fetches);
        also(bytes);
    }
    pages.seen.closed.fetch_add(1, Ordering::Relaxed);
}
