-- Shares of a case with other organisations. The functions check the caller.

-- name: case_share_give
SELECT s.outcome AS _outcome, s.id AS _id
  FROM give_share($1::uuid, $2::uuid, $3::uuid, $4, $5, $6::date) s

-- name: case_share_end
SELECT s.outcome AS _outcome, s.household_id FROM end_share($1::uuid) s

-- name: case_share_list
-- Of a case of the caller's organisation ($2: one of them): the newest that still runs first.
SELECT s.id, s.household_id, s.organisation_id, o.name AS organisation, s.account_id, a.display_name AS person,
       s.access, s.purpose, taken_because(s.id) AS reason, g.display_name AS given_by, utc(s.given_at) AS given_at,
       utc(nullif(s.ends_at, 'infinity')) AS ends_at, e.display_name AS ended_by, s.ends_at > now() AS open
  FROM case_share s
  LEFT JOIN organisation o ON o.id = s.organisation_id
  LEFT JOIN account a ON a.id = s.account_id
  LEFT JOIN account g ON g.id = s.given_by
  LEFT JOIN account e ON e.id = s.ended_by
 WHERE s.household_id = (SELECT seen_case($1::uuid)) AND ($2::uuid IS NULL OR s.id = $2::uuid)
 ORDER BY s.ends_at > now() DESC, s.given_at DESC, s.id

-- name: case_share_receivers
-- The organisations that a case can be shared with.
SELECT id AS organisation_id, name FROM organisation
 WHERE kind = 'council' AND id <> my_organisation() AND id = ANY ((SELECT my_partners())::uuid[]) ORDER BY name, id
