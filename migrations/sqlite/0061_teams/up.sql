-- Teams: who is in them, over which channels customers come to them, who leads them. A conversation is one team's or none's
-- (`team_id`; no key of a table this large is checked: whoever takes a team away takes it from its conversations).
CREATE TABLE teams (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    lead_id BIGINT REFERENCES users (id),
    created_at BIGINT NOT NULL,
    UNIQUE (workspace_id, name)
);
CREATE TABLE team_members (
    team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id),
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_by_user ON team_members (user_id);
CREATE TABLE team_channels (
    team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, channel_id)
);
CREATE INDEX team_channels_by_channel ON team_channels (channel_id);

ALTER TABLE conversations ADD COLUMN team_id BIGINT;
-- Beside a user: the ids of their teams, with spaces, as team_members has them.
ALTER TABLE users ADD COLUMN team_ids TEXT NOT NULL DEFAULT '';

-- An older program works beside this one: it knows no teams, and leaves them as they are.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0061', '0.2.0', TRUE), ('0062', '0.2.0', TRUE);
