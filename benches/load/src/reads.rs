//! The lists at 1,000 messages and at a million: the median of many reads, and the start.

use crate::Outcome;
use crate::fill::fill;
use crate::http::Http;
use crate::server::Place;
use crate::table::{Table, percentile};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Instant;

/// Small and big, on SQLite and, if there is one, PostgreSQL.
pub async fn on_a_million(place: &Place, table: &mut Table) -> Outcome {
    let messages = messages();
    let small = measure(place, &place.sqlite("small.db"), 50, 1000).await?;
    let big = measure(place, &place.sqlite("big.db"), messages / 20, messages).await?;
    tell(table, "SQLite", messages, &small, &big);
    if place.postgres.is_some() {
        on_postgres(place, table).await?;
    }
    Ok(())
}

/// Small and big, on PostgreSQL alone.
pub async fn on_postgres(place: &Place, table: &mut Table) -> Outcome {
    let url = place.postgres.as_ref().ok_or("BENCH_POSTGRES names no PostgreSQL")?;
    let messages = messages();
    // One database, small first: it grows.
    let small = measure(place, url, 50, 1000).await?;
    let big = measure(place, url, messages / 20, messages).await?;
    tell(table, "PostgreSQL", messages, &small, &big);
    Ok(())
}

/// How many messages the big ones have.
fn messages() -> i64 {
    std::env::var("BENCH_MESSAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000)
}

fn tell(
    table: &mut Table,
    database: &str,
    messages: i64,
    small: &BTreeMap<&str, f64>,
    big: &BTreeMap<&str, f64>,
) {
    for (what, time) in big {
        let before = small[what];
        let target = if what.contains("start") { "≤ 1.5" } else { "≤ 3" };
        let name = format!("{what}, {database}, {messages} messages");
        table.add(
            &name,
            format!("{time:.2} ms"),
            format!("{before:.2} ms at 1,000"),
            Some(time / before),
            target,
        );
        table.print_last();
    }
}

async fn measure(
    place: &Place,
    database: &str,
    conversations: i64,
    messages: i64,
) -> Outcome<BTreeMap<&'static str, f64>> {
    let mut server = place.start(database).await?;
    let mut http = server.signs_in().await?;
    // There is one already, if this database was measured before.
    let _ = server.connects_a_channel(&mut http).await;
    server.stop().await?;
    let begun = Instant::now();
    fill(database, conversations, messages).await?;
    eprintln!("filled to {messages} in {:.0} s", begun.elapsed().as_secs_f64());
    let mut starts = Vec::new();
    for _ in 0..5 {
        let server = place.start(database).await?;
        starts.push(server.ready_ms);
        server.stop().await?;
    }
    starts.sort_by(f64::total_cmp);
    let mut server = place.start(database).await?;
    let mut http = server.signs_in().await?;
    let mut times = BTreeMap::from([("cold start", percentile(&starts, 0.5))]);
    let deep = cursor_after(&mut http, &server.token, 10).await?;
    let list = http.call("GET", "/api/v1/conversations?limit=50", &server.token, &Value::Null).await?;
    let id = list["items"][7]["id"].as_i64().ok_or("the list is not empty")?;
    for (what, path) in [
        ("list, first page", "/api/v1/conversations?limit=50".to_owned()),
        ("list, eleventh page", format!("/api/v1/conversations?limit=4{deep}")),
        ("list, open", "/api/v1/conversations?limit=50&status=open".to_owned()),
        ("list, unassigned", "/api/v1/conversations?limit=50&assignee=none".to_owned()),
        ("list, of a channel", "/api/v1/conversations?limit=50&channel_id=1".to_owned()),
        ("messages, newest page", format!("/api/v1/conversations/{id}/messages?limit=20")),
        ("messages, page before", format!("/api/v1/conversations/{id}/messages?limit=10&before_seq=15")),
        ("overview", "/api/v1/stats".to_owned()),
    ] {
        times.insert(what, median(&mut http, &server.token, &path).await?);
    }
    server.stop().await?;
    Ok(times)
}

async fn cursor_after(http: &mut Http, token: &str, pages: usize) -> Outcome<String> {
    let mut cursor = String::new();
    for _ in 0..pages {
        let page =
            http.call("GET", &format!("/api/v1/conversations?limit=4{cursor}"), token, &Value::Null).await?;
        cursor = format!("&cursor={}", page["next_cursor"].as_str().ok_or("there are more pages")?);
    }
    Ok(cursor)
}

async fn median(http: &mut Http, token: &str, path: &str) -> Outcome<f64> {
    let mut times = Vec::new();
    for _ in 0..100 {
        let begun = Instant::now();
        http.call("GET", path, token, &Value::Null).await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(percentile(&times, 0.5))
}
