//! PostgreSQL by TLS: where its address says `sslmode=require` (or `verify-ca`, `verify-full`), the
//! server must prove its name by a certificate this machine trusts (`SSL_CERT_FILE` names others).
//! Never a connection that is less than what was asked for.

use diesel::result::{ConnectionError, ConnectionResult};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};

/// Opens a connection as its address asks for.
pub(super) async fn establish(url: &str) -> ConnectionResult<AsyncPgConnection> {
    let Some(url) = demands_tls(url) else { return AsyncPgConnection::establish(url).await };
    let config = ClientConfig::with_platform_verifier().map_err(bad)?;
    let (client, connection) = tokio_postgres::connect(&url, Tls(Arc::new(config))).await.map_err(bad)?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}

/// The address with the one word for it that the client knows; none: TLS is not asked for.
fn demands_tls(url: &str) -> Option<String> {
    let strict = ["sslmode=verify-full", "sslmode=verify-ca", "sslmode=require"];
    let asked = strict.iter().find(|mode| url.contains(**mode))?;
    Some(url.replace(asked, "sslmode=require"))
}

fn bad(error: impl std::error::Error) -> ConnectionError {
    let mut text = error.to_string();
    // The reason is below: "error performing TLS handshake" alone helps nobody.
    if let Some(source) = error.source() {
        text = format!("{text}: {source}");
    }
    ConnectionError::BadConnection(text)
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
    use super::demands_tls;

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
