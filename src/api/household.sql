-- Households. No name and no date of birth is here. The first statement of a request compares with
-- seen_case(), so that a hidden case takes as long as none.

-- name: household_insert
-- $4 the needs as columns, $6 and $7 the bedrooms, $8 whether it is a draft; of the risk $5 the level, $9 its lower
-- end, $10 the judgement.
INSERT INTO household (id, organisation_id, owner_id, situation, urgency, urgency_reason, band, band_reason,
                       risk_level, risk_least, risk_judged, risk_raised_reason,
                       dash, dash_tool, dash_asker, dash_informant, dash_on, pregnant, due_on, nrpf,
                       pets, want_from, want_until, shortest_stay_days,
                       wishes, wished_areas, wished_specialisms, places_to_reach, languages, other_language,
                       interpreter, wheelchair,
                       step_free, ground_floor, adapted_bathroom, support_needs, wants_to_stay, perpetrator_at_home,
                       sole_occupation, consent_obtainable, home_works, counter_allegation, primary_victim,
                       primary_victim_on, primary_victim_reason, immigration_status, immigration_evidence,
                       immigration_expires_on,
                       income_source,
                       weekly_income_pence, risk_review_on, poses, avoids, overnight_carer, unsafe_none_said_by,
                       bedrooms_needed, bedrooms_certain, waiting_since)
SELECT $1::uuid, $2::uuid, $3::uuid, CASE WHEN $8::boolean THEN n.situation::text
       ELSE coalesce(n.situation, 'not_known') END, coalesce(n.urgency, 'emergency'), n.urgency_reason, n.band,
       n.band_reason, $5, $9, $10, n.risk_raised_reason, n.dash, n.dash_tool, n.dash_asker, n.dash_informant,
       coalesce(n.dash_on, CASE WHEN n.dash IS NOT NULL THEN today() END), n.pregnant, n.due_on,
       n.nrpf, n.pets,
       n.want_from, n.want_until, n.shortest_stay_days, coalesce(n.wishes, '{}'), coalesce(n.wished_areas, '{}'),
       coalesce(n.wished_specialisms, '{}'), coalesce(n.places_to_reach, '{}'), coalesce(n.languages, '{}'),
       n.other_language,
       n.interpreter, n.wheelchair, n.step_free, n.ground_floor, n.adapted_bathroom, n.support_needs, n.wants_to_stay,
       n.perpetrator_at_home, n.sole_occupation, n.consent_obtainable, n.home_works, n.counter_allegation,
       coalesce(n.primary_victim, 'not_determined'), n.primary_victim_on,
       n.primary_victim_reason, coalesce(n.immigration_status, 'not_asked'), n.immigration_evidence,
       n.immigration_expires_on,
       coalesce(n.income_source, 'not_asked'), n.weekly_income_pence, n.risk_review_on, n.poses, n.avoids,
       n.overnight_carer, n.unsafe_none_said_by, $6::integer, $7::boolean, CASE WHEN NOT $8::boolean THEN now() END
  FROM jsonb_populate_record(NULL::household, $4::jsonb) n

-- name: household_add_members
-- $2 [{id, kind, sex, …}]. Also of one more member.
INSERT INTO member (id, household_id, kind, sex, gender_identity, age, age_on, age_exact, relationship, couple,
                    child_of, partner_of)
SELECT m.id, h.id, m.kind, m.sex, coalesce(m.gender_identity, 'not_asked'), m.age, m.age_on, m.age_exact,
       m.relationship, m.couple, m.child_of, m.partner_of
  FROM household h, jsonb_to_recordset($2::jsonb)
       AS m (id uuid, kind text, sex text, gender_identity text, age integer, age_on date, age_exact boolean,
             relationship text, couple boolean, child_of uuid, partner_of uuid)
 WHERE h.id = $1::uuid AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: household_key
