-- What is specified is what the owner agreed to: a measure that needs leave and has none blocks its line, what an
-- owner attached is met or not met for a reason, a standing consent is data with its days, and an owner who does not
-- answer is a task of the coordinators.

CREATE DOMAIN sanctuary_term_reason AS text CHECK (VALUE IN ('owner_agreed_otherwise', 'not_for_these_measures',
    'fire_rule', 'unsafe_to_meet'));
COMMENT ON DOMAIN sanctuary_term_reason IS 'Why a specification does not meet what an owner attached to a consent.';

SELECT add_codes('sanctuary_outcome', '{no_consent,term_open,no_standing}');
SELECT add_codes('task_kind', '{job_consent,job_consent_late}');

-- ---- standing consents ----

CREATE TABLE sanctuary.standing_consent (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    owner text NOT NULL CHECK (length(owner) BETWEEN 2 AND 80),
    item sanctuary_item NOT NULL,
    measures text[] NOT NULL CHECK (cardinality(measures) > 0),
    reference text NOT NULL,
    from_day date NOT NULL,
    until_day date NOT NULL CHECK (until_day > from_day)
);
COMMENT ON TABLE sanctuary.standing_consent IS
    'What a landlord with many homes agreed to once for all of them. The operator keeps it.';
COMMENT ON COLUMN sanctuary.standing_consent.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.standing_consent.organisation_id IS 'The organisation whose scheme it was given to.';
COMMENT ON COLUMN sanctuary.standing_consent.owner IS 'The landlord, an organisation and never a person.';
COMMENT ON COLUMN sanctuary.standing_consent.item IS 'As whom it agrees.';
COMMENT ON COLUMN sanctuary.standing_consent.measures IS 'The measures that it is for.';
COMMENT ON COLUMN sanctuary.standing_consent.reference IS 'The reference of the document.';
COMMENT ON COLUMN sanctuary.standing_consent.from_day IS 'From this day on.';
COMMENT ON COLUMN sanctuary.standing_consent.until_day IS 'From this day on it holds no longer.';
SELECT guard('sanctuary.standing_consent', 'open');

ALTER TABLE sanctuary.consent ADD standing_id uuid REFERENCES sanctuary.standing_consent;
COMMENT ON COLUMN sanctuary.consent.standing_id IS 'The standing consent that it rests on; it ends with its days.';

CREATE FUNCTION sanctuary.stands(one uuid, j sanctuary.job, of_item text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM sanctuary.standing_consent s
                    WHERE s.id = one AND s.organisation_id = j.organisation_id AND s.item = of_item
                      AND s.from_day <= today() AND today() < s.until_day)
$$;
COMMENT ON FUNCTION sanctuary.stands IS 'Whether a standing consent holds today for an owner of this job.';

CREATE OR REPLACE FUNCTION sanctuary.need_proof(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT sanctuary.refusal('missing', '/' || f.name)
           FROM unnest(ARRAY['spoke', 'proof', 'proof_reference']) f (name) WHERE item ->> f.name IS NULL LIMIT 1),
        CASE WHEN item ->> 'proof' = 'standing_consent'
                  AND NOT sanctuary.stands((item ->> 'standing_id')::uuid, j, item ->> 'item')
             THEN sanctuary.refusal('no_standing', '/standing_id') END)
$$;
COMMENT ON FUNCTION sanctuary.need_proof IS
    'A consent has a person on the owner''s side and a document; a standing one is known and holds today.';

