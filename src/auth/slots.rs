//! So many at the same time, over all servers: what each holds it tells the others, once it changes and again
//! from time to time, so that a server that is gone holds none. Never what is counted over time: `budgets`.

use super::budgets::{REMEMBERED, lock};
use moka::sync::Cache;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What another server holds counts for so long after it was told.
pub const HELD: Duration = Duration::from_secs(30);

/// So many at the same time, for each of those who share it; cloned freely.
#[derive(Clone)]
pub struct Slots {
    most: u64,
    taken: Cache<String, Arc<AtomicI64>>,
    refused: Arc<AtomicU64>,
    shared: Option<Arc<Shared>>,
}

/// What servers tell each other.
#[derive(Default)]
struct Shared {
    /// Whose count here changed since others were told.
    changed: Mutex<HashSet<String>>,
    /// By owner, and by server.
    elsewhere: Mutex<HashMap<String, HashMap<String, Held>>>,
}

/// What one of the others holds, and when it was heard.
#[derive(Clone, Copy)]
struct Held {
    count: i64,
    heard: Instant,
}

/// One of them, until it is dropped.
pub struct OneSlot {
    taken: Arc<AtomicI64>,
    told: Option<(Arc<Shared>, String)>,
}

impl Slots {
    /// All of them free; 0 is no limit. `is_shared`: what is held at other servers counts, too.
    pub fn new(most: u64, is_shared: bool) -> Self {
        // Never forgotten while somebody holds one: what is held is used again whenever a slot is asked for.
        let taken = Cache::builder().max_capacity(REMEMBERED).build();
        Self { most, taken, refused: Arc::default(), shared: (is_shared && most > 0).then(Arc::default) }
    }

    /// Takes one for `key`, if one is free.
    pub fn take(&self, key: &str) -> Option<OneSlot> {
        let taken = self.taken.get_with_by_ref(key, Arc::default);
        let told = self.shared.clone().map(|shared| (shared, key.to_owned()));
        let slot = OneSlot { taken, told };
        let before = slot.taken.fetch_add(1, Ordering::Relaxed) + self.elsewhere(key);
        if self.most > 0 && u64::try_from(before).is_ok_and(|before| before >= self.most) {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        slot.note();
        Some(slot)
    }

    /// How many of `key` are held at other servers.
    fn elsewhere(&self, key: &str) -> i64 {
        let Some(shared) = &self.shared else { return 0 };
        let elsewhere = lock(&shared.elsewhere);
        let held = elsewhere.get(key).into_iter().flat_map(HashMap::values);
        held.filter(|held| held.heard.elapsed() < HELD).map(|held| held.count).sum()
    }

    /// Whose count changed since this was last asked, and to what; with `all`, everybody's who holds one.
    pub fn held(&self, all: bool) -> Vec<(String, i64)> {
        let Some(shared) = &self.shared else { return Vec::new() };
        let mut owners = std::mem::take(&mut *lock(&shared.changed));
        if all {
            let holds = |(_, taken): &(_, Arc<AtomicI64>)| taken.load(Ordering::Relaxed) > 0;
            owners.extend(self.taken.iter().filter(holds).map(|(owner, _)| owner.as_str().to_owned()));
        }
        let count = |owner: &str| self.taken.get(owner).map_or(0, |taken| taken.load(Ordering::Relaxed));
        owners.into_iter().map(|owner| (count(&owner), owner)).map(|(count, owner)| (owner, count)).collect()
    }

    /// What other servers told: which one, whose, and how many.
    pub fn hear(&self, told: Vec<(String, String, i64)>) {
        let Some(shared) = &self.shared else { return };
        let heard = Instant::now();
        let mut elsewhere = lock(&shared.elsewhere);
        for (server, owner, count) in told {
            elsewhere.entry(owner).or_default().insert(server, Held { count, heard });
        }
        elsewhere.retain(|_, servers| {
            servers.retain(|_, held| held.count > 0 && held.heard.elapsed() < HELD);
            !servers.is_empty()
        });
    }

    /// How often none was free.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl OneSlot {
    /// Others are to hear of it.
    fn note(&self) {
        if let Some((shared, owner)) = &self.told {
            lock(&shared.changed).insert(owner.clone());
        }
    }
}

impl Drop for OneSlot {
    fn drop(&mut self) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
        self.note();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_given_back() {
        let slots = Slots::new(2, false);
        let (one, two) = (slots.take("a"), slots.take("a"));
        assert!(one.is_some() && two.is_some() && slots.take("a").is_none() && slots.take("b").is_some());
        drop(one);
        assert!(slots.take("a").is_some());
        assert_eq!(slots.refused(), 1);
    }

    #[test]
    fn what_one_server_holds_the_other_has_not() {
        let (here, there) = (Slots::new(3, true), Slots::new(3, true));
        let tells = |all| {
            let told = here.held(all);
            let rows = told.iter().map(|(owner, count)| ("here".to_owned(), owner.clone(), *count)).collect();
            there.hear(rows);
            told
        };
        let both = (here.take("a"), here.take("a"));
        assert_eq!(tells(false), [("a".to_owned(), 2)]);
        assert!(tells(false).is_empty(), "nothing changed");
        assert_eq!(tells(true), [("a".to_owned(), 2)], "told anew, so that it goes on counting");
        let last = there.take("a");
        assert!(last.is_some() && there.take("a").is_none() && there.take("b").is_some());
        drop(both);
        assert_eq!(tells(false), [("a".to_owned(), 0)]);
        assert!(there.take("a").is_some(), "given back there, free here");
    }
}
