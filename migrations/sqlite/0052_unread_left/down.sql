DELETE FROM migration_notes WHERE version IN ('0052', '0053');
DROP TRIGGER participants_left;
DROP TRIGGER participants_unread;
DROP TABLE unread_left;
DROP TABLE unread_looked;
