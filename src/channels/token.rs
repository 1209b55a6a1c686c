//! A channel's token that was made to live longer. Never printed.

use crate::domain::Timestamp;
use secrecy::SecretString;

/// A token in the place of the one before.
#[derive(Debug)]
pub struct RenewedToken {
    /// It.
    pub token: SecretString,
    /// When it ends.
    pub expires_at: Timestamp,
}
