DELETE FROM migration_notes WHERE version = '0025';
DROP TABLE customer_merges;
