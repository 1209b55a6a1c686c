//! A program outside that hears events: it keeps every call and answers as told. Never a judgement of what it hears.

use super::{eventually, server::free_port, wire};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};

#[derive(Default)]
struct Ears {
    calls: Vec<wire::Request>,
    answers: VecDeque<u16>,
    is_mute: bool,
}

/// The running program. Ends with the test.
pub struct Hearer {
    port: u16,
    ears: Arc<Mutex<Ears>>,
    listening: tokio::task::JoinHandle<()>,
}

impl Hearer {
    pub async fn start() -> Self {
        let port = free_port();
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        let ears: Arc<Mutex<Ears>> = Arc::default();
        let shared = ears.clone();
        let listening = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, shared.clone()));
            }
        });
        Self { port, ears, listening }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hear", self.port)
    }

    /// The next call is answered so; then 200 again.
    pub fn answers(&self, status: u16) {
        self.ears.lock().expect("no panic").answers.push_back(status);
    }

    /// Whether it hears and never answers.
    pub fn is_mute(&self, is_mute: bool) {
        self.ears.lock().expect("no panic").is_mute = is_mute;
    }

    pub fn calls(&self) -> Vec<wire::Request> {
        self.ears.lock().expect("no panic").calls.clone()
    }

    /// The events it heard whose body `fits`.
    pub fn heard(&self, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let bodies =
            self.calls().into_iter().map(|call| serde_json::from_slice::<Value>(&call.body).expect("JSON"));
        bodies.filter(|body| fits(body)).collect()
    }

    /// Waits until it heard so many of them.
    pub async fn hears(&self, what: &str, count: usize, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        eventually(what, async || Some(self.heard(&fits)).filter(|heard| heard.len() >= count)).await
    }
}

/// Whether a call is signed with this secret, by what the documentation says.
pub fn is_signed(call: &wire::Request, secret: &str) -> bool {
    let timestamp = call.headers.get("x-rapport-timestamp").expect("a timestamp");
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    let tag = mac.chain_update(timestamp).chain_update(".").chain_update(&call.body).finalize().into_bytes();
    let hex: String = tag.iter().fold(String::new(), |mut hex, byte| {
        let _ = std::fmt::Write::write_fmt(&mut hex, format_args!("{byte:02x}"));
        hex
    });
    call.headers.get("x-rapport-signature") == Some(&format!("sha256={hex}"))
}

impl Drop for Hearer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(stream: TcpStream, ears: Arc<Mutex<Ears>>) {
    let mut stream = BufReader::new(stream);
    while let Ok(Some(request)) = wire::read(&mut stream).await {
        let status = {
            let mut ears = ears.lock().expect("no panic");
            ears.calls.push(request);
            if ears.is_mute { None } else { Some(ears.answers.pop_front().unwrap_or(200)) }
        };
        let Some(status) = status else { return std::future::pending().await };
        if wire::write(&mut stream, status, &[], "{}").await.is_err() {
            return;
        }
    }
}
