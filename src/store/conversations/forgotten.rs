//! Whose past is not read back from a platform: customers who were forgotten, by a digest of their address.
//! Never the address itself, and not for longer than the past is asked for.

use crate::domain::{ChannelId, Timestamp};
use crate::on;
use crate::store::db::schema::forgotten_addresses;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use sha2::{Digest, Sha256};

/// What is kept of an address.
fn digest(channel: ChannelId, address: &str) -> String {
    let sum = Sha256::digest(format!("{channel}\0{address}"));
    sum.iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

/// Whoever had this address was forgotten now.
pub async fn note(
    conn: &mut Conn,
    channel: ChannelId,
    address: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(forgotten_addresses::table)
        .values((
            forgotten_addresses::channel_id.eq(channel),
            forgotten_addresses::digest.eq(digest(channel, address)),
            forgotten_addresses::forgotten_at.eq(now),
        ))
        .on_conflict((forgotten_addresses::channel_id, forgotten_addresses::digest))
        .do_update()
        .set(forgotten_addresses::forgotten_at.eq(now))
        .execute(db).await)?;
    Ok(())
}

/// When whoever had this address was forgotten; none: nobody was.
pub async fn since(
    conn: &mut Conn,
    channel: ChannelId,
    address: &str,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(on!(conn, db => forgotten_addresses::table.find((channel, digest(channel, address)))
        .select(forgotten_addresses::forgotten_at)
        .first(db).await.optional())?)
}

/// Drops what was noted before a moment.
pub async fn drop_before(conn: &mut Conn, moment: Timestamp) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(forgotten_addresses::table
            .filter(forgotten_addresses::forgotten_at.lt(moment)))
        .execute(db).await)?;
    Ok(())
}
