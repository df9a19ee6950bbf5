-- `haven ledger verify` with what came since: bills of interim stays.

CREATE FUNCTION fund.wrong_stays() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT 'a placement has money promised that is no interim one', c.cause_id::text FROM fund.commitment c
     WHERE c.cause = 'placement'
       AND NOT EXISTS (SELECT FROM placement p WHERE p.id = c.cause_id AND fund.is_interim(p))
    UNION ALL
    SELECT 'an interim placement that is over has money promised for more than its nights', p.id::text
      FROM placement p
     CROSS JOIN LATERAL (SELECT coalesce(sum(c.promised - c.released), 0) AS promised,
                                coalesce(sum(c.paid + c.in_payment), 0) AS paid FROM fund.stay_money(p.id) c) m
     WHERE p.id IN (SELECT c.cause_id FROM fund.commitment c WHERE c.cause = 'placement')
       AND p.state IN ('declined', 'expired', 'cancelled', 'not_arrived', 'departed')
       AND m.promised > greatest(fund.nights_cost(fund.stay_paid(p)), m.paid)
    UNION ALL
    SELECT 'a bill is of another household than its placement', r.reference
      FROM fund.stay_bill b JOIN fund.request r ON r.id = b.request_id JOIN placement p ON p.id = b.placement_id
     WHERE r.household_id <> p.household_id OR r.category <> 'emergency_night'
    UNION ALL
    SELECT 'a bill that is over counts as one', r.reference
      FROM fund.stay_bill b JOIN fund.request r ON r.id = b.request_id
     WHERE b.ended <> (r.state IN ('cancelled', 'expired', 'rejected'))
$$;
COMMENT ON FUNCTION fund.wrong_stays IS 'Interim stays and their bills that do not fit their commitments.';

CREATE OR REPLACE FUNCTION fund.wrong_weekly() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT 'a promise is not the sum of its lines', r.reference
      FROM fund.promise p JOIN fund.request r ON r.id = p.request_id
     WHERE r.amount_pence <> fund.cost_asked(r.id, p.start_on, p.end_on)
    UNION ALL
    SELECT 'a line of a promise is outside its period', r.reference
      FROM fund.promise_line l JOIN fund.promise p ON p.request_id = l.request_id
      JOIN fund.request r ON r.id = l.request_id
     WHERE l.from_day < p.start_on OR l.until_day > p.end_on
    UNION ALL
    SELECT 'a slice is not what the nights of its year cost', r.reference
      FROM fund.commitment c JOIN fund.promise p ON p.request_id = c.cause_id
      JOIN fund.request r ON r.id = c.cause_id JOIN fund.pot_year y ON y.id = c.pot_year_id
     WHERE c.promised NOT BETWEEN fund.slice_in(r.id, y.id)
                          AND fund.share_of(r.id, y.pot_id, fund.cost_asked(r.id, fund.first_day(y.year),
                                                                            fund.first_day(y.year + 1)))
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
           + (SELECT coalesce(sum(o.amount_pence), 0) FROM fund.overpayment o
               WHERE o.commitment_id = c.id AND NOT o.of_person)
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
    SELECT * FROM fund.wrong_stays()
$$;
