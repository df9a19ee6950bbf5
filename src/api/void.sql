-- name: void_list
-- plan: custom
-- $1 unit, $2 rows, $3 cursor
SELECT w.*, v.created_at::text || '|' || v.id AS _cursor
  FROM (SELECT v.id, v.created_at FROM unnest(my_supply()) o
         CROSS JOIN LATERAL (
               SELECT v.id, v.created_at FROM void_period v
                WHERE v.organisation_id = o
                  AND ($1::uuid IS NULL OR v.unit_id = $1::uuid)
                  AND ($3::text IS NULL OR (v.created_at, v.id)
                       < (split_part($3, '|', 1)::timestamptz, split_part($3, '|', 2)::uuid))
                ORDER BY v.created_at DESC, v.id DESC LIMIT $2::integer) v
         ORDER BY v.created_at DESC, v.id DESC LIMIT $2::integer) v
  JOIN void_view w ON w.id = v.id
 ORDER BY v.created_at DESC, v.id DESC

-- name: void_show
SELECT * FROM void_view WHERE id = $1::uuid AND organisation_id = ANY ((SELECT my_supply())::uuid[])

-- name: void_create
-- $1 id, $2 unit, $3 organisation, $4 body; nothing where a household has or is promised the unit on those days
INSERT INTO void_period (id, unit_id, organisation_id, from_day, until_day, reason, cost_centre, note)
SELECT $1::uuid, u.id, u.organisation_id, r.from_day, r.until_day, r.reason, r.cost_centre, r.note
  FROM unit u, jsonb_populate_record(NULL::void_period, $4::jsonb) r
 WHERE u.id = $2::uuid AND u.organisation_id = $3::uuid
   AND NOT unit_promised(u.id,
                         daterange(r.from_day, CASE WHEN r.until_day <= r.from_day THEN r.from_day
                                   ELSE r.until_day END))

-- name: void_lock
SELECT u.id FROM void_period v JOIN unit u ON u.id = v.unit_id
 WHERE v.id = $1::uuid AND v.organisation_id = $2::uuid FOR NO KEY UPDATE OF u

-- name: void_change
-- $1 id, $2 organisation, $3 version, $4 body
UPDATE void_period v
   SET (from_day, until_day, reason, cost_centre, note)
       = (SELECT r.from_day, r.until_day, r.reason, r.cost_centre, r.note FROM jsonb_populate_record(v, $4::jsonb) r),
       version = v.version + 1
 WHERE v.id = $1::uuid AND v.organisation_id = $2::uuid AND $3::integer IN (v.version, -1)
   AND v.cancelled_at IS NULL
   AND NOT (SELECT unit_promised(v.unit_id,
                                 daterange(r.from_day, CASE WHEN r.until_day <= r.from_day THEN r.from_day
                                           ELSE r.until_day END))
              FROM jsonb_populate_record(v, $4::jsonb) r)

-- name: void_settle
SELECT settle_void($1::uuid) AS _done

-- name: void_cancel
-- One that has begun has kept people out: it is ended, not undone.
UPDATE void_period
   SET cancelled_at = now(), cancelled_by = $3::uuid, planned_until = until_day, until_day = from_day,
       version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid AND cancelled_at IS NULL AND from_day > today()

-- name: void_end
-- $3 first day in service again; without one today, of a period that began today tomorrow
UPDATE void_period v SET until_day = n.day, version = v.version + 1
  FROM (SELECT id, coalesce($3::date, greatest(today(), from_day + 1)) AS day FROM void_period) n
 WHERE v.id = $1::uuid AND n.id = v.id AND v.organisation_id = $2::uuid AND v.cancelled_at IS NULL
   AND v.from_day <= today() AND coalesce(v.until_day > today(), true) AND n.day > v.from_day
   AND NOT unit_promised(v.unit_id, daterange(v.until_day, greatest(v.until_day, n.day)))

-- name: void_units
-- What the form for one shows: the own open units.
SELECT u.id AS code, u.reference || ', ' || p.public_name AS label
  FROM unit u JOIN property p ON p.id = u.property_id
 WHERE u.organisation_id = $1::uuid AND u.closed_at IS NULL ORDER BY p.public_name, u.reference
