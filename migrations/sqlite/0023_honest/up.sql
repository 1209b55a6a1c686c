-- Who is gone holds no conversation: until now a colleague who was removed kept theirs, and nobody saw them.
UPDATE conversations SET assignee_id = NULL, revision = revision + 1
WHERE assignee_id IN (SELECT id FROM users WHERE deactivated_at IS NOT NULL);

-- What the last test of a channel found: no fault where it was tested and all was there.
ALTER TABLE channels ADD COLUMN tested_at BIGINT;
ALTER TABLE channels ADD COLUMN test_fault TEXT;

INSERT INTO migration_notes (version, release, only_adds) VALUES ('0023', '0.2.0', TRUE);
