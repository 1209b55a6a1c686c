//! What agents and admins cause, as commands to the ledger. Never HTTP, never a platform's format.

pub mod channels;
pub mod people;

#[cfg(test)]
mod tests;
