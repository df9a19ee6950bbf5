-- Referrals. One POST stores a household with its first referral, or the next referral of a known one.

-- name: referral_insert
-- $4 draft or submitted.
INSERT INTO referral (id, household_id, organisation_id, earlier_id, state, source, submitted_at)
SELECT $1::uuid, h.id, h.organisation_id,
       newest_referral(h.id), $4::text, coalesce(r.source, 'not_known'), CASE WHEN $4::text = 'submitted' THEN now() END
  FROM household h, jsonb_to_record($3::jsonb) AS r (source text) WHERE h.id = $2::uuid

-- name: referral_lock_known
SELECT h.id FROM household h
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])
   FOR NO KEY UPDATE

-- name: referral_open
-- Asked under the household's lock.
SELECT r.id, r.state FROM referral r WHERE r.household_id = (SELECT seen_case($1::uuid)) AND r.state <> 'closed'

-- name: referral_reopen_household
-- What was true of tonight when the last case ended is not known any more.
UPDATE household SET closed_at = NULL, waiting_since = now(), situation = 'not_known', urgency = 'emergency',
    version = version + 1
 WHERE id = $1::uuid

-- name: referral_show
SELECT v.id, v.household_id, v.household_reference, v.organisation_id, v.state, v.repeat, v.earlier_referral_id,
       v.urgency,
       v.source, v.out_of_hours, n.basis AS consent, n.reason AS consent_reason, v.close_reason, v.submitted_at,
       v.decision_due_at, v.decided_at, v.overdue, v.triaged_at, v.plan_measures, v.plan_review_on, v.standing_search,
       v.self_referral_only, v.self_referral_at, v.self_referral_by, v.closed_at, v.version, v.created_at
  FROM referral_view v
  LEFT JOIN LATERAL consents_of(v.household_id) n ON n.purpose = 'share_with_providers'
 WHERE v.id = $1::uuid AND v.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: referral_duplicates
-- The same person, or possibly the same, in another case of the partnership: cases that the caller sees by reference
-- and ids, of another organisation's that there is one.
SELECT d.found AS _case, d.reference, d.household_id, d.referral_id, d.organisation, d.kind, d.match
  FROM same_people($1::uuid) d

-- name: referral_self_information
-- What a household is told to which no specialist service is to be found.
SELECT i.service, i.telephone, i.hours, i.about FROM self_referral_information i
 WHERE EXISTS (SELECT FROM referral_view v WHERE v.id = $1::uuid AND v.self_referral_only) ORDER BY i.position

-- name: referral_self_given
-- Once: the first time counts.
UPDATE referral r SET self_referral_at = now(), self_referral_by = audit.me('account')::uuid,
       version = r.version + 1
  FROM household h
 WHERE r.id = $1::uuid AND h.id = r.household_id AND r.organisation_id = ANY ((SELECT my_partners())::uuid[])
   AND r.self_referral_at IS NULL AND r.state NOT IN ('draft', 'closed') AND self_referral_only(r.source, h)

-- name: referral_placement
-- Where the household was placed by this referral; while none was accepted, what is held for it now. Never the
-- address.
SELECT p.id, p.state, p.type, p.area_label, p.provider, p.unit_reference, p.from_day, p.until_day, p.arrived_on,
       p.departed_on, p.destination, p.expires_at
  FROM referral r JOIN placement_view p ON p.household_id = r.household_id
 WHERE r.id = $1::uuid AND r.organisation_id = ANY ((SELECT my_partners())::uuid[])
   AND p.state IN ('held', 'offered', 'accepted', 'arrived', 'departed') AND referral_of(p.id) = r.id
 ORDER BY p.state IN ('accepted', 'arrived') DESC, p.state = 'departed' DESC, p.held_at DESC LIMIT 1

