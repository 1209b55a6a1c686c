//! How much strangers may have: so much in a while, all of it at once if they like, and then as it grows
//! again. One place for every kind of it. Counted in memory; what is shared is told to other processes by
//! whoever drains it. Never who somebody is, never what they get instead.

use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Keys remembered for each kind; the ones that were used longest ago are forgotten first.
pub(super) const REMEMBERED: u64 = 100_000;

/// So much in a while; none: without a limit.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// How much.
    pub most: u64,
    /// In which time.
    pub each: Duration,
}

impl Allowance {
    /// So much in a while; 0 is no limit.
    pub fn of(most: u64, each: Duration) -> Option<Self> {
        (most > 0).then_some(Self { most, each })
    }
}

/// When what was taken will have grown again.
#[derive(Debug, Clone, Copy)]
struct Spent(Instant);

impl Spent {
    fn take(&mut self, allowance: Allowance, amount: u64, now: Instant) -> Result<(), Duration> {
        // Amounts are far below 2^53.
        #[allow(clippy::cast_precision_loss)]
        let share = amount as f64 / allowance.most as f64;
        let until = self.0.max(now) + allowance.each.mul_f64(share);
        match until.duration_since(now).checked_sub(allowance.each) {
            // Shares are rounded.
            Some(wait) if wait > Duration::from_micros(1) => Err(wait),
            _ => {
                self.0 = until;
                Ok(())
            }
        }
    }
}

/// One kind of budget, for each of those who share it; cloned freely.
#[derive(Clone)]
pub struct Budget {
    allowance: Option<Allowance>,
    spent: Cache<String, Arc<Mutex<Spent>>>,
    refused: Arc<AtomicU64>,
    /// What changed since others were told, if others are.
    fresh: Option<Arc<Mutex<Fresh>>>,
}

/// What others have not been told yet.
#[derive(Debug, Default)]
struct Fresh {
    taken: HashMap<String, u64>,
    returned: HashSet<String>,
}

impl Budget {
    /// The same, counting what is taken for others.
    #[must_use]
    pub fn shared(self) -> Self {
        Self { fresh: Some(Arc::default()), ..self }
    }

    /// What was taken since this was last asked: whose, and how long it takes to grow again, in milliseconds.
    pub fn drain(&self) -> Vec<(String, i64)> {
        let (Some(fresh), Some(allowance)) = (&self.fresh, self.allowance) else { return Vec::new() };
        let taken = std::mem::take(&mut lock(fresh).taken);
        let cost = |amount: u64| {
            let millis = u128::from(amount) * allowance.each.as_millis() / u128::from(allowance.most);
            i64::try_from(millis.max(1)).unwrap_or(i64::MAX)
        };
        taken.into_iter().map(|(key, amount)| (key, cost(amount))).collect()
    }

    /// Others took of it, too: it will have grown again no sooner than after so long.
    pub fn hear(&self, key: &str, grows: Duration) {
        let Some(allowance) = self.allowance else { return };
        let now = Instant::now();
        let spent = self.spent.get_with_by_ref(key, || Arc::new(Mutex::new(Spent(now))));
        let mut spent = lock(&spent);
        spent.0 = spent.0.max(now + grows.min(allowance.each));
    }

    /// Whose budgets were given back since this was last asked.
    pub fn drain_returned(&self) -> Vec<String> {
        let Some(fresh) = &self.fresh else { return Vec::new() };
        std::mem::take(&mut lock(fresh).returned).into_iter().collect()
    }

    /// Gives back whatever `key` took, here and, once they are told, at other servers.
    pub fn give_back(&self, key: &str) {
        self.hear_returned(key);
        if let Some(fresh) = &self.fresh {
            let mut fresh = lock(fresh);
            fresh.taken.remove(key);
            fresh.returned.insert(key.to_owned());
        }
    }

    /// Another server gave back what `key` took.
    pub fn hear_returned(&self, key: &str) {
        self.spent.invalidate(key);
    }

