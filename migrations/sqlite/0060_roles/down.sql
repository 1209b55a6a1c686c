DELETE FROM migration_notes WHERE version = '0060';
DROP TABLE roles;
