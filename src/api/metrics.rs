//! `GET /metrics`: Prometheus text. Never a name, never a text of anybody.

use crate::app::App;
use actix_web::{HttpResponse, web};
use std::fmt::Write;
use std::sync::atomic::Ordering;

#[allow(clippy::too_many_lines)] // one line a number
/// Everything that is counted.
pub async fn show(app: web::Data<App>) -> HttpResponse {
    let (metrics, ledger) = (app.live.metrics(), app.ledger.counts());
    let mut text = String::new();
    let mut line = |name: &str, kind: &str, help: &str, value: f64| {
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "# HELP rapport_{name} {help}\n# TYPE rapport_{name} {kind}\nrapport_{name} {value}"
        );
    };
    #[allow(clippy::cast_precision_loss)] // counts far below 2^53
    let (whole, signed) = (|count: u64| count as f64, |count: i64| count as f64);
    line("open_sessions", "gauge", "Sockets open now.", signed(metrics.open_sessions.get()));
    line("rooms", "gauge", "Rooms alive now.", signed(metrics.rooms.get()));
    line("frames_total", "counter", "Frames handed to sessions.", whole(metrics.frames.get()));
    line(
        "slow_sessions_total",
        "counter",
        "Sessions closed because they were too slow.",
        whole(metrics.slow_sessions.get()),
    );
    line("gaps_total", "counter", "Gaps read back from the rows.", whole(metrics.gaps.get()));
    line(
        "duplicates_suppressed_total",
        "counter",
        "Webhook events that were known already.",
        whole(metrics.duplicates.get()),
    );
    line("messages_in_total", "counter", "Customers' messages stored.", whole(metrics.messages_in.get()));
    line("messages_out_total", "counter", "Messages written by our side.", whole(metrics.messages_out.get()));
    line("quarantined_total", "counter", "Events that nobody could read.", whole(metrics.quarantined.get()));
    line(
        "ignored_total",
        "counter",
        "Events of accounts that are not connected.",
        whole(metrics.ignored.get()),
    );
    line("forged_total", "counter", "Webhooks with a wrong signature.", whole(metrics.forged.get()));
    line(
        "ingest_lag_seconds",
        "gauge",
        "Between a platform's time of the last message and ours.",
        signed(metrics.ingest_lag_ms.get()) / 1000.0,
    );
    line(
        "commits_total",
        "counter",
        "Transactions committed.",
        whole(ledger.commits.load(Ordering::Relaxed)),
    );
    line("commands_total", "counter", "Commands committed.", whole(ledger.commands.load(Ordering::Relaxed)));
    line(
        "commit_failures_total",
        "counter",
        "Transactions that failed.",
        whole(ledger.failures.load(Ordering::Relaxed)),
    );
    line(
        "commit_seconds_total",
        "counter",
        "Time spent in committed transactions.",
        whole(ledger.busy_micros.load(Ordering::Relaxed)) / 1e6,
    );
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text)
}
