-- The same; SQLite takes the index that answers most of a question, and only knows that of one which is not partial.
CREATE INDEX membership_role ON membership (account_id, role, state);
