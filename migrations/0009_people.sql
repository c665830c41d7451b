-- People of an establishment: what its official address proves, claims, handing over. Expand only.

-- Who gave back a code sent to the official address of an establishment. Purged after thirty days: places keep their own proof.
CREATE TABLE official_proof (
    account_id TEXT NOT NULL REFERENCES account (id),
    siret TEXT NOT NULL REFERENCES establishment (siret),
    email TEXT NOT NULL,
    proved_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, siret)
);
CREATE INDEX official_proof_at ON official_proof (proved_at);

-- A request to manage an establishment that nobody manages, or whose managers are away: when it is granted unless somebody objects.
ALTER TABLE request ADD COLUMN claim_at BIGINT;
CREATE INDEX request_claim ON request (claim_at);

-- What a manager was told of their absence. step: 1 soon, 2 now. As many as there are managers away; forgotten when they come back.
CREATE TABLE manager_absence (
    siret TEXT NOT NULL REFERENCES establishment (siret),
    account_id TEXT NOT NULL REFERENCES account (id),
    step BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    PRIMARY KEY (siret, account_id)
);

-- A manager offers their role to a contact. state: open | accepted | declined | cancelled | dead. Purged thirty days after its end.
CREATE TABLE handover (
    id TEXT PRIMARY KEY,
    siret TEXT NOT NULL REFERENCES establishment (siret),
    from_id TEXT NOT NULL REFERENCES account (id),
    to_id TEXT NOT NULL REFERENCES account (id),
    step_down BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX handover_siret ON handover (siret, state, created_at);
CREATE INDEX handover_expiry ON handover (expires_at);
