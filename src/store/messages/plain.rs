//! Plain messages, many at once: which are known, the rows, their identities. On PostgreSQL one
//! statement for all of them; SQLite is at hand, and keeps one short statement prepared. Never
//! anything but what `thread::plain` calls so: fields that are blank in all of them are not written.

use super::insert::next_id;
use super::{MessageBody, MessageRow, add_identity};
use crate::domain::{ChannelId, ConversationId, MessageId, WorkspaceId};
use crate::store::db::conn::{PgConn, SqliteConn};
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{message_identities, messages};
use crate::store::db::unnest::column;
use crate::store::{Conn, StoreError};
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use std::collections::{HashMap, HashSet};

/// A message that is to be written: whose, where, what.
pub type NewPlain = (WorkspaceId, ConversationId, MessageBody);

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

/// Asked for each by itself: by `= ANY` a plan from when the table was young reads all of a channel's (7 ms a
/// batch after 15,000 messages), until the next ANALYZE.
const KNOWN: &str = "SELECT platform_message_id FROM unnest($2) AS told (platform_message_id) \
    WHERE (SELECT true FROM message_identities AS known \
           WHERE known.channel_id = $1 AND known.platform_message_id = told.platform_message_id)";

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = Text)]
    platform_message_id: String,
}

/// What our clients call a message: where, by whom, how.
pub type ClientKey = (ConversationId, String, String);

/// Which of these messages we have.
pub async fn known_client_ids(conn: &mut Conn, keys: &[ClientKey]) -> Result<HashSet<ClientKey>, StoreError> {
    match conn {
        Conn::Sqlite(db) => {
            let mut known = HashSet::new();
            for (conversation, author, client_id) in keys {
                let found: Option<MessageId> = messages::table
                    .filter(
                        messages::conversation_id
                            .eq(conversation)
                            .and(messages::author.eq(author))
                            .and(messages::client_id.eq(client_id)),
                    )
                    .select(messages::id)
                    .first(db)
                    .await
                    .optional()?;
                if found.is_some() {
                    known.insert((*conversation, author.clone(), client_id.clone()));
                }
            }
            Ok(known)
        }
        Conn::Postgres(db) => {
            let known: Vec<KnownByClient> = diesel::sql_query(KNOWN_BY_CLIENT)
                .bind::<Array<BigInt>, _>(column(keys.iter().map(|key| key.0)))
                .bind::<Array<Text>, _>(column(keys.iter().map(|key| key.1.as_str())))
                .bind::<Array<Text>, _>(column(keys.iter().map(|key| key.2.as_str())))
                .kept()
                .load(db)
                .await?;
            Ok(known
                .into_iter()
                .map(|known| (ConversationId(known.conversation_id), known.author, known.client_id))
                .collect())
        }
    }
}

const KNOWN_BY_CLIENT: &str = "SELECT conversation_id, author, client_id \
    FROM unnest($1, $2, $3) AS told (conversation_id, author, client_id) \
    WHERE (SELECT true FROM messages AS known WHERE known.conversation_id = told.conversation_id \
           AND known.author = told.author AND known.client_id = told.client_id)";

#[derive(QueryableByName)]
struct KnownByClient {
    #[diesel(sql_type = BigInt)]
    conversation_id: i64,
    #[diesel(sql_type = Text)]
    author: String,
    #[diesel(sql_type = Text)]
    client_id: String,
}

/// What differs from one to the next; the rest is said once below.
macro_rules! columns {
    () => {
        "workspace_id, conversation_id, channel_id, seq, sender_type, sender_user_id, sender_customer_id, \
            author, \
         origin, message_type, content, details, platform_message_id, client_id, fingerprint, status, \
         is_counted, \
         created_at, platform_sent_at, send_at"
    };
}

const INSERT_ALL: &str = concat!(
    "INSERT INTO messages (",
    columns!(),
    ", version, has_attachments, has_reactions, is_private) SELECT ",
    columns!(),
    ", seq, false, false, false FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
        $15, $16, \
     $17, $18, $19, $20) AS new (",
    columns!(),
    ") RETURNING id, conversation_id, seq"
);

const INSERT_ONE: &str = concat!(
    "INSERT INTO messages (",
    columns!(),
    ", id, version, has_attachments, has_reactions, is_private) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, \
        $10, \
     $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $4, false, false, false)"
);

