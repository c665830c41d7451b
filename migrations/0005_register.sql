-- The company register: legal units, their establishments, and which took over from which. From the stock files of INSEE, or
-- from the live directory. Bounded by the register of the country: some 45 million rows. Expand only.

-- state: A | C. diffusion: O | P. mark tells whether a row of a file says the same.
CREATE TABLE register_unit (
    siren TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    usual_name TEXT NOT NULL,
    acronym TEXT NOT NULL,
    legal_category TEXT NOT NULL,
    activity TEXT NOT NULL,
    staff_band TEXT NOT NULL,
    association TEXT NOT NULL,
    state TEXT NOT NULL,
    diffusion TEXT NOT NULL,
    mark BIGINT NOT NULL
);

-- name to staff_band are the unit's, kept here so that one read answers. state: A | F. standing: 0 open head office, 1 open,
-- 2 closed. source: stock | live.
CREATE TABLE register_establishment (
    siret TEXT PRIMARY KEY,
    siren TEXT NOT NULL,
    name TEXT NOT NULL,
    usual_name TEXT NOT NULL,
    acronym TEXT NOT NULL,
    legal_category TEXT NOT NULL,
    staff_band TEXT NOT NULL,
    sign TEXT NOT NULL,
    own_name TEXT NOT NULL,
    complement TEXT NOT NULL,
    street TEXT NOT NULL,
    postcode TEXT NOT NULL,
    commune TEXT NOT NULL,
    commune_code TEXT NOT NULL,
    activity TEXT NOT NULL,
    is_head BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    closed_on TEXT,
    diffusion TEXT NOT NULL,
    standing BIGINT NOT NULL,
    source TEXT NOT NULL,
    mark BIGINT NOT NULL,
    unit_mark BIGINT NOT NULL,
    fetched_at BIGINT NOT NULL
);
CREATE INDEX register_establishment_unit ON register_establishment (siren, standing, siret);

CREATE TABLE register_succession (
    from_siret TEXT NOT NULL,
    to_siret TEXT NOT NULL,
    happened_on TEXT NOT NULL,
    head_transfer BOOLEAN NOT NULL,
    continuity BOOLEAN NOT NULL,
    PRIMARY KEY (from_siret, happened_on, to_siret)
);

-- How far the import of a kind of file has come: one row for each of three. bytes and line are where the next batch begins.
CREATE TABLE register_import (
    kind TEXT PRIMARY KEY,
    file TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    line BIGINT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    finished_at BIGINT
);

-- The first lines that were refused, a thousand for each kind.
CREATE TABLE register_import_fault (
    kind TEXT NOT NULL,
    line BIGINT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (kind, line)
);
