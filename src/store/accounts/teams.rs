//! Teams: who is in them, over which channels customers come to them. Never which conversations they have:
//! that stands in each of those.

use crate::domain::{ChannelId, TeamId, TeamName, Timestamp, UserId, WorkspaceId, user};
use crate::on;
use crate::store::db::in_list::among;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{channels, team_channels, team_members, teams, users};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// A team's row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = teams)]
pub struct TeamRow {
    /// Unique in the server.
    pub id: TeamId,
    /// What it is called.
    pub name: String,
    /// Who leads it.
    pub lead_id: Option<UserId>,
    /// Since when it is there.
    pub created_at: Timestamp,
}

/// A workspace's teams, by their names, after one.
pub async fn page(
    conn: &mut Conn,
    workspace: WorkspaceId,
    after: &str,
    limit: i64,
) -> Result<Vec<TeamRow>, StoreError> {
    Ok(on!(conn, db => teams::table
        .filter(teams::workspace_id.eq(workspace).and(teams::name.gt(after)))
        .order(teams::name)
        .limit(limit)
        .select(TeamRow::as_select())
        .load(db).await)?)
}

/// One team.
pub async fn find(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: TeamId,
) -> Result<Option<TeamRow>, StoreError> {
    Ok(on!(conn, db => teams::table
        .filter(teams::workspace_id.eq(workspace).and(teams::id.eq(id)))
        .select(TeamRow::as_select())
        .first(db).await.optional())?)
}

/// How many teams a workspace has.
pub async fn count(conn: &mut Conn, workspace: WorkspaceId) -> Result<i64, StoreError> {
    Ok(on!(conn, db => teams::table
        .filter(teams::workspace_id.eq(workspace))
        .count()
        .get_result(db).await)?)
}

/// Makes a team; [`StoreError::Taken`] if the name is.
pub async fn insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    name: &str,
    now: Timestamp,
) -> Result<TeamRow, StoreError> {
    Ok(on!(conn, db => diesel::insert_into(teams::table)
        .values((
            teams::workspace_id.eq(workspace),
            teams::name.eq(name),
            teams::created_at.eq(now),
        ))
        .returning(TeamRow::as_returning())
        .get_result(db).await)?)
}

/// Writes what may change of a team; [`StoreError::Taken`] if the name is.
pub async fn update(conn: &mut Conn, team: &TeamRow) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(teams::table.find(team.id))
        .set((teams::name.eq(&team.name), teams::lead_id.eq(team.lead_id)))
        .kept().execute(db).await)?;
    Ok(())
}

/// Takes a team away, with who is in it and where its customers come from.
pub async fn delete(conn: &mut Conn, id: TeamId) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(team_members::table.filter(team_members::team_id.eq(id)))
        .execute(db).await)?;
    on!(conn, db => diesel::delete(team_channels::table.filter(team_channels::team_id.eq(id)))
        .execute(db).await)?;
    on!(conn, db => diesel::delete(teams::table.filter(teams::id.eq(id))).execute(db).await)?;
    Ok(())
}

/// Who is in each of several teams.
pub async fn members(conn: &mut Conn, ids: &[TeamId]) -> Result<HashMap<TeamId, Vec<UserId>>, StoreError> {
    let rows: Vec<(TeamId, UserId)> = on!(conn, db => team_members::table
        .filter(among(team_members::team_id, ids))
        .order((team_members::team_id, team_members::user_id))
        .select((team_members::team_id, team_members::user_id))
        .load(db).await)?;
    Ok(by_team(rows))
}

/// Over which channels each of several teams is written to.
pub async fn channels_of(
    conn: &mut Conn,
    ids: &[TeamId],
) -> Result<HashMap<TeamId, Vec<ChannelId>>, StoreError> {
    let rows: Vec<(TeamId, ChannelId)> = on!(conn, db => team_channels::table
        .filter(among(team_channels::team_id, ids))
        .order((team_channels::team_id, team_channels::channel_id))
        .select((team_channels::team_id, team_channels::channel_id))
        .load(db).await)?;
    Ok(by_team(rows))
}

fn by_team<T>(rows: Vec<(TeamId, T)>) -> HashMap<TeamId, Vec<T>> {
    let mut found: HashMap<TeamId, Vec<T>> = HashMap::new();
    for (team, one) in rows {
        found.entry(team).or_default().push(one);
    }
    found
}

/// Which of these users are of the workspace and can come in.
pub async fn known_users(
    conn: &mut Conn,
    workspace: WorkspaceId,
    ids: &[UserId],
) -> Result<Vec<UserId>, StoreError> {
    Ok(on!(conn, db => users::table
        .filter(users::workspace_id.eq(workspace).and(among(users::id, ids))
            .and(users::deactivated_at.is_null()))
        .order(users::id)
        .select(users::id)
        .load(db).await)?)
}

/// Which of these channels are of the workspace.
pub async fn known_channels(
    conn: &mut Conn,
    workspace: WorkspaceId,
    ids: &[ChannelId],
) -> Result<Vec<ChannelId>, StoreError> {
    Ok(on!(conn, db => channels::table
        .filter(channels::workspace_id.eq(workspace).and(among(channels::id, ids)))
        .order(channels::id)
        .select(channels::id)
        .load(db).await)?)
}

/// These are in a team, and nobody else.
pub async fn set_members(conn: &mut Conn, id: TeamId, members: &[UserId]) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(team_members::table.filter(team_members::team_id.eq(id)))
        .execute(db).await)?;
    for member in members {
        on!(conn, db => diesel::insert_into(team_members::table)
            .values((team_members::team_id.eq(id), team_members::user_id.eq(*member)))
            .execute(db).await)?;
    }
    Ok(())
}

/// A team is written to over these channels, and no others.
pub async fn set_channels(conn: &mut Conn, id: TeamId, channels: &[ChannelId]) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(team_channels::table.filter(team_channels::team_id.eq(id)))
        .execute(db).await)?;
    for channel in channels {
        on!(conn, db => diesel::insert_into(team_channels::table)
            .values((team_channels::team_id.eq(id), team_channels::channel_id.eq(*channel)))
            .execute(db).await)?;
    }
    Ok(())
}

/// Writes beside each of these users which teams they are in.
pub async fn note_beside(conn: &mut Conn, ids: &[UserId]) -> Result<(), StoreError> {
    for id in ids {
        let theirs: Vec<TeamId> = on!(conn, db => team_members::table
            .filter(team_members::user_id.eq(*id))
            .order(team_members::team_id)
            .select(team_members::team_id)
            .load(db).await)?;
        on!(conn, db => diesel::update(users::table.filter(users::id.eq(*id)))
            .set(users::team_ids.eq(user::teams_written(&theirs)))
            .kept().execute(db).await)?;
    }
    Ok(())
}

/// The one team that is written to over a channel; none: there is none, or several.
pub async fn sole_of_channel(conn: &mut Conn, channel: ChannelId) -> Result<Option<TeamId>, StoreError> {
    let found: Vec<TeamId> = on!(conn, db => team_channels::table
        .filter(team_channels::channel_id.eq(channel))
        .limit(2)
        .select(team_channels::team_id)
        .load(db).await)?;
    Ok(match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    })
}

/// What several teams are called.
pub async fn names(conn: &mut Conn, ids: &[TeamId]) -> Result<HashMap<TeamId, TeamName>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(TeamId, String)> = on!(conn, db => teams::table
        .filter(among(teams::id, ids)).select((teams::id, teams::name)).load(db).await)?;
    Ok(rows.into_iter().map(|(id, name)| (id, TeamName { id, name })).collect())
}
