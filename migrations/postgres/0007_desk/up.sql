-- What a workspace decided for itself: a name and a JSON value each; what is absent is the default.
CREATE TABLE settings (
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (workspace_id, name)
);
