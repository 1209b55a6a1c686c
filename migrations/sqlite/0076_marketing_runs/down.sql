DELETE FROM migration_notes WHERE version = '0076';
ALTER TABLE flow_runs DROP COLUMN is_marketing;
