-- The forecast to year end, and what was free week by week.

-- name: fund_forecast_list
-- $1 the year of the 1 April, or NULL: the present one
SELECT f.scope, f.id, f.name, f.category, CASE WHEN f.id IS NOT NULL THEN (f.f).budget END AS budget_pence,
       (f.f).paid AS spent_pence,
       (f.f).in_payment AS in_payment_pence, (f.f).one_off AS promised_pence, (f.f).recurring AS recurring_pence,
       (f.o).expected AS expected_pence,
       fund.expected_of(f.f, fund.weekly_asked(coalesce($1::integer, fund.year_of(today())), f.id, f.category))
           AS expected_weekly_pence,
       (f.o).trend AS trend_pence, (f.o).forecast AS forecast_pence,
       (f.o).band AS band_pence, (f.o).runs_out_on, (f.o).earliest_on
  FROM fund.forecast(coalesce($1::integer, fund.year_of(today()))) f

-- name: fund_forecast_show
-- The picture is 1,000 high: the budget, or what was ever free where that is more; a day is one wide.
WITH one AS (
    SELECT v.id, v.name, v.funder, v.financial_year, fund.first_day(v.year) AS begins_on, k.f, k.o,
           (k.f).free - (k.o).expected AS left_pence, v.ours,
           (SELECT avg(w) FROM unnest((k.f).weeks) w) AS week, fund.spread_of((k.f).weeks) AS spread
      FROM fund.year_view v, fund.forecast_one(v.id) k WHERE v.id = $1::uuid AND v.ours
), past AS (
    SELECT w.*, w.ends_on - o.begins_on AS x FROM one o, fund.weeks_of_year(o.id) w
), top AS (
    SELECT greatest(1, max((o.f).budget), (SELECT max(p.free_pence) FROM past p)) AS pence FROM one o
), ahead AS (
    SELECT (o.f).on_day - o.begins_on + least(d, (o.f).days_left) AS x,
           o.left_pence - o.week * least(d, (o.f).days_left) / 7 AS middle,
           fund.band_of(o.spread, least(d, (o.f).days_left) / 7.0) AS band
      FROM one o, generate_series(0, (o.f).days_left + 6, 7) d
)
SELECT o.id, o.name, o.funder, o.financial_year, (o.f).on_day, (o.f).days_left, (o.f).budget AS budget_pence,
       (o.f).paid AS spent_pence, (o.f).in_payment AS in_payment_pence, (o.f).one_off AS promised_pence,
       (o.f).recurring AS recurring_pence, (o.f).free AS free_pence, (o.f).asked AS asked_pence,
       CASE WHEN (o.f).decided > 0 THEN round(100.0 * (o.f).granted / (o.f).decided)::integer ELSE 100 END
           AS approved_percent,
       (o.o).expected AS expected_pence,
       fund.expected_of(o.f, fund.weekly_asked(fund.year_of(o.begins_on), o.id, NULL)) AS expected_weekly_pence,
       coalesce(round(o.week), 0)::bigint AS week_pence,
       cardinality((o.f).weeks) AS weeks_known, (o.o).trend AS trend_pence, (o.o).forecast AS forecast_pence,
       (o.o).band AS band_pence, (o.o).forecast - (o.o).band AS least_pence, (o.o).forecast + (o.o).band AS most_pence,
       (o.o).forecast > (o.f).budget AS over, (o.o).runs_out_on, (o.o).earliest_on,
       (SELECT coalesce(json_agg(json_build_object('ends_on', p.ends_on, 'free_pence', p.free_pence,
                                                   'promised_pence', p.promised_pence) ORDER BY p.ends_on DESC), '[]')
          FROM past p) AS weeks,
       json_build_object(
           'days', fund.first_day(fund.year_of(o.begins_on) + 1) - o.begins_on,
           'past', (SELECT string_agg(p.x || ',' || (1000 - 1000 * p.free_pence / t.pence), ' ' ORDER BY p.x)
                      FROM past p, top t),
           'middle', (SELECT string_agg(a.x || ',' || round(1000 - 1000 * a.middle / t.pence), ' ' ORDER BY a.x)
                        FROM ahead a, top t),
           'band', (SELECT string_agg(e.x || ',' || round(1000 - 1000 * e.pence / t.pence), ' '
                                      ORDER BY e.side, e.x * e.side)
                      FROM (SELECT a.x, a.middle + a.band AS pence, -1 AS side FROM ahead a UNION ALL
                            SELECT a.x, a.middle - a.band, 1 FROM ahead a) e, top t WHERE e.pence IS NOT NULL)
       ) AS picture
  FROM one o

-- name: fund_week_list
SELECT w.ends_on, w.free_pence, w.promised_pence FROM fund.weeks_of_year($1::uuid) w ORDER BY w.ends_on

-- name: fund_days_list
SELECT d.begins_on, d.decided, d.decided_median::text, d.decided_p90::text, d.paid,
       d.paid_median::text, d.paid_p90::text
  FROM fund.days_taken() d ORDER BY d.begins_on DESC
