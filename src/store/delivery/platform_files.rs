//! What a platform calls files of ours that lie there already, for as long as it keeps them. Never the files.

use crate::domain::{ChannelId, MediaId, Timestamp};
use crate::on;
use crate::store::db::schema::platform_files;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// What the platform of a channel calls a file, if it still has it then.
pub async fn find(
    conn: &mut Conn,
    channel: ChannelId,
    media: MediaId,
    then: Timestamp,
) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, db => platform_files::table
        .find((channel, media))
        .filter(platform_files::expires_at.gt(then))
        .select(platform_files::platform_id)
        .first(db).await.optional())?)
}

/// Remembers what it is called there, and until when.
pub async fn remember(
    conn: &mut Conn,
    (channel, media): (ChannelId, MediaId),
    platform_id: &str,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let fresh = (platform_files::platform_id.eq(platform_id), platform_files::expires_at.eq(expires_at));
    on!(conn, db => diesel::insert_into(platform_files::table)
        .values((platform_files::channel_id.eq(channel), platform_files::media_id.eq(media), fresh))
        .on_conflict((platform_files::channel_id, platform_files::media_id))
        .do_update()
        .set(fresh)
        .execute(db).await)?;
    Ok(())
}

/// Forgets one that is not there any more.
pub async fn forget(conn: &mut Conn, channel: ChannelId, media: MediaId) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(platform_files::table.find((channel, media))).execute(db).await)?;
    Ok(())
}
