//! Whom a workspace wants as a member. Whether they become one is theirs to say; whether anybody has such a
//! name is nobody's to ask.

use super::workspaces::WorkspaceRow;
use crate::domain::{AccountId, OfferId, Role, Timestamp, UserId, WorkspaceId};
use crate::on;
use crate::store::db::schema::{membership_offers, workspaces};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// One offer.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = membership_offers)]
pub struct Offer {
    /// Unique in the server.
    pub id: OfferId,
    /// Which workspace offers.
    pub workspace_id: WorkspaceId,
    /// The name it was made out to, as it was typed.
    pub username: String,
    /// Whose name that was then; none: nobody's.
    pub account_id: Option<AccountId>,
    /// What they would be.
    pub role: Role,
    /// Which admin offers.
    pub offered_by: UserId,
    /// Since when.
    pub created_at: Timestamp,
}

/// What a new offer needs.
#[derive(Debug, Clone, Copy)]
pub struct NewOffer<'a> {
    /// Which workspace offers.
    pub workspace: WorkspaceId,
    /// Which admin offers.
    pub by: UserId,
    /// The name, as it was typed, and in the one form of all its ways to be written.
    pub username: (&'a str, &'a str),
    /// Whose name it is.
    pub account: Option<AccountId>,
    /// What they would be.
    pub role: Role,
}

/// Makes an offer; [`StoreError::Taken`] if there is one to this name.
pub async fn create(conn: &mut Conn, new: NewOffer<'_>, now: Timestamp) -> Result<Offer, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(membership_offers::table)
        .values((
            membership_offers::workspace_id.eq(new.workspace),
            membership_offers::username.eq(new.username.0),
            membership_offers::username_key.eq(new.username.1),
            membership_offers::account_id.eq(new.account),
            membership_offers::role.eq(new.role),
            membership_offers::offered_by.eq(new.by),
            membership_offers::created_at.eq(now),
        ))
        .returning(Offer::as_returning())
        .get_result(db)
        .await)?)
}

/// A workspace's offers, by their ids, above `after`.
pub async fn of_workspace(
    conn: &mut Conn,
    workspace: WorkspaceId,
    after: i64,
    limit: i64,
) -> Result<Vec<Offer>, StoreError> {
    Ok(on!(conn, db => membership_offers::table
        .filter(membership_offers::workspace_id.eq(workspace).and(membership_offers::id.gt(after)))
        .select(Offer::as_select())
        .order(membership_offers::id)
        .limit(limit)
        .load(db)
        .await)?)
}

/// What is offered to an account by workspaces where people work, by their ids.
pub async fn of_account(
    conn: &mut Conn,
    account: AccountId,
) -> Result<Vec<(Offer, WorkspaceRow)>, StoreError> {
    Ok(on!(conn, db => membership_offers::table
        .inner_join(workspaces::table.on(workspaces::id.eq(membership_offers::workspace_id)))
        .filter(membership_offers::account_id.eq(account))
        .filter(workspaces::archived_at.is_null())
        .select((Offer::as_select(), WorkspaceRow::as_select()))
        .order(membership_offers::id)
        .load(db)
        .await)?)
}

/// The offer with this id.
pub async fn find(conn: &mut Conn, id: OfferId) -> Result<Option<Offer>, StoreError> {
    Ok(on!(conn, db => membership_offers::table.find(id)
        .select(Offer::as_select()).first(db).await.optional())?)
}

/// Whether an offer of a workspace names a role.
pub async fn names_role(conn: &mut Conn, workspace: WorkspaceId, role: Role) -> Result<bool, StoreError> {
    let found: Option<OfferId> = on!(conn, db => membership_offers::table
        .filter(membership_offers::workspace_id.eq(workspace).and(membership_offers::role.eq(role)))
        .select(membership_offers::id)
        .first(db).await.optional())?;
    Ok(found.is_some())
}

/// Takes away what was offered to an account.
pub async fn delete_of_account(conn: &mut Conn, account: AccountId) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(membership_offers::table.filter(membership_offers::account_id.eq(account)))
        .execute(db).await)?;
    Ok(())
}

/// Takes away what a user offered.
pub async fn delete_by(conn: &mut Conn, user: UserId) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(membership_offers::table.filter(membership_offers::offered_by.eq(user)))
        .execute(db).await)?;
    Ok(())
}

/// Takes an offer away.
pub async fn delete(conn: &mut Conn, id: OfferId) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(membership_offers::table.find(id)).execute(db).await)?;
    Ok(())
}
