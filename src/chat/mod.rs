//! The actors, and the handles that are all the rest of the server sees of them. Never a rule of
//! the product, never a platform.

pub mod gate;
pub mod ledger;
pub mod metrics;
pub mod wire;

pub use ledger::{Command, Ledger, LedgerError, Subject, Tx};
