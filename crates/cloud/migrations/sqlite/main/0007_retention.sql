-- What happens to a recording afterwards. A row outlives its recording: it then says when and why that was deleted.
-- is_swept is 1 once the objects are gone, too. kept_by holds it for a claim, until released or kept_until_ms.
ALTER TABLE recordings ADD COLUMN deleted_ms      BIGINT;
ALTER TABLE recordings ADD COLUMN deleted_by      BLOB;
ALTER TABLE recordings ADD COLUMN deleted_after_h BIGINT;
ALTER TABLE recordings ADD COLUMN is_swept        BIGINT NOT NULL DEFAULT 0;
ALTER TABLE recordings ADD COLUMN noticed_ms      BIGINT;
ALTER TABLE recordings ADD COLUMN kept_by         BLOB;
ALTER TABLE recordings ADD COLUMN kept_ms         BIGINT;
ALTER TABLE recordings ADD COLUMN kept_until_ms   BIGINT;
ALTER TABLE recordings ADD COLUMN released_by     BLOB;
ALTER TABLE recordings ADD COLUMN released_ms     BIGINT;
CREATE INDEX recordings_unswept ON recordings (tenant) WHERE deleted_ms IS NOT NULL AND is_swept = 0;

-- Hours for which a home keeps its recordings, where an owner chose.
CREATE TABLE retention (
    tenant BLOB   NOT NULL,
    home   BLOB   NOT NULL,
    hours  BIGINT NOT NULL,
    set_by BLOB   NOT NULL,
    set_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, home)
);

-- Who wants to hear how a visit ended wants to hear that its recording is about to be deleted.
UPDATE push_subscriptions SET kinds = kinds || ',clip_expires' WHERE ',' || kinds || ',' LIKE '%,secured,%';
UPDATE mail_addresses SET kinds = kinds || ',clip_expires' WHERE ',' || kinds || ',' LIKE '%,secured,%';
