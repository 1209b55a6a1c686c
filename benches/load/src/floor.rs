//! The floors: the least that any server would have to do on this machine, without a product
//! around it. Each runs as a process of its own on the server's core. Never the library.

use crate::Outcome;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

diesel::table! {
    rooms (id) { id -> BigInt, version -> BigInt, updated_at -> BigInt, details -> Text, }
}
diesel::table! {
    said (id) {
        id -> BigInt, room -> BigInt, channel -> BigInt, seq -> BigInt, version -> BigInt, direction -> Text, content -> Text,
        platform_id -> Nullable<Text>, client_id -> Nullable<Text>, created_at -> BigInt,
    }
}

/// A message with its four keys and indexes, and its room with one.
const TABLES: &str = "
    CREATE TABLE rooms (id INTEGER PRIMARY KEY NOT NULL, version BIGINT NOT NULL, updated_at BIGINT NOT NULL, details TEXT NOT NULL);
    CREATE INDEX rooms_recent ON rooms (updated_at DESC, id DESC);
    CREATE TABLE said (id INTEGER PRIMARY KEY NOT NULL, room BIGINT NOT NULL REFERENCES rooms (id), channel BIGINT NOT NULL,
        seq BIGINT NOT NULL, version BIGINT NOT NULL, direction TEXT NOT NULL, content TEXT NOT NULL, platform_id TEXT,
        client_id TEXT, created_at BIGINT NOT NULL);
    CREATE INDEX said_page ON said (room, seq);
    CREATE UNIQUE INDEX said_platform ON said (channel, platform_id) WHERE platform_id IS NOT NULL;
    CREATE UNIQUE INDEX said_client ON said (room, client_id) WHERE client_id IS NOT NULL;";
const CONTENT: &str = r#"{"text":"Do you still have the blue one in a small size?"}"#;

fn opened(path: &str) -> Outcome<SqliteConnection> {
    let mut conn = SqliteConnection::establish(path)?;
    conn.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
    conn.batch_execute(TABLES)?;
    conn.batch_execute(
        "WITH RECURSIVE n (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM n WHERE k < 999) \
         INSERT INTO rooms SELECT k, 0, 0, '{}' FROM n",
    )?;
    Ok(conn)
}

/// Who waits for what they gave, each for one message at a time.
const CALLERS: usize = 64;
/// Messages of one commit at most.
pub const MOST: usize = 256;

/// Group commit on SQLite (docs/decisions/sqlite-lanes.md): callers who each wait for their message, a thread that writes
/// what has gathered in one transaction, a savepoint each: a row that is unique by its platform's id, and its room's next
/// version. Prints how many a second.
pub async fn sqlite(path: &str, count: usize) -> Outcome {
    let conn = opened(path)?;
    let rate = wait_each(count, move |given| write_together(conn, &given).map_err(|error| error.to_string()))
        .await?;
    println!("{rate:.0}");
    Ok(())
}

