//! A whole database as it was at one moment, in files of its own, while others work on it; and those files,
//! made a database again where there is none. Never changes a row of what it copies, never writes over
//! anything.

use super::conn::Inline;
use super::copied::{Copied, Word, cannot, facts};
use super::{connect, copy_rows, migrate, off_thread};
use crate::store::{Conn, Db, StoreError};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The copy of an embedded database; PostgreSQL's is a folder of rows (`copy_rows`).
const FILE: &str = "rapport.db";

impl Db {
    /// Writes a copy of everything into `folder`, which is there and empty.
    pub async fn copy_into(&self, folder: &Path) -> Result<Copied, StoreError> {
        let folder = folder.to_owned();
        let Self::Sqlite(sqlite) = self else {
            return self.read(async move |conn| copy_rows::write(conn, &folder).await).await;
        };
        let path = sqlite.path().to_owned();
        let copy = off_thread(move || vacuum(&path, &folder.join(FILE))).await?;
        facts(&mut Conn::Sqlite(SyncConnectionWrapper::with_runtime(copy, Inline))).await
    }

    /// Where a copy in `folder` has its database: one file, or a folder of them.
    pub fn copied_files(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
        let file = folder.join(FILE);
        if file.exists() {
            return Ok(vec![file]);
        }
        copy_rows::files(folder)
    }

    /// Refuses a database that a copy would be written over.
    pub async fn refuse_one_that_is_there(url: &str) -> Result<(), StoreError> {
        if super::is_postgres(url) {
            let url = url.to_owned();
            return off_thread(move || migrate::postgres_is_free(&url)).await;
        }
        let path = super::sqlite_path(url);
        for there in [path.to_owned(), format!("{path}-wal"), format!("{path}-shm")] {
            if Path::new(&there).exists() {
                return Err(StoreError::Unfit(format!(
                    "{there} is there already: restore makes a new database and writes over none; move it \
                        away, or \
                     name another place (DATABASE_URL)"
                )));
            }
        }
        Ok(())
    }

    /// Makes the database that `url` names from the copy in `folder`, all of it or none.
    pub async fn put_back(url: &str, folder: &Path, copied: Copied) -> Result<(), StoreError> {
        let folder = folder.to_owned();
        if super::is_postgres(url) {
            let url = url.to_owned();
            return off_thread(move || copy_rows::put_back(&url, &folder, &copied)).await;
        }
        let path = PathBuf::from(super::sqlite_path(url));
        off_thread(move || {
            copy_file(&folder.join(FILE), &path).map_err(|error| cannot("make", &path, &error))
        })
        .await
    }
}

/// Whole or not at all, and never over one that is there.
fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let part = to.with_extension(format!("restoring.{}", std::process::id()));
    let write = || {
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&part)?;
        std::io::copy(&mut File::open(from)?, &mut file)?;
        file.sync_all()?;
        std::fs::hard_link(&part, to)
    };
    let written = write();
    let removed = std::fs::remove_file(&part);
    written.and(removed)
}

/// A copy in one file, without what was deleted; others go on writing meanwhile.
fn vacuum(path: &str, target: &Path) -> Result<SqliteConnection, StoreError> {
    let named = target.to_str().ok_or_else(|| {
        StoreError::Unfit(format!("the folder's name is no text that SQLite takes: {}", target.display()))
    })?;
    // For its owner alone, from its first byte on.
    let made = File::options().write(true).create_new(true).mode(0o600).open(target);
    made.map_err(|error| cannot("make", target, &error))?;
    connect(path, false)?.batch_execute(&format!("VACUUM INTO '{}'", named.replace('\'', "''")))?;
    let mut copy = SqliteConnection::establish(named)
        .map_err(|error| StoreError::Unavailable(format!("cannot open {named}: {error}")))?;
    let asked = diesel::sql_query("SELECT quick_check AS word FROM pragma_quick_check");
    let sound: Word = diesel::RunQueryDsl::get_result(asked, &mut copy)?;
    if sound.word != "ok" {
        return Err(StoreError::Unfit(format!(
            "the copy is damaged: {}; look with `rapport verify`",
            sound.word
        )));
    }
    Ok(copy)
}
