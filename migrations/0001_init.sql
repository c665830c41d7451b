-- Portable DDL: TEXT, BIGINT (Unix milliseconds), BOOLEAN. Hashes are base64url TEXT. Lists and documents are JSON TEXT.
-- Bounds: every table without a natural bound names what removes its rows.

-- Secrets of this deployment, sealed with the master key.
CREATE TABLE instance_secret (
    name TEXT PRIMARY KEY,
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Bumped in the transaction that changes what nodes keep in memory.
CREATE TABLE config_version (
    name TEXT PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO config_version (name, version) VALUES ('clients', 1), ('keys', 1);

-- Work that one node does at a time.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL
);

CREATE TABLE account (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    login_email TEXT,
    login_email_key TEXT UNIQUE,
    login_email_verified BOOLEAN NOT NULL,
    contact_email TEXT,
    contact_email_verified BOOLEAN NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    phone TEXT,
    job_title TEXT,
    locale TEXT NOT NULL,
    terms_version TEXT,
    terms_accepted_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE account_password (
    account_id TEXT PRIMARY KEY REFERENCES account (id),
    hash TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Applied changes of address; the undo link lives seven days. Purged a year after.
CREATE TABLE email_change (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    which TEXT NOT NULL,
    old_email TEXT NOT NULL,
    new_email TEXT NOT NULL,
    undo_hash TEXT NOT NULL UNIQUE,
    undo_until BIGINT NOT NULL,
    applied_at BIGINT NOT NULL,
    undone_at BIGINT
);
CREATE INDEX email_change_account ON email_change (account_id, applied_at);
CREATE INDEX email_change_applied ON email_change (applied_at);

-- Codes sent by mail: one row for an address, a purpose and the browser journey that asked. Purged after expiry.
CREATE TABLE email_code (
    id TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    account_id TEXT,
    codes TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    last_sent_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed_at BIGINT
);
CREATE INDEX email_code_expiry ON email_code (expires_at);

-- Counters shared by every node and path. Purged when their window has passed.
CREATE TABLE throttle (
    id TEXT PRIMARY KEY,
    hits BIGINT NOT NULL,
    window_end BIGINT NOT NULL
);
CREATE INDEX throttle_window ON throttle (window_end);

-- Browsers an account has signed in from, for the notice of a new one. Purged a year after last use.
CREATE TABLE known_browser (
    account_id TEXT NOT NULL REFERENCES account (id),
    browser_hash TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, browser_hash)
);
CREATE INDEX known_browser_seen ON known_browser (last_seen_at);

-- Purged after expires_at.
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    secret_hash TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id),
    created_at BIGINT NOT NULL,
    auth_time BIGINT NOT NULL,
    amr TEXT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    user_agent TEXT,
    address TEXT
);
CREATE INDEX session_account ON session (account_id, expires_at);
CREATE INDEX session_expiry ON session (expires_at);

-- Services opened in a session; goes with it.
CREATE TABLE session_client (
    session_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    first_used_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, client_id)
);

-- The answer that ends an interactive sign-in, shown once by the relay page; says too that the journey is over. Purged after
-- expiry, when the journey's pages no longer open.
CREATE TABLE relay (
    id_hash TEXT PRIMARY KEY,
    interaction_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed_at BIGINT
);
CREATE INDEX relay_expiry ON relay (expires_at);
CREATE INDEX relay_interaction ON relay (interaction_id);

CREATE TABLE client (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    metadata TEXT NOT NULL,
    secret_hash TEXT,
    previous_secret_hash TEXT,
    previous_secret_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE consent (
    account_id TEXT NOT NULL REFERENCES account (id),
    client_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, client_id)
);

CREATE TABLE signing_key (
    kid TEXT PRIMARY KEY,
    alg TEXT NOT NULL,
    state TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    activated_at BIGINT,
    retired_at BIGINT
);

-- Authorization codes: sixty seconds. Purged an hour after expiry, so that reuse is recognised meanwhile.
CREATE TABLE authorization_code (
    hash TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    nonce TEXT,
    code_challenge TEXT,
    claims TEXT,
    auth_time BIGINT NOT NULL,
    amr TEXT NOT NULL,
    acr TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed_at BIGINT
);
CREATE INDEX authorization_code_expiry ON authorization_code (expires_at);

-- What a person granted to a client at one sign-in. Purged after expires_at.
CREATE TABLE oidc_grant (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    claims TEXT,
    auth_time BIGINT NOT NULL,
    amr TEXT NOT NULL,
    acr TEXT,
    offline BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX oidc_grant_account ON oidc_grant (account_id, client_id);
CREATE INDEX oidc_grant_session ON oidc_grant (session_id);
CREATE INDEX oidc_grant_expiry ON oidc_grant (expires_at);

-- Purged after expires_at.
CREATE TABLE refresh_token (
    hash TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed_at BIGINT
);
CREATE INDEX refresh_token_expiry ON refresh_token (expires_at);

-- Opaque access tokens. grant_id is absent for tokens of the client itself. Purged after expires_at.
CREATE TABLE access_token (
    hash TEXT PRIMARY KEY,
    grant_id TEXT,
    client_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX access_token_expiry ON access_token (expires_at);

-- JWT access tokens revoked one by one (RFC 7009). Purged after expires_at.
CREATE TABLE revoked_jwt (
    jti TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX revoked_jwt_expiry ON revoked_jwt (expires_at);

-- Client assertions seen (RFC 7523 §3, jti). Purged after expires_at.
CREATE TABLE client_assertion (
    id TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX client_assertion_expiry ON client_assertion (expires_at);

-- The outbox. Payloads are sealed: they hold codes. Done rows are removed at once, dead ones after 30 days.
CREATE TABLE job (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    sealed TEXT NOT NULL,
    state TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX job_due ON job (state, run_at);

-- The audit trail. seq and hash are given by the worker, which chains rows in order. Kept for the configured retention.
CREATE TABLE audit_event (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    account_id TEXT,
    client_id TEXT,
    session_id TEXT,
    request_id TEXT NOT NULL,
    address TEXT,
    detail TEXT NOT NULL,
    seq BIGINT,
    hash TEXT
);
CREATE INDEX audit_event_account ON audit_event (account_id, at);
CREATE INDEX audit_event_at ON audit_event (at);
CREATE UNIQUE INDEX audit_event_seq ON audit_event (seq) WHERE seq IS NOT NULL;
CREATE INDEX audit_event_unsealed ON audit_event (at, id) WHERE seq IS NULL;
CREATE INDEX audit_event_request ON audit_event (request_id);
