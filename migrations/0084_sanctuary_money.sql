-- Specification, fire and safety rules, and the money of a job; what the caller may do with one.

-- ---- codes ----

CREATE DOMAIN sanctuary_return AS text CHECK (VALUE IN ('too_dear', 'missing_measure', 'not_allowed', 'ask_owner'));
COMMENT ON DOMAIN sanctuary_return IS 'Why an approver sends a specification back.';

CREATE DOMAIN sanctuary_unapproval AS text CHECK (VALUE IN ('price_changed', 'works_changed', 'entered_wrongly',
    'not_wanted'));
COMMENT ON DOMAIN sanctuary_unapproval IS 'Why an approval is taken back.';

CREATE DOMAIN sanctuary_confirm AS text CHECK (VALUE IN ('keyless_inside', 'certified_firm', 'key_in_reach',
    'quick_release', 'second_way_out', 'fire_doorset', 'household_can_use', 'household_owns_account'));
COMMENT ON DOMAIN sanctuary_confirm IS 'What the specifier of a line confirms for the fire and safety rules.';

CREATE DOMAIN sanctuary_where AS text CHECK (VALUE IN ('always', 'escape_door', 'fire_door', 'only_way_out', 'flat'));
COMMENT ON DOMAIN sanctuary_where IS 'Where a fire and safety rule applies.';

CREATE DOMAIN sanctuary_stage AS text CHECK (VALUE IN ('asked', 'consent', 'survey', 'money', 'works', 'after'));
COMMENT ON DOMAIN sanctuary_stage IS 'The columns of the coordinator''s board.';

SELECT add_codes('sanctuary_outcome', '{no_lines,no_measure,by_variation,goes_with,no_price,smoke,fire_visit,fire_rule,'
                 'fire_never}');

-- ---- fire and safety rules ----

CREATE TABLE sanctuary.fire_rule (
    code text NOT NULL CHECK (code ~ '^F[1-9]$'),
    applies sanctuary_where NOT NULL,
    confirm sanctuary_confirm,
    says text NOT NULL,
    PRIMARY KEY (code, applies)
);
COMMENT ON TABLE sanctuary.fire_rule IS
    'Rules that block a specification: security must not work against escape. Sources: advice of landlords and makers '
    '(the London Borough of Camden on its homes, the British Woodworking Federation 20 Jul 2010, Peterborough City '
    'Council on home security). The operator keeps them.';
COMMENT ON COLUMN sanctuary.fire_rule.code IS 'The code that measures name.';
COMMENT ON COLUMN sanctuary.fire_rule.applies IS 'Where it applies; what is not known counts as so.';
COMMENT ON COLUMN sanctuary.fire_rule.confirm IS 'What must be confirmed; NULL: the measure is never fitted there.';
COMMENT ON COLUMN sanctuary.fire_rule.says IS 'The rule in words.';
SELECT guard('sanctuary.fire_rule', 'open');
INSERT INTO sanctuary.fire_rule VALUES
    ('F1', 'escape_door', 'keyless_inside', 'No lock on a way out needs a key from the inside'),
    ('F2', 'fire_door', 'certified_firm',
     'A fire door, and a flat''s entrance door, is worked on only by a firm with the certificate, with the manager''s '
     'consent'),
    ('F3', 'only_way_out', 'key_in_reach', 'A window that is a way out has its key fixed within reach'),
    ('F4', 'always', 'quick_release', 'A grille opens from the inside at once'),
    ('F4', 'only_way_out', NULL, 'A grille is never fitted on the only second way out'),
    ('F5', 'always', 'second_way_out', 'A safe room has a window or a second way out, and an alarm outside and inside'),
    ('F6', 'flat', 'fire_doorset', 'A new door of a flat is a fire doorset'),
    ('F7', 'always', 'household_can_use', 'The household can use it'),
    ('F8', 'always', 'household_owns_account', 'Account and pictures are the householder''s alone');

-- ---- specifications ----

CREATE TYPE sanctuary.wanted AS (n smallint, measure text, opening sanctuary_opening, quantity_tenths integer,
    confirmed text[]);
COMMENT ON TYPE sanctuary.wanted IS 'A line that is asked for.';

