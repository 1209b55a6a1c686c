DELETE FROM migration_notes WHERE version IN ('0061', '0062');
ALTER TABLE users DROP COLUMN team_ids;
ALTER TABLE conversations DROP COLUMN team_id;
DROP TABLE team_channels;
DROP TABLE team_members;
DROP TABLE teams;
