-- What the worker has yet to fold. By itself: beside the new columns, reading would wait for it too.
CREATE INDEX account_unfolded ON account (id) WHERE name_folded = '';
CREATE INDEX establishment_unfolded ON establishment (siret) WHERE name_folded = '';
