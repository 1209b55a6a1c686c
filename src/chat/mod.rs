//! The actors, and the handles that are all the rest of the server sees of them. Never a rule of
//! the product, never a platform.

pub mod again;
pub mod agent;
pub mod announce;
mod answers;
pub mod arrivals;
pub mod command;
pub mod entries;
pub mod gate;
pub mod guard;
pub mod hints;
pub mod hub;
pub mod inbox;
pub mod join;
pub mod ledger;
pub mod live;
pub mod metrics;
pub mod news;
mod notices;
pub mod owe;
pub mod plain;
mod poll;
pub mod presence;
pub mod registry;
pub mod replies;
pub mod room;
pub mod session;
pub mod settle;
pub mod socket;
mod standing;
pub mod visitor;
mod visitor_wire;
pub mod wire;

pub use command::{AnswerOf, Command, LedgerError, Subject, Tx};
pub use hints::Hints;
pub use ledger::Ledger;
pub use live::Live;

#[cfg(test)]
mod tests;
