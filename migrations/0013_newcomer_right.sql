-- What new people of an establishment may use at once, as its managers set it: one row for each of its services at most. Expand only.
CREATE TABLE newcomer_right (
    siret TEXT NOT NULL REFERENCES establishment (siret),
    service_id TEXT NOT NULL,
    -- Separated by spaces.
    profiles TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (siret, service_id)
);
