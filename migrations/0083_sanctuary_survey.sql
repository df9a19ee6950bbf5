-- Referring a home to the scheme, visits, corrections, the ends of a job, and the survey.

-- ---- codes ----

CREATE DOMAIN sanctuary_withdrawal AS text CHECK (VALUE IN ('wishes_otherwise', 'moved_to_safe_place', 'returned',
    'consent_finally_refused', 'risk_too_high', 'not_reached', 'entered_twice', 'deceased'));
COMMENT ON DOMAIN sanctuary_withdrawal IS 'Why a job is withdrawn.';

CREATE DOMAIN sanctuary_wished_by AS text CHECK (VALUE IN ('household', 'scheme', 'police', 'owner'));
COMMENT ON DOMAIN sanctuary_wished_by IS 'The side that wished a job to be withdrawn.';

CREATE DOMAIN sanctuary_mistake AS text CHECK (VALUE IN ('wrong_button', 'wrong_job', 'wrong_answer', 'new_fact'));
COMMENT ON DOMAIN sanctuary_mistake IS 'Why a step is corrected.';

CREATE DOMAIN sanctuary_reopening AS text CHECK (VALUE IN ('wishes_again', 'new_incident', 'consent_given_now',
    'circumstances_changed'));
COMMENT ON DOMAIN sanctuary_reopening IS 'What changed, so that an ended job is opened again.';

CREATE DOMAIN sanctuary_nothing AS text CHECK (VALUE IN ('safe_already', 'fitted_by_owner', 'fitted_by_others',
    'household_wants_none'));
COMMENT ON DOMAIN sanctuary_nothing IS 'Why a survey finds that nothing is needed.';

CREATE DOMAIN sanctuary_section AS text CHECK (VALUE IN ('before', 'home', 'fire', 'outside', 'devices', 'people',
    'safe_times', 'interim', 'outcome'));
COMMENT ON DOMAIN sanctuary_section IS
    'The sections of a survey; each is a form of its own, beside those of the openings.';

CREATE DOMAIN sanctuary_material AS text CHECK (VALUE IN ('timber', 'upvc', 'composite', 'aluminium', 'steel',
    'not_known'));
COMMENT ON DOMAIN sanctuary_material IS 'What a door or window is made of.';

CREATE DOMAIN sanctuary_fire_door AS text CHECK (VALUE IN ('marked', 'not_marked', 'not_known'));
COMMENT ON DOMAIN sanctuary_fire_door IS 'Whether a door is marked as a fire door.';

CREATE DOMAIN sanctuary_escape AS text CHECK (VALUE IN ('only', 'one_of_several', 'no', 'not_known'));
COMMENT ON DOMAIN sanctuary_escape IS 'Whether an opening is a way out in a fire.';

SELECT add_codes('sanctuary_outcome', '{no_correction,correction_open,own,spent,too_late,survey_open,'
                 'occupier_absent}');
SELECT add_codes('secret_kind', '{home}');
SELECT add_codes('reading_purpose', '{visit_home}');

-- ---- the address ----

CREATE TABLE vault.home (
    id uuid PRIMARY KEY,
    household_id uuid NOT NULL REFERENCES household,
    sealed bytea NOT NULL CHECK (get_byte(sealed, 0) = 1 AND get_byte(sealed, 1) = 7
                                 AND octet_length(sealed) % 1024 = 50)
);
COMMENT ON TABLE vault.home IS 'The address of the home that a household stays in.';
COMMENT ON COLUMN vault.home.id IS 'Identity.';
COMMENT ON COLUMN vault.home.household_id IS 'The household with whose key it is sealed.';
COMMENT ON COLUMN vault.home.sealed IS 'Lines and postcode.';
SELECT guard('vault.home', 'owner', erase => 'rows');

