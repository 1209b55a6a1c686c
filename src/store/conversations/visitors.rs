//! When the names of the web chat's visitors ended: tokens that were given before open nothing any more.
//! Never who they were: that is `customers`.

use crate::domain::{ChannelId, Timestamp};
use crate::on;
use crate::store::db::schema::ended_visitors;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Ends a name: what was given to it until now opens nothing.
pub async fn end(
    conn: &mut Conn,
    channel: ChannelId,
    visitor: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(ended_visitors::table)
        .values((
            ended_visitors::channel_id.eq(channel),
            ended_visitors::visitor.eq(visitor),
            ended_visitors::ended_at.eq(now),
        ))
        .on_conflict((ended_visitors::channel_id, ended_visitors::visitor))
        .do_update()
        .set(ended_visitors::ended_at.eq(now))
        .execute(db).await)?;
    Ok(())
}

/// When a name ended, if it did.
pub async fn ended_at(
    conn: &mut Conn,
    channel: ChannelId,
    visitor: &str,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(on!(conn, db => ended_visitors::table
        .find((channel, visitor))
        .select(ended_visitors::ended_at)
        .first(db).await.optional())?)
}

/// Forgets what ended before `before`: by then the tokens are too old by themselves.
pub async fn forget(conn: &mut Conn, before: Timestamp) -> Result<usize, StoreError> {
    Ok(on!(conn, db => diesel::delete(ended_visitors::table.filter(ended_visitors::ended_at.lt(before)))
        .execute(db).await)?)
}
