CREATE INDEX CONCURRENTLY conversation_labels_by_hour ON conversation_labels (label_id, active_hour, conversation_id);
