-- What becomes of recurring promises: the slice of a later year, reviews, the end of the need, the stop, and what was
-- paid too much.

CREATE FUNCTION fund.release_part(one fund.commitment, pence bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF pence > 0 THEN
        UPDATE fund.commitment c SET open = one.open - pence, released = one.released + pence,
                                     version = one.version + 1
         WHERE c.id = one.id;
        PERFORM fund.post('release', one.cause, one.cause_id,
                          (SELECT fund.day_in(y.year) FROM fund.pot_year y WHERE y.id = one.pot_year_id),
                          ARRAY[fund.moved(one.pot_year_id, 'committed', 'free', pence)], one.household_id);
    END IF;
END $$;
COMMENT ON FUNCTION fund.release_part IS
    'Gives a part of what is open of a commitment, which is locked, back to its pot.';

CREATE FUNCTION fund.task_of_asker(r fund.request, of_kind task_kind, by_day date) RETURNS void LANGUAGE sql AS $$
    SELECT fund.put_task(r, of_kind, a.organisation_id, a.role, NULL, by_day) FROM account a WHERE a.id = r.asked_by
$$;
COMMENT ON FUNCTION fund.task_of_asker IS
    'Makes a task about a request for the colleagues of the person who asked.';

CREATE OR REPLACE FUNCTION fund.reads_only(home uuid, act fund_request_act) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT act IN ('change', 'cancel', 'reopen', 'payee', 'issue', 'stop', 'review') AND may_place() AND case_seen(home)
$$;

-- ---- the stop ----

-- A stop may be told late: compared is what was paid, not what was calculated. The last of the nights that were paid
-- for is the first on which the lines add up to it.
CREATE FUNCTION fund.paid_to(one fund.commitment, p fund.promise, from_night date) RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT coalesce(min(d.day)::date, p.end_on)
      FROM generate_series(from_night::timestamp, p.end_on::timestamp, interval '1 day') d (day)
     WHERE fund.entitled(one, p, d.day::date) >= one.paid + one.in_payment
$$;
COMMENT ON FUNCTION fund.paid_to IS 'The day after the last night that was paid for out of a commitment.';

CREATE FUNCTION fund.find_overpaid(one fund.commitment, p fund.promise, too_much bigint, why fund_stop) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO fund.overpayment (request_id, commitment_id, household_id, keeper_id, line, nights, amount_pence, cause)
    SELECT p.request_id, one.id, p.household_id, one.organisation_id, l.n, l.nights,
           least(l.pence, too_much - l.before), why
      FROM (SELECT x.n, x.nights, x.pence, sum(x.pence) OVER (ORDER BY x.n) - x.pence AS before
              FROM (SELECT l.n, fund.nights_of(l, t.until) - fund.nights_of(l, t.since) AS nights,
                           fund.line_cost(l, t.since, t.until) AS pence
                      FROM fund.promise_line l,
                           (SELECT greatest(p.stopped_on, fund.first_day(y.year)) AS since,
                                   least(fund.paid_to(one, p, p.stopped_on), fund.first_day(y.year + 1)) AS until
                              FROM fund.pot_year y WHERE y.id = one.pot_year_id) t
                     WHERE l.request_id = p.request_id) x
             WHERE x.pence > 0) l
     WHERE l.before < too_much
$$;
COMMENT ON FUNCTION fund.find_overpaid IS
    'Notes what was paid too much out of a commitment, person by person: together it is just that amount.';

CREATE FUNCTION fund.outstanding(o fund.overpayment) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT o.amount_pence - o.deducted_pence - o.recovered_pence - o.written_off_pence - o.unpaid_pence $$;
COMMENT ON FUNCTION fund.outstanding IS 'Pence of an overpayment that are not settled.';
GRANT EXECUTE ON FUNCTION fund.outstanding TO haven_app;

CREATE FUNCTION fund.not_paid(one fund.commitment, pence bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE fund.overpayment o SET unpaid_pence = o.unpaid_pence + k.pence, version = o.version + 1
      FROM (SELECT x.id, least(fund.outstanding(x), pence - sum(fund.outstanding(x)) OVER (ORDER BY x.line DESC)
                                                    + fund.outstanding(x)) AS pence
              FROM fund.overpayment x WHERE x.commitment_id = one.id) k
     WHERE o.id = k.id AND k.pence > 0
$$;
COMMENT ON FUNCTION fund.not_paid IS
    'Takes from what was noted as paid too much what was not paid after all, the last line first.';

CREATE FUNCTION fund.settle_stop(p fund.promise, why fund_stop) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one fund.commitment;
    due bigint;
    noted bigint;
BEGIN
    FOR one IN SELECT * FROM fund.commitment c WHERE c.cause_id = p.request_id ORDER BY c.id FOR NO KEY UPDATE LOOP
        due := greatest(fund.entitled(one, p, p.stopped_on), 0);
        PERFORM fund.release_part(one, least(one.open, one.open + one.in_payment + one.paid - due));
        noted := (SELECT coalesce(sum(o.amount_pence - o.unpaid_pence), 0) FROM fund.overpayment o
                   WHERE o.commitment_id = one.id);
        IF one.in_payment + one.paid - due > noted THEN
            PERFORM fund.find_overpaid(one, p, one.in_payment + one.paid - due, why);
        ELSE
            PERFORM fund.not_paid(one, noted - greatest(one.in_payment + one.paid - due, 0));
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION fund.settle_stop IS
    'Gives back what a stopped promise does not need any more, and notes what was paid too much; once more where a '
    'payment came back since.';

-- Nothing of it is to be paid any more: it is paid where something was, otherwise it is as if cancelled.
CREATE FUNCTION fund.state_after_stop(one uuid) RETURNS fund_state LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN coalesce(sum(c.open + c.in_payment), 0) > 0 THEN 'approved'
                WHEN coalesce(sum(c.paid), 0) > 0 THEN 'paid' ELSE 'cancelled' END
      FROM fund.commitment c WHERE c.cause_id = one
$$;
COMMENT ON FUNCTION fund.state_after_stop IS 'The state of a request whose promise was stopped.';

CREATE FUNCTION fund.live(p fund.promise) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT p.request_id IS NOT NULL AND p.stopped_on IS NULL $$;
COMMENT ON FUNCTION fund.live IS 'Whether there is a promise, which was not stopped.';

CREATE FUNCTION fund.stop(one uuid, seen integer, from_day date, why fund_stop) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := fund.claim(one, seen, 'stop');
    p fund.promise;
    told fund.told;
BEGIN
    SELECT * INTO p FROM fund.promise s WHERE s.request_id = one FOR NO KEY UPDATE;
    told.outcome := CASE WHEN claimed.outcome IS NOT NULL THEN claimed.outcome
        WHEN NOT fund.live(p) OR coalesce(from_day, today()) > p.end_on THEN 'wrong_state' END;
    IF me IS NULL OR told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    UPDATE fund.promise s
       SET stopped_on = greatest(coalesce(from_day, today()), p.start_on), stop_reason = why, stopped_by = me,
           stopped_at = now()
     WHERE s.request_id = one RETURNING * INTO p;
    PERFORM fund.settle_stop(p, why);
    UPDATE fund.request r
       SET state = fund.state_after_stop(one), version = r.version + 1,
           reason = CASE WHEN fund.state_after_stop(one) = 'cancelled' THEN 'not_needed'::fund_reason END
     WHERE r.id = one;
    PERFORM fund.end_tasks(one, '{fund_promise_review,fund_promise_ended}');
    PERFORM fund.note_household(p.household_id);
    RETURN ROW('done', one, NULL, NULL, NULL)::fund.told;
END $$;
COMMENT ON FUNCTION fund.stop IS
    'Stops support by the week from a night on, which may be in the past: what is not needed goes back to the pots, '
    'and what was paid for later nights is an overpayment.';
GRANT EXECUTE ON FUNCTION fund.stop TO haven_app;

CREATE FUNCTION fund.review_promise(one uuid, seen integer, next_on date, asked_on date) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := fund.claim(one, seen, 'review');
    p fund.promise;
    told fund.told;
BEGIN
    SELECT * INTO p FROM fund.promise s WHERE s.request_id = one FOR NO KEY UPDATE;
    told.outcome := CASE WHEN claimed.outcome IS NOT NULL THEN claimed.outcome
        WHEN NOT fund.live(p) OR next_on NOT BETWEEN p.start_on AND p.end_on THEN 'wrong_state' END;
    IF me IS NULL OR told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    UPDATE fund.promise s
       SET review_on = next_on, appointment_asked_on = coalesce(asked_on, s.appointment_asked_on),
           need_ended_on = NULL, need_ended_as = NULL
     WHERE s.request_id = one;
    UPDATE fund.request r SET version = r.version + 1 WHERE r.id = one;
    PERFORM fund.end_tasks(one, '{fund_promise_review,fund_promise_ended}');
    RETURN ROW('done', one, NULL, NULL, NULL)::fund.told;
END $$;
COMMENT ON FUNCTION fund.review_promise IS
    'Records that the need for weekly support goes on, and when it is looked at again.';
GRANT EXECUTE ON FUNCTION fund.review_promise TO haven_app;

CREATE OR REPLACE FUNCTION fund.acts_of(r fund.request) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT s.act::text FROM fund.request_step s
                  WHERE s.state = r.state AND fund.on_side(r, s.side)
                    AND NOT (s.act IN ('approve', 'approve_now', 'agree_payee')
                             AND fund.own_request(r, audit.me('account')::uuid))
                    AND NOT (s.act IN ('reject', 'send_back')
                             AND fund.touched_by(r, audit.me('account')::uuid))
                    AND (s.act <> 'payee' OR fund.has_account(r.means))
                    AND (s.act <> 'issue' OR NOT fund.has_account(r.means))
                    AND (s.act <> 'agree_payee'
                         OR EXISTS (SELECT FROM fund.payee p WHERE p.request_id = r.id AND p.ended_at IS NULL
                                       AND NOT fund.payee_agreed(p.id)))
                    AND (s.act NOT IN ('stop', 'review')
                         OR EXISTS (SELECT FROM fund.promise p WHERE p.request_id = r.id AND p.stopped_on IS NULL))
                  ORDER BY s.act)
$$;

-- ---- overpayments ----

-- What is kept back is not paid, so it goes back to the pot of the promise that it is kept back from.
CREATE FUNCTION fund.deduct(o fund.overpayment) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    one fund.commitment;
    pence bigint;
    done bigint := 0;
BEGIN
    FOR one IN SELECT c.* FROM fund.commitment c JOIN fund.request r ON r.id = c.cause_id
                 JOIN fund.promise p ON p.request_id = r.id JOIN fund.pot_year y ON y.id = c.pot_year_id
                WHERE p.household_id = o.household_id AND c.organisation_id = o.keeper_id AND r.state = 'approved'
                  AND p.stopped_on IS NULL AND c.open > 0 AND (c.expires_on IS NULL OR c.expires_on > today())
                ORDER BY c.id FOR NO KEY UPDATE OF c LOOP
        pence := least(one.open, fund.outstanding(o) - done);
        CONTINUE WHEN pence <= 0;
        INSERT INTO fund.deduction (overpayment_id, request_id, commitment_id, amount_pence, made_by)
        VALUES (o.id, one.cause_id, one.id, pence, audit.me('account')::uuid);
        PERFORM fund.release_part(one, pence);
        done := done + pence;
    END LOOP;
    RETURN done;
END $$;
COMMENT ON FUNCTION fund.deduct IS
    'Keeps an overpayment back from the next instalments of the same household''s promises; returns how much.';

CREATE FUNCTION fund.recover_overpaid(o fund.overpayment) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    back_to uuid := (SELECT fund.year_that_takes(c.pot_year_id) FROM fund.commitment c WHERE c.id = o.commitment_id);
BEGIN
    IF back_to IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM fund.hold_years(ARRAY[back_to]);
    PERFORM fund.post('recover', 'request', o.request_id,
                      (SELECT fund.day_in(y.year) FROM fund.pot_year y WHERE y.id = back_to),
                      ARRAY[fund.moved(back_to, 'recovered', 'free', fund.outstanding(o))], o.household_id);
    RETURN fund.outstanding(o);
END $$;
COMMENT ON FUNCTION fund.recover_overpaid IS
    'Books that an overpayment came back; returns how much, 0 where no year is open.';

CREATE FUNCTION fund.may_settle(o fund.overpayment, how fund_settling) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT o.keeper_id = my_organisation() AND fund.shown(o.household_id)
       AND CASE WHEN how = 'written_off' THEN approves_fund() ELSE keeps_fund() END
$$;
COMMENT ON FUNCTION fund.may_settle IS
    'Whether the caller may settle an overpayment so: who pays keeps back and recovers, who approves writes off.';

CREATE FUNCTION fund.settle(one uuid, seen integer, how fund_settling, why fund_settle_reason) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    o fund.overpayment;
    pence bigint;
    told fund.told;
BEGIN
    PERFORM fund.lock_homes((SELECT x.household_id FROM fund.overpayment x WHERE x.id = one));
    PERFORM FROM fund.request r WHERE r.id IN (SELECT p.request_id FROM fund.promise p JOIN fund.overpayment x
                                                 ON x.household_id = p.household_id WHERE x.id = one)
      ORDER BY r.id FOR NO KEY UPDATE;
    SELECT * INTO o FROM fund.overpayment x WHERE x.id = one FOR NO KEY UPDATE;
    told.id := o.request_id;
    told.outcome := CASE WHEN me IS NULL OR NOT coalesce(fund.may_settle(o, how), false) THEN 'none'
        WHEN seen NOT IN (o.version, -1) THEN 'changed'
        WHEN fund.outstanding(o) = 0 THEN 'wrong_state'
        WHEN how = 'written_off' AND EXISTS (SELECT FROM fund.request r JOIN fund.promise p ON p.request_id = r.id
                                              WHERE r.id = o.request_id
                                                AND (fund.touched_by(r, me) OR p.stopped_by = me)) THEN 'own' END;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    pence := CASE how WHEN 'deducted' THEN fund.deduct(o) WHEN 'recovered' THEN fund.recover_overpaid(o)
                      ELSE fund.outstanding(o) END;
    told.outcome := CASE WHEN pence > 0 THEN 'done' WHEN how = 'recovered' THEN 'pot_closed' ELSE 'nothing_due' END;
    UPDATE fund.overpayment x
       SET deducted_pence = x.deducted_pence + CASE how WHEN 'deducted' THEN pence ELSE 0 END,
           recovered_pence = x.recovered_pence + CASE how WHEN 'recovered' THEN pence ELSE 0 END,
           written_off_pence = x.written_off_pence + CASE how WHEN 'written_off' THEN pence ELSE 0 END,
           reason = why, settled_by = me, settled_at = now(), version = x.version + 1
     WHERE x.id = one AND pence > 0;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.settle IS
    'Settles an overpayment: kept back from the next instalments, come back, or written off, each with a reason.';
GRANT EXECUTE ON FUNCTION fund.settle TO haven_app;

-- ---- the end of the need ----

CREATE FUNCTION fund.need_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    ended fund_need_end := CASE WHEN NEW.closed_at IS NOT NULL THEN 'case_closed'
                                WHEN NEW.nrpf = false THEN 'has_recourse'
                                WHEN NEW.immigration_status IN ('british_or_irish', 'settled', 'refugee',
                                                                'humanitarian_protection', 'mvdac')
                                THEN 'leave_granted' END;
    it fund.request;
BEGIN
    FOR it IN UPDATE fund.promise p
                 SET need_ended_on = CASE WHEN ended IS NOT NULL THEN coalesce(p.need_ended_on, today()) END,
                     need_ended_as = ended
                FROM fund.request r
               WHERE p.household_id = NEW.id AND p.stopped_on IS NULL AND p.end_on > today() AND r.id = p.request_id
                 AND r.state = 'approved'
              RETURNING r.* LOOP
        IF ended IS NULL THEN
            PERFORM fund.end_tasks(it.id, '{fund_promise_ended}');
        ELSE
            PERFORM fund.task_of_asker(it, 'fund_promise_ended', today());
            PERFORM fund.put_task(it, 'fund_promise_ended', it.keeper_id, 'finance_officer', NULL, today());
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.need_ends IS
    'A case that is closed, or has leave or recourse to public funds, needs no weekly support: from that day on the '
    'promise is past its need, and a task until somebody stops it or says that the need goes on.';
CREATE TRIGGER household_need_ends AFTER UPDATE OF nrpf, closed_at, immigration_status ON household FOR EACH ROW
    WHEN ((OLD.nrpf, OLD.closed_at, OLD.immigration_status)
          IS DISTINCT FROM (NEW.nrpf, NEW.closed_at, NEW.immigration_status)) EXECUTE FUNCTION fund.need_ends();

-- The lines of a promise are those of the people who were there when it was asked for.
CREATE FUNCTION fund.people_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    UPDATE fund.promise p SET review_on = greatest(today(), p.start_on)
      FROM fund.request r
     WHERE p.household_id = NEW.household_id AND p.stopped_on IS NULL AND p.end_on > today()
       AND p.review_on > today() AND r.id = p.request_id AND r.category = 'nrpf_subsistence' AND r.state = 'approved';
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.people_change IS
    'Where somebody joins or leaves a household its living costs are to be reviewed at once: stopped, and asked for '
    'anew.';
CREATE TRIGGER member_joins AFTER INSERT ON member FOR EACH ROW EXECUTE FUNCTION fund.people_change();
CREATE TRIGGER member_leaves AFTER UPDATE OF ended_at ON member FOR EACH ROW
    WHEN (OLD.ended_at IS DISTINCT FROM NEW.ended_at) EXECUTE FUNCTION fund.people_change();

-- ---- the clock ----

CREATE FUNCTION fund.slices_waiting()
RETURNS TABLE (request_id uuid, pot_year_id uuid, n smallint, pence bigint) LANGUAGE sql STABLE AS $$
    SELECT p.request_id, y.id, (1 + y.year - fund.year_of(p.start_on))::smallint, fund.slice_of(p.request_id, y.year)
      FROM fund.promise p JOIN fund.request r ON r.id = p.request_id AND r.state IN ('approved', 'paid')
      JOIN fund.part t ON t.request_id = r.id AND t.n = 1
      JOIN fund.pot_year first ON first.id = t.pot_year_id
      JOIN fund.pot_year y ON y.pot_id = first.pot_id AND y.year > first.year AND y.state IN ('open', 'provisional')
     WHERE p.stopped_on IS NULL AND p.end_on > greatest(fund.first_day(y.year), today())
       AND NOT EXISTS (SELECT FROM fund.commitment c WHERE c.cause_id = p.request_id AND c.pot_year_id = y.id)
     ORDER BY r.decided_at, r.id, y.year
$$;
COMMENT ON FUNCTION fund.slices_waiting IS
    'Slices of promises that were approved before the year of their pot was there, or had enough, the oldest first.';

CREATE FUNCTION fund.keep_slices() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    one record;
    it fund.request;
    p fund.promise;
    n integer := 0;
BEGIN
    FOR one IN SELECT * FROM fund.slices_waiting() LIMIT 100 LOOP
        SELECT * INTO it FROM fund.request r WHERE r.id = one.request_id FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        PERFORM fund.hold_years(ARRAY[one.pot_year_id]);
        SELECT * INTO p FROM fund.promise s WHERE s.request_id = it.id;
        -- while it waited for its locks the promise may have been stopped, or the year closed
        CONTINUE WHEN NOT EXISTS (SELECT FROM fund.slices_waiting() w
                                   WHERE w.request_id = it.id AND w.pot_year_id = one.pot_year_id);
        CONTINUE WHEN fund.commit_slice(it, p, one.pot_year_id, one.pence) IS NOT NULL;
        INSERT INTO fund.part VALUES (it.id, one.n, one.pot_year_id, one.pence) ON CONFLICT DO NOTHING;
        UPDATE fund.request r SET state = 'approved', version = it.version + 1 WHERE r.id = it.id;
        n := n + 1;
    END LOOP;
    RETURN n;
END $$;
COMMENT ON FUNCTION fund.keep_slices IS
    'Promises the nights of a later year once something may be promised of it. Until then they are not covered.';

-- A payment that the bank returns, or that is taken out of its run, opens what a stopped promise does not need.
CREATE FUNCTION fund.keep_stops() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    it fund.request;
    p fund.promise;
BEGIN
    FOR p IN SELECT DISTINCT s.* FROM fund.commitment c JOIN fund.promise s ON s.request_id = c.cause_id
              WHERE c.open > 0 AND s.stopped_on IS NOT NULL
                AND c.open + c.paid + c.in_payment > greatest(fund.entitled(c, s, s.stopped_on), 0) LIMIT 100 LOOP
        SELECT * INTO it FROM fund.request r WHERE r.id = p.request_id FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        PERFORM fund.settle_stop(p, p.stop_reason);
        UPDATE fund.request r SET state = fund.state_after_stop(it.id), version = it.version + 1
         WHERE r.id = it.id AND r.state IN ('approved', 'paid') AND r.state <> fund.state_after_stop(it.id);
    END LOOP;
END $$;
COMMENT ON FUNCTION fund.keep_stops IS 'Settles stopped promises again of which a payment came back.';

CREATE FUNCTION fund.keep_promises() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fund.keep_slices();
    PERFORM fund.keep_stops();
    PERFORM fund.task_of_asker(r, 'fund_promise_review', p.review_on)
       FROM fund.promise p JOIN fund.request r ON r.id = p.request_id AND r.state = 'approved'
      WHERE p.stopped_on IS NULL AND p.end_on > today() AND p.review_on <= today() + 14;
    UPDATE task k SET ended_as = 'done', ended_at = now(), version = k.version + 1
      FROM fund.promise p
     WHERE k.about_id = p.request_id AND k.ended_at IS NULL AND k.kind IN ('fund_promise_review', 'fund_promise_ended')
       AND p.end_on <= today();
END $$;
COMMENT ON FUNCTION fund.keep_promises IS
    'Promises slices that waited, makes the tasks of reviews that are due, and ends those of promises that are over.';
