-- What is shown of recurring promises: what goes on past its need, and a promise as its request shows it.

CREATE VIEW fund.past_need AS
SELECT p.request_id AS id, v.reference, v.household_id, v.household_reference, v.organisation, v.keeper_id, v.category,
       p.start_on, fund.ends_on(p) AS end_on, p.review_on,
       p.review_on < today() AND p.stopped_on IS NULL AS review_late,
       p.need_ended_on, p.need_ended_as, p.stopped_on, p.stop_reason, n.ended_on, today() - n.ended_on AS days_since,
       greatest(m.due - fund.cost_between(p.request_id, p.start_on, n.ended_on), 0) AS due_past_pence,
       greatest(m.paid - fund.cost_between(p.request_id, p.start_on, n.ended_on), 0) AS paid_past_pence,
       (SELECT coalesce(sum(fund.outstanding(x)), 0)::bigint FROM fund.overpayment x
         WHERE x.request_id = p.request_id) AS outstanding_pence, p.appointment_asked_on,
       today() - p.appointment_asked_on AS appointment_days
  FROM (SELECT e.request_id FROM fund.promise e WHERE e.need_ended_on IS NOT NULL AND e.stopped_on IS NULL
         UNION
        SELECT o.request_id FROM fund.overpayment o
         WHERE o.deducted_pence + o.recovered_pence + o.written_off_pence + o.unpaid_pence < o.amount_pence) k
  JOIN fund.promise p ON p.request_id = k.request_id
  JOIN fund.request_view v ON v.id = p.request_id AND (v.state = 'approved' OR p.stopped_on IS NOT NULL)
 CROSS JOIN LATERAL (SELECT least(p.need_ended_on, p.stopped_on) AS ended_on) n
 CROSS JOIN LATERAL (SELECT coalesce(sum(c.paid + c.in_payment), 0)::bigint AS paid,
                            fund.cost_between(p.request_id, p.start_on, fund.paid_ahead_to(p, today())) AS due
                       FROM fund.commitment c WHERE c.cause_id = p.request_id) m;
COMMENT ON VIEW fund.past_need IS
    'Promises whose need has ended and that still pay, and stopped ones of which too much was paid: since when, what '
    'fell due and was paid for the nights after it; and, apart, the days since an immigration appointment was asked '
    'for.';

CREATE FUNCTION fund.past_needs() RETURNS SETOF fund.past_need
LANGUAGE plpgsql STABLE ROWS 20 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF sees_fund() THEN
        RETURN QUERY SELECT n.* FROM fund.past_need n JOIN fund.request r ON r.id = n.id WHERE fund.request_seen(r);
    END IF;
END $$;
COMMENT ON FUNCTION fund.past_needs IS
    'What goes on past its need, of the requests that the caller sees: there are few, so they are looked at one by '
    'one.';
GRANT EXECUTE ON FUNCTION fund.past_needs TO haven_app;

-- ---- what is shown of a promise ----

CREATE FUNCTION fund.weeks_of(p fund.promise)
RETURNS TABLE (from_day date, until_day date, amount_pence bigint) LANGUAGE sql STABLE AS $$
    SELECT w.day, least(w.day + 7, fund.ends_on(p)),
           fund.cost_between(p.request_id, w.day, least(w.day + 7, fund.ends_on(p)))
      FROM (SELECT p.start_on + 7 * n AS day FROM generate_series(0, (fund.ends_on(p) - p.start_on - 1) / 7) n) w
$$;
COMMENT ON FUNCTION fund.weeks_of IS 'The instalments of a promise, before anything is kept back from them.';
GRANT EXECUTE ON FUNCTION fund.weeks_of, fund.person_of TO haven_app;

