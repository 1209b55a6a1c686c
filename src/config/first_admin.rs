//! The first admin, for set-ups without a person at the keyboard. Never a second one.

use super::{WrongSetting, secret_text};
use secrecy::{ExposeSecret, SecretString};

/// The first admin, for unattended set-ups.
#[derive(Debug, Clone, clap::Args)]
pub struct FirstAdmin {
    /// Username of the first admin, created at startup if there are no users yet
    #[arg(
        id = "admin_username",
        long = "admin-username",
        env = "RAPPORT_ADMIN_USERNAME",
        value_name = "NAME",
        global = true
    )]
    username: Option<String>,

    /// Password of the first admin, at least 12 characters
    #[arg(
        id = "admin_password",
        long = "admin-password",
        env = "RAPPORT_ADMIN_PASSWORD",
        hide_env_values = true,
        value_name = "PASSWORD",
        value_parser = secret_text,
        global = true
    )]
    password: Option<SecretString>,
}

/// Shortest password: a rule of the contract. There is no list of forbidden ones.
pub const SHORTEST_PASSWORD: usize = 12;

impl FirstAdmin {
    pub(super) fn check(&self) -> Result<(), WrongSetting> {
        match (self.username(), self.password()) {
            (Some(_), None) => {
                Err(WrongSetting("RAPPORT_ADMIN_USERNAME also needs RAPPORT_ADMIN_PASSWORD".into()))
            }
            (None, Some(_)) => {
                Err(WrongSetting("RAPPORT_ADMIN_PASSWORD also needs RAPPORT_ADMIN_USERNAME".into()))
            }
            (Some(_), Some(password)) if password.expose_secret().chars().count() < SHORTEST_PASSWORD => {
                Err(WrongSetting(format!(
                    "RAPPORT_ADMIN_PASSWORD must be at least {SHORTEST_PASSWORD} characters"
                )))
            }
            _ => Ok(()),
        }
    }

    /// Both, if both are set.
    pub fn given(&self) -> Option<(&str, &SecretString)> {
        Some((self.username()?, self.password()?))
    }

    fn username(&self) -> Option<&str> {
        self.username.as_deref().filter(|name| !name.trim().is_empty())
    }

    fn password(&self) -> Option<&SecretString> {
        self.password.as_ref().filter(|password| !password.expose_secret().is_empty())
    }
}
