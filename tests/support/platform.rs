//! The platforms, as one fake: Graph (WhatsApp, Messenger, Instagram by Facebook login), Instagram and the
//! Telegram Bot API on one port, each below a path of its own. It keeps a ledger of every message it
//! accepted, and misbehaves on demand. All its ids are invented.

use super::{eventually, server::free_port, wire};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// A message a platform accepted: it is with the customer, whatever we were answered.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// `whatsapp`, `messenger`, `instagram`, `telegram`.
    pub platform: &'static str,
    /// What the platform calls it: `wamid…`, `m_…`, `aWd…`, or Telegram's message id.
    pub id: String,
    pub to: String,
    pub text: String,
    /// What we sent along to recognise it by: `biz_opaque_callback_data` or `metadata`.
    pub token: Option<String>,
    pub body: Value,
    pub path: String,
}

/// How a request is met.
#[derive(Clone)]
pub enum Manner {
    /// It is accepted, and the connection is cut before an answer.
    AcceptAndHangUp,
    /// It is accepted, and the answer waits until it is let go.
    AcceptAndHold(Arc<Notify>),
    /// It is accepted, and answered with this, as by a proxy that gave up.
    AcceptAndAnswer(u16, Value),
    /// It is not accepted, and answered with this and `Retry-After` where given.
    Refuse(u16, Value, Option<u32>),
}

struct Rule {
    text: String,
    manner: Manner,
    times: usize,
}

#[derive(Default)]
struct Book {
    accepted: Vec<Accepted>,
    rules: Vec<Rule>,
    /// Every request that is no send.
    asked: Vec<wire::Request>,
    next: u64,
}

/// The running fake. Ends with the test.
pub struct Platform {
    port: u16,
    book: Arc<Mutex<Book>>,
    listening: Option<tokio::task::JoinHandle<()>>,
}

impl Platform {
    pub async fn start() -> Self {
        let mut platform = Self { port: free_port(), book: Arc::default(), listening: None };
        platform.open().await;
        platform
    }

    /// Base URLs have a path here, because the contract says that one is kept.
    pub fn url(&self, platform: &str) -> String {
        format!("http://127.0.0.1:{}/{platform}", self.port)
    }

    /// Accepts connections (again).
    pub async fn open(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.expect("the port is still ours");
        let book = self.book.clone();
        self.listening = Some(tokio::spawn(async move {
            // The connections end with the listener: that is what `close` is for.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, book.clone()));
            }
        }));
    }

    /// Refuses connections: surely nothing is accepted.
    pub async fn close(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            let _ = listening.await;
        }
    }

    /// Meets the next `times` sends whose text contains `text` in this manner.
    pub fn meets(&self, text: &str, manner: Manner, times: usize) {
        self.book.lock().expect("no panic").rules.push(Rule { text: text.into(), manner, times });
    }

    /// What was accepted, in order.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.book.lock().expect("no panic").accepted.clone()
    }

    /// What was accepted with exactly this text.
    pub fn accepted_with(&self, text: &str) -> Vec<Accepted> {
        self.accepted().into_iter().filter(|accepted| accepted.text == text).collect()
    }

    /// Every request that was no send, in order.
    pub fn asked(&self) -> Vec<wire::Request> {
        self.book.lock().expect("no panic").asked.clone()
    }

    /// The first acceptance of this text, when it comes.
    pub async fn accepts(&self, text: &str) -> Accepted {
        eventually(&format!("a platform accepts {text:?}"), async || {
            self.accepted_with(text).into_iter().next()
        })
        .await
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
        }
    }
}

async fn serve(stream: TcpStream, book: Arc<Mutex<Book>>) {
    let mut stream = BufReader::new(stream);
    while let Ok(Some(request)) = wire::read(&mut stream).await {
        let Ok(()) = meet(&mut stream, &request, &book).await else { return };
    }
}

/// Answers one request; an error ends the connection.
async fn meet(
    stream: &mut BufReader<TcpStream>,
    request: &wire::Request,
    book: &Mutex<Book>,
) -> std::io::Result<()> {
    let hang_up = || std::io::Error::other("hung up on purpose");
    let Some(send) = as_send(request) else {
        book.lock().expect("no panic").asked.push(request.clone());
        return wire::write(stream, 200, &[], &look_up(request).to_string()).await;
    };
    let (manner, answer) = enter(send, book);
    match manner {
        None => wire::write(stream, 200, &[], &answer.to_string()).await,
        Some(Manner::AcceptAndHangUp) => Err(hang_up()),
        Some(Manner::AcceptAndHold(let_go)) => {
            let_go.notified().await;
            wire::write(stream, 200, &[], &answer.to_string()).await
        }
        Some(Manner::AcceptAndAnswer(status, body)) => {
            wire::write(stream, status, &[], &body.to_string()).await
        }
        Some(Manner::Refuse(status, body, wait)) => {
            let headers: Vec<_> =
                wait.map(|seconds| ("retry-after", seconds.to_string())).into_iter().collect();
            wire::write(stream, status, &headers, &body.to_string()).await
        }
    }
}

