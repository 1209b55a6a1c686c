//! The endpoint: one question, one answer, in OpenAI's words; one recording, what it says. Never a retry of
//! its own, never a redirect; an error names a status or a code, never a text that somebody wrote, never the
//! key.

use crate::config::Ai;
use bytes::Bytes;
use reqwest::header::RETRY_AFTER;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;

/// The largest answer worth reading.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// An OpenAI-compatible endpoint; cloned freely.
#[derive(Clone)]
pub struct Model {
    http: Client,
    base: String,
    key: Option<SecretString>,
    name: Option<String>,
    hearing: Option<String>,
    timeout: Duration,
}

/// Something said before, as the endpoint wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// system, user, assistant.
    pub role: &'static str,
    /// The words.
    pub content: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer {
    /// Stable, for programs.
    pub code: String,
    /// For people.
    pub message: String,
    /// Asking again is no use.
    pub is_final: bool,
    /// How long the endpoint wants us to wait.
    pub retry_after: Option<Duration>,
}

impl NoAnswer {
    pub(super) fn later(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), is_final: false, retry_after: None }
    }

    pub(super) fn never(code: &str, message: impl Into<String>) -> Self {
        Self { is_final: true, ..Self::later(code, message) }
    }
}

impl Model {
    /// The one that the settings name; none: it is off.
    pub fn from_settings(settings: &Ai) -> Result<Option<Self>, reqwest::Error> {
        let Some(url) = settings.url() else { return Ok(None) };
        // Whoever comes second finds it installed: both are this provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .timeout(settings.timeout())
                .connect_timeout(settings.timeout().min(Duration::from_secs(10)))
                .user_agent(concat!("rapport/", env!("CARGO_PKG_VERSION")))
        };
        let http = builder().build().or_else(|_| builder().tls_certs_only([]).build())?;
        Ok(Some(Self {
            http,
            base: url.trim_end_matches('/').to_owned(),
            key: settings.key().cloned(),
            name: settings.model().map(str::to_owned),
            hearing: settings.transcription_model().map(str::to_owned),
            timeout: settings.timeout(),
        }))
    }

    /// How long one question may take altogether.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// What it says to all that was said.
    pub async fn answer(&self, said: &[Said]) -> Result<String, NoAnswer> {
        let mut body = json!({ "messages": said, "stream": false });
        if let Some(name) = &self.name {
            body["model"] = name.as_str().into();
        }
        let request = self.http.post(format!("{}/chat/completions", self.base)).json(&body);
        let answer = self.ask(request).await?;
        let words = answer.pointer("/choices/0/message/content").and_then(Value::as_str).map(str::trim);
        match words.filter(|words| !words.is_empty()) {
            Some(words) => Ok(words.to_owned()),
            None => Err(NoAnswer::later("empty_answer", "The model returned no text.")),
        }
    }

    /// Whether it is asked what recordings say.
    pub fn hears(&self) -> bool {
        self.hearing.is_some()
    }

    /// What a recording says; in silence nothing.
    pub async fn transcribe(&self, recording: Bytes, mime_type: &str) -> Result<String, NoAnswer> {
        let Some(model) = self.hearing.clone() else {
            return Err(NoAnswer::never("off", "Recordings are not transcribed."));
        };
        // Endpoints tell the kind of sound by the name.
        let name = format!("recording.{}", ending_of(mime_type));
        let file = Part::stream(recording).file_name(name);
        let file = file
            .mime_str(mime_type)
            .map_err(|_| NoAnswer::never("bad_type", "Its media type is not valid."))?;
        let form = Form::new().text("model", model).text("response_format", "json").part("file", file);
        let request = self.http.post(format!("{}/audio/transcriptions", self.base)).multipart(form);
        let answer = self.ask(request).await?;
        let words = answer.get("text").and_then(Value::as_str).map(|words| words.trim().to_owned());
        words.ok_or_else(|| NoAnswer::later("empty_answer", "The model returned no text."))
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Value, NoAnswer> {
        let request = match &self.key {
            Some(key) => request.bearer_auth(key.expose_secret()),
            None => request,
        };
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        let wait =
            response.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.trim().parse().ok());
        let body = read(response).await?;
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        let code =
            answer.pointer("/error/code").or_else(|| answer.pointer("/error/type")).and_then(Value::as_str);
        let named = code.filter(|code| is_a_code(code)).map(|code| format!(" ({code})")).unwrap_or_default();
        Err(NoAnswer {
            code: format!("http_{}", status.as_u16()),
            message: format!("The model's endpoint returned {}{named}.", status.as_u16()),
            is_final: status.is_client_error() && !matches!(status.as_u16(), 408 | 409 | 425 | 429),
            retry_after: wait.map(Duration::from_secs),
        })
    }
}

/// How a file of this type is called.
fn ending_of(mime_type: &str) -> &'static str {
    match mime_type {
        "audio/mpeg" | "audio/mp3" => "mp3",
        "audio/mp4" | "audio/m4a" | "audio/x-m4a" | "audio/aac" => "m4a",
        "audio/wav" | "audio/x-wav" => "wav",
        "audio/flac" | "audio/x-flac" => "flac",
        "audio/amr" => "amr",
        "audio/webm" | "video/webm" => "webm",
        "video/mp4" => "mp4",
        // Voice messages of every platform are Opus in Ogg, unless they say otherwise.
        _ => "ogg",
    }
}

/// A word of a vocabulary, not a sentence that may repeat what was asked.
fn is_a_code(text: &str) -> bool {
    text.len() <= 64 && text.chars().all(|sign| sign.is_ascii_alphanumeric() || "._-".contains(sign))
}

fn unreachable(error: &reqwest::Error) -> NoAnswer {
    let (code, message) = if error.is_timeout() {
        ("timeout", "The model did not answer in time.")
    } else if error.is_connect() {
        ("unreachable", "The model's endpoint cannot be reached.")
    } else {
        ("broken_answer", "The model's response was cut off.")
    };
    NoAnswer::later(code, message)
}

async fn read(mut response: Response) -> Result<Vec<u8>, NoAnswer> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= LARGEST_ANSWER => body.extend_from_slice(&chunk),
            Ok(Some(_)) => {
                return Err(NoAnswer::later("broken_answer", "The model's response is too large."));
            }
            Ok(None) => return Ok(body),
            Err(error) => return Err(unreachable(&error)),
        }
    }
}
