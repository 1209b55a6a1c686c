//! A model behind an OpenAI-compatible endpoint: it answers `answer N` to its N-th question, slowly, badly or not
//! at all on command, and remembers what it was asked. Never a judgement of what it was asked.

use super::{eventually, server::free_port, wire};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// How a question is met.
#[derive(Clone)]
pub enum Mood {
    /// The answer waits until it is let go.
    Slow(Arc<Notify>),
    /// This status, and this in the body.
    Fails(u16, Value),
}

/// One question.
#[derive(Debug, Clone)]
pub struct Question {
    pub path: String,
    pub key: String,
    pub body: Value,
}

#[derive(Default)]
struct Mind {
    questions: Vec<Question>,
    moods: VecDeque<Mood>,
    always: Option<Mood>,
}

/// The running endpoint. Ends with the test.
pub struct Model {
    port: u16,
    mind: Arc<Mutex<Mind>>,
    listening: tokio::task::JoinHandle<()>,
}

impl Model {
    pub async fn start() -> Self {
        let port = free_port();
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        let mind: Arc<Mutex<Mind>> = Arc::default();
        let shared = mind.clone();
        let listening = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, shared.clone()));
            }
        });
        Self { port, mind, listening }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// Meets the next question so.
    pub fn next_is(&self, mood: Mood) {
        self.mind.lock().expect("no panic").moods.push_back(mood);
    }

    /// Meets every question so that nothing else is said about.
    pub fn is_always(&self, mood: Option<Mood>) {
        self.mind.lock().expect("no panic").always = mood;
    }

    /// What it was asked so far.
    pub fn questions(&self) -> Vec<Question> {
        self.mind.lock().expect("no panic").questions.clone()
    }

    /// Waits until it was asked so often.
    pub async fn is_asked(&self, times: usize) -> Question {
        eventually(&format!("question {times}"), async || self.questions().get(times - 1).cloned()).await
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(stream: TcpStream, mind: Arc<Mutex<Mind>>) {
    let mut stream = BufReader::new(stream);
    while let Ok(Some(request)) = wire::read(&mut stream).await {
        let (number, mood) = hear(&request, &mind);
        let usual = says(&format!("answer {number}"));
        let (status, body) = match mood {
            None => (200, usual),
            Some(Mood::Fails(status, body)) => (status, body),
            Some(Mood::Slow(let_go)) => {
                let_go.notified().await;
                (200, usual)
            }
        };
        if wire::write(&mut stream, status, &[], &body.to_string()).await.is_err() {
            return;
        }
    }
}

fn hear(request: &wire::Request, mind: &Mutex<Mind>) -> (usize, Option<Mood>) {
    let mut mind = mind.lock().expect("no panic");
    mind.questions.push(Question {
        path: request.path.clone(),
        key: request.headers.get("authorization").cloned().unwrap_or_default(),
        body: serde_json::from_slice(&request.body).unwrap_or_default(),
    });
    let mood = mind.moods.pop_front().or_else(|| mind.always.clone());
    (mind.questions.len(), mood)
}

fn says(words: &str) -> Value {
    json!({"object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": words}}]})
}
