-- In the order of bytes, whatever the language of the cluster.
ALTER TABLE register_word ALTER COLUMN word TYPE TEXT COLLATE "C";
