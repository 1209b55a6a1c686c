//! Connected accounts. Never an opened credential: only what was sealed.

use crate::domain::{
    Channel, ChannelEvent, ChannelId, ChannelKind, ChannelState, ChannelTest, Timestamp, WorkspaceId,
};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{business_connections, channels};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use std::collections::HashMap;

/// Between the account and the row's id, in what a deleted channel's external id becomes. No
/// platform's id holds a `#`, so the account is free for a new channel, and the row stays for
/// the conversations that point at it.
const DELETED: &str = "#deleted-";
/// Why a deleted channel takes no part: one that was only switched off keeps what is to be sent.
pub(crate) const RETIRED: &str = "deleted";
/// Between the account and the workspace's id, where another workspace's channel has the account's plain
/// name.
const CONTESTED: &str = "#claim-";

/// An account as a row has it.
fn stored_id(external_id: &str, workspace: WorkspaceId, is_contested: bool) -> String {
    if is_contested { format!("{external_id}{CONTESTED}{workspace}") } else { external_id.to_owned() }
}

/// An account as its platform names it, and whether another workspace's channel has its plain name.
pub(crate) fn plain_id(stored: &str) -> (&str, bool) {
    stored.split_once(CONTESTED).map_or((stored, false), |(plain, _)| (plain, true))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = channels)]
struct ChannelRow {
    id: ChannelId,
    workspace_id: WorkspaceId,
    kind: ChannelKind,
    name: String,
    external_id: String,
    options: String,
    credentials: Vec<u8>,
    state: ChannelState,
    state_reason: Option<String>,
    last_event_at: Option<Timestamp>,
    created_at: Timestamp,
    tested_at: Option<Timestamp>,
    test_fault: Option<String>,
}

impl From<ChannelRow> for Channel {
    fn from(row: ChannelRow) -> Self {
        let (external_id, is_contested) = plain_id(&row.external_id);
        Self {
            external_id: external_id.to_owned(),
            is_contested,
            id: row.id,
            workspace_id: row.workspace_id,
            kind: row.kind,
            name: row.name,
            // Only we write it, as JSON; an odd one has no options rather than no channel.
            options: serde_json::from_str(&row.options)
                .unwrap_or_else(|_| Value::Object(serde_json::Map::new())),
            sealed: row.credentials,
            state: row.state,
            state_reason: row.state_reason,
            last_event_at: row.last_event_at,
            created_at: row.created_at,
            last_test: row.tested_at.map(|at| ChannelTest { at, fault: row.test_fault }),
        }
    }
}

/// How the channels stand, whosever they are: for what one process tells itself.
pub async fn states(conn: &mut Conn) -> Result<Vec<ChannelEvent>, StoreError> {
    let rows: Vec<(WorkspaceId, ChannelId, ChannelState, Option<String>)> = on!(conn, db => channels::table
        .select((channels::workspace_id, channels::id, channels::state, channels::state_reason))
        .load(db).await)?;
    let event = |(workspace_id, channel_id, state, state_reason)| ChannelEvent {
        workspace_id,
        channel_id,
        state,
        state_reason,
    };
    Ok(rows.into_iter().map(event).collect())
}

/// What a new channel needs.
#[derive(Debug, Clone)]
pub struct NewChannel {
    pub kind: ChannelKind,
    /// What people call it.
    pub name: String,
    /// What its events carry.
    pub external_id: String,
    /// The platform's own settings.
    pub options: Value,
    /// Its credentials, sealed.
    pub sealed: Vec<u8>,
}

/// Makes a channel; [`StoreError::Taken`] if the account is connected already. Another workspace that says
/// so, too, is in nobody's way.
pub async fn create(
    conn: &mut Conn,
    workspace: WorkspaceId,
    new: &NewChannel,
    now: Timestamp,
) -> Result<Channel, StoreError> {
    let is_contested = is_contested(conn, workspace, (new.kind, &new.external_id)).await?;
    let row: ChannelRow = on!(conn, db => diesel::insert_into(channels::table)
        .values((
            channels::workspace_id.eq(workspace),
            channels::kind.eq(new.kind),
            channels::name.eq(&new.name),
            channels::external_id.eq(stored_id(&new.external_id, workspace, is_contested)),
            channels::options.eq(new.options.to_string()),
            channels::credentials.eq(&new.sealed),
            channels::state.eq(ChannelState::Active),
            channels::created_at.eq(now),
        ))
        .returning(ChannelRow::as_returning())
        .get_result(db)
        .await)?;
    Ok(row.into())
}

