//! Clients that take their time: heads and bodies that trickle, connections that say nothing.

use crate::load::house;
use crate::support::raw::Raw;
use crate::{Found, Options};
use std::time::{Duration, Instant};

/// F23: many slow clients at once; the healthy are served meanwhile, and every slow one is given up.
pub async fn slow(options: &Options) -> Found {
    let house = house("sqlite").await;
    let before = house.server.open_files();
    let count = options.sockets.min(2_000);
    let mut slow = Vec::new();
    for n in 0..count {
        let mut raw = Raw::connect(&house.url()).await;
        let said: &[u8] = match n % 4 {
            0 => b"",
            1 => b"POST /api/v1/login HTTP/1.1\r\nhost: x\r\nx-slow: ",
            2 => b"POST /api/v1/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{",
            _ => b"POST /webhooks/whatsapp HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n",
        };
        raw.write(said).await;
        slow.push(raw);
    }
    let begun = Instant::now();
    let mut slowest = Duration::ZERO;
    let limit = Duration::from_secs(100);
    let mut left = count;
    while begun.elapsed() < limit && left > 5 {
        let asked = Instant::now();
        house.admin.get("/api/v1/me").await.expect(200);
        slowest = slowest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(200)).await;
        left = house.server.open_files().saturating_sub(before);
    }
    let took = begun.elapsed().as_secs_f64();
    let mut wrong = Vec::new();
    if left > 5 {
        wrong.push(format!("{left} connections are still open after {took:.0} s"));
    }
    Found::of(
        &wrong,
        format!("{count} slow clients, {left} left after {took:.0} s; others waited {slowest:.1?} at most"),
    )
}
