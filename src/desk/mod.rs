//! What agents and admins cause, as commands to the ledger. Never HTTP, never a platform's format.

pub(crate) mod access;
pub(crate) mod bulk;
pub(crate) mod bulk_run;
pub(crate) mod canned;
pub(crate) mod channels;
pub(crate) mod consents;
pub(crate) mod customers;
pub(crate) mod direct;
pub(crate) mod edit_message;
pub(crate) mod enclosed;
pub(crate) mod files;
pub(crate) mod labels;
pub mod lists;
pub(crate) mod look_unread;
pub mod maintenance;
pub(crate) mod mark_read;
pub(crate) mod membership_offers;
mod mention;
pub(crate) mod note_deed;
pub(crate) mod rate_reply;
pub(crate) mod react;
pub(crate) mod remember_days;
pub(crate) mod reminders;
pub mod reply;
pub(crate) mod restore;
pub(crate) mod retry;
pub(crate) mod roles;
pub(crate) mod settings;
pub(crate) mod share_budgets;
mod signature;
pub(crate) mod snooze;
mod spam;
pub(crate) mod teams;
pub(crate) mod template_sync;
pub(crate) mod templates;
pub(crate) mod unread;
pub(crate) mod update_conversation;
pub mod users;
pub(crate) mod views;
pub(crate) mod workspaces;

#[cfg(test)]
mod tests;
