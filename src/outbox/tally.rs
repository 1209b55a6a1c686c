//! How attempts ended in this process, for Prometheus. Never read to decide anything.

use crate::domain::outbound::SendOutcome;
use std::sync::atomic::{AtomicU64, Ordering};

/// What an attempt can come to, as the metric names it.
const OUTCOMES: [&str; 5] = ["accepted", "not_sent", "refused", "unknown", "fenced"];

static COUNTS: [AtomicU64; OUTCOMES.len()] = [const { AtomicU64::new(0) }; OUTCOMES.len()];

/// An attempt ended so.
pub(super) fn ended(outcome: &SendOutcome) {
    let place = match outcome {
        SendOutcome::Accepted { .. } => 0,
        SendOutcome::NotSent { .. } => 1,
        SendOutcome::Refused(_) => 2,
        SendOutcome::Unknown { .. } => 3,
    };
    COUNTS[place].fetch_add(1, Ordering::Relaxed);
}

/// An attempt was not begun, or its result not taken: the delivery was another's by then. What
/// would have been sent twice was not.
pub(super) fn fenced() {
    COUNTS[4].fetch_add(1, Ordering::Relaxed);
}

/// Attempts by outcome since the start.
pub fn attempts() -> Vec<(&'static str, u64)> {
    OUTCOMES.iter().zip(&COUNTS).map(|(name, count)| (*name, count.load(Ordering::Relaxed))).collect()
}
