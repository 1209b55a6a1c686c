//! The floors: the least that any server would have to do on this machine, without a product
//! around it. Each runs as a process of its own on the server's core. Never the library.

use crate::Outcome;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Messages of one commit, as many as the ledger takes.
const BATCH: usize = 256;

diesel::table! {
    conversations (id) { id -> BigInt, version -> BigInt, last_activity_at -> BigInt, updated_at -> BigInt, }
}
diesel::table! {
    messages (id) {
        id -> BigInt, workspace_id -> BigInt, conversation_id -> BigInt, channel_id -> BigInt, seq -> BigInt,
        version -> BigInt, sender_type -> Text, sender_customer_id -> BigInt, author -> Text, origin -> Text,
        message_type -> Text, content -> Text, platform_message_id -> Text, status -> Text, is_counted -> Bool,
        has_attachments -> Bool, has_reactions -> Bool, created_at -> BigInt,
    }
}
diesel::table! {
    message_identities (platform_message_id) { channel_id -> BigInt, platform_message_id -> Text, message_id -> BigInt, }
}

/// The rows and keys that the product began with: the floor writes what must be written, and reads nothing.
const TABLES: [&str; 2] = [
    include_str!("../../../migrations/sqlite/0001_base/up.sql"),
    include_str!("../../../migrations/sqlite/0002_identities/up.sql"),
];
const POSTGRES_TABLES: [&str; 2] = [
    include_str!("../../../migrations/postgres/0001_base/up.sql"),
    include_str!("../../../migrations/postgres/0002_identities/up.sql"),
];
const PEOPLE: &str = "INSERT INTO workspaces (id, name, created_at) VALUES (1, 'w', 1); \
    INSERT INTO channels (id, workspace_id, kind, name, external_id, options, credentials, state, created_at) \
        VALUES (1, 1, 'whatsapp', 'c', '1', '{}', '', 'active', 1); \
    INSERT INTO customers (id, workspace_id, search_text, enhanced_data_fetched, unreachable, created_at) \
        WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 1000) \
        SELECT k, 1, '', false, false, 1 FROM n; \
    INSERT INTO conversations (id, workspace_id, kind, channel_id, customer_id, thread, status, version, revision, \
        unread_total, answered_seq, last_seq, last_activity_at, created_at, updated_at) \
        SELECT id, 1, 'customer', 1, id, '', 'open', 0, 1, 0, 0, 0, 1, 1, 1 FROM customers;";

fn open_sqlite(path: &str) -> Outcome<SqliteConnection> {
    let mut conn = SqliteConnection::establish(path)?;
    conn.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    for sql in TABLES.iter().chain(&[PEOPLE]) {
        conn.batch_execute(sql)?;
    }
    Ok(conn)
}

/// Group commit on SQLite with a savepoint each: a version from the conversation's row, the
/// message with all its keys, its identity. Prints how many a second.
pub fn sqlite(path: &str, count: usize) -> Outcome {
    let mut conn = open_sqlite(path)?;
    let begun = Instant::now();
    let mut next = 0_i64;
    while next < i64::try_from(count)? {
        conn.transaction(|conn| {
            for _ in 0..BATCH {
                conn.transaction(|conn| say(conn, next))?;
                next += 1;
            }
            diesel::QueryResult::Ok(())
        })?;
    }
    #[allow(clippy::cast_precision_loss)]
    let rate = next as f64 / begun.elapsed().as_secs_f64();
    println!("{rate:.0}");
    Ok(())
}

fn say(conn: &mut SqliteConnection, number: i64) -> QueryResult<()> {
    let room = number % 1000 + 1;
    let version: i64 = diesel::update(conversations::table.find(room))
        .set((
            conversations::version.eq(conversations::version + 1),
            conversations::last_activity_at.eq(number),
            conversations::updated_at.eq(number),
        ))
        .returning(conversations::version)
        .get_result(conn)?;
    let name = format!("wamid.{number}");
    let id: i64 = diesel::insert_into(messages::table)
        .values((
            (
                messages::workspace_id.eq(1_i64),
                messages::conversation_id.eq(room),
                messages::channel_id.eq(1_i64),
                messages::seq.eq(version),
                messages::version.eq(version),
                messages::sender_type.eq("customer"),
                messages::sender_customer_id.eq(room),
                messages::author.eq(format!("customer:{room}")),
                messages::origin.eq("platform"),
            ),
            (
                messages::message_type.eq("text"),
                messages::content.eq("Is the blue one still there?"),
                messages::platform_message_id.eq(&name),
                messages::status.eq("received"),
                messages::is_counted.eq(true),
                messages::has_attachments.eq(false),
                messages::has_reactions.eq(false),
                messages::created_at.eq(number),
            ),
        ))
        .returning(messages::id)
        .get_result(conn)?;
    diesel::insert_into(message_identities::table)
        .values((
            message_identities::channel_id.eq(1_i64),
            message_identities::platform_message_id.eq(&name),
            message_identities::message_id.eq(id),
        ))
        .execute(conn)
        .map(drop)
}