/// Writes the messages; their ids in their order.
pub async fn insert(conn: &mut Conn, new: &[NewPlain]) -> Result<Vec<MessageId>, StoreError> {
    match conn {
        Conn::Sqlite(db) => insert_each(db, new).await,
        Conn::Postgres(db) => insert_all(db, new).await,
    }
}

async fn insert_each(db: &mut SqliteConn, new: &[NewPlain]) -> Result<Vec<MessageId>, StoreError> {
    let MessageId(first) = next_id(db).await?;
    let ids: Vec<MessageId> = (first..).map(MessageId).take(new.len()).collect();
    for (id, (workspace, conversation, body)) in ids.iter().zip(new) {
        diesel::sql_query(INSERT_ONE)
            .bind::<BigInt, _>(workspace)
            .bind::<BigInt, _>(conversation)
            .bind::<Nullable<BigInt>, _>(&body.channel_id)
            .bind::<BigInt, _>(body.seq)
            .bind::<Text, _>(body.sender_type)
            .bind::<Nullable<BigInt>, _>(&body.sender_user_id)
            .bind::<Nullable<BigInt>, _>(&body.sender_customer_id)
            .bind::<Text, _>(&body.author)
            .bind::<Text, _>(body.origin)
            .bind::<Text, _>(body.message_type)
            .bind::<Nullable<Text>, _>(&body.content)
            .bind::<Nullable<Text>, _>(&body.details)
            .bind::<Nullable<Text>, _>(&body.platform_message_id)
            .bind::<Nullable<Text>, _>(&body.client_id)
            .bind::<Nullable<Binary>, _>(&body.fingerprint)
            .bind::<Text, _>(body.status)
            .bind::<Bool, _>(body.is_counted)
            .bind::<BigInt, _>(body.created_at)
            .bind::<Nullable<BigInt>, _>(&body.platform_sent_at)
            .bind::<Nullable<BigInt>, _>(&body.send_at)
            .bind::<BigInt, _>(id)
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

async fn insert_all(db: &mut PgConn, new: &[NewPlain]) -> Result<Vec<MessageId>, StoreError> {
    let bodies = || new.iter().map(|new| &new.2);
    let rows: Vec<Written> = diesel::sql_query(INSERT_ALL)
        .bind::<Array<BigInt>, _>(column(new.iter().map(|new| new.0)))
        .bind::<Array<BigInt>, _>(column(new.iter().map(|new| new.1)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.channel_id)))
        .bind::<Array<BigInt>, _>(column(bodies().map(|body| body.seq)))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.sender_type)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.sender_user_id)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.sender_customer_id)))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.author.as_str())))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.origin)))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.message_type)))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.content.as_deref())))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.details.as_deref())))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.platform_message_id.as_deref())))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.client_id.as_deref())))
        .bind::<Array<Nullable<Binary>>, _>(column(bodies().map(|body| body.fingerprint.as_deref())))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.status)))
        .bind::<Array<Bool>, _>(column(bodies().map(|body| body.is_counted)))
        .bind::<Array<BigInt>, _>(column(bodies().map(|body| body.created_at)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.platform_sent_at)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.send_at)))
        .kept()
        .load(db)
        .await?;
    let ids: HashMap<(i64, i64), i64> =
        rows.into_iter().map(|row| ((row.conversation_id, row.seq), row.id)).collect();
    let id_of = |new: &NewPlain| ids.get(&(new.1.0, new.2.seq)).copied().map(MessageId);
    new.iter().map(|new| id_of(new).ok_or(StoreError::NotFound)).collect()
}

const IDENTIFY: &str = "INSERT INTO message_identities (channel_id, platform_message_id, message_id) \
    SELECT $1, platform_message_id, message_id FROM unnest($2, $3) AS new (platform_message_id, message_id) \
    ON CONFLICT DO NOTHING";

/// Gives each message its identity; false: one of them is another message's.
pub async fn add_identities(
    conn: &mut Conn,
    channel: ChannelId,
    rows: &[MessageRow],
) -> Result<bool, StoreError> {
    let pairs: Vec<(&str, MessageId)> =
        rows.iter().filter_map(|row| Some((row.body.platform_message_id.as_deref()?, row.id))).collect();
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
