//! Workspaces: who makes, names and archives them. Whoever looks after the server (the admins of its first
//! workspace) may; so may a workspace's own admins, but for making one. Never a look into a workspace that
//! one is no member of.

use super::users::everybody;
use crate::domain::workspace::{ARCHIVE_FIRST, is_slug};
use crate::domain::{
    AccountId, ChannelEvent, ChannelState, Event, Refusal, Revoked, Role, User, WorkspaceId,
};
use crate::ledger::{Command, LedgerError, Subject, Tx};
use crate::store::accounts::account::{self, Account};
use crate::store::accounts::users::{self, Member, NewUser};
use crate::store::accounts::workspaces::{self, WorkspaceRow};
use crate::store::accounts::{audit, channels, memberships};
use crate::store::db::drop_workspace::drop_workspace;
use crate::store::{Conn, StoreError};
use serde_json::{Value, json};

/// Workspaces one account can be a member of, where it may make its own.
const MOST: usize = 100;

/// A name as people may choose it for a workspace: 1 to 100 characters, on one line.
fn checked_name(name: &str) -> Result<&str, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Refusal::invalid(
            "bad_name",
            "A workspace's name must be 1 to 100 characters, on one line.",
        ));
    }
    Ok(name)
}

fn checked_slug(slug: &str) -> Result<&str, Refusal> {
    let slug = slug.trim();
    let why = "slug must be 1 to 40 small letters, digits and single hyphens, and no word of Rapport's own.";
    if is_slug(slug) { Ok(slug) } else { Err(Refusal::invalid("bad_slug", why)) }
}

fn slug_taken(error: StoreError) -> LedgerError {
    match error {
        StoreError::Taken(_) => {
            Refusal::conflict("slug_taken", "Another workspace has this address already.").into()
        }
        error => error.into(),
    }
}

/// Who somebody is in a workspace, archived or not; none: they are no member.
async fn member(
    conn: &mut Conn,
    account: AccountId,
    workspace: WorkspaceId,
) -> Result<Option<Member>, StoreError> {
    let all = users::all_of_account(conn, account).await?;
    Ok(all.into_iter().find(|one| one.user.workspace_id == workspace && one.deactivated_at.is_none()))
}

/// Whether an account looks after the server: an admin of its first workspace. `within`: a token's one
/// workspace; nothing of what it is elsewhere counts.
pub async fn is_host(
    conn: &mut Conn,
    account: AccountId,
    within: Option<WorkspaceId>,
) -> Result<bool, StoreError> {
    let first = workspaces::first(conn).await?.filter(|first| within.is_none_or(|within| within == *first));
    let Some(first) = first else { return Ok(false) };
    let member = member(conn, account, first).await?;
    Ok(member.is_some_and(|member| member.user.role == Role::Admin))
}

/// Notes it where it was done, and for those who look after the server: by who they are in each.
async fn note(
    tx: &mut Tx<'_>,
    (workspace, by): (WorkspaceId, Option<AccountId>),
    action: &str,
    details: &Value,
) -> Result<(), LedgerError> {
    let first = workspaces::first(tx.conn).await?.filter(|first| *first != workspace);
    for place in [Some(workspace), first].into_iter().flatten() {
        let who = match by {
            Some(account) => member(tx.conn, account, place).await?.map(|member| member.user.id),
            None => None,
        };
        let subject = format!("workspace:{workspace}");
        audit::note(tx.conn, (place, who), action, &subject, details, tx.now).await?;
    }
    Ok(())
}

/// Makes a workspace; who makes it is its first admin.
#[derive(Debug)]
pub struct CreateWorkspace {
    /// Who asks; none: the command line, whoever may run it.
    pub by: Option<AccountId>,
    /// The one workspace in which a token speaks for them.
    pub within: Option<WorkspaceId>,
    /// Whether whoever is signed in may.
    pub by_anybody: bool,
    /// What people call it.
    pub name: String,
    /// Its name in addresses; none: made of the name.
    pub slug: Option<String>,
}

impl Command for CreateWorkspace {
    type Answer = WorkspaceRow;

