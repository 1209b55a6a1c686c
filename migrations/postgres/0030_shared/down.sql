DELETE FROM migration_notes WHERE version = '0030';
ALTER TABLE saved_views DROP COLUMN folder;
ALTER TABLE saved_views DROP COLUMN is_shared;
DROP TABLE canned_reply_files;
DELETE FROM canned_replies WHERE user_id IS NOT NULL;
DROP INDEX canned_replies_by_shortcut;
ALTER TABLE canned_replies DROP COLUMN folder;
ALTER TABLE canned_replies DROP COLUMN user_id;
ALTER TABLE canned_replies ADD UNIQUE (workspace_id, shortcut);
