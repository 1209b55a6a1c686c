-- What is known of a channel beside its own row: what was recovered from its platform, what the platform says of its webhook,
-- how long its token lives, how its number stands. One row a channel; without one nothing is known yet.
CREATE TABLE channel_health (
    channel_id BIGINT NOT NULL PRIMARY KEY REFERENCES channels (id),
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    compared_until BIGINT,
    recovered BIGINT NOT NULL DEFAULT 0,
    recovered_at BIGINT,
    webhook_pending BIGINT,
    webhook_error TEXT,
    webhook_error_at BIGINT,
    webhook_set_at BIGINT,
    token_since BIGINT,
    token_renewed_at BIGINT,
    token_expires_at BIGINT,
    data_access_expires_at BIGINT,
    number TEXT,
    quality TEXT,
    tier TEXT,
    name_status TEXT,
    verified_name TEXT
);
-- What is asked of a channel's platform now and then, each taken under a lease: two servers ask once.
CREATE TABLE channel_checks (
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    what TEXT NOT NULL,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    due_at BIGINT NOT NULL,
    asked_at BIGINT,
    lease_until BIGINT,
    attempt_id TEXT,
    tries BIGINT NOT NULL,
    done_at BIGINT,
    fault TEXT,
    progress TEXT,
    PRIMARY KEY (channel_id, what)
);
CREATE INDEX channel_checks_due ON channel_checks (due_at);
-- What a platform still names in a conversation and does not give any more: the ids of its messages (JSON), until all of
-- them came after all.
CREATE TABLE message_gaps (
    conversation_id BIGINT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    platform_message_ids TEXT NOT NULL,
    noticed_at BIGINT NOT NULL,
    filled_at BIGINT,
    PRIMARY KEY (conversation_id, from_at, to_at)
);
CREATE INDEX message_gaps_open ON message_gaps (channel_id) WHERE filled_at IS NULL;
-- Addresses of customers who were forgotten, as digests: what they wrote before is not recovered from the platform. Kept for
-- as long as the platform is asked for the past.
CREATE TABLE forgotten_addresses (
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    digest TEXT NOT NULL,
    forgotten_at BIGINT NOT NULL,
    PRIMARY KEY (channel_id, digest)
);

INSERT INTO migration_notes (version, release, only_adds) VALUES ('0080', '0.2.0', TRUE);
