//! A PostgreSQL of our own, a database for each test. Never one that was there before.
//!
//! Under `script/test` all tests of a run share one server, whose folder `RAPPORT_TESTS_POSTGRES` names, with a database
//! `migrated` that each test's own is a copy of: 25 migrations take a second, a copy a tenth. Without it (plain `cargo test`)
//! this process starts a server for itself: `initdb` takes half a second and each test is a process of its own under
//! nextest, so its result is kept in the target directory and copied (0.05 s).

use super::guard;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

struct Postgres {
    folder: PathBuf,
    databases: AtomicUsize,
}

/// What a fresh database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fresh {
    /// Our tables, if that is quicker than to have the program make them.
    Migrated,
    /// Nothing at all.
    Empty,
}

/// A fresh database; `None` where PostgreSQL is not installed.
pub async fn database(fresh: Fresh) -> Option<String> {
    let postgres = tokio::task::spawn_blocking(running).await.expect("no panic")?;
    let number = postgres.databases.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}", std::process::id());
    let template = if fresh == Fresh::Migrated && shared().is_some() { "migrated" } else { "template0" };
    let created = tokio::process::Command::from(guard::plain(program("createdb")?, false))
        .args(["-h", &postgres.folder.display().to_string(), "-U", "postgres", "-T", template, &name])
        .stderr(std::process::Stdio::piped())
        .output()
        .await
        .expect("createdb runs");
    assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
    Some(format!("postgres://postgres@{}/{name}", postgres.folder.display().to_string().replace('/', "%2F")))
}

/// Drops a database that [`database`] made on a server that others go on to use.
pub fn dropped(url: &str) {
    let (Some(folder), Some(dropdb)) = (shared(), program("dropdb")) else { return };
    let name = url.rsplit('/').next().unwrap_or_default();
    let folder = folder.display().to_string();
    // What is left behind goes with the server.
    let _ = guard::plain(dropdb, false).args(["-h", &folder, "-U", "postgres", "--force", name]).status();
}

/// Has this process start a server for itself, whatever others share: for whoever breaks it. Before its first database.
pub fn alone() {
    ALONE.store(true, Ordering::Relaxed);
}

static ALONE: AtomicBool = AtomicBool::new(false);

/// The folder of the server that all tests of this run share.
fn shared() -> Option<PathBuf> {
    (!ALONE.load(Ordering::Relaxed))
        .then(|| std::env::var_os("RAPPORT_TESTS_POSTGRES"))
        .flatten()
        .map(PathBuf::from)
}

/// Runs SQL on a database that [`database`] made: for faults and seeds, never for what the API tells.
pub async fn execute(url: &str, sql: &str) {
    ask(url, sql).await;
}

/// The lines that a question to a database is answered with.
pub async fn ask(url: &str, sql: &str) -> Vec<String> {
    let psql = program("psql").expect("the server is there, so is its client");
    let url = url.replace("postgres://", "postgresql://");
    let done = tokio::process::Command::from(guard::plain(psql, false))
        .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &url, "-c", sql])
        .output()
        .await
        .expect("psql runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).lines().map(str::to_owned).collect()
}

/// Debian keeps the server's programs out of the path, a folder for each version; the newest one.
fn program(name: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian =
        versions.map(|version| version.path().join("bin").join(name)).filter(|path| path.exists()).max();
    debian.or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.exists())
    })
}

fn running() -> Option<&'static Postgres> {
    static POSTGRES: OnceLock<Option<Postgres>> = OnceLock::new();
    let at = |folder| Postgres { folder, databases: AtomicUsize::new(0) };
    POSTGRES.get_or_init(|| shared().map(at).or_else(start)).as_ref()
}

fn start() -> Option<Postgres> {
    let server = program("postgres")?;
    let folder = guard::scratch("pg");
    let data = folder.join("data");
    let cluster = prepared_cluster();
    let copied = Command::new("cp").arg("-a").arg(&cluster).arg(&data).status().expect("cp runs");
    assert!(copied.success(), "the prepared cluster is copied");
    if guard::is_root() {
        chown(&folder, Some(guard::NOBODY), Some(guard::NOBODY)).expect("root may give a folder away");
    }
    // Ends with us: its shell waits for that.
    std::mem::forget(run(server.as_path(), &folder));
    wait_for(&folder);
    Some(Postgres { folder, databases: AtomicUsize::new(0) })
}

