//! One room with a thousand sessions, and five hundred rooms with four: deliveries in a second of
//! the server's CPU time, from committed events to the sockets.

use crate::Outcome;
use crate::http::Http;
use crate::server::{Place, Server};
use crate::socket;
use crate::table::{Table, whole};
use crate::webhook::{Said, request, words};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const CHAT: &[u8] = b"\"chat_message\"";
/// Messages of one webhook.
const BATCH: usize = 50;
const BYTES: usize = 256;

/// What all sessions of a run received.
#[derive(Default)]
pub struct Heard {
    pub frames: AtomicU64,
    pub size: AtomicUsize,
}

struct Shape {
    rooms: usize,
    sessions_each: usize,
    messages: usize,
    /// Frames that the floor writes at once.
    burst: usize,
}

/// 1 × 1,000.
pub async fn one_room(place: &Place, table: &mut Table) -> Outcome {
    let shape = Shape { rooms: 1, sessions_each: 1000, messages: 2000, burst: 16 };
    run(place, table, "fan-out, one room, 1,000 sessions", &shape, "≥ 0.6").await
}

/// 500 × 4.
pub async fn many_rooms(place: &Place, table: &mut Table) -> Outcome {
    let shape = Shape { rooms: 500, sessions_each: 4, messages: 50_000, burst: 1 };
    run(place, table, "fan-out, 500 rooms, 4 sessions each", &shape, "≥ 0.65").await
}

async fn run(place: &Place, table: &mut Table, what: &str, shape: &Shape, target: &str) -> Outcome {
    let deliveries = count(shape.messages * shape.sessions_each);
    // The same messages with nobody there: what is left is what it costs to show what is committed.
    let alone = post_to(place, &Shape { sessions_each: 0, ..*shape }).await?;
    let shown = post_to(place, shape).await?;
    let floor = deliveries / writes(place, "floor-sockets", shape, shown.size).await?;
    let ours = deliveries / (shown.serving - alone.serving).max(0.01);
    let measured = format!(
        "{} deliveries/CPU-s beyond storing ({} with it; {} by all threads' time; {} /s, {} B each)",
        whole(ours),
        whole(deliveries / shown.cpu),
        whole(deliveries / (shown.cpu - alone.cpu).max(0.01)),
        whole(deliveries / shown.seconds),
        shown.size
    );
    let bare = format!("{} writes of the same bytes", whole(floor));
    table.add(what, measured, bare.clone(), Some(ours / floor), target);
    if shape.burst == 1 {
        table.print_last();
        let actors = deliveries / writes(place, "floor-actors", shape, shown.size).await?;
        let alone = format!("{} deliveries/CPU-s", whole(actors));
        table.add("the same by actix-web-actors alone", alone, bare, Some(actors / floor), "");
    }
    Ok(())
}

/// What it took to post everything until everybody had everything.
struct Took {
    cpu: f64,
    /// Of it, by the threads that serve.
    serving: f64,
    seconds: f64,
    /// Of one frame.
    size: usize,
}

async fn post_to(place: &Place, shape: &Shape) -> Outcome<Took> {
    let mut server = place.start(&place.sqlite("fanout.db")).await?;
    let mut http = server.signs_in().await?;
    server.connects_a_channel(&mut http).await?;
    let customers = customers(&mut http, shape.rooms).await?;
    let heard = Arc::new(Heard::default());
    for conversation in &customers {
        for n in 0..shape.sessions_each {
            subscribe(&server, conversation.1, n, &heard).await?;
        }
    }
    let (before, serving_before) = (server.cpu()?, server.cpu_of_serving()?);
    let begun = Instant::now();
    post_all(&server, &customers, shape, &heard).await?;
    let took = Took {
        cpu: server.cpu()? - before,
        serving: server.cpu_of_serving()? - serving_before,
        seconds: begun.elapsed().as_secs_f64(),
        size: heard.size.load(Ordering::Relaxed),
    };
    server.stop().await?;
    Ok(took)
}

#[allow(clippy::cast_precision_loss)]
fn count(number: usize) -> f64 {
    number as f64
}

