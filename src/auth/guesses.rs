//! Wrong passwords that other servers of the same database saw: counted like any budget, told and heard once
//! a second. Names and addresses leave this process as fingerprints only: what is typed as a name may be a
//! password.

use super::budgets::{Allowance, Budget};
use super::guess_limits::{Asker, FREE, HELD, Limits, MINUTE, REMEMBERED, SLOWED};
use crate::domain::Timestamp;
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Wrong guesses at a name until it is answered as slowly as it ever is.
const SLOWEST_AFTER: u64 = FREE as u64 + 6;

/// What is counted over all servers; cloned freely.
#[derive(Clone)]
pub(super) struct Guesses {
    pairs: Budget,
    names: Budget,
    places: Budget,
    altogether: Budget,
    /// When a name was last guessed wrongly at, or a pair.
    last: Cache<String, Timestamp>,
}

/// A guess, until it is settled.
pub(super) struct Guess {
    seen: Guesses,
    keys: Keys,
    /// Whether others before it were wrong.
    were_wrong: bool,
}

impl Guess {
    /// One more was wrong.
    pub(super) fn wrong(&self, now: Timestamp) {
        let Self { seen, keys, .. } = self;
        let counted = [
            (&seen.pairs, keys.pair.as_str()),
            (&seen.names, keys.name.as_str()),
            (&seen.places, keys.place.as_str()),
        ];
        for (budget, key) in counted.into_iter().chain([(&seen.altogether, "")]) {
            // What is over the limit already needs no more.
            let _ = budget.take(key, 1);
        }
        for key in [&keys.pair, &keys.name] {
            seen.last.insert(key.clone(), now);
        }
    }

    /// It was right: what was wrong at this name from there before is forgiven everywhere.
    pub(super) fn right(&self) {
        if self.were_wrong {
            self.seen.pairs.give_back(&self.keys.pair);
            self.seen.names.give_back(&self.keys.name);
        }
    }
}

/// What a guess counts for: fingerprints.
struct Keys {
    pair: String,
    name: String,
    place: String,
}

impl Keys {
    fn of(asker: Asker<'_>) -> Self {
        Self {
            pair: fingerprint(&[asker.name, asker.place]),
            name: fingerprint(&[asker.name]),
            place: fingerprint(&[asker.place]),
        }
    }
}

impl Guesses {
    /// Nobody has guessed yet.
    pub(super) fn new(limits: Limits) -> Self {
        let budget = |most: u64, each| Budget::new(Allowance::of(most, each)).shared();
        Self {
            pairs: budget(limits.pair.into(), HELD),
            names: budget(SLOWEST_AFTER, SLOWED),
            places: budget(limits.place.into(), HELD),
            altogether: budget(limits.altogether.into(), MINUTE),
            last: Cache::builder().max_capacity(REMEMBERED).time_to_idle(SLOWED).build(),
        }
    }

    /// A guess that is about to be looked at.
    pub(super) fn guess(&self, asker: Asker<'_>) -> Guess {
        let keys = Keys::of(asker);
        let were_wrong = self.pairs.used(&keys.pair) > 0 || self.names.used(&keys.name) > 0;
        Guess { seen: self.clone(), keys, were_wrong }
    }

    /// How long this asker waits because of what all servers saw; `None`: as long as this server alone says.
    pub(super) fn over(&self, asker: Asker<'_>, limits: Limits) -> Option<Duration> {
        let keys = Keys::of(asker);
        self.forgive(&keys, asker.forgiven);
        let is_over = |budget: &Budget, key: &str, limit: u32| budget.used(key) >= u64::from(limit);
        if is_over(&self.altogether, "", limits.altogether) {
            return Some(MINUTE / limits.altogether.max(1));
        }
        let held = is_over(&self.pairs, &keys.pair, limits.pair).then_some(limits.pair);
        let held = held.or(is_over(&self.places, &keys.place, limits.place).then_some(limits.place));
        held.map(|limit| HELD / limit.max(1))
    }

    /// Wrong guesses at a name, all servers together.
    pub(super) fn at_name(&self, name: &str) -> u32 {
        u32::try_from(self.names.used(&fingerprint(&[name]))).unwrap_or(u32::MAX)
    }

    /// Whoever runs the server forgave what came before a moment.
    fn forgive(&self, keys: &Keys, forgiven: Option<Timestamp>) {
        let Some(forgiven) = forgiven else { return };
        for (budget, key) in [(&self.pairs, &keys.pair), (&self.names, &keys.name)] {
            if self.last.get(key).is_some_and(|last| last <= forgiven) {
                budget.give_back(key);
                self.last.invalidate(key);
            }
        }
    }

    fn shared(&self) -> [(&'static str, &Budget); 4] {
        [
            ("sign_in_pair", &self.pairs),
            ("sign_in_name", &self.names),
            ("sign_in_place", &self.places),
            ("sign_in_total", &self.altogether),
        ]
    }

    /// What was wrong since this was last asked: which budget, whose, and how many milliseconds it takes to
    /// grow.
    pub(super) fn spent(&self) -> Vec<(&'static str, String, i64)> {
        let of = |(kind, budget): (&'static str, &Budget)| {
            budget.drain().into_iter().map(move |(owner, cost)| (kind, owner, cost)).collect::<Vec<_>>()
        };
        self.shared().into_iter().flat_map(of).collect()
    }

    /// What was forgiven since this was last asked.
    pub(super) fn returned(&self) -> Vec<(&'static str, String)> {
        let of = |(kind, budget): (&'static str, &Budget)| {
            budget.drain_returned().into_iter().map(move |owner| (kind, owner)).collect::<Vec<_>>()
        };
        self.shared().into_iter().flat_map(of).collect()
    }

    /// What was wrong or forgiven anywhere: which budget, whose, until when it grows, and when that was told.
    pub(super) fn hears(&self, told: &[(String, String, Timestamp, Timestamp)], now: Timestamp) {
        for (kind, owner, until, told_at) in told {
            let Some((_, budget)) = self.shared().into_iter().find(|(known, _)| known == kind) else {
                continue;
            };
            if until <= told_at {
                budget.hear_returned(owner);
                continue;
            }
            let grows = u64::try_from(until.0.saturating_sub(now.0)).unwrap_or_default();
            budget.hear(owner, Duration::from_millis(grows));
            let last = self.last.get(owner).map_or(*told_at, |last| last.max(*told_at));
            self.last.insert(owner.clone(), last);
        }
    }
}

/// Parts end with a zero, so that no two lists of them are one text.
fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).fold(String::with_capacity(32), |text, byte| format!("{text}{byte:02x}"))
}