/// Writes what may change of a channel; [`StoreError::Taken`] if the account is connected already.
pub async fn update(conn: &mut Conn, channel: &Channel) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(
            channels::table.filter(channels::workspace_id.eq(channel.workspace_id))
                .filter(channels::id.eq(channel.id)),
        )
        .set((
            channels::name.eq(&channel.name),
            channels::external_id.eq(stored_id(
                &channel.external_id,
                channel.workspace_id,
                channel.is_contested,
            )),
            channels::options.eq(channel.options.to_string()),
            channels::credentials.eq(&channel.sealed),
            channels::state.eq(channel.state),
            channels::state_reason.eq(channel.state_reason.as_deref()),
            channels::tested_at.eq(channel.last_test.as_ref().map(|test| test.at)),
            channels::test_fault.eq(channel.last_test.as_ref().and_then(|test| test.fault.as_deref())),
        ))
        .kept().execute(db)
        .await)?;
    Ok(())
}

/// Switches a channel off for good: its account is free for a new one, its credentials are gone,
/// its row stays for its conversations.
pub async fn retire(conn: &mut Conn, channel: &Channel) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(
            channels::table.filter(channels::workspace_id.eq(channel.workspace_id))
                .filter(channels::id.eq(channel.id)),
        )
        .set((
            channels::external_id.eq(format!("{}{DELETED}{}", channel.external_id, channel.id)),
            channels::credentials.eq(Vec::<u8>::new()),
            channels::state.eq(ChannelState::Off),
            channels::state_reason.eq(RETIRED),
        ))
        .kept().execute(db)
        .await)?;
    Ok(())
}

/// Whether another workspace's channel has the plain name of an account.
pub async fn is_contested(
    conn: &mut Conn,
    workspace: WorkspaceId,
    (kind, external_id): (ChannelKind, &str),
) -> Result<bool, StoreError> {
    let holder = by_external(conn, kind, external_id).await?;
    Ok(holder.is_some_and(|holder| holder.workspace_id != workspace))
}

/// Gives the plain name of an account, which nobody has, to the first of those who say that it is theirs.
pub async fn settle(conn: &mut Conn, kind: ChannelKind, external_id: &str) -> Result<(), StoreError> {
    let rows: Vec<ChannelRow> = on!(conn, db => channels::table
        .filter(channels::kind.eq(kind))
        .filter(channels::external_id.like(format!("%{CONTESTED}%")))
        .filter(channels::external_id.not_like(format!("%{DELETED}%")))
        .select(ChannelRow::as_select())
        .order(channels::id)
        .load(db)
        .await)?;
    let first = rows.into_iter().map(Channel::from).find(|first| first.external_id == external_id);
    match first {
        Some(first) => update(conn, &Channel { is_contested: false, ..first }).await,
        None => Ok(()),
    }
}

/// Whether a text can be a channel's external id.
pub fn can_be_external_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 200
        && !text.contains('#')
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// The channel with this id, unless it was deleted.
pub async fn find(conn: &mut Conn, id: ChannelId) -> Result<Option<Channel>, StoreError> {
    let row: Option<ChannelRow> = on!(conn, db => channels::table
        .filter(channels::id.eq(id))
        .filter(channels::external_id.not_like(format!("%{DELETED}%")))
        .select(ChannelRow::as_select())
        .first(db)
        .await
        .optional())?;
    Ok(row.map(Channel::from))
}

/// The channel of this account.
pub async fn by_external(
    conn: &mut Conn,
    kind: ChannelKind,
    external_id: &str,
) -> Result<Option<Channel>, StoreError> {
    let row: Option<ChannelRow> = on!(conn, db => channels::table
        .filter(channels::kind.eq(kind))
        .filter(channels::external_id.eq(external_id))
        .select(ChannelRow::as_select())
        .first(db)
        .await
        .optional())?;
    Ok(row.map(Channel::from))
}

/// All channels of the server that were not deleted, by their ids.
pub async fn all(conn: &mut Conn) -> Result<Vec<Channel>, StoreError> {
    let rows: Vec<ChannelRow> = on!(conn, db => channels::table
        .filter(channels::external_id.not_like(format!("%{DELETED}%")))
        .select(ChannelRow::as_select())
        .order(channels::id)
        .load(db)
        .await)?;
    Ok(rows.into_iter().map(Channel::from).collect())
}

