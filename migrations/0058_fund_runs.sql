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
    'payee_not_checked', 'payee_new', 'not_reviewed', 'year_not_open', 'year_not_begun'));
COMMENT ON DOMAIN payment_obstacle IS 'Why money that is promised cannot be paid yet.';

CREATE DOMAIN bounce_reason AS text CHECK (VALUE IN ('wrong_details', 'account_closed', 'bank_refused', 'recalled',
    'not_collected'));
COMMENT ON DOMAIN bounce_reason IS 'Why a payment came back.';

CREATE DOMAIN recovery_reason AS text CHECK (VALUE IN ('deposit_returned', 'overpaid', 'unspent', 'paid_twice',
    'paid_wrongly'));
COMMENT ON DOMAIN recovery_reason IS 'Why money that was paid came back.';

CREATE DOMAIN run_outcome AS text CHECK (VALUE IN ('done', 'none', 'changed', 'wrong_state', 'own', 'empty', 'differs',
    'year_closed', 'too_much'));
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
COMMENT ON TABLE fund.payment IS 'Money on its way to who it is for, out of one promise.';
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
COMMENT ON FUNCTION fund.reference_in IS 'The first payment''s reference in a text whose check digit is right; or NULL.';

-- ---- what can be paid ----

CREATE FUNCTION fund.due_by(one fund.commitment, on_day date) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT one.promised - one.released $$;
COMMENT ON FUNCTION fund.due_by IS
    'Pence of a promise that may have been paid by a day, all together: of what is paid once, all of it.';

CREATE FUNCTION fund.payable_now(one fund.commitment) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT least(one.open, greatest(0, fund.due_by(one, today()) - one.in_payment - one.paid)) $$;
COMMENT ON FUNCTION fund.payable_now IS 'Pence of a promise that can be paid today.';

CREATE FUNCTION fund.obstacle(r fund.request, one fund.commitment) RETURNS payment_obstacle LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN one.expires_on <= today() THEN 'lapsed'
        WHEN y.state NOT IN ('provisional', 'open', 'soft_closed') THEN 'year_not_open'
        WHEN fund.first_day(y.year) > today() THEN 'year_not_begun'
        WHEN NOT fund.has_account(r.means) THEN NULL
        WHEN EXISTS (SELECT FROM fund.approval a
                      WHERE a.request_id = r.id AND a.lane IS NOT NULL AND a.content = r.content
                        AND a.reviewed_at IS NULL) THEN 'not_reviewed'
        WHEN p.id IS NULL THEN 'no_payee'
        WHEN p.refused_at IS NOT NULL THEN 'payee_refused'
        WHEN NOT fund.agreed(p) THEN 'payee_not_agreed'
        WHEN p.verified_at IS NULL THEN 'payee_not_checked'
        WHEN p.n > 1 AND london_day(p.recorded_at) >= today() THEN 'payee_new' END
      FROM fund.pot_year y LEFT JOIN fund.payee_of(r.id) p ON true WHERE y.id = one.pot_year_id
$$;
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
COMMENT ON FUNCTION fund.in_run IS
    'What a run pays today: the 500 that are needed soonest. The file of a run is written in one answer.';

CREATE INDEX commitment_open ON fund.commitment (organisation_id, cause_id) WHERE open > 0;