CREATE FUNCTION fund.promise_json(p fund.promise) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'start_on', p.start_on, 'end_on', p.end_on, 'review_on', p.review_on,
        'review_late', p.review_on < today() AND p.stopped_on IS NULL AND p.end_on > today(),
        'appointment_asked_on', p.appointment_asked_on, 'need_ended_on', p.need_ended_on,
        'need_ended_as', p.need_ended_as, 'stopped_on', p.stopped_on, 'stop_reason', p.stop_reason,
        'stopped_by', colleague_name(p.stopped_by),
        'due_pence', (SELECT coalesce(sum(fund.due_by(c, today())), 0) FROM fund.commitment c
                       WHERE c.cause_id = p.request_id),
        'left_pence', fund.cost_between(p.request_id, least(today(), fund.ends_on(p)), fund.ends_on(p)),
        'waits_from', (SELECT min(fund.first_day(y.year)) FROM generate_series(fund.year_of(p.start_on),
                                                                               fund.year_of(p.end_on - 1)) y (year)
                        WHERE EXISTS (SELECT FROM fund.commitment c WHERE c.cause_id = p.request_id)
                          AND fund.ends_on(p) > fund.first_day(y.year)
                          AND NOT EXISTS (SELECT FROM fund.commitment c JOIN fund.pot_year t ON t.id = c.pot_year_id
                                           WHERE c.cause_id = p.request_id AND t.year = y.year)),
        'lines', (SELECT coalesce(json_agg(json_build_object(
                            'n', l.n, 'person', fund.person_of(l.member_id), 'component', l.component,
                            'weekly_pence', l.weekly_pence, 'from_day', l.from_day, 'until_day', l.until_day,
                            'nights', l.until_day - l.from_day,
                            'amount_pence', fund.line_cost(l, l.from_day, l.until_day)) ORDER BY l.n), '[]')
                    FROM fund.promise_line l WHERE l.request_id = p.request_id),
        'weeks', (SELECT coalesce(json_agg(json_build_object(
                            'from_day', w.from_day, 'until_day', w.until_day, 'nights', w.until_day - w.from_day,
                            'amount_pence', w.amount_pence, 'due', w.from_day <= today(),
                            'left_pence', fund.cost_between(p.request_id, w.until_day, fund.ends_on(p)))
                            ORDER BY w.from_day), '[]')
                    FROM fund.weeks_of(p) w WHERE w.until_day > w.from_day),
        'overpayments', (SELECT coalesce(json_agg(json_build_object(
                            'id', o.id, 'person', fund.person_of(l.member_id), 'component', l.component,
                            'nights', o.nights, 'amount_pence', o.amount_pence, 'cause', o.cause,
                            'found_on', o.found_on, 'deducted_pence', o.deducted_pence,
                            'recovered_pence', o.recovered_pence, 'written_off_pence', o.written_off_pence,
                            'unpaid_pence', o.unpaid_pence,
                            'outstanding_pence', fund.outstanding(o), 'reason', o.reason,
                            'may_settle', o.keeper_id = my_organisation() AND keeps_fund()
                                          AND fund.outstanding(o) > 0,
                            'may_write_off', o.keeper_id = my_organisation() AND approves_fund()
                                             AND fund.outstanding(o) > 0,
                            'version', o.version) ORDER BY o.found_on, o.line), '[]')
                           FROM fund.overpayment o
                           JOIN fund.promise_line l ON l.request_id = o.request_id AND l.n = o.line
                          WHERE o.request_id = p.request_id),
        'deductions', (SELECT coalesce(json_agg(json_build_object(
                            'made_on', d.made_on, 'amount_pence', d.amount_pence,
                            'reference', (SELECT r.reference FROM fund.request r WHERE r.id = o.request_id))
                            ORDER BY d.made_on, d.id), '[]')
                         FROM fund.deduction d JOIN fund.overpayment o ON o.id = d.overpayment_id
                        WHERE d.request_id = p.request_id))
$$;
COMMENT ON FUNCTION fund.promise_json IS 'A promise as its request shows it: lines, weeks, what was paid too much.';

CREATE FUNCTION fund.promise_shown(one uuid) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF sees_fund() THEN
        RETURN (SELECT fund.promise_json(p) FROM fund.promise p JOIN fund.request r ON r.id = p.request_id
                 WHERE p.request_id = one AND fund.request_seen(r));
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.promise_shown IS 'The same, for people who see the request; NULL where it is no promise.';
GRANT EXECUTE ON FUNCTION fund.promise_shown TO haven_app;
