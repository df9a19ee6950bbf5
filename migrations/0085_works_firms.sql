-- Works of the sanctuary scheme: the firms that do them, with trades, areas, contracts and prices; the courses of an
-- order and of a change to it, as rows; and the arithmetic of clocks.

CREATE DOMAIN works_kind AS text CHECK (VALUE IN ('first', 'main', 'snag', 'survey'));
COMMENT ON DOMAIN works_kind IS
    'What an order is for: the measures that need no leave, the rest, a defect, or the survey itself.';

CREATE DOMAIN works_state AS text CHECK (VALUE IN ('draft', 'offered', 'accepted', 'booked', 'on_site', 'done',
    'taken_over', 'invoiced', 'paid', 'refused', 'lapsed', 'cancelled'));
COMMENT ON DOMAIN works_state IS 'Course of a works order.';

CREATE DOMAIN works_act AS text CHECK (VALUE IN ('approve', 'offer', 'accept', 'refuse', 'lapse', 'pull', 'book',
    'arrive', 'leave', 'report_done', 'take_over', 'invoice', 'query', 'settle'));
COMMENT ON DOMAIN works_act IS 'What is done with a works order.';

CREATE DOMAIN works_side AS text CHECK (VALUE IN ('coordinator', 'firm', 'approver', 'payer', 'service'));
COMMENT ON DOMAIN works_side IS 'Whose act it is.';

CREATE DOMAIN works_refusal AS text CHECK (VALUE IN ('no_capacity', 'trade', 'area', 'price', 'link_to_party',
    'needs_review'));
COMMENT ON DOMAIN works_refusal IS 'Why a firm does not take an order.';

CREATE DOMAIN works_pull AS text CHECK (VALUE IN ('firm_is_late', 'no_longer_needed', 'link_to_party', 'unsafe_now',
    'entered_wrongly'));
COMMENT ON DOMAIN works_pull IS 'Why an order is taken back from a firm.';

CREATE DOMAIN works_left AS text CHECK (VALUE IN ('nobody_in', 'asked_to_go', 'unsafe_to_stay', 'no_way_in',
    'part_done'));
COMMENT ON DOMAIN works_left IS 'Why an operative left before the works were done.';

CREATE DOMAIN works_query AS text CHECK (VALUE IN ('amount', 'not_fitted', 'wrong_order', 'vat', 'paid_before'));
COMMENT ON DOMAIN works_query IS 'What is wrong with an invoice.';

CREATE DOMAIN works_way AS text CHECK (VALUE IN ('ring', 'knock', 'wait_in_van', 'call_first'));
COMMENT ON DOMAIN works_way IS 'How an operative makes themselves known at the home.';

CREATE DOMAIN works_agreed AS text CHECK (VALUE IN ('by_telephone', 'in_person', 'through_support_worker'));
COMMENT ON DOMAIN works_agreed IS 'How a time was agreed with the householder, by the rules of their safe contact.';

CREATE DOMAIN works_change_state AS text CHECK (VALUE IN ('asked', 'agreed', 'refused', 'lapsed', 'taken_back'));
COMMENT ON DOMAIN works_change_state IS 'Course of a change to an order.';

CREATE DOMAIN works_change_act AS text CHECK (VALUE IN ('ask', 'agree', 'agree_fund', 'refuse', 'lapse', 'take_back',
    'make_safe', 'review'));
COMMENT ON DOMAIN works_change_act IS 'What is done with a change to an order.';

CREATE DOMAIN works_change_reason AS text CHECK (VALUE IN ('hidden_defect', 'wrong_size', 'not_fittable',
    'householder_wish', 'fire_rule', 'owner_condition', 'home_insecure', 'call_out'));
COMMENT ON DOMAIN works_change_reason IS 'Why an order is to be changed.';

