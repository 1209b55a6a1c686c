//! Rapport.
pub mod api;
