-- A team's conversations in the order of the list; what is no team's is not in it.
CREATE INDEX CONCURRENTLY conversations_by_team ON conversations (workspace_id, team_id, last_activity_at, id)
    WHERE team_id IS NOT NULL;
