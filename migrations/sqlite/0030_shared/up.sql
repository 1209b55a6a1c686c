-- Canned replies are the team's or one colleague's own (`user_id`), lie in folders and have files; each has its shortcut
-- once among the team's and once among one's own. Views can be the team's, too, and lie in folders.
CREATE TABLE canned_replies_anew (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    shortcut TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    user_id BIGINT REFERENCES users (id),
    folder TEXT
);
INSERT INTO canned_replies_anew (id, workspace_id, shortcut, content, created_at, deleted_at)
SELECT id, workspace_id, shortcut, content, created_at, deleted_at FROM canned_replies;
-- Ids are never used again: not those of the last ones that were deleted either.
INSERT INTO sqlite_sequence (name, seq)
SELECT 'canned_replies_anew', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'canned_replies_anew');
UPDATE sqlite_sequence SET seq = COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'canned_replies'), 0)
WHERE name = 'canned_replies_anew';
DROP TABLE canned_replies;
ALTER TABLE canned_replies_anew RENAME TO canned_replies;
CREATE UNIQUE INDEX canned_replies_by_shortcut ON canned_replies (workspace_id, COALESCE(user_id, 0), shortcut);

CREATE TABLE canned_reply_files (
    canned_reply_id BIGINT NOT NULL REFERENCES canned_replies (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    media_id BIGINT NOT NULL REFERENCES media (id),
    PRIMARY KEY (canned_reply_id, position)
);
CREATE INDEX canned_reply_files_by_media ON canned_reply_files (media_id);

ALTER TABLE saved_views ADD COLUMN is_shared BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE saved_views ADD COLUMN folder TEXT;

-- An older program would show to everybody what is one colleague's own: it does not work beside this one.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0030', '0.2.0', FALSE);
