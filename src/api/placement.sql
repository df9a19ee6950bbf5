-- Placements from hold to departure.
--
-- Locks are always taken in this order: unit, household, placement, vacancy, referral. A hold takes
-- the unit's; every act below takes the unit's and the household's before it looks at the placement,
-- so that two acts on one unit, or on one household, come one after the other and none dead-locks:
-- an acceptance also cancels the household's placements on other units, whose unit locks it does not
-- have, and any other act on one of those has to wait for the household first.
--
-- Each act is one guarded UPDATE: no row is the conflict.

-- name: placement_hold_many
SELECT ord, outcome AS _outcome, id, body FROM hold_many($1::jsonb)

-- name: placement_judge_property
-- result: binary
-- With the next, what a worker judges again when its board was behind.
SELECT * FROM property_now($1::uuid)

-- name: placement_judge_vacancy
-- result: binary
SELECT * FROM vacancy_now($1::uuid)

-- name: placement_hold_obstacle
SELECT o.obstacle AS _outcome, o.ready_on, o.placement_id, o.referral_id FROM hold_obstacle($1::uuid, $2::uuid) o

-- name: placement_lock
SELECT lock_placement($1::uuid) AS _done

-- name: placement_show_council
-- For callers who place: with the household, the search that it came from, and the provider's duty telephone.
SELECT s.*, p.household_id, p.decline_reason, p.policy_version, p.inputs_hash, p.score, p.against, c.household,
       p.arrival_time, duty_telephone(o) AS duty_telephone, referral_of(s.id) AS referral_id, true AS _told,
       works_on(p.household_id) AS _own
  FROM placement_shown s JOIN placement_view p ON p.id = s.id JOIN organisation o ON o.id = s.organisation_id
  LEFT JOIN case_summary c ON c.household_id = p.household_id
 WHERE s.id = $1::uuid

-- name: placement_show_provider
-- For its provider: only once it was offered; while the household is offered or lives there with that, when it can
-- arrive and the duty telephone of the organisation that asked.
SELECT s.*, NULL AS household_id, CASE WHEN s.decline_side = 'provider' THEN p.decline_reason END AS decline_reason,
       NULL AS policy_version, NULL AS inputs_hash, NULL AS score, p.against,
       CASE WHEN n.told THEN c.household ELSE json_build_object('reference', s.household_reference) END AS household,
       CASE WHEN n.told THEN p.arrival_time END AS arrival_time,
       CASE WHEN n.told THEN duty_telephone(o) END AS duty_telephone, NULL AS referral_id, n.told AS _told
  FROM placement_shown s JOIN placement_view p ON p.id = s.id JOIN organisation o ON o.id = s.requested_by
 CROSS JOIN LATERAL (SELECT s.state IN ('offered', 'accepted', 'arrived') AS told) n
  LEFT JOIN case_summary c ON c.household_id = p.household_id
 WHERE s.id = $1::uuid AND s.organisation_id = (SELECT my_organisation()) AND s.offered_at IS NOT NULL

-- name: placement_show_other
-- For everyone else: of the household the case reference alone.
SELECT s.*, NULL AS household_id, CASE WHEN s.decline_side = 'provider' THEN p.decline_reason END AS decline_reason,
       NULL AS policy_version, NULL AS inputs_hash, NULL AS score, '[]'::jsonb AS against,
       json_build_object('reference', s.household_reference) AS household, NULL AS arrival_time,
       NULL::json AS duty_telephone, NULL AS referral_id, false AS _told
  FROM placement_shown s JOIN placement_view p ON p.id = s.id
 WHERE s.id = $1::uuid

