-- Searches for a person. The function decides what the caller is shown.

-- name: person_search
-- Five are shown, and whether there are more.
SELECT p.outcome AS _outcome, p.alert AS _alert,
       (SELECT coalesce(jsonb_agg(found.row ORDER BY found.n), '[]')
          FROM jsonb_array_elements(p.rows) WITH ORDINALITY AS found (row, n) WHERE found.n <= 5) AS items,
       coalesce(jsonb_array_length(p.rows) > 5, false) AS more
  FROM person_search($1::jsonb, $2::uuid, $3::jsonb, $4::integer) p