    /// How much of it `key` has used up at this moment, to the nearest whole.
    pub fn used(&self, key: &str) -> u64 {
        let (Some(allowance), Some(spent)) = (self.allowance, self.spent.get(key)) else { return 0 };
        let left = lock(&spent).0.saturating_duration_since(Instant::now());
        // Amounts are far below 2^53, and never below zero.
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let used = (left.div_duration_f64(allowance.each) * allowance.most as f64).round() as u64;
        used
    }

    /// Nobody has taken anything yet.
    pub fn new(allowance: Option<Allowance>) -> Self {
        let remembered = Cache::builder().max_capacity(REMEMBERED).eviction_policy(EvictionPolicy::lru());
        let each = allowance.map_or(Duration::from_secs(1), |allowance| allowance.each);
        let spent = remembered.time_to_idle(each * 2).build();
        Self { allowance, spent, refused: Arc::default(), fresh: None }
    }

    /// Takes so much for `key`, or says how long to wait for it.
    pub fn take(&self, key: &str, amount: u64) -> Result<(), Duration> {
        let Some(allowance) = self.allowance else { return Ok(()) };
        let now = Instant::now();
        let spent = self.spent.get_with_by_ref(key, || Arc::new(Mutex::new(Spent(now))));
        let taken = lock(&spent).take(allowance, amount, now);
        match (&taken, &self.fresh) {
            (Err(_), _) => self.refuse(),
            (Ok(()), Some(fresh)) => *lock(fresh).taken.entry(key.to_owned()).or_default() += amount,
            (Ok(()), None) => {}
        }
        taken
    }

    /// How often it was not enough.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }
}

pub(super) fn lock<T>(counted: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A count is whole even if its holder panicked.
    counted.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_it_grows_again_as_fast_as_was_said() {
        let allowance = Allowance { most: 20, each: Duration::from_mins(1) };
        let begun = Instant::now();
        let mut spent = Spent(begun);
        let passed = (0..100).filter(|_| spent.take(allowance, 1, begun).is_ok()).count();
        assert_eq!(passed, 20);
        let wait = spent.take(allowance, 1, begun).expect_err("spent");
        assert!(wait <= Duration::from_secs(3) && wait > Duration::from_millis(2_900), "{wait:?}");
        assert!(spent.take(allowance, 1, begun + wait).is_ok(), "whoever waits as long as was said gets it");
        assert!(spent.take(allowance, 1, begun + wait).is_err());
        assert!(
            spent.take(allowance, 21, begun + Duration::from_hours(1)).is_err(),
            "more than there ever is"
        );
    }

    #[test]
    fn what_one_takes_the_other_has_not() {
        let allowance = Some(Allowance { most: 10, each: Duration::from_secs(10) });
        let (here, there) = (Budget::new(allowance).shared(), Budget::new(allowance).shared());
        assert!((0..8).all(|_| here.take("a", 1).is_ok()));
        assert_eq!(here.drain(), [("a".to_owned(), 8_000)]);
        assert!(here.drain().is_empty());
        there.hear("a", Duration::from_secs(8));
        assert_eq!((0..10).filter(|_| there.take("a", 1).is_ok()).count(), 2);
        assert!(there.take("b", 10).is_ok(), "somebody else's");
        there.hear("b", Duration::from_secs(1));
        assert!(there.take("b", 1).is_err(), "what others took gives nothing back");
    }

    #[test]
    fn what_was_given_back_can_be_used_again() {
        let budget = Budget::new(Allowance::of(10, Duration::from_mins(1))).shared();
        assert!((0..7).all(|_| budget.take("a", 1).is_ok()));
        assert_eq!((budget.used("a"), budget.used("b")), (7, 0));
        budget.give_back("a");
        assert_eq!(budget.used("a"), 0);
        assert!(budget.drain().is_empty(), "what was taken and given back is nobody's news");
        assert_eq!(budget.drain_returned(), ["a"]);
        assert!(budget.take("a", 10).is_ok());
    }
}
