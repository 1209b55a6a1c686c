-- A flow: when it starts by itself, and which version of its steps new runs follow. Of its secret
-- address only a hash is looked up; the sealed token is shown to admins.
CREATE TABLE flows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    is_on BOOLEAN NOT NULL,
    channel_id BIGINT REFERENCES channels (id),
    trigger_kind TEXT NOT NULL,
    keywords TEXT NOT NULL,
    version BIGINT NOT NULL,
    hook_hash BLOB NOT NULL UNIQUE,
    hook_sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX flows_by_workspace ON flows (workspace_id, id);

-- The steps of each version: a run keeps the version it began with.
CREATE TABLE flow_versions (
    flow_id BIGINT NOT NULL REFERENCES flows (id),
    version BIGINT NOT NULL,
    steps TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (flow_id, version)
);

-- One walk through a flow for one conversation. One trigger, one run: (flow_id, trigger_key).
-- `turn` counts the steps done and is the fence: whoever does the next step names it. `due_at` is
-- null while nothing but an answer moves the run, and when it has ended.
CREATE TABLE flow_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
    flow_id BIGINT NOT NULL REFERENCES flows (id),
    flow_version BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    started_by TEXT NOT NULL,
    trigger_key TEXT NOT NULL,
    user_id BIGINT REFERENCES users (id),
    status TEXT NOT NULL,
    step BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    variables TEXT NOT NULL,
    due_at BIGINT,
    lease_until BIGINT,
    error_code TEXT,
    error_message TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ended_at BIGINT,
    UNIQUE (flow_id, trigger_key)
);
CREATE INDEX flow_runs_due ON flow_runs (due_at, id);
CREATE INDEX flow_runs_by_conversation ON flow_runs (conversation_id, status, id);
CREATE INDEX flow_runs_by_flow ON flow_runs (flow_id, id);

-- What a run did, turn by turn: written in the transaction of the step, never twice.
CREATE TABLE flow_steps_done (
    run_id BIGINT NOT NULL REFERENCES flow_runs (id) ON DELETE CASCADE,
    turn BIGINT NOT NULL,
    step BIGINT NOT NULL,
    name TEXT,
    kind TEXT NOT NULL,
    outcome TEXT,
    message_id BIGINT REFERENCES messages (id) ON DELETE SET NULL,
    done_at BIGINT NOT NULL,
    PRIMARY KEY (run_id, turn)
);
