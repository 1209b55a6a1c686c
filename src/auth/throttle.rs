//! How often somebody may guess: per account, per address, and altogether. Only wrong guesses
//! count, and one account's are checked one after the other, so that a thousand at once are not a
//! thousand tries. Never in the way of who is signed in: tokens, webhooks and sockets do not pass here.

use crate::domain::{Refusal, RefusalKind, Timestamp};
use moka::sync::Cache;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);
/// Wrong guesses an account takes in an hour (reliability F32).
const PER_ACCOUNT: u32 = 20;
/// Wrong guesses an address makes in ten minutes: many people may sit behind one.
const PER_ADDRESS: u32 = 100;
/// Wrong guesses in a minute from everywhere.
const ALTOGETHER: u32 = 300;
/// Sign-ins that may wait to be checked.
const WAITING: usize = 512;
/// Accounts and addresses remembered. More than `ALTOGETHER` lets anybody touch in an hour, so
/// that guessing at many names forgets none.
const REMEMBERED: u64 = 50_000;

/// Wrong guesses in a window of time.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    wrong: u32,
    until: Timestamp,
}

impl Count {
    fn exceeds(&self, limit: u32, now: Timestamp) -> Option<Duration> {
        (self.wrong >= limit && now < self.until)
            .then(|| Duration::from_millis(u64::try_from(self.until.0 - now.0).unwrap_or(0)))
    }

    fn add(&mut self, window: Duration, now: Timestamp) {
        if now >= self.until {
            *self = Self { wrong: 0, until: now.plus(window) };
        }
        self.wrong = self.wrong.saturating_add(1);
    }
}

/// Counts wrong guesses; cloned freely.
#[derive(Clone)]
pub struct Throttle {
    accounts: Cache<String, Arc<tokio::sync::Mutex<Count>>>,
    addresses: Cache<IpAddr, Arc<Mutex<Count>>>,
    altogether: Arc<Mutex<Count>>,
    waiting: Arc<AtomicUsize>,
}

/// The right to one guess; others at the same account wait until it is settled.
pub struct Turn {
    account: OwnedMutexGuard<Count>,
    address: Arc<Mutex<Count>>,
    altogether: Arc<Mutex<Count>>,
}

impl Throttle {
    /// Nobody has guessed yet.
    pub fn new() -> Self {
        Self {
            accounts: Cache::builder().max_capacity(REMEMBERED).time_to_live(HOUR * 2).build(),
            addresses: Cache::builder().max_capacity(REMEMBERED).time_to_live(HOUR).build(),
            altogether: Arc::default(),
            waiting: Arc::default(),
        }
    }

    /// Waits for the right to one guess at `account` (known or not) from `address`.
    pub async fn turn(&self, account: &str, address: IpAddr, now: Timestamp) -> Result<Turn, Refusal> {
        let address = self.addresses.get_with(address.to_canonical(), Arc::default);
        let over = lock(&address)
            .exceeds(PER_ADDRESS, now)
            .or_else(|| lock(&self.altogether).exceeds(ALTOGETHER, now));
        if let Some(wait) = over {
            return Err(too_many(wait));
        }
        let _place = Place::take(&self.waiting).ok_or_else(|| too_many(Duration::from_secs(1)))?;
        let account = self.accounts.get_with_by_ref(account, Arc::default).lock_owned().await;
        if let Some(wait) = account.exceeds(PER_ACCOUNT, now) {
            return Err(too_many(wait));
        }
        Ok(Turn { account, address, altogether: self.altogether.clone() })
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self::new()
    }
}

impl Turn {
    /// The guess was right: the account's wrong ones are forgiven.
    pub fn right(mut self) {
        *self.account = Count::default();
    }

    /// The guess was wrong.
    pub fn wrong(mut self, now: Timestamp) {
        self.account.add(HOUR, now);
        lock(&self.address).add(MINUTE * 10, now);
        lock(&self.altogether).add(MINUTE, now);
    }
}

/// A place in the queue, given back when the wait is over.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>) -> Option<Self> {
        let place = Self(waiting.clone());
        (waiting.fetch_add(1, Ordering::Relaxed) < WAITING).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock(count: &Mutex<Count>) -> std::sync::MutexGuard<'_, Count> {
    // A count is whole even if its holder panicked.
    count.lock().unwrap_or_else(PoisonError::into_inner)
}

fn too_many(wait: Duration) -> Refusal {
    let minutes = wait.as_secs().div_ceil(60).max(1);
    let message = format!(
        "Too many sign-ins failed. Try again in {minutes} minute{}.",
        if minutes == 1 { "" } else { "s" }
    );
    Refusal::new(RefusalKind::TooMany, "too_many_sign_ins", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_786_004_405_118);

    fn address(last: u8) -> IpAddr {
        [127, 0, 0, last].into()
    }

    async fn guess(throttle: &Throttle, account: &str, from: IpAddr, now: Timestamp) -> bool {
        match throttle.turn(account, from, now).await {
            Ok(turn) => {
                turn.wrong(now);
                true
            }
            Err(refusal) => {
                assert_eq!(refusal.kind, RefusalKind::TooMany);
                false
            }
        }
    }

    #[tokio::test]
    async fn an_account_takes_twenty_wrong_guesses_an_hour_from_wherever() {
        let throttle = Throttle::new();
        let mut taken = 0;
        for number in 0..200_u8 {
            taken += u32::from(guess(&throttle, "anna", address(number), NOW).await);
        }
        assert_eq!(taken, PER_ACCOUNT);
        assert!(guess(&throttle, "bert", address(250), NOW).await, "another account is not concerned");
        assert!(
            guess(&throttle, "anna", address(251), NOW.plus(HOUR)).await,
            "an hour later it may be tried again"
        );
    }

    #[tokio::test]
    async fn guesses_at_once_are_not_more_guesses() {
        let throttle = Throttle::new();
        let tries = (0..200).map(|_| guess(&throttle, "anna", address(1), NOW));
        let taken = futures_util::future::join_all(tries).await.into_iter().filter(|taken| *taken).count();
        assert_eq!(taken, PER_ACCOUNT as usize);
    }

    #[tokio::test]
    async fn an_address_cannot_try_everybody() {
        let throttle = Throttle::new();
        let mut taken = 0;
        for number in 0..1000 {
            taken += u32::from(guess(&throttle, &format!("user{number}"), address(1), NOW).await);
        }
        assert_eq!(taken, PER_ADDRESS);
    }

    #[tokio::test]
    async fn many_addresses_are_bounded_altogether() {
        let throttle = Throttle::new();
        let mut taken = 0;
        for number in 0..1000_u32 {
            let from = IpAddr::from((0x7f00_0000 + number).to_be_bytes());
            taken += u32::from(guess(&throttle, &format!("user{number}"), from, NOW).await);
        }
        assert_eq!(taken, ALTOGETHER);
    }

    #[tokio::test]
    async fn right_ones_never_count() {
        let throttle = Throttle::new();
        for _ in 0..1000 {
            throttle.turn("anna", address(1), NOW).await.expect("nobody guessed wrong").right();
        }
    }
}
