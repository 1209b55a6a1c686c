//! How much of one kind of work runs at one time, for each receiver: who is slow uses up their own places and
//! nobody else's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;
use tokio::sync::Notify;

/// How many places are free for each receiver.
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

/// The places of one kind of work in this process, as many for each receiver.
#[derive(Debug)]
pub struct Places<K>(Rc<Shared<K>>);

#[derive(Debug)]
struct Shared<K> {
    free: RefCell<Free<K>>,
    /// Rung when a place is free again.
    freed: Notify,
}

impl<K: Copy + Eq + Hash> Places<K> {
    /// So many for each.
    pub fn new(each: i64) -> Self {
        let free = RefCell::new(Free { each, taken: HashMap::new() });
        Self(Rc::new(Shared { free, freed: Notify::new() }))
    }

    /// What is free now.
    pub fn free(&self) -> Free<K> {
        self.0.free.borrow().clone()
    }

    /// A place is somebody's, until it is dropped.
    pub fn take(&self, key: K) -> Place<K> {
        *self.0.free.borrow_mut().taken.entry(key).or_insert(0) += 1;
        Place { places: Self(self.0.clone()), key }
    }

    /// Waits until a place is free again; at once, if one became so since the last time. One may wait.
    pub(super) async fn freed(&self) {
        self.0.freed.notified().await;
    }

    /// Waits until all places are free.
    pub(super) async fn all_free(&self) {
        while !self.0.free.borrow().taken.is_empty() {
            self.freed().await;
        }
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
        let shared = &self.places.0;
        let mut free = shared.free.borrow_mut();
        if let Some(taken) = free.taken.get_mut(&self.key) {
            *taken -= 1;
            if *taken == 0 {
                free.taken.remove(&self.key);
            }
        }
        shared.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
