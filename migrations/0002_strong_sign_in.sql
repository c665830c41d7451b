-- Strong sign-in: factors, cards, recovery, and what demands them. Expand only.

-- What is asked of one person, beyond what their roles and the services ask.
ALTER TABLE account ADD COLUMN required_aal BIGINT NOT NULL DEFAULT 1;
-- A code by mail follows the password.
ALTER TABLE account ADD COLUMN two_step BOOLEAN NOT NULL DEFAULT FALSE;
-- Runs the hub: no password, two factors.
ALTER TABLE account ADD COLUMN administrator BOOLEAN NOT NULL DEFAULT FALSE;
-- End of the time left to set up a second factor that a role or a person demands.
ALTER TABLE account ADD COLUMN enrol_by BIGINT;
-- Imported without a usable password: S-20 is shown once.
ALTER TABLE account ADD COLUMN to_activate BOOLEAN NOT NULL DEFAULT FALSE;

-- A browser of trust spared the code that follows the password.
ALTER TABLE session ADD COLUMN spared BOOLEAN NOT NULL DEFAULT FALSE;

-- How strong the sign-in behind a grant was; acr is what the client was told.
ALTER TABLE authorization_code ADD COLUMN aal BIGINT NOT NULL DEFAULT 1;
ALTER TABLE oidc_grant ADD COLUMN aal BIGINT NOT NULL DEFAULT 1;

-- What one deployment fixed at its first start, as the RP ID of passkeys.
CREATE TABLE instance_setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE establishment (
    siret TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- role: manager | contact; state: active | disabled.
CREATE TABLE membership (
    account_id TEXT NOT NULL REFERENCES account (id),
    siret TEXT NOT NULL REFERENCES establishment (siret),
    role TEXT NOT NULL,
    factors_manage BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, siret)
);
CREATE INDEX membership_siret ON membership (siret, account_id);

-- Authenticator applications (kind totp) and passkeys (kind passkey): what a person enrolled. At most twenty of each.
-- lookup: hash of the credential identifier of a passkey. sealed: secret or credential. moving: last time step accepted, or
-- counter of a passkey. suspended_at: the counter went back, the passkey is refused from then on.
CREATE TABLE factor (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    lookup TEXT UNIQUE,
    sealed TEXT NOT NULL,
    moving BIGINT NOT NULL,
    drift BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    suspended_at BIGINT
);
CREATE INDEX factor_account ON factor (account_id, kind);

-- Physical cards, owned by the operator. kind: totp | hotp; algorithm: SHA1 | SHA256 | SHA512; step in seconds.
-- state: in_stock | sent | linked | validated | lost | broken | returned.
-- moving: last time step accepted, or next counter. failures: in a row; locked_at: no longer accepted until resynchronised.
CREATE TABLE otp_card (
    serial TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    digits BIGINT NOT NULL,
    step BIGINT NOT NULL,
    sealed TEXT NOT NULL,
    state TEXT NOT NULL,
    siret TEXT REFERENCES establishment (siret),
    account_id TEXT REFERENCES account (id),
    moving BIGINT NOT NULL,
    drift BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    locked_at BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    linked_at BIGINT,
    linked_by TEXT,
    last_used_at BIGINT
);
CREATE UNIQUE INDEX otp_card_account ON otp_card (account_id);
CREATE INDEX otp_card_siret ON otp_card (siret, serial);

-- A set of ten per account, replaced as a whole.
CREATE TABLE recovery_code (
    hash TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    created_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX recovery_code_account ON recovery_code (account_id);

-- Challenges answered: each is good once. Purged after expires_at, when the challenge is refused for its age.
CREATE TABLE spent_challenge (
    id TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX spent_challenge_expiry ON spent_challenge (expires_at);

-- Browsers spared the code that follows a password. Purged after expires_at.
CREATE TABLE trusted_browser (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    secret_hash TEXT NOT NULL UNIQUE,
    user_agent TEXT,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX trusted_browser_account ON trusted_browser (account_id);
CREATE INDEX trusted_browser_expiry ON trusted_browser (expires_at);

-- Designated managers who have not signed in yet. phone is a mobile number in E.164. One for an account; purged after
-- expires_at unless it served.
CREATE TABLE designation (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL UNIQUE REFERENCES account (id),
    phone TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed_at BIGINT
);
CREATE INDEX designation_expiry ON designation (expires_at);

-- Requests of people who lost their factors (S-11). state: waiting | granted | cancelled | done. One open at a time.
CREATE TABLE recovery_request (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    state TEXT NOT NULL,
    route TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ready_at BIGINT,
    expires_at BIGINT NOT NULL,
    decided_by TEXT
);
CREATE UNIQUE INDEX recovery_request_open ON recovery_request (account_id) WHERE state IN ('waiting', 'granted');
CREATE INDEX recovery_request_ready ON recovery_request (state, ready_at);
CREATE INDEX recovery_request_expiry ON recovery_request (expires_at);
