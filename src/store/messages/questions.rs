//! What an answer answers. Never the answer.

use crate::domain::{ConversationId, MessageId, SenderType, Timestamp};
use crate::on;
use crate::store::db::schema::messages;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// The details of what a message answers: the customer's message it names, else the customer's last before
/// the one it names, or before itself.
pub async fn details(
    conn: &mut Conn,
    conversation: ConversationId,
    answered: Option<MessageId>,
    seq: i64,
) -> Result<Option<String>, StoreError> {
    let named: Option<i64> = match answered {
        Some(id) => on!(conn, db => messages::table.find(id)
            .filter(messages::conversation_id.eq(conversation))
            .select(messages::seq).first(db).await.optional())?,
        None => None,
    };
    let details: Option<Option<String>> = on!(conn, db => messages::table
        .filter(messages::conversation_id.eq(conversation)
            .and(messages::seq.le(named.unwrap_or(seq)))
            .and(messages::sender_type.eq(SenderType::Customer)))
        .order(messages::seq.desc())
        .select(messages::details)
        .first(db).await.optional())?;
    Ok(details.flatten())
}

/// When the customer last wrote in a conversation, by their platform's clock.
pub async fn newest_word(
    conn: &mut Conn,
    conversation: ConversationId,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(on!(conn, db => messages::table
        .filter(messages::conversation_id.eq(conversation)
            .and(messages::sender_type.eq(SenderType::Customer)))
        .select(diesel::dsl::max(messages::platform_sent_at))
        .first(db).await)?)
}
