-- Names as they are looked for and sorted, beside those people read: small letters without accents, as `base::fold` writes them. SQLite
-- knows the case of ASCII letters alone. Of an account: family name, two spaces, given name. Expand only.
ALTER TABLE account ADD COLUMN name_folded TEXT NOT NULL DEFAULT '';
ALTER TABLE establishment ADD COLUMN name_folded TEXT NOT NULL DEFAULT '';

-- Those that are there, as far as SQL goes: the letters of France and its neighbours, large ones too where LOWER leaves them; the rest
-- follows when a name is next written. In steps that can be read; the view takes them for both tables, and goes.
CREATE VIEW folding (id, name) AS WITH
    n0 (id, n) AS (SELECT id, LOWER(family_name || '|' || given_name) FROM account UNION ALL SELECT siret, LOWER(name) FROM establishment),
    n1 (id, n) AS (SELECT id, REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
        REPLACE(REPLACE(REPLACE(REPLACE(n, 'à', 'a'), 'À', 'a'), 'â', 'a'), 'Â', 'a'), 'ä', 'a'), 'Ä', 'a'), 'á', 'a'), 'Á', 'a'),
        'ã', 'a'), 'Ã', 'a'), 'å', 'a'), 'Å', 'a'), 'ą', 'a'), 'Ą', 'a'), 'ă', 'a'), 'Ă', 'a') FROM n0),
    n2 (id, n) AS (SELECT id, REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
        REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(n, 'ç', 'c'), 'Ç', 'c'), 'ć', 'c'), 'Ć', 'c'), 'č', 'c'), 'Č', 'c'),
        'é', 'e'), 'É', 'e'), 'è', 'e'), 'È', 'e'), 'ê', 'e'), 'Ê', 'e'), 'ë', 'e'), 'Ë', 'e'), 'ę', 'e'), 'Ę', 'e'), 'ě', 'e'),
        'Ě', 'e') FROM n1),
    n3 (id, n) AS (SELECT id, REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
        REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(n, 'ğ', 'g'), 'Ğ', 'g'), 'î', 'i'), 'Î', 'i'), 'ï', 'i'), 'Ï', 'i'),
        'í', 'i'), 'Í', 'i'), 'ì', 'i'), 'Ì', 'i'), 'ł', 'l'), 'Ł', 'l'), 'ñ', 'n'), 'Ñ', 'n'), 'ń', 'n'), 'Ń', 'n'), 'ň', 'n'),
        'Ň', 'n') FROM n2),
    n4 (id, n) AS (SELECT id, REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
        REPLACE(REPLACE(REPLACE(REPLACE(n, 'ô', 'o'), 'Ô', 'o'), 'ö', 'o'), 'Ö', 'o'), 'ó', 'o'), 'Ó', 'o'), 'õ', 'o'), 'Õ', 'o'),
        'ò', 'o'), 'Ò', 'o'), 'ø', 'o'), 'Ø', 'o'), 'ő', 'o'), 'Ő', 'o'), 'ř', 'r'), 'Ř', 'r') FROM n3),
    n5 (id, n) AS (SELECT id, REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
        REPLACE(REPLACE(n, 'ś', 's'), 'Ś', 's'), 'š', 's'), 'Š', 's'), 'ş', 's'), 'Ş', 's'), 'ș', 's'), 'Ș', 's'), 'ť', 't'),
        'Ť', 't'), 'ţ', 't'), 'Ţ', 't'), 'ț', 't'), 'Ț', 't') FROM n4),
    n6 (id, n) AS (SELECT id, REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
        REPLACE(REPLACE(REPLACE(REPLACE(n, 'ù', 'u'), 'Ù', 'u'), 'û', 'u'), 'Û', 'u'), 'ü', 'u'), 'Ü', 'u'), 'ú', 'u'), 'Ú', 'u'),
        'ů', 'u'), 'Ů', 'u'), 'ű', 'u'), 'Ű', 'u'), 'ÿ', 'y'), 'Ÿ', 'y'), 'ý', 'y'), 'Ý', 'y') FROM n5),
    n7 (id, n) AS (SELECT id, REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(n, 'ź', 'z'),
        'Ź', 'z'), 'ż', 'z'), 'Ż', 'z'), 'ž', 'z'), 'Ž', 'z'), 'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ß', 'ss') FROM n6),
    n8 (id, n) AS (SELECT id, REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(n, '''', ''), '’', ''),
        '.', ''), '-', ' '), '/', ' '), ',', ' '), '&', ' '), '(', ' '), ')', ' ') FROM n7),
    n9 (id, n) AS (SELECT id, REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(n, '  ', ' '), '  ', ' '), '  ', ' '),
        '  ', ' '), ' |', '|'), '| ', '|'), '|', '  ') FROM n8)
SELECT id, TRIM(n) FROM n9;
UPDATE account SET name_folded = (SELECT f.name FROM folding f WHERE f.id = account.id);
UPDATE establishment SET name_folded = (SELECT f.name FROM folding f WHERE f.id = establishment.siret);
DROP VIEW folding;
