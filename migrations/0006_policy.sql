-- Settings from outside the service: the matching policy, postcode districts, and the time for a decision.

CREATE TABLE policy (
    id integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    numbers jsonb NOT NULL,
    unsafe_same boolean NOT NULL GENERATED ALWAYS AS ((numbers ->> 'unsafe_same')::integer = 1) STORED,
    unsafe_neighbour boolean NOT NULL GENERATED ALWAYS AS ((numbers ->> 'unsafe_neighbour')::integer = 1) STORED,
    stale interval NOT NULL GENERATED ALWAYS AS (make_interval(hours => (numbers ->> 'stale_hours')::integer)) STORED,
    lapse interval NOT NULL GENERATED ALWAYS AS (make_interval(hours => (numbers ->> 'lapse_hours')::integer)) STORED,
    hold_least_minutes integer NOT NULL GENERATED ALWAYS AS ((numbers ->> 'hold_least_minutes')::integer) STORED,
    hold_minutes integer NOT NULL GENERATED ALWAYS AS ((numbers ->> 'hold_minutes')::integer) STORED,
    hold_most_minutes integer NOT NULL GENERATED ALWAYS AS ((numbers ->> 'hold_most_minutes')::integer) STORED,
    offer_minutes integer NOT NULL GENERATED ALWAYS AS ((numbers ->> 'offer_minutes')::integer) STORED,
    CONSTRAINT policy_hold CHECK (hold_minutes BETWEEN hold_least_minutes AND hold_most_minutes
                                  AND offer_minutes BETWEEN hold_least_minutes AND hold_most_minutes)
);
COMMENT ON TABLE policy IS
    'The matching policy in force, one row: the file of config/policy, written by `haven migrate`. Workers match by '
    'this row too, and take up a change within a second.';
COMMENT ON COLUMN policy.id IS 'The one row.';
COMMENT ON COLUMN policy.numbers IS 'The file: its version, and every switch, limit and weight.';
COMMENT ON COLUMN policy.unsafe_same IS 'Whether a place in the same district as an unsafe one is unsafe.';
COMMENT ON COLUMN policy.unsafe_neighbour IS 'Whether a place in a district beside an unsafe one is unsafe.';
COMMENT ON COLUMN policy.stale IS 'After this long without confirmation a vacancy ranks lower.';
COMMENT ON COLUMN policy.lapse IS 'After this long without confirmation a vacancy lapses.';
COMMENT ON COLUMN policy.hold_least_minutes IS 'Shortest hold or offer.';
COMMENT ON COLUMN policy.hold_minutes IS 'Length of a hold where none is asked for.';
COMMENT ON COLUMN policy.hold_most_minutes IS 'Longest hold, also when it is extended, and longest offer.';
COMMENT ON COLUMN policy.offer_minutes IS 'Time that a provider has to answer where none is asked for.';
SELECT guard('policy', 'open');

CREATE TABLE district (
    code outward_code PRIMARY KEY,
    east_km integer,
    north_km integer,
    reach_km integer
);
COMMENT ON TABLE district IS
    'Postcode districts with their coarse centre on the 2 km grid; filled from config/geography by `haven migrate`.';
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
COMMENT ON TABLE district_neighbour IS
    'Postcode districts that touch, both ways; filled from config/geography by `haven migrate`.';
COMMENT ON COLUMN district_neighbour.district IS 'A district.';
COMMENT ON COLUMN district_neighbour.neighbour IS 'One beside it.';
SELECT guard('district_neighbour', 'open');

CREATE TABLE decision_limit (
    urgency urgency PRIMARY KEY,
    allowed interval CHECK (allowed > interval '0')
);
COMMENT ON TABLE decision_limit IS
    'How soon the first decision on a referral is due; the operator may change the times.';
COMMENT ON COLUMN decision_limit.urgency IS 'Urgency of the household.';
COMMENT ON COLUMN decision_limit.allowed IS
    'Time from submission to the first decision, round the clock; NULL is no limit.';
INSERT INTO decision_limit VALUES ('emergency', '2 hours'), ('urgent', '72 hours'), ('planned', NULL);
SELECT guard('decision_limit', 'open');
