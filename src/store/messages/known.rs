//! Which messages are there already, asked of many at once: by what their platforms call them, and by what
//! our own clients do.

use crate::domain::{ChannelId, ConversationId, MessageId};
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{message_identities, messages, parked_events};
use crate::store::db::unnest::column;
use crate::store::{Conn, StoreError};
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;
use std::collections::HashSet;

/// Which of these messages we have, or have something of these kinds that waits for them.
pub async fn known_identities(
    conn: &mut Conn,
    channel: ChannelId,
    parked: &[&str],
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
            let waits: Vec<String> = parked_events::table
                .filter(
                    parked_events::channel_id
                        .eq(channel)
                        .and(among(parked_events::kind, parked))
                        .and(among(parked_events::platform_message_id, platform_message_ids)),
                )
                .select(parked_events::platform_message_id)
                .load(db)
                .await?;
            Ok(known.into_iter().chain(waits).collect())
        }
        Conn::Postgres(db) => {
            let known: Vec<Known> = diesel::sql_query(KNOWN)
                .bind::<BigInt, _>(channel)
                .bind::<Array<Text>, _>(platform_message_ids)
                .bind::<Array<Text>, _>(parked)
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
           WHERE known.channel_id = $1 AND known.platform_message_id = told.platform_message_id) \
       OR (SELECT bool_or((SELECT true FROM parked_events AS waits \
               WHERE waits.channel_id = $1 AND waits.kind = asked.kind \
                 AND waits.platform_message_id = told.platform_message_id LIMIT 1)) \
           FROM unnest($3) AS asked (kind))";

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
