DELETE FROM migration_notes WHERE version = '0034';
DELETE FROM bulk_jobs WHERE undoes IS NOT NULL;
ALTER TABLE bulk_items DROP COLUMN event_seq;
ALTER TABLE bulk_items DROP COLUMN earlier;
DROP INDEX bulk_jobs_by_undone;
ALTER TABLE bulk_jobs DROP COLUMN undoes;
ALTER TABLE bulk_jobs DROP COLUMN address;
