//! The real binary, as a process, as an operator would start it: settings by environment, signals, a port.
//! Never the library: what these tests hold is what the outside holds.

use super::{PATIENCE, client::Client, database::Database};
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use tokio::process::{Child, Command};

/// The admin every server of these tests begins with.
pub const ADMIN: &str = "olga";
/// Twelve characters and more, as the contract asks.
pub const PASSWORD: &str = "correct horse battery";
const SECRET_KEY: &str = "a key for tests, forty characters long...";

/// How a server is started; kept, so that it can be started again just so.
#[derive(Clone)]
pub struct Settings {
    port: u16,
    environment: Vec<(String, String)>,
}

impl Settings {
    /// On a port of its own, over `database`.
    pub fn new(database: &Database) -> Self {
        let settings = Self { port: 0, environment: Vec::new() };
        settings
            .with("DATABASE_URL", &database.url)
            .with("RAPPORT_SECRET_KEY", SECRET_KEY)
            .with("RAPPORT_ADMIN_USERNAME", ADMIN)
            .with("RAPPORT_ADMIN_PASSWORD", PASSWORD)
            .with("RUST_LOG", "info")
    }

    /// Sets one variable of the environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Where it listens: everywhere for `RAPPORT_LISTEN_HOST`, a word of these tests alone.
    fn address(&self) -> String {
        let named = self.environment.iter().find(|(name, _)| name == "RAPPORT_LISTEN_HOST");
        format!("{}:{}", named.map_or("127.0.0.1", |(_, host)| host.as_str()), self.port)
    }

    /// Leaves one variable unset.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self
    }
}

/// A server that runs. Dropped, it is killed; when the test fails, its log is printed.
pub struct Server {
    settings: Settings,
    process: Child,
    folder: tempfile::TempDir,
}

impl Server {
    /// Starts it and waits until it is ready. The port may be taken by somebody between our look and its
    /// bind: then another one is tried.
    pub async fn start(settings: Settings) -> Self {
        for _ in 0..5 {
            let mut settings = settings.clone();
            settings.port = free_port();
            let mut server = Self::spawn(settings);
            match server.becomes_ready().await {
                Ok(()) => return server,
                Err(_) if server.log().to_lowercase().contains("in use") => {}
                Err(status) => panic!("the server ended at its start ({status}):\n{}", server.log()),
            }
        }
        panic!("no free port in five tries");
    }

    /// Starts it where it must not become ready: its exit status and what it said.
    pub async fn refused(settings: Settings) -> (ExitStatus, String) {
        let mut server = Self::begins(settings);
        let status = server.ends().await;
        (status, server.log())
    }

