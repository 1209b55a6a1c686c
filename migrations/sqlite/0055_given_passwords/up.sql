-- Whether somebody else chose the password of an account: whoever knows it could come along into another workspace.
ALTER TABLE accounts ADD COLUMN password_is_given BOOLEAN NOT NULL DEFAULT FALSE;

INSERT INTO migration_notes (version, release, only_adds) VALUES ('0055', '0.2.0', TRUE);
