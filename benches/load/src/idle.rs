//! What sessions cost that say nothing, and how long it takes until all are back after a cut.

use crate::Outcome;
use crate::fanout::customers;
use crate::server::{Place, Server};
use crate::socket::{self, Kept, Reader, Writer, keep};
use crate::table::{Table, whole};
use crate::webhook::request;
use serde_json::json;
use std::time::Instant;

/// Descriptors that are not sessions: listeners, databases, workers.
const OTHERS: usize = 200;

/// 10,000 and 20,000 (or as many as a process may open) that each follow a conversation and watch the list.
pub async fn memory(place: &Place, table: &mut Table) -> Outcome {
    let mut server = place.start(&place.sqlite("idle.db")).await?;
    let mut http = server.signs_in().await?;
    server.connects_a_channel(&mut http).await?;
    let rooms = customers(&mut http, 500).await?;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let before = server.resident()?;
    let start = format!("{:.1} MB", before / 1024.0);
    table.add("idle server, nobody there", start, "40 MB".into(), Some(before / 1024.0 / 40.0), "≤ 1");
    table.print_last();
    let mut sessions: Vec<Kept> = Vec::new();
    for many in [10_000, 20_000.min(open_files()? - OTHERS)] {
        while sessions.len() < many {
            let room = rooms[sessions.len() % rooms.len()].1;
            sessions.push(keep(seat(&server, room, sessions.len()).await?));
        }
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        if !sessions.iter().all(Kept::is_open) {
            return Err("the server ended sessions".into());
        }
        #[allow(clippy::cast_precision_loss)]
        let each = (server.resident()? - before) / many as f64;
        let what = format!("{} idle sessions", whole(f64::from(u32::try_from(many)?)));
        table.add(&what, format!("{each:.1} kB each"), "14 kB".into(), Some(each / 14.0), "≤ 1");
        table.print_last();
    }
    drop(sessions);
    Ok(())
}

/// How many files this process, and so the server too, may have open.
fn open_files() -> Outcome<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find(|line| line.starts_with("Max open files")).ok_or("no limit of files")?;
    Ok(line.split_whitespace().nth(3).ok_or("no number")?.parse()?)
}

async fn seat(server: &Server, room: i64, n: usize) -> Outcome<(Reader, Writer)> {
    let (mut reader, mut writer) =
        socket::open(server.port, &server.token, 1 + u8::try_from(n % 200)?).await?;
    writer.say(&json!({"type": "subscribe", "conversation_id": room})).await?;
    reader.text_with(b"\"subscribed\"").await?;
    Ok((reader, writer))
}

/// 5,000 are cut at once, miss something, and come back at once.
pub async fn storm(place: &Place, table: &mut Table) -> Outcome {
    const MANY: usize = 5000;
    let mut server = place.start(&place.sqlite("storm.db")).await?;
    let mut http = server.signs_in().await?;
    server.connects_a_channel(&mut http).await?;
    let rooms = customers(&mut http, 500).await?;
    let mut sessions = Vec::new();
    for n in 0..MANY {
        sessions.push(keep(seat(&server, rooms[n % rooms.len()].1, n).await?));
    }
    drop(sessions);
    for (n, (customer, _)) in rooms.iter().enumerate() {
        http.exchange(&request(&[(customer.clone(), format!("wamid.missed.{n}"), "are you there?".into())]))
            .await?;
    }
    let (before, begun) = (server.cpu()?, Instant::now());
    let mut lanes = Vec::new();
    for n in 0..MANY {
        let (port, token, room) = (server.port, server.token.clone(), rooms[n % rooms.len()].1);
        lanes.push(tokio::spawn(async move {
            let (mut reader, mut writer) = socket::open(port, &token, 1 + u8::try_from(n % 200)?).await?;
            writer.say(&json!({"type": "subscribe", "conversation_id": room, "after": 1})).await?;
            reader.text_with(b"\"chat_message\"").await?;
            reader.text_with(b"\"subscribed\"").await?;
            Outcome::Ok((reader, writer))
        }));
    }
    let mut open = Vec::new();
    for lane in lanes {
        open.push(lane.await??);
    }
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), server.cpu()? - before);
    let measured = format!("all back and level after {seconds:.2} s ({cpu:.2} CPU-s)");
    table.add("5,000 reconnect at once, each missed one", measured, String::new(), None, "");
    drop(open);
    server.stop().await
}
