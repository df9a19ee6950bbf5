-- Payment runs.

-- name: fund_payable_list
SELECT p.commitment_id, p.request_id, p.reference, p.household_reference, p.category, p.means, p.pot, p.needed_on,
       p.amount_pence, p.obstacle
  FROM fund.payables() p

-- name: fund_run_list
-- $1 rows, $2 cursor
SELECT v.*, r.at || '|' || v.id AS _cursor
  FROM (SELECT r.id, r.made_at AS at FROM fund.run r
         WHERE r.organisation_id = my_organisation()
           AND ($2::text IS NULL OR (r.made_at, r.id)
                < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
         ORDER BY r.made_at DESC, r.id DESC LIMIT $1::integer) r
  JOIN fund.run_view v ON v.id = r.id
 ORDER BY r.at DESC, v.id DESC

-- name: fund_run_show
SELECT v.*, colleague_name(r.frozen_by) AS frozen_by, utc(r.frozen_at) AS frozen_at, utc(r.exported_at) AS exported_at,
       (SELECT coalesce(json_agg(json_build_object('id', p.id, 'n', p.n, 'reference', p.reference,
                                                   'request_id', q.id, 'request', q.reference,
                                                   'amount_pence', p.amount_pence, 'state', p.state,
                                                   'settled_on', p.settled_on) ORDER BY p.n), '[]')
          FROM fund.payment p JOIN fund.request q ON q.id = p.cause_id WHERE p.run_id = v.id) AS lines,
       (SELECT coalesce(json_agg(p), '[]') FROM fund.payables() p WHERE v.state = 'draft') AS payable,
       d.payable_count, d.payable_pence,
       (SELECT coalesce(json_agg(s.act ORDER BY s.act), '[]') FROM fund.run_step s
         WHERE s.state = v.state AND keeps_fund()) AS acts
  FROM fund.run_view v JOIN fund.run r ON r.id = v.id
 CROSS JOIN LATERAL (SELECT count(*)::integer AS payable_count,
                            coalesce(sum(p.amount_pence), 0)::bigint AS payable_pence
                       FROM fund.in_run('{}') p WHERE v.state = 'draft') d
 WHERE v.id = $1::uuid

-- name: fund_run_begin
SELECT fund.begin_run($1::date) AS id

-- name: fund_run_freeze
-- $3 {payments, total_pence, left_out}
SELECT fund.freeze_run($1::uuid, $2::integer, (n.item ->> 'payments')::integer, (n.item ->> 'total_pence')::bigint,
                       ARRAY(SELECT jsonb_array_elements_text(coalesce(n.item -> 'left_out', '[]'))::uuid)) AS _outcome
  FROM (SELECT $3::jsonb AS item) n

-- name: fund_run_abandon
SELECT fund.abandon_run($1::uuid, $2::integer) AS _outcome

-- name: fund_run_export
SELECT fund.export_run($1::uuid, $2::integer) AS _outcome

-- name: fund_run_file
SELECT r.id, r.reference, r.pay_on, r.exported_at IS NOT NULL AS released FROM fund.run r
 WHERE r.id = $1::uuid AND r.organisation_id = my_organisation()

-- name: fund_run_lines
SELECT p.n, p.reference, p.payee_id, p.means, p.amount_pence FROM fund.payment p
 WHERE p.run_id = $1::uuid AND p.state <> 'thawed' ORDER BY p.n
