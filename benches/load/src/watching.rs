//! Everybody is somebody else, and watches the list as the page does: how many can come, what a message costs
//! while they look, and how fast rooms are beside it.

use crate::Outcome;
use crate::people::{Pages, enrol, reads, sits_down};
use crate::server::{Place, Server};
use crate::socket::Writer;
use crate::table::{Table, percentile, whole};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How many come, and how many in a second.
const COMING: (usize, u32) = (5_000, 500);
/// Those who watch while messages are written.
const AGENTS: usize = 2_000;
/// Messages a second, and for how long.
const PACES: [u32; 2] = [600, 1_500];
const LASTS: Duration = Duration::from_secs(12);
const ROOMS: usize = 500;

/// A server with so many agents, and conversations of the web chat.
async fn house(place: &Place, agents: usize, rooms: usize) -> Outcome<(Server, Vec<i64>)> {
    let database = place.sqlite("watching.db");
    let mut server = place.start(&database).await?;
    let mut http = server.signs_in().await?;
    enrol(&database, agents)?;
    let body = json!({"kind": "webchat", "name": "Site", "options": {}, "credentials": {}});
    let channel = http.call("POST", "/api/v1/channels", &server.token, &body).await?;
    let mut made = Vec::new();
    for n in 0..rooms {
        let body = json!({"channel_id": channel["id"], "customer": {"external_id": format!("visitor-{n}")}});
        let room = http.call("POST", "/api/v1/conversations", &server.token, &body).await?;
        made.push(room["id"].as_i64().ok_or("a conversation has an id")?);
    }
    Ok((server, made))
}

/// Waits for a moment in the future, as exactly as one thread can.
async fn until(begun: Instant, due: Duration) {
    while begun.elapsed() < due {
        let left = due.saturating_sub(begun.elapsed());
        if left > Duration::from_millis(2) {
            tokio::time::sleep(left - Duration::from_millis(1)).await;
        } else {
            tokio::task::yield_now().await;
        }
    }
}

