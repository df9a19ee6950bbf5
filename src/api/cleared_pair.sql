-- Possible conflicts of interest, and those that were cleared. The functions check the caller.

-- name: cleared_pair_possible
SELECT p.household_reference, p.declaration_id, p.account, p.relationship, p.property_id, p.property, p.provider,
       p.place AS _cursor
  FROM possible_conflicts($1::integer, $2) p

-- name: cleared_pair_list
SELECT c.id, c.household_reference, c.declaration_id, c.property_id, c.cleared_by, utc(c.cleared_at) AS cleared_at,
       c.reason, c.cleared_at::text || '|' || c.id AS _cursor
  FROM cleared_pairs($1::integer, $2) c

-- name: cleared_pair_add
SELECT c.outcome AS _outcome, c.id FROM clear_pair($1, $2::uuid, $3::uuid, $4) c

-- name: cleared_pair_show
SELECT c.id, c.household_reference, c.declaration_id, c.property_id, c.cleared_by, utc(c.cleared_at) AS cleared_at,
       c.reason
  FROM cleared_pairs(1, NULL, $1::uuid) c
