//! What WhatsApp, Instagram and Messenger share: signature, handshake, envelope, errors of Graph.
//! Never the content of one platform's messages.

pub(super) mod connect;
pub(super) mod envelope;
pub(super) mod errors;
pub(super) mod graph;
pub mod handshake;
pub(super) mod messaging;
pub(super) mod past;
pub(super) mod profile;
pub(super) mod send;
pub mod signature;
pub(super) mod token;
mod webhook;

pub(super) use webhook::{MAKES, NEEDS, PROOF, signed_by};
