//! The rows of new messages, their ids and their identities: on PostgreSQL one statement for all of them;
//! SQLite is at hand, and keeps one short statement prepared. Ids are given before a row is written, so that
//! whatever belongs to a message can be written down beside it.

use super::{MessageRow, add_identity};
use crate::domain::{ChannelId, MessageId};
use crate::store::db::conn::{PgConn, SqliteConn};
use crate::store::db::prepared::Keep;
use crate::store::db::unnest::column;
use crate::store::{Conn, StoreError};
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;

/// Rising on both; on SQLite nobody else writes until this transaction ends, and nothing has to be taken.
const NEXT: [&str; 2] = [
    "SELECT seq AS id FROM sqlite_sequence WHERE name = 'messages'",
    "WITH ids AS MATERIALIZED (SELECT pg_get_serial_sequence('messages', 'id')::regclass AS sequence) \
     SELECT nextval(sequence) AS id FROM ids, generate_series(1, $1)",
];

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The ids of the next `count` messages, rising. On SQLite they are counted on from the last row: ask again
/// only when those are written, or given up.
pub async fn next_ids(conn: &mut Conn, count: usize) -> Result<Vec<MessageId>, StoreError> {
    match conn {
        Conn::Sqlite(db) => {
            // With RETURNING SQLite would keep a copy of every page that the row touches, and the index of
            // words would write out what it has gathered.
            let last: Option<Id> = diesel::sql_query(NEXT[0]).kept().get_result(db).await.optional()?;
            let first = last.map_or(1, |last| last.id + 1);
            Ok((first..).map(MessageId).take(count).collect())
        }
        Conn::Postgres(db) => {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            let ids: Vec<Id> = diesel::sql_query(NEXT[1]).bind::<BigInt, _>(count).kept().load(db).await?;
            Ok(ids.into_iter().map(|row| MessageId(row.id)).collect())
        }
    }
}

/// Every column of a new message: what people think of it is told later.
macro_rules! columns {
    () => {
        "id, workspace_id, conversation_id, channel_id, seq, version, sender_type, sender_user_id, \
         sender_customer_id, sender_name, author, origin, message_type, content, details, reply_to_id, \
         reply_to_platform_id, platform_message_id, client_id, fingerprint, status, error_code, \
         error_message, is_counted, has_attachments, has_reactions, created_at, platform_sent_at, \
         edited_at, edit_order, deleted_at, is_private, mentions, send_at"
    };
}

const INSERT_ALL: &str = concat!(
    "INSERT INTO messages (",
    columns!(),
    ") SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
     $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34)"
);

const INSERT_ONE: &str = concat!(
    "INSERT INTO messages (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
     $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34)"
);

/// Writes new messages; their unique keys are checked by the database.
pub async fn insert(conn: &mut Conn, rows: &[MessageRow]) -> Result<(), StoreError> {
    match conn {
        Conn::Sqlite(db) => {
            for row in rows {
                insert_one(db, row).await?;
            }
            Ok(())
        }
        Conn::Postgres(_) if rows.is_empty() => Ok(()),
        Conn::Postgres(db) => insert_all(db, rows).await,
    }
}

async fn insert_one(db: &mut SqliteConn, row: &MessageRow) -> Result<(), StoreError> {
    let body = &row.body;
    diesel::sql_query(INSERT_ONE)
        .bind::<BigInt, _>(row.id)
        .bind::<BigInt, _>(row.workspace_id)
        .bind::<BigInt, _>(row.conversation_id)
        .bind::<Nullable<BigInt>, _>(&body.channel_id)
        .bind::<BigInt, _>(body.seq)
        .bind::<BigInt, _>(body.version)
        .bind::<Text, _>(body.sender_type)
        .bind::<Nullable<BigInt>, _>(&body.sender_user_id)
        .bind::<Nullable<BigInt>, _>(&body.sender_customer_id)
        .bind::<Nullable<Text>, _>(&body.sender_name)
        .bind::<Text, _>(&body.author)
        .bind::<Text, _>(body.origin)
        .bind::<Text, _>(body.message_type)
        .bind::<Nullable<Text>, _>(&body.content)
        .bind::<Nullable<Text>, _>(&body.details)
        .bind::<Nullable<BigInt>, _>(&body.reply_to_id)
        .bind::<Nullable<Text>, _>(&body.reply_to_platform_id)
        .bind::<Nullable<Text>, _>(&body.platform_message_id)
        .bind::<Nullable<Text>, _>(&body.client_id)
        .bind::<Nullable<Binary>, _>(&body.fingerprint)
        .bind::<Text, _>(body.status)
        .bind::<Nullable<Text>, _>(&body.error_code)
        .bind::<Nullable<Text>, _>(&body.error_message)
        .bind::<Bool, _>(body.is_counted)
        .bind::<Bool, _>(body.has_attachments)
        .bind::<Bool, _>(body.has_reactions)
        .bind::<BigInt, _>(body.created_at)
        .bind::<Nullable<BigInt>, _>(&body.platform_sent_at)
        .bind::<Nullable<BigInt>, _>(&body.edited_at)
        .bind::<Nullable<BigInt>, _>(&body.edit_order)
        .bind::<Nullable<BigInt>, _>(&body.deleted_at)
        .bind::<Bool, _>(body.is_private)
        .bind::<Nullable<Text>, _>(&body.mentions)
        .bind::<Nullable<BigInt>, _>(&body.send_at)
        .kept()
        .execute(db)
        .await?;
    Ok(())
}

