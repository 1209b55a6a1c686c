//! What is known of a channel beside its own row, as its platform tells it. Never a credential.

use crate::domain::{ChannelId, NumberStanding, Timestamp, TokenLife, WebhookStanding, WorkspaceId};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::channel_health;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// What is known of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = channel_health)]
pub struct HealthRow {
    pub channel_id: ChannelId,
    /// What happened before this moment was compared with the platform.
    pub compared_until: Option<Timestamp>,
    /// How many messages were recovered, ever.
    pub recovered: i64,
    /// When the last of them was.
    pub recovered_at: Option<Timestamp>,
    /// How many events wait at the platform.
    pub webhook_pending: Option<i64>,
    /// Why the platform's last delivery failed.
    pub webhook_error: Option<String>,
    /// When that was.
    pub webhook_error_at: Option<Timestamp>,
    /// When the webhook was last set anew because it was not ours.
    pub webhook_set_at: Option<Timestamp>,
    /// Since when we have this token.
    pub token_since: Option<Timestamp>,
    /// When it was last renewed.
    pub token_renewed_at: Option<Timestamp>,
    /// When it ends.
    pub token_expires_at: Option<Timestamp>,
    /// When the access to people's data ends.
    pub data_access_expires_at: Option<Timestamp>,
    /// The number as people dial it.
    pub number: Option<String>,
    /// How the platform rates it.
    pub quality: Option<String>,
    /// How many people may be written to first in a day.
    pub tier: Option<String>,
    /// Whether the shown name was approved.
    pub name_status: Option<String>,
    /// The name that customers see.
    pub verified_name: Option<String>,
}

/// A channel, and whose it is.
pub type Whose = (WorkspaceId, ChannelId);

/// Makes the row of a channel, unless there is one.
async fn ensure(conn: &mut Conn, (workspace, channel): Whose) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(channel_health::table)
        .values((
            channel_health::channel_id.eq(channel),
            channel_health::workspace_id.eq(workspace),
            channel_health::recovered.eq(0),
        ))
        .on_conflict_do_nothing()
        .kept().execute(db).await)?;
    Ok(())
}

/// What is known of a channel; none: nothing.
pub async fn find(conn: &mut Conn, id: ChannelId) -> Result<Option<HealthRow>, StoreError> {
    Ok(on!(conn, db => channel_health::table.find(id).select(HealthRow::as_select()).first(db).await
        .optional())?)
}

/// What is known of these channels.
pub async fn of_channels(conn: &mut Conn, ids: &[ChannelId]) -> Result<Vec<HealthRow>, StoreError> {
    Ok(on!(conn, db => channel_health::table
        .filter(channel_health::channel_id.eq_any(ids))
        .select(HealthRow::as_select())
        .load(db).await)?)
}

/// One more message was recovered.
pub async fn count_recovered(conn: &mut Conn, whose: Whose, now: Timestamp) -> Result<(), StoreError> {
    ensure(conn, whose).await?;
    on!(conn, db => diesel::update(channel_health::table.find(whose.1))
        .set((
            channel_health::recovered.eq(channel_health::recovered + 1),
            channel_health::recovered_at.eq(now),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// What happened before this moment was compared.
pub async fn set_compared(conn: &mut Conn, whose: Whose, until: Timestamp) -> Result<(), StoreError> {
    ensure(conn, whose).await?;
    on!(conn, db => diesel::update(channel_health::table.find(whose.1))
        .set(channel_health::compared_until.eq(until))
        .execute(db).await)?;
    Ok(())
}

/// What the platform says of its webhook; `set_at`: when it was set anew because of that.
pub async fn set_webhook(
    conn: &mut Conn,
    whose: Whose,
    standing: &WebhookStanding,
    set_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    ensure(conn, whose).await?;
    on!(conn, db => diesel::update(channel_health::table.find(whose.1))
        .set((
            channel_health::webhook_pending.eq(standing.pending),
            channel_health::webhook_error.eq(standing.error.as_deref()),
            channel_health::webhook_error_at.eq(standing.error_at),
        ))
        .execute(db).await)?;
    if set_at.is_some() {
        on!(conn, db => diesel::update(channel_health::table.find(whose.1))
            .set(channel_health::webhook_set_at.eq(set_at))
            .execute(db).await)?;
    }
    Ok(())
}

/// A channel has another token since this moment: what was known of the one before says nothing.
pub async fn begin_token(conn: &mut Conn, whose: Whose, now: Timestamp) -> Result<(), StoreError> {
    ensure(conn, whose).await?;
    on!(conn, db => diesel::update(channel_health::table.find(whose.1))
        .set((
            channel_health::token_since.eq(now),
            channel_health::token_renewed_at.eq(None::<Timestamp>),
            channel_health::token_expires_at.eq(None::<Timestamp>),
            channel_health::data_access_expires_at.eq(None::<Timestamp>),
        ))
        .execute(db).await)?;
    Ok(())
}

/// How long the token lives; `renewed_at`: when it was renewed to do so.
pub async fn set_token(
    conn: &mut Conn,
    whose: Whose,
    life: TokenLife,
    renewed_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    ensure(conn, whose).await?;
    on!(conn, db => diesel::update(channel_health::table.find(whose.1))
        .set((
            channel_health::token_expires_at.eq(life.expires_at),
            channel_health::data_access_expires_at.eq(life.data_access_expires_at),
        ))
        .execute(db).await)?;
    if renewed_at.is_some() {
        on!(conn, db => diesel::update(channel_health::table.find(whose.1))
            .set(channel_health::token_renewed_at.eq(renewed_at))
            .execute(db).await)?;
    }
    Ok(())
}

/// How the number stands; what was not said stays as it was.
pub async fn set_number(conn: &mut Conn, whose: Whose, told: &NumberStanding) -> Result<(), StoreError> {
    ensure(conn, whose).await?;
    let known = find(conn, whose.1).await?.ok_or(StoreError::NotFound)?;
    let or = |told: &Option<String>, known: Option<String>| told.clone().or(known);
    on!(conn, db => diesel::update(channel_health::table.find(whose.1))
        .set((
            channel_health::number.eq(or(&told.number, known.number)),
            channel_health::quality.eq(or(&told.quality, known.quality)),
            channel_health::tier.eq(or(&told.tier, known.tier)),
            channel_health::name_status.eq(or(&told.name_status, known.name_status)),
            channel_health::verified_name.eq(or(&told.verified_name, known.verified_name)),
        ))
        .execute(db).await)?;
    Ok(())
}
