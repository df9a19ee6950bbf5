-- What the load plays with, on top of tests/support/seed.sql: 2,000 rooms on offer and :households
-- women who wait. Two more council and provider accounts come by `haven user add`.
WITH u AS (
    INSERT INTO unit (id, property_id, organisation_id, reference, self_contained, max_people)
    SELECT ('30000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, '00000000-0000-4000-8000-000000000101',
           '00000000-0000-4000-8000-000000000012', 'Extra ' || i, true, 4
      FROM generate_series(0, 1999) i
    RETURNING id, organisation_id
)
INSERT INTO vacancy (id, unit_id, organisation_id, available_from)
SELECT ('2' || substr(id::text, 2))::uuid, id, organisation_id, current_date FROM u;
WITH h AS (
    INSERT INTO household (id, reference, organisation_id, situation, risk_level, pets, nrpf, pregnant)
    SELECT ('10000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, 'H-' || lpad(i::text, 6, '0'),
           '00000000-0000-4000-8000-000000000011',
           'rough', 'medium', false, false, false
      FROM generate_series(0, :households - 1) i
    RETURNING id
)
INSERT INTO member (household_id, kind, sex, gender_identity, age)
SELECT id, 'main', 'female', 'same_as_sex', 30 FROM h;
ANALYZE unit, vacancy, household, member;
