//! What is set up and watched: channels, flows, hooks, users, settings, reports, deliveries.

pub mod audit;
pub mod channels;
pub mod deliveries;
pub mod flows;
pub mod hooks;
pub mod quarantine;
pub mod reports;
pub mod sessions;
pub mod settings;
pub mod stats;
pub mod tokens;
pub mod user_views;
pub mod users;