/// The channels of a workspace that were not deleted, by their ids, above `after`.
pub async fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    after: i64,
    limit: i64,
) -> Result<Vec<Channel>, StoreError> {
    let rows: Vec<ChannelRow> = on!(conn, db => channels::table
        .filter(channels::workspace_id.eq(workspace))
        .filter(channels::external_id.not_like(format!("%{DELETED}%")))
        .filter(channels::id.gt(after))
        .select(ChannelRow::as_select())
        .order(channels::id)
        .limit(limit)
        .load(db)
        .await)?;
    Ok(rows.into_iter().map(Channel::from).collect())
}

/// The platforms of these channels.
pub async fn kinds_of(
    conn: &mut Conn,
    ids: &[ChannelId],
) -> Result<HashMap<ChannelId, ChannelKind>, StoreError> {
    let rows: Vec<(ChannelId, ChannelKind)> = on!(conn, db => channels::table
        .filter(channels::id.eq_any(ids))
        .select((channels::id, channels::kind))
        .load(db)
        .await)?;
    Ok(rows.into_iter().collect())
}

/// Switches a channel's state; false: it was so already.
pub async fn set_state(
    conn: &mut Conn,
    id: ChannelId,
    state: ChannelState,
    reason: Option<&str>,
) -> Result<bool, StoreError> {
    let count = on!(conn, db =>
        diesel::update(channels::table.filter(channels::id.eq(id)).filter(channels::state.ne(state)))
        .set((channels::state.eq(state), channels::state_reason.eq(reason)))
        .kept().execute(db)
        .await)?;
    Ok(count > 0)
}

/// Writes a channel's state, whatever it was.
pub async fn put_state(
    conn: &mut Conn,
    id: ChannelId,
    state: ChannelState,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(channels::table.find(id))
        .set((channels::state.eq(state), channels::state_reason.eq(reason)))
        .kept().execute(db)
        .await)?;
    Ok(())
}

/// Remembers when a channel last said something.
pub async fn heard_from(conn: &mut Conn, id: ChannelId, at: Timestamp) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(channels::table.find(id)).set(channels::last_event_at.eq(at)).kept()
        .execute(db).await)?;
    Ok(())
}

/// Remembers what the last test of a channel found.
pub async fn tested(conn: &mut Conn, id: ChannelId, test: &ChannelTest) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(channels::table.find(id))
        .set((channels::tested_at.eq(test.at), channels::test_fault.eq(test.fault.as_deref())))
        .kept().execute(db).await)?;
    Ok(())
}

/// Notes that a bot was connected to an owner's account, or cut off; false: that was known.
pub async fn set_business_connection(
    conn: &mut Conn,
    channel: ChannelId,
    connection: &str,
    owner: &str,
    is_enabled: bool,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let known: Option<(String, bool)> = on!(conn, db => business_connections::table
        .find((channel, connection))
        .select((business_connections::owner_id, business_connections::is_enabled))
        .first(db).await.optional())?;
    if known.is_some_and(|(who, state)| who == owner && state == is_enabled) {
        return Ok(false);
    }
    on!(conn, db => diesel::insert_into(business_connections::table)
        .values((
            business_connections::channel_id.eq(channel),
            business_connections::connection_id.eq(connection),
            business_connections::owner_id.eq(owner),
            business_connections::is_enabled.eq(is_enabled),
            business_connections::updated_at.eq(now),
        ))
        .on_conflict((business_connections::channel_id, business_connections::connection_id))
        .do_update()
        .set((
            business_connections::owner_id.eq(owner),
            business_connections::is_enabled.eq(is_enabled),
            business_connections::updated_at.eq(now),
        ))
        .kept().execute(db).await)?;
    Ok(true)
}

/// Whether sending through a connection to an owner's account is allowed, as far as we were told.
pub async fn is_connected(conn: &mut Conn, channel: ChannelId, connection: &str) -> Result<bool, StoreError> {
    let known: Option<bool> = on!(conn, db => business_connections::table
        .find((channel, connection))
        .select(business_connections::is_enabled)
        .first(db).await.optional())?;
    Ok(known.unwrap_or(true))
}
