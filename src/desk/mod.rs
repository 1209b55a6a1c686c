//! What agents and admins cause, as commands to the ledger. Never HTTP, never a platform's format.

pub mod access;
pub mod audit;
pub mod budgets;
pub mod channels;
pub mod customers;
pub mod direct;
pub mod enclosed;
pub mod files;
pub mod labels;
pub mod maintenance;
mod mention;
pub mod react;
pub mod reply;
pub mod restore;
pub mod settings;
pub mod snooze;
mod spam;
pub mod update_conversation;
pub mod users;

#[cfg(test)]
mod tests;
