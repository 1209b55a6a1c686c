//! How often a flow's address may be called: bursts are fine, a flood is not. Counted by each process
//! for itself. Never a reason to lose a trigger: the caller is told to come again.

use crate::domain::{FlowId, Refusal, RefusalKind};
use moka::sync::Cache;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Calls that may come at once.
const BURST: f64 = 5_000.0;
/// Calls a second, for ever.
const STEADY: f64 = 100.0;
const REMEMBERED: u64 = 10_000;

/// What is left of a flow's burst, and when that was so.
#[derive(Debug, Clone, Copy)]
struct Left(f64, Instant);

/// Counts calls; cloned freely.
#[derive(Clone)]
pub struct Budget(Cache<FlowId, Arc<Mutex<Left>>>);

impl Budget {
    /// Nobody has called yet.
    pub fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }

    /// Takes one call of a flow's, or says no.
    pub fn take(&self, flow: FlowId) -> Result<(), Refusal> {
        let fresh = || Arc::new(Mutex::new(Left(BURST, Instant::now())));
        if self.0.get_with(flow, fresh).lock().unwrap_or_else(PoisonError::into_inner).take(Instant::now()) {
            return Ok(());
        }
        let message = format!("This address accepts {STEADY} calls a second. Try again in a moment.");
        Err(Refusal::new(RefusalKind::TooMany, "too_many_calls", message))
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

impl Left {
    fn take(&mut self, now: Instant) -> bool {
        let grown = now.saturating_duration_since(self.1).as_secs_f64() * STEADY;
        *self = Self((self.0 + grown).min(BURST), now);
        let is_left = self.0 >= 1.0;
        if is_left {
            self.0 -= 1.0;
        }
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_passes_a_flood_does_not_and_time_heals() {
        let began = Instant::now();
        let mut left = Left(BURST, began);
        let passed = (0..6_000).filter(|_| left.take(began)).count();
        assert_eq!(passed, 5_000);
        assert!(left.take(began + Duration::from_secs(1)));
    }
}