    fn subject(&self) -> Subject {
        everybody()
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<WorkspaceRow, LedgerError> {
        users::lock(tx.conn).await?;
        let maker = self.maker(tx).await?;
        let name = checked_name(&self.name)?;
        let slug = match self.slug.as_deref() {
            Some(slug) => checked_slug(slug)?.to_owned(),
            None => workspaces::free_slug(tx.conn, name).await?,
        };
        let id = workspaces::create(tx.conn, (name, &slug), tx.now).await.map_err(slug_taken)?;
        if let Some(account) = maker {
            users::join(tx.conn, &account, (id, Role::Admin), tx.now).await?;
        }
        note(tx, (id, self.by), "workspace_created", &json!({"name": name, "slug": slug})).await?;
        workspaces::find(tx.conn, id).await?.ok_or_else(|| StoreError::NotFound.into())
    }
}

impl CreateWorkspace {
    /// Who makes it, if they may.
    async fn maker(&self, tx: &mut Tx<'_>) -> Result<Option<Account>, LedgerError> {
        let Some(by) = self.by else { return Ok(None) };
        let account = account::find(tx.conn, by).await?.filter(|account| account.deactivated_at.is_none());
        let account = account.ok_or_else(|| Refusal::forbidden("This account was deactivated."))?;
        let is_host = is_host(tx.conn, by, self.within).await?;
        if !is_host && (!self.by_anybody || self.within.is_some()) {
            return Err(Refusal::forbidden("Only admins of the first workspace can make workspaces.").into());
        }
        if !is_host && memberships::seats(tx.conn, by).await?.len() >= MOST {
            return Err(Refusal::conflict(
                "too_many_workspaces",
                "You are a member of 100 workspaces: archive one first.",
            )
            .into());
        }
        Ok(Some(account))
    }
}

/// Makes somebody a member: by the command line, whoever may run it. Who has the account already joins with
/// that.
#[derive(Debug)]
pub struct AddMember {
    /// Of which workspace.
    pub workspace: WorkspaceId,
    /// Who; of an account that is there only the username and the role count.
    pub user: NewUser,
}

impl Command for AddMember {
    type Answer = User;

    fn subject(&self) -> Subject {
        everybody()
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<User, LedgerError> {
        users::lock(tx.conn).await?;
        let (workspace, role) = (self.workspace, self.user.role);
        let user = match account::by_username(tx.conn, &self.user.username).await? {
            Some(account) => {
                if member(tx.conn, account.id, workspace).await?.is_some() {
                    let why = "They are a member of this workspace.";
                    return Err(Refusal::conflict("already_member", why).into());
                }
                put_member(tx, &account, (workspace, role)).await?
            }
            None => users::create(tx.conn, workspace, &self.user, tx.now).await?,
        };
        let (subject, details) =
            (format!("user:{}", user.id), json!({"username": user.username, "role": role}));
        audit::note(tx.conn, (workspace, None), "user_created", &subject, &details, tx.now).await?;
        Ok(user)
    }
}

/// Makes an account a member; who was one before is the same one again.
pub(super) async fn put_member(
    tx: &mut Tx<'_>,
    account: &Account,
    (workspace, role): (WorkspaceId, Role),
) -> Result<User, LedgerError> {
    if account.deactivated_at.is_some() {
        account::update(tx.conn, &Account { deactivated_at: None, ..account.clone() }).await?;
    }
    let all = users::all_of_account(tx.conn, account.id).await?;
    let Some(before) = all.into_iter().find(|one| one.user.workspace_id == workspace) else {
        return Ok(users::join(tx.conn, account, (workspace, role), tx.now).await?);
    };
    let mut again = Member { deactivated_at: None, ..before };
    again.user.role = role;
    users::update(tx.conn, &again).await?;
    Ok(again.user)
}

/// What may change of a workspace; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct WorkspaceChange {
    /// What people call it.
    pub name: Option<String>,
    /// Its name in addresses.
    pub slug: Option<String>,
    /// Whether anybody works there.
    pub is_archived: Option<bool>,
}

/// Names a workspace anew, archives it or brings it back.
#[derive(Debug)]
pub struct UpdateWorkspace {
    /// Who asks; none: the command line, whoever may run it.
    pub by: Option<AccountId>,
    /// The one workspace in which a token speaks for them.
    pub within: Option<WorkspaceId>,
    /// Which.
    pub id: WorkspaceId,
    /// What is to be different.
    pub change: WorkspaceChange,
}

impl Command for UpdateWorkspace {
    type Answer = WorkspaceRow;