/// Writes the ledger, unless a rule refuses; gives how to meet it, and the usual answer.
fn enter(send: Accepted, book: &Mutex<Book>) -> (Option<Manner>, Value) {
    let mut book = book.lock().expect("no panic");
    let rule = book.rules.iter_mut().find(|rule| rule.times > 0 && send.text.contains(&rule.text));
    let manner = rule.map(|rule| {
        rule.times -= 1;
        rule.manner.clone()
    });
    if matches!(manner, Some(Manner::Refuse(..))) {
        return (manner, Value::Null);
    }
    book.next += 1;
    let id = match send.platform {
        "whatsapp" => format!("wamid.HBgLout{:08}", book.next),
        "messenger" => format!("m_out{:08}", book.next),
        "instagram" => format!("aWdNout{:08}", book.next),
        _ => (10_000 + book.next).to_string(),
    };
    let accepted = Accepted { id, ..send };
    let answer = usual_answer(&accepted);
    book.accepted.push(accepted);
    (manner, answer)
}

/// Reads a request as a send, if it is one: facts 2.5, 3.4, 4 and 5.4. The id comes with acceptance.
fn as_send(request: &wire::Request) -> Option<Accepted> {
    if request.method != "POST" {
        return None;
    }
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    let path = request.path.split('?').next()?.to_owned();
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let id = String::new();
    if path.starts_with("/telegram/") {
        let sends = path.ends_with("/sendMessage");
        let to = body["chat_id"].as_i64().map_or_else(|| text(&body["chat_id"]), |id| id.to_string());
        return sends.then(|| Accepted {
            platform: "telegram",
            id,
            to,
            text: text(&body["text"]),
            token: None,
            path,
            body,
        });
    }
    if !path.ends_with("/messages") || body["status"] == "read" || !body["sender_action"].is_null() {
        return None;
    }
    if body["messaging_product"] == "whatsapp" {
        let to = if body["to"].is_null() { text(&body["recipient"]) } else { text(&body["to"]) };
        let token = body["biz_opaque_callback_data"].as_str().map(str::to_owned);
        return Some(Accepted {
            platform: "whatsapp",
            id,
            to,
            text: text(&body["text"]["body"]),
            token,
            path,
            body,
        });
    }
    // Messenger and Instagram by Facebook login share Graph; the tests' tokens say whose they are.
    let authorization = request.headers.get("authorization").map_or("", String::as_str);
    let on_instagram =
        path.starts_with("/instagram/") || format!("{authorization}{}", request.path).contains("instagram");
    let platform = if on_instagram { "instagram" } else { "messenger" };
    let token = body["message"]["metadata"].as_str().map(str::to_owned);
    let (to, said) = (text(&body["recipient"]["id"]), text(&body["message"]["text"]));
    Some(Accepted { platform, id, to, text: said, token, path, body })
}

fn usual_answer(accepted: &Accepted) -> Value {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or(Duration::ZERO).as_secs();
    match accepted.platform {
        "whatsapp" => json!({
            "messaging_product": "whatsapp",
            "contacts": [{"input": accepted.to, "wa_id": accepted.to.trim_start_matches('+')}],
            "messages": [{"id": accepted.id}],
        }),
        "telegram" => {
            let chat: i64 = accepted.to.parse().unwrap_or(0);
            let id: i64 = accepted.id.parse().unwrap_or(0);
            let mut result = json!({
                "message_id": id, "date": now, "text": accepted.text,
                "from": {"id": 7_045_512_398_i64, "is_bot": true, "first_name": "North Pier"},
                "chat": {"id": chat, "type": "private"},
            });
            if let Some(connection) = accepted.body.get("business_connection_id") {
                result["business_connection_id"] = connection.clone();
            }
            json!({"ok": true, "result": result})
        }
        _ => json!({"recipient_id": accepted.to, "message_id": accepted.id}),
    }
}

/// Profiles, subscriptions, webhooks: whatever is asked, something plausible.
fn look_up(request: &wire::Request) -> Value {
    if request.path.contains("/getChat") {
        return json!({"ok": true, "result": {"id": request.json()["chat_id"]}});
    }
    if request.path.starts_with("/telegram/") {
        return json!({"ok": true, "result": {"id": 7_045_512_398_i64, "is_bot": true, "first_name": "North Pier", "username": "north_pier_bot", "url": "", "pending_update_count": 0}});
    }
    json!({"success": true})
}
