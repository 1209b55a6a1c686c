//! Roles of a workspace: made, changed and taken away. Nobody deals in rights that they do not have: whoever
//! makes, changes, gives or takes a role has all that it allows. What it allows by itself is the domain's.

use super::labels::checked_name;
use crate::domain::{
    Event, Permission, Permissions, Refusal, Revoked, Role, Sight, UserId, WorkspaceId, role, text,
};
use crate::ledger::{Command, LedgerError, Subject, Tx, permitted};
use crate::store::accounts::{audit, membership_offers, roles, users};
use serde_json::json;

/// Roles that a workspace makes at most.
const MOST: usize = 100;

/// What a role allows in a workspace just now.
pub(super) async fn allowed(
    tx: &mut Tx<'_>,
    workspace: WorkspaceId,
    role: Role,
) -> Result<Permissions, LedgerError> {
    match roles::find(tx.conn, workspace, role).await? {
        Some(row) => Ok(row.allows().0),
        None if role.is_made() => Ok(role.given()),
        None => Err(Refusal::invalid("bad_role", "role is no role of this workspace.").into()),
    }
}

/// Refuses to deal with somebody of this role to whoever lacks a permission, or has less than that role. For
/// an admin: only whether there is such a role.
pub(super) async fn require_over(
    tx: &mut Tx<'_>,
    (workspace, by): (WorkspaceId, UserId),
    permission: Permission,
    role: Role,
) -> Result<(), LedgerError> {
    let theirs = permitted::permissions(tx, workspace, by).await?;
    permitted::require_within(theirs, Permissions::of(&[permission]))?;
    let allowed = allowed(tx, workspace, role).await?;
    Ok(permitted::require_within(theirs, allowed)?)
}

/// The same for whoever has the role already; of one that was taken away nothing is left.
pub(super) async fn require_over_holder(
    tx: &mut Tx<'_>,
    (workspace, by): (WorkspaceId, UserId),
    role: Role,
) -> Result<(), LedgerError> {
    let is_there = role.is_made() || roles::find(tx.conn, workspace, role).await?.is_some();
    if is_there {
        return require_over(tx, (workspace, by), Permission::UsersManage, role).await;
    }
    permitted::require(tx, (workspace, by), Permission::UsersManage).await
}

fn all_of(workspace: WorkspaceId) -> Subject {
    Subject::of(("roles of", workspace))
}

/// A role as it stands after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleNow {
    /// Which.
    pub role: Role,
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub permissions: Permissions,
    /// What of customers' conversations it shows.
    pub sight: Sight,
}

/// Refuses what only whoever sees everything may do.
fn require_fits(permissions: Permissions, sight: Sight) -> Result<(), Refusal> {
    let left = role::within_sight(permissions, sight);
    permissions.beyond(left).map_or(Ok(()), |permission| {
        let message = format!("{permission} deals with the whole workspace: it needs the sight everything.");
        Err(Refusal { permission: Some(permission), ..Refusal::invalid("needs_everything", message) })
    })
}

/// Makes a role.
#[derive(Debug, Clone)]
pub struct CreateRole {
    /// Who asks.
    pub by: (WorkspaceId, UserId),
    /// What people call it.
    pub name: String,
    /// What programs call it; none: made of the name.
    pub slug: Option<Role>,
    /// What it allows.
    pub permissions: Permissions,
    /// What of customers' conversations it shows.
    pub sight: Sight,
}

impl Command for CreateRole {
    type Answer = RoleNow;

    fn subject(&self) -> Subject {
        all_of(self.by.0)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<RoleNow, LedgerError> {
        users::lock(tx.conn).await?;
        require_may_give(tx, self.by, self.permissions).await?;
        require_fits(self.permissions, self.sight)?;
        let name = checked_name(&self.name)?;
        let role = self.slug.map_or_else(|| slug_of(&name), Ok)?;
        let all = roles::all(tx.conn, self.by.0).await?;
        if role.is_made() || all.iter().any(|row| row.slug == role) {
            return Err(Refusal::conflict("role_exists", "There is a role of this name already.").into());
        }
        if all.iter().filter(|row| !row.slug.is_made()).count() >= MOST {
            let message = format!("You have reached the limit of {MOST} roles. Delete one first.");
            return Err(Refusal::conflict("too_many_roles", message).into());
        }
        let (permissions, sight) = (self.permissions, self.sight);
        roles::put(tx.conn, self.by.0, (role, &name), (permissions, sight), tx.now).await?;
        let details = json!({"name": name, "permissions": permissions, "sight": sight});
        note(tx, self.by, "role_created", role, &details).await?;
        Ok(RoleNow { role, name, permissions, sight })
    }
}

/// `Night shift` → `night-shift`.
fn slug_of(name: &str) -> Result<Role, Refusal> {
    let folded = text::fold(name);
    let words = folded.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.collect::<Vec<_>>().join("-");
    slug.truncate(crate::domain::role::LONGEST_SLUG);
    slug.trim_end_matches('-').parse().map_err(|_| {
        Refusal::invalid("bad_name", "Give the role a slug, too: up to 32 of a-z, 0-9, - and _.")
    })
}

/// Changes a role; what is absent stays. An admin may everything, always.
#[derive(Debug, Clone)]
pub struct ChangeRole {
    /// Who asks.
    pub by: (WorkspaceId, UserId),
    /// Which.
    pub role: Role,
    /// What people call it.
    pub name: Option<String>,
    /// What it allows.
    pub permissions: Option<Permissions>,
    /// What of customers' conversations it shows.
    pub sight: Option<Sight>,
}

impl Command for ChangeRole {
    type Answer = RoleNow;

