
-- Words of establishments. The rowid is standing * 10^14 + SIRET: matches come out in the order they are shown.
CREATE VIRTUAL TABLE register_index USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, prefix = '3 4 5', tokenize = "ascii tokenchars '@^='"
);
