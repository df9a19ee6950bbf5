-- name: address_reveal_managed
SELECT id FROM property WHERE id = $1::uuid AND organisation_id = $2::uuid

-- name: address_reveal_list
-- $1 property, $2 its manager, $3 rows, $4 cursor. For a case that is denied to the caller: that a person
-- looked, without the placement.
SELECT r.id, utc(r.at) AS at, CASE WHEN r.household_id <> ALL (denied_cases()) THEN r.placement_id END AS placement_id,
       r.account_id, a.display_name AS account, r.account_organisation AS organisation_id,
       o.name AS organisation, r.purpose, r.at::text || '|' || r.id AS _cursor
  FROM (SELECT * FROM address_reveal
         WHERE property_id = $1::uuid AND organisation_id = $2::uuid
           AND ($4::text IS NULL OR (at, id) < (split_part($4, '|', 1)::timestamptz, split_part($4, '|', 2)::uuid))
         ORDER BY at DESC, id DESC LIMIT $3::integer) r
  JOIN account a ON a.id = r.account_id
  JOIN organisation o ON o.id = r.account_organisation
 ORDER BY r.at DESC, r.id DESC
