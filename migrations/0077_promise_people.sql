-- Weekly support that ends for one person while it goes on for the others, that several pots share, and that the
-- keeper of the pots can stop too.

-- ---- both sides can stop it ----

SELECT add_codes('fund_side', '{either}');
SELECT add_codes('fund_outcome', '{last_person}');

CREATE OR REPLACE FUNCTION fund.on_side(r fund.request, side fund_side) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE side WHEN 'asker' THEN fund.may_ask(r.household_id)
           WHEN 'approver' THEN approves_fund() AND r.keeper_id = my_organisation() AND fund.shown(r.household_id)
           ELSE fund.may_ask(r.household_id)
                OR (approves_fund() OR keeps_fund()) AND r.keeper_id = my_organisation()
                   AND fund.shown(r.household_id) END
$$;
UPDATE fund.request_step SET side = 'either' WHERE act = 'stop';

-- ---- one person's support ends ----

ALTER TABLE fund.promise_line ADD COLUMN stopped_on date,
    ADD CONSTRAINT line_stopped CHECK (stopped_on BETWEEN from_day AND until_day);
COMMENT ON COLUMN fund.promise_line.stopped_on IS
    'The first night that is not paid for this person any more; NULL: as was asked.';
COMMENT ON TABLE fund.promise_line IS
    'A segment of a promise: one person, one component, one rate, without a break. Rows are only added, and stopped.';

ALTER TABLE fund.overpayment ADD COLUMN of_person boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN fund.overpayment.of_person IS
    'The support of one person was stopped while it went on for the others: it stays paid, until it is settled.';

CREATE OR REPLACE FUNCTION fund.lines_for(home uuid, item jsonb) RETURNS SETOF fund.promise_line
LANGUAGE sql STABLE AS $$
    SELECT NULL::uuid, (row_number() OVER (ORDER BY m.kind IS DISTINCT FROM 'main', p.member_id, p.component,
                                                    lower(p.nights * r.nights)))::smallint,
           p.member_id, p.component, r.weekly_pence, lower(p.nights * r.nights), upper(p.nights * r.nights),
           NULL::date
      FROM fund.presences(home, item) p
      JOIN fund.rates((item ->> 'weekly_pence')::bigint) r ON r.component = p.component AND r.nights && p.nights
      LEFT JOIN member m ON m.id = p.member_id
     WHERE NOT isempty(p.nights * r.nights)
$$;
CREATE OR REPLACE FUNCTION fund.nights_of(l fund.promise_line, until_night date) RETURNS integer
LANGUAGE sql IMMUTABLE AS
$$ SELECT greatest(least(until_night, coalesce(l.stopped_on, l.until_day)) - l.from_day, 0) $$;

CREATE FUNCTION fund.cost_asked(promise uuid, from_night date, until_night date) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(sum(fund.weeks_cost(l.weekly_pence, least(greatest(from_night, until_night), l.until_day)
                                                                - l.from_day)
                                - fund.weeks_cost(l.weekly_pence, least(from_night, l.until_day) - l.from_day)), 0)
              FROM fund.promise_line l WHERE l.request_id = promise)::bigint;
END $$;
COMMENT ON FUNCTION fund.cost_asked IS
    'Pence of a promise for the nights from a day until before a day as it was asked for, before anything was stopped.';

CREATE OR REPLACE FUNCTION fund.promise_stands(r fund.request, p fund.promise) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT r.category IN ('nrpf_accommodation', 'nrpf_subsistence') AND r.needed_on = p.start_on
       AND r.amount_pence = fund.cost_asked(r.id, p.start_on, p.end_on)
       AND EXISTS (SELECT FROM fund.request o WHERE o.id = r.id AND o.category = r.category)
$$;

-- ---- several pots share it ----
--
-- What falls due between two nights is divided by the shares as sums from the first night of a year on: of any sum x
-- the first n pots have floor(x * their shares / all shares). So the pots' parts add up to the whole to the penny, and
-- a stop on any night takes from each just what is not due.

CREATE TABLE fund.promise_pot (
    request_id uuid NOT NULL REFERENCES fund.promise,
    n smallint NOT NULL CHECK (n BETWEEN 1 AND 5),
    pot_id uuid NOT NULL REFERENCES fund.pot,
    share integer NOT NULL CHECK (share BETWEEN 1 AND 100),
    PRIMARY KEY (request_id, n),
    CONSTRAINT promise_pot_once UNIQUE (request_id, pot_id)
);
COMMENT ON TABLE fund.promise_pot IS 'The pots that pay for a promise, and the share of each.';
COMMENT ON COLUMN fund.promise_pot.request_id IS 'The promise.';
COMMENT ON COLUMN fund.promise_pot.n IS 'Order.';
COMMENT ON COLUMN fund.promise_pot.pot_id IS 'The pot.';
COMMENT ON COLUMN fund.promise_pot.share IS 'Its share, in parts of the sum of all shares.';
SELECT guard('fund.promise_pot', 'alone', recorded => false);
CREATE POLICY requests ON fund.promise_pot FOR SELECT TO haven_app
    USING (request_id IN (SELECT r.id FROM fund.request r));
