-- Payments.

-- name: fund_payment_list
-- plan: custom
-- $1 rows, $2 cursor, $3 state, $4 whether they are late
SELECT v.*, v.made_at || '|' || v.id AS _cursor
  FROM fund.payment_view v
 WHERE v.id IN (SELECT p.id FROM fund.payment p WHERE p.organisation_id = my_organisation())
   AND ($3::text IS NULL OR v.state = $3) AND ($4::boolean IS NULL OR v.late = $4)
   AND ($2::text IS NULL OR (v.made_at, v.id) < (split_part($2, '|', 1), split_part($2, '|', 2)::uuid))
 ORDER BY v.made_at DESC, v.id DESC LIMIT $1::integer

-- name: fund_payment_show
SELECT v.*, p.vat_pence, colleague_name(p.made_by) AS made_by, colleague_name(p.settled_by) AS settled_by,
       (SELECT coalesce(json_agg(json_build_object('amount_pence', x.amount_pence, 'reason', x.reason,
                                                   'by', colleague_name(x.recorded_by), 'at', utc(x.recorded_at))
                                 ORDER BY x.recorded_at, x.id), '[]')
          FROM fund.recovery x WHERE x.payment_id = v.id) AS recoveries,
       (SELECT coalesce(json_agg(s.act ORDER BY s.act), '[]') FROM fund.payment_step s
         WHERE s.state = v.state AND keeps_fund()
           AND (s.act <> 'take_out' OR r.state = 'frozen')
           AND (s.act NOT IN ('confirm', 'bounce') OR r.id IS NULL OR fund.may_run(r.state, 'settle'))
           AND (s.act <> 'confirm' OR NOT v.own) AND (s.act <> 'vat' OR v.means = 'supplier')
           -- what an invoice for works was paid is taken back at its order
           AND (s.act = 'recover' OR v.order_id IS NULL)
           AND (s.act NOT IN ('bounce', 'unconfirm') OR v.recovered_pence = 0)
           AND (s.act <> 'unconfirm' OR NOT EXISTS (SELECT FROM fund.card k WHERE k.payment_id = v.id))
           AND (s.act <> 'recover' OR v.recovered_pence < v.amount_pence)) AS acts
  FROM fund.payment_view v JOIN fund.payment p ON p.id = v.id LEFT JOIN fund.run r ON r.id = p.run_id
 WHERE v.id = $1::uuid AND p.organisation_id = my_organisation()

-- name: fund_payment_take_out
SELECT fund.take_out($1::uuid) AS _outcome

-- name: fund_payment_confirm
SELECT fund.confirm($1::uuid, $2::integer, $3::date) AS _outcome

-- name: fund_payment_bounce
SELECT fund.bounce($1::uuid, $2::integer, $3::date, $4) AS _outcome

-- name: fund_payment_unconfirm
SELECT fund.unconfirm($1::uuid, $2::integer) AS _outcome

-- name: fund_payment_recover
SELECT fund.recover($1::uuid, $2::integer, $3::bigint, $4) AS _outcome

-- name: fund_payment_vat
SELECT fund.set_vat($1::uuid, $2::integer, $3::bigint) AS _outcome
