//! How a platform calls us: at which address, and what proves that it is the platform. Never what it says.

use crate::domain::{ChannelId, ChannelKind};
use std::fmt;

/// At which address a platform calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `/webhooks/{kind}`, one for all channels of the kind: each call names its accounts itself.
    OfKind,
    /// `/webhooks/{kind}/{channel_id}`, one a channel.
    OfChannel,
}

/// How a platform calls us.
pub struct Webhook {
    /// At which address.
    pub endpoint: Endpoint,
    /// Whether the platform first asks whether the address is ours (`hub.challenge`, answered by
    /// `verify_token`).
    pub has_handshake: bool,
    /// Whether we tell the platform the address ourselves; else an admin enters it there.
    pub is_set_by_us: bool,
    /// The fields that an admin subscribes to at the platform; none: there is nothing to choose.
    pub subscribes_to: &'static [&'static str],
    /// The header that holds the proof, in small letters.
    pub header: &'static str,
    /// The credentials that may prove a call.
    pub secrets: &'static [&'static str],
    /// Whether the header's value could be a proof at all: what could not is refused before its body is read.
    pub is_proof: fn(&str) -> bool,
    /// Whether the header's value proves the body by this secret; in constant time.
    pub fits: fn(Option<&str>, &[u8], &str) -> bool,
    /// How the proof is called in the description of the API, and what it is.
    pub scheme: (&'static str, &'static str),
}

impl Webhook {
    /// The path of the address that the platform of a channel calls.
    pub fn path(&self, kind: ChannelKind, id: ChannelId) -> String {
        match self.endpoint {
            Endpoint::OfKind => format!("/webhooks/{kind}"),
            Endpoint::OfChannel => format!("/webhooks/{kind}/{id}"),
        }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("endpoint", &self.endpoint)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
