//! From one agent's socket to another's screen: how fast it goes with 500 rooms of four, and how
//! long it takes at half of what goes through.

use crate::Outcome;
use crate::floor::commit_p99;
use crate::http::Http;
use crate::ingest::{floor_postgres, floor_sqlite};
use crate::server::{Place, Server};
use crate::socket::{self, Reader, Writer};
use crate::table::{Table, percentile, whole};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const ROOMS: usize = 500;
const MESSAGES: usize = 40_000;

/// Both, on SQLite and, if there is one, PostgreSQL.
pub async fn to_the_screen(place: &Place, table: &mut Table) -> Outcome {
    let floor = floor_sqlite(place).await?;
    on(place, table, "SQLite", &place.sqlite("sending.db"), (floor, "bare group commit/s")).await?;
    if let Some(url) = &place.postgres {
        table.print_last();
        let floor = floor_postgres(place, url).await?;
        on(place, table, "PostgreSQL", url, (floor, "set-based inserts/s")).await?;
    }
    Ok(())
}

async fn on(place: &Place, table: &mut Table, database: &str, url: &str, floor: (f64, &str)) -> Outcome {
    let mut server = place.start(url).await?;
    let rooms = rooms(&mut server).await?;
    let crowd = Crowd::sits_down(&server, &rooms).await?;
    let (before, begun) = (server.cpu()?, Instant::now());
    let highest = crowd.sends().await?;
    handed_over(&server).await?;
    #[allow(clippy::cast_precision_loss)]
    let (through, per_cpu) =
        (MESSAGES as f64 / begun.elapsed().as_secs_f64(), MESSAGES as f64 / (server.cpu()? - before));
    table.add(
        &format!("send by socket, 500 rooms × 4, durable, {database}"),
        format!("{} /s ({} /CPU-s)", whole(highest), whole(per_cpu)),
        format!("{} {}", whole(floor.0), floor.1),
        Some(highest / floor.0),
        "≥ 0.7",
    );
    table.print_last();
    let pace = through / 2.0;
    let mut times = at_a_pace(&server, &rooms, pace).await?;
    server.stop().await?;
    times.sort_by(f64::total_cmp);
    let bare = commit_p99(place.sqlite("commit.db").trim_start_matches("sqlite://"))?;
    let (p50, p99, p999) = (percentile(&times, 0.5), percentile(&times, 0.99), percentile(&times, 0.999));
    table.add(
        &format!("from socket to screen at half of that, {database}"),
        format!("p50 {p50:.2} ms, p99 {p99:.2} ms, p999 {p999:.2} ms at {} /s", whole(pace)),
        format!("p99 {bare:.2} ms of a bare commit on SQLite"),
        Some(p99 / bare),
        "≤ 3",
    );
    let path = place.sqlite("paced.db");
    let paced =
        place.floor(&["floor-sqlite-paced", path.trim_start_matches("sqlite://"), &pace.to_string()]).await?;
    table.add(
        "the same beside group commits that come at that pace",
        format!("p99 {p99:.2} ms"),
        format!("p99 {paced:.2} ms of bare group commits on SQLite, checkpoints included"),
        Some(p99 / paced),
        "",
    );
    Ok(())
}

