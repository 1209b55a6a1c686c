//! What it takes to speak for a channel: its account, its options, its opened credentials.
//! Never stored, never printed: the store seals credentials, `Debug` hides them.

use crate::domain::ChannelKind;
use crate::domain::outbound::SendOutcome;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

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

/// A channel's credentials; each may be missing.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// WhatsApp, Instagram, Messenger: the token calls are made with.
    pub access_token: Option<SecretString>,
    /// Meta: the app's secret, which signs webhooks.
    pub app_secret: Option<SecretString>,
    /// Instagram login: the second secret that may sign.
    pub instagram_app_secret: Option<SecretString>,
    /// Meta: what the handshake must say.
    pub verify_token: Option<SecretString>,
    /// Meta: our app's id.
    pub app_id: Option<SecretString>,
    /// Telegram: the bot's token.
    pub bot_token: Option<SecretString>,
    /// Telegram: what its webhooks must carry.
    pub webhook_secret: Option<SecretString>,
    /// Web chat: what a site proves its visitors' names with.
    pub identity_secret: Option<SecretString>,
}

impl Credentials {
    /// The names, as the API writes them.
    pub const NAMES: &'static [&'static str] = &[
        "access_token",
        "app_secret",
        "instagram_app_secret",
        "verify_token",
        "app_id",
        "bot_token",
        "webhook_secret",
        "identity_secret",
    ];

    /// The credential of this name, for reading or writing; `None` if there is no such name.
    pub fn slot(&mut self, name: &str) -> Option<&mut Option<SecretString>> {
        Some(match name {
            "access_token" => &mut self.access_token,
            "app_secret" => &mut self.app_secret,
            "instagram_app_secret" => &mut self.instagram_app_secret,
            "verify_token" => &mut self.verify_token,
            "app_id" => &mut self.app_id,
            "bot_token" => &mut self.bot_token,
            "webhook_secret" => &mut self.webhook_secret,
            "identity_secret" => &mut self.identity_secret,
            _ => return None,
        })
    }

    /// The credential of this name, opened, if it is set.
    pub fn get(&self, name: &str) -> Option<&str> {
        let secret = match name {
            "access_token" => &self.access_token,
            "app_secret" => &self.app_secret,
            "instagram_app_secret" => &self.instagram_app_secret,
            "verify_token" => &self.verify_token,
            "app_id" => &self.app_id,
            "bot_token" => &self.bot_token,
            "webhook_secret" => &self.webhook_secret,
            "identity_secret" => &self.identity_secret,
            _ => return None,
        };
        secret.as_ref().map(ExposeSecret::expose_secret)
    }

    /// From names and values; unknown names and empty values count as absent.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut credentials = Self::default();
        for (name, value) in pairs {
            if let Some(slot) = credentials.slot(name).filter(|_| !value.is_empty()) {
                *slot = Some(SecretString::from(value));
            }
        }
        credentials
    }

    /// The secrets that may sign a webhook of this kind.
    pub fn signing_secrets(&self, kind: ChannelKind) -> Vec<&str> {
        let names: &[&str] = match kind {
            ChannelKind::Whatsapp | ChannelKind::Messenger => &["app_secret"],
            ChannelKind::Instagram => &["app_secret", "instagram_app_secret"],
            ChannelKind::Telegram | ChannelKind::Webchat => &[],
        };
        names.iter().filter_map(|name| self.get(name)).collect()
    }
}
