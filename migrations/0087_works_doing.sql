-- What is done with works orders, and changes to them: the doors of both. What may be done when stands in the rows of
-- sanctuary.works_step and sanctuary.works_change_step; what each act needs, in functions named there.

-- ---- changes to an order ----

CREATE TABLE sanctuary.variation (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id uuid NOT NULL REFERENCES sanctuary.works_order,
    n smallint NOT NULL CHECK (n > 0),
    state works_change_state NOT NULL DEFAULT 'asked',
    reason works_change_reason NOT NULL,
    more_pence bigint NOT NULL CHECK (more_pence >= 0),
    less_pence bigint NOT NULL CHECK (less_pence >= 0),
    made_safe boolean NOT NULL DEFAULT false,
    asked_by uuid NOT NULL REFERENCES account,
    asked_at timestamptz NOT NULL DEFAULT now(),
    first_by uuid REFERENCES account,
    decided_by uuid REFERENCES account,
    decided_at timestamptz,
    refusal works_change_refusal,
    review_on date,
    reviewed_by uuid REFERENCES account,
    upheld boolean,
    CONSTRAINT variation_once UNIQUE (order_id, n),
    CONSTRAINT variation_decided CHECK ((state = 'asked') = (decided_at IS NULL)),
    CONSTRAINT variation_two_people CHECK (first_by <> asked_by AND (made_safe OR decided_by <> asked_by
                                                                     OR state <> 'agreed' OR more_pence = 0))
);
COMMENT ON TABLE sanctuary.variation IS
    'A change to an order. Until it is decided the works are not reported done. A firm that asks never decides.';
COMMENT ON COLUMN sanctuary.variation.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.variation.order_id IS 'The order.';
COMMENT ON COLUMN sanctuary.variation.n IS 'Which change of it.';
COMMENT ON COLUMN sanctuary.variation.state IS 'Where it stands.';
COMMENT ON COLUMN sanctuary.variation.reason IS 'Why.';
COMMENT ON COLUMN sanctuary.variation.more_pence IS 'Pence by which lines grow, together.';
COMMENT ON COLUMN sanctuary.variation.less_pence IS 'Pence by which lines shrink, together.';
COMMENT ON COLUMN sanctuary.variation.made_safe IS
    'Whether the firm did it at once since the home would have been insecure.';
COMMENT ON COLUMN sanctuary.variation.asked_by IS 'The person who asked.';
COMMENT ON COLUMN sanctuary.variation.asked_at IS 'When.';
COMMENT ON COLUMN sanctuary.variation.first_by IS 'The first of two approvers.';
COMMENT ON COLUMN sanctuary.variation.decided_by IS 'The person who decided; NULL: it lapsed.';
COMMENT ON COLUMN sanctuary.variation.decided_at IS 'When.';
COMMENT ON COLUMN sanctuary.variation.refusal IS 'Why it was refused.';
COMMENT ON COLUMN sanctuary.variation.review_on IS 'Working day by which an approver reviews what was done at once.';
COMMENT ON COLUMN sanctuary.variation.reviewed_by IS 'That approver.';
COMMENT ON COLUMN sanctuary.variation.upheld IS 'Whether the approver would have decided the same.';
CREATE UNIQUE INDEX variation_open ON sanctuary.variation (order_id) WHERE state = 'asked';
CREATE INDEX variation_asked ON sanctuary.variation (asked_at) WHERE state = 'asked';
SELECT guard('sanctuary.variation', 'order');

CREATE TABLE sanctuary.variation_line (
    variation_id uuid NOT NULL REFERENCES sanctuary.variation,
    order_id uuid NOT NULL REFERENCES sanctuary.works_order,
    n smallint NOT NULL,
    measure text NOT NULL REFERENCES sanctuary.measure,
    opening sanctuary_opening NOT NULL,
    was_tenths integer NOT NULL CHECK (was_tenths >= 0),
    quantity_tenths integer NOT NULL CHECK (quantity_tenths >= 0),
    unit_pence bigint NOT NULL CHECK (unit_pence >= 0),
    PRIMARY KEY (variation_id, n)
);
COMMENT ON TABLE sanctuary.variation_line IS 'What a change makes of a line of the order; a new line was 0.';
COMMENT ON COLUMN sanctuary.variation_line.variation_id IS 'The change.';
COMMENT ON COLUMN sanctuary.variation_line.order_id IS 'The order.';
COMMENT ON COLUMN sanctuary.variation_line.n IS 'The line''s place in the order.';
COMMENT ON COLUMN sanctuary.variation_line.measure IS 'What.';
COMMENT ON COLUMN sanctuary.variation_line.opening IS 'Where.';
COMMENT ON COLUMN sanctuary.variation_line.was_tenths IS 'Tenths of the unit before.';
COMMENT ON COLUMN sanctuary.variation_line.quantity_tenths IS 'After.';
COMMENT ON COLUMN sanctuary.variation_line.unit_pence IS 'Pence of a unit by the prices of the order''s day.';
SELECT guard('sanctuary.variation_line', 'order', recorded => false);

