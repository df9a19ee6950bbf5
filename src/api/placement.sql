-- Placements from hold to departure.
--
-- Locks are always taken in this order: unit, household, placement, vacancy, referral. A hold takes
-- the unit's; every act below takes the unit's and the household's before it looks at the placement,
-- so that two acts on one unit, or on one household, come one after the other and none dead-locks:
-- an acceptance also cancels the household's placements on other units, whose unit locks it does not
-- have, and whoever would change one of those has to wait for the household first.
--
-- Each act is one guarded UPDATE: no row is the conflict.

-- name: placement_hold_many
SELECT ord, outcome, id, body FROM hold_many($1::jsonb)

-- name: placement_lock_unit
SELECT u.id FROM unit u
 WHERE u.id = (SELECT p.unit_id FROM placement p WHERE p.id = $1::uuid
                  AND p.organisation_id = ANY (ARRAY(SELECT id FROM organisation WHERE partnership_id = $2::uuid)))
   FOR NO KEY UPDATE

-- name: placement_lock_household
SELECT h.id FROM household h
 WHERE h.id = (SELECT p.household_id FROM placement p WHERE p.id = $1::uuid
                  AND p.organisation_id = ANY (ARRAY(SELECT id FROM organisation WHERE partnership_id = $2::uuid)))
   FOR NO KEY UPDATE

-- name: placement_show
-- $2 the provider that looks, or NULL; $4 whose eyes: council, provider, other. A provider sees nothing
-- of what has not been offered to it, and of the household only while it is offered or theirs; who neither
-- places nor takes in sees the case reference alone.
SELECT v.id, v.state, v.vacancy_id, v.unit_id, v.unit_reference, v.type, v.area_label, v.organisation_id, v.provider,
       CASE WHEN $4 = 'council' THEN v.household_id END AS household_id, v.household_reference, v.requested_by, v.requester,
       v.from_day, v.until_day, v.held_at, v.expires_at, v.seconds_left, v.offered_at, v.decided_at, v.arrived_on, v.departed_on,
       v.decline_side, CASE WHEN v.decline_side = 'provider' OR $4 = 'council' THEN v.decline_reason END AS decline_reason, v.equality_exception, v.cancel_reason, v.non_arrival_reason, v.departure_reason,
       v.destination, v.safe_and_well, CASE WHEN $4 = 'council' THEN v.policy_version END AS policy_version,
       CASE WHEN $4 = 'council' THEN v.inputs_hash END AS inputs_hash, CASE WHEN $4 = 'council' THEN v.score END AS score,
       CASE WHEN $4 = 'other' OR $4 = 'provider' AND v.state NOT IN ('offered', 'accepted', 'arrived')
            THEN json_build_object('reference', h.reference)
       ELSE json_build_object('id', CASE WHEN $4 = 'council' THEN h.id END, 'reference', h.reference, 'risk_level', h.risk_level,
                'pregnant', h.pregnant, 'nrpf', h.nrpf, 'pets', h.pets, 'wheelchair', h.wheelchair, 'step_free', h.step_free,
                'ground_floor', h.ground_floor, 'adapted_bathroom', h.adapted_bathroom, 'support_needs', h.support_needs,
                'languages', h.languages, 'interpreter', h.interpreter, 'overnight_carer', h.overnight_carer,
                'bedrooms_needed', h.bedrooms_needed, 'members',
                (SELECT coalesce(json_agg(json_build_object('kind', m.kind, 'sex', m.sex, 'gender_identity', m.gender_identity,
                            'age', m.age + extract(year FROM age(today(), m.age_on))::integer, 'couple', m.couple)
                            ORDER BY m.kind <> 'main', m.kind, m.id), '[]')
                   FROM member m WHERE m.household_id = h.id AND m.ended_at IS NULL)) END AS household,
       v.household_id AS _household, v.version
  FROM placement_view v JOIN household h ON h.id = v.household_id
 WHERE v.id = $1::uuid
   AND v.organisation_id = ANY (ARRAY(SELECT id FROM organisation WHERE partnership_id = $3::uuid AND ($2::uuid IS NULL OR id = $2::uuid)))
   AND ($2::uuid IS NULL OR v.offered_at IS NOT NULL)

