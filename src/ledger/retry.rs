//! Trying again: how long to wait before the next try, and results that must be written. Never what is tried.

use super::command::{Command, LedgerError, Subject, Tx};
use super::lane::Ledger;
use crate::store::delivery::held_work::{self, Held};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::rc::Rc;
use std::time::Duration;

const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How long a result waits before it is given again.
const RETRY: Duration = Duration::from_secs(1);

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

/// How many places of a worker are free for each receiver: who is slow uses up their own and nobody else's.
#[derive(Debug, Clone)]
pub struct Free<K> {
    each: i64,
    taken: HashMap<K, i64>,
}

impl<K: Copy + Eq + Hash> Free<K> {
    /// How many are free for this one.
    pub fn of(&self, key: K) -> i64 {
        self.each - self.taken.get(&key).copied().unwrap_or(0)
    }

    /// Takes one; false: this receiver has all of its own.
    pub fn take(&mut self, key: K) -> bool {
        let is_free = self.of(key) > 0;
        if is_free {
            *self.taken.entry(key).or_insert(0) += 1;
        }
        is_free
    }

    /// Who has all of their own.
    pub fn full(&self) -> Vec<K> {
        self.taken.keys().copied().filter(|key| self.of(*key) <= 0).collect()
    }
}

/// The places of a worker, as many for each receiver.
#[derive(Debug)]
pub struct Places<K>(Rc<RefCell<Free<K>>>);

impl<K: Copy + Eq + Hash> Places<K> {
    /// So many for each.
    pub fn new(each: i64) -> Self {
        Self(Rc::new(RefCell::new(Free { each, taken: HashMap::new() })))
    }

    /// What is free now.
    pub fn free(&self) -> Free<K> {
        self.0.borrow().clone()
    }

    /// A place is somebody's, until it is dropped.
    pub fn take(&self, key: K) -> Place<K> {
        *self.0.borrow_mut().taken.entry(key).or_insert(0) += 1;
        Place { places: Self(self.0.clone()), key }
    }
}

impl<K> Clone for Places<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A place that is free again however its work ends.
pub struct Place<K: Copy + Eq + Hash> {
    places: Places<K>,
    key: K,
}

impl<K: Copy + Eq + Hash> Drop for Place<K> {
    /// Also after a panic.
    fn drop(&mut self) {
        let mut free = self.places.0.borrow_mut();
        if let Some(taken) = free.taken.get_mut(&self.key) {
            *taken -= 1;
            if *taken == 0 {
                free.taken.remove(&self.key);
            }
        }
    }
}

impl Ledger {
    /// Gives a result until it is written: it must not be lost while this process lives. `None`: it was
    /// refused, and the log says so of `what`.
    pub async fn give_until_stored<C: Command + Clone>(
        &self,
        result: C,
        what: impl Display,
    ) -> Option<C::Answer> {
        loop {
            match self.give(result.clone()).await {
                Ok(answer) => return Some(answer),
                Err(LedgerError::Refused(refusal)) => {
                    log::error!("{what} was refused: {refusal}");
                    return None;
                }
                Err(error) => {
                    log::warn!("{what} could not be stored, retrying: {error}");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }
}

/// Gives back what a process that ended held, before anything else: in a system of one process that has just
/// begun.
#[derive(Debug, Clone, Copy)]
pub struct GiveBack(pub Held);

impl Command for GiveBack {
    type Answer = usize;

    fn subject(&self) -> Subject {
        Subject::of(self.0)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<usize, LedgerError> {
        Ok(held_work::give_back(tx.conn, self.0, tx.now).await?)
    }
}

/// The same, until it is done.
pub async fn give_back(ledger: &Ledger, held: Held) {
    while let Err(error) = ledger.give(GiveBack(held)).await {
        log::warn!("the leases of an ended process could not be released, retrying: {error}");
        tokio::time::sleep(RETRY).await;
    }
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

    #[actix::test]
    async fn a_place_is_free_again_even_if_the_work_panics() {
        let places = Places::new(2);
        let place = places.take("slow");
        let work = actix::spawn(async move {
            let _place = place;
            panic!("asked to");
        });
        assert_eq!(places.free().of("slow"), 1);
        assert!(work.await.is_err());
        assert_eq!(places.free().of("slow"), 2);
    }

    #[test]
    fn who_is_slow_uses_up_their_own_places_only() {
        let places = Places::new(2);
        let _held = [places.take("slow"), places.take("slow")];
        let mut free = places.free();
        assert_eq!(free.full(), ["slow"]);
        assert!(!free.take("slow"));
        assert!(free.take("quick") && free.take("quick") && !free.take("quick"));
    }
}
