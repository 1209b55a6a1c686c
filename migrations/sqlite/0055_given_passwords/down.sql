DELETE FROM migration_notes WHERE version = '0055';
ALTER TABLE accounts DROP COLUMN password_is_given;
