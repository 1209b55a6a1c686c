//! Conversations.

use super::{Conn, StoreError};
use crate::domain::ConversationId;
use super::schema::conversations;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Locks the rows of `ids` in the order of their ids, where several can write at once.
pub async fn lock(conn: &mut Conn, ids: &[ConversationId]) -> Result<(), StoreError> {
    match conn {
        Conn::Postgres(db) if !ids.is_empty() => {
            conversations::table
                .filter(conversations::id.eq_any(ids))
                .order(conversations::id)
                .select(conversations::id)
                .for_update()
                .execute(db)
                .await?;
            Ok(())
        }
        _ => Ok(()),
    }
}
