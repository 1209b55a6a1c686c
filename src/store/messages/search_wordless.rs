//! What was written within some days, on a channel or by a person, whatever its words. Never a message that
//! its reader may not see: participants and workspace are part of the query.

use super::search_narrowed::{Found, Place, Within, numbers, seen, with_conversation};
use crate::domain::{MessageId, Timestamp};
use crate::on;
use crate::store::conversations::reader::Reader;
use crate::store::{Conn, StoreError};
use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

/// Messages that are looked through for one page: first, and at most.
const FIRST: usize = 500;
const WRITTEN: usize = 20_000;
/// A channel with so few conversations is read by them.
const CONVERSATIONS: i64 = 500;

#[derive(QueryableByName)]
struct At {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    at: i64,
}

/// What was written within, whatever its words, as far as `user` may see it: the newest first, without
/// notices.
pub async fn written(
    conn: &mut Conn,
    reader: &Reader,
    within: &Within,
    below: Option<Place>,
    limit: i64,
) -> Result<Found, StoreError> {
    let (Timestamp(at), id) = below.unwrap_or((Timestamp(i64::MAX), MessageId(i64::MAX)));
    let place = format!("m.created_at <= {at} AND (m.created_at < {at} OR m.id < {id})");
    let shown = format!("c.{}{} AND m.sender_type <> 'system'", seen(reader), within.conditions());
    let order = "ORDER BY m.created_at DESC, m.id DESC LIMIT";
    if is_read_by_conversations(conn, within).await? {
        let sql = format!(
            "SELECT m.id AS id FROM conversations AS c CROSS JOIN messages AS m \
             WHERE m.conversation_id = c.id AND {place} AND {shown} {order} {limit}"
        );
        return Ok(Found { ids: numbers(conn, sql).await?.into_iter().map(MessageId).collect(), next: None });
    }
    let mut times = String::new();
    for (sign, time) in [(">=", within.from), ("<", within.to)] {
        times += &time.map_or_else(String::new, |at| format!(" AND m.created_at {sign} {}", at.0));
    }
    let along =
        format!("FROM messages AS m WHERE m.workspace_id = {} AND {place}{times} {order}", reader.workspace);
    let mut ids = Vec::new();
    // Nearly always the first are enough.
    for looked in [FIRST, WRITTEN] {
        let sql = format!(
            "SELECT m.id AS id FROM (SELECT m.id, m.conversation_id, m.created_at, m.deleted_at, \
             m.sender_type {along} {looked}) AS m {} AND {shown} {order} {limit}",
            with_conversation(conn)
        );
        ids = numbers(conn, sql).await?.into_iter().map(MessageId).collect::<Vec<_>>();
        if ids.len() >= usize::try_from(limit).unwrap_or(0) {
            return Ok(Found { ids, next: None });
        }
    }
    let last = format!("SELECT m.id AS id, m.created_at AS at {along} 1 OFFSET {}", WRITTEN - 1);
    let last: Vec<At> = on!(conn, db => diesel::sql_query(last).load(db).await)?;
    Ok(Found { ids, next: last.into_iter().next().map(|last| (Timestamp(last.at), MessageId(last.id))) })
}

/// Whether all that was written within lies in a few conversations.
async fn is_read_by_conversations(conn: &mut Conn, within: &Within) -> Result<bool, StoreError> {
    let Some(channel) = within.channel.filter(|_| within.customer.is_none()) else {
        return Ok(within.customer.is_some());
    };
    let some =
        format!("SELECT id FROM conversations WHERE channel_id = {channel} LIMIT {}", CONVERSATIONS + 1);
    let count = numbers(conn, format!("SELECT COUNT(*) AS id FROM ({some}) AS few")).await?;
    Ok(count.into_iter().next().is_some_and(|count| count <= CONVERSATIONS))
}