CREATE FUNCTION sanctuary.new_change(o sanctuary.works_order, item jsonb, why works_change_reason)
RETURNS sanctuary.variation LANGUAGE plpgsql AS $$
DECLARE
    v sanctuary.variation;
    last smallint := (SELECT coalesce(max(l.n), 0) FROM sanctuary.order_line l WHERE l.order_id = o.id);
BEGIN
    INSERT INTO sanctuary.variation (order_id, n, reason, more_pence, less_pence, asked_by)
    VALUES (o.id, (SELECT count(*) + 1 FROM sanctuary.variation x WHERE x.order_id = o.id), why, 0, 0,
            audit.me('account')::uuid)
    RETURNING * INTO v;
    INSERT INTO sanctuary.variation_line
    SELECT v.id, o.id, coalesce(l.n, last + row_number() OVER (PARTITION BY l.n IS NULL ORDER BY e.n)),
           coalesce(l.measure, e.value ->> 'measure'), coalesce(l.opening, e.value ->> 'opening'),
           coalesce(l.quantity_tenths, 0), (e.value ->> 'quantity_tenths')::integer,
           CASE WHEN o.kind = 'snag' THEN 0
                ELSE coalesce(l.unit_pence, sanctuary.firm_price_of(o.firm_id, e.value ->> 'measure', o.priced_on)) END
      FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY e (value, n)
      LEFT JOIN sanctuary.order_line l ON l.order_id = o.id AND l.n = (e.value ->> 'n')::integer
     WHERE l.n IS NOT NULL OR EXISTS (SELECT FROM sanctuary.measure m WHERE m.code = e.value ->> 'measure')
    ON CONFLICT DO NOTHING;
    UPDATE sanctuary.variation x SET more_pence = s.more, less_pence = s.less
      FROM (SELECT coalesce(sum(greatest(d.pence, 0)), 0) AS more, coalesce(sum(greatest(-d.pence, 0)), 0) AS less
              FROM (SELECT sanctuary.cost_of(c.unit_pence, c.quantity_tenths)
                           - sanctuary.cost_of(c.unit_pence, c.was_tenths) AS pence
                      FROM sanctuary.variation_line c WHERE c.variation_id = v.id) d) s
     WHERE x.id = v.id RETURNING x.* INTO v;
    RETURN v;
END $$;
COMMENT ON FUNCTION sanctuary.new_change IS
    'Notes a change to an order, at the prices of the order''s day: lines by their place, or new ones by measure.';

CREATE FUNCTION sanctuary.take_change(v sanctuary.variation) RETURNS void LANGUAGE sql AS $$
    INSERT INTO sanctuary.order_line AS l (order_id, n, measure, opening, ordered_tenths, quantity_tenths, unit_pence)
    SELECT c.order_id, c.n, c.measure, c.opening, 0, c.quantity_tenths, c.unit_pence
      FROM sanctuary.variation_line c WHERE c.variation_id = v.id
    ON CONFLICT ON CONSTRAINT order_line_once DO UPDATE SET quantity_tenths = excluded.quantity_tenths
$$;
COMMENT ON FUNCTION sanctuary.take_change IS 'Makes the lines of an order what a change says.';

-- ---- equipment ----

CREATE DOMAIN equipment_plan AS text CHECK (VALUE IN ('with_household', 'recover', 'recovered', 'left_in_home'));
COMMENT ON DOMAIN equipment_plan IS 'What becomes of equipment.';

