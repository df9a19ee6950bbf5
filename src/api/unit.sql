-- name: unit_list
-- $1 property, $2 state, $3 rows, $4 cursor
SELECT v.*, u.created_at::text || '|' || u.id AS _cursor
  FROM (SELECT u.id, u.created_at FROM unit u
         WHERE u.organisation_id = ANY ((SELECT my_supply())::uuid[])
           AND ($1::uuid IS NULL OR u.property_id = $1::uuid)
           AND ($2::text IS NULL OR (SELECT s.state FROM unit_state s WHERE s.unit_id = u.id) = $2)
           AND ($4::text IS NULL OR (u.created_at, u.id)
                < (split_part($4, '|', 1)::timestamptz, split_part($4, '|', 2)::uuid))
         ORDER BY u.created_at DESC, u.id DESC LIMIT $3::integer) u
  JOIN unit_view v ON v.id = u.id
 ORDER BY u.created_at DESC, u.id DESC

-- name: unit_show
SELECT * FROM unit_view WHERE id = $1::uuid AND organisation_id = ANY ((SELECT my_supply())::uuid[])

-- name: unit_create
-- $1 id, $2 organisation, $3 body; nothing where the property is not the organisation's, or given up
INSERT INTO unit (id, property_id, organisation_id, reference, self_contained, bedrooms, max_people, cots, floor,
                  step_free, wheelchair, adapted_bathroom, hearing_aids, visual_aids, pets, min_age, oldest_boy,
                  adult_children, mental_health, drugs, alcohol, offending, arson, violence, sexual_offending, nrpf,
                  specialisms, languages, other_language, highest_risk, weekly_cost_pence, longest_stay_days)
SELECT $1::uuid, p.id, p.organisation_id, r.reference, r.self_contained, r.bedrooms, r.max_people, r.cots, r.floor,
       r.step_free, r.wheelchair, r.adapted_bathroom, r.hearing_aids, r.visual_aids, r.pets, r.min_age, r.oldest_boy,
       r.adult_children, r.mental_health, r.drugs, r.alcohol, r.offending, r.arson, r.violence, r.sexual_offending,
       r.nrpf, r.specialisms, r.languages, r.other_language, r.highest_risk, r.weekly_cost_pence, r.longest_stay_days
  FROM jsonb_populate_record(NULL::unit, $3::jsonb) r
  JOIN property p ON p.id = r.property_id
 WHERE p.organisation_id = $2::uuid AND p.closed_at IS NULL
   FOR SHARE OF p

-- name: unit_change
-- $1 id, $2 organisation, $3 version, $4 body
UPDATE unit u
   SET (reference, self_contained, bedrooms, max_people, cots, floor, step_free, wheelchair, adapted_bathroom,
        hearing_aids, visual_aids, pets, min_age, oldest_boy, adult_children, mental_health, drugs, alcohol, offending,
        arson, violence, sexual_offending, nrpf, specialisms, languages, other_language, highest_risk,
        weekly_cost_pence, longest_stay_days)
       = (SELECT r.reference, r.self_contained, r.bedrooms, r.max_people, r.cots, r.floor, r.step_free, r.wheelchair,
                 r.adapted_bathroom, r.hearing_aids, r.visual_aids, r.pets, r.min_age, r.oldest_boy, r.adult_children,
                 r.mental_health, r.drugs, r.alcohol, r.offending, r.arson, r.violence, r.sexual_offending, r.nrpf,
                 r.specialisms, r.languages, r.other_language, r.highest_risk, r.weekly_cost_pence,
                 r.longest_stay_days
            FROM jsonb_populate_record(u, $4::jsonb) r),
       version = u.version + 1
 WHERE u.id = $1::uuid AND u.organisation_id = $2::uuid AND $3::integer IN (u.version, -1)

-- name: unit_lock
-- Whatever decides over a unit's nights takes its row first: holds, vacancies, voids, closing.
SELECT id FROM unit WHERE id = $1::uuid AND organisation_id = $2::uuid FOR NO KEY UPDATE

-- name: unit_review_mix
UPDATE unit
   SET mix_poses = ARRAY(SELECT jsonb_array_elements_text($3::jsonb -> 'poses')),
       mix_avoids = ARRAY(SELECT jsonb_array_elements_text($3::jsonb -> 'avoids')), mix_reviewed_at = now(),
       version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid AND closed_at IS NULL

-- name: unit_close
-- What is held or offered is of a vacancy that is not taken yet.
UPDATE unit SET closed_at = now(), version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid AND closed_at IS NULL
   AND NOT EXISTS (SELECT FROM vacancy WHERE unit_id = $1::uuid AND withdrawn_at IS NULL AND taken_at IS NULL)
   AND NOT unit_promised($1::uuid, '(,)')
