//! `rapport worker`, as a process: the same binary as the server's, without a port. Never the library.

use super::server::{Settings, program};
use super::{PATIENCE, eventually};
use tokio::process::Child;

/// A delivery worker that runs. Dropped, it is killed.
pub struct Worker {
    settings: Settings,
    process: Child,
    folder: tempfile::TempDir,
}

impl Worker {
    /// Starts it and waits until it says that it runs.
    pub async fn start(settings: Settings) -> Self {
        let mut worker = Self::begin(settings);
        eventually("the worker runs", async || {
            if let Some(status) = worker.process.try_wait().expect("our own child") {
                panic!("the worker ended at its start ({status}):\n{}", worker.log());
            }
            worker.log().contains("The delivery worker runs.").then_some(())
        })
        .await;
        worker
    }

    /// Starts it without waiting.
    pub fn begin(settings: Settings) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let process = program(&settings, &folder).arg("worker").spawn().expect("it starts");
        Self { settings, process, folder }
    }

    /// What it printed so far, over all its starts.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.folder.path().join("log")).unwrap_or_default())
            .into_owned()
    }

    /// SIGKILL.
    pub async fn kill(&mut self) {
        self.process.kill().await.expect("our own child");
    }

    /// Starts it again after it ended, without waiting.
    pub fn starts_again(&mut self) {
        self.process = program(&self.settings, &self.folder).arg("worker").spawn().expect("it starts");
    }

    /// Stops it where it stands, as a machine that freezes does.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// SIGTERM, and its exit status.
    pub async fn stops(&mut self) -> std::process::ExitStatus {
        self.signal("TERM");
        let ended = tokio::time::timeout(PATIENCE, self.process.wait()).await;
        ended.unwrap_or_else(|_| panic!("the worker does not end:\n{}", self.log())).expect("our own child")
    }

    fn signal(&self, name: &str) {
        let id = self.process.id().expect("it runs");
        let sent = std::process::Command::new("/bin/sh").args(["-c", &format!("kill -{name} {id}")]).status();
        assert!(sent.expect("a shell").success(), "SIG{name} reached it");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let from = log.char_indices().nth_back(4_000).map_or(0, |(at, _)| at);
            eprintln!("---- a worker's log:\n{}\n----", &log[from..]);
        }
    }
}
