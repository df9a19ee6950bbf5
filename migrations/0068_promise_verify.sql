-- Recurring promises in `haven ledger verify` and in the housekeeping.

CREATE FUNCTION fund.wrong_weekly() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT 'a promise is not the sum of its lines', r.reference
      FROM fund.promise p JOIN fund.request r ON r.id = p.request_id
     WHERE r.amount_pence <> fund.cost_between(r.id, p.start_on, p.end_on)
    UNION ALL
    SELECT 'a line of a promise is outside its period', r.reference
      FROM fund.promise_line l JOIN fund.promise p ON p.request_id = l.request_id
      JOIN fund.request r ON r.id = l.request_id
     WHERE l.from_day < p.start_on OR l.until_day > p.end_on
    UNION ALL
    SELECT 'a slice is not what the nights of its year cost', r.reference
      FROM fund.commitment c JOIN fund.promise p ON p.request_id = c.cause_id
      JOIN fund.request r ON r.id = c.cause_id JOIN fund.pot_year y ON y.id = c.pot_year_id
     WHERE c.promised <> fund.slice_of(r.id, y.year)
    UNION ALL
    SELECT 'an approved promise has no money for its first night', r.reference
      FROM fund.promise p JOIN fund.request r ON r.id = p.request_id
     WHERE r.state IN ('approved', 'paid')
       AND NOT EXISTS (SELECT FROM fund.commitment c JOIN fund.pot_year y ON y.id = c.pot_year_id
                        WHERE c.cause_id = r.id AND y.year = fund.year_of(p.start_on))
    UNION ALL
    SELECT 'more was paid of a promise than was due or is noted as too much', r.reference
      FROM fund.commitment c JOIN fund.promise p ON p.request_id = c.cause_id
      JOIN fund.request r ON r.id = c.cause_id
     WHERE p.stopped_on IS NOT NULL
       AND c.paid + c.in_payment > greatest(fund.entitled(c, p, p.stopped_on), 0)
           + (SELECT coalesce(sum(o.amount_pence), 0) FROM fund.overpayment o WHERE o.commitment_id = c.id)
    UNION ALL
    SELECT 'a stopped promise keeps money that it does not need', r.reference
      FROM fund.commitment c JOIN fund.promise p ON p.request_id = c.cause_id
      JOIN fund.request r ON r.id = c.cause_id
     WHERE p.stopped_on IS NOT NULL AND c.in_payment = 0
       AND c.open > greatest(greatest(fund.entitled(c, p, p.stopped_on), 0) - c.paid, 0)
    UNION ALL
    SELECT 'what was kept back is not what the overpayment says', o.id::text
      FROM fund.overpayment o
     WHERE o.deducted_pence <> (SELECT coalesce(sum(d.amount_pence), 0) FROM fund.deduction d
                                 WHERE d.overpayment_id = o.id)
    UNION ALL
    SELECT 'a placement has money promised that is no interim one', c.cause_id::text FROM fund.commitment c
     WHERE c.cause = 'placement'
       AND NOT EXISTS (SELECT FROM placement p WHERE p.id = c.cause_id AND fund.is_interim(p))
    UNION ALL
    SELECT 'an interim placement that is over has money promised for more than its nights', c.cause_id::text
      FROM (SELECT c.cause_id, sum(c.promised - c.released) AS promised, sum(c.paid + c.in_payment) AS paid
              FROM fund.commitment c WHERE c.cause = 'placement' GROUP BY c.cause_id) c
      JOIN placement p ON p.id = c.cause_id
     WHERE p.state IN ('declined', 'expired', 'cancelled', 'not_arrived', 'departed')
       AND c.promised > greatest(fund.nights_cost(fund.stay_paid(p)), c.paid)
$$;
COMMENT ON FUNCTION fund.wrong_weekly IS 'Recurring promises and interim stays that do not fit their commitments.';

