//! Who changed what. Only added to; never a secret, never a customer's words.

use super::schema::audit;
use super::{Conn, StoreError};
use crate::domain::{Timestamp, UserId, WorkspaceId};
use crate::on;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

/// One thing that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct Entry {
    /// Unique in the server.
    pub id: i64,
    /// Who; none: the command line.
    pub user_id: Option<UserId>,
    /// `channel_created`, `user_changed`, `customer_erased` …
    pub action: String,
    /// What it was done to: `channel:3`.
    pub subject: String,
    /// JSON: what changed.
    pub details: String,
    /// When.
    pub at: Timestamp,
}

/// Notes what somebody does, in the transaction that does it.
pub async fn note(
    conn: &mut Conn,
    by: (WorkspaceId, Option<UserId>),
    action: &str,
    subject: &str,
    details: &Value,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(audit::table)
        .values((
            audit::workspace_id.eq(by.0),
            audit::user_id.eq(by.1),
            audit::action.eq(action),
            audit::subject.eq(subject),
            audit::details.eq(details.to_string()),
            audit::at.eq(now),
        ))
        .execute(db).await)?;
    Ok(())
}

/// A workspace's entries below `below`, the newest first.
pub async fn page(
    conn: &mut Conn,
    workspace: WorkspaceId,
    below: Option<i64>,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    Ok(on!(conn, db => audit::table
        .filter(audit::workspace_id.eq(workspace).and(audit::id.lt(below.unwrap_or(i64::MAX))))
        .order(audit::id.desc())
        .limit(limit)
        .select(Entry::as_select())
        .load(db).await)?)
}
