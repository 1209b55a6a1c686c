//! Rapport: a shared inbox and chat server in which every message is stored, shown and sent
//! exactly once. `ARCHITECTURE.md` draws the map: imports go only downwards, from `server` to
//! `domain`.

pub mod ai;
pub mod api;
pub mod app;
pub mod auth;
pub mod backup;
pub mod channel_signals;
pub mod channels;
pub mod config;
pub mod demo;
pub mod desk;
pub mod domain;
pub mod flows;
pub mod hooks;
pub mod ingest;
pub mod ledger;
pub mod live;
pub mod media;
pub mod outbox;
pub mod sender;
pub mod server;
pub mod session;
pub mod store;
pub mod thread;
