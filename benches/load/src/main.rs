//! Loads a server built for release and prints a table: what it did in a second of its own CPU
//! time, beside the floor of the same machine in the same run. Never a test: nothing fails here.
//!
//! `script/bench` builds and runs it: the server on one core, this on the other.

mod actors;
mod fanout;
mod fill;
mod floor;
mod http;
mod idle;
mod ingest;
mod people;
mod queries;
mod reads;
mod rows;
mod sending;
mod server;
mod socket;
mod spread;
mod table;
mod watching;
mod webhook;

use server::Place;
use table::Table;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const USAGE: &str = "rapport-load BINARY SCENE…   scenes: fanout rooms ingest redelivered postgres send idle reads reads-postgres queries queries-postgres storm \
    coming watching watched-rooms (all: fanout ingest postgres)\nrapport-load fill URL CONVERSATIONS MESSAGES   fills a database that a server has opened once\n\
    BENCH_POSTGRES=postgres://… adds PostgreSQL";

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words == ["floor-actors"] {
        return actix_web::rt::System::new().block_on(actors::serve());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&words))
}

async fn run(words: &[String]) -> Outcome {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["floor-sockets"] => floor::sockets().await,
        ["floor-http"] => floor::http().await,
        ["floor-sqlite", path, count] => floor::sqlite(path, count.parse()?).await,
        ["floor-sqlite-paced", path, pace] => floor::sqlite_paced(path, pace.parse()?).await,
        ["floor-postgres", url, count] => floor::postgres(url, count.parse()?).await,
        ["rows-sqlite", path, count] => rows::sqlite(path, count.parse()?).await,
        ["rows-postgres", url, count] => rows::postgres(url, count.parse()?).await,
        ["fill", url, conversations, messages] => {
            fill::fill(url, conversations.parse()?, messages.parse()?).await
        }
        [binary, scenes @ ..] if !scenes.is_empty() => measure(&Place::new(binary)?, scenes).await,
        _ => Err(USAGE.into()),
    }
}

async fn measure(place: &Place, scenes: &[&str]) -> Outcome {
    let all = ["fanout", "ingest", "postgres"];
    let scenes = if scenes.contains(&"all") { &all[..] } else { scenes };
    let mut table = Table::default();
    for scene in scenes {
        eprintln!("-- {scene}");
        match *scene {
            "fanout" => fanout::one_room(place, &mut table).await?,
            "rooms" => fanout::many_rooms(place, &mut table).await?,
            "ingest" => ingest::distinct(place, &mut table).await?,
            "redelivered" => ingest::redelivered(place, &mut table).await?,
            "postgres" => ingest::on_postgres(place, &mut table).await?,
            "send" => sending::to_the_screen(place, &mut table).await?,
            "idle" => idle::memory(place, &mut table).await?,
            "reads-postgres" => reads::on_postgres(place, &mut table).await?,
            "storm" => idle::storm(place, &mut table).await?,
            "coming" => watching::coming(place, &mut table).await?,
            "watching" => watching::paced(place, &mut table).await?,
            "watched-rooms" => watching::rooms(place, &mut table).await?,
            "reads" => reads::on_a_million(place, &mut table).await?,
            "queries" => queries::on_a_big_one(place, &mut table).await?,
            "queries-postgres" => queries::on_postgres(place, &mut table).await?,
            other => return Err(format!("no scene {other}: {USAGE}").into()),
        }
        table.print_last();
    }
    println!("{table}");
    Ok(())
}
