-- Those of a register that was imported before.
CREATE VIRTUAL TABLE register_vocabulary USING fts5vocab('register_index', 'row');
INSERT INTO register_word (word) SELECT term FROM register_vocabulary WHERE length(term) >= 6 AND substr(term, 1, 1) NOT IN ('^', '=', '@');
DROP TABLE register_vocabulary;
