//! Plain messages of customers, many at once: which are known, the rows, their identities. On
//! PostgreSQL one statement for all of them; SQLite is at hand, and keeps one short statement
//! prepared. Never anything but what `chat::arrivals` calls plain: fields it leaves blank are not
//! written.

use super::messages::{MessageBody, add_identity, insert};
use super::schema::message_identities;
use super::{Conn, StoreError};
use crate::domain::{ChannelId, ConversationId, MessageId, MessageStatus, SenderType, WorkspaceId};
use crate::on;
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
    let known: Vec<String> = on!(conn, db => message_identities::table
        .filter(message_identities::channel_id.eq(channel)
            .and(message_identities::platform_message_id.eq_any(platform_message_ids)))
        .select(message_identities::platform_message_id)
        .load(db).await)?;
    Ok(known.into_iter().collect())
}

const INSERT: &str = "INSERT INTO messages (workspace_id, conversation_id, channel_id, seq, version, sender_type, \
    sender_customer_id, author, origin, message_type, content, details, platform_message_id, status, is_counted, \
    has_attachments, has_reactions, is_private, created_at, platform_sent_at) \
    SELECT workspace_id, conversation_id, channel_id, seq, seq, $13, sender_customer_id, author, origin, message_type, \
    content, details, platform_message_id, $14, true, false, false, false, created_at, platform_sent_at \
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $15) AS new (workspace_id, conversation_id, \
    channel_id, seq, sender_customer_id, author, origin, message_type, content, details, platform_message_id, \
    created_at, platform_sent_at) RETURNING id, conversation_id, seq";

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    conversation_id: i64,
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

/// Writes the messages; their ids in their order.
pub async fn insert_arrivals(conn: &mut Conn, new: &[NewArrival]) -> Result<Vec<MessageId>, StoreError> {
    let Conn::Postgres(db) = conn else {
        let mut ids = Vec::with_capacity(new.len());
        for (workspace, conversation, body) in new {
            ids.push(insert(conn, *workspace, *conversation, body).await?);
        }
        return Ok(ids);
    };
    let numbers = |of: fn(&NewArrival) -> i64| new.iter().map(of).collect::<Vec<i64>>();
    let words = |of: fn(&NewArrival) -> &str| new.iter().map(of).collect::<Vec<&str>>();
    let texts = |of: fn(&NewArrival) -> Option<&str>| new.iter().map(of).collect::<Vec<Option<&str>>>();
    let maybe = |of: fn(&NewArrival) -> Option<i64>| new.iter().map(of).collect::<Vec<Option<i64>>>();
    let rows: Vec<Written> = diesel::sql_query(INSERT)
        .bind::<Array<BigInt>, _>(numbers(|new| new.0.0))
        .bind::<Array<BigInt>, _>(numbers(|new| new.1.0))
        .bind::<Array<Nullable<BigInt>>, _>(maybe(|new| new.2.channel_id.map(|id| id.0)))
        .bind::<Array<BigInt>, _>(numbers(|new| new.2.seq))
        .bind::<Array<Nullable<BigInt>>, _>(maybe(|new| new.2.sender_customer_id.map(|id| id.0)))
        .bind::<Array<Text>, _>(words(|new| &new.2.author))
        .bind::<Array<Text>, _>(words(|new| new.2.origin.as_str()))
        .bind::<Array<Text>, _>(words(|new| new.2.message_type.as_str()))
        .bind::<Array<Nullable<Text>>, _>(texts(|new| new.2.content.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(texts(|new| new.2.details.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(texts(|new| new.2.platform_message_id.as_deref()))
        .bind::<Array<BigInt>, _>(numbers(|new| new.2.created_at.0))
        .bind::<Text, _>(SenderType::Customer.as_str())
        .bind::<Text, _>(MessageStatus::Received.as_str())
        .bind::<Array<Nullable<BigInt>>, _>(maybe(|new| new.2.platform_sent_at.map(|at| at.0)))
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
    let (names, ids): (Vec<&str>, Vec<i64>) = pairs.into_iter().map(|(name, id)| (name, id.0)).unzip();
    let added = diesel::sql_query(IDENTIFY)
        .bind::<BigInt, _>(channel.0)
        .bind::<Array<Text>, _>(names)
        .bind::<Array<BigInt>, _>(ids)
        .execute(db)
        .await?;
    Ok(added == count)
}
