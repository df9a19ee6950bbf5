-- What the benchmarks of the sanctuary scheme need beyond the demonstration data: 10,000 jobs of as many households, in
-- every state that the board shows, half of them specified.
SET session_replication_role = replica;

CREATE TEMP TABLE home AS
WITH one AS (
    SELECT h FROM household h JOIN account a ON a.organisation_id = h.organisation_id
     WHERE a.username = 'sanctuary' AND h.closed_at IS NULL AND NOT h.restricted LIMIT 1
), made AS (
    INSERT INTO household
    SELECT (jsonb_populate_record(h, jsonb_build_object('id', gen_random_uuid(), 'reference', 'J-' || lpad(n::text, 6, '0')))).*
      FROM one, generate_series(1, 10000) n
    RETURNING id, organisation_id, right(reference, 6)::integer AS n
)
SELECT m.*, (s.states)[1 + m.n % cardinality(s.states)] AS state, gen_random_uuid() AS spec
  FROM made m, (SELECT array_agg(x ORDER BY x) AS states FROM sanctuary.stage, unnest(stage.states) x) s;

INSERT INTO sanctuary.job (household_id, organisation_id, state, state_since, risk_level, due_at, spec_id, total_pence, coordinator_id, referred_by,
                           reference)
SELECT h.id, h.organisation_id, h.state, now() - h.n * interval '7 minutes', CASE h.n % 3 WHEN 0 THEN 'high' ELSE 'medium' END,
       now() + (h.n % 200 - 100) * interval '1 hour', CASE WHEN h.n % 2 = 0 THEN h.spec END, CASE WHEN h.n % 2 = 0 THEN 60800 END, a.id, a.id, 'SB' || h.n
  FROM home h, account a WHERE a.username = 'sanctuary';
INSERT INTO sanctuary.spec (id, job_id, household_id, n, total_pence, made_by)
SELECT h.spec, j.id, h.id, 1, 60800, j.referred_by FROM home h JOIN sanctuary.job j ON j.household_id = h.id WHERE h.n % 2 = 0;

CREATE SCHEMA IF NOT EXISTS bench;
GRANT USAGE ON SCHEMA bench TO haven_app;
CREATE TABLE bench.job AS
SELECT row_number() OVER (ORDER BY j.id)::integer AS n, j.id FROM sanctuary.job j
  JOIN sanctuary.move m ON m.state = j.state AND m.act = 'visit_plan' WHERE j.reference LIKE 'SB%';
ALTER TABLE bench.job ADD PRIMARY KEY (n);
GRANT SELECT ON bench.job TO haven_app;
