-- Paying: cards and vouchers that are handed out, what is confirmed, what comes back.

-- ---- cards and vouchers ----

CREATE FUNCTION fund.issue(one uuid, seen integer, number text) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := fund.claim(one, seen, 'issue');
    it fund.request := claimed.it;
    told fund.told;
    promise fund.commitment;
    stopped payment_obstacle;
BEGIN
    told.outcome := CASE WHEN claimed.outcome IS NOT NULL THEN claimed.outcome
        WHEN fund.has_account(it.means) THEN 'means' END;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    PERFORM fund.hold_years(ARRAY(SELECT c.pot_year_id FROM fund.commitment c WHERE c.cause_id = one));
    -- one card is one payment: of the first promise that has something left
    SELECT * INTO promise FROM fund.commitment c
     WHERE c.cause_id = one AND c.open > 0 AND fund.payable_now(c) > 0 ORDER BY c.id LIMIT 1 FOR NO KEY UPDATE;
    stopped := fund.obstacle(it, promise);
    told.outcome := CASE WHEN promise.id IS NULL THEN 'wrong_state' WHEN stopped = 'lapsed' THEN 'lapsed'
                         WHEN stopped IS NOT NULL THEN 'pot_closed' END;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    told.left_pence := fund.payable_now(promise);
    INSERT INTO fund.payment (reference, organisation_id, commitment_id, cause_id, household_id, amount_pence, means,
                              serial, made_by)
    VALUES (fund.new_payment_reference(), promise.organisation_id, promise.id, one, it.household_id, told.left_pence,
            it.means, number, me)
    ON CONFLICT (organisation_id, serial) WHERE serial IS NOT NULL DO NOTHING;
    IF NOT FOUND THEN
        RETURN ROW('serial_used', NULL, NULL, NULL, NULL)::fund.told;
    END IF;
    PERFORM fund.take_payment(promise, told.left_pence);
    UPDATE fund.request r SET version = it.version + 1 WHERE r.id = one;
    RETURN ROW('done', one, NULL, NULL, NULL)::fund.told;
END $$;
COMMENT ON FUNCTION fund.issue IS
    'Records that a card or voucher with that number was handed out for a request: that is the payment. It may be done '
    'at night before the review of what was decided alone, since that is what the emergency lane is for.';
GRANT EXECUTE ON FUNCTION fund.issue TO haven_app;

-- ---- who is to do what before a payment ----

SELECT add_codes('task_kind', '{fund_payee,fund_check_payee,fund_agree_payee,fund_run}');
SELECT add_codes('task_about', '{fund_run}');
ALTER POLICY mine ON task
    USING (about_id IS NOT NULL AND organisation_id = (SELECT my_organisation())
           AND for_role = (SELECT audit.me('role'))
           AND (about_id IN (SELECT r.id FROM fund.request r) OR about_id IN (SELECT r.id FROM fund.run r)));

CREATE FUNCTION fund.payee_tasks(r fund.request) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    asker account;
    stopped payment_obstacle := (SELECT fund.obstacle(r, c) FROM fund.commitment c
                                  WHERE c.cause_id = r.id AND c.open > 0 AND r.state = 'approved' LIMIT 1);
BEGIN
    IF coalesce(stopped, '') IN ('no_payee', 'payee_refused') THEN
        SELECT * INTO STRICT asker FROM account a WHERE a.id = r.asked_by;
        PERFORM fund.put_task(r, 'fund_payee', asker.organisation_id, asker.role, asker.id, r.needed_on);
    ELSE
        PERFORM fund.end_tasks(r.id, '{fund_payee}');
    END IF;
    IF coalesce(stopped, '') = 'payee_not_checked' THEN
        PERFORM fund.put_task(r, 'fund_check_payee', r.keeper_id, 'finance_officer', NULL, r.needed_on);
    ELSE
        PERFORM fund.end_tasks(r.id, '{fund_check_payee}');
    END IF;
    IF coalesce(stopped, '') = 'payee_not_agreed' THEN
        PERFORM fund.put_task(r, 'fund_agree_payee', r.keeper_id, coalesce(a.role, 'finance_approver'), NULL,
                              r.needed_on)
           FROM (SELECT 1) one LEFT JOIN fund.approver_roles(r) a (role) ON true;
    ELSE
        PERFORM fund.end_tasks(r.id, '{fund_agree_payee}');
    END IF;
