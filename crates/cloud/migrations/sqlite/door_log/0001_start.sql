-- The door logs of all homes, in a file of their own: imports elsewhere never hold them up.
CREATE TABLE door_events (
    tenant      BLOB     NOT NULL,
    home        BLOB     NOT NULL,
    counter     BIGINT   NOT NULL,
    hash        BLOB     NOT NULL,
    class       SMALLINT NOT NULL,
    event       BLOB     NOT NULL,
    salt        BLOB,
    detail      BLOB,
    visit       BLOB,
    received_ms BIGINT   NOT NULL,
    PRIMARY KEY (tenant, home, counter)
);
CREATE INDEX door_events_by_visit ON door_events (tenant, home, visit, counter);

-- Evidence: a signed event that contradicts a stored one.
CREATE TABLE door_conflicts (
    tenant      BLOB   NOT NULL,
    home        BLOB   NOT NULL,
    counter     BIGINT NOT NULL,
    hash        BLOB   NOT NULL,
    event       BLOB   NOT NULL,
    received_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, counter, hash)
);
