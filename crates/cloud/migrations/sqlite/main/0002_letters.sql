-- What two devices that share a link's secret leave each other: ciphertext, for a day. slot is request or reply.
CREATE TABLE letters (
    tenant   BLOB   NOT NULL,
    id       BLOB   NOT NULL,
    slot     TEXT   NOT NULL,
    letter   BLOB   NOT NULL,
    until_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, id, slot)
);
CREATE INDEX letters_by_until ON letters (tenant, until_ms);