CREATE FUNCTION sanctuary.wanted(item jsonb) RETURNS SETOF sanctuary.wanted LANGUAGE sql STABLE AS $$
    SELECT (l.n - 1)::smallint, l.value ->> 'measure', (l.value ->> 'opening')::sanctuary_opening,
           (l.value ->> 'quantity_tenths')::integer, ARRAY(SELECT jsonb_array_elements_text(l.value -> 'confirmed'))
      FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY l (value, n)
$$;
COMMENT ON FUNCTION sanctuary.wanted IS 'The lines of an input, numbered from 0 as its errors point at them.';

CREATE FUNCTION sanctuary.need_lines(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN NOT EXISTS (SELECT FROM sanctuary.wanted(item)) THEN sanctuary.refusal('no_lines', '/lines')
           ELSE (SELECT sanctuary.refusal(f.why, '/lines/' || w.n || f.at, coalesce(m.goes_with, w.measure))
                   FROM sanctuary.wanted(item) w LEFT JOIN sanctuary.measure m ON m.code = w.measure,
                        LATERAL (SELECT CASE
                            WHEN m.code IS NULL THEN 'no_measure'
                            WHEN m.by_variation THEN 'by_variation'
                            WHEN sanctuary.price_of(w.measure, today()) IS NULL THEN 'no_price'
                            WHEN m.goes_with IS NOT NULL
                                 AND NOT EXISTS (SELECT FROM sanctuary.wanted(item) o WHERE o.measure = m.goes_with)
                                 THEN 'goes_with' END AS why, '/measure' AS at) f
                  WHERE f.why IS NOT NULL ORDER BY w.n LIMIT 1) END
$$;
COMMENT ON FUNCTION sanctuary.need_lines IS
    'At least one line; each names a measure of the catalogue with a price of today, and what goes with another comes '
    'with it.';

CREATE FUNCTION sanctuary.applies(j sanctuary.job, at sanctuary_opening, applies sanctuary_where) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT CASE applies
        WHEN 'always' THEN true
        WHEN 'flat' THEN f.flat
        WHEN 'escape_door' THEN at LIKE '%door' AND coalesce(o.escape, 'not_known') <> 'no'
        WHEN 'fire_door' THEN at LIKE '%door' AND (coalesce(o.fire_door, 'not_known') <> 'not_marked'
                                                   OR at = 'front_door' AND f.flat)
        ELSE coalesce(o.escape, 'not_known') IN ('only', 'not_known') AND at NOT IN ('outside', 'whole_home') END
      FROM (SELECT sanctuary.surveyed(j.id, 'home') ->> 'kind' IS NOT DISTINCT FROM 'flat' AS flat) f
      LEFT JOIN sanctuary.home_opening o ON o.job_id = j.id AND o.opening = at
$$;
COMMENT ON FUNCTION sanctuary.applies IS 'Whether a rule applies at an opening, by the survey; unknown counts as so.';

CREATE FUNCTION sanctuary.need_fire_rules(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT sanctuary.refusal(CASE WHEN r.confirm IS NULL THEN 'fire_never' ELSE 'fire_rule' END,
                                  '/lines/' || w.n || CASE WHEN r.confirm IS NULL THEN '/opening'
                                                           ELSE '/confirmed' END, r.says)
           FROM sanctuary.wanted(item) w JOIN sanctuary.measure m ON m.code = w.measure
           JOIN sanctuary.fire_rule r ON r.code = ANY (m.rules)
          WHERE (r.confirm IS NULL OR r.confirm <> ALL (w.confirmed)) AND sanctuary.applies(j, w.opening, r.applies)
          ORDER BY w.n, r.code LIMIT 1),
        (SELECT sanctuary.refusal('smoke', '/lines/' || w.n || '/measure')
           FROM sanctuary.wanted(item) w JOIN sanctuary.measure m ON m.code = w.measure AND m.needs_smoke
          WHERE sanctuary.surveyed(j.id, 'fire') ->> 'alarm_each_floor' IS DISTINCT FROM 'true'
            AND NOT EXISTS (SELECT FROM sanctuary.wanted(item) o WHERE o.measure LIKE 'smoke%')
          ORDER BY w.n LIMIT 1),
        (SELECT sanctuary.refusal('fire_visit', '/lines/' || w.n || '/measure')
           FROM sanctuary.wanted(item) w JOIN sanctuary.measure m ON m.code = w.measure AND m.needs_fire_visit
          WHERE NOT EXISTS (SELECT FROM sanctuary.visit v
                             WHERE v.job_id = j.id AND v.kind = 'fire_service' AND v.state = 'done')
          ORDER BY w.n LIMIT 1))
