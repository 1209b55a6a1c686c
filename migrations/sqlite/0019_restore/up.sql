-- What people delete by hand comes back for 30 days: the row stays, under a name that nobody else can have.
ALTER TABLE labels ADD COLUMN deleted_at BIGINT;
ALTER TABLE canned_replies ADD COLUMN deleted_at BIGINT;
ALTER TABLE saved_views ADD COLUMN deleted_at BIGINT;

-- An older program would show what was deleted: it cannot work beside this one.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0019', '0.2.0', false);
