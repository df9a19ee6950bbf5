-- What a household agrees to. Rows are only ever added; the newest of a purpose counts.

-- name: consent_add
INSERT INTO consent (household_id, purpose, basis, reason, account_id)
VALUES ($1::uuid, $2, $3, $4, $5::uuid)
RETURNING id, household_id, purpose, basis, reason, account_id, utc(at) AS at

-- name: consent_now
SELECT n.basis FROM consents_of((SELECT seen_case($1::uuid))) n WHERE n.purpose = $2

-- name: consent_end_offers
-- Under the household's lock. What a provider has been offered it sees no more.
UPDATE placement SET state = 'cancelled', cancel_reason = 'changed_mind', version = version + 1
 WHERE household_id = $1::uuid AND state = 'offered' AND expires_at > now() AND offer_refusal(household_id) IS NOT NULL

-- name: consent_household
-- With where to go on: the hold that waits to be offered, the newest referral.
SELECT h.id, h.reference,
       newest_referral(h.id) AS referral_id,
       (SELECT p.id FROM placement p
         WHERE p.household_id = h.id AND p.state = 'held' AND p.expires_at > now()
         ORDER BY p.held_at DESC, p.id LIMIT 1) AS placement_id
  FROM household h
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: consent_list
-- Newest first, with what was answered before.
SELECT c.id, c.household_id, c.purpose, c.basis, c.reason, c.account_id, utc(c.at) AS at
  FROM consent c JOIN household h ON h.id = c.household_id
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])
 ORDER BY c.at DESC, c.id
