//! How often everybody is told of what changes all the time: at once after a rest, else once a tick, so that
//! what comes meanwhile leaves together. Never what is told.

use std::time::{Duration, Instant};

/// The longest that a change waits for others.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// When something was told last, and whether somebody waits to tell more.
#[derive(Debug)]
pub(crate) struct Pace {
    every: Duration,
    last: Option<Instant>,
    is_waiting: bool,
}

impl Pace {
    /// Nothing was told yet, and nothing is told more often than that.
    pub(crate) fn of(every: Duration) -> Self {
        Self { every, last: None, is_waiting: false }
    }

    /// Nothing is told more often than that from now on.
    pub(crate) fn slows(&mut self, every: Duration) {
        self.every = every;
    }

    /// How long to wait before telling, whoever asked first; none: somebody waits already.
    pub(crate) fn wait(&mut self) -> Option<Duration> {
        if std::mem::replace(&mut self.is_waiting, true) {
            return None;
        }
        Some(self.last.map_or(Duration::ZERO, |last| self.every.saturating_sub(last.elapsed())))
    }

    /// Whoever waited tells now.
    pub(crate) fn tells(&mut self) {
        (self.is_waiting, self.last) = (false, Some(Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_rest_at_once_and_then_one_waits_for_all() {
        let mut pace = Pace::of(TICK);
        assert_eq!(pace.wait(), Some(Duration::ZERO), "nothing was told yet");
        assert_eq!(pace.wait(), None, "the first one takes it along");
        pace.tells();
        let wait = pace.wait().expect("somebody has to wait");
        assert!(wait <= TICK, "{wait:?}");
        pace.tells();
        pace.last = Instant::now().checked_sub(TICK);
        assert_eq!(pace.wait(), Some(Duration::ZERO), "it rested");
    }
}
