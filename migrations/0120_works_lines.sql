-- One set of rules for a line of works, wherever it is entered: in a specification, an order of first measures, or a
-- change to an order. A rule that holds in one of them alone is dodged in the others.

SELECT add_codes('sanctuary_outcome', '{wrong_place,not_whole}');

-- ---- where a measure goes ----

ALTER TABLE sanctuary.measure ADD openings text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN sanctuary.measure.openings IS
    'Where in the home it can go; none named: anywhere. A lock that is entered at the loft escapes the rules of doors.';
UPDATE sanctuary.measure SET openings = CASE unit
    WHEN 'door' THEN '{front_door,back_door,side_door,patio_door,garage,side_gate,safe_room}'
    WHEN 'window' THEN '{window_ground_front,window_ground_back,window_upper_front,window_upper_back,patio_door,loft,
                         garage}'
    WHEN 'room' THEN '{safe_room}' ELSE openings END;
UPDATE sanctuary.measure SET openings = openings || '{letter_plate}'::text[] WHERE code LIKE 'letter\_%';
UPDATE sanctuary.measure
   SET openings = '{front_door,back_door,side_door,patio_door,window_ground_front,window_ground_back,
                    window_upper_front,window_upper_back,garage,loft,side_gate,safe_room,letter_plate}'
 WHERE unit IN ('opening', 'square_metre');

CREATE FUNCTION sanctuary.is_door(at sanctuary_opening) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT at IN ('front_door', 'back_door', 'side_door', 'patio_door', 'letter_plate', 'garage', 'side_gate',
                  'safe_room')
$$;
COMMENT ON FUNCTION sanctuary.is_door IS 'Whether a measure at an opening works on a door: a letter plate is in one.';

CREATE OR REPLACE FUNCTION sanctuary.applies(j sanctuary.job, at sanctuary_opening, applies sanctuary_where)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE applies
        WHEN 'always' THEN true
        WHEN 'flat' THEN f.flat
        WHEN 'escape_door' THEN sanctuary.is_door(at) AND coalesce(o.escape, 'not_known') <> 'no'
        WHEN 'fire_door' THEN sanctuary.is_door(at)
             AND (coalesce(o.fire_door, 'not_known') <> 'not_marked'
                  OR at IN ('front_door', 'letter_plate') AND f.flat)
        ELSE coalesce(o.escape, 'not_known') IN ('only', 'not_known') AND at NOT IN ('outside', 'whole_home') END
      FROM (SELECT sanctuary.surveyed(j.id, 'home') ->> 'kind' IS NOT DISTINCT FROM 'flat' AS flat) f
      LEFT JOIN sanctuary.home_opening o ON o.job_id = j.id
            AND o.opening = CASE at WHEN 'letter_plate' THEN 'front_door' ELSE at END
$$;

-- ---- what a line must be ----

CREATE OR REPLACE FUNCTION sanctuary.wanted(item jsonb) RETURNS SETOF sanctuary.wanted LANGUAGE sql STABLE AS $$
    SELECT (l.n - 1)::smallint, l.value ->> 'measure', (l.value ->> 'opening')::sanctuary_opening,
           (l.value ->> 'quantity_tenths')::integer, ARRAY(SELECT jsonb_array_elements_text(l.value -> 'confirmed'))
      FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY l (value, n) WHERE l.value ->> 'n' IS NULL
$$;
COMMENT ON FUNCTION sanctuary.wanted IS
    'The new lines of an input, numbered from 0 as its errors point at them; those with an n are of the order already.';

CREATE FUNCTION sanctuary.counted(unit sanctuary_unit) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT unit NOT IN ('square_metre', 'metre', 'hour') $$;
COMMENT ON FUNCTION sanctuary.counted IS 'Whether a unit is counted: nobody fits half a lock.';

CREATE FUNCTION sanctuary.has_measures(job uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(l.measure), '{}') FROM sanctuary.order_line l
      JOIN sanctuary.works_order o ON o.id = l.order_id
     WHERE o.job_id = job AND o.state <> 'cancelled' AND l.quantity_tenths > 0
