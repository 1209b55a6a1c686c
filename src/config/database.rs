//! Where the rows are, and who joins several processes into one. Never a connection.

use super::{WrongSetting, secret_text};
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};

/// Where the rows are. The addresses may hold passwords, so they are secrets.
#[derive(Debug, Clone, clap::Args)]
pub struct Database {
    /// Database: sqlite://PATH or postgres://…
    #[arg(
        long = "database-url",
        env = "DATABASE_URL",
        hide_env_values = true,
        value_name = "URL",
        default_value = "sqlite://data/rapport.db",
        value_parser = secret_text,
        global = true
    )]
    pub url: SecretString,

    /// Redis that joins several server and worker processes into one system [default: none]
    #[arg(long = "redis-url", env = "REDIS_URL", hide_env_values = true, value_name = "URL",
        value_parser = secret_text, global = true)]
    redis_url: Option<SecretString>,

    /// Whether the delivery worker runs inside the server or as a separate process
    #[arg(long, env = "RAPPORT_DELIVERY", default_value = "on", global = true)]
    pub delivery: Delivery,
}

/// Where the delivery worker runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Delivery {
    /// Inside the server.
    On,
    /// In a process of its own.
    Off,
}

impl Database {
    /// Whether the addresses are of a kind we know.
    pub fn check(&self) -> Result<(), WrongSetting> {
        check_address(self.url.expose_secret())?;
        if let Some(url) = self.redis_url()
            && !["redis://", "rediss://", "redis+unix://", "unix://"]
                .iter()
                .any(|scheme| url.expose_secret().starts_with(scheme))
        {
            return Err(WrongSetting("REDIS_URL must begin with redis://, rediss:// or unix://".into()));
        }
        Ok(())
    }

    /// Whether it is a PostgreSQL server.
    pub fn is_postgres(&self) -> bool {
        ["postgres://", "postgresql://"].iter().any(|scheme| self.url.expose_secret().starts_with(scheme))
    }

    /// Whether several processes can be one system on it.
    pub fn joins_processes(&self) -> bool {
        self.is_postgres() && self.redis_url().is_some()
    }

    /// Redis, if one is set.
    pub fn redis_url(&self) -> Option<&SecretString> {
        self.redis_url.as_ref().filter(|url| !url.expose_secret().is_empty())
    }

    /// The embedded database's file.
    pub fn sqlite_path(&self) -> Option<PathBuf> {
        let path = self.url.expose_secret().strip_prefix("sqlite://")?;
        (!path.is_empty()).then(|| Path::new(path).to_owned())
    }
}

/// `sqlite://PATH` or `postgres://…`, and nothing that is only nearly so: a path that was not meant would be
/// a second, empty system. Never shows the address: it may hold a password.
fn check_address(url: &str) -> Result<(), WrongSetting> {
    let wrong = |why: &str| {
        Err(WrongSetting(format!(
            "DATABASE_URL {why}; it must be sqlite://PATH (sqlite://data/rapport.db, \
                sqlite:///var/lib/rapport.db) or \
             postgres://USER:PASSWORD@HOST:5432/DATABASE"
        )))
    };
    if url.is_empty() {
        return wrong("is empty");
    }
    if url.chars().any(char::is_control) || url.trim() != url {
        return wrong("has spaces or line ends around it or control characters in it");
    }
    let postgres = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
    if let Some(rest) = postgres {
        return if rest.is_empty() || rest.starts_with('/') && !rest.contains("host=") {
            wrong("names no host")
        } else {
            Ok(())
        };
    }
    let Some(path) = url.strip_prefix("sqlite://") else {
        return wrong("must begin with sqlite:// or postgres:// (two slashes, small letters)");
    };
    match odd_path(path) {
        Some(why) => wrong(why),
        None => Ok(()),
    }
}

/// What no file of a database is called, though other programs write it so.
fn odd_path(path: &str) -> Option<&'static str> {
    let is_encoded = path
        .as_bytes()
        .windows(3)
        .any(|signs| signs[0] == b'%' && signs[1].is_ascii_hexdigit() && signs[2].is_ascii_hexdigit());
    match path {
        "" => Some("names no file"),
        _ if path.contains(['?', '#']) => Some("takes no settings behind the path (? or #)"),
        _ if path.contains(":memory:") || path.starts_with("file:") => {
            Some("must name a file on disk: nothing is kept in memory")
        }
        _ if path.contains("://") || path.contains(['"', '\'', '\\']) => {
            Some("holds more than one address or quotes")
        }
        _ if path.starts_with('~') || path.contains('$') => {
            Some("is taken as it stands: ~ and $ are not replaced, write the whole path")
        }
        _ if is_encoded => Some("is taken as it stands: write the path without % codes"),
        _ if path.ends_with('/') || path.ends_with("/.") || matches!(path, "." | "..") => {
            Some("names a folder, not a file")
        }
        _ => None,
    }
}
