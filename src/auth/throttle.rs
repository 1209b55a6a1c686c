//! How often somebody may guess a password: per pair of a name and where the guesses come from, per place,
//! and altogether; a name that is guessed at from everywhere is only answered more slowly, because a lock
//! would be in the hands of whoever attacks. A device that its owner signed in from before always gets in.
//! Places are taken before a password is hashed, so that a thousand at once are not a thousand tries. Servers
//! that share a database count together (`guesses`, at most a second late). Never in the way of who is signed
//! in: tokens, webhooks and sockets do not pass here. Over 400 lines with its tests: one rule, told with all
//! its cases.

use super::guess_limits::{Asker, FREE, HELD, Limits, MINUTE, REMEMBERED, SLOWED};
use super::guesses::{Guess, Guesses};
use crate::domain::{Refusal, RefusalKind, Timestamp};
use moka::sync::Cache;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedMutexGuard};

/// The longest that a name is slowed down.
const SLOWEST: Duration = Duration::from_secs(30);
/// Passwords of one place that are looked at in the same moment: others must get their turn, too.
const CONCURRENCY: u32 = 8;
/// Sign-ins that may wait to be looked at: from one place, and altogether.
const WAITING_HERE: usize = 256;
const MAX_QUEUED: usize = 4_096;

/// Wrong guesses in a window of time.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    wrong: u32,
    since: Timestamp,
    until: Timestamp,
}

impl Count {
    /// How many are held against it now.
    fn wrong(&self, now: Timestamp) -> u32 {
        if now < self.until { self.wrong } else { 0 }
    }

    fn over(&self, limit: u32, now: Timestamp) -> Option<Duration> {
        (self.wrong(now) >= limit)
            .then(|| Duration::from_millis(u64::try_from(self.until.0 - now.0).unwrap_or(0)))
    }

    fn add(&mut self, window: Duration, now: Timestamp) {
        if now >= self.until {
            *self = Self { wrong: 0, since: now, until: now.plus(window) };
        }
        self.wrong = self.wrong.saturating_add(1);
    }

    /// Whoever runs the server forgave what came before this moment.
    fn forgive(&mut self, forgiven: Option<Timestamp>) {
        if forgiven.is_some_and(|forgiven| self.since <= forgiven) {
            *self = Self::default();
        }
    }
}

/// A name: how slowly it is answered.
#[derive(Debug, Default)]
struct Pace(Count);

impl Pace {
    fn wait(&self, now: Timestamp) -> Duration {
        wait_after(self.0.wrong(now))
    }

    fn wrong(&mut self, now: Timestamp) {
        self.0.add(SLOWED, now);
        self.0.until = now.plus(SLOWED);
    }
}

/// How long a name waits after so many wrong guesses: nothing for the first few, then 1 s, 2 s, 4 s … 30 s.
fn wait_after(wrong: u32) -> Duration {
    match wrong.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(more) => Duration::from_secs(1 << more.min(5)).min(SLOWEST),
    }
}

/// A place: what is held against it, and what it has under way.
#[derive(Debug, Default)]
struct Place {
    state: Mutex<(Count, u32)>,
    settled: Notify,
    waiting: Arc<AtomicUsize>,
}

/// Counts wrong guesses; cloned freely.
#[derive(Clone)]
pub struct Throttle {
    limits: Limits,
    pairs: Cache<(String, String), Arc<tokio::sync::Mutex<Count>>>,
    names: Cache<String, Arc<Mutex<Pace>>>,
    places: Cache<String, Arc<Place>>,
    /// With how many are under way: they count as wrong until they are settled.
    altogether: Arc<Mutex<(Count, u32)>>,
    waiting: Arc<AtomicUsize>,
    /// What all servers saw, where there may be several.
    elsewhere: Option<Guesses>,
}

/// The right to one guess; others of the same pair wait until it is settled.
pub struct Turn {
    pair: OwnedMutexGuard<Count>,
    pace: Arc<Mutex<Pace>>,
    _under_way: Option<UnderWay>,
    place: Option<Arc<Place>>,
    altogether: Option<Arc<Mutex<(Count, u32)>>>,
    /// What the other servers are told of it.
    elsewhere: Option<Guess>,
    is_settled: bool,
}

impl Throttle {
    /// Nobody has guessed yet. `is_shared`: guesses at other servers count, too.
    pub fn new(limits: Limits, is_shared: bool) -> Self {
        Self {
            limits,
            pairs: Cache::builder().max_capacity(REMEMBERED).time_to_idle(HELD * 2).build(),
            names: Cache::builder().max_capacity(REMEMBERED).time_to_idle(SLOWED).build(),
            places: Cache::builder().max_capacity(REMEMBERED).time_to_idle(HELD * 2).build(),
            altogether: Arc::default(),
            waiting: Arc::default(),
            elsewhere: is_shared.then(|| Guesses::new(limits)),
        }
    }

