//! Who works here and with what: users, their sign-ins and tokens, channels, settings, the audit log.

pub mod audit;
pub mod budgets;
pub mod channels;
pub mod login_sessions;
pub mod settings;
pub mod tokens;
pub mod users;