INSERT INTO fund.promise_pot
SELECT p.request_id, 1, y.pot_id, 1 FROM fund.promise p JOIN fund.part t ON t.request_id = p.request_id AND t.n = 1
  JOIN fund.pot_year y ON y.id = t.pot_year_id;
ALTER TABLE fund.part DROP CONSTRAINT part_n_check, ADD CONSTRAINT part_n_check CHECK (n BETWEEN 1 AND 30);

CREATE FUNCTION fund.share_of(promise uuid, pot uuid, pence bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    before bigint;
    own bigint;
    whole bigint;
BEGIN
    SELECT sum(s.share), sum(s.share) FILTER (WHERE s.n < o.n), o.share INTO whole, before, own
      FROM fund.promise_pot o JOIN fund.promise_pot s ON s.request_id = o.request_id
     WHERE o.request_id = promise AND o.pot_id = pot GROUP BY o.share;
    RETURN CASE WHEN whole IS NULL THEN pence
                ELSE pence * (coalesce(before, 0) + own) / whole - pence * coalesce(before, 0) / whole END;
END $$;
COMMENT ON FUNCTION fund.share_of IS 'What a pot has of pence of a promise; all of it where no shares are noted.';

CREATE FUNCTION fund.slice_in(promise uuid, of_pot_year uuid) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT fund.share_of(promise, y.pot_id, fund.slice_of(promise, y.year)) FROM fund.pot_year y
             WHERE y.id = of_pot_year);
END $$;
COMMENT ON FUNCTION fund.slice_in IS 'Pence of a promise for the nights of a year of one of its pots.';

CREATE OR REPLACE FUNCTION fund.entitled(one fund.commitment, p fund.promise, until_night date) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT fund.share_of(p.request_id, y.pot_id, fund.cost_between(p.request_id, fund.first_day(y.year),
                                     least(until_night, fund.first_day(y.year + 1))))
              FROM fund.pot_year y WHERE y.id = one.pot_year_id)
           - fund.deducted(one.id)
           + (SELECT coalesce(sum(o.amount_pence - o.unpaid_pence), 0) FROM fund.overpayment o
               WHERE o.commitment_id = one.id AND o.of_person);
END $$;
COMMENT ON FUNCTION fund.entitled IS
    'Pence of a commitment for the nights of its year before a day, less what is kept back; below zero where more is '
    'kept back than has fallen due. What was paid too much for one person who was stopped counts as due: it is taken '
    'off where somebody decides so, and not by itself.';

CREATE FUNCTION fund.put_pots(r fund.request, p fund.promise) RETURNS fund_outcome LANGUAGE plpgsql AS $$
DECLARE
    chosen uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM fund.promise_pot s WHERE s.request_id = r.id) THEN
        SELECT y.pot_id INTO chosen FROM fund.pot_year y
         WHERE y.id = fund.pot_for(r.category, fund.slice_of(r.id, fund.year_of(p.start_on)), p.start_on);
        IF chosen IS NULL THEN
            RETURN 'no_pot';
        END IF;
        INSERT INTO fund.promise_pot VALUES (r.id, 1, chosen, 1);
    END IF;
    RETURN (SELECT CASE WHEN bool_or(y.id IS NULL OR NOT t.organisation_id = ANY (my_partners())
                                     OR NOT fund.may_spend(t, r.organisation_id)) THEN 'no_pot'
                        WHEN count(DISTINCT t.organisation_id) > 1 THEN 'parts' END
              FROM fund.promise_pot s JOIN fund.pot t ON t.id = s.pot_id
              LEFT JOIN fund.pot_year y ON y.pot_id = t.id AND y.year = fund.year_of(p.start_on)
             WHERE s.request_id = r.id);
END $$;
COMMENT ON FUNCTION fund.put_pots IS
    'Chooses the pot of a promise where nobody named one. NULL where all of its pots may be asked, and one '
    'organisation keeps them.';

