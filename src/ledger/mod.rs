//! How rows are changed: a command is given to the ledger, committed with what waits beside it, and told
//! after the commit. Knows no rule of the product: commands bring theirs.

pub(crate) mod batch;
pub(crate) mod command;
pub(crate) mod known;
pub(crate) mod lane;
pub(crate) mod metrics;
pub(crate) mod permitted;
pub(crate) mod unit;

pub use batch::Beside;
pub use command::{Command, LedgerError, Subject, Tx};
pub use known::{Arrival, Needs};
pub use lane::Ledger;
