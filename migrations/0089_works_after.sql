-- After the installation: defects, the victim's own word, reviews, incidents, the marker of the police, what leaves
-- with the household, and the end of a job.

CREATE DOMAIN sign_off_way AS text CHECK (VALUE IN ('in_person', 'telephone'));
COMMENT ON DOMAIN sign_off_way IS 'How the victim gave their word: never by a message, never through the contractor.';

CREATE DOMAIN review_home AS text CHECK (VALUE IN ('at_home', 'moved', 'away', 'not_asked', 'prefers_not_to_say'));
COMMENT ON DOMAIN review_home IS 'Whether the household still lives there.';

CREATE DOMAIN review_contact AS text CHECK (VALUE IN ('none', 'contact', 'attempt', 'entry', 'damage', 'online',
    'not_asked', 'prefers_not_to_say'));
COMMENT ON DOMAIN review_contact IS 'What the perpetrator did since.';

CREATE DOMAIN review_wish AS text CHECK (VALUE IN ('nothing', 'more_measures', 'removal', 'move', 'not_asked',
    'prefers_not_to_say'));
COMMENT ON DOMAIN review_wish IS 'What the household wants.';

CREATE DOMAIN incident_kind AS text CHECK (VALUE IN ('contact', 'attempt', 'entry', 'damage', 'arson', 'online'));
COMMENT ON DOMAIN incident_kind IS 'What happened at the home.';

CREATE DOMAIN marker_state AS text CHECK (VALUE IN ('asked', 'set', 'removed'));
COMMENT ON DOMAIN marker_state IS 'Course of a marker of the police on a home.';

CREATE DOMAIN marker_removal AS text CHECK (VALUE IN ('risk_fell', 'moved_away', 'job_ended', 'set_wrongly'));
COMMENT ON DOMAIN marker_removal IS 'Why a marker was taken off.';

-- ---- whose task a change is ----

CREATE FUNCTION sanctuary.change_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    scheme uuid := (SELECT o.organisation_id FROM sanctuary.works_order o WHERE o.id = NEW.order_id);
    keeper uuid := (SELECT j.keeper_id FROM sanctuary.works_order o JOIN sanctuary.job j ON j.id = o.job_id
                     WHERE o.id = NEW.order_id);
BEGIN
    IF NEW.state = 'asked' THEN
        PERFORM sanctuary.put_works_task(scheme, 'works_change', 'works_order', NEW.order_id, 'sanctuary_coordinator',
                                         today());
        PERFORM sanctuary.put_works_task(keeper, 'works_change_fund', 'works_order', NEW.order_id, 'finance_approver',
                                         today());
    ELSE
        PERFORM fund.end_tasks(NEW.order_id, '{works_change,works_change_fund}');
    END IF;
    IF NEW.made_safe AND NEW.reviewed_by IS NULL THEN
        PERFORM sanctuary.put_works_task(keeper, 'works_change_review', 'works_order', NEW.order_id, 'finance_approver',
                                         NEW.review_on);
    ELSIF NEW.made_safe THEN
        PERFORM fund.end_tasks(NEW.order_id, '{works_change_review}');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.change_tasks IS
    'A change that waits is a task of the coordinators and the approvers; what was done at once is reviewed.';
CREATE TRIGGER change_tasks AFTER INSERT OR UPDATE ON sanctuary.variation FOR EACH ROW
    EXECUTE FUNCTION sanctuary.change_tasks();

-- ---- a job ends before its orders ----