CREATE OR REPLACE FUNCTION fund.put_slices(r fund.request, p fund.promise) RETURNS fund_outcome LANGUAGE plpgsql AS $$
DECLARE
    refused fund_outcome := fund.put_pots(r, p);
BEGIN
    IF refused IS NOT NULL THEN
        RETURN refused;
    END IF;
    DELETE FROM fund.part t WHERE t.request_id = r.id;
    INSERT INTO fund.part
    SELECT r.id, row_number() OVER (ORDER BY y.year, s.n), y.id, a.pence
      FROM fund.promise_pot s JOIN fund.pot_year y ON y.pot_id = s.pot_id
     CROSS JOIN LATERAL (SELECT fund.slice_in(r.id, y.id) AS pence) a
     WHERE s.request_id = r.id AND a.pence > 0
       AND (y.year = fund.year_of(p.start_on)
            OR y.year > fund.year_of(p.start_on) AND y.state IN ('open', 'provisional'));
    RETURN NULL;
END $$;

CREATE FUNCTION fund.short_part(request uuid, of_year integer) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT v.spendable_pence FROM fund.part t JOIN fund.year_view v ON v.id = t.pot_year_id
             WHERE t.request_id = request AND v.year = of_year AND v.spendable_pence < t.amount_pence
             ORDER BY t.n LIMIT 1);
END $$;
COMMENT ON FUNCTION fund.short_part IS
    'What may be promised of the first pot that has less than a promise asks of it in a year; NULL where all have it.';

CREATE OR REPLACE FUNCTION fund.commit_promise(r fund.request, p fund.promise) RETURNS fund.told LANGUAGE plpgsql AS $$
DECLARE
    part fund.part;
    told fund.told;
BEGIN
    PERFORM fund.lock_accounts(ARRAY(SELECT t.pot_year_id FROM fund.part t WHERE t.request_id = r.id));
    told.left_pence := fund.short_part(r.id, fund.year_of(p.start_on));
    IF told.left_pence IS NOT NULL THEN
        told.outcome := 'short';
        RETURN told;
    END IF;
    FOR part IN SELECT * FROM fund.part t WHERE t.request_id = r.id ORDER BY t.n LOOP
        PERFORM fund.commit_slice(r, p, part.pot_year_id, part.amount_pence);
    END LOOP;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.commit_promise IS
    'Promises the slices of a recurring promise; the outcome is NULL where the pots of the first night had enough.';

CREATE OR REPLACE FUNCTION fund.slices_waiting()
RETURNS TABLE (request_id uuid, pot_year_id uuid, n smallint, pence bigint) LANGUAGE sql STABLE AS $$
    SELECT p.request_id, y.id, (10 + s.n + 5 * (y.year - fund.year_of(p.start_on)))::smallint,
           fund.slice_in(p.request_id, y.id)
      FROM fund.promise p JOIN fund.request r ON r.id = p.request_id AND r.state IN ('approved', 'paid')
      JOIN fund.promise_pot s ON s.request_id = r.id
      JOIN fund.pot_year y ON y.pot_id = s.pot_id AND y.year > fund.year_of(p.start_on)
                          AND y.state IN ('open', 'provisional')
     WHERE p.stopped_on IS NULL AND p.end_on > greatest(fund.first_day(y.year), today())
       AND NOT EXISTS (SELECT FROM fund.commitment c WHERE c.cause_id = p.request_id AND c.pot_year_id = y.id)
       AND fund.slice_in(p.request_id, y.id) > 0
     ORDER BY r.decided_at, r.id, y.year, s.n
$$;

CREATE OR REPLACE FUNCTION fund.insert_promise(home uuid, item jsonb) RETURNS fund.request LANGUAGE plpgsql AS $$
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
    INSERT INTO fund.promise_pot
    SELECT it.id, s.n, y.pot_id, (s.value ->> 'share')::integer
      FROM jsonb_array_elements(coalesce(item -> 'pots', '[]')) WITH ORDINALITY s (value, n)
      JOIN fund.pot_year y ON y.id = (s.value ->> 'pot_year_id')::uuid
    ON CONFLICT DO NOTHING;
    RETURN it;
END $$;

CREATE OR REPLACE FUNCTION fund.ask_weekly(home uuid, item jsonb) RETURNS fund.told
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
        IF (SELECT count(*) FROM fund.promise_pot s WHERE s.request_id = it.id)
           <> jsonb_array_length(coalesce(item -> 'pots', '[]')) THEN
            told.outcome := 'no_pot';
        ELSE
            told := fund.settle_request(it, NULL);
        END IF;
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

