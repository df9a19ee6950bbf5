-- What follows from what was done: days in their order, keys and endings that agree with what was recorded, and a task
-- or a clock wherever somebody waits for something.

SELECT add_codes('sanctuary_outcome', '{keys_short,ending_differs,no_equipment}');
SELECT add_codes('task_kind', '{works_defect,works_operative,job_unsafe}');
SELECT add_codes('clock_kind', '{first}');

-- ---- who surveys ----

-- A survey asks for the people, the devices and where the household would go meanwhile. A firm learns nothing of a case
-- but the works, so it surveys none.
UPDATE sanctuary.act_rule SET roles = array_remove(roles, 'contractor') WHERE act IN ('survey', 'survey_early');
ALTER DOMAIN works_kind DROP CONSTRAINT works_kind_check;
ALTER DOMAIN works_kind ADD CONSTRAINT works_kind_check CHECK (VALUE IN ('first', 'main', 'snag'));
COMMENT ON DOMAIN works_kind IS 'What an order is for: the measures that need no leave, the rest, or a defect.';

-- ---- days ----

CREATE OR REPLACE FUNCTION sanctuary.need_visit_kind(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN item ->> 'kind' IS NULL THEN sanctuary.refusal('missing', '/kind')
                WHEN (item ->> 'planned_on')::date < coalesce((item ->> 'asked_on')::date, today())
                     AND item ->> 'asked_on' IS NOT NULL
                THEN sanctuary.refusal('day_wrong', '/planned_on') END
$$;
COMMENT ON FUNCTION sanctuary.need_visit_kind IS
    'It is said what the visit is for; it is booked for no day before the one on which it was asked for.';

CREATE OR REPLACE FUNCTION sanctuary.do_visit_plan(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql AS $$
DECLARE
    told sanctuary.told;
BEGIN
    -- a visit that is entered late was asked for no later than it is booked for
    INSERT INTO sanctuary.visit (job_id, household_id, kind, state, asked_on, planned_on, their_reference, recorded_by)
    VALUES (j.id, j.household_id, item ->> 'kind',
            CASE WHEN item ->> 'planned_on' IS NULL THEN 'asked' ELSE 'booked' END,
            coalesce((item ->> 'asked_on')::date, least(today(), (item ->> 'planned_on')::date)),
            (item ->> 'planned_on')::date, item ->> 'their_reference', audit.me('account')::uuid);
    RETURN told;
END $$;

CREATE OR REPLACE FUNCTION sanctuary.need_visit(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN v.id IS NULL THEN sanctuary.refusal('no_visit', '/visit_id')
                WHEN item ->> 'state' IS NULL THEN sanctuary.refusal('missing', '/state')
                WHEN (item ->> 'on_day')::date < v.asked_on THEN sanctuary.refusal('day_wrong', '/on_day')
                WHEN item ->> 'state' = 'done' AND coalesce(item -> 'results', '[]') = '[]'
                THEN sanctuary.refusal('not_said', '/results')
                WHEN item ->> 'state' = 'done' AND v.kind = 'fire_service' AND item ->> 'alarms' IS NULL
                THEN sanctuary.refusal('not_said', '/alarms') END
      FROM (SELECT) one LEFT JOIN sanctuary.visit v
        ON v.job_id = j.id AND v.id = (item ->> 'visit_id')::uuid AND v.state IN ('asked', 'booked')
$$;
COMMENT ON FUNCTION sanctuary.need_visit IS
    'The visit is planned and not done; it was on no day before it was asked for, and came to something: of the fire '
    'service also how many alarms it fitted.';

CREATE FUNCTION sanctuary.need_answer_day(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('day_wrong', '/on_day') FROM sanctuary.consent c
     WHERE c.job_id = j.id AND c.item = need_answer_day.item ->> 'item'
       AND (need_answer_day.item ->> 'on_day')::date < c.asked_on
$$;
COMMENT ON FUNCTION sanctuary.need_answer_day IS 'An owner answers on no day before the one on which they were asked.';
UPDATE sanctuary.act_rule SET needs = needs || '{answer_day}'::text[]
 WHERE act IN ('record_consent', 'record_consent_one', 'record_consent_surveyed', 'record_refusal',
               'withdraw_consent');

CREATE OR REPLACE FUNCTION sanctuary.need_warranty(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN (item ->> 'found_on')::date < london_day(o.done_at)
                THEN sanctuary.refusal('day_wrong', '/found_on')
                WHEN london_day(o.done_at) + make_interval(months => r.warranty_months) <= (item ->> 'found_on')::date
                THEN sanctuary.refusal('warranty_over', '/line_id') END
      FROM sanctuary.order_line l JOIN sanctuary.works_order o ON o.id = l.order_id AND o.job_id = j.id,
           sanctuary.works_rule r
     WHERE l.id = (item ->> 'line_id')::uuid
$$;
COMMENT ON FUNCTION sanctuary.need_warranty IS
    'A defect is found after the works, and is the firm''s own cost while its warranty runs; what is found later is '
    'new works with a price.';

CREATE FUNCTION sanctuary.need_happened(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN item ->> 'measure' IS NOT NULL
                     AND NOT EXISTS (SELECT FROM sanctuary.measure m WHERE m.code = item ->> 'measure')
                THEN sanctuary.refusal('no_measure', '/measure')
                WHEN (item ->> 'on_day')::date < (SELECT london_day(min(o.done_at)) FROM sanctuary.works_order o
                                                   WHERE o.job_id = j.id)
                THEN sanctuary.refusal('day_wrong', '/on_day') END
$$;
COMMENT ON FUNCTION sanctuary.need_happened IS
    'An incident happened after the first works, and the measure that failed is one of the catalogue.';
UPDATE sanctuary.act_rule SET needs = '{happened}'::text[] || needs WHERE act = 'incident';

-- ---- what is asked of an owner ----

CREATE FUNCTION sanctuary.need_asked_for(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('no_measure', '/measures/' || a.n - 1)
      FROM jsonb_array_elements_text(coalesce(item -> 'measures', '[]')) WITH ORDINALITY a (code, n)
     WHERE NOT EXISTS (SELECT FROM sanctuary.measure m WHERE m.code = a.code AND m.leave <> 'none')
     ORDER BY a.n LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.need_asked_for IS
    'An owner is asked for measures of the catalogue that need leave. What was left out silently made the list empty, '
    'and an empty one is for all.';
UPDATE sanctuary.act_rule SET needs = needs || '{asked_for}'::text[] WHERE act = 'ask_consent';

-- ---- keys and endings ----

CREATE OR REPLACE FUNCTION sanctuary.need_all_right(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT sanctuary.refusal('not_said', '/' || q.name)
           FROM unnest('{all_there,all_work,can_use,keys_hers,alarms_heard,devices_hers}'::text[])
                WITH ORDINALITY q (name, n)
          WHERE NOT coalesce((item ->> q.name)::boolean, false) ORDER BY q.n LIMIT 1),
        (SELECT sanctuary.refusal('keys_short', '/keys') FROM sanctuary.works_order o
          WHERE o.job_id = j.id AND o.kind <> 'snag' AND o.state IN ('done', 'taken_over', 'invoiced', 'paid')
         HAVING (item ->> 'keys')::integer < sum(o.keys_made)))
$$;
COMMENT ON FUNCTION sanctuary.need_all_right IS
    'Everything is there, works and can be used, every key is theirs and none that was made is missing, alarms were '
    'heard and devices are theirs alone. What is not is a defect first.';

CREATE FUNCTION sanctuary.known_of(job uuid, OUT unreached boolean, OUT away boolean, OUT entered boolean,
                                   OUT attacked boolean) LANGUAGE plpgsql STABLE AS $$
DECLARE
    last sanctuary.review;
BEGIN
    SELECT * INTO last FROM sanctuary.review r WHERE r.job_id = job AND r.held_on IS NOT NULL
     ORDER BY r.months DESC LIMIT 1;
    unreached := coalesce(NOT last.reached, false);
    away := coalesce(last.home IN ('moved', 'away'), false);
    entered := EXISTS (SELECT FROM sanctuary.incident i
                        WHERE i.job_id = job AND (i.kind = 'entry' OR i.held = false))
            OR EXISTS (SELECT FROM sanctuary.review r
                        WHERE r.job_id = job AND (r.contact = 'entry' OR r.held = false));
    attacked := entered
        OR EXISTS (SELECT FROM sanctuary.incident i
                    WHERE i.job_id = job AND i.kind IN ('attempt', 'damage', 'arson'))
        OR EXISTS (SELECT FROM sanctuary.review r WHERE r.job_id = job AND r.contact IN ('attempt', 'damage'));
END $$;
COMMENT ON FUNCTION sanctuary.known_of IS
    'What reviews and incidents say of a household: not reached by the last review, no longer at home, somebody came '
    'in or the measures failed, somebody tried or did damage.';

CREATE FUNCTION sanctuary.need_ending_agrees(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('ending_differs', '/ending') FROM sanctuary.known_of(j.id) k
     WHERE CASE item ->> 'ending'
               WHEN 'still_at_home' THEN k.unreached OR k.away OR k.attacked
               WHEN 'repeat_incident_held' THEN NOT k.attacked OR k.entered
               WHEN 'repeat_incident_entered' THEN NOT k.entered
               WHEN 'not_reached' THEN NOT k.unreached ELSE false END
$$;
COMMENT ON FUNCTION sanctuary.need_ending_agrees IS
    'What became of a household does not contradict its last review and its incidents: those are recorded first.';
UPDATE sanctuary.act_rule SET needs = needs || '{ending_agrees}'::text[] WHERE act IN ('close', 'close_early');

-- ---- tasks ----

CREATE FUNCTION sanctuary.marker_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF NEW.state = 'removed' OR NEW.review_on > today() + 14 THEN
        PERFORM fund.end_tasks(NEW.job_id, '{job_marker}');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.marker_tasks IS
    'Nobody is asked to review a marker that is taken off, or confirmed until a later day.';
CREATE TRIGGER marker_tasks AFTER INSERT OR UPDATE ON sanctuary.marker FOR EACH ROW
    EXECUTE FUNCTION sanctuary.marker_tasks();

CREATE FUNCTION sanctuary.end_job_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    j sanctuary.job;
BEGIN
    SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = NEW.job_id;
    IF EXISTS (SELECT FROM sanctuary.marker m WHERE m.job_id = j.id AND m.state <> 'removed') THEN
        PERFORM sanctuary.put_works_task(j.organisation_id, 'job_marker', 'sanctuary_job', j.id,
                                         'sanctuary_coordinator', today());
    END IF;
    IF NEW.said ->> 'ending' IN ('moved_unsafe', 'repeat_incident_entered', 'returned_to_perpetrator',
                                 'perpetrator_moved_back') THEN
        PERFORM sanctuary.put_task(j, 'job_unsafe', today());
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.end_job_tasks IS
    'What the end of a job leaves to do: a marker that is still on the home, and a household that is not safe, of '
    'which the owner of the case is told at once.';
CREATE TRIGGER s_end_job_tasks AFTER INSERT ON sanctuary.step FOR EACH ROW
    WHEN (NEW.becomes IN ('closed', 'withdrawn') AND NEW.was <> NEW.becomes)
    EXECUTE FUNCTION sanctuary.end_job_tasks();

CREATE FUNCTION sanctuary.keep_equipment(one uuid, thing uuid, becomes equipment_plan) RETURNS sanctuary.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := sanctuary.claim(one, -1, 'visit_plan');
    told sanctuary.told;
BEGIN
    told.outcome := claimed.outcome;
    IF me IS NULL OR told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    UPDATE sanctuary.equipment e
       SET plan = becomes, due_on = CASE WHEN becomes = 'recover' THEN coalesce(e.due_on, today() + 14) END
     WHERE e.id = thing AND e.job_id = one;
    IF NOT FOUND THEN
        RETURN sanctuary.refusal('no_equipment', '/equipment_id');
    ELSIF NOT EXISTS (SELECT FROM sanctuary.equipment e WHERE e.job_id = one AND e.plan = 'recover') THEN
        PERFORM fund.end_tasks(one, '{job_equipment}');
    END IF;
    told := sanctuary.refusal('done');
    told.id := one;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.keep_equipment IS
    'Notes what became of a piece of equipment, also after the end of its job; the task ends with the last to recover.';
GRANT EXECUTE ON FUNCTION sanctuary.keep_equipment TO haven_app;

CREATE FUNCTION sanctuary.follow_order() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF NEW.state IN ('done', 'taken_over', 'invoiced', 'paid', 'cancelled') THEN
        PERFORM fund.end_tasks(NEW.id, '{works_defect,works_operative}');
    ELSIF NEW.operative_id IS DISTINCT FROM OLD.operative_id OR NEW.state IN ('offered', 'refused', 'lapsed') THEN
        PERFORM fund.end_tasks(NEW.id, '{works_operative}');
    END IF;
    IF NEW.kind = 'first' AND NEW.state <> OLD.state AND NOT EXISTS (
           SELECT FROM sanctuary.works_order o
            WHERE o.job_id = NEW.job_id AND o.kind = 'first'
              AND o.state NOT IN ('done', 'taken_over', 'invoiced', 'paid', 'cancelled')) THEN
        UPDATE sanctuary.clock c
           SET ended_at = greatest(now(), c.started_at),
               ended_as = CASE WHEN NEW.state = 'cancelled' THEN 'ended' ELSE 'met' END
         WHERE c.job_id = NEW.job_id AND c.kind = 'first' AND c.ended_at IS NULL;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.follow_order IS
    'Ends what waited for an order: the task of a defect or of another operative, and the clock of first measures.';
CREATE TRIGGER follow_order AFTER UPDATE ON sanctuary.works_order FOR EACH ROW
    EXECUTE FUNCTION sanctuary.follow_order();

CREATE FUNCTION sanctuary.remind_of_orders() RETURNS void LANGUAGE sql AS $$
    SELECT sanctuary.put_works_task(o.organisation_id, 'works_defect', 'works_order', o.id, 'sanctuary_coordinator',
                                    london_day(d.due_at))
      FROM sanctuary.defect d JOIN sanctuary.works_order o ON o.id = d.snag_id
     WHERE d.due_at <= now() AND o.state IN ('draft', 'offered', 'accepted', 'booked', 'on_site', 'refused', 'lapsed');
    -- an operative who may no longer see the case, or has left the firm, does not come
    SELECT sanctuary.put_works_task(o.organisation_id, 'works_operative', 'works_order', o.id, 'sanctuary_coordinator',
                                    today())
      FROM sanctuary.works_order o JOIN account a ON a.id = o.operative_id
     WHERE o.state IN ('accepted', 'booked', 'on_site')
       AND (a.disabled_at IS NOT NULL
            OR EXISTS (SELECT FROM case_access x WHERE x.household_id = o.household_id AND x.account_id = a.id
                          AND x.access = 'deny')
            OR EXISTS (SELECT FROM linked_case l WHERE l.account_id = a.id AND l.household_id = o.household_id))
$$;
COMMENT ON FUNCTION sanctuary.remind_of_orders IS
    'Tells the coordinators of defects past their time, and of orders whose operative cannot come.';

CREATE OR REPLACE FUNCTION keep_works() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    n integer;
BEGIN
    PERFORM audit.disown();
    IF NOT pg_try_advisory_xact_lock(hashtext('haven works')) THEN
        RETURN 0;
    END IF;
    PERFORM sanctuary.lapse_order(o.id)
       FROM (SELECT x.id FROM sanctuary.works_order x WHERE x.state = 'offered' AND x.answer_by <= now()
              ORDER BY x.household_id, x.id LIMIT 100) o;
    PERFORM sanctuary.lapse_change(v)
       FROM (SELECT x.* FROM sanctuary.variation x, sanctuary.works_rule r
              WHERE x.state = 'asked' AND x.asked_at <= now() - make_interval(hours => r.change_hours)
              ORDER BY x.order_id LIMIT 100) v;
    n := sanctuary.remind();
    PERFORM sanctuary.remind_owners(), sanctuary.remind_of_orders();
    PERFORM ran('keep_works', n);
    RETURN n;
END $$;
COMMENT ON FUNCTION keep_works IS
    'Ends offers and changes whose time has passed, and tells people of clocks, of owners who have not answered, of '
    'defects past their time and of operatives who cannot come; returns of how many clocks.';

-- ---- the clock of first measures ----

INSERT INTO sanctuary.clock_rule (kind, starts, ends, hours)
SELECT 'first', '{order_first}', '{}', r.first_hours FROM sanctuary.works_rule r;
ALTER TABLE sanctuary.works_rule DROP COLUMN first_hours;

CREATE OR REPLACE FUNCTION sanctuary.due_of(rule sanctuary.clock_rule, j sanctuary.job, at timestamptz)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN rule.working_days IS NOT NULL THEN end_of_working_day(at, rule.working_days)
                WHEN rule.kind <> 'installation' THEN at + make_interval(hours => rule.hours)
                WHEN coalesce(j.risk_level, 'high') = 'high' THEN at + make_interval(hours => least(rule.hours, 24))
                ELSE at + make_interval(hours => coalesce(j.target_hours, rule.hours)) END
$$;
COMMENT ON FUNCTION sanctuary.due_of IS
    'The target of a clock that starts at an instant: of an installation in hours that pass, 24 of them where the risk '
    'is high or not known.';

CREATE OR REPLACE FUNCTION sanctuary.run_clocks() RETURNS trigger
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
            -- what needs no leave goes on without it
            OR NEW.act IN ('record_refusal', 'withdraw_consent') AND c.kind <> 'first');
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

-- ---- figures ----

CREATE OR REPLACE FUNCTION sanctuary.firm_months()
RETURNS TABLE (firm text, month date, offered bigint, answered bigint, accepted bigint, done bigint, in_time bigint,
               theirs_in_time bigint, median_hours bigint, p90_hours bigint, no_access bigint, snags bigint)
LANGUAGE plpgsql STABLE ROWS 24 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF my_organisation() IS NULL OR NOT coordinates() THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH offers AS (
        SELECT f.firm_id, date_trunc('month', f.offered_at AT TIME ZONE 'Europe/London')::date AS month,
               count(*) AS offered,
               count(*) FILTER (WHERE f.answer IN ('accepted', 'refused')) AS answered,
               count(*) FILTER (WHERE f.answer = 'accepted') AS accepted
          FROM sanctuary.works_offer f WHERE f.firm_id = ANY (my_partners()) GROUP BY 1, 2
    ), works AS (
        SELECT o.firm_id, date_trunc('month', o.offered_at AT TIME ZONE 'Europe/London')::date AS month, o.left_times,
               o.kind, o.done_at, extract(epoch FROM o.done_at - o.accepted_at) / 3600 AS hours,
               o.done_at <= c.due_at AS in_time,
               (SELECT sum(s.seconds) FROM sanctuary.clock_shares(c) s
                 WHERE s.cause IN ('contractor', 'contractor_answer'))
                   <= extract(epoch FROM c.due_at - c.started_at) AS theirs_in_time,
               -- a defect is of the firm that did the works, not of the one that mends it
               (SELECT count(*) FROM sanctuary.defect d JOIN sanctuary.order_line l ON l.id = d.line_id
                  JOIN sanctuary.works_order m ON m.id = d.snag_id
                 WHERE d.job_id = o.job_id AND l.order_id = o.id AND m.pull IS DISTINCT FROM 'entered_wrongly') AS snags
          FROM sanctuary.works_order o
          LEFT JOIN sanctuary.clock c ON c.job_id = o.job_id AND c.kind = 'installation' AND c.ended_as = 'met'
         WHERE o.firm_id = ANY (my_partners()) AND o.state NOT IN ('draft', 'refused', 'lapsed', 'cancelled')
    )
    SELECT g.name, f.month, f.offered, f.answered, f.accepted,
           count(w.done_at) FILTER (WHERE w.kind = 'main'), count(*) FILTER (WHERE w.kind = 'main' AND w.in_time),
           count(*) FILTER (WHERE w.kind = 'main' AND w.done_at IS NOT NULL AND coalesce(w.theirs_in_time, true)),
           round((percentile_cont(0.5) WITHIN GROUP (ORDER BY w.hours))::numeric)::bigint,
           round((percentile_cont(0.9) WITHIN GROUP (ORDER BY w.hours))::numeric)::bigint,
           coalesce(sum(w.left_times), 0)::bigint, coalesce(sum(w.snags), 0)::bigint
      FROM offers f JOIN organisation g ON g.id = f.firm_id
      LEFT JOIN works w ON w.firm_id = f.firm_id AND w.month = f.month
     GROUP BY g.name, f.month, f.offered, f.answered, f.accepted ORDER BY f.month DESC, g.name LIMIT 24;
END $$;
