//! Where files are kept. Never opens the folder.

use super::Database;
use std::path::{Path, PathBuf};

/// Where files are kept.
#[derive(Debug, Clone, clap::Args)]
pub struct Media {
    /// Folder for uploaded and received files [default: media/ beside the database, or data/media]
    #[arg(long = "media-dir", env = "RAPPORT_MEDIA_DIR", value_name = "PATH", global = true)]
    dir: Option<String>,
}

impl Media {
    /// The folder: as set, or beside the embedded database.
    pub fn folder(&self, database: &Database) -> PathBuf {
        if let Some(dir) = self.dir.as_deref().filter(|dir| !dir.is_empty()) {
            return dir.into();
        }
        let beside = database.sqlite_path().filter(|_| !database.is_postgres());
        beside.map_or_else(
            || Path::new("data").join("media"),
            |path| path.parent().unwrap_or(Path::new("")).join("media"),
        )
    }
}
