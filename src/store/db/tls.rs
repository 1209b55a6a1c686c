//! PostgreSQL by TLS: where its address says `sslmode=require` (or `verify-ca`, `verify-full`), the
//! server must prove its name by a certificate this machine trusts (`SSL_CERT_FILE` names others).
//! Never a connection that is less than what was asked for.

use diesel::result::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::Host;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, NoTls};

/// How long a server may take to take a connection; its address may say so otherwise (`connect_timeout`).
const CONNECT: Duration = Duration::from_secs(10);

/// Opens a connection as its address asks for, within its time.
pub(crate) async fn establish(url: &str) -> ConnectionResult<AsyncPgConnection> {
    let tls_url = demands_tls(url);
    let config = configured(tls_url.as_deref().unwrap_or(url))?;
    let hosts = u32::try_from(config.get_hosts().len().max(1)).unwrap_or(1);
    let limit = config.get_connect_timeout().copied().unwrap_or(CONNECT) * hosts;
    let opening = async {
        if tls_url.is_some() {
            let tls = ClientConfig::with_platform_verifier().map_err(|error| bad(url, &error))?;
            let opened = config.connect(Tls(Arc::new(tls))).await.map_err(|error| bad(url, &error))?;
            AsyncPgConnection::try_from_client_and_connection(opened.0, opened.1).await
        } else {
            let opened = config.connect(NoTls).await.map_err(|error| bad(url, &error))?;
            AsyncPgConnection::try_from_client_and_connection(opened.0, opened.1).await
        }
    };
    tokio::time::timeout(limit, opening).await.unwrap_or_else(|_| {
        let line = format!("PostgreSQL at {} does not answer within {} s", place(url), limit.as_secs());
        Err(ConnectionError::BadConnection(line))
    })
}

/// The settings of an address, with a limit for each host: without one a host that is silent keeps the next
/// from being asked.
fn configured(url: &str) -> ConnectionResult<Config> {
    let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
        ConnectionError::BadConnection(format!(
            "DATABASE_URL cannot be read: {}; it must look like postgres://USER:PASSWORD@HOST:5432/DATABASE, \
                and \
             signs such as @ : / % # ? in the password must be percent-encoded",
            whole(&error)
        ))
    })?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    Ok(config)
}

/// Where an address leads, for people: hosts, ports and the database, never a password.
pub(crate) fn place(url: &str) -> String {
    let url = demands_tls(url).unwrap_or_else(|| url.to_owned());
    let Ok(config) = url.parse::<Config>() else { return "the address of DATABASE_URL".to_owned() };
    let ports = config.get_ports();
    let host = |(number, host): (usize, &Host)| {
        let port = ports.get(number).or(ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
            Host::Tcp(name) => format!("{name}:{port}"),
            Host::Unix(folder) => format!("{}/.s.PGSQL.{port}", folder.display()),
        }
    };
    let mut hosts: Vec<String> = config.get_hosts().iter().enumerate().map(host).collect();
    if hosts.is_empty() {
        hosts.push("no host".to_owned());
    }
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("{}/{database}", hosts.join(","))
}

/// The address with the one word for it that the client knows; none: TLS is not asked for.
fn demands_tls(url: &str) -> Option<String> {
    let strict = ["sslmode=verify-full", "sslmode=verify-ca", "sslmode=require"];
    let asked = strict.iter().find(|mode| url.contains(**mode))?;
    Some(url.replace(asked, "sslmode=require"))
}

/// Names the server and the whole reason: "error connecting to server" alone helps nobody.
fn bad(url: &str, error: &dyn std::error::Error) -> ConnectionError {
    let why = whole(error);
    let hint = if why.contains("password missing") {
        " (DATABASE_URL holds no password: postgres://USER:PASSWORD@HOST/DATABASE)"
    } else {
        ""
    };
    ConnectionError::BadConnection(format!("PostgreSQL at {}: {why}{hint}", place(url)))
}

/// An error with all that caused it, in one line.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        next = cause.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Clone)]
struct Tls(Arc<ClientConfig>);

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Stream<S>;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Handshake> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        Ok(Handshake { config: self.0.clone(), name })
    }
}

struct Handshake {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Handshake {
    type Stream = Stream<S>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Stream<S>>>;

    fn connect(self, stream: S) -> Self::Future {
        let connector = tokio_rustls::TlsConnector::from(self.config);
        connector.connect(self.name, stream).map(|opened| opened.map(Stream)).boxed()
    }
}

struct Stream<S>(tokio_rustls::client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> tokio_postgres::tls::TlsStream for Stream<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::{demands_tls, establish, place};

    #[test]
    fn a_place_names_hosts_and_ports_and_no_password() {
        for (url, said) in [
            ("postgres://u:hidden@db.example/rapport", "db.example:5432/rapport"),
            ("postgres://u:hidden@a:1,b:2/d?sslmode=verify-full", "a:1,b:2/d"),
            ("postgres://u:hidden@[::1]:7/d", "[::1]:7/d"),
        ] {
            assert_eq!(place(url), said);
        }
    }

    #[actix::test]
    async fn a_server_that_is_silent_is_given_up_and_named() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = silent.local_addr().expect("bound");
        let url = format!("postgres://u:hidden@{address}/d?connect_timeout=1");
        let Err(error) = establish(&url).await else { panic!("nobody answered") };
        let line = error.to_string();
        assert!(line.contains(&address.to_string()) && !line.contains("hidden"), "{line}");
    }

    #[actix::test]
    async fn why_there_is_no_connection_is_said() {
        for (url, reason) in [
            ("postgres://u:hidden@127.0.0.1:1/d", "refused"),
            ("postgres://u:hidden@no-such-host.invalid/d", "no-such-host.invalid:5432"),
            ("postgres://u:hid/den@h:x/d", "percent-encoded"),
        ] {
            let Err(error) = establish(url).await else { panic!("nobody is there") };
            let line = error.to_string();
            assert!(line.contains(reason) && !line.contains("hidden"), "{line}");
        }
    }

    #[test]
    fn tls_is_demanded_by_each_of_its_words_and_by_nothing_else() {
        let required = "postgres://u@h/d?sslmode=require";
        for mode in ["require", "verify-ca", "verify-full"] {
            let url = format!("postgres://u@h/d?sslmode={mode}");
            assert_eq!(demands_tls(&url).as_deref(), Some(required), "{mode}");
        }
        for url in ["postgres://u@h/d", "postgres://u@h/d?sslmode=prefer", "postgres://u@h/d?sslmode=disable"]
        {
            assert_eq!(demands_tls(url), None, "{url}");
        }
    }
}