$$;
COMMENT ON FUNCTION sanctuary.need_fire_rules IS
    'Every fire and safety rule passes: what must be confirmed is, alarms are there or added, and the fire service has '
    'visited where it must.';

CREATE FUNCTION sanctuary.item_of(j sanctuary.job, leave sanctuary_leave) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN leave = 'none' THEN NULL
                WHEN leave = 'manager' AND 'manager' = ANY (i.items) THEN 'manager'
                ELSE i.items[1] END
      FROM (SELECT sanctuary.items_for(j.tenure, j.managed_building) AS items) i
$$;
COMMENT ON FUNCTION sanctuary.item_of IS 'The owner whose consent a measure needs in this home; NULL: none is needed.';

CREATE FUNCTION sanctuary.do_specify(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    made uuid;
    total bigint := (SELECT sum(sanctuary.cost_of(sanctuary.price_of(w.measure, today()), w.quantity_tenths))
                       FROM sanctuary.wanted(item) w);
    pot uuid := fund.pot_for('locks_security', total, today());
BEGIN
    IF pot IS NULL THEN
        RETURN ROW('money', '/lines', NULL, 'no_pot', NULL, NULL, NULL, NULL)::sanctuary.told;
    END IF;
    INSERT INTO sanctuary.spec (job_id, household_id, n, total_pence, pot_year_id, made_by)
    SELECT j.id, j.household_id, count(*) + 1, total, pot, audit.me('account')::uuid
      FROM sanctuary.spec s WHERE s.job_id = j.id
    RETURNING id INTO made;
    INSERT INTO sanctuary.line (job_id, household_id, spec_id, n, measure, opening, quantity_tenths, unit_pence,
                                total_pence, consent_item, confirmed)
    SELECT j.id, j.household_id, made, w.n + 1, w.measure, w.opening, w.quantity_tenths, p.pence,
           sanctuary.cost_of(p.pence, w.quantity_tenths), sanctuary.item_of(j, m.leave), w.confirmed
      FROM sanctuary.wanted(item) w JOIN sanctuary.measure m ON m.code = w.measure,
           LATERAL (SELECT sanctuary.price_of(w.measure, today()) AS pence) p;
    UPDATE sanctuary.job o
       SET spec_id = made, keeper_id = (SELECT y.organisation_id FROM fund.pot_year y WHERE y.id = pot)
     WHERE o.id = j.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_specify IS
    'Makes a new version of the specification, by the prices of today, and notes the pot that has enough.';

-- ---- approving ----

CREATE TABLE sanctuary.approval (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    spec_id uuid NOT NULL REFERENCES sanctuary.spec,
    amount_pence bigint NOT NULL,
    approved_by uuid NOT NULL REFERENCES account,
    approved_at timestamptz NOT NULL DEFAULT now(),
    limit_id uuid NOT NULL REFERENCES fund.approval_limit,
    CONSTRAINT approval_once UNIQUE (spec_id, approved_by)
);
COMMENT ON TABLE sanctuary.approval IS 'Who approved which specification, and by which limit. Rows are only added.';
COMMENT ON COLUMN sanctuary.approval.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.approval.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.approval.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.approval.spec_id IS 'The specification that the person saw.';
COMMENT ON COLUMN sanctuary.approval.amount_pence IS 'Its total.';
COMMENT ON COLUMN sanctuary.approval.approved_by IS 'The person.';
COMMENT ON COLUMN sanctuary.approval.approved_at IS 'When.';
COMMENT ON COLUMN sanctuary.approval.limit_id IS 'The limit that it was within.';
SELECT guard('sanctuary.approval', 'works', erase => 'kept');

-- What a household had for its locks counts, whether a request or a job paid for it.
CREATE OR REPLACE FUNCTION fund.had(homes uuid[], of_categories text[], since date, but uuid) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(x.pence), 0)::bigint
      FROM (SELECT c.promised - c.released AS pence
              FROM fund.request r JOIN fund.commitment c ON c.cause_id = r.id
             WHERE r.household_id = ANY (homes) AND r.category = ANY (of_categories) AND r.id IS DISTINCT FROM but
               AND c.committed_on > since
             UNION ALL
            SELECT c.promised - c.released
              FROM sanctuary.job j JOIN fund.commitment c ON c.cause_id = j.id
             WHERE j.household_id = ANY (homes) AND 'locks_security' = ANY (of_categories)
               AND j.id IS DISTINCT FROM but AND c.committed_on > since) x
