DELETE FROM migration_notes WHERE version = '0019';
DELETE FROM conversation_labels WHERE label_id IN (SELECT id FROM labels WHERE deleted_at IS NOT NULL);
DELETE FROM labels WHERE deleted_at IS NOT NULL;
DELETE FROM canned_replies WHERE deleted_at IS NOT NULL;
DELETE FROM saved_views WHERE deleted_at IS NOT NULL;
ALTER TABLE saved_views DROP COLUMN deleted_at;
ALTER TABLE canned_replies DROP COLUMN deleted_at;
ALTER TABLE labels DROP COLUMN deleted_at;
