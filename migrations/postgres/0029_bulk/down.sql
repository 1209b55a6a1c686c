DELETE FROM migration_notes WHERE version = '0029';
DROP TABLE bulk_items;
DROP TABLE bulk_jobs;