CREATE DOMAIN works_change_refusal AS text CHECK (VALUE IN ('too_dear', 'not_needed', 'ask_owner', 'not_allowed'));
COMMENT ON DOMAIN works_change_refusal IS 'Why a change to an order is refused.';

SELECT add_codes('sanctuary_outcome', '{late_answer,firm_unfit,no_account,unsafe_time,no_operative,change_open,
    lines,no_reason,certificate,alarms,keys,insecure,over_total,number_used,defect_open,over_tolerance,over_cap,
    short,too_early,orders_open,not_booked,order_taken,outside_clock,not_said,tries,no_order}');

-- ---- who works ----

CREATE FUNCTION does_works() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT audit.me('role') = 'contractor' $$;
COMMENT ON FUNCTION does_works IS
    'Whether the caller works for a firm of the sanctuary scheme: those see their orders.';
GRANT EXECUTE ON FUNCTION does_works TO haven_app;

CREATE FUNCTION coordinates() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') = 'sanctuary_coordinator' $$;
COMMENT ON FUNCTION coordinates IS 'Whether the caller coordinates the sanctuary scheme.';
GRANT EXECUTE ON FUNCTION coordinates TO haven_app;

-- ---- firms ----

CREATE TABLE sanctuary.firm (
    organisation_id uuid PRIMARY KEY REFERENCES organisation,
    trades text[] NOT NULL CHECK (cardinality(trades) > 0),
    areas text[] NOT NULL CHECK (cardinality(areas) > 0),
    contract_from date NOT NULL,
    contract_until date NOT NULL CHECK (contract_until > contract_from),
    fire_doors boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE sanctuary.firm IS 'What a contractor may be asked to do, where, and for how long.';
COMMENT ON COLUMN sanctuary.firm.organisation_id IS 'The contractor.';
COMMENT ON COLUMN sanctuary.firm.trades IS 'Codes of the trades that it does.';
COMMENT ON COLUMN sanctuary.firm.areas IS 'ONS codes of the local authorities that it works in.';
COMMENT ON COLUMN sanctuary.firm.contract_from IS 'First day of its contract.';
COMMENT ON COLUMN sanctuary.firm.contract_until IS
    'From this day on it gets no new order; what it was offered before binds both sides all the same.';
COMMENT ON COLUMN sanctuary.firm.fire_doors IS 'Whether it is certified to work on fire doors.';
COMMENT ON COLUMN sanctuary.firm.version IS 'Grows by one with each change; the ETag.';
SELECT guard('sanctuary.firm', 'alone');
CREATE POLICY scheme ON sanctuary.firm FOR SELECT TO haven_app
    USING (organisation_id IN (SELECT unnest(my_partners()))
           AND ((SELECT coordinates()) OR organisation_id = (SELECT my_organisation())));

CREATE TABLE sanctuary.firm_price (
    organisation_id uuid NOT NULL REFERENCES organisation,
    measure text NOT NULL REFERENCES sanctuary.measure,
    from_day date NOT NULL,
    unit_pence bigint NOT NULL CHECK (unit_pence >= 0),
    PRIMARY KEY (organisation_id, measure, from_day)
);
COMMENT ON TABLE sanctuary.firm_price IS
    'A firm''s own price of a measure from a day on; where it has none the catalogue''s price holds. Rows are only '
    'added: an order keeps the prices of its day.';
COMMENT ON COLUMN sanctuary.firm_price.organisation_id IS 'The contractor.';
COMMENT ON COLUMN sanctuary.firm_price.measure IS 'Code of the measure.';
COMMENT ON COLUMN sanctuary.firm_price.from_day IS 'From this day on.';
COMMENT ON COLUMN sanctuary.firm_price.unit_pence IS 'Pence for one unit, without VAT.';
SELECT guard('sanctuary.firm_price', 'alone', recorded => false);
CREATE POLICY scheme ON sanctuary.firm_price FOR SELECT TO haven_app
    USING (organisation_id IN (SELECT f.organisation_id FROM sanctuary.firm f));

CREATE FUNCTION sanctuary.set_firm(firm uuid, item jsonb) RETURNS sanctuary_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
BEGIN
    IF me IS NULL OR NOT coordinates() OR NOT EXISTS (
           SELECT FROM organisation o
            WHERE o.id = firm AND o.kind = 'contractor' AND o.id = ANY (my_partners())) THEN
        RETURN 'none';
    END IF;
    INSERT INTO sanctuary.firm AS f (organisation_id, trades, areas, contract_from, contract_until, fire_doors)
    SELECT firm, n.trades, n.areas, n.contract_from, n.contract_until, coalesce(n.fire_doors, false)
      FROM jsonb_populate_record(NULL::sanctuary.firm, item) n
    ON CONFLICT (organisation_id) DO UPDATE
       SET trades = excluded.trades, areas = excluded.areas, contract_from = excluded.contract_from,
           contract_until = excluded.contract_until, fire_doors = excluded.fire_doors, version = f.version + 1;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION sanctuary.set_firm IS 'Says what a firm may be asked to do, from now on.';
GRANT EXECUTE ON FUNCTION sanctuary.set_firm TO haven_app;

CREATE FUNCTION sanctuary.set_price(firm uuid, item jsonb) RETURNS sanctuary_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
BEGIN
    IF me IS NULL OR NOT coordinates()
       OR NOT EXISTS (SELECT FROM sanctuary.firm f WHERE f.organisation_id = firm AND firm = ANY (my_partners())) THEN
        RETURN 'none';
    END IF;
    INSERT INTO sanctuary.firm_price AS p (organisation_id, measure, from_day, unit_pence)
    VALUES (firm, item ->> 'measure', coalesce((item ->> 'from_day')::date, today()), (item ->> 'unit_pence')::bigint)
    ON CONFLICT (organisation_id, measure, from_day) DO UPDATE SET unit_pence = excluded.unit_pence;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION sanctuary.set_price IS 'Sets what a firm asks for a measure from a day on; no order changes by it.';
GRANT EXECUTE ON FUNCTION sanctuary.set_price TO haven_app;

CREATE FUNCTION sanctuary.firm_price_of(firm uuid, of_measure text, day date) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT p.unit_pence FROM sanctuary.firm_price p
                      WHERE p.organisation_id = firm AND p.measure = of_measure AND p.from_day <= day
                      ORDER BY p.from_day DESC LIMIT 1),
                    sanctuary.price_of(of_measure, day))
