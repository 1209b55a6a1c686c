//! How rows are changed: a command is given to the ledger, committed with what waits beside it, and told
//! after the commit. Knows no rule of the product: commands bring theirs.

pub(crate) mod command;
pub(crate) mod lane;
pub(crate) mod metrics;

pub use command::{AnswerOf, Command, LedgerError, Subject, Tx};
pub use lane::Ledger;
