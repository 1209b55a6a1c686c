//! Who works here and with what: accounts, workspaces, users, their sign-ins and tokens, channels, settings,
//! the audit log.

pub mod account;
pub(crate) mod audit;
pub(crate) mod audit_names;
pub(crate) mod budgets;
pub(crate) mod channel_checks;
pub(crate) mod channel_health;
pub(crate) mod channels;
pub(crate) mod login_sessions;
pub(crate) mod membership_offers;
pub(crate) mod memberships;
pub(crate) mod roles;
pub(crate) mod settings;
pub(crate) mod teams;
pub(crate) mod templates;
pub(crate) mod tokens;
pub mod users;
pub(crate) mod workspaces;
