-- What is due is asked for program by program, so that one that hangs makes no other wait.
DROP INDEX hook_deliveries_due;
CREATE INDEX hook_deliveries_due ON hook_deliveries (hook_id, state, due_at);

INSERT INTO migration_notes (version, release, only_adds) VALUES ('0024', '0.2.0', TRUE);