CREATE OR REPLACE FUNCTION sanctuary.do_grant(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.answer_consent(j, item, CASE WHEN jsonb_array_length(coalesce(item -> 'terms', '[]')) > 0
                                                   THEN 'granted_with_conditions' ELSE 'granted' END);
    UPDATE sanctuary.consent c SET standing_id = s.id, measures = s.measures
      FROM sanctuary.standing_consent s
     WHERE c.job_id = j.id AND c.item = do_grant.item ->> 'item' AND do_grant.item ->> 'proof' = 'standing_consent'
       AND s.id = (do_grant.item ->> 'standing_id')::uuid;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_grant IS
    'Keeps a consent, with what is attached to it; a standing one is for its own measures.';

-- ---- what was agreed to ----

CREATE FUNCTION sanctuary.consents_for(j sanctuary.job, of_measure text) RETURNS SETOF sanctuary.consent
LANGUAGE sql STABLE AS $$
    SELECT c.* FROM sanctuary.consent c JOIN sanctuary.measure m ON m.code = of_measure
     WHERE c.job_id = j.id AND c.item = sanctuary.item_of(j, m.leave)
       AND c.state IN ('granted', 'granted_with_conditions') AND (c.measures = '{}' OR m.code = ANY (c.measures))
       AND (c.standing_id IS NULL OR sanctuary.stands(c.standing_id, j, c.item))
$$;
COMMENT ON FUNCTION sanctuary.consents_for IS 'The consents by which a measure may be fitted in a home.';

CREATE FUNCTION sanctuary.lacks_consent(j sanctuary.job, of_measure text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM sanctuary.measure m
                    WHERE m.code = of_measure AND sanctuary.item_of(j, m.leave) IS NOT NULL)
           AND NOT EXISTS (SELECT FROM sanctuary.consents_for(j, of_measure))
$$;
COMMENT ON FUNCTION sanctuary.lacks_consent IS 'Whether a measure needs an owner''s leave in this home and has none.';

CREATE FUNCTION sanctuary.need_consented(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('no_consent', '/lines/' || w.n || '/measure', m.name)
      FROM sanctuary.wanted(item) w JOIN sanctuary.measure m ON m.code = w.measure
     WHERE sanctuary.lacks_consent(j, w.measure) ORDER BY w.n LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.need_consented IS 'Every measure that needs leave has it; the refusal names the first.';

CREATE FUNCTION sanctuary.need_terms(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('term_open', '/terms_met', t.term)
      FROM sanctuary.wanted(need_terms.item) w, sanctuary.consents_for(j, w.measure) c, unnest(c.terms) t (term)
     WHERE need_terms.item ->> 'terms_reason' IS NULL
       AND NOT coalesce(need_terms.item -> 'terms_met', '[]') ? t.term
     ORDER BY t.term LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.need_terms IS
    'What the owners attached to their consents is met, or a reason says why it is not.';

ALTER TABLE sanctuary.spec ADD terms_met text[] NOT NULL DEFAULT '{}', ADD terms_reason sanctuary_term_reason;
COMMENT ON COLUMN sanctuary.spec.terms_met IS 'What owners attached to their consents and it meets.';
COMMENT ON COLUMN sanctuary.spec.terms_reason IS 'Why it does not meet the rest of that.';

CREATE FUNCTION sanctuary.do_terms(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sanctuary.spec s
       SET terms_met = ARRAY(SELECT jsonb_array_elements_text(item -> 'terms_met')),
           terms_reason = item ->> 'terms_reason'
      FROM sanctuary.job o WHERE o.id = j.id AND s.id = o.spec_id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_terms IS 'Keeps with the new specification what it meets of the owners'' terms.';

UPDATE sanctuary.act_rule SET needs = '{lines,consented,terms,fire_rules}', does = '{specify,terms}'
 WHERE act = 'specify';

-- ---- changes obey it too ----

CREATE FUNCTION sanctuary.change_need_consented(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('no_consent', '/lines/' || e.n - 1 || '/measure', m.name)
      FROM sanctuary.job j, jsonb_array_elements(item -> 'lines') WITH ORDINALITY e (value, n)
      JOIN sanctuary.measure m ON m.code = e.value ->> 'measure'
     WHERE j.id = o.job_id AND sanctuary.lacks_consent(j, m.code) ORDER BY e.n LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.change_need_consented IS
    'A measure that a change adds has the leave that it needs. What a home would be insecure without is fitted at '
    'once.';
UPDATE sanctuary.works_change_step SET needs = needs || '{consented}'::text[] WHERE act = 'ask';

-- ---- an owner who does not answer ----

ALTER TABLE sanctuary.works_rule
    ADD consent_remind_days integer NOT NULL DEFAULT 2 CHECK (consent_remind_days BETWEEN 1 AND 30),
    ADD consent_late_days integer NOT NULL DEFAULT 5 CHECK (consent_late_days BETWEEN 1 AND 60);
COMMENT ON COLUMN sanctuary.works_rule.consent_remind_days IS
    'Working days after which the coordinators remind an owner who has not answered.';
COMMENT ON COLUMN sanctuary.works_rule.consent_late_days IS 'Working days after which they do something else.';

CREATE FUNCTION sanctuary.remind_owners() RETURNS void LANGUAGE sql AS $$
    SELECT sanctuary.put_works_task(j.organisation_id, k.kind, 'sanctuary_job', j.id, 'sanctuary_coordinator',
                                    min(k.day))
      FROM sanctuary.consent c JOIN sanctuary.job j ON j.id = c.job_id AND j.state = 'consent_requested',
           sanctuary.works_rule r,
           LATERAL (VALUES ('job_consent', add_working_days(c.asked_on, r.consent_remind_days)),
                           ('job_consent_late', add_working_days(c.asked_on, r.consent_late_days))) k (kind, day)
     WHERE c.state = 'asked' AND k.day <= today()
     GROUP BY j.organisation_id, j.id, k.kind
$$;
COMMENT ON FUNCTION sanctuary.remind_owners IS
    'Makes tasks of owners who have not answered: silence is never consent.';

CREATE FUNCTION sanctuary.consent_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    PERFORM fund.end_tasks(NEW.job_id, '{job_consent,job_consent_late}');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.consent_tasks IS 'Nobody is reminded of an owner once the job no longer waits for one.';
CREATE TRIGGER consent_tasks AFTER INSERT ON sanctuary.step FOR EACH ROW
    WHEN (NEW.was = 'consent_requested' AND NEW.becomes <> 'consent_requested')
    EXECUTE FUNCTION sanctuary.consent_tasks();

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
    PERFORM sanctuary.remind_owners();
    PERFORM ran('keep_works', n);
    RETURN n;
END $$;
COMMENT ON FUNCTION keep_works IS
    'Ends offers and changes whose time has passed, and tells people of clocks and of owners who have not answered; '
    'returns of how many clocks.';

-- ---- what a firm may be asked, and a defect's cost ----

SELECT add_codes('sanctuary_outcome', '{not_certified,warranty_over}');

CREATE FUNCTION sanctuary.needs_certificate(j sanctuary.job, measure sanctuary.measure, at sanctuary_opening)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM sanctuary.fire_rule r
                    WHERE r.code = ANY (measure.rules) AND r.confirm = 'certified_firm'
                      AND sanctuary.applies(j, at, r.applies))
$$;
COMMENT ON FUNCTION sanctuary.needs_certificate IS
    'Whether a measure at an opening is for a firm that is certified for fire doors; a door that is not known counts.';

CREATE FUNCTION sanctuary.works_need_certified(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('not_certified', '/firm_id')
      FROM sanctuary.firm f, sanctuary.job j
     WHERE f.organisation_id = coalesce((item ->> 'firm_id')::uuid, o.firm_id) AND NOT f.fire_doors AND j.id = o.job_id
       AND EXISTS (SELECT FROM sanctuary.order_line l JOIN sanctuary.measure m ON m.code = l.measure
                    WHERE l.order_id = o.id AND sanctuary.needs_certificate(j, m, l.opening))
$$;
COMMENT ON FUNCTION sanctuary.works_need_certified IS
    'Work on a fire door, or a door that may be one, is offered to a firm with the certificate alone.';
UPDATE sanctuary.works_step SET needs = needs || '{certified}'::text[]
 WHERE act IN ('offer', 'approve');

CREATE FUNCTION sanctuary.need_warranty(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('warranty_over', '/line_id')
      FROM sanctuary.order_line l JOIN sanctuary.works_order o ON o.id = l.order_id AND o.job_id = j.id,
           sanctuary.works_rule r
     WHERE l.id = (item ->> 'line_id')::uuid
       AND london_day(o.done_at) + make_interval(months => r.warranty_months) <= (item ->> 'found_on')::date
$$;
COMMENT ON FUNCTION sanctuary.need_warranty IS
    'A defect is the firm''s own cost while its warranty runs; what is found later is new works with a price.';
UPDATE sanctuary.act_rule SET needs = '{warranty}' WHERE act = 'snag';
