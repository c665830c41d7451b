
-- Words of establishments. The id is standing * 10^14 + SIRET. One index for each standing: matches of the first are found
-- without a look at the others.
CREATE TABLE register_index (
    id BIGINT PRIMARY KEY,
    words TSVECTOR NOT NULL
);
CREATE INDEX register_index_heads ON register_index USING gin (words) WHERE id < 100000000000000;
CREATE INDEX register_index_others ON register_index USING gin (words) WHERE id >= 100000000000000 AND id < 200000000000000;
CREATE INDEX register_index_closed ON register_index USING gin (words) WHERE id >= 200000000000000;
