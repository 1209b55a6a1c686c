-- What was not closed before the triggers of 0041 were there.
INSERT OR IGNORE INTO unclosed (workspace_id, assignee_id, conversation_id)
SELECT workspace_id, COALESCE(assignee_id, 0), id FROM conversations WHERE status <> 'closed' AND status <> 'spam';
