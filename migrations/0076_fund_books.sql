-- What the general ledger is told besides: VAT, and that it has all of a year before that is closed.

-- ---- a year is closed once it is exported ----

SELECT add_codes('pot_outcome', '{unexported}');

CREATE FUNCTION fund.unexported(it fund.pot_year) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM fund.gl_setting s WHERE s.organisation_id = it.organisation_id) THEN
        RETURN 0;
    END IF;
    RETURN (SELECT count(DISTINCT d.posting_id) FROM fund.gl_due(it.organisation_id) d WHERE d.pot_year_id = it.id);
END $$;
COMMENT ON FUNCTION fund.unexported IS
    'How many postings of a year are due to the general ledger and in no batch; none where the organisation keeps no '
    'codes of one. What the closing itself books goes there afterwards.';

CREATE FUNCTION fund.year_unexported(one uuid) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF sees_books() THEN
        RETURN (SELECT fund.unexported(y) FROM fund.pot_year y
                 WHERE y.id = one AND y.organisation_id = my_organisation() AND y.state = 'soft_closed');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.year_unexported IS
    'The same of a year that may be closed, for people who see the books: the dry run.';
GRANT EXECUTE ON FUNCTION fund.year_unexported TO haven_app;

CREATE OR REPLACE FUNCTION fund.close_year(it fund.pot_year) RETURNS pot_outcome LANGUAGE plpgsql AS $$
DECLARE
    free bigint;
    carry fund_carry := (SELECT p.carry FROM fund.pot p WHERE p.id = it.pot_id);
    next fund.pot_year;
    last_day date := fund.first_day(it.year + 1) - 1;
    done uuid;
BEGIN
    SELECT * INTO next FROM fund.pot_year y
     WHERE y.pot_id = it.pot_id AND y.year = it.year + 1 AND y.state <> 'closed' FOR NO KEY UPDATE;
    PERFORM fund.lock_accounts(ARRAY[it.id, next.id]);
    free := (SELECT a.balance FROM fund.account a WHERE a.id = fund.account_of(it.id, 'free'));
    IF NOT fund.settled(it.id) THEN
        RETURN 'unsettled';
    ELSIF fund.unexported(it) > 0 THEN
        RETURN 'unexported';
    ELSIF free = 0 THEN
        RETURN NULL;
    ELSIF carry = 'carry' AND next.id IS NULL THEN
        RETURN 'no_next_year';
    END IF;
    done := CASE carry
        WHEN 'lapse' THEN fund.post('lapse', 'pot_year', it.id, last_day,
                                    ARRAY[fund.moved(it.id, 'free', 'lapsed', free)])
        ELSE fund.post('carry', 'pot_year', it.id, last_day,
                       ARRAY[fund.moved(it.id, 'free', 'carried_out', free),
                             fund.moved(next.id, 'granted', 'free', free)]) END;
    RETURN CASE WHEN done IS NULL THEN 'unsettled' END;
END $$;

-- ---- VAT ----

ALTER TABLE fund.payment ADD COLUMN vat_pence bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT payment_vat CHECK (vat_pence BETWEEN 0 AND amount_pence AND (vat_pence = 0 OR means = 'supplier'));
COMMENT ON COLUMN fund.payment.vat_pence IS 'Pence of it that are VAT, as the supplier''s invoice says; 0 unless said.';

CREATE TABLE fund.posting_vat (
    posting_id uuid PRIMARY KEY REFERENCES fund.posting,
    payment_id uuid NOT NULL REFERENCES fund.payment,
    vat_pence bigint NOT NULL CHECK (vat_pence > 0)
);
COMMENT ON TABLE fund.posting_vat IS 'The VAT in what a posting paid, or took back. Rows are only added.';
COMMENT ON COLUMN fund.posting_vat.posting_id IS 'The posting.';
COMMENT ON COLUMN fund.posting_vat.payment_id IS 'The payment.';
COMMENT ON COLUMN fund.posting_vat.vat_pence IS 'Pence.';
SELECT guard('fund.posting_vat', 'alone', recorded => false);
CREATE POLICY books ON fund.posting_vat FOR SELECT TO haven_app
    USING ((SELECT sees_books()) AND posting_id IN (SELECT p.id FROM fund.posting p));
CREATE TRIGGER posting_vat_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund.posting_vat
    FOR EACH STATEMENT EXECUTE FUNCTION fund.refuse();

