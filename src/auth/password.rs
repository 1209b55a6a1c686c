//! Passwords: hashed slowly, off the threads that serve, never more at once than there are cores.
//! Never stored, never logged.

use super::token::random;
use crate::config::SHORTEST_PASSWORD;
use crate::domain::Refusal;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::thread::available_parallelism;
use tokio::sync::Semaphore;

/// OWASP's first choice that fits small machines: argon2id with 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Longer ones only cost time to hash.
const LONGEST: usize = 1024;

/// Hashes and verifies; cloned freely.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// What unknown users are verified against, so that they take as long as known ones.
    nobody: Arc<str>,
}

impl Hasher {
    /// As many at once as there are cores.
    pub fn new() -> Self {
        let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("constants that argon2 accepts");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, &random::<32>());
        let cores = available_parallelism().map_or(1, std::num::NonZero::get);
        Self { argon2, turns: Arc::new(Semaphore::new(cores)), nobody: nobody.into() }
    }

    /// The hash to store.
    pub async fn hash(&self, password: SecretString) -> String {
        self.off_thread(move |argon2, _| hash(argon2, password.expose_secret().as_bytes())).await
    }

    /// Whether `password` belongs to `stored`; no stored hash takes as long and says no.
    pub async fn verify(&self, password: SecretString, stored: Option<String>) -> bool {
        self.off_thread(move |argon2, nobody| {
            let known = stored.is_some();
            let stored = stored.as_deref().unwrap_or(nobody);
            let fits = PasswordHash::new(stored)
                .is_ok_and(|hash| argon2.verify_password(password.expose_secret().as_bytes(), &hash).is_ok());
            fits && known
        })
        .await
    }

    async fn off_thread<R: Send + 'static>(&self, work: impl FnOnce(&Argon2<'static>, &str) -> R + Send + 'static) -> R {
        let turn = self.turns.clone().acquire_owned().await.expect("the semaphore is never closed");
        let (argon2, nobody) = (self.argon2.clone(), self.nobody.clone());
        let done = tokio::task::spawn_blocking(move || {
            // Given back when the work is done, even if the asker has gone away.
            let _turn = turn;
            work(&argon2, &nobody)
        });
        done.await.expect("hashing does not panic, and its runtime outlives its callers")
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

fn hash(argon2: &Argon2<'static>, password: &[u8]) -> String {
    let hash: PasswordHash =
        argon2.hash_password_with_salt(password, &random::<16>()).expect("a salt of 16 bytes and a password of bounded length");
    hash.to_string()
}

/// A password as people may choose it: 12 characters or more, no blocklist.
pub fn checked(password: SecretString) -> Result<SecretString, Refusal> {
    let text = password.expose_secret();
    if text.chars().count() < SHORTEST_PASSWORD {
        return Err(Refusal::invalid("password_too_short", format!("A password has {SHORTEST_PASSWORD} characters or more.")));
    }
    if text.len() > LONGEST {
        return Err(Refusal::invalid("password_too_long", format!("A password has {LONGEST} bytes at most.")));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hasher = Hasher::new();
        let stored = hasher.hash("correct horse battery".into()).await;
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(hasher.verify("correct horse battery".into(), Some(stored.clone())).await);
        assert!(!hasher.verify("correct horse batterx".into(), Some(stored)).await);
        assert!(!hasher.verify("anything".into(), None).await);
        assert!(!hasher.verify("anything".into(), Some("no hash".into())).await);
    }

    #[test]
    fn twelve_characters_are_enough_whatever_they_are() {
        assert!(checked("ééééééééééé".into()).is_err());
        assert!(checked("éééééééééééé".into()).is_ok());
        assert!(checked("password1234".into()).is_ok());
        assert!(checked("x".repeat(1025).into()).is_err());
    }
}
