-- Risk as a range while answers are missing, each assessment kept; tasks, the first of them a referral to a MARAC;
-- the band calculated by the policy's table, or set by a person with a reason.

-- ---- codes ----

CREATE DOMAIN dash_asker AS text CHECK (VALUE IN ('own_service', 'police', 'adviser', 'health', 'childrens_services',
    'adult_services', 'voluntary_agency', 'other_provider', 'not_known'));
COMMENT ON DOMAIN dash_asker IS 'Whose worker asked the questions of a risk assessment.';

CREATE DOMAIN task_kind AS text CHECK (VALUE IN ('marac_referral', 'risk_review'));
COMMENT ON DOMAIN task_kind IS 'What somebody is asked to do about a case.';

CREATE DOMAIN task_end AS text CHECK (VALUE IN ('done', 'not_needed'));
COMMENT ON DOMAIN task_end IS 'How a task ended; not_needed has a reason.';

-- ---- the household ----

ALTER TABLE household
    ADD COLUMN risk_least risk_level,
    ADD COLUMN risk_judged risk_level,
    ADD COLUMN dash_tool text,
    ADD COLUMN dash_asker dash_asker,
    ADD COLUMN dash_informant informant,
    ADD COLUMN dash_on date,
    ADD COLUMN home_works boolean,
    ADD COLUMN band_by uuid REFERENCES account,
    ADD COLUMN band_at timestamptz,
    ALTER COLUMN band DROP NOT NULL,
    ALTER COLUMN band DROP DEFAULT;
COMMENT ON COLUMN household.risk_level IS
    'The level that the risk ranks as: the upper end of what the answers and the judgement allow. NULL is not '
    'assessed and ranks as high.';
COMMENT ON COLUMN household.risk_least IS
    'Where answers are missing, the lower end; NULL where the level is known, or nothing is.';
COMMENT ON COLUMN household.risk_judged IS 'Professional judgement, which may raise what the answers give.';
COMMENT ON COLUMN household.risk_raised_reason IS 'Why professional judgement raised the level above the score.';
COMMENT ON COLUMN household.dash IS
    'DASH answers by topic code: yes, no, dont_know, not_asked. A topic that is not there was not asked.';
COMMENT ON COLUMN household.dash_tool IS 'The version of the form that was asked.';
COMMENT ON COLUMN household.dash_asker IS 'Whose worker asked.';
COMMENT ON COLUMN household.dash_informant IS 'The person or record that answered.';
COMMENT ON COLUMN household.dash_on IS 'The day on which it was asked.';
COMMENT ON COLUMN household.home_works IS 'Works to make their own home safe are under way; NULL is not asked.';
COMMENT ON COLUMN household.band IS
    'Priority band that a person set, with band_reason; NULL: it is calculated (band_now()).';
COMMENT ON COLUMN household.band_by IS 'The person who set the band.';
COMMENT ON COLUMN household.band_at IS 'When the band was set.';
GRANT UPDATE (risk_least, risk_judged, dash_tool, dash_asker, dash_informant, dash_on, home_works)
   ON household TO haven_app;
SELECT guard_again('household', '{dash_tool,dash_asker,dash_informant,dash_on,home_works}');

-- Reassessments that are due, in their order.
CREATE INDEX household_reviews ON household (organisation_id, risk_review_on, id)
    WHERE closed_at IS NULL AND risk_review_on IS NOT NULL;

-- ---- the range of the risk ----

CREATE FUNCTION dash_count(dash jsonb, OUT yes integer, OUT no integer, OUT dont_know integer)
LANGUAGE sql IMMUTABLE AS $$
    SELECT (count(*) FILTER (WHERE d.value = 'yes'))::integer, (count(*) FILTER (WHERE d.value = 'no'))::integer,
           (count(*) FILTER (WHERE d.value = 'dont_know'))::integer
      FROM jsonb_each_text(dash) d
$$;
COMMENT ON FUNCTION dash_count IS 'How many topics have which answer; the other of the 24 were not asked.';
GRANT EXECUTE ON FUNCTION dash_count TO haven_app;

CREATE FUNCTION risk_at(yes integer) RETURNS risk_level LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN yes >= 14 THEN 'high' WHEN yes >= 10 THEN 'medium' ELSE 'standard' END
$$;
COMMENT ON FUNCTION risk_at IS 'The level of so many yes.';