$$;

CREATE FUNCTION sanctuary.as_request(j sanctuary.job) RETURNS fund.request LANGUAGE plpgsql STABLE AS $$
DECLARE
    r fund.request;
    s sanctuary.spec;
BEGIN
    SELECT * INTO s FROM sanctuary.spec o WHERE o.id = j.spec_id;
    r.id := j.id;
    r.household_id := j.household_id;
    r.organisation_id := j.organisation_id;
    r.keeper_id := j.keeper_id;
    r.category := 'locks_security';
    r.amount_pence := s.total_pence;
    r.needed_on := today();
    r.asked_by := s.made_by;
    r.touched := ARRAY(SELECT o.made_by FROM sanctuary.spec o WHERE o.job_id = j.id);
    RETURN r;
END $$;
COMMENT ON FUNCTION sanctuary.as_request IS
    'A specification as the fund judges a request: the same limits, ceilings and people hold for both.';

CREATE FUNCTION sanctuary.two_needed(j sanctuary.job, r fund.request) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(r.amount_pence + fund.had(fund.same_homes(j.household_id), ARRAY['locks_security'], today() - 30,
                                              j.id)
                    >= (fund.limit_for(r, audit.me('role'))).two_from_pence, false)
$$;
COMMENT ON FUNCTION sanctuary.two_needed IS 'Whether two people must approve, by the limit of the caller''s role.';

CREATE OR REPLACE FUNCTION sanctuary.variant(j sanctuary.job, asked sanctuary_act, item jsonb) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE
        WHEN asked = 'assess_risk' AND j.state <> 'eligible' THEN 'reassess_risk'
        WHEN asked = 'no_consent_needed' AND j.surveyed_at IS NOT NULL THEN 'no_consent_needed_surveyed'
        WHEN asked = 'record_consent'
             AND EXISTS (SELECT FROM sanctuary.consent c
                          WHERE c.job_id = j.id AND c.item IS DISTINCT FROM variant.item ->> 'item'
                            AND c.state NOT IN ('granted', 'granted_with_conditions')) THEN 'record_consent_one'
        WHEN asked = 'record_consent' AND j.surveyed_at IS NOT NULL THEN 'record_consent_surveyed'
        WHEN asked = 'survey' AND j.state <> 'consent_granted' THEN 'survey_early'
        WHEN asked = 'approve' AND sanctuary.two_needed(j, sanctuary.as_request(j))
             AND NOT EXISTS (SELECT FROM sanctuary.approval a WHERE a.spec_id = j.spec_id) THEN 'approve_one'
        ELSE asked END;
END $$;

