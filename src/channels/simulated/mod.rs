//! Platforms that exist only in this process, for `demo`: Graph, Instagram and Telegram take sends,
//! answer with fresh ids, and call our webhooks as the real ones do: signed, late, sometimes twice.
//! Never reaches beyond the address it was given, never keeps more than a session's memory.

mod bodies;
mod model;
mod past;
mod routes;
mod template_checks;
mod templates;

pub use bodies::{Customer, words};
pub use routes::routes;

use super::meta::signature;
use crate::domain::{ChannelKind, Timestamp};
use bytes::Bytes;
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Where the simulated platforms call, and for whom.
#[derive(Debug, Clone)]
pub struct SimulationSettings {
    /// Our own server's address, without a slash at the end.
    pub server_url: String,
    /// The accounts.
    pub accounts: Vec<SimulatedAccount>,
    /// How long each thing a platform does by itself takes.
    pub pace: Duration,
}

/// One account at a simulated platform.
#[derive(Debug, Clone)]
pub struct SimulatedAccount {
    /// Which platform.
    pub kind: ChannelKind,
    /// The account, as the channel names it.
    pub external_id: String,
    /// What signs its webhooks: the app's secret, or Telegram's secret token.
    pub secret: String,
    /// The path of its webhooks: `/webhooks/whatsapp` …, `/webhooks/telegram/3`.
    pub webhook_path: String,
}

/// The simulated platforms; cloned freely.
#[derive(Clone)]
pub struct Simulation {
    inner: Arc<Inner>,
}

struct Inner {
    settings: SimulationSettings,
    http: reqwest::Client,
    next: AtomicU64,
    accepted: Mutex<VecDeque<AcceptedSend>>,
    /// What customers can send, by the id the platform knows it by.
    files: Mutex<HashMap<String, KeptFile>>,
    /// What customers are called, for who looks them up.
    names: Mutex<HashMap<String, String>>,
    /// What was written, for who asks for the past.
    threads: Mutex<past::Threads>,
    /// Where Telegram was told to call.
    webhook: Mutex<String>,
    /// The approved messages of its one business account, in Meta's shape.
    templates: Mutex<Vec<Value>>,
    is_hurried: AtomicBool,
    /// Nothing that platforms say arrives.
    is_deaf: AtomicBool,
}

/// A file on a simulated platform.
#[derive(Debug, Clone)]
pub struct KeptFile {
    /// Its media type.
    pub mime_type: &'static str,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A number that no message can be delivered to.
pub const UNREACHABLE: &str = "15550170190";
/// A number for which the platform takes a message and then says nothing that anybody understands.
pub const UNHEARD: &str = "15550170191";

/// A send a simulated platform took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedSend {
    /// The id it gave.
    pub id: String,
    /// To whom.
    pub to: String,
    /// The words, if there were any.
    pub text: Option<String>,
    /// Our token, if it came along.
    pub token: Option<String>,
}

/// How many sends are remembered.
const REMEMBERED: usize = 10_000;

