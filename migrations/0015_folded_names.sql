-- Names as they are looked for and sorted, beside those people read: small letters without accents, as `base::fold` writes them. SQLite
-- knows the case of ASCII letters alone. Of an account: family name, two spaces, given name. The worker folds those that are there,
-- and those that nodes of an older version still write. Expand only.
ALTER TABLE account ADD COLUMN name_folded TEXT NOT NULL DEFAULT '';
ALTER TABLE establishment ADD COLUMN name_folded TEXT NOT NULL DEFAULT '';
