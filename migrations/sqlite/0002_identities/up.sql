-- The identity of a message on its platform, NOT NULL and full, kept as long as the row.
-- An imported database may hold a message twice: the oldest row stays, what refers to a
-- later one is pointed at it, and only then the key is laid.
CREATE TABLE doubled_messages AS
SELECT id, keep FROM (
    SELECT id, MIN(id) OVER (PARTITION BY channel_id, platform_message_id) AS keep
    FROM messages
    WHERE channel_id IS NOT NULL AND platform_message_id IS NOT NULL
) AS ranked
WHERE id <> keep;

UPDATE messages SET reply_to_id = (SELECT keep FROM doubled_messages AS d WHERE d.id = messages.reply_to_id)
WHERE reply_to_id IN (SELECT id FROM doubled_messages);

UPDATE raw_events SET message_id = (SELECT keep FROM doubled_messages AS d WHERE d.id = raw_events.message_id)
WHERE message_id IN (SELECT id FROM doubled_messages);

-- A file, a reaction or a delivery moves over unless the kept message has one in that place,
-- or another double brings the same: then it is the same one, told twice.
UPDATE attachments SET message_id = (SELECT keep FROM doubled_messages AS d WHERE d.id = attachments.message_id)
WHERE id IN (
    SELECT MIN(a.id) FROM attachments AS a JOIN doubled_messages AS d ON d.id = a.message_id
    WHERE NOT EXISTS (SELECT 1 FROM attachments AS k WHERE k.message_id = d.keep AND k.position = a.position)
    GROUP BY d.keep, a.position
);
DELETE FROM attachments WHERE message_id IN (SELECT id FROM doubled_messages);

INSERT INTO reactions (message_id, actor, actor_name, emojis, reacted_at)
SELECT d.keep, r.actor, MAX(r.actor_name), MAX(r.emojis), MAX(r.reacted_at)
FROM reactions AS r JOIN doubled_messages AS d ON d.id = r.message_id
WHERE NOT EXISTS (SELECT 1 FROM reactions AS k WHERE k.message_id = d.keep AND k.actor = r.actor)
GROUP BY d.keep, r.actor;
DELETE FROM reactions WHERE message_id IN (SELECT id FROM doubled_messages);

UPDATE outbox SET message_id = (SELECT keep FROM doubled_messages AS d WHERE d.id = outbox.message_id)
WHERE id IN (
    SELECT MIN(o.id) FROM outbox AS o JOIN doubled_messages AS d ON d.id = o.message_id
    WHERE NOT EXISTS (SELECT 1 FROM outbox AS k WHERE k.message_id = d.keep AND k.part = o.part)
    GROUP BY d.keep, o.part
);
DELETE FROM delivery_attempts WHERE delivery_id IN (
    SELECT id FROM outbox WHERE message_id IN (SELECT id FROM doubled_messages)
);
DELETE FROM outbox WHERE message_id IN (SELECT id FROM doubled_messages);

DELETE FROM messages WHERE id IN (SELECT id FROM doubled_messages);
UPDATE conversations SET last_seq = (
    SELECT COALESCE(MAX(m.seq), 0) FROM messages AS m WHERE m.conversation_id = conversations.id
)
WHERE NOT EXISTS (
    SELECT 1 FROM messages AS m WHERE m.conversation_id = conversations.id AND m.seq = conversations.last_seq
);
DROP TABLE doubled_messages;

CREATE TABLE message_identities (
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    platform_message_id TEXT NOT NULL,
    message_id BIGINT NOT NULL REFERENCES messages (id),
    PRIMARY KEY (channel_id, platform_message_id)
);
CREATE INDEX message_identities_by_message ON message_identities (message_id);

INSERT INTO message_identities (channel_id, platform_message_id, message_id)
SELECT channel_id, platform_message_id, id FROM messages
WHERE channel_id IS NOT NULL AND platform_message_id IS NOT NULL;

DROP INDEX messages_by_platform_id;
