-- Restricted cases opened in an emergency. The functions check the caller.

-- name: break_glass_open
SELECT b.outcome AS _outcome, b.id, b.household_id, b.household_reference, utc(b.opened_at) AS opened_at,
       utc(b.expires_at) AS expires_at
  FROM break_glass(upper($1), $2) b

-- name: break_glass_list
SELECT b.id, b.household_id, b.household_reference, b.account, b.organisation, b.reason, utc(b.opened_at) AS opened_at,
       utc(b.expires_at) AS expires_at, b.expires_at > now() AS open, b.opened_at::text || '|' || b.id AS _cursor
  FROM emergency_openings() b
 WHERE ($2::text IS NULL OR (b.opened_at, b.id) < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
 ORDER BY b.opened_at DESC, b.id DESC LIMIT $1::integer
