//! `X-Telegram-Bot-Api-Secret-Token`: all that proves that a webhook comes from Telegram.
//! Never looks into the body.

use subtle::ConstantTimeEq;

/// Whether the header carries the channel's secret; a channel without a secret takes nothing.
pub fn verify(header: Option<&str>, secret: &str) -> bool {
    header.is_some_and(|header| !secret.is_empty() && bool::from(header.as_bytes().ct_eq(secret.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::verify;

    #[test]
    fn only_the_secret_itself_fits() {
        assert!(verify(Some("pier_01"), "pier_01"));
        assert!(!verify(Some("pier_0"), "pier_01"));
        assert!(!verify(Some(""), ""));
        assert!(!verify(None, "pier_01"));
    }
}
