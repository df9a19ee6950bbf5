-- What the placement benchmarks need beyond the demonstration data: households that any place for
-- women fits, so that no rule stands against a hold; a past, so that nothing is planned for
-- empty tables; and the holds that pgbench asks for.
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
GRANT USAGE ON SCHEMA bench TO haven_app;

WITH one AS (
    SELECT h FROM household h JOIN account a ON a.organisation_id = h.organisation_id
     WHERE a.username = 'officer' AND h.closed_at IS NULL LIMIT 1
), made AS (
    INSERT INTO household
    SELECT (jsonb_populate_record(h, jsonb_build_object('id', gen_random_uuid(), 'reference', 'B-' || lpad(n::text, 5, '0'),
            'want_from', NULL, 'want_until', NULL, 'shortest_stay_days', 1, 'risk_level', 'standard', 'risk_least', NULL, 'dash', NULL,
            'support_needs', '[]'::jsonb, 'nrpf', false, 'pets', false, 'pregnant', false, 'due_on', NULL, 'wheelchair', 'none',
            'step_free', false, 'ground_floor', false, 'adapted_bathroom', false, 'wants_to_stay', false, 'poses', '[]'::jsonb,
            'avoids', '[]'::jsonb, 'immigration_expires_on', NULL))).*
      FROM one, generate_series(1, 1000) n
    RETURNING id
)
INSERT INTO member (household_id, kind, sex, gender_identity, age, age_on)
SELECT id, 'main', 'female', 'same_as_sex', 30, current_date FROM made;

CREATE TABLE bench.hold AS
SELECT row_number() OVER (ORDER BY md5(v.id::text))::integer AS n, v.id AS vacancy, NULL::uuid AS household, NULL::jsonb AS items
  FROM vacancy v JOIN unit u ON u.id = v.unit_id JOIN property p ON p.id = u.property_id
 WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL AND p.residents <> 'men' AND v.available_from <= current_date
   AND v.confirmed_at > now() - interval '60 hours';
UPDATE bench.hold SET household = h.id
  FROM (SELECT id, row_number() OVER (ORDER BY reference) AS n FROM household WHERE reference LIKE 'B-_____') h
 WHERE h.n = 1 + hold.n % 1000;
UPDATE bench.hold SET items = jsonb_build_array(jsonb_build_object('token', :'token_hash', 'request', md5(n::text), 'key', 'sql-' || n,
    'hash', repeat('00', 32), 'household_id', household, 'vacancy_id', vacancy, 'minutes', 120, 'vacancy_version', NULL,
    'policy_version', NULL, 'inputs_hash', NULL, 'score', NULL) || (
    SELECT jsonb_build_object('household_version', h.version, 'judged_version', v.version, 'place_version', u.version + p.version,
           'policy_digest', y.digest, 'inputs', repeat('x', 1500), 'answer', repeat('x', 300), 'decision_hash', repeat('0', 64))
      FROM household h, vacancy v JOIN unit u ON u.id = v.unit_id JOIN property p ON p.id = u.property_id, policy y
     WHERE h.id = household AND v.id = vacancy));
ALTER TABLE bench.hold ADD PRIMARY KEY (n);
GRANT SELECT ON bench.hold TO haven_app;

SET session_replication_role = replica;
INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period, held_at, decided_at,
                       arrived_on, departed_on, departure_reason, destination, household_version, unit_version)
SELECT v.id, v.unit_id, v.organisation_id, h.household, a.organisation_id, a.id, 'departed', daterange(current_date - 400, current_date - 300),
       now() - interval '401 days', now() - interval '401 days', current_date - 400, current_date - 300,
       :'departure_reason', :'destination', 1, 1
  FROM bench.hold h JOIN vacancy v ON v.id = h.vacancy JOIN account a ON a.username = 'officer'
 WHERE h.n % 2 = 0;
INSERT INTO idempotency (account_id, key, request_hash, status, location, body)
SELECT a.id, 'old-' || h.n, decode(repeat('00', 32), 'hex'), 201, '/placements/' || h.vacancy, repeat('x', 900)
  FROM bench.hold h JOIN account a ON a.username = 'officer' WHERE h.n % 2 = 0;
