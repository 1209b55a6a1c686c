//! Seals what must be read back (channel credentials) and signs what comes back from outside
//! (visitors' tokens). One key a purpose, all of them from the server's secret. Never keeps a plain text.

use super::token::random;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The first byte of what is sealed: how.
const XCHACHA20_POLY1305: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 32;

/// Why something could not be opened; deliberately no more than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was sealed with another key, or is damaged")]
pub struct VaultError;

/// What something is sealed for; nothing else opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// What a channel takes to speak for it.
    ChannelCredentials,
    /// What signs the events a program outside is told.
    HookSecret,
    /// The token in a flow's address.
    FlowHook,
}

impl Purpose {
    /// All of them: what a change of the key seals anew.
    pub const ALL: [Self; 3] = [Self::ChannelCredentials, Self::HookSecret, Self::FlowHook];

    /// Part of what is authenticated: never changed.
    fn label(self) -> &'static str {
        match self {
            Self::ChannelCredentials => "channel credentials",
            Self::HookSecret => "hook secret",
            Self::FlowHook => "flow hook",
        }
    }
}

/// The server's secret at work; cloned freely.
#[derive(Clone)]
pub struct Vault(Arc<SecretBox<[u8; 32]>>);

impl Vault {
    /// From `RAPPORT_SECRET_KEY`: a text of any length, hashed to the key.
    pub fn new(secret: &SecretString) -> Self {
        let mut hash = Sha256::new_with_prefix(b"rapport secret key\0");
        hash.update(secret.expose_secret().as_bytes());
        Self(Arc::new(SecretBox::new(Box::new(hash.finalize().into()))))
    }

    /// Encrypts and authenticates; only the same `purpose` opens it.
    pub fn seal(&self, purpose: Purpose, plain: &[u8]) -> Vec<u8> {
        let nonce = random::<NONCE>();
        let sealed = self
            .cipher(purpose)
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: purpose.label().as_bytes() })
            .expect("memory holds the text already, and no text is 256 GB long");
        [&[XCHACHA20_POLY1305], nonce.as_slice(), &sealed].concat()
    }

    /// What was sealed for this purpose.
    pub fn open(&self, purpose: Purpose, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (&[XCHACHA20_POLY1305], rest) = sealed.split_first_chunk::<1>().ok_or(VaultError)? else {
            return Err(VaultError);
        };
        let (nonce, cipher_text) = rest.split_first_chunk::<NONCE>().ok_or(VaultError)?;
        self.cipher(purpose)
            .decrypt(&XNonce::from(*nonce), Payload { msg: cipher_text, aad: purpose.label().as_bytes() })
            .map_err(|_| VaultError)
    }

    /// A token that says `payload` to whoever reads it, and that only this server can have made.
    pub fn sign(&self, purpose: &str, payload: &[u8]) -> String {
        let tag = self.mac(&format!("sign {purpose}"), payload).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([tag.as_slice(), payload].concat())
    }

    /// The payload of a token signed for this purpose; compared in constant time.
    pub fn verify(&self, purpose: &str, token: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (tag, payload) = bytes.split_first_chunk::<TAG>()?;
        self.mac(&format!("sign {purpose}"), payload).verify_slice(tag).ok()?;
        Some(payload.to_vec())
    }

    fn cipher(&self, purpose: Purpose) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&derive(self.0.expose_secret(), &format!("seal {}", purpose.label())).into())
    }

    fn mac(&self, label: &str, payload: &[u8]) -> Hmac<Sha256> {
        hmac(&derive(self.0.expose_secret(), label)).chain_update(payload)
    }
}

/// One key a label (HKDF's expansion, RFC 5869 section 2.3, for one block).
fn derive(key: &[u8; 32], label: &str) -> [u8; 32] {
    hmac(key).chain_update(label.as_bytes()).chain_update([1]).finalize().into_bytes().into()
}

fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(secret: &str) -> Vault {
        Vault::new(&SecretString::from(secret))
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_and_purpose_only() {
        let sealed = vault("one").seal(Purpose::ChannelCredentials, b"the token");
        assert_eq!(vault("one").open(Purpose::ChannelCredentials, &sealed).expect("opens"), b"the token");
        assert_eq!(vault("two").open(Purpose::ChannelCredentials, &sealed), Err(VaultError));
        assert_eq!(vault("one").open(Purpose::HookSecret, &sealed), Err(VaultError));
        assert!(!sealed.windows(5).any(|part| part == b"token"));
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert_eq!(
                vault("one").open(Purpose::ChannelCredentials, &damaged),
                Err(VaultError),
                "byte {at}"
            );
            assert_eq!(
                vault("one").open(Purpose::ChannelCredentials, &sealed[..at]),
                Err(VaultError),
                "cut at {at}"
            );
        }
    }

    #[test]
    fn the_same_text_is_sealed_differently_each_time() {
        let vault = vault("one");
        assert_ne!(vault.seal(Purpose::FlowHook, b"same"), vault.seal(Purpose::FlowHook, b"same"));
    }

    #[test]
    fn a_signed_token_cannot_be_made_or_moved() {
        let token = vault("one").sign("visitor", b"42");
        assert_eq!(vault("one").verify("visitor", &token).as_deref(), Some(b"42".as_slice()));
        assert_eq!(vault("two").verify("visitor", &token), None);
        assert_eq!(vault("one").verify("other", &token), None);
        assert_eq!(vault("one").verify("visitor", ""), None);
        assert_eq!(vault("one").verify("visitor", &format!("{token}AA")), None);
        assert_eq!(vault("one").verify("visitor", "no base64!"), None);
    }
}
