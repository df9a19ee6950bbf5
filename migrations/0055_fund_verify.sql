-- The ledger added up again from its movements: `haven ledger verify`.

CREATE FUNCTION fund.wrong_accounts() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    WITH entry AS (
        SELECT t.from_account AS account, t.from_version AS version, t.from_after AS after, -t.amount AS pence
          FROM fund.transfer t
         UNION ALL
        SELECT t.to_account, t.to_version, t.to_after, t.amount FROM fund.transfer t
    ), run AS (
        SELECT e.*, sum(e.pence) OVER w AS balance, row_number() OVER w AS n
          FROM entry e WINDOW w AS (PARTITION BY e.account ORDER BY e.version)
    ), total AS (
        SELECT r.account, sum(r.pence) AS pence, count(*) AS n FROM run r GROUP BY r.account
    )
    SELECT 'the balance is not the sum of the movements', a.kind || ' ' || a.id FROM fund.account a
      LEFT JOIN total t ON t.account = a.id WHERE a.balance <> coalesce(t.pence, 0)
    UNION ALL
    SELECT 'the version is not the number of movements', a.kind || ' ' || a.id FROM fund.account a
      LEFT JOIN total t ON t.account = a.id WHERE a.version <> coalesce(t.n, 0)
    UNION ALL
    SELECT 'the chain of an account is broken', r.account || ' at ' || min(r.version) FROM run r
     WHERE r.n <> r.version OR r.balance <> r.after GROUP BY r.account
    UNION ALL
    SELECT 'the accounts of a year do not add up to nothing', a.pot_year_id::text FROM fund.account a
     WHERE a.pot_year_id IS NOT NULL GROUP BY a.pot_year_id HAVING sum(a.balance) <> 0
$$;
COMMENT ON FUNCTION fund.wrong_accounts IS 'Accounts that are not what their movements say.';

CREATE FUNCTION fund.wrong_postings() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    WITH said AS (
        SELECT p.*, m.moves,
               fund.digest_of(p.act, p.cause, p.cause_id, p.value_on, m.moves) AS computed
          FROM fund.posting p
         CROSS JOIN LATERAL (SELECT array_agg(ROW(t.from_account, t.to_account, t.amount)::fund.movement ORDER BY t.n)
                               AS moves FROM fund.transfer t WHERE t.posting_id = p.id) m
    ), told AS (
        SELECT e.subject_id, count(*) AS n, min(e.detail ->> 'digest') AS digest FROM audit.event e
         WHERE e.subject_kind = 'posting' AND e.action = 'insert' GROUP BY e.subject_id
    )
    SELECT 'a posting is not what was booked', s.id::text FROM said s
     WHERE s.moves IS NULL OR s.digest <> s.computed
    UNION ALL
    SELECT 'the audit trail has another posting', s.id::text FROM said s LEFT JOIN told t ON t.subject_id = s.id
     WHERE t.n IS DISTINCT FROM 1 OR t.digest IS DISTINCT FROM s.digest::text
    UNION ALL
    SELECT 'the audit trail has a posting that the ledger has not', t.subject_id::text FROM told t
     WHERE NOT EXISTS (SELECT FROM fund.posting p WHERE p.id = t.subject_id)
    UNION ALL
    SELECT 'a posting has no cause', s.id::text FROM said s
     WHERE s.cause = 'request' AND NOT EXISTS (SELECT FROM fund.request r WHERE r.id = s.cause_id)
        OR s.cause = 'pot_year' AND NOT EXISTS (SELECT FROM fund.pot_year y WHERE y.id = s.cause_id)
    UNION ALL
    SELECT 'a posting is of another year than its accounts', s.id::text FROM said s
     WHERE EXISTS (SELECT FROM fund.transfer t JOIN fund.pot_year y ON y.id = t.pot_year_id
                    WHERE t.posting_id = s.id AND s.act <> 'carry' AND y.year <> fund.year_of(s.value_on))
$$;
COMMENT ON FUNCTION fund.wrong_postings IS 'Postings that are not what was booked, or not what the audit trail says.';

CREATE FUNCTION fund.wrong_promises() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
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
COMMENT ON FUNCTION fund.wrong_promises IS 'Commitments and requests that do not fit the accounts, or each other.';

CREATE FUNCTION fund.faults() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT * FROM fund.wrong_accounts() UNION ALL SELECT * FROM fund.wrong_postings()
     UNION ALL SELECT * FROM fund.wrong_promises()
$$;
COMMENT ON FUNCTION fund.faults IS
    'What is wrong with the ledger, recomputed from its movements without trust in any stored total; no row where it '
    'is right.';
