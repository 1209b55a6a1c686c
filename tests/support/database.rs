//! The two databases a story is told on: a fresh one each, gone when the value is dropped.

use super::not_run;
use super::postgres::{self, Fresh};
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

    /// The database file alone, without its log, copied into a folder of its own: `None` on PostgreSQL.
    pub fn file_alone(&self) -> Option<Self> {
        self.folder.as_ref()?;
        let copy = Self::sqlite();
        let [from, to] = [&self.url, &copy.url].map(|url| url.trim_start_matches("sqlite://"));
        std::fs::copy(from, to).expect("the file is there");
        Some(copy)
    }

    /// `None`, and said loudly, where PostgreSQL is not installed.
    pub async fn postgres() -> Option<Self> {
        Self::postgres_with(Fresh::Migrated).await
    }

    /// The same without our tables: for what looks at how they are made.
    pub async fn empty_postgres() -> Option<Self> {
        Self::postgres_with(Fresh::Empty).await
    }

    /// The same database, or another one of its kind, without our tables.
    pub async fn without_tables(self) -> Self {
        if self.is_sqlite() {
            return self;
        }
        Self::empty_postgres().await.expect("there was one before")
    }

    async fn postgres_with(fresh: Fresh) -> Option<Self> {
        let Some(url) = postgres::database(fresh).await else {
            not_run("PostgreSQL");
            return None;
        };
        Some(Self { url, folder: None })
    }

    /// Runs SQL beside the server: for what no API makes (a second workspace, a fault), never for what it tells.
    pub async fn execute(&self, sql: &str) {
        if !self.is_sqlite() {
            return postgres::execute(&self.url, sql).await;
        }
        let path = self.url.trim_start_matches("sqlite://");
        let mut conn = SqliteConnection::establish(path).expect("the database is there");
        conn.batch_execute(&format!("PRAGMA busy_timeout = 10000; {sql}")).expect("the SQL is right");
    }

    pub fn is_sqlite(&self) -> bool {
        self.folder.is_some()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if !self.is_sqlite() {
            postgres::dropped(&self.url);
        }
    }
}
