-- From where something was done, a sign-in began, and until when a token is good.
ALTER TABLE audit ADD COLUMN address TEXT;
ALTER TABLE login_sessions ADD COLUMN device TEXT;
ALTER TABLE login_sessions ADD COLUMN address TEXT;
ALTER TABLE api_tokens ADD COLUMN expires_at BIGINT;
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0022', '0.1.0', TRUE);