$$;
COMMENT ON FUNCTION sanctuary.firm_price_of IS 'Pence for one unit of a measure by a firm''s price list on a day.';

-- ---- courses ----

CREATE TABLE sanctuary.works_step (
    act works_act NOT NULL,
    from_state works_state NOT NULL,
    to_state works_state NOT NULL,
    side works_side NOT NULL,
    needs text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (act, from_state, side)
);
COMMENT ON TABLE sanctuary.works_step IS
    'What may be done with an order in which state, whose act it is, and what it needs. Buttons, the guard of every '
    'act and the test of all states come from these rows.';
COMMENT ON COLUMN sanctuary.works_step.act IS 'The act.';
COMMENT ON COLUMN sanctuary.works_step.from_state IS 'The state it is in.';
COMMENT ON COLUMN sanctuary.works_step.to_state IS 'The state that it comes to.';
COMMENT ON COLUMN sanctuary.works_step.side IS 'Whose act.';
COMMENT ON COLUMN sanctuary.works_step.needs IS
    'What it needs, in the order of asking: functions sanctuary.works_need_….';
SELECT guard('sanctuary.works_step', 'open');

INSERT INTO sanctuary.works_step (act, from_state, to_state, side, needs)
SELECT s.act, f.state, s.to_state, w.side, s.needs::text[]
  FROM (VALUES
    ('approve', 'draft', 'offered', 'approver', '{not_own,firm_fits,money_approved}'),
    ('offer', 'draft refused lapsed cancelled', 'offered', 'coordinator', '{job_live,firm_fits,money_there}'),
    ('accept', 'offered', 'accepted', 'firm', '{in_time,operative}'),
    ('refuse', 'offered', 'refused', 'firm', '{}'),
    ('lapse', 'offered', 'lapsed', 'service', '{time_passed}'),
    ('pull', 'draft offered accepted booked', 'cancelled', 'coordinator', '{}'),
    ('book', 'accepted booked', 'booked', 'firm coordinator', '{safe_time}'),
    ('arrive', 'booked', 'on_site', 'firm', '{}'),
    ('leave', 'booked on_site', 'accepted', 'firm', '{}'),
    ('report_done', 'booked on_site', 'done', 'firm', '{no_open_change,reported,fitted}'),
    ('take_over', 'done', 'taken_over', 'coordinator', '{}'),
    ('invoice', 'done taken_over', 'invoiced', 'firm', '{within_total,number_once}'),
    ('query', 'invoiced', 'taken_over', 'coordinator payer', '{}'),
    ('settle', 'invoiced', 'paid', 'payer', '{money_left}')) s (act, from_states, to_state, sides, needs)
 CROSS JOIN LATERAL string_to_table(s.from_states, ' ') f (state)
 CROSS JOIN LATERAL string_to_table(s.sides, ' ') w (side);