CREATE OR REPLACE FUNCTION fund.find_overpaid(one fund.commitment, p fund.promise, too_much bigint, why fund_stop)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO fund.overpayment (request_id, commitment_id, household_id, keeper_id, line, nights, amount_pence, cause)
    SELECT p.request_id, one.id, p.household_id, one.organisation_id, l.n, l.nights,
           (floor(too_much * l.upto / l.whole) - floor(too_much * (l.upto - l.pence) / l.whole))::bigint, why
      FROM (SELECT x.n, x.nights, x.pence, sum(x.pence) OVER (ORDER BY x.n) AS upto, sum(x.pence) OVER () AS whole
              FROM (SELECT l.n, fund.nights_of(l, t.until) - fund.nights_of(l, t.since) AS nights,
                           fund.line_cost(l, t.since, t.until) AS pence
                      FROM fund.promise_line l,
                           (SELECT greatest(p.stopped_on, fund.first_day(y.year)) AS since,
                                   least(fund.paid_to(one, p, p.stopped_on), fund.first_day(y.year + 1)) AS until
                              FROM fund.pot_year y WHERE y.id = one.pot_year_id) t
                     WHERE l.request_id = p.request_id) x
             WHERE x.pence > 0) l
     WHERE floor(too_much * l.upto / l.whole) > floor(too_much * (l.upto - l.pence) / l.whole)
$$;
COMMENT ON FUNCTION fund.find_overpaid IS
    'Notes what was paid too much out of a commitment, person by person as their nights cost: together it is just that '
    'amount.';

CREATE OR REPLACE FUNCTION fund.settle_stop(p fund.promise, why fund_stop) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one fund.commitment;
    due bigint;
    noted bigint;
BEGIN
    FOR one IN SELECT * FROM fund.commitment c WHERE c.cause_id = p.request_id ORDER BY c.id FOR NO KEY UPDATE LOOP
        due := greatest(fund.entitled(one, p, p.stopped_on), 0);
        PERFORM fund.release_part(one, least(one.open, one.open + one.in_payment + one.paid - due));
        noted := (SELECT coalesce(sum(o.amount_pence - o.unpaid_pence), 0) FROM fund.overpayment o
                   WHERE o.commitment_id = one.id AND NOT o.of_person);
        IF one.in_payment + one.paid - due > noted THEN
            PERFORM fund.find_overpaid(one, p, one.in_payment + one.paid - due, why);
        ELSE
            PERFORM fund.not_paid(one, noted - greatest(one.in_payment + one.paid - due, 0));
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION fund.note_person(one fund.commitment, p fund.promise, stopped smallint[], paid_until date,
                                 why fund_stop) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    too_much bigint := one.paid + one.in_payment - greatest(fund.entitled(one, p, paid_until), 0);
BEGIN
    IF too_much > 0 THEN
        INSERT INTO fund.overpayment (request_id, commitment_id, household_id, keeper_id, line, nights, amount_pence,
                                      cause, of_person)
        SELECT p.request_id, one.id, p.household_id, one.organisation_id, l.n, l.nights,
               (floor(too_much * l.upto / l.whole) - floor(too_much * (l.upto - l.nights) / l.whole))::bigint, why, true
          FROM (SELECT x.n, x.nights, sum(x.nights) OVER (ORDER BY x.n) AS upto, sum(x.nights) OVER () AS whole
                  FROM (SELECT l.n, least(l.until_day, paid_until) - l.stopped_on AS nights FROM fund.promise_line l
                         WHERE l.request_id = p.request_id AND l.n = ANY (stopped)) x
                 WHERE x.nights > 0) l
         WHERE floor(too_much * l.upto / l.whole) > floor(too_much * (l.upto - l.nights) / l.whole);
    END IF;
END $$;
COMMENT ON FUNCTION fund.note_person IS
    'Notes what was paid too much out of a commitment for a person whose support was stopped.';

CREATE FUNCTION fund.stop_lines(p fund.promise, person uuid, day date, why fund_stop) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    one fund.commitment;
    stopped smallint[];
    paid jsonb := '{}'; -- until which day each commitment was paid, before anything is stopped
BEGIN
    FOR one IN SELECT * FROM fund.commitment c WHERE c.cause_id = p.request_id ORDER BY c.id FOR NO KEY UPDATE LOOP
        paid := paid || jsonb_build_object(one.id, fund.paid_to(one, p, p.start_on));
    END LOOP;
    WITH gone AS (
        UPDATE fund.promise_line l SET stopped_on = greatest(day, l.from_day)
         WHERE l.request_id = p.request_id AND l.member_id = person
           AND coalesce(l.stopped_on, l.until_day) > day
        RETURNING l.n
    ) SELECT array_agg(g.n) INTO stopped FROM gone g;
    FOR one IN SELECT * FROM fund.commitment c WHERE c.cause_id = p.request_id ORDER BY c.id LOOP
        PERFORM fund.note_person(one, p, stopped, (paid ->> one.id::text)::date, why);
        PERFORM fund.release_part(one, least(one.open, one.open + one.in_payment + one.paid
                                                       - greatest(fund.entitled(one, p, p.end_on), 0)));
    END LOOP;