/// Waits until the outbox is empty: what is behind would be measured with what comes.
async fn handed_over(server: &Server) -> Outcome {
    let mut http = Http::open(server.port).await?;
    for _ in 0..6000 {
        let stats = http.call("GET", "/api/v1/stats", &server.token, &Value::Null).await?;
        if stats["queue_depth"] == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("the outbox is never empty".into())
}

async fn rooms(server: &mut Server) -> Outcome<Vec<i64>> {
    let mut http = server.signs_in().await?;
    let body = json!({"kind": "webchat", "name": "Site", "options": {}, "credentials": {}});
    let channel = http.call("POST", "/api/v1/channels", &server.token, &body).await?;
    let mut rooms = Vec::new();
    for n in 0..ROOMS {
        let body = json!({"channel_id": channel["id"], "customer": {"external_id": format!("visitor-{n}")}});
        let room = http.call("POST", "/api/v1/conversations", &server.token, &body).await?;
        rooms.push(room["id"].as_i64().ok_or("a conversation has an id")?);
    }
    Ok(rooms)
}

async fn sit(server: &Server, room: i64) -> Outcome<(Reader, Writer)> {
    let (mut reader, mut writer) = socket::open(server.port, &server.token, 1).await?;
    writer.say(&json!({"type": "subscribe", "conversation_id": room})).await?;
    reader.text_with(b"\"subscribed\"").await?;
    Ok((reader, writer))
}

/// One in each room, who sends when their last one is stored; three more look on.
struct Crowd {
    senders: Vec<(i64, (Reader, Writer))>,
    lookers: Vec<tokio::task::JoinHandle<()>>,
    seen: Arc<AtomicU64>,
}

impl Crowd {
    async fn sits_down(server: &Server, rooms: &[i64]) -> Outcome<Self> {
        let mut crowd = Self { senders: Vec::new(), lookers: Vec::new(), seen: Arc::default() };
        for room in rooms.iter().copied() {
            for _ in 0..3 {
                let (mut reader, writer) = sit(server, room).await?;
                let seen = crowd.seen.clone();
                crowd.lookers.push(tokio::spawn(async move {
                    let _open = writer;
                    while reader.text_with(b"\"chat_message\"").await.is_ok() {
                        seen.fetch_add(1, Ordering::Relaxed);
                    }
                }));
            }
            crowd.senders.push((room, sit(server, room).await?));
        }
        Ok(crowd)
    }

    /// As fast as it goes; how many a second.
    async fn sends(self) -> Outcome<f64> {
        let next: Arc<AtomicUsize> = Arc::default();
        let begun = Instant::now();
        let mut lanes = Vec::new();
        for (room, (mut reader, mut writer)) in self.senders {
            let next = next.clone();
            lanes.push(tokio::spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= MESSAGES {
                    return Outcome::Ok(());
                }
                let text = format!("It is, shall I put it aside for you? {n}");
                writer.say(&json!({"type": "send", "conversation_id": room, "client_id": format!("c{n}"), "content": text})).await?;
                reader.text_with(b"\"message_sent\"").await?;
            }
        }));
        }
        for lane in lanes {
            lane.await??;
        }
        while self.seen.load(Ordering::Relaxed) < (MESSAGES * 3) as u64 {
            if begun.elapsed() > Duration::from_secs(120) {
                return Err("not every screen showed every message".into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let seconds = begun.elapsed().as_secs_f64();
        self.lookers.iter().for_each(tokio::task::JoinHandle::abort);
        #[allow(clippy::cast_precision_loss)]
        Ok(MESSAGES as f64 / seconds)
    }
}

/// Sends at an even pace, whether the last one came or not, and stops the time to another screen.
async fn at_a_pace(server: &Server, rooms: &[i64], pace: f64) -> Outcome<Vec<f64>> {
    let sent: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let times: Arc<Mutex<Vec<f64>>> = Arc::default();
    let mut writers = Vec::new();
    for room in rooms.iter().copied().take(50) {
        let (mut reader, open) = sit(server, room).await?;
        let (sent, times) = (sent.clone(), times.clone());
        tokio::spawn(async move {
            let _open = open;
            while let Ok(bytes) = reader.text_with(b"\"chat_message\"").await {
                let frame: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
                let id = frame["message"]["client_id"].as_str().unwrap_or("");
                let begun = sent.lock().ok().and_then(|mut sent| sent.remove(id));
                if let (Some(begun), Ok(mut times)) = (begun, times.lock()) {
                    times.push(begun.elapsed().as_secs_f64() * 1000.0);
                }
            }
        });
        let (mut reader, writer) = sit(server, room).await?;
        tokio::spawn(async move { while reader.frame().await.is_ok() {} });
        writers.push((room, writer));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let count = (pace * 10.0) as usize;
    let begun = Instant::now();
    for n in 0..count {
        #[allow(clippy::cast_precision_loss)]
        let due = Duration::from_secs_f64(n as f64 / pace);
        while begun.elapsed() < due {
            tokio::task::yield_now().await;
        }
        let id = format!("paced{n}");
        let at = n % writers.len();
        let (room, writer) = &mut writers[at];
        if let Ok(mut sent) = sent.lock() {
            sent.insert(id.clone(), Instant::now());
        }
        let frame = json!({"type": "send", "conversation_id": *room, "client_id": id, "content": "It is, shall I put it aside for you?"});
        writer.say(&frame).await?;
    }
    for _ in 0..3000 {
        if sent.lock().is_ok_and(|sent| sent.is_empty()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let times = times.lock().map_err(|_| "a reader panicked")?.clone();
    if times.len() < count {
        return Err(format!("{} of {count} came", times.len()).into());
    }
    Ok(times)
}
