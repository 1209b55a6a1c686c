//! Signed webhooks on 64 connections, one message each, every 200 durable: how many a second,
//! beside the bare group commit of the same machine and run.

use crate::Outcome;
use crate::fanout::customers;
use crate::http::Http;
use crate::server::{Place, Server};
use crate::table::{Table, percentile, whole};
use crate::webhook::{Said, request};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const CONNECTIONS: usize = 64;
const MESSAGES: usize = 30_000;
const CUSTOMERS: usize = 1000;

struct Run {
    /// Answers a second.
    rate: f64,
    /// Of the server's CPU time.
    per_cpu: f64,
    p50: f64,
    p99: f64,
}

/// Every message once.
pub async fn distinct(place: &Place, table: &mut Table) -> Outcome {
    let before = floor_sqlite(place).await?;
    let run = run(place, &place.sqlite("ingest.db"), false).await?;
    let floor = f64::midpoint(before, floor_sqlite(place).await?);
    table.add(
        "webhook ingest, SQLite, distinct",
        run.to_string(),
        bare(floor),
        Some(run.rate / floor),
        "≥ 0.6",
    );
    table.print_last();
    let path = place.file("ingest.db");
    let rows = place.floor(&["rows-sqlite", &path.display().to_string(), "40000"]).await?;
    table.add(
        "its rows alone, by the least program",
        format!("{} /s", whole(rows)),
        bare(floor),
        Some(rows / floor),
        "",
    );
    table.print_last();
    let http = bare_http(place).await?;
    let ratio = Some(run.per_cpu / http);
    table.add(
        "the same beside bare HTTP",
        format!("{} /CPU-s", whole(run.per_cpu)),
        format!("{} /CPU-s", whole(http)),
        ratio,
        "",
    );
    Ok(())
}

/// Every message twice, one after the other: answers count.
pub async fn redelivered(place: &Place, table: &mut Table) -> Outcome {
    let once = run(place, &place.sqlite("once.db"), false).await?;
    let twice = run(place, &place.sqlite("twice.db"), true).await?;
    let ratio = Some(twice.rate / once.rate);
    table.add(
        "the same, every message redelivered",
        twice.to_string(),
        format!("{} distinct", whole(once.rate)),
        ratio,
        "≥ 0.8",
    );
    Ok(())
}

/// On PostgreSQL.
pub async fn on_postgres(place: &Place, table: &mut Table) -> Outcome {
    let Some(url) = &place.postgres else {
        eprintln!("no BENCH_POSTGRES: left out");
        return Ok(());
    };
    let before = floor_postgres(place, url).await?;
    let run = run(place, url, false).await?;
    let floor = f64::midpoint(before, floor_postgres(place, url).await?);
    let bare = format!("{} set-based inserts/s", whole(floor));
    table.add(
        "webhook ingest, PostgreSQL, distinct",
        run.to_string(),
        bare.clone(),
        Some(run.rate / floor),
        "≥ 0.5",
    );
    table.print_last();
    let rows = place.floor(&["rows-postgres", url, &MESSAGES.to_string()]).await?;
    table.add(
        "its rows alone, by the least program",
        format!("{} /s", whole(rows)),
        bare,
        Some(rows / floor),
        "",
    );
    Ok(())
}

/// The bare group commit on SQLite.
pub async fn floor_sqlite(place: &Place) -> Outcome<f64> {
    let path = place.sqlite("floor.db");
    place.floor(&["floor-sqlite", path.trim_start_matches("sqlite://"), "40000"]).await
}

/// Inserts over sets on PostgreSQL.
pub async fn floor_postgres(place: &Place, url: &str) -> Outcome<f64> {
    place.floor(&["floor-postgres", url, &MESSAGES.to_string()]).await
}

fn bare(rate: f64) -> String {
    format!("{} bare group commit/s", whole(rate))
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rate, per_cpu, p50, p99 } = self;
        write!(f, "{} /s ({} /CPU-s), p50 {p50:.1} ms, p99 {p99:.1} ms", whole(*rate), whole(*per_cpu))
    }
}

async fn run(place: &Place, database: &str, is_doubled: bool) -> Outcome<Run> {
    let mut server = place.start(database).await?;
    let mut http = server.signs_in().await?;
    server.connects_a_channel(&mut http).await?;
    let customers = customers(&mut http, CUSTOMERS).await?;
    let requests: Vec<Vec<u8>> = (0..MESSAGES)
        .map(|n| {
            let n = if is_doubled { n / 2 } else { n };
            let said: Said = (
                customers[n % CUSTOMERS].0.clone(),
                format!("wamid.{n}"),
                "Is the blue one still there?".into(),
            );
            request(&[said])
        })
        .collect();
    let before = server.cpu()?;
    let begun = Instant::now();
    let mut times = post(&server, requests).await?;
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), server.cpu()? - before);
    server.stop().await?;
    times.sort_by(f64::total_cmp);
    #[allow(clippy::cast_precision_loss)]
    let count = times.len() as f64;
    Ok(Run {
        rate: count / seconds,
        per_cpu: count / cpu,
        p50: percentile(&times, 0.5),
        p99: percentile(&times, 0.99),
    })
}

async fn post(server: &Server, requests: Vec<Vec<u8>>) -> Outcome<Vec<f64>> {
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let mut lanes = Vec::new();
    for _ in 0..CONNECTIONS {
        let (requests, next, port) = (requests.clone(), next.clone(), server.port);
        lanes.push(tokio::spawn(async move {
            let mut http = Http::open(port).await?;
            let mut times = Vec::new();
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let begun = Instant::now();
                let (status, answer) = http.exchange(request).await?;
                if status != 200 {
                    return Err(format!("{status}: {}", String::from_utf8_lossy(&answer)).into());
                }
                times.push(begun.elapsed().as_secs_f64() * 1000.0);
            }
            Outcome::Ok(times)
        }));
    }
    let mut times = Vec::new();
    for lane in lanes {
        times.extend(lane.await??);
    }
    Ok(times)
}

async fn bare_http(place: &Place) -> Outcome<f64> {
    let floor = place.floor_server("floor-http").await?;
    let said: Said = ("15550000001".into(), "wamid.1".into(), "Is the blue one still there?".into());
    let requests = vec![request(&[said]); MESSAGES];
    let before = floor.cpu()?;
    let times = post(&floor, requests).await?;
    #[allow(clippy::cast_precision_loss)]
    let count = times.len() as f64;
    Ok(count / (floor.cpu()? - before).max(0.01))
}
