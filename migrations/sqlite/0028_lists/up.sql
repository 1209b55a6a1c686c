-- Why somebody has a conversation; and what one person thinks of it beside how far they read: whether they follow it,
-- how often they marked it as unread, whether it stays so until they open it anew, and of what they want to be
-- reminded. `reminder_waits_for`: null (remind whatever happens), else whose answer makes it needless, by messages
-- after `reminder_seq`.
ALTER TABLE conversations ADD COLUMN assigned_because TEXT;
ALTER TABLE participants ADD COLUMN is_following BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE participants ADD COLUMN marked_unread BIGINT NOT NULL DEFAULT 0;
ALTER TABLE participants ADD COLUMN is_kept_unread BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE participants ADD COLUMN reminder_at BIGINT;
ALTER TABLE participants ADD COLUMN reminder_waits_for TEXT;
ALTER TABLE participants ADD COLUMN reminder_seq BIGINT NOT NULL DEFAULT 0;
CREATE INDEX participants_following ON participants (user_id, conversation_id) WHERE is_following;
CREATE INDEX participants_to_remind ON participants (reminder_at) WHERE reminder_at IS NOT NULL;

-- Who waits: nobody who is blocked or spam, nobody to whom we wrote last, and everybody else whose word is the last.
UPDATE conversations SET waiting_since = NULL
WHERE waiting_since IS NOT NULL AND (
    EXISTS (SELECT 1 FROM customers AS c
        WHERE c.id = conversations.customer_id AND (c.is_blocked OR c.is_spam))
    OR EXISTS (SELECT 1 FROM messages AS m
        WHERE m.conversation_id = conversations.id AND m.seq = conversations.last_seq
            AND m.sender_type IN ('support', 'ai') AND NOT m.is_private)
);
UPDATE conversations SET waiting_since = (
    SELECT MIN(m.created_at) FROM messages AS m
    WHERE m.conversation_id = conversations.id AND m.is_counted AND m.seq > conversations.answered_seq
)
WHERE waiting_since IS NULL AND kind = 'customer'
    AND EXISTS (SELECT 1 FROM messages AS m
        WHERE m.conversation_id = conversations.id AND m.seq = conversations.last_seq
            AND m.sender_type = 'customer' AND m.is_counted)
    AND NOT EXISTS (SELECT 1 FROM customers AS c
        WHERE c.id = conversations.customer_id AND (c.is_blocked OR c.is_spam));
CREATE INDEX conversations_waiting ON conversations (workspace_id, waiting_since, id)
WHERE waiting_since IS NOT NULL AND status <> 'closed' AND status <> 'spam';

INSERT INTO migration_notes (version, release, only_adds) VALUES ('0028', '0.2.0', TRUE);
