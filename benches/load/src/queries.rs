//! What people ask of a big database: each filter of the list and its count, searches of rare and frequent words,
//! narrowed, and reports. The median and the slowest of some, on SQLite and on PostgreSQL.

use crate::Outcome;
use crate::fill::Database;
use crate::http::Http;
use crate::server::Place;
use crate::spread::{self, Size};
use crate::table::{Table, percentile};
use serde_json::Value;
use std::time::{Duration, Instant};

/// What is asked, and what it may take.
const ASKED: [(&str, &str); 37] = [
    ("list", ""),
    ("list", "status=open"),
    ("list", "status=open,pending"),
    ("list", "assignee=me"),
    ("list", "assignee=me&status=open"),
    ("list", "assignee=none&status=open"),
    ("list", "label_id=1000000001"),
    ("list", "label_id=1000000002"),
    ("list", "label_id=1000000003"),
    ("list", "label_id=1000000001,1000000002"),
    ("list", "mentioned=true"),
    ("list", "following=true"),
    ("list", "waiting=true"),
    ("list", "waiting=true&sort=longest_waiting"),
    ("list", "priority=urgent,high"),
    ("list", "kind=direct"),
    ("list", "unread=true"),
    ("list", "unread=true&assignee=me&status=open"),
    ("list", "q=anna"),
    ("list", "q=quine"),
    ("list", "q=nobody"),
    ("list", "q=346012345"),
    ("count", "status=open"),
    ("count", "label_id=1000000002"),
    ("count", "waiting=true&assignee=me"),
    ("count", "q=quine"),
    ("search", "q=needle"),
    ("search", "q=refund"),
    ("search", "q=parcel"),
    ("search", "q=parcel%20refund"),
    ("search", "q=p"),
    ("search", "q=parcel&channel_id=999"),
    ("search", "q=parcel&customer_id=1000000007"),
    ("search", "q=needle&from=2026-01-01&to=2026-06-01"),
    ("search", "channel_id=1"),
    ("report", "by=day"),
    ("report", "by=agent"),
];

/// On SQLite, and on PostgreSQL if there is one.
pub async fn on_a_big_one(place: &Place, table: &mut Table) -> Outcome {
    let sqlite = place.sqlite("queries.db");
    measure(place, "SQLite", &sqlite, table).await?;
    on_postgres(place, table).await
}

/// On PostgreSQL alone.
pub async fn on_postgres(place: &Place, table: &mut Table) -> Outcome {
    let Some(url) = place.postgres.clone() else { return Ok(()) };
    measure(place, "PostgreSQL", &url, table).await
}

fn size() -> Size {
    let number =
        |name: &str, usual| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    Size {
        conversations: number("BENCH_CONVERSATIONS", 1_000_000),
        messages: number("BENCH_MESSAGES", 10_000_000),
    }
}

async fn measure(place: &Place, name: &str, url: &str, table: &mut Table) -> Outcome {
    let mut server = place.start(url).await?;
    let mut http = server.signs_in().await?;
    let _ = server.connects_a_channel(&mut http).await;
    server.stop().await?;
    let begun = Instant::now();
    let size = size();
    spread::fill(&mut Database::open(url).await?, size).await?;
    eprintln!("{name}: {size:?} in {:.0} s", begun.elapsed().as_secs_f64());
    let mut server = place.start(url).await?;
    let mut http = server.signs_in().await?;
    // The days before are summed up beside it.
    let wait = std::env::var("BENCH_WAIT").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    tokio::time::sleep(Duration::from_secs(wait)).await;
    for (kind, asked) in ASKED {
        let (path, target) = match kind {
            "list" => (format!("/api/v1/conversations?limit=50&{asked}"), "≤ 20 ms"),
            "count" => (format!("/api/v1/conversations/counts?up_to=1000&{asked}"), "≤ 20 ms"),
            "search" => (format!("/api/v1/search?limit=50&{asked}"), "≤ 100 ms"),
            _ => (format!("/api/v1/reports?{asked}"), "≤ 150 ms"),
        };
        let times = times(&mut http, &server.token, &path).await?;
        let (median, slowest) = (percentile(&times, 0.5), percentile(&times, 1.0));
        let what = format!("{kind} {asked}, {name}");
        table.add(&what, format!("{median:.2} ms"), format!("{slowest:.2} ms the slowest"), None, target);
        table.print_last();
    }
    server.stop().await
}

/// Of fifteen reads, or as many as ten seconds hold.
async fn times(http: &mut Http, token: &str, path: &str) -> Outcome<Vec<f64>> {
    let (mut times, all) = (Vec::new(), Instant::now());
    while times.len() < 15 && all.elapsed() < Duration::from_secs(10) {
        let begun = Instant::now();
        http.call("GET", path, token, &Value::Null).await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}
