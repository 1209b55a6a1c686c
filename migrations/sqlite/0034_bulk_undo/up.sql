-- The way back from a change of many conversations: from where it was asked for, which job a job undoes, what would make
-- each conversation as it was, and the place in its timeline by which one knows whether somebody changed it since.
ALTER TABLE bulk_jobs ADD COLUMN address TEXT;
-- No reference: the job that is undone is forgotten first.
ALTER TABLE bulk_jobs ADD COLUMN undoes BIGINT;
CREATE UNIQUE INDEX bulk_jobs_by_undone ON bulk_jobs (undoes);
ALTER TABLE bulk_items ADD COLUMN earlier TEXT;
ALTER TABLE bulk_items ADD COLUMN event_seq BIGINT;

-- An older program would take an undo for the change itself: it does not work beside this one.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0034', '0.2.0', FALSE);
