DELETE FROM migration_notes WHERE version = '0030';
ALTER TABLE saved_views DROP COLUMN folder;
ALTER TABLE saved_views DROP COLUMN is_shared;
DROP TABLE canned_reply_files;
DELETE FROM canned_replies WHERE user_id IS NOT NULL;
DROP INDEX canned_replies_by_shortcut;
CREATE TABLE canned_replies_before (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    shortcut TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    UNIQUE (workspace_id, shortcut)
);
INSERT INTO canned_replies_before SELECT id, workspace_id, shortcut, content, created_at, deleted_at FROM canned_replies;
DROP TABLE canned_replies;
ALTER TABLE canned_replies_before RENAME TO canned_replies;
