-- Which hash an address without a password is verified against: any, by the random end of the identifier that keeps it.
CREATE INDEX account_password_decoy ON account_password (substr(account_id, 25));
