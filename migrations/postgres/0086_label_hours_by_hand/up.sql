-- On SQLite the hour is moved by who writes the conversation; here the trigger costs nothing to speak of and stays.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0086', '0.2.0', TRUE);
