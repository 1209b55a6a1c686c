//! Files on their way: fetching one from an address, and the form an upload takes.
//! Never keeps a file, never trusts a platform's word for its size; an address that is not
//! a platform's own must be https and public.

use super::call::{Call, judge};
use super::lenient::bare_mime;
use super::{Platforms, guard};
use crate::domain::inbound::RemoteSource;
use crate::domain::outbound::SendOutcome;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use reqwest::{Response, Url};
use std::time::Duration;

/// A file being fetched.
pub struct RemoteFile {
    /// The media type the sender of the bytes claims.
    pub mime_type: Option<String>,
    /// The size it claims.
    pub size: Option<u64>,
    /// The name it was given, as it came: to be cleaned before it is shown.
    pub file_name: Option<String>,
    /// The bytes; ends with an error as soon as they are more than allowed.
    pub bytes: BoxStream<'static, Result<Bytes, FetchError>>,
}

/// Why a file was not got.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It is not there any more, or was never to be had.
    #[error("the platform no longer has this file: {0}")]
    Gone(String),
    /// It is larger than allowed.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// The address is not one we fetch from.
    #[error("downloads from this address are not allowed: {0}")]
    Forbidden(&'static str),
    /// It may work later.
    #[error("not now: {0}")]
    Later(String),
}

/// Where Meta keeps files that want the token: `lookaside.fbsbx.com`, `mmg.whatsapp.net`, Graph itself.
const TOLD: [&str; 3] = ["fbsbx.com", "whatsapp.net", "facebook.com"];
/// How many addresses a file may send us on to.
const HOPS: usize = 4;
/// How long a file may take that a platform keeps itself: 100 MB on a slow line.
const LONG: Duration = Duration::from_mins(4);
/// How long a file at another address may take.
const SHORT: Duration = Duration::from_mins(1);

impl Platforms {
    /// Fetches a file of at most `limit` bytes that lies at an open address.
    pub(super) async fn fetch_open(
        &self,
        source: &RemoteSource,
        limit: u64,
    ) -> Result<RemoteFile, FetchError> {
        match source {
            RemoteSource::Url { url } => self.get(url, None, limit).await,
            RemoteSource::Withheld => Err(FetchError::Gone("it was not handed over".to_owned())),
            RemoteSource::WhatsappMedia { .. } | RemoteSource::TelegramFile { .. } => {
                Err(FetchError::Gone("it lies at another platform".to_owned()))
            }
        }
    }

    /// Follows a file's address, each hop checked; the token goes to no other host than the platform's own,
    /// and no further than the first.
    pub(super) async fn get(
        &self,
        address: &str,
        token: Option<&str>,
        limit: u64,
    ) -> Result<RemoteFile, FetchError> {
        let mut url = Url::parse(address).map_err(|_| FetchError::Forbidden("not an address"))?;
        let first = url.origin();
        for _ in 0..HOPS {
            let (client, patience) = self.client_for(&url)?;
            let request = client.get(url.clone()).timeout(patience);
            let token = token.filter(|_| url.origin() == first && self.may_see_token(&url));
            let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
            let response = request.send().await.map_err(|error| FetchError::Later(reason(judge(error))))?;
            if !response.status().is_redirection() {
                return open(response, limit);
            }
            let target = response.headers().get("location").and_then(|target| target.to_str().ok());
            url = target
                .and_then(|target| url.join(target).ok())
                .ok_or(FetchError::Forbidden("a redirect without a target"))?;
        }
        Err(FetchError::Forbidden("too many redirects"))
    }

