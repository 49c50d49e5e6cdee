-- A home that is handed over has another household from then on (ADR 0017). No row is deleted for that at the word of one
-- roster: what was of the household before is marked, ends in its own time, and is shown to nobody of the one after.

-- 1 if the signatures under a roster hand the home over, as was found when it came in.
ALTER TABLE rosters ADD COLUMN hands_over BIGINT NOT NULL DEFAULT 0;
-- With which event of the door, and with which roster, the present household began; 0 for the first.
ALTER TABLE homes ADD COLUMN since_counter BIGINT NOT NULL DEFAULT 0;
ALTER TABLE homes ADD COLUMN since_epoch BIGINT NOT NULL DEFAULT 0;

-- 1 of what was of a household before.
ALTER TABLE grants ADD COLUMN is_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE revocations ADD COLUMN is_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE delivery_numbers ADD COLUMN is_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE consignments ADD COLUMN is_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assignments ADD COLUMN is_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE arrivals ADD COLUMN is_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE notices ADD COLUMN is_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE shares ADD COLUMN is_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE recordings ADD COLUMN is_before BIGINT NOT NULL DEFAULT 0;
-- For how many hours the household before wanted its recordings kept: the one after chooses for its own only.
ALTER TABLE recordings ADD COLUMN hours_before BIGINT;

-- What the present household may see. Whatever answers a resident reads these, and the tables for everybody else.
CREATE VIEW present_rosters AS SELECT r.* FROM rosters r
    JOIN homes h ON h.tenant = r.tenant AND h.home = r.home WHERE r.epoch >= h.since_epoch;
CREATE VIEW present_visits AS SELECT v.* FROM visits v
    JOIN homes h ON h.tenant = v.tenant AND h.home = v.home WHERE v.first > h.since_counter;
CREATE VIEW present_grants AS SELECT * FROM grants WHERE is_before = 0;
-- The list that the door keeps counts until the present household signs the next, and they must be able to follow it.
CREATE VIEW present_revocations AS SELECT * FROM revocations r WHERE r.is_before = 0 OR r.sequence =
    (SELECT MAX(n.sequence) FROM revocations n
     WHERE n.tenant = r.tenant AND n.home = r.home AND n.confirmed_ms IS NOT NULL);
CREATE VIEW present_delivery_numbers AS SELECT * FROM delivery_numbers WHERE is_before = 0;
CREATE VIEW present_consignments AS SELECT * FROM consignments WHERE is_before = 0;
CREATE VIEW present_arrivals AS SELECT * FROM arrivals WHERE is_before = 0;
CREATE VIEW present_notices AS SELECT * FROM notices WHERE is_before = 0;
CREATE VIEW present_shares AS SELECT * FROM shares WHERE is_before = 0;
CREATE VIEW present_recordings AS SELECT * FROM recordings WHERE is_before = 0;
-- A handset may report late what it carried for the household before, and a home find something about its grants.
CREATE VIEW present_left_elsewhere AS SELECT l.* FROM left_elsewhere l
    JOIN assignments a ON a.tenant = l.tenant AND a.home = l.home AND a.hash = l.assignment WHERE a.is_before = 0;
CREATE VIEW present_preflights AS SELECT p.* FROM preflights p WHERE NOT EXISTS
    (SELECT 1 FROM grants g WHERE g.tenant = p.tenant AND g.home = p.home AND g.hash = p.grant_hash AND g.is_before = 1);
