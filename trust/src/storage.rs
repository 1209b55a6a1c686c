//! Faults of what keeps the rows: disks that are full or lie, a lock that another process holds, a PostgreSQL that
//! dies, a backup that is put back, a program that is replaced by a newer one. Over 400 lines: a fault each, read one by one.

use crate::load::{Scale, with_fault};
use crate::support::client::{Client, number};
use crate::support::database::Database;
use crate::support::dice::Dice;
use crate::support::house::{House, settings};
use crate::support::platform::Platform;
use crate::support::server::Server;
use crate::support::webhooks::{post, try_post};
use crate::{Found, Options};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::process::Command;

fn file_of(house: &House) -> PathBuf {
    house.database.url.trim_start_matches("sqlite://").into()
}

/// What `sqlite3`, by way of our own library, says of a copy of the database.
fn integrity(path: &Path) -> Result<BTreeSet<String>, String> {
    use diesel::sql_types::Text;
    use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
    #[derive(QueryableByName)]
    struct Word {
        #[diesel(sql_type = Text)]
        word: String,
    }
    let say = |error: &dyn std::fmt::Display| error.to_string();
    let mut conn = SqliteConnection::establish(&path.display().to_string()).map_err(|error| say(&error))?;
    let checked: Vec<Word> = sql_query("SELECT integrity_check AS word FROM pragma_integrity_check")
        .load(&mut conn)
        .map_err(|error| say(&error))?;
    if checked.iter().any(|row| row.word != "ok") {
        return Err(format!("integrity: {}", checked[0].word));
    }
    let ids: Vec<Word> =
        sql_query("SELECT platform_message_id AS word FROM messages WHERE platform_message_id IS NOT NULL")
            .load(&mut conn)
            .map_err(|error| say(&error))?;
    Ok(ids.into_iter().map(|row| row.word).collect())
}

/// Copies the database as it lies there, as after a power cut: first the log, then the file would be too kind.
fn copy(from: &Path, folder: &Path) -> PathBuf {
    let to = folder.join("copy.db");
    for ending in ["", "-wal"] {
        let source = PathBuf::from(format!("{}{ending}", from.display()));
        let target = PathBuf::from(format!("{}{ending}", to.display()));
        let _ = std::fs::remove_file(&target);
        let _ = std::fs::copy(source, target);
    }
    let _ = std::fs::remove_file(format!("{}-shm", to.display()));
    to
}