CREATE TABLE sanctuary.works_change_step (
    act works_change_act NOT NULL,
    from_state works_change_state,
    to_state works_change_state NOT NULL,
    side works_side NOT NULL,
    needs text[] NOT NULL DEFAULT '{}',
    CONSTRAINT works_change_step_once UNIQUE NULLS NOT DISTINCT (act, from_state, side)
);
COMMENT ON TABLE sanctuary.works_change_step IS
    'The same for a change to an order; one that is asked for comes from nothing.';
COMMENT ON COLUMN sanctuary.works_change_step.act IS 'The act.';
COMMENT ON COLUMN sanctuary.works_change_step.from_state IS 'The state it is in; NULL: there is no open change.';
COMMENT ON COLUMN sanctuary.works_change_step.to_state IS 'The state that it comes to.';
COMMENT ON COLUMN sanctuary.works_change_step.side IS 'Whose act.';
COMMENT ON COLUMN sanctuary.works_change_step.needs IS 'What it needs: functions sanctuary.change_need_….';
SELECT guard('sanctuary.works_change_step', 'open');

INSERT INTO sanctuary.works_change_step VALUES
    ('ask', NULL, 'asked', 'firm', '{no_open_change}'), ('ask', NULL, 'asked', 'coordinator', '{no_open_change}'),
    ('agree', 'asked', 'agreed', 'coordinator', '{not_own,tolerance}'),
    ('agree_fund', 'asked', 'agreed', 'approver', '{not_own,money_approved}'),
    ('refuse', 'asked', 'refused', 'coordinator', '{}'), ('refuse', 'asked', 'refused', 'approver', '{}'),
    ('lapse', 'asked', 'lapsed', 'service', '{}'),
    ('take_back', 'asked', 'taken_back', 'firm', '{own_side}'),
    ('take_back', 'asked', 'taken_back', 'coordinator', '{own_side}'),
    ('make_safe', NULL, 'agreed', 'firm', '{no_open_change,on_site,cap}'),
    ('review', 'agreed', 'agreed', 'approver', '{made_safe,not_own}');

