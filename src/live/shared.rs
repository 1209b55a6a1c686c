//! What all actors of a process share: where they read, what they count, whom they ring.

use super::metrics::Metrics;
use crate::store::Db;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::Notify;

/// What all actors of a process share.
pub struct Shared {
    /// Where rows are read.
    pub db: Db,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// How long a room with nobody in it lives.
    pub room_idle: Duration,
    /// Rung when the outbox has something new.
    pub outbox_ready: Arc<Notify>,
    /// Rung when a flow's next step is due.
    pub flow_due: Arc<Notify>,
    /// Something was dropped because a mailbox was full: rows must be looked at.
    pub missed: AtomicBool,
}
