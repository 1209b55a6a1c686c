//! How customers stand to us, as far as it decides what may be sent to them. Never the decision itself.

use crate::domain::{ChannelId, ChannelState, ConversationId, CustomerId, DeliveryStatus, Timestamp};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::schema::{channels, conversations, customers, outbox};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// How a customer stands to us.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether we blocked them.
    pub is_blocked: bool,
    /// Whether what they write is spam.
    pub is_spam: bool,
    /// Whether they blocked us, or are gone.
    pub is_unreachable: bool,
}

/// How several customers stand to us.
pub async fn of(conn: &mut Conn, ids: &[CustomerId]) -> Result<HashMap<CustomerId, Standing>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(CustomerId, bool, bool, bool)> = on!(conn, db => customers::table
        .filter(among(customers::id, ids))
        .select((customers::id, customers::is_blocked, customers::is_spam, customers::unreachable))
        .load(db).await)?;
    let standing =
        |(id, is_blocked, is_spam, is_unreachable)| (id, Standing { is_blocked, is_spam, is_unreachable });
    Ok(rows.into_iter().map(standing).collect())
}

/// Whether a customer has a conversation on another channel that sends.
pub async fn is_elsewhere(
    conn: &mut Conn,
    customer: CustomerId,
    but: Option<ChannelId>,
) -> Result<bool, StoreError> {
    let found: Vec<ChannelId> = on!(conn, db => conversations::table
        .inner_join(channels::table.on(channels::id.nullable().eq(conversations::channel_id)))
        .filter(conversations::customer_id.eq(customer).and(channels::state.eq(ChannelState::Active)))
        .select(channels::id)
        .limit(50)
        .load(db).await)?;
    Ok(found.into_iter().any(|channel| Some(channel) != but))
}

/// Until when what was written in a conversation waits because so much was sent; none: nothing does.
pub async fn busy_until(
    conn: &mut Conn,
    conversation: ConversationId,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let due: Option<Timestamp> = on!(conn, db => outbox::table
        .filter(outbox::conversation_id.eq(conversation)
            .and(outbox::status.eq(DeliveryStatus::Queued))
            .and(outbox::send_at.is_null())
            .and(outbox::attempts.eq(0))
            .and(outbox::due_at.gt(now)))
        .order(outbox::due_at.desc())
        .select(outbox::due_at)
        .first(db).await.optional())?;
    Ok(due)
}
