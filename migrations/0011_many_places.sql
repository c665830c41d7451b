-- Indexes for people in thousands of establishments. A planner that expects one place of each person takes any index that begins
-- with the account and reads all their places: these can serve nothing but the question they are for.
DROP INDEX membership_used;
DROP INDEX habilitation_renewal;
CREATE INDEX membership_recent ON membership (account_id, last_used_at) WHERE last_used_at IS NOT NULL;
CREATE INDEX habilitation_ending ON habilitation (account_id, expires_at) WHERE expires_at IS NOT NULL;
