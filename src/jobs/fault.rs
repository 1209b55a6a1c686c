//! Places at which a debug build can be made to end at once, as by a kill: before and after each
//! commit and each call of a delivery. `RAPPORT_FAULT=PLACE` ends it the first time it comes there,
//! `RAPPORT_FAULT=PLACE:3` the third time; `RAPPORT_FREEZE` stops it there instead, until somebody
//! continues it. `RAPPORT_PANIC=NAME` lets a job of leased work panic, by the name that log lines call it.
//! Never in a release: there the places are empty.

#[cfg(debug_assertions)]
use std::sync::OnceLock;
#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicU32, Ordering};

/// The places, in the order a delivery comes by them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// Claimed, not committed.
    ClaimWritten,
    /// Claimed and committed.
    ClaimCommitted,
    /// The attempt is written, not committed.
    StartWritten,
    /// The attempt is committed; no byte has left.
    StartCommitted,
    /// The platform answered; nothing is written of it.
    CallAnswered,
    /// The result is written, not committed.
    SettleWritten,
    /// The result is committed.
    SettleCommitted,
}

#[cfg(debug_assertions)]
impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::ClaimWritten => "claim-written",
            Self::ClaimCommitted => "claim-committed",
            Self::StartWritten => "start-written",
            Self::StartCommitted => "start-committed",
            Self::CallAnswered => "call-answered",
            Self::SettleWritten => "settle-written",
            Self::SettleCommitted => "settle-committed",
        }
    }
}

/// Ends the process here if that was asked for.
#[cfg(debug_assertions)]
pub(crate) fn point(place: Place) {
    static END: OnceLock<Option<Plan>> = OnceLock::new();
    static FREEZE: OnceLock<Option<Plan>> = OnceLock::new();
    if is_now(END.get_or_init(|| plan("RAPPORT_FAULT")).as_ref(), place.name()) {
        log::warn!("ending at {}, as RAPPORT_FAULT asks", place.name());
        std::process::abort();
    }
    if is_now(FREEZE.get_or_init(|| plan("RAPPORT_FREEZE")).as_ref(), place.name()) {
        log::warn!("freezing at {}, as RAPPORT_FREEZE asks", place.name());
        let stop = format!("kill -STOP {}", std::process::id());
        // Without a shell it does not freeze, and the test that asked for it says so.
        let _ = std::process::Command::new("/bin/sh").args(["-c", &stop]).status();
    }
}

/// Panics in a job of this kind if that was asked for.
#[cfg(debug_assertions)]
pub(crate) fn panic_in(jobs: &str) {
    static PANIC: OnceLock<Option<Plan>> = OnceLock::new();
    let is_asked = is_now(PANIC.get_or_init(|| plan("RAPPORT_PANIC")).as_ref(), jobs);
    assert!(!is_asked, "in one of the {jobs}, as RAPPORT_PANIC asks");
}

/// Where, and how many times it is still passed.
#[cfg(debug_assertions)]
type Plan = (String, AtomicU32);

#[cfg(debug_assertions)]
fn plan(variable: &str) -> Option<Plan> {
    let asked = std::env::var(variable).ok()?;
    let (place, times) = asked.split_once(':').unwrap_or((&asked, "1"));
    Some((place.to_owned(), AtomicU32::new(times.parse().unwrap_or(1))))
}

#[cfg(debug_assertions)]
fn is_now(plan: Option<&Plan>, place: &str) -> bool {
    plan.is_some_and(|(asked, left)| asked == place && left.fetch_sub(1, Ordering::SeqCst) == 1)
}

/// Nothing: a release has no such places.
#[cfg(not(debug_assertions))]
pub(crate) fn point(_: Place) {}

/// Nothing, either.
#[cfg(not(debug_assertions))]
pub(crate) fn panic_in(_: &str) {}
