-- How far the words of a recording came: one row a file, born with it. `attempt_id` is the fence; the
-- words themselves stand in `attachments.transcription`.
CREATE TABLE transcripts (
    attachment_id BIGINT PRIMARY KEY NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    state TEXT NOT NULL,
    attempt_id TEXT,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    error_code TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX transcripts_due ON transcripts (state, created_at);
