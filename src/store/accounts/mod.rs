//! Who works here and with what: users, their sign-ins and tokens, channels, settings, the audit log.

pub(crate) mod audit;
pub(crate) mod audit_names;
pub(crate) mod budgets;
pub(crate) mod channels;
pub(crate) mod login_sessions;
pub(crate) mod roles;
pub(crate) mod settings;
pub(crate) mod teams;
pub(crate) mod tokens;
pub mod users;
