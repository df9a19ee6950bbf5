-- Recurring promises in `haven ledger verify`, and when they are paid.

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
     UNION ALL SELECT * FROM fund.wrong_promises() UNION ALL SELECT * FROM fund.wrong_payments()
     UNION ALL SELECT * FROM fund.wrong_weekly()
$$;

-- ---- when it is paid ----

CREATE OR REPLACE FUNCTION fund.settle_paid(one uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE fund.request r
       SET state = CASE WHEN s.over THEN 'paid' ELSE 'approved' END, decided_at = now(), version = r.version + 1
      FROM (SELECT sum(c.open + c.in_payment) = 0
                   AND (sum(c.promised) >= q.amount_pence
                        OR EXISTS (SELECT FROM fund.promise p WHERE p.request_id = one AND p.stopped_on IS NOT NULL))
                       AS over, sum(c.paid) AS paid
              FROM fund.commitment c JOIN fund.request q ON q.id = c.cause_id
             WHERE c.cause_id = one GROUP BY q.amount_pence) s
     WHERE r.id = one AND r.state IN ('approved', 'paid') AND (NOT s.over OR s.paid > 0)
       AND r.state <> CASE WHEN s.over THEN 'paid' ELSE 'approved' END
$$;
COMMENT ON FUNCTION fund.settle_paid IS
    'A request is paid when nothing of it is promised or in payment any more, and approved again when money came back. '
    'Weekly support that waits for the slice of a later year is not paid yet.';
