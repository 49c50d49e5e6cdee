-- Portable SQL: ids are BLOB of 16 or 32 bytes, times BIGINT (milliseconds since 1970 where the name ends in _ms,
-- seconds where it ends in _s), every key begins with the tenant and, where there is one, the home.

CREATE TABLE homes (
    tenant       BLOB   NOT NULL,
    home         BLOB   NOT NULL,
    door         BLOB   NOT NULL,
    door_kid     BLOB   NOT NULL,
    door_key     BLOB   NOT NULL,
    projected_to BIGINT NOT NULL,
    created_ms   BIGINT NOT NULL,
    PRIMARY KEY (tenant, home)
);
CREATE UNIQUE INDEX homes_by_door ON homes (tenant, door);
CREATE UNIQUE INDEX homes_by_door_kid ON homes (tenant, door_kid);

CREATE TABLE rosters (
    tenant     BLOB   NOT NULL,
    home       BLOB   NOT NULL,
    epoch      BIGINT NOT NULL,
    hash       BLOB   NOT NULL,
    envelopes  BLOB   NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, epoch, hash)
);

-- What the home itself said: this roster counts.
CREATE TABLE roster_confirmations (
    tenant  BLOB   NOT NULL,
    home    BLOB   NOT NULL,
    epoch   BIGINT NOT NULL,
    hash    BLOB   NOT NULL,
    PRIMARY KEY (tenant, home, epoch)
);

-- The keys of each home's roster in force; rank is owner, member, recovery or recorder.
CREATE TABLE roster_keys (
    tenant     BLOB NOT NULL,
    home       BLOB NOT NULL,
    kid        BLOB NOT NULL,
    rank       TEXT NOT NULL,
    credential BLOB NOT NULL,
    PRIMARY KEY (tenant, home, kid)
);
CREATE INDEX roster_keys_by_kid ON roster_keys (tenant, kid);

-- Signed messages on their way to a home; resent until the home answers.
CREATE TABLE papers (
    tenant      BLOB   NOT NULL,
    home        BLOB   NOT NULL,
    seq         BIGINT NOT NULL,
    kind        TEXT   NOT NULL,
    hash        BLOB   NOT NULL,
    bytes       BLOB   NOT NULL,
    state       TEXT   NOT NULL,
    code        TEXT,
    created_ms  BIGINT NOT NULL,
    answered_ms BIGINT,
    PRIMARY KEY (tenant, home, seq)
);
CREATE UNIQUE INDEX papers_by_hash ON papers (tenant, home, kind, hash);
CREATE INDEX papers_by_state ON papers (tenant, home, state, seq);

CREATE TABLE grants (
    tenant     BLOB   NOT NULL,
    home       BLOB   NOT NULL,
    hash       BLOB   NOT NULL,
    id         BLOB   NOT NULL,
    envelope   BLOB   NOT NULL,
    signer     BLOB   NOT NULL,
    root       BLOB,
    holder     BLOB,
    paper      BIGINT NOT NULL,
    until_s    BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, hash)
);
CREATE UNIQUE INDEX grants_by_id ON grants (tenant, home, id);
CREATE INDEX grants_by_holder ON grants (tenant, holder);

CREATE TABLE revocations (
    tenant       BLOB   NOT NULL,
    home         BLOB   NOT NULL,
    sequence     BIGINT NOT NULL,
    hash         BLOB   NOT NULL,
    envelope     BLOB   NOT NULL,
    paper        BIGINT NOT NULL,
    created_ms   BIGINT NOT NULL,
    confirmed_ms BIGINT,
    PRIMARY KEY (tenant, home, sequence)
);

CREATE TABLE delivery_numbers (
    tenant     BLOB   NOT NULL,
    number     TEXT   NOT NULL,
    home       BLOB   NOT NULL,
    label      TEXT   NOT NULL,
    provider   BLOB,
    created_ms BIGINT NOT NULL,
    revoked_ms BIGINT,
    PRIMARY KEY (tenant, number)
);
CREATE INDEX delivery_numbers_by_home ON delivery_numbers (tenant, home);

CREATE TABLE providers (
    tenant     BLOB   NOT NULL,
    root       BLOB   NOT NULL,
    credential BLOB   NOT NULL,
    name       TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, root)
);

CREATE TABLE delegations (
    tenant     BLOB   NOT NULL,
    provider   BLOB   NOT NULL,
    hash       BLOB   NOT NULL,
    kid        BLOB   NOT NULL,
    envelope   BLOB   NOT NULL,
    from_s     BIGINT NOT NULL,
    until_s    BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, provider, hash)
);
CREATE INDEX delegations_by_kid ON delegations (tenant, kid);

CREATE TABLE handsets (
    tenant     BLOB   NOT NULL,
    provider   BLOB   NOT NULL,
    kid        BLOB   NOT NULL,
    credential BLOB   NOT NULL,
    kem        BLOB,
    name       TEXT   NOT NULL,
    created_ms BIGINT NOT NULL,
    removed_ms BIGINT,
    PRIMARY KEY (tenant, provider, kid)
);
CREATE INDEX handsets_by_kid ON handsets (tenant, kid);

