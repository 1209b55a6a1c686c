//! One HTTP client for all platforms, and where they are.
//! Never retries, never follows a redirect, never prints an address (Telegram's hold the bot's token).

use super::ChannelAccess;
use super::call::{Answer, Call, call};
use crate::domain::ChannelKind;
use reqwest::RequestBuilder;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// WhatsApp, Messenger, Instagram by Facebook login.
const GRAPH: &str = "https://graph.facebook.com";
/// Instagram by Instagram login.
const INSTAGRAM: &str = "https://graph.instagram.com";

/// Where the platforms are, and how long a call may take.
#[derive(Debug, Clone)]
pub struct PlatformSettings {
    /// The bases that the operator names, by the names that the platforms' folders give them: `graph`,
    /// `instagram`, `telegram`. May be http and have a path. Who is not named is where they usually are.
    pub bases: BTreeMap<String, String>,
    /// Graph's version, put behind a base URL that names none.
    pub graph_version: String,
    /// How long one call may take altogether.
    pub timeout: Duration,
}

impl PlatformSettings {
    /// At these bases.
    pub fn at(bases: BTreeMap<String, String>, timeout: Duration) -> Self {
        Self { bases, timeout, ..Self::default() }
    }
}

impl Default for PlatformSettings {
    fn default() -> Self {
        let bases = BTreeMap::new();
        Self { bases, graph_version: "v26.0".to_owned(), timeout: Duration::from_secs(30) }
    }
}

/// The platforms; cloned freely.
#[derive(Debug, Clone)]
pub struct Platforms {
    pub(super) settings: Arc<PlatformSettings>,
    pub(super) http: reqwest::Client,
    /// The client for addresses that platforms hand us: it refuses internal ones.
    pub(super) guarded: reqwest::Client,
    busy: Arc<Mutex<HashMap<(ChannelKind, String), Instant>>>,
}

/// From this share of the allowance on we slow down (our choice; docs/platforms.md 1.5).
const SLOW_FROM_PERCENT: u64 = 80;

impl Platforms {
    /// The clients. Fails only where the machine's TLS set-up is beyond repair.
    pub fn new(settings: PlatformSettings) -> Result<Self, reqwest::Error> {
        // Whoever comes second finds it installed: both are this provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            http: build(&settings, false)?,
            guarded: build(&settings, true)?,
            settings: Arc::new(settings),
            busy: Arc::default(),
        })
    }

    /// How long this channel had better wait before its next call, by what the platform said of its
    /// allowance.
    pub fn slow_down(&self, channel: &ChannelAccess) -> Option<Duration> {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let until = busy.get(&(channel.kind, channel.external_id.clone()))?;
        until.checked_duration_since(Instant::now()).filter(|wait| !wait.is_zero())
    }

    /// One call for a channel; what the answer says of its allowance is remembered.
    pub(super) async fn call(&self, channel: &ChannelAccess, request: RequestBuilder) -> Call {
        let called = call(request).await;
        if let Call::Answered(answer) = &called {
            self.note_usage(channel, answer);
        }
        called
    }

    fn note_usage(&self, channel: &ChannelAccess, answer: &Answer) {
        let Some(usage) = answer.usage else { return };
        let wait = match usage.percent {
            ..SLOW_FROM_PERCENT => Duration::ZERO,
            SLOW_FROM_PERCENT..100 => Duration::from_secs(1 + (usage.percent - SLOW_FROM_PERCENT) / 2),
            _ => usage.regain.unwrap_or(Duration::from_mins(1)),
        };
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (channel.kind, channel.external_id.clone());
        if wait.is_zero() {
            busy.remove(&key);
        } else {
            busy.insert(key, Instant::now() + wait);
        }
    }

    /// Where the platform of this name is, without a slash at its end: where the operator says, else where it
    /// usually is.
    pub(super) fn base<'a>(&'a self, name: &str, usual: &'a str) -> &'a str {
        self.settings.bases.get(name).map_or(usual, String::as_str).trim_end_matches('/')
    }

    /// An address at Graph.
    pub(super) fn graph(&self, path: &str) -> String {
        versioned(self.base("graph", GRAPH), &self.settings.graph_version, path)
    }

    /// An address at Instagram's own Graph that has no version.
    pub(super) fn instagram_root(&self, path: &str) -> String {
        format!("{}/{path}", self.base("instagram", INSTAGRAM))
    }

    /// An address at Instagram's own Graph.
    pub(super) fn instagram(&self, path: &str) -> String {
        versioned(self.base("instagram", INSTAGRAM), &self.settings.graph_version, path)
    }
}

fn build(settings: &PlatformSettings, guarded: bool) -> Result<reqwest::Client, reqwest::Error> {
    let builder = || {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .timeout(settings.timeout)
            // Below the total, so that a slow connect is known to have sent nothing.
            .connect_timeout((settings.timeout / 2).min(Duration::from_secs(10)))
            // A connection the platform closed meanwhile would make a send's outcome unknown.
            .pool_idle_timeout(Duration::from_secs(5))
            .user_agent(concat!("rapport/", env!("CARGO_PKG_VERSION")));
        if guarded { builder.dns_resolver(super::guard::PublicOnly) } else { builder }
    };
    builder().build().or_else(|error| {
        log::warn!(
            "no trusted certificates on this machine, platforms over https cannot be reached: {error}"
        );
        builder().tls_certs_only([]).build()
    })
}

/// `base/version/path`; a version that stands in the base already is kept.
fn versioned(base: &str, version: &str, path: &str) -> String {
    let base = base.trim_end_matches('/');
    let is_version = |segment: &str| {
        segment.strip_prefix('v').is_some_and(|rest| {
            rest.starts_with(|first: char| first.is_ascii_digit())
                && rest.chars().all(|sign| sign.is_ascii_digit() || sign == '.')
        })
    };
    if base.split('/').skip(3).any(is_version) {
        format!("{base}/{path}")
    } else {
        format!("{base}/{version}/{path}")
    }
}

#[cfg(test)]
mod tests {
    use super::versioned;

    fn check(base: &str, expected: &str) {
        assert_eq!(versioned(base, "v26.0", "1/messages"), expected);
    }

    #[test]
    fn a_base_address_keeps_its_path_and_its_version() {
        check("https://graph.example", "https://graph.example/v26.0/1/messages");
        check("http://127.0.0.1:9000/graph/", "http://127.0.0.1:9000/graph/v26.0/1/messages");
        check("http://127.0.0.1:9000/v19.0", "http://127.0.0.1:9000/v19.0/1/messages");
        check("http://v2:9000", "http://v2:9000/v26.0/1/messages");
    }
}
