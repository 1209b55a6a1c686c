//! The actors, and the handles that are all the rest of the server sees of them. Never a rule of
//! the product, never a platform.

pub mod ledger;

pub use ledger::{Command, Ledger, LedgerError, Subject, Tx};
