-- Canned replies are the team's or one colleague's own (`user_id`), lie in folders and have files; each has its shortcut
-- once among the team's and once among one's own. Views can be the team's, too, and lie in folders.
ALTER TABLE canned_replies ADD COLUMN user_id BIGINT REFERENCES users (id);
ALTER TABLE canned_replies ADD COLUMN folder TEXT;
ALTER TABLE canned_replies DROP CONSTRAINT canned_replies_workspace_id_shortcut_key;
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