    /// A webhook names the address, and whoever holds the app's secret can write one: only the platform's own
    /// hosts, as its documents name them, are told the channel's token.
    fn may_see_token(&self, url: &Url) -> bool {
        let is_below = |host: &str, domain: &str| {
            host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let is_theirs = |host: &str| TOLD.iter().any(|domain| is_below(host, domain));
        self.is_base(url)
            || (url.scheme() == "https" && url.port().is_none() && url.domain().is_some_and(is_theirs))
    }

    fn is_base(&self, url: &Url) -> bool {
        self.settings
            .bases
            .values()
            .filter_map(|base| Url::parse(base).ok())
            .any(|base| base.origin() == url.origin())
    }

    /// The operator's own base addresses may be anything; every other one is https and public.
    fn client_for(&self, url: &Url) -> Result<(&reqwest::Client, Duration), FetchError> {
        if self.is_base(url) {
            return Ok((&self.http, LONG));
        }
        if url.scheme() != "https" {
            return Err(FetchError::Forbidden("not https"));
        }
        let internal = match url.host() {
            Some(url::Host::Ipv4(ip)) => !guard::is_public(ip.into()),
            Some(url::Host::Ipv6(ip)) => !guard::is_public(ip.into()),
            Some(url::Host::Domain(_)) => false,
            None => true,
        };
        if internal { Err(FetchError::Forbidden("an internal address")) } else { Ok((&self.guarded, SHORT)) }
    }
}

fn open(response: Response, limit: u64) -> Result<RemoteFile, FetchError> {
    let status = response.status().as_u16();
    match status {
        200..300 => {}
        400..500 if status != 408 && status != 429 => return Err(FetchError::Gone(format!("HTTP {status}"))),
        _ => return Err(FetchError::Later(format!("HTTP {status}"))),
    }
    let size = response.content_length();
    if size.is_some_and(|size| size > limit) {
        return Err(FetchError::TooLarge(limit));
    }
    let mime_type = response.headers().get("content-type").and_then(|mime| bare_mime(mime.to_str().ok()?));
    let disposition = response.headers().get("content-disposition");
    let file_name = disposition.and_then(|said| disposition_name(&String::from_utf8_lossy(said.as_bytes())));
    Ok(RemoteFile { mime_type, size, file_name, bytes: capped(response, limit) })
}

/// The name in a `Content-Disposition`: `filename*` says it in every script, else `filename`.
fn disposition_name(said: &str) -> Option<String> {
    let after = |key: &str| {
        let at = said.to_ascii_lowercase().find(key)?;
        said.get(at + key.len()..).map(str::trim_start)
    };
    if let Some(name) = after("filename*=") {
        let value = name.split(';').next().unwrap_or_default().trim().trim_matches('"');
        return value.splitn(3, '\'').nth(2).map(unescaped).filter(|name| !name.is_empty());
    }
    let name = after("filename=")?;
    let plain = match name.strip_prefix('"') {
        None => name.split(';').next().unwrap_or_default().trim().to_owned(),
        Some(quoted) => {
            let mut escaped = false;
            let is_inside = |sign: &char| {
                let ends = *sign == '"' && !escaped;
                escaped = *sign == '\\' && !escaped;
                !ends
            };
            let inside: String = quoted.chars().take_while(is_inside).collect();
            inside.replace("\\\"", "\"")
        }
    };
    Some(plain).filter(|name| !name.is_empty())
}

/// The name at the end of a file's address, if it has an ending.
pub fn name_in_address(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let last = url.path_segments()?.next_back().map(unescaped)?;
    last.rsplit_once('.').filter(|(stem, ending)| !stem.is_empty() && !ending.is_empty())?;
    Some(last)
}

/// A piece of an address without its escapes.
fn unescaped(piece: &str) -> String {
    let pair = format!("n={}", piece.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, name)| name.into_owned()).unwrap_or_default()
}

fn capped(response: Response, limit: u64) -> BoxStream<'static, Result<Bytes, FetchError>> {
    stream::unfold(Some((response, 0_u64)), move |state| async move {
        let (mut response, so_far) = state?;
        match response.chunk().await {
            Ok(None) => None,
            Ok(Some(chunk)) => {
                let read = so_far + chunk.len() as u64;
                if read > limit {
                    Some((Err(FetchError::TooLarge(limit)), None))
                } else {
                    Some((Ok(chunk), Some((response, read))))
                }
            }
            Err(error) => Some((Err(FetchError::Later(reason(judge(error)))), None)),
        }
    })
    .boxed()
}

