//! Rapport.
pub mod domain;
