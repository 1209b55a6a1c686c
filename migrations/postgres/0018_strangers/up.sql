-- When the names of visitors ended (they proved who they are, or a colleague ended them): tokens given before open
-- nothing. A name that never proved anything ends for ever.
CREATE TABLE ended_visitors (
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    visitor TEXT NOT NULL,
    ended_at BIGINT NOT NULL,
    PRIMARY KEY (channel_id, visitor)
);
CREATE INDEX ended_visitors_by_time ON ended_visitors (ended_at);
CREATE INDEX ai_turns_by_time ON ai_turns (workspace_id, created_at);
CREATE INDEX media_by_uploader ON media (uploaded_by);

-- Who proved who they are before this came still holds the token of the nobody they were: it ends, too.
INSERT INTO ended_visitors (channel_id, visitor, ended_at)
SELECT nobody.channel_id, nobody.external_id, 9000000000000
FROM customer_identities AS nobody
WHERE nobody.kind = 'visitor' AND nobody.external_id NOT LIKE 'user:%' AND EXISTS (
    SELECT 1 FROM customer_identities AS proved
    WHERE proved.customer_id = nobody.customer_id AND proved.channel_id = nobody.channel_id
        AND proved.kind = 'visitor' AND proved.external_id LIKE 'user:%'
        AND COALESCE(proved.merged_from, 0) = COALESCE(nobody.merged_from, 0)
);

-- What strangers used up at one of several servers counts at all of them; forgotten as it grows again.
CREATE TABLE budgets_spent (
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    until BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    PRIMARY KEY (kind, owner)
);
CREATE INDEX budgets_spent_told ON budgets_spent (told_at);

-- Whose conversations somebody called spam: what they write next is spam, too.
ALTER TABLE customers ADD COLUMN is_spam BOOLEAN NOT NULL DEFAULT FALSE;

-- An older program does not know the status `spam`: it cannot work beside this one.
INSERT INTO migration_notes (version, release, only_adds) VALUES ('0018', '0.2.0', false);