CREATE TABLE consignments (
    tenant       BLOB   NOT NULL,
    home         BLOB   NOT NULL,
    id           BLOB   NOT NULL,
    provider     BLOB   NOT NULL,
    number       TEXT   NOT NULL,
    service      TEXT   NOT NULL,
    commitments  BLOB   NOT NULL,
    from_s       BIGINT NOT NULL,
    until_s      BIGINT NOT NULL,
    description  TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    idempotency  TEXT   NOT NULL,
    request_hash BLOB   NOT NULL,
    created_ms   BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, id)
);
CREATE UNIQUE INDEX consignments_once ON consignments (tenant, provider, idempotency);

CREATE TABLE assignments (
    tenant      BLOB   NOT NULL,
    home        BLOB   NOT NULL,
    hash        BLOB   NOT NULL,
    provider    BLOB   NOT NULL,
    envelope    BLOB   NOT NULL,
    device      BLOB   NOT NULL,
    tour        BLOB   NOT NULL,
    tour_sealed BLOB,
    paper       BIGINT NOT NULL,
    until_s     BIGINT NOT NULL,
    created_ms  BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, hash)
);
CREATE INDEX assignments_by_device ON assignments (tenant, device, until_s);
CREATE INDEX assignments_by_provider ON assignments (tenant, provider, created_ms);

-- A projection of the door log; may be dropped and built again from it.
CREATE TABLE visits (
    tenant      BLOB   NOT NULL,
    home        BLOB   NOT NULL,
    visit       BLOB   NOT NULL,
    state       TEXT   NOT NULL,
    outcome     TEXT,
    refusal     TEXT,
    grant_hash  BLOB,
    assignment  BLOB,
    device      BLOB,
    passages    BIGINT NOT NULL,
    parcels     BIGINT NOT NULL,
    first       BIGINT NOT NULL,
    last        BIGINT NOT NULL,
    arrived_s   BIGINT NOT NULL,
    updated_s   BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, visit)
);
CREATE INDEX visits_by_first ON visits (tenant, home, first);
CREATE INDEX visits_by_grant ON visits (tenant, home, grant_hash);

-- What the cloud's own match said about each arrival; not evidence, the home decides.
CREATE TABLE arrivals (
    tenant     BLOB   NOT NULL,
    home       BLOB   NOT NULL,
    visit      BLOB   NOT NULL,
    at_ms      BIGINT NOT NULL,
    device     BLOB   NOT NULL,
    provider   BLOB,
    grant_hash BLOB   NOT NULL,
    assignment BLOB,
    reason     TEXT,
    PRIMARY KEY (tenant, home, visit, at_ms)
);
CREATE INDEX arrivals_by_provider ON arrivals (tenant, provider, at_ms);

CREATE TABLE preflights (
    tenant     BLOB   NOT NULL,
    home       BLOB   NOT NULL,
    grant_hash BLOB   NOT NULL,
    findings   TEXT   NOT NULL,
    at_ms      BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, grant_hash)
);

CREATE TABLE notices (
    tenant BLOB   NOT NULL,
    home   BLOB   NOT NULL,
    seq    BIGINT NOT NULL,
    kind   TEXT   NOT NULL,
    visit  BLOB,
    about  TEXT   NOT NULL,
    at_ms  BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, seq)
);

CREATE TABLE incidents (
    tenant   BLOB   NOT NULL,
    seq      BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    home     BLOB,
    provider BLOB,
    about    TEXT   NOT NULL,
    at_ms    BIGINT NOT NULL,
    PRIMARY KEY (tenant, seq)
);

CREATE TABLE sessions (
    tenant     BLOB   NOT NULL,
    token_hash BLOB   NOT NULL,
    role       TEXT   NOT NULL,
    kid        BLOB   NOT NULL,
    provider   BLOB,
    until_ms   BIGINT NOT NULL,
    PRIMARY KEY (tenant, token_hash)
);

CREATE TABLE recordings (
    tenant     BLOB   NOT NULL,
    home       BLOB   NOT NULL,
    recording  BLOB   NOT NULL,
    visit      BLOB   NOT NULL,
    manifest   BLOB,
    created_ms BIGINT NOT NULL,
    closed_ms  BIGINT,
    PRIMARY KEY (tenant, home, recording)
);

CREATE TABLE recording_parts (
    tenant    BLOB   NOT NULL,
    home      BLOB   NOT NULL,
    recording BLOB   NOT NULL,
    part      BIGINT NOT NULL,
    header    BLOB   NOT NULL,
    recorder  BLOB   NOT NULL,
    PRIMARY KEY (tenant, home, recording, part)
);

CREATE TABLE watches (
    tenant    BLOB   NOT NULL,
    home      BLOB   NOT NULL,
    recording BLOB   NOT NULL,
    kid       BLOB   NOT NULL,
    how       TEXT   NOT NULL,
    at_ms     BIGINT NOT NULL,
    PRIMARY KEY (tenant, home, recording, kid, how, at_ms)
);
