//! Rapport: a shared inbox and chat server in which every message is stored, shown and sent
//! exactly once. The modules stand in reading order, from plain values up to HTTP; each uses only
//! those above it. `ARCHITECTURE.md` draws the map.

pub mod api;
pub mod app;
pub mod auth;
pub mod channels;
pub mod chat;
pub mod config;
pub mod desk;
pub mod domain;
pub mod ingest;
pub mod outbox;
pub mod server;
pub mod store;
