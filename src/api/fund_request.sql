-- Requests to the fund.

-- name: fund_request_list
-- plan: custom
-- Of the pots that the caller's organisation keeps, or ($7) those that it asked for, the soonest needed first. $1 rows,
-- $2 cursor, $3 state, $4 category, $5 year of a pot, $6 whether they wait for an approval
SELECT v.*, v.needed_on || '|' || v.id AS _cursor,
       (SELECT coalesce(json_agg(json_build_object('pot', t.name, 'amount_pence', p.amount_pence) ORDER BY p.n), '[]')
          FROM fund.part p JOIN fund.pot_year y ON y.id = p.pot_year_id JOIN fund.pot t ON t.id = y.pot_id
         WHERE p.request_id = v.id) AS parts
  FROM (SELECT r.id FROM fund.request r
         WHERE ($7::boolean OR r.keeper_id = my_organisation())
           AND (NOT $7::boolean OR r.organisation_id = my_organisation())
           AND ($3::text IS NULL OR r.state = $3)
           AND ($4::text IS NULL OR r.category = $4)
           AND ($5::uuid IS NULL OR r.id = ANY ((SELECT fund.asked_of($5::uuid))::uuid[]))
           AND ($6::boolean IS NULL OR $6 = (r.state IN ('requested', 'second_needed')))
           AND ($2::text IS NULL OR (r.needed_on, r.id)
                > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid))
         ORDER BY r.needed_on, r.id LIMIT $1::integer) r
  JOIN fund.request_view v ON v.id = r.id
 ORDER BY v.needed_on, v.id

-- name: fund_request_case
-- The case that asks: its reference, what was asked for it, newest first, and what other funds gave.
SELECT h.id, h.reference, h.closed_at IS NULL AS open, works_on(h.id) AS works_on,
       newest_referral(h.id) AS referral_id,
       (SELECT coalesce(json_agg(v ORDER BY v.asked_at DESC, v.id), '[]') FROM (
            SELECT w.id, w.reference, w.category, w.amount_pence, w.state, w.needed_on, w.asked_at
              FROM fund.request r JOIN fund.request_view w ON w.id = r.id
             WHERE r.household_id = h.id ORDER BY r.asked_at DESC, r.id LIMIT 50) v) AS requests,
       (SELECT coalesce(json_agg(json_build_object('category', e.category, 'amount_pence', e.amount_pence,
                                                   'paid_on', e.paid_on, 'funder', e.funder)
                                 ORDER BY e.paid_on DESC, e.id), '[]')
          FROM fund.elsewhere e WHERE e.household_id = h.id) AS elsewhere
  FROM household h
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: fund_request_pots
-- What the caller may ask of today, for the form.
SELECT v.id AS code, v.name || ', ' || v.financial_year AS label, v.name,
       v.financial_year AS year, v.spendable_pence,
       to_json(p.categories) AS categories
  FROM fund.year_view v JOIN fund.pot p ON p.id = v.pot_id
 WHERE v.state IN ('open', 'provisional') ORDER BY v.year, v.name, v.id

