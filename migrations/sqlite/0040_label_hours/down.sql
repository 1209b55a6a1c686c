DELETE FROM migration_notes WHERE version BETWEEN '0040' AND '0049';
DROP TRIGGER conversation_labels_moved;
DROP TRIGGER conversation_labels_put;
ALTER TABLE conversation_labels DROP COLUMN active_hour;
