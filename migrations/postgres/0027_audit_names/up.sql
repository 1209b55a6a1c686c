-- What everybody and everything was called when it was done, and the folded words by which an entry is found.
-- Of older entries only the words are made up for, with today's names.
ALTER TABLE audit ADD COLUMN user_name TEXT;
ALTER TABLE audit ADD COLUMN subject_name TEXT;
ALTER TABLE audit ADD COLUMN search_text TEXT;
UPDATE audit SET search_text = LOWER(REPLACE(action, '_', ' ') || ' ' || subject || ' '
    || COALESCE((SELECT u.full_name FROM users AS u WHERE u.id = audit.user_id), ''));
CREATE INDEX audit_by_subject ON audit (workspace_id, subject, id);

INSERT INTO migration_notes (version, release, only_adds) VALUES ('0027', '0.2.0', TRUE);
