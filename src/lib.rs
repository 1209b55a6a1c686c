//! Rapport.
pub mod api;
pub mod domain;