CREATE FUNCTION vault.put_home(id uuid, household uuid, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, audit, pg_temp AS $$
    SELECT vault.hold_key('household', household) WHERE audit.caller() IS NOT NULL AND works_on(household);
    INSERT INTO vault.home (id, household_id, sealed) SELECT put_home.id, household, put_home.sealed
     WHERE works_on(household);
    SELECT vault.register_secret(put_home.id, household, 'home') WHERE works_on(household)
$$;
COMMENT ON FUNCTION vault.put_home IS
    'Stores the address of a household''s home; one before it ends. vault.tell() alone reads it back.';
GRANT EXECUTE ON FUNCTION vault.put_home TO haven_app;

CREATE OR REPLACE FUNCTION vault.sealed_secret(secret uuid, kind secret_kind) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT CASE kind WHEN 'safe_contact' THEN (SELECT c.sealed FROM vault.safe_contact c WHERE c.id = secret)
                     WHEN 'first_name' THEN (SELECT n.sealed FROM vault.first_name n WHERE n.id = secret)
                     WHEN 'home' THEN (SELECT h.sealed FROM vault.home h WHERE h.id = secret)
                     WHEN 'perpetrator' THEN (SELECT p.sealed FROM vault.party p WHERE p.id = secret) END
$$;

CREATE OR REPLACE FUNCTION secret_open(household uuid, kind secret_kind, account uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN NOT case_hidden(household, account) AND EXISTS (
        SELECT FROM account a
         WHERE a.id = account AND a.disabled_at IS NULL
           AND CASE WHEN a.role IN ('housing_officer', 'navigator') THEN case_worked(household, a.id)
                    WHEN a.role = 'sanctuary_coordinator' THEN kind = 'home' AND case_worked(household, a.id)
                        AND EXISTS (SELECT FROM sanctuary.job j
                                     WHERE j.household_id = household AND j.ended_at IS NULL)
                    WHEN kind = 'home' THEN false
                    ELSE a.role = 'provider' AND EXISTS (
                        SELECT FROM placement p
                         WHERE p.household_id = household AND p.organisation_id = a.organisation_id
                           AND p.offered_at IS NOT NULL
                           AND placement_now(p.state, p.expires_at) = ANY (
                               CASE WHEN kind = 'first_name' THEN '{offered,accepted,arrived}'
                                    ELSE '{accepted,arrived}' END::text[]))
                     AND (kind <> 'first_name' OR EXISTS (
                        SELECT FROM consents_of(household) c
                         WHERE c.purpose = 'share_with_providers' AND c.basis = 'given')) END);
END $$;
COMMENT ON FUNCTION secret_open IS
    'Whether a person may be shown what is sealed about a case. The case workers who work on it always may. A '
    'sanctuary coordinator may see the home''s address while a job of the household is not ended. The people of a '
    'provider may see the safe contact and the perpetrator''s description from its acceptance until the departure, and '
    'the first name from the offer on, while the household agrees to be shown to providers (the high-risk route is no '
    'such agreement). A person from whom the case is hidden never may.';

-- ---- referring ----

CREATE FUNCTION sanctuary.refer_refusal(home uuid, item jsonb, sealed_home uuid) RETURNS sanctuary.told
LANGUAGE plpgsql STABLE AS $$
DECLARE
    h household;
BEGIN
    SELECT * INTO h FROM household o WHERE o.id = home;
    RETURN CASE
        WHEN h.closed_at IS NOT NULL THEN sanctuary.refusal('case_closed')
        WHEN EXISTS (SELECT FROM sanctuary.job j WHERE j.household_id = home
                        AND j.state NOT IN ('ineligible', 'closed', 'withdrawn')) THEN sanctuary.refusal('live_job')
        WHEN h.wants_to_stay IS NULL AND item ->> 'wants_to_stay' IS NULL
             THEN sanctuary.refusal('missing', '/wants_to_stay')
        WHEN item ->> 'address_safe' IS DISTINCT FROM 'true' THEN sanctuary.refusal('home_unsafe', '/address_safe')
        WHEN sealed_home IS NULL THEN sanctuary.refusal('missing', '/home') END;
END $$;
COMMENT ON FUNCTION sanctuary.refer_refusal IS 'Why a home cannot be referred; NULL where it can.';

CREATE FUNCTION sanctuary.known_conditions(j sanctuary.job) RETURNS void LANGUAGE sql AS $$
    INSERT INTO sanctuary.condition (job_id, household_id, condition, answer, source, recorded_by)
    SELECT j.id, h.id, f.code, CASE f.fact WHEN true THEN 'yes' WHEN false THEN 'no' ELSE 'not_known' END,
           'case_record', audit.me('account')::uuid
      FROM household h, LATERAL (VALUES ('wants_to_stay', h.wants_to_stay),
                                        ('perpetrator_away', NOT h.perpetrator_at_home),
                                        ('sole_occupation', h.sole_occupation),
                                        ('consent', h.consent_obtainable)) f (code, fact)
     WHERE h.id = j.household_id
$$;
COMMENT ON FUNCTION sanctuary.known_conditions IS 'What the case knows of the conditions is carried over to a job.';

CREATE FUNCTION sanctuary.refer(home uuid, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it sanctuary.job;
    told sanctuary.told;
    sealed_home uuid;
BEGIN
    IF me IS NULL OR NOT coalesce(sees_cases() AND works_on(home) AND case_of_partners(home), false) THEN
        RETURN sanctuary.refusal(CASE WHEN sees_cases() AND case_seen(home) THEN 'read_only' ELSE 'none' END);
    END IF;
    PERFORM fund.lock_homes(home);
    sealed_home := (SELECT s.id FROM case_secret s
                     WHERE s.household_id = home AND s.kind = 'home' AND s.ended_at IS NULL);
    told := sanctuary.refer_refusal(home, item, sealed_home);
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    IF item ->> 'wants_to_stay' IS NOT NULL THEN
        PERFORM sanctuary.tell_household(home, 'wants_to_stay',
                                         CASE item ->> 'wants_to_stay' WHEN 'true' THEN 'yes' ELSE 'no' END);
    END IF;
    INSERT INTO sanctuary.job (household_id, organisation_id, home_id, tenure, managed_building, referred_by)
    SELECT h.id, h.organisation_id, sealed_home, coalesce(item ->> 'tenure', 'not_known'),
           (item ->> 'managed_building')::boolean, me FROM household h WHERE h.id = home
    RETURNING * INTO it;
    PERFORM sanctuary.known_conditions(it);
    IF NOT sanctuary.all_known(it.id) THEN
        PERFORM sanctuary.put_task(it, 'sanctuary_conditions', add_working_days(today(), 1));
    END IF;
    INSERT INTO sanctuary.step (job_id, household_id, n, act, becomes, account_id, organisation_id, role, said)
    VALUES (it.id, home, 1, 'refer', it.state, me, my_organisation(), audit.me('role'), item);
    told.outcome := 'done';
    told.id := it.id;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.refer IS
    'Refers a home to the scheme; its address is in the vault before. What the case knows of the conditions is carried '
    'over, and the others are a task of the owner of the case.';
GRANT EXECUTE ON FUNCTION sanctuary.refer TO haven_app;

-- ---- visits ----

CREATE FUNCTION sanctuary.need_visit_kind(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN item ->> 'kind' IS NULL THEN sanctuary.refusal('missing', '/kind') END $$;
COMMENT ON FUNCTION sanctuary.need_visit_kind IS 'It is said what the visit is for.';

CREATE FUNCTION sanctuary.do_visit_plan(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    told sanctuary.told;
BEGIN
    INSERT INTO sanctuary.visit (job_id, household_id, kind, state, asked_on, planned_on, their_reference, recorded_by)
    VALUES (j.id, j.household_id, item ->> 'kind',
            CASE WHEN item ->> 'planned_on' IS NULL THEN 'asked' ELSE 'booked' END,
            coalesce((item ->> 'asked_on')::date, today()), (item ->> 'planned_on')::date, item ->> 'their_reference',
            audit.me('account')::uuid);
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.do_visit_plan IS 'Keeps that a visit was asked for, or for which day it is booked.';

CREATE FUNCTION sanctuary.need_visit(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN NOT EXISTS (SELECT FROM sanctuary.visit v
                                  WHERE v.job_id = j.id AND v.id = (item ->> 'visit_id')::uuid
                                    AND v.state IN ('asked', 'booked'))
                THEN sanctuary.refusal('no_visit', '/visit_id')
                WHEN item ->> 'state' IS NULL THEN sanctuary.refusal('missing', '/state') END
$$;
COMMENT ON FUNCTION sanctuary.need_visit IS 'The visit is planned and not done.';

CREATE FUNCTION sanctuary.do_visit(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sanctuary.visit v
       SET state = item ->> 'state', done_on = coalesce((item ->> 'on_day')::date, today()),
           results = ARRAY(SELECT jsonb_array_elements_text(item -> 'results')),
           alarms = (item ->> 'alarms')::integer, recorded_by = audit.me('account')::uuid
     WHERE v.id = (item ->> 'visit_id')::uuid;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_visit IS 'Keeps what a visit came to.';

-- ---- corrections and ends ----

CREATE TABLE sanctuary.correction (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    was sanctuary_state NOT NULL,
    becomes sanctuary_state NOT NULL,
    reason sanctuary_mistake NOT NULL,
    asked_by uuid NOT NULL REFERENCES account,
    asked_at timestamptz NOT NULL DEFAULT now(),
    settled_by uuid REFERENCES account,
    settled_at timestamptz,
    confirmed boolean,
    CONSTRAINT correction_settled CHECK ((settled_at IS NULL) = (confirmed IS NULL))
);
COMMENT ON TABLE sanctuary.correction IS
    'A step back, which a second person confirms or drops. The hours that passed stay.';
COMMENT ON COLUMN sanctuary.correction.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.correction.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.correction.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.correction.was IS 'The state that is wrong.';
COMMENT ON COLUMN sanctuary.correction.becomes IS 'The state before it.';
COMMENT ON COLUMN sanctuary.correction.reason IS 'Why.';
COMMENT ON COLUMN sanctuary.correction.asked_by IS 'The person who asked for it.';
COMMENT ON COLUMN sanctuary.correction.asked_at IS 'When.';
COMMENT ON COLUMN sanctuary.correction.settled_by IS 'The second person.';
COMMENT ON COLUMN sanctuary.correction.settled_at IS 'When.';
COMMENT ON COLUMN sanctuary.correction.confirmed IS 'Whether it was confirmed.';
CREATE UNIQUE INDEX correction_open ON sanctuary.correction (job_id) WHERE settled_at IS NULL;
SELECT guard('sanctuary.correction', 'works', erase => 'kept');

CREATE FUNCTION sanctuary.need_nothing_spent(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM fund.commitment c WHERE c.cause_id = j.id AND c.in_payment + c.paid > 0)
                THEN sanctuary.refusal('spent') END
$$;
COMMENT ON FUNCTION sanctuary.need_nothing_spent IS 'No money of the job is in payment or paid.';

CREATE FUNCTION sanctuary.need_correction(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN sanctuary.state_before(j) IS NULL THEN sanctuary.refusal('no_correction')
                WHEN EXISTS (SELECT FROM sanctuary.correction c WHERE c.job_id = j.id AND c.settled_at IS NULL)
                THEN sanctuary.refusal('correction_open') END
$$;
COMMENT ON FUNCTION sanctuary.need_correction IS 'There is a step to take back, and no correction waits.';

CREATE FUNCTION sanctuary.do_correct(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sanctuary.correction (job_id, household_id, was, becomes, reason, asked_by)
    VALUES (j.id, j.household_id, j.state, sanctuary.state_before(j), item ->> 'reason', audit.me('account')::uuid);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_correct IS 'Asks for a correction.';

CREATE FUNCTION sanctuary.need_second(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.id IS NULL THEN sanctuary.refusal('no_correction')
                WHEN c.asked_by = audit.me('account')::uuid THEN sanctuary.refusal('own')
                WHEN c.was <> j.state THEN sanctuary.refusal('no_correction') END
      FROM (SELECT 1) one LEFT JOIN sanctuary.correction c ON c.job_id = j.id AND c.settled_at IS NULL
$$;
COMMENT ON FUNCTION sanctuary.need_second IS 'A correction of this state waits, and somebody else asked for it.';

CREATE FUNCTION sanctuary.need_waiting(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN NOT EXISTS (SELECT FROM sanctuary.correction c WHERE c.job_id = j.id AND c.settled_at IS NULL)
                THEN sanctuary.refusal('no_correction') END
$$;
COMMENT ON FUNCTION sanctuary.need_waiting IS 'A correction waits.';

CREATE FUNCTION sanctuary.settle_correction(j sanctuary.job, agreed boolean) RETURNS void LANGUAGE sql AS $$
    UPDATE sanctuary.correction c SET settled_by = audit.me('account')::uuid, settled_at = now(), confirmed = agreed
     WHERE c.job_id = j.id AND c.settled_at IS NULL
$$;
COMMENT ON FUNCTION sanctuary.settle_correction IS 'Confirms or drops the correction that waits.';

CREATE FUNCTION sanctuary.do_step_back(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.settle_correction(j, true);
    IF j.state = 'approved' THEN
        PERFORM fund.release_all(j.id);
    ELSIF j.state IN ('consent_granted', 'consent_refused') THEN
        UPDATE sanctuary.consent c SET state = 'asked', answered_on = NULL WHERE c.job_id = j.id;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_step_back IS
    'Confirms the correction: what an approval promised goes back, and a consent is open again.';

CREATE FUNCTION sanctuary.do_drop(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.settle_correction(j, false);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_drop IS 'Drops the correction.';

CREATE FUNCTION sanctuary.need_wished_by(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN item ->> 'wished_by' IS NULL THEN sanctuary.refusal('missing', '/wished_by') END $$;
COMMENT ON FUNCTION sanctuary.need_wished_by IS 'The side that wished it is named.';

CREATE FUNCTION sanctuary.do_release(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fund.release_all(j.id);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_release IS 'What was promised for a job goes back to its pot.';

CREATE FUNCTION sanctuary.do_end_tasks(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.settle_correction(j, false), sanctuary.end_task(j.household_id, 'sanctuary_conditions');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_end_tasks IS 'What waited for a job that ends waits no longer.';

CREATE FUNCTION sanctuary.need_reopening(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN j.ended_at < now() - interval '12 months' THEN sanctuary.refusal('too_late')
                WHEN EXISTS (SELECT FROM household h WHERE h.id = j.household_id AND h.closed_at IS NOT NULL)
                THEN sanctuary.refusal('case_closed')
                WHEN EXISTS (SELECT FROM sanctuary.job o WHERE o.household_id = j.household_id AND o.id <> j.id
                                AND o.state NOT IN ('ineligible', 'closed', 'withdrawn'))
                THEN sanctuary.refusal('live_job') END
$$;
COMMENT ON FUNCTION sanctuary.need_reopening IS
    'A job is opened again within 12 months, in an open case without another job.';

CREATE FUNCTION sanctuary.do_restart(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sanctuary.job o
       SET surveyed_at = NULL, due_at = NULL, assessed_on = NULL, target_hours = NULL, spec_id = NULL
     WHERE o.id = j.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_restart IS
    'A job that is opened again is surveyed and specified again: the home is not what it was, and new clocks run.';

-- ---- the survey ----

CREATE TABLE sanctuary.survey_section (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    section sanctuary_section NOT NULL,
    answers jsonb NOT NULL,
    saved_by uuid NOT NULL REFERENCES account,
    saved_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT section_once UNIQUE (job_id, section)
);
COMMENT ON TABLE sanctuary.survey_section IS
    'What was seen of the home, section by section: each is saved by itself, and again.';
COMMENT ON COLUMN sanctuary.survey_section.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.survey_section.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.survey_section.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.survey_section.section IS 'The section.';
COMMENT ON COLUMN sanctuary.survey_section.answers IS 'What was entered.';
COMMENT ON COLUMN sanctuary.survey_section.saved_by IS 'The person who saved it last.';
COMMENT ON COLUMN sanctuary.survey_section.saved_at IS 'When.';
SELECT guard('sanctuary.survey_section', 'works', untold => '{answers}', erase => 'rows');

CREATE TABLE sanctuary.home_opening (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    opening sanctuary_opening NOT NULL,
    material sanctuary_material NOT NULL DEFAULT 'not_known',
    fire_door sanctuary_fire_door NOT NULL DEFAULT 'not_known',
    escape sanctuary_escape NOT NULL DEFAULT 'not_known',
    reachable boolean,
    width_mm integer CHECK (width_mm BETWEEN 50 AND 9999),
    height_mm integer CHECK (height_mm BETWEEN 50 AND 9999),
    saved_by uuid NOT NULL REFERENCES account,
    saved_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT opening_once UNIQUE (job_id, opening)
);
COMMENT ON TABLE sanctuary.home_opening IS 'The doors, windows and other places of a home that were surveyed.';
COMMENT ON COLUMN sanctuary.home_opening.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.home_opening.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.home_opening.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.home_opening.opening IS 'Which.';
COMMENT ON COLUMN sanctuary.home_opening.material IS 'What it is made of.';
COMMENT ON COLUMN sanctuary.home_opening.fire_door IS 'Whether it is marked as a fire door.';
COMMENT ON COLUMN sanctuary.home_opening.escape IS 'Whether it is a way out.';
COMMENT ON COLUMN sanctuary.home_opening.reachable IS 'Whether it is reached from outside without a ladder.';
COMMENT ON COLUMN sanctuary.home_opening.width_mm IS 'Width in millimetres.';
COMMENT ON COLUMN sanctuary.home_opening.height_mm IS 'Height in millimetres.';
COMMENT ON COLUMN sanctuary.home_opening.saved_by IS 'The person who saved it last.';
COMMENT ON COLUMN sanctuary.home_opening.saved_at IS 'When.';
SELECT guard('sanctuary.home_opening', 'works', untold => '{material,width_mm,height_mm}', erase => 'rows');

-- A survey is begun before the job's state allows to complete it, so a section is saved in each state from which a
-- survey or an early one can come, and until the works are approved.
CREATE FUNCTION sanctuary.claim_survey(one uuid, OUT outcome sanctuary_outcome, OUT it sanctuary.job)
LANGUAGE plpgsql AS $$
DECLARE
    claimed record := sanctuary.claim(one, -1, 'survey');
BEGIN
    it := claimed.it;
    outcome := CASE WHEN claimed.outcome IS NOT NULL THEN claimed.outcome
                    WHEN it.state NOT IN ('risk_assessed', 'consent_requested', 'consent_granted', 'surveyed',
                                          'specified') THEN 'wrong_state' END;
END $$;
COMMENT ON FUNCTION sanctuary.claim_survey IS 'Locks a job whose survey is written.';

CREATE FUNCTION sanctuary.save_section(one uuid, which sanctuary_section, said jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := sanctuary.claim_survey(one);
    it sanctuary.job := claimed.it;
BEGIN
    IF claimed.outcome IS NOT NULL THEN
        RETURN sanctuary.refusal(claimed.outcome);
    END IF;
    INSERT INTO sanctuary.survey_section AS s (job_id, household_id, section, answers, saved_by)
    VALUES (one, it.household_id, which, said, me)
    ON CONFLICT ON CONSTRAINT section_once DO UPDATE SET answers = excluded.answers, saved_by = me, saved_at = now();
    RETURN sanctuary.refusal('done');
END $$;
COMMENT ON FUNCTION sanctuary.save_section IS 'Saves a section of a survey; saved again, the later counts.';
GRANT EXECUTE ON FUNCTION sanctuary.save_section TO haven_app;

CREATE FUNCTION sanctuary.save_opening(one uuid, said jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := sanctuary.claim_survey(one);
    it sanctuary.job := claimed.it;
BEGIN
    IF claimed.outcome IS NOT NULL THEN
        RETURN sanctuary.refusal(claimed.outcome);
    END IF;
    INSERT INTO sanctuary.home_opening AS o (job_id, household_id, opening, material, fire_door, escape, reachable,
                                             width_mm, height_mm, saved_by)
    SELECT one, it.household_id, n.opening, coalesce(n.material, 'not_known'), coalesce(n.fire_door, 'not_known'),
           coalesce(n.escape, 'not_known'), n.reachable, n.width_mm, n.height_mm, me
      FROM jsonb_populate_record(NULL::sanctuary.home_opening, said) n
    ON CONFLICT ON CONSTRAINT opening_once DO UPDATE
       SET material = excluded.material, fire_door = excluded.fire_door, escape = excluded.escape,
           reachable = excluded.reachable, width_mm = excluded.width_mm, height_mm = excluded.height_mm,
           saved_by = me, saved_at = now();
    RETURN sanctuary.refusal('done');
END $$;
COMMENT ON FUNCTION sanctuary.save_opening IS 'Saves what was seen of an opening; saved again, the later counts.';
GRANT EXECUTE ON FUNCTION sanctuary.save_opening TO haven_app;

CREATE FUNCTION sanctuary.surveyed(job uuid, which sanctuary_section) RETURNS jsonb LANGUAGE sql STABLE AS
$$
    SELECT s.answers FROM sanctuary.survey_section s
     WHERE s.job_id = job AND s.section = which
       AND s.saved_at > coalesce((SELECT max(t.at) FROM sanctuary.step t WHERE t.job_id = job AND t.act = 'reopen'),
                                 '-infinity')
$$;
COMMENT ON FUNCTION sanctuary.surveyed IS
    'What a section of the survey says; NULL where it is not saved since the job began or was opened again.';

CREATE FUNCTION sanctuary.need_survey(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT sanctuary.refusal('survey_open', '/sections', s.section)
           FROM unnest(ARRAY['before', 'home', 'fire', 'outside', 'devices', 'people', 'safe_times', 'interim',
                             'outcome']) WITH ORDINALITY s (section, n)
          WHERE sanctuary.surveyed(j.id, s.section) IS NULL ORDER BY s.n LIMIT 1),
        CASE WHEN NOT EXISTS (SELECT FROM sanctuary.home_opening o WHERE o.job_id = j.id)
             THEN sanctuary.refusal('survey_open', '/openings', 'openings')
             WHEN sanctuary.surveyed(j.id, 'before') ->> 'householder_present' IS DISTINCT FROM 'true'
             THEN sanctuary.refusal('occupier_absent', '/sections', 'before') END)
$$;
COMMENT ON FUNCTION sanctuary.need_survey IS
    'Every section is saved, and at least one opening; the householder was there.';

CREATE FUNCTION sanctuary.do_survey(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sanctuary.job o
       SET surveyed_at = coalesce(o.surveyed_at, now()),
           due_at = coalesce(o.due_at, now() + make_interval(hours => coalesce(o.target_hours, 24)))
     WHERE o.id = j.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_survey IS 'From the first complete survey on the installation clock runs.';