-- name: placement_list
SELECT v.id, v.state, v.vacancy_id, v.unit_reference, v.type, v.area_label, v.organisation_id, v.provider,
       CASE WHEN $6 = 'council' THEN v.household_id END AS household_id, v.household_reference, v.requested_by, v.requester,
       v.from_day, v.until_day, v.held_at, v.expires_at, v.seconds_left, v.offered_at, v.decided_at, v.arrived_on, v.departed_on,
       v.decline_side, CASE WHEN v.decline_side = 'provider' OR $6 = 'council' THEN v.decline_reason END AS decline_reason,
       v.version, p.held_at::text || '|' || p.id AS _cursor
  FROM (SELECT id, held_at FROM placement
         WHERE organisation_id = ANY (ARRAY(SELECT id FROM organisation WHERE partnership_id = $1::uuid AND ($2::uuid IS NULL OR id = $2::uuid)))
           AND ($2::uuid IS NULL OR offered_at IS NOT NULL)
           AND ($5::text IS NULL OR placement_now(state, expires_at) = $5)
           AND ($7::uuid IS NULL OR household_id = $7::uuid AND $6 = 'council')
           AND ($4::text IS NULL OR (held_at, id) < (split_part($4, '|', 1)::timestamptz, split_part($4, '|', 2)::uuid))
         ORDER BY held_at DESC, id DESC LIMIT $3::integer) p
  JOIN placement_view v ON v.id = p.id
 ORDER BY p.held_at DESC, p.id DESC

-- name: placement_offer
-- A hold does not lock the household: one taken while another offer was accepted, or while the case
-- was closed, is found out here, under its lock.
UPDATE placement SET state = 'offered', offered_at = now(), version = version + 1,
       expires_at = greatest(expires_at, now() + make_interval(mins => $3::integer))
 WHERE id = $1::uuid AND requested_by = $2::uuid AND state = 'held' AND expires_at > now() AND offer_refusal(household_id) IS NULL
   AND NOT EXISTS (SELECT FROM household h WHERE h.id = placement.household_id AND h.closed_at IS NOT NULL)
   AND NOT EXISTS (SELECT FROM placement o WHERE o.household_id = placement.household_id AND o.state IN ('accepted', 'arrived'))

-- name: placement_consent
SELECT offer_refusal(p.household_id) AS refusal, h.closed_at IS NOT NULL AS closed,
       EXISTS (SELECT FROM placement o WHERE o.household_id = p.household_id AND o.state IN ('accepted', 'arrived')) AS placed
  FROM placement p JOIN household h ON h.id = p.household_id WHERE p.id = $1::uuid

-- name: placement_extend
UPDATE placement SET expires_at = expires_at + make_interval(mins => $3::integer), version = version + 1
 WHERE id = $1::uuid AND requested_by = $2::uuid AND state = 'held' AND expires_at > now()
   AND expires_at + make_interval(mins => $3::integer) <= held_at + interval '240 minutes'

-- name: placement_accept
-- Not into a unit that went out of service since the hold.
UPDATE placement SET state = 'accepted', decided_at = now(), version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid AND state = 'offered' AND expires_at > now()
   AND NOT EXISTS (SELECT FROM void_period v WHERE v.unit_id = placement.unit_id
                      AND daterange(v.from_day, v.until_day) @> greatest(lower(placement.period), today()))

-- name: placement_take_vacancy
UPDATE vacancy SET taken_at = now(), version = version + 1
 WHERE id = (SELECT vacancy_id FROM placement WHERE id = $1::uuid AND state = 'accepted') AND taken_at IS NULL

-- name: placement_cancel_others
UPDATE placement SET state = 'cancelled', cancel_reason = 'other_offer_accepted', version = version + 1
 WHERE household_id = (SELECT household_id FROM placement WHERE id = $1::uuid AND state = 'accepted')
   AND id <> $1::uuid AND state IN ('held', 'offered') AND expires_at > now()

-- name: placement_referral_placed
UPDATE referral SET state = 'placed', version = version + 1
 WHERE household_id = (SELECT household_id FROM placement WHERE id = $1::uuid AND state = 'accepted')
   AND state NOT IN ('placed', 'closed')

