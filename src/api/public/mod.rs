//! What answers those who have not signed in: platforms, visitors, and whoever is about to sign in.

pub(crate) mod login;
pub(crate) mod setup;
pub(crate) mod sign_ins;
pub(crate) mod webhooks;
pub(crate) mod widget;