$$;
COMMENT ON FUNCTION sanctuary.has_measures IS 'The measures of the orders of a job.';

CREATE FUNCTION sanctuary.line_refusal(j sanctuary.job, item jsonb, in_change boolean) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal(f.why::sanctuary_outcome, '/lines/' || w.n || f.at, coalesce(m.goes_with, w.measure))
      FROM sanctuary.wanted(item) w LEFT JOIN sanctuary.measure m ON m.code = w.measure,
           LATERAL (VALUES
               (1, 'no_measure', '/measure', m.code IS NULL),
               (2, 'by_variation', '/measure', m.by_variation AND NOT in_change),
               (3, 'no_price', '/measure', sanctuary.price_of(w.measure, today()) IS NULL),
               (4, 'goes_with', '/measure', m.goes_with IS NOT NULL
                   AND m.goes_with <> ALL (sanctuary.has_measures(j.id))
                   AND NOT EXISTS (SELECT FROM sanctuary.wanted(item) o WHERE o.measure = m.goes_with)),
               (5, 'wrong_place', '/opening', m.openings <> '{}' AND w.opening <> ALL (m.openings)),
               (6, 'not_whole', '/quantity_tenths', sanctuary.counted(m.unit) AND w.quantity_tenths % 10 <> 0))
           f (n, why, at, so)
     WHERE f.so ORDER BY w.n, f.n LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.line_refusal IS
    'The first new line that cannot be: each names a measure of the catalogue with a price of today, at a place where '
    'it can go, whole where it is counted; what goes with another comes with it, or is ordered.';

