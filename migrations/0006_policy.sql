-- What the service is told from outside: postcode districts, and how soon a decision is due.

CREATE TABLE district (
    code outward_code PRIMARY KEY,
    east_km integer,
    north_km integer,
    reach_km integer
);
COMMENT ON TABLE district IS 'Postcode districts with their coarse centre on the 2 km grid; filled from config/geography by `haven migrate`.';
COMMENT ON COLUMN district.code IS 'Outward code.';
COMMENT ON COLUMN district.east_km IS 'Easting of the centre, OSGB, km; NULL is unknown.';
COMMENT ON COLUMN district.north_km IS 'Northing of the centre, km.';
COMMENT ON COLUMN district.reach_km IS 'Distance from the centre to the farthest part, km.';
SELECT guard('district', 'open');

CREATE TABLE district_neighbour (
    district outward_code NOT NULL,
    neighbour outward_code NOT NULL,
    PRIMARY KEY (district, neighbour)
);
COMMENT ON TABLE district_neighbour IS 'Postcode districts that touch, both ways; filled from config/geography by `haven migrate`.';
COMMENT ON COLUMN district_neighbour.district IS 'A district.';
COMMENT ON COLUMN district_neighbour.neighbour IS 'One beside it.';
SELECT guard('district_neighbour', 'open');

CREATE TABLE decision_limit (
    urgency urgency PRIMARY KEY,
    allowed interval CHECK (allowed > interval '0')
);
COMMENT ON TABLE decision_limit IS 'How soon the first decision on a referral is due; the operator may change the times.';
COMMENT ON COLUMN decision_limit.urgency IS 'Of the household.';
COMMENT ON COLUMN decision_limit.allowed IS 'From handing in to the first decision, round the clock; NULL is no limit.';
INSERT INTO decision_limit VALUES ('emergency', '2 hours'), ('urgent', '72 hours'), ('planned', NULL);
SELECT guard('decision_limit', 'open');