/// An id as one segment of an address.
pub fn segment(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

fn reason(call: Call) -> String {
    match call {
        Call::NotSent(reason) | Call::Lost(reason) => reason,
        Call::Malformed | Call::Answered(_) => "no request could be made".to_owned(),
    }
}

/// It may work later.
pub fn later(outcome: SendOutcome) -> FetchError {
    FetchError::Later(words(outcome))
}

/// A look-up that was refused will be refused again; all else may work later.
pub fn gone_or_later(outcome: SendOutcome) -> FetchError {
    match outcome {
        SendOutcome::Refused(refusal) if !refusal.channel_broken => FetchError::Gone(refusal.message),
        other => later(other),
    }
}

/// What an outcome that is no success says.
pub fn words(outcome: SendOutcome) -> String {
    match outcome {
        SendOutcome::Accepted { .. } => "accepted".to_owned(),
        SendOutcome::NotSent { reason, .. } | SendOutcome::Unknown { reason } => reason,
        SendOutcome::Refused(refusal) => refusal.message,
    }
}

/// An upload that was lost has sent no message.
pub fn nothing_sent(outcome: SendOutcome) -> SendOutcome {
    match outcome {
        SendOutcome::Unknown { reason } => SendOutcome::not_sent(format!("the upload failed: {reason}")),
        other => other,
    }
}

/// An empty form; names of files go in it as they are: Telegram does not read `filename*`.
pub fn form() -> reqwest::multipart::Form {
    reqwest::multipart::Form::new().percent_encode_noop()
}

/// A file of ours in a form.
pub fn form_part(
    bytes: Bytes,
    name: String,
    mime_type: &str,
) -> Result<reqwest::multipart::Part, SendOutcome> {
    let length = bytes.len() as u64;
    reqwest::multipart::Part::stream_with_length(bytes, length)
        .file_name(name)
        .mime_str(mime_type)
        .map_err(|_| SendOutcome::refused("bad_mime_type", "the file's media type is not valid"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::PlatformSettings;

    #[test]
    fn a_file_is_called_what_its_sender_called_it_in_every_script() {
        let check = |said: &str, expected: Option<&str>| {
            assert_eq!(disposition_name(said).as_deref(), expected, "{said}");
        };
        check("attachment; filename=\"price list; new.pdf\"", Some("price list; new.pdf"));
        check("attachment; filename=plain.txt; size=3", Some("plain.txt"));
        check("attachment; filename=\"x.pdf\"; filename*=UTF-8''%E5%A0%B1%E5%91%8A.pdf", Some("報告.pdf"));
        check("inline; filename=\"отчёт.docx\"", Some("отчёт.docx"));
        check("attachment; FileName=\"a \\\"b\\\".txt\"", Some("a \"b\".txt"));
        check("inline", None);
        let address = "https://cdn.example/v/t59/1_report.pdf/%D9%81%D8%A7%D8%AA%D9%88%D8%B1%D8%A9.pdf?_nc=1";
        assert_eq!(name_in_address(address).as_deref(), Some("فاتورة.pdf"));
        assert_eq!(name_in_address("https://cdn.example/v/12345"), None);
    }

    #[test]
    fn a_token_is_told_to_the_platforms_own_hosts_only() {
        let bases = [("graph".to_owned(), "http://127.0.0.1:9/graph".to_owned())].into();
        let settings = PlatformSettings { bases, ..PlatformSettings::default() };
        let platforms = Platforms::new(settings).expect("a client");
        let told = |address: &str| platforms.may_see_token(&Url::parse(address).expect("an address"));
        for own in [
            "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
            "https://mmg.whatsapp.net/v/t62",
            "https://graph.facebook.com/v26.0/1",
            "http://127.0.0.1:9/elsewhere/on/the/base",
        ] {
            assert!(told(own), "{own}");
        }
        for other in [
            "https://evil.example/lookaside.fbsbx.com",
            "https://fbsbx.com.evil.example/",
            "https://evilfbsbx.com/",
            "https://lookaside.fbsbx.com@evil.example/",
            "http://lookaside.fbsbx.com/",
            "https://lookaside.fbsbx.com:8443/",
            "http://127.0.0.1:10/graph",
            "https://cdn.example/",
        ] {
            assert!(!told(other), "{other}");
        }
    }
}
