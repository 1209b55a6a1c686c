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
    #[arg(long = "redis-url", env = "REDIS_URL", hide_env_values = true, value_name = "URL", value_parser = secret_text, global = true)]
    redis_url: Option<SecretString>,

    /// Whether the delivery worker runs inside the server, or elsewhere
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
        if !self.is_postgres() && self.sqlite_path().is_none() {
            return Err(WrongSetting("DATABASE_URL must begin with sqlite:// or postgres://".into()));
        }
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
        let url = self.url.expose_secret();
        let path = match url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) {
            Some(path) => path,
            None if url.contains("://") => return None,
            None => url,
        };
        (!path.is_empty()).then(|| Path::new(path).to_owned())
    }
}
