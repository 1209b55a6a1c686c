//! What the ledger counts, and the counters themselves, for the dashboard and for Prometheus. Never read to
//! decide anything.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// What the ledger counts.
#[derive(Debug, Default)]
pub struct LedgerCounts {
    /// Transactions committed.
    pub commits: AtomicU64,
    /// Commands committed.
    pub commands: AtomicU64,
    /// Transactions that failed.
    pub failures: AtomicU64,
    /// Microseconds spent in committed transactions.
    pub busy_micros: AtomicU64,
    /// When a transaction last failed, if none was committed since; else 0.
    pub failing_since: AtomicI64,
    /// Commands of each transaction.
    pub batches: Histogram,
    /// Microseconds of each transaction.
    pub latency: Histogram,
    /// Commands that were collected and written together with others.
    pub together: AtomicU64,
    /// Commands given and not answered yet.
    pub waiting: Gauge,
    /// Transactions that lost against another one and were tried again.
    pub collisions: AtomicU64,
}

/// How often a value lay at or below each of its bounds, each twice the one before: 1, 2, 4 …
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; Self::BOUNDS],
    sum: AtomicU64,
}

impl Histogram {
    /// How many bounds there are; what lies above the last counts there.
    pub const BOUNDS: usize = 21;

    /// One more value.
    pub fn note(&self, value: u64) {
        let bound = (u64::BITS - value.saturating_sub(1).leading_zeros()) as usize;
        self.buckets[bound.min(Self::BOUNDS - 1)].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Each bound with how many values lay at or below it; the last is all of them.
    pub fn below(&self) -> Vec<(u64, u64)> {
        let mut count = 0;
        let cumulated = |(bound, bucket): (usize, &AtomicU64)| {
            count += bucket.load(Ordering::Relaxed);
            (1 << bound, count)
        };
        self.buckets.iter().enumerate().map(cumulated).collect()
    }

    /// All values together.
    pub fn sum(&self) -> u64 {
        self.sum.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_at_its_bound_and_above() {
        let histogram = Histogram::default();
        for value in [0, 1, 2, 3, 4, 5, u64::MAX / 2] {
            histogram.note(value);
        }
        let below = histogram.below();
        assert_eq!(&below[..4], &[(1, 2), (2, 3), (4, 5), (8, 6)]);
        assert_eq!(below.last(), Some(&(1 << 20, 7)));
        assert_eq!(histogram.sum(), 15 + u64::MAX / 2);
    }
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

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// How many, and from now on it counts from nothing.
    pub fn taken(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
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

    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}
