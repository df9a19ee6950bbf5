-- Payments: runs of bank payments, and cards and vouchers that are handed out. A payment takes its money out of a
-- promise (committed, in payment) and is confirmed or comes back. What a run is, freezing it fixes: the file says the
-- same however often it is written.

CREATE DOMAIN run_state AS text CHECK (VALUE IN ('draft', 'frozen', 'exported', 'part_confirmed', 'confirmed',
    'abandoned'));
COMMENT ON DOMAIN run_state IS 'Course of a payment run.';

CREATE DOMAIN payment_state AS text CHECK (VALUE IN ('pending', 'thawed', 'confirmed', 'bounced'));
COMMENT ON DOMAIN payment_state IS
    'Course of a payment: thawed is taken out of its run before the export, bounced came back.';

CREATE DOMAIN payment_obstacle AS text CHECK (VALUE IN ('lapsed', 'no_payee', 'payee_refused', 'payee_not_agreed',
    'payee_not_checked', 'payee_new', 'payee_gone', 'not_reviewed', 'year_not_open', 'year_not_begun'));
COMMENT ON DOMAIN payment_obstacle IS 'Why money that is promised cannot be paid yet.';

CREATE DOMAIN bounce_reason AS text CHECK (VALUE IN ('wrong_details', 'account_closed', 'bank_refused', 'recalled',
    'not_collected'));
COMMENT ON DOMAIN bounce_reason IS 'Why a payment came back.';

CREATE DOMAIN recovery_reason AS text CHECK (VALUE IN ('deposit_returned', 'overpaid', 'unspent', 'paid_twice',
    'paid_wrongly'));
COMMENT ON DOMAIN recovery_reason IS 'Why money that was paid came back.';

CREATE DOMAIN run_outcome AS text CHECK (VALUE IN ('done', 'none', 'changed', 'wrong_state', 'own', 'empty', 'differs',
    'year_closed', 'too_much', 'day_past', 'too_early'));
COMMENT ON DOMAIN run_outcome IS 'What became of an act on a payment run or a payment.';

-- ---- tables ----