impl Simulation {
    /// Simulated platforms that have seen nothing yet. Fails only where no HTTP client can be made.
    pub fn new(settings: SimulationSettings) -> Result<Self, reqwest::Error> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .timeout(Duration::from_secs(10))
            .build()?;
        // A restart must not give ids that were given before.
        let next = AtomicU64::new(u64::try_from(Timestamp::now().0).unwrap_or(1));
        let inner = Inner {
            settings,
            http,
            next,
            accepted: Mutex::default(),
            files: Mutex::default(),
            names: Mutex::default(),
            threads: Mutex::default(),
            webhook: Mutex::default(),
            templates: Mutex::new(templates::samples()),
            is_hurried: AtomicBool::new(false),
            is_deaf: AtomicBool::new(false),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether everything takes no time, as while a story of long ago is told.
    pub fn hurry(&self, is_hurried: bool) {
        self.inner.is_hurried.store(is_hurried, Ordering::Relaxed);
    }

    /// Whether webhooks are lost on their way: what the platforms keep can be read back from them.
    #[cfg(test)]
    pub(super) fn lose_webhooks(&self, are_lost: bool) {
        self.inner.is_deaf.store(are_lost, Ordering::Relaxed);
    }

    /// Has a file that customers can send.
    pub fn keep(&self, id: &str, file: KeptFile) {
        self.inner.files.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), file);
    }

    fn file(&self, id: &str) -> Option<KeptFile> {
        self.inner.files.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn meet(&self, customer: &Customer) {
        let mut names = self.inner.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(customer.id.to_string(), customer.name.to_string());
    }

    fn name_of(&self, id: &str) -> Option<String> {
        self.inner.names.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    async fn pause(&self) {
        if !self.inner.is_hurried.load(Ordering::Relaxed) {
            tokio::time::sleep(self.inner.settings.pace).await;
        }
    }

    /// What was taken so far, oldest first.
    pub fn accepted(&self) -> Vec<AcceptedSend> {
        self.inner.accepted.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Lets a customer write to every account now and then, each time delivered twice, until dropped.
    pub async fn run(&self, every: Duration) {
        for turn in 0.. {
            tokio::time::sleep(every).await;
            for account in &self.inner.settings.accounts {
                let (customer, words) = bodies::small_talk(turn);
                self.say(account, customer, words).await;
            }
        }
    }

    /// A customer writes to an account; the platform delivers it twice, as platforms do.
    pub async fn say(&self, account: &SimulatedAccount, customer: &Customer, text: &str) {
        self.meet(customer);
        let id = self.fresh_id(account.kind);
        self.write(account, &customer.id, &id, text, false);
        let Some(body) = bodies::message(account, customer, &id, text) else { return };
        self.deliver(account, &body).await;
        self.deliver(account, &body).await;
    }

    /// A customer sends something, in WhatsApp's words for it.
    pub async fn send(&self, account: &SimulatedAccount, customer: &Customer, what: &Value) {
        self.meet(customer);
        if let Some(body) = bodies::content(account, customer, &self.fresh_id(account.kind), what) {
            self.deliver(account, &body).await;
        }
    }

    /// The owner writes to a customer in the platform's own app.
    pub async fn answer_by_phone(&self, account: &SimulatedAccount, customer: &Customer, text: &str) {
        let id = self.fresh_id(account.kind);
        self.write(account, &customer.id, &id, text, true);
        if let Some(body) = bodies::from_phone(account, customer, &id, text) {
            self.deliver(account, &body).await;
        }
    }

    /// The account of this id, else the first of this platform.
    fn account(&self, kind: ChannelKind, external_id: &str) -> Option<&SimulatedAccount> {
        let of_kind = || self.inner.settings.accounts.iter().filter(move |account| account.kind == kind);
        of_kind().find(|account| account.external_id == external_id).or_else(|| of_kind().next())
    }

    fn fresh_number(&self) -> u64 {
        self.inner.next.fetch_add(1, Ordering::Relaxed)
    }

    fn fresh_id(&self, kind: ChannelKind) -> String {
        let number = self.fresh_number();
        match kind.as_str() {
            "whatsapp" => format!("wamid.demo{number}"),
            "instagram" => format!("aWdemo{number}"),
            "messenger" => format!("m_demo{number}"),
            _ => (number % 1_000_000_000).to_string(),
        }
    }

    fn remember(&self, send: AcceptedSend) {
        let mut accepted = self.inner.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        if accepted.len() == REMEMBERED {
            accepted.pop_front();
        }
        accepted.push_back(send);
    }

    /// What the platform tells of a send by itself: receipts on WhatsApp, the echo and a "seen" on Meta's
    /// others.
    async fn follow_up(&self, account: &SimulatedAccount, send: &AcceptedSend) {
        for body in bodies::follow_ups(account, send) {
            self.pause().await;
            self.deliver(account, &body).await;
        }
    }

    /// One webhook, signed as its platform signs. A refusal is tried again a few times, as platforms do.
    async fn deliver(&self, account: &SimulatedAccount, body: &str) {
        if self.inner.is_deaf.load(Ordering::Relaxed) {
            return;
        }
        let url = format!("{}{}", self.inner.settings.server_url, account.webhook_path);
        for attempt in 0..4_u32 {
            let request = self.inner.http.post(&url).header("content-type", "application/json");
            let request = if account.kind == ChannelKind::named("telegram") {
                request.header("x-telegram-bot-api-secret-token", &account.secret)
            } else {
                request.header("x-hub-signature-256", signature::sign(&account.secret, body.as_bytes()))
            };
            match request.body(body.to_owned()).send().await {
                Ok(answer) if answer.status().is_success() => return,
                _ => tokio::time::sleep(self.inner.settings.pace * 2_u32.pow(attempt)).await,
            }
        }
        log::warn!("the simulated {} could not deliver a webhook", account.kind);
    }
}

#[cfg(test)]
mod tests;
