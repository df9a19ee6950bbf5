-- Asking the fund for support by the week: who is there for which nights at which rates, of which pots and years it is
-- asked, and the promise of the money.

-- ---- asking ----

-- A birthday is known where the age is exact. Otherwise the person is taken to be as young as they may be: the
-- supplement is paid rather too long than not at all.
CREATE FUNCTION fund.born_on(m member) RETURNS date LANGUAGE sql IMMUTABLE AS
$$ SELECT (m.age_on - make_interval(years => m.age))::date $$;
COMMENT ON FUNCTION fund.born_on IS 'The latest day on which a member may have been born; NULL is unknown.';

CREATE FUNCTION fund.presences(home uuid, item jsonb)
RETURNS TABLE (member_id uuid, component fund_component, nights daterange) LANGUAGE sql STABLE AS $$
    WITH period AS (
        SELECT (item ->> 'start_on')::date AS first, (item ->> 'end_on')::date AS after
    ), person AS (
        SELECT m.id, m.kind, fund.born_on(m) AS born, p.first, p.after,
               -- only a birth within the period is known to be one: an age alone is no birth date
               CASE WHEN m.age = 0 AND m.age_exact AND m.age_on > p.first THEN m.age_on ELSE p.first END AS here
          FROM member m, period p WHERE m.household_id = home AND m.ended_at IS NULL
    )
    SELECT NULL::uuid, 'accommodation'::fund_component, daterange(p.first, p.after) FROM period p
     WHERE item ->> 'category' = 'nrpf_accommodation'
    UNION ALL
    SELECT m.id, c.component, daterange(m.here, greatest(m.after, m.here)) * c.nights
      FROM person m
     CROSS JOIN LATERAL (VALUES
               (CASE WHEN (item ->> 'full_board')::boolean THEN 'full_board' ELSE 'subsistence' END,
                daterange(NULL, NULL)),
               ('under_1', daterange(m.born, (m.born + interval '1 year')::date)),
               ('age_1_to_3', daterange((m.born + interval '1 year')::date, (m.born + interval '4 years')::date)),
               ('pregnant', (SELECT daterange(NULL, h.due_on) FROM household h
                              WHERE h.id = home AND h.pregnant AND m.kind = 'main'))) c (component, nights)
     WHERE item ->> 'category' = 'nrpf_subsistence'
       AND (m.born IS NOT NULL OR c.component NOT IN ('under_1', 'age_1_to_3'))
$$;
COMMENT ON FUNCTION fund.presences IS
    'Who of a household is there for which nights of a promise that is asked for, and for what: supplements begin and '
    'end on birthdays.';

CREATE FUNCTION fund.rates(weekly bigint)
RETURNS TABLE (component fund_component, weekly_pence bigint, nights daterange) LANGUAGE sql STABLE AS $$
    SELECT w.component, w.weekly_pence,
           daterange(w.from_day, lead(w.from_day) OVER (PARTITION BY w.component ORDER BY w.from_day))
      FROM fund.weekly_rate w
    UNION ALL
    SELECT 'accommodation', weekly, daterange(NULL, NULL) WHERE weekly > 0
$$;
COMMENT ON FUNCTION fund.rates IS
    'The rates, each with the nights that it is for, and that of the accommodation, which is agreed with who lets it.';

CREATE FUNCTION fund.lines_for(home uuid, item jsonb) RETURNS SETOF fund.promise_line LANGUAGE sql STABLE AS $$
    SELECT NULL::uuid, (row_number() OVER (ORDER BY m.kind IS DISTINCT FROM 'main', p.member_id, p.component,
                                                    lower(p.nights * r.nights)))::smallint,
           p.member_id, p.component, r.weekly_pence, lower(p.nights * r.nights), upper(p.nights * r.nights)
      FROM fund.presences(home, item) p
      JOIN fund.rates((item ->> 'weekly_pence')::bigint) r ON r.component = p.component AND r.nights && p.nights
      LEFT JOIN member m ON m.id = p.member_id
     WHERE NOT isempty(p.nights * r.nights)
