-- Times are UTC milliseconds. JSON is TEXT. Ids are never used again.
CREATE TABLE workspaces (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    full_name TEXT NOT NULL,
    email TEXT,
    search_text TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    avatar_media_id BIGINT,
    created_at BIGINT NOT NULL,
    deactivated_at BIGINT
);
CREATE INDEX users_by_workspace ON users (workspace_id, id);

CREATE TABLE login_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (id),
    token_hash BLOB NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX login_sessions_by_user ON login_sessions (user_id);

CREATE TABLE api_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    seen_at BIGINT
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id);

CREATE TABLE channels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    external_id TEXT NOT NULL,
    options TEXT NOT NULL,
    credentials BLOB NOT NULL,
    state TEXT NOT NULL,
    state_reason TEXT,
    last_event_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (kind, external_id)
);

CREATE TABLE customers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    name TEXT,
    username TEXT,
    avatar_url TEXT,
    locale TEXT,
    referral TEXT,
    search_text TEXT NOT NULL,
    enhanced_data_fetched BOOLEAN NOT NULL,
    unreachable BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX customers_by_workspace ON customers (workspace_id, id);

CREATE TABLE customer_identities (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    customer_id BIGINT NOT NULL REFERENCES customers (id),
    kind TEXT NOT NULL,
    external_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (channel_id, external_id)
);
CREATE INDEX customer_identities_by_customer ON customer_identities (customer_id, channel_id);

-- Telegram: bots connected to owners' personal accounts.
CREATE TABLE business_connections (
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    connection_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (channel_id, connection_id)
);

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    kind TEXT NOT NULL,
    channel_id BIGINT REFERENCES channels (id),
    customer_id BIGINT REFERENCES customers (id),
    thread TEXT NOT NULL,
    status TEXT NOT NULL,
    assignee_id BIGINT REFERENCES users (id),
    version BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    unread_total BIGINT NOT NULL,
    answered_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    last_activity_at BIGINT NOT NULL,
    window_expires_at BIGINT,
    snoozed_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (channel_id, customer_id, thread)
);
CREATE INDEX conversations_by_activity ON conversations (workspace_id, last_activity_at, id);
CREATE INDEX conversations_by_status ON conversations (workspace_id, status, last_activity_at, id);
CREATE INDEX conversations_by_assignee ON conversations (workspace_id, assignee_id, last_activity_at, id);
CREATE INDEX conversations_by_channel ON conversations (channel_id, last_activity_at, id);
CREATE INDEX conversations_by_customer ON conversations (customer_id);
CREATE INDEX conversations_by_update ON conversations (updated_at);

-- The one conversation that a set of colleagues has.
CREATE TABLE direct_conversations (
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    members TEXT NOT NULL,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    PRIMARY KEY (workspace_id, members)
);

-- Per user: how far they read. In a direct conversation also: who takes part.
CREATE TABLE participants (
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    is_member BOOLEAN NOT NULL,
    read_seq BIGINT NOT NULL,
    read_count BIGINT NOT NULL,
    own_count BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX participants_by_user ON participants (user_id, conversation_id);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    channel_id BIGINT REFERENCES channels (id),
    seq BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sender_type TEXT NOT NULL,
    sender_user_id BIGINT REFERENCES users (id),
    sender_customer_id BIGINT REFERENCES customers (id),
    sender_name TEXT,
    author TEXT NOT NULL,
    origin TEXT NOT NULL,
    message_type TEXT NOT NULL,
    content TEXT,
    details TEXT,
    reply_to_id BIGINT,
    reply_to_platform_id TEXT,
    platform_message_id TEXT,
    client_id TEXT,
    fingerprint BLOB,
    status TEXT NOT NULL,
    error_code TEXT,
    error_message TEXT,
    is_counted BOOLEAN NOT NULL,
    has_attachments BOOLEAN NOT NULL,
    has_reactions BOOLEAN NOT NULL,
    feedback_rating TEXT,
    feedback_comment TEXT,
    feedback_at BIGINT,
    created_at BIGINT NOT NULL,
    platform_sent_at BIGINT,
    edited_at BIGINT,
    edit_order BIGINT,
    deleted_at BIGINT,
    UNIQUE (conversation_id, seq),
    UNIQUE (conversation_id, author, client_id)
);
CREATE INDEX messages_by_time ON messages (workspace_id, created_at);
CREATE INDEX messages_by_version ON messages (conversation_id, version);
CREATE INDEX messages_by_platform_id ON messages (channel_id, platform_message_id);

CREATE TABLE attachments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    message_id BIGINT NOT NULL REFERENCES messages (id),
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    media_id BIGINT,
    remote TEXT,
    file_name TEXT,
    mime_type TEXT,
    size BIGINT,
    duration BIGINT,
    width BIGINT,
    height BIGINT,
    processing_status TEXT NOT NULL,
    processing_error TEXT,
    transcription TEXT,
    tries BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    UNIQUE (message_id, position)
);
CREATE INDEX attachments_due ON attachments (processing_status, due_at);

CREATE TABLE media (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    storage_key TEXT NOT NULL UNIQUE,
    file_name TEXT,
    mime_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    width BIGINT,
    height BIGINT,
    uploaded_by TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE reactions (
    message_id BIGINT NOT NULL REFERENCES messages (id),
    actor TEXT NOT NULL,
    actor_name TEXT,
    emojis TEXT NOT NULL,
    reacted_at BIGINT NOT NULL,
    PRIMARY KEY (message_id, actor)
);

-- The raw event behind a message that we could not show whole.
CREATE TABLE raw_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    message_id BIGINT REFERENCES messages (id),
    body BLOB NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX raw_events_by_message ON raw_events (message_id);

-- What nobody could read: kept, counted, shown to admins.
CREATE TABLE quarantined_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    fingerprint BLOB NOT NULL,
    body BLOB NOT NULL,
    error TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    UNIQUE (channel_id, fingerprint)
);

-- What came before the message it speaks of, or might be our own.
CREATE TABLE parked_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    kind TEXT NOT NULL,
    platform_message_id TEXT NOT NULL,
    event_key TEXT NOT NULL,
    conversation_id BIGINT REFERENCES conversations (id),
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (channel_id, kind, platform_message_id, event_key)
);
CREATE INDEX parked_events_by_expiry ON parked_events (expires_at);
CREATE INDEX parked_events_by_conversation ON parked_events (conversation_id, kind);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    message_id BIGINT NOT NULL REFERENCES messages (id),
    part BIGINT NOT NULL,
    status TEXT NOT NULL,
    attempt_id TEXT,
    attempts BIGINT NOT NULL,
    lease_until BIGINT,
    due_at BIGINT NOT NULL,
    error_code TEXT,
    error_message TEXT,
    platform_message_id TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (message_id, part)
);
CREATE INDEX outbox_due ON outbox (status, due_at, id);
CREATE INDEX outbox_by_conversation ON outbox (conversation_id, status, id);
CREATE INDEX outbox_by_workspace ON outbox (workspace_id, id);

CREATE TABLE delivery_attempts (
    attempt_id TEXT PRIMARY KEY NOT NULL,
    delivery_id BIGINT NOT NULL REFERENCES outbox (id),
    worker TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT,
    error_code TEXT,
    error_message TEXT,
    platform_message_id TEXT
);
CREATE INDEX delivery_attempts_by_delivery ON delivery_attempts (delivery_id);
