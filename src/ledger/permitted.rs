//! Whether whoever gave a command may: asked of the rows again, in the command's own transaction, for rights
//! may have ended since the request was let in. What a role allows is `domain/role.rs`'. Never what somebody
//! may see.

use super::command::{LedgerError, Tx};
use crate::domain::{Permission, Permissions, Refusal, UserId, WorkspaceId, role};
use crate::store::accounts::users;

/// What somebody of the workspace may just now; nothing, if they may not come in any more.
pub async fn permissions(
    tx: &mut Tx<'_>,
    workspace: WorkspaceId,
    by: UserId,
) -> Result<Permissions, LedgerError> {
    let account = users::find(tx.conn, workspace, by).await?;
    let active = account.filter(|account| account.deactivated_at.is_none());
    Ok(active.map_or(Permissions::NONE, |account| account.user.permissions))
}

/// Refuses what their role does not allow.
pub async fn require(
    tx: &mut Tx<'_>,
    (workspace, by): (WorkspaceId, UserId),
    permission: Permission,
) -> Result<(), LedgerError> {
    let theirs = permissions(tx, workspace, by).await?;
    if theirs.has(permission) { Ok(()) } else { Err(role::lacks(permission).into()) }
}

/// Refuses to deal with what allows more than the asker's own role: nobody gives, or takes from others, what
/// they do not have.
pub fn require_within(asker: Permissions, dealt_with: Permissions) -> Result<(), Refusal> {
    dealt_with.beyond(asker).map_or(Ok(()), |permission| Err(role::lacks(permission)))
}
