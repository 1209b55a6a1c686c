//! A clock that jumps: libfaketime stands between the server and its wall clock; the monotonic one is left alone.

use crate::load::{Scale, with_fault};
use crate::support::client::Client;
use crate::support::database::Database;
use crate::support::dice::Dice;
use crate::support::house::House;
use crate::support::server::{ADMIN, PASSWORD};
use crate::{Found, Options};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How far the clock is from the true one after each jump, in seconds: an hour on and back, an hour back and on, a
/// day on and back.
const OFFSETS: [i64; 6] = [3_600, 0, -3_600, 0, 86_400, 0];

/// F18: the clock jumps under load, while sends are under way and others wait for their next try. Nothing is lost,
/// doubled, shown in another order, called unconfirmed or kept waiting; nobody is cut or signed out.
pub async fn jumps(database: &str, options: &Options) -> Found {
    let Some(library) = library() else {
        return Found {
            holds: false,
            figures: "not run: libfaketime (Debian: faketime) is not installed".into(),
        };
    };
    let folder = tempfile::tempdir().expect("a folder");
    let clock = folder.path().join("clock");
    set(&clock, 0);
    let database = match database {
        "sqlite" => Database::sqlite(),
        _ => Database::postgres().await.expect("PostgreSQL is installed"),
    };
    let mut house = House::open_with(database, |settings| {
        settings
            .with("LD_PRELOAD", &library.display().to_string())
            .with("FAKETIME_TIMESTAMP_FILE", &clock.display().to_string())
            .with("FAKETIME_NO_CACHE", "1")
            .with("DONT_FAKE_MONOTONIC", "1")
            .with("NO_FAKE_STAT", "1")
    })
    .await;
    house.platform.takes(Duration::from_millis(400));
    house.platform.is_curt();
    let browser = Client::anonymous(&house.url()).signed_in(ADMIN, PASSWORD).await;
    // One jump and a half second or so, and as many replies as go out meanwhile without waiting for a budget.
    let scale = Scale {
        messages: options.messages.min(options.times * 150),
        conversations: 20,
        screens: options.screens,
        replies: (options.times * 26).min(900),
        rate: 100,
    };
    let mut dice = Dice::new("clock");
    let (mut jumps, mut out) = (0, 0);
    let (mut wrong, figures) = with_fault(&mut house, &scale, async |house, _| {
        while jumps < options.times {
            tokio::time::sleep(Duration::from_millis(500 + dice.throw(1_000))).await;
            // Some sends must wait for another try when it happens.
            house.platform.refuses_for(Duration::from_millis(300)).await;
            set(&clock, OFFSETS[jumps % OFFSETS.len()]);
            jumps += 1;
            out += usize::from(browser.get("/api/v1/me").await.status != 200);
        }
    })
    .await;
    let taken_back = house.server.log().lines().filter(|line| line.contains("taken back")).count();
    if taken_back > 0 {
        wrong.push(format!("{taken_back} times sends were taken from a worker that was at them"));
    }
    if out > 0 {
        wrong.push(format!("signed out {out} times"));
    }
    Found::of(&wrong, format!("{jumps} jumps; {figures}"))
}

fn set(clock: &Path, seconds: i64) {
    // Renamed into its place: it is read at every look at the clock.
    let next = clock.with_extension("next");
    std::fs::write(&next, format!("{seconds:+}\n")).expect("written");
    std::fs::rename(next, clock).expect("renamed");
}

fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?;
    folders
        .flatten()
        .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
        .find(|library| library.exists())
}