END $$;
COMMENT ON FUNCTION fund.stop_lines IS
    'Stops the lines of a person: what is not needed goes back to the pots, what was paid for later nights is noted.';

CREATE FUNCTION fund.stop_person(one uuid, seen integer, line integer, from_day date, why fund_stop) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := fund.claim(one, seen, 'stop');
    day date := coalesce(from_day, today());
    person uuid := (SELECT l.member_id FROM fund.promise_line l WHERE l.request_id = one AND l.n = line);
    p fund.promise;
    told fund.told;
BEGIN
    SELECT * INTO p FROM fund.promise s WHERE s.request_id = one FOR NO KEY UPDATE;
    told.outcome := CASE WHEN claimed.outcome IS NOT NULL THEN claimed.outcome
        WHEN NOT fund.live(p) OR person IS NULL OR NOT EXISTS (
             SELECT FROM fund.promise_line l WHERE l.request_id = one AND l.member_id = person
                AND coalesce(l.stopped_on, l.until_day) > day) THEN 'wrong_state'
        WHEN NOT EXISTS (SELECT FROM fund.promise_line l WHERE l.request_id = one AND l.member_id <> person
                            AND coalesce(l.stopped_on, l.until_day) > day) THEN 'last_person' END;
    IF me IS NULL OR told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    PERFORM fund.stop_lines(p, person, day, why);
    UPDATE fund.request r SET version = r.version + 1 WHERE r.id = one;
    PERFORM fund.note_household(p.household_id);
    RETURN ROW('done', one, NULL, NULL, NULL)::fund.told;
END $$;
COMMENT ON FUNCTION fund.stop_person IS
    'Stops the support of one person, that of the line, from a night on, which may be in the past; it goes on for the '
    'others.';
GRANT EXECUTE ON FUNCTION fund.stop_person TO haven_app;

CREATE FUNCTION fund.due_until(day date) RETURNS date LANGUAGE sql STABLE AS
$$ SELECT add_working_days(day, 1) - 1 $$;
COMMENT ON FUNCTION fund.due_until IS
    'Until which day what falls due is paid on a day: what falls due on days that are no working days is paid on the '
    'working day before.';

-- A payment that did not reach anybody was not paid too much: what was noted for one person is taken back by it.
CREATE FUNCTION fund.person_unpaid() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    one fund.commitment;
    p fund.promise;
    noted bigint := (SELECT coalesce(sum(o.amount_pence - o.unpaid_pence), 0) FROM fund.overpayment o
                      WHERE o.commitment_id = NEW.commitment_id AND o.of_person);
    paid bigint := (SELECT coalesce(sum(q.amount_pence), 0) FROM fund.payment q
                     WHERE q.commitment_id = NEW.commitment_id AND q.state IN ('pending', 'confirmed'));
BEGIN
    IF noted > 0 THEN
        SELECT * INTO one FROM fund.commitment c WHERE c.id = NEW.commitment_id;
        SELECT * INTO p FROM fund.promise s WHERE s.request_id = one.cause_id;
        PERFORM fund.not_paid(one, least(noted, noted - paid
                                                + fund.entitled(one, p, fund.paid_ahead_to(p, fund.due_until(today())))
                                                - noted));
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.person_unpaid IS
    'Takes back what was noted as paid too much for one person where the payment came back.';
CREATE TRIGGER payment_person_unpaid AFTER UPDATE OF state ON fund.payment FOR EACH ROW
    WHEN (NEW.state IN ('bounced', 'thawed')) EXECUTE FUNCTION fund.person_unpaid();

CREATE OR REPLACE FUNCTION fund.promise_json(p fund.promise) RETURNS json LANGUAGE sql STABLE AS $$
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
                            'weekly_pence', l.weekly_pence, 'from_day', l.from_day,
                            'until_day', coalesce(l.stopped_on, l.until_day),
                            'nights', fund.nights_of(l, l.until_day),
                            'may_stop', l.member_id IS NOT NULL AND p.stopped_on IS NULL
                                        AND coalesce(l.stopped_on, l.until_day) > today(),
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
