//! The two databases a story is told on: a fresh one each, gone when the value is dropped.

use super::{not_run, postgres};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

/// An empty database and what keeps it alive.
pub struct Database {
    pub url: String,
    folder: Option<tempfile::TempDir>,
}

impl Database {
    /// A file in a folder of its own.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("rapport.db").display());
        Self { url, folder: Some(folder) }
    }

    /// `None`, and said loudly, where PostgreSQL is not installed.
    pub async fn postgres() -> Option<Self> {
        let Some(url) = postgres::database().await else {
            not_run("PostgreSQL");
            return None;
        };
        Some(Self { url, folder: None })
    }

    /// Runs SQL on it: for planted faults, never for what the API tells.
    pub async fn execute(&self, sql: &str) {
        if self.is_sqlite() {
            let mut conn =
                SqliteConnection::establish(self.url.trim_start_matches("sqlite://")).expect("opens");
            conn.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        } else {
            postgres::execute(&self.url, sql).await;
        }
    }

    pub fn is_sqlite(&self) -> bool {
        self.folder.is_some()
    }
}