/// 5,000 different agents come at 500 a second and watch: how many are thrown out, and what each costs.
pub async fn coming(place: &Place, table: &mut Table) -> Outcome {
    let (many, pace) = COMING;
    let (server, _) = house(place, many, 0).await?;
    let pages = Pages::of(&server).await?;
    let (mut cpu, mut marks) = (server.cpu()?, Vec::new());
    let refused = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    for n in 0..many {
        until(begun, Duration::from_secs(1) * u32::try_from(n)? / pace).await;
        if n > 0 && n % 1_000 == 0 {
            let now = server.cpu()?;
            marks.push(now - cpu);
            cpu = now;
        }
        let (port, pages, refused) = (server.port, pages.clone(), refused.clone());
        tokio::spawn(async move {
            match sits_down(port, n, None, true).await {
                Ok((reader, open)) => {
                    reads(pages, n, reader, |_| {}).await;
                    drop(open);
                }
                Err(_) => {
                    refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    let came = begun.elapsed();
    tokio::time::sleep(Duration::from_secs(2)).await;
    marks.push(server.cpu()? - cpu);
    let thousands: Vec<_> = marks.iter().map(|seconds| format!("{seconds:.2}")).collect();
    let closed = pages.seen.closed.load(Ordering::Relaxed) + refused.load(Ordering::Relaxed) as u64;
    let measured = format!(
        "{closed} of {} closed; CPU-s of each 1,000: {}; {:.1} s; {} frames each",
        whole(f64::from(u32::try_from(many)?)),
        thousands.join(", "),
        came.as_secs_f64(),
        pages.seen.frames.load(Ordering::Relaxed) / many as u64,
    );
    table.add(
        "different agents come at 500/s and watch",
        measured,
        String::new(),
        None,
        "none closed, linear",
    );
    Ok(())
}

/// What a run of paced messages gave.
struct Paced {
    times: Vec<f64>,
    sent: usize,
    cpu_ms: f64,
    closed: u64,
    pages: Arc<Pages>,
}

/// 2,000 agents with a conversation each, who watch everything or nothing, while they write.
pub async fn paced(place: &Place, table: &mut Table) -> Outcome {
    for pace in PACES {
        let mut without = f64::NAN;
        for is_watching in [false, true] {
            let ran = run_paced(place, pace, is_watching).await?;
            let (p50, p99) = (percentile(&ran.times, 0.5), percentile(&ran.times, 0.99));
            let seen = &ran.pages.seen;
            let measured = format!(
                "{} of {AGENTS} closed; own send p50 {p50:.1}, p99 {p99:.1} ms ({} of {}); {:.2} ms CPU a message; \
                 list frames {}, stale {}, fetched {}",
                ran.closed,
                whole(f64::from(u32::try_from(ran.times.len())?)),
                whole(f64::from(u32::try_from(ran.sent)?)),
                ran.cpu_ms,
                seen.list.load(Ordering::Relaxed),
                seen.stale.load(Ordering::Relaxed),
                seen.fetched.load(Ordering::Relaxed),
            );
            let who = if is_watching { "watch everything" } else { "watch nothing" };
            let floor =
                if is_watching { format!("{without:.2} ms with nobody watching") } else { String::new() };
            let ratio = is_watching.then_some(ran.cpu_ms / without);
            let target = if is_watching { "none closed; p99 ≤ 100 ms; ≤ 1.5 ms" } else { "" };
            table.add(&format!("{AGENTS} agents {who}, {pace} messages/s"), measured, floor, ratio, target);
            table.print_last();
            without = ran.cpu_ms;
        }
    }
    Ok(())
}

/// Messages that were sent and not answered, by what their client called them.
type Waiting = Arc<Mutex<HashMap<String, Instant>>>;

/// One agent at work: their conversation, and what they write with.
type Agent = (i64, Writer, Arc<AtomicBool>);

async fn run_paced(place: &Place, pace: u32, is_watching: bool) -> Outcome<Paced> {
    let (server, rooms) = house(place, AGENTS, AGENTS).await?;
    let pages = Pages::of(&server).await?;
    let (waiting, times) = (Waiting::default(), Arc::new(Mutex::new(Vec::new())));
    let mut agents: Vec<Agent> = Vec::new();
    for (n, room) in rooms.iter().enumerate() {
        let (reader, writer) = sits_down(server.port, n, Some(*room), is_watching).await?;
        let is_open = Arc::new(AtomicBool::new(true));
        agents.push((*room, writer, is_open.clone()));
        let (pages, waiting, times) = (pages.clone(), waiting.clone(), times.clone());
        tokio::spawn(async move {
            reads(pages, n, reader, |bytes| answered(bytes, &waiting, &times)).await;
            is_open.store(false, Ordering::Relaxed);
        });
    }
    // Each has answered once: from here on their conversations are theirs.
    write(&mut agents, pace, AGENTS, "first", &waiting).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    taken(&times)?;
    if let Ok(mut waiting) = waiting.lock() {
        waiting.clear();
    }
    let count = usize::try_from(u64::from(pace) * LASTS.as_secs())?;
    let before = server.cpu()?;
    let sent = write(&mut agents, pace, count, "paced", &waiting).await?;
    // What is under way belongs to it.
    for _ in 0..500 {
        if waiting.lock().is_ok_and(|waiting| waiting.is_empty()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let cpu = server.cpu()? - before;
    let mut times = taken(&times)?;
    times.sort_by(f64::total_cmp);
    let closed = pages.seen.closed.load(Ordering::Relaxed);
    drop(server);
    #[allow(clippy::cast_precision_loss)]
    let cpu_ms = cpu * 1_000.0 / sent.max(1) as f64;
    Ok(Paced { times, sent, cpu_ms, closed, pages })
}

/// What was measured so far.
fn taken(times: &Mutex<Vec<f64>>) -> Outcome<Vec<f64>> {
    Ok(std::mem::take(&mut *times.lock().map_err(|_| "a reader panicked")?))
}

/// Stops the time of a message whose answer came.
fn answered(bytes: &[u8], waiting: &Waiting, times: &Mutex<Vec<f64>>) {
    const SENT: &[u8] = b"\"message_sent\"";
    if !bytes[..bytes.len().min(48)].windows(SENT.len()).any(|part| part == SENT) {
        return;
    }
    let frame: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let id = frame["client_id"].as_str().unwrap_or("");
    let begun = waiting.lock().ok().and_then(|mut waiting| waiting.remove(id));
    if let (Some(begun), Ok(mut times)) = (begun, times.lock()) {
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
}

/// Agents write at an even pace, whether the last answer came or not, in no order; how many could.
async fn write(
    agents: &mut [Agent],
    pace: u32,
    count: usize,
    name: &str,
    waiting: &Waiting,
) -> Outcome<usize> {
    let begun = Instant::now();
    let mut sent = 0;
    for n in 0..count {
        until(begun, Duration::from_secs(1) * u32::try_from(n)? / pace).await;
        // A step that has no factor in common with their number comes to each once a round, never to neighbours.
        let at = n * 1_237 % agents.len();
        let (room, writer, is_open) = &mut agents[at];
        if !is_open.load(Ordering::Relaxed) {
            continue;
        }
        let id = format!("{name}{n}");
        if let Ok(mut waiting) = waiting.lock() {
            waiting.insert(id.clone(), Instant::now());
        }
        let text = "It is, shall I put it aside for you?";
        let frame = json!({"type": "send", "conversation_id": *room, "client_id": id, "content": text});
        if writer.say(&frame).await.is_ok() {
            sent += 1;
        }
    }
    Ok(sent)
}

/// 500 rooms of four different users, one of whom writes as fast as it goes: watched by all, and by nobody.
pub async fn rooms(place: &Place, table: &mut Table) -> Outcome {
    let (alone, _) = run_rooms(place, false).await?;
    let (watched, pages) = run_rooms(place, true).await?;
    let measured = format!(
        "{} sends/s; {} closed; stale {}, fetched {}",
        whole(watched),
        pages.seen.closed.load(Ordering::Relaxed),
        pages.seen.stale.load(Ordering::Relaxed),
        pages.seen.fetched.load(Ordering::Relaxed)
    );
    let floor = format!("{} sends/s with nobody watching", whole(alone));
    table.add(
        "500 rooms × 4, everybody watches as the page does",
        measured,
        floor,
        Some(watched / alone),
        "≥ 0.7",
    );
    Ok(())
}

async fn run_rooms(place: &Place, is_watching: bool) -> Outcome<(f64, Arc<Pages>)> {
    let (server, rooms) = house(place, ROOMS * 4, ROOMS).await?;
    let pages = Pages::of(&server).await?;
    let (sent, is_over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let mut writers = Vec::new();
    for (n, room) in rooms.iter().enumerate() {
        for seat in 0..4 {
            let user = n * 4 + seat;
            let (reader, writer) = sits_down(server.port, user, Some(*room), is_watching).await?;
            // The answer to one's own message lets the next one go.
            let (tell, told) = tokio::sync::mpsc::unbounded_channel();
            tokio::spawn(reads(pages.clone(), user, reader, move |bytes| {
                const SENT: &[u8] = b"\"message_sent\"";
                if bytes[..bytes.len().min(48)].windows(SENT.len()).any(|part| part == SENT) {
                    // Nobody waits any more where the run is over.
                    let _ = tell.send(());
                }
            }));
            writers.push((*room, user, seat == 0, writer, told));
        }
    }
    let mut keeps = Vec::new();
    for (room, user, is_author, mut writer, mut told) in writers {
        if !is_author {
            keeps.push((writer, told));
            continue;
        }
        let (sent, is_over) = (sent.clone(), is_over.clone());
        tokio::spawn(async move {
            let mut n = 0;
            while !is_over.load(Ordering::Relaxed) {
                n += 1;
                let id = format!("{user}-{n}");
                let text = "It is, shall I put it aside for you?";
                let frame =
                    json!({"type": "send", "conversation_id": room, "client_id": id, "content": text});
                if writer.say(&frame).await.is_err() || told.recv().await.is_none() {
                    return;
                }
                sent.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (before, begun) = (sent.load(Ordering::Relaxed), Instant::now());
    tokio::time::sleep(LASTS).await;
    let count = sent.load(Ordering::Relaxed) - before;
    let seconds = begun.elapsed().as_secs_f64();
    is_over.store(true, Ordering::Relaxed);
    drop((server, keeps));
    #[allow(clippy::cast_precision_loss)]
    Ok((count as f64 / seconds, pages))
}
