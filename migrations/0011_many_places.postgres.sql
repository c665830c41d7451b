-- Whether a person manages anything is asked at every call.
CREATE INDEX membership_manager ON membership (account_id) WHERE role = 'manager' AND state = 'active';
