//! The server's secret: what seals credentials at rest and signs tokens. Never printed, never in
//! the database it protects.

use super::{Database, WrongSetting, secret_text};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Shortest key, in characters: a rule of the contract.
const SHORTEST: usize = 32;

/// The key of sealed credentials and signed tokens.
#[derive(Debug, Clone, clap::Args)]
pub struct Secret {
    /// Key that encrypts credentials and signs tokens, at least 32 characters
    /// [default: created beside the embedded database; required with PostgreSQL]
    #[arg(
        long = "secret-key",
        env = "RAPPORT_SECRET_KEY",
        hide_env_values = true,
        value_name = "TEXT",
        value_parser = secret_text,
        global = true
    )]
    secret_key: Option<SecretString>,
}

impl Secret {
    pub(super) fn check(&self, is_postgres: bool) -> Result<(), WrongSetting> {
        match self.named() {
            Some(key) if is_placeholder(key) => Err(WrongSetting(
                "RAPPORT_SECRET_KEY is a placeholder from an example: make one of your own".into(),
            )),
            Some(key) => long_enough(key, "RAPPORT_SECRET_KEY"),
            None if is_postgres => Err(WrongSetting(format!(
                "RAPPORT_SECRET_KEY is needed with PostgreSQL: any text of {SHORTEST} characters or more"
            ))),
            None => Ok(()),
        }
    }

    /// The key there is: the one that is set, or the one beside the embedded database. None: there is none
    /// yet.
    pub fn kept(&self, database: &Database) -> Result<Option<SecretString>, WrongSetting> {
        if let Some(key) = self.named() {
            return Ok(Some(key.clone()));
        }
        let path = key_file(database)?;
        match read(&path) {
            Ok(key) => long_enough(&key, &path.display().to_string()).map(|()| Some(key)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(cannot(&path, &error)),
        }
    }

    /// A new key beside the embedded database; the one there is, if another process was faster. Only for a
    /// database that holds nothing sealed: nothing opens that without the key it was sealed with.
    pub fn make(&self, database: &Database) -> Result<SecretString, WrongSetting> {
        let path = key_file(database)?;
        read_or_make(&path).map_err(|error| cannot(&path, &error))
    }

    /// Puts a key beside the embedded database; never over another one. Where the settings name the key it is
    /// only compared. False: there is no place for it, the settings must name it.
    pub fn put(&self, database: &Database, key: &SecretString) -> Result<bool, WrongSetting> {
        self.refuse_another(database, key)?;
        if self.named().is_some() {
            return Ok(true);
        }
        let Ok(path) = key_file(database) else { return Ok(false) };
        if !path.exists() {
            write(&path, key.expose_secret()).map_err(|error| cannot(&path, &error))?;
        }
        Ok(true)
    }

    /// Refuses to go on where there is a key that is another one.
    pub fn refuse_another(&self, database: &Database, key: &SecretString) -> Result<(), WrongSetting> {
        let is_there = self.named().is_some() || key_file(database).is_ok_and(|path| path.exists());
        if is_there && self.kept(database)?.is_some_and(|kept| kept.expose_secret() != key.expose_secret()) {
            return Err(WrongSetting(format!(
                "{} is there and is another key than the backup's: take it away first (`rapport rekey` \
                    exchanges the \
                 key afterwards)",
                self.place(database)
            )));
        }
        Ok(())
    }

    /// Takes away a key that was made for nothing.
    pub fn unmake(&self, database: &Database) -> Result<(), WrongSetting> {
        let path = key_file(database)?;
        fs::remove_file(&path).map_err(|error| cannot(&path, &error))
    }

    /// Where the key is looked for, for people.
    pub fn place(&self, database: &Database) -> String {
        let file = key_file(database).ok().filter(|_| self.named().is_none());
        file.map_or_else(
            || "RAPPORT_SECRET_KEY".to_owned(),
            |path| format!("the key file {}", path.display()),
        )
    }

    fn named(&self) -> Option<&SecretString> {
        self.secret_key.as_ref().filter(|key| !key.expose_secret().is_empty())
    }
}

/// What examples write where a key belongs; whoever copies one has a key that everybody knows.
fn is_placeholder(key: &SecretString) -> bool {
    let bare: String = key
        .expose_secret()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    ["changeme", "replaceme", "yoursecretkey"].iter().any(|word| bare.contains(word))
}

fn long_enough(key: &SecretString, name: &str) -> Result<(), WrongSetting> {
    if key.expose_secret().chars().count() < SHORTEST {
        return Err(WrongSetting(format!("{name} must be at least {SHORTEST} characters")));
    }
    Ok(())
}

fn key_file(database: &Database) -> Result<PathBuf, WrongSetting> {
    let path = database.sqlite_path().ok_or_else(|| WrongSetting("RAPPORT_SECRET_KEY is needed".into()))?;
    Ok(path.with_extension("key"))
}

fn cannot(path: &Path, error: &io::Error) -> WrongSetting {
    WrongSetting(format!("the key file {}: {error}", path.display()))
}

fn read_or_make(path: &Path) -> io::Result<SecretString> {
    match read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path),
        outcome => outcome,
    }
}

fn read(path: &Path) -> io::Result<SecretString> {
    let key = SecretString::from(fs::read_to_string(path)?.trim());
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        log::warn!("{} can be read by others: chmod 600 it", path.display());
    }
    Ok(key)
}

/// Whole or not at all: written beside it and linked into place, so that two processes that start
/// together end with the same key.
fn make(path: &Path) -> io::Result<SecretString> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    write(path, &URL_SAFE_NO_PAD.encode(bytes))?;
    read(path)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_for_its_owner() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/rapport.key");
        let first = read_or_make(&path).expect("made");
        let again = read_or_make(&path).expect("read");
        assert_eq!(first.expose_secret(), again.expose_secret());
        assert!(first.expose_secret().len() >= SHORTEST);
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("there").count(), 1);
    }
}
