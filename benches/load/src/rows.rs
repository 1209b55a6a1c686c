//! The product's own rows, written by the least program: what storing a customer's message costs before anybody asks
//! for it by HTTP, reads it, checks it, finds its customer or tells anybody. Never the library: only its tables.
//!
//! A server has opened the database and taken a first message from each customer; this writes what comes next into
//! their conversations, committed in groups as the bare floors do.

use crate::Outcome;
use crate::floor::{Given, MOST, print_rate, wait_each};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use std::sync::mpsc::Receiver;
use tokio_postgres::{Client, NoTls, Row};

const TEXT: &str = "Is the blue one still there?";
const WORDS: &str = "blue is one still the there";
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Whose next message it is.
#[derive(Clone, QueryableByName)]
struct Room {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    workspace_id: i64,
    #[diesel(sql_type = BigInt)]
    channel_id: i64,
    #[diesel(sql_type = BigInt)]
    customer_id: i64,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = BigInt)]
    revision: i64,
    #[diesel(sql_type = BigInt)]
    unread_total: i64,
}

impl Room {
    fn of(row: &Row) -> Self {
        Self {
            id: row.get("id"),
            workspace_id: row.get("workspace_id"),
            channel_id: row.get("channel_id"),
            customer_id: row.get("customer_id"),
            version: row.get("version"),
            revision: row.get("revision"),
            unread_total: row.get("unread_total"),
        }
    }

    fn grows(&mut self) {
        self.version += 1;
        self.revision += 1;
        self.unread_total += 1;
    }
}

const ROOMS: &str = "SELECT id, workspace_id, channel_id, customer_id, version, revision, unread_total FROM conversations \
    WHERE channel_id IS NOT NULL ORDER BY id";

#[derive(QueryableByName)]
struct Newest {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    at: i64,
}

const NEWEST: &str = "SELECT MAX(id) AS id, MAX(created_at) AS at FROM messages";
const GROW: &str = "UPDATE conversations SET version = ?2, revision = ?3, unread_total = ?4, last_seq = ?2, last_activity_at = ?5, \
    waiting_since = COALESCE(waiting_since, ?5), snoozed_until = NULL, window_expires_at = ?6, updated_at = ?5 WHERE id = ?1";
const MESSAGE: &str = "INSERT INTO messages (id, workspace_id, conversation_id, channel_id, seq, version, sender_type, \
    sender_customer_id, author, origin, message_type, content, platform_message_id, status, is_counted, has_attachments, \
    has_reactions, is_private, created_at, platform_sent_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?5, 'customer', ?6, ?7, 'customer', 'text', ?8, ?9, 'received', 1, 0, 0, 0, ?10, ?10)";
const SEARCH: &str = "INSERT INTO search_messages (rowid, words) VALUES (?1, ?2)";
const IDENTITY: &str =
    "INSERT INTO message_identities (channel_id, platform_message_id, message_id) VALUES (?1, ?2, ?3)";

/// On SQLite, by callers who each wait for their message. Prints how many a second.
pub async fn sqlite(path: &str, count: usize) -> Outcome {
    let mut conn = SqliteConnection::establish(path)?;
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
         PRAGMA cache_size = -8000;",
    )?;
    let rate = wait_each(count, move |given| write_together(conn, &given).map_err(|error| error.to_string()))
        .await?;
    println!("{rate:.0}");
    Ok(())
}

fn write_together(mut conn: SqliteConnection, given: &Receiver<Given>) -> Outcome {
    let mut rooms: Vec<Room> = sql_query(ROOMS).load(&mut conn)?;
    let Newest { mut id, mut at } = sql_query(NEWEST).get_result(&mut conn)?;
    let many = rooms.len();
    while let Ok(first) = given.recv() {
        let batch: Vec<Given> = std::iter::once(first).chain(given.try_iter()).take(MOST).collect();
        at += 3;
        conn.transaction(|conn| {
            batch.iter().try_for_each(|(number, _)| {
                id += 1;
                let room = usize::try_from(*number).unwrap_or(0) % many;
                say(conn, &mut rooms[room], &format!("wamid.row.{id}"), id, at)
            })
        })?;
        // Who waited may have gone.
        batch.into_iter().for_each(|(_, stored)| {
            let _ = stored.send(());
        });
    }
    Ok(())
}