/// So many customers who have written once: (number, conversation).
pub async fn customers(http: &mut Http, rooms: usize) -> Outcome<Vec<(String, i64)>> {
    let mut customers = Vec::new();
    for n in 0..rooms {
        let from = format!("1555{n:07}");
        let first: Said = (from.clone(), format!("wamid.first.{n}"), "hello".into());
        let (status, answer) = http.exchange(&request(&[first])).await?;
        let answer: serde_json::Value = serde_json::from_slice(&answer)?;
        let id = answer["results"][0]["conversation_id"].as_i64().ok_or(format!("{status}: {answer}"))?;
        customers.push((from, id));
    }
    Ok(customers)
}

/// A session that follows a conversation and counts.
async fn subscribe(server: &Server, conversation: i64, n: usize, heard: &Arc<Heard>) -> Outcome {
    let (mut reader, mut writer) =
        socket::open(server.port, &server.token, 1 + u8::try_from(n % 200)?).await?;
    writer.say(&json!({"type": "subscribe", "conversation_id": conversation})).await?;
    reader.text_with(b"\"subscribed\"").await?;
    let heard = heard.clone();
    tokio::spawn(async move {
        let _open = writer;
        while let Ok((kind, bytes)) = reader.frame().await {
            if kind == 1 && bytes[..bytes.len().min(64)].windows(CHAT.len()).any(|part| part == CHAT) {
                heard.size.store(bytes.len(), Ordering::Relaxed);
                heard.frames.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    Ok(())
}

/// Posts everything, never further ahead of the slowest screen than a session may lag.
async fn post_all(server: &Server, customers: &[(String, i64)], shape: &Shape, heard: &Heard) -> Outcome {
    let mut http = [Http::open(server.port).await?, Http::open(server.port).await?];
    let text = words(BYTES);
    let mut posted = 0;
    while posted < shape.messages {
        let batch = |from: usize| -> Vec<Said> {
            (from..from + BATCH)
                .map(|n| (customers[n % customers.len()].0.clone(), format!("wamid.load.{n}"), text.clone()))
                .collect()
        };
        let (one, two) = (request(&batch(posted)), request(&batch(posted + BATCH)));
        let [first, second] = &mut http;
        let (one, two) = tokio::join!(first.exchange(&one), second.exchange(&two));
        if one?.0 != 200 || two?.0 != 200 {
            return Err("a webhook was not taken".into());
        }
        posted += 2 * BATCH;
        wait_for(heard, (posted.saturating_sub(300) * shape.sessions_each) as u64).await?;
    }
    wait_for(heard, (shape.messages * shape.sessions_each) as u64).await
}

async fn wait_for(heard: &Heard, frames: u64) -> Outcome {
    let begun = Instant::now();
    while heard.frames.load(Ordering::Relaxed) < frames {
        if begun.elapsed() > Duration::from_secs(60) {
            return Err(format!("{} of {frames} frames came", heard.frames.load(Ordering::Relaxed)).into());
        }
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
    Ok(())
}

/// CPU seconds that the floor needs for the same deliveries of the same bytes.
async fn writes(place: &Place, word: &str, shape: &Shape, size: usize) -> Outcome<f64> {
    let floor = place.floor_server(word).await?;
    let heard = Arc::new(Heard::default());
    for n in 0..shape.rooms * shape.sessions_each {
        let (mut reader, _writer) = socket::open(floor.port, "", 1 + u8::try_from(n % 200)?).await?;
        let heard = heard.clone();
        tokio::spawn(async move {
            let _open = _writer;
            while let Ok((kind, _)) = reader.frame().await {
                if kind == 1 {
                    heard.frames.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    let frames = shape.messages / shape.rooms;
    let go = format!(
        "GET /go?frames={frames}&burst={}&size={size}&groups={} HTTP/1.1\r\nhost: bench\r\n\r\n",
        shape.burst, shape.rooms
    );
    let before = floor.cpu()?;
    let mut http = Http::open(floor.port).await?;
    http.exchange(go.as_bytes()).await?;
    wait_for(&heard, (frames * shape.rooms * shape.sessions_each) as u64).await?;
    Ok(floor.cpu()? - before)
}