CREATE OR REPLACE FUNCTION sanctuary.need_lines(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN NOT EXISTS (SELECT FROM sanctuary.wanted(item)) THEN sanctuary.refusal('no_lines', '/lines')
                ELSE sanctuary.line_refusal(j, item, false) END
$$;
COMMENT ON FUNCTION sanctuary.need_lines IS 'At least one line, and each can be.';

-- ---- fire and safety ----

CREATE FUNCTION sanctuary.fire_refusal(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal(CASE WHEN r.confirm IS NULL THEN 'fire_never' ELSE 'fire_rule' END,
                             '/lines/' || w.n || CASE WHEN r.confirm IS NULL THEN '/opening' ELSE '/confirmed' END,
                             r.says)
      FROM sanctuary.wanted(item) w JOIN sanctuary.measure m ON m.code = w.measure
      JOIN sanctuary.fire_rule r ON r.code = ANY (m.rules)
     WHERE (r.confirm IS NULL OR r.confirm <> ALL (w.confirmed)) AND sanctuary.applies(j, w.opening, r.applies)
     ORDER BY w.n, r.code LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.fire_refusal IS
    'The first new line that a rule forbids, or of which a rule is not confirmed.';

CREATE FUNCTION sanctuary.alarm_refusal(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT sanctuary.refusal('smoke', '/lines/' || w.n || '/measure')
           FROM sanctuary.wanted(item) w JOIN sanctuary.measure m ON m.code = w.measure AND m.needs_smoke
          WHERE sanctuary.surveyed(j.id, 'fire') ->> 'alarm_each_floor' IS DISTINCT FROM 'true'
            AND NOT EXISTS (SELECT FROM sanctuary.wanted(item) o WHERE o.measure LIKE 'smoke%')
            AND NOT EXISTS (SELECT FROM unnest(sanctuary.has_measures(j.id)) h (measure) WHERE h.measure LIKE 'smoke%')
          ORDER BY w.n LIMIT 1),
        (SELECT sanctuary.refusal('fire_visit', '/lines/' || w.n || '/measure')
           FROM sanctuary.wanted(item) w JOIN sanctuary.measure m ON m.code = w.measure AND m.needs_fire_visit
          WHERE NOT EXISTS (SELECT FROM sanctuary.visit v
                             WHERE v.job_id = j.id AND v.kind = 'fire_service' AND v.state = 'done')
          ORDER BY w.n LIMIT 1))
$$;
COMMENT ON FUNCTION sanctuary.alarm_refusal IS
    'The first new line that wants tested alarms which are neither there nor ordered, or a visit of the fire service.';

CREATE OR REPLACE FUNCTION sanctuary.need_fire_rules(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS
$$ SELECT coalesce(sanctuary.fire_refusal(j, item), sanctuary.alarm_refusal(j, item)) $$;

-- ---- orders of first measures ----

CREATE FUNCTION sanctuary.firm_known(firm uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM sanctuary.firm f WHERE f.organisation_id = firm AND firm = ANY (my_partners()))
$$;
COMMENT ON FUNCTION sanctuary.firm_known IS 'Whether there is such a firm of the scheme.';

CREATE OR REPLACE FUNCTION sanctuary.do_order_first(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql AS $$
DECLARE
    told sanctuary.told;
    made uuid;
    o sanctuary.works_order;
BEGIN
    IF NOT sanctuary.firm_known((item ->> 'firm_id')::uuid) THEN
        RETURN sanctuary.refusal('firm_unfit', '/firm_id');
    END IF;
    UPDATE sanctuary.job x
       SET keeper_id = (SELECT y.organisation_id FROM fund.pot_year y
                         WHERE y.id = fund.pot_of(j.organisation_id, 'locks_security', 0, today()))
     WHERE x.id = j.id AND x.keeper_id IS NULL;
    made := sanctuary.make_order(j, (item ->> 'firm_id')::uuid, 'first', item -> 'lines', item);
    SELECT * INTO STRICT o FROM sanctuary.works_order x WHERE x.id = made;
    told := coalesce(sanctuary.works_need_firm_fits(o, '{}'), sanctuary.works_need_certified(o, '{}'));
    told.id := made;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.do_order_first IS
    'Makes a draft of what can be fitted at once by a firm that fits; it goes out when an approver has approved it.';
UPDATE sanctuary.act_rule SET needs = '{lines,leave_of_nobody,fire_rules}' WHERE act = 'order_first';

CREATE OR REPLACE FUNCTION sanctuary.do_order(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql AS $$
DECLARE
    part record;
    told sanctuary.told;
BEGIN
    FOR part IN SELECT (e.value ->> 'firm_id')::uuid AS firm, jsonb_agg(e.value ORDER BY e.n) AS lines,
                       min(e.n) - 1 AS at
                  FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY e (value, n)
                 WHERE NOT sanctuary.ordered_line((e.value ->> 'line_id')::uuid)
                 GROUP BY 1 ORDER BY 3 LOOP
        IF sanctuary.firm_known(part.firm) THEN
            told := sanctuary.offer_order(sanctuary.make_order(j, part.firm, 'main', part.lines, item));
        ELSE
            told := sanctuary.refusal('firm_unfit');
        END IF;
        IF told.outcome IS NOT NULL THEN
            told.field := '/lines/' || part.at || '/firm_id';
            RETURN told;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- ---- changes ----

CREATE FUNCTION sanctuary.change_need_lines(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE plpgsql STABLE AS $$
DECLARE
    told sanctuary.told;
    j sanctuary.job;
BEGIN
    SELECT r.* INTO told FROM (
        SELECT e.n, CASE
                   WHEN l.n IS NULL OR EXISTS (
                            SELECT FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY b (value, n)
                             WHERE b.n < e.n AND b.value ->> 'n' = e.value ->> 'n')
                   THEN sanctuary.refusal('lines', '/lines/' || e.n - 1 || '/n')
                   WHEN sanctuary.counted(m.unit) AND (e.value ->> 'quantity_tenths')::integer % 10 <> 0
                   THEN sanctuary.refusal('not_whole', '/lines/' || e.n - 1 || '/quantity_tenths') END AS refused
          FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY e (value, n)
          LEFT JOIN sanctuary.order_line l ON l.order_id = o.id AND l.n = (e.value ->> 'n')::integer
          LEFT JOIN sanctuary.measure m ON m.code = l.measure
         WHERE e.value ->> 'n' IS NOT NULL) c, LATERAL (SELECT (c.refused).*) r
     WHERE r.outcome IS NOT NULL ORDER BY c.n LIMIT 1;
    IF told.outcome IS NULL THEN
        SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = o.job_id;
        told := sanctuary.line_refusal(j, item, true);
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.change_need_lines IS
    'What is changed is of lines of the order, each once, and whole where it is counted; a new line can be.';

CREATE FUNCTION sanctuary.change_need_fits_firm(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal(CASE WHEN m.trade = ANY (f.trades || '{any}'::text[]) THEN 'not_certified'
                                  ELSE 'firm_unfit' END, '/lines/' || w.n || '/measure')
      FROM sanctuary.wanted(item) w JOIN sanctuary.measure m ON m.code = w.measure
      JOIN sanctuary.firm f ON f.organisation_id = o.firm_id JOIN sanctuary.job j ON j.id = o.job_id
     WHERE m.trade <> ALL (f.trades || '{any}'::text[])
        OR NOT f.fire_doors AND sanctuary.needs_certificate(j, m, w.opening)
     ORDER BY w.n LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.change_need_fits_firm IS
    'What a change adds is of a trade of the firm, and on a fire door it has the certificate.';

CREATE FUNCTION sanctuary.change_need_confirmed(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE sql STABLE AS
$$ SELECT sanctuary.fire_refusal(j, item) FROM sanctuary.job j WHERE j.id = o.job_id $$;
COMMENT ON FUNCTION sanctuary.change_need_confirmed IS 'What a change adds breaks no fire and safety rule.';

CREATE FUNCTION sanctuary.change_need_alarms(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE sql STABLE AS
$$ SELECT sanctuary.alarm_refusal(j, item) FROM sanctuary.job j WHERE j.id = o.job_id $$;
COMMENT ON FUNCTION sanctuary.change_need_alarms IS
    'What a change adds has the alarms and the visit that it wants. Where the home is insecure neither is waited for.';

UPDATE sanctuary.works_change_step SET needs = '{no_open_change,lines,fits_firm,consented,confirmed,alarms}'
 WHERE act = 'ask';
UPDATE sanctuary.works_change_step SET needs = '{insecure,no_open_change,lines,fits_firm,confirmed,cap}'
 WHERE act = 'make_safe';

-- ---- reports ----

CREATE FUNCTION sanctuary.works_need_whole(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('not_whole', '/lines/' || e.n - 1 || '/fitted_tenths')
      FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY e (value, n)
      JOIN sanctuary.order_line l ON l.order_id = o.id AND l.n = (e.value ->> 'n')::integer
      JOIN sanctuary.measure m ON m.code = l.measure
     WHERE sanctuary.counted(m.unit) AND (e.value ->> 'fitted_tenths')::integer % 10 <> 0 ORDER BY e.n LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.works_need_whole IS 'What is counted is fitted whole.';
UPDATE sanctuary.works_step SET needs = '{own_lines,whole}'::text[] || array_remove(needs, 'own_lines')
 WHERE act = 'report_done';

-- ---- firms ----

CREATE OR REPLACE FUNCTION sanctuary.set_price(firm uuid, item jsonb) RETURNS sanctuary_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
BEGIN
    IF me IS NULL OR NOT coordinates() OR NOT sanctuary.firm_known(firm) THEN
        RETURN 'none';
    ELSIF NOT EXISTS (SELECT FROM sanctuary.measure m WHERE m.code = item ->> 'measure') THEN
        RETURN 'no_measure';
    END IF;
    INSERT INTO sanctuary.firm_price AS p (organisation_id, measure, from_day, unit_pence)
    VALUES (firm, item ->> 'measure', coalesce((item ->> 'from_day')::date, today()), (item ->> 'unit_pence')::bigint)
    ON CONFLICT (organisation_id, measure, from_day) DO UPDATE SET unit_pence = excluded.unit_pence;
    RETURN 'done';
END $$;