-- name: placement_list
-- plan: custom
-- Of the cases that the caller sees: $1 rows, $2 cursor, $3 state, $4 household (only for callers who place). A job
-- marks as expired, a moment later, what has run out: both count as expired.
SELECT v.id, v.state, v.vacancy_id, v.unit_reference, v.type, v.area_label, v.organisation_id, v.provider,
       CASE WHEN may_place() THEN v.household_id END AS household_id, v.household_reference, v.requested_by,
       v.requester, v.from_day, v.until_day, v.held_at, v.expires_at, v.seconds_left, v.offered_at, v.decided_at,
       v.arrived_on, v.departed_on, v.decline_side,
       CASE WHEN v.decline_side = 'provider' OR may_place() THEN v.decline_reason END AS decline_reason,
       v.version, p.held_at::text || '|' || p.id AS _cursor
  FROM (SELECT p.id, p.held_at FROM (
              (SELECT id, held_at FROM placement
                WHERE requested_by = my_organisation() AND $4::uuid IS NULL
                  AND ($3::text IS NULL OR state = $3 AND ($3 NOT IN ('held', 'offered') OR expires_at > now()))
                  AND ($2::text IS NULL OR (held_at, id)
                       < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
                ORDER BY held_at DESC, id DESC LIMIT $1::integer)
               UNION
              (SELECT id, held_at FROM placement
                WHERE $3 = 'expired' AND requested_by = my_organisation() AND $4::uuid IS NULL
                  AND state IN ('held', 'offered') AND expires_at <= now()
                  AND ($2::text IS NULL OR (held_at, id)
                       < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid)))
               UNION
              (SELECT id, held_at FROM placement
                WHERE household_id = ANY (CASE WHEN $4::uuid IS NULL THEN shared_cases()
                                               WHEN may_place() THEN ARRAY[$4::uuid] END)
                  AND ($3::text IS NULL OR placement_now(state, expires_at) = $3)
                  AND ($2::text IS NULL OR (held_at, id)
                       < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid)))) p
         ORDER BY p.held_at DESC, p.id DESC LIMIT $1::integer) p
  JOIN placement_view v ON v.id = p.id
 ORDER BY p.held_at DESC, p.id DESC

-- name: placement_list_provider
-- plan: custom
-- The same for a provider: what was offered to it, by case reference.
SELECT v.id, v.state, v.vacancy_id, v.unit_reference, v.type, v.area_label, v.organisation_id, v.provider,
       NULL::uuid AS household_id, v.household_reference, v.requested_by,
       v.requester, v.from_day, v.until_day, v.held_at, v.expires_at, v.seconds_left, v.offered_at, v.decided_at,
       v.arrived_on, v.departed_on, v.decline_side,
       CASE WHEN v.decline_side = 'provider' THEN v.decline_reason END AS decline_reason,
       v.version, p.held_at::text || '|' || p.id AS _cursor
  FROM (SELECT p.id, p.held_at FROM (
              (SELECT id, held_at FROM placement
                WHERE organisation_id = my_organisation() AND offered_at IS NOT NULL
                  AND ($3::text IS NULL OR state = $3 AND ($3 NOT IN ('held', 'offered') OR expires_at > now()))
                  AND ($2::text IS NULL OR (held_at, id)
                       < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
                ORDER BY held_at DESC, id DESC LIMIT $1::integer)
               UNION ALL
              (SELECT id, held_at FROM placement
                WHERE $3 = 'expired' AND organisation_id = my_organisation() AND offered_at IS NOT NULL
                  AND state IN ('held', 'offered') AND expires_at <= now()
                  AND ($2::text IS NULL OR (held_at, id)
                       < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid)))) p
         ORDER BY p.held_at DESC, p.id DESC LIMIT $1::integer) p
  JOIN placement_view v ON v.id = p.id
 ORDER BY p.held_at DESC, p.id DESC

-- name: placement_offer
-- A hold does not lock the household: one taken while another offer was accepted, or while the case
-- was closed, is found out here, under its lock; and so is one that conflicts by what was told of people since.
UPDATE placement SET state = 'offered', offered_at = now(), arrival_time = $3, version = version + 1,
       expires_at = greatest(expires_at,
                             now() + make_interval(mins => coalesce($2::integer,
                                     (SELECT y.offer_minutes FROM policy y))))
 WHERE id = $1::uuid AND works_on(household_id) AND state = 'held' AND expires_at > now()
   AND offer_refusal(household_id) IS NULL AND still_suitable(id)
   AND NOT EXISTS (SELECT FROM household h WHERE h.id = placement.household_id AND h.closed_at IS NOT NULL)
   AND NOT EXISTS (SELECT FROM placement o
                    WHERE o.household_id = placement.household_id AND o.state IN ('accepted', 'arrived'))

