//! How often and how long a delivery that surely did not go out is tried again.

use crate::domain::Timestamp;
use crate::domain::outbound::Scope;
use crate::jobs::attempt::back_off;
use std::time::Duration;

/// The longest wait before another try; the first is a second, and doubles (`jobs/attempt.rs`).
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// After this long without getting through, a person must look.
pub(super) const GIVE_UP: Duration = Duration::from_hours(24);
/// And not before so many tries: a queue that a paused channel kept for days has made none.
const ENOUGH: i64 = 12;
/// The first wait of [`pair_wait`].
const FIRST_PAIR_WAIT: Duration = Duration::from_secs(1);

/// How long is waited before another try of what surely did not go out: as the platform said, by WhatsApp's
/// own rule for one customer, or longer each time.
pub(super) fn wait(scope: Scope, told: Option<Duration>, (attempts, jitter): (i64, f64)) -> Duration {
    match (told, scope) {
        (Some(told), _) => told,
        (None, Scope::Pair) => pair_wait(attempts),
        (None, _) => back_off(attempts, jitter, LONGEST_WAIT),
    }
}

/// Whether it was tried for long enough: owed since this moment, with so many tries.
pub(super) fn is_over(owed_since: Timestamp, attempts: i64, now: Timestamp) -> bool {
    owed_since.plus(GIVE_UP) < now && attempts >= ENOUGH
}

/// WhatsApp's own rule for one customer that got too much: 4^n seconds (docs/platforms.md 2.7).
pub(super) fn pair_wait(attempts: i64) -> Duration {
    FIRST_PAIR_WAIT.saturating_mul(4_u32.pow(u32::try_from(attempts.clamp(1, 7) - 1).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_that_got_too_much_waits_four_times_as_long_each_time() {
        assert_eq!([1, 2, 3].map(|attempts| pair_wait(attempts).as_secs()), [1, 4, 16]);
    }
}
