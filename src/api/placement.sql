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
SELECT ord, outcome AS _outcome, id, body FROM hold_many($1::jsonb)

-- name: placement_lock
SELECT lock_placement($1::uuid) AS _done

-- name: placement_show
-- $2 the provider that looks, or NULL; $4 whose eyes: council, provider, other. A provider sees nothing
-- of what has not been offered to it, and of the household only while it is offered or theirs; who neither
-- places nor takes in sees the case reference alone. address_open: who asks may be shown the address now.
SELECT v.id, v.state, v.vacancy_id, v.unit_id, v.unit_reference, (SELECT u.property_id FROM unit u WHERE u.id = v.unit_id) AS property_id,
       EXISTS (SELECT FROM vault.reveal_reason(audit.me('account')::uuid, v.id)) AS address_open, v.type, v.area_label, v.organisation_id, v.provider,
       CASE WHEN $4 = 'council' THEN v.household_id END AS household_id, v.household_reference, v.requested_by, v.requester,
       v.from_day, v.until_day, v.held_at, v.expires_at, v.seconds_left, v.offered_at, v.decided_at, v.arrived_on, v.departed_on,
       v.decline_side, CASE WHEN v.decline_side = 'provider' OR $4 = 'council' THEN v.decline_reason END AS decline_reason, v.equality_exception, v.cancel_reason, v.non_arrival_reason, v.departure_reason,
       v.destination, v.safe_and_well, CASE WHEN $4 = 'council' THEN v.policy_version END AS policy_version,
       CASE WHEN $4 = 'council' THEN v.inputs_hash END AS inputs_hash, CASE WHEN $4 = 'council' THEN v.score END AS score,
       CASE WHEN $4 = 'other' OR $4 = 'provider' AND v.state NOT IN ('offered', 'accepted', 'arrived')
            THEN json_build_object('reference', v.household_reference)
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
  FROM placement_view v LEFT JOIN household h ON h.id = v.household_id
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
       expires_at = greatest(expires_at, now() + make_interval(mins => coalesce($3::integer, (SELECT y.offer_minutes FROM policy y))))
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
   AND expires_at + make_interval(mins => $3::integer) <= held_at + make_interval(mins => (SELECT y.hold_most_minutes FROM policy y))

-- name: placement_accept
-- Not into a unit that went out of service since the hold.
UPDATE placement SET state = 'accepted', decided_at = now(), version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid AND state = 'offered' AND expires_at > now()
   AND NOT EXISTS (SELECT FROM void_period v WHERE v.unit_id = placement.unit_id
                      AND daterange(v.from_day, v.until_day) @> greatest(lower(placement.period), today()))

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

-- name: placement_depart
UPDATE placement SET state = 'departed', departed_on = $3::date, departure_reason = $4, destination = $5, safe_and_well = $6::boolean,
       period = daterange(lower(period), greatest($3::date, lower(period) + 1)), version = version + 1
 WHERE id = $1::uuid AND (organisation_id = $2::uuid OR requested_by = $2::uuid) AND state = 'arrived' AND arrived_on <= $3::date

-- name: placement_settle
SELECT settle_placement($1::uuid) AS _done
