//! The wall clock beside the steady one. Leases and retries stand in the rows by the wall clock, because
//! processes share them; when it jumps on, a lease that looks over is not, and when it jumps back, what was
//! due looks far away. Never a time of its own: what is written stays the wall clock's.

use crate::domain::{Event, Timestamp};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::db::shift_clock;
use std::time::{Duration, Instant};

/// How far both may drift apart between two looks: less is the usual care of a clock that is kept right.
const DRIFT: Duration = Duration::from_secs(2);

/// The wall clock as it was at the last look.
#[derive(Debug)]
pub(super) struct WallClock {
    steady: Instant,
    wall: Timestamp,
    distrusted_until: Option<Instant>,
}

/// What may be done by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Leases that ended before this moment are over.
    Trust(Timestamp),
    /// It jumped on a moment ago: leases look over that are not.
    Wait,
    /// It jumped back by so much: what was due is not any more.
    Back(Duration),
}

impl WallClock {
    /// As it is now.
    pub(super) fn new(steady: Instant, wall: Timestamp) -> Self {
        Self { steady, wall, distrusted_until: None }
    }

    /// Compares both. After a jump forwards leases are left alone until all that were given before it are
    /// over: `longest` is how long one lasts.
    pub(super) fn look(&mut self, steady: Instant, wall: Timestamp, longest: Duration) -> Look {
        let expected = self.wall.plus(steady.saturating_duration_since(self.steady));
        (self.steady, self.wall) = (steady, wall);
        let drift = i64::try_from(DRIFT.as_millis()).unwrap_or(i64::MAX);
        let jump = wall.0.saturating_sub(expected.0);
        if jump < -drift {
            log::warn!("the clock went back by {} s; what was due stays due", -jump / 1000);
            return Look::Back(Duration::from_millis(jump.unsigned_abs()));
        }
        if jump > drift {
            let level = if Timestamp::tells_a_story() { log::Level::Debug } else { log::Level::Warn };
            log::log!(level, "the clock went on by {} s; leases are given time", jump / 1000);
            self.distrusted_until = Some(steady + longest);
        }
        if self.distrusted_until.is_some_and(|until| steady < until) { Look::Wait } else { Look::Trust(wall) }
    }
}

/// The wall clock went back: what was due by it stays due, and no lease lasts longer than a lease.
#[derive(Debug, Clone, Copy)]
pub(super) struct SetBack {
    /// By how much.
    pub(super) by: Duration,
    /// How long a lease lasts.
    pub(super) longest: Duration,
}

impl Command for SetBack {
    type Answer = ();

    fn subject(&self) -> Subject {
        Subject::of("outbox")
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        shift_clock::set_back(tx.conn, tx.now, self.by, tx.now.plus(self.longest)).await?;
        tx.tell(Event::OutboxReady);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_786_004_405_118);
    const LEASE: Duration = Duration::from_secs(25);
    const HOUR: Duration = Duration::from_hours(1);

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_clock_that_is_kept_right_is_trusted() {
        let begun = Instant::now();
        let mut clock = WallClock::new(begun, NOON);
        for (steady, wall) in [(3, 3), (6, 7), (9, 9), (12, 11)] {
            let wall = NOON.plus(seconds(wall));
            assert_eq!(clock.look(begun + seconds(steady), wall, LEASE), Look::Trust(wall));
        }
    }

    #[test]
    fn after_a_jump_forwards_leases_are_given_the_time_of_one() {
        let begun = Instant::now();
        let mut clock = WallClock::new(begun, NOON);
        let at = |steady| NOON.plus(HOUR + seconds(steady));
        for steady in [3, 6, 27] {
            assert_eq!(clock.look(begun + seconds(steady), at(steady), LEASE), Look::Wait, "{steady}");
        }
        assert_eq!(clock.look(begun + seconds(28), at(28), LEASE), Look::Trust(at(28)));
    }

    #[test]
    fn a_jump_back_is_told_once() {
        let begun = Instant::now();
        let mut clock = WallClock::new(begun, NOON);
        let at = |steady| NOON.minus(HOUR).plus(seconds(steady));
        assert_eq!(clock.look(begun + seconds(3), at(3), LEASE), Look::Back(HOUR));
        assert_eq!(clock.look(begun + seconds(6), at(6), LEASE), Look::Trust(at(6)));
    }
}
