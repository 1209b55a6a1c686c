DELETE FROM migration_notes WHERE version = '0022';
ALTER TABLE api_tokens DROP COLUMN expires_at;
ALTER TABLE login_sessions DROP COLUMN address;
ALTER TABLE login_sessions DROP COLUMN device;
ALTER TABLE audit DROP COLUMN address;
