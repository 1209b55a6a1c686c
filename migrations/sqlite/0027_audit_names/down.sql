DELETE FROM migration_notes WHERE version = '0027';
DROP INDEX audit_by_subject;
ALTER TABLE audit DROP COLUMN search_text;
ALTER TABLE audit DROP COLUMN subject_name;
ALTER TABLE audit DROP COLUMN user_name;
