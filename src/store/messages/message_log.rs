//! What became of a message beside its deliveries (receipts, echoes), and by which names its
//! platform knows it. Only added to; never a word of the message.

use crate::domain::{MessageId, Timestamp};
use crate::on;
use crate::store::db::schema::{message_events, message_identities};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

/// Rows of one message at most: more tell nothing new.
const MOST: i64 = 200;

/// Notes what a message met.
pub async fn note(
    conn: &mut Conn,
    message: MessageId,
    kind: &str,
    details: &Value,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(message_events::table)
        .values((
            message_events::message_id.eq(message),
            message_events::kind.eq(kind),
            message_events::details.eq(details.to_string()),
            message_events::at.eq(now),
        ))
        .execute(db).await)?;
    Ok(())
}

/// What a message met, in order: (kind, details, when).
pub async fn of(conn: &mut Conn, message: MessageId) -> Result<Vec<(String, String, Timestamp)>, StoreError> {
    Ok(on!(conn, db => message_events::table
        .filter(message_events::message_id.eq(message))
        .order(message_events::id)
        .limit(MOST)
        .select((message_events::kind, message_events::details, message_events::at))
        .load(db).await)?)
}

/// What the platform calls a message; several, if it was sent anew.
pub async fn identities(conn: &mut Conn, message: MessageId) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, db => message_identities::table
        .filter(message_identities::message_id.eq(message))
        .limit(MOST)
        .select(message_identities::platform_message_id)
        .load(db).await)?)
}
