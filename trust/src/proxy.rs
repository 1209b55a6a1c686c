//! A network that can be made bad: a TCP proxy that cuts connections after some bytes, or goes silent without a
//! word. Never looks into what passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How bad it is.
#[derive(Default)]
pub struct Weather {
    /// A connection is cut after at most so many bytes from the server; 0: never.
    pub cut_within: AtomicU64,
    /// Nothing passes any more, and nobody is told.
    pub is_silent: AtomicBool,
    /// Connections that were cut.
    pub cuts: AtomicU64,
}

/// Opens a proxy to `http://HOST:PORT` and gives its own address.
pub async fn open(target: &str, weather: Arc<Weather>) -> String {
    let target = target.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (target, weather) = (target.clone(), weather.clone());
            tokio::spawn(async move {
                if let Ok(server) = TcpStream::connect(&target).await {
                    pass(client, server, weather).await;
                }
            });
        }
    });
    format!("http://{address}")
}

async fn pass(client: TcpStream, server: TcpStream, weather: Arc<Weather>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let silent = weather.clone();
    let up = tokio::spawn(async move {
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = from_client.read(&mut chunk).await {
            if silent.is_silent.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            if to_server.write_all(&chunk[..count]).await.is_err() {
                return;
            }
        }
    });
    let within = weather.cut_within.load(Ordering::Relaxed);
    let mut left = if within == 0 { u64::MAX } else { getrandom::u64().unwrap_or(1) % within };
    let mut chunk = [0; 2048];
    while let Ok(count @ 1..) = from_server.read(&mut chunk).await {
        if weather.is_silent.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        let count = count.min(usize::try_from(left).unwrap_or(usize::MAX));
        if to_client.write_all(&chunk[..count]).await.is_err() {
            break;
        }
        left -= count as u64;
        if left == 0 {
            weather.cuts.fetch_add(1, Ordering::Relaxed);
            break;
        }
    }
    up.abort();
}