/// Kills the server of this process ([`alone`]) as a power cut would (its disk outlives it) and starts it again in the same
/// place. Only where each test is a process of its own, as under nextest.
pub async fn crashes_and_comes_back() {
    let restart = tokio::task::spawn_blocking(|| {
        assert!(shared().is_none(), "others use it, too");
        let postgres = running().expect("it runs");
        let pid_file = postgres.folder.join("data/postmaster.pid");
        let text = std::fs::read_to_string(&pid_file).expect("a running server has one");
        let pid = text.lines().next().expect("its first line").to_owned();
        let quit = format!(
            // Its shell waits for us and not for it: it stays a zombie.
            "kill -QUIT {pid}; while grep -qs '^State:[^Z]*$' /proc/{pid}/status; do sleep 0.02; done"
        );
        let quit = guard::plain("/bin/sh", false).args(["-c", &quit]).status();
        assert!(quit.expect("a shell").success(), "it is gone");
        let _ = std::fs::remove_file(&pid_file);
        let server = program("postgres").expect("it was there");
        // Ends with us like the first one, whose shell goes on to wait for us.
        std::mem::forget(run(&server, &postgres.folder));
        wait_for(&postgres.folder);
    });
    restart.await.expect("it comes back");
}

/// Runs the server until this process ends.
fn run(server: &Path, folder: &Path) -> std::process::Child {
    // Nothing here outlives the process, so nothing needs to reach a disk.
    let commit = if std::env::var_os("RAPPORT_TESTS_DURABLE").is_some() { "on" } else { "off" };
    let data = folder.join("data");
    let program = format!(
        "{} -D {} -k {} -c listen_addresses= -c fsync=off -c synchronous_commit={commit} -c full_page_writes=off \
         -c max_connections=300 -c shared_buffers=64MB",
        server.display(),
        data.display(),
        folder.display(),
    );
    guard::until_we_end(&program, "QUIT", folder, true)
}

/// The folder `initdb` made, once for all test processes: made aside and renamed into place, so that
/// whoever comes second finds it whole.
fn prepared_cluster() -> PathBuf {
    let initdb = program("initdb").expect("comes with the server");
    let version = initdb.display().to_string().replace('/', "-");
    let place = Path::new(&super::scratch_folder()).join(format!("cluster{version}"));
    if place.exists() {
        return place;
    }
    let folder = guard::scratch("initdb");
    if guard::is_root() {
        chown(&folder, Some(guard::NOBODY), Some(guard::NOBODY)).expect("root may give a folder away");
    }
    let data = folder.join("data");
    let made = guard::plain(initdb, true)
        .arg("-D")
        .arg(&data)
        .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--wal-segsize=1"])
        .status()
        .expect("initdb runs");
    assert!(made.success(), "initdb makes a cluster");
    let aside = place.with_extension(std::process::id().to_string());
    let copied = Command::new("cp").arg("-a").arg(&data).arg(&aside).status().expect("cp runs");
    assert!(copied.success(), "the fresh cluster is copied");
    // Whoever was first wins; a second one's copy is thrown away.
    if std::fs::rename(&aside, &place).is_err() {
        let _ = std::fs::remove_dir_all(&aside);
    }
    let _ = std::fs::remove_dir_all(&folder);
    place
}

/// The socket appears before the server accepts: ask until it does.
#[expect(clippy::disallowed_methods, reason = "a blocking thread of its own waits for another process")]
fn wait_for(folder: &Path) {
    let begun = Instant::now();
    let ready = || {
        guard::plain(program("pg_isready").expect("comes with the client"), false)
            .args(["-q", "-h", &folder.display().to_string()])
            .status()
            .is_ok_and(|status| status.success())
    };
    while !ready() {
        assert!(begun.elapsed() < super::PATIENCE, "PostgreSQL did not start in {}", folder.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}