SELECT 'household' AS subject_kind, h.id AS subject, coalesce(k.organisation_id, h.organisation_id) AS organisation,
       encode(k.wrapped, 'hex') AS wrapped, k.destroyed
  FROM household h LEFT JOIN LATERAL vault.key_of('household', h.id) k ON true
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: member_key
-- The key of the household that a member is of.
SELECT 'household' AS subject_kind, h.id AS subject, coalesce(k.organisation_id, h.organisation_id) AS organisation,
       encode(k.wrapped, 'hex') AS wrapped, k.destroyed
  FROM member m JOIN household h ON h.id = m.household_id LEFT JOIN LATERAL vault.key_of('household', h.id) k ON true
 WHERE m.id = $1::uuid AND m.ended_at IS NULL
   AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: household_put_people
-- Sealed names and dates of birth, of the members that are there.
SELECT vault.put_person(m.id, m.household_id, decode(p.sealed, 'hex'))
  FROM jsonb_to_recordset($2::jsonb) AS p (id uuid, sealed text)
  JOIN member m ON m.id = p.id AND m.household_id = $1::uuid

-- name: household_put_parties
-- Sealed, what a perpetrator looks like and drives; of the name a hash alone is kept.
SELECT vault.put_party(p.id, $1::uuid, decode(p.sealed, 'hex'))
  FROM jsonb_to_recordset($2::jsonb) AS p (id uuid, sealed text)

-- name: household_put_contact
SELECT vault.put_contact(p.id, $1::uuid, decode(p.sealed, 'hex'))
  FROM jsonb_to_recordset($2::jsonb) AS p (id uuid, sealed text)

-- name: household_put_home
SELECT vault.put_home(p.id, $1::uuid, decode(p.sealed, 'hex'))
  FROM jsonb_to_recordset($2::jsonb) AS p (id uuid, sealed text)

-- name: household_same_home
SELECT sanctuary.same_home($1::uuid) AS _done

-- name: household_add_hashes
INSERT INTO person_index (household_id, member_id, purpose, form, hash)
SELECT h.id, p.member, p.purpose, p.form, decode(p.hash, 'hex')
  FROM household h, jsonb_to_recordset($2::jsonb) AS p (member uuid, purpose text, form text, hash text)
 WHERE h.id = $1::uuid

-- name: household_add_unsafe
INSERT INTO unsafe_place (household_id, kind, outward_code, sector, cell_east, cell_north, radius_cells, checked_on)
SELECT h.id, u.kind, u.outward_code, u.sector, u.cell_east, u.cell_north, u.radius_cells, $3::date
  FROM household h, jsonb_to_recordset($2::jsonb)
       AS u (kind text, outward_code text, sector text, cell_east integer, cell_north integer, radius_cells integer)
 WHERE h.id = $1::uuid AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: household_show
