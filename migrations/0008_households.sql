-- Cases: households, their members and unsafe places, and the rules of who may see them. Names, dates of
-- birth and contact details are in the schema vault, sealed.

-- ---- who may see a case ----
--
-- Deny beats allow, allow beats role; a declared link to a person in the case denies too. Row security, the
-- searches and the vault all use the functions below, so that every route hides the same cases.

-- One rule in two forms: for given cases and people side by side, and for all cases of the caller, because
-- that reads every restricted case. A test holds them, and the household's policy, against each other. A
-- provider sees an offered case through the offer, not through a list, so for a provider only a denial
-- counts. An erased case is hidden from everyone, by a mark of its own.
CREATE FUNCTION cases_hidden(households uuid[], accounts uuid[]) RETURNS boolean[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT h.erased_at IS NOT NULL
               OR EXISTS (SELECT FROM case_access a
                           WHERE a.household_id = o.household AND a.account_id = o.account AND a.access = 'deny')
               OR EXISTS (SELECT FROM account_link l JOIN person_index i ON i.hash = l.hash
                           WHERE l.account_id = o.account AND l.ended_at IS NULL AND i.household_id = o.household)
               OR h.restricted
                  AND NOT EXISTS (SELECT FROM case_access a
                                   WHERE a.household_id = o.household AND a.account_id = o.account
                                     AND a.access = 'allow')
                  AND NOT EXISTS (SELECT FROM break_glass b
                                   WHERE b.account_id = o.account AND b.expires_at > now()
                                     AND b.household_id = o.household)
                  AND EXISTS (SELECT FROM account a WHERE a.id = o.account AND a.role <> 'provider')
          FROM unnest(households, accounts) WITH ORDINALITY o (household, account, n)
          LEFT JOIN household h ON h.id = o.household
         ORDER BY o.n);
END $$;
COMMENT ON FUNCTION cases_hidden IS
    'For each pair of a case and an account: whether the case must look to that person as if it did not exist; NULL '
    'where there is no such case.';
GRANT EXECUTE ON FUNCTION cases_hidden TO haven_app;

