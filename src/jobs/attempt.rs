//! One try of a job: its id, which is its fence, and how long to wait before the next one.

use crate::ledger::LedgerError;
use std::time::Duration;

const FIRST_WAIT: Duration = Duration::from_secs(1);

/// 1 s, 2 s, 4 s … up to `longest`, and anywhere in the upper half of it: `jitter` is between 0 and 1.
pub fn back_off(attempts: i64, jitter: f64, longest: Duration) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << (attempts.clamp(1, 20) - 1));
    doubled.min(longest).mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

/// Anything between 0 and 1, so that many who wait do not all come back at once.
pub fn jitter() -> f64 {
    let mut byte = [128_u8];
    // Without randomness the middle will do.
    let _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}

/// The fence, and on some platforms the token that proves a send: unguessable.
pub fn new_attempt_id() -> Result<String, LedgerError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| LedgerError::Unavailable(format!("no randomness: {error}")))?;
    Ok(bytes.iter().fold(String::with_capacity(32), |text, byte| text + &format!("{byte:02x}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest_and_stay_in_their_upper_half() {
        let longest = Duration::from_mins(5);
        assert_eq!(back_off(1, 1.0, longest), Duration::from_secs(1));
        assert_eq!(back_off(3, 1.0, longest), Duration::from_secs(4));
        assert_eq!(back_off(3, 0.0, longest), Duration::from_secs(2));
        assert_eq!(back_off(60, 1.0, longest), longest);
        assert!((0.0..=1.0).contains(&jitter()));
    }
}