CREATE TABLE sanctuary.works_rule (
    id integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    answer_hours integer NOT NULL DEFAULT 4 CHECK (answer_hours BETWEEN 1 AND 48),
    fast_answer_minutes integer NOT NULL DEFAULT 60 CHECK (fast_answer_minutes BETWEEN 10 AND 1440),
    tolerance_percent integer NOT NULL DEFAULT 10 CHECK (tolerance_percent BETWEEN 0 AND 100),
    tolerance_pence bigint NOT NULL DEFAULT 15000 CHECK (tolerance_pence >= 0),
    make_safe_pence bigint NOT NULL DEFAULT 12000 CHECK (make_safe_pence >= 0),
    change_hours integer NOT NULL DEFAULT 24 CHECK (change_hours BETWEEN 1 AND 240),
    first_hours integer NOT NULL DEFAULT 24 CHECK (first_hours BETWEEN 1 AND 240),
    warranty_months integer NOT NULL DEFAULT 12 CHECK (warranty_months BETWEEN 0 AND 120),
    marker_months integer NOT NULL DEFAULT 6 CHECK (marker_months BETWEEN 1 AND 24)
);
COMMENT ON TABLE sanctuary.works_rule IS
    'One row of numbers that a partnership sets itself. The defaults are invented; the operator enters its own.';
COMMENT ON COLUMN sanctuary.works_rule.id IS 'The one row.';
COMMENT ON COLUMN sanctuary.works_rule.answer_hours IS 'Working hours in which a firm answers an offer.';
COMMENT ON COLUMN sanctuary.works_rule.fast_answer_minutes IS
    'The same of works that are to be done within 24 hours, round the clock.';
COMMENT ON COLUMN sanctuary.works_rule.tolerance_percent IS
    'Share of an order by which a coordinator may agree to more, all changes together.';
COMMENT ON COLUMN sanctuary.works_rule.tolerance_pence IS 'And at most this.';
COMMENT ON COLUMN sanctuary.works_rule.make_safe_pence IS
    'What a firm may spend without asking where the home would be left insecure.';
COMMENT ON COLUMN sanctuary.works_rule.change_hours IS 'Hours after which a change that nobody decided lapses.';
COMMENT ON COLUMN sanctuary.works_rule.first_hours IS 'Hours for the measures that need no leave.';
COMMENT ON COLUMN sanctuary.works_rule.warranty_months IS 'Months in which a defect is the firm''s own cost.';
COMMENT ON COLUMN sanctuary.works_rule.marker_months IS 'Months after which a marker of the police is reviewed.';
INSERT INTO sanctuary.works_rule DEFAULT VALUES;
SELECT guard('sanctuary.works_rule', 'open');

-- ---- hours and days ----

CREATE FUNCTION add_working_time(at timestamptz, span interval) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
    spent interval := '0';
    hours record;
BEGIN
    FOR hours IN
        SELECT greatest(at, (d.day + o.opens) AT TIME ZONE 'Europe/London') AS begins,
               (d.day + o.closes) AT TIME ZONE 'Europe/London' AS ends
          FROM (SELECT london_day(at) + n AS day FROM generate_series(0, 400) n) d
          JOIN office_hours o ON o.weekday = extract(isodow FROM d.day)::integer
         WHERE NOT EXISTS (SELECT FROM bank_holiday b WHERE b.day = d.day)
           AND (d.day + o.closes) AT TIME ZONE 'Europe/London' > at
         ORDER BY d.day LOOP
        IF spent + (hours.ends - hours.begins) >= span THEN
            RETURN hours.begins + (span - spent);
        END IF;
        spent := spent + (hours.ends - hours.begins);
    END LOOP;
    RETURN at + span;
END $$;
COMMENT ON FUNCTION add_working_time IS
    'That much time of office hours later. Where no office is ever open, that much time later.';
GRANT EXECUTE ON FUNCTION add_working_time TO haven_app;

CREATE FUNCTION end_of_working_day(at timestamptz, days integer) RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT (add_working_days(london_day(at), days) + 1)::timestamp AT TIME ZONE 'Europe/London' $$;
COMMENT ON FUNCTION end_of_working_day IS
    'The end of that many working days after the day of an instant, whatever its hour, and whether or not that day '
    'was a working day.';
GRANT EXECUTE ON FUNCTION end_of_working_day TO haven_app;

