//! Teams: made, changed, taken away. Never who may see what: a team says who is in it and over which channels
//! it is written to.

use super::labels::{checked_name, taken};
use crate::domain::{
    Cause, ChannelId, Event, Permission, Refusal, Revoked, Sight, TeamId, UserId, WorkspaceId,
};
use crate::ledger::{Command, LedgerError, Subject, Tx, permitted};
use crate::store::StoreError;
use crate::store::accounts::teams::{self, TeamRow};
use crate::store::accounts::{audit, users};
use crate::thread::entries;
use serde_json::{Value, json};

/// Teams of a workspace, and members or channels of a team, at most.
const MOST: usize = 500;

fn all_of(workspace: WorkspaceId) -> Subject {
    Subject::of(("teams of", workspace))
}

/// Makes a team, or changes one; what is absent stays.
#[derive(Debug, Clone)]
pub struct PutTeam {
    /// Who asks.
    pub by: (WorkspaceId, UserId),
    /// Which; none: a new one.
    pub id: Option<TeamId>,
    /// What it is called.
    pub name: Option<String>,
    /// Who leads it, one of its members; `Some(None)`: nobody.
    pub lead_id: Option<Option<UserId>>,
    /// Who is in it, and nobody else.
    pub member_ids: Option<Vec<UserId>>,
    /// Over which channels it is written to, and no others.
    pub channel_ids: Option<Vec<ChannelId>>,
}

impl Command for PutTeam {
    type Answer = TeamRow;

    fn subject(&self) -> Subject {
        all_of(self.by.0)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<TeamRow, LedgerError> {
        users::lock(tx.conn).await?;
        permitted::require(tx, self.by, Permission::TeamsManage).await?;
        let name = self.name.as_deref().map(checked_name).transpose()?;
        let mut team = self.existing(tx, name.as_deref()).await?;
        team.name = name.unwrap_or(team.name);
        let before = teams::members(tx.conn, &[team.id]).await?.remove(&team.id).unwrap_or_default();
        if let Some(members) = &self.member_ids {
            self.set_members(tx, team.id, &before, members).await?;
        }
        if let Some(channels) = &self.channel_ids {
            self.set_channels(tx, team.id, channels).await?;
        }
        team.lead_id = self.lead_id.unwrap_or(team.lead_id);
        let now = teams::members(tx.conn, &[team.id]).await?.remove(&team.id).unwrap_or_default();
        match team.lead_id {
            Some(lead) if now.contains(&lead) => {}
            // Who leaves a team leads it no more; who is named to lead it must be in it.
            Some(_) if self.lead_id.flatten().is_none() => team.lead_id = None,
            Some(_) => return Err(Refusal::invalid("bad_lead", "lead_id is no member of the team.").into()),
            None => {}
        }
        teams::update(tx.conn, &team).await.map_err(is_taken)?;
        let action = if self.id.is_some() { "team_changed" } else { "team_created" };
        let details = json!({"name": team.name, "lead_id": team.lead_id, "member_ids": now,
            "channel_ids": self.channel_ids});
        note(tx, self.by, action, team.id, &details).await?;
        Ok(team)
    }
}

impl PutTeam {
    async fn existing(&self, tx: &mut Tx<'_>, name: Option<&str>) -> Result<TeamRow, LedgerError> {
        let workspace = self.by.0;
        if let Some(id) = self.id {
            let found = teams::find(tx.conn, workspace, id).await?;
            return found.ok_or_else(|| Refusal::not_found("team").into());
        }
        let name = name.ok_or_else(|| Refusal::invalid("bad_name", "A team needs a name."))?;
        if teams::count(tx.conn, workspace).await? >= i64::try_from(MOST).unwrap_or(i64::MAX) {
            let message = format!("You have reached the limit of {MOST} teams. Delete one first.");
            return Err(Refusal::conflict("too_many_teams", message).into());
        }
        teams::insert(tx.conn, workspace, name, tx.now).await.map_err(is_taken)
    }

