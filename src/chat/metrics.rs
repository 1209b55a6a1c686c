//! What the actors count, for the dashboard and for Prometheus. Never read to decide anything.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Counters of one process.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Sockets open now.
    pub open_sessions: Gauge,
    /// Rooms alive now.
    pub rooms: Gauge,
    /// Frames handed to sessions.
    pub frames: Counter,
    /// Sessions closed because they were too slow.
    pub slow_sessions: Counter,
    /// Gaps that were read back from the rows.
    pub gaps: Counter,
    /// Webhook events that were known already.
    pub duplicates: Counter,
    /// Messages stored.
    pub messages_in: Counter,
    /// Messages sent by our side.
    pub messages_out: Counter,
    /// Events that nobody could read.
    pub quarantined: Counter,
    /// Events of channels that we do not have.
    pub ignored: Counter,
    /// Bodies with a wrong signature.
    pub forged: Counter,
    /// Milliseconds between a platform's time and ours, of the last message.
    pub ingest_lag_ms: Gauge,
}

/// Only goes up.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn one(&self) {
        self.add(1);
    }

    /// So many more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// How many.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Goes up and down.
#[derive(Debug, Default)]
pub struct Gauge(AtomicI64);

impl Gauge {
    /// Up or down by so many.
    pub fn add(&self, count: i64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// To a value.
    pub fn set(&self, value: i64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// How many.
    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}