SELECT h.id, h.reference, h.organisation_id, h.organisation_id = my_organisation() AS ours, h.owner_id,
       h.situation, h.urgency, h.urgency_reason, band_now(h) AS band, band_line(h) AS band_line, h.band_reason,
       colleague_name(h.band_by) AS band_set_by, utc(h.band_at) AS band_set_at, h.risk_level, h.risk_least,
       h.risk_judged, CASE WHEN h.risk_judged IS NOT NULL
           THEN (SELECT colleague_name(a.recorded_by) FROM risk_assessment a WHERE a.household_id = h.id
                  ORDER BY a.recorded_at DESC, a.id LIMIT 1) END AS risk_judged_by,
       h.risk_raised_reason, h.dash, h.dash_tool, h.dash_asker, h.dash_informant, h.dash_on,
       h.pregnant, h.due_on,
       h.nrpf, (SELECT to_json(c) FROM fund.cover_of(h.id) c) AS nrpf_cover, h.pets, h.want_from,
       h.want_until, h.shortest_stay_days, to_json(h.wishes) AS wishes,
       to_json(h.wished_areas) AS wished_areas, to_json(h.wished_specialisms) AS wished_specialisms,
       to_json(h.places_to_reach) AS places_to_reach, to_json(h.languages) AS languages, h.other_language,
       h.interpreter, h.wheelchair,
       h.step_free, h.ground_floor, h.adapted_bathroom, h.support_needs, h.support_needs IS NOT NULL AS support_asked,
       h.wants_to_stay, h.perpetrator_at_home,
       h.sole_occupation, h.consent_obtainable, h.home_works, h.counter_allegation, h.primary_victim,
       h.primary_victim_on,
       h.primary_victim_reason, h.immigration_status, h.immigration_evidence, h.immigration_expires_on, h.income_source,
       h.weekly_income_pence, h.risk_review_on, to_json(h.poses) AS poses, to_json(h.avoids) AS avoids,
       h.overnight_carer, h.unsafe_none_said_by, h.bedrooms_needed, h.bedrooms_certain, h.restricted,
       utc(h.waiting_since) AS waiting_since, utc(h.closed_at) AS closed_at,
       (SELECT coalesce(json_agg(json_build_object('id', m.id, 'kind', m.kind, 'sex', m.sex, 'gender_identity',
                                                   m.gender_identity,
                    'age', m.age + extract(year FROM age(today(), m.age_on))::integer, 'relationship', m.relationship,
                    'couple', m.couple, 'child_of', m.child_of, 'partner_of', m.partner_of)
                                 ORDER BY m.kind <> 'main', m.kind, m.id), '[]')
          FROM member m WHERE m.household_id = h.id AND m.ended_at IS NULL) AS members,
       (SELECT coalesce(json_agg(json_build_object('id', s.id, 'kind', s.kind, 'outward_code', s.outward_code, 'sector',
                                                   s.sector,
                    'cell_east', s.cell_east, 'cell_north', s.cell_north, 'radius_cells', s.radius_cells,
                    'checked_on', s.checked_on) ORDER BY s.kind, s.id), '[]')
          FROM unsafe_place s WHERE s.household_id = h.id AND s.ended_at IS NULL) AS unsafe_places,
       (SELECT coalesce(json_agg(json_build_object('id', k.id, 'referred_on', k.referred_on, 'heard_on', k.heard_on,
                    'repeat', k.repeat, 'version', k.version) ORDER BY k.referred_on DESC), '[]')
          FROM marac_view k WHERE k.household_id = h.id) AS maracs,
       (SELECT coalesce(json_agg(json_build_object('purpose', n.purpose, 'basis', n.basis, 'at', utc(n.at))
                                 ORDER BY n.purpose), '[]')
          FROM consents_of(h.id) n) AS consents,
       NOT EXISTS (SELECT FROM consent n
                    WHERE n.household_id = h.id AND n.purpose = 'share_with_providers') AS consent_outstanding,
       h.version, utc(h.created_at) AS created_at
  FROM household h
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: household_list
-- plan: custom
-- The newest rows of the own organisation by an index, and those that others share with the caller; then the newest
-- of both. Other lists do the same.
SELECT h.id, h.reference, h.organisation_id, h.situation,
       h.urgency, band_now(w) AS band, band_line(w) AS band_line, h.risk_level, h.risk_least, h.risk_review_on,
       h.immigration_expires_on, h.bedrooms_needed,
       utc(h.waiting_since) AS waiting_since, utc(h.closed_at) AS closed_at,
       (SELECT count(*) FROM member m WHERE m.household_id = h.id AND m.ended_at IS NULL)::integer AS people,
       h.version, utc(h.created_at) AS created_at, h.created_at::text || '|' || h.id AS _cursor
  FROM (SELECT h.* FROM (
              (SELECT * FROM household
                WHERE organisation_id = my_organisation()
                  AND ($3::text IS NULL OR reference = $3)
                  AND ($4::text IS NULL OR urgency = $4)
                  AND ($5::text IS NULL OR coalesce(risk_level, 'high') = $5)
                  AND ($6::boolean IS NULL OR (closed_at IS NULL) = $6::boolean)
                  AND ($7::uuid IS NULL OR organisation_id = $7::uuid)
                  AND ($8::integer IS NULL OR closed_at IS NULL AND risk_review_on <= today() + $8::integer)
                  AND ($9::integer IS NULL OR closed_at IS NULL AND immigration_expires_on <= today() + $9::integer)
                  AND ($2::text IS NULL OR (created_at, id)
                       < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
                ORDER BY created_at DESC, id DESC LIMIT $1::integer)
               UNION ALL
              (SELECT * FROM household
                WHERE id = ANY (shared_cases()) AND organisation_id <> my_organisation()
                  AND ($3::text IS NULL OR reference = $3)
                  AND ($4::text IS NULL OR urgency = $4)
                  AND ($5::text IS NULL OR coalesce(risk_level, 'high') = $5)
                  AND ($6::boolean IS NULL OR (closed_at IS NULL) = $6::boolean)
                  AND ($7::uuid IS NULL OR organisation_id = $7::uuid)
                  AND ($8::integer IS NULL OR closed_at IS NULL AND risk_review_on <= today() + $8::integer)
                  AND ($9::integer IS NULL OR closed_at IS NULL AND immigration_expires_on <= today() + $9::integer)
                  AND ($2::text IS NULL OR (created_at, id)
                       < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid)))) h
         ORDER BY h.created_at DESC, h.id DESC LIMIT $1::integer) h
  JOIN household w ON w.id = h.id
 ORDER BY h.created_at DESC, h.id DESC