    async fn set_members(
        &self,
        tx: &mut Tx<'_>,
        id: TeamId,
        before: &[UserId],
        asked: &[UserId],
    ) -> Result<(), LedgerError> {
        let asked = distinct(asked)?;
        // Who may not come in any more stays a member until somebody takes them out.
        let new: Vec<UserId> = asked.iter().filter(|one| !before.contains(one)).copied().collect();
        if teams::known_users(tx.conn, self.by.0, &new).await? != new {
            let message = "member_ids contains somebody who is no colleague or cannot come in.";
            return Err(Refusal::invalid("bad_member", message).into());
        }
        teams::set_members(tx.conn, id, &asked).await?;
        let mut touched: Vec<UserId> = [before, &asked]
            .concat()
            .into_iter()
            .filter(|one| before.contains(one) != asked.contains(one))
            .collect();
        touched.sort_unstable();
        touched.dedup();
        teams::note_beside(tx.conn, &touched).await?;
        come_back(tx, self.by.0, &touched).await
    }

    async fn set_channels(
        &self,
        tx: &mut Tx<'_>,
        id: TeamId,
        asked: &[ChannelId],
    ) -> Result<(), LedgerError> {
        let asked = distinct(asked)?;
        if teams::known_channels(tx.conn, self.by.0, &asked).await? != asked {
            let message = "channel_ids contains a channel that does not exist.";
            return Err(Refusal::invalid("bad_channel", message).into());
        }
        Ok(teams::set_channels(tx.conn, id, &asked).await?)
    }
}

/// Who sees what their teams have comes back with what they see now.
async fn come_back(tx: &mut Tx<'_>, workspace: WorkspaceId, ids: &[UserId]) -> Result<(), LedgerError> {
    for id in ids {
        let account = users::find(tx.conn, workspace, *id).await?;
        if account.is_some_and(|account| account.user.sight != Sight::Everything) {
            tx.tell(Event::Revoked(Revoked { user_id: *id, credential: None }));
        }
    }
    Ok(())
}

/// Each once, in order, and not too many.
fn distinct<T: Copy + Ord>(ids: &[T]) -> Result<Vec<T>, Refusal> {
    if ids.len() > MOST {
        return Err(Refusal::invalid("bad_ids", format!("A team has at most {MOST} members and channels.")));
    }
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn is_taken(error: StoreError) -> LedgerError {
    taken(error, "team_exists", "A team with this name already exists.")
}

/// Takes a team away; its conversations go to another one, or to none.
#[derive(Debug, Clone)]
pub struct DeleteTeam {
    /// Who asks, as the conversations' timelines name them.
    pub by: (WorkspaceId, UserId),
    /// Which.
    pub id: TeamId,
    /// Whose its conversations are from then on; none: no team's.
    pub successor: Option<TeamId>,
}

impl Command for DeleteTeam {
    /// How many conversations it had.
    type Answer = usize;

    fn subject(&self) -> Subject {
        all_of(self.by.0)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<usize, LedgerError> {
        users::lock(tx.conn).await?;
        let (workspace, by) = self.by;
        permitted::require(tx, self.by, Permission::TeamsManage).await?;
        let team = teams::find(tx.conn, workspace, self.id).await?;
        let team = team.ok_or_else(|| Refusal::not_found("team"))?;
        if let Some(to) = self.successor
            && (to == team.id || teams::find(tx.conn, workspace, to).await?.is_none())
        {
            let message = "successor_id is no other team of this workspace.";
            return Err(Refusal::invalid("bad_successor", message).into());
        }
        let account = users::find(tx.conn, workspace, by).await?;
        let cause = account.map_or_else(Cause::system, |account| Cause::user(&account.user));
        let count = entries::hand_over_team(tx, (workspace, team.id), self.successor, &cause).await?;
        let members = teams::members(tx.conn, &[team.id]).await?.remove(&team.id).unwrap_or_default();
        let details = json!({"name": team.name, "conversations": count, "successor": self.successor});
        note(tx, self.by, "team_deleted", team.id, &details).await?;
        teams::delete(tx.conn, team.id).await?;
        teams::note_beside(tx.conn, &members).await?;
        come_back(tx, workspace, &members).await?;
        Ok(count)
    }
}

async fn note(
    tx: &mut Tx<'_>,
    (workspace, by): (WorkspaceId, UserId),
    action: &str,
    id: TeamId,
    details: &Value,
) -> Result<(), LedgerError> {
    Ok(audit::note(tx.conn, (workspace, Some(by)), action, &format!("team:{id}"), details, tx.now).await?)
}
