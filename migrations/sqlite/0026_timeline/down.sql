DELETE FROM migration_notes WHERE version = '0026';
DROP TABLE conversation_events;
ALTER TABLE conversations DROP COLUMN event_seq;
