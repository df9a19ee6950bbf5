-- The doors of works orders and of changes to them, and what orders do to their job: a job is ordered, scheduled and
-- installed by what becomes of its orders, by any side's act.

-- ---- the job follows its orders ----

CREATE FUNCTION sanctuary.all_mains(job uuid, states text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(bool_and(o.state = ANY (states)), false) FROM sanctuary.works_order o
     WHERE o.job_id = job AND o.kind = 'main' AND o.state <> 'cancelled'
$$;
COMMENT ON FUNCTION sanctuary.all_mains IS
    'Whether every live main order of a job, and there is one, is in one of these states.';

CREATE FUNCTION sanctuary.next_by_orders(j sanctuary.job) RETURNS sanctuary_act LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN j.state = 'ordered'
             AND sanctuary.all_mains(j.id, '{booked,on_site,done,taken_over,invoiced,paid}') THEN 'schedule'
        WHEN j.state = 'scheduled' AND sanctuary.all_mains(j.id, '{done,taken_over,invoiced,paid}') THEN 'install'
        WHEN j.state = 'scheduled'
             AND NOT sanctuary.all_mains(j.id, '{booked,on_site,done,taken_over,invoiced,paid}') THEN 'no_access' END
$$;
COMMENT ON FUNCTION sanctuary.next_by_orders IS
    'What a job does next since its orders stand as they do; NULL: nothing.';

CREATE FUNCTION sanctuary.follow(o sanctuary.works_order, done works_act) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    j sanctuary.job;
    next sanctuary_act;
BEGIN
    SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = o.job_id;
    IF done = 'offer' AND j.state = 'ordered' THEN
        PERFORM sanctuary.note(j, 'reoffer', j.state, jsonb_build_object('order', o.reference));
    ELSIF done IN ('settle', 'pull') AND j.state NOT IN ('approved', 'ordered', 'scheduled') THEN
        PERFORM sanctuary.true_up(o.job_id); -- in those states more is to be ordered, or to be done
    END IF;
    LOOP
        SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = o.job_id;
        next := sanctuary.next_by_orders(j);
        EXIT WHEN next IS NULL;
        PERFORM sanctuary.note(j, next, m.becomes, jsonb_build_object('order', o.reference)) FROM sanctuary.move m
          WHERE m.state = j.state AND m.act = next;
    END LOOP;
END $$;
COMMENT ON FUNCTION sanctuary.follow IS
    'Takes a job, which is locked, to where its orders have brought it after an act on one of them.';

-- ---- the door of orders ----

CREATE FUNCTION sanctuary.run_works(o sanctuary.works_order, step sanctuary.works_step, item jsonb)
RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    need text;
    told sanctuary.told;
BEGIN
    FOREACH need IN ARRAY step.needs LOOP
        told := sanctuary.works_need(need, o, item);
        EXIT WHEN told.outcome IS NOT NULL;
    END LOOP;
    IF told.outcome IS NULL THEN
        PERFORM sanctuary.put_order(sanctuary.works_after(o, step.act, item), step.to_state);
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.run_works IS
    'Asks what an act on an order, which is locked, needs, and does it; NULL where it is done.';

CREATE FUNCTION sanctuary.act_works(one uuid, seen integer, asked works_act, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it sanctuary.works_order := sanctuary.lock_order(one);
    step sanctuary.works_step;
    told sanctuary.told;
BEGIN
    SELECT * INTO step FROM sanctuary.works_step s
     WHERE s.act = asked AND sanctuary.works_side(it, s.side) ORDER BY s.from_state = it.state DESC LIMIT 1;
    told.outcome := CASE
        WHEN me IS NULL OR it.id IS NULL THEN 'none'
        WHEN step.act IS NULL THEN CASE
            WHEN coordinates() AND case_seen(it.household_id) THEN 'read_only'
            WHEN EXISTS (SELECT FROM unnest('{coordinator,firm,approver,payer}'::text[]) s
                          WHERE sanctuary.works_side(it, s)) THEN 'not_yours' ELSE 'none' END
        WHEN seen NOT IN (it.version, -1) THEN 'changed'
        WHEN step.from_state <> it.state THEN 'wrong_state' END;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    BEGIN
        told := sanctuary.run_works(it, step, item);
        IF told.outcome IS NOT NULL THEN
            RAISE EXCEPTION 'refused' USING ERRCODE = 'HV422';
        END IF;
        PERFORM sanctuary.follow(it, asked);
    EXCEPTION WHEN SQLSTATE 'HV422' THEN
        RETURN told;
    END;
    told := sanctuary.refusal('done');
    told.id := one;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.act_works IS
    'Does an act on an order as the caller saw it: the only door. A refusal has changed nothing.';
GRANT EXECUTE ON FUNCTION sanctuary.act_works TO haven_app;

-- ---- the door of changes ----

CREATE FUNCTION sanctuary.change_need_no_open_change(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN o.state NOT IN ('accepted', 'booked', 'on_site') THEN sanctuary.refusal('wrong_state')
                WHEN v.state = 'asked' THEN sanctuary.refusal('change_open')
                WHEN coalesce(item -> 'lines', '[]') = '[]' THEN sanctuary.refusal('lines', '/lines') END
$$;
COMMENT ON FUNCTION sanctuary.change_need_no_open_change IS
    'One change is asked for at a time, of an order that the firm has taken and not yet done.';

CREATE FUNCTION sanctuary.works_need_no_open_change(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('change_open')
     WHERE EXISTS (SELECT FROM sanctuary.variation v WHERE v.order_id = o.id AND v.state = 'asked')
$$;
COMMENT ON FUNCTION sanctuary.works_need_no_open_change IS
    'Works are not reported done while a change waits for an answer.';

CREATE FUNCTION sanctuary.change_need_not_own(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE sql STABLE AS
$$ SELECT sanctuary.refusal('own') WHERE audit.me('account')::uuid IN (v.asked_by, v.first_by) $$;
COMMENT ON FUNCTION sanctuary.change_need_not_own IS 'Nobody decides on a change that they asked for, or twice on one.';

CREATE FUNCTION sanctuary.change_need_own_side(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('not_yours')
     WHERE (SELECT a.organisation_id FROM account a WHERE a.id = v.asked_by) IS DISTINCT FROM my_organisation()
$$;
COMMENT ON FUNCTION sanctuary.change_need_own_side IS 'A change is taken back by the organisation that asked for it.';

CREATE FUNCTION sanctuary.change_need_tolerance(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE plpgsql STABLE AS $$
DECLARE
    more bigint := v.more_pence + (SELECT coalesce(sum(x.more_pence), 0) FROM sanctuary.variation x
                                    WHERE x.order_id = o.id AND x.state = 'agreed');
    ordered bigint := (SELECT coalesce(sum(sanctuary.cost_of(l.unit_pence, l.ordered_tenths)), 0)
                         FROM sanctuary.order_line l WHERE l.order_id = o.id);
    told sanctuary.told;
BEGIN
    told.most_pence := (SELECT least(r.tolerance_pence, ordered * r.tolerance_percent / 100)
                          FROM sanctuary.works_rule r);
    IF more > told.most_pence OR sanctuary.order_pence(o.id) + v.more_pence - v.less_pence
                                 + sanctuary.ordered_pence(o.job_id, o.id) > sanctuary.promised_pence(o.job_id) THEN
        told.outcome := 'over_tolerance';
        told.so_far_pence := more;
        RETURN told;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.change_need_tolerance IS
    'A coordinator agrees to what stays within the tolerance, all increases of the order together, and within what is '
    'promised: ten small ones are one large one.';

CREATE FUNCTION sanctuary.new_total(o sanctuary.works_order, v sanctuary.variation)
RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT sanctuary.order_pence(o.id) + v.more_pence - v.less_pence + sanctuary.ordered_pence(o.job_id, o.id) $$;
COMMENT ON FUNCTION sanctuary.new_total IS 'Pence of all works of a job once a change is made.';

CREATE FUNCTION sanctuary.change_need_money_approved(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    j sanctuary.job;
    two_from bigint;
BEGIN
    SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = o.job_id;
    two_from := (sanctuary.limit_for(j, audit.me('role'))).two_from_pence;
    IF v.first_by IS NULL AND v.more_pence > 0 AND sanctuary.new_total(o, v) >= two_from THEN
        RETURN sanctuary.above_limit(j, sanctuary.new_total(o, v));
    END IF;
    RETURN sanctuary.approve_total(j, sanctuary.new_total(o, v));
END $$;
COMMENT ON FUNCTION sanctuary.change_need_money_approved IS
    'An approver''s limit is for the new total of the job''s works. Where two people must, the first promises nothing.';

CREATE FUNCTION sanctuary.change_need_on_site(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE sql STABLE AS
$$ SELECT sanctuary.refusal('wrong_state') WHERE o.state <> 'on_site' $$;
COMMENT ON FUNCTION sanctuary.change_need_on_site IS 'A home is made safe at once by an operative who is there.';

CREATE FUNCTION sanctuary.change_need_cap(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    j sanctuary.job;
    told sanctuary.told;
BEGIN
    told.most_pence := (SELECT r.make_safe_pence FROM sanctuary.works_rule r);
    IF v.more_pence + (SELECT coalesce(sum(x.more_pence), 0) FROM sanctuary.variation x
                        WHERE x.order_id = o.id AND x.made_safe AND x.id <> v.id) > told.most_pence THEN
        told.outcome := 'over_cap';
        told.so_far_pence := v.more_pence;
        RETURN told;
    END IF;
    SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = o.job_id;
    RETURN sanctuary.promise_more(j, sanctuary.new_total(o, v) - sanctuary.promised_pence(j.id));
END $$;
COMMENT ON FUNCTION sanctuary.change_need_cap IS
    'What is done at once costs at most the cap, all of an order together; it is promised, and reviewed.';

CREATE FUNCTION sanctuary.change_need_made_safe(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE sql STABLE AS
$$ SELECT sanctuary.refusal('wrong_state') WHERE NOT coalesce(v.made_safe AND v.reviewed_by IS NULL, false) $$;
COMMENT ON FUNCTION sanctuary.change_need_made_safe IS 'What was done at once is reviewed once.';

CREATE FUNCTION sanctuary.change_decided(v sanctuary.variation, step sanctuary.works_change_step, item jsonb,
                                         waits boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
BEGIN
    IF waits THEN
        UPDATE sanctuary.variation x SET first_by = me WHERE x.id = v.id;
    ELSIF step.act = 'review' THEN
        UPDATE sanctuary.variation x SET reviewed_by = me, upheld = (item ->> 'upheld')::boolean WHERE x.id = v.id;
    ELSIF step.to_state <> 'asked' THEN
        UPDATE sanctuary.variation x
           SET state = step.to_state, decided_by = me, decided_at = now(), refusal = item ->> 'refusal',
               made_safe = step.act = 'make_safe',
               review_on = CASE WHEN step.act = 'make_safe' THEN add_working_days(today(), 1) END
         WHERE x.id = v.id;
        IF step.to_state = 'agreed' THEN
            PERFORM sanctuary.take_change(v);
        END IF;
    END IF;
END $$;
COMMENT ON FUNCTION sanctuary.change_decided IS 'Stores what became of a change; waits: for a second approver.';

CREATE FUNCTION sanctuary.run_change(o sanctuary.works_order, v sanctuary.variation, step sanctuary.works_change_step,
                                     item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    need text;
    told sanctuary.told;
    it sanctuary.variation := v;
    waits boolean := false;
BEGIN
    FOREACH need IN ARRAY step.needs LOOP
        IF it.id IS NULL AND need IN ('cap', 'money_approved') THEN
            it := sanctuary.new_change(o, item, item ->> 'reason');
        END IF;
        EXECUTE format('SELECT (t).* FROM sanctuary.%I($1, $2, $3) t', 'change_need_' || need) INTO told
          USING o, it, item;
        IF told.outcome IS NOT NULL THEN
            RETURN told;
        END IF;
    END LOOP;
    IF it.id IS NULL THEN
        it := sanctuary.new_change(o, item, item ->> 'reason');
    END IF;
    IF NOT EXISTS (SELECT FROM sanctuary.variation_line c WHERE c.variation_id = it.id) THEN
        RETURN sanctuary.refusal('lines', '/lines');
    END IF;
    waits := step.act = 'agree_fund' AND it.first_by IS NULL AND it.more_pence > 0
        AND coalesce(sanctuary.new_total(o, it) >= (SELECT (sanctuary.limit_for(j, audit.me('role'))).two_from_pence
                                                      FROM sanctuary.job j WHERE j.id = o.job_id), false);
    PERFORM sanctuary.change_decided(it, step, item, waits);
    UPDATE sanctuary.works_order x SET version = x.version + 1 WHERE x.id = o.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.run_change IS
    'Asks what an act on a change of an order, which is locked, needs, and does it; NULL where it is done.';

CREATE FUNCTION sanctuary.change_acts(o sanctuary.works_order) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    of_state works_change_state := (SELECT v.state FROM sanctuary.variation v
                                     WHERE v.order_id = o.id AND v.state = 'asked');
BEGIN
    RETURN ARRAY(SELECT DISTINCT s.act::text FROM sanctuary.works_change_step s
                  WHERE sanctuary.works_side(o, s.side) AND o.state = ANY (s.order_states)
                    AND CASE WHEN s.act = 'review' THEN EXISTS (SELECT FROM sanctuary.variation v
                                                                 WHERE v.order_id = o.id AND v.made_safe
                                                                   AND v.reviewed_by IS NULL)
                             ELSE s.from_state IS NOT DISTINCT FROM of_state END
                  ORDER BY 1);
END $$;
COMMENT ON FUNCTION sanctuary.change_acts IS 'What the caller may do with the changes of an order now.';
GRANT EXECUTE ON FUNCTION sanctuary.change_acts TO haven_app;

CREATE FUNCTION sanctuary.act_change(one uuid, seen integer, asked works_change_act, item jsonb)
RETURNS sanctuary.told LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it sanctuary.works_order := sanctuary.lock_order(one);
    v sanctuary.variation;
    step sanctuary.works_change_step;
    told sanctuary.told;
BEGIN
    SELECT * INTO v FROM sanctuary.variation x
     WHERE x.order_id = one AND CASE asked WHEN 'review' THEN x.made_safe AND x.reviewed_by IS NULL
                                           ELSE x.state = 'asked' END ORDER BY x.n LIMIT 1;
    SELECT * INTO step FROM sanctuary.works_change_step s
     WHERE s.act = asked AND sanctuary.works_side(it, s.side) LIMIT 1;
    told.outcome := CASE
        WHEN me IS NULL OR it.id IS NULL THEN 'none'
        WHEN step.act IS NULL THEN CASE
            WHEN coordinates() AND case_seen(it.household_id) THEN 'read_only'
            WHEN EXISTS (SELECT FROM unnest('{coordinator,firm,approver,payer}'::text[]) s
                          WHERE sanctuary.works_side(it, s)) THEN 'not_yours' ELSE 'none' END
        WHEN seen NOT IN (it.version, -1) THEN 'changed'
        WHEN it.state <> ALL (step.order_states) OR step.from_state IS NOT NULL AND v.id IS NULL THEN 'wrong_state'
        END;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    BEGIN
        told := sanctuary.run_change(it, v, step, item);
        IF told.outcome IS NOT NULL THEN
            RAISE EXCEPTION 'refused' USING ERRCODE = 'HV422';
        END IF;
    EXCEPTION WHEN SQLSTATE 'HV422' THEN
        RETURN told;
    END;
    told := sanctuary.refusal('done');
    told.id := one;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.act_change IS
    'Does an act on the change of an order as the caller saw it: the only door. A refusal has changed nothing.';
GRANT EXECUTE ON FUNCTION sanctuary.act_change TO haven_app;

-- ---- orders are made ----

CREATE FUNCTION sanctuary.make_order(j sanctuary.job, firm uuid, kind works_kind, lines jsonb, item jsonb)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO sanctuary.works_order (job_id, household_id, organisation_id, firm_id, kind, local_authority, fast,
                                       made_by)
    VALUES (j.id, j.household_id, j.organisation_id, firm, kind, item ->> 'local_authority',
            kind = 'first' OR coalesce(j.target_hours = 24, false), audit.me('account')::uuid)
    RETURNING id INTO made;
    INSERT INTO sanctuary.order_line (order_id, n, line_id, measure, opening, ordered_tenths, quantity_tenths,
                                      unit_pence)
    SELECT made, row_number() OVER (ORDER BY e.n), s.id, m.code, coalesce(s.opening, e.value ->> 'opening'), q.tenths,
           q.tenths, CASE WHEN kind = 'snag' THEN 0 ELSE sanctuary.firm_price_of(firm, m.code, today()) END
      FROM jsonb_array_elements(lines) WITH ORDINALITY e (value, n)
      LEFT JOIN sanctuary.line s ON s.id = (e.value ->> 'line_id')::uuid AND s.spec_id = j.spec_id
      JOIN sanctuary.measure m ON m.code = coalesce(s.measure, e.value ->> 'measure')
     CROSS JOIN LATERAL (SELECT coalesce(s.quantity_tenths, (e.value ->> 'quantity_tenths')::integer) AS tenths) q;
    INSERT INTO sanctuary.works_access (order_id, household_id, ways, pets, asbestos)
    VALUES (made, j.household_id, ARRAY(SELECT jsonb_array_elements_text(item -> 'ways')), (item ->> 'pets')::boolean,
            (item ->> 'asbestos')::boolean);
    INSERT INTO sanctuary.works_window (order_id, household_id, day, from_time, until_time)
    SELECT made, j.household_id, (w.value ->> 'day')::date, (w.value ->> 'from')::time, (w.value ->> 'until')::time
      FROM jsonb_array_elements(item -> 'windows') w
    ON CONFLICT DO NOTHING;
    RETURN made;
END $$;
COMMENT ON FUNCTION sanctuary.make_order IS
    'Makes a draft of an order: lines of the job''s specification, or measures by themselves; at the firm''s prices.';

CREATE FUNCTION sanctuary.offer_order(one uuid) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    o sanctuary.works_order;
    step sanctuary.works_step;
BEGIN
    SELECT * INTO STRICT o FROM sanctuary.works_order x WHERE x.id = one;
    SELECT * INTO STRICT step FROM sanctuary.works_step s WHERE s.act = 'offer' AND s.from_state = o.state;
    RETURN sanctuary.run_works(o, step, '{}');
END $$;
COMMENT ON FUNCTION sanctuary.offer_order IS 'Offers a draft that the same act made.';

-- ---- acts on the job ----

CREATE FUNCTION sanctuary.ordered_line(line uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM sanctuary.order_line l JOIN sanctuary.works_order o ON o.id = l.order_id
                    WHERE l.line_id = line AND o.state <> 'cancelled')
$$;
GRANT EXECUTE ON FUNCTION sanctuary.ordered_line TO haven_app;
COMMENT ON FUNCTION sanctuary.ordered_line IS
    'Whether a line of a specification is on an order that was not taken back.';

CREATE FUNCTION sanctuary.need_every_line(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('lines', '/lines')
     WHERE EXISTS (SELECT FROM sanctuary.line l
                    WHERE l.spec_id = j.spec_id AND NOT sanctuary.ordered_line(l.id)
                      AND NOT EXISTS (SELECT FROM jsonb_array_elements(item -> 'lines') e
                                       WHERE (e.value ->> 'line_id')::uuid = l.id))
    UNION ALL
    SELECT sanctuary.refusal('lines', '/lines/' || e.n - 1 || '/line_id')
      FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY e (value, n)
     WHERE NOT EXISTS (SELECT FROM sanctuary.line l
                        WHERE l.spec_id = j.spec_id AND l.id = (e.value ->> 'line_id')::uuid)
        OR EXISTS (SELECT FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY b (value, n)
                    WHERE b.n < e.n AND (b.value ->> 'line_id')::uuid = (e.value ->> 'line_id')::uuid)
     LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.need_every_line IS
    'Every line of the specification is ordered, each once, and nothing else.';

CREATE FUNCTION sanctuary.do_order(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    part record;
    told sanctuary.told;
BEGIN
    FOR part IN SELECT (e.value ->> 'firm_id')::uuid AS firm, jsonb_agg(e.value ORDER BY e.n) AS lines,
                       min(e.n) - 1 AS at
                  FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY e (value, n)
                 WHERE NOT sanctuary.ordered_line((e.value ->> 'line_id')::uuid)
                 GROUP BY 1 ORDER BY 3 LOOP
        told := sanctuary.offer_order(sanctuary.make_order(j, part.firm, 'main', part.lines, item));
        IF told.outcome IS NOT NULL THEN
            told.field := '/lines/' || part.at || '/firm_id';
            RETURN told;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_order IS 'Makes an order for each firm that is named, and offers it.';

CREATE FUNCTION sanctuary.need_leave_of_nobody(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('lines', '/lines/' || e.n - 1 || '/measure')
      FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY e (value, n)
      LEFT JOIN sanctuary.measure m ON m.code = e.value ->> 'measure'
     WHERE m.leave IS DISTINCT FROM 'none' ORDER BY e.n LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.need_leave_of_nobody IS 'What is ordered before the consent needs none.';

CREATE FUNCTION sanctuary.do_order_first(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    told sanctuary.told;
BEGIN
    UPDATE sanctuary.job x
       SET keeper_id = (SELECT y.organisation_id FROM fund.pot_year y
                         WHERE y.id = fund.pot_of(j.organisation_id, 'locks_security', 0, today()))
     WHERE x.id = j.id AND x.keeper_id IS NULL;
    told.id := sanctuary.make_order(j, (item ->> 'firm_id')::uuid, 'first', item -> 'lines', item);
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.do_order_first IS
    'Makes a draft of what can be fitted at once; it goes out when an approver has approved it.';

CREATE FUNCTION sanctuary.do_reoffer(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    o sanctuary.works_order;
    step sanctuary.works_step;
BEGIN
    SELECT * INTO o FROM sanctuary.works_order x
     WHERE x.id = (item ->> 'order_id')::uuid AND x.job_id = j.id FOR NO KEY UPDATE;
    SELECT * INTO step FROM sanctuary.works_step s WHERE s.act = 'offer' AND s.from_state = o.state;
    IF step.act IS NULL THEN
        RETURN sanctuary.refusal('no_order', '/order_id');
    END IF;
    RETURN sanctuary.run_works(o, step, item);
END $$;
COMMENT ON FUNCTION sanctuary.do_reoffer IS 'Offers an order that was refused, lapsed or taken back again.';

CREATE FUNCTION sanctuary.need_booked(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('not_booked')
     WHERE NOT sanctuary.all_mains(j.id, '{booked,on_site,done,taken_over,invoiced,paid}')
$$;
COMMENT ON FUNCTION sanctuary.need_booked IS 'Every live main order has a time.';

CREATE FUNCTION sanctuary.need_time_lost(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('no_order')
     WHERE sanctuary.all_mains(j.id, '{booked,on_site,done,taken_over,invoiced,paid}')
$$;
COMMENT ON FUNCTION sanctuary.need_time_lost IS
    'A main order has lost its time: the operative records that at the order.';

CREATE FUNCTION sanctuary.need_all_done(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('orders_open')
     WHERE NOT sanctuary.all_mains(j.id, '{done,taken_over,invoiced,paid}')
$$;
COMMENT ON FUNCTION sanctuary.need_all_done IS 'Every live main order is done.';

CREATE FUNCTION sanctuary.need_no_order_taken(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('order_taken')
     WHERE EXISTS (SELECT FROM sanctuary.works_order o
                    WHERE o.job_id = j.id AND o.kind = 'main'
                      AND o.state IN ('accepted', 'booked', 'on_site', 'done', 'taken_over', 'invoiced', 'paid'))
$$;
COMMENT ON FUNCTION sanctuary.need_no_order_taken IS 'No firm has taken an order.';
