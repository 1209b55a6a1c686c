//! What the stories stand on: the server under test as a process, its databases, the platforms it talks to,
//! and the people who use it. Nothing here knows the product's code; only what `docs/` says.

pub mod browser;
pub mod channel;
pub mod client;
pub mod database;
pub mod dice;
pub mod dump;
pub mod follower;
pub mod guard;
pub mod hearer;
pub mod house;
pub mod model;
pub mod past;
pub mod platform;
pub mod postgres;
pub mod raw;
pub mod redis;
pub mod server;
pub mod socket;
pub mod templates;
pub mod view;
pub mod webhooks;
pub mod wire;
pub mod worker;

use std::io::Write;
use std::time::Duration;

/// How long a condition may take before a test calls it a hang. Never a measure of speed.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A story named by both of its databases: `sqlite::name` and `postgres::name`.
macro_rules! on_both_databases {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $name() { super::$name($crate::support::database::Database::sqlite()).await })*
        }
        mod postgres {
            $(#[tokio::test] async fn $name() {
                let Some(database) = $crate::support::database::Database::postgres().await else { return };
                super::$name(database).await
            })*
        }
    };
}
pub(crate) use on_both_databases;

/// Where what takes long to make is kept from one run to the next.
pub fn scratch_folder() -> String {
    option_env!("CARGO_TARGET_TMPDIR")
        .map_or_else(|| std::env::temp_dir().display().to_string(), str::to_owned)
}

/// Says that a test was not run, past the capture of the test runner's output; where tests are required
/// (`RAPPORT_TESTS_REQUIRE`, set by `script/test`) that is a failure.
pub fn not_run(what_is_missing: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(
        std::env::var_os("RAPPORT_TESTS_REQUIRE").is_none(),
        "{what_is_missing} is missing, and tests may not be skipped here"
    );
    let _ = writeln!(
        std::io::stderr(),
        "\n!!!! NOT RUN: {test}: {what_is_missing} is missing (script/test installs it)\n"
    );
}

/// Asks until the answer is there. The one way to wait: on a condition, with a deadline only a hang meets.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| panic!("never came true: {what}"))
}
