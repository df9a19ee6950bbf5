-- The stock of prepaid cards and vouchers.

-- name: fund_stock_sums
SELECT c.kind, c.face_pence, count(*) AS cards, sum(c.face_pence)::bigint AS pence
  FROM fund.card c
 WHERE c.organisation_id = my_organisation() AND c.state = 'in_stock'
 GROUP BY c.kind, c.face_pence ORDER BY c.kind, c.face_pence

-- name: fund_stock_years
-- The years of pots that may pay for more, for the form.
SELECT v.id AS code, v.name || ', ' || v.financial_year AS label, v.free_pence
  FROM fund.year_view v WHERE v.ours AND v.state IN ('open', 'soft_closed') ORDER BY v.year DESC, v.name, v.id

-- name: fund_stock_open_counts
SELECT c.id FROM fund.stock_count c
 WHERE c.organisation_id = my_organisation() AND c.counted <> c.expected AND c.reason IS NULL LIMIT 100

-- name: fund_stock_buy
SELECT b.outcome AS _outcome, b.id, b.taken
  FROM fund.buy_stock($1::jsonb, ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) b

-- name: fund_stock_bought
-- What the caller bought last.
SELECT l.id, l.cards, l.face_pence * l.cards AS pence FROM fund.stock_lot l
 WHERE l.organisation_id = my_organisation() AND l.bought_by = audit.me('account')::uuid
 ORDER BY l.bought_at DESC, l.id LIMIT 1

-- name: fund_card_list
-- plan: custom
-- $1 rows, $2 cursor, $3 state, $4 kind
SELECT v.*, v.bought_at || '|' || v.id AS _cursor
  FROM fund.card_view v
 WHERE ($3::text IS NULL OR v.state = $3) AND ($4::text IS NULL OR v.kind = $4)
   AND ($2::text IS NULL OR (v.bought_at, v.id) < (split_part($2, '|', 1), split_part($2, '|', 2)::uuid))
 ORDER BY v.bought_at DESC, v.id DESC LIMIT $1::integer

-- name: fund_card_show
SELECT v.*, (SELECT coalesce(json_agg(a.act ORDER BY a.act), '[]')
               FROM (VALUES ('return', 'in_stock', keeps_fund()), ('loss', 'in_stock', keeps_fund()),
                            ('confirm_loss', 'loss_reported', settles_stock() AND NOT v.own),
                            ('found', 'loss_reported', settles_stock())) a (act, state, may)
              WHERE a.state = v.state AND a.may) AS acts
  FROM fund.card_view v WHERE v.id = $1::uuid

-- name: fund_card_return
SELECT fund.return_card($1::uuid, $2::integer) AS _outcome

-- name: fund_card_lose
SELECT fund.report_loss($1::uuid, $2::integer, $3) AS _outcome

-- name: fund_card_settle
SELECT fund.settle_loss($1::uuid, $2::integer, $3::boolean) AS _outcome

-- name: fund_count_list
-- $1 rows, $2 cursor, $3 whether it is open
SELECT v.*, v.counted_at || '|' || v.id AS _cursor FROM fund.count_view v
 WHERE ($3::boolean IS NULL OR v.open = $3)
   AND ($2::text IS NULL OR (v.counted_at, v.id) < (split_part($2, '|', 1), split_part($2, '|', 2)::uuid))
 ORDER BY v.counted_at DESC, v.id DESC LIMIT $1::integer

-- name: fund_count_show
SELECT v.* FROM fund.count_view v WHERE v.id = $1::uuid

-- name: fund_count_make
SELECT b.outcome AS _outcome, b.id FROM fund.count_stock($1, $2::bigint, $3::integer) b

-- name: fund_count_explain
SELECT fund.explain_count($1::uuid, $2::integer, $3) AS _outcome
