-- The money of works: what a household had of a job counts for every limit and ceiling; the payment of an invoice is
-- among the payments, with its VAT, and can be taken back.

SELECT add_codes('works_act', '{unsettle}');
SELECT add_codes('recovery_reason', '{credit_note}');
SELECT add_codes('sanctuary_outcome', '{over_vat,year_closed,money_back}');

-- ---- limits and ceilings ----

CREATE OR REPLACE FUNCTION sanctuary.as_request(j sanctuary.job) RETURNS fund.request LANGUAGE plpgsql STABLE AS $$
DECLARE
    r fund.request;
    s sanctuary.spec;
BEGIN
    -- without an id: what is promised for the job already counts beside what is asked for now
    SELECT * INTO s FROM sanctuary.spec o WHERE o.id = j.spec_id;
    r.household_id := j.household_id;
    r.organisation_id := j.organisation_id;
    r.keeper_id := coalesce(j.keeper_id, my_organisation());
    r.category := 'locks_security';
    r.amount_pence := s.total_pence;
    r.needed_on := today();
    r.asked_by := s.made_by;
    r.touched := ARRAY(SELECT o.made_by FROM sanctuary.spec o WHERE o.job_id = j.id);
    RETURN r;
END $$;

CREATE OR REPLACE FUNCTION sanctuary.two_needed(j sanctuary.job, r fund.request) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(r.amount_pence + fund.had(fund.same_homes(j.household_id), ARRAY['locks_security'], today() - 30,
                                              NULL)
                    >= (sanctuary.limit_for(j, audit.me('role'))).two_from_pence, false);
END $$;
DROP FUNCTION sanctuary.promised_since(uuid[], date);