async fn insert_all(db: &mut PgConn, rows: &[MessageRow]) -> Result<(), StoreError> {
    let bodies = || rows.iter().map(|row| &row.body);
    diesel::sql_query(INSERT_ALL)
        .bind::<Array<BigInt>, _>(column(rows.iter().map(|row| row.id)))
        .bind::<Array<BigInt>, _>(column(rows.iter().map(|row| row.workspace_id)))
        .bind::<Array<BigInt>, _>(column(rows.iter().map(|row| row.conversation_id)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.channel_id)))
        .bind::<Array<BigInt>, _>(column(bodies().map(|body| body.seq)))
        .bind::<Array<BigInt>, _>(column(bodies().map(|body| body.version)))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.sender_type)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.sender_user_id)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.sender_customer_id)))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.sender_name.as_deref())))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.author.as_str())))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.origin)))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.message_type)))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.content.as_deref())))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.details.as_deref())))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.reply_to_id)))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.reply_to_platform_id.as_deref())))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.platform_message_id.as_deref())))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.client_id.as_deref())))
        .bind::<Array<Nullable<Binary>>, _>(column(bodies().map(|body| body.fingerprint.as_deref())))
        .bind::<Array<Text>, _>(column(bodies().map(|body| body.status)))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.error_code.as_deref())))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.error_message.as_deref())))
        .bind::<Array<Bool>, _>(column(bodies().map(|body| body.is_counted)))
        .bind::<Array<Bool>, _>(column(bodies().map(|body| body.has_attachments)))
        .bind::<Array<Bool>, _>(column(bodies().map(|body| body.has_reactions)))
        .bind::<Array<BigInt>, _>(column(bodies().map(|body| body.created_at)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.platform_sent_at)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.edited_at)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.edit_order)))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.deleted_at)))
        .bind::<Array<Bool>, _>(column(bodies().map(|body| body.is_private)))
        .bind::<Array<Nullable<Text>>, _>(column(bodies().map(|body| body.mentions.as_deref())))
        .bind::<Array<Nullable<BigInt>>, _>(column(bodies().map(|body| body.send_at)))
        .kept()
        .execute(db)
        .await?;
    Ok(())
}

const IDENTIFY: &str = "INSERT INTO message_identities (channel_id, platform_message_id, message_id) \
    SELECT * FROM unnest($1, $2, $3) ON CONFLICT DO NOTHING";

/// Gives new messages the identities that their platforms gave them; false: one of them is another message's.
pub async fn identify(conn: &mut Conn, rows: &[MessageRow]) -> Result<bool, StoreError> {
    let named: Vec<(ChannelId, &str, MessageId)> = rows
        .iter()
        .filter_map(|row| Some((row.body.channel_id?, row.body.platform_message_id.as_deref()?, row.id)))
        .collect();
    let Conn::Postgres(db) = conn else {
        for (channel, name, id) in named {
            if !add_identity(conn, channel, name, id).await? {
                return Ok(false);
            }
        }
        return Ok(true);
    };
    if named.is_empty() {
        return Ok(true);
    }
    let added = diesel::sql_query(IDENTIFY)
        .bind::<Array<BigInt>, _>(column(named.iter().map(|(channel, ..)| *channel)))
        .bind::<Array<Text>, _>(column(named.iter().map(|(_, name, _)| *name)))
        .bind::<Array<BigInt>, _>(column(named.iter().map(|(.., id)| *id)))
        .kept()
        .execute(db)
        .await?;
    Ok(added == named.len())
}
