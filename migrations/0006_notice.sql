-- What relying parties are told: sessions that end, accounts and rights that change. Expand only.

-- What happened, written with its cause, until the worker has seen which clients listen. client_id: absent for every client
-- with a live grant of the account. Taken within a second or so; purged after 30 days where no worker runs.
CREATE TABLE notice_event (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    client_id TEXT,
    account_id TEXT NOT NULL,
    session_id TEXT,
    siret TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX notice_event_at ON notice_event (created_at, id);

-- One notice for one client. state: pending | sent | dead. run_at: when it is due, or was settled. Purged after 30 days.
CREATE TABLE notice (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    client_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    session_id TEXT,
    siret TEXT,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX notice_queue ON notice (state, client_id, run_at, locked_until);
CREATE INDEX notice_client ON notice (client_id, created_at, id);
CREATE INDEX notice_at ON notice (created_at, id);
