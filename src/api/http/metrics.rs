//! `GET /metrics`: Prometheus text. Never a name, never a text of anybody.

use super::problem::Problem;
use crate::app::{App, SignIns};
use crate::domain::{DeliveryStatus, Timestamp};
use crate::ledger::metrics::Histogram;
use crate::outbox;
use crate::store::delivery::parked_events;
use crate::store::{self, StoreError};
use crate::thread::send_gate;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::ExposeSecret;
use std::fmt::Write;
use std::sync::atomic::Ordering;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How long the database may take for its share of the numbers; then they are left out.
const DATABASE: Duration = Duration::from_secs(2);

/// Everything that is counted.
pub async fn show(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    if !may_see(&app, &request) {
        return Err(Problem::not_signed_in());
    }
    let mut text = Text::default();
    sessions(&app, &mut text);
    messages(&app, &mut text);
    sign_ins(&app, &mut text);
    strangers(&app, &mut text);
    ledger(&app, &mut text);
    attempts(&mut text);
    refused(&mut text);
    match tokio::time::timeout(DATABASE, owed(&app)).await {
        Ok(Ok(owed)) => owed.write(&mut text),
        Ok(Err(error)) => log::warn!("metrics without those of the database: {error}"),
        Err(_) => log::warn!("metrics without those of the database: it is slow"),
    }
    if let Some(is_joined) = app.live.is_joined() {
        text.gauge("redis_up", "Whether other processes are heard through Redis.", i64::from(is_joined));
    }
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text.0))
}

/// Open, unless a token is set; then whoever brings it.
fn may_see(app: &App, request: &HttpRequest) -> bool {
    let Some(wanted) = app.config.http.metrics_token() else { return true };
    let brought = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let brought = brought.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    brought.as_bytes().ct_eq(wanted.expose_secret().as_bytes()).into()
}

fn sessions(app: &App, text: &mut Text) {
    let metrics = app.live.metrics();
    text.gauge("open_sessions", "Sockets open now.", metrics.open_sessions.get());
    text.gauge("rooms", "Rooms alive now.", metrics.rooms.get());
    text.counter("frames_total", "Frames handed to sessions.", metrics.frames.get());
    let slow = metrics.slow_sessions.get();
    text.counter("slow_sessions_total", "Sessions closed because they were too slow.", slow);
    let reads = metrics.list_reads.get();
    text.counter("list_reads_total", "Times the list was read for those who watch it.", reads);
    let stale = metrics.list_stale.get();
    text.counter("list_stale_total", "Sessions told to fetch the list instead of each change.", stale);
    text.counter("gaps_total", "Gaps read back from the rows.", metrics.gaps.get());
}

fn messages(app: &App, text: &mut Text) {
    let metrics = app.live.metrics();
    let known = metrics.duplicates.get();
    text.counter("duplicates_suppressed_total", "Webhook events that were known already.", known);
    text.counter("messages_in_total", "Customers' messages stored.", metrics.messages_in.get());
    text.counter("messages_out_total", "Messages written by our side.", metrics.messages_out.get());
    let repeated = metrics.repeated_sends.get();
    text.counter(
        "repeated_sends_total",
        "Messages of ours that came again and were there already.",
        repeated,
    );
    text.counter("quarantined_total", "Events that nobody could read.", metrics.quarantined.get());
    let recovered = metrics.recovered.get();
    text.counter("recovered_messages_total", "Messages read back whose webhooks were lost.", recovered);
    text.counter("ignored_total", "Events of accounts that are not connected.", metrics.ignored.get());
    text.counter("forged_total", "Webhooks with a wrong signature.", metrics.forged.get());
    let last = metrics.ingest_lag_ms.get();
    text.gauge_of("ingest_lag_seconds", "Between a platform's time of the last message and ours.", last, 1e3);
    let lags = "Between a platform's time of a message and ours.";
    text.histogram("ingest_lag_all_seconds", lags, &metrics.ingest_lag, 1e3);
}

fn sign_ins(app: &App, text: &mut Text) {
    text.head("sign_ins_total", "counter", "Passwords that somebody signed in with, by what came of it.");
    let SignIns { right, wrong, refused, .. } = &app.sign_ins;
    for (result, count) in [("right", right), ("wrong", wrong), ("refused", refused)] {
        text.line(&format!("sign_ins_total{{result=\"{result}\"}}"), count.get());
    }
}

fn strangers(app: &App, text: &mut Text) {
    text.head(
        "strangers_refused_total",
        "counter",
        "What visitors were refused because it was too much, by budget.",
    );
    for (budget, count) in app.strangers.refused() {
        text.line(&format!("strangers_refused_total{{budget=\"{budget}\"}}"), count);
    }
    if let Ok((free, _)) = app.media.space() {
        let help = "Free space on the disk of the media folder.";
        text.gauge("media_free_bytes", help, i64::try_from(free).unwrap_or(i64::MAX));
    }
}