/// F4: the disk refuses to write or to sync, at a chance moment, under load; and copies of the database taken at
/// chance moments hold everything that had been acknowledged.
pub async fn power(options: &Options) -> Found {
    let mut dice = Dice::new("power");
    let mut wrong = Vec::new();
    let (mut acknowledged, mut refused, mut injected) = (0, 0, 0);
    for run in 0..options.times {
        let house = House::open(Database::sqlite()).await;
        let channel = house.channel("whatsapp").await;
        post(&house.url(), &channel, &channel.text("15557700421", "wamid.begin", "begin")).await.expect(200);
        let kind = ["fdatasync:error=EIO", "fsync:error=EIO", "pwrite64:error=ENOSPC", "pwrite64:error=EIO"]
            [run % 4];
        let call = kind.split(':').next().unwrap_or_default().to_owned();
        let when = 1 + dice.throw(100);
        let until = when + dice.throw(20);
        let mut strace = Command::new("strace")
            .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")])
            .args(["-e", &format!("inject={kind}:when={when}..{until}")])
            .args(["-p", &house.server.process_id().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("strace is installed");
        tokio::time::sleep(Duration::from_millis(150)).await;
        let mut acked = BTreeSet::new();
        let copied_at = 40 + dice.throw(80);
        let folder = tempfile::tempdir().expect("a folder");
        for n in 0..150 {
            let id = format!("wamid.power.{run}.{n}");
            let begun = Instant::now();
            match try_post(&house.url(), &channel, &channel.text("15557700421", &id, "x")).await {
                Ok(answer) if answer.status == 200 => drop(acked.insert(id)),
                Ok(answer) if answer.status == 503 => refused += 1,
                Ok(answer) => wrong.push(format!("run {run}: {}", answer.status)),
                Err(error) => wrong.push(format!("run {run}: {error} after {:?}", begun.elapsed())),
            }
            if n == copied_at {
                let path = copy(&file_of(&house), folder.path());
                match integrity(&path) {
                    Ok(ids) => wrong.extend(
                        acked
                            .difference(&ids)
                            .take(1)
                            .map(|id| format!("run {run}: {id} is not in the copy")),
                    ),
                    Err(error) => wrong.push(format!("run {run}: the copy: {error}")),
                }
            }
        }
        injected += until - when + 1;
        let _ = strace.kill().await;
        let (url, admin) = (house.url(), house.admin.clone());
        let again = try_post(&url, &channel, &channel.text("15557700421", "wamid.after", "after")).await;
        if !again.is_ok_and(|answer| answer.status == 200) {
            wrong.push(format!("run {run} ({kind}): it does not store again afterwards"));
        }
        drop(admin);
        let file = file_of(&house);
        let mut house = house;
        house.server.kill().await;
        let path = copy(&file, folder.path());
        match integrity(&path) {
            Ok(ids) => wrong.extend(
                acked
                    .difference(&ids)
                    .take(1)
                    .map(|id| format!("run {run} ({kind}): {id} was acknowledged and is lost")),
            ),
            Err(error) => wrong.push(format!("run {run} ({kind}): {error}")),
        }
        acknowledged += acked.len();
    }
    Found::of(
        &wrong,
        format!(
            "{} runs, up to {injected} faults; {acknowledged} acknowledged, {refused} answered 503",
            options.times
        ),
    )
}

/// F5: the disk is full: refused with 503 and a red readiness, reads go on, and it recovers by itself.
pub async fn full_disk(_: &Options) -> Found {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().display().to_string();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=16m", "tmpfs", &place]).status().await;
    if !mounted.is_ok_and(|status| status.success()) {
        return Found { holds: false, figures: "not run: a small disk cannot be mounted here".into() };
    }
    let found = fill(&place).await;
    let _ = Command::new("umount").args(["-l", &place]).status().await;
    found
}

async fn fill(place: &str) -> Found {
    let platform = Platform::start().await;
    let mut database = Database::sqlite();
    database.url = format!("sqlite://{place}/rapport.db");
    let server = Server::start(settings(&database, &platform)).await;
    let admin = Client::admin(&server.url()).await;
    let house = House { server, admin, platform, database };
    let channel = house.channel("whatsapp").await;
    let mut wrong = Vec::new();
    let mut acked = BTreeSet::new();
    let mut is_full = false;
    let filler = "x".repeat(3000);
    for n in 0..20_000 {
        let id = format!("wamid.full.{n}");
        match try_post(&house.url(), &channel, &channel.text("15557700421", &id, &filler)).await {
            Ok(answer) if answer.status == 200 => drop(acked.insert(id)),
            Ok(answer) if answer.status == 503 => {
                is_full = true;
                break;
            }
            Ok(answer) => {
                wrong.push(format!("{n}: {} {:.100}", answer.status, answer.text));
                break;
            }
            Err(error) => {
                wrong.push(format!("{n}: {error}"));
                break;
            }
        }
    }
    if !is_full {
        wrong.push("the disk was never full".into());
    }
    let ready = house.admin.try_get("/health/ready").await.map_or(0, |answer| answer.status);
    if ready != 503 {
        wrong.push(format!("readiness is {ready} while nothing can be stored"));
    }
    let listed = house.admin.try_get("/api/v1/conversations").await.map_or(0, |answer| answer.status);
    if listed != 200 {
        wrong.push(format!("a read is answered {listed}"));
    }
    let grown = Command::new("mount").args(["-o", "remount,size=64m", place]).status().await;
    let begun = Instant::now();
    let mut recovered = None;
    while grown.as_ref().is_ok_and(std::process::ExitStatus::success)
        && begun.elapsed() < Duration::from_secs(20)
    {
        let body = channel.text("15557700421", "wamid.room", "room again");
        if try_post(&house.url(), &channel, &body).await.is_ok_and(|answer| answer.status == 200) {
            acked.insert("wamid.room".into());
            recovered = Some(begun.elapsed());
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    if recovered.is_none_or(|took| took > Duration::from_secs(5)) {
        wrong.push(format!("recovered: {recovered:?}"));
    }
    let green = house.admin.try_get("/health/ready").await.map_or(0, |answer| answer.status);
    if green != 200 {
        wrong.push(format!("readiness is {green} afterwards"));
    }
    let mut house = house;
    let file = file_of(&house);
    house.server.kill().await;
    let folder = tempfile::tempdir().expect("a folder");
    match integrity(&copy(&file, folder.path())) {
        Ok(ids) => wrong
            .extend(acked.difference(&ids).take(3).map(|id| format!("{id} was acknowledged and is lost"))),
        Err(error) => wrong.push(error),
    }
    let recovered = recovered.map_or_else(|| "never".to_owned(), |took| format!("after {took:.1?}"));
    Found::of(
        &wrong,
        format!("{} acknowledged and there, readiness {ready}, recovered {recovered}", acked.len()),
    )
}

/// F6: another process holds the file's write lock for eight seconds at a time.
pub async fn locked(options: &Options) -> Found {
    let mut house = House::open(Database::sqlite()).await;
    let times = options.times.min(50);
    let scale = Scale {
        messages: options.messages.min(times * 500),
        conversations: 20,
        screens: 3,
        replies: 20,
        rate: 100,
    };
    let mut held = 0;
    let (wrong, figures) = with_fault(&mut house, &scale, async |house, progress| {
        use diesel::connection::SimpleConnection;
        use diesel::{Connection, SqliteConnection};
        let path = file_of(house).display().to_string();
        while held < times && progress.posted.load(Ordering::Relaxed) < scale.messages {
            let path = path.clone();
            let locking = tokio::task::spawn_blocking(move || {
                let mut conn = SqliteConnection::establish(&path).map_err(|error| error.to_string())?;
                conn.batch_execute("PRAGMA busy_timeout = 20000; BEGIN IMMEDIATE")
                    .map_err(|error| error.to_string())?;
                Ok::<_, String>(conn)
            });
            let Ok(Ok(mut conn)) = locking.await else { continue };
            tokio::time::sleep(Duration::from_secs(8)).await;
            let _ = conn.batch_execute("ROLLBACK");
            held += 1;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    })
    .await;
    Found::of(&wrong, format!("locked {held} times for 8 s; {figures}"))
}

/// F7: PostgreSQL's connections are terminated, its postmaster restarted and killed.
pub async fn postgres(options: &Options) -> Found {
    let mut house = House::open(Database::postgres().await.expect("PostgreSQL is installed")).await;
    let times = options.times.min(60);
    let scale = Scale {
        messages: options.messages,
        conversations: 20,
        screens: options.screens,
        replies: 100,
        rate: options.messages / (times * 3).max(1),
    };
    let mut dice = Dice::new("postgres");
    let mut faults = 0;
    let (wrong, figures) = with_fault(&mut house, &scale, async |house, progress| {
        while faults < times && progress.posted.load(Ordering::Relaxed) < scale.messages {
            tokio::time::sleep(Duration::from_millis(500 + dice.throw(2_500))).await;
            // A backend that is killed takes every other one with it: the postmaster starts them all anew.
            let fault = if faults % 2 == 0 { "pg_terminate_backend(pid)" } else { "pid" };
            let sql = format!("SELECT {fault} FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            if faults % 2 == 0 {
                house.database.execute(&sql).await;
            } else if let Some(pid) = a_backend(house).await {
                let _ = Command::new("kill").args(["-9", &pid]).status().await;
            }
            faults += 1;
        }
    })
    .await;
    Found::of(&wrong, format!("{faults} faults (half terminated, half killed); {figures}"))
}

/// The process of one of our own connections.
async fn a_backend(house: &House) -> Option<String> {
    let name = house.database.url.rsplit('/').next()?.to_owned();
    let listed =
        Command::new("pgrep").args(["-f", &format!("postgres: postgres {name}")]).output().await.ok()?;
    String::from_utf8_lossy(&listed.stdout).lines().next().map(str::to_owned)
}

/// F41: a backup is taken under load and put back: it is whole, the platforms' repetitions make no double, and open
/// pages take the restored state for what it is.
pub async fn restore(options: &Options) -> Found {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, SqliteConnection};
    let mut house = House::open(Database::sqlite()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let backup = folder.path().join("backup.db");
    let scale = Scale {
        messages: options.messages.min(20_000),
        conversations: 10,
        screens: 3,
        replies: 0,
        rate: 500,
    };
    let target = backup.clone();
    let (mut wrong, figures) = with_fault(&mut house, &scale, async |house, progress| {
        while progress.posted.load(Ordering::Relaxed) < scale.messages / 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let path = file_of(house).display().to_string();
        let made = tokio::task::spawn_blocking(move || {
            let mut conn = SqliteConnection::establish(&path).map_err(|error| error.to_string())?;
            let sql = format!("PRAGMA busy_timeout = 20000; VACUUM INTO '{}'", target.display());
            conn.batch_execute(&sql).map_err(|error| error.to_string())
        });
        assert_eq!(made.await.expect("no panic"), Ok(()), "the backup");
    })
    .await;
    let kept = match integrity(&backup) {
        Ok(ids) => ids.len(),
        Err(error) => {
            wrong.push(format!("the backup: {error}"));
            0
        }
    };
    house.server.asked_to_stop();
    house.server.ends().await;
    let file = file_of(&house);
    for ending in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
    }
    std::fs::copy(&backup, &file).expect("put back");
    house.server.starts_again().await;
    // The platform sends everything of that day again.
    let channel = {
        let listed = house.admin.all("/api/v1/channels").await;
        crate::support::channel::Channel {
            id: number(&listed[0]["id"]),
            kind: "whatsapp",
            external_id: "731904466218053".into(),
            secret: "secret_of_whatsapp_731904466218053".into(),
            verify_token: String::new(),
            http: crate::support::client::http(),
        }
    };
    for first in (0..scale.messages).step_by(50) {
        let messages: Vec<_> = (first..(first + 50).min(scale.messages))
            .map(|n| (format!("wamid.trust.{n}"), format!("text {n}")))
            .collect();
        for (at, message) in messages.iter().enumerate() {
            let customer = format!("1555770{:04}", (first + at) / 8 % scale.conversations);
            post(&house.url(), &channel, &channel.batch(&customer, std::slice::from_ref(message)))
                .await
                .expect(200);
        }
    }
    let stored = crate::ledgers::Stored::read(&house.admin).await;
    stored.holds(&(0..scale.messages).map(|n| format!("wamid.trust.{n}")).collect(), &mut wrong);
    Found::of(&wrong, format!("{kept} in the backup, {} after the repetitions; {figures}", stored.count()))
}

/// F42: an older program under load is stopped, the newer one migrates and goes on.
pub async fn upgrade(database: &str, old: &str, options: &Options) -> Found {
    let new = std::env::var("RAPPORT_BINARY").unwrap_or_default();
    // Read once at each start: the house begins with the old program and goes on with the new one.
    let link = tempfile::tempdir().expect("a folder");
    let program = link.path().join("rapport");
    std::os::unix::fs::symlink(old, &program).expect("a link");
    crate::support::server::use_binary(&program.display().to_string());
    let mut house = crate::load::house(database).await;
    let scale = Scale {
        messages: options.messages.min(20_000),
        conversations: 20,
        screens: options.screens,
        replies: 50,
        rate: 500,
    };
    let (wrong, figures) = with_fault(&mut house, &scale, async |house, progress| {
        while progress.posted.load(Ordering::Relaxed) < scale.messages / 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        house.server.asked_to_stop();
        house.server.ends().await;
        std::fs::remove_file(&program).expect("ours");
        std::os::unix::fs::symlink(&new, &program).expect("a link");
        house.server.starts_again().await;
    })
    .await;
    crate::support::server::use_binary(&new);
    Found::of(&wrong, figures)
}
