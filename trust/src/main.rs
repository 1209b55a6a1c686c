//! Breaks a running Rapport on purpose and compares three ledgers: what the platforms gave, what the database holds
//! and what the screens show; and back: what was to be sent and what the platforms accepted. It speaks only the
//! contract. Every run prints its seed and its figures; a row that does not hold says so and ends with 1.

mod abuse;
mod clock;
mod faults;
mod ledgers;
mod load;
mod proxy;
mod soak;
mod storage;
mod strangers;
#[allow(dead_code, unused_imports, unused_macros, clippy::pedantic)]
#[path = "../../tests/support/mod.rs"]
mod support;

use clap::Parser;
use std::process::ExitCode;
use std::time::Instant;

/// What to break, and how hard.
#[derive(Debug, Clone, Parser)]
#[command(about = "Breaks Rapport on purpose and counts what is lost or doubled.")]
pub struct Options {
    /// What to run (all of them if none is named).
    rows: Vec<String>,
    /// The databases.
    #[arg(long, default_value = "sqlite,postgres", value_delimiter = ',')]
    on: Vec<String>,
    /// Messages from customers in a run of load.
    #[arg(long, default_value_t = 100_000)]
    messages: usize,
    /// Screens that follow every conversation.
    #[arg(long, default_value_t = 20)]
    screens: usize,
    /// How often a fault is made.
    #[arg(long, default_value_t = 30)]
    times: usize,
    /// Sockets in the reconnect storm, under the restarts and among the stalled.
    #[arg(long, default_value_t = 5_000)]
    sockets: usize,
    /// Minutes of the soak.
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// An older program, for the upgrade.
    #[arg(long)]
    old: Option<String>,
}

/// What a row found.
pub struct Found {
    /// Whether it held.
    pub holds: bool,
    /// The figures.
    pub figures: String,
}

impl Found {
    /// Holds if nothing is in `wrong`.
    pub fn of(wrong: &[String], figures: String) -> Self {
        for line in wrong.iter().take(20) {
            eprintln!("  ! {line}");
        }
        Self { holds: wrong.is_empty(), figures }
    }
}

/// Every row: its name, its number in `docs/trust.md`.
const ROWS: &[(&str, &str)] = &[
    ("kill", "F1"),
    ("stop", "F3"),
    ("power", "F4"),
    ("full-disk", "F5"),
    ("locked", "F6"),
    ("postgres", "F7"),
    ("stalled", "F8"),
    ("half-open", "F9"),
    ("storm", "F10"),
    ("flapping", "F11"),
    ("redelivery", "F13"),
    ("clock", "F18"),
    ("slow", "F23"),
    ("strangers", "F44"),
    ("restore", "F41"),
    ("upgrade", "F42"),
    ("soak", "F43"),
];

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let wanted = |name: &str| options.rows.is_empty() || options.rows.iter().any(|row| row == name);
    let mut table = Vec::new();
    for (name, number) in ROWS.iter().filter(|(name, _)| wanted(name)) {
        for database in &options.on {
            let begun = Instant::now();
            eprintln!("== {number} {name} on {database}");
            let Some(found) = run(name, database, &options).await else { continue };
            let line = format!(
                "| {number} | {name} | {database} | {} | {} | {:.0} s |",
                if found.holds { "holds" } else { "DOES NOT HOLD" },
                found.figures,
                begun.elapsed().as_secs_f64()
            );
            eprintln!("{line}");
            table.push((found.holds, line));
        }
    }
    println!("| # | what | database | | figures | took |\n| --- | --- | --- | --- | --- | --- |");
    for (_, line) in &table {
        println!("{line}");
    }
    if table.iter().all(|(holds, _)| *holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// `None`: the row does not apply to this database.
async fn run(name: &str, database: &str, options: &Options) -> Option<Found> {
    let is_sqlite = database == "sqlite";
    match name {
        "kill" => Some(faults::kill(database, options).await),
        "stop" => Some(faults::stop(database, options).await),
        "power" => only(is_sqlite, storage::power(options)).await,
        "full-disk" => only(is_sqlite, storage::full_disk(options)).await,
        "locked" => only(is_sqlite, storage::locked(options)).await,
        "postgres" => only(!is_sqlite, storage::postgres(options)).await,
        "stalled" => Some(faults::stalled(database, options).await),
        "half-open" => Some(faults::half_open(database, options).await),
        "storm" => Some(faults::storm(database, options).await),
        "flapping" => Some(faults::flapping(database, options).await),
        "redelivery" => Some(faults::redelivery(database, options).await),
        "clock" => Some(clock::jumps(database, options).await),
        "slow" => only(is_sqlite, abuse::slow(options)).await,
        "strangers" => Some(strangers::strangers(database, options).await),
        "restore" => only(is_sqlite, storage::restore(options)).await,
        "upgrade" => match &options.old {
            Some(old) => Some(storage::upgrade(database, old, options).await),
            None => None,
        },
        "soak" => Some(soak::soak(database, options).await),
        _ => None,
    }
}

async fn only(applies: bool, row: impl Future<Output = Found>) -> Option<Found> {
    if applies { Some(row.await) } else { None }
}
