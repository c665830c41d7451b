-- When somebody without a passkey was last asked whether to create one. Expand only; one row for each account at most.
CREATE TABLE passkey_offer (
    account_id TEXT PRIMARY KEY REFERENCES account (id),
    offered_at BIGINT NOT NULL,
    -- Never again.
    refused BOOLEAN NOT NULL DEFAULT FALSE
);
