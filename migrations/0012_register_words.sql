-- Long words of the register, so that the beginning of one is looked up as the few words it may be of: an index of words merges all
-- it holds under a beginning before it gives the first. Bounded by the words of a language and the names of its people.
CREATE TABLE register_word (
    word TEXT PRIMARY KEY
);