CREATE FUNCTION case_hidden(household uuid, account uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (cases_hidden(ARRAY[household], ARRAY[account]))[1];
END $$;
COMMENT ON FUNCTION case_hidden IS 'Whether the case must look to this person as if it did not exist.';
GRANT EXECUTE ON FUNCTION case_hidden TO haven_app;

-- The two short lists, worked out once a transaction because each table of a statement needs them.
CREATE FUNCTION know_cases() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
BEGIN
    IF audit.me('denied') IS NULL THEN
        PERFORM set_config('haven.denied', ARRAY(
                    SELECT a.household_id FROM case_access a WHERE a.account_id = me AND a.access = 'deny'
                     UNION
                    SELECT i.household_id FROM account_link l JOIN person_index i ON i.hash = l.hash
                     WHERE l.account_id = me AND l.ended_at IS NULL)::text, true),
                set_config('haven.opened', ARRAY(
                    SELECT a.household_id FROM case_access a WHERE a.account_id = me AND a.access = 'allow'
                     UNION
                    SELECT b.household_id FROM break_glass b
                     WHERE b.account_id = me AND b.expires_at > now())::text, true);
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION know_cases IS 'Works out the caller''s denied and opened cases, once a transaction; true.';
GRANT EXECUTE ON FUNCTION know_cases TO haven_app;

CREATE FUNCTION denied_cases() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    PERFORM know_cases();
    RETURN audit.me('denied')::uuid[];
END $$;
COMMENT ON FUNCTION denied_cases IS 'Cases that the caller is denied, or in which the caller has a declared link.';
GRANT EXECUTE ON FUNCTION denied_cases TO haven_app;

CREATE FUNCTION opened_cases() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    PERFORM know_cases();
    RETURN audit.me('opened')::uuid[];
END $$;
COMMENT ON FUNCTION opened_cases IS 'Restricted cases that are open to the caller.';
GRANT EXECUTE ON FUNCTION opened_cases TO haven_app;

CREATE FUNCTION hidden_cases() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT unnest(denied_cases());
    RETURN QUERY SELECT h.id FROM household h
                  WHERE h.restricted AND h.organisation_id = ANY (audit.me('partners')::uuid[])
                    AND audit.me('role') <> 'provider'
                    AND h.id <> ALL (opened_cases());
END $$;
COMMENT ON FUNCTION hidden_cases IS
    'Cases of the partnership that are hidden from the caller (case_hidden()); a case may appear twice.';
GRANT EXECUTE ON FUNCTION hidden_cases TO haven_app;

CREATE FUNCTION case_of_partners(household uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM household h WHERE h.id = household AND h.organisation_id = ANY (my_partners()));
END $$;
COMMENT ON FUNCTION case_of_partners IS 'Whether a case is of the caller''s partnership.';
GRANT EXECUTE ON FUNCTION case_of_partners TO haven_app;

CREATE FUNCTION case_seen(household uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    known boolean := know_cases();
    denied uuid[] := audit.me('denied')::uuid[];
    opened uuid[] := audit.me('opened')::uuid[];
    partners uuid[] := audit.me('partners')::uuid[];
BEGIN
    RETURN known AND EXISTS (SELECT FROM household h
                              WHERE h.id = household AND h.organisation_id = ANY (partners) AND h.erased_at IS NULL
                      AND h.id <> ALL (denied) AND (NOT h.restricted OR h.id = ANY (opened)));
END $$;
COMMENT ON FUNCTION case_seen IS
    'Whether the caller sees this case, if the caller''s role sees cases. It takes as long for a hidden case as for '
    'one that does not exist.';
GRANT EXECUTE ON FUNCTION case_seen TO haven_app;

CREATE FUNCTION seen_case(household uuid) RETURNS uuid
LANGUAGE sql STABLE AS $$ SELECT CASE WHEN case_seen(household) THEN household END $$;
COMMENT ON FUNCTION seen_case IS
    'The case, or NULL where the caller does not see it. Statements about a case compare with this: policies take '
    'longer over a row that exists, and the time would tell that it does.';
GRANT EXECUTE ON FUNCTION seen_case TO haven_app;

CREATE FUNCTION case_is_ours(household uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM household h WHERE h.id = seen_case(household) AND h.organisation_id = my_organisation());
END $$;
COMMENT ON FUNCTION case_is_ours IS
    'Whether a case is of the caller''s organisation and not hidden from the caller: such a caller sees the list of '
    'people who looked at it.';
GRANT EXECUTE ON FUNCTION case_is_ours TO haven_app;

-- A caller who waited for the lock was authorised before it was granted, and may be denied by now, or the
-- case may have been restricted. So the check is repeated under the lock. Only a caller who sees the case
-- gets the lock: waiting for it must not tell anyone else that there is a case.
CREATE FUNCTION lock_case(household uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF case_seen(household) THEN
        PERFORM FROM household h WHERE h.id = household FOR NO KEY UPDATE;
        PERFORM set_config('haven.denied', '', true), set_config('haven.opened', '', true);
    END IF;
END $$;
COMMENT ON FUNCTION lock_case IS
    'The first statement of every change of a case: locks the case where the caller sees it, and forgets which cases '
    'the caller sees, so that this is asked again under the lock.';
GRANT EXECUTE ON FUNCTION lock_case TO haven_app;

CREATE FUNCTION forget_cases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('haven.denied', '', true), set_config('haven.opened', '', true);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION forget_cases IS
    'The tables that denied_cases() and opened_cases() read have changed: both are worked out again.';

-- ---- who may write a case ----
--
-- Row security trusts settings, and a worker that was taken over could change those, even within one
-- statement. So a trigger checks each row once more at the moment of writing: the caller must be proven
-- (audit.proven), with a role, organisation and cases that allow it. Functions of the owner check for
-- themselves; the triggers run with the writer's rights and so recognise them.

CREATE FUNCTION may_write_case(household uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND coalesce(sees_cases(), false) AND NOT case_hidden(household, audit.me('account')::uuid)
       AND EXISTS (SELECT FROM household h WHERE h.id = household AND h.organisation_id = ANY (my_partners()));
END $$;
COMMENT ON FUNCTION may_write_case IS 'Whether the caller is proven and works on the case.';
GRANT EXECUTE ON FUNCTION may_write_case TO haven_app;

CREATE FUNCTION case_row_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app'
       AND (TG_OP <> 'DELETE' AND NOT may_write_case(NEW.household_id)
            OR TG_OP <> 'INSERT' AND OLD.household_id IS DISTINCT FROM NEW.household_id
            AND NOT may_write_case(OLD.household_id)) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
COMMENT ON FUNCTION case_row_proven IS 'A row that belongs to a case is written by a person who works on the case.';

CREATE FUNCTION household_row_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app'
       AND NOT (CASE WHEN TG_OP = 'INSERT' THEN audit.proven()
                AND coalesce(sees_cases() AND NEW.organisation_id = my_organisation(), false)
                     ELSE may_write_case(OLD.id) END) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION household_row_proven IS
    'A person takes a case for their own organisation, and changes a case that they work on.';

CREATE FUNCTION case_access_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app' AND NOT case_is_ours(coalesce(NEW.household_id, OLD.household_id)) THEN
        PERFORM refuse_unproven();
    ELSIF current_user = 'haven_app' AND TG_OP <> 'DELETE' THEN
        NEW.given_by := audit.me('account')::uuid;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
COMMENT ON FUNCTION case_access_proven IS
    'People of the case''s organisation decide who may see it, each in their own name.';

-- Tables that belong to a case call functions instead of repeating the household's policy: a statement over
-- seven such tables would be a plan of three hundred nodes.
INSERT INTO guard_kind (name, closed, readable, recorded, proven_by, policies) VALUES
    ('case', true, true, true, 'case_row_proven', ARRAY[
        'CREATE POLICY cases ON %s TO haven_app USING ((SELECT sees_cases()) AND case_seen(household_id))']);

-- ---- cases ----

CREATE FUNCTION new_reference() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    fresh text;
BEGIN
    LOOP
        SELECT 'H-' || string_agg(substr('23456789BCDFGHJKMNPQRSTVWXYZ', 1 + (get_byte(r.b, i) % 28), 1), '') INTO fresh
          FROM (SELECT uuid_send(gen_random_uuid()) AS b) r, generate_series(0, 5) i;
        EXIT WHEN NOT EXISTS (SELECT FROM household WHERE reference = fresh);
    END LOOP;
    RETURN fresh;
END $$;
COMMENT ON FUNCTION new_reference IS
    'A case reference without vowels or look-alikes, as H-7KQ2MX; it says nothing about the person or the time.';
GRANT EXECUTE ON FUNCTION new_reference TO haven_app;

CREATE TABLE household (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    reference text NOT NULL UNIQUE DEFAULT new_reference(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    owner_id uuid REFERENCES account,
    situation situation DEFAULT 'not_known',
    urgency urgency NOT NULL DEFAULT 'emergency',
    band priority_band NOT NULL DEFAULT 'band_1',
    band_reason text,
    risk_level risk_level,
    risk_raised_reason text,
    dash jsonb,
    pregnant boolean,
    due_on date,
    nrpf boolean,
    nrpf_funded_until date,
    pets boolean,
    want_from date,
    want_until date CHECK (want_until > want_from),
    shortest_stay_days integer CHECK (shortest_stay_days BETWEEN 1 AND 3650),
    wishes text[] NOT NULL DEFAULT '{}',
    wished_areas text[] NOT NULL DEFAULT '{}',
    wished_specialisms text[] NOT NULL DEFAULT '{}',
    places_to_reach text[] NOT NULL DEFAULT '{}',
    languages text[] NOT NULL DEFAULT '{}',
    interpreter boolean,
    wheelchair wheelchair,
    step_free boolean,
    ground_floor boolean,
    adapted_bathroom boolean,
    support_needs jsonb CHECK (jsonb_typeof(support_needs) = 'array'),
    wants_to_stay boolean,
    perpetrator_at_home boolean,
    sole_occupation boolean,
    consent_obtainable boolean,
    counter_allegation boolean,
    primary_victim primary_victim NOT NULL DEFAULT 'not_determined',
    primary_victim_on date,
    primary_victim_reason primary_victim_reason,
    immigration_status immigration_status NOT NULL DEFAULT 'not_asked',
    immigration_evidence immigration_evidence,
    immigration_expires_on date,
    income_source income_source NOT NULL DEFAULT 'not_asked',
    weekly_income_pence pence,
    risk_review_on date,
    poses text[],
    avoids text[],
    overnight_carer boolean,
    bedrooms_needed integer NOT NULL DEFAULT 1 CHECK (bedrooms_needed BETWEEN 1 AND 30),
    bedrooms_certain boolean NOT NULL DEFAULT true,
    tie_break integer NOT NULL DEFAULT floor(random() * 2147483647)::integer,
    waiting_since timestamptz DEFAULT now(),
    restricted boolean NOT NULL DEFAULT false,
    closed_at timestamptz,
    erased_at timestamptz,
    erasure_reason erasure_reason,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT household_erased
        CHECK ((erased_at IS NULL) = (erasure_reason IS NULL) AND (erased_at IS NULL OR closed_at IS NOT NULL)),
    CONSTRAINT household_primary_victim CHECK ((primary_victim <> 'not_determined')
        = (primary_victim_on IS NOT NULL AND primary_victim_reason IS NOT NULL)
            AND (primary_victim_on IS NULL) = (primary_victim_reason IS NULL)),
    CONSTRAINT household_submitted CHECK (waiting_since IS NULL OR situation IS NOT NULL)
) WITH (autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE household IS
    'People who flee, or stay safe at home, together. NULL facts are unknown: they never exclude.';
COMMENT ON COLUMN household.id IS 'Identity.';
COMMENT ON COLUMN household.reference IS 'Case reference, the only name of a case that finance and providers see.';
COMMENT ON COLUMN household.organisation_id IS 'The organisation that took the referral.';
COMMENT ON COLUMN household.owner_id IS 'The case worker in charge.';
COMMENT ON COLUMN household.situation IS 'Where the household is tonight; NULL only while the referral is a draft.';
COMMENT ON COLUMN household.urgency IS 'How soon a decision is due.';
COMMENT ON COLUMN household.band IS 'Priority band of the common allocation policy.';
COMMENT ON COLUMN household.band_reason IS 'Reason of an overridden band.';
COMMENT ON COLUMN household.risk_level IS 'Risk; NULL is not assessed and ranks as high.';
COMMENT ON COLUMN household.risk_raised_reason IS 'Why professional judgement raised the level above the score.';
COMMENT ON COLUMN household.dash IS 'DASH answers by topic code: yes, no, unknown.';
COMMENT ON COLUMN household.pregnant IS 'Whether the main applicant is pregnant.';
COMMENT ON COLUMN household.due_on IS 'Expected birth.';
COMMENT ON COLUMN household.nrpf IS 'No recourse to public funds.';
COMMENT ON COLUMN household.nrpf_funded_until IS 'End of a funding commitment for a household without recourse.';
COMMENT ON COLUMN household.pets IS 'Whether pets come too.';
COMMENT ON COLUMN household.want_from IS 'First night wanted; NULL is tonight.';
COMMENT ON COLUMN household.want_until IS 'End of the stay wanted.';
COMMENT ON COLUMN household.shortest_stay_days IS 'The shortest stay that is of use.';
COMMENT ON COLUMN household.wishes IS 'Accommodation types wished for; they rank, they do not exclude.';
COMMENT ON COLUMN household.wished_areas IS
    'ONS codes of the local authorities wished for. Nothing finer: a search would tell where a place is.';
COMMENT ON COLUMN household.wished_specialisms IS 'Specialisms wished for: a choice, never a rule.';
COMMENT ON COLUMN household.places_to_reach IS 'Outward codes of school, court, treatment.';
COMMENT ON COLUMN household.languages IS 'ISO 639-1 codes.';
COMMENT ON COLUMN household.interpreter IS 'Whether an interpreter is needed.';
COMMENT ON COLUMN household.wheelchair IS 'Wheelchair access needed; NULL is not asked.';
COMMENT ON COLUMN household.step_free IS 'Step-free access needed.';
COMMENT ON COLUMN household.ground_floor IS 'Ground floor needed.';
COMMENT ON COLUMN household.adapted_bathroom IS 'Adapted bathroom needed.';
COMMENT ON COLUMN household.support_needs IS
    'Array of {need, severity}. It is complete where the question was asked: a need that is not listed is not needed. '
    'NULL is not asked.';
COMMENT ON COLUMN household.wants_to_stay IS 'Wants to stay in their own home.';
COMMENT ON COLUMN household.perpetrator_at_home IS 'The perpetrator lives there.';
COMMENT ON COLUMN household.sole_occupation IS 'Legal occupation is theirs alone.';
COMMENT ON COLUMN household.consent_obtainable IS 'Whether the landlord''s consent can be had.';
COMMENT ON COLUMN household.counter_allegation IS 'A counter-allegation was made; never an exclusion.';
COMMENT ON COLUMN household.primary_victim IS 'The finding about the primary victim. No matching reads it.';
COMMENT ON COLUMN household.primary_victim_on IS 'Day of the finding.';
COMMENT ON COLUMN household.primary_victim_reason IS 'Reason of the finding.';
COMMENT ON COLUMN household.immigration_status IS 'The main applicant''s leave to stay in the country.';
COMMENT ON COLUMN household.immigration_evidence IS 'The document that proved it; NULL where no document was checked.';
COMMENT ON COLUMN household.immigration_expires_on IS 'Last day of that leave.';
COMMENT ON COLUMN household.income_source IS 'Main source of income.';
COMMENT ON COLUMN household.weekly_income_pence IS 'Weekly income of the household, all sources; NULL is unknown.';
COMMENT ON COLUMN household.risk_review_on IS 'Day on which the risk is assessed again.';
COMMENT ON COLUMN household.poses IS
    'Codes of the list mix_risk: risks that the household poses to residents; NULL is not asked.';
COMMENT ON COLUMN household.avoids IS
    'Codes of the list mix_risk: risks that the household must be kept from; NULL is not asked.';
COMMENT ON COLUMN household.overnight_carer IS 'A carer stays overnight: one bedroom more.';
COMMENT ON COLUMN household.bedrooms_needed IS 'Size criteria, Universal Credit Regulations 2013 sch. 4.';
COMMENT ON COLUMN household.bedrooms_certain IS 'False where an unknown age or sex could make the number smaller.';
COMMENT ON COLUMN household.tie_break IS 'Stable random order among equals.';
COMMENT ON COLUMN household.waiting_since IS
    'Start of the waiting time; NULL while the referral is a draft, which neither board nor search has.';
COMMENT ON COLUMN household.restricted IS 'Only people on the case''s list of allowed people see it.';
COMMENT ON COLUMN household.closed_at IS 'When the search for a place ended.';
COMMENT ON COLUMN household.erased_at IS 'When it was erased. A tombstone and statistics are left.';
COMMENT ON COLUMN household.erasure_reason IS 'Why.';
COMMENT ON COLUMN household.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN household.created_at IS 'When the first referral was taken.';
CREATE INDEX household_organisation ON household (organisation_id, id);
CREATE INDEX household_risk_review ON household (risk_review_on) WHERE closed_at IS NULL;
CREATE INDEX household_immigration ON household (immigration_expires_on) WHERE closed_at IS NULL;
CREATE INDEX household_restricted ON household (organisation_id) WHERE restricted;
CREATE INDEX household_open ON household (id) WHERE closed_at IS NULL;
SELECT guard('household', 'alone', writes => 'insert, update',
             fixed => '{id,reference,organisation_id,owner_id,restricted,created_at}',
             untold => '{reference,band_reason,risk_raised_reason,dash,due_on,nrpf_funded_until,want_from,
                         want_until,shortest_stay_days,wishes,wished_areas,wished_specialisms,places_to_reach,
                         languages,interpreter,support_needs,wants_to_stay,perpetrator_at_home,
                         sole_occupation,consent_obtainable,counter_allegation,primary_victim,
                         primary_victim_on,primary_victim_reason,immigration_status,immigration_evidence,
                         immigration_expires_on,income_source,weekly_income_pence,risk_review_on,poses,avoids,
                         overnight_carer}',
             erase => 'facts', erased => jsonb_build_object(
                 'reference', $$CASE WHEN reference LIKE 'E-%' THEN reference ELSE 'E'
                     || substr(new_reference(), 2) END$$,
                 'support_needs', $$(SELECT jsonb_agg(jsonb_build_object('need', n ->> 'need', 'severity', 'not_known')
                                                      ORDER BY n ->> 'need')
                                       FROM jsonb_array_elements(support_needs) n)$$),
             proven_by => 'household_row_proven', board => true);
CREATE POLICY cases ON household FOR SELECT TO haven_app
    USING ((SELECT sees_cases()) AND organisation_id = ANY ((SELECT my_partners())::uuid[])
           AND id <> ALL ((SELECT denied_cases())::uuid[])
           AND (NOT restricted OR id = ANY ((SELECT opened_cases())::uuid[])));
CREATE POLICY cases_changed ON household FOR UPDATE TO haven_app
    USING ((SELECT sees_cases()) AND organisation_id = ANY ((SELECT my_partners())::uuid[])
           AND id <> ALL ((SELECT denied_cases())::uuid[])
           AND (NOT restricted OR id = ANY ((SELECT opened_cases())::uuid[])));
CREATE POLICY cases_taken ON household FOR INSERT TO haven_app
    WITH CHECK ((SELECT sees_cases()) AND organisation_id = (SELECT my_organisation()));
CREATE POLICY erased ON household AS RESTRICTIVE TO haven_app USING (erased_at IS NULL);

CREATE FUNCTION case_reference(household uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT h.reference FROM household h WHERE h.id = household);
END $$;
COMMENT ON FUNCTION case_reference IS
    'The case reference: everyone who sees a placement may know it, even a person who may not see cases.';
GRANT EXECUTE ON FUNCTION case_reference TO haven_app;

CREATE FUNCTION age_band(age integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT max(b) FROM unnest(ARRAY[0, 5, 11, 16, 18, 25, 35, 45, 55, 65, 75]) b WHERE b <= age
$$;
COMMENT ON FUNCTION age_band IS 'First year of the age band that statistics use.';

CREATE TABLE member (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    kind member_kind NOT NULL,
    sex sex,
    gender_identity gender_identity NOT NULL DEFAULT 'not_asked',
    age integer CHECK (age BETWEEN 0 AND 120),
    age_on date NOT NULL DEFAULT today(),
    relationship text,
    couple boolean,
    ended_at timestamptz
) WITH (autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE member IS
    'A person of a household; a child is a victim in their own right (Domestic Abuse Act 2021 s. 3).';
COMMENT ON COLUMN member.id IS 'Identity.';
COMMENT ON COLUMN member.household_id IS 'The household.';
COMMENT ON COLUMN member.kind IS 'Main applicant, other adult or child.';
COMMENT ON COLUMN member.sex IS 'Sex; NULL is unknown.';
COMMENT ON COLUMN member.gender_identity IS 'Gender identity as needed for a provider''s lawful policy.';
COMMENT ON COLUMN member.age IS 'Age in years on age_on; NULL is unknown. The date of birth is in the vault.';
COMMENT ON COLUMN member.age_on IS 'Day on which the age was correct.';
COMMENT ON COLUMN member.relationship IS 'To the main applicant.';
COMMENT ON COLUMN member.couple IS 'Shares a bedroom with the main applicant as a couple.';
COMMENT ON COLUMN member.ended_at IS 'When the person left the household.';
CREATE INDEX member_household ON member (household_id);
SELECT guard('member', 'case', writes => 'insert, update', untold => '{age,age_on,relationship,couple}',
             erase => 'facts',
             erased => '{"age": "age_band(age)", "age_on": "date_trunc(''year'', age_on)::date"}', board => true);

CREATE VIEW case_summary WITH (security_invoker = true) AS
SELECT h.id AS household_id,
       json_build_object('id', CASE WHEN may_place() THEN h.id END, 'reference', h.reference,
           'risk_level', h.risk_level, 'pregnant', h.pregnant, 'nrpf', h.nrpf, 'pets', h.pets,
           'wheelchair', h.wheelchair, 'step_free', h.step_free, 'ground_floor', h.ground_floor,
           'adapted_bathroom', h.adapted_bathroom, 'support_needs', h.support_needs, 'languages', h.languages,
           'interpreter', h.interpreter, 'overnight_carer', h.overnight_carer,
           'bedrooms_needed', h.bedrooms_needed,
           'members', (SELECT coalesce(json_agg(json_build_object('kind', m.kind, 'sex', m.sex,
                                  'gender_identity', m.gender_identity,
                                  'age', m.age + extract(year FROM age(today(), m.age_on))::integer,
                                  'couple', m.couple) ORDER BY m.kind <> 'main', m.kind, m.id), '[]')
                         FROM member m WHERE m.household_id = h.id AND m.ended_at IS NULL)) AS household
  FROM household h;
COMMENT ON VIEW case_summary IS 'A case as an offer shows it: what the provider must know to take the household in.';
GRANT SELECT ON case_summary TO haven_app;

CREATE TABLE member_characteristic (
    id uuid PRIMARY KEY REFERENCES member,
    household_id uuid NOT NULL REFERENCES household,
    ethnic_group ethnic_group NOT NULL DEFAULT 'not_asked',
    religion religion NOT NULL DEFAULT 'not_asked',
    sexual_orientation sexual_orientation NOT NULL DEFAULT 'not_asked',
    gender_registered gender_registered NOT NULL DEFAULT 'not_asked',
    disability disability NOT NULL DEFAULT 'not_asked',
    partnership_status partnership_status NOT NULL DEFAULT 'not_asked',
    version integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE member_characteristic IS
    'Protected characteristics that only equality evidence needs (special category data): no list, search or match '
    'reads them. A member without a row was not asked.';
COMMENT ON COLUMN member_characteristic.id IS 'The member.';
COMMENT ON COLUMN member_characteristic.household_id IS 'The household.';
COMMENT ON COLUMN member_characteristic.ethnic_group IS 'Race.';
COMMENT ON COLUMN member_characteristic.religion IS 'Religion or belief.';
COMMENT ON COLUMN member_characteristic.sexual_orientation IS 'Sexual orientation.';
COMMENT ON COLUMN member_characteristic.gender_registered IS 'Gender reassignment.';
COMMENT ON COLUMN member_characteristic.disability IS 'Disability.';
COMMENT ON COLUMN member_characteristic.partnership_status IS 'Marriage and civil partnership.';
COMMENT ON COLUMN member_characteristic.version IS 'Grows by one with each change; the ETag.';
CREATE INDEX characteristic_household ON member_characteristic (household_id);
-- The trail says that they changed, not what they are: its readers may not know.
SELECT guard('member_characteristic', 'case', writes => 'insert, update',
             untold => '{ethnic_group,religion,sexual_orientation,gender_registered,disability,partnership_status}',
             erase => 'kept');

CREATE TABLE unsafe_place (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    kind unsafe_kind NOT NULL,
    outward_code outward_code,
    sector text CHECK (sector ~ '^[A-Z]{1,2}[0-9][0-9A-Z]? [0-9]$'),
    cell_east integer,
    cell_north integer,
    radius_cells integer CHECK (radius_cells BETWEEN 1 AND 25),
    checked_on date NOT NULL DEFAULT today(),
    ended_at timestamptz,
    CONSTRAINT unsafe_place_one_area CHECK (num_nonnulls(outward_code, sector, radius_cells) = 1),
    CONSTRAINT unsafe_place_circle
        CHECK ((radius_cells IS NULL) = (cell_east IS NULL) AND (cell_east IS NULL) = (cell_north IS NULL))
);
COMMENT ON TABLE unsafe_place IS
    'A place where a household must not be: an outward code, a sector, or a circle snapped to the 2 km grid.';
COMMENT ON COLUMN unsafe_place.id IS 'Identity.';
COMMENT ON COLUMN unsafe_place.household_id IS 'The household that it is unsafe for.';
COMMENT ON COLUMN unsafe_place.kind IS 'Why it is unsafe; never shown to a provider.';
COMMENT ON COLUMN unsafe_place.outward_code IS 'The district.';
COMMENT ON COLUMN unsafe_place.sector IS 'The sector.';
COMMENT ON COLUMN unsafe_place.cell_east IS 'Column of the 2 km grid of a circle''s centre.';
COMMENT ON COLUMN unsafe_place.cell_north IS 'Row of the 2 km grid.';
COMMENT ON COLUMN unsafe_place.radius_cells IS 'Radius in cells of 2 km.';
COMMENT ON COLUMN unsafe_place.checked_on IS 'When it was last checked.';
COMMENT ON COLUMN unsafe_place.ended_at IS 'When it stopped being unsafe.';
CREATE INDEX unsafe_place_household ON unsafe_place (household_id);
SELECT guard('unsafe_place', 'case', writes => 'insert, update',
             untold => '{outward_code,sector,cell_east,cell_north,radius_cells,checked_on}', erase => 'rows',
             board => true);

CREATE TABLE person_index (
    household_id uuid NOT NULL REFERENCES household,
    member_id uuid REFERENCES member,
    purpose text NOT NULL CHECK (purpose IN ('person', 'party', 'link')),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE person_index IS
    'Keyed hashes of name and date of birth, to find duplicates, repeats and conflicts without knowing a person. Not '
    'unique: a uniqueness error would prove that a person is here.';
COMMENT ON COLUMN person_index.household_id IS 'The case.';
COMMENT ON COLUMN person_index.member_id IS 'The member; NULL for a party (perpetrator, associate), who is no member.';
COMMENT ON COLUMN person_index.purpose IS
    'person: a member; party: a perpetrator or associate; link: either, to compare with declared links. Hashes of '
    'different purposes are never equal.';
COMMENT ON COLUMN person_index.hash IS
    'Keyed BLAKE2b-256; the key is not in the database. For party and link a person has up to two, so that one is '
    'equal even where the other side does not know the date of birth.';
COMMENT ON COLUMN person_index.created_at IS 'When it was recorded.';
CREATE INDEX person_index_hash ON person_index (hash);
CREATE INDEX person_index_household ON person_index (household_id);
SELECT guard('person_index', 'case', writes => 'insert', unread => '{hash}', erase => 'rows', recorded => false);
CREATE TRIGGER person_index_hides AFTER INSERT OR UPDATE OR DELETE ON person_index FOR EACH STATEMENT
    EXECUTE FUNCTION forget_cases();

CREATE FUNCTION same_people(household uuid) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE ROWS 2 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT DISTINCT i.household_id FROM person_index mine
                   JOIN person_index i ON i.hash = mine.hash AND i.purpose = 'person'
                  WHERE mine.household_id = seen_case(household) AND mine.purpose = 'person'
                    AND i.household_id <> household
                    AND sees_cases() AND case_seen(i.household_id);
END $$;
COMMENT ON FUNCTION same_people IS
    'Other cases that share a member with this case, where the caller sees them. A name alone never counts.';
GRANT EXECUTE ON FUNCTION same_people TO haven_app;

-- ---- lists and links that decide who may see a case ----

CREATE TABLE case_access (
    household_id uuid NOT NULL REFERENCES household,
    account_id uuid NOT NULL REFERENCES account,
    access text NOT NULL CHECK (access IN ('allow', 'deny')),
    reason text NOT NULL CHECK (reason <> ''),
    given_by uuid REFERENCES account,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (household_id, account_id)
);
COMMENT ON TABLE case_access IS 'People who may see a case (allow: then only they do) or may not (deny).';
COMMENT ON COLUMN case_access.household_id IS 'The case.';
COMMENT ON COLUMN case_access.account_id IS 'The person.';
COMMENT ON COLUMN case_access.access IS 'allow or deny.';
COMMENT ON COLUMN case_access.reason IS 'Why.';
COMMENT ON COLUMN case_access.given_by IS 'The person who decided it.';
COMMENT ON COLUMN case_access.at IS 'When.';
CREATE INDEX case_access_account ON case_access (account_id, access);
SELECT guard('case_access', 'case', writes => 'insert, update, delete', fixed => '{household_id,account_id}',
             untold => '{reason}',
             erase => 'rows');
CREATE TRIGGER case_access_hides AFTER INSERT OR UPDATE OR DELETE ON case_access FOR EACH STATEMENT
    EXECUTE FUNCTION forget_cases();
CREATE TRIGGER a_proven_delete BEFORE DELETE ON case_access FOR EACH ROW EXECUTE FUNCTION case_row_proven();
CREATE TRIGGER b_given_by BEFORE INSERT OR UPDATE OR DELETE ON case_access FOR EACH ROW
    EXECUTE FUNCTION case_access_proven();

CREATE TABLE account_link (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES account,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    relationship link_relationship NOT NULL,
    declared_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    ended_by uuid REFERENCES account,
    end_reason text,
    PRIMARY KEY (id, hash),
    CONSTRAINT account_link_ended
        CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (end_reason IS NULL)),
    CONSTRAINT account_link_not_own CHECK (ended_by <> account_id)
);
COMMENT ON TABLE account_link IS
    'Conflicts of interest that people declared: keyed hashes, as in person_index, of themselves and of people they '
    'are linked to. The rows of one declaration share their id.';
COMMENT ON COLUMN account_link.id IS 'The declaration.';
COMMENT ON COLUMN account_link.account_id IS 'The person who declared it.';
COMMENT ON COLUMN account_link.hash IS
    'Keyed BLAKE2b-256 of purpose link; equal to one in person_index where the declared person is in that case.';
COMMENT ON COLUMN account_link.relationship IS 'What the declared person is to the account''s person.';
COMMENT ON COLUMN account_link.declared_at IS 'When.';
COMMENT ON COLUMN account_link.ended_at IS 'When it was taken back; until then it denies the case.';
COMMENT ON COLUMN account_link.ended_by IS 'The administrator who ended it; never the person who declared it.';
COMMENT ON COLUMN account_link.end_reason IS 'Why.';
CREATE INDEX account_link_account ON account_link (account_id) WHERE ended_at IS NULL;
SELECT guard('account_link', 'own', unread => '{hash}', untold => '{hash}');
CREATE TRIGGER account_link_hides AFTER INSERT OR UPDATE OR DELETE ON account_link FOR EACH STATEMENT
    EXECUTE FUNCTION forget_cases();

-- This runs before row security checks the row: a person may not make a case that they may not see.
CREATE FUNCTION refuse_linked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF NEW.purpose = 'link' AND EXISTS (SELECT FROM account_link l
                                         WHERE l.account_id = audit.me('account')::uuid AND l.ended_at IS NULL
                                           AND l.hash = NEW.hash) THEN
        RAISE EXCEPTION 'a declared link' USING ERRCODE = 'check_violation', CONSTRAINT = 'person_index_linked';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION refuse_linked IS
    'A person cannot record in a case somebody to whom they have declared a link: a colleague must.';

CREATE TRIGGER person_index_linked BEFORE INSERT ON person_index FOR EACH ROW EXECUTE FUNCTION refuse_linked();

CREATE TABLE break_glass (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    account_id uuid NOT NULL REFERENCES account,
    organisation_id uuid NOT NULL REFERENCES organisation,
    reason text NOT NULL CHECK (reason <> ''),
    opened_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '60 minutes'
        CHECK (expires_at <= opened_at + interval '60 minutes')
);
COMMENT ON TABLE break_glass IS
    'Restricted cases that a person opened in an emergency: for 60 minutes, with an alert at once and a review on the '
    'next working day. A denied person cannot.';
COMMENT ON COLUMN break_glass.id IS 'Identity.';
COMMENT ON COLUMN break_glass.household_id IS 'The case.';
COMMENT ON COLUMN break_glass.account_id IS 'The person who opened it.';
COMMENT ON COLUMN break_glass.organisation_id IS 'The organisation that the person worked for.';
COMMENT ON COLUMN break_glass.reason IS 'Why it was necessary.';
COMMENT ON COLUMN break_glass.opened_at IS 'When it was opened.';
COMMENT ON COLUMN break_glass.expires_at IS 'When it closes again.';
CREATE INDEX break_glass_account ON break_glass (account_id, expires_at);
SELECT guard('break_glass', 'own', untold => '{reason}', erase => 'facts', erased => '{"reason": "''erased''"}');
CREATE POLICY officer ON break_glass FOR SELECT TO haven_app
    USING ((SELECT administers()) AND organisation_id = ANY ((SELECT my_partners())::uuid[]));
CREATE TRIGGER break_glass_hides AFTER INSERT OR UPDATE OR DELETE ON break_glass FOR EACH STATEMENT
    EXECUTE FUNCTION forget_cases();

-- ---- alerts to the information officer ----

CREATE TABLE alert (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind alert_kind NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisation,
    account_id uuid NOT NULL REFERENCES account,
    household_id uuid REFERENCES household,
    reason text,
    raised_at timestamptz NOT NULL DEFAULT now(),
    review_due_on date NOT NULL,
    reviewed_at timestamptz,
    reviewed_by uuid REFERENCES account,
    finding alert_finding,
    note text,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT alert_reviewed
        CHECK ((reviewed_at IS NULL) = (finding IS NULL) AND (reviewed_at IS NULL) = (reviewed_by IS NULL)),
    CONSTRAINT alert_not_own CHECK (reviewed_by <> account_id)
);
COMMENT ON TABLE alert IS 'What the information officer is alerted to at once and reviews by the next working day.';
COMMENT ON COLUMN alert.id IS 'Identity.';
COMMENT ON COLUMN alert.kind IS 'What happened.';
COMMENT ON COLUMN alert.organisation_id IS 'The organisation of the person who did it.';
COMMENT ON COLUMN alert.account_id IS 'The person who did it.';
COMMENT ON COLUMN alert.household_id IS 'The case, where there is one.';
COMMENT ON COLUMN alert.reason IS 'The reason that the person gave, where one was required.';
COMMENT ON COLUMN alert.raised_at IS 'When.';
COMMENT ON COLUMN alert.review_due_on IS 'Next working day.';
COMMENT ON COLUMN alert.reviewed_at IS 'When it was reviewed.';
COMMENT ON COLUMN alert.reviewed_by IS 'The reviewer; never the person who did it.';
COMMENT ON COLUMN alert.finding IS 'What the review found.';
COMMENT ON COLUMN alert.note IS 'Remark of the review.';
COMMENT ON COLUMN alert.version IS 'Grows by one with each change; the ETag.';
CREATE INDEX alert_organisation ON alert (organisation_id, raised_at DESC);
CREATE INDEX alert_account ON alert (account_id, kind, raised_at);
SELECT guard('alert', 'alone', untold => '{reason,note}', erase => 'facts');
CREATE POLICY officer ON alert TO haven_app
    USING ((SELECT administers()) AND organisation_id = ANY ((SELECT my_partners())::uuid[]));

CREATE FUNCTION raise_alert(kind text, account uuid, household uuid, reason text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO alert AS x (kind, organisation_id, account_id, household_id, reason, review_due_on)
    SELECT kind, a.organisation_id, a.id, household, reason, add_working_days(today(), 1) FROM account a
     WHERE a.id = account
    RETURNING x.id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION raise_alert IS 'Alerts the information officer, in the transaction of the act itself.';

-- Runs as the owner: a caller who removes the last entry does not see the case until this is done.
CREATE FUNCTION settle_access(household uuid, person uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    before boolean := (SELECT h.restricted FROM household h WHERE h.id = household);
    me uuid := audit.me('account')::uuid;
    told boolean := EXISTS (SELECT FROM alert x
                             WHERE x.account_id = me AND x.kind = 'access_list' AND x.household_id = household
                               AND x.raised_at > now() - interval '24 hours');
    now_is boolean;
BEGIN
    UPDATE household h SET version = h.version + 1,
           restricted = EXISTS (SELECT FROM case_access a WHERE a.household_id = household AND a.access = 'allow')
     WHERE h.id = household RETURNING h.restricted INTO now_is;
    IF NOT told AND (now_is AND NOT before OR EXISTS (
           SELECT FROM case_access c JOIN account a ON a.id = c.account_id
            WHERE c.household_id = household AND c.account_id = person AND c.access = 'deny'
              AND a.role IN ('administrator', 'provider'))) THEN
        PERFORM raise_alert('access_list', me, household, NULL);
    END IF;
END $$;
COMMENT ON FUNCTION settle_access IS
    'Restricts a case whose list has an allowed person, and opens a case whose list has none. Alerts the information '
    'officer, once a day, when a case becomes restricted, or is denied to an administrator or to a provider''s '
    'person: these are the people who would watch.';
GRANT EXECUTE ON FUNCTION settle_access TO haven_app;

-- The trail shows what the partnership's people did, and what was done with its cases.
CREATE POLICY trail ON audit.event FOR SELECT TO haven_app
    USING (((SELECT sees_cases()) OR (SELECT reads_trail()))
           AND (organisation_id = ANY ((SELECT my_partners())::uuid[]) OR case_of_partners(household_id))
           AND (household_id IS NULL OR household_id NOT IN (SELECT hidden_cases())));
