//! What WhatsApp, Instagram and Messenger share: signature, handshake, envelope, errors of Graph.
//! Never the content of one platform's messages.

pub(super) mod envelope;
pub(super) mod errors;
pub mod handshake;
pub(super) mod messaging;
pub(super) mod send;
pub mod signature;
