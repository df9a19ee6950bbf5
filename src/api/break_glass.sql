-- Cases opened in an emergency. The functions check the caller.

-- name: break_glass_open
SELECT b.outcome AS _outcome, b.id, b.household_id, b.household_reference, utc(b.opened_at) AS opened_at,
       utc(b.expires_at) AS expires_at
  FROM break_glass($1, $2) b

-- name: break_glass_list
-- plan: custom
SELECT b.id, b.household_id, b.household_reference, b.account, b.organisation, b.reason, b.restricted,
       utc(b.opened_at) AS opened_at, utc(b.expires_at) AS expires_at, b.expires_at > now() AS open,
       b.opened_at::text || '|' || b.id AS _cursor
  FROM (SELECT x.id, x.opened_at
          FROM (SELECT x.id, x.opened_at FROM unnest(my_partners()) o
                 CROSS JOIN LATERAL (
                       SELECT id, opened_at FROM break_glass
                        WHERE organisation_id = o AND administers()
                          AND ($2::text IS NULL OR (opened_at, id)
                               < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
                        ORDER BY opened_at DESC, id DESC LIMIT $1::integer) x
                 UNION ALL
               (SELECT id, opened_at FROM break_glass
                 WHERE account_id = audit.me('account')::uuid AND NOT administers()
                   AND ($2::text IS NULL OR (opened_at, id)
                        < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
                 ORDER BY opened_at DESC, id DESC LIMIT $1::integer)) x
         ORDER BY x.opened_at DESC, x.id DESC LIMIT $1::integer) p
 CROSS JOIN LATERAL emergency_opening(p.id) b
 ORDER BY p.opened_at DESC, p.id DESC
