//! What agents and admins cause, as commands to the ledger. Never HTTP, never a platform's format.

pub mod access;
pub mod audit;
pub mod budgets;
pub mod care;
pub mod channels;
pub mod customers;
pub mod direct;
pub mod enclosed;
pub mod files;
pub mod labels;
mod mention;
pub mod people;
pub mod react;
pub mod reply;
pub mod restore;
pub mod settings;
pub mod snooze;
mod spam;
pub mod upkeep;

#[cfg(test)]
mod tests;
