//! The row of one new message, and the id it is given. Several at once: see `plain`.

use super::MessageBody;
use crate::domain::{ConversationId, MessageId, WorkspaceId};
use crate::store::db::conn::SqliteConn;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::messages;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

/// Stores a message; its unique keys are checked by the database.
pub async fn insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    conversation: ConversationId,
    body: &MessageBody,
) -> Result<MessageId, StoreError> {
    let whose = (messages::workspace_id.eq(workspace), messages::conversation_id.eq(conversation));
    match conn {
        Conn::Sqlite(db) => {
            let id = next_id(db).await?;
            diesel::insert_into(messages::table)
                .values((messages::id.eq(id), whose, body))
                .execute(db)
                .await?;
            Ok(id)
        }
        Conn::Postgres(db) => Ok(diesel::insert_into(messages::table)
            .values((whose, body))
            .returning(messages::id)
            .get_result(db)
            .await?),
    }
}

/// The id of the next message; nobody else writes until this transaction ends. It is given instead of asked
/// for: with RETURNING SQLite keeps a copy of every page that the row touches, and the index of words writes
/// out what it has gathered.
pub(crate) async fn next_id(db: &mut SqliteConn) -> Result<MessageId, StoreError> {
    let last: Option<Sequence> = diesel::sql_query("SELECT seq FROM sqlite_sequence WHERE name = 'messages'")
        .kept()
        .get_result(db)
        .await
        .optional()?;
    Ok(MessageId(last.map_or(0, |sequence| sequence.seq) + 1))
}

#[derive(QueryableByName)]
struct Sequence {
    #[diesel(sql_type = BigInt)]
    seq: i64,
}
