//! A real Chromium, spoken to over its own debugging socket: no driver, no download.
//! One browser, any number of people in it: each has their own cookies and storage, and their own list of
//! whatever somebody with the console open would call an error.

use super::{PATIENCE, guard, not_run};
use base64::Engine;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

const FLAGS: &str = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars --mute-audio --remote-debugging-port=0";

type Asked = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;
type Problems = Arc<Mutex<HashMap<String, Vec<String>>>>;

/// The browser; it ends with this value or with the test process.
pub struct Browser {
    process: std::process::Child,
    home: PathBuf,
    wire: Wire,
    problems: Problems,
}

#[derive(Clone)]
struct Wire {
    out: mpsc::UnboundedSender<String>,
    asked: Asked,
    next: Arc<AtomicU64>,
}

impl Wire {
    async fn ask(&self, session: Option<&str>, method: &str, params: Value) -> Value {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (done, answer) = oneshot::channel();
        self.asked.lock().expect("no panic").insert(id, done);
        let mut frame = json!({"id": id, "method": method, "params": params});
        if let Some(session) = session {
            frame["sessionId"] = session.into();
        }
        self.out.send(frame.to_string()).expect("the browser is there");
        let answer = tokio::time::timeout(PATIENCE * 2, answer).await;
        let answer = answer.unwrap_or_else(|_| panic!("{method}: no answer")).expect("the browser is there");
        assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
        answer["result"].clone()
    }
}

