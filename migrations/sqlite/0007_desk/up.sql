-- What a workspace decided for itself: a name and a JSON value each; what is absent is the default.
CREATE TABLE settings (
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (workspace_id, name)
);

-- A note among colleagues: never owed to anybody, never shown to the customer. Whom it mentions: JSON.
ALTER TABLE messages ADD COLUMN is_private BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE messages ADD COLUMN mentions TEXT;

-- The place of the newest note that mentions this user.
ALTER TABLE participants ADD COLUMN mention_seq BIGINT NOT NULL DEFAULT 0;

ALTER TABLE conversations ADD COLUMN priority TEXT;
ALTER TABLE conversations ADD COLUMN about_conversation_id BIGINT REFERENCES conversations (id);
CREATE INDEX conversations_by_priority ON conversations (workspace_id, priority, last_activity_at, id);
CREATE INDEX conversations_by_kind ON conversations (workspace_id, kind, last_activity_at, id);
CREATE INDEX conversations_by_waking ON conversations (status, snoozed_until);
CREATE INDEX conversations_by_subject ON conversations (about_conversation_id);

CREATE TABLE labels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    color TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (workspace_id, name_key)
);

CREATE TABLE conversation_labels (
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    label_id BIGINT NOT NULL REFERENCES labels (id),
    PRIMARY KEY (conversation_id, label_id)
);
CREATE INDEX conversation_labels_by_label ON conversation_labels (label_id, conversation_id);

CREATE TABLE canned_replies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    shortcut TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (workspace_id, shortcut)
);

-- What a user looks at again and again: JSON of the list's query.
CREATE TABLE saved_views (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    filter TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX saved_views_by_user ON saved_views (user_id, id);

ALTER TABLE customers ADD COLUMN custom_fields TEXT NOT NULL DEFAULT '{}';
ALTER TABLE customers ADD COLUMN is_blocked BOOLEAN NOT NULL DEFAULT FALSE;
-- Of which customer an identity was before two of them were merged by hand.
ALTER TABLE customer_identities ADD COLUMN merged_from BIGINT;

-- What can be searched: words as `store::search` folds and parts them, the row's id is the message's or the
-- customer's. Only words: the text itself stays in its table.
CREATE VIRTUAL TABLE search_messages USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');
CREATE VIRTUAL TABLE search_customers USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');
INSERT INTO search_messages (rowid, words) SELECT id, lower(content) FROM messages
WHERE content IS NOT NULL AND deleted_at IS NULL;
INSERT INTO search_customers (rowid, words) SELECT id, search_text FROM customers;

-- Who changed what: the team, the channels, the settings, what was erased, merged, exported. Never a secret.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    user_id BIGINT REFERENCES users (id),
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX audit_by_workspace ON audit (workspace_id, id);

-- What became of a message beside its deliveries: receipts, echoes.
CREATE TABLE message_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id BIGINT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    details TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX message_events_by_message ON message_events (message_id, id);

-- Since when a customer waits for an answer, and each wait that was answered.
ALTER TABLE conversations ADD COLUMN waiting_since BIGINT;
CREATE TABLE answered_waits (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    conversation_id BIGINT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    channel_id BIGINT REFERENCES channels (id),
    user_id BIGINT REFERENCES users (id),
    asked_at BIGINT NOT NULL,
    answered_at BIGINT NOT NULL
);
CREATE INDEX answered_waits_by_time ON answered_waits (workspace_id, answered_at);
CREATE INDEX answered_waits_by_conversation ON answered_waits (conversation_id);
