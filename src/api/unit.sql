-- name: unit_list
-- What the residents beside a unit are is shown to their provider alone.
-- $1 partnership, $2 own organisation or NULL, $3 property, $4 state, $5 rows, $6 cursor
SELECT u.id, u.property_id, p.public_name AS property_name, u.organisation_id, o.name AS provider, p.type, p.area_label,
       p.residents, u.reference, s.state, u.self_contained, u.bedrooms, u.max_people, u.cots, u.floor, u.step_free,
       u.wheelchair, u.adapted_bathroom, u.hearing_aids, u.visual_aids, u.pets, u.min_age, u.oldest_boy,
       u.adult_children, u.mental_health, u.drugs, u.alcohol, u.offending, u.arson, u.violence, u.sexual_offending,
       u.nrpf, array_to_json(u.specialisms) AS specialisms, array_to_json(u.languages) AS languages, u.highest_risk,
       u.weekly_cost_pence, u.longest_stay_days, CASE WHEN $2::uuid IS NOT NULL AND u.mix_reviewed_at IS NOT NULL THEN to_json(u.mix_poses) END AS mix_poses,
       CASE WHEN $2::uuid IS NOT NULL AND u.mix_reviewed_at IS NOT NULL THEN to_json(u.mix_avoids) END AS mix_avoids,
       utc(u.mix_reviewed_at) AS mix_reviewed_at, utc(u.closed_at) AS closed_at, u.version, utc(u.created_at) AS created_at,
       u.created_at::text || '|' || u.id AS _cursor
  FROM (SELECT u.* FROM unit u
         WHERE u.organisation_id = ANY (ARRAY(SELECT id FROM organisation
                                               WHERE partnership_id = $1::uuid AND ($2::uuid IS NULL OR id = $2::uuid)))
           AND ($3::uuid IS NULL OR u.property_id = $3::uuid)
           AND ($4::text IS NULL OR (SELECT s.state FROM unit_state s WHERE s.unit_id = u.id) = $4)
           AND ($6::text IS NULL OR (u.created_at, u.id) < (split_part($6, '|', 1)::timestamptz, split_part($6, '|', 2)::uuid))
         ORDER BY u.created_at DESC, u.id DESC LIMIT $5::integer) u
  JOIN property p ON p.id = u.property_id
  JOIN organisation o ON o.id = u.organisation_id
  JOIN unit_state s ON s.unit_id = u.id
 ORDER BY u.created_at DESC, u.id DESC

-- name: unit_show
-- $1 id, $2 partnership, $3 own organisation or NULL
SELECT u.id, u.property_id, p.public_name AS property_name, u.organisation_id, o.name AS provider, p.type, p.area_label,
       p.residents, u.reference, s.state, u.self_contained, u.bedrooms, u.max_people, u.cots, u.floor, u.step_free,
       u.wheelchair, u.adapted_bathroom, u.hearing_aids, u.visual_aids, u.pets, u.min_age, u.oldest_boy,
       u.adult_children, u.mental_health, u.drugs, u.alcohol, u.offending, u.arson, u.violence, u.sexual_offending,
       u.nrpf, array_to_json(u.specialisms) AS specialisms, array_to_json(u.languages) AS languages, u.highest_risk,
       u.weekly_cost_pence, u.longest_stay_days, CASE WHEN $3::uuid IS NOT NULL AND u.mix_reviewed_at IS NOT NULL THEN to_json(u.mix_poses) END AS mix_poses,
       CASE WHEN $3::uuid IS NOT NULL AND u.mix_reviewed_at IS NOT NULL THEN to_json(u.mix_avoids) END AS mix_avoids,
       utc(u.mix_reviewed_at) AS mix_reviewed_at, utc(u.closed_at) AS closed_at, u.version, utc(u.created_at) AS created_at
  FROM unit u
  JOIN property p ON p.id = u.property_id
  JOIN organisation o ON o.id = u.organisation_id
  JOIN unit_state s ON s.unit_id = u.id
 WHERE u.id = $1::uuid AND o.partnership_id = $2::uuid AND ($3::uuid IS NULL OR o.id = $3::uuid)

-- name: unit_create
-- $1 id, $2 organisation, $3 body; nothing where the property is not the organisation's, or given up
INSERT INTO unit (id, property_id, organisation_id, reference, self_contained, bedrooms, max_people, cots, floor,
                  step_free, wheelchair, adapted_bathroom, hearing_aids, visual_aids, pets, min_age, oldest_boy,
                  adult_children, mental_health, drugs, alcohol, offending, arson, violence, sexual_offending, nrpf,
                  specialisms, languages, highest_risk, weekly_cost_pence, longest_stay_days)
SELECT $1::uuid, p.id, p.organisation_id, r.reference, r.self_contained, r.bedrooms, r.max_people, r.cots, r.floor,
       r.step_free, r.wheelchair, r.adapted_bathroom, r.hearing_aids, r.visual_aids, r.pets, r.min_age, r.oldest_boy,
       r.adult_children, r.mental_health, r.drugs, r.alcohol, r.offending, r.arson, r.violence, r.sexual_offending, r.nrpf,
       r.specialisms, r.languages, r.highest_risk, r.weekly_cost_pence, r.longest_stay_days
  FROM jsonb_populate_record(NULL::unit, $3::jsonb) r
  JOIN property p ON p.id = r.property_id
 WHERE p.organisation_id = $2::uuid AND p.closed_at IS NULL
   FOR SHARE OF p

-- name: unit_change
-- $1 id, $2 organisation, $3 version, $4 body
UPDATE unit u
   SET (reference, self_contained, bedrooms, max_people, cots, floor, step_free, wheelchair, adapted_bathroom,
        hearing_aids, visual_aids, pets, min_age, oldest_boy, adult_children, mental_health, drugs, alcohol, offending,
        arson, violence, sexual_offending, nrpf, specialisms, languages, highest_risk, weekly_cost_pence, longest_stay_days)
       = (SELECT r.reference, r.self_contained, r.bedrooms, r.max_people, r.cots, r.floor, r.step_free, r.wheelchair,
                 r.adapted_bathroom, r.hearing_aids, r.visual_aids, r.pets, r.min_age, r.oldest_boy, r.adult_children,
                 r.mental_health, r.drugs, r.alcohol, r.offending, r.arson, r.violence, r.sexual_offending, r.nrpf,
                 r.specialisms, r.languages, r.highest_risk, r.weekly_cost_pence, r.longest_stay_days
            FROM jsonb_populate_record(u, $4::jsonb) r),
       version = u.version + 1
 WHERE u.id = $1::uuid AND u.organisation_id = $2::uuid AND u.version = $3::integer

-- name: unit_lock
-- Whatever decides over a unit's nights takes its row first: holds, vacancies, voids, closing.
SELECT id FROM unit WHERE id = $1::uuid AND organisation_id = $2::uuid FOR NO KEY UPDATE

-- name: unit_review_mix
UPDATE unit
   SET mix_poses = ARRAY(SELECT jsonb_array_elements_text($3::jsonb -> 'poses')),
       mix_avoids = ARRAY(SELECT jsonb_array_elements_text($3::jsonb -> 'avoids')), mix_reviewed_at = now(), version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid AND closed_at IS NULL

-- name: unit_close
-- What is held or offered is of a vacancy that is not taken yet.
UPDATE unit SET closed_at = now(), version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid AND closed_at IS NULL
   AND NOT EXISTS (SELECT FROM vacancy WHERE unit_id = $1::uuid AND withdrawn_at IS NULL AND taken_at IS NULL)
   AND NOT unit_promised($1::uuid, '(,)')
