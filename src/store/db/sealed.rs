//! Every column that holds something the vault sealed, for exchanging the key. Never an opened secret.

use super::prepared::Keep;
use super::schema::{channels, flows, hooks};
use crate::on;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// What is sealed, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `channels.credentials`; empty once a channel is deleted.
    ChannelCredentials,
    /// `hooks.secret`.
    HookSecret,
    /// `flows.hook_sealed`.
    FlowHook,
}

/// The table, its sealed column, and what to do with both.
macro_rules! at_place {
    ($place:expr, $table:ident, $column:ident => $do:expr) => {
        match $place {
            Place::ChannelCredentials => {
                use channels as $table;
                use channels::credentials as $column;
                $do
            }
            Place::HookSecret => {
                use hooks as $table;
                use hooks::secret as $column;
                $do
            }
            Place::FlowHook => {
                use flows as $table;
                use flows::hook_sealed as $column;
                $do
            }
        }
    };
}

/// The rows that hold something there: their ids and what is sealed.
pub async fn all(conn: &mut Conn, place: Place) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let rows: Vec<(i64, Vec<u8>)> = at_place!(place, table, column => on!(conn, db => table::table
        .select((table::id, column))
        .order(table::id)
        .load(db)
        .await)?);
    Ok(rows.into_iter().filter(|(_, sealed)| !sealed.is_empty()).collect())
}

/// Puts what is sealed now.
pub async fn put(conn: &mut Conn, place: Place, id: i64, sealed: &[u8]) -> Result<(), StoreError> {
    at_place!(place, table, column => on!(conn, db => diesel::update(table::table.filter(table::id.eq(id)))
        .set(column.eq(sealed))
        .kept().execute(db)
        .await)?);
    Ok(())
}
