//! Plain messages of customers, many at once: which are known, the rows, their identities. On
//! PostgreSQL one statement for all of them; SQLite is at hand, and keeps one short statement
//! prepared. Never anything but what `chat::arrivals` calls plain: fields it leaves blank are not
//! written.

use super::among::among;
use super::columns::column;
use super::conn::{PgConn, SqliteConn};
use super::kept::Keep;
use super::messages::{MessageBody, add_identity, next_id};
use super::schema::message_identities;
use super::{Conn, StoreError};
use crate::domain::{ChannelId, ConversationId, MessageId, WorkspaceId};
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use std::collections::{HashMap, HashSet};

/// A message that is to be written: whose, where, what.
pub type NewArrival = (WorkspaceId, ConversationId, MessageBody);

/// Which of these messages we have.
pub async fn known_identities(
    conn: &mut Conn,
    channel: ChannelId,
    platform_message_ids: &[&str],
) -> Result<HashSet<String>, StoreError> {
    match conn {
        Conn::Sqlite(db) => {
            let known: Vec<String> = message_identities::table
                .filter(
                    message_identities::channel_id
                        .eq(channel)
                        .and(among(message_identities::platform_message_id, platform_message_ids)),
                )
                .select(message_identities::platform_message_id)
                .load(db)
                .await?;
            Ok(known.into_iter().collect())
        }
        Conn::Postgres(db) => {
            let known: Vec<Known> = diesel::sql_query(KNOWN)
                .bind::<BigInt, _>(channel)
                .bind::<Array<Text>, _>(platform_message_ids)
                .kept()
                .load(db)
                .await?;
            Ok(known.into_iter().map(|known| known.platform_message_id).collect())
        }
    }
}

/// Asked for each by itself: by `= ANY` a plan from when the table was young reads all of a channel's (7 ms a batch
/// after 15,000 messages), until the next ANALYZE.
const KNOWN: &str = "SELECT platform_message_id FROM unnest($2) AS told (platform_message_id) \
    WHERE (SELECT true FROM message_identities AS known \
           WHERE known.channel_id = $1 AND known.platform_message_id = told.platform_message_id)";

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = Text)]
    platform_message_id: String,
}

/// What differs from one to the next; the rest is said once below.
macro_rules! columns {
    () => {
        "workspace_id, conversation_id, channel_id, seq, sender_customer_id, author, origin, message_type, content, \
         details, platform_message_id, created_at, platform_sent_at"
    };
}

const INSERT_ALL: &str = concat!(
    "INSERT INTO messages (",
    columns!(),
    ", version, sender_type, status, is_counted, has_attachments, has_reactions, is_private) SELECT ",
    columns!(),
    ", seq, 'customer', 'received', true, false, false, false \
     FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS new (",
    columns!(),
    ") RETURNING id, conversation_id, seq"
);

const INSERT_ONE: &str = concat!(
    "INSERT INTO messages (id, ",
    columns!(),
    ", version, sender_type, status, is_counted, has_attachments, has_reactions, is_private) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $5, 'customer', 'received', true, false, false, false)"
);

/// Writes the messages; their ids in their order.
pub async fn insert_arrivals(conn: &mut Conn, new: &[NewArrival]) -> Result<Vec<MessageId>, StoreError> {
    match conn {
        Conn::Sqlite(db) => insert_each(db, new).await,
        Conn::Postgres(db) => insert_all(db, new).await,
    }
}

async fn insert_each(db: &mut SqliteConn, new: &[NewArrival]) -> Result<Vec<MessageId>, StoreError> {
    let MessageId(first) = next_id(db).await?;
    let ids: Vec<MessageId> = (first..).map(MessageId).take(new.len()).collect();
    for (id, (workspace, conversation, body)) in ids.iter().zip(new) {
        diesel::sql_query(INSERT_ONE)
            .bind::<BigInt, _>(id)
            .bind::<BigInt, _>(workspace)
            .bind::<BigInt, _>(conversation)
            .bind::<Nullable<BigInt>, _>(&body.channel_id)
            .bind::<BigInt, _>(body.seq)
            .bind::<Nullable<BigInt>, _>(&body.sender_customer_id)
            .bind::<Text, _>(&body.author)
            .bind::<Text, _>(body.origin)
            .bind::<Text, _>(body.message_type)
            .bind::<Nullable<Text>, _>(&body.content)
            .bind::<Nullable<Text>, _>(&body.details)
            .bind::<Nullable<Text>, _>(&body.platform_message_id)
            .bind::<BigInt, _>(body.created_at)
            .bind::<Nullable<BigInt>, _>(&body.platform_sent_at)
            .kept()
            .execute(db)
            .await?;
    }
    Ok(ids)
}

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    conversation_id: i64,
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

async fn insert_all(db: &mut PgConn, new: &[NewArrival]) -> Result<Vec<MessageId>, StoreError> {
    let bodies = || new.iter().map(|new| &new.2);
    let rows: Vec<Written> = diesel::sql_query(INSERT_ALL)
        .bind::<Array<BigInt>, _>(column(new.iter().map(|new| new.0)))
        .bind::<Array<BigInt>, _>(column(new.iter().map(|new| new.1)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.channel_id)))
        .bind::<Array<BigInt>, _>(column(bodies().map(|body| body.seq)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.sender_customer_id)))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.author.as_str())))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.origin)))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.message_type)))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.content.as_deref())))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.details.as_deref())))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.platform_message_id.as_deref())))
        .bind::<Array<BigInt>, _>(column(bodies().map(|body| body.created_at)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.platform_sent_at)))
        .kept()
        .load(db)
        .await?;
    let ids: HashMap<(i64, i64), i64> =
        rows.into_iter().map(|row| ((row.conversation_id, row.seq), row.id)).collect();
    let id_of = |new: &NewArrival| ids.get(&(new.1.0, new.2.seq)).copied().map(MessageId);
    new.iter().map(|new| id_of(new).ok_or(StoreError::NotFound)).collect()
}

const IDENTIFY: &str = "INSERT INTO message_identities (channel_id, platform_message_id, message_id) \
    SELECT $1, platform_message_id, message_id FROM unnest($2, $3) AS new (platform_message_id, message_id) \
    ON CONFLICT DO NOTHING";

/// Gives each message its identity; false: one of them is another message's.
pub async fn add_identities(
    conn: &mut Conn,
    channel: ChannelId,
    new: &[NewArrival],
    ids: &[MessageId],
) -> Result<bool, StoreError> {
    let names = new.iter().map(|new| new.2.platform_message_id.as_deref());
    let pairs: Vec<(&str, MessageId)> =
        names.zip(ids).filter_map(|(name, id)| name.map(|name| (name, *id))).collect();
    let Conn::Postgres(db) = conn else {
        for (name, id) in pairs {
            if !add_identity(conn, channel, name, id).await? {
                return Ok(false);
            }
        }
        return Ok(true);
    };
    let count = pairs.len();
    let (names, ids): (Vec<&str>, Vec<MessageId>) = pairs.into_iter().unzip();
    let added = diesel::sql_query(IDENTIFY)
        .bind::<BigInt, _>(channel)
        .bind::<Array<Text>, _>(names)
        .bind::<Array<BigInt>, _>(ids)
        .kept()
        .execute(db)
        .await?;
    Ok(added == count)
}
