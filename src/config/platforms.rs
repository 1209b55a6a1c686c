//! Where the platforms are, so that a simulator can stand in. Never a call to one.

use super::{WrongSetting, base_url};
use std::collections::BTreeMap;
use std::time::Duration;

/// Where the platforms are.
#[derive(Debug, Clone, clap::Args)]
pub struct PlatformUrls {
    /// Meta's Graph API: WhatsApp, Messenger, Instagram by Facebook login
    #[arg(
        long,
        env = "RAPPORT_GRAPH_URL",
        value_name = "URL",
        default_value = "https://graph.facebook.com",
        global = true
    )]
    graph_url: String,

    /// Instagram's API, for Instagram login
    #[arg(
        long,
        env = "RAPPORT_INSTAGRAM_URL",
        value_name = "URL",
        default_value = "https://graph.instagram.com",
        global = true
    )]
    instagram_url: String,

    /// Telegram's Bot API
    #[arg(
        long,
        env = "RAPPORT_TELEGRAM_URL",
        value_name = "URL",
        default_value = "https://api.telegram.org",
        global = true
    )]
    telegram_url: String,

    /// Other platforms, each by its name: NAME=URL, several by commas
    #[arg(
        long,
        env = "RAPPORT_PLATFORM_URLS",
        value_name = "NAME=URL",
        value_delimiter = ',',
        global = true
    )]
    platform_urls: Vec<String>,

    /// Timeout of one call to a platform, in seconds
    #[arg(
        long,
        env = "RAPPORT_PLATFORM_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 30,
        global = true
    )]
    platform_timeout: u64,
}

impl PlatformUrls {
    pub(super) fn check(&self) -> Result<(), WrongSetting> {
        base_url("RAPPORT_GRAPH_URL", &self.graph_url)?;
        base_url("RAPPORT_INSTAGRAM_URL", &self.instagram_url)?;
        base_url("RAPPORT_TELEGRAM_URL", &self.telegram_url)?;
        for pair in &self.platform_urls {
            let (_, url) = pair.split_once('=').ok_or_else(|| {
                WrongSetting(format!("RAPPORT_PLATFORM_URLS must hold NAME=URL, not `{pair}`"))
            })?;
            base_url("RAPPORT_PLATFORM_URLS", url)?;
        }
        if !(1..=3600).contains(&self.platform_timeout) {
            return Err(WrongSetting("RAPPORT_PLATFORM_TIMEOUT must be between 1 and 3600 seconds".into()));
        }
        Ok(())
    }

    /// One address for all of them: a simulator's.
    pub fn stand_in(&mut self, url: &str) {
        for address in [&mut self.graph_url, &mut self.instagram_url, &mut self.telegram_url] {
            url.clone_into(address);
        }
    }

    /// The bases by their names, without a slash at their ends.
    pub fn bases(&self) -> BTreeMap<String, String> {
        let fixed = [
            ("graph", &self.graph_url),
            ("instagram", &self.instagram_url),
            ("telegram", &self.telegram_url),
        ];
        let fixed = fixed.into_iter().map(|(name, url)| (name, url.as_str()));
        let others = self.platform_urls.iter().filter_map(|pair| pair.split_once('='));
        fixed
            .chain(others)
            .map(|(name, url)| (name.trim().to_owned(), url.trim().trim_end_matches('/').to_owned()))
            .collect()
    }

    /// How long one call may take altogether.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.platform_timeout)
    }
}
