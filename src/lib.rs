//! Rapport: a shared inbox and chat server in which every message is stored, shown and sent
//! exactly once. `ARCHITECTURE.md` draws the map: imports go only downwards, from `cli` to
//! `domain`.
//!
//! Public is what the program itself, the tests and the benches name, and nothing else: so the compiler says
//! what nobody uses any more.

mod ai;
pub mod api;
pub mod app;
pub mod auth;
pub mod backup;
mod channel_checks;
mod channel_signals;
pub mod channels;
pub mod cli;
pub mod config;
pub mod demo;
pub mod desk;
pub mod domain;
mod flows;
mod hooks;
mod ingest;
mod jobs;
pub mod ledger;
pub mod live;
pub mod media;
mod outbox;
mod sender;
pub mod server;
pub mod session;
pub mod store;
mod thread;