impl Browser {
    /// `None`, and said loudly, where this machine has no Chromium.
    pub async fn start() -> Option<Self> {
        let usual =
            ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(PathBuf::from);
        let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
        let Some(program) = named.into_iter().chain(usual).find(|path| path.exists()) else {
            not_run("Chromium");
            return None;
        };
        let home =
            guard::scratch(&format!("chromium-{:x}", getrandom::u64().expect("the system has entropy")));
        let command = format!(
            "HOME={home} {program} {FLAGS} --user-data-dir={home} about:blank",
            home = home.display(),
            program = program.display()
        );
        let process = guard::until_we_end(&format!("env {command}"), "TERM", &home, false);
        let (port, path) = address(&home).await;
        let (socket, _) = tokio_tungstenite::connect_async(format!("ws://127.0.0.1:{port}{path}"))
            .await
            .expect("it listens");
        let (mut sink, mut stream) = socket.split();
        let (out, mut queue) = mpsc::unbounded_channel::<String>();
        let (asked, problems) = (Asked::default(), Problems::default());
        tokio::spawn(async move {
            while let Some(text) = queue.recv().await {
                if sink.send(text.into()).await.is_err() {
                    return;
                }
            }
        });
        let (waiting, seen) = (asked.clone(), problems.clone());
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                if let Ok(frame) = serde_json::from_str(message.to_text().unwrap_or("")) {
                    hear(frame, &waiting, &seen);
                }
            }
        });
        Some(Self { process, home, wire: Wire { out, asked, next: Arc::new(AtomicU64::new(1)) }, problems })
    }

    /// Somebody new with an empty profile and an empty page; see [`Person::opens`].
    pub async fn person(&self, width: u32, height: u32) -> Person {
        let context =
            self.wire.ask(None, "Target.createBrowserContext", json!({"disposeOnDetach": true})).await;
        let target = json!({"url": "about:blank", "browserContextId": context["browserContextId"]});
        let target = self.wire.ask(None, "Target.createTarget", target).await;
        let session = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.wire.ask(None, "Target.attachToTarget", session).await;
        let session = session["sessionId"].as_str().expect("a session has an id").to_owned();
        let person = Person { wire: self.wire.clone(), session, problems: self.problems.clone() };
        for domain in ["Page.enable", "Runtime.enable", "Log.enable", "Network.enable"] {
            person.ask(domain, json!({})).await;
        }
        let screen = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        person.ask("Emulation.setDeviceMetricsOverride", screen).await;
        person.ask("Emulation.setFocusEmulationEnabled", json!({"enabled": true})).await;
        person
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The whole group: the shell, Chromium and its children; then the folder, which the shell cannot remove any more.
        let kill = format!("kill -KILL -{} 2>/dev/null", self.process.id());
        let _ = guard::plain("/bin/sh", false).args(["-c", &kill]).status();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

async fn address(home: &Path) -> (String, String) {
    let file = home.join("DevToolsActivePort");
    super::eventually("Chromium listens", async || {
        let text = std::fs::read_to_string(&file).ok()?;
        let (port, path) = text.split_once('\n')?;
        (!path.trim().is_empty()).then(|| (port.to_owned(), path.trim().to_owned()))
    })
    .await
}

fn hear(frame: Value, waiting: &Asked, seen: &Problems) {
    if let Some(id) = frame["id"].as_u64() {
        if let Some(done) = waiting.lock().expect("no panic").remove(&id) {
            let _ = done.send(frame);
        }
    } else if let (Some(session), Some(problem)) = (frame["sessionId"].as_str(), problem(&frame)) {
        seen.lock().expect("no panic").entry(session.into()).or_default().push(problem);
    }
}

/// What somebody with the console open would call an error: exceptions, `console.error`, failed loads,
/// refusals of the content security policy.
fn problem(frame: &Value) -> Option<String> {
    let params = &frame["params"];
    match frame["method"].as_str()? {
        "Runtime.exceptionThrown" => {
            let thrown = &params["exceptionDetails"];
            Some(format!("exception: {} {}", thrown["text"], thrown["exception"]["description"]))
        }
        "Runtime.consoleAPICalled" if params["type"] == "error" => {
            Some(format!("console.error: {}", params["args"]))
        }
        "Log.entryAdded" if params["entry"]["level"] == "error" => {
            let entry = &params["entry"];
            Some(format!("{}: {} {}", entry["source"], entry["text"], entry["url"]))
        }
        _ => None,
    }
}

/// One person at one page.
pub struct Person {
    wire: Wire,
    session: String,
    problems: Problems,
}

impl Person {
    pub async fn ask(&self, method: &str, params: Value) -> Value {
        self.wire.ask(Some(&self.session), method, params).await
    }

    /// Goes to a page and waits until it has loaded.
    pub async fn opens(&self, url: &str) {
        let answer = self.ask("Page.navigate", json!({"url": url})).await;
        assert!(answer.get("errorText").is_none(), "{url}: {answer}");
        self.until(&format!(
            "location.href.startsWith({}) && document.readyState === 'complete'",
            json!(url.split('#').next())
        ))
        .await;
    }

    /// Runs a script in the page and gives its value.
    pub async fn eval(&self, script: &str) -> Value {
        let asked =
            json!({"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let answer = self.ask("Runtime.evaluate", asked).await;
        assert!(answer.get("exceptionDetails").is_none(), "{script}\n{answer}");
        answer["result"]["value"].clone()
    }

    /// Waits in the page until a condition holds: one question, however long it takes.
    pub async fn until(&self, condition: &str) {
        let script = format!(
            "new Promise(done => {{ const end = Date.now() + 1500; const look = () => {{ let is; \
             try {{ is = {condition} }} catch {{}} if (is || Date.now() > end) done(!!is); else setTimeout(look, 15) }}; look() }})"
        );
        let held = async {
            loop {
                // A navigation throws the question away: it is asked again, in the new page.
                let asked = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
                let answer = self.ask_again("Runtime.evaluate", asked).await;
                if answer["result"]["value"] == true {
                    return;
                }
            }
        };
        if tokio::time::timeout(PATIENCE, held).await.is_err() {
            let text = self.ask_again("Runtime.evaluate", json!({"expression": "document.body && document.body.innerText.slice(0, 2000)", "returnByValue": true})).await;
            panic!(
                "never came true: {condition}\nproblems: {:#?}\nthe page says:\n{}",
                self.problems(),
                text["result"]["value"].as_str().unwrap_or("")
            );
        }
    }

    /// Asks where an error is an answer too: a page that goes away under the question.
    async fn ask_again(&self, method: &str, params: Value) -> Value {
        let id = self.wire.next.fetch_add(1, Ordering::Relaxed);
        let (done, answer) = oneshot::channel();
        self.wire.asked.lock().expect("no panic").insert(id, done);
        let frame = json!({"id": id, "method": method, "params": params, "sessionId": self.session});
        self.wire.out.send(frame.to_string()).expect("the browser is there");
        let answer = tokio::time::timeout(Duration::from_secs(10), answer).await;
        answer.ok().and_then(Result::ok).map_or(Value::Null, |answer| answer["result"].clone())
    }

    /// Types into what a selector finds, as a keyboard does.
    pub async fn types(&self, selector: &str, text: &str) {
        self.until(&format!("document.querySelector({})", json!(selector))).await;
        self.eval(&format!("document.querySelector({}).focus()", json!(selector))).await;
        self.ask("Input.insertText", json!({"text": text})).await;
    }

    pub async fn clicks(&self, selector: &str) {
        self.until(&format!("document.querySelector({})", json!(selector))).await;
        self.eval(&format!("document.querySelector({}).click()", json!(selector))).await;
    }

    pub async fn presses(&self, key: &str, code: u32) {
        for kind in ["rawKeyDown", "char", "keyUp"] {
            let mut event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            if kind == "char" {
                if key != "Enter" {
                    continue;
                }
                event["text"] = "\r".into();
            }
            self.ask("Input.dispatchKeyEvent", event).await;
        }
    }

    /// A picture of what is on the screen, for whoever looks at a failure or at a design.
    pub async fn picture(&self, path: &str) {
        let answer = self.ask("Page.captureScreenshot", json!({"format": "png"})).await;
        let bytes =
            base64::engine::general_purpose::STANDARD.decode(answer["data"].as_str().expect("a picture"));
        std::fs::write(path, bytes.expect("base64")).expect("the folder is there");
    }

    /// Whatever went wrong in the page so far.
    pub fn problems(&self) -> Vec<String> {
        self.problems.lock().expect("no panic").get(&self.session).cloned().unwrap_or_default()
    }
}
