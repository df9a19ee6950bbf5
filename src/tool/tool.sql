-- Statements of the operator's tool, run as the owner of the database.

-- name: tool_policy
-- role: tool
INSERT INTO policy AS y (numbers) VALUES ($1::jsonb)
ON CONFLICT (id) DO UPDATE SET numbers = excluded.numbers WHERE y.numbers <> excluded.numbers

-- name: tool_geography
-- role: tool
INSERT INTO geography AS g (source, words) VALUES ($1, $2)
ON CONFLICT (id) DO UPDATE SET source = excluded.source, words = excluded.words, taken_at = now()
 WHERE g.words <> excluded.words AND (excluded.source <> 'shipped' OR g.source = 'shipped')

-- name: tool_districts
-- role: tool
-- Makes the districts what the geography's lines say, and counts what that changed. A district that only appears
-- as a neighbour, or alone, has no centre.
WITH line AS (
    SELECT regexp_split_to_array(btrim(split_part(l, '#', 1), E' \t\r'), '\s+') AS w
      FROM geography, regexp_split_to_table(words, '\n') l
), pair AS (
    SELECT w[2] AS a, b FROM line, unnest(w[3:]) b WHERE w[1] = 'neighbours'
), near AS (
    SELECT code, array_agg(beside ORDER BY beside) AS neighbours
      FROM (SELECT a AS code, b AS beside FROM pair UNION SELECT b, a FROM pair) p GROUP BY code
), named AS (
    SELECT DISTINCT w[2] AS code FROM line WHERE w[1] IN ('neighbours', 'centre')
    UNION SELECT code FROM near
    UNION SELECT w[2] || n FROM line, generate_series(w[3]::integer, w[4]::integer) n WHERE w[1] = 'alone'
), made AS (
    SELECT n.code::outward_code, c.w[3]::integer AS east_km, c.w[4]::integer AS north_km, c.w[5]::integer AS reach_km,
           coalesce(near.neighbours, '{}')::outward_code[] AS neighbours
      FROM named n LEFT JOIN line c ON c.w[1] = 'centre' AND c.w[2] = n.code LEFT JOIN near ON near.code = n.code
), gone AS (
    DELETE FROM district d WHERE NOT EXISTS (SELECT FROM made m WHERE m.code = d.code)
), put AS (
    INSERT INTO district AS d SELECT code, east_km, north_km, reach_km, neighbours FROM made
    ON CONFLICT (code) DO UPDATE SET east_km = excluded.east_km, north_km = excluded.north_km,
                                     reach_km = excluded.reach_km, neighbours = excluded.neighbours
     WHERE (d.east_km, d.north_km, d.reach_km, d.neighbours)
           IS DISTINCT FROM (excluded.east_km, excluded.north_km, excluded.reach_km, excluded.neighbours)
), change AS (
    SELECT coalesce(m.code, d.code) AS code,
           CASE WHEN d.code IS NULL THEN 'new' WHEN m.code IS NULL THEN 'gone'
                WHEN d.neighbours <> m.neighbours THEN 'other neighbours' ELSE 'other centre' END AS change
      FROM made m FULL JOIN district d ON d.code = m.code
     WHERE (d.code, d.east_km, d.north_km, d.reach_km, d.neighbours)
           IS DISTINCT FROM (m.code, m.east_km, m.north_km, m.reach_km, m.neighbours)
)
SELECT change, count(*) AS districts, left(string_agg(code, ' ' ORDER BY code), 60) AS such_as
  FROM change GROUP BY change ORDER BY change

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

-- name: tool_office_hours_list
-- role: tool
SELECT o.weekday, to_char(o.opens, 'HH24:MI') AS opens, to_char(o.closes, 'HH24:MI') AS closes
  FROM office_hours o ORDER BY o.weekday

-- name: tool_office_hours_set
-- role: tool
INSERT INTO office_hours (weekday, opens, closes) VALUES ($1::integer, $2::time, $3::time)
ON CONFLICT (weekday) DO UPDATE SET opens = excluded.opens, closes = excluded.closes

-- name: tool_office_hours_close
-- role: tool
DELETE FROM office_hours WHERE weekday = $1::integer RETURNING weekday

-- name: tool_helpline_list
-- role: tool
SELECT i.position, i.service, i.telephone, i.hours, i.about FROM self_referral_information i ORDER BY i.position

-- name: tool_helpline_set
-- role: tool
INSERT INTO self_referral_information (position, service, telephone, hours, about)
VALUES ($1::integer, $2, $3, $4, $5)
ON CONFLICT (position) DO UPDATE SET service = excluded.service, telephone = excluded.telephone,
    hours = excluded.hours, about = excluded.about

-- name: tool_helpline_remove
-- role: tool
DELETE FROM self_referral_information WHERE position = $1::integer RETURNING position

-- name: decision_one
-- role: tool
-- The hash as it was recorded when the hold was taken stands in the audit trail, which nobody can change unseen.
SELECT p.id, p.erased, p.decision_hash, d.policy_digest, d.inputs, d.answer, k.numbers,
       (SELECT coalesce(e.detail ->> 'decision_hash', '') FROM audit.event e
         WHERE e.subject_id = p.id AND e.subject_kind = 'placement' AND e.action = 'insert'
         ORDER BY e.id LIMIT 1) AS recorded_hash
  FROM placement p LEFT JOIN decision d ON d.placement_id = p.id LEFT JOIN policy_kept k ON k.digest = d.policy_digest
 WHERE p.id = $1::uuid

-- name: decision_page
-- role: tool
SELECT p.id, p.erased, p.decision_hash, d.policy_digest, d.inputs, d.answer, k.numbers,
       (SELECT coalesce(e.detail ->> 'decision_hash', '') FROM audit.event e
         WHERE e.subject_id = p.id AND e.subject_kind = 'placement' AND e.action = 'insert'
         ORDER BY e.id LIMIT 1) AS recorded_hash
  FROM (SELECT * FROM placement WHERE id > $1::uuid ORDER BY id LIMIT 200) p
  LEFT JOIN decision d ON d.placement_id = p.id LEFT JOIN policy_kept k ON k.digest = d.policy_digest
 ORDER BY p.id

-- name: preview_read_only
-- role: tool
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY

-- name: preview_policy
-- role: tool
SELECT numbers FROM policy

-- name: tool_ledger_verify
-- role: tool
SELECT what, which FROM fund.faults() ORDER BY what, which LIMIT 1000

-- name: tool_ledger_states
-- role: tool
SELECT fund.drawings() AS page

-- name: tool_ledger_size
-- role: tool
SELECT (SELECT count(*) FROM fund.posting) AS postings, (SELECT count(*) FROM fund.transfer) AS transfers,
       (SELECT count(*) FROM fund.account) AS accounts, (SELECT count(*) FROM fund.commitment) AS commitments
