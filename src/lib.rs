//! Rapport: a shared inbox and chat server in which every message is stored, shown and sent
//! exactly once. The modules stand in reading order, from plain values up to HTTP; each uses only
//! those above it. `ARCHITECTURE.md` draws the map.

pub mod channels;
pub mod chat;
pub mod domain;
pub mod store;
