//! What agents and admins cause, as commands to the ledger. Never HTTP, never a platform's format.

pub mod access;
pub mod care;
pub mod channels;
pub mod direct;
pub mod files;
pub mod people;
pub mod reply;
pub mod settings;

#[cfg(test)]
mod tests;
