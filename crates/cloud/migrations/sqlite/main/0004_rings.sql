-- A visit may begin with a ring, without a permission: when, and how long the visitor waited.
ALTER TABLE visits ADD COLUMN rang_s BIGINT;
ALTER TABLE visits ADD COLUMN waited_s BIGINT;

-- A ring names no permission.
CREATE TABLE arrivals_with_rings (
    tenant     BLOB   NOT NULL,
    home       BLOB   NOT NULL,
    visit      BLOB   NOT NULL,
    at_ms      BIGINT NOT NULL,
    device     BLOB   NOT NULL,
    provider   BLOB,
    grant_hash BLOB,
    assignment BLOB,
    reason     TEXT,
    PRIMARY KEY (tenant, home, visit, at_ms)
);
INSERT INTO arrivals_with_rings SELECT tenant, home, visit, at_ms, device, provider, grant_hash, assignment, reason
    FROM arrivals;
DROP TABLE arrivals;
ALTER TABLE arrivals_with_rings RENAME TO arrivals;
CREATE INDEX arrivals_by_provider ON arrivals (tenant, provider, at_ms);

-- Who wants to hear that someone is at the door wants to hear of a ring.
UPDATE push_subscriptions SET kinds = kinds || ',rang' WHERE ',' || kinds || ',' LIKE '%,arriving,%';
