-- The first part of a job: referral, conditions, risk, consent and visits. Each need and each deed of the table of acts
-- is a function (0080_sanctuary.sql).

-- ---- codes ----

CREATE DOMAIN sanctuary_condition AS text CHECK (VALUE IN ('wants_to_stay', 'perpetrator_away', 'sole_occupation',
    'consent'));
COMMENT ON DOMAIN sanctuary_condition IS 'What must be so that a household can stay at home.';

CREATE DOMAIN sanctuary_answer AS text CHECK (VALUE IN ('yes', 'no', 'not_known'));
COMMENT ON DOMAIN sanctuary_answer IS 'The answer to a condition.';

CREATE DOMAIN sanctuary_source AS text CHECK (VALUE IN ('household', 'landlord', 'police', 'other_agency', 'document',
    'case_record'));
COMMENT ON DOMAIN sanctuary_source IS 'Where the answer to a condition comes from.';

CREATE DOMAIN sanctuary_legal AS text CHECK (VALUE IN ('occupation_order', 'notice', 'tenancy_transfer',
    'tenancy_agreement', 'land_register'));
COMMENT ON DOMAIN sanctuary_legal IS 'The document that was seen of the right to live there.';

CREATE DOMAIN sanctuary_refusal AS text CHECK (VALUE IN ('wants_to_stay', 'perpetrator_away', 'sole_occupation',
    'consent', 'risk_beyond_hardening'));
COMMENT ON DOMAIN sanctuary_refusal IS
    'Why a job is not eligible: a condition that fails, or a risk that locks do not meet.';

CREATE DOMAIN sanctuary_consent_state AS text CHECK (VALUE IN ('asked', 'granted', 'granted_with_conditions',
    'refused', 'no_answer', 'withdrawn'));
COMMENT ON DOMAIN sanctuary_consent_state IS 'Course of a consent; silence is never consent.';

CREATE DOMAIN sanctuary_spoke AS text CHECK (VALUE IN ('owner', 'agent', 'housing_association', 'council',
    'manager'));
COMMENT ON DOMAIN sanctuary_spoke IS 'The side of the owner that answered.';

CREATE DOMAIN sanctuary_proof AS text CHECK (VALUE IN ('letter', 'email', 'form', 'telephone_note',
    'standing_consent'));
COMMENT ON DOMAIN sanctuary_proof IS 'How a consent is evidenced.';

CREATE DOMAIN sanctuary_term AS text CHECK (VALUE IN ('colour', 'make_good', 'own_contractor', 'own_keys', 'hours',
    'reinstate'));
COMMENT ON DOMAIN sanctuary_term IS
    'What an owner attaches to a consent. Keys go to an owner by the household''s word.';

CREATE DOMAIN sanctuary_owner_reason AS text CHECK (VALUE IN ('damage', 'cost', 'sale_planned', 'tenancy_ending',
    'building_rules', 'no_reason_given', 'no_answer'));
COMMENT ON DOMAIN sanctuary_owner_reason IS 'Why an owner refuses, or takes a consent back.';

CREATE DOMAIN sanctuary_visit_kind AS text CHECK (VALUE IN ('police', 'fire_service', 'survey', 'other'));
COMMENT ON DOMAIN sanctuary_visit_kind IS 'What a visit to the home is for.';

CREATE DOMAIN sanctuary_visit_state AS text CHECK (VALUE IN ('asked', 'booked', 'done', 'not_reached',
    'refused_by_household', 'cancelled'));
COMMENT ON DOMAIN sanctuary_visit_state IS 'Course of a visit.';

CREATE DOMAIN sanctuary_visit_result AS text CHECK (VALUE IN ('advice_given', 'marker_set', 'alarms_fitted',
    'letterbox_fitted', 'escape_plan', 'retardant_bedding', 'no_further'));
COMMENT ON DOMAIN sanctuary_visit_result IS 'What a visit came to.';

SELECT add_codes('sanctuary_outcome', '{missing,home_unsafe,joint_tenancy,not_met,none_failed,unchanged,assessment_old,'
                 'consent_needed,no_owner,not_safe_to_ask,legal_first,no_item,no_visit}');
SELECT add_codes('task_kind', '{sanctuary_conditions,sanctuary_refused}');

