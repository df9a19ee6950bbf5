-- Payments seen from outside: what the verification adds up, the tasks they make, and an account that several
-- households are said to have.

-- ---- verified ----

CREATE FUNCTION fund.wrong_payments() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT 'payments do not add up to what is in payment', c.id::text
      FROM fund.commitment c LEFT JOIN fund.payment p ON p.commitment_id = c.id AND p.state = 'pending'
     GROUP BY c.id HAVING c.in_payment <> coalesce(sum(p.amount_pence), 0)
    UNION ALL
    SELECT 'payments do not add up to what is paid', c.id::text
      FROM fund.commitment c LEFT JOIN fund.payment p ON p.commitment_id = c.id AND p.state = 'confirmed'
     GROUP BY c.id HAVING c.paid <> coalesce(sum(p.amount_pence), 0)
    UNION ALL
    SELECT 'a confirmed payment has not exactly one confirmation', p.reference FROM fund.payment p
     WHERE (p.state = 'confirmed') <> EXISTS (
            SELECT FROM fund.posting g WHERE g.id = p.confirmed_by AND g.act = 'confirm' AND g.cause_id = p.cause_id
               AND NOT EXISTS (SELECT FROM fund.posting u WHERE u.reverses = g.id))
    UNION ALL
    SELECT 'a confirmation is of two payments', p.confirmed_by::text FROM fund.payment p
     WHERE p.confirmed_by IS NOT NULL GROUP BY p.confirmed_by HAVING count(*) > 1
    UNION ALL
    SELECT 'a reversal is not the mirror of what it takes back', u.id::text FROM fund.posting u
      JOIN fund.posting g ON g.id = u.reverses
     WHERE g.reverses IS NOT NULL
        OR (SELECT array_agg(ROW(t.from_account, t.to_account, t.amount) ORDER BY t.n) FROM fund.transfer t
             WHERE t.posting_id = u.id)
           IS DISTINCT FROM
           (SELECT array_agg(ROW(t.to_account, t.from_account, t.amount) ORDER BY t.n) FROM fund.transfer t
             WHERE t.posting_id = g.id)
    UNION ALL
    SELECT 'a run is not the sum of its payments', r.reference FROM fund.run r
      LEFT JOIN fund.payment p ON p.run_id = r.id AND p.state <> 'thawed'
     GROUP BY r.id HAVING r.payments <> count(p.id) OR r.total_pence <> coalesce(sum(p.amount_pence), 0)
    UNION ALL
    SELECT 'what came back is not what was recorded', p.reference FROM fund.payment p
      LEFT JOIN fund.recovery v ON v.payment_id = p.id
     GROUP BY p.id HAVING p.recovered_pence <> coalesce(sum(v.amount_pence), 0)
    UNION ALL
    SELECT 'a payment went to a payee whom nobody checked, or nobody approved', p.reference FROM fund.payment p
      JOIN fund.payee e ON e.id = p.payee_id
     WHERE e.verified_at IS NULL OR e.verified_at > p.made_at OR NOT fund.agreed(e)
    UNION ALL
    SELECT 'a payment was approved alone and not reviewed before it was made', p.reference FROM fund.payment p
      JOIN fund.approval a ON a.request_id = p.cause_id AND a.lane IS NOT NULL AND a.approved_at < p.made_at
     WHERE p.run_id IS NOT NULL AND (a.reviewed_at IS NULL OR a.reviewed_at > p.made_at)
    UNION ALL
    SELECT 'suspense is not the rows that are in it', a.id::text FROM fund.account a
     WHERE a.kind = 'suspense'
       AND a.balance <> coalesce((SELECT -sum(r.amount_pence) FROM fund.statement_row r
                                   WHERE r.organisation_id = a.organisation_id AND r.state = 'suspended'), 0)
$$;
COMMENT ON FUNCTION fund.wrong_payments IS 'Payments that do not fit the promises, the ledger, or each other.';

CREATE OR REPLACE FUNCTION fund.faults() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT * FROM fund.wrong_accounts() UNION ALL SELECT * FROM fund.wrong_postings()
     UNION ALL SELECT * FROM fund.wrong_promises() UNION ALL SELECT * FROM fund.wrong_payments()
$$;

-- What is in suspense stands in the way also where it adds up to nothing.
CREATE OR REPLACE FUNCTION fund.unsettled(one uuid) RETURNS TABLE (what fund_account, pence bigint)
LANGUAGE sql STABLE AS $$
    SELECT a.kind, a.balance FROM fund.account a
     WHERE a.pot_year_id = one AND a.kind IN ('committed', 'in_payment', 'float') AND a.balance <> 0
    UNION ALL
    SELECT 'suspense', sum(abs(r.amount_pence))::bigint FROM fund.statement_row r
      JOIN fund.pot_year y ON y.id = one AND y.organisation_id = r.organisation_id
     WHERE r.state = 'suspended' HAVING count(*) > 0
