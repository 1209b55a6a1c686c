//! One call of one address, signed. Never an address that is not public (unless a setting allows
//! it: looked at where the connection is made), never a redirect, never a second try; what the
//! address answers is not kept, only its status.

use crate::channels::guard::{PublicOnly, is_public};
use crate::domain::{HookEvent, Refusal, Timestamp};
use hmac::{Hmac, Mac};
use reqwest::Client;
use sha2::Sha256;
use std::time::Duration;
use url::{Host, Url};

/// One call, all of it.
pub const TIMEOUT: Duration = Duration::from_secs(15);
const CONNECTING: Duration = Duration::from_secs(5);
const LONGEST_URL: usize = 2_000;

/// Who calls; cloned freely.
#[derive(Clone)]
pub struct Caller {
    http: Client,
    allow_private: bool,
}

/// What is handed over.
pub(super) struct Parcel<'a> {
    /// To where.
    pub url: &'a str,
    /// What signs it.
    pub secret: &'a [u8],
    /// The event's own name.
    pub event_id: &'a str,
    /// What happened.
    pub event: HookEvent,
    /// JSON.
    pub body: String,
    /// Which try of it.
    pub attempt: i64,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// What the address answered, if it did.
    pub status: Option<u16>,
    /// Why it counts as failed; none: it was taken.
    pub error: Option<String>,
    /// Calling again is no use.
    pub is_final: bool,
}

impl Called {
    pub(super) fn failed(error: impl Into<String>, is_final: bool) -> Self {
        Self { status: None, error: Some(error.into()), is_final }
    }
}

impl Caller {
    /// A caller; `allow_private`: internal addresses and plain http, too.
    pub fn new(allow_private: bool) -> Result<Self, reqwest::Error> {
        // Whoever comes second finds it installed: both are this provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            let builder = Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                // A proxy would look the name up for us, and past the guard.
                .no_proxy()
                .timeout(TIMEOUT)
                .connect_timeout(CONNECTING)
                .pool_idle_timeout(Duration::from_secs(5))
                .user_agent(concat!("rapport/", env!("CARGO_PKG_VERSION")));
            if allow_private { builder } else { builder.dns_resolver(PublicOnly) }
        };
        let http = builder().build().or_else(|_| builder().tls_certs_only([]).build())?;
        Ok(Self { http, allow_private })
    }

    /// Whether an address may be called at all: names are looked at again at each call.
    pub fn check(&self, address: &str) -> Result<(), Refusal> {
        let wrong = |message: &str| Err(Refusal::invalid("invalid_url", message));
        let Some(url) = Url::parse(address).ok().filter(|_| address.len() <= LONGEST_URL) else {
            return wrong("url must be an address like https://example.com/rapport.");
        };
        if url.scheme() != "https" && !(self.allow_private && url.scheme() == "http") {
            return wrong("url must start with https.");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("url must not contain a user name or a password. Check the signature instead.");
        }
        let is_internal = match url.host() {
            Some(Host::Ipv4(ip)) => !is_public(ip.into()),
            Some(Host::Ipv6(ip)) => !is_public(ip.into()),
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            None => return wrong("url has no host."),
        };
        if is_internal && !self.allow_private {
            return wrong("url is an internal address. RAPPORT_HOOKS_ALLOW_PRIVATE allows these.");
        }
        Ok(())
    }

    /// Calls once.
    pub(super) async fn call(&self, parcel: Parcel<'_>) -> Called {
        if let Err(refusal) = self.check(parcel.url) {
            return Called::failed(refusal.message, true);
        }
        let sent_at = Timestamp::now().0 / 1000;
        let request = self
            .http
            .post(parcel.url)
            .header("content-type", "application/json")
            .header("x-rapport-event", parcel.event.as_str())
            .header("x-rapport-event-id", parcel.event_id)
            .header("x-rapport-attempt", parcel.attempt)
            .header("x-rapport-timestamp", sent_at)
            .header("x-rapport-signature", signature(parcel.secret, sent_at, parcel.body.as_bytes()))
            .body(parcel.body);
        match request.send().await {
            Ok(response) => judge(response.status().as_u16()),
            Err(error) => Called::failed(reason(&error), false),
        }
    }
}

/// `sha256=` and the HMAC of `timestamp.body`, in hex.
fn signature(secret: &[u8], timestamp: i64, body: &[u8]) -> String {
    let mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(secret).expect("HMAC takes keys of any length");
    let tag = mac.chain_update(format!("{timestamp}.")).chain_update(body).finalize().into_bytes();
    tag.iter().fold(String::from("sha256="), |text, byte| text + &format!("{byte:02x}"))
}

fn judge(status: u16) -> Called {
    match status {
        200..300 => Called { status: Some(status), error: None, is_final: false },
        410 => Called {
            status: Some(status),
            error: Some("The endpoint returned 410 Gone.".into()),
            is_final: true,
        },
        300..400 => Called {
            status: Some(status),
            error: Some(format!("The endpoint returned {status}; redirects are not followed.")),
            is_final: false,
        },
        _ => Called {
            status: Some(status),
            error: Some(format!("The endpoint returned {status}.")),
            is_final: false,
        },
    }
}

/// Never reqwest's own words: they hold the address, which may hold a secret.
fn reason(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "The endpoint did not respond in time."
    } else if error.is_connect() {
        "The endpoint cannot be reached, or its address is internal."
    } else {
        "The response was cut off."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, private: bool, fits: bool) {
        let caller = Caller::new(private).expect("a client");
        assert_eq!(caller.check(address).is_ok(), fits, "{address}, private {private}");
    }

    #[test]
    fn only_public_https_addresses_are_called_unless_a_setting_says_so() {
        check("https://example.com/x?y=z", false, true);
        for internal in [
            "http://example.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://localhost/",
            "https://10.0.0.8:8443/",
            "https://169.254.169.254/latest/meta-data",
            "https://2130706433/",
        ] {
            check(internal, false, false);
            check(internal, true, true);
        }
        for wrong in ["", "example.com", "ftp://example.com", "https://u:p@example.com", "file:///etc/passwd"]
        {
            check(wrong, false, false);
            check(wrong, true, false);
        }
    }

    #[test]
    fn a_signature_is_of_time_and_body() {
        // From an independent HMAC: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key
        let known = "sha256=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03";
        assert_eq!(signature(b"key", 1_700_000_000, br#"{"a":1}"#), known);
    }
}