-- What was known until now: a level that no answers gave, or that was raised above them, was a judgement. A band
-- without a reason was the default. In one statement, since each row that is written costs its triggers.
UPDATE household h
   SET dash = replace(h.dash::text, '"unknown"', '"dont_know"')::jsonb,
       risk_judged = CASE WHEN h.risk_raised_reason IS NOT NULL
                            OR jsonb_path_exists(h.dash,
                                                 '$.* ? (@ == "yes" || @ == "no" || @ == "unknown")') IS NOT TRUE
                          THEN h.risk_level END,
       band = CASE WHEN h.band_reason IS NOT NULL OR h.erased_at IS NOT NULL THEN h.band END
 WHERE h.dash::text LIKE '%"unknown"%' OR h.risk_level IS NOT NULL
    OR (h.band IS NOT NULL AND h.band_reason IS NULL AND h.erased_at IS NULL);

CREATE FUNCTION pg_temp.higher(a text, b text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN 'high' IN (a, b) THEN 'high' WHEN 'medium' IN (a, b) THEN 'medium' ELSE 'standard' END
$$;
UPDATE household h SET risk_level = x.most, risk_least = nullif(x.least, x.most)
  FROM (SELECT k.id, pg_temp.higher(risk_at(n.yes), k.risk_judged) AS least,
               pg_temp.higher(risk_at(24 - n.no), k.risk_judged) AS most
          FROM household k, dash_count(k.dash) n
         WHERE n.yes + n.no + n.dont_know > 0 AND k.erased_at IS NULL) x
 WHERE h.id = x.id AND (h.risk_level IS DISTINCT FROM x.most OR x.least <> x.most);

-- ---- every assessment is kept ----

CREATE TABLE risk_assessment (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    risk_level risk_level,
    risk_least risk_level,
    risk_judged risk_level,
    reason text,
    dash jsonb,
    dash_tool text,
    dash_asker dash_asker,
    dash_informant informant,
    dash_on date,
    recorded_by uuid REFERENCES account,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE risk_assessment IS
    'Every assessment of a household''s risk as it was recorded; the household has the newest. Rows are only added.';
COMMENT ON COLUMN risk_assessment.id IS 'Identity.';
COMMENT ON COLUMN risk_assessment.household_id IS 'The household.';
COMMENT ON COLUMN risk_assessment.risk_level IS 'The level that it ranked as; NULL is not assessed.';
COMMENT ON COLUMN risk_assessment.risk_least IS 'The lower end, where answers were missing.';
COMMENT ON COLUMN risk_assessment.risk_judged IS 'Professional judgement, where one was given.';
COMMENT ON COLUMN risk_assessment.reason IS 'Why professional judgement raised the level.';
COMMENT ON COLUMN risk_assessment.dash IS 'The answers by topic code.';
COMMENT ON COLUMN risk_assessment.dash_tool IS 'The version of the form that was asked.';
COMMENT ON COLUMN risk_assessment.dash_asker IS 'Whose worker asked.';
COMMENT ON COLUMN risk_assessment.dash_informant IS 'The person or record that answered.';
COMMENT ON COLUMN risk_assessment.dash_on IS 'The day on which it was asked.';
COMMENT ON COLUMN risk_assessment.recorded_by IS 'The person who recorded it.';
COMMENT ON COLUMN risk_assessment.recorded_at IS 'When it was recorded.';
CREATE INDEX risk_assessment_household ON risk_assessment (household_id, recorded_at);
SELECT guard('risk_assessment', 'case', untold => '{reason,dash,dash_tool,dash_asker,dash_informant,dash_on}',
             erase => 'rows');

CREATE FUNCTION keep_assessment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    INSERT INTO risk_assessment (household_id, risk_level, risk_least, risk_judged, reason, dash, dash_tool, dash_asker,
                                 dash_informant, dash_on, recorded_by)
    VALUES (NEW.id, NEW.risk_level, NEW.risk_least, NEW.risk_judged, NEW.risk_raised_reason, NEW.dash, NEW.dash_tool,
            NEW.dash_asker, NEW.dash_informant, NEW.dash_on, audit.me('account')::uuid);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_assessment IS 'Keeps the assessment as it is now.';
CREATE TRIGGER household_assessed_first AFTER INSERT ON household FOR EACH ROW
    WHEN (NEW.dash IS NOT NULL OR NEW.risk_judged IS NOT NULL) EXECUTE FUNCTION keep_assessment();
CREATE TRIGGER household_assessed AFTER UPDATE ON household FOR EACH ROW
    WHEN (NEW.erased_at IS NULL
          AND (NEW.dash, NEW.dash_tool, NEW.dash_asker, NEW.dash_informant, NEW.dash_on, NEW.risk_judged,
               NEW.risk_raised_reason)
              IS DISTINCT FROM (OLD.dash, OLD.dash_tool, OLD.dash_asker, OLD.dash_informant, OLD.dash_on,
                                OLD.risk_judged, OLD.risk_raised_reason))
    EXECUTE FUNCTION keep_assessment();

INSERT INTO risk_assessment (household_id, risk_level, risk_least, risk_judged, reason, dash)
SELECT h.id, h.risk_level, h.risk_least, h.risk_judged, h.risk_raised_reason, h.dash FROM household h
 WHERE h.erased_at IS NULL AND (h.dash IS NOT NULL OR h.risk_judged IS NOT NULL);

-- ---- tasks ----

CREATE TABLE task (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    organisation_id uuid NOT NULL REFERENCES organisation,
    kind task_kind NOT NULL,
    due_on date NOT NULL DEFAULT today(),
    ended_as task_end,
    reason text,
    ended_by uuid REFERENCES account,
    ended_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT task_ended CHECK ((ended_as IS NULL) = (ended_at IS NULL))
);
COMMENT ON TABLE task IS
    'What the owner of a case is asked to do. What is due by a day that stands elsewhere, such as the next assessment '
    'of the risk, is no row here: the list of tasks derives it.';
COMMENT ON COLUMN task.id IS 'Identity.';
COMMENT ON COLUMN task.household_id IS 'The household; the task is for the owner of its case.';
COMMENT ON COLUMN task.organisation_id IS 'The organisation whose case it is.';
COMMENT ON COLUMN task.kind IS 'What is to be done.';
COMMENT ON COLUMN task.due_on IS 'The day by which.';
COMMENT ON COLUMN task.ended_as IS 'How it ended; NULL while it is open.';
COMMENT ON COLUMN task.reason IS 'Why it was not needed.';
COMMENT ON COLUMN task.ended_by IS 'The person who ended it.';
COMMENT ON COLUMN task.ended_at IS 'When it ended.';
COMMENT ON COLUMN task.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN task.created_at IS 'When it was proposed.';
CREATE UNIQUE INDEX task_open_once ON task (household_id, kind) WHERE ended_at IS NULL;
CREATE INDEX task_listed ON task (organisation_id, due_on, id) WHERE ended_at IS NULL;
SELECT guard('task', 'case', writes => 'update', fixed => '{id,household_id,organisation_id,kind,due_on,created_at}',
             untold => '{reason}', erase => 'rows');

CREATE FUNCTION marac_before(home uuid, day date) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT max(coalesce(m.heard_on, m.referred_on)) FROM marac m
     WHERE m.household_id = home AND m.referred_on < day
       AND coalesce(m.heard_on, m.referred_on) >= day - interval '12 months'
$$;
COMMENT ON FUNCTION marac_before IS
    'The last day within twelve months before, on which a MARAC had the household: another referral is a repeat.';
GRANT EXECUTE ON FUNCTION marac_before TO haven_app;

-- 14 yes, or a judgement of high. While the level is only possibly high, or was never assessed, nothing is proposed:
-- the next thing to do is to ask.
CREATE FUNCTION propose_marac() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    INSERT INTO task (household_id, organisation_id, kind)
    SELECT NEW.id, NEW.organisation_id, 'marac_referral'
     WHERE NOT EXISTS (SELECT FROM marac m
                        WHERE m.household_id = NEW.id AND m.heard_on IS NULL
                          AND m.referred_on >= today() - interval '12 months')
    ON CONFLICT (household_id, kind) WHERE ended_at IS NULL DO NOTHING;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION propose_marac IS
    'Proposes a referral to a MARAC to the owner of the case: once, and not while a conference is still to hear it.';
CREATE TRIGGER household_high_risk_first AFTER INSERT ON household FOR EACH ROW
    WHEN (NEW.risk_level = 'high' AND NEW.risk_least IS NULL AND NEW.closed_at IS NULL)
    EXECUTE FUNCTION propose_marac();
CREATE TRIGGER household_high_risk AFTER UPDATE ON household FOR EACH ROW
    WHEN (NEW.risk_level = 'high' AND NEW.risk_least IS NULL AND NEW.closed_at IS NULL
          AND (OLD.risk_level IS DISTINCT FROM 'high' OR OLD.risk_least IS NOT NULL OR OLD.closed_at IS NOT NULL))
    EXECUTE FUNCTION propose_marac();

CREATE FUNCTION marac_proposed_done() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    UPDATE task SET ended_as = 'done', ended_at = now(), ended_by = audit.me('account')::uuid, version = version + 1
     WHERE household_id = NEW.household_id AND kind = 'marac_referral' AND ended_at IS NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION marac_proposed_done IS 'A referral to a MARAC ends the task that proposed it.';
CREATE TRIGGER marac_referred AFTER INSERT ON marac FOR EACH ROW EXECUTE FUNCTION marac_proposed_done();

INSERT INTO task (household_id, organisation_id, kind)
SELECT h.id, h.organisation_id, 'marac_referral' FROM household h
 WHERE h.risk_level = 'high' AND h.risk_least IS NULL AND h.closed_at IS NULL
   AND NOT EXISTS (SELECT FROM marac m WHERE m.household_id = h.id
                      AND coalesce(m.heard_on, m.referred_on) >= today() - interval '12 months');

-- ---- the band ----

CREATE FUNCTION band_line(h household) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN h.band IS NOT NULL THEN 'override'
        WHEN h.situation IS DISTINCT FROM 'own_home' THEN coalesce(h.situation, 'not_known')
        WHEN NOT h.wants_to_stay OR h.perpetrator_at_home THEN 'leaving_home'
        WHEN h.wants_to_stay IS NULL THEN 'stay_not_known'
        WHEN h.home_works THEN 'works'
        WHEN h.home_works IS NULL THEN 'works_not_known'
        ELSE 'at_home' END
$$;
COMMENT ON FUNCTION band_line IS
    'The line of the table of bands that decides, as band_of() of match/household.h has it: a code of the '
    'list band_line.';
GRANT EXECUTE ON FUNCTION band_line TO haven_app;

CREATE FUNCTION band_now(h household) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN h.band IS NOT NULL THEN h.band
           ELSE 'band_' || (SELECT y.numbers ->> ('band_' || band_line(h)) FROM policy y WHERE y.id = 1) END
$$;
COMMENT ON FUNCTION band_now IS 'The band that a person set, else the one of the policy''s table.';
GRANT EXECUTE ON FUNCTION band_now TO haven_app;

-- Until now every household without a reason had band 1 by default.
ALTER TABLE household ADD CONSTRAINT household_band
    CHECK (band IS NULL OR band_reason IS NOT NULL OR erased_at IS NOT NULL);

CREATE FUNCTION band_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.band_by := CASE WHEN NEW.band IS NOT NULL THEN audit.me('account')::uuid END;
    NEW.band_at := CASE WHEN NEW.band IS NOT NULL THEN now() END;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION band_set IS 'Notes who set a band, and when.';
CREATE TRIGGER b_band_first BEFORE INSERT ON household FOR EACH ROW
    WHEN (NEW.band IS NOT NULL) EXECUTE FUNCTION band_set();
CREATE TRIGGER b_band BEFORE UPDATE ON household FOR EACH ROW
    WHEN (NEW.erased_at IS NULL AND (NEW.band, NEW.band_reason) IS DISTINCT FROM (OLD.band, OLD.band_reason))
    EXECUTE FUNCTION band_set();

-- Statistics count the band, and an erasure takes facts from which it is calculated.
UPDATE guarded SET erased = erased || '{"band": "band_now(household)"}' WHERE of_table = 'household'::regclass;

-- ---- where risk is shown ----

CREATE OR REPLACE VIEW case_summary WITH (security_invoker = true) AS
SELECT h.id AS household_id,
       json_build_object('id', CASE WHEN may_place() THEN h.id END, 'reference', h.reference,
           'risk_level', h.risk_level, 'risk_least', h.risk_least, 'pregnant', h.pregnant, 'nrpf', h.nrpf,
           'pets', h.pets,
           'wheelchair', h.wheelchair, 'step_free', h.step_free, 'ground_floor', h.ground_floor,
           'adapted_bathroom', h.adapted_bathroom, 'support_needs', h.support_needs, 'languages', h.languages,
           'other_language', h.other_language, 'interpreter', h.interpreter, 'overnight_carer', h.overnight_carer,
           'bedrooms_needed', h.bedrooms_needed,
           'members', (SELECT coalesce(json_agg(json_build_object('kind', m.kind, 'sex', m.sex,
                                  'gender_identity', m.gender_identity,
                                  'age', m.age + extract(year FROM age(today(), m.age_on))::integer,
                                  'couple', m.couple) ORDER BY m.kind <> 'main', m.kind, m.id), '[]')
                         FROM member m WHERE m.household_id = h.id AND m.ended_at IS NULL)) AS household
  FROM household h;
