DROP INDEX conversation_labels_by_label;
CREATE INDEX conversation_labels_by_hour ON conversation_labels (label_id, active_hour, conversation_id);