CREATE OR REPLACE FUNCTION fund.wrong_promises() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT 'commitments do not add up to the account ' || a.kind, a.id::text
      FROM fund.account a
      LEFT JOIN (SELECT c.pot_year_id, sum(c.open) AS open, sum(c.in_payment) AS in_payment FROM fund.commitment c
                  GROUP BY c.pot_year_id) s ON s.pot_year_id = a.pot_year_id
     WHERE a.kind = 'committed' AND a.balance <> coalesce(s.open, 0)
        OR a.kind = 'in_payment' AND a.balance <> coalesce(s.in_payment, 0)
    UNION ALL
    SELECT 'an approved request is not promised', r.reference FROM fund.request r
      LEFT JOIN (SELECT c.cause_id, sum(c.promised) AS promised FROM fund.commitment c
                  WHERE c.cause = 'request' AND c.open + c.in_payment + c.paid > 0 GROUP BY c.cause_id) s
             ON s.cause_id = r.id
     WHERE r.state IN ('approved', 'paid') AND r.amount_pence <> coalesce(s.promised, 0)
       AND NOT EXISTS (SELECT FROM fund.promise p WHERE p.request_id = r.id)
    UNION ALL
    SELECT 'a request that is over still has money promised', r.reference FROM fund.request r
     WHERE r.state NOT IN ('approved', 'paid')
       AND EXISTS (SELECT FROM fund.commitment c WHERE c.cause_id = r.id AND c.open + c.in_payment > 0)
    UNION ALL
    SELECT 'a request was approved by its own people', r.reference FROM fund.request r
      JOIN fund.approval a ON a.request_id = r.id
     WHERE a.content = r.content AND fund.touched_by(r, a.approved_by)
    UNION ALL
    SELECT 'a request is asked of a pot that another organisation keeps', r.reference FROM fund.request r
      JOIN fund.part p ON p.request_id = r.id JOIN fund.pot_year y ON y.id = p.pot_year_id
     WHERE y.organisation_id <> r.keeper_id
    UNION ALL
    SELECT 'a year that is not open has money promised', y.id::text FROM fund.pot_year y
      JOIN fund.account a ON a.pot_year_id = y.id
     WHERE a.balance <> 0 AND (y.state IN ('planned', 'closed') AND a.kind IN ('committed', 'in_payment')
                               OR y.state = 'closed' AND a.kind = 'free')
$$;

CREATE OR REPLACE FUNCTION fund.faults() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT * FROM fund.wrong_accounts() UNION ALL SELECT * FROM fund.wrong_postings()
     UNION ALL SELECT * FROM fund.wrong_promises() UNION ALL SELECT * FROM fund.wrong_weekly()
$$;

CREATE OR REPLACE FUNCTION tidy() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    n integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('haven tidy')) THEN
        RETURN 0;
    END IF;
    PERFORM audit.disown();
    UPDATE placement SET state = 'expired', version = version + 1
     WHERE id IN (SELECT id FROM placement WHERE state IN ('held', 'offered') AND expires_at <= now()
                   ORDER BY unit_id LIMIT 500 FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    PERFORM fund.expire();
    PERFORM fund.warn_of_lapses();
    PERFORM fund.keep_promises();
    PERFORM fund.keep_stays();
    DELETE FROM change_log WHERE at < now() - interval '10 minutes';
    DELETE FROM idempotency k
     WHERE k.created_at < now() - interval '7 days'
       AND NOT EXISTS (SELECT FROM fund.posting p WHERE p.account_id = k.account_id AND p.key = k.key);
    DELETE FROM sign_in_failure WHERE failed_at < now() - interval '1 day';
    DELETE FROM session WHERE expires_at < now() - interval '7 days';
    INSERT INTO provider_answer (organisation_id, median_minutes)
    SELECT organisation_id,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - offered_at) / 60)::integer
      FROM placement WHERE decided_at > now() - interval '90 days' AND offered_at IS NOT NULL GROUP BY organisation_id
    ON CONFLICT (organisation_id) DO UPDATE SET median_minutes = excluded.median_minutes
     WHERE provider_answer.median_minutes <> excluded.median_minutes;
    RETURN n;
END $$;
