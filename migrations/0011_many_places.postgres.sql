-- Whether a person manages anything is asked at every call. SQLite, which takes the index that answers most of a question, keeps
-- membership_role.
DROP INDEX membership_role;
CREATE INDEX membership_manager ON membership (account_id) WHERE role = 'manager' AND state = 'active';