/// Has `count` messages written by `write`, on a thread of its own, for callers who each wait for theirs; how many a
/// second.
pub async fn wait_each(
    count: usize,
    write: impl FnOnce(Receiver<Given>) -> Result<(), String> + Send + 'static,
) -> Outcome<f64> {
    let (give, given) = std::sync::mpsc::channel();
    let writer = std::thread::spawn(move || write(given));
    let begun = Instant::now();
    let callers = (0..CALLERS).map(|caller| {
        let give = give.clone();
        tokio::spawn(async move {
            for number in (caller..count).step_by(CALLERS) {
                let (stored, is_stored) = oneshot::channel();
                give.send((i64::try_from(number)?, stored))?;
                is_stored.await?;
            }
            Outcome::Ok(())
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await??;
    }
    #[allow(clippy::cast_precision_loss)]
    let rate = count as f64 / begun.elapsed().as_secs_f64();
    drop(give);
    writer.join().map_err(|_| "the writer panicked")??;
    Ok(rate)
}

/// The same for ten seconds at an even pace, whether the last one is stored or not. Prints the milliseconds below which
/// 99 of 100 lie, the copying of SQLite's log into its database included.
pub async fn sqlite_paced(path: &str, pace: f64) -> Outcome {
    let conn = opened(path)?;
    let (give, given) = std::sync::mpsc::channel();
    let writer = std::thread::spawn(move || write_together(conn, &given).map_err(|error| error.to_string()));
    #[allow(clippy::cast_possible_truncation)]
    let count = (pace * 10.0) as i64;
    let (begun, mut waiting) = (tokio::time::Instant::now(), Vec::new());
    for number in 0..count {
        #[allow(clippy::cast_precision_loss)]
        tokio::time::sleep_until(begun + Duration::from_secs_f64(number as f64 / pace)).await;
        let (stored, is_stored) = oneshot::channel();
        let given_at = Instant::now();
        give.send((number, stored))?;
        waiting.push(tokio::spawn(async move {
            is_stored.await.map(|()| given_at.elapsed().as_secs_f64() * 1000.0)
        }));
    }
    let mut times = Vec::new();
    for stored in waiting {
        times.push(stored.await??);
    }
    drop(give);
    writer.join().map_err(|_| "the writer panicked")??;
    times.sort_by(f64::total_cmp);
    println!("{:.3}", crate::table::percentile(&times, 0.99));
    Ok(())
}

pub type Given = (i64, oneshot::Sender<()>);

fn write_together(mut conn: SqliteConnection, given: &Receiver<Given>) -> Outcome {
    while let Ok(first) = given.recv() {
        let batch: Vec<Given> = std::iter::once(first).chain(given.try_iter()).take(MOST).collect();
        conn.transaction(|conn| {
            batch.iter().try_for_each(|(number, _)| conn.transaction(|conn| say(conn, *number)))
        })?;
        // Who waited may have gone.
        batch.into_iter().for_each(|(_, stored)| {
            let _ = stored.send(());
        });
    }
    Ok(())
}

type Said = (i64, i64, i64, i64, i64, String, String, Option<String>, Option<String>, i64);

fn say(conn: &mut SqliteConnection, number: i64) -> QueryResult<()> {
    let (room, version) = (number % 1000, number / 1000 + 1);
    let _: Said = diesel::insert_into(said::table)
        .values((
            said::room.eq(room),
            said::channel.eq(1_i64),
            said::seq.eq(version),
            said::version.eq(version),
            said::direction.eq("in"),
            said::content.eq(CONTENT),
            said::platform_id.eq(format!("wamid.{number}")),
            said::created_at.eq(number),
        ))
        .on_conflict(diesel::dsl::sql::<diesel::sql_types::Untyped>(
            "(channel, platform_id) WHERE platform_id IS NOT NULL",
        ))
        .do_nothing()
        .returning(said::all_columns)
        .get_result(conn)?;
    diesel::update(rooms::table.find(room))
        .set((rooms::version.eq(rooms::version + 1), rooms::updated_at.eq(number)))
        .execute(conn)
        .map(drop)
}

/// Group commit on PostgreSQL, each batch two statements over sets. Prints how many a second.
pub async fn postgres(url: &str, count: usize) -> Outcome {
    let lanes = (0..4).map(|lane| tokio::spawn(postgres_lane(url.to_owned(), lane, count / 4)));
    print_rate(count, lanes.collect()).await
}

/// Waits until all lanes have done their part of `count`, and prints how many a second.
pub async fn print_rate(count: usize, lanes: Vec<JoinHandle<Outcome>>) -> Outcome {
    let begun = Instant::now();
    for lane in lanes {
        lane.await??;
    }
    #[allow(clippy::cast_precision_loss)]
    let rate = count as f64 / begun.elapsed().as_secs_f64();
    println!("{rate:.0}");
    Ok(())
}

async fn postgres_lane(url: String, lane: i64, count: usize) -> Outcome {
    let (mut client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let (rooms, said) = (format!("floor_rooms_{lane}"), format!("floor_said_{lane}"));
    let tables = TABLES.replace("INTEGER", "BIGINT").replace("rooms", &rooms).replace("said", &said);
    client
        .batch_execute(&format!("DROP TABLE IF EXISTS {said}; DROP TABLE IF EXISTS {rooms}; {tables}"))
        .await?;
    client
        .batch_execute(&format!(
            "INSERT INTO {rooms} SELECT n, 0, 0, '{{}}' FROM generate_series(0, 249) AS n"
        ))
        .await?;
    let update = client
        .prepare(&format!(
            "UPDATE {rooms} SET version = version + 1, updated_at = $2 WHERE id = ANY($1) RETURNING id, version"
        ))
        .await?;
    let insert = client
        .prepare(&format!(
            "INSERT INTO {said} (id, room, seq, version, platform_id, content, created_at, channel, direction) \
             SELECT *, 1, 'in' FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[])"
        ))
        .await?;
    let mut number = 0_i64;
    while number < i64::try_from(count)? {
        let tx = client.transaction().await?;
        // Thirty-two posts of as many rooms in a commit.
        let ids: Vec<i64> = (0..32).map(|n| (number + n) % 250).collect();
        let rows = tx.query(&update, &[&ids, &number]).await?;
        let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            columns.0.push(number);
            columns.1.push(row.get::<_, i64>(0));
            columns.2.push(row.get::<_, i64>(1));
            columns.3.push(format!("wamid.{lane}.{number}"));
            columns.4.push(CONTENT);
            columns.5.push(number);
            number += 1;
        }
        tx.execute(&insert, &[&columns.0, &columns.1, &columns.2, &columns.3, &columns.4, &columns.5])
            .await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A thousand commits of one row: the milliseconds below which 99 of 100 lie.
pub fn commit_p99(path: &str) -> Outcome<f64> {
    let mut conn = opened(path)?;
    let mut times = Vec::new();
    for number in 0..1000 {
        let begun = Instant::now();
        conn.transaction(|conn| say(conn, number))?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(crate::table::percentile(&times, 0.99))
}

/// Sockets that get frames encoded beforehand, those that pile up in one write: the limit of a
/// fan-out. `GET /go?frames=N&burst=B&size=S&groups=G` writes and then answers: each frame goes to
/// the sockets of its group.
pub async fn sockets() -> Outcome {
    let listener = listen().await?;
    let mut sockets: Vec<TcpStream> = Vec::new();
    loop {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let head = head_of(&mut stream).await?;
        if head.starts_with("GET /ws") {
            stream
                .write_all(
                    b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
                )
                .await?;
            sockets.push(stream);
        } else if head.starts_with("GET /go") {
            pour(&mut sockets, &head).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
        }
    }
}

async fn pour(sockets: &mut [TcpStream], head: &str) -> Outcome {
    let asked = |name: &str| -> Outcome<usize> {
        let after = head.split(&format!("{name}=")).nth(1).ok_or("what is missing?")?;
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        Ok(digits.parse()?)
    };
    let (frames, burst, size, groups) = (asked("frames")?, asked("burst")?, asked("size")?, asked("groups")?);
    let text = format!("{{\"type\":\"chat_message\",{}", "x".repeat(size.saturating_sub(23)));
    let mut frame = vec![0x81, 126];
    frame.extend_from_slice(&u16::try_from(text.len())?.to_be_bytes());
    frame.extend_from_slice(text.as_bytes());
    let pile = frame.repeat(burst);
    let each = sockets.len() / groups;
    for _ in 0..frames / burst {
        for group in sockets.chunks_mut(each) {
            for socket in group {
                socket.write_all(&pile).await?;
            }
        }
    }
    Ok(())
}

/// The bare HTTP: a kept connection, a body read, a fixed answer.
pub async fn http() -> Outcome {
    let listener = listen().await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(answer_all(stream));
    }
}

async fn answer_all(mut stream: TcpStream) {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 151\r\n\r\n";
    let mut answer = ANSWER.to_vec();
    answer.extend_from_slice(&[b' '; 151]);
    let mut left = Vec::new();
    loop {
        let Some(end) = left.windows(4).position(|four: &[u8]| four == b"\r\n\r\n") else {
            if !matches!(stream.read_buf(&mut left).await, Ok(1..)) {
                return;
            }
            continue;
        };
        let head = String::from_utf8_lossy(&left[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let whole = end + 4 + length.and_then(|length| length.trim().parse::<usize>().ok()).unwrap_or(0);
        while left.len() < whole {
            if !matches!(stream.read_buf(&mut left).await, Ok(1..)) {
                return;
            }
        }
        left.drain(..whole);
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

async fn listen() -> Outcome<TcpListener> {
    let port: u16 = std::env::var("FLOOR_PORT")?.parse()?;
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    Ok(socket.listen(4096)?)
}

async fn head_of(stream: &mut TcpStream) -> Outcome<String> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(String::new());
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