    /// Wrong guesses that other servers have not been told of: which budget, whose, and what they cost.
    pub fn spent(&self) -> Vec<(&'static str, String, i64)> {
        self.elsewhere.as_ref().map(Guesses::spent).unwrap_or_default()
    }

    /// What other servers have not been told is forgiven.
    pub fn returned(&self) -> Vec<(&'static str, String)> {
        self.elsewhere.as_ref().map(Guesses::returned).unwrap_or_default()
    }

    /// What any server saw: which budget, whose, until when it grows, and when that was told.
    pub fn hears(&self, told: &[(String, String, Timestamp, Timestamp)], now: Timestamp) {
        if let Some(elsewhere) = &self.elsewhere {
            elsewhere.hears(told, now);
        }
    }

    /// Waits for the right to one guess.
    pub async fn turn(&self, asker: Asker<'_>, now: Timestamp) -> Result<Turn, Refusal> {
        if let Some(device) = asker.device
            && let Some(turn) = self.known(asker, device, now).await
        {
            return Ok(turn);
        }
        self.refuse_over(now)?;
        if let Some(wait) = self.elsewhere.as_ref().and_then(|seen| seen.over(asker, self.limits)) {
            return Err(too_many(wait));
        }
        let place = self.places.get_with_by_ref(asker.place, Arc::default);
        if let Some(wait) = lock(&place.state).0.over(self.limits.place, now) {
            return Err(too_many(wait));
        }
        let queued = (Queued::at(&self.waiting, MAX_QUEUED), Queued::at(&place.waiting, WAITING_HERE));
        if queued.0.is_none() || queued.1.is_none() {
            return Err(too_many(Duration::from_secs(5)));
        }
        let pace = self.names.get_with_by_ref(asker.name, Arc::default);
        let wait = {
            let mut pace = lock(&pace);
            pace.0.forgive(asker.forgiven);
            let elsewhere = self.elsewhere.as_ref().map_or(0, |seen| seen.at_name(asker.name));
            pace.wait(now).max(wait_after(elsewhere))
        };
        let pair = self.pair(asker, now).await?;
        // Everybody waits beside everybody else: an attack cannot use the places up that the owner needs.
        tokio::time::sleep(wait).await;
        let under_way = self.begins(&place, now).await?;
        let altogether = Some(self.altogether.clone());
        Ok(Turn {
            pair,
            pace,
            _under_way: Some(under_way),
            place: Some(place),
            altogether,
            elsewhere: self.elsewhere.as_ref().map(|seen| seen.guess(asker)),
            is_settled: false,
        })
    }

    /// A device of the name's owner: counted for itself, and by no other limit. Not if it guessed too often.
    async fn known(&self, asker: Asker<'_>, device: &str, now: Timestamp) -> Option<Turn> {
        let key = (asker.name.to_owned(), format!("device {device}"));
        let mut pair = self.pairs.get_with(key, Arc::default).lock_owned().await;
        pair.forgive(asker.forgiven);
        if pair.over(self.limits.pair, now).is_some() {
            return None;
        }
        let pace = self.names.get_with_by_ref(asker.name, Arc::default);
        Some(Turn {
            pair,
            pace,
            _under_way: None,
            place: None,
            altogether: None,
            elsewhere: None,
            is_settled: false,
        })
    }

    fn refuse_over(&self, now: Timestamp) -> Result<(), Refusal> {
        lock(&self.altogether).0.over(self.limits.altogether, now).map_or(Ok(()), |wait| Err(too_many(wait)))
    }

    /// Takes a place among what its address has under way: never more than may still be wrong.
    async fn begins(&self, place: &Arc<Place>, now: Timestamp) -> Result<UnderWay, Refusal> {
        loop {
            let settled = place.settled.notified();
            {
                let mut state = lock(&place.state);
                if let Some(wait) = state.0.over(self.limits.place, now) {
                    return Err(too_many(wait));
                }
                if state.1 < CONCURRENCY.min(self.limits.place - state.0.wrong(now)) {
                    let mut altogether = lock(&self.altogether);
                    if altogether.0.wrong(now) + altogether.1 >= self.limits.altogether {
                        return Err(too_many(Duration::from_secs(1)));
                    }
                    (state.1, altogether.1) = (state.1 + 1, altogether.1 + 1);
                    return Ok(UnderWay { place: place.clone(), altogether: self.altogether.clone() });
                }
            }
            settled.await;
        }
    }