-- name: household_lock
-- First of every change to a household or what belongs to it, so that its bedrooms are counted from
-- members that stay as they are. A level that no answers gave was judged.
SELECT h.id, h.version, h.closed_at IS NOT NULL AS closed, h.risk_raised_reason IS NOT NULL AS raised,
       coalesce(h.risk_judged, CASE WHEN d.yes + d.no + d.dont_know = 0 THEN h.risk_level END) AS judged,
       d.yes, d.no, d.dont_know, coalesce(h.overnight_carer, false) AS carer,
       (SELECT count(*) FROM unsafe_place s WHERE s.household_id = h.id AND s.ended_at IS NULL) AS places,
       h.urgency, EXISTS (SELECT FROM referral r JOIN referral_clock k ON k.referral_id = r.id
                           WHERE r.household_id = h.id AND r.state IN ('submitted', 'triaged', 'active')
                             AND k.due_at IS NOT NULL AND k.decided_at IS NULL) AS due_yet,
       h.band_reason IS NOT NULL AS banded, coalesce(h.pregnant, false) AS pregnant, h.due_on IS NOT NULL AS due
  FROM household h, dash_count(h.dash) d
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])
   FOR NO KEY UPDATE OF h

-- name: household_members
SELECT m.id, m.kind, m.sex, m.gender_identity, couple_of(m) AS couple_of, m.age, m.age_on, m.age_exact, m.child_of,
       m.partner_of, m.age + extract(year FROM age(today(), m.age_on))::integer AS age_now
  FROM member m WHERE m.household_id = (SELECT seen_case($1::uuid)) AND m.ended_at IS NULL

