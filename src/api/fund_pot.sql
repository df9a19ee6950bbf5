-- Pots of the fund and their years.

-- name: fund_year_list
-- $1 rows, $2 cursor, $3 year, $4 state
SELECT v.id, v.pot_id, v.organisation_id, v.organisation, v.name, v.funder, v.year, v.financial_year, v.state, v.ours,
       v.budget_pence,
       v.free_pence, v.committed_pence, v.in_payment_pence, v.spent_pence, v.gone_pence, v.stock_pence,
       v.spendable_pence,
       fund.requested_of(v.id) AS requested_pence, v.version,
       v.year || '|' || v.name || '|' || v.id AS _cursor
  FROM fund.year_view v
 WHERE ($3::integer IS NULL OR v.year = $3::integer) AND ($4::text IS NULL OR v.state = $4)
   AND ($2::text IS NULL OR v.year < split_part($2, '|', 1)::integer
        OR v.year = split_part($2, '|', 1)::integer
           AND (v.name, v.id) > (split_part($2, '|', 2), split_part($2, '|', 3)::uuid))
 ORDER BY v.year DESC, v.name, v.id LIMIT $1::integer

-- name: fund_year_show
SELECT v.*,
       fund.requested_of(v.id) AS requested_pence,
       to_json(p.categories) AS categories, CASE WHEN v.ours THEN p.cost_centre END AS cost_centre,
       CASE WHEN v.ours THEN p.gl_code END AS gl_code,
       p.carry, p.provisional_percent, to_json(p.spenders) AS spenders, p.version AS pot_version,
       (SELECT coalesce(json_agg(json_build_object('account', u.what, 'pence', u.pence)), '[]')
          FROM fund.closing(v.id) u) AS unsettled,
       fund.year_unexported(v.id) AS unexported,
       (SELECT coalesce(json_agg(s.becomes ORDER BY s.becomes), '[]') FROM fund.year_step s
         WHERE v.ours AND keeps_fund() AND s.state = v.state
           AND (NOT s.after_end OR today() >= fund.first_day(v.year + 1))) AS steps
  FROM fund.year_view v JOIN fund.pot p ON p.id = v.pot_id
 WHERE v.id = $1::uuid

-- name: fund_pot_strangers
-- The organisations among those that may spend which are none of the partnership.
SELECT s.id FROM jsonb_array_elements_text(coalesce($1::jsonb -> 'spenders', '[]')) s (id)
 WHERE s.id::uuid <> ALL (my_partners())

-- name: fund_pot_add
SELECT fund.add_pot($1::jsonb) AS id

-- name: fund_pot_change
-- The rules of the pot of a year.
SELECT fund.change_pot((SELECT y.pot_id FROM fund.pot_year y WHERE y.id = $1::uuid), $2::integer, $3::jsonb) AS _outcome

-- name: fund_year_add
SELECT a.outcome AS _outcome, a.id
  FROM fund.add_year((SELECT y.pot_id FROM fund.pot_year y WHERE y.id = $1::uuid), $2::integer) a

-- name: fund_year_budget
SELECT fund.change_budget($1::uuid, $2::integer, $3::bigint) AS _outcome

-- name: fund_year_move
SELECT fund.move_year($1::uuid, $2::integer, $3) AS _outcome

-- name: fund_posting_list
-- $1 the year, $2 rows, $3 cursor; newest first. A posting has one movement of a year at most.
SELECT p.id, p.act, p.cause, r.reference, p.value_on, utc(p.booked_at) AS booked_at, colleague_name(p.account_id) AS by,
       x.amount AS pence, f.kind AS from_account, t.kind AS to_account, x.seq AS _cursor
  FROM (SELECT x.* FROM fund.transfer x
         WHERE x.pot_year_id = $1::uuid AND ($3::bigint IS NULL OR x.seq < $3::bigint)
         ORDER BY x.seq DESC LIMIT $2::integer) x
  JOIN fund.posting p ON p.id = x.posting_id
  JOIN fund.account f ON f.id = x.from_account
  JOIN fund.account t ON t.id = x.to_account
  LEFT JOIN fund.request r ON r.id = p.cause_id
 ORDER BY x.seq DESC