CREATE FUNCTION sanctuary.two_for(j sanctuary.job, total bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    r fund.request := sanctuary.as_request(j);
BEGIN
    r.amount_pence := greatest(total - sanctuary.promised_pence(j.id), 0);
    RETURN r.amount_pence > 0 AND sanctuary.two_needed(j, r)
        OR coalesce(total >= (sanctuary.limit_for(j, audit.me('role'))).two_from_pence, false);
END $$;
COMMENT ON FUNCTION sanctuary.two_for IS
    'Whether two people must approve a new total of a job''s works: by the total, or by all that the household had for '
    'this in 30 days.';

CREATE FUNCTION sanctuary.more_refused(j sanctuary.job, total bigint) RETURNS sanctuary.told
LANGUAGE plpgsql STABLE AS $$
DECLARE
    r fund.request := sanctuary.as_request(j);
    told fund.told;
BEGIN
    r.amount_pence := total - sanctuary.promised_pence(j.id);
    IF r.amount_pence <= 0 THEN
        RETURN NULL;
    END IF;
    told := fund.within_limit(r, sanctuary.limit_for(j, audit.me('role')));
    IF told.outcome IS NULL THEN
        told := fund.caps(r);
    END IF;
    RETURN sanctuary.refused_by_fund(told);
END $$;
COMMENT ON FUNCTION sanctuary.more_refused IS
    'Why what a new total of a job''s works adds is above the caller''s limits or a ceiling; NULL where it is not.';

CREATE FUNCTION sanctuary.unordered_pence(job uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(l.total_pence), 0)::bigint FROM sanctuary.job j JOIN sanctuary.line l ON l.spec_id = j.spec_id
     WHERE j.id = job AND j.state IN ('approved', 'ordered', 'scheduled') AND NOT sanctuary.ordered_line(l.id)
$$;
COMMENT ON FUNCTION sanctuary.unordered_pence IS
    'Pence of what is approved for a job and not ordered yet: its promise is not there for anything else.';

CREATE OR REPLACE FUNCTION sanctuary.new_total(o sanctuary.works_order, v sanctuary.variation)
RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT sanctuary.order_pence(o.id) + v.more_pence - v.less_pence + sanctuary.ordered_pence(o.job_id, o.id)
           + sanctuary.unordered_pence(o.job_id)
$$;

CREATE OR REPLACE FUNCTION sanctuary.works_need_money_approved(o sanctuary.works_order, item jsonb)
RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    j sanctuary.job;
    total bigint := sanctuary.ordered_pence(o.job_id, o.id) + sanctuary.order_pence(o.id)
                    + sanctuary.unordered_pence(o.job_id);
    told sanctuary.told;
BEGIN
    SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = o.job_id;
    IF sanctuary.two_for(j, total) THEN
        told.outcome := 'money';
        told.money := 'over_limit';
        told.most_pence := (sanctuary.limit_for(j, audit.me('role'))).two_from_pence - 1;
        told.so_far_pence := total;
        RETURN told;
    END IF;
    told := sanctuary.more_refused(j, total);
    IF told.outcome IS NULL THEN
        told := sanctuary.approve_total(j, total);
    END IF;
    RETURN told;
END $$;

CREATE OR REPLACE FUNCTION sanctuary.change_need_money_approved(o sanctuary.works_order, v sanctuary.variation,
                                                                item jsonb)
RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    j sanctuary.job;
    total bigint := sanctuary.new_total(o, v);
    told sanctuary.told;
BEGIN
    SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = o.job_id;
    told := sanctuary.more_refused(j, total);
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    ELSIF v.first_by IS NULL AND v.more_pence > 0 AND sanctuary.two_for(j, total) THEN
        RETURN sanctuary.above_limit(j, total);
    END IF;
    RETURN sanctuary.approve_total(j, total);
END $$;
COMMENT ON FUNCTION sanctuary.change_need_money_approved IS
    'An approver''s limits are for the new total of the job''s works, and the ceilings for all that the household had. '
    'Where two people must, the first promises nothing.';

-- ---- VAT of an invoice ----

ALTER TABLE sanctuary.works_rule ADD vat_percent integer NOT NULL DEFAULT 20 CHECK (vat_percent BETWEEN 0 AND 100);
COMMENT ON COLUMN sanctuary.works_rule.vat_percent IS
    'The highest rate of VAT of works: an invoice with more is wrong (Value Added Tax Act 1994, section 2: 20).';

CREATE FUNCTION sanctuary.works_need_vat(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('over_vat', '/vat_pence') FROM sanctuary.works_rule r
     -- each of 40 lines may be rounded up
     WHERE (item ->> 'vat_pence')::bigint > (item ->> 'net_pence')::bigint * r.vat_percent / 100 + 40
        OR (item ->> 'vat_pence')::bigint > (item ->> 'net_pence')::bigint
$$;
COMMENT ON FUNCTION sanctuary.works_need_vat IS 'The VAT of an invoice is at most the highest rate of its amount.';
UPDATE sanctuary.works_step SET needs = needs || '{vat}'::text[] WHERE act = 'invoice';

-- ---- payments of works ----

ALTER TABLE fund.payment ADD works_order_id uuid REFERENCES sanctuary.works_order;
COMMENT ON COLUMN fund.payment.works_order_id IS
    'The works order whose invoice it pays; NULL: it is of a request. Of works the amount is without VAT, and '
    'vat_pence stands beside it: the council reclaims it.';
COMMENT ON COLUMN fund.payment.cause_id IS 'What that is for: a request, or a job of the sanctuary scheme.';
CREATE INDEX payment_works ON fund.payment (works_order_id) WHERE works_order_id IS NOT NULL;
UPDATE fund.payment p SET works_order_id = i.order_id, vat_pence = least(i.vat_pence, p.amount_pence)
  FROM sanctuary.invoice i JOIN sanctuary.works_order o ON o.id = i.order_id
 WHERE p.cause_id = o.job_id AND i.query IS NULL AND i.paid_on = p.settled_on AND i.net_pence = p.amount_pence;
INSERT INTO fund.posting_vat
SELECT p.confirmed_by, p.id, p.vat_pence FROM fund.payment p
 WHERE p.works_order_id IS NOT NULL AND p.vat_pence > 0 AND p.confirmed_by IS NOT NULL;

DROP FUNCTION sanctuary.pay_promised(sanctuary.job, bigint, date);
CREATE FUNCTION sanctuary.pay_promised(j sanctuary.job, i sanctuary.invoice) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one fund.commitment;
    owed bigint := i.net_pence;
    taxed bigint := i.vat_pence;
    part bigint;
    it fund.payment;
    me uuid := audit.me('account')::uuid;
BEGIN
    FOR one IN SELECT * FROM fund.commitment c WHERE c.cause = 'works_order' AND c.cause_id = j.id AND c.open > 0
                ORDER BY c.id FOR NO KEY UPDATE LOOP
        part := least(one.open, owed);
        EXIT WHEN part <= 0;
        PERFORM fund.hold_years(ARRAY[one.pot_year_id]);
        PERFORM fund.take_payment(one, part);
        UPDATE fund.commitment c
           SET in_payment = c.in_payment - part, paid = c.paid + part, version = c.version + 1 WHERE c.id = one.id;
        INSERT INTO fund.payment (reference, organisation_id, commitment_id, cause_id, household_id, amount_pence,
                                  means, state, made_by, settled_on, settled_by, works_order_id, vat_pence,
                                  confirmed_by)
        VALUES (fund.new_payment_reference(), one.organisation_id, one.id, j.id, j.household_id, part,
                'supplier', 'confirmed', me, i.paid_on, me, i.order_id, least(taxed, part),
                fund.settle_posting('confirm', one, 'in_payment', 'paid', part))
        RETURNING * INTO it;
        PERFORM fund.keep_vat(it, it.confirmed_by);
        owed := owed - part;
        taxed := taxed - it.vat_pence;
    END LOOP;
END $$;
COMMENT ON FUNCTION sanctuary.pay_promised IS
    'Books that an invoice was paid out of what is promised for a job; the payment itself is in the council''s ledger.';

CREATE OR REPLACE FUNCTION sanctuary.works_do_settle(o sanctuary.works_order, item jsonb)
RETURNS sanctuary.works_order LANGUAGE plpgsql AS $$
DECLARE
    i sanctuary.invoice;
BEGIN
    UPDATE sanctuary.invoice x
       SET paid_on = (item ->> 'paid_on')::date, payment_reference = item ->> 'reference',
           settled_by = audit.me('account')::uuid
     WHERE x.order_id = o.id AND x.query IS NULL RETURNING * INTO STRICT i;
    PERFORM sanctuary.pay_promised(j, i) FROM sanctuary.job j WHERE j.id = o.job_id;
    RETURN o;
END $$;

CREATE FUNCTION sanctuary.works_need_not_back(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal(CASE WHEN p.recovered_pence > 0 THEN 'money_back' ELSE 'year_closed' END)
      FROM fund.payment p JOIN fund.commitment c ON c.id = p.commitment_id JOIN fund.pot_year y ON y.id = c.pot_year_id
     WHERE p.works_order_id = o.id AND p.state = 'confirmed' AND (p.recovered_pence > 0 OR y.state = 'closed') LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.works_need_not_back IS
    'A payment that was recorded wrongly is taken back while none of it came back, and its year is not closed.';

CREATE FUNCTION sanctuary.works_do_unsettle(o sanctuary.works_order, item jsonb) RETURNS sanctuary.works_order
LANGUAGE plpgsql AS $$
DECLARE
    it fund.payment;
    one fund.commitment;
BEGIN
    FOR it IN SELECT * FROM fund.payment p WHERE p.works_order_id = o.id AND p.state = 'confirmed'
               ORDER BY p.commitment_id, p.id FOR NO KEY UPDATE LOOP
        SELECT * INTO STRICT one FROM fund.commitment c WHERE c.id = it.commitment_id FOR NO KEY UPDATE;
        PERFORM fund.hold_years(ARRAY[one.pot_year_id]);
        PERFORM fund.keep_vat(it, fund.settle_posting('reverse', one, 'paid', 'in_payment', it.amount_pence,
                                                      it.confirmed_by));
        UPDATE fund.commitment c
           SET in_payment = one.in_payment + it.amount_pence, paid = one.paid - it.amount_pence,
               version = one.version + 1
         WHERE c.id = one.id;
        UPDATE fund.payment p SET settled_on = NULL, settled_by = NULL, confirmed_by = NULL WHERE p.id = it.id;
        PERFORM fund.thaw(it);
    END LOOP;
    UPDATE sanctuary.invoice i SET paid_on = NULL, payment_reference = NULL, settled_by = NULL
     WHERE i.order_id = o.id AND i.query IS NULL;
    RETURN o;
END $$;
COMMENT ON FUNCTION sanctuary.works_do_unsettle IS
    'Takes the payment of an invoice back that was recorded wrongly, by the mirror of its postings: the invoice is to '
    'be paid, and its money is promised as before.';

INSERT INTO sanctuary.works_step (act, from_state, to_state, side, needs)
VALUES ('unsettle', 'paid', 'invoiced', 'payer', '{not_back}');

CREATE OR REPLACE FUNCTION sanctuary.works_after(o sanctuary.works_order, act works_act, item jsonb)
RETURNS sanctuary.works_order LANGUAGE plpgsql AS $$
BEGIN
    CASE act
        WHEN 'offer' THEN o := sanctuary.works_do_offer(o, item);
        WHEN 'approve' THEN o := sanctuary.works_do_approve(o, item);
        WHEN 'report_done' THEN o := sanctuary.works_do_report_done(o, item);
        WHEN 'invoice' THEN o := sanctuary.works_do_invoice(o, item);
        WHEN 'query' THEN o := sanctuary.works_do_query(o, item);
        WHEN 'settle' THEN o := sanctuary.works_do_settle(o, item);
        WHEN 'unsettle' THEN o := sanctuary.works_do_unsettle(o, item);
        WHEN 'accept' THEN
            o.operative_id := coalesce((item ->> 'operative_id')::uuid, audit.me('account')::uuid);
            o.accepted_at := now();
        WHEN 'refuse' THEN o.refusal := item ->> 'reason';
        WHEN 'pull' THEN o.pull := item ->> 'reason';
        WHEN 'book' THEN
            o.slot_from := ((item ->> 'day')::date + (item ->> 'from')::time) AT TIME ZONE 'Europe/London';
            o.slot_until := ((item ->> 'day')::date + (item ->> 'until')::time) AT TIME ZONE 'Europe/London';
            o.slot_agreed := item ->> 'agreed';
        WHEN 'arrive' THEN o.arrived_at := now();
        WHEN 'leave' THEN
            o.left_as := item ->> 'reason';
            o.left_times := o.left_times + 1;
            o.slot_from := NULL;
            o.slot_until := NULL;
        WHEN 'take_over' THEN o.taken_over_at := now();
        ELSE NULL;
    END CASE;
    RETURN o;
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
    ELSIF it.state <> 'confirmed' OR it.recovered_pence > 0 OR it.works_order_id IS NOT NULL
          OR EXISTS (SELECT FROM fund.card c WHERE c.payment_id = one) THEN
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
COMMENT ON FUNCTION fund.unconfirm IS
    'Takes a confirmation back that was recorded wrongly, by the mirror of its posting. It can be confirmed anew. What '
    'an invoice for works was paid is taken back at its order.';

CREATE OR REPLACE FUNCTION fund.bounce(one uuid, seen integer, day date, why bounce_reason) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_payment(one, seen);
    it fund.payment := locked.it;
BEGIN
    IF me IS NULL OR locked.outcome IS NOT NULL THEN
        RETURN coalesce(locked.outcome, 'none');
    ELSIF it.state NOT IN ('pending', 'confirmed') OR it.recovered_pence > 0 OR it.works_order_id IS NOT NULL THEN
        RETURN 'wrong_state';
    ELSIF it.made_by = me THEN
        RETURN 'own';
    ELSIF day < london_day(it.made_at) THEN
        RETURN 'too_early';
    END IF;
    IF EXISTS (SELECT FROM fund.card c WHERE c.payment_id = one) THEN
        RETURN fund.take_back(it, locked.promise, day, why);
    END IF;
    PERFORM fund.settle_bounced(it, locked.promise, day, why);
    RETURN 'done';
END $$;

CREATE OR REPLACE VIEW fund.payment_view WITH (security_invoker = true) AS
SELECT p.id, p.reference, q.id AS request_id, q.reference AS request,
       case_reference(p.household_id) AS household_reference, p.run_id, r.reference AS run, p.n, p.amount_pence,
       p.means, p.serial, p.state, utc(p.made_at) AS made_at,
       p.settled_on, p.reason, p.recovered_pence,
       p.state = 'pending' AND add_working_days(coalesce(r.pay_on, london_day(p.made_at)), 5) < today() AS late,
       coalesce(p.made_by = audit.me('account')::uuid, false) AS own, p.version,
       p.works_order_id AS order_id, o.reference AS works_order
  FROM fund.payment p LEFT JOIN fund.request q ON q.id = p.cause_id LEFT JOIN fund.run r ON r.id = p.run_id
  LEFT JOIN sanctuary.works_order o ON o.id = p.works_order_id
 WHERE q.id IS NOT NULL OR p.works_order_id IS NOT NULL;

-- ---- what `haven ledger verify` looks at ----

CREATE FUNCTION fund.wrong_works() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT 'a job that has ended still has money promised that is owed to no firm', j.reference
      FROM sanctuary.job j JOIN fund.commitment c ON c.cause = 'works_order' AND c.cause_id = j.id
     WHERE j.state IN ('closed', 'withdrawn')
     GROUP BY j.id HAVING sum(c.open + c.in_payment) > sanctuary.owed_pence(j.id)
    UNION ALL
    SELECT 'a paid invoice is not the sum of its payments', o.reference
      FROM sanctuary.invoice i JOIN sanctuary.works_order o ON o.id = i.order_id
      LEFT JOIN fund.payment p ON p.works_order_id = o.id AND p.state = 'confirmed'
     WHERE i.query IS NULL AND EXISTS (SELECT FROM fund.payment x WHERE x.works_order_id = o.id)
     GROUP BY o.id, i.id
    HAVING coalesce(sum(p.amount_pence), 0) <> CASE WHEN i.paid_on IS NULL THEN 0 ELSE i.net_pence END
        OR coalesce(sum(p.vat_pence), 0) <> CASE WHEN i.paid_on IS NULL THEN 0 ELSE i.vat_pence END
    UNION ALL
    SELECT 'the VAT of a payment is not what its postings say', p.reference
      FROM fund.payment p LEFT JOIN fund.posting_vat v ON v.posting_id = p.confirmed_by
     WHERE p.state = 'confirmed' AND p.works_order_id IS NOT NULL AND p.confirmed_by IS NOT NULL
       AND p.vat_pence <> coalesce(v.vat_pence, 0)
$$;
COMMENT ON FUNCTION fund.wrong_works IS 'Promises and payments of works that do not fit the jobs and invoices.';

CREATE OR REPLACE FUNCTION fund.faults() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT * FROM fund.wrong_accounts() UNION ALL SELECT * FROM fund.wrong_postings()
     UNION ALL SELECT * FROM fund.wrong_promises() UNION ALL SELECT * FROM fund.wrong_payments()
     UNION ALL SELECT * FROM fund.wrong_weekly() UNION ALL SELECT * FROM fund.wrong_stock()
     UNION ALL SELECT * FROM fund.wrong_works()
$$;