-- name: placement_decline_provider
UPDATE placement SET state = 'declined', decline_side = 'provider', decline_reason = $3, equality_ground = $4::boolean,
       equality_exception = $5, decided_at = now(), version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid AND state = 'offered' AND expires_at > now()

-- name: placement_decline_household
-- decided_at stays empty: it is the provider's answer, which is measured.
UPDATE placement SET state = 'declined', decline_side = 'household', decline_reason = $3, version = version + 1
 WHERE id = $1::uuid AND requested_by = $2::uuid AND state IN ('held', 'offered') AND expires_at > now()

-- name: placement_cancel
UPDATE placement SET state = 'cancelled', cancel_reason = $3, version = version + 1
 WHERE id = $1::uuid AND requested_by = $2::uuid
   AND (state IN ('held', 'offered') AND expires_at > now() OR state = 'accepted')

-- name: placement_arrive
UPDATE placement SET state = 'arrived', arrived_on = $3::date, version = version + 1
 WHERE id = $1::uuid AND (organisation_id = $2::uuid OR requested_by = $2::uuid) AND state = 'accepted' AND period @> $3::date

-- name: placement_not_arrived
UPDATE placement SET state = 'not_arrived', non_arrival_reason = $3, version = version + 1
 WHERE id = $1::uuid AND (organisation_id = $2::uuid OR requested_by = $2::uuid) AND state = 'accepted'

-- name: placement_free_vacancy
-- The place is open to others again, unless the provider offers those nights anew already.
UPDATE vacancy v SET taken_at = NULL, version = version + 1
 WHERE v.id = (SELECT vacancy_id FROM placement WHERE id = $1::uuid AND state IN ('cancelled', 'not_arrived')) AND v.taken_at IS NOT NULL
   AND NOT EXISTS (SELECT FROM placement p WHERE p.vacancy_id = v.id AND p.state IN ('accepted', 'arrived', 'departed'))
   AND NOT EXISTS (SELECT FROM vacancy o WHERE o.unit_id = v.unit_id AND o.id <> v.id AND o.withdrawn_at IS NULL AND o.taken_at IS NULL
                      AND daterange(o.available_from, o.available_until) && daterange(v.available_from, v.available_until))

-- name: placement_referral_reopened
UPDATE referral r SET state = 'active', version = version + 1
 WHERE r.household_id = (SELECT household_id FROM placement WHERE id = $1::uuid AND state IN ('cancelled', 'not_arrived'))
   AND r.state = 'placed'
   AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = r.household_id AND p.state IN ('accepted', 'arrived'))

-- name: placement_depart
UPDATE placement SET state = 'departed', departed_on = $3::date, departure_reason = $4, destination = $5, safe_and_well = $6::boolean,
       period = daterange(lower(period), greatest($3::date, lower(period) + 1)), version = version + 1
 WHERE id = $1::uuid AND (organisation_id = $2::uuid OR requested_by = $2::uuid) AND state = 'arrived' AND arrived_on <= $3::date

-- name: placement_settle_referral
-- Who had to leave still needs a place; for the others the case ends.
UPDATE referral r
   SET (state, closed_at) = (SELECT CASE WHEN p.again THEN 'active' ELSE 'closed' END, CASE WHEN p.again THEN NULL ELSE now() END),
       version = r.version + 1
  FROM (SELECT household_id, departure_reason IN ('asked_to_leave', 'safety', 'transfer') OR destination = 'interim' AS again
          FROM placement WHERE id = $1::uuid AND state = 'departed') p
 WHERE r.household_id = p.household_id AND r.state = 'placed'

-- name: placement_settle_household
UPDATE household h SET closed_at = now(), version = version + 1
 WHERE h.id = (SELECT household_id FROM placement WHERE id = $1::uuid AND state = 'departed') AND h.closed_at IS NULL
   AND NOT EXISTS (SELECT FROM referral r WHERE r.household_id = h.id AND r.state <> 'closed')
   AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = h.id AND p.state IN ('accepted', 'arrived'))
