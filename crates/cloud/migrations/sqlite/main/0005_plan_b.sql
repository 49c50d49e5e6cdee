-- Where a parcel goes that does not go in, in a resident's order: names of rungs with commas. An empty consignment is
-- the home's default.
CREATE TABLE plans_b (
    tenant      BLOB   NOT NULL,
    home        BLOB   NOT NULL,
    consignment BLOB   NOT NULL,
    rungs       TEXT   NOT NULL,
    set_ms      BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, consignment)
);

-- What handsets signed about errands that went elsewhere, as it was signed, with the delegation that its assignment
-- was signed under.
CREATE TABLE left_elsewhere (
    tenant      BLOB   NOT NULL,
    home        BLOB   NOT NULL,
    hash        BLOB   NOT NULL,
    assignment  BLOB   NOT NULL,
    envelope    BLOB   NOT NULL,
    delegation  BLOB   NOT NULL,
    received_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, hash)
);
CREATE INDEX left_elsewhere_by_assignment ON left_elsewhere (tenant, home, assignment, received_ms);
CREATE INDEX left_elsewhere_by_time ON left_elsewhere (tenant, home, received_ms);

-- How many stops are before a door, as the provider said last. noticed is 1 once residents were told.
CREATE TABLE stops_away (
    tenant     BLOB   NOT NULL,
    home       BLOB   NOT NULL,
    assignment BLOB   NOT NULL,
    stops      BIGINT NOT NULL,
    said_ms    BIGINT NOT NULL,
    noticed    BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, assignment)
);
CREATE INDEX assignments_by_hash ON assignments (tenant, hash);
