//! What Meta's three have in common when they are connected: they sign alike, ask alike, and prove a lost
//! answer alike.

use super::signature;
use crate::channels::webhook::{Endpoint, Webhook};
use std::time::Duration;

/// How long after a send an echo or a receipt may still say that it arrived.
pub const PROOF: Duration = Duration::from_mins(2);
/// Without these no call can be made and none is believed.
pub const NEEDS: &[&str] = &["access_token", "app_secret", "verify_token"];
/// What the platform must repeat to us.
pub const MAKES: &str = "verify_token";

/// Calls that are signed by one of these credentials.
pub const fn signed_by(secrets: &'static [&'static str]) -> Webhook {
    Webhook {
        endpoint: Endpoint::OfKind,
        has_handshake: true,
        is_set_by_us: false,
        subscribes_to: &[],
        header: "x-hub-signature-256",
        secrets,
        is_proof: is_digest,
        fits: signature::fits,
        scheme: ("meta_signature", "`sha256=` and the HMAC of the body with the app's secret"),
    }
}

fn is_digest(value: &str) -> bool {
    let hex = value.strip_prefix("sha256=").unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}
