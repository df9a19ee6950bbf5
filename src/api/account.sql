-- name: account_list
SELECT a.id, a.username, a.display_name AS name, a.role, a.organisation_id, o.name AS organisation,
       a.disabled_at IS NOT NULL AS disabled, utc(a.created_at) AS created_at,
       a.created_at::text || '|' || a.id AS _cursor
  FROM account a JOIN organisation o ON o.id = a.organisation_id
 WHERE o.id = ANY ((SELECT my_partners())::uuid[])
   AND ($2::text IS NULL OR (a.created_at, a.id) < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
 ORDER BY a.created_at DESC, a.id DESC LIMIT $1::integer

-- name: account_create
SELECT * FROM make_account($1::uuid, $2, $3, $4, $5)

-- name: account_disable
SELECT * FROM close_account($1::uuid)

-- name: account_sign_out
-- No row where the account is not of the partnership.
SELECT n AS sessions_ended FROM sign_out_account($1::uuid) n WHERE n IS NOT NULL
