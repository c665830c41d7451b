-- In the order of bytes, whatever the language of the cluster.
ALTER TABLE register_word ALTER COLUMN word TYPE TEXT COLLATE "C";
-- Those of a register that was imported before.
INSERT INTO register_word (word) SELECT word FROM ts_stat('SELECT words FROM register_index')
    WHERE char_length(word) >= 6 AND left(word, 1) NOT IN ('^', '=', '@');