-- name: referral_ended
-- What was tried for this referral and came to nothing, the newest first, and by whom it ended: a person of the
-- caller's organisation by name, else the organisation of the side that ended it.
SELECT p.id, p.state, p.type, p.area_label, p.provider, p.unit_reference, p.held_at, p.decline_side,
       p.decline_reason, p.cancel_reason, p.non_arrival_reason,
       CASE WHEN p.state = 'expired' THEN p.expires_at ELSE utc(e.ended_at) END AS ended_at,
       CASE WHEN p.state <> 'expired'
           THEN coalesce(colleague_name(e.ended_by),
                         CASE WHEN p.decline_side = 'provider' THEN p.provider END) END AS ended_by
  FROM referral r JOIN placement_view p ON p.household_id = r.household_id JOIN placement e ON e.id = p.id
 WHERE r.id = $1::uuid AND r.organisation_id = ANY ((SELECT my_partners())::uuid[])
   AND p.state IN ('declined', 'expired', 'cancelled', 'not_arrived') AND referral_of(p.id) = r.id
 ORDER BY e.held_at DESC, p.id LIMIT 50

-- name: referral_need
-- What is to be searched for, as the board reads it after the commit.
SELECT * FROM waiting_case($1::uuid)

-- name: referral_list
-- plan: custom
SELECT v.id, v.household_id, v.household_reference, v.organisation_id, v.state, v.repeat, v.urgency, v.risk_level,
       v.risk_least, v.source, v.out_of_hours, v.submitted_at, v.decision_due_at, v.overdue, v.plan_review_on,
       v.closed_at, v.version,
       v.created_at, r.created_at::text || '|' || r.id AS _cursor
  FROM (SELECT r.id, r.created_at FROM (
              (SELECT r.id, r.created_at FROM referral r
                WHERE r.organisation_id = my_organisation()
                  AND ($3::text IS NULL OR r.state = $3)
                  AND ($4::text IS NULL
                       OR EXISTS (SELECT FROM household h WHERE h.id = r.household_id AND h.urgency = $4))
                  AND ($5::uuid IS NULL OR r.organisation_id = $5::uuid)
                  AND ($6::boolean IS NULL
                       OR $6 = (r.state IN ('submitted', 'triaged', 'active')
                                AND EXISTS (SELECT FROM referral_clock k
                                             WHERE k.referral_id = r.id AND k.decided_at IS NULL
                                               AND k.due_at < now())))
                  AND ($7::integer IS NULL OR r.state = 'waiting_at_home' AND r.plan_review_on <= today() + $7::integer)
                  AND ($2::text IS NULL OR (r.created_at, r.id)
                       < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
                ORDER BY r.created_at DESC, r.id DESC LIMIT $1::integer)
               UNION ALL
              (SELECT r.id, r.created_at FROM referral r
                WHERE r.household_id = ANY (shared_cases()) AND r.organisation_id <> my_organisation()
                  AND ($3::text IS NULL OR r.state = $3)
                  AND ($4::text IS NULL
                       OR EXISTS (SELECT FROM household h WHERE h.id = r.household_id AND h.urgency = $4))
                  AND ($5::uuid IS NULL OR r.organisation_id = $5::uuid)
                  AND ($6::boolean IS NULL
                       OR $6 = (r.state IN ('submitted', 'triaged', 'active')
                                AND EXISTS (SELECT FROM referral_clock k
                                             WHERE k.referral_id = r.id AND k.decided_at IS NULL
                                               AND k.due_at < now())))
                  AND ($7::integer IS NULL OR r.state = 'waiting_at_home' AND r.plan_review_on <= today() + $7::integer)
                  AND ($2::text IS NULL OR (r.created_at, r.id)
                       < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid)))) r
         ORDER BY r.created_at DESC, r.id DESC LIMIT $1::integer) r
  JOIN referral_view v ON v.id = r.id
 ORDER BY r.created_at DESC, r.id DESC

