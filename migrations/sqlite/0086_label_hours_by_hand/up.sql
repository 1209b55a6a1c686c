-- A trigger on a column that every message changes made SQLite read the whole row before and after: a third of what a
-- message's rows cost. The hour is moved by who writes the conversation now (store/conversations/append.rs).
DROP TRIGGER conversations_active;

-- An older program beside this one would not move it.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0086', '0.2.0', FALSE);
