-- Sealed photos of where parcels went, by H(left): one of each report that names one. The object lies beside those of recordings. A row
-- outlives its photo: it then says when that was deleted, and after how many hours. is_stored is 1 once the object is whole,
-- is_swept once it is gone.
CREATE TABLE left_photos (
    tenant          BLOB   NOT NULL,
    home            BLOB   NOT NULL,
    hash            BLOB   NOT NULL,
    received_ms     BIGINT NOT NULL,
    is_stored       BIGINT NOT NULL DEFAULT 0,
    deleted_ms      BIGINT,
    deleted_after_h BIGINT,
    is_swept        BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, home, hash)
);
CREATE INDEX left_elsewhere_by_hash ON left_elsewhere (tenant, hash);
CREATE INDEX left_photos_kept ON left_photos (tenant, received_ms) WHERE deleted_ms IS NULL;
CREATE INDEX left_photos_unswept ON left_photos (tenant) WHERE deleted_ms IS NOT NULL AND is_swept = 0;