CREATE FUNCTION fund.keep_vat(it fund.payment, booked uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fund.posting_vat SELECT booked, it.id, it.vat_pence WHERE it.vat_pence > 0;
END $$;
COMMENT ON FUNCTION fund.keep_vat IS 'Notes the VAT in what was booked of a payment.';

CREATE FUNCTION fund.set_vat(one uuid, seen integer, vat bigint) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it fund.payment;
BEGIN
    SELECT * INTO it FROM fund.payment p
     WHERE p.id = one AND p.organisation_id = my_organisation() AND keeps_fund()
       AND coalesce(fund.shown(p.household_id), true) FOR NO KEY UPDATE;
    IF me IS NULL OR it.id IS NULL THEN
        RETURN 'none';
    ELSIF seen NOT IN (it.version, -1) THEN
        RETURN 'changed';
    ELSIF it.state <> 'pending' OR it.means <> 'supplier' THEN
        RETURN 'wrong_state';
    ELSIF vat > it.amount_pence THEN
        RETURN 'too_much';
    END IF;
    UPDATE fund.payment p SET vat_pence = vat, version = it.version + 1 WHERE p.id = one;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.set_vat IS
    'Records how much of a payment to a supplier is VAT, until it is confirmed: then it stands.';
GRANT EXECUTE ON FUNCTION fund.set_vat TO haven_app;

CREATE OR REPLACE FUNCTION fund.settle_confirmed(it fund.payment, promise fund.commitment, day date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    booked uuid;
BEGIN
    UPDATE fund.commitment c
       SET in_payment = promise.in_payment - it.amount_pence, paid = promise.paid + it.amount_pence,
           version = promise.version + 1
     WHERE c.id = promise.id;
    booked := fund.settle_posting('confirm', promise, 'in_payment', 'paid', it.amount_pence);
    PERFORM fund.keep_vat(it, booked);
    UPDATE fund.payment p
       SET state = 'confirmed', settled_on = day, settled_by = audit.me('account')::uuid, version = it.version + 1,
           confirmed_by = booked
     WHERE p.id = it.id;
    PERFORM fund.settle_paid(it.cause_id);
    PERFORM fund.settle_run(it.run_id);
END $$;

CREATE OR REPLACE FUNCTION fund.settle_bounced(it fund.payment, promise fund.commitment, day date, why bounce_reason)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    was_paid bigint := CASE WHEN it.state = 'confirmed' THEN it.amount_pence ELSE 0 END;
    booked uuid;
BEGIN
    -- a promise that has lapsed meanwhile gets a month, so that there is time to pay it in another way
    UPDATE fund.commitment c
       SET open = promise.open + it.amount_pence, paid = promise.paid - was_paid,
           in_payment = promise.in_payment - it.amount_pence + was_paid, version = promise.version + 1,
           expires_on = CASE WHEN promise.expires_on < today() + 30 THEN today() + 30 ELSE promise.expires_on END
     WHERE c.id = promise.id;
    booked := fund.settle_posting('bounce', promise, CASE it.state WHEN 'confirmed' THEN 'paid' ELSE 'in_payment' END,
                                  'committed', it.amount_pence);
    IF it.state = 'confirmed' THEN
        PERFORM fund.keep_vat(it, booked);
    END IF;
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

CREATE OR REPLACE FUNCTION fund.unconfirm(one uuid, seen integer) RETURNS run_outcome
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
    PERFORM fund.keep_vat(it, fund.settle_posting('reverse', promise, 'paid', 'in_payment', it.amount_pence,
                                                  it.confirmed_by));
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

CREATE OR REPLACE FUNCTION fund.fill_batch(batch uuid, rule fund.gl_setting) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    n integer;
BEGIN
    INSERT INTO fund.gl_line
    SELECT batch, row_number() OVER (ORDER BY d.seq, d.transfer, e.side DESC), d.posting_id, d.transfer, e.side,
           (p.booked_at AT TIME ZONE 'Europe/London')::date, p.value_on, fund.period_of(p.value_on),
           CASE WHEN e.side = d.side THEN t.gl_code ELSE rule.clearing_code END, t.cost_centre, t.name, t.funder,
           fund.category_of(p.cause, p.cause_id), coalesce(r.reference, ''),
           CASE WHEN e.side = 1 THEN d.amount ELSE 0 END, CASE WHEN e.side = -1 THEN d.amount ELSE 0 END,
           rule.vat_code, CASE WHEN e.side = d.side THEN coalesce(v.vat_pence, 0) ELSE 0 END, p.seq::text,
           p.reverses
      FROM fund.gl_due(rule.organisation_id) d
      JOIN fund.posting p ON p.id = d.posting_id
      JOIN fund.pot_year y ON y.id = d.pot_year_id
      JOIN fund.pot t ON t.id = y.pot_id
      LEFT JOIN fund.posting_vat v ON v.posting_id = p.id
      LEFT JOIN fund.request r ON p.cause = 'request' AND r.id = p.cause_id
     CROSS JOIN (VALUES (1), (-1)) e (side);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;

-- ---- new weekly support in the forecast ----

CREATE FUNCTION fund.weekly_asked(of_year integer, one uuid, of_category fund_category) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF NOT sees_books() THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT coalesce(sum(t.amount_pence), 0) FROM fund.pot_year y JOIN fund.part t ON t.pot_year_id = y.id
              JOIN fund.request r ON r.id = t.request_id AND r.state IN ('requested', 'second_needed')
              JOIN fund.promise p ON p.request_id = r.id
             WHERE y.organisation_id = my_organisation() AND y.year = of_year AND y.state <> 'planned'
               AND (one IS NULL OR y.id = one) AND (of_category IS NULL OR r.category = of_category));
END $$;
COMMENT ON FUNCTION fund.weekly_asked IS
    'Pence of weekly support that is asked for and not decided, for its nights until the year ends: of a year of a '
    'pot, or of all pots of the caller''s organisation. For people who see the books.';
GRANT EXECUTE ON FUNCTION fund.weekly_asked TO haven_app;

CREATE FUNCTION fund.expected_of(f fund.figures, asked bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN f.decided > 0 THEN round(asked::numeric * f.granted / f.decided) ELSE asked END::bigint $$;
COMMENT ON FUNCTION fund.expected_of IS 'What is expected of pence that are asked for, by the share that was approved.';
GRANT EXECUTE ON FUNCTION fund.expected_of TO haven_app;
