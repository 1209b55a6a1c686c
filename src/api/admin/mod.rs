//! What is set up and watched: channels, flows, hooks, users, settings, reports, deliveries.

pub(crate) mod audit;
pub(crate) mod channels;
pub(crate) mod deliveries;
pub(crate) mod flows;
pub(crate) mod hooks;
pub(crate) mod membership_offers;
pub(crate) mod quarantine;
pub(crate) mod reports;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod stats;
pub(crate) mod teams;
pub(crate) mod tokens;
pub(crate) mod user_views;
pub(crate) mod users;
pub(crate) mod workspaces;