    async fn pair(&self, asker: Asker<'_>, now: Timestamp) -> Result<OwnedMutexGuard<Count>, Refusal> {
        let key = (asker.name.to_owned(), asker.place.to_owned());
        let mut pair = self.pairs.get_with(key, Arc::default).lock_owned().await;
        pair.forgive(asker.forgiven);
        match pair.over(self.limits.pair, now) {
            Some(wait) => Err(too_many(wait)),
            None => Ok(pair),
        }
    }
}

impl Turn {
    /// The guess was right: what was wrong at this name from here is forgiven.
    pub fn right(mut self) {
        self.is_settled = true;
        *self.pair = Count::default();
        lock(&self.pace).0 = Count::default();
        if let Some(guess) = &self.elsewhere {
            guess.right();
        }
    }

    /// The guess was wrong.
    pub fn wrong(mut self, now: Timestamp) {
        self.count(now);
    }

    fn count(&mut self, now: Timestamp) {
        self.is_settled = true;
        self.pair.add(HELD, now);
        lock(&self.pace).wrong(now);
        if let Some(place) = &self.place {
            lock(&place.state).0.add(HELD, now);
        }
        if let Some(altogether) = &self.altogether {
            lock(altogether).0.add(MINUTE, now);
        }
        if let Some(guess) = &self.elsewhere {
            guess.wrong(now);
        }
    }
}

impl Drop for Turn {
    /// Whoever hangs up before the answer has guessed all the same.
    fn drop(&mut self) {
        if !self.is_settled {
            self.count(Timestamp::now());
        }
    }
}

/// A guess that is not settled.
struct UnderWay {
    place: Arc<Place>,
    altogether: Arc<Mutex<(Count, u32)>>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        lock(&self.place.state).1 -= 1;
        lock(&self.altogether).1 -= 1;
        self.place.settled.notify_waiters();
    }
}

/// A place in a queue, given back when the wait is over.
struct Queued(Arc<AtomicUsize>);

