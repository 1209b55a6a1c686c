//! Passwords: hashed slowly, off the threads that serve, never more at once than there are cores.
//! Never stored, never logged.

use super::token::random;
use crate::config::SHORTEST_PASSWORD;
use crate::domain::Refusal;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::thread::available_parallelism;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

/// OWASP's first choice that fits small machines: argon2id with 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// From 32 MiB on glibc hands an allocation back to the system when it is freed; below, each
/// thread that ever hashed would keep its 19 MiB (seen: 470 MB resident after 30 sign-ins). Only
/// what is used of it becomes resident.
const RESERVED_KIB: usize = 33 * 1024;
/// Longer ones only cost time to hash.
const MAX_BYTES: usize = 1024;

/// Hashes and verifies; cloned freely.
#[derive(Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    /// What unknown users are verified against, so that they take as long as known ones.
    nobody: Arc<str>,
}

impl Hasher {
    /// As many at once as there are cores.
    pub fn new() -> Self {
        let cores = available_parallelism().map_or(1, std::num::NonZero::get);
        Self { turns: Arc::new(Semaphore::new(cores)), nobody: hash(&random::<32>()).into() }
    }

    /// The hash to store.
    pub async fn hash(&self, password: SecretString) -> String {
        self.off_thread(move |_| hash(password.expose_secret().as_bytes())).await
    }

    /// Whether `password` belongs to `stored`; no stored hash takes as long and says no.
    pub async fn verify(&self, password: SecretString, stored: Option<String>) -> bool {
        self.off_thread(move |nobody| {
            let is_known = stored.is_some();
            fits(password.expose_secret().as_bytes(), stored.as_deref().unwrap_or(nobody)) && is_known
        })
        .await
    }

    async fn off_thread<R: Send + 'static>(&self, work: impl FnOnce(&str) -> R + Send + 'static) -> R {
        let turn = self.turns.clone().acquire_owned().await.expect("the semaphore is never closed");
        let nobody = self.nobody.clone();
        let done = tokio::task::spawn_blocking(move || {
            // Given back when the work is done, even if the asker has gone away.
            let _turn = turn;
            work(&nobody)
        });
        done.await.expect("hashing does not panic, and its runtime outlives its callers")
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

fn hash(password: &[u8]) -> String {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("constants that argon2 accepts");
    let salt = random::<16>();
    let mut output = [0_u8; Params::DEFAULT_OUTPUT_LEN];
    let parts = derive(&params, password, &salt, &mut output).and_then(|()| {
        Some((ParamsString::try_from(&params).ok()?, Salt::new(&salt).ok()?, Output::new(&output).ok()?))
    });
    let (params, salt, hash) = parts.expect("constants, a salt of 16 bytes and a password of bounded length");
    let (algorithm, version) = (Algorithm::Argon2id.ident(), Some(Version::V0x13.into()));
    PasswordHash { algorithm, version, params, salt: Some(salt), hash: Some(hash) }.to_string()
}

/// Whether `password` has the hash `stored`, whatever its parameters were.
fn fits(password: &[u8], stored: &str) -> bool {
    let Ok(stored) = PasswordHash::new(stored) else { return false };
    let (Ok(params), Some(salt), Some(hash)) = (Params::try_from(&stored), &stored.salt, &stored.hash) else {
        return false;
    };
    let mut output = vec![0_u8; hash.as_bytes().len()];
    stored.algorithm == Algorithm::Argon2id.ident()
        && derive(&params, password, salt, &mut output).is_some()
        && bool::from(output.ct_eq(hash.as_bytes()))
}

fn derive(params: &Params, password: &[u8], salt: &[u8], output: &mut [u8]) -> Option<()> {
    let blocks = params.block_count();
    let mut memory = Vec::with_capacity(blocks.max(RESERVED_KIB * 1024 / size_of::<Block>()));
    memory.resize(blocks, Block::default());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    argon2.hash_password_into_with_memory(password, salt, output, memory.as_mut_slice()).ok()
}

/// A password as people may choose it: 12 characters or more, no blocklist.
pub fn checked(password: SecretString) -> Result<SecretString, Refusal> {
    let text = password.expose_secret();
    if text.chars().count() < SHORTEST_PASSWORD {
        return Err(Refusal::invalid(
            "password_too_short",
            format!("A password must be at least {SHORTEST_PASSWORD} characters."),
        ));
    }
    if text.len() > MAX_BYTES {
        return Err(Refusal::invalid(
            "password_too_long",
            format!("A password can be at most {MAX_BYTES} bytes."),
        ));
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
