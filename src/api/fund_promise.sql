-- Support by the week: recurring promises of the fund, what was paid too much of them, and interim stays.

-- name: fund_nrpf_left
-- What one pot could still promise today for accommodation without recourse, of those that the caller may ask.
SELECT coalesce(max(v.spendable_pence), 0) AS left_pence
  FROM fund.year_view v JOIN fund.pot p ON p.id = v.pot_id
 WHERE v.year = fund.year_of(today()) AND v.state IN ('open', 'provisional')
   AND 'nrpf_accommodation' = ANY (p.categories)

-- name: fund_promise_case
-- The case that asks for weekly support.
SELECT h.id, h.reference, h.closed_at IS NULL AS open, works_on(h.id) AS works_on, h.nrpf,
       (SELECT to_json(c) FROM fund.cover_of(h.id) c) AS cover,
       (SELECT coalesce(json_agg(json_build_object('component', w.component, 'weekly_pence', w.weekly_pence,
                                                   'from_day', w.from_day, 'source', w.source,
                                                   'checked_on', w.checked_on,
                                                   'old', w.checked_on < today() - interval '1 year')
                                 ORDER BY w.component, w.from_day), '[]')
          FROM fund.weekly_rate w
         WHERE w.from_day > today()
            OR w.from_day = (SELECT max(o.from_day) FROM fund.weekly_rate o
                              WHERE o.component = w.component AND o.from_day <= today())) AS rates
  FROM household h
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: fund_promise_preview
SELECT p.n, p.person, p.component, p.weekly_pence, p.from_day, p.until_day, p.until_day - p.from_day AS nights,
       p.amount_pence, false AS may_stop
  FROM fund.preview($1::uuid, $2::jsonb) p ORDER BY p.n

-- name: fund_promise_ask
SELECT t.outcome AS _outcome, t.id AS _id, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.ask_weekly($1::uuid, $2::jsonb) t

-- name: fund_promise_stop
SELECT t.outcome AS _outcome, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.stop($1::uuid, $2::integer, $3::date, $4) t

-- name: fund_promise_stop_person
SELECT t.outcome AS _outcome, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.stop_person($1::uuid, $2::integer, $3::integer, $4::date, $5) t

-- name: fund_promise_review
SELECT t.outcome AS _outcome, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.review_promise($1::uuid, $2::integer, $3::date, $4::date) t

-- name: fund_overpayment_settle
SELECT t.outcome AS _outcome, t.id AS _id, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.settle($1::uuid, $2::integer, $3, $4) t

-- name: fund_past_need
-- What goes on past its need, the longest first. $1 rows, $2 cursor
SELECT n.*, n.ended_on || '|' || n.id AS _cursor FROM fund.past_needs() n
 WHERE ($2::text IS NULL OR (n.ended_on, n.id) > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid))
 ORDER BY n.ended_on, n.id LIMIT $1::integer

-- name: fund_delays
-- Nights in interim accommodation of a period, by what was waited for, the longest ago first. $3 rows, $4 cursor
SELECT d.*, d.from_day || '|' || d.placement_id || '|' || d.delay AS _cursor FROM fund.delays($1::date, $2::date) d
 WHERE ($4::text IS NULL OR (d.from_day, d.placement_id, d.delay::text)
        > (split_part($4, '|', 1)::date, split_part($4, '|', 2)::uuid, split_part($4, '|', 3)))
 ORDER BY d.from_day, d.placement_id, d.delay::text LIMIT $3::integer