fn ledger(app: &App, text: &mut Text) {
    let counts = app.ledger.counts();
    let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    text.counter("commits_total", "Transactions committed.", read(&counts.commits));
    text.counter("commands_total", "Commands committed.", read(&counts.commands));
    text.counter("commit_failures_total", "Transactions that failed.", read(&counts.failures));
    let collisions = read(&counts.collisions);
    text.counter(
        "commit_collisions_total",
        "Transactions that lost against another and were tried again.",
        collisions,
    );
    let together = read(&counts.together);
    text.counter("messages_together_total", "Commands written together with others.", together);
    let busy = read(&counts.busy_micros);
    text.counter_of("commit_seconds_total", "Time spent in committed transactions.", busy, 1e6);
    text.gauge("commands_waiting", "Commands given and not committed yet.", counts.waiting.get());
    text.histogram("commit_commands", "Commands of a transaction.", &counts.batches, 1.0);
    text.histogram("commit_seconds", "Duration of a transaction.", &counts.latency, 1e6);
}

fn attempts(text: &mut Text) {
    text.head("delivery_attempts_total", "counter", "Attempts to send, by what they came to.");
    let (mut fenced, help) =
        (0, "Attempts that were not begun, or came to nothing, because another had the delivery.");
    for (outcome, count) in outbox::attempts() {
        text.line(&format!("delivery_attempts_total{{outcome=\"{outcome}\"}}"), count);
        fenced = if outcome == "fenced" { count } else { fenced };
    }
    text.counter("double_sends_prevented_total", help, fenced);
}

fn refused(text: &mut Text) {
    text.head("gate_refused_total", "counter", "Messages that were not to be sent, by reason.");
    for (reason, count) in send_gate::refused() {
        text.line(&format!("gate_refused_total{{reason=\"{reason}\"}}"), count);
    }
}

/// What the rows say, for all processes together.
struct Owed {
    counts: Vec<(DeliveryStatus, i64)>,
    oldest: Option<Timestamp>,
    quarantined: i64,
}

async fn owed(app: &App) -> Result<Owed, StoreError> {
    app.db
        .read(async |conn| {
            let (counts, oldest) = store::delivery::outbox::open_counts(conn).await?;
            Ok(Owed { counts, oldest, quarantined: parked_events::count_quarantined(conn, None).await? })
        })
        .await
}

impl Owed {
    fn write(&self, text: &mut Text) {
        text.head("deliveries", "gauge", "Deliveries of the whole system that are not over, by status.");
        for status in [
            DeliveryStatus::Queued,
            DeliveryStatus::Claimed,
            DeliveryStatus::Sending,
            DeliveryStatus::Unconfirmed,
        ] {
            let count = self.counts.iter().find(|(known, _)| *known == status).map_or(0, |(_, count)| *count);
            text.line(&format!("deliveries{{status=\"{}\"}}", status.as_str()), count);
        }
        let late = self.oldest.map_or(0, |due| Timestamp::now().0.saturating_sub(due.0).max(0));
        text.gauge_of(
            "deliveries_late_seconds",
            "How long the delivery has been due that waits longest.",
            late,
            1e3,
        );
        text.gauge("quarantine", "Events that wait for an admin to look at them.", self.quarantined);
    }
}

/// The text, metric by metric.
#[derive(Default)]
struct Text(String);

#[allow(clippy::cast_precision_loss)] // counts far below 2^53
impl Text {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String does not fail.
        let _ = writeln!(self.0, "# HELP rapport_{name} {help}\n# TYPE rapport_{name} {kind}");
    }

    fn line(&mut self, name: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "rapport_{name} {value}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: i64) {
        self.head(name, "gauge", help);
        self.line(name, value);
    }

    fn gauge_of(&mut self, name: &str, help: &str, value: i64, unit: f64) {
        self.head(name, "gauge", help);
        self.line(name, value as f64 / unit);
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, "counter", help);
        self.line(name, value);
    }

    fn counter_of(&mut self, name: &str, help: &str, value: u64, unit: f64) {
        self.head(name, "counter", help);
        self.line(name, value as f64 / unit);
    }

    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram, unit: f64) {
        self.head(name, "histogram", help);
        let below = histogram.below();
        let all = below.last().map_or(0, |(_, count)| *count);
        // The last bound also holds what lies above it.
        for (bound, count) in below.iter().take(below.len().saturating_sub(1)) {
            self.line(&format!("{name}_bucket{{le=\"{}\"}}", *bound as f64 / unit), count);
        }
        self.line(&format!("{name}_bucket{{le=\"+Inf\"}}"), all);
        self.line(&format!("{name}_sum"), histogram.sum() as f64 / unit);
        self.line(&format!("{name}_count"), all);
    }
}