CREATE FUNCTION sanctuary.need_nobody_on_site(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('orders_open')
     WHERE EXISTS (SELECT FROM sanctuary.works_order o WHERE o.job_id = j.id AND o.state = 'on_site')
$$;
COMMENT ON FUNCTION sanctuary.need_nobody_on_site IS 'Nobody works in the home just now.';

CREATE FUNCTION sanctuary.do_pull_orders(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sanctuary.works_order o SET state = 'cancelled', pull = 'no_longer_needed', version = o.version + 1
     WHERE o.job_id = j.id AND o.state IN ('draft', 'offered', 'accepted', 'booked', 'refused', 'lapsed');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_pull_orders IS 'Takes every order back that is not done.';

UPDATE sanctuary.act_rule r SET needs = n.needs::text[], does = n.does::text[]
  FROM (VALUES ('order_first', '{leave_of_nobody}', '{order_first}'), ('order', '{every_line}', '{order}'),
               ('reoffer', '{}', '{reoffer}'), ('schedule', '{booked}', '{}'), ('no_access', '{time_lost}', '{}'),
               ('install', '{all_done}', '{}')) n (act, needs, does)
 WHERE r.act = n.act;
UPDATE sanctuary.act_rule r SET needs = r.needs || '{no_order_taken}'::text[], does = r.does || '{pull_orders}'::text[]
 WHERE r.act IN ('unapprove', 'withdraw_consent');
UPDATE sanctuary.act_rule r SET needs = r.needs || '{nobody_on_site}'::text[], does = '{pull_orders}'::text[] || r.does
 WHERE r.act IN ('withdraw', 'nothing_needed');
UPDATE sanctuary.act_rule r SET needs = r.needs || '{no_order_taken}'::text[] WHERE r.act = 'confirm_correction';

-- ---- defects ----

CREATE FUNCTION sanctuary.do_snag(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    l sanctuary.order_line;
    o sanctuary.works_order;
    told sanctuary.told;
    how text := item ->> 'severity';
BEGIN
    SELECT x.* INTO l FROM sanctuary.order_line x JOIN sanctuary.works_order w ON w.id = x.order_id
     WHERE x.id = (item ->> 'line_id')::uuid AND w.job_id = j.id AND x.fitted_tenths > 0;
    IF l.id IS NULL THEN
        RETURN sanctuary.refusal('no_order', '/line_id');
    END IF;
    SELECT * INTO STRICT o FROM sanctuary.works_order x WHERE x.id = l.order_id;
    told.id := sanctuary.make_order(j, o.firm_id, 'snag', jsonb_build_array(jsonb_build_object(
        'measure', l.measure, 'opening', l.opening, 'quantity_tenths', l.fitted_tenths)),
        item || jsonb_build_object('local_authority', o.local_authority));
    UPDATE sanctuary.works_order x SET fast = how = 'insecure' WHERE x.id = told.id;
    INSERT INTO sanctuary.defect (job_id, household_id, line_id, severity, found_by, found_on, due_at, snag_id,
                                  recorded_by)
    VALUES (j.id, j.household_id, l.id, how, item ->> 'found_by', (item ->> 'found_on')::date,
            CASE how WHEN 'insecure' THEN now() + interval '24 hours' WHEN 'fault' THEN end_of_working_day(now(), 5)
                     ELSE end_of_working_day(now(), 20) END, told.id, audit.me('account')::uuid);
    RETURN sanctuary.offer_order(told.id);
END $$;
COMMENT ON FUNCTION sanctuary.do_snag IS 'Enters a defect, and offers its mending to the firm at no price.';

-- ---- the victim's own word ----

CREATE TABLE sanctuary.sign_off (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    way sign_off_way NOT NULL,
    interpreter boolean NOT NULL,
    keys smallint NOT NULL CHECK (keys >= 0),
    felt_before smallint CHECK (felt_before BETWEEN 0 AND 10),
    feels_now smallint CHECK (feels_now BETWEEN 0 AND 10),
    signed_on date NOT NULL DEFAULT today(),
    recorded_by uuid NOT NULL REFERENCES account
);
COMMENT ON TABLE sanctuary.sign_off IS 'The victim''s own word that the home is as it should be.';
COMMENT ON COLUMN sanctuary.sign_off.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.sign_off.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.sign_off.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.sign_off.way IS 'How it was given; on the telephone by the rules of the safe contact.';
COMMENT ON COLUMN sanctuary.sign_off.interpreter IS 'Whether an interpreter was there.';
COMMENT ON COLUMN sanctuary.sign_off.keys IS 'Keys that they hold: all that there are.';
COMMENT ON COLUMN sanctuary.sign_off.felt_before IS 'How safe they felt before, 0 to 10; NULL: not said.';
COMMENT ON COLUMN sanctuary.sign_off.feels_now IS 'How safe they feel now.';
COMMENT ON COLUMN sanctuary.sign_off.signed_on IS 'The London day.';
COMMENT ON COLUMN sanctuary.sign_off.recorded_by IS 'The person who asked them.';
CREATE INDEX sign_off_job ON sanctuary.sign_off (job_id, signed_on);
SELECT guard('sanctuary.sign_off', 'works', erase => 'kept');

CREATE TABLE sanctuary.review (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    months smallint NOT NULL CHECK (months IN (3, 6)),
    due_on date NOT NULL,
    reached boolean,
    tries date[] NOT NULL DEFAULT '{}',
    home review_home,
    contact review_contact,
    held boolean,
    feels_now smallint CHECK (feels_now BETWEEN 0 AND 10),
    wish review_wish,
    marker_needed boolean,
    held_on date,
    recorded_by uuid REFERENCES account,
    CONSTRAINT review_once UNIQUE (job_id, months)
);
COMMENT ON TABLE sanctuary.review IS 'What the household says three and six months after the sign-off.';
COMMENT ON COLUMN sanctuary.review.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.review.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.review.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.review.months IS 'Months after the sign-off.';
COMMENT ON COLUMN sanctuary.review.due_on IS 'The day, counted from the day of the sign-off.';
COMMENT ON COLUMN sanctuary.review.reached IS 'Whether they were reached; NULL: not held yet, or missed.';
COMMENT ON COLUMN sanctuary.review.tries IS 'Days on which they were tried without being reached.';
COMMENT ON COLUMN sanctuary.review.home IS 'Whether they still live there.';
COMMENT ON COLUMN sanctuary.review.contact IS 'What the perpetrator did since.';
COMMENT ON COLUMN sanctuary.review.held IS 'Whether the measures held; NULL: not said, or nothing happened.';
COMMENT ON COLUMN sanctuary.review.feels_now IS 'How safe they feel, 0 to 10.';
COMMENT ON COLUMN sanctuary.review.wish IS 'What they want.';
COMMENT ON COLUMN sanctuary.review.marker_needed IS 'Whether the marker is still needed.';
COMMENT ON COLUMN sanctuary.review.held_on IS 'The day on which it was held, or given up.';
COMMENT ON COLUMN sanctuary.review.recorded_by IS 'The person who held it.';
SELECT guard('sanctuary.review', 'works', erase => 'kept');

CREATE FUNCTION sanctuary.need_no_defect(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('defect_open')
     WHERE EXISTS (SELECT FROM sanctuary.defect d JOIN sanctuary.works_order o ON o.id = d.snag_id
                    WHERE d.job_id = j.id AND d.severity = 'insecure'
                      AND o.state NOT IN ('done', 'taken_over', 'invoiced', 'paid')
                      AND NOT (o.state = 'cancelled' AND o.pull = 'entered_wrongly'))
$$;
COMMENT ON FUNCTION sanctuary.need_no_defect IS
    'A home that is insecure is not signed off; a defect that was entered wrongly is none.';

CREATE FUNCTION sanctuary.need_all_right(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('not_said', '/' || q.name)
      FROM unnest('{all_there,all_work,can_use,keys_hers,alarms_heard,devices_hers}'::text[])
           WITH ORDINALITY q (name, n)
     WHERE NOT coalesce((item ->> q.name)::boolean, false) ORDER BY q.n LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.need_all_right IS
    'Everything is there, works and can be used, every key is theirs, alarms were heard and devices are theirs alone. '
    'What is not is a defect first.';

CREATE FUNCTION sanctuary.do_sign_off(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sanctuary.sign_off (job_id, household_id, way, interpreter, keys, felt_before, feels_now, recorded_by)
    VALUES (j.id, j.household_id, item ->> 'way', (item ->> 'interpreter')::boolean, (item ->> 'keys')::smallint,
            (item ->> 'felt_before')::smallint, (item ->> 'feels_now')::smallint, audit.me('account')::uuid);
    INSERT INTO sanctuary.review (job_id, household_id, months, due_on)
    SELECT j.id, j.household_id, m, (today() + make_interval(months => m))::date FROM unnest('{3,6}'::integer[]) m
    ON CONFLICT ON CONSTRAINT review_once DO UPDATE SET due_on = excluded.due_on WHERE review.held_on IS NULL;
    INSERT INTO sanctuary.equipment (job_id, household_id, measure, serial)
    SELECT j.id, j.household_id, l.measure, l.certificate
      FROM sanctuary.order_line l JOIN sanctuary.works_order o ON o.id = l.order_id
      JOIN sanctuary.measure m ON m.code = l.measure AND m.after = 'leaves'
     WHERE o.job_id = j.id AND o.kind <> 'snag' AND l.fitted_tenths > 0
       AND NOT EXISTS (SELECT FROM sanctuary.equipment e WHERE e.job_id = j.id AND e.measure = l.measure);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_sign_off IS
    'Notes the victim''s word, the days of the reviews, and what leaves with the household.';

-- ---- reviews and incidents ----

CREATE FUNCTION sanctuary.need_review(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN (item ->> 'reached')::boolean IS NULL THEN sanctuary.refusal('not_said', '/reached')
        WHEN (item ->> 'reached')::boolean AND item ->> 'home' IS NULL THEN sanctuary.refusal('not_said', '/home')
        WHEN (item ->> 'reached')::boolean AND item ->> 'contact' IS NULL THEN sanctuary.refusal('not_said', '/contact')
        WHEN NOT (item ->> 'reached')::boolean
             AND (SELECT count(DISTINCT t) < 3 FROM jsonb_array_elements_text(coalesce(item -> 'tries', '[]')) t)
             THEN sanctuary.refusal('tries', '/tries') END
$$;
COMMENT ON FUNCTION sanctuary.need_review IS 'A review has its answers, or three tries on three days.';

CREATE FUNCTION sanctuary.put_review(j sanctuary.job, of_months integer, item jsonb) RETURNS void LANGUAGE sql AS $$
    UPDATE sanctuary.review r
       SET reached = (item ->> 'reached')::boolean, held_on = today(), recorded_by = audit.me('account')::uuid,
           tries = ARRAY(SELECT t::date FROM jsonb_array_elements_text(coalesce(item -> 'tries', '[]')) t),
           home = item ->> 'home', contact = item ->> 'contact', held = (item ->> 'held')::boolean,
           feels_now = (item ->> 'feels_now')::smallint, wish = item ->> 'wish',
           marker_needed = (item ->> 'marker_needed')::boolean
     WHERE r.job_id = j.id AND r.months = of_months
$$;
COMMENT ON FUNCTION sanctuary.put_review IS 'Notes what a review found.';

CREATE FUNCTION sanctuary.do_review_3m(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.put_review(j, 3, item);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_review_3m IS 'Holds the review of three months.';

CREATE FUNCTION sanctuary.do_review_6m(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.put_review(j, 6, item);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_review_6m IS
    'Holds the review of six months; one of three months that was never held stays as missed.';

CREATE TABLE sanctuary.incident (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    kind incident_kind NOT NULL,
    on_day date NOT NULL,
    held boolean,
    measure text REFERENCES sanctuary.measure,
    recorded_by uuid NOT NULL REFERENCES account
);
COMMENT ON TABLE sanctuary.incident IS 'What happened at a home that was made safe, and whether the measures held.';
COMMENT ON COLUMN sanctuary.incident.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.incident.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.incident.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.incident.kind IS 'What.';
COMMENT ON COLUMN sanctuary.incident.on_day IS 'On which day.';
COMMENT ON COLUMN sanctuary.incident.held IS 'Whether the measures held; NULL: not known, or none was tried.';
COMMENT ON COLUMN sanctuary.incident.measure IS 'The measure that failed, where one did.';
COMMENT ON COLUMN sanctuary.incident.recorded_by IS 'The person who entered it.';
CREATE INDEX incident_job ON sanctuary.incident (job_id, on_day);
SELECT guard('sanctuary.incident', 'works', erase => 'kept');

CREATE FUNCTION sanctuary.do_incident(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sanctuary.incident (job_id, household_id, kind, on_day, held, measure, recorded_by)
    VALUES (j.id, j.household_id, item ->> 'kind', (item ->> 'on_day')::date, (item ->> 'held')::boolean,
            item ->> 'measure', audit.me('account')::uuid);
    UPDATE household h SET risk_review_on = today(), version = h.version + 1
     WHERE h.id = j.household_id AND h.risk_review_on IS DISTINCT FROM today();
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_incident IS 'Notes an incident: the risk is to be assessed again today.';

-- ---- the marker ----

CREATE TABLE sanctuary.marker (
    job_id uuid PRIMARY KEY REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    state marker_state NOT NULL,
    reference text,
    from_day date NOT NULL DEFAULT today(),
    review_on date NOT NULL,
    removed_on date,
    removal marker_removal,
    recorded_by uuid NOT NULL REFERENCES account,
    CONSTRAINT marker_removed CHECK ((state = 'removed') = (removed_on IS NOT NULL)
                                     AND (state = 'removed') = (removal IS NOT NULL))
);
COMMENT ON TABLE sanctuary.marker IS 'The police''s marker on a home: it is of the home and not of the person.';
COMMENT ON COLUMN sanctuary.marker.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.marker.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.marker.state IS 'Where it stands.';
COMMENT ON COLUMN sanctuary.marker.reference IS 'The police''s number of it.';
COMMENT ON COLUMN sanctuary.marker.from_day IS 'From this day on.';
COMMENT ON COLUMN sanctuary.marker.review_on IS 'The day on which it is reviewed; a task comes 14 days before.';
COMMENT ON COLUMN sanctuary.marker.removed_on IS 'When it was taken off.';
COMMENT ON COLUMN sanctuary.marker.removal IS 'Why.';
COMMENT ON COLUMN sanctuary.marker.recorded_by IS 'The person who entered it last.';
SELECT guard('sanctuary.marker', 'works', erase => 'facts', untold => '{reference}');

CREATE FUNCTION sanctuary.put_marker(one uuid, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := sanctuary.claim(one, -1, 'visit_plan');
    told sanctuary.told;
BEGIN
    told.outcome := claimed.outcome;
    IF me IS NULL OR told.outcome IS NOT NULL THEN
        RETURN told;
    ELSIF item ->> 'state' = 'removed' AND item ->> 'removal' IS NULL THEN
        RETURN sanctuary.refusal('not_said', '/removal');
    ELSIF item ->> 'state' = 'set' AND item ->> 'reference' IS NULL THEN
        RETURN sanctuary.refusal('not_said', '/reference');
    END IF;
    INSERT INTO sanctuary.marker AS m (job_id, household_id, state, reference, review_on, removed_on, removal,
                                       recorded_by)
    SELECT one, (claimed.it).household_id, item ->> 'state', item ->> 'reference',
           coalesce((item ->> 'review_on')::date, (today() + make_interval(months => r.marker_months))::date),
           CASE WHEN item ->> 'state' = 'removed' THEN today() END,
           CASE WHEN item ->> 'state' = 'removed' THEN item ->> 'removal' END, me
      FROM sanctuary.works_rule r
    ON CONFLICT (job_id) DO UPDATE
       SET state = excluded.state, reference = coalesce(excluded.reference, m.reference),
           review_on = excluded.review_on, removed_on = excluded.removed_on, removal = excluded.removal,
           recorded_by = excluded.recorded_by;
    told := sanctuary.refusal('done');
    told.id := one;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.put_marker IS
    'Asks for a marker, notes that it was set, confirms it with another day of review, or takes it off.';
GRANT EXECUTE ON FUNCTION sanctuary.put_marker TO haven_app;

-- ---- the end ----

CREATE DOMAIN sanctuary_ending AS text CHECK (VALUE IN ('still_at_home', 'moved_planned', 'moved_unsafe',
    'repeat_incident_held', 'repeat_incident_entered', 'returned_to_perpetrator', 'perpetrator_moved_back', 'deceased',
    'not_reached'));
COMMENT ON DOMAIN sanctuary_ending IS 'What became of a household whose home was made safe.';

CREATE TABLE sanctuary.ending (
    job_id uuid PRIMARY KEY REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    ending sanctuary_ending NOT NULL,
    ended_on date NOT NULL DEFAULT today()
);
COMMENT ON TABLE sanctuary.ending IS 'What became of a household whose home was made safe, when its job was closed.';
COMMENT ON COLUMN sanctuary.ending.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.ending.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.ending.ending IS 'What.';
COMMENT ON COLUMN sanctuary.ending.ended_on IS 'The London day.';
SELECT guard('sanctuary.ending', 'works', erase => 'kept');

CREATE FUNCTION sanctuary.need_ending(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN item ->> 'ending' IS NULL
             OR j.state <> 'reviewed_6m'
                AND item ->> 'ending' IN ('still_at_home', 'repeat_incident_held', 'not_reached')
             THEN sanctuary.refusal('not_said', '/ending')
        WHEN item ->> 'equipment' IS NULL AND EXISTS (SELECT FROM sanctuary.equipment e WHERE e.job_id = j.id)
             THEN sanctuary.refusal('not_said', '/equipment')
        WHEN item ->> 'marker' IS NULL AND EXISTS (SELECT FROM sanctuary.marker m
                                                    WHERE m.job_id = j.id AND m.state <> 'removed')
             THEN sanctuary.refusal('not_said', '/marker')
        WHEN EXISTS (SELECT FROM sanctuary.works_order o
                      WHERE o.job_id = j.id AND o.state NOT IN ('paid', 'cancelled')
                        AND NOT (o.kind = 'snag' AND o.state IN ('done', 'taken_over')))
             THEN sanctuary.refusal('orders_open') END
$$;
COMMENT ON FUNCTION sanctuary.need_ending IS
    'A job is closed with what became of the household, of the equipment and of the marker, and no order unpaid; '
    'before the six months only where the household no longer lives there safely.';

CREATE FUNCTION sanctuary.do_end(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sanctuary.ending (job_id, household_id, ending) VALUES (j.id, j.household_id, item ->> 'ending')
    ON CONFLICT (job_id) DO UPDATE SET ending = excluded.ending, ended_on = excluded.ended_on;
    UPDATE sanctuary.equipment e
       SET plan = item ->> 'equipment', due_on = CASE WHEN item ->> 'equipment' = 'recover' THEN today() + 14 END
     WHERE e.job_id = j.id AND e.plan <> 'recovered';
    UPDATE sanctuary.marker m SET state = 'removed', removed_on = today(), removal = item ->> 'marker'
     WHERE m.job_id = j.id AND m.state <> 'removed';
    PERFORM fund.release_all(j.id);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_end IS
    'Notes what became of household and equipment, takes the marker off, and gives back what was promised and not '
    'paid.';

UPDATE sanctuary.act_rule r SET needs = n.needs::text[], does = n.does::text[]
  FROM (VALUES ('snag', '{}', '{snag}'), ('sign_off', '{no_defect,all_right}', '{sign_off}'),
               ('review_3m', '{review}', '{review_3m}'), ('review_6m', '{review}', '{review_6m}'),
               ('incident', '{}', '{incident}'), ('close', '{ending}', '{end}'),
               ('close_early', '{ending}', '{end}')) n (act, needs, does)
 WHERE r.act = n.act;