CREATE FUNCTION sanctuary.need_not_own(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN fund.touched_by(sanctuary.as_request(j), audit.me('account')::uuid)
                     OR EXISTS (SELECT FROM sanctuary.approval a
                                 WHERE a.spec_id = j.spec_id AND a.approved_by = audit.me('account')::uuid)
                THEN sanctuary.refusal('own') END
$$;
COMMENT ON FUNCTION sanctuary.need_not_own IS 'The caller neither specified any of it nor approved it already.';

CREATE FUNCTION sanctuary.refused_by_fund(t fund.told) RETURNS sanctuary.told LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN t.outcome IS NOT NULL
                THEN ROW('money', NULL, NULL, t.outcome, t.left_pence, t.most_pence, t.so_far_pence,
                         NULL)::sanctuary.told END
$$;
COMMENT ON FUNCTION sanctuary.refused_by_fund IS 'A refusal of the fund, as one of a job; NULL where it is none.';

CREATE FUNCTION sanctuary.need_limit(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql STABLE AS $$
DECLARE
    r fund.request := sanctuary.as_request(j);
    told fund.told := fund.within_limit(r, fund.limit_for(r, audit.me('role')));
BEGIN
    IF told.outcome IS NULL THEN
        told := fund.caps(r);
    END IF;
    IF told.outcome IS NULL THEN
        SELECT CASE WHEN v.spendable_pence < r.amount_pence THEN 'short' END, NULL, v.spendable_pence, NULL, NULL
          INTO told FROM sanctuary.spec s JOIN fund.year_view v ON v.id = s.pot_year_id WHERE s.id = j.spec_id;
    END IF;
    RETURN sanctuary.refused_by_fund(told);
END $$;
COMMENT ON FUNCTION sanctuary.need_limit IS
    'The total is within the caller''s limit, the ceilings of the category, and what the pot may promise.';

CREATE FUNCTION sanctuary.do_sign(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sanctuary.approval (job_id, household_id, spec_id, amount_pence, approved_by, limit_id)
    SELECT j.id, j.household_id, j.spec_id, r.amount_pence, audit.me('account')::uuid,
           (fund.limit_for(r, audit.me('role'))).id
      FROM sanctuary.as_request(j) r;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_sign IS 'Keeps who approved, and by which limit.';

CREATE FUNCTION sanctuary.do_commit(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    s sanctuary.spec;
    told fund.told;
BEGIN
    SELECT * INTO s FROM sanctuary.spec o WHERE o.id = j.spec_id;
    PERFORM fund.hold_years(ARRAY[s.pot_year_id]);
    IF NOT fund.commit_money('works_order', j.id, j.household_id, ARRAY[s.pot_year_id], ARRAY[s.total_pence], NULL) THEN
        told.outcome := 'short';
    END IF;
    RETURN sanctuary.refused_by_fund(told);
END $$;
COMMENT ON FUNCTION sanctuary.do_commit IS 'Promises the total out of the pot.';

-- ---- what each act needs and does ----

UPDATE sanctuary.act_rule r SET needs = v.needs::text[], does = v.does::text[]
  FROM (VALUES
    ('answer_condition', '{condition}', '{condition}'), ('accept', '{all_met}', '{coordinator}'),
    ('refuse', '{refusal}', '{tell_owner}'), ('reconsider', '{reconsidered}', '{}'),
    ('assess_risk', '{assessment}', '{assessment}'), ('reassess_risk', '{assessment}', '{assessment}'),
    ('no_consent_needed', '{tenure,no_owner}', '{tenure}'),
    ('no_consent_needed_surveyed', '{tenure,no_owner}', '{tenure}'),
    ('ask_consent', '{tenure,owner}', '{tenure,ask}'), ('record_consent', '{item,proof}', '{grant}'),
    ('record_consent_one', '{item,proof}', '{grant}'), ('record_consent_surveyed', '{item,proof}', '{grant}'),
    ('record_refusal', '{item,reason,spoke}', '{refuse,tell_owner}'),
    ('withdraw_consent', '{item,reason,spoke,nothing_spent}', '{take_consent_back,tell_owner}'),
    ('visit_plan', '{visit_kind}', '{visit_plan}'), ('visit_done', '{visit}', '{visit}'),
    ('survey', '{survey}', '{survey}'), ('survey_early', '{survey}', '{survey}'),
    ('nothing_needed', '{reason}', '{release,end_tasks}'), ('specify', '{lines,fire_rules}', '{specify}'),
    ('send_back', '{reason,not_own}', '{}'), ('approve_one', '{not_own,limit}', '{sign}'),
    ('approve', '{not_own,limit}', '{sign,commit}'), ('unapprove', '{reason,nothing_spent}', '{release}'),
    ('withdraw', '{reason,wished_by,nothing_spent}', '{release,end_tasks}'),
    ('correct', '{reason,correction,nothing_spent}', '{correct}'),
    ('confirm_correction', '{second,nothing_spent}', '{step_back}'), ('drop_correction', '{waiting}', '{drop}'),
    ('reopen', '{reason,reopening}', '{restart}')) v (act, needs, does)
 WHERE r.act = v.act;

-- ---- what is shown ----

CREATE TABLE sanctuary.stage (
    stage sanctuary_stage PRIMARY KEY,
    n smallint NOT NULL UNIQUE,
    states text[] NOT NULL
);
COMMENT ON TABLE sanctuary.stage IS 'The columns of the board, and the states of the jobs in each.';
COMMENT ON COLUMN sanctuary.stage.stage IS 'The column.';
COMMENT ON COLUMN sanctuary.stage.n IS 'Order.';
COMMENT ON COLUMN sanctuary.stage.states IS 'The states.';
SELECT guard('sanctuary.stage', 'open');
INSERT INTO sanctuary.stage VALUES
    ('asked', 1, '{referred,ineligible,eligible}'), ('consent', 2, '{risk_assessed,consent_requested,consent_refused}'),
    ('survey', 3, '{consent_granted,surveyed}'), ('money', 4, '{specified,approved}'),
    ('works', 5, '{ordered,scheduled,installed}'), ('after', 6, '{signed_off,reviewed_3m,reviewed_6m}');

CREATE VIEW sanctuary.job_line WITH (security_invoker = true) AS
SELECT j.id, j.reference, CASE WHEN sees_cases() THEN j.household_id END AS household_id,
       case_reference(j.household_id) AS household_reference, j.state, utc(j.state_since) AS state_since, j.risk_level,
       utc(j.due_at) AS due_at, coalesce(j.due_at < now(), false)
           AND j.state IN ('risk_assessed', 'consent_requested', 'consent_refused', 'consent_granted', 'surveyed',
                           'specified', 'approved', 'ordered', 'scheduled') AS late,
       colleague_name(j.coordinator_id) AS coordinator,
       (SELECT s.total_pence FROM sanctuary.spec s WHERE s.id = j.spec_id) AS total_pence,
       utc(j.referred_at) AS referred_at, j.coordinator_id AS _coordinator_id, j.state_since AS _since
  FROM sanctuary.job j;
COMMENT ON VIEW sanctuary.job_line IS 'A job as lists show it; finance sees no case behind it.';
GRANT SELECT ON sanctuary.job_line TO haven_app;

CREATE FUNCTION sanctuary.acts_of(one uuid) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    my_role text := audit.me('role');
    it sanctuary.job;
BEGIN
    SELECT * INTO it FROM sanctuary.job j WHERE j.id = one;
    IF it.id IS NULL OR NOT coalesce(sanctuary.on_job(it), false) THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(SELECT r.act::text FROM sanctuary.act_rule r
                  WHERE my_role = ANY (r.roles) AND r.act = r.asked_as AND r.needs <> '{works}'
                    AND EXISTS (SELECT FROM sanctuary.move m JOIN sanctuary.act_rule a ON a.act = m.act
                                 WHERE m.state = it.state AND a.asked_as = r.act)
                    AND (r.act NOT IN ('confirm_correction', 'drop_correction')
                         OR EXISTS (SELECT FROM sanctuary.correction c WHERE c.job_id = one AND c.settled_at IS NULL))
                  ORDER BY r.n);
END $$;
COMMENT ON FUNCTION sanctuary.acts_of IS 'What the caller may do with a job as it stands, by the table of states.';
GRANT EXECUTE ON FUNCTION sanctuary.acts_of TO haven_app;

CREATE FUNCTION sanctuary.pot_left(one uuid, OUT name text, OUT left_pence bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    mine text[] := audit.me('partners')::text[];
    it sanctuary.job;
BEGIN
    SELECT * INTO it FROM sanctuary.job j WHERE j.id = one AND mine IS NOT NULL;
    IF it.id IS NOT NULL AND sanctuary.on_job(it) THEN
        SELECT v.name, v.spendable_pence INTO name, left_pence FROM fund.year_view v
         WHERE v.id = coalesce((SELECT s.pot_year_id FROM sanctuary.spec s WHERE s.id = it.spec_id),
                               fund.pot_for('locks_security', 1, today()));
    END IF;
END $$;
COMMENT ON FUNCTION sanctuary.pot_left IS
    'The pot of a job, and what may still be promised of it: told before a survey, not after. NULL: there is no pot.';
GRANT EXECUTE ON FUNCTION sanctuary.pot_left TO haven_app;
