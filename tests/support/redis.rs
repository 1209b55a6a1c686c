//! A Redis of our own, for one test: the hints between two servers, and what happens when they stop.

use super::{PATIENCE, guard, server::free_port};
use std::path::Path;
use std::time::Duration;

/// A running Redis; it ends with this value or with the process, whichever is first.
pub struct Redis {
    port: u16,
    process: std::process::Child,
}

impl Redis {
    /// `None` where Redis is not installed.
    pub async fn start() -> Option<Self> {
        if !Path::new("/usr/bin/redis-server").exists() {
            super::not_run("Redis");
            return None;
        }
        let port = free_port();
        let redis = Self { port, process: Self::process(port) };
        redis.answers().await;
        Some(redis)
    }

    fn process(port: u16) -> std::process::Child {
        let folder = guard::scratch(&format!("redis-{port}"));
        let program = format!(
            "/usr/bin/redis-server --bind 127.0.0.1 --port {port} --save '' --appendonly no --dir {}",
            folder.display()
        );
        guard::until_we_end(&program, "KILL", &folder, false)
    }

    /// Starts it again, empty, where it was.
    pub async fn starts_again(&mut self) {
        self.process = Self::process(self.port);
        self.answers().await;
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    async fn answers(&self) {
        let connected = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, connected).await.expect("Redis starts");
    }

    /// Ends it now: hints stop, the truth is in the database.
    pub fn stop(&mut self) {
        let group = self.process.id();
        let kill = format!("kill -KILL -{group} 2>/dev/null");
        let _ = guard::plain("/bin/sh", false).args(["-c", &kill]).status();
        let _ = self.process.wait();
        let _ =
            std::fs::remove_dir_all(format!("/dev/shm/rapport-redis-{}-{}", self.port, std::process::id()));
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}
