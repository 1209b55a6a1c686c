//! Where a browser's request comes from. Never a guess: what a browser does not say is not held
//! against a program that is none.

use crate::config::PublicUrl;
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap};
use std::net::IpAddr;
use url::{Host, Url};

/// Whether a write that a browser's cookie would allow comes from our own pages. Without `Origin`
/// and `Sec-Fetch-Site` it is no browser, and nobody's cookie is abused.
pub fn may_write(public_url: &PublicUrl, request: &HttpRequest) -> bool {
    let headers = request.headers();
    let is_cross_site = headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"cross-site");
    !is_cross_site && (!headers.contains_key(header::ORIGIN) || origin_allowed(public_url, request))
}

/// Whether the request names an `Origin`, and it is one of our own pages.
pub fn origin_allowed(public_url: &PublicUrl, request: &HttpRequest) -> bool {
    is_own(&public_url.origin(), request.headers())
}

fn is_own(public_origin: &str, headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(header::ORIGIN);
    let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
    let Ok(origin) = origin.to_str() else { return false };
    origin == public_origin || is_this_machine(origin, headers)
}

/// Over plain http on this machine, the address in the browser may differ from the public one
/// (`localhost` for `127.0.0.1`, a test's port): then the page and the request must agree on it.
/// Only loopback names: a foreign name that points here (DNS rebinding) agrees with itself too.
fn is_this_machine(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let (Some(authority), Some(host)) = (origin.strip_prefix("http://"), host) else { return false };
    authority.eq_ignore_ascii_case(host) && is_loopback(origin)
}

fn is_loopback(origin: &str) -> bool {
    let Ok(url) = Url::parse(origin) else { return false };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).to_canonical().is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn check(public: &str, headers: &[(&str, &str)], allowed: bool) {
        let request = headers
            .iter()
            .fold(TestRequest::default(), |request, pair| request.append_header(*pair))
            .to_http_request();
        assert_eq!(is_own(public, request.headers()), allowed, "{public} {headers:?}");
    }

    #[test]
    fn only_our_own_pages_are_allowed() {
        let public = "https://chat.example";
        check(public, &[("origin", "https://chat.example")], true);
        check(public, &[("origin", "http://chat.example")], false);
        check(public, &[("origin", "https://chat.example:444")], false);
        check(public, &[("origin", "https://chat.example.evil.example")], false);
        check(public, &[("origin", "https://evilchat.example")], false);
        check(public, &[("origin", "null")], false);
        check(public, &[], false);
        check(public, &[("origin", "https://chat.example"), ("origin", "https://evil.example")], false);
    }

    #[test]
    fn on_this_machine_page_and_request_must_agree() {
        let public = "http://127.0.0.1:8080";
        check(public, &[("origin", "http://localhost:8080"), ("host", "localhost:8080")], true);
        check(public, &[("origin", "http://127.0.0.1:4711"), ("host", "127.0.0.1:4711")], true);
        check(public, &[("origin", "http://[::1]:4711"), ("host", "[::1]:4711")], true);
        check(public, &[("origin", "http://localhost:9"), ("host", "localhost:8080")], false);
        check(public, &[("origin", "http://evil.example:8080"), ("host", "evil.example:8080")], false);
        check(public, &[("origin", "https://localhost:8080"), ("host", "localhost:8080")], false);
        check(
            public,
            &[("origin", "http://localhost.evil.example"), ("host", "localhost.evil.example")],
            false,
        );
    }
}
