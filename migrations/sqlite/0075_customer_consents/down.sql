DELETE FROM migration_notes WHERE version = '0075';
DROP TABLE customer_consents;
