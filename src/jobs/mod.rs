//! Work that is done in the background under a lease: calls to programs outside, answers of models,
//! recordings, files, steps of flows. Each of them says what is due, what to do and how its result is
//! written ([`LeasedJobs`]); one loop does the rest, and all are drained together ([`Workers`]). The
//! outbox, which has budgets and proofs of its own, shares the parts: places, attempts, back-off, results
//! that must be stored.
//!
//! ```text
//!  due ──claim──▶ run ──settle──▶ done, failed, or due again after a back-off
//!   ▲              │
//!   └──────────────┘ the lease is over: its process ended, or the job panicked
//! ```

pub(crate) mod attempt;
pub(crate) mod fault;
mod places;
mod runner;
mod stored;
mod workers;

pub use places::{Free, Places};
pub use runner::{Due, LeasedJobs, guarded};
pub use workers::{Workers, keep_up};
