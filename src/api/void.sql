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
   AND NOT (SELECT unit_promised(v.unit_id,
                                 daterange(r.from_day, CASE WHEN r.until_day <= r.from_day THEN r.from_day
                                           ELSE r.until_day END))
              FROM jsonb_populate_record(v, $4::jsonb) r)
