//! How often and how long a delivery that surely did not go out is tried again.

use std::time::Duration;

/// The longest wait before another try; the first is a second, and doubles (`jobs/attempt.rs`).
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// After this long without getting through, a person must look.
pub(super) const GIVE_UP: Duration = Duration::from_hours(24);
/// And not before so many tries: a queue that a paused channel kept for days has made none.
pub(super) const ENOUGH: i64 = 12;
/// The first wait of [`pair_wait`].
const FIRST_PAIR_WAIT: Duration = Duration::from_secs(1);

/// WhatsApp's own rule for one customer that got too much: 4^n seconds (docs/platforms.md 2.7).
pub(super) fn pair_wait(attempts: i64) -> Duration {
    FIRST_PAIR_WAIT.saturating_mul(4_u32.pow(u32::try_from(attempts.clamp(1, 7) - 1).unwrap_or(0)))
}