CREATE FUNCTION told_in_hours(at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT max(least(at, (d.day + time '18:00') AT TIME ZONE 'Europe/London'))
      FROM (SELECT london_day(at) - n AS day FROM generate_series(0, 14) n) d
     WHERE extract(isodow FROM d.day) < 6 AND NOT EXISTS (SELECT FROM bank_holiday b WHERE b.day = d.day)
       AND (d.day + time '08:00') AT TIME ZONE 'Europe/London' <= at
$$;
COMMENT ON FUNCTION told_in_hours IS
    'When somebody is told of what is due at an instant: then, or before it at 18:00 of the last working day where it '
    'is not between 08:00 and 18:00 of one.';
GRANT EXECUTE ON FUNCTION told_in_hours TO haven_app;

-- ---- clocks ----
--
-- A clock never stops while what it waits for is not done: a breach is a breach, whatever caused it. Hours that were
-- lost are rows with their cause beside it. A date that was agreed with the household stands beside the target.

CREATE DOMAIN clock_kind AS text CHECK (VALUE IN ('eligibility', 'consent', 'survey', 'installation', 'sign_off'));
COMMENT ON DOMAIN clock_kind IS 'What a clock of a job waits for.';

CREATE DOMAIN clock_end AS text CHECK (VALUE IN ('met', 'ended'));
COMMENT ON DOMAIN clock_end IS 'How a clock ended: by what it waited for, or because nothing is waited for any more.';

CREATE DOMAIN loss_cause AS text CHECK (VALUE IN ('household', 'owner', 'approval', 'pot', 'survey',
    'contractor_answer', 'contractor', 'material', 'weather', 'police_or_fire', 'service', 'coordinator'));
COMMENT ON DOMAIN loss_cause IS
    'Why hours were lost. Where two overlap the earlier one in this order has them. What nobody entered is the '
    'contractor''s from the acceptance of its order on, and the coordinator''s before.';

CREATE TABLE sanctuary.clock_rule (
    kind clock_kind PRIMARY KEY,
    starts sanctuary_act[] NOT NULL,
    ends sanctuary_act[] NOT NULL,
    hours integer CHECK (hours > 0),
    working_days integer CHECK (working_days > 0),
    CONSTRAINT clock_rule_span CHECK ((hours IS NULL) <> (working_days IS NULL))
);
COMMENT ON TABLE sanctuary.clock_rule IS
    'Which act starts a clock, which ends it, and its target: hours round the clock, or working days to the end of '
    'the last. The operator may change targets.';
COMMENT ON COLUMN sanctuary.clock_rule.kind IS 'The clock.';
COMMENT ON COLUMN sanctuary.clock_rule.starts IS 'Acts that start it.';
COMMENT ON COLUMN sanctuary.clock_rule.ends IS 'Acts that it waits for.';
COMMENT ON COLUMN sanctuary.clock_rule.hours IS 'Hours round the clock, where the job has no target of its own.';
COMMENT ON COLUMN sanctuary.clock_rule.working_days IS 'Working days.';
INSERT INTO sanctuary.clock_rule VALUES
    ('eligibility', '{refer,reconsider,reopen}', '{accept,refuse}', NULL, 1),
    ('consent', '{ask_consent}', '{record_consent,record_consent_surveyed,record_refusal}', NULL, 5),
    ('survey', '{record_consent,no_consent_needed}', '{survey,nothing_needed}', NULL, 2),
    ('installation', '{survey,survey_early}', '{install}', 72, NULL),
    ('sign_off', '{install}', '{sign_off}', NULL, 5);
SELECT guard('sanctuary.clock_rule', 'open');

CREATE TABLE sanctuary.clock (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    kind clock_kind NOT NULL,
    started_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    agreed_on date,
    ended_at timestamptz CHECK (ended_at >= started_at),
    ended_as clock_end,
    told smallint NOT NULL DEFAULT 0 CHECK (told IN (0, 50, 75, 100)),
    CONSTRAINT clock_ended CHECK ((ended_at IS NULL) = (ended_as IS NULL))
);
COMMENT ON TABLE sanctuary.clock IS 'A clock of a job. Only functions of the timeline start and end one.';
COMMENT ON COLUMN sanctuary.clock.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.clock.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.clock.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.clock.kind IS 'What it waits for.';
COMMENT ON COLUMN sanctuary.clock.started_at IS 'When it started.';
COMMENT ON COLUMN sanctuary.clock.due_at IS 'The target; it moves only to an earlier time.';
COMMENT ON COLUMN sanctuary.clock.agreed_on IS
    'A later day that the household agreed to. It changes neither the target nor whether it was missed.';
COMMENT ON COLUMN sanctuary.clock.ended_at IS 'When it ended; NULL: it runs.';
COMMENT ON COLUMN sanctuary.clock.ended_as IS 'How.';
COMMENT ON COLUMN sanctuary.clock.told IS 'Per cent of its time at which somebody was told last; each once.';
CREATE UNIQUE INDEX clock_running ON sanctuary.clock (job_id, kind) WHERE ended_at IS NULL;
CREATE INDEX clock_due ON sanctuary.clock (due_at) WHERE ended_at IS NULL;
CREATE INDEX clock_job ON sanctuary.clock (job_id, started_at);
SELECT guard('sanctuary.clock', 'works', erase => 'kept', recorded => false);

CREATE FUNCTION sanctuary.due_of(rule sanctuary.clock_rule, j sanctuary.job, at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN rule.working_days IS NOT NULL THEN end_of_working_day(at, rule.working_days)
                WHEN coalesce(j.risk_level, 'high') = 'high' THEN at + make_interval(hours => least(rule.hours, 24))
                ELSE at + make_interval(hours => coalesce(j.target_hours, rule.hours)) END
$$;
COMMENT ON FUNCTION sanctuary.due_of IS
    'The target of a clock that starts at an instant: of works in hours that pass, 24 of them where the risk is high '
    'or not known.';
GRANT EXECUTE ON FUNCTION sanctuary.due_of TO haven_app;

CREATE FUNCTION sanctuary.run_clocks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    j sanctuary.job;
BEGIN
    SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = NEW.job_id;
    UPDATE sanctuary.clock c
       SET ended_at = greatest(NEW.at, c.started_at),
           ended_as = CASE WHEN NEW.act = ANY (r.ends) THEN 'met' ELSE 'ended' END
      FROM sanctuary.clock_rule r
     WHERE c.job_id = NEW.job_id AND c.ended_at IS NULL AND r.kind = c.kind
       AND (NEW.act = ANY (r.ends)
            OR NEW.becomes IN ('ineligible', 'closed', 'withdrawn')
            OR NEW.act IN ('record_refusal', 'withdraw_consent'));
    IF NEW.act = 'confirm_correction' THEN
        -- what was done was not: the clock that it ended goes on, and none of its hours are lost
        UPDATE sanctuary.clock c SET ended_at = NULL, ended_as = NULL
         WHERE c.id IN (SELECT DISTINCT ON (x.kind) x.id FROM sanctuary.clock x
                          JOIN sanctuary.clock_rule r ON r.kind = x.kind
                         WHERE x.job_id = NEW.job_id AND x.ended_as = 'met'
                           AND EXISTS (SELECT FROM sanctuary.move m WHERE m.becomes = NEW.was AND m.act = ANY (r.ends))
                         ORDER BY x.kind, x.started_at DESC);
    END IF;
    INSERT INTO sanctuary.clock (job_id, household_id, kind, started_at, due_at)
    SELECT NEW.job_id, NEW.household_id, r.kind, NEW.at, sanctuary.due_of(r, j, NEW.at)
      FROM sanctuary.clock_rule r WHERE NEW.act = ANY (r.starts)
    ON CONFLICT (job_id, kind) WHERE ended_at IS NULL DO NOTHING;
    IF NEW.act = 'reassess_risk' AND coalesce(j.risk_level, 'high') = 'high' THEN
        UPDATE sanctuary.clock c SET due_at = least(c.due_at, NEW.at + interval '24 hours')
         WHERE c.job_id = NEW.job_id AND c.kind = 'installation' AND c.ended_at IS NULL;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.run_clocks IS
    'The timeline starts and ends the clocks of a job. A risk that rises shortens the installation''s; one that falls '
    'changes nothing.';
CREATE TRIGGER run_clocks AFTER INSERT ON sanctuary.step FOR EACH ROW EXECUTE FUNCTION sanctuary.run_clocks();

CREATE TABLE sanctuary.clock_loss (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    clock_id uuid NOT NULL REFERENCES sanctuary.clock,
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    during tstzrange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
    cause loss_cause NOT NULL,
    recorded_by uuid REFERENCES account,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT loss_once EXCLUDE USING gist (clock_id WITH =, during WITH &&)
);
COMMENT ON TABLE sanctuary.clock_loss IS 'Hours of a clock that somebody or something took. No two overlap.';
COMMENT ON COLUMN sanctuary.clock_loss.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.clock_loss.clock_id IS 'The clock.';
COMMENT ON COLUMN sanctuary.clock_loss.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.clock_loss.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.clock_loss.during IS 'From when until when, within the clock.';
COMMENT ON COLUMN sanctuary.clock_loss.cause IS 'Why.';
COMMENT ON COLUMN sanctuary.clock_loss.recorded_by IS 'The person who entered it; NULL: the service.';
COMMENT ON COLUMN sanctuary.clock_loss.recorded_at IS 'When.';
CREATE INDEX clock_loss_job ON sanctuary.clock_loss (job_id);
SELECT guard('sanctuary.clock_loss', 'works', erase => 'kept');

CREATE FUNCTION sanctuary.loss_rank(cause loss_cause) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT array_position('{household,owner,approval,pot,survey,contractor_answer,contractor,material,weather,
                            police_or_fire,service,coordinator}'::text[], cause::text)
$$;
COMMENT ON FUNCTION sanctuary.loss_rank IS 'Which of two causes has the hours that both took: the lower number.';

CREATE FUNCTION sanctuary.put_loss(c sanctuary.clock, lost tstzrange, why loss_cause) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    left_over tstzmultirange;
    weaker sanctuary.clock_loss;
BEGIN
    left_over := tstzmultirange(lost * tstzrange(c.started_at, coalesce(c.ended_at, clock_timestamp())))
        - coalesce((SELECT range_agg(l.during) FROM sanctuary.clock_loss l
                     WHERE l.clock_id = c.id AND sanctuary.loss_rank(l.cause) <= sanctuary.loss_rank(why)), '{}');
    FOR weaker IN DELETE FROM sanctuary.clock_loss l WHERE l.clock_id = c.id AND l.during && left_over RETURNING * LOOP
        INSERT INTO sanctuary.clock_loss (clock_id, job_id, household_id, during, cause, recorded_by, recorded_at)
        SELECT weaker.clock_id, weaker.job_id, weaker.household_id, r, weaker.cause, weaker.recorded_by,
               weaker.recorded_at
          FROM unnest(tstzmultirange(weaker.during) - left_over) r;
    END LOOP;
    INSERT INTO sanctuary.clock_loss (clock_id, job_id, household_id, during, cause, recorded_by)
    SELECT c.id, c.job_id, c.household_id, r, why, audit.me('account')::uuid FROM unnest(left_over) r;
END $$;
COMMENT ON FUNCTION sanctuary.put_loss IS
    'Enters lost hours, as far as they lie within the clock. Hours of a cause that comes first stay; those of a later '
    'one give way.';
