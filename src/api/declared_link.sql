-- Conflicts of interest that users declared. The functions check the caller.

-- name: declared_link_add
SELECT d.id, d.alert FROM declare_link(ARRAY(SELECT decode(h ->> 'hash', 'hex') FROM jsonb_array_elements($1::jsonb) h),
                                       $2) d

-- name: declared_link_list
SELECT d.id, d.account_id, d.account, d.relationship, utc(d.declared_at) AS declared_at, utc(d.ended_at) AS ended_at,
       d.end_reason, d.account_id = audit.me('account')::uuid AS own,
       d.declared_at::text || '|' || d.id AS _cursor
  FROM declared_links(NULL) d
 WHERE ($2::text IS NULL OR (d.declared_at, d.id) < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
 ORDER BY d.declared_at DESC, d.id DESC LIMIT $1::integer

-- name: declared_link_show
SELECT d.id, d.account_id, d.account, d.relationship, utc(d.declared_at) AS declared_at, utc(d.ended_at) AS ended_at,
       d.end_reason, d.account_id = audit.me('account')::uuid AS own
  FROM declared_links($1::uuid) d

-- name: declared_link_end
SELECT end_link($1::uuid, $2) AS _outcome
