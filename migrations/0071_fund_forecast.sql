-- The forecast to year end of the fund, by week what was free, and the warning before money runs out.
--
-- The method, said on the page too. What a year will have cost is what was spent, is in payment and is promised; what
-- falls due of recurring promises until 31 March; what is asked for, by the share of such requests that was approved;
-- and the trend: what was newly promised a week, over the last 8 complete weeks, for the days that are left. Each
-- figure comes from the ledger and the requests alone, so the same day gives the same forecast.

-- ---- what recurring promises bring ----

CREATE FUNCTION fund.recurs(of_cause fund_cause, of_cause_id uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT of_cause = 'request' AND EXISTS (SELECT FROM fund.promise p WHERE p.request_id = of_cause_id) $$;
COMMENT ON FUNCTION fund.recurs IS
    'Whether money is promised week by week for a cause: such promises are no part of the trend.';

CREATE FUNCTION fund.recurring_due(one fund.commitment, until_day date) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT least(one.open, greatest(0, fund.entitled(one, p, until_day + 1)
                                                        - one.paid - one.in_payment))
                       FROM fund.promise p WHERE p.request_id = one.cause_id), 0)
$$;
COMMENT ON FUNCTION fund.recurring_due IS
    'Pence of what is open of a recurring promise that fall due until a day, that day included; 0 of a one-off one.';

CREATE FUNCTION fund.category_of(of_cause fund_cause, of_cause_id uuid) RETURNS fund_category
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE of_cause
        WHEN 'request' THEN (SELECT r.category FROM fund.request r WHERE r.id = of_cause_id)
        WHEN 'placement' THEN 'emergency_night'
        WHEN 'works_order' THEN 'locks_security' END;
END $$;
COMMENT ON FUNCTION fund.category_of IS 'What money that is promised for a cause is for; NULL of a pot''s year itself.';

-- ---- the arithmetic, of figures alone ----

CREATE TYPE fund.figures AS (paid bigint, in_payment bigint, one_off bigint, recurring bigint, asked bigint,
                             decided bigint, granted bigint, weeks bigint[], free bigint, budget bigint,
                             days_left integer, on_day date);
COMMENT ON TYPE fund.figures IS
    'What a forecast is made of, in pence: spent, in payment, promised once, due of recurring promises until the year '
    'ends, asked for and not decided; of what was decided in 26 weeks, how much was asked and how much was promised; '
    'what was newly promised in each complete week, 8 at most, the oldest first; what is free; the budget; the days '
    'that are left, with this one.';

CREATE TYPE fund.outlook AS (expected bigint, trend bigint, forecast bigint, band bigint, runs_out_on date,
                             earliest_on date);
COMMENT ON TYPE fund.outlook IS
    'A forecast in pence: what is expected of open requests, the trend until the year ends, what the year will have '
    'cost, and how far it may be above or below with a probability of 80 percent (NULL: fewer than 8 weeks are '
    'known); the first day on which nothing is left, on the middle line and on the upper one, NULL where that is not '
    'before the year ends.';

