//! The two databases a story is told on: a fresh one each, gone when the value is dropped.

use super::{not_run, postgres};

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

    pub fn is_sqlite(&self) -> bool {
        self.folder.is_some()
    }
}
