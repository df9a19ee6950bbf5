-- name: board_horizon
-- Everything below this transaction is decided: rows of change_log from here on come again.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon

-- name: board_load_horizon
-- role: board
-- The same before a load.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon

-- name: board_geography
-- role: board
-- The table of districts, where it is another than that of $1 ('' for none).
SELECT taken_at::text, words FROM geography WHERE taken_at::text <> $1

-- name: board_changes
SELECT DISTINCT kind, id FROM change_log WHERE xid >= $1::xid8

-- name: board_properties
-- role: board
-- result: binary
SELECT * FROM board_property

-- name: board_properties_changed
-- result: binary
SELECT * FROM board_properties_since($1::xid8)

-- name: board_vacancies_changed
-- result: binary
SELECT * FROM board_vacancies_since($1::xid8)

-- name: board_households_changed
SELECT * FROM board_households_since($1::xid8)

-- All of board_vacancy in three lists, since joining them in memory here costs half of what it costs
-- the database: the units, the vacancies as they were posted, and what delays some of them. What the
-- view asks for one unit after the other (free_from and its hold) is asked once for all.

-- name: board_units
-- role: board
-- result: binary
SELECT id AS unit_id, property_id, reference, facts, languages::text, version AS unit_version FROM unit
 WHERE closed_at IS NULL

-- name: board_vacancies
-- role: board
-- result: binary
SELECT id, version, unit_id, available_from AS free_from, available_until, confirmed_at,
       NULL::timestamptz AS busy_until, NULL::text AS taken
  FROM vacancy WHERE withdrawn_at IS NULL AND taken_at IS NULL

-- name: board_delays
-- role: board
-- result: binary
WITH current AS (
    SELECT v.id, v.unit_id, v.available_from FROM vacancy v WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL
), later AS (
    SELECT l.id, max(l.day) AS day
      FROM (SELECT c.id, coalesce(w.until_day, 'infinity') AS day FROM current c
              JOIN void_period w ON w.unit_id = c.unit_id
             WHERE w.from_day <= c.available_from AND coalesce(w.until_day, 'infinity') > c.available_from
             UNION ALL
            SELECT c.id, add_working_days(d.departed_on, p.turnaround_days) FROM current c
              JOIN placement d ON d.unit_id = c.unit_id
              JOIN unit u ON u.id = d.unit_id JOIN property p ON p.id = u.property_id
             WHERE d.state = 'departed' AND d.departed_on > current_date - 100
             UNION ALL
            SELECT c.id, coalesce(upper(d.period), 'infinity') FROM current c JOIN placement d ON d.unit_id = c.unit_id
             WHERE d.state IN ('accepted', 'arrived') AND d.period @> c.available_from) l
     GROUP BY l.id
), busy AS (
    SELECT c.id, max(h.expires_at) AS until FROM current c JOIN placement h ON h.unit_id = c.unit_id
     WHERE h.state IN ('held', 'offered') AND h.expires_at > now() GROUP BY c.id
), taken AS (
    SELECT c.id, taken_nights(c.unit_id) AS taken FROM current c
     WHERE EXISTS (SELECT FROM void_period w
                    WHERE w.unit_id = c.unit_id AND coalesce(w.until_day, 'infinity') > today())
        OR EXISTS (SELECT FROM placement d WHERE d.unit_id = c.unit_id AND d.state IN ('accepted', 'arrived'))
)
SELECT id, l.day AS free_from, b.until AS busy_until, t.taken
  FROM later l FULL JOIN busy b USING (id) FULL JOIN taken t USING (id)

-- name: board_households
-- role: board
SELECT * FROM board_households_waiting()
