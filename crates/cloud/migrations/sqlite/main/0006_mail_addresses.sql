-- Where a resident's device is told if no push message reaches it. code and code_until_ms until the digits of a first
-- mail came back; kinds, quiet hours and told as with push subscriptions.
CREATE TABLE mail_addresses (
    tenant          BLOB   NOT NULL,
    home            BLOB   NOT NULL,
    kid             BLOB   NOT NULL,
    address         TEXT   NOT NULL,
    language        TEXT   NOT NULL,
    kinds           TEXT   NOT NULL,
    quiet_from_min  BIGINT,
    quiet_until_min BIGINT,
    told            BIGINT NOT NULL,
    code            TEXT,
    code_until_ms   BIGINT,
    code_tries      BIGINT NOT NULL,
    created_ms      BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, kid)
);