CREATE SEQUENCE fund.run_number;
CREATE TABLE fund.run (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    reference text NOT NULL UNIQUE DEFAULT 'R-' || lpad(nextval('fund.run_number')::text, 6, '0'),
    organisation_id uuid NOT NULL REFERENCES organisation,
    state run_state NOT NULL DEFAULT 'draft',
    pay_on date NOT NULL,
    payments integer NOT NULL DEFAULT 0 CHECK (payments >= 0),
    total_pence bigint NOT NULL DEFAULT 0 CHECK (total_pence >= 0),
    made_by uuid NOT NULL REFERENCES account,
    made_at timestamptz NOT NULL DEFAULT now(),
    frozen_by uuid REFERENCES account,
    frozen_at timestamptz,
    exported_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE fund.run IS 'Bank payments that are made together.';
COMMENT ON COLUMN fund.run.id IS 'Identity.';
COMMENT ON COLUMN fund.run.reference IS 'What people call it.';
COMMENT ON COLUMN fund.run.organisation_id IS 'The organisation that pays.';
COMMENT ON COLUMN fund.run.state IS 'Where it stands.';
COMMENT ON COLUMN fund.run.pay_on IS 'The day on which the bank is to pay.';
COMMENT ON COLUMN fund.run.payments IS 'The number of its payments, once frozen; without those taken out.';
COMMENT ON COLUMN fund.run.total_pence IS 'Pence of them.';
COMMENT ON COLUMN fund.run.made_by IS 'The person who began it.';
COMMENT ON COLUMN fund.run.made_at IS 'When.';
COMMENT ON COLUMN fund.run.frozen_by IS 'The person who froze it; that person confirms none of it by hand.';
COMMENT ON COLUMN fund.run.frozen_at IS 'When.';
COMMENT ON COLUMN fund.run.exported_at IS 'When its file was released; it is written as often as it is needed.';
COMMENT ON COLUMN fund.run.version IS 'Grows by one with each change; the ETag.';
CREATE INDEX run_listed ON fund.run (organisation_id, made_at, id);
SELECT guard('fund.run', 'books', erase => 'kept');

CREATE TABLE fund.payment (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    reference text NOT NULL UNIQUE,
    organisation_id uuid NOT NULL REFERENCES organisation,
    run_id uuid REFERENCES fund.run,
    n smallint,
    commitment_id uuid NOT NULL REFERENCES fund.commitment,
    cause_id uuid NOT NULL,
    household_id uuid REFERENCES household,
    amount_pence bigint NOT NULL CHECK (amount_pence > 0),
    means fund_means NOT NULL,
    payee_id uuid REFERENCES fund.payee,
    serial text,
    state payment_state NOT NULL DEFAULT 'pending',
    made_by uuid REFERENCES account,
    made_at timestamptz NOT NULL DEFAULT now(),
    settled_on date,
    settled_by uuid REFERENCES account,
    reason bounce_reason,
    recovered_pence bigint NOT NULL DEFAULT 0 CHECK (recovered_pence BETWEEN 0 AND amount_pence),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT payment_in_run UNIQUE (run_id, n),
    CONSTRAINT payment_way CHECK ((run_id IS NULL) = (n IS NULL) AND (run_id IS NULL) = (payee_id IS NULL)
                                  AND (serial IS NULL OR run_id IS NULL)),
    CONSTRAINT payment_recovered CHECK (recovered_pence = 0 OR state = 'confirmed')
) WITH (fillfactor = 80);
COMMENT ON TABLE fund.payment IS 'Money on its way to a payee, out of one promise.';
COMMENT ON COLUMN fund.payment.id IS 'Identity.';
COMMENT ON COLUMN fund.payment.reference IS
    'What the bank''s line says: HV, eight characters and a check character. It tells nothing.';
COMMENT ON COLUMN fund.payment.organisation_id IS 'The organisation that pays.';
COMMENT ON COLUMN fund.payment.run_id IS 'The run; NULL for a card or voucher, which is paid by being handed out.';
COMMENT ON COLUMN fund.payment.n IS 'Place in its run.';
COMMENT ON COLUMN fund.payment.commitment_id IS 'The promise that it is paid out of.';
COMMENT ON COLUMN fund.payment.cause_id IS 'What that is for: a request.';
COMMENT ON COLUMN fund.payment.household_id IS 'The household that it is for: its trail has the payment.';
COMMENT ON COLUMN fund.payment.amount_pence IS 'Pence.';
COMMENT ON COLUMN fund.payment.means IS 'How it is paid.';
COMMENT ON COLUMN fund.payment.payee_id IS 'Who is paid, as checked when the run was frozen.';
COMMENT ON COLUMN fund.payment.serial IS 'The number of the card or voucher; each once.';
COMMENT ON COLUMN fund.payment.state IS 'Where it stands.';
COMMENT ON COLUMN fund.payment.made_by IS 'The person who froze the run, or handed it out.';
COMMENT ON COLUMN fund.payment.made_at IS 'When.';
COMMENT ON COLUMN fund.payment.settled_on IS 'The London day on which it was paid, as the bank says, or came back.';
COMMENT ON COLUMN fund.payment.settled_by IS 'The person who recorded that.';
COMMENT ON COLUMN fund.payment.reason IS 'Why it came back.';
COMMENT ON COLUMN fund.payment.recovered_pence IS 'What of it came back later.';
COMMENT ON COLUMN fund.payment.version IS 'Grows by one with each change; the ETag.';
CREATE UNIQUE INDEX payment_serial ON fund.payment (organisation_id, serial) WHERE serial IS NOT NULL;
CREATE INDEX payment_commitment ON fund.payment (commitment_id);
CREATE INDEX payment_cause ON fund.payment (cause_id);
CREATE INDEX payment_pending ON fund.payment (organisation_id, made_at, id) WHERE state = 'pending';
SELECT guard('fund.payment', 'books', erase => 'kept');
CREATE POLICY requests ON fund.payment FOR SELECT TO haven_app
    USING ((SELECT sees_cases()) AND cause_id IN (SELECT r.id FROM fund.request r));

-- ---- references ----
--
-- Eight digits to the base 32 and a check digit: odd weights find every wrong digit, and all but one in sixteen of two
-- that change places. The letters I, L, O and U are left out, since they are misread.

CREATE SEQUENCE fund.payment_number;

CREATE FUNCTION fund.checked(digits integer[]) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT (sum(d.v * (2 * d.n - 1)) % 32)::integer FROM unnest(digits) WITH ORDINALITY d (v, n) $$;
COMMENT ON FUNCTION fund.checked IS 'The check digit of the digits of a payment''s reference.';

CREATE FUNCTION fund.new_payment_reference() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    digits integer[];
    n bigint := nextval('fund.payment_number');
BEGIN
    digits := ARRAY(SELECT ((n >> (5 * i)) & 31)::integer FROM generate_series(7, 0, -1) i);
    RETURN 'HV' || (SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', d.v + 1, 1), '' ORDER BY d.n)
                      FROM unnest(digits || fund.checked(digits)) WITH ORDINALITY d (v, n));
END $$;
COMMENT ON FUNCTION fund.new_payment_reference IS 'The next reference of a payment, as HV0000001XK.';

CREATE FUNCTION fund.reference_in(words text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT f.found FROM (
        SELECT upper(m[1]) AS found,
               ARRAY(SELECT strpos('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(upper(m[1]), i, 1)) - 1
                       FROM generate_series(3, 11) i) AS digits
          FROM regexp_matches(words, '(?:^|[^A-Za-z0-9])(HV[0-9A-HJKMNP-TV-Z]{9})(?![A-Za-z0-9])', 'gi') m) f
     WHERE f.digits[9] = fund.checked(f.digits[1:8]) LIMIT 1
$$;
COMMENT ON FUNCTION fund.reference_in IS
    'The first payment''s reference in a text whose check digit is right; or NULL.';

-- ---- what can be paid ----

CREATE FUNCTION fund.due_by(one fund.commitment, on_day date) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT one.promised - one.released $$;
COMMENT ON FUNCTION fund.due_by IS
    'Pence of a promise that may have been paid by a day, all together: of what is paid once, all of it.';

CREATE FUNCTION fund.payable_now(one fund.commitment) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN least(one.open, greatest(0, fund.due_by(one, today()) - one.in_payment - one.paid));
END $$;
COMMENT ON FUNCTION fund.payable_now IS 'Pence of a promise that can be paid today.';

CREATE FUNCTION fund.can_be_opened(payee uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM vault.payee v JOIN vault.data_key k
                       ON k.subject_id = v.household_id AND k.subject_kind = 'household' AND k.wrapped IS NOT NULL
                    WHERE v.id = payee);
END $$;
COMMENT ON FUNCTION fund.can_be_opened IS 'Whether the bank details are there: those of an erased case are not.';

CREATE FUNCTION fund.obstacle(r fund.request, one fund.commitment) RETURNS payment_obstacle
LANGUAGE plpgsql STABLE AS $$
DECLARE
    p fund.payee := fund.payee_of(r.id);
BEGIN
    RETURN (SELECT CASE
                WHEN one.expires_on <= today() THEN 'lapsed'
                WHEN y.state NOT IN ('provisional', 'open', 'soft_closed') THEN 'year_not_open'
                WHEN fund.first_day(y.year) > today() THEN 'year_not_begun'
                WHEN NOT fund.has_account(r.means) THEN NULL
                WHEN fund.decided_alone(r.id) THEN 'not_reviewed'
                WHEN p.id IS NULL THEN 'no_payee'
                WHEN NOT fund.can_be_opened(p.id) THEN 'payee_gone'
                WHEN p.refused_at IS NOT NULL THEN 'payee_refused'
                WHEN NOT fund.agreed(p) THEN 'payee_not_agreed'
                WHEN p.verified_at IS NULL THEN 'payee_not_checked'
                WHEN p.n > 1 AND london_day(p.recorded_at) >= today() THEN 'payee_new' END
              FROM fund.pot_year y WHERE y.id = one.pot_year_id);
END $$;
COMMENT ON FUNCTION fund.obstacle IS 'Why a promise for a request cannot be paid today; NULL where it can.';

CREATE FUNCTION fund.payables()
RETURNS TABLE (commitment_id uuid, request_id uuid, reference text, household_reference text, category fund_category,
               means fund_means, pot text, needed_on date, amount_pence bigint, obstacle payment_obstacle)
LANGUAGE plpgsql STABLE ROWS 100 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF sees_books() THEN
        RETURN QUERY
        SELECT c.id, r.id, r.reference, case_reference(r.household_id), r.category, r.means, p.name, r.needed_on,
               fund.payable_now(c), fund.obstacle(r, c)
          FROM fund.commitment c
          JOIN fund.request r ON r.id = c.cause_id AND r.state = 'approved'
          JOIN fund.pot_year y ON y.id = c.pot_year_id JOIN fund.pot p ON p.id = y.pot_id
         WHERE c.organisation_id = my_organisation() AND c.open > 0 AND fund.payable_now(c) > 0
           AND fund.shown(r.household_id)
         ORDER BY r.needed_on, r.reference, c.id;
    END IF;
END $$;
COMMENT ON FUNCTION fund.payables IS
    'What is promised by the caller''s organisation and can be paid today, or why not, by case reference.';
GRANT EXECUTE ON FUNCTION fund.payables TO haven_app;

CREATE FUNCTION fund.in_run(left_out uuid[])
RETURNS TABLE (commitment_id uuid, request_id uuid, reference text, means fund_means, needed_on date,
               amount_pence bigint)
LANGUAGE sql STABLE ROWS 100 AS $$
    SELECT p.commitment_id, p.request_id, p.reference, p.means, p.needed_on, p.amount_pence FROM fund.payables() p
     WHERE p.obstacle IS NULL AND fund.has_account(p.means) AND p.request_id <> ALL (left_out)
     ORDER BY p.needed_on, p.reference, p.commitment_id LIMIT 500
$$;
GRANT EXECUTE ON FUNCTION fund.in_run TO haven_app;
COMMENT ON FUNCTION fund.in_run IS
    'What a run pays today: the 500 that are needed soonest. The file of a run is written in one answer.';

CREATE INDEX commitment_open ON fund.commitment (organisation_id, cause_id) WHERE open > 0;

-- ---- what people do with runs ----
--
-- Locks: run, requests by id, commitments by id, payments, accounts.

CREATE TABLE fund.run_step (
    state run_state NOT NULL,
    act text NOT NULL CHECK (act IN ('freeze', 'abandon', 'take_out', 'export', 'settle')),
    PRIMARY KEY (state, act)
);
COMMENT ON TABLE fund.run_step IS 'What may be done with a payment run in which state.';
COMMENT ON COLUMN fund.run_step.state IS 'The state it is in.';
COMMENT ON COLUMN fund.run_step.act IS
    'The act; settle is to confirm one of its payments, or record that it came back.';
INSERT INTO fund.run_step VALUES ('draft', 'freeze'), ('draft', 'abandon'), ('frozen', 'abandon'),
    ('frozen', 'take_out'), ('frozen', 'export'), ('exported', 'settle'), ('part_confirmed', 'settle'),
    ('confirmed', 'settle');
SELECT guard('fund.run_step', 'open');

CREATE FUNCTION fund.may_run(of_state run_state, of_act text) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM fund.run_step s WHERE s.state = of_state AND s.act = of_act) $$;
COMMENT ON FUNCTION fund.may_run IS 'Whether an act is possible in a state.';
GRANT EXECUTE ON FUNCTION fund.may_run TO haven_app;

CREATE FUNCTION fund.begin_run(day date) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    made uuid;
BEGIN
    IF me IS NULL OR NOT keeps_fund() THEN
        RETURN NULL;
    END IF;
    INSERT INTO fund.run (organisation_id, pay_on, made_by) VALUES (my_organisation(), day, me) RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION fund.begin_run IS 'Begins a payment run; NULL where the caller may not.';
GRANT EXECUTE ON FUNCTION fund.begin_run TO haven_app;

CREATE FUNCTION fund.lock_run(one uuid, seen integer, act text, OUT outcome run_outcome, OUT it fund.run)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT * INTO it FROM fund.run r
     WHERE r.id = one AND r.organisation_id = my_organisation() AND keeps_fund() AND audit.caller() IS NOT NULL
       FOR NO KEY UPDATE;
    outcome := CASE WHEN it.id IS NULL THEN 'none' WHEN seen NOT IN (it.version, -1) THEN 'changed'
                    WHEN NOT fund.may_run(it.state, act) THEN 'wrong_state' END;
END $$;
COMMENT ON FUNCTION fund.lock_run IS 'Locks a run for an act; the outcome is NULL where the act may go on.';

CREATE FUNCTION fund.lock_payables(keeper uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    promises uuid[] := ARRAY(SELECT p.commitment_id FROM fund.payables() p WHERE p.obstacle IS NULL);
BEGIN
    PERFORM FROM fund.request r
      WHERE r.id IN (SELECT c.cause_id FROM fund.commitment c WHERE c.id = ANY (promises))
      ORDER BY r.id FOR NO KEY UPDATE;
    PERFORM FROM fund.commitment c WHERE c.id = ANY (promises) ORDER BY c.id FOR NO KEY UPDATE;
    PERFORM fund.hold_years(ARRAY(SELECT DISTINCT c.pot_year_id FROM fund.commitment c
                                   WHERE c.organisation_id = keeper AND c.open > 0));
END $$;
COMMENT ON FUNCTION fund.lock_payables IS
    'Locks what can be paid, and keeps the states of its years.';

CREATE FUNCTION fund.take_payment(one fund.commitment, amount bigint) RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    UPDATE fund.commitment c SET open = c.open - amount, in_payment = c.in_payment + amount, version = c.version + 1
     WHERE c.id = one.id;
    RETURN fund.post('freeze', one.cause, one.cause_id,
                     (SELECT fund.day_in(y.year) FROM fund.pot_year y WHERE y.id = one.pot_year_id),
                     ARRAY[fund.moved(one.pot_year_id, 'committed', 'in_payment', amount)], one.household_id);
END $$;
COMMENT ON FUNCTION fund.take_payment IS 'Takes money of a promise, which is locked, into a payment.';

CREATE FUNCTION fund.freeze_run(one uuid, seen integer, expected integer, expected_pence bigint, left_out uuid[])
RETURNS run_outcome LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_run(one, seen, 'freeze');
    it fund.run := locked.it;
    row record;
    place smallint := 0;
    total bigint := 0;
BEGIN
    IF me IS NULL OR locked.outcome IS NOT NULL THEN
        RETURN coalesce(locked.outcome, 'none');
    END IF;
    IF it.pay_on < today() THEN
        RETURN 'day_past';
    END IF;
    PERFORM fund.lock_payables(it.organisation_id);
    -- judged again, now that nobody else changes it
    SELECT count(*) AS n, coalesce(sum(q.amount_pence), 0) AS pence INTO row FROM fund.in_run('{}') q;
    IF row.n <> expected OR row.pence <> expected_pence THEN
        RETURN 'differs';
    END IF;
    FOR row IN SELECT q.*, c AS promise FROM fund.in_run(left_out) q JOIN fund.commitment c ON c.id = q.commitment_id
                ORDER BY q.needed_on, q.reference, c.id LOOP
        place := place + 1;
        total := total + row.amount_pence;
        PERFORM fund.take_payment(row.promise, row.amount_pence);
        INSERT INTO fund.payment (reference, organisation_id, run_id, n, commitment_id, cause_id, household_id,
                                  amount_pence, means, payee_id, made_by)
        VALUES (fund.new_payment_reference(), it.organisation_id, one, place, row.commitment_id, row.request_id,
                (row.promise).household_id, row.amount_pence, row.means, (fund.payee_of(row.request_id)).id,
                me);
    END LOOP;
    IF place = 0 THEN
        RETURN 'empty';
    END IF;
    UPDATE fund.run r
       SET state = 'frozen', payments = place, total_pence = total, frozen_by = me,
           frozen_at = now(), version = it.version + 1
     WHERE r.id = one;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.freeze_run IS
    'Fixes what a run pays: all that can be paid today, as the caller saw it (its number and sum), without the '
    'requests that are left out.';
GRANT EXECUTE ON FUNCTION fund.freeze_run TO haven_app;

CREATE FUNCTION fund.thaw(p fund.payment) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one fund.commitment;
BEGIN
    SELECT * INTO STRICT one FROM fund.commitment c WHERE c.id = p.commitment_id FOR NO KEY UPDATE;
    UPDATE fund.payment q SET state = 'thawed', version = p.version + 1 WHERE q.id = p.id;
    UPDATE fund.commitment c
       SET open = one.open + p.amount_pence, in_payment = one.in_payment - p.amount_pence, version = one.version + 1
     WHERE c.id = one.id;
    PERFORM fund.post('thaw', one.cause, one.cause_id,
                      (SELECT fund.day_in(y.year) FROM fund.pot_year y WHERE y.id = one.pot_year_id),
                      ARRAY[fund.moved(one.pot_year_id, 'in_payment', 'committed', p.amount_pence)], one.household_id);
END $$;
COMMENT ON FUNCTION fund.thaw IS 'Takes a payment, which is locked, out of its run: its money is promised as before.';

CREATE FUNCTION fund.abandon_run(one uuid, seen integer) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_run(one, seen, 'abandon');
    p fund.payment;
BEGIN
    IF me IS NULL OR locked.outcome IS NOT NULL THEN
        RETURN coalesce(locked.outcome, 'none');
    END IF;
    PERFORM FROM fund.request r WHERE r.id IN (SELECT q.cause_id FROM fund.payment q WHERE q.run_id = one)
      ORDER BY r.id FOR NO KEY UPDATE;
    FOR p IN SELECT * FROM fund.payment q WHERE q.run_id = one AND q.state = 'pending' ORDER BY q.commitment_id, q.id
       FOR NO KEY UPDATE LOOP
        PERFORM fund.thaw(p);
    END LOOP;
    UPDATE fund.run r SET state = 'abandoned', payments = 0, total_pence = 0, version = r.version + 1 WHERE r.id = one;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.abandon_run IS
    'Gives a run up before its export: all that it would have paid is promised as before.';
GRANT EXECUTE ON FUNCTION fund.abandon_run TO haven_app;

CREATE FUNCTION fund.take_out(one uuid) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    of_run uuid := (SELECT p.run_id FROM fund.payment p WHERE p.id = one);
    locked record := fund.lock_run(of_run, -1, 'take_out');
    p fund.payment;
BEGIN
    IF of_run IS NULL AND keeps_fund()
       AND EXISTS (SELECT FROM fund.payment q WHERE q.id = one AND q.organisation_id = my_organisation()) THEN
        RETURN 'wrong_state';
    ELSIF me IS NULL OR locked.outcome IS NOT NULL THEN
        RETURN coalesce(locked.outcome, 'none');
    END IF;
    PERFORM FROM fund.request r JOIN fund.payment q ON q.cause_id = r.id WHERE q.id = one FOR NO KEY UPDATE OF r;
    SELECT * INTO STRICT p FROM fund.payment q WHERE q.id = one FOR NO KEY UPDATE;
    IF NOT coalesce(fund.shown(p.household_id), true) THEN
        RETURN 'none';
    ELSIF p.state <> 'pending' THEN
        RETURN 'wrong_state';
    END IF;
    PERFORM fund.thaw(p);
    UPDATE fund.run r
       SET payments = r.payments - 1, total_pence = r.total_pence - p.amount_pence, version = r.version + 1,
           state = CASE WHEN r.payments = 1 THEN 'abandoned' ELSE r.state END
     WHERE r.id = of_run;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.take_out IS 'Takes a payment out of its run before the export.';
GRANT EXECUTE ON FUNCTION fund.take_out TO haven_app;

CREATE FUNCTION fund.export_run(one uuid, seen integer) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_run(one, seen, 'export');
BEGIN
    IF me IS NULL THEN
        RETURN 'none';
    ELSIF locked.outcome IS NULL AND (locked.it).payments = 0 THEN
        RETURN 'empty';
    ELSIF locked.outcome IS NULL AND (locked.it).pay_on < today() THEN
        RETURN 'day_past';
    ELSIF locked.outcome IS NULL THEN
        UPDATE fund.run r SET state = 'exported', exported_at = now(), version = r.version + 1 WHERE r.id = one;
    END IF;
    RETURN coalesce(locked.outcome, 'done');
END $$;
COMMENT ON FUNCTION fund.export_run IS 'Releases the file of a run: from now on nothing is taken out of it.';
GRANT EXECUTE ON FUNCTION fund.export_run TO haven_app;