fn say(conn: &mut SqliteConnection, room: &mut Room, name: &str, id: i64, at: i64) -> QueryResult<()> {
    room.grows();
    let grow = sql_query(GROW)
        .bind::<BigInt, _>(room.id)
        .bind::<BigInt, _>(room.version)
        .bind::<BigInt, _>(room.revision)
        .bind::<BigInt, _>(room.unread_total)
        .bind::<BigInt, _>(at)
        .bind::<BigInt, _>(at + DAY);
    let message = sql_query(MESSAGE)
        .bind::<BigInt, _>(id)
        .bind::<BigInt, _>(room.workspace_id)
        .bind::<BigInt, _>(room.id)
        .bind::<BigInt, _>(room.channel_id)
        .bind::<BigInt, _>(room.version)
        .bind::<BigInt, _>(room.customer_id)
        .bind::<Text, _>(format!("customer:{}", room.customer_id))
        .bind::<Text, _>(TEXT)
        .bind::<Text, _>(name)
        .bind::<BigInt, _>(at);
    let search = sql_query(SEARCH).bind::<BigInt, _>(id).bind::<Text, _>(WORDS);
    let identity =
        sql_query(IDENTITY).bind::<BigInt, _>(room.channel_id).bind::<Text, _>(name).bind::<BigInt, _>(id);
    Kept(grow).execute(conn)?;
    Kept(message).execute(conn)?;
    Kept(search).execute(conn)?;
    Kept(identity).execute(conn).map(drop)
}

/// A statement that is kept prepared, which diesel does not do with one that is given as text.
struct Kept<Q>(Q);

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Kept<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Sqlite) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> RunQueryDsl<SqliteConnection> for Kept<Q> {}

const GROW_ALL: &str = "UPDATE conversations SET version = new.version, revision = new.revision, unread_total = new.unread, \
    last_seq = new.version, last_activity_at = $5, status = 'open', waiting_since = COALESCE(waiting_since, $5), \
    snoozed_until = NULL, window_expires_at = $6, updated_at = $5 \
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS new (id, version, revision, unread) \
    WHERE conversations.id = new.id";
const MESSAGE_ALL: &str = "INSERT INTO messages (workspace_id, conversation_id, channel_id, seq, version, sender_type, \
    sender_customer_id, author, origin, message_type, content, platform_message_id, status, is_counted, has_attachments, \
    has_reactions, is_private, created_at, platform_sent_at) \
    SELECT $1, room, $2, seq, seq, 'customer', customer, 'customer:' || customer, 'customer', 'text', $7, name, 'received', \
    true, false, false, false, $8, $8 FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::text[]) AS new (room, seq, customer, name) \
    RETURNING id, platform_message_id";
const SEARCH_ALL: &str = "INSERT INTO search_messages (id, words) \
    SELECT id, array_to_tsvector(string_to_array($2, ' ')) FROM unnest($1::bigint[]) AS new (id)";
const IDENTITY_ALL: &str = "INSERT INTO message_identities (channel_id, platform_message_id, message_id) \
    SELECT $1, name, id FROM unnest($2::text[], $3::bigint[]) AS new (name, id)";

/// On PostgreSQL, thirty-two messages a commit on each of four connections, by four statements over sets. Prints how
/// many a second.
pub async fn postgres(url: &str, count: usize) -> Outcome {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    let rooms: Vec<Room> = client.query(ROOMS, &[]).await?.iter().map(Room::of).collect();
    let now: i64 = client.query_one("SELECT MAX(created_at) FROM messages", &[]).await?.get(0);
    let mut lanes = Vec::new();
    for rooms in rooms.chunks(rooms.len().div_ceil(4)) {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        lanes.push((client, rooms.to_vec()));
    }
    let lanes =
        lanes.into_iter().map(|(client, rooms)| tokio::spawn(postgres_lane(client, rooms, now, count / 4)));
    print_rate(count, lanes.collect()).await
}

async fn postgres_lane(mut client: Client, mut rooms: Vec<Room>, mut now: i64, count: usize) -> Outcome {
    let grow = client.prepare(GROW_ALL).await?;
    let message = client.prepare(MESSAGE_ALL).await?;
    let search = client.prepare(SEARCH_ALL).await?;
    let identity = client.prepare(IDENTITY_ALL).await?;
    let (Some(first), many) = (rooms.first().cloned(), rooms.len()) else { return Ok(()) };
    let mut number = 0;
    while number < count {
        let tx = client.transaction().await?;
        now += 3;
        let (mut ids, mut versions, mut revisions, mut unread, mut customers, mut names) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..32 {
            let room = &mut rooms[number % many];
            room.grows();
            ids.push(room.id);
            versions.push(room.version);
            revisions.push(room.revision);
            unread.push(room.unread_total);
            customers.push(room.customer_id);
            names.push(format!("wamid.row.{}.{}", room.id, room.version));
            number += 1;
        }
        tx.execute(&grow, &[&ids, &versions, &revisions, &unread, &now, &(now + DAY)]).await?;
        let rows = tx
            .query(
                &message,
                &[&first.workspace_id, &first.channel_id, &ids, &versions, &customers, &names, &TEXT, &now],
            )
            .await?;
        let (ids, names): (Vec<i64>, Vec<String>) =
            rows.iter().map(|row| (row.get::<_, i64>(0), row.get::<_, String>(1))).unzip();
        tx.execute(&search, &[&ids, &WORDS]).await?;
        tx.execute(&identity, &[&first.channel_id, &names, &ids]).await?;
        tx.commit().await?;
    }
    Ok(())
}
