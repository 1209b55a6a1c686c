//! What a platform names in a conversation and does not give any more: gaps, until what is missing came after
//! all. Never a message.

use crate::domain::{ChannelId, ConversationId, Timestamp, WorkspaceId};
use crate::on;
use crate::store::db::schema::message_gaps;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// A gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub workspace_id: WorkspaceId,
    pub channel_id: ChannelId,
    pub conversation_id: ConversationId,
    /// When the first of what is missing was written.
    pub from: Timestamp,
    /// When the last was.
    pub to: Timestamp,
    /// What the platform calls what is missing.
    pub ids: Vec<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = message_gaps)]
struct GapRow {
    conversation_id: ConversationId,
    from_at: Timestamp,
    to_at: Timestamp,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    platform_message_ids: String,
}

impl From<GapRow> for Gap {
    fn from(row: GapRow) -> Self {
        Self {
            workspace_id: row.workspace_id,
            channel_id: row.channel_id,
            conversation_id: row.conversation_id,
            from: row.from_at,
            to: row.to_at,
            ids: serde_json::from_str(&row.platform_message_ids).unwrap_or_default(),
        }
    }
}

/// Names a gap; the same one again is the same row.
pub async fn insert(conn: &mut Conn, gap: &Gap, now: Timestamp) -> Result<bool, StoreError> {
    let count = on!(conn, db => diesel::insert_into(message_gaps::table)
        .values((
            message_gaps::conversation_id.eq(gap.conversation_id),
            message_gaps::from_at.eq(gap.from),
            message_gaps::to_at.eq(gap.to),
            message_gaps::workspace_id.eq(gap.workspace_id),
            message_gaps::channel_id.eq(gap.channel_id),
            message_gaps::platform_message_ids.eq(serde_json::json!(gap.ids).to_string()),
            message_gaps::noticed_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(db).await)?;
    Ok(count > 0)
}

/// The gaps of a channel that are not filled.
pub async fn open(conn: &mut Conn, channel: ChannelId) -> Result<Vec<Gap>, StoreError> {
    let rows: Vec<GapRow> = on!(conn, db => message_gaps::table
        .filter(message_gaps::channel_id.eq(channel).and(message_gaps::filled_at.is_null()))
        .select(GapRow::as_select())
        .load(db).await)?;
    Ok(rows.into_iter().map(Gap::from).collect())
}

/// Leaves in a gap what is still missing; nothing: it is filled.
pub async fn set_missing(
    conn: &mut Conn,
    gap: &Gap,
    missing: &[String],
    now: Timestamp,
) -> Result<(), StoreError> {
    let filled_at = missing.is_empty().then_some(now);
    on!(conn, db => diesel::update(message_gaps::table.find((gap.conversation_id, gap.from, gap.to)))
        .set((
            message_gaps::platform_message_ids.eq(serde_json::json!(missing).to_string()),
            message_gaps::filled_at.eq(filled_at),
        ))
        .execute(db).await)?;
    Ok(())
}

/// How many messages are missing, by channel.
pub async fn missing(
    conn: &mut Conn,
    channels: &[ChannelId],
) -> Result<HashMap<ChannelId, usize>, StoreError> {
    let rows: Vec<(ChannelId, String)> = on!(conn, db => message_gaps::table
        .filter(message_gaps::channel_id.eq_any(channels).and(message_gaps::filled_at.is_null()))
        .select((message_gaps::channel_id, message_gaps::platform_message_ids))
        .load(db).await)?;
    let mut missing = HashMap::new();
    for (channel, ids) in rows {
        let ids: Vec<String> = serde_json::from_str(&ids).unwrap_or_default();
        *missing.entry(channel).or_insert(0) += ids.len();
    }
    Ok(missing)
}
