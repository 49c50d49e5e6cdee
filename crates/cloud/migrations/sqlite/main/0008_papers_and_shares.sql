-- What the visitor and the door said to each other and the door log only names, sealed to one resident's key each.
CREATE TABLE visit_papers (
    tenant  BLOB   NOT NULL,
    home    BLOB   NOT NULL,
    visit   BLOB   NOT NULL,
    kid     BLOB   NOT NULL,
    sealed  BLOB   NOT NULL,
    kept_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, visit, kid)
);

-- Links to one recording: what the maker sealed for whoever holds the link, until when, and who withdrew it.
CREATE TABLE shares (
    tenant       BLOB   NOT NULL,
    share        BLOB   NOT NULL,
    home         BLOB   NOT NULL,
    recording    BLOB   NOT NULL,
    sealed       BLOB   NOT NULL,
    made_by      BLOB   NOT NULL,
    made_ms      BIGINT NOT NULL,
    until_ms     BIGINT NOT NULL,
    withdrawn_ms BIGINT,
    PRIMARY KEY (tenant, share)
);
CREATE INDEX shares_by_home ON shares (tenant, home, made_ms);
CREATE INDEX shares_by_end ON shares (tenant, until_ms) WHERE length(sealed) > 0;
