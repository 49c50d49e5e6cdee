-- Where a resident's browser can be reached, by its own word. kinds is a list with commas; quiet hours are minutes of
-- the day in UTC; told is the last notice that was said.
CREATE TABLE push_subscriptions (
    tenant         BLOB   NOT NULL,
    home           BLOB   NOT NULL,
    kid            BLOB   NOT NULL,
    endpoint       TEXT   NOT NULL,
    p256dh         BLOB   NOT NULL,
    auth           BLOB   NOT NULL,
    kinds          TEXT   NOT NULL,
    quiet_from_min BIGINT,
    quiet_until_min BIGINT,
    told           BIGINT NOT NULL,
    created_ms     BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, kid)
);
