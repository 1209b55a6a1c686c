//! A whole system in one folder (database, files, key, what it is and the sums of it all), taken while it
//! runs, and brought back where there is none. Never writes over anything, never a copy that looks whole and
//! is not.

mod manifest;
mod restore;
mod take;
mod verify;

pub use manifest::Manifest;
pub use restore::{Restored, put_back};
pub use take::take;
pub use verify::look;

use crate::config::WrongSetting;
use crate::ledger::LedgerError;
use crate::store::StoreError;
use secrecy::SecretString;
use std::io;
use std::path::{Path, PathBuf};

/// The key, in the folder or apart.
const KEY: &str = "rapport.key";
/// The files, as in the media folder.
const MEDIA: &str = "media";

/// Where the key goes, or comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// With the rest.
    Inside,
    /// A file of its own.
    Apart(PathBuf),
    /// Nowhere: whoever runs the system keeps it.
    LeftOut,
}

/// One line that says why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoBackup(String);

impl From<StoreError> for NoBackup {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<WrongSetting> for NoBackup {
    fn from(error: WrongSetting) -> Self {
        Self(error.to_string())
    }
}

impl From<LedgerError> for NoBackup {
    fn from(error: LedgerError) -> Self {
        Self(error.to_string())
    }
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> NoBackup {
    NoBackup(format!("cannot {what} {}: {error}", path.display()))
}

fn key_in(path: &Path) -> Result<SecretString, NoBackup> {
    let text = std::fs::read_to_string(path).map_err(|error| cannot("read the key", path, &error))?;
    Ok(SecretString::from(text.trim()))
}
