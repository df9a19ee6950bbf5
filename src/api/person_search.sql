-- Searches for a person. The function decides what the caller is shown.

-- name: person_search
SELECT p.outcome AS _outcome, p.alert, p.rows
  FROM person_search(decode($1, 'hex'), decode($2, 'hex'), $3::uuid, $4::jsonb, $5::integer) p
