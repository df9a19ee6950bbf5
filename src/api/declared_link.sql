-- Conflicts of interest that users declared. The functions check the caller.

-- name: declared_link_add
SELECT d.id, d.alert FROM declare_link($1::jsonb, $2) d

-- name: declared_link_list
SELECT d.id, d.account_id, d.account, d.relationship, utc(d.declared_at) AS declared_at, utc(d.ended_at) AS ended_at,
       d.end_reason, d.account_id = audit.me('account')::uuid AS own,
       d.declared_at::text || '|' || d.id AS _cursor
  FROM newest_links($1::integer, split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid) n
 CROSS JOIN LATERAL declared_link(n.id) d
 ORDER BY n.declared_at DESC, n.id DESC

-- name: declared_link_show
SELECT d.id, d.account_id, d.account, d.relationship, utc(d.declared_at) AS declared_at, utc(d.ended_at) AS ended_at,
       d.end_reason, d.account_id = audit.me('account')::uuid AS own
  FROM declared_link($1::uuid) d

-- name: declared_link_end
SELECT end_link($1::uuid, $2) AS _outcome
