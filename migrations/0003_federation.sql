-- Identities vouched for elsewhere: providers, the links to accounts, and what is needed to leave. Expand only.

-- Identity as an upstream provider vouched for it, JSON; never written by its person.
ALTER TABLE account ADD COLUMN civil TEXT;
CREATE INDEX account_contact ON account (LOWER(contact_email));

-- The provider that a sign-in rests on: what depends on it dies with it.
ALTER TABLE session ADD COLUMN provider TEXT;
ALTER TABLE authorization_code ADD COLUMN provider TEXT;
ALTER TABLE oidc_grant ADD COLUMN provider TEXT;

-- state: enabled | disabled; metadata is JSON. As many as the operator declares.
CREATE TABLE provider (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    metadata TEXT NOT NULL,
    sealed_secret TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO config_version (name, version) VALUES ('providers', 1);

-- The last good discovery document and keys of a provider: two rows for each.
CREATE TABLE provider_document (
    provider_id TEXT NOT NULL REFERENCES provider (id),
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (provider_id, name)
);

-- Who is who. state: linked | unlinked. One row for each person of each issuer.
CREATE TABLE federated_identity (
    issuer TEXT NOT NULL,
    sub TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id),
    provider_id TEXT NOT NULL,
    state TEXT NOT NULL,
    acr TEXT,
    linked_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, sub)
);
CREATE INDEX federated_identity_account ON federated_identity (account_id, linked_at);

-- What an upstream session is ended with. Purged with the session's end.
CREATE TABLE upstream_session (
    session_id TEXT PRIMARY KEY,
    provider_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX upstream_session_expiry ON upstream_session (expires_at);

-- A proved identity that may be an account's already (S-18), until its person says so and proves it. state: proposed | linked |
-- declined. Purged after expires_at.
CREATE TABLE identity_link (
    id TEXT PRIMARY KEY,
    interaction_id TEXT NOT NULL UNIQUE,
    provider_id TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id),
    state TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    decided_at BIGINT,
    expires_at BIGINT NOT NULL
);
CREATE INDEX identity_link_expiry ON identity_link (expires_at);
