//! Plain messages of customers, many at once: which are known, the rows, their identities. On
//! PostgreSQL one statement for all of them; SQLite is at hand, and keeps one short statement
//! prepared. Never anything but what `chat::arrivals` calls plain: fields it leaves blank are not
//! written.

use super::among::among;
use super::messages::{MessageBody, add_identity, insert};
use super::prepared::{Prepared, Value};
use super::schema::message_identities;
use super::{Conn, StoreError};
use crate::domain::{ChannelId, ConversationId, MessageId, WorkspaceId};
use crate::on;
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
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
            .and(among(message_identities::platform_message_id, platform_message_ids)))
        .select(message_identities::platform_message_id)
        .load(db).await)?;
    Ok(known.into_iter().collect())
}

const INSERT: &str = "INSERT INTO messages (sender_type, status, is_counted, has_attachments, has_reactions, is_private, \
    workspace_id, conversation_id, channel_id, seq, version, sender_customer_id, author, origin, message_type, content, \
    details, platform_message_id, created_at, platform_sent_at) \
    SELECT 'customer', 'received', true, false, false, false, \
    workspace_id, conversation_id, channel_id, seq, seq, sender_customer_id, author, origin, message_type, content, \
    details, platform_message_id, created_at, platform_sent_at \
    FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS new (workspace_id, conversation_id, channel_id, seq, \
    sender_customer_id, author, origin, message_type, content, details, platform_message_id, created_at, \
    platform_sent_at) RETURNING id, conversation_id, seq";

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
    let numbers = |of: fn(&NewArrival) -> i64| Value::Numbers(new.iter().map(of).collect());
    let words =
        |of: fn(&NewArrival) -> &str| Value::Texts(new.iter().map(|new| of(new).to_owned()).collect());
    let texts = |of: fn(&NewArrival) -> &Option<String>| {
        Value::MaybeTexts(new.iter().map(|new| of(new).clone()).collect())
    };
    let maybe = |of: fn(&NewArrival) -> Option<i64>| Value::MaybeNumbers(new.iter().map(of).collect());
    let rows: Vec<Written> = Prepared::new(INSERT)
        .with(numbers(|new| new.0.0))
        .with(numbers(|new| new.1.0))
        .with(maybe(|new| new.2.channel_id.map(|id| id.0)))
        .with(numbers(|new| new.2.seq))
        .with(maybe(|new| new.2.sender_customer_id.map(|id| id.0)))
        .with(words(|new| &new.2.author))
        .with(words(|new| new.2.origin.as_str()))
        .with(words(|new| new.2.message_type.as_str()))
        .with(texts(|new| &new.2.content))
        .with(texts(|new| &new.2.details))
        .with(texts(|new| &new.2.platform_message_id))
        .with(numbers(|new| new.2.created_at.0))
        .with(maybe(|new| new.2.platform_sent_at.map(|at| at.0)))
        .load(db)
        .await?;
    let ids: HashMap<(i64, i64), i64> =
        rows.into_iter().map(|row| ((row.conversation_id, row.seq), row.id)).collect();
    let id_of = |new: &NewArrival| ids.get(&(new.1.0, new.2.seq)).copied().map(MessageId);
    new.iter().map(|new| id_of(new).ok_or(StoreError::NotFound)).collect()
}

const IDENTIFY: &str = "INSERT INTO message_identities (channel_id, platform_message_id, message_id) \
    SELECT ?, platform_message_id, message_id FROM unnest(?, ?) AS new (platform_message_id, message_id) \
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
    let (names, ids) = pairs.into_iter().map(|(name, id)| (name.to_owned(), id.0)).unzip();
    let added = Prepared::new(IDENTIFY)
        .with(Value::Number(channel.0))
        .with(Value::Texts(names))
        .with(Value::Numbers(ids))
        .execute(db)
        .await?;
    Ok(added == count)
}