CREATE TABLE sanctuary.equipment (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    measure text NOT NULL REFERENCES sanctuary.measure,
    serial text,
    plan equipment_plan NOT NULL DEFAULT 'with_household',
    due_on date
);
COMMENT ON TABLE sanctuary.equipment IS 'What was fitted and is not part of the home.';
COMMENT ON COLUMN sanctuary.equipment.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.equipment.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.equipment.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.equipment.measure IS 'What it is.';
COMMENT ON COLUMN sanctuary.equipment.serial IS 'Its make or number, as the firm reported it.';
COMMENT ON COLUMN sanctuary.equipment.plan IS 'What becomes of it.';
COMMENT ON COLUMN sanctuary.equipment.due_on IS 'Until when it is recovered.';
CREATE INDEX equipment_job ON sanctuary.equipment (job_id);
SELECT guard('sanctuary.equipment', 'works', erase => 'kept');

-- ---- money ----

CREATE FUNCTION sanctuary.limit_for(j sanctuary.job, role text) RETURNS fund.approval_limit LANGUAGE sql STABLE AS $$
    SELECT l.* FROM fund.approval_limit l
     WHERE l.organisation_id = j.keeper_id AND l.role = limit_for.role
       AND (l.category = 'locks_security' OR l.category IS NULL)
       AND l.from_day <= today() AND (l.until_day IS NULL OR today() < l.until_day)
     ORDER BY l.category IS NULL LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.limit_for IS 'The limit of a role for works: that of the category before that of all.';

CREATE FUNCTION sanctuary.above_limit(j sanctuary.job, total bigint) RETURNS sanctuary.told
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule fund.approval_limit := sanctuary.limit_for(j, audit.me('role'));
    told sanctuary.told;
BEGIN
    IF rule.id IS NULL OR total > rule.single_pence THEN
        told.outcome := 'money';
        told.money := CASE WHEN rule.id IS NULL THEN 'no_limit' ELSE 'over_limit' END;
        told.most_pence := rule.single_pence;
        told.so_far_pence := total;
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.above_limit IS
    'Whether the total of a job''s works is above the caller''s limit: the whole, with every change, never the change '
    'alone. NULL where it is not.';

CREATE FUNCTION sanctuary.promise_more(j sanctuary.job, pence bigint) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    told sanctuary.told;
    pot uuid := coalesce((SELECT c.pot_year_id FROM fund.commitment c JOIN fund.pot_year y ON y.id = c.pot_year_id
                           WHERE c.cause = 'works_order' AND c.cause_id = j.id AND y.state IN ('open', 'provisional')
                           ORDER BY c.committed_on DESC, c.id LIMIT 1),
                         fund.pot_of(j.organisation_id, 'locks_security', pence, today()));
BEGIN
    IF pence <= 0 THEN
        RETURN NULL;
    END IF;
    PERFORM fund.hold_years(ARRAY[pot]);
    PERFORM fund.lock_accounts(ARRAY[pot]);
    told.left_pence := (SELECT v.spendable_pence FROM fund.year_view v WHERE v.id = pot);
    IF coalesce(told.left_pence, 0) < pence OR NOT fund.commit_money('works_order', j.id, j.household_id, ARRAY[pot],
                                                                     ARRAY[pence], NULL) THEN
        told.outcome := 'money';
        told.money := CASE WHEN pot IS NULL THEN 'no_pot' ELSE 'short' END;
        RETURN told;
    END IF;
    UPDATE sanctuary.job x SET keeper_id = y.organisation_id FROM fund.pot_year y
     WHERE x.id = j.id AND y.id = pot AND x.keeper_id IS NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.promise_more IS
    'Promises more for a job out of the pot that pays for it; NULL where that was possible, or nothing was needed.';

CREATE FUNCTION sanctuary.approve_total(j sanctuary.job, total bigint) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    told sanctuary.told := sanctuary.above_limit(j, total);
BEGIN
    IF told.outcome IS NULL THEN
        told := sanctuary.promise_more(j, total - sanctuary.promised_pence(j.id));
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.approve_total IS
    'Approves the total of a job''s works within the caller''s limit, and promises what is not promised yet.';