-- ---- what a job has ----

CREATE TABLE sanctuary.condition (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    condition sanctuary_condition NOT NULL,
    answer sanctuary_answer NOT NULL,
    source sanctuary_source NOT NULL,
    legal sanctuary_legal,
    on_day date NOT NULL DEFAULT today(),
    recorded_by uuid NOT NULL REFERENCES account,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
COMMENT ON TABLE sanctuary.condition IS 'What was answered to each condition, and by whom; the open row counts.';
COMMENT ON COLUMN sanctuary.condition.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.condition.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.condition.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.condition.condition IS 'The condition.';
COMMENT ON COLUMN sanctuary.condition.answer IS 'The answer.';
COMMENT ON COLUMN sanctuary.condition.source IS 'Where it comes from.';
COMMENT ON COLUMN sanctuary.condition.legal IS 'The document that was seen, for the right to live there.';
COMMENT ON COLUMN sanctuary.condition.on_day IS 'The day on which it was answered.';
COMMENT ON COLUMN sanctuary.condition.recorded_by IS 'The person who recorded it.';
COMMENT ON COLUMN sanctuary.condition.recorded_at IS 'When.';
COMMENT ON COLUMN sanctuary.condition.ended_at IS 'When another answer took its place.';
CREATE UNIQUE INDEX condition_open ON sanctuary.condition (job_id, condition) WHERE ended_at IS NULL;
CREATE INDEX condition_job ON sanctuary.condition (job_id, recorded_at, id);
SELECT guard('sanctuary.condition', 'works', erase => 'rows');

CREATE TABLE sanctuary.consent (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    item sanctuary_item NOT NULL,
    state sanctuary_consent_state NOT NULL DEFAULT 'asked',
    measures text[] NOT NULL DEFAULT '{}',
    asked_on date NOT NULL DEFAULT today(),
    asked_by uuid NOT NULL REFERENCES account,
    answered_on date,
    spoke sanctuary_spoke,
    proof sanctuary_proof,
    proof_reference text,
    terms text[] NOT NULL DEFAULT '{}',
    reason sanctuary_owner_reason,
    answered_by uuid REFERENCES account,
    CONSTRAINT consent_once UNIQUE (job_id, item)
);
COMMENT ON TABLE sanctuary.consent IS
    'An owner''s consent. What is asked names the measures and says that the scheme pays and makes good; it never says '
    'why.';
COMMENT ON COLUMN sanctuary.consent.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.consent.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.consent.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.consent.item IS 'The owner that is asked.';
COMMENT ON COLUMN sanctuary.consent.state IS 'Where it stands.';
COMMENT ON COLUMN sanctuary.consent.measures IS 'The measures that it is for; none named: all that need leave.';
COMMENT ON COLUMN sanctuary.consent.asked_on IS 'The day on which it was asked for.';
COMMENT ON COLUMN sanctuary.consent.asked_by IS 'The person who asked.';
COMMENT ON COLUMN sanctuary.consent.answered_on IS 'The day of the answer.';
COMMENT ON COLUMN sanctuary.consent.spoke IS 'The side of the owner that answered.';
COMMENT ON COLUMN sanctuary.consent.proof IS 'How it is evidenced.';
COMMENT ON COLUMN sanctuary.consent.proof_reference IS 'The reference of that document.';
COMMENT ON COLUMN sanctuary.consent.terms IS 'What the owner attaches to it.';
COMMENT ON COLUMN sanctuary.consent.reason IS 'Why it was refused or taken back.';
COMMENT ON COLUMN sanctuary.consent.answered_by IS 'The person who recorded the answer.';
SELECT guard('sanctuary.consent', 'works', untold => '{proof_reference}', erase => 'facts');

CREATE TABLE sanctuary.visit (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    kind sanctuary_visit_kind NOT NULL,
    state sanctuary_visit_state NOT NULL DEFAULT 'asked',
    asked_on date NOT NULL DEFAULT today(),
    planned_on date,
    their_reference text,
    done_on date,
    results text[] NOT NULL DEFAULT '{}',
    alarms integer CHECK (alarms BETWEEN 0 AND 50),
    recorded_by uuid NOT NULL REFERENCES account
);
COMMENT ON TABLE sanctuary.visit IS
    'A visit to the home: police and fire service do not sign in, so their visits are recorded with their reference.';
COMMENT ON COLUMN sanctuary.visit.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.visit.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.visit.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.visit.kind IS 'What it is for.';
COMMENT ON COLUMN sanctuary.visit.state IS 'Where it stands.';
COMMENT ON COLUMN sanctuary.visit.asked_on IS 'The day on which it was asked for.';
COMMENT ON COLUMN sanctuary.visit.planned_on IS 'The day for which it is booked; NULL: none yet.';
COMMENT ON COLUMN sanctuary.visit.their_reference IS 'The other service''s reference.';
COMMENT ON COLUMN sanctuary.visit.done_on IS 'The day on which it was done, or tried.';
COMMENT ON COLUMN sanctuary.visit.results IS 'What it came to.';
COMMENT ON COLUMN sanctuary.visit.alarms IS 'Alarms that the fire service fitted.';
COMMENT ON COLUMN sanctuary.visit.recorded_by IS 'The person who recorded it last.';
CREATE INDEX visit_job ON sanctuary.visit (job_id, asked_on, id);
SELECT guard('sanctuary.visit', 'works', untold => '{planned_on,their_reference}', erase => 'facts');

-- ---- conditions ----

CREATE FUNCTION sanctuary.need_condition(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN item ->> 'condition' IS NULL THEN sanctuary.refusal('missing', '/condition')
        WHEN item ->> 'answer' IS NULL THEN sanctuary.refusal('missing', '/answer')
        WHEN item ->> 'source' IS NULL THEN sanctuary.refusal('missing', '/source')
        WHEN item ->> 'condition' = 'sole_occupation' AND j.tenure = 'joint_with_perpetrator'
             AND (item ->> 'answer' = 'no' OR item ->> 'answer' = 'yes' AND item ->> 'legal' IS NULL)
             THEN sanctuary.refusal('joint_tenancy', CASE item ->> 'answer' WHEN 'no' THEN '/answer' ELSE '/legal' END)
        END
$$;
COMMENT ON FUNCTION sanctuary.need_condition IS
    'A condition is answered with its source. A joint tenancy is a question with evidence of its own, not a plain no.';

CREATE FUNCTION sanctuary.put_condition(j sanctuary.job, which sanctuary_condition, says sanctuary_answer,
                                        came_from sanctuary_source, paper sanctuary_legal, day date) RETURNS void
LANGUAGE sql AS $$
    UPDATE sanctuary.condition c SET ended_at = now()
     WHERE c.job_id = j.id AND c.condition = which AND c.ended_at IS NULL;
    INSERT INTO sanctuary.condition (job_id, household_id, condition, answer, source, legal, on_day, recorded_by)
    VALUES (j.id, j.household_id, which, says, came_from, paper, coalesce(day, today()), audit.me('account')::uuid)
$$;
COMMENT ON FUNCTION sanctuary.put_condition IS 'Keeps an answer; the one before ends.';

-- The household's facts are what searches ask: with them the ranked answer changes.
CREATE FUNCTION sanctuary.tell_household(home uuid, which sanctuary_condition, says sanctuary_answer) RETURNS void
LANGUAGE sql AS $$
    UPDATE household h
       SET wants_to_stay = CASE which WHEN 'wants_to_stay' THEN f.fact ELSE h.wants_to_stay END,
           perpetrator_at_home = CASE which WHEN 'perpetrator_away' THEN NOT f.fact ELSE h.perpetrator_at_home END,
           sole_occupation = CASE which WHEN 'sole_occupation' THEN f.fact ELSE h.sole_occupation END,
           consent_obtainable = CASE which WHEN 'consent' THEN f.fact ELSE h.consent_obtainable END,
           version = h.version + 1
      FROM (SELECT CASE says WHEN 'yes' THEN true WHEN 'no' THEN false END AS fact) f
     WHERE h.id = home
       AND CASE which WHEN 'wants_to_stay' THEN h.wants_to_stay WHEN 'perpetrator_away' THEN NOT h.perpetrator_at_home
                      WHEN 'sole_occupation' THEN h.sole_occupation ELSE h.consent_obtainable END
           IS DISTINCT FROM f.fact
$$;
COMMENT ON FUNCTION sanctuary.tell_household IS 'Makes an answer to a condition a fact of the household.';

CREATE FUNCTION sanctuary.end_task(home uuid, which task_kind) RETURNS void LANGUAGE sql AS $$
    UPDATE task t SET ended_as = 'done', ended_at = now(), ended_by = audit.me('account')::uuid, version = version + 1
     WHERE t.household_id = home AND t.kind = which AND t.ended_at IS NULL
$$;
COMMENT ON FUNCTION sanctuary.end_task IS 'Ends a task of a case whose matter is done.';

CREATE FUNCTION sanctuary.put_task(j sanctuary.job, which task_kind, by_day date) RETURNS void LANGUAGE sql AS $$
    INSERT INTO task (household_id, organisation_id, kind, due_on)
    SELECT h.id, h.organisation_id, which, by_day FROM household h WHERE h.id = j.household_id
    ON CONFLICT (household_id, kind) WHERE ended_at IS NULL DO NOTHING
$$;
COMMENT ON FUNCTION sanctuary.put_task IS 'Makes a task for the owner of the case.';

CREATE FUNCTION sanctuary.all_known(job uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT count(*) = 4 FROM sanctuary.condition c
     WHERE c.job_id = job AND c.ended_at IS NULL AND c.answer <> 'not_known'
$$;
COMMENT ON FUNCTION sanctuary.all_known IS 'Whether each condition of a job is answered.';

CREATE FUNCTION sanctuary.do_condition(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.put_condition(j, item ->> 'condition', item ->> 'answer', item ->> 'source', item ->> 'legal',
                                    (item ->> 'on_day')::date),
            sanctuary.tell_household(j.household_id, item ->> 'condition', item ->> 'answer');
    IF sanctuary.all_known(j.id) THEN
        PERFORM sanctuary.end_task(j.household_id, 'sanctuary_conditions');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_condition IS 'Keeps the answer, and makes it a fact of the household.';

CREATE FUNCTION sanctuary.need_all_met(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('not_met', '/conditions', c.code)
      FROM unnest(ARRAY['wants_to_stay', 'perpetrator_away', 'sole_occupation', 'consent']) WITH ORDINALITY c (code, n)
     WHERE NOT EXISTS (SELECT FROM sanctuary.condition k WHERE k.job_id = j.id AND k.condition = c.code
                          AND k.ended_at IS NULL AND k.answer = 'yes')
     ORDER BY c.n LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.need_all_met IS
    'Every condition is answered yes; the refusal names the first that is not.';

CREATE FUNCTION sanctuary.do_coordinator(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sanctuary.job o SET coordinator_id = audit.me('account')::uuid WHERE o.id = j.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_coordinator IS 'The coordinator who accepts a job keeps it.';

CREATE FUNCTION sanctuary.need_refusal(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN item ->> 'reason' IS NULL THEN sanctuary.refusal('missing', '/reason')
                WHEN item ->> 'reason' <> 'risk_beyond_hardening'
                     AND NOT EXISTS (SELECT FROM sanctuary.condition c
                                      WHERE c.job_id = j.id AND c.condition = item ->> 'reason'
                                        AND c.ended_at IS NULL AND c.answer = 'no')
                THEN sanctuary.refusal('none_failed', '/reason', item ->> 'reason') END
$$;
COMMENT ON FUNCTION sanctuary.need_refusal IS 'A job is refused for a condition that was answered no, or for the risk.';

CREATE FUNCTION sanctuary.do_tell_owner(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.end_task(j.household_id, 'sanctuary_conditions'),
            sanctuary.put_task(j, 'sanctuary_refused', today());
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_tell_owner IS 'The owner of the case is told that the scheme cannot go on, as a task.';

CREATE FUNCTION sanctuary.need_reconsidered(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM sanctuary.job o WHERE o.household_id = j.household_id AND o.id <> j.id
                                AND o.state NOT IN ('ineligible', 'closed', 'withdrawn'))
                THEN sanctuary.refusal('live_job')
                WHEN NOT EXISTS (SELECT FROM sanctuary.condition c
                                  WHERE c.job_id = j.id AND c.recorded_at > j.state_since AND c.ended_at IS NULL)
                THEN sanctuary.refusal('unchanged', '/conditions') END
$$;
COMMENT ON FUNCTION sanctuary.need_reconsidered IS
    'A condition was answered since the refusal, and the household has no other job.';

-- ---- risk ----

CREATE FUNCTION sanctuary.assessed_on(home uuid) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT max(coalesce(a.dash_on, london_day(a.recorded_at))) FROM risk_assessment a WHERE a.household_id = home
$$;
COMMENT ON FUNCTION sanctuary.assessed_on IS 'The day of the newest assessment of a household''s risk.';

CREATE FUNCTION sanctuary.need_assessment(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN coalesce(sanctuary.assessed_on(j.household_id) < today() - 28, true)
                THEN sanctuary.refusal('assessment_old', '/risk') END
$$;
COMMENT ON FUNCTION sanctuary.need_assessment IS 'The household''s risk was assessed within 28 days.';

CREATE FUNCTION sanctuary.do_assessment(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    level text := coalesce((SELECT h.risk_level FROM household h WHERE h.id = j.household_id), 'high');
    hours smallint := CASE level WHEN 'high' THEN 24 ELSE 72 END;
BEGIN
    UPDATE sanctuary.job o
       SET risk_level = level, assessed_on = sanctuary.assessed_on(j.household_id), target_hours = hours,
           due_at = CASE WHEN hours = 24 AND o.due_at IS NOT NULL THEN least(o.due_at, now() + interval '24 hours')
                         ELSE o.due_at END
     WHERE o.id = j.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_assessment IS
    'The job''s risk is the household''s, unknown as high; a day that is due moves only to an earlier time.';

-- ---- consent ----

CREATE FUNCTION sanctuary.items_for(tenure sanctuary_tenure, managed boolean) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN tenure IN ('social_rent', 'private_rent') THEN ARRAY['landlord']
                WHEN tenure = 'temporary' THEN ARRAY['council']
                WHEN tenure IN ('shared_ownership', 'leasehold_flat') THEN ARRAY['freeholder'] ELSE '{}' END
        || CASE WHEN managed AND tenure NOT IN ('social_rent', 'temporary') THEN ARRAY['manager'] ELSE '{}' END
$$;
COMMENT ON FUNCTION sanctuary.items_for IS 'The owners whose consent a tenure needs.';

CREATE FUNCTION sanctuary.need_tenure(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN coalesce(item ->> 'tenure', 'not_known') = 'not_known' THEN sanctuary.refusal('missing', '/tenure')
                WHEN item ->> 'managed_building' IS NULL THEN sanctuary.refusal('missing', '/managed_building')
                WHEN item ->> 'tenure' = 'joint_with_perpetrator' THEN sanctuary.refusal('legal_first', '/tenure') END
$$;
COMMENT ON FUNCTION sanctuary.need_tenure IS
    'The tenure is known, and whether a company manages the building; a joint tenancy is settled before.';

CREATE FUNCTION sanctuary.need_no_owner(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN sanctuary.items_for(item ->> 'tenure', (item ->> 'managed_building')::boolean) <> '{}'
                THEN sanctuary.refusal('consent_needed', '/tenure') END
$$;
COMMENT ON FUNCTION sanctuary.need_no_owner IS 'The household owns its home, and no company manages the building.';

CREATE FUNCTION sanctuary.need_owner(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN sanctuary.items_for(item ->> 'tenure', (item ->> 'managed_building')::boolean) = '{}'
                THEN sanctuary.refusal('no_owner', '/tenure')
                WHEN item ->> 'safe_to_ask' IS DISTINCT FROM 'true'
                THEN sanctuary.refusal('not_safe_to_ask', '/safe_to_ask') END
$$;
COMMENT ON FUNCTION sanctuary.need_owner IS 'There is an owner to ask, and the household says that it is safe to ask.';

CREATE FUNCTION sanctuary.do_tenure(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sanctuary.job o
       SET tenure = item ->> 'tenure', managed_building = (item ->> 'managed_building')::boolean
     WHERE o.id = j.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_tenure IS 'Keeps the tenure.';

CREATE FUNCTION sanctuary.do_ask(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sanctuary.consent (job_id, household_id, item, measures, asked_by)
    SELECT j.id, j.household_id, i,
           ARRAY(SELECT m.code FROM sanctuary.measure m
                  WHERE m.leave <> 'none' AND m.code IN (SELECT jsonb_array_elements_text(item -> 'measures'))),
           audit.me('account')::uuid
      FROM unnest(sanctuary.items_for(item ->> 'tenure', (item ->> 'managed_building')::boolean)) i
    ON CONFLICT ON CONSTRAINT consent_once DO UPDATE
       SET state = 'asked', asked_on = today(), asked_by = excluded.asked_by, measures = excluded.measures,
           answered_on = NULL, spoke = NULL, proof = NULL, proof_reference = NULL, terms = '{}', reason = NULL
     WHERE consent.state NOT IN ('granted', 'granted_with_conditions');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_ask IS 'Asks each owner; a consent that stands is not asked for again.';

CREATE FUNCTION sanctuary.need_item(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN item ->> 'item' IS NULL THEN sanctuary.refusal('missing', '/item')
                WHEN NOT EXISTS (SELECT FROM sanctuary.consent c WHERE c.job_id = j.id AND c.item = i.wanted)
                THEN sanctuary.refusal('no_item', '/item') END
      FROM (SELECT item ->> 'item' AS wanted) i
$$;
COMMENT ON FUNCTION sanctuary.need_item IS 'The consent that is answered was asked for.';

CREATE FUNCTION sanctuary.need_proof(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('missing', '/' || f.name) FROM unnest(ARRAY['spoke', 'proof', 'proof_reference']) f (name)
     WHERE item ->> f.name IS NULL LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.need_proof IS 'A consent has a person on the owner''s side and a document.';

CREATE FUNCTION sanctuary.need_reason(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN item ->> 'reason' IS NULL THEN sanctuary.refusal('missing', '/reason') END $$;
COMMENT ON FUNCTION sanctuary.need_reason IS 'A reason is given.';

CREATE FUNCTION sanctuary.need_spoke(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN item ->> 'spoke' IS NULL THEN sanctuary.refusal('missing', '/spoke') END $$;
COMMENT ON FUNCTION sanctuary.need_spoke IS 'The side of the owner that answered is named.';

CREATE FUNCTION sanctuary.answer_consent(j sanctuary.job, said jsonb, becomes sanctuary_consent_state) RETURNS void
LANGUAGE sql AS $$
    UPDATE sanctuary.consent c
       SET state = becomes, spoke = said ->> 'spoke', proof = said ->> 'proof',
           reason = said ->> 'reason', proof_reference = said ->> 'proof_reference',
           answered_by = audit.me('account')::uuid,
           answered_on = coalesce((said ->> 'on_day')::date, today()),
           terms = ARRAY(SELECT jsonb_array_elements_text(said -> 'terms'))
     WHERE c.job_id = j.id AND c.item = said ->> 'item'
$$;
COMMENT ON FUNCTION sanctuary.answer_consent IS 'Keeps an owner''s answer.';

CREATE FUNCTION sanctuary.do_grant(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.answer_consent(j, item, CASE WHEN jsonb_array_length(coalesce(item -> 'terms', '[]')) > 0
                                                   THEN 'granted_with_conditions' ELSE 'granted' END);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_grant IS 'Keeps a consent, with what is attached to it.';

CREATE FUNCTION sanctuary.do_refuse(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.answer_consent(j, item, CASE item ->> 'reason' WHEN 'no_answer' THEN 'no_answer'
                                                                     ELSE 'refused' END),
            sanctuary.put_condition(j, 'consent', 'no', 'landlord', NULL, NULL),
            sanctuary.tell_household(j.household_id, 'consent', 'no');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_refuse IS
    'Keeps a refusal: the ranked answer offers the scheme no longer, and says so.';

CREATE FUNCTION sanctuary.do_take_consent_back(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.answer_consent(j, item, 'withdrawn'), fund.release_all(j.id),
            sanctuary.put_condition(j, 'consent', 'no', 'landlord', NULL, NULL),
            sanctuary.tell_household(j.household_id, 'consent', 'no');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_take_consent_back IS
    'Keeps that an owner took a consent back. What was promised goes back to its pot; the lines stay.';