/// Lanes that write at once, as the product has them.
const LANES: i64 = 4;
/// Messages of a commit on PostgreSQL: what 64 connections over four lanes bring, doubled.
const POSTGRES_BATCH: i64 = 32;

/// Group commit on PostgreSQL, each batch three statements over sets, in a schema of its own.
/// Prints how many a second.
pub async fn postgres(url: &str, count: usize) -> Outcome {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute("DROP SCHEMA IF EXISTS floor CASCADE; CREATE SCHEMA floor; SET search_path = floor").await?;
    for sql in POSTGRES_TABLES.iter().chain(&[PEOPLE]) {
        client.batch_execute(sql).await?;
    }
    let begun = Instant::now();
    let lanes: Vec<_> = (0..LANES).map(|lane| tokio::spawn(postgres_lane(url.to_owned(), lane, count))).collect();
    for lane in lanes {
        lane.await??;
    }
    #[allow(clippy::cast_precision_loss)]
    let rate = count as f64 / begun.elapsed().as_secs_f64();
    client.batch_execute("DROP SCHEMA floor CASCADE").await?;
    println!("{rate:.0}");
    Ok(())
}

const GROW: &str = "UPDATE conversations SET version = version + 1, last_activity_at = $2, updated_at = $2 \
    WHERE id = ANY($1) RETURNING id, version";
const INSERT: &str = "INSERT INTO messages (workspace_id, conversation_id, channel_id, seq, version, sender_type, \
    sender_customer_id, author, origin, message_type, content, platform_message_id, status, is_counted, has_attachments, \
    has_reactions, created_at) SELECT 1, room, 1, version, version, 'customer', room, 'customer:' || room, 'platform', 'text', \
    'Is the blue one still there?', name, 'received', true, false, false, $4 \
    FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS new (room, version, name) RETURNING id, platform_message_id";
const IDENTIFY: &str = "INSERT INTO message_identities (channel_id, platform_message_id, message_id) \
    SELECT 1, name, id FROM unnest($1::text[], $2::bigint[]) AS new (name, id)";

async fn postgres_lane(url: String, lane: i64, count: usize) -> Outcome {
    let (mut client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute("SET search_path = floor").await?;
    let grow = client.prepare(GROW).await?;
    let insert = client.prepare(INSERT).await?;
    let identify = client.prepare(IDENTIFY).await?;
    let share = i64::try_from(count)? / LANES;
    for first in (0..share).step_by(usize::try_from(POSTGRES_BATCH)?) {
        let tx = client.transaction().await?;
        // Each lane has conversations of its own.
        let rooms: Vec<i64> = (0..POSTGRES_BATCH).map(|n| ((first + n) % 250) * LANES + lane + 1).collect();
        let grown = tx.query(&grow, &[&rooms, &first]).await?;
        let (rooms, versions): (Vec<i64>, Vec<i64>) = grown.iter().map(|row| (row.get::<_, i64>(0), row.get::<_, i64>(1))).unzip();
        let names: Vec<String> = rooms.iter().zip(&versions).map(|(room, version)| format!("wamid.{room}.{version}")).collect();
        let written = tx.query(&insert, &[&rooms, &versions, &names, &first]).await?;
        let (ids, names): (Vec<i64>, Vec<String>) = written.iter().map(|row| (row.get::<_, i64>(0), row.get::<_, String>(1))).unzip();
        tx.execute(&identify, &[&names, &ids]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A thousand commits of one row: the milliseconds below which 99 of 100 lie.
pub fn commit_p99(path: &str) -> Outcome<f64> {
    let mut conn = open_sqlite(path)?;
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
