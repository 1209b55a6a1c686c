//! Epochs: which telling of its history a database is in. Never a version: those count inside of one.

use super::schema::epochs;
use crate::domain::Timestamp;
use crate::on;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// The name of the epoch there is.
pub async fn current(conn: &mut Conn) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, db => epochs::table
        .select(epochs::name)
        .order(epochs::id.desc())
        .first(db)
        .await
        .optional())?)
}

/// Begins one.
pub async fn begin(conn: &mut Conn, name: &str, now: Timestamp) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(epochs::table)
        .values((epochs::name.eq(name), epochs::began_at.eq(now)))
        .execute(db)
        .await)?;
    Ok(())
}
