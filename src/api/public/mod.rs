//! What answers those who have not signed in: platforms, visitors, and whoever is about to sign in.

pub mod login;
pub mod setup;
pub mod sign_ins;
pub mod webhooks;
pub mod widget;
