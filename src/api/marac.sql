-- Referrals to a MARAC.

-- name: marac_lock
SELECT lock_case((SELECT m.household_id FROM marac m WHERE m.id = $1::uuid)) AS _done

-- name: marac_add
INSERT INTO marac (household_id, referred_on, heard_on)
SELECT h.id, coalesce($2::date, today()), $3::date FROM household h
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])
RETURNING id

-- name: marac_show
SELECT m.id, m.household_id, h.reference, m.referred_on, m.heard_on, m.repeat, m.version
  FROM marac_view m JOIN household h ON h.id = m.household_id
 WHERE m.id = $1::uuid AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: marac_change
-- $3 the patch
UPDATE marac m SET (referred_on, heard_on) = (SELECT coalesce(n.referred_on, m.referred_on), n.heard_on
                                                FROM jsonb_populate_record(m, $3::jsonb) n),
       version = version + 1
 WHERE m.id = $1::uuid AND $2::integer IN (m.version, -1)
   AND EXISTS (SELECT FROM household h
                WHERE h.id = m.household_id AND h.organisation_id = ANY ((SELECT my_partners())::uuid[]))

-- name: marac_heard
-- $3 the version that was read: without one no day is overwritten.
UPDATE marac m SET heard_on = $2::date, version = version + 1
 WHERE m.id = $1::uuid
   AND CASE WHEN $3::integer IS NULL THEN m.heard_on IS NULL ELSE $3::integer IN (m.version, -1) END
   AND EXISTS (SELECT FROM household h
                WHERE h.id = m.household_id AND h.organisation_id = ANY ((SELECT my_partners())::uuid[]))
