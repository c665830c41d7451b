-- Establishments, people and habilitations: what a person may do, where, until when, and who said so. Expand only.

-- Where an official code is sent, if anywhere.
ALTER TABLE establishment ADD COLUMN official_email TEXT;
-- Taken by every change of its people: two managers who remove each other come one after the other.
ALTER TABLE establishment ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;

-- Domains whose addresses prove that a person works there.
CREATE TABLE establishment_domain (
    siret TEXT NOT NULL REFERENCES establishment (siret),
    domain TEXT NOT NULL,
    PRIMARY KEY (siret, domain)
);
CREATE INDEX establishment_domain_name ON establishment_domain (domain, siret);

-- link: declared | approved | proved; proof: what says so; evidence: who or what, in short.
ALTER TABLE membership ADD COLUMN link TEXT NOT NULL DEFAULT 'approved';
ALTER TABLE membership ADD COLUMN proof TEXT NOT NULL DEFAULT 'operator';
ALTER TABLE membership ADD COLUMN evidence TEXT;
ALTER TABLE membership ADD COLUMN proved_at BIGINT;
ALTER TABLE membership ADD COLUMN expires_at BIGINT;
ALTER TABLE membership ADD COLUMN last_used_at BIGINT;

-- The catalogue. metadata is JSON. As many as the operator declares.
CREATE TABLE service (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO config_version (name, version) VALUES ('services', 1);

-- Who decides on the requests of a service whose approvers are named. scope: empty (everywhere), a SIREN or a SIRET.
CREATE TABLE service_approver (
    service_id TEXT NOT NULL REFERENCES service (id),
    account_id TEXT NOT NULL REFERENCES account (id),
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (service_id, account_id, scope)
);
CREATE INDEX service_approver_account ON service_approver (account_id);

-- A person's rights on a service in an establishment. state: active | suspended | revoked; profiles: space-separated.
CREATE TABLE habilitation (
    account_id TEXT NOT NULL REFERENCES account (id),
    siret TEXT NOT NULL REFERENCES establishment (siret),
    service_id TEXT NOT NULL REFERENCES service (id),
    profiles TEXT NOT NULL,
    state TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    expires_at BIGINT,
    noticed_at BIGINT,
    reviewed_at BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, siret, service_id)
);
CREATE INDEX habilitation_siret ON habilitation (siret, service_id, account_id);
CREATE INDEX habilitation_service ON habilitation (service_id, account_id);
CREATE INDEX habilitation_expiry ON habilitation (expires_at);

-- Requests to join an establishment (service_id empty) or to use a service for one.
-- state: pending | changes | accepted | partly | declined | cancelled. One open at a time for each thing asked. Purged three years
-- after the answer.
CREATE TABLE request (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    siret TEXT NOT NULL REFERENCES establishment (siret),
    service_id TEXT NOT NULL,
    wish TEXT NOT NULL,
    message TEXT,
    state TEXT NOT NULL,
    granted TEXT,
    reason TEXT,
    decided_by TEXT,
    decided_at BIGINT,
    reminders BIGINT NOT NULL,
    reminded_at BIGINT,
    nudges BIGINT NOT NULL,
    nudge_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX request_open ON request (account_id, siret, service_id) WHERE state IN ('pending', 'changes');
CREATE INDEX request_siret ON request (siret, state, created_at);
CREATE INDEX request_service ON request (service_id, state, created_at);
CREATE INDEX request_account ON request (account_id, created_at);
CREATE INDEX request_nudge ON request (nudge_at);
CREATE INDEX request_updated ON request (updated_at);

-- state: pending | accepted | cancelled. The address is the one that may accept it. Purged after expires_at.
CREATE TABLE invitation (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    siret TEXT NOT NULL REFERENCES establishment (siret),
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    invited_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX invitation_siret ON invitation (siret, state, created_at);
CREATE INDEX invitation_expiry ON invitation (expires_at);

-- What a person holds whatever their establishment (a training, a test). As many kinds as services ask for.
CREATE TABLE attestation (
    account_id TEXT NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    obtained_at BIGINT NOT NULL,
    expires_at BIGINT,
    evidence TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind)
);

-- The establishment a person acts for: at a service in a session, in a grant, and « Retenir ce choix ».
ALTER TABLE session_client ADD COLUMN siret TEXT;
ALTER TABLE authorization_code ADD COLUMN siret TEXT;
ALTER TABLE oidc_grant ADD COLUMN siret TEXT;
CREATE INDEX membership_used ON membership (account_id, last_used_at);
CREATE TABLE account_choice (
    account_id TEXT NOT NULL REFERENCES account (id),
    client_id TEXT NOT NULL,
    siret TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, client_id)
);
