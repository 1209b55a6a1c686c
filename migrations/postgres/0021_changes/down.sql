DELETE FROM migration_notes WHERE version = '0021';
ALTER TABLE conversations DROP COLUMN changes;
