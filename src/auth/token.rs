//! Random tokens: shown once, kept only as a hash. Never compared as text.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

/// What is stored of a token. A token has 256 random bits, so a plain hash is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The hash of what a client shows.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

/// A new token of 256 random bits, in letters that need no escaping anywhere.
pub fn new_token() -> SecretString {
    SecretString::from(URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// Random bytes from the system.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("a system that runs a server gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn tokens_are_new_each_time_and_fit_a_subprotocol() {
        let (one, other) = (new_token(), new_token());
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert_eq!(one.expose_secret().len(), 43);
        assert!(one.expose_secret().chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
        assert_eq!(TokenHash::of(one.expose_secret()), TokenHash::of(one.expose_secret()));
    }
}
