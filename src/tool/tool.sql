-- Statements of the operator's tool, run as the owner of the database.

-- name: tool_policy
-- role: tool
INSERT INTO policy AS y (numbers) VALUES ($1::jsonb)
ON CONFLICT (id) DO UPDATE SET numbers = excluded.numbers WHERE y.numbers <> excluded.numbers

-- name: tool_districts
-- role: tool
-- The geography file as a table of words; districts that only appear as neighbours have no centre.
WITH line AS (
    SELECT regexp_split_to_array(btrim(split_part(l, '#', 1), E' \t\r'), '\s+') AS w FROM regexp_split_to_table($1,
            '\n') l
), named AS (
    SELECT DISTINCT code FROM line, unnest(w[2:]) code WHERE w[1] = 'neighbours'
    UNION SELECT w[2] FROM line WHERE w[1] = 'centre'
)
INSERT INTO district AS d (code, east_km, north_km, reach_km)
SELECT n.code, c.w[3]::integer, c.w[4]::integer, c.w[5]::integer
  FROM named n LEFT JOIN line c ON c.w[1] = 'centre' AND c.w[2] = n.code
ON CONFLICT (code) DO UPDATE SET east_km = excluded.east_km, north_km = excluded.north_km, reach_km = excluded.reach_km
 WHERE (d.east_km, d.north_km, d.reach_km) IS DISTINCT FROM (excluded.east_km, excluded.north_km, excluded.reach_km)

-- name: tool_neighbours
-- role: tool
WITH line AS (
    SELECT regexp_split_to_array(btrim(split_part(l, '#', 1), E' \t\r'), '\s+') AS w FROM regexp_split_to_table($1,
            '\n') l
), pair AS (
    SELECT w[2] AS a, b FROM line, unnest(w[3:]) b WHERE w[1] = 'neighbours'
)
INSERT INTO district_neighbour (district, neighbour)
SELECT a, b FROM pair UNION SELECT b, a FROM pair
ON CONFLICT DO NOTHING

-- name: tool_organisation_add
-- role: tool
WITH made AS (
    INSERT INTO partnership (name) VALUES ($3) ON CONFLICT (name) DO NOTHING RETURNING id
)
INSERT INTO organisation (partnership_id, kind, name)
SELECT p.id, $2, $1 FROM (SELECT id FROM made UNION SELECT id FROM partnership WHERE name = $3) p
ON CONFLICT (partnership_id, name) DO NOTHING
RETURNING id

-- name: tool_organisation_list
-- role: tool
SELECT o.id, o.name, o.kind, p.name AS partnership
  FROM organisation o JOIN partnership p ON p.id = o.partnership_id ORDER BY p.name, o.kind, o.name

-- name: tool_organisation_find
-- role: tool
SELECT id FROM organisation WHERE id::text = lower($1) OR lower(name) = lower($1)

-- name: tool_account_add
-- role: tool
INSERT INTO account (organisation_id, username, display_name, role, password_hash)
VALUES ($1::uuid, lower($2), $3, $4, $5)
ON CONFLICT (username) DO NOTHING
RETURNING username

-- name: tool_account_list
-- role: tool
SELECT a.username, a.display_name AS name, a.role, o.name AS organisation,
       CASE WHEN a.disabled_at IS NULL THEN 'open' ELSE 'disabled' END AS state
  FROM account a JOIN organisation o ON o.id = a.organisation_id ORDER BY a.username

-- name: tool_account_disable
-- role: tool
WITH closed AS (
    UPDATE account SET disabled_at = now() WHERE username = lower($1) AND disabled_at IS NULL RETURNING id
), ended AS (
    UPDATE session s SET revoked_at = now() FROM closed WHERE s.account_id = closed.id AND s.revoked_at IS NULL
    RETURNING s.id
)
SELECT (SELECT count(*) FROM closed) AS accounts, (SELECT count(*) FROM ended) AS sessions

-- name: tool_account_password
-- role: tool
SELECT accounts, sessions FROM vault.password_reset($1, $2)

-- name: keys_count
-- role: tool
SELECT r.id AS root, count(k.subject_id) FILTER (WHERE k.subject_kind = 'household') AS households,
       count(k.subject_id) FILTER (WHERE k.subject_kind = 'property') AS properties,
       CASE WHEN r.usable THEN 'in use' ELSE 'left behind' END AS state
  FROM vault.root_key r LEFT JOIN vault.data_key k ON k.root_id = r.id
 GROUP BY r.id UNION ALL
SELECT 'none', count(*) FILTER (WHERE subject_kind = 'household'), count(*) FILTER (WHERE subject_kind = 'property'),
       'destroyed'
  FROM vault.data_key WHERE wrapped IS NULL HAVING count(*) > 0

-- name: keys_to_rewrap
-- role: tool
SELECT subject_id, subject_kind, organisation_id, encode(wrapped, 'hex') AS wrapped
  FROM vault.data_key WHERE wrapped IS NOT NULL AND root_id <> $1
 ORDER BY subject_id LIMIT 1000 FOR UPDATE

-- name: keys_rewrap
-- role: tool
WITH fresh AS (
    SELECT id, kind, decode(wrapped, 'hex') AS wrapped
      FROM jsonb_to_recordset($1::jsonb) AS f (id uuid, kind text, wrapped text)
), root AS (
    INSERT INTO vault.root_key (id) SELECT DISTINCT encode(substring(wrapped FROM 2 FOR 8), 'hex') FROM fresh
    ON CONFLICT DO NOTHING
)
UPDATE vault.data_key k SET wrapped = f.wrapped FROM fresh f WHERE k.subject_id = f.id AND k.subject_kind = f.kind

-- name: keys_leave
-- role: tool
-- Waits for a transaction that stores a key under it; refused while a data key is under it.
INSERT INTO vault.root_key (id, usable) VALUES ($1, false) ON CONFLICT (id) DO UPDATE SET usable = false

-- name: erasure_find
-- role: tool
-- By reference, by the tombstone's, or by identity.
SELECT h.id, erasure_refusal(h.id) AS refusal, utc(h.erased_at) AS erased_at, h.erasure_reason
  FROM household h WHERE h.reference = upper($1) OR h.id::text = lower($1)

-- name: erasure_run
-- role: tool
SELECT e.gone AS rows, e.what AS "taken or blanked" FROM erase_household($1::uuid, $2) e

-- name: erasure_tombstone
-- role: tool
SELECT reference FROM household WHERE id = $1::uuid

-- name: erasure_left
-- role: tool
SELECT l.remaining AS left, l.what AS "looked for again" FROM erasure_left($1::uuid) l

-- name: erasure_left_in_all
-- role: tool
SELECT sum(l.remaining) AS remaining FROM erasure_left($1::uuid) l

-- name: tool_bank_holiday_add
-- role: tool
-- The workers' lists for searches read again what may be ready on another day.
WITH added AS (
    INSERT INTO bank_holiday (day, name) SELECT $1::date, $2 WHERE extract(isodow FROM $1::date) < 6
    ON CONFLICT DO NOTHING RETURNING day
)
SELECT a.day, turnarounds_moved() FROM added a

-- name: tool_bank_holiday_remove
-- role: tool
WITH removed AS (DELETE FROM bank_holiday WHERE day = $1::date RETURNING day)
SELECT r.day, turnarounds_moved() FROM removed r
