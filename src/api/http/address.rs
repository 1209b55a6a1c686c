//! Who a request comes from, as an address: the peer itself, or what a proxy that we trust says of its
//! client. Never a word of a header that anybody may write.

use crate::app::App;
use crate::config::Http;
use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin(IpAddr);

impl Origin {
    /// Of this request.
    pub fn of(app: &App, request: &HttpRequest) -> Self {
        let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        Self(said(&app.config.http, peer.to_canonical(), request.headers()))
    }

    /// What is counted by: an IPv6 address stands for its /64, which one household or one machine has.
    pub fn place(self) -> String {
        match self.0 {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("{}/64", Ipv6Addr::from(u128::from(address) >> 64 << 64)),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The right-most address that no proxy of ours has: whatever stands left of it the client may have written.
fn said(settings: &Http, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let mut address = peer;
    let lines: Vec<&str> =
        headers.get_all(settings.client_ip_header()).map(|line| line.to_str().unwrap_or("?")).collect();
    for part in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !settings.trusts(address) {
            break;
        }
        match one(part) {
            Some(next) => address = next,
            None => break,
        }
    }
    address
}

/// `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn one(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = || text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text).parse().ok();
    let address = bare().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        http: Http,
    }

    fn says(args: &[&str], peer: &str, header: &[(&'static str, &'static str)]) -> String {
        let line = Line::try_parse_from(["rapport"].iter().chain(args)).expect("flags");
        let mut headers = HeaderMap::new();
        for (name, value) in header {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        said(&line.http, peer.parse().expect("an address"), &headers).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_as_far_as_it_saw() {
        let forwarded = [("x-forwarded-for", "6.6.6.6, 203.0.113.7")];
        let proxies = ["--trusted-proxies", "127.0.0.1,10.0.0.0/8"];
        assert_eq!(says(&[], "127.0.0.1", &forwarded), "127.0.0.1", "nobody is trusted by default");
        assert_eq!(says(&proxies, "198.51.100.1", &forwarded), "198.51.100.1", "a stranger says so");
        assert_eq!(says(&proxies, "127.0.0.1", &forwarded), "203.0.113.7", "what stands left may be made up");
        let chain = [("x-forwarded-for", "6.6.6.6, 203.0.113.7"), ("x-forwarded-for", "10.1.2.3")];
        assert_eq!(says(&proxies, "127.0.0.1", &chain), "203.0.113.7", "two proxies, two lines");
        assert_eq!(says(&proxies, "127.0.0.1", &[("x-forwarded-for", "10.1.2.3")]), "10.1.2.3");
        assert_eq!(says(&proxies, "127.0.0.1", &[("x-forwarded-for", "203.0.113.7, nonsense")]), "127.0.0.1");
        assert_eq!(says(&proxies, "127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(says(&proxies, "127.0.0.1", &[("x-real-ip", "6.6.6.6")]), "127.0.0.1", "another header");
        let named = [&proxies[..], &["--client-ip-header", "CF-Connecting-IP"]].concat();
        assert_eq!(says(&named, "10.9.9.9", &[("cf-connecting-ip", "[2001:db8::5]:443")]), "2001:db8::5");
        assert_eq!(says(&named, "10.9.9.9", &forwarded), "10.9.9.9");
    }

    #[test]
    fn an_ipv6_household_counts_as_one() {
        let place = |text: &str| Origin(text.parse().expect("an address")).place();
        assert_eq!(place("2001:db8:1:2:3::1"), place("2001:db8:1:2:ffff::9"));
        assert_ne!(place("2001:db8:1:2::1"), place("2001:db8:1:3::1"));
        assert_ne!(place("203.0.113.7"), place("203.0.113.8"));
        assert_eq!(
            one("::ffff:203.0.113.7").map(|address| address.to_string()).as_deref(),
            Some("203.0.113.7")
        );
    }
}
