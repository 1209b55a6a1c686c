//! How a database is opened: whether one may be made, and whether this process must be the only one that
//! serves from an embedded one. Never a query.

use super::error::StoreError;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// What a command may do to the database it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// Makes one where there is none.
    pub may_make: bool,
    /// Refuses an embedded one that another process serves from, and keeps others out for as long as it is
    /// open.
    pub is_alone: bool,
}

impl Opening {
    /// A server's: a new one is made, and nobody else serves from it.
    pub const SERVE: Self = Self { may_make: true, is_alone: true };
    /// A new one is made; a server may run beside.
    pub const MAKE: Self = Self { may_make: true, is_alone: false };
    /// It must be there; a server may run beside.
    pub const BESIDE: Self = Self { may_make: false, is_alone: false };
    /// It must be there, and no server may run.
    pub const STOPPED: Self = Self { may_make: false, is_alone: true };
}

/// Holds an embedded database for this process alone, until it is dropped or the process ends, however it
/// ends.
#[derive(Debug)]
pub(crate) struct Hold {
    _file: File,
}

impl Hold {
    /// Takes it: a lock on the file `PATH.lock`, which stays and says who held it last.
    pub(crate) fn take(database: &str) -> Result<Self, StoreError> {
        let path = format!("{database}.lock");
        let cannot = |error: std::io::Error| StoreError::Unavailable(format!("cannot lock {path}: {error}"));
        let mut options = File::options();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(database, &mut file)),
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
        file.set_len(0).and_then(|()| file.write_all(ourselves().as_bytes())).map_err(cannot)?;
        Ok(Self { _file: file })
    }
}

fn in_use(database: &str, file: &mut File) -> StoreError {
    let mut holder = String::new();
    // What cannot be read is only not named.
    let is_named = file.rewind().and_then(|()| file.read_to_string(&mut holder)).is_ok();
    let holder = if is_named && !holder.trim().is_empty() { holder.trim() } else { "another process" };
    StoreError::Unfit(format!(
        "the database {database} is in use by {holder}: stop it first; one SQLite file has one server \
            (several need \
         PostgreSQL)"
    ))
}

fn ourselves() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let on = if host.trim().is_empty() { String::new() } else { format!(" on {}", host.trim()) };
    format!("process {}{on} (Rapport {})\n", std::process::id(), env!("CARGO_PKG_VERSION"))
}

/// Makes the folder and the empty file of a database that is not there, for its owner alone: SQLite gives its
/// log the same rights. Warns of one that others can read.
pub(crate) fn make_room(path: &str) -> Result<(), StoreError> {
    let cannot = |error: std::io::Error| StoreError::Unavailable(format!("cannot make {path}: {error}"));
    let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.exists()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(cannot)?;
    }
    if !Path::new(path).exists() {
        File::options().append(true).create(true).mode(0o600).open(path).map_err(cannot)?;
    }
    if std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0) {
        log::warn!(
            "{path} and its log can be read by others on this machine: chmod 600 them, and 700 their folder"
        );
    }
    Ok(())
}

/// Whether there is something at `path` that may be a database: a file with bytes in it.
pub(crate) fn is_there(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_held_by_one_and_the_other_hears_by_whom() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rapport.db").display().to_string();
        let first = Hold::take(&path).expect("free");
        let line = Hold::take(&path).expect_err("held").to_string();
        assert!(line.contains(&path) && line.contains(&format!("process {}", std::process::id())), "{line}");
        drop(first);
        Hold::take(&path).expect("free again");
    }
}