    fn subject(&self) -> Subject {
        all_of(self.by.0)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<RoleNow, LedgerError> {
        users::lock(tx.conn).await?;
        let (workspace, role) = (self.by.0, self.role);
        let row = roles::find(tx.conn, workspace, role).await?;
        if row.is_none() && !role.is_made() {
            return Err(Refusal::not_found("role").into());
        }
        let before = row.as_ref().map_or_else(|| role.allows(None), roles::RoleRow::allows);
        let after = (self.permissions.unwrap_or(before.0), self.sight.unwrap_or(before.1));
        require_may_give(tx, self.by, before.0).await?;
        require_may_give(tx, self.by, after.0).await?;
        if role == Role::Admin || (role.is_made() && self.name.is_some()) {
            let message = "The admin role allows everything, and roles that come made keep their names.";
            return Err(Refusal::conflict("role_is_made", message).into());
        }
        let name = match &self.name {
            Some(name) => checked_name(name)?,
            None => row.map_or_else(|| role.to_string(), |row| row.name),
        };
        require_fits(after.0, after.1)?;
        roles::put(tx.conn, workspace, (role, &name), after, tx.now).await?;
        let told =
            |(permissions, sight): (Permissions, Sight)| json!({"permissions": permissions, "sight": sight});
        let details = json!({"name": name, "before": told(before), "after": told(after)});
        note(tx, self.by, "role_changed", role, &details).await?;
        if after != before {
            // Whoever has it comes back as who they are now.
            for user_id in roles::holders(tx.conn, workspace, role).await? {
                tx.tell(Event::Revoked(Revoked { user_id, credential: None }));
            }
        }
        Ok(RoleNow { role, name, permissions: after.0, sight: after.1 })
    }
}

/// Takes a role away that nobody has.
#[derive(Debug, Clone)]
pub struct DeleteRole {
    /// Who asks.
    pub by: (WorkspaceId, UserId),
    /// Which.
    pub role: Role,
}

impl Command for DeleteRole {
    type Answer = ();

    fn subject(&self) -> Subject {
        all_of(self.by.0)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        users::lock(tx.conn).await?;
        if self.role.is_made() {
            permitted::require(tx, self.by, Permission::RolesManage).await?;
            let message = "A role that comes made cannot be deleted.";
            return Err(Refusal::conflict("role_is_made", message).into());
        }
        let row = roles::find(tx.conn, self.by.0, self.role).await?;
        let row = row.ok_or_else(|| Refusal::not_found("role"))?;
        require_may_give(tx, self.by, row.allows().0).await?;
        let holders = roles::holders(tx.conn, self.by.0, self.role).await?.len();
        if membership_offers::names_role(tx.conn, self.by.0, self.role).await? {
            let message = "A membership was offered with this role. Withdraw the offer first.";
            return Err(Refusal::conflict("role_in_use", message).into());
        }
        if holders > 0 {
            let message = format!("{holders} people have this role. Give them another one first.");
            return Err(Refusal::conflict("role_in_use", message).into());
        }
        roles::delete(tx.conn, self.by.0, self.role).await?;
        note(tx, self.by, "role_deleted", self.role, &json!({"name": row.name})).await
    }
}

/// Whoever deals in roles may, and has all that is dealt in.
async fn require_may_give(
    tx: &mut Tx<'_>,
    (workspace, by): (WorkspaceId, UserId),
    given: Permissions,
) -> Result<(), LedgerError> {
    let theirs = permitted::permissions(tx, workspace, by).await?;
    permitted::require_within(theirs, Permissions::of(&[Permission::RolesManage]))?;
    Ok(permitted::require_within(theirs, given)?)
}

async fn note(
    tx: &mut Tx<'_>,
    (workspace, by): (WorkspaceId, UserId),
    action: &str,
    role: Role,
    details: &serde_json::Value,
) -> Result<(), LedgerError> {
    let by = (workspace, Some(by));
    Ok(audit::note(tx.conn, by, action, &format!("role:{role}"), details, tx.now).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_made_of_a_name() {
        assert_eq!(
            slug_of("Night Shift (Málaga)").map(|role| role.to_string()),
            Ok("night-shift-malaga".into())
        );
        assert!(slug_of("夜勤").is_err(), "it needs one of its own");
    }
}
