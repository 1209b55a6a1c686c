//! What the actors and the edge count, for the dashboard and for Prometheus. Never read to decide anything.

use crate::ledger::metrics::{Counter, Gauge, Histogram};

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
    /// Ticks of the list for which the rows were read: none where nobody watches.
    pub list_reads: Counter,
    /// Sessions that were told to fetch the list instead of each change.
    pub list_stale: Counter,
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
    /// Between a platform's time of a message and ours, in milliseconds.
    pub ingest_lag: Histogram,
    /// Messages whose webhooks were lost and that were read back from their platform.
    pub recovered: Counter,
    /// Messages of ours that their client sent again and that were there already.
    pub repeated_sends: Counter,
}
