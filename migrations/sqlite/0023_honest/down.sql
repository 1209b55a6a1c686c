DELETE FROM migration_notes WHERE version = '0023';
ALTER TABLE channels DROP COLUMN test_fault;
ALTER TABLE channels DROP COLUMN tested_at;