impl Queued {
    fn at(queue: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        let place = Self(queue.clone());
        (queue.fetch_add(1, Ordering::Relaxed) < most).then_some(place)
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(counted: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A count is whole even if its holder panicked.
    counted.lock().unwrap_or_else(PoisonError::into_inner)
}

fn too_many(wait: Duration) -> Refusal {
    let minutes = wait.as_secs().div_ceil(60).max(1);
    let message = format!(
        "Too many failed sign-ins. Try again in {minutes} minute{}.",
        if minutes == 1 { "" } else { "s" }
    );
    Refusal::new(RefusalKind::TooMany, "too_many_sign_ins", message).after(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    const NOW: Timestamp = Timestamp(1_786_004_405_118);

    fn asker<'a>(name: &'a str, place: &'a str) -> Asker<'a> {
        Asker { name, place, device: None, forgiven: None }
    }

    fn throttle() -> Throttle {
        Throttle::new(Limits::default(), false)
    }

    async fn wrong(throttle: &Throttle, asker: Asker<'_>, now: Timestamp) -> bool {
        match throttle.turn(asker, now).await {
            Ok(turn) => {
                // What a hash takes: others come in between.
                tokio::task::yield_now().await;
                turn.wrong(now);
                true
            }
            Err(refusal) => {
                assert_eq!(refusal.kind, RefusalKind::TooMany);
                assert!(refusal.retry_after.is_some());
                false
            }
        }
    }

    #[tokio::test]
    async fn a_pair_takes_ten_and_the_name_stays_open_elsewhere() {
        let throttle = throttle();
        let mut taken = 0;
        for _ in 0..50 {
            taken += u32::from(wrong(&throttle, asker("anna", "1"), NOW).await);
        }
        assert_eq!(taken, 10);
        throttle.turn(asker("anna", "2"), NOW).await.expect("her own address is not concerned").right();
        assert!(!wrong(&throttle, asker("anna", "1"), NOW).await, "the guesser's still is");
        assert!(wrong(&throttle, asker("anna", "1"), NOW.plus(HELD)).await, "ten minutes later it is over");
    }

    #[test]
    fn a_name_guessed_at_from_everywhere_is_slow_and_never_shut() {
        let mut pace = Pace::default();
        let mut waits = Vec::new();
        for _ in 0..1_000 {
            waits.push(pace.wait(NOW).as_secs());
            pace.wrong(NOW);
        }
        assert_eq!(waits[..10], [0; 10]);
        assert_eq!(waits[10..17], [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(pace.wait(NOW), SLOWEST);
        assert_eq!(pace.wait(NOW.plus(SLOWED)), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_known_device_gets_in_whatever_others_do_and_is_no_way_to_guess() {
        let throttle = throttle();
        for number in 0..400 {
            let name = if number < 10 { "anna".to_owned() } else { format!("user{number}") };
            wrong(&throttle, asker(&name, &number.to_string()), NOW).await;
        }
        assert!(!wrong(&throttle, asker("bert", "elsewhere"), NOW).await, "the total is spent");
        let known = Asker { device: Some("hers"), ..asker("anna", "1") };
        throttle.turn(known, NOW).await.expect("hers").right();
        let stolen = Asker { device: Some("stolen"), ..asker("anna", "1") };
        let mut taken = 0;
        for _ in 0..100 {
            taken += u32::from(wrong(&throttle, stolen, NOW).await);
        }
        assert_eq!(taken, 10, "then it counts as anybody");
    }

    #[tokio::test]
    async fn a_thousand_at_once_are_a_hundred() {
        let throttle = throttle();
        let names: Vec<String> = (0..1000).map(|number| format!("user{number}")).collect();
        let tries = names.iter().map(|name| wrong(&throttle, asker(name, "1"), NOW));
        let taken = join_all(tries).await.into_iter().filter(|taken| *taken).count();
        assert!((1..=100).contains(&taken), "{taken}");
        let many: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
        let tries = many.iter().map(|place| wrong(&throttle, asker("anna", place), NOW));
        let taken = join_all(tries).await.into_iter().filter(|taken| *taken).count();
        assert!(taken <= 300, "{taken} from everywhere");
    }

    /// What one server tells the others, as it stands in the database in between.
    fn tells(from: &Throttle, to: &Throttle, now: Timestamp) {
        let told =
            |(kind, owner, cost): (&str, String, i64)| (kind.to_owned(), owner, Timestamp(now.0 + cost), now);
        let returned = |(kind, owner): (&str, String)| (kind.to_owned(), owner, now, now);
        let rows = from.spent().into_iter().map(told).chain(from.returned().into_iter().map(returned));
        to.hears(&rows.collect::<Vec<_>>(), now);
    }

    #[tokio::test]
    async fn what_was_guessed_at_one_server_counts_at_the_other() {
        let (here, there) = (Throttle::new(Limits::default(), true), Throttle::new(Limits::default(), true));
        for _ in 0..10 {
            assert!(wrong(&here, asker("anna", "1"), NOW).await);
        }
        tells(&here, &there, NOW);
        assert!(!wrong(&there, asker("anna", "1"), NOW).await, "ten were seen over there");
        there.turn(asker("bert", "1"), NOW).await.expect("another name is not concerned").right();
        let forgiven = Asker { forgiven: Some(NOW.plus(MINUTE)), ..asker("anna", "1") };
        there.turn(forgiven, NOW.plus(MINUTE)).await.expect("unlocked for all servers").right();
        assert!(!wrong(&here, asker("anna", "1"), NOW).await, "this one has not heard of it");
        tells(&there, &here, NOW.plus(MINUTE));
        let unlocked = Asker { forgiven: Some(NOW.plus(MINUTE)), ..asker("anna", "1") };
        assert!(wrong(&here, unlocked, NOW.plus(MINUTE)).await);
    }

    #[tokio::test]
    async fn who_signs_in_at_one_server_is_forgiven_at_the_other() {
        let (here, there) = (Throttle::new(Limits::default(), true), Throttle::new(Limits::default(), true));
        for _ in 0..9 {
            wrong(&here, asker("anna", "1"), NOW).await;
        }
        tells(&here, &there, NOW);
        there.turn(asker("anna", "1"), NOW).await.expect("nine are not ten").right();
        for _ in 0..9 {
            assert!(wrong(&there, asker("anna", "1"), NOW).await, "begins anew");
        }
    }

    #[tokio::test]
    async fn right_ones_never_count_and_a_broken_off_one_does() {
        let throttle = throttle();
        for _ in 0..1000 {
            throttle.turn(asker("anna", "1"), NOW).await.expect("nobody guessed wrong").right();
        }
        let now = Timestamp::now();
        for _ in 0..10 {
            drop(throttle.turn(asker("anna", "1"), now).await.expect("one of ten"));
        }
        assert!(!wrong(&throttle, asker("anna", "1"), now).await);
    }

    #[tokio::test]
    async fn what_the_owner_of_the_server_forgives_is_forgotten() {
        let throttle = throttle();
        for _ in 0..10 {
            wrong(&throttle, asker("anna", "1"), NOW).await;
        }
        let forgiven = Asker { forgiven: Some(NOW.plus(MINUTE)), ..asker("anna", "1") };
        assert!(wrong(&throttle, forgiven, NOW.plus(MINUTE)).await);
    }
}