END $$;
COMMENT ON FUNCTION fund.payee_tasks IS
    'Who is to do what before an approved request can be paid: the person who asked names the payee, an approver '
    'agrees to another one, a finance officer checks it.';

-- ---- confirmed, came back ----

CREATE FUNCTION fund.settle_run(one uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE fund.run r
       SET state = CASE WHEN s.pending THEN 'part_confirmed' ELSE 'confirmed' END, version = r.version + 1
      FROM (SELECT bool_or(p.state = 'pending') AS pending FROM fund.payment p WHERE p.run_id = one) s
     WHERE r.id = one
$$;
COMMENT ON FUNCTION fund.settle_run IS 'Notes how far the payments of a run are confirmed.';

CREATE FUNCTION fund.settle_paid(one uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE fund.request r
       SET state = CASE WHEN s.live > 0 THEN 'approved' ELSE 'paid' END, decided_at = now(), version = r.version + 1
      FROM (SELECT sum(c.open + c.in_payment) AS live, sum(c.paid) AS paid FROM fund.commitment c
             WHERE c.cause_id = one) s
     WHERE r.id = one AND r.state IN ('approved', 'paid') AND (s.live > 0 OR s.paid > 0)
       AND r.state <> CASE WHEN s.live > 0 THEN 'approved' ELSE 'paid' END
$$;
COMMENT ON FUNCTION fund.settle_paid IS
    'A request is paid when nothing of it is promised or in payment any more, and approved again when money came back.';

CREATE FUNCTION fund.lock_payment(one uuid, seen integer, OUT outcome run_outcome, OUT it fund.payment,
                                  OUT promise fund.commitment, OUT run fund.run) LANGUAGE plpgsql AS $$
BEGIN
    SELECT r.* INTO run FROM fund.run r JOIN fund.payment p ON p.run_id = r.id WHERE p.id = one
       FOR NO KEY UPDATE OF r;
    PERFORM FROM fund.request r JOIN fund.payment p ON p.cause_id = r.id WHERE p.id = one FOR NO KEY UPDATE OF r;
    SELECT c.* INTO promise FROM fund.commitment c JOIN fund.payment p ON p.commitment_id = c.id WHERE p.id = one
       FOR NO KEY UPDATE OF c;
    SELECT * INTO it FROM fund.payment p
     WHERE p.id = one AND p.organisation_id = my_organisation() AND keeps_fund() AND audit.caller() IS NOT NULL
       AND coalesce(fund.shown(p.household_id), true) FOR NO KEY UPDATE;
    PERFORM fund.hold_years(ARRAY[promise.pot_year_id]);
    outcome := CASE WHEN it.id IS NULL THEN 'none' WHEN seen NOT IN (it.version, -1) THEN 'changed'
                    WHEN run.id IS NOT NULL AND NOT fund.may_run(run.state, 'settle') THEN 'wrong_state'
                    WHEN (SELECT y.state = 'closed' FROM fund.pot_year y WHERE y.id = promise.pot_year_id)
                         THEN 'year_closed' END;
END $$;
COMMENT ON FUNCTION fund.lock_payment IS
    'Locks a payment with its run, request and promise; the outcome is NULL where it may be settled.';

CREATE FUNCTION fund.settle_posting(act fund_act, one fund.commitment, source fund_account, target fund_account,
                                    amount bigint, undone uuid DEFAULT NULL) RETURNS uuid LANGUAGE sql AS $$
    SELECT fund.post(act, one.cause, one.cause_id,
                     (SELECT fund.day_in(y.year) FROM fund.pot_year y WHERE y.id = one.pot_year_id),
                     ARRAY[fund.moved(one.pot_year_id, source, target, amount)], one.household_id, undone)
$$;
COMMENT ON FUNCTION fund.settle_posting IS 'Books what became of a payment.';

ALTER TABLE fund.payment ADD COLUMN confirmed_by uuid REFERENCES fund.posting;
COMMENT ON COLUMN fund.payment.confirmed_by IS 'The posting that confirmed it, while it is confirmed.';

CREATE FUNCTION fund.settle_confirmed(it fund.payment, promise fund.commitment, day date) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE fund.commitment c
       SET in_payment = promise.in_payment - it.amount_pence, paid = promise.paid + it.amount_pence,
           version = promise.version + 1
     WHERE c.id = promise.id;
    UPDATE fund.payment p
       SET state = 'confirmed', settled_on = day, settled_by = audit.me('account')::uuid, version = it.version + 1,
           confirmed_by = fund.settle_posting('confirm', promise, 'in_payment', 'paid', it.amount_pence)
     WHERE p.id = it.id;
    PERFORM fund.settle_paid(it.cause_id);
    PERFORM fund.settle_run(it.run_id);
END $$;
COMMENT ON FUNCTION fund.settle_confirmed IS 'Books that a payment, which is locked and pending, was paid.';

CREATE FUNCTION fund.confirm(one uuid, seen integer, day date) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_payment(one, seen);
    it fund.payment := locked.it;
BEGIN
    IF me IS NULL OR locked.outcome IS NOT NULL THEN
        RETURN coalesce(locked.outcome, 'none');
    ELSIF it.state <> 'pending' THEN
        RETURN 'wrong_state';
    ELSIF it.made_by = me THEN
        RETURN 'own';
    ELSIF day < london_day(it.made_at) THEN
        RETURN 'too_early';
    END IF;
    PERFORM fund.settle_confirmed(it, locked.promise, day);
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.confirm IS
    'Confirms a payment by hand: never the person who froze its run, or handed the card out.';
GRANT EXECUTE ON FUNCTION fund.confirm TO haven_app;

CREATE FUNCTION fund.end_request(one uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fund.release_all(one);
    -- what is on its way is settled all the same
    PERFORM fund.settle_paid(one);
    UPDATE fund.request r
       SET state = 'cancelled', reason = 'household_left', decided_at = now(), version = r.version + 1
     WHERE r.id = one AND r.state IN ('requested', 'second_needed', 'sent_back', 'approved')
       AND NOT EXISTS (SELECT FROM fund.commitment c WHERE c.cause_id = one AND c.in_payment > 0);
END $$;
COMMENT ON FUNCTION fund.end_request IS
    'Ends what was asked for a household that is erased: nothing more is promised, and what was paid stays paid.';

CREATE FUNCTION fund.settle_bounced(it fund.payment, promise fund.commitment, day date, why bounce_reason)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    was_paid bigint := CASE WHEN it.state = 'confirmed' THEN it.amount_pence ELSE 0 END;
BEGIN
    -- a promise that has lapsed meanwhile gets a month, so that there is time to pay it in another way
    UPDATE fund.commitment c
       SET open = promise.open + it.amount_pence, paid = promise.paid - was_paid,
           in_payment = promise.in_payment - it.amount_pence + was_paid, version = promise.version + 1,
           expires_on = CASE WHEN promise.expires_on < today() + 30 THEN today() + 30 ELSE promise.expires_on END
     WHERE c.id = promise.id;
    PERFORM fund.settle_posting('bounce', promise, CASE it.state WHEN 'confirmed' THEN 'paid' ELSE 'in_payment' END,
                                'committed', it.amount_pence);
    UPDATE fund.payment p
       SET state = 'bounced', settled_on = day, settled_by = audit.me('account')::uuid, reason = why,
           confirmed_by = NULL, version = it.version + 1
     WHERE p.id = it.id;
    UPDATE fund.payee p SET refused_at = now() WHERE p.id = it.payee_id AND why <> 'recalled';
    IF EXISTS (SELECT FROM household h WHERE h.id = it.household_id AND h.erased_at IS NOT NULL) THEN
        -- nobody is left to be paid
        PERFORM fund.end_request(it.cause_id);
    END IF;
    PERFORM fund.settle_paid(it.cause_id);
    PERFORM fund.settle_run(it.run_id);
    PERFORM fund.payee_tasks(r) FROM fund.request r WHERE r.id = it.cause_id;
END $$;
COMMENT ON FUNCTION fund.settle_bounced IS
    'Books that a payment, which is locked, came back: its money is promised as before, and the payee asked for again.';

CREATE FUNCTION fund.bounce(one uuid, seen integer, day date, why bounce_reason) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_payment(one, seen);
    it fund.payment := locked.it;
BEGIN
    IF me IS NULL OR locked.outcome IS NOT NULL THEN
        RETURN coalesce(locked.outcome, 'none');
    ELSIF it.state NOT IN ('pending', 'confirmed') OR it.recovered_pence > 0 THEN
        RETURN 'wrong_state';
    ELSIF it.made_by = me THEN
        RETURN 'own';
    ELSIF day < london_day(it.made_at) THEN
        RETURN 'too_early';
    END IF;
    PERFORM fund.settle_bounced(it, locked.promise, day, why);
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.bounce IS
    'Records that a payment came back: never the person who froze its run, or handed the card out.';
GRANT EXECUTE ON FUNCTION fund.bounce TO haven_app;

CREATE FUNCTION fund.unconfirm(one uuid, seen integer) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_payment(one, seen);
    it fund.payment := locked.it;
    promise fund.commitment := locked.promise;
BEGIN
    IF me IS NULL OR locked.outcome IS NOT NULL THEN
        RETURN coalesce(locked.outcome, 'none');
    ELSIF it.state <> 'confirmed' OR it.recovered_pence > 0 THEN
        RETURN 'wrong_state';
    END IF;
    PERFORM fund.settle_posting('reverse', promise, 'paid', 'in_payment', it.amount_pence, it.confirmed_by);
    UPDATE fund.commitment c
       SET in_payment = promise.in_payment + it.amount_pence, paid = promise.paid - it.amount_pence,
           version = promise.version + 1
     WHERE c.id = promise.id;
    UPDATE fund.payment p
       SET state = 'pending', settled_on = NULL, settled_by = NULL, confirmed_by = NULL, version = it.version + 1
     WHERE p.id = one;
    PERFORM fund.settle_paid(it.cause_id);
    PERFORM fund.settle_run(it.run_id);
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.unconfirm IS
    'Takes a confirmation back that was recorded wrongly, by the mirror of its posting. It can be confirmed anew.';
GRANT EXECUTE ON FUNCTION fund.unconfirm TO haven_app;

CREATE FUNCTION fund.year_that_takes(of_year uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT n.id FROM fund.pot_year y JOIN fund.pot_year n ON n.pot_id = y.pot_id
     WHERE y.id = of_year AND n.state IN ('open', 'soft_closed') AND n.year >= y.year ORDER BY n.year LIMIT 1
$$;
COMMENT ON FUNCTION fund.year_that_takes IS
    'The year of a pot that takes what comes back for one of its years: that year while it can, then the next.';

CREATE FUNCTION fund.recover(one uuid, seen integer, amount bigint, why recovery_reason) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_payment(one, seen);
    it fund.payment := locked.it;
    promise fund.commitment := locked.promise;
    into_year uuid := fund.year_that_takes(promise.pot_year_id);
BEGIN
    IF me IS NULL OR coalesce(locked.outcome, 'year_closed') <> 'year_closed' THEN
        RETURN coalesce(locked.outcome, 'none');
    ELSIF it.state <> 'confirmed' THEN
        RETURN 'wrong_state';
    ELSIF amount > it.amount_pence - it.recovered_pence THEN
        RETURN 'too_much';
    ELSIF into_year IS NULL THEN
        RETURN 'year_closed';
    END IF;
    PERFORM fund.hold_years(ARRAY[into_year]);
    INSERT INTO fund.recovery (payment_id, household_id, organisation_id, amount_pence, reason, recorded_by, posting_id)
    VALUES (one, it.household_id, it.organisation_id, amount, why, me,
            fund.post('recover', promise.cause, promise.cause_id,
                      (SELECT fund.day_in(y.year) FROM fund.pot_year y WHERE y.id = into_year),
                      ARRAY[fund.moved(into_year, 'recovered', 'free', amount)], promise.household_id));
    UPDATE fund.payment p SET recovered_pence = it.recovered_pence + amount, version = it.version + 1 WHERE p.id = one;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.recover IS
    'Records that money which was paid came back: it is free again in its year, or where that is closed in the next '
    'one of the pot. What was paid stays as it was.';
GRANT EXECUTE ON FUNCTION fund.recover TO haven_app;

CREATE TABLE fund.recovery (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    payment_id uuid NOT NULL REFERENCES fund.payment,
    household_id uuid REFERENCES household,
    organisation_id uuid NOT NULL REFERENCES organisation,
    amount_pence bigint NOT NULL CHECK (amount_pence > 0),
    reason recovery_reason NOT NULL,
    recorded_by uuid NOT NULL REFERENCES account,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    posting_id uuid NOT NULL REFERENCES fund.posting
);
COMMENT ON TABLE fund.recovery IS 'Money that was paid and came back. Rows are only added.';
COMMENT ON COLUMN fund.recovery.id IS 'Identity.';
COMMENT ON COLUMN fund.recovery.payment_id IS 'The payment.';
COMMENT ON COLUMN fund.recovery.household_id IS 'The household that it was for: its trail has it.';
COMMENT ON COLUMN fund.recovery.organisation_id IS 'The organisation that paid.';
COMMENT ON COLUMN fund.recovery.amount_pence IS 'Pence.';
COMMENT ON COLUMN fund.recovery.reason IS 'Why.';
COMMENT ON COLUMN fund.recovery.recorded_by IS 'The person who recorded it.';
COMMENT ON COLUMN fund.recovery.recorded_at IS 'When.';
COMMENT ON COLUMN fund.recovery.posting_id IS 'What was booked.';
CREATE INDEX recovery_payment ON fund.recovery (payment_id);
SELECT guard('fund.recovery', 'books', erase => 'kept');

-- ---- bank details are shown ----

CREATE FUNCTION vault.requests_told(account uuid, but uuid) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN (SELECT count(DISTINCT e.subject_id)
              FROM (SELECT r.subject_id, r.at, r.subject_kind, r.detail FROM audit.event r
                     WHERE r.account_id = account AND r.action = 'reveal' ORDER BY r.id DESC LIMIT 1000) e
             WHERE e.subject_kind = 'payee' AND e.at > now() - interval '24 hours' AND e.subject_id <> but
               AND e.detail ->> 'purpose' = 'check_payee');
END $$;
COMMENT ON FUNCTION vault.requests_told IS
    'The number of payees, apart from this one, that the person was shown to check them in the last 24 hours.';

CREATE FUNCTION fund.opens_payee(p fund.payee, what_for payee_purpose) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT CASE what_for
        WHEN 'check_payee' THEN p.ended_at IS NULL
            AND EXISTS (SELECT FROM fund.request r
                         WHERE r.id = p.request_id AND r.state = 'approved' AND fund.pays_for(r))
        ELSE keeps_fund() AND p.household_id <> ALL (denied_cases())
            AND EXISTS (SELECT FROM fund.payment q JOIN fund.run x ON x.id = q.run_id
                         WHERE q.payee_id = p.id AND q.state <> 'thawed' AND x.organisation_id = my_organisation()
                           AND x.state IN ('exported', 'part_confirmed', 'confirmed')) END
$$;
COMMENT ON FUNCTION fund.opens_payee IS
    'Whether the caller may be shown a payee''s bank details: the people who pay, once the request is approved, the '
    'present ones; for the file of a run those that the run pays, also if the case was restricted since it was frozen.';

CREATE FUNCTION vault.tell_payee(token bytea, payee uuid, purpose text, request text)
RETURNS TABLE (outcome reveal_outcome, kind integer, household uuid, organisation uuid, wrapped text, sealed text,
               shown text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, vault, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    what_for payee_purpose := purpose;
    me uuid := open_request(token, request);
    it record;
BEGIN
    -- one at a time, so that the last of a day's payees cannot be two
    PERFORM pg_advisory_xact_lock(hashtextextended('tell ' || me, 0));
    SELECT p.household_id, k.organisation_id, k.wrapped, v.sealed INTO it
      FROM fund.payee p
      JOIN vault.payee v ON v.id = p.id
      JOIN data_key k ON k.subject_id = p.household_id AND k.subject_kind = 'household' AND k.wrapped IS NOT NULL
     WHERE p.id = tell_payee.payee AND fund.opens_payee(p, what_for);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF what_for = 'check_payee' AND vault.requests_told(me, tell_payee.payee) >= 100 THEN
        IF NOT EXISTS (SELECT FROM alert a
                        WHERE a.account_id = me AND a.kind = 'reveal_budget'
                          AND a.raised_at > now() - interval '24 hours') THEN
            PERFORM raise_alert('reveal_budget', me, it.household_id, NULL);
        END IF;
        outcome := 'spent';
        RETURN NEXT;
        RETURN;
    END IF;
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id,
                             detail)
    VALUES (me, audit.me('organisation')::uuid, request, 'reveal', 'payee', tell_payee.payee, it.household_id,
            jsonb_build_object('purpose', what_for));
    outcome := 'shown';
    kind := get_byte(it.sealed, 1);
    household := it.household_id;
    organisation := it.organisation_id;
    wrapped := encode(it.wrapped, 'hex');
    sealed := encode(it.sealed, 'hex');
    shown := utc(now()) || '/' || utc(now() + interval '60 seconds');
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION vault.tell_payee IS
    'A payee''s sealed bank details and their wrapped key, for the person signed in with the token (else HV401), with '
    'the event that records it. The vault opens them after the commit. No row where the person may not see them. A '
    'person may check 100 payees in 24 hours; the next is outcome spent, and the information officer is alerted.';
GRANT EXECUTE ON FUNCTION vault.tell_payee TO haven_vault;

-- ---- what ends ----

-- The file of a run has the details of all its payees: none of them goes while money is on its way.
SELECT add_codes('erasure_refusal', '{in_payment}');
CREATE OR REPLACE FUNCTION erasure_refusal(home uuid) RETURNS erasure_refusal LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN h.erased_at IS NOT NULL THEN 'erased'
                WHEN EXISTS (SELECT FROM placement p WHERE p.household_id = h.id
                                AND placement_now(p.state, p.expires_at) IN ('held', 'offered', 'accepted', 'arrived'))
                                    THEN 'placed'
                WHEN h.closed_at IS NULL OR EXISTS (SELECT FROM referral r
                                                     WHERE r.household_id = h.id AND r.state <> 'closed')
                     THEN 'open'
                WHEN EXISTS (SELECT FROM fund.payment p WHERE p.household_id = h.id AND p.state = 'pending')
                     THEN 'in_payment' END
      FROM household h WHERE h.id = home
$$;


CREATE OR REPLACE FUNCTION fund.forget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    it fund.request;
BEGIN
    FOR it IN SELECT * FROM fund.request r WHERE r.household_id = NEW.id ORDER BY r.id FOR NO KEY UPDATE LOOP
        PERFORM fund.end_request(it.id);
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION fund.turn(one uuid, seen integer, act fund_request_act, why fund_reason) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := fund.claim(one, seen, act);
    it fund.request := claimed.it;
    paid boolean := EXISTS (SELECT FROM fund.commitment c WHERE c.cause_id = one AND c.paid > 0);
    told fund.told;
BEGIN
    told.outcome := CASE WHEN claimed.outcome IS NOT NULL THEN claimed.outcome
        WHEN act IN ('reject', 'send_back') AND fund.touched_by(it, me) THEN 'own'
        WHEN act = 'cancel' AND EXISTS (SELECT FROM fund.commitment c
                                         WHERE c.cause_id = one AND c.in_payment > 0) THEN 'wrong_state' END;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    BEGIN
        IF act = 'reopen' THEN
            told := fund.settle_request(it, NULL);
        ELSIF act = 'cancel' THEN
            PERFORM fund.release_all(one);
        END IF;
        IF told.outcome IS NOT NULL THEN
            RAISE EXCEPTION 'refused' USING ERRCODE = 'HV422';
        END IF;
        UPDATE fund.request r
           SET state = CASE act WHEN 'reject' THEN 'rejected' WHEN 'send_back' THEN 'sent_back'
                                WHEN 'cancel' THEN CASE WHEN paid THEN 'paid' ELSE 'cancelled' END
                                ELSE 'requested' END,
               reason = why, decided_at = CASE WHEN act <> 'reopen' THEN now() END,
               keeper_id = coalesce(fund.keeper_of(one), it.keeper_id),
               content = it.content + (act IN ('reopen', 'send_back'))::integer, version = it.version + 1,
               touched = CASE WHEN act = 'reopen' THEN fund.also(it.touched, me) ELSE it.touched END
         WHERE r.id = one;
    EXCEPTION WHEN SQLSTATE 'HV422' THEN
        RETURN told;
    END;
    RETURN ROW('done', one, NULL, NULL, NULL)::fund.told;
END $$;
COMMENT ON FUNCTION fund.turn IS
    'Rejects, sends back, cancels or opens a request again. What was promised for a cancelled one goes back to its '
    'pots; what was paid of it stays paid.';
