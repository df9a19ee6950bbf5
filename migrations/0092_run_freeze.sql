-- A run is judged once, after everything it may take is locked: the page and the run cannot differ, and a run of
-- 500 does not judge 1,500 times.

CREATE OR REPLACE FUNCTION fund.payables()
RETURNS TABLE (commitment_id uuid, request_id uuid, reference text, household_reference text, category fund_category,
               means fund_means, pot text, needed_on date, amount_pence bigint, obstacle payment_obstacle)
LANGUAGE plpgsql STABLE ROWS 100 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF sees_books() THEN
        RETURN QUERY
        SELECT c.id, r.id, r.reference, case_reference(r.household_id), r.category, r.means, p.name, r.needed_on,
               d.pence, fund.obstacle(r, c)
          FROM fund.commitment c
          JOIN fund.request r ON r.id = c.cause_id AND r.state = 'approved'
          JOIN fund.pot_year y ON y.id = c.pot_year_id JOIN fund.pot p ON p.id = y.pot_id
         -- OFFSET 0 keeps the amount from being worked out again wherever it is named
         CROSS JOIN LATERAL (SELECT fund.payable_now(c) AS pence OFFSET 0) d
         WHERE c.organisation_id = my_organisation() AND c.open > 0 AND d.pence > 0
           AND fund.shown(r.household_id)
         ORDER BY r.needed_on, r.reference, c.id;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION fund.lock_payables(keeper uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM fund.request r
      WHERE r.state = 'approved' AND r.id IN (SELECT c.cause_id FROM fund.commitment c
                                               WHERE c.organisation_id = keeper AND c.open > 0)
      ORDER BY r.id FOR NO KEY UPDATE;
    PERFORM FROM fund.commitment c WHERE c.organisation_id = keeper AND c.open > 0
      ORDER BY c.id FOR NO KEY UPDATE;
    PERFORM fund.hold_years(ARRAY(SELECT DISTINCT c.pot_year_id FROM fund.commitment c
                                   WHERE c.organisation_id = keeper AND c.open > 0));
END $$;
COMMENT ON FUNCTION fund.lock_payables IS
    'Locks all that is promised and open of an organisation, and keeps the states of its years.';

CREATE OR REPLACE FUNCTION fund.freeze_run(one uuid, seen integer, expected integer, expected_pence bigint,
                                           left_out uuid[])
RETURNS run_outcome LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_run(one, seen, 'freeze');
    it fund.run := locked.it;
    payments jsonb;
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
    SELECT coalesce(jsonb_agg(q), '[]') AS shown, count(*) AS n, coalesce(sum(q.amount_pence), 0) AS pence INTO row
      FROM fund.in_run('{}') q;
    IF row.n <> expected OR row.pence <> expected_pence THEN
        RETURN 'differs';
    END IF;
    payments := row.shown;
    FOR row IN SELECT q.*, c AS promise
                 FROM jsonb_to_recordset(payments) q (commitment_id uuid, request_id uuid, reference text,
                                                      means fund_means, needed_on date, amount_pence bigint)
                 JOIN fund.commitment c ON c.id = q.commitment_id
                WHERE q.request_id <> ALL (left_out)
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
    'Freezes a run as the page showed it, less what is left out: what the page did not show is not paid by it.';