-- name: household_update
-- $2 the patch, $4 and $5 the bedrooms; of the risk $3 the level, $6 its lower end, $7 the judgement.
UPDATE household h
   SET (situation, urgency, urgency_reason, band, band_reason, risk_raised_reason, dash, dash_tool, dash_asker,
        dash_informant, dash_on, pregnant, due_on, nrpf,
        pets, want_from,
        want_until, shortest_stay_days, wishes, wished_areas, wished_specialisms, places_to_reach, languages,
        other_language, interpreter,
        wheelchair, step_free, ground_floor, adapted_bathroom, support_needs, wants_to_stay, perpetrator_at_home,
        sole_occupation, consent_obtainable, home_works, counter_allegation, primary_victim, primary_victim_on,
        primary_victim_reason, immigration_status, immigration_evidence, immigration_expires_on, income_source,
        weekly_income_pence, risk_review_on, poses, avoids, overnight_carer, unsafe_none_said_by)
     = (SELECT CASE WHEN h.waiting_since IS NULL THEN n.situation::text ELSE coalesce(n.situation, 'not_known') END,
               coalesce(n.urgency, 'emergency'),
               CASE WHEN coalesce(n.urgency, 'emergency') = h.urgency THEN h.urgency_reason
                    WHEN $2::jsonb ? 'urgency_reason' THEN n.urgency_reason END, n.band, n.band_reason,
               n.risk_raised_reason, n.dash, n.dash_tool, n.dash_asker, n.dash_informant,
               CASE WHEN $2::jsonb ? 'dash' AND NOT $2::jsonb ? 'dash_on' THEN today() ELSE n.dash_on END, n.pregnant,
               n.due_on, n.nrpf, n.pets, n.want_from,
               n.want_until, n.shortest_stay_days, coalesce(n.wishes, '{}'), coalesce(n.wished_areas, '{}'),
               coalesce(n.wished_specialisms, '{}'),
               coalesce(n.places_to_reach, '{}'), coalesce(n.languages, '{}'),
               n.other_language, n.interpreter, n.wheelchair, n.step_free,
               n.ground_floor, n.adapted_bathroom, n.support_needs, n.wants_to_stay, n.perpetrator_at_home,
               n.sole_occupation, n.consent_obtainable, n.home_works, n.counter_allegation,
               coalesce(n.primary_victim, 'not_determined'), n.primary_victim_on,
               n.primary_victim_reason, coalesce(n.immigration_status, 'not_asked'), n.immigration_evidence,
               n.immigration_expires_on,
               coalesce(n.income_source, 'not_asked'), n.weekly_income_pence, n.risk_review_on, n.poses, n.avoids,
               n.overnight_carer, n.unsafe_none_said_by
          FROM jsonb_populate_record(h, $2::jsonb) n),
       risk_level = $3, risk_least = $6, risk_judged = $7,
       bedrooms_needed = $4::integer, bedrooms_certain = $5::boolean, version = version + 1
 WHERE id = $1::uuid

-- name: household_recount
UPDATE household SET bedrooms_needed = $2::integer, bedrooms_certain = $3::boolean, version = version + 1
 WHERE id = $1::uuid

-- name: member_household
-- Of which household, so that it can be locked before its member is.
SELECT m.household_id, m.kind, coalesce(m.couple, false) AS couple, m.age_exact,
       coalesce(m.age + extract(year FROM age(current_date, m.age_on))::integer, -1) AS age
  FROM member m JOIN household h ON h.id = m.household_id
 WHERE m.id = $1::uuid AND m.ended_at IS NULL
   AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: member_update
-- $2 the patch; $3 the age, where it or the date of birth was sent, as on the day $4, a birthday if $5.
UPDATE member m
   SET (kind, sex, gender_identity, relationship, couple, child_of, partner_of)
     = (SELECT n.kind, n.sex, coalesce(n.gender_identity, 'not_asked'), n.relationship, n.couple, n.child_of,
               n.partner_of
          FROM jsonb_populate_record(m, $2::jsonb) n),
       age = CASE WHEN $4::date IS NULL THEN m.age ELSE $3::integer END, age_on = coalesce($4::date, m.age_on),
       age_exact = CASE WHEN $4::date IS NULL THEN m.age_exact ELSE $5::boolean END
 WHERE m.id = $1::uuid AND m.ended_at IS NULL

-- name: member_end
UPDATE member SET ended_at = now() WHERE id = $1::uuid AND ended_at IS NULL AND kind <> 'main'
