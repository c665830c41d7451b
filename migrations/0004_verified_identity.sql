-- Identities of professionals that an upstream provider verified; the facts themselves are in account.civil. Expand only.

-- One row for each account that has one; a person of an issuer verifies one account at a time.
CREATE TABLE verified_identity (
    account_id TEXT PRIMARY KEY REFERENCES account (id),
    issuer TEXT NOT NULL,
    sub TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    verified_at BIGINT NOT NULL,
    valid_until BIGINT NOT NULL
);
CREATE UNIQUE INDEX verified_identity_person ON verified_identity (issuer, sub);
