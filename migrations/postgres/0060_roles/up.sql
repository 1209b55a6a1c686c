-- What a role allows: the workspace's own roles, and those that come made (admin, supervisor, agent, viewer) once somebody
-- changed them; until then they allow what the program says. `permissions`: words of a closed list, with spaces;
-- `sight`: what of customers' conversations it shows.
CREATE TABLE roles (
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    permissions TEXT NOT NULL,
    sight TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, slug)
);

-- An older program knows only admin and agent: it could not read a user with another role.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0060', '0.2.0', FALSE);