-- name: fund_request_show
SELECT v.*,
       (SELECT coalesce(json_agg(json_build_object('n', p.n - 1, 'pot_year_id', y.id, 'pot', t.name,
                                                        'year', w.financial_year,
                                                        'amount_pence', p.amount_pence,
                                                        'spendable_pence', w.spendable_pence) ORDER BY p.n), '[]')
               FROM fund.part p JOIN fund.pot_year y ON y.id = p.pot_year_id JOIN fund.pot t ON t.id = y.pot_id
               JOIN fund.year_view w ON w.id = y.id
              WHERE p.request_id = v.id) AS parts,
       (SELECT count(*) > 1 FROM fund.part p WHERE p.request_id = v.id) AS split,
       (SELECT coalesce(json_agg(json_build_object('id', a.id, 'by', colleague_name(a.approved_by),
                                                   'at', utc(a.approved_at), 'amount_pence', a.amount_pence,
                                                   'counts', a.content = r.content, 'lane', a.lane,
                                                   'overruled', a.overruled, 'review_on', a.review_on,
                                                   'reviewed_by', colleague_name(a.reviewed_by),
                                                   'reviewed_at', utc(a.reviewed_at), 'upheld', a.upheld)
                                 ORDER BY a.approved_at, a.id), '[]')
          FROM fund.approval a WHERE a.request_id = v.id) AS approvals,
       (SELECT coalesce(json_agg(l), '[]') FROM fund.like_request(v.id) l) AS alike,
       fund.stock_for(v.id) AS stock,
       (SELECT to_json(b) FROM fund.had_before(v.id) b) AS had,
       (SELECT json_build_object('promised', coalesce(sum(c.promised), 0), 'open', coalesce(sum(c.open), 0),
                                 'in_payment', coalesce(sum(c.in_payment), 0), 'paid', coalesce(sum(c.paid), 0),
                                 'released', coalesce(sum(c.released), 0), 'expires_on', min(c.expires_on))
          FROM fund.commitment c WHERE c.cause_id = v.id) AS money,
       (SELECT json_build_object('id', p.id, 'kind', p.kind, 'changed', p.n > 1, 'recorded_at', utc(p.recorded_at),
                                 'verified_at', utc(p.verified_at), 'refused_at', utc(p.refused_at),
                                 'agreed', fund.payee_agreed(p.id), 'shared_account', fund.shared_account(p.id))
          FROM fund.payee p WHERE p.request_id = v.id AND p.ended_at IS NULL) AS payee,
       (SELECT coalesce(json_agg(json_build_object('id', p.id, 'reference', p.reference, 'run', p.run,
                                                   'amount_pence', p.amount_pence, 'means', p.means, 'state', p.state,
                                                   'made_at', p.made_at, 'settled_on', p.settled_on,
                                                   'reason', p.reason, 'recovered_pence', p.recovered_pence)
                                 ORDER BY p.made_at, p.id), '[]')
          FROM fund.payment_view p WHERE p.request_id = v.id AND p.state <> 'thawed') AS payments,
       fund.promise_shown(v.id) AS promise, fund.approver_reaches(v.id) AS approver_reaches,
       to_json(fund.acts_of(r)) AS acts,
       CASE WHEN approves_fund() THEN
           (SELECT n.id FROM fund.request n
             WHERE n.keeper_id = my_organisation() AND n.state IN ('requested', 'second_needed')
               AND (n.needed_on, n.id) > (r.needed_on, r.id) ORDER BY n.needed_on, n.id LIMIT 1) END AS next_id
  FROM fund.request_view v JOIN fund.request r ON r.id = v.id
 WHERE v.id = $1::uuid

-- name: fund_request_about
-- The request that an approval or an overpayment is about.
SELECT a.request_id AS id FROM fund.approval a WHERE a.id = $1::uuid
UNION ALL
SELECT o.request_id FROM fund.overpayment o WHERE o.id = $1::uuid

-- name: fund_request_ask
SELECT t.outcome AS _outcome, t.id AS _id, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.ask($1::uuid, $2::jsonb) t

-- name: fund_request_change
SELECT t.outcome AS _outcome, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.change($1::uuid, $2::integer, $3::jsonb) t

-- name: fund_request_approve
SELECT t.outcome AS _outcome, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.approve($1::uuid, $2::integer, $3, $4) t

-- name: fund_request_turn
SELECT t.outcome AS _outcome, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.turn($1::uuid, $2::integer, $3, $4) t

-- name: fund_approval_review
SELECT t.outcome AS _outcome, t.id AS _id, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.review($1::uuid, $2::boolean) t

-- name: fund_elsewhere_add
INSERT INTO fund.elsewhere (household_id, category, amount_pence, paid_on, funder, recorded_by)
SELECT h.id, n.category, n.amount_pence, n.paid_on, n.funder, audit.me('account')::uuid
  FROM household h, jsonb_populate_record(NULL::fund.elsewhere, $2::jsonb) n
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: fund_limit_list
-- What people of each role may approve, today and from days to come. $1 rows, $2 cursor
SELECT l.id, l.role, l.category, l.single_pence, l.month_pence, l.two_from_pence, l.lane_pence, l.lane_week_pence,
       colleague_name(l.set_by) AS set_by, l.from_day, l.until_day, l.from_day <= today() AS begun,
       l.role || '|' || coalesce(l.category, '') || '|' || l.from_day AS _cursor
  FROM fund.approval_limit l
 WHERE l.organisation_id = my_organisation()
   AND (l.until_day IS NULL OR l.until_day > greatest(today(), l.from_day))
   AND ($2::text IS NULL OR l.role || '|' || coalesce(l.category, '') || '|' || l.from_day > $2)
 ORDER BY l.role || '|' || coalesce(l.category, '') || '|' || l.from_day LIMIT $1::integer

-- name: fund_limit_set
SELECT fund.set_limit($1::jsonb) AS id