CREATE FUNCTION sanctuary.works_need_money_approved(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql AS $$
DECLARE
    j sanctuary.job;
BEGIN
    SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = o.job_id;
    RETURN sanctuary.approve_total(j, sanctuary.ordered_pence(o.job_id, o.id) + sanctuary.order_pence(o.id));
END $$;
COMMENT ON FUNCTION sanctuary.works_need_money_approved IS 'An order that is approved by itself is promised with it.';

CREATE FUNCTION sanctuary.pay_promised(j sanctuary.job, pence bigint, day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one fund.commitment;
    owed bigint := pence;
    part bigint;
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
                                  means, state, made_by, settled_on, settled_by, confirmed_by)
        VALUES (fund.new_payment_reference(), one.organisation_id, one.id, j.id, j.household_id, part,
                'supplier', 'confirmed', me, day, me,
                fund.settle_posting('confirm', one, 'in_payment', 'paid', part));
        owed := owed - part;
    END LOOP;
END $$;
COMMENT ON FUNCTION sanctuary.pay_promised IS
    'Books that an invoice was paid out of what is promised for a job; the payment itself is in the council''s ledger.';

CREATE FUNCTION sanctuary.true_up(job uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM sanctuary.works_order o
                    WHERE o.job_id = job AND o.kind <> 'snag' AND o.state NOT IN ('paid', 'cancelled')) THEN
        PERFORM fund.release_all(job);
    END IF;
END $$;
COMMENT ON FUNCTION sanctuary.true_up IS
    'Gives back what was promised for a job and not paid, once each of its orders that cost anything is paid or '
    'cancelled.';

-- ---- doing ----

CREATE FUNCTION sanctuary.answer_time(fast boolean) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN fast THEN now() + make_interval(mins => r.fast_answer_minutes)
                ELSE add_working_time(now(), make_interval(hours => r.answer_hours)) END
      FROM sanctuary.works_rule r
$$;
COMMENT ON FUNCTION sanctuary.answer_time IS 'Until when a firm answers an offer that is made now.';

CREATE FUNCTION sanctuary.works_do_offer(o sanctuary.works_order, item jsonb) RETURNS sanctuary.works_order
LANGUAGE plpgsql AS $$
DECLARE
    wanted uuid := coalesce((item ->> 'firm_id')::uuid, o.firm_id);
BEGIN
    IF wanted <> o.firm_id AND o.kind <> 'snag' THEN
        UPDATE sanctuary.order_line l SET unit_pence = sanctuary.firm_price_of(wanted, l.measure, today())
         WHERE l.order_id = o.id;
        o.priced_on := today();
    END IF;
    IF wanted <> o.firm_id THEN -- a firm is told nothing of the one before it
        o.left_as := NULL;
        o.left_times := 0;
    END IF;
    o.firm_id := wanted;
    o.offered_at := now();
    o.answer_by := sanctuary.answer_time(o.fast);
    o.word := sanctuary.new_word();
    o.operative_id := NULL;
    o.accepted_at := NULL;
    o.slot_from := NULL;
    o.slot_until := NULL;
    o.refusal := NULL;
    o.pull := NULL;
    RETURN o;
END $$;
COMMENT ON FUNCTION sanctuary.works_do_offer IS 'Offers an order, to another firm at that firm''s prices of today.';

CREATE FUNCTION sanctuary.works_do_approve(o sanctuary.works_order, item jsonb) RETURNS sanctuary.works_order
LANGUAGE sql AS $$ SELECT sanctuary.works_do_offer(o, '{}') $$;
COMMENT ON FUNCTION sanctuary.works_do_approve IS 'What is approved by itself goes out to its firm at once.';

CREATE FUNCTION sanctuary.works_do_report_done(o sanctuary.works_order, item jsonb) RETURNS sanctuary.works_order
LANGUAGE plpgsql AS $$
DECLARE
    why text;
    v sanctuary.variation;
BEGIN
    FOR why IN SELECT DISTINCT e.value ->> 'reason' FROM jsonb_array_elements(item -> 'lines') e
                 JOIN sanctuary.order_line l ON l.order_id = o.id AND l.n = (e.value ->> 'n')::integer
                WHERE (e.value ->> 'fitted_tenths')::integer < l.quantity_tenths LOOP
        v := sanctuary.new_change(o, jsonb_build_object('lines', (
                SELECT jsonb_agg(jsonb_build_object('n', l.n, 'quantity_tenths', e.value -> 'fitted_tenths'))
                  FROM jsonb_array_elements(item -> 'lines') e
                  JOIN sanctuary.order_line l ON l.order_id = o.id AND l.n = (e.value ->> 'n')::integer
                 WHERE e.value ->> 'reason' = why
                   AND (e.value ->> 'fitted_tenths')::integer < l.quantity_tenths)), why);
        UPDATE sanctuary.variation x
           SET state = 'agreed', decided_by = audit.me('account')::uuid, decided_at = now() WHERE x.id = v.id;
        PERFORM sanctuary.take_change(v);
    END LOOP;
    UPDATE sanctuary.order_line l
       SET fitted_tenths = (e.value ->> 'fitted_tenths')::integer, certificate = e.value ->> 'certificate'
      FROM jsonb_array_elements(item -> 'lines') e
     WHERE l.order_id = o.id AND l.n = (e.value ->> 'n')::integer;
    o.done_at := now();
    o.keys_made := (item ->> 'keys_made')::smallint;
    o.alarms_tested := true;
    o.home_secure := true;
    RETURN o;
END $$;
COMMENT ON FUNCTION sanctuary.works_do_report_done IS
    'Notes what was fitted. What was not is a change to the order that needs no money.';

CREATE FUNCTION sanctuary.works_do_invoice(o sanctuary.works_order, item jsonb) RETURNS sanctuary.works_order
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sanctuary.invoice (order_id, firm_id, number, net_pence, vat_pence, sent_by)
    VALUES (o.id, o.firm_id, item ->> 'number', (item ->> 'net_pence')::bigint,
            coalesce((item ->> 'vat_pence')::bigint, 0), audit.me('account')::uuid);
    RETURN o;
END $$;
COMMENT ON FUNCTION sanctuary.works_do_invoice IS 'Notes the firm''s invoice.';

CREATE FUNCTION sanctuary.works_do_query(o sanctuary.works_order, item jsonb) RETURNS sanctuary.works_order
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sanctuary.invoice i SET query = item ->> 'reason', queried_by = audit.me('account')::uuid
     WHERE i.order_id = o.id AND i.query IS NULL;
    RETURN o;
END $$;
COMMENT ON FUNCTION sanctuary.works_do_query IS 'Notes what is wrong with an invoice: the firm sends another.';

CREATE FUNCTION sanctuary.works_do_settle(o sanctuary.works_order, item jsonb) RETURNS sanctuary.works_order
LANGUAGE plpgsql AS $$
DECLARE
    i sanctuary.invoice;
    j sanctuary.job;
BEGIN
    UPDATE sanctuary.invoice x
       SET paid_on = (item ->> 'paid_on')::date, payment_reference = item ->> 'reference',
           settled_by = audit.me('account')::uuid
     WHERE x.order_id = o.id AND x.query IS NULL RETURNING * INTO STRICT i;
    SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = o.job_id;
    PERFORM sanctuary.pay_promised(j, i.net_pence, i.paid_on);
    RETURN o;
END $$;
COMMENT ON FUNCTION sanctuary.works_do_settle IS 'Notes that an invoice was paid, and books it.';

CREATE FUNCTION sanctuary.works_after(o sanctuary.works_order, act works_act, item jsonb) RETURNS sanctuary.works_order
LANGUAGE plpgsql AS $$
BEGIN
    CASE act
        WHEN 'offer' THEN o := sanctuary.works_do_offer(o, item);
        WHEN 'approve' THEN o := sanctuary.works_do_approve(o, item);
        WHEN 'report_done' THEN o := sanctuary.works_do_report_done(o, item);
        WHEN 'invoice' THEN o := sanctuary.works_do_invoice(o, item);
        WHEN 'query' THEN o := sanctuary.works_do_query(o, item);
        WHEN 'settle' THEN o := sanctuary.works_do_settle(o, item);
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
COMMENT ON FUNCTION sanctuary.works_after IS 'An order as an act leaves it, but for its state.';

CREATE FUNCTION sanctuary.put_order(o sanctuary.works_order, becomes works_state) RETURNS void LANGUAGE sql AS $$
    UPDATE sanctuary.works_order x
       SET state = becomes, firm_id = o.firm_id, priced_on = o.priced_on, word = o.word, operative_id = o.operative_id,
           offered_at = o.offered_at, answer_by = o.answer_by, accepted_at = o.accepted_at, slot_from = o.slot_from,
           slot_until = o.slot_until, slot_agreed = o.slot_agreed, arrived_at = o.arrived_at, done_at = o.done_at,
           taken_over_at = o.taken_over_at, refusal = o.refusal, pull = o.pull, left_as = o.left_as,
           left_times = o.left_times,
           keys_made = o.keys_made, alarms_tested = o.alarms_tested, home_secure = o.home_secure,
           version = x.version + 1
     WHERE x.id = o.id AND x.version = o.version
$$;
COMMENT ON FUNCTION sanctuary.put_order IS 'Stores an order as it is after an act, with its state and version.';

CREATE FUNCTION sanctuary.lock_order(one uuid) RETURNS sanctuary.works_order LANGUAGE plpgsql AS $$
DECLARE
    it sanctuary.works_order;
BEGIN
    SELECT * INTO it FROM sanctuary.works_order o WHERE o.id = one;
    PERFORM fund.lock_homes(it.household_id);
    PERFORM set_config('haven.denied', '', true), set_config('haven.opened', '', true);
    PERFORM FROM sanctuary.job j WHERE j.id = it.job_id FOR NO KEY UPDATE;
    SELECT * INTO it FROM sanctuary.works_order o WHERE o.id = one FOR NO KEY UPDATE;
    RETURN it;
END $$;
COMMENT ON FUNCTION sanctuary.lock_order IS 'Locks case, job and order, in this order; no row: an order without an id.';

CREATE FUNCTION sanctuary.works_need(code text, o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql AS $$
DECLARE
    told sanctuary.told;
BEGIN
    EXECUTE format('SELECT (t).* FROM sanctuary.%I($1, $2) t', 'works_need_' || code) INTO told USING o, item;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.works_need IS 'Asks one need of an act on an order; NULL where it is met.';

-- ---- whom it is a task of ----

SELECT add_codes('task_kind', '{works_approval,works_reoffer,works_no_access,works_take_over,works_invoice,works_change,
    works_change_fund,works_change_review,job_due,job_overdue,job_review_3m,job_review_6m,job_marker,job_equipment}');
SELECT add_codes('task_about', '{works_order,sanctuary_job}');

CREATE POLICY mine_orders ON task FOR SELECT TO haven_app
    USING (about IN ('works_order', 'sanctuary_job') AND organisation_id = (SELECT my_organisation())
           AND for_role = (SELECT audit.me('role'))
           AND CASE about WHEN 'works_order' THEN sanctuary.order_seen(about_id) ELSE sanctuary.job_seen(about_id) END);

CREATE FUNCTION sanctuary.put_works_task(of_organisation uuid, of_kind task_kind, of_about task_about, thing uuid,
                                         of_role text, by_day date) RETURNS void LANGUAGE sql AS $$
    INSERT INTO task (organisation_id, kind, about, about_id, for_role, due_on)
    SELECT of_organisation, of_kind, of_about, thing, of_role, by_day WHERE of_organisation IS NOT NULL
    ON CONFLICT (about_id, kind, for_role) WHERE ended_at IS NULL AND about_id IS NOT NULL
    DO UPDATE SET due_on = excluded.due_on, version = task.version + 1 WHERE task.due_on <> excluded.due_on
$$;
COMMENT ON FUNCTION sanctuary.put_works_task IS
    'Makes a task of people of a role about an order or a job, or moves the day of the one that there is.';

CREATE FUNCTION sanctuary.order_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    keeper uuid := (SELECT j.keeper_id FROM sanctuary.job j WHERE j.id = NEW.job_id);
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
            ('works_approval', NEW.state = 'draft' AND NEW.kind = 'first', keeper, 'finance_approver', today()),
            ('works_reoffer', NEW.state IN ('refused', 'lapsed'), NEW.organisation_id, 'sanctuary_coordinator',
             today()),
            ('works_no_access', NEW.state = 'accepted' AND NEW.left_as IS NOT NULL, NEW.organisation_id,
             'sanctuary_coordinator', today()),
            ('works_take_over', NEW.state = 'done', NEW.organisation_id, 'sanctuary_coordinator',
             add_working_days(today(), 2)),
            ('works_invoice', NEW.state = 'invoiced', keeper, 'finance_officer', today() + 30))
            x (kind, wanted, organisation, role, day) LOOP
        IF t.wanted THEN
            PERFORM sanctuary.put_works_task(t.organisation, t.kind, 'works_order', NEW.id, t.role, t.day);
        ELSE
            PERFORM fund.end_tasks(NEW.id, ARRAY[t.kind]);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.order_tasks IS 'Who is to do what about an order, by its state.';
CREATE TRIGGER order_tasks AFTER INSERT OR UPDATE ON sanctuary.works_order FOR EACH ROW
    EXECUTE FUNCTION sanctuary.order_tasks();