$$;

-- ---- shown ----

CREATE VIEW fund.run_view WITH (security_invoker = true) AS
SELECT r.id, r.reference, r.state, r.pay_on, r.payments, r.total_pence, c.pending, c.bounced,
       r.state IN ('exported', 'part_confirmed') AND add_working_days(r.pay_on, 5) < today() AS late,
       colleague_name(r.made_by) AS made_by, utc(r.made_at) AS made_at, r.version
  FROM fund.run r
 CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE p.state = 'pending')::integer AS pending,
                            count(*) FILTER (WHERE p.state = 'bounced')::integer AS bounced
                       FROM fund.payment p WHERE p.run_id = r.id) c;
COMMENT ON VIEW fund.run_view IS
    'A payment run as lists show it. Late: not all confirmed five working days after the day it pays.';
GRANT SELECT ON fund.run_view TO haven_app;

CREATE VIEW fund.payment_view WITH (security_invoker = true) AS
SELECT p.id, p.reference, p.cause_id AS request_id, q.reference AS request,
       case_reference(p.household_id) AS household_reference, p.run_id, r.reference AS run, p.n, p.amount_pence,
       p.means, p.serial, p.state, utc(p.made_at) AS made_at,
       p.settled_on, p.reason, p.recovered_pence,
       p.state = 'pending' AND add_working_days(coalesce(r.pay_on, london_day(p.made_at)), 5) < today() AS late,
       coalesce(p.made_by = audit.me('account')::uuid, false) AS own, p.version
  FROM fund.payment p JOIN fund.request q ON q.id = p.cause_id LEFT JOIN fund.run r ON r.id = p.run_id;
COMMENT ON VIEW fund.payment_view IS
    'A payment as lists show it, by case reference. Late: not confirmed five working days after it was to be paid.';
GRANT SELECT ON fund.payment_view TO haven_app;

CREATE VIEW fund.statement_view WITH (security_invoker = true) AS
SELECT s.id, s.account_label, s.rows, c.waiting, c.suspended, colleague_name(s.read_by) AS read_by,
       utc(s.read_at) AS read_at, s.version
  FROM fund.statement s
 CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE r.state = 'waiting')::integer AS waiting,
                            count(*) FILTER (WHERE r.state = 'suspended')::integer AS suspended
                       FROM fund.statement_row r WHERE r.statement_id = s.id) c
 WHERE s.organisation_id = my_organisation();
COMMENT ON VIEW fund.statement_view IS 'A statement of the bank as lists show it.';
GRANT SELECT ON fund.statement_view TO haven_app;

-- ---- tasks ----

CREATE FUNCTION fund.look_at_payee() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    PERFORM fund.payee_tasks(r) FROM fund.request r WHERE r.id = NEW.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.look_at_payee IS 'Keeps the tasks about a request''s payee as the request stands.';
CREATE TRIGGER request_payee_tasks AFTER UPDATE ON fund.request FOR EACH ROW
    EXECUTE FUNCTION fund.look_at_payee();

CREATE FUNCTION fund.put_keeper_task(keeper uuid, of_kind task_kind, of_about task_about, thing uuid, by_day date)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO task (organisation_id, kind, about, about_id, for_role, due_on)
    VALUES (keeper, of_kind, of_about, thing, 'finance_officer', by_day)
    ON CONFLICT (about_id, kind, for_role) WHERE ended_at IS NULL AND about_id IS NOT NULL
    DO UPDATE SET due_on = excluded.due_on, version = task.version + 1 WHERE task.due_on <> excluded.due_on
$$;
COMMENT ON FUNCTION fund.put_keeper_task IS
    'Makes a task of a keeper''s finance officers about a thing of theirs, or moves the day of the one that there is.';

CREATE FUNCTION fund.run_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF NEW.state IN ('frozen', 'exported', 'part_confirmed') THEN
        PERFORM fund.put_keeper_task(NEW.organisation_id, 'fund_run', 'fund_run', NEW.id,
                    CASE NEW.state WHEN 'frozen' THEN NEW.pay_on ELSE add_working_days(NEW.pay_on, 5) END);
    ELSE
        PERFORM fund.end_tasks(NEW.id, '{fund_run}');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.run_tasks IS
    'A run is a task of the finance officers: to release its file by the day it pays, then to confirm it in five '
    'working days.';
CREATE TRIGGER run_tasks AFTER INSERT OR UPDATE ON fund.run FOR EACH ROW EXECUTE FUNCTION fund.run_tasks();
