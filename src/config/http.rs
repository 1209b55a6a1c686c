//! Where the server listens and how it is seen from outside. Never a socket.

use super::{WrongSetting, base_url};
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use std::net::{IpAddr, SocketAddr};
use url::Url;

/// Where we listen and how we are reached.
#[derive(Debug, Clone, clap::Args)]
pub struct Http {
    /// Address to listen on
    #[arg(
        long,
        env = "RAPPORT_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080",
        value_parser = listening,
        global = true
    )]
    pub listen: SocketAddr,

    /// Public address, for webhooks, cookies and the allowed origin [default: http:// and the listen address]
    #[arg(long = "public-url", env = "RAPPORT_PUBLIC_URL", value_name = "URL", global = true)]
    public_url: Option<String>,

    /// Bearer token that `GET /metrics` requires [default: none, it is open]
    #[arg(
        long = "metrics-token",
        env = "RAPPORT_METRICS_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN",
        value_parser = super::secret_text,
        global = true
    )]
    metrics_token: Option<SecretString>,

    /// Proxies in front of us, addresses and networks (10.0.0.0/8), commas between: only what they say of a
    /// client's address counts [default: none]
    #[arg(
        long,
        env = "RAPPORT_TRUSTED_PROXIES",
        value_name = "ADDRESSES",
        value_delimiter = ',',
        value_parser = network,
        global = true
    )]
    trusted_proxies: Vec<Option<IpNet>>,

    /// The header in which they say it; they must overwrite or append to what a client sends
    #[arg(
        long,
        env = "RAPPORT_CLIENT_IP_HEADER",
        value_name = "HEADER",
        default_value = "X-Forwarded-For",
        global = true
    )]
    client_ip_header: String,
}

/// An address with its port, in numbers.
fn listening(text: &str) -> Result<SocketAddr, String> {
    text.trim().parse().map_err(|_| {
        "an address and a port are wanted, in numbers, such as 127.0.0.1:8080 (this machine alone), \
            0.0.0.0:8080 or \
         [::]:8080 (everybody)"
            .to_owned()
    })
}

/// An address or a network; nothing between two commas is none.
fn network(text: &str) -> Result<Option<IpNet>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let address = || text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
    text.parse::<IpNet>()
        .or_else(|_| address())
        .map(Some)
        .map_err(|_| "expected an address or a network, such as 127.0.0.1 or 10.0.0.0/8".to_owned())
}

fn is_header_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// The address the server is reached at from outside: scheme, host, perhaps a port and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl Http {
    pub(super) fn check(&self) -> Result<(), WrongSetting> {
        let named = self.named()?;
        if named.is_none() && !self.listen.ip().to_canonical().is_loopback() {
            return Err(WrongSetting(format!(
                "RAPPORT_LISTEN={} lets others in: put a proxy with TLS in front and set RAPPORT_PUBLIC_URL \
                    to its \
                 https:// address (an http:// one is taken at your word: passwords then cross the network \
                 unencrypted)",
                self.listen
            )));
        }
        if !is_header_name(self.client_ip_header()) {
            return Err(WrongSetting("RAPPORT_CLIENT_IP_HEADER must be the name of one header".into()));
        }
        Ok(())
    }

    /// Whether what this peer says of a client's address counts.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted_proxies.iter().flatten().any(|network| network.contains(&peer))
    }

    /// Where a trusted proxy says it.
    pub fn client_ip_header(&self) -> &str {
        self.client_ip_header.trim()
    }

    /// What `/metrics` asks for, if anything.
    pub fn metrics_token(&self) -> Option<&SecretString> {
        self.metrics_token.as_ref().filter(|token| !token.expose_secret().is_empty())
    }

    fn named(&self) -> Result<Option<Url>, WrongSetting> {
        let named = self.public_url.as_deref().filter(|text| !text.trim().is_empty());
        let Some(text) = named else { return Ok(None) };
        let url = base_url("RAPPORT_PUBLIC_URL", text)?;
        // The address itself is not shown: it may hold a password.
        let odd = match &url {
            url if !url.username().is_empty() || url.password().is_some() => "a user or a password",
            url if url.path() != "/" || text.contains(['?', '#']) => "a path or a query",
            _ => return Ok(Some(url)),
        };
        Err(WrongSetting(format!(
            "RAPPORT_PUBLIC_URL has {odd}: it is only scheme and host, such as https://chat.example.com"
        )))
    }

    /// The public address, where `listening` is what the socket was really bound to.
    pub fn public_url(&self, listening: SocketAddr) -> Result<PublicUrl, WrongSetting> {
        if let Some(url) = self.named()? {
            return Ok(PublicUrl(url));
        }
        let mut reachable = listening;
        if listening.ip().is_unspecified() {
            // Nobody can visit 0.0.0.0; this machine can at least be visited from itself.
            reachable.set_ip(if listening.is_ipv4() {
                [127, 0, 0, 1].into()
            } else {
                std::net::Ipv6Addr::LOCALHOST.into()
            });
        }
        base_url("RAPPORT_PUBLIC_URL", &format!("http://{reachable}")).map(PublicUrl)
    }
}

impl PublicUrl {
    /// Whether browsers come by https: then cookies are `Secure`.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// What browsers send as `Origin`.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The address of `path`, which begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(public_url: Option<&str>) -> Http {
        Http {
            listen: ([127, 0, 0, 1], 8080).into(),
            public_url: public_url.map(Into::into),
            metrics_token: None,
            trusted_proxies: Vec::new(),
            client_ip_header: "X-Forwarded-For".into(),
        }
    }

    #[test]
    fn the_public_address_is_the_one_named_or_the_one_bound() {
        let bound = ([0, 0, 0, 0], 4711).into();
        let default = http(None).public_url(bound).expect("an address");
        assert_eq!(default.at("/setup"), "http://127.0.0.1:4711/setup");
        assert!(!default.is_https());
        let named = http(Some("https://chat.example:443/")).public_url(bound).expect("an address");
        assert_eq!(named.at("/setup"), "https://chat.example/setup");
        assert_eq!(named.origin(), "https://chat.example");
        assert!(named.is_https());
    }
}