-- name: referral_update
-- Only these ways lead from state to state here: placing and closing have their own. A police notification of
-- standard risk goes no way towards a specialist service.
UPDATE referral r
   SET (state, source, standing_search)
     = (SELECT n.state, coalesce(n.source, 'not_known'), coalesce(n.standing_search, true)
          FROM jsonb_populate_record(r, $2::jsonb) n),
       submitted_at = CASE WHEN $4 = 'submitted' THEN coalesce(r.submitted_at, now()) ELSE r.submitted_at END,
       triaged_at = CASE WHEN $4 = 'triaged' THEN coalesce(r.triaged_at, now()) ELSE r.triaged_at END,
       at_home_at = CASE WHEN $4 = 'waiting_at_home' THEN coalesce(r.at_home_at, now()) ELSE r.at_home_at END,
       plan_measures = CASE WHEN $2::jsonb ? 'safety_plan'
                            THEN ARRAY(SELECT jsonb_array_elements_text($2::jsonb #> '{safety_plan,measures}'))
                                ELSE r.plan_measures END,
       plan_review_on = CASE WHEN $2::jsonb ? 'safety_plan' THEN ($2::jsonb #>> '{safety_plan,review_on}')::date
                             ELSE r.plan_review_on END,
       version = version + 1
 WHERE r.id = $1::uuid AND $3::integer IN (r.version, -1) AND r.state <> 'closed'
   AND r.organisation_id = ANY ((SELECT my_partners())::uuid[])
   AND ($4::text IS NULL OR r.state = $4
        OR (r.state::text, $4) IN (('submitted', 'triaged'), ('triaged', 'active'), ('active', 'waiting_at_home'),
                                   ('waiting_at_home', 'active'))
        OR r.state = 'draft' AND $4 = 'submitted'
           AND (SELECT h.situation IS NOT NULL FROM household h WHERE h.id = r.household_id))
   AND (coalesce($4, '') NOT IN ('triaged', 'active') OR r.state = $4 OR NOT EXISTS (
        SELECT FROM household h
         WHERE h.id = r.household_id
           AND self_referral_only(CASE WHEN $2::jsonb ? 'source' THEN $2::jsonb ->> 'source' ELSE r.source END, h)))

-- name: referral_submit_household
-- Waiting begins now: from here on the board has it.
UPDATE household SET waiting_since = now(), version = version + 1
 WHERE id = (SELECT household_id FROM referral WHERE id = $1::uuid AND state = 'submitted') AND waiting_since IS NULL
   AND situation IS NOT NULL

-- name: referral_lock
-- The household first, as in every change of a placement.
SELECT lock_case((SELECT r.household_id FROM referral r WHERE r.id = $1::uuid
                     AND r.organisation_id = ANY ((SELECT my_partners())::uuid[]))) AS _done

-- name: referral_household
-- Of which household, so that it can be locked first.
SELECT r.household_id FROM referral r JOIN household h ON h.id = r.household_id
 WHERE r.id = $1::uuid AND h.id = (SELECT seen_case(r.household_id))
   AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: referral_close
UPDATE referral SET state = 'closed', close_reason = $2, closed_at = now(), version = version + 1
 WHERE id = $1::uuid AND state NOT IN ('closed', 'placed')
   AND organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: referral_close_household
-- With its last open referral, unless it lives in a place of ours.
UPDATE household h SET closed_at = now(), version = version + 1
 WHERE h.id = (SELECT household_id FROM referral WHERE id = $1::uuid AND state = 'closed') AND h.closed_at IS NULL
   AND NOT EXISTS (SELECT FROM referral r WHERE r.household_id = h.id AND r.state <> 'closed')
   AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = h.id AND p.state IN ('accepted', 'arrived'))

-- name: referral_release_holds
UPDATE placement SET state = 'cancelled', cancel_reason = 'no_longer_needed', version = version + 1
 WHERE state IN ('held', 'offered') AND expires_at > now()
   AND household_id = (SELECT h.id FROM household h JOIN referral r ON r.household_id = h.id
                        WHERE r.id = $1::uuid AND h.closed_at IS NOT NULL)
