DELETE FROM migration_notes WHERE version IN ('0052', '0053');
DROP TRIGGER participants_left ON participants;
DROP TRIGGER participants_unread ON participants;
DROP FUNCTION rapport_unread_left;
DROP TABLE unread_left;
DROP TABLE unread_looked;
