-- Whether what a run says is an offer: the broadcast that began it is marked so.
ALTER TABLE flow_runs ADD COLUMN is_marketing BOOLEAN NOT NULL DEFAULT FALSE;

-- An older program would say offers to who wants none: it does not work beside this one.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0076', '0.2.0', FALSE);