CREATE FUNCTION fund.spread_of(weeks bigint[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN cardinality(weeks) = 8 THEN 1.415 * (SELECT stddev_samp(w) FROM unnest(weeks) w) END
$$;
COMMENT ON FUNCTION fund.spread_of IS
    'Student''s t for 80 percent and 7 degrees of freedom times the sample deviation of 8 weeks; NULL of fewer.';

CREATE FUNCTION fund.band_of(spread numeric, weeks numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS
$$ SELECT spread * sqrt(weeks + weeks * weeks / 8) $$;
COMMENT ON FUNCTION fund.band_of IS
    'How far the sum of so many weeks to come may be from its mean: their own spread, and that of the mean of 8 weeks.';

GRANT EXECUTE ON FUNCTION fund.spread_of, fund.band_of TO haven_app;

CREATE FUNCTION fund.empty_on(f fund.figures, left_pence bigint, week numeric, spread numeric) RETURNS date
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    FOR day IN 0 .. f.days_left - 1 LOOP
        IF left_pence - week * day / 7 - fund.band_of(spread, day / 7.0) < 0 THEN
            RETURN f.on_day + day;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.empty_on IS
    'The first day of the year on which less than nothing is left at this pace; NULL where there is none.';

CREATE FUNCTION fund.outlook_of(f fund.figures) RETURNS fund.outlook LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    o fund.outlook;
    week numeric := coalesce((SELECT avg(w) FROM unnest(f.weeks) w), 0);
    spread numeric := fund.spread_of(f.weeks);
BEGIN
    o.expected := CASE WHEN f.decided > 0 THEN round(f.asked::numeric * f.granted / f.decided) ELSE f.asked END;
    o.trend := round(week * f.days_left / 7);
    o.forecast := f.paid + f.in_payment + f.one_off + f.recurring + o.expected + o.trend;
    o.band := round(fund.band_of(spread, f.days_left / 7.0));
    o.runs_out_on := fund.empty_on(f, f.free - o.expected, week, 0);
    o.earliest_on := fund.empty_on(f, f.free - o.expected, week, spread);
    RETURN o;
END $$;
COMMENT ON FUNCTION fund.outlook_of IS 'The forecast of such figures.';

-- ---- the figures, of the ledger and the requests ----

CREATE FUNCTION fund.days_left(of_year integer, on_day date) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT greatest(0, fund.first_day(of_year + 1) - greatest(on_day, fund.first_day(of_year)))
$$;
COMMENT ON FUNCTION fund.days_left IS 'The days of a financial year from a day on, that day included.';

CREATE INDEX posting_valued ON fund.posting (organisation_id, value_on);

-- New promises of money that is needed once, of all years of the pots: a year that has just begun has no weeks.
CREATE FUNCTION fund.weeks_before(pots uuid[], of_category fund_category, on_day date) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    monday date := date_trunc('week', on_day)::date;
    since date := (SELECT min(p.value_on) FROM fund.posting p JOIN fund.pot_year y ON y.id = p.cause_id
                    WHERE p.cause = 'pot_year' AND y.pot_id = ANY (pots));
    known integer := least(8, greatest(0, (monday - since) / 7));
BEGIN
    RETURN ARRAY(
        SELECT coalesce(n.pence, 0) FROM generate_series(1, known) w
          LEFT JOIN (SELECT (monday - 1 - p.value_on) / 7 + 1 AS week,
                            sum(CASE p.act WHEN 'lower' THEN -t.amount ELSE t.amount END)::bigint AS pence
                       FROM fund.posting p JOIN fund.transfer t ON t.posting_id = p.id
                       JOIN fund.pot_year y ON y.id = t.pot_year_id
                      WHERE p.organisation_id IN (SELECT o.organisation_id FROM fund.pot o WHERE o.id = ANY (pots))
                        AND p.value_on >= monday - 56 AND p.value_on < monday
                        AND p.act IN ('commit', 'raise', 'lower') AND y.pot_id = ANY (pots)
                        AND NOT fund.recurs(p.cause, p.cause_id)
                        AND (of_category IS NULL OR fund.category_of(p.cause, p.cause_id) = of_category)
                      GROUP BY 1) n ON n.week = w
         ORDER BY w DESC);
END $$;
COMMENT ON FUNCTION fund.weeks_before IS
    'What was newly promised once out of pots in each of the last 8 complete weeks (Monday to Sunday) before a day, '
    'the oldest first; fewer where the pots are younger. A week with nothing is 0.';

CREATE FUNCTION fund.figures_of(years uuid[], of_category fund_category, on_day date) RETURNS fund.figures
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f fund.figures;
    pots uuid[] := ARRAY(SELECT DISTINCT y.pot_id FROM fund.pot_year y WHERE y.id = ANY (years));
    of_year integer := (SELECT max(y.year) FROM fund.pot_year y WHERE y.id = ANY (years));
    last_day date := fund.first_day(of_year + 1) - 1;
BEGIN
    f.on_day := on_day;
    f.days_left := fund.days_left(of_year, on_day);
    SELECT coalesce(sum(c.paid), 0), coalesce(sum(c.in_payment), 0),
           coalesce(sum(c.open) FILTER (WHERE NOT fund.recurs(c.cause, c.cause_id)), 0),
           coalesce(sum(fund.recurring_due(c, last_day)), 0)
      INTO f.paid, f.in_payment, f.one_off, f.recurring
      FROM fund.commitment c
     WHERE c.pot_year_id = ANY (years)
       AND (of_category IS NULL OR fund.category_of(c.cause, c.cause_id) = of_category);
    SELECT coalesce(-sum(a.balance) FILTER (WHERE a.kind = 'granted'), 0),
           coalesce(sum(a.balance) FILTER (WHERE a.kind = 'free'), 0),
           f.paid + CASE WHEN of_category IS NULL
                         THEN coalesce(sum(a.balance) FILTER (WHERE a.kind = 'recovered'), 0) ELSE 0 END
      INTO f.budget, f.free, f.paid
      FROM fund.account a WHERE a.pot_year_id = ANY (years);
    f.asked := (SELECT coalesce(sum(p.amount_pence), 0) FROM fund.part p JOIN fund.request r ON r.id = p.request_id
                 WHERE p.pot_year_id = ANY (years) AND r.state IN ('requested', 'second_needed')
                   AND (of_category IS NULL OR r.category = of_category));
    SELECT coalesce(sum(p.amount_pence), 0),
           coalesce(sum(p.amount_pence) FILTER (WHERE r.state <> 'rejected'), 0)
      INTO f.decided, f.granted
      FROM fund.pot_year y JOIN fund.part p ON p.pot_year_id = y.id JOIN fund.request r ON r.id = p.request_id
     WHERE y.pot_id = ANY (pots) AND r.state IN ('approved', 'paid', 'expired', 'rejected')
       AND (of_category IS NULL OR r.category = of_category)
       AND (r.decided_at AT TIME ZONE 'Europe/London')::date > on_day - 7 * 26
       AND (r.decided_at AT TIME ZONE 'Europe/London')::date <= on_day;
    f.weeks := fund.weeks_before(pots, of_category, on_day);
    RETURN f;
END $$;
COMMENT ON FUNCTION fund.figures_of IS
    'The figures of years of pots, all of one financial year, on a day; of one category, or NULL: of all.';

-- ---- what is shown ----

CREATE FUNCTION fund.forecast(of_year integer)
RETURNS TABLE (scope text, id uuid, name text, category fund_category, f fund.figures, o fund.outlook)
LANGUAGE plpgsql STABLE ROWS 30 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    years uuid[] := ARRAY(SELECT y.id FROM fund.pot_year y
                           WHERE y.year = of_year AND y.organisation_id = my_organisation() AND y.state <> 'planned');
BEGIN
    IF NOT sees_books() THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT s.scope, s.id, s.name, s.category, k.f, fund.outlook_of(k.f)
      FROM (SELECT 'pot' AS scope, y.id, p.name, NULL::fund_category AS category, ARRAY[y.id] AS years
              FROM fund.pot_year y JOIN fund.pot p ON p.id = y.pot_id WHERE y.id = ANY (years)
            UNION ALL
            SELECT 'category', NULL, NULL, g.code, years FROM fund.category g
             WHERE EXISTS (SELECT FROM fund.pot_year y JOIN fund.pot p ON p.id = y.pot_id
                            WHERE y.id = ANY (years) AND g.code = ANY (p.categories))) s
     CROSS JOIN LATERAL (SELECT fund.figures_of(s.years, s.category, today()) AS f) k
     ORDER BY s.scope DESC, s.name, s.category;
END $$;
COMMENT ON FUNCTION fund.forecast IS
    'The forecasts of a financial year, for people who see the books: of each pot of their organisation, then of each '
    'category over all of them.';
GRANT EXECUTE ON FUNCTION fund.forecast TO haven_app;

CREATE FUNCTION fund.forecast_one(one uuid, OUT f fund.figures, OUT o fund.outlook)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF sees_books()
       AND EXISTS (SELECT FROM fund.pot_year y WHERE y.id = one AND y.organisation_id = my_organisation()) THEN
        f := fund.figures_of(ARRAY[one], NULL, today());
        o := fund.outlook_of(f);
    END IF;
END $$;
COMMENT ON FUNCTION fund.forecast_one IS 'The forecast of a year of a pot, for people who see the books.';
GRANT EXECUTE ON FUNCTION fund.forecast_one TO haven_app;

CREATE FUNCTION fund.weeks_of_year(one uuid) RETURNS TABLE (ends_on date, free_pence bigint, promised_pence bigint)
LANGUAGE plpgsql STABLE ROWS 53 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    first date;
    last date;
    account bigint := fund.account_of(one, 'free');
BEGIN
    SELECT fund.first_day(y.year), fund.day_in(y.year) INTO first, last FROM fund.pot_year y
     WHERE y.id = one AND y.organisation_id = my_organisation();
    IF first IS NULL OR NOT sees_books() THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH moved AS (
        SELECT p.value_on, CASE WHEN t.to_account = account THEN t.amount ELSE -t.amount END AS pence,
               CASE WHEN p.act IN ('commit', 'raise') THEN t.amount ELSE 0 END AS promised
          FROM fund.transfer t JOIN fund.posting p ON p.id = t.posting_id
         WHERE t.from_account = account OR t.to_account = account
    ), week AS (
        SELECT least(d::date, last) AS ends_on, d::date - 6 AS begins_on
          FROM generate_series(date_trunc('week', first)::date + 6, last + 6, interval '7 days') d
    )
    SELECT w.ends_on, coalesce(sum(m.pence), 0)::bigint,
           coalesce(sum(m.promised) FILTER (WHERE m.value_on >= w.begins_on), 0)::bigint
      FROM week w LEFT JOIN moved m ON m.value_on <= w.ends_on
     GROUP BY w.ends_on, w.begins_on ORDER BY w.ends_on;
END $$;
COMMENT ON FUNCTION fund.weeks_of_year IS
    'What was free of a year of a pot at the end of each week, and what was newly promised in it; the last row is the '
    'week that has not ended, as of today. For people who see the books.';
GRANT EXECUTE ON FUNCTION fund.weeks_of_year TO haven_app;

-- ---- the warning ----

SELECT add_codes('task_kind', '{fund_runs_out}');
SELECT add_codes('task_about', '{fund_year}');

CREATE POLICY mine_years ON task FOR SELECT TO haven_app
    USING (about = 'fund_year' AND organisation_id = (SELECT my_organisation())
           AND for_role = (SELECT audit.me('role')) AND about_id IN (SELECT y.id FROM fund.pot_year y));

-- The upper line of the forecast warns, where 8 weeks are known; else the middle one.
CREATE FUNCTION fund.warn_of_running_out() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    it fund.pot_year;
    o fund.outlook;
    n integer := 0;
BEGIN
    FOR it IN SELECT * FROM fund.pot_year y WHERE y.year = fund.year_of(today()) AND y.state = 'open' ORDER BY y.id LOOP
        o := fund.outlook_of(fund.figures_of(ARRAY[it.id], NULL, today()));
        IF coalesce(o.earliest_on, o.runs_out_on) IS NULL OR NOT EXISTS (
               SELECT FROM fund.account a WHERE a.pot_year_id = it.id AND a.kind = 'granted' AND a.balance <> 0) THEN
            PERFORM fund.end_tasks(it.id, '{fund_runs_out}');
        ELSE
            PERFORM fund.put_keeper_task(it.organisation_id, 'fund_runs_out', 'fund_year', it.id,
                                         coalesce(o.earliest_on, o.runs_out_on));
            n := n + 1;
        END IF;
    END LOOP;
    -- a year that is over, or closed, runs out no more
    PERFORM fund.end_tasks(t.about_id, '{fund_runs_out}')
       FROM task t JOIN fund.pot_year y ON y.id = t.about_id
      WHERE t.kind = 'fund_runs_out' AND t.ended_at IS NULL
        AND (y.year <> fund.year_of(today()) OR y.state <> 'open');
    RETURN n;
END $$;
COMMENT ON FUNCTION fund.warn_of_running_out IS
    'A pot that by its forecast has nothing left before the year ends is a task of its finance officers, due on that '
    'day; returns how many there are.';