-- name: placement_arrival_time
-- After the offer; the provider is told (tell_provider()).
UPDATE placement SET arrival_time = $2, version = version + 1
 WHERE id = $1::uuid AND works_on(household_id)
   AND (state = 'offered' AND expires_at > now() OR state = 'accepted')

-- name: placement_consent
SELECT offer_refusal(p.household_id) AS refusal, still_suitable(p.id) AS suitable, p.household_id,
       h.closed_at IS NOT NULL AS closed,
       EXISTS (SELECT FROM placement o
                WHERE o.household_id = p.household_id AND o.state IN ('accepted', 'arrived')) AS placed
  FROM placement p JOIN household h ON h.id = p.household_id WHERE p.id = $1::uuid

-- name: placement_suitable
SELECT still_suitable($1::uuid) AS suitable

-- name: placement_extend
UPDATE placement SET expires_at = expires_at + make_interval(mins => $2::integer), version = version + 1
 WHERE id = $1::uuid AND works_on(household_id) AND state = 'held' AND expires_at > now()
   AND expires_at + make_interval(mins => $2::integer) <= held_at + make_interval(mins => (SELECT y.hold_most_minutes
           FROM policy y))

-- name: placement_accept
-- Not into a unit that went out of service since the hold, nor into a place that became unsafe.
UPDATE placement SET state = 'accepted', decided_at = now(), version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid AND state = 'offered' AND expires_at > now() AND still_suitable(id)
   AND NOT EXISTS (SELECT FROM void_period v WHERE v.unit_id = placement.unit_id
                      AND daterange(v.from_day, v.until_day) @> greatest(lower(placement.period), today()))

-- name: placement_decline_exceptions
-- Whether the provider must say what the reason $2 rests on, and whether the exception $3 fits it.
SELECT e.fitting IS NOT NULL AS asked, coalesce($3 = ANY (e.fitting), false) AS fits
  FROM (SELECT decline_exceptions($1::uuid, $2) AS fitting) e

-- name: placement_decline_provider
UPDATE placement SET state = 'declined', decline_side = 'provider', decline_reason = $3, equality_ground = $4::boolean,
       equality_exception = $5, decided_at = now(), version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid AND state = 'offered' AND expires_at > now()

-- name: placement_decline_household
-- decided_at stays empty: it is the provider's answer, which is measured.
UPDATE placement SET state = 'declined', decline_side = 'household', decline_reason = $2, version = version + 1
 WHERE id = $1::uuid AND works_on(household_id) AND state IN ('held', 'offered') AND expires_at > now()

-- name: placement_cancel
UPDATE placement SET state = 'cancelled', cancel_reason = $2, version = version + 1
 WHERE id = $1::uuid AND works_on(household_id)
   AND (state IN ('held', 'offered') AND expires_at > now() OR state = 'accepted')

-- name: placement_arrive
UPDATE placement SET state = 'arrived', arrived_on = $3::date, version = version + 1
 WHERE id = $1::uuid AND (organisation_id = $2::uuid OR works_on(household_id)) AND state = 'accepted'
   AND period @> $3::date

-- name: placement_not_arrived
UPDATE placement SET state = 'not_arrived', non_arrival_reason = $3, version = version + 1
 WHERE id = $1::uuid AND (organisation_id = $2::uuid OR works_on(household_id)) AND state = 'accepted'

-- name: placement_depart
UPDATE placement SET state = 'departed', departed_on = $3::date, departure_reason = $4, destination = $5,
    safe_and_well = $6::boolean,
       period = daterange(lower(period), greatest($3::date, lower(period) + 1)), version = version + 1
 WHERE id = $1::uuid AND (organisation_id = $2::uuid OR works_on(household_id)) AND state = 'arrived'
   AND arrived_on <= $3::date

-- name: placement_check_up
UPDATE placement SET safe_and_well = $3::boolean, version = version + 1
 WHERE id = $1::uuid AND (organisation_id = $2::uuid OR works_on(household_id)) AND state IN ('departed', 'not_arrived')

-- name: placement_checked
SELECT checked_there($1::uuid, $2::boolean) AS _done

-- name: placement_settle
SELECT settle_placement($1::uuid) AS _done
