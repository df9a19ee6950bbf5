-- name: vacancy_list
-- plan: custom
-- $1 state, $2 stale, $3 unit, $4 rows, $5 cursor, $6 false to leave out what is over. Most vacancies ever posted are
-- taken: what columns say of a state comes first, and the state is computed only for those that are still on offer.
SELECT w.*, v.created_at::text || '|' || v.id AS _cursor
  FROM (SELECT v.id, v.created_at FROM unnest(my_supply()) o
         CROSS JOIN LATERAL (
               SELECT v.id, v.created_at FROM vacancy v
                WHERE v.organisation_id = o
                  AND ($3::uuid IS NULL OR v.unit_id = $3::uuid)
                  AND ($1::text IS NULL OR $1 <> 'placed' OR v.withdrawn_at IS NULL AND v.taken_at IS NOT NULL)
                  AND ($1::text IS NULL OR $1 <> 'withdrawn' OR v.withdrawn_at IS NOT NULL)
                  AND ($1::text IS NULL OR $1 IN ('placed', 'withdrawn')
                       OR v.withdrawn_at IS NULL AND v.taken_at IS NULL
                          AND (SELECT s.state FROM vacancy_state s WHERE s.vacancy_id = v.id) = $1)
                  AND ($2::boolean IS NULL OR NOT $2 OR v.withdrawn_at IS NULL AND v.taken_at IS NULL)
                  AND ($2::boolean IS NULL
                       OR $2 = (v.confirmed_at <= now() - (SELECT y.stale FROM policy y WHERE y.id = 1)
                                AND v.withdrawn_at IS NULL AND v.taken_at IS NULL))
                  AND ($6::boolean IS NULL OR $6
                       OR v.withdrawn_at IS NULL
                          AND (v.taken_at IS NULL AND coalesce(v.available_until, 'infinity') > today()
                               OR EXISTS (SELECT FROM placement p
                                           WHERE p.vacancy_id = v.id AND p.state IN ('accepted', 'arrived'))))
                  AND ($5::text IS NULL OR (v.created_at, v.id)
                       < (split_part($5, '|', 1)::timestamptz, split_part($5, '|', 2)::uuid))
                ORDER BY v.created_at DESC, v.id DESC LIMIT $4::integer) v
         ORDER BY v.created_at DESC, v.id DESC LIMIT $4::integer) v
  JOIN vacancy_view w ON w.id = v.id
 ORDER BY v.created_at DESC, v.id DESC

-- name: vacancy_show
SELECT * FROM vacancy_view WHERE id = $1::uuid AND organisation_id = ANY ((SELECT my_supply())::uuid[])

-- name: vacancy_units
-- What the page for posting one shows: the own open units that are not offered yet and that nobody lives
-- in, those that are free first.
SELECT u.id, u.reference, p.public_name AS property_name, p.type, p.area_label, u.max_people, u.bedrooms, s.state
  FROM unit u
  JOIN property p ON p.id = u.property_id
  JOIN unit_state s ON s.unit_id = u.id
 WHERE u.organisation_id = $1::uuid AND u.closed_at IS NULL AND p.closed_at IS NULL
   AND s.state <> 'occupied'
   AND NOT EXISTS (SELECT FROM vacancy v WHERE v.unit_id = u.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL
                      AND coalesce(v.available_until, 'infinity') > today())
 ORDER BY s.state <> 'available', p.public_name, u.reference

-- name: vacancy_create
-- $1 id, $2 unit, $3 organisation, $4 from or NULL (today), $5 until
INSERT INTO vacancy (id, unit_id, organisation_id, available_from, available_until)
SELECT $1::uuid, u.id, u.organisation_id, coalesce($4::date, today()), $5::date
  FROM unit u JOIN property p ON p.id = u.property_id
 WHERE u.id = $2::uuid AND u.organisation_id = $3::uuid AND u.closed_at IS NULL AND p.closed_at IS NULL
   AND (coalesce($4::date, today()) > today() OR unit_now(u.id) NOT IN ('out_of_service', 'occupied'))

-- name: vacancy_unit
-- Why the unit cannot be posted as free today.
SELECT unit_now(u.id) AS state, nullif(unit_ready_on(u.id, today()), 'infinity') AS ready_on
  FROM unit u WHERE u.id = $1::uuid AND u.organisation_id = $2::uuid

-- name: vacancy_lock
SELECT u.id FROM vacancy v JOIN unit u ON u.id = v.unit_id
 WHERE v.id = $1::uuid AND v.organisation_id = $2::uuid FOR NO KEY UPDATE OF u

-- name: vacancy_change
-- $1 id, $2 organisation, $3 version, $4 body; a held one stays as it was when it was held
UPDATE vacancy v
   SET (available_from, available_until)
       = (SELECT r.available_from, r.available_until FROM jsonb_populate_record(v, $4::jsonb) r),
       version = v.version + 1
 WHERE v.id = $1::uuid AND v.organisation_id = $2::uuid AND $3::integer IN (v.version, -1)
   AND (SELECT s.state FROM vacancy_state s WHERE s.vacancy_id = $1::uuid) IN ('open', 'lapsed')

-- name: vacancy_confirm
UPDATE vacancy SET confirmed_at = now(), version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid AND withdrawn_at IS NULL AND taken_at IS NULL

-- name: vacancy_lock_all
SELECT u.id FROM unit u
 WHERE u.organisation_id = $1::uuid
   AND u.id IN (SELECT v.unit_id FROM vacancy v
                 WHERE v.organisation_id = $1::uuid AND v.withdrawn_at IS NULL AND v.taken_at IS NULL)
 ORDER BY u.id FOR NO KEY UPDATE

-- name: vacancy_confirm_all
UPDATE vacancy SET confirmed_at = now(), version = version + 1
 WHERE organisation_id = $1::uuid AND withdrawn_at IS NULL AND taken_at IS NULL

-- name: vacancy_withdraw
UPDATE vacancy SET withdrawn_at = now(), withdraw_reason = $3, version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid
   AND (SELECT s.state FROM vacancy_state s WHERE s.vacancy_id = $1::uuid) IN ('open', 'lapsed')
