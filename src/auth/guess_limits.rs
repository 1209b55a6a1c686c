//! How many wrong passwords are taken, for how long they count, and who guesses: what one server goes by, and
//! all together.

use crate::domain::Timestamp;
use std::time::Duration;

pub(super) const MINUTE: Duration = Duration::from_mins(1);
/// How long wrong guesses are held against a pair and a place.
pub(super) const HELD: Duration = Duration::from_mins(10);
/// How long they slow a name down, after the last one.
pub(super) const SLOWED: Duration = Duration::from_hours(1);
/// Wrong guesses at a name that cost nobody any time: more than people need who mistype.
pub(super) const FREE: u32 = 10;
/// Names, pairs and places remembered. More than the total lets anybody touch in an hour, so that guessing at
/// many names forgets none.
pub(super) const REMEMBERED: u64 = 50_000;

/// How many wrong guesses are taken.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// At one name from one place, in ten minutes.
    pub pair: u32,
    /// From one place at any names, in ten minutes: many people may sit behind one address.
    pub place: u32,
    /// From everywhere, in a minute.
    pub altogether: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pair: 10, place: 100, altogether: 300 }
    }
}

/// Who guesses.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The name, known or not.
    pub name: &'a str,
    /// Where the guess comes from: an address, or a sign-in.
    pub place: &'a str,
    /// The device, if this name was signed in from it before.
    pub device: Option<&'a str>,
    /// Until when whoever runs the server forgave wrong guesses at this name.
    pub forgiven: Option<Timestamp>,
}
