-- Rules of the fund that finance keeps by day: approval limits and caps of categories; what becomes of requests to a
-- year that is closed; days on which banks pay; and rows of statements that wait for a person.

-- ---- limits, from a day to a day ----

CREATE OR REPLACE FUNCTION fund.set_limit(item jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    made uuid;
    was fund.approval_limit;
    wanted fund.approval_limit := jsonb_populate_record(NULL::fund.approval_limit, item);
BEGIN
    IF audit.caller() IS NULL OR NOT keeps_fund() THEN
        RETURN NULL;
    END IF;
    wanted.from_day := greatest(coalesce(wanted.from_day, today()), today());
    -- two who set the same limit at once: one after the other
    PERFORM pg_advisory_xact_lock(hashtextextended('fund limits ' || my_organisation(), 0));
    FOR was IN SELECT * FROM fund.approval_limit l
                WHERE l.organisation_id = my_organisation() AND l.role = wanted.role
                  AND l.category IS NOT DISTINCT FROM wanted.category
                  AND daterange(l.from_day, l.until_day) && daterange(wanted.from_day, wanted.until_day) LOOP
        UPDATE fund.approval_limit l SET until_day = greatest(l.from_day, wanted.from_day) WHERE l.id = was.id;
        -- after a limit for a time the one before counts again
        INSERT INTO fund.approval_limit (organisation_id, role, category, single_pence, month_pence, two_from_pence,
                                         lane_pence, lane_week_pence, set_by, from_day, until_day)
        SELECT was.organisation_id, was.role, was.category, was.single_pence, was.month_pence, was.two_from_pence,
               was.lane_pence, was.lane_week_pence, was.set_by, wanted.until_day, was.until_day
         WHERE wanted.until_day < coalesce(was.until_day, 'infinity');
    END LOOP;
    INSERT INTO fund.approval_limit (organisation_id, role, category, single_pence, month_pence, two_from_pence,
                                     lane_pence, lane_week_pence, set_by, from_day, until_day)
    VALUES (my_organisation(), wanted.role, wanted.category, wanted.single_pence, wanted.month_pence,
            wanted.two_from_pence, wanted.lane_pence, wanted.lane_week_pence, audit.me('account')::uuid,
            wanted.from_day, wanted.until_day)
    RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION fund.set_limit IS
    'Sets what people of a role may approve, from a day (today at the earliest) until before another, or until it is '
    'replaced; other limits give way for those days. NULL where the caller may not.';

CREATE FUNCTION fund.approver_reaches(one uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF NOT sees_fund() THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT EXISTS (SELECT FROM unnest(ARRAY['housing_officer', 'finance_approver']) a (role)
                            CROSS JOIN LATERAL fund.limit_for(r, a.role) l WHERE l.single_pence >= r.amount_pence)
              FROM fund.request r
             WHERE r.id = one AND r.state IN ('requested', 'second_needed', 'sent_back') AND fund.request_seen(r));
END $$;
COMMENT ON FUNCTION fund.approver_reaches IS
    'Whether the limit of any role reaches the amount of a request that is not decided: otherwise no approver can '
    'decide it, and the case worker is told at once. NULL where it is decided.';
GRANT EXECUTE ON FUNCTION fund.approver_reaches TO haven_app;

-- ---- caps of categories ----

CREATE TABLE fund.category_cap (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    category fund_category NOT NULL,
    payment_pence bigint CHECK (payment_pence > 0),
    household_pence bigint CHECK (household_pence > 0),
    set_by uuid REFERENCES account,
    from_day date NOT NULL DEFAULT today(),
    until_day date,
    CONSTRAINT cap_period CHECK (until_day >= from_day),
    CONSTRAINT cap_once EXCLUDE USING gist (organisation_id WITH =, (category::text) WITH =,
        daterange(from_day, until_day) WITH &&)
);
COMMENT ON TABLE fund.category_cap IS
    'What a keeper of pots allows of a category, instead of what the operator set for all (fund.category).';
COMMENT ON COLUMN fund.category_cap.id IS 'Identity.';
COMMENT ON COLUMN fund.category_cap.organisation_id IS 'The organisation that keeps the pots.';
COMMENT ON COLUMN fund.category_cap.category IS 'The category.';
COMMENT ON COLUMN fund.category_cap.payment_pence IS 'The most that one request may be; NULL is no limit.';
COMMENT ON COLUMN fund.category_cap.household_pence IS 'The most for a household in 12 months; NULL is no limit.';
COMMENT ON COLUMN fund.category_cap.set_by IS 'The person who set it.';
COMMENT ON COLUMN fund.category_cap.from_day IS 'From this day.';
COMMENT ON COLUMN fund.category_cap.until_day IS 'Until before this day; NULL: until it is replaced.';
SELECT guard('fund.category_cap', 'books');

CREATE FUNCTION fund.set_cap(item jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    made uuid;
    wanted fund.category_cap := jsonb_populate_record(NULL::fund.category_cap, item);
BEGIN
    IF audit.caller() IS NULL OR NOT keeps_fund() THEN
        RETURN NULL;
    END IF;
    wanted.from_day := greatest(coalesce(wanted.from_day, today()), today());
    PERFORM pg_advisory_xact_lock(hashtextextended('fund limits ' || my_organisation(), 0));
    UPDATE fund.category_cap c SET until_day = greatest(c.from_day, wanted.from_day)
     WHERE c.organisation_id = my_organisation() AND c.category = wanted.category
       AND daterange(c.from_day, c.until_day) && daterange(wanted.from_day, wanted.until_day);
    INSERT INTO fund.category_cap (organisation_id, category, payment_pence, household_pence, set_by, from_day,
                                   until_day)
    VALUES (my_organisation(), wanted.category, wanted.payment_pence, wanted.household_pence,
            audit.me('account')::uuid, wanted.from_day, wanted.until_day)
    RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION fund.set_cap IS
    'Sets what the caller''s organisation allows of a category, from a day until before another, or until it is '
    'replaced; afterwards what the operator set counts. NULL where the caller may not.';
GRANT EXECUTE ON FUNCTION fund.set_cap TO haven_app;

CREATE FUNCTION fund.rule_of(r fund.request) RETURNS fund.category LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule fund.category;
    cap fund.category_cap;
BEGIN
    SELECT * INTO STRICT rule FROM fund.category g WHERE g.code = r.category;
    SELECT * INTO cap FROM fund.category_cap c
     WHERE c.organisation_id = coalesce(fund.keeper_of(r.id), r.keeper_id) AND c.category = r.category
       AND today() <@ daterange(c.from_day, c.until_day);
    IF FOUND THEN
        rule.payment_pence := cap.payment_pence;
        rule.household_pence := cap.household_pence;
    END IF;
    RETURN rule;
END $$;
COMMENT ON FUNCTION fund.rule_of IS
    'What a category allows for a request today, by its keeper or the operator.';

CREATE OR REPLACE FUNCTION fund.caps_of(r fund.request, homes uuid[]) RETURNS fund.told
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule fund.category;
    ceiling bigint;
    since date := today() - interval '12 months';
    told fund.told;
BEGIN
    rule := fund.rule_of(r);
    IF r.amount_pence > rule.payment_pence THEN
        told.outcome := 'over_payment';
        told.most_pence := rule.payment_pence;
        RETURN told;
    END IF;
    told.so_far_pence := fund.had(homes, ARRAY[r.category::text], since, r.id);
    IF told.so_far_pence + r.amount_pence > rule.household_pence THEN
        told.outcome := 'over_category';
        told.most_pence := rule.household_pence;
        RETURN told;
    END IF;
    ceiling := (SELECT c.household_pence FROM fund.ceiling c WHERE c.of_group = rule.of_group);
    told.so_far_pence := fund.had(homes, fund.of_same_group(r.category), since, r.id);
    IF told.so_far_pence + r.amount_pence > ceiling THEN
        told.outcome := 'over_ceiling';
        told.most_pence := ceiling;
    END IF;
    RETURN told;
END $$;

CREATE OR REPLACE FUNCTION fund.had_before(one uuid)
RETURNS TABLE (category_pence bigint, category_most bigint, group_pence bigint, group_most bigint, of_group fund_group)
LANGUAGE plpgsql STABLE ROWS 1 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    since date := today() - interval '12 months';
BEGIN
    IF sees_fund() THEN
        RETURN QUERY
        SELECT fund.had(ARRAY[r.household_id], ARRAY[r.category::text], since, r.id), g.household_pence,
               fund.had(ARRAY[r.household_id], fund.of_same_group(r.category), since, r.id), c.household_pence,
               g.of_group
          FROM fund.request r CROSS JOIN LATERAL fund.rule_of(r) g
          JOIN fund.ceiling c ON c.of_group = g.of_group
         WHERE r.id = one AND fund.request_seen(r);
    END IF;
END $$;

-- ---- requests to a year that is closed ----

SELECT add_codes('fund_reason', '{year_closed}');

CREATE FUNCTION fund.end_undecided() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    one uuid;
    n integer := 0;
BEGIN
    FOR one IN SELECT DISTINCT t.request_id FROM fund.pot_year y JOIN fund.part t ON t.pot_year_id = y.id
                 JOIN fund.request r ON r.id = t.request_id
                WHERE y.state = 'closed' AND r.state IN ('requested', 'second_needed', 'sent_back') LIMIT 100 LOOP
        PERFORM FROM fund.request r WHERE r.id = one FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        UPDATE fund.request r
           SET state = 'expired', reason = 'year_closed', decided_at = now(), version = r.version + 1
         WHERE r.id = one AND r.state IN ('requested', 'second_needed', 'sent_back');
        n := n + 1;
    END LOOP;
    RETURN n;
END $$;
COMMENT ON FUNCTION fund.end_undecided IS
    'Ends requests that nobody decided before the year of their pot was closed. They can be opened again and asked of '
    'another year.';

CREATE OR REPLACE FUNCTION fund.expire() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    one record;
    it fund.commitment;
    n integer := 0;
BEGIN
    FOR one IN SELECT DISTINCT c.cause_id FROM fund.commitment c
                WHERE c.open > 0 AND c.in_payment = 0 AND c.expires_on <= today() AND c.cause = 'request' LIMIT 100 LOOP
        -- a person who has the request at this moment decides; the next round looks again
        PERFORM FROM fund.request r WHERE r.id = one.cause_id FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        FOR it IN SELECT * FROM fund.commitment c
                   WHERE c.cause_id = one.cause_id AND c.open > 0 AND c.in_payment = 0 AND c.expires_on <= today()
                   ORDER BY c.id FOR NO KEY UPDATE LOOP
            PERFORM fund.release(it);
            n := n + 1;
        END LOOP;
        UPDATE fund.request r
           SET state = CASE WHEN EXISTS (SELECT FROM fund.commitment c WHERE c.cause_id = r.id AND c.paid > 0)
                            THEN 'paid' ELSE 'expired' END,
               decided_at = now(), version = r.version + 1
         WHERE r.id = one.cause_id AND r.state = 'approved'
           AND NOT EXISTS (SELECT FROM fund.commitment c WHERE c.cause_id = r.id AND c.open + c.in_payment > 0);
    END LOOP;
    RETURN n + fund.end_undecided();
END $$;

-- ---- days on which banks pay ----

CREATE FUNCTION fund.pay_day(day date) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
    before date := (SELECT max(d.day)::date FROM generate_series((day - 10)::timestamp, day::timestamp,
                                                                  interval '1 day') d (day)
                     WHERE add_working_days(d.day::date - 1, 1) = d.day::date);
BEGIN
    RETURN CASE WHEN before < today() THEN add_working_days(day, 1) ELSE before END;
END $$;
COMMENT ON FUNCTION fund.pay_day IS
    'The day on which a bank pays what is to be paid on a day: that day, or the working day before; the next one where '
    'that is past.';

CREATE OR REPLACE FUNCTION fund.payable_now(one fund.commitment) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM fund.promise p WHERE p.request_id = one.cause_id) THEN
        RETURN one.open; -- nothing of it falls due by days
    END IF;
    RETURN least(one.open, greatest(0, fund.due_by(one, fund.due_until(today())) - one.in_payment - one.paid));
END $$;

CREATE OR REPLACE FUNCTION fund.begin_run(day date) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    made uuid;
BEGIN
    IF me IS NULL OR NOT keeps_fund() THEN
        RETURN NULL;
    END IF;
    INSERT INTO fund.run (organisation_id, pay_on, made_by) VALUES (my_organisation(), fund.pay_day(day), me)
    RETURNING id INTO made;
    RETURN made;
END $$;

-- ---- rows of statements that wait for a person ----

SELECT add_codes('task_kind', '{fund_statement}');
SELECT add_codes('task_about', '{fund_statement}');
CREATE POLICY mine_statements ON task FOR SELECT TO haven_app
    USING (about = 'fund_statement' AND organisation_id = (SELECT my_organisation())
           AND for_role = (SELECT audit.me('role')) AND about_id IN (SELECT s.id FROM fund.statement s));

CREATE FUNCTION fund.statement_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    it fund.statement;
BEGIN
    FOR it IN SELECT s.* FROM fund.statement s
               WHERE s.id IN (SELECT c.statement_id FROM changed c) ORDER BY s.id LOOP
        IF EXISTS (SELECT FROM fund.statement_row r
                    WHERE r.statement_id = it.id
                      AND (r.state = 'suspended' OR r.state = 'waiting' AND NOT EXISTS (
                           SELECT FROM fund.statement_row o
                            WHERE o.organisation_id = r.organisation_id AND o.account_label = r.account_label
                              AND o.row_hash = r.row_hash AND o.state <> 'waiting'))) THEN
            PERFORM fund.put_keeper_task(it.organisation_id, 'fund_statement', 'fund_statement', it.id,
                                         add_working_days(london_day(it.read_at), 2));
        ELSE
            PERFORM fund.end_tasks(it.id, '{fund_statement}');
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.statement_tasks IS
    'A statement with rows that wait, or are in suspense, is a task of the finance officers.';
CREATE TRIGGER statement_rows_added AFTER INSERT ON fund.statement_row REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION fund.statement_tasks();
CREATE TRIGGER statement_rows_changed AFTER UPDATE ON fund.statement_row REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION fund.statement_tasks();

-- ---- the course of requests and payments, drawn ----

ALTER TABLE fund.request_step ADD COLUMN becomes text[];
UPDATE fund.request_step s SET becomes = d.becomes
  FROM (VALUES ('requested', 'change', '{requested}'::text[]), ('requested', 'cancel', '{cancelled}'),
        ('requested', 'approve', '{approved,second_needed}'), ('requested', 'approve_now', '{approved}'),
        ('requested', 'reject', '{rejected}'), ('requested', 'send_back', '{sent_back}'),
        ('requested', 'payee', '{requested}'), ('second_needed', 'change', '{requested,second_needed}'),
        ('second_needed', 'cancel', '{cancelled}'), ('second_needed', 'approve', '{approved}'),
        ('second_needed', 'reject', '{rejected}'), ('second_needed', 'send_back', '{sent_back}'),
        ('second_needed', 'payee', '{second_needed,requested}'), ('sent_back', 'change', '{requested}'),
        ('sent_back', 'cancel', '{cancelled}'), ('sent_back', 'payee', '{sent_back}'),
        ('approved', 'cancel', '{cancelled,paid}'), ('approved', 'payee', '{approved}'),
        ('approved', 'agree_payee', '{approved}'), ('approved', 'issue', '{approved}'),
        ('approved', 'stop', '{approved,paid,cancelled}'), ('approved', 'review', '{approved}'),
        ('paid', 'stop', '{paid,approved,cancelled}'), ('rejected', 'reopen', '{requested}'),
        ('expired', 'reopen', '{requested}')) d (state, act, becomes)
 WHERE s.state = d.state AND s.act = d.act;
ALTER TABLE fund.request_step ALTER COLUMN becomes SET NOT NULL;
COMMENT ON COLUMN fund.request_step.becomes IS 'The states that it may be in afterwards.';

ALTER TABLE fund.run_step ADD COLUMN becomes text[];
UPDATE fund.run_step s
   SET becomes = CASE s.act WHEN 'freeze' THEN '{frozen}' WHEN 'abandon' THEN '{abandoned}'
                            WHEN 'take_out' THEN '{frozen,abandoned}' WHEN 'export' THEN '{exported}'
                            ELSE '{part_confirmed,confirmed}' END::text[];
ALTER TABLE fund.run_step ALTER COLUMN becomes SET NOT NULL;
COMMENT ON COLUMN fund.run_step.becomes IS 'The states that it may be in afterwards.';

CREATE TABLE fund.payment_step (
    state payment_state NOT NULL,
    act text NOT NULL CHECK (act IN ('take_out', 'confirm', 'bounce', 'vat', 'unconfirm', 'recover')),
    becomes payment_state NOT NULL,
    PRIMARY KEY (state, act)
);
COMMENT ON TABLE fund.payment_step IS 'What may be done with a payment in which state.';
COMMENT ON COLUMN fund.payment_step.state IS 'The state it is in.';
COMMENT ON COLUMN fund.payment_step.act IS 'The act.';
COMMENT ON COLUMN fund.payment_step.becomes IS 'The state it is in afterwards.';
INSERT INTO fund.payment_step VALUES ('pending', 'take_out', 'thawed'), ('pending', 'confirm', 'confirmed'),
    ('pending', 'bounce', 'bounced'), ('pending', 'vat', 'pending'), ('confirmed', 'bounce', 'bounced'),
    ('confirmed', 'unconfirm', 'pending'), ('confirmed', 'recover', 'confirmed');
SELECT guard('fund.payment_step', 'open');

CREATE FUNCTION fund.drawn(title text, first text, steps text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT '## ' || title || E'\n\n```mermaid\nstateDiagram-v2\n    [*] --> ' || first || E'\n'
           || (SELECT string_agg('    ' || s, E'\n' ORDER BY s) FROM unnest(steps) s) || E'\n```\n'
$$;
COMMENT ON FUNCTION fund.drawn IS 'A state diagram, in the words of Mermaid.';

CREATE FUNCTION fund.drawings() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws(E'\n',
        E'# What becomes of requests and payments of the fund\n\nDrawn from the tables that decide what may be done: '
            || E'`haven ledger states` writes this page.\n',
        fund.drawn('A request, weekly support among them', 'requested',
            (SELECT array_agg(s.state || ' --> ' || b || ': ' || s.act) FROM fund.request_step s, unnest(s.becomes) b)),
        fund.drawn('A payment', 'pending',
            (SELECT array_agg(s.state || ' --> ' || s.becomes || ': ' || s.act) FROM fund.payment_step s)),
        fund.drawn('A payment run', 'draft',
            (SELECT array_agg(s.state || ' --> ' || b || ': ' || s.act) FROM fund.run_step s, unnest(s.becomes) b)),
        fund.drawn('A year of a pot', 'planned',
            (SELECT array_agg(s.state || ' --> ' || s.becomes
                              || CASE WHEN s.after_end THEN ': after 31 March' ELSE '' END) FROM fund.year_step s)))
$$;
COMMENT ON FUNCTION fund.drawings IS 'The state diagrams of the fund, as a page in Markdown.';