    fn subject(&self) -> Subject {
        everybody()
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<WorkspaceRow, LedgerError> {
        users::lock(tx.conn).await?;
        self.require_allowed(tx).await?;
        let before = workspaces::find(tx.conn, self.id).await?;
        let before = before.ok_or_else(|| Refusal::not_found("workspace"))?;
        let mut after = before.clone();
        if let Some(name) = &self.change.name {
            checked_name(name)?.clone_into(&mut after.name);
        }
        if let Some(slug) = &self.change.slug {
            checked_slug(slug)?.clone_into(&mut after.slug);
        }
        let is_first = workspaces::first(tx.conn).await? == Some(self.id);
        match self.change.is_archived {
            Some(true) if is_first => {
                return Err(Refusal::conflict("first_workspace", ARCHIVE_FIRST).into());
            }
            Some(true) => after.archived_at = before.archived_at.or(Some(tx.now)),
            Some(false) => after.archived_at = None,
            None => {}
        }
        workspaces::update(tx.conn, &after).await.map_err(slug_taken)?;
        if before.archived_at.is_some() != after.archived_at.is_some() {
            rest_or_wake(tx, &after).await?;
        }
        let change = &self.change;
        let details = json!({"name": change.name, "slug": change.slug, "archived": change.is_archived});
        note(tx, (self.id, self.by), "workspace_changed", &details).await?;
        Ok(after)
    }
}

impl UpdateWorkspace {
    /// An admin of the workspace may, or of the first one.
    async fn require_allowed(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let Some(by) = self.by else { return Ok(()) };
        let is_meant = self.within.is_none_or(|within| within == self.id);
        let here = member(tx.conn, by, self.id).await?.filter(|_| is_meant);
        let rules = here.as_ref().is_some_and(|here| here.user.role == Role::Admin);
        if rules || is_host(tx.conn, by, self.within).await? {
            return Ok(());
        }
        Err(match here {
            Some(_) => Refusal::forbidden("Only admins can do this.").into(),
            None => Refusal::not_found("workspace").into(),
        })
    }
}

/// Where nobody works any more, sockets close and channels rest; back again, they go on as they were.
async fn rest_or_wake(tx: &mut Tx<'_>, row: &WorkspaceRow) -> Result<(), LedgerError> {
    let workspace_id = row.id;
    for channel in channels::list(tx.conn, workspace_id, 0, i64::MAX).await? {
        let next: Option<(ChannelState, Option<String>)> = match row.archived_at {
            Some(_) => channel.at_rest().map(|(state, reason)| (state, Some(reason))),
            None => channel.awake(),
        };
        let Some((state, state_reason)) = next else { continue };
        channels::put_state(tx.conn, channel.id, state, state_reason.as_deref()).await?;
        let channel_id = channel.id;
        tx.tell(Event::Channel(ChannelEvent { workspace_id, channel_id, state, state_reason }));
    }
    if row.archived_at.is_none() {
        tx.tell(Event::OutboxReady);
        tx.tell(Event::FlowDue);
        return Ok(());
    }
    for member in users::of_workspace(tx.conn, workspace_id).await? {
        tx.tell(Event::Revoked(Revoked { user_id: member.user.id, credential: None }));
    }
    Ok(())
}

/// Takes an archived workspace away with all that is in it: by the command line, whoever may run it.
#[derive(Debug)]
pub struct DeleteWorkspace {
    /// Which.
    pub id: WorkspaceId,
}

impl Command for DeleteWorkspace {
    /// The names of its files in the folder.
    type Answer = Vec<String>;

    fn subject(&self) -> Subject {
        everybody()
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, LedgerError> {
        users::lock(tx.conn).await?;
        let row = workspaces::find(tx.conn, self.id).await?;
        let row = row.ok_or_else(|| Refusal::not_found("workspace"))?;
        let first = workspaces::first(tx.conn).await?.filter(|first| *first != self.id);
        let Some(first) = first else {
            return Err(Refusal::conflict("first_workspace", ARCHIVE_FIRST).into());
        };
        if row.archived_at.is_none() {
            return Err(Refusal::conflict("not_archived", "Archive the workspace first.").into());
        }
        let files = drop_workspace(tx.conn, self.id).await?;
        let (subject, details) =
            (format!("workspace:{}", self.id), json!({"name": row.name, "slug": row.slug}));
        audit::note(tx.conn, (first, None), "workspace_deleted", &subject, &details, tx.now).await?;
        Ok(files)
    }
}
