-- Households. Names, dates of birth and contact details are in the schema vault, sealed. The policies of cases
-- stand in the next file: until then only the owner sees a row.

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
CREATE INDEX household_listed ON household (organisation_id, created_at, id);
CREATE INDEX household_listed_urgency ON household (organisation_id, urgency, created_at, id);
CREATE INDEX household_listed_risk ON household (organisation_id, risk_level, created_at, id);
CREATE INDEX household_listed_open ON household (organisation_id, created_at, id) WHERE closed_at IS NULL;
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
                                       FROM jsonb_array_elements(support_needs) n)$$), board => true);
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
