//! Which memberships are in force: of accounts that may come in, in workspaces where people work. Never what
//! a member may do.

use super::roles;
use super::users::{Member, Rights, UserRow, rights};
use super::workspaces::WorkspaceRow;
use crate::domain::{AccountId, Role, User, UserId, Workspace};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::schema::{accounts, users, workspaces};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// A membership that is in force, and where.
#[derive(Debug, Clone)]
pub struct Seat {
    /// As the workspace sees them.
    pub user: User,
    /// The workspace.
    pub workspace: Workspace,
}

impl From<(UserRow, WorkspaceRow)> for Seat {
    fn from((user, workspace): (UserRow, WorkspaceRow)) -> Self {
        Self { user: Member::from(user).user, workspace: workspace.into() }
    }
}

/// Where an account is a member, of workspaces in which people work, by their ids.
pub async fn seats(conn: &mut Conn, account: AccountId) -> Result<Vec<Seat>, StoreError> {
    let rows: Vec<(UserRow, WorkspaceRow)> = on!(conn, db => users::table
        .inner_join(workspaces::table.on(workspaces::id.eq(users::workspace_id)))
        .filter(users::account_id.eq(account))
        .filter(users::deactivated_at.is_null().and(workspaces::archived_at.is_null()))
        .select((UserRow::as_select(), WorkspaceRow::as_select()))
        .order(users::workspace_id)
        .load(db)
        .await)?;
    Ok(rows.into_iter().map(Seat::from).collect())
}

/// Whose membership, which account, as what.
pub type Standing = (UserId, Option<AccountId>, Rights);

/// Those of these memberships that are in force.
pub async fn standing(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<Standing>, StoreError> {
    type Row = (UserId, Option<AccountId>, Role, Option<String>, String);
    let rows: Vec<Row> = on!(conn, db => users::table
        .inner_join(accounts::table.on(users::account_id.eq(accounts::id.nullable())))
        .inner_join(workspaces::table.on(workspaces::id.eq(users::workspace_id)))
        .filter(among(users::id, ids))
        .filter(users::deactivated_at.is_null().and(accounts::deactivated_at.is_null()))
        .filter(workspaces::archived_at.is_null())
        .select((users::id, users::account_id, users::role, roles::of_user(), users::team_ids))
        .load(db)
        .await)?;
    let standing = |(id, account, role, row, teams): Row| (id, account, rights(role, row.as_deref(), &teams));
    Ok(rows.into_iter().map(standing).collect())
}
