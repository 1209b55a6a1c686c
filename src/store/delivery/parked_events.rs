//! Events that wait or are kept: parked for the message they speak of, quarantined because nobody
//! can read them, raw behind a placeholder. Never dropped by hand: parked ones expire.

use crate::domain::{ChannelId, ChannelKind, ConversationId, MessageId, Timestamp, WorkspaceId};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::schema::{
    channels, message_identities, messages, parked_events, quarantined_events, raw_events,
};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use sha2::{Digest, Sha256};

/// An event that waits for the message it speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = parked_events)]
pub struct Parked {
    /// Unique in the server.
    pub id: i64,
    /// echo, receipt, edit, deletion, reaction, watermark.
    pub kind: String,
    /// The platform's id of the message.
    pub platform_message_id: String,
    /// JSON of the event.
    pub body: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// What to park.
#[derive(Debug, Clone)]
pub struct NewParked<'a> {
    pub channel: ChannelId,
    /// What it is.
    pub kind: &'a str,
    /// The message it speaks of.
    pub platform_message_id: &'a str,
    /// Tells apart several events of one kind about one message.
    pub event_key: &'a str,
    /// The conversation, if it is known.
    pub conversation: Option<ConversationId>,
    /// JSON of the event.
    pub body: &'a str,
    /// Until when it waits.
    pub expires_at: Timestamp,
}

/// Parks an event; false: it waits already.
pub async fn park(conn: &mut Conn, parked: NewParked<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let added = on!(conn, db => diesel::insert_into(parked_events::table)
        .values((
            parked_events::channel_id.eq(parked.channel),
            parked_events::kind.eq(parked.kind),
            parked_events::platform_message_id.eq(parked.platform_message_id),
            parked_events::event_key.eq(parked.event_key),
            parked_events::conversation_id.eq(parked.conversation),
            parked_events::body.eq(parked.body),
            parked_events::received_at.eq(now),
            parked_events::expires_at.eq(parked.expires_at),
        ))
        .on_conflict_do_nothing()
        .execute(db).await)?;
    Ok(added == 1)
}

/// What waits for a message, the oldest first.
pub async fn for_message(
    conn: &mut Conn,
    channel: ChannelId,
    kinds: &[&str],
    platform_message_id: &str,
) -> Result<Vec<Parked>, StoreError> {
    Ok(on!(conn, db => parked_events::table
        .filter(parked_events::channel_id.eq(channel)
            .and(among(parked_events::kind, kinds))
            .and(parked_events::platform_message_id.eq(platform_message_id)))
        .order(parked_events::id)
        .select(Parked::as_select())
        .load(db).await)?)
}

/// What waits for messages of a conversation that are known by their ids meanwhile, the oldest first.
pub async fn for_known(
    conn: &mut Conn,
    conversation: ConversationId,
    kinds: &[&str],
) -> Result<Vec<(Parked, MessageId)>, StoreError> {
    Ok(on!(conn, db => parked_events::table
        .inner_join(message_identities::table.on(message_identities::channel_id.eq(parked_events::channel_id)
            .and(message_identities::platform_message_id.eq(parked_events::platform_message_id))))
        .inner_join(messages::table.on(messages::id.eq(message_identities::message_id)))
        .filter(messages::conversation_id.eq(conversation).and(among(parked_events::kind, kinds)))
        .order(parked_events::id)
        .select((Parked::as_select(), message_identities::message_id))
        .load(db).await)?)
}

/// What of one kind waits in a conversation, the oldest first.
pub async fn in_conversation(
    conn: &mut Conn,
    conversation: ConversationId,
    kind: &str,
) -> Result<Vec<Parked>, StoreError> {
    Ok(on!(conn, db => parked_events::table
        .filter(parked_events::conversation_id.eq(conversation).and(parked_events::kind.eq(kind)))
        .order(parked_events::id)
        .select(Parked::as_select())
        .load(db).await)?)
}

