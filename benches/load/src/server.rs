//! The server under load, as a process on a core of its own, and what it used. Never the library.

use crate::Outcome;
use crate::http::Http;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

const PASSWORD: &str = "correct horse battery";
/// The secret that the webhooks of a run are signed with.
pub const SECRET: &str = "secret of the load";
/// The phone number id of the channel.
pub const PHONE: &str = "731904466218053";

/// Where the programs are and where files may lie.
pub struct Place {
    binary: PathBuf,
    own: PathBuf,
    folder: PathBuf,
    /// A PostgreSQL to measure on too.
    pub postgres: Option<String>,
}

impl Place {
    pub fn new(binary: &str) -> Outcome<Self> {
        let base = std::env::var_os("BENCH_FOLDER").map_or_else(std::env::temp_dir, PathBuf::from);
        let folder = base.join(format!("rapport-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            binary: std::fs::canonicalize(binary)?,
            own: std::env::current_exe()?,
            folder,
            postgres: std::env::var("BENCH_POSTGRES").ok().filter(|url| !url.is_empty()),
        })
    }

    /// A file of this run.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A fresh SQLite database.
    pub fn sqlite(&self, name: &str) -> String {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(self.file(&format!("{name}{end}")));
        }
        format!("sqlite://{}", self.file(name).display())
    }

    /// Starts the server on `database` and waits until it is ready.
    pub async fn start(&self, database: &str) -> Outcome<Server> {
        let port = free_port()?;
        let mut command = pinned(&self.binary);
        command
            .env_clear()
            .env("RAPPORT_LISTEN", format!("127.0.0.1:{port}"))
            .env("DATABASE_URL", database)
            .env("RAPPORT_SECRET_KEY", "a key for measuring, 32 characters and more")
            .env("RAPPORT_ADMIN_USERNAME", "olga")
            .env("RAPPORT_ADMIN_PASSWORD", PASSWORD)
            .env("RAPPORT_GRAPH_URL", "http://127.0.0.1:9/")
            .env("RUST_LOG", "warn")
            .current_dir(&self.folder);
        let log = std::fs::File::options().create(true).append(true).open(self.file("log"))?;
        command.stdout(log.try_clone()?).stderr(log).stdin(Stdio::null()).kill_on_drop(true);
        let begun = Instant::now();
        let process = command.spawn()?;
        let mut server = Server { process, port, token: String::new(), ready_ms: 0.0 };
        server.becomes_ready().await?;
        server.ready_ms = begun.elapsed().as_secs_f64() * 1000.0;
        Ok(server)
    }

    /// Runs a floor to its end on the server's core: how many a second it said it did.
    pub async fn floor(&self, words: &[&str]) -> Outcome<f64> {
        let output = pinned(&self.own).args(words).stderr(Stdio::inherit()).output().await?;
        if !output.status.success() {
            return Err(format!("the floor {words:?} ended with {}", output.status).into());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
    }

    /// Starts a floor that serves.
    pub async fn floor_server(&self, word: &str) -> Outcome<Server> {
        let port = free_port()?;
        let mut command = pinned(&self.own);
        command.arg(word).env("FLOOR_PORT", port.to_string()).kill_on_drop(true);
        let process = command.spawn()?;
        let server = Server { process, port, token: String::new(), ready_ms: 0.0 };
        for _ in 0..1000 {
            if Http::open(port).await.is_ok() {
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err("the floor does not listen".into())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// On the first core, where there are two and a `taskset`.
fn pinned(program: &Path) -> Command {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let is_pinned = std::env::var_os("BENCH_SERVER_CORE");
    match is_pinned {
        Some(core) if cores > 0 => {
            let mut command = Command::new("/usr/bin/taskset");
            command.arg("-c").arg(core).arg(program);
            command
        }
        _ => Command::new(program),
    }
}

fn free_port() -> Outcome<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A server that runs.
pub struct Server {
    process: Child,
    pub port: u16,
    pub token: String,
    /// From its start to its first 200.
    pub ready_ms: f64,
}

impl Server {
    async fn becomes_ready(&mut self) -> Outcome {
        let ask = b"GET /health/ready HTTP/1.1\r\nhost: bench\r\n\r\n";
        for _ in 0..60_000 {
            if let Ok(mut http) = Http::open(self.port).await
                && http.exchange(ask).await.is_ok_and(|(status, _)| status == 200)
            {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                return Err(format!("the server ended: {status}; see its log").into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Err("the server does not become ready".into())
    }

    /// Signs in and takes a token.
    pub async fn signs_in(&mut self) -> Outcome<Http> {
        let mut http = Http::open(self.port).await?;
        let body = json!({"username": "olga", "password": PASSWORD}).to_string();
        let request = format!(
            "POST /api/v1/login HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        // The cookie is in the head, which `exchange` does not hand out: a raw one does.
        let cookie = raw_cookie(self.port, &request).await?;
        let body = json!({"name": "load"}).to_string();
        let request = format!(
            "POST /api/v1/tokens HTTP/1.1\r\nhost: bench\r\ncookie: {cookie}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let (status, answer) = http.exchange(request.as_bytes()).await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        self.token = answer["token"].as_str().ok_or(format!("no token: {status}"))?.to_owned();
        Ok(http)
    }

    /// Connects the WhatsApp channel of the load.
    pub async fn connects_a_channel(&self, http: &mut Http) -> Outcome<i64> {
        let body = json!({"kind": "whatsapp", "name": "Load", "external_id": PHONE, "options": {},
            "credentials": {"access_token": "t", "app_secret": SECRET, "verify_token": "v"}});
        let channel = http.call("POST", "/api/v1/channels", &self.token, &body).await?;
        channel["id"].as_i64().ok_or_else(|| "a channel has an id".into())
    }

    /// Seconds of CPU time used so far, by all its threads.
    pub fn cpu(&self) -> Outcome<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.id()?))?;
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
        Ok(ticks / 100.0)
    }

    /// Seconds of CPU time used so far by the threads that serve: all but the ledger's, whose commits cost the less the
    /// more messages wait for each. On SQLite that is the first of actix's arbiters.
    pub fn cpu_of_serving(&self) -> Outcome<f64> {
        let (mut all, mut arbiters) = (0.0, BTreeMap::new());
        for task in std::fs::read_dir(format!("/proc/{}/task", self.id()?))? {
            let task = task?;
            let used = std::fs::read_to_string(task.path().join("schedstat"))?;
            let nanoseconds: f64 = used.split_whitespace().next().ok_or("no time")?.parse()?;
            all += nanoseconds;
            if std::fs::read_to_string(task.path().join("comm"))?.starts_with("actix-rt|") {
                arbiters.insert(task.file_name().to_string_lossy().parse::<u32>()?, nanoseconds);
            }
        }
        let ledger = arbiters.first_key_value().ok_or("the server has no arbiter")?.1;
        Ok((all - ledger) / 1e9)
    }

    /// Kilobytes resident.
    pub fn resident(&self) -> Outcome<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.id()?))?;
        let line = text.lines().find(|line| line.starts_with("VmRSS")).ok_or("no VmRSS")?;
        Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse()?)
    }

    fn id(&self) -> Outcome<u32> {
        self.process.id().ok_or_else(|| "the server has ended".into())
    }

    /// SIGTERM, and its end.
    pub async fn stop(mut self) -> Outcome {
        let id = self.id()?.to_string();
        Command::new("/bin/kill").args(["-TERM", &id]).status().await?;
        tokio::time::timeout(Duration::from_secs(20), self.process.wait()).await??;
        Ok(())
    }
}

async fn raw_cookie(port: u16, request: &str) -> Outcome<String> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
        if stream.read_buf(&mut bytes).await? == 0 {
            break;
        }
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let line =
        head.lines().find(|line| line.to_ascii_lowercase().starts_with("set-cookie:")).ok_or(head.clone())?;
    Ok(line[11..].split(';').next().unwrap_or("").trim().to_owned())
}
