//! What it takes to speak for a channel: its account, its options, its opened credentials.
//! Never stored, never printed: the store seals credentials, `Debug` hides them.

use crate::domain::ChannelKind;
use crate::domain::outbound::SendOutcome;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A channel, ready to be spoken for.
#[derive(Debug, Clone)]
pub struct ChannelAccess {
    /// Which platform.
    pub kind: ChannelKind,
    /// The account: phone number id, Instagram account id, page id, bot id.
    pub external_id: String,
    /// Its options.
    pub options: ChannelOptions,
    /// Its credentials, opened.
    pub credentials: Credentials,
}

impl ChannelAccess {
    /// The token calls to Graph are made with; a channel without one is broken until somebody gives it one.
    pub(super) fn token(&self) -> Result<&str, SendOutcome> {
        let missing = || super::meta::errors::broken("no_credentials", "the channel has no access token");
        self.credentials.get("access_token").ok_or_else(missing)
    }
}

/// What a channel's `options` may say; unknown ones are left alone, absent ones have these defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelOptions {
    /// WhatsApp: the business account above the number.
    pub waba_id: Option<String>,
    /// WhatsApp: the number also lives in the owner's Business app.
    pub coexistence: bool,
    /// Instagram: which login the token comes from.
    pub login: InstagramLogin,
    /// Instagram by Facebook login: the page.
    pub page_id: Option<String>,
    /// The customer is told when an agent reads.
    pub read_receipts: bool,
    /// The customer is told when an agent types; absent: yes.
    pub typing: Option<bool>,
    /// Instagram, Messenger: the app has the reviewed permission to answer for 7 days as a person.
    pub human_agent: bool,
    /// What only one kind of channel knows.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

impl ChannelOptions {
    /// What stands above the account and may be named in its place.
    pub fn business(&self) -> Option<&str> {
        self.waba_id.as_deref()
    }
}

/// What stands above the account of a channel, by the options in its row.
pub fn business_of(options: &Value) -> Option<String> {
    ChannelOptions::deserialize(options).ok().and_then(|options| options.waba_id)
}

/// Instagram's two flavours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstagramLogin {
    /// An Instagram user token, at Instagram's own address.
    #[default]
    Instagram,
    /// A page token, at Graph's address.
    Facebook,
}

/// A channel's credentials, by the names that the API gives them; each may be missing. Which there are, each
/// kind of channel says (`Kind::credentials`).
#[derive(Debug, Clone, Default)]
pub struct Credentials(BTreeMap<String, SecretString>);

impl Credentials {
    /// Sets the credential of this name, or takes it away.
    pub fn set(&mut self, name: &str, secret: Option<SecretString>) {
        match secret {
            Some(secret) => drop(self.0.insert(name.to_owned(), secret)),
            None => drop(self.0.remove(name)),
        }
    }

    /// The credential of this name, opened, if it is set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(ExposeSecret::expose_secret)
    }

    /// Those of these names that are set, opened.
    pub fn any_of(&self, names: &[&str]) -> Vec<&str> {
        names.iter().filter_map(|name| self.get(name)).collect()
    }

    /// All that are set, opened, by their names.
    pub fn opened(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, secret)| (name.as_str(), secret.expose_secret()))
    }

    /// From names and values; empty values count as absent.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let set = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        Self(set.map(|(name, value)| (name.to_owned(), SecretString::from(value))).collect())
    }
}
