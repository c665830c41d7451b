-- Rights that are suspended, end, are reviewed or pass to a successor; what happens in an establishment. Expand only.

-- Why a right is suspended: absence | mission | security | review | operator.
ALTER TABLE habilitation ADD COLUMN suspended_for TEXT;
-- When the end of a right, or of a place, was told.
ALTER TABLE habilitation ADD COLUMN ended_at BIGINT;
ALTER TABLE membership ADD COLUMN ended_at BIGINT;
CREATE INDEX habilitation_ended ON habilitation (expires_at) WHERE ended_at IS NULL AND state = 'active';
CREATE INDEX habilitation_renewal ON habilitation (account_id, expires_at);
CREATE INDEX membership_ended ON membership (expires_at) WHERE ended_at IS NULL AND state = 'active';

-- The establishment that the particulars of an event name, to find it by. Not hashed: the particulars are.
ALTER TABLE audit_event ADD COLUMN siret TEXT;
CREATE INDEX audit_event_siret ON audit_event (siret, at, id) WHERE siret IS NOT NULL;

-- Reviews of rights: every right given before opened_at is confirmed, withdrawn, or suspended at due_at. service_id: empty for all.
-- state: open | closed. told: how many of the three mails to managers were sent; next_at: when something is to be done.
-- As many as are opened; purged five years after the end.
CREATE TABLE review (
    id TEXT PRIMARY KEY,
    siret TEXT NOT NULL REFERENCES establishment (siret),
    service_id TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    rights BIGINT NOT NULL,
    told BIGINT NOT NULL,
    next_at BIGINT,
    closed_at BIGINT
);
CREATE UNIQUE INDEX review_open ON review (siret) WHERE state = 'open';
CREATE INDEX review_next ON review (next_at);
CREATE INDEX review_siret ON review (siret, opened_at);
CREATE INDEX review_closed ON review (closed_at);
CREATE INDEX review_list ON review (state, id);

-- The people and rights of a closed establishment pass to the one that follows it. state: pending | accepted | declined | cancelled.
-- As many as establishments that close.
ALTER TABLE establishment ADD COLUMN succeeded_by TEXT;
ALTER TABLE establishment ADD COLUMN succeeded_at BIGINT;
CREATE TABLE succession (
    id TEXT PRIMARY KEY,
    from_siret TEXT NOT NULL REFERENCES establishment (siret),
    to_siret TEXT NOT NULL REFERENCES establishment (siret),
    state TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT
);
CREATE UNIQUE INDEX succession_open ON succession (from_siret) WHERE state = 'pending';
CREATE INDEX succession_to ON succession (to_siret, state, asked_at);
CREATE INDEX succession_decided ON succession (decided_at);