    /// Runs another command of the program, words between spaces, to its end: its exit status and what it
    /// said.
    pub async fn told(settings: Settings, command: &str) -> (ExitStatus, String) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut process = program(&settings, &folder).args(command.split(' ')).spawn().expect("it starts");
        let status = tokio::time::timeout(PATIENCE, process.wait()).await;
        let said = std::fs::read_to_string(folder.path().join("log")).expect("what it said is text");
        (status.unwrap_or_else(|_| panic!("it does not end:\n{said}")).expect("our own child"), said)
    }

    /// Starts it without waiting: it may never become ready.
    pub fn begins(settings: Settings) -> Self {
        let mut settings = settings;
        settings.port = free_port();
        Self::spawn(settings)
    }

    fn spawn(settings: Settings) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let process = Self::process(&settings, &folder);
        Self { settings, process, folder }
    }

    fn process(settings: &Settings, folder: &tempfile::TempDir) -> Child {
        program(settings, folder).spawn().expect("setpriv (Debian's util-linux) starts the server")
    }

    async fn becomes_ready(&mut self) -> Result<(), ExitStatus> {
        let anybody = Client::anonymous(&self.url());
        let asked = async {
            loop {
                if let Some(status) = self.process.try_wait().expect("our own child") {
                    return Err(status);
                }
                if anybody.try_get("/health/ready").await.is_ok_and(|answer| answer.status == 200) {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let answer = tokio::time::timeout(PATIENCE, asked).await;
        answer.unwrap_or_else(|_| panic!("the server never became ready:\n{}", self.log()))
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.settings.port)
    }

    /// What it printed so far, over all its starts.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The process, for faults and for what it weighs.
    pub fn process_id(&self) -> u32 {
        self.process.id().expect("it runs")
    }

    /// What it holds in memory, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process_id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").trim().parse().unwrap_or(0)
    }

    /// How many files and sockets it has open.
    #[allow(dead_code, reason = "for script/trust")]
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.process_id())).map_or(0, Iterator::count)
    }

    /// Runs another command of the same program over the same settings, with something on its standard input:
    /// how it ended, and what it said.
    pub async fn command(&self, words: &[&str], input: &str, with: &[(&str, &str)]) -> (ExitStatus, String) {
        use tokio::io::AsyncWriteExt;
        let mut command = Command::new(binary());
        command
            .args(words)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("RAPPORT_LISTEN", self.settings.address());
        command
            .envs(self.settings.environment.iter().map(|(name, value)| (name, value)))
            .envs(with.iter().copied());
        command
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.kill_on_drop(true).spawn().expect("the program starts");
        if let Some(mut stdin) = process.stdin.take() {
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        let output = process.wait_with_output().await.expect("it ends");
        let said = [output.stdout, output.stderr].concat();
        (output.status, String::from_utf8_lossy(&said).into_owned())
    }

    /// SIGKILL: what a power cut or the out-of-memory killer does.
    pub async fn kill(&mut self) {
        self.process.kill().await.expect("our own child");
    }

    /// SIGTERM, without waiting.
    pub fn asked_to_stop(&self) {
        let id = self.process.id().expect("it runs");
        let sent = std::process::Command::new("/bin/sh").args(["-c", &format!("kill -TERM {id}")]).status();
        assert!(sent.expect("a shell").success(), "SIGTERM reached it");
    }

    /// Waits until it has ended.
    pub async fn ends(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(PATIENCE, self.process.wait()).await;
        ended.unwrap_or_else(|_| panic!("the server does not end:\n{}", self.log())).expect("our own child")
    }

    /// Sets one variable of its environment for its next start, or takes it away.
    pub fn will_have(&mut self, name: &str, value: Option<&str>) {
        let settings = self.settings.clone().without(name);
        self.settings = value.map_or(settings.clone(), |value| settings.with(name, value));
    }

    /// Whether it ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.process.try_wait().expect("our own child").is_some()
    }

    /// Starts it again without waiting: it may end before it is ready.
    pub fn begins_again(&mut self) {
        self.process = Self::process(&self.settings, &self.folder);
    }

    /// Starts it again after it ended: same port, same database, same settings.
    pub async fn starts_again(&mut self) {
        self.process = Self::process(&self.settings, &self.folder);
        if let Err(status) = self.becomes_ready().await {
            panic!("the server did not come back ({status}, signal {:?}):\n{}", status.signal(), self.log());
        }
    }
}

/// The program, ready to be started in a folder of its own, its output in `log` there.
pub fn program(settings: &Settings, folder: &tempfile::TempDir) -> Command {
    let log =
        std::fs::File::options().create(true).append(true).open(folder.path().join("log")).expect("a log");
    // Ends with us even if we are killed; the process id stays the server's own.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", &binary()]);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("RAPPORT_LISTEN", settings.address());
    let known = settings.environment.iter().filter(|(name, _)| name != "RAPPORT_LISTEN_HOST");
    command.envs(known.map(|(name, value)| (name, value)));
    command.current_dir(folder.path()).stdin(Stdio::null());
    command.stdout(log.try_clone().expect("a second handle")).stderr(log).kill_on_drop(true);
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let from = log.char_indices().nth_back(12_000).map_or(0, |(at, _)| at);
            eprintln!("---- the server's log ({}):\n{}\n----", self.url(), &log[from..]);
        }
    }
}

static BINARY: std::sync::Mutex<Option<String>> = std::sync::Mutex::new(None);

/// Has the next starts use another program (an upgrade).
#[allow(dead_code, reason = "for script/trust")]
pub fn use_binary(path: &str) {
    *BINARY.lock().expect("no panic") = Some(path.to_owned());
}

/// The program under test: what cargo built for this test, or what `RAPPORT_BINARY` names (`script/trust`).
fn binary() -> String {
    let named = BINARY.lock().expect("no panic").clone();
    named
        .or_else(|| std::env::var("RAPPORT_BINARY").ok())
        .or_else(|| option_env!("CARGO_BIN_EXE_rapport").map(str::to_owned))
        .expect("cargo names the program, or RAPPORT_BINARY does")
}

/// A port nobody listens on, below those the system gives to outgoing connections: so it is still free
/// when a killed server wants it back.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 1000).expect("below 1000") * 20;
    for _ in 0..2000 {
        let port = 10_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port");
}
