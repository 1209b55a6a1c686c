-- Our copy of the messages that a platform approved for a business account (`business`), with what our admins say of
-- each: its title, whether it is hidden, who may use it. `shape` is what it looks like, in JSON of our own; `status_at` is
-- the platform's own moment, so that news that come late change nothing.
CREATE TABLE templates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    business TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    status_at BIGINT NOT NULL,
    category TEXT,
    quality TEXT,
    reason TEXT,
    is_named BOOLEAN NOT NULL,
    shape TEXT NOT NULL,
    search_text TEXT NOT NULL,
    title TEXT,
    is_hidden BOOLEAN NOT NULL,
    access TEXT NOT NULL,
    granted_to TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX templates_by_name ON templates (workspace_id, business, name, language);
CREATE INDEX templates_updated ON templates (updated_at);

-- When the templates of a business account were last asked for, and when they are again.
CREATE TABLE template_syncs (
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    business TEXT NOT NULL,
    synced_at BIGINT,
    due_at BIGINT NOT NULL,
    fault TEXT,
    PRIMARY KEY (workspace_id, business)
);

-- What a platform calls a file of ours that lies there already, until it takes it away.
CREATE TABLE platform_files (
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    media_id BIGINT NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    platform_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (channel_id, media_id)
);
CREATE INDEX platform_files_by_media ON platform_files (media_id);

-- Tables that an older program never asks for: it may go on working beside it.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0070', '0.2.0', TRUE);
