//! An OpenAI-compatible endpoint, off by default. Never a prompt.

use super::{WrongSetting, base_url, secret_text};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// Who writes drafts and transcriptions.
#[derive(Debug, Clone, clap::Args)]
pub struct Ai {
    /// OpenAI-compatible endpoint for replies and transcription [default: off]
    #[arg(id = "ai_url", long = "ai-url", env = "RAPPORT_AI_URL", value_name = "URL", global = true)]
    url: Option<String>,

    /// API key of that endpoint [default: none]
    #[arg(
        id = "ai_key",
        long = "ai-key",
        env = "RAPPORT_AI_KEY",
        hide_env_values = true,
        value_name = "KEY",
        value_parser = secret_text,
        global = true
    )]
    key: Option<SecretString>,

    /// Model for replies [default: none]
    #[arg(id = "ai_model", long = "ai-model", env = "RAPPORT_AI_MODEL", value_name = "NAME", global = true)]
    model: Option<String>,

    /// Model that transcribes voice messages; "off" turns transcription off
    #[arg(
        id = "ai_transcription_model",
        long = "ai-transcription-model",
        env = "RAPPORT_AI_TRANSCRIPTION_MODEL",
        value_name = "NAME",
        default_value = "whisper-1",
        global = true
    )]
    transcription_model: String,

    /// Timeout of one request to it, in seconds
    #[arg(
        id = "ai_timeout",
        long = "ai-timeout",
        env = "RAPPORT_AI_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 60,
        global = true
    )]
    timeout: u64,
}

impl Ai {
    pub(super) fn check(&self) -> Result<(), WrongSetting> {
        if !(1..=600).contains(&self.timeout) {
            return Err(WrongSetting("RAPPORT_AI_TIMEOUT must be between 1 and 600 seconds".into()));
        }
        let Some(url) = self.url() else { return Ok(()) };
        base_url("RAPPORT_AI_URL", url).map(drop)
    }

    /// One address for it: a simulator's.
    pub fn stand_in(&mut self, url: &str, model: &str) {
        self.url = Some(url.to_owned());
        self.model = Some(model.to_owned());
    }

    /// The endpoint, if it is on.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref().map(str::trim).filter(|url| !url.is_empty())
    }

    /// The key, if it needs one.
    pub fn key(&self) -> Option<&SecretString> {
        self.key.as_ref().filter(|key| !key.expose_secret().is_empty())
    }

    /// The model.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref().map(str::trim).filter(|model| !model.is_empty())
    }

    /// The model that transcribes; none: nobody does.
    pub fn transcription_model(&self) -> Option<&str> {
        Some(self.transcription_model.trim()).filter(|model| !model.is_empty() && *model != "off")
    }

    /// How long one question may take altogether.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}
