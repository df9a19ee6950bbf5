-- What the fund's benchmarks need beyond the demonstration data: pots, households, and requests that wait for
-- one approval. :spends attempts of P11, :requests of G7f.
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
GRANT USAGE ON SCHEMA bench TO haven_app;
GRANT USAGE, CREATE ON SCHEMA bench TO haven_owner;

CREATE FUNCTION bench.be(who text) RETURNS text LANGUAGE sql AS $$
    SELECT set_config('haven.account', a.id::text, false) || set_config('haven.organisation', a.organisation_id::text, false)
        || set_config('haven.role', a.role, false) || set_config('haven.partners', partners_of(a.organisation_id)::text, false)
        || set_config('haven.denied', '', false) || set_config('haven.opened', '', false)
      FROM account a WHERE a.username = who
$$;

-- ---- pots ----

SELECT bench.be('finance');
CREATE TABLE bench.pot AS
SELECT n, my_organisation() AS keeper,
       fund.add_pot(jsonb_build_object('name', 'Bench ' || n, 'funder', 'Bench', 'categories', ARRAY['school'])) AS year
  FROM generate_series(0, 199) n;
ALTER TABLE bench.pot ADD PRIMARY KEY (n), ADD COLUMN free bigint, ADD COLUMN committed bigint;
UPDATE bench.pot SET free = fund.account_of(year, 'free'), committed = fund.account_of(year, 'committed');
GRANT SELECT ON bench.pot TO haven_owner;
-- of the first hundred nine spends in ten of P11 fit; the others never run out
SELECT count(fund.change_budget(year, -1, CASE WHEN n < 100 THEN (:spends / 100 * 9 / 10) * 100 ELSE 1000000000000 END)),
       count(fund.move_year(year, -1, 'open')) FROM bench.pot;
SELECT fund.set_limit('{"role": "finance_approver", "single_pence": 100000000, "month_pence": 100000000000}');

-- ---- requests, four of a household, no two of one amount ----

SET session_replication_role = replica;
CREATE TABLE bench.home AS
WITH one AS (
    SELECT h FROM household h JOIN account a ON a.organisation_id = h.organisation_id
     WHERE a.username = 'officer' AND h.closed_at IS NULL LIMIT 1
), made AS (
    INSERT INTO household
    SELECT (jsonb_populate_record(h, jsonb_build_object('id', gen_random_uuid(), 'reference', 'B-' || lpad(n::text, 6, '0')))).*
      FROM one, generate_series(1, (:requests + 3) / 4) n
    RETURNING id, organisation_id
)
SELECT row_number() OVER () - 1 AS n, id, organisation_id FROM made;
INSERT INTO member (household_id, kind, sex, gender_identity, age, age_on)
SELECT id, 'main', 'female', 'same_as_sex', 30, current_date FROM bench.home;
ALTER TABLE bench.home ADD PRIMARY KEY (n);

CREATE TABLE bench.request AS SELECT n, gen_random_uuid() AS id FROM generate_series(0, :requests - 1) n;
ALTER TABLE bench.request ADD PRIMARY KEY (n);
GRANT SELECT ON bench.request TO haven_app;
INSERT INTO fund.request (id, household_id, organisation_id, keeper_id, category, amount_pence, means, needed_on, evidence,
                          asked_by, changed_by, touched)
SELECT q.id, h.id, h.organisation_id, h.organisation_id, 'school', 1000 + q.n, 'voucher', today(), 'quote', a.id, a.id, ARRAY[a.id]
  FROM bench.request q JOIN bench.home h ON h.n = q.n / 4 JOIN account a ON a.username = 'officer';
INSERT INTO fund.part SELECT q.id, 1, r.year, 1000 + q.n FROM bench.request q JOIN bench.pot r ON r.n = 100 + q.n % 100;
INSERT INTO task (organisation_id, kind, about, about_id, for_role, due_on)
SELECT r.keeper_id, 'fund_decision', 'fund_request', r.id, 'finance_approver', r.needed_on
  FROM fund.request r JOIN bench.request q ON q.id = r.id;
SET session_replication_role = origin;
