//! The settings: one struct a concern, each a flag and an environment variable, read once at the
//! start. Never a secret in `Debug`, never a default that is hidden from `--help`.

mod ai;
mod database;
mod first_admin;
mod hooks;
mod http;
mod limits;
mod media;
mod platforms;
mod secret;
mod workspaces;

pub use ai::Ai;
pub use database::{Database, Delivery};
pub use first_admin::{FirstAdmin, SHORTEST_PASSWORD};
pub use hooks::Hooks;
pub use http::{Http, PublicUrl};
pub use limits::Limits;
pub use media::Media;
pub use platforms::PlatformUrls;
pub use secret::Secret;
pub use workspaces::Workspaces;

use secrecy::SecretString;
use std::convert::Infallible;

/// Everything that can be set.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// Where we listen and how we are reached.
    #[command(flatten)]
    pub http: Http,
    /// Where the rows are.
    #[command(flatten)]
    pub database: Database,
    /// Where the files are.
    #[command(flatten)]
    pub media: Media,
    /// The first admin, for unattended set-ups.
    #[command(flatten)]
    pub first_admin: FirstAdmin,
    /// The key of sealed credentials and signed tokens.
    #[command(flatten)]
    pub secret: Secret,
    /// Where the platforms are.
    #[command(flatten)]
    pub platforms: PlatformUrls,
    /// Who writes drafts and transcriptions.
    #[command(flatten)]
    pub ai: Ai,
    /// How programs outside are told.
    #[command(flatten)]
    pub hooks: Hooks,
    /// What strangers may use up.
    #[command(flatten)]
    pub limits: Limits,
    /// Who may make workspaces.
    #[command(flatten)]
    pub workspaces: Workspaces,
}

/// A setting is wrong; one line that says which and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WrongSetting(pub String);

impl Config {
    /// What clap cannot see: settings that contradict each other.
    pub fn check(&self) -> Result<(), WrongSetting> {
        self.http.check()?;
        self.database.check()?;
        self.first_admin.check()?;
        self.secret.check(self.database.is_postgres())?;
        self.platforms.check()?;
        self.ai.check()
    }
}

/// clap's way to a secret: whatever it says, it is never shown in an error.
#[allow(clippy::unnecessary_wraps)] // clap wants a fallible one
fn secret_text(text: &str) -> Result<SecretString, Infallible> {
    Ok(SecretString::from(text))
}

/// An `http` or `https` address with a host; its path is kept, a slash at its end is not.
fn base_url(name: &str, text: &str) -> Result<url::Url, WrongSetting> {
    let wrong =
        |why: &str| WrongSetting(format!("{name} must be an address like https://example.com: {why}"));
    let mut url = url::Url::parse(text.trim()).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => wrong("https:// or http:// must stand before it"),
        error => wrong(&error.to_string()),
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("only http and https are known"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("it names no host"));
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        config: Config,
    }

    fn config(args: &[&str]) -> Config {
        let args = std::iter::once("rapport").chain(args.iter().copied());
        Line::try_parse_from(args).expect("the flags are known").config
    }

    fn check(args: &[&str], complaint: Option<&str>) {
        match (config(args).check(), complaint) {
            (Ok(()), None) => {}
            (Err(WrongSetting(line)), Some(part)) => {
                assert!(line.contains(part) && !line.contains('\n'), "{args:?}: {line}");
            }
            (outcome, _) => panic!("{args:?}: {outcome:?}"),
        }
    }

    /// What somebody may write who means a database that is there, and what would be a new one.
    const NEARLY: [&str; 24] = [
        "",
        " sqlite://data/rapport.db",
        "sqlite://data/rapport.db\n",
        "\"sqlite://data/rapport.db\"",
        "data/rapport.db",
        "/var/lib/rapport.db",
        "db.example.com/rapport",
        "localhost:5432/rapport",
        "sqlite:data/rapport.db",
        "sqlite:/data/rapport.db",
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite://file:x",
        "sqlite://",
        "sqlite://data/",
        "sqlite://data/rapport.db?mode=rwc",
        "sqlite://data/rapport.db#x",
        "sqlite://postgres://h/d",
        "sqlite://~/rapport.db",
        "sqlite://$HOME/rapport.db",
        "sqlite:///srv/our%20data/rapport.db",
        "SQLITE://data/rapport.db",
        "postgres:/u@h/d",
        "postgres://",
    ];

    #[test]
    fn a_wrong_setting_is_one_line_that_names_it() {
        check(&[], None);
        check(&["--database-url", "mysql://x"], Some("DATABASE_URL"));
        check(&["--database-url", "postgres://u:p@h/d"], Some("RAPPORT_SECRET_KEY"));
        for nearly in NEARLY {
            check(&["--database-url", nearly], Some("DATABASE_URL"));
        }
        for path in ["data/rapport.db", "/var/lib/rapport/rapport.db", "rapport.db", "/srv/our data/rap.port"]
        {
            check(&["--database-url", &format!("sqlite://{path}")], None);
        }
        check(&["--secret-key", "too short"], Some("32"));
        check(
            &["--secret-key", "0123456789abcdef0123456789abcdef", "--database-url", "postgres://h/d"],
            None,
        );
        check(&["--public-url", "ftp://x"], Some("RAPPORT_PUBLIC_URL"));
        for odd in
            ["https://h/inbox", "https://h/?a=b", "https://h/#x", "https://u:p@h", "chat.example", "/x"]
        {
            check(&["--public-url", odd], Some("RAPPORT_PUBLIC_URL"));
        }
        check(&["--public-url", "https://chat.example/"], None);
        check(&["--public-url", "https://chat.example"], None);
        check(&["--listen", "0.0.0.0:8080"], Some("RAPPORT_PUBLIC_URL"));
        check(&["--listen", "[::]:8080"], Some("RAPPORT_PUBLIC_URL"));
        check(&["--listen", "0.0.0.0:8080", "--public-url", "https://chat.example"], None);
        check(&["--listen", "[::1]:8080"], None);
        check(&["--secret-key", "please-CHANGE-ME-please-change-me-please"], Some("RAPPORT_SECRET_KEY"));
        check(&["--graph-url", "nonsense"], Some("RAPPORT_GRAPH_URL"));
        check(&["--admin-username", "anna"], Some("RAPPORT_ADMIN_PASSWORD"));
        check(&["--admin-username", "anna", "--admin-password", "short"], Some("12"));
        check(&["--redis-url", "http://x"], Some("REDIS_URL"));
        check(&["--platform-timeout", "0"], Some("RAPPORT_PLATFORM_TIMEOUT"));
        check(&["--ai-url", "x"], Some("RAPPORT_AI_URL"));
        check(&["--delivery", "off"], None);
        check(&["--trusted-proxies", "127.0.0.1, 10.0.0.0/8,,2001:db8::/32"], None);
        check(&["--trusted-proxies", ""], None);
        check(&["--client-ip-header", "X-Real-IP"], None);
        check(&["--client-ip-header", "X-Real-IP, Forwarded"], Some("RAPPORT_CLIENT_IP_HEADER"));
    }

    #[test]
    fn debug_shows_no_secret() {
        let config = config(&[
            "--admin-password",
            "the-hidden-one-1",
            "--database-url",
            "postgres://u:the-hidden-one-2@h/d",
        ]);
        assert!(!format!("{config:?}").contains("hidden"));
    }

    #[test]
    fn a_base_url_keeps_its_path_and_loses_its_slash() {
        let url = base_url("X", "http://127.0.0.1:9/sim/graph/").expect("an address");
        assert_eq!(url.as_str(), "http://127.0.0.1:9/sim/graph");
    }
}