$$;
COMMENT ON FUNCTION fund.lines_for IS
    'The lines of a promise that is asked for: who is there, at which rates, for which nights.';

CREATE FUNCTION fund.person_of(member uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE m.kind WHEN 'main' THEN 'The applicant'
           ELSE CASE m.kind WHEN 'child' THEN 'Child ' ELSE 'Adult ' END
                || (SELECT count(*) FROM member o WHERE o.household_id = m.household_id AND o.kind = m.kind
                       AND o.id <= m.id) END
      FROM member m WHERE m.id = member
$$;
COMMENT ON FUNCTION fund.person_of IS 'What finance calls a person of a household: never a name.';

CREATE FUNCTION fund.preview(home uuid, item jsonb)
RETURNS TABLE (n smallint, person text, component fund_component, weekly_pence bigint, from_day date, until_day date,
               amount_pence bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF fund.may_ask(home) THEN
        RETURN QUERY SELECT l.n, fund.person_of(l.member_id), l.component, l.weekly_pence, l.from_day, l.until_day,
                            fund.line_cost(l, l.from_day, l.until_day)
                       FROM fund.lines_for(home, item) l;
    END IF;
END $$;
COMMENT ON FUNCTION fund.preview IS 'What a promise would cost, line by line, for people who may ask for it.';
GRANT EXECUTE ON FUNCTION fund.preview TO haven_app;

-- ---- the pots of a promise: one, year by year ----

CREATE FUNCTION fund.slice_of(promise uuid, of_year integer) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT fund.cost_between(promise, fund.first_day(of_year), fund.first_day(of_year + 1)) $$;
COMMENT ON FUNCTION fund.slice_of IS 'Pence of a promise for the nights of a financial year.';
GRANT EXECUTE ON FUNCTION fund.slice_of TO haven_app;

CREATE FUNCTION fund.put_slices(r fund.request, p fund.promise) RETURNS fund_outcome LANGUAGE plpgsql AS $$
DECLARE
    chosen fund.pot_year;
BEGIN
    SELECT y.* INTO chosen FROM fund.pot_year y
     WHERE y.id = coalesce((SELECT t.pot_year_id FROM fund.part t WHERE t.request_id = r.id ORDER BY t.n LIMIT 1),
                           fund.pot_for(r.category, fund.slice_of(r.id, fund.year_of(p.start_on)), p.start_on));
    IF NOT FOUND THEN
        RETURN 'no_pot';
    END IF;
    DELETE FROM fund.part t WHERE t.request_id = r.id;
    INSERT INTO fund.part
    SELECT r.id, row_number() OVER (ORDER BY y.year), y.id, s.pence
      FROM fund.pot_year y CROSS JOIN LATERAL (SELECT fund.slice_of(r.id, y.year) AS pence) s
     WHERE y.pot_id = chosen.pot_id AND s.pence > 0
       AND (y.id = chosen.id OR y.year > chosen.year AND y.state IN ('open', 'provisional'));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.put_slices IS
    'Notes of which years of a pot a promise is asked: that of its first night, and later ones of which something may '
    'be promised already. NULL where that was possible.';

CREATE FUNCTION fund.promise_stands(r fund.request, p fund.promise) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT r.category IN ('nrpf_accommodation', 'nrpf_subsistence') AND r.needed_on = p.start_on
       AND r.amount_pence = fund.cost_between(r.id, p.start_on, p.end_on)
       AND EXISTS (SELECT FROM fund.request o WHERE o.id = r.id AND o.category = r.category)
$$;
COMMENT ON FUNCTION fund.promise_stands IS
    'Whether a request still says what its promise says: neither the amount nor the days of one are typed.';

CREATE FUNCTION fund.overlaps(r fund.request, p fund.promise) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM fund.promise s JOIN fund.request o ON o.id = s.request_id
                    WHERE s.household_id = r.household_id AND o.category = r.category AND o.id <> r.id
                      AND o.state IN ('requested', 'second_needed', 'sent_back', 'approved', 'paid')
                      AND daterange(s.start_on, fund.ends_on(s)) && daterange(p.start_on, p.end_on))
$$;
COMMENT ON FUNCTION fund.overlaps IS
    'Whether some nights of a promise are in another one of the household that stands, for the same category.';

CREATE OR REPLACE FUNCTION fund.settle_request(r fund.request, parts jsonb) RETURNS fund.told LANGUAGE plpgsql AS $$
DECLARE
    told fund.told;
    p fund.promise;
BEGIN
    SELECT * INTO p FROM fund.promise s WHERE s.request_id = r.id;
    told.outcome := CASE WHEN NOT FOUND THEN fund.put_parts(r, parts)
        WHEN parts IS NOT NULL OR NOT fund.promise_stands(r, p) THEN 'weekly'
        WHEN fund.overlaps(r, p) THEN 'overlap' ELSE fund.put_slices(r, p) END;
    IF told.outcome IS NULL THEN
        told.outcome := fund.pots_allow(r);
    END IF;
    IF told.outcome IS NULL THEN
        told := fund.caps_of(r, ARRAY[r.household_id]);
    END IF;
    RETURN told;
END $$;

CREATE FUNCTION fund.insert_promise(home uuid, item jsonb) RETURNS fund.request LANGUAGE plpgsql AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
    it fund.request;
BEGIN
    INSERT INTO fund.request (household_id, organisation_id, keeper_id, category, amount_pence, means,
                              needed_on, evidence, asked_by, changed_by, touched)
    SELECT home, my_organisation(), my_organisation(), n.category,
           (SELECT sum(fund.line_cost(l, l.from_day, l.until_day)) FROM fund.lines_for(home, item) l), n.means,
           (item ->> 'start_on')::date, coalesce(n.evidence, 'none_yet'), me, me, ARRAY[me]
      FROM jsonb_populate_record(NULL::fund.request, item) n
    RETURNING * INTO it;
    INSERT INTO fund.promise (request_id, household_id, start_on, end_on, review_on, appointment_asked_on)
    SELECT it.id, home, n.start_on, n.end_on, n.review_on, n.appointment_asked_on
      FROM jsonb_populate_record(NULL::fund.promise, item) n;
    INSERT INTO fund.promise_line SELECT it.id, l.n, l.member_id, l.component, l.weekly_pence, l.from_day, l.until_day
                                    FROM fund.lines_for(home, item) l;
    RETURN it;
END $$;
COMMENT ON FUNCTION fund.insert_promise IS 'Writes a request for weekly support with its lines.';

CREATE FUNCTION fund.ask_weekly(home uuid, item jsonb) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it fund.request;
    told fund.told;
BEGIN
    IF me IS NULL OR NOT fund.may_ask(home) THEN
        told.outcome := CASE WHEN fund.reads_only(home, 'change') THEN 'read_only' ELSE 'none' END;
        RETURN told;
    END IF;
    PERFORM fund.lock_homes(home);
    told.outcome := CASE
        WHEN EXISTS (SELECT FROM household h WHERE h.id = home AND h.closed_at IS NOT NULL) THEN 'case_closed'
        WHEN NOT EXISTS (SELECT FROM fund.lines_for(home, item)) THEN 'no_rate' END;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    BEGIN
        it := fund.insert_promise(home, item);
        told := fund.settle_request(it, NULL);
        IF told.outcome IS NOT NULL THEN
            RAISE EXCEPTION 'refused' USING ERRCODE = 'HV422';
        END IF;
        UPDATE fund.request r SET keeper_id = fund.keeper_of(it.id) WHERE r.id = it.id;
        told := ROW('done', it.id, NULL, NULL, NULL);
    EXCEPTION WHEN SQLSTATE 'HV422' THEN
        RETURN told;
    END;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.ask_weekly IS
    'Asks the fund for support by the week; the amount is computed. A refusal has changed nothing.';
GRANT EXECUTE ON FUNCTION fund.ask_weekly TO haven_app;

-- ---- the promise of the money ----

CREATE FUNCTION fund.note_household(home uuid) RETURNS void LANGUAGE sql AS
$$ INSERT INTO change_log (kind, id) VALUES ('household', home) $$;
COMMENT ON FUNCTION fund.note_household IS 'Tells the boards that what the fund covers for a household has changed.';

CREATE FUNCTION fund.commit_slice(r fund.request, p fund.promise, of_year uuid, pence bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    spendable bigint;
BEGIN
    PERFORM fund.lock_accounts(ARRAY[of_year]);
    spendable := (SELECT v.spendable_pence FROM fund.year_view v WHERE v.id = of_year);
    IF spendable >= pence
       AND fund.commit_money('request', r.id, r.household_id, ARRAY[of_year], ARRAY[pence], p.end_on + 90) THEN
        PERFORM fund.note_household(r.household_id);
        RETURN NULL;
    END IF;
    RETURN spendable;
END $$;
COMMENT ON FUNCTION fund.commit_slice IS
    'Promises the nights of one year. NULL where that was possible, otherwise what may be promised of that year.';

-- The year of the first night must have its slice; that of a later year waits where its pot is short (keep_promises).
CREATE FUNCTION fund.commit_promise(r fund.request, p fund.promise) RETURNS fund.told LANGUAGE plpgsql AS $$
DECLARE
    part fund.part;
    told fund.told;
    left_of_it bigint;
BEGIN
    PERFORM fund.lock_accounts(ARRAY(SELECT t.pot_year_id FROM fund.part t WHERE t.request_id = r.id));
    FOR part IN SELECT * FROM fund.part t WHERE t.request_id = r.id ORDER BY t.n LOOP
        left_of_it := fund.commit_slice(r, p, part.pot_year_id, part.amount_pence);
        IF left_of_it IS NOT NULL AND part.n = 1 THEN
            told.outcome := 'short';
            told.left_pence := left_of_it;
            RETURN told;
        END IF;
    END LOOP;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.commit_promise IS
    'Promises the slices of a recurring promise; the outcome is NULL where the pot of the first night had enough.';

CREATE OR REPLACE FUNCTION fund.commit_request(r fund.request) RETURNS fund.told LANGUAGE plpgsql AS $$
DECLARE
    told fund.told;
    short uuid;
    p fund.promise;
BEGIN
    SELECT * INTO p FROM fund.promise s WHERE s.request_id = r.id;
    IF FOUND THEN
        RETURN fund.commit_promise(r, p);
    END IF;
    -- a share of a provisional year is all that may be promised of it
    PERFORM FROM fund.account a WHERE a.pot_year_id IN (SELECT t.pot_year_id FROM fund.part t WHERE t.request_id = r.id)
      ORDER BY a.id FOR NO KEY UPDATE;
    SELECT t.pot_year_id, v.spendable_pence INTO short, told.left_pence
      FROM fund.part t JOIN fund.year_view v ON v.id = t.pot_year_id
     WHERE t.request_id = r.id AND v.spendable_pence < t.amount_pence ORDER BY t.n LIMIT 1;
    IF short IS NOT NULL OR NOT fund.commit_money('request', r.id, r.household_id,
            ARRAY(SELECT t.pot_year_id FROM fund.part t WHERE t.request_id = r.id ORDER BY t.n),
            ARRAY(SELECT t.amount_pence FROM fund.part t WHERE t.request_id = r.id ORDER BY t.n),
            greatest(r.needed_on, today()) + 90) THEN
        told.outcome := 'short';
    END IF;
    RETURN told;
END $$;