/// The conversations in which echoes wait past their time.
pub async fn expired_echoes(
    conn: &mut Conn,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<ConversationId>, StoreError> {
    let ids: Vec<Option<ConversationId>> = on!(conn, db => parked_events::table
        .filter(parked_events::kind.eq("echo").and(parked_events::expires_at.lt(now)))
        .limit(limit)
        .select(parked_events::conversation_id)
        .load(db).await)?;
    let mut ids: Vec<_> = ids.into_iter().flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The messages whose edits wait past their time.
pub async fn expired_edits(
    conn: &mut Conn,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(ChannelId, String)>, StoreError> {
    let mut found: Vec<(ChannelId, String)> = on!(conn, db => parked_events::table
        .filter(parked_events::kind.eq("edit").and(parked_events::expires_at.lt(now)))
        .limit(limit)
        .select((parked_events::channel_id, parked_events::platform_message_id))
        .load(db).await)?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Lets a parked event go.
pub async fn unpark(conn: &mut Conn, id: i64) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(parked_events::table.find(id)).execute(db).await)?;
    Ok(())
}

/// Forgets what waited in vain; echoes and edits are never forgotten, they become messages.
pub async fn forget_expired(conn: &mut Conn, now: Timestamp) -> Result<usize, StoreError> {
    Ok(on!(conn, db => diesel::delete(parked_events::table.filter(parked_events::expires_at.lt(now)
            .and(parked_events::kind.ne("echo")).and(parked_events::kind.ne("edit"))))
        .execute(db).await)?)
}

/// Keeps an event that nobody can read; false: it is kept already.
pub async fn quarantine(
    conn: &mut Conn,
    channel: ChannelId,
    body: &[u8],
    error: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let added = on!(conn, db => diesel::insert_into(quarantined_events::table)
        .values((
            quarantined_events::channel_id.eq(channel),
            quarantined_events::fingerprint.eq(Sha256::digest(body).to_vec()),
            quarantined_events::body.eq(body),
            quarantined_events::error.eq(error),
            quarantined_events::received_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(db).await)?;
    Ok(added == 1)
}

/// Keeps the raw event behind a message.
pub async fn keep_raw(
    conn: &mut Conn,
    channel: ChannelId,
    message: MessageId,
    body: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(raw_events::table)
        .values((
            raw_events::channel_id.eq(channel),
            raw_events::message_id.eq(message),
            raw_events::body.eq(body),
            raw_events::received_at.eq(now),
        ))
        .execute(db).await)?;
    Ok(())
}

/// An event that nobody could read.
#[derive(Debug, Clone, Queryable)]
pub struct Quarantined {
    /// Unique in the server.
    pub id: i64,
    /// By which channel it came.
    pub channel_id: ChannelId,
    /// On which platform.
    pub channel_kind: ChannelKind,
    /// As it came.
    pub body: Vec<u8>,
    pub error: String,
    pub received_at: Timestamp,
}

/// A workspace's quarantined events, the newest first.
pub async fn quarantined(
    conn: &mut Conn,
    workspace: WorkspaceId,
    below: Option<i64>,
    limit: i64,
) -> Result<Vec<Quarantined>, StoreError> {
    Ok(on!(conn, db => quarantined_events::table
        .inner_join(channels::table.on(channels::id.eq(quarantined_events::channel_id)))
        .filter(channels::workspace_id.eq(workspace)
            .and(quarantined_events::id.lt(below.unwrap_or(i64::MAX))))
        .order(quarantined_events::id.desc())
        .limit(limit)
        .select((
            quarantined_events::id,
            quarantined_events::channel_id,
            channels::kind,
            quarantined_events::body,
            quarantined_events::error,
            quarantined_events::received_at,
        ))
        .load(db).await)?)
}

/// One of a workspace's quarantined events.
pub async fn find_quarantined(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: i64,
) -> Result<Option<Quarantined>, StoreError> {
    let mut found = quarantined(conn, workspace, Some(id.saturating_add(1)), 1).await?;
    Ok(found.pop().filter(|event| event.id == id))
}

/// Lets a quarantined event go: it was read after all.
pub async fn release(conn: &mut Conn, id: i64) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(quarantined_events::table.find(id)).execute(db).await)?;
    Ok(())
}

/// How many events are in quarantine.
pub async fn count_quarantined(conn: &mut Conn, workspace: Option<WorkspaceId>) -> Result<i64, StoreError> {
    let Some(workspace) = workspace else {
        return Ok(on!(conn, db => quarantined_events::table.count().get_result(db).await)?);
    };
    Ok(on!(conn, db => quarantined_events::table
        .inner_join(channels::table.on(channels::id.eq(quarantined_events::channel_id)))
        .filter(channels::workspace_id.eq(workspace))
        .count()
        .get_result(db).await)?)
}
