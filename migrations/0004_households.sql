-- Households, their members, needs and unsafe places; referrals. Names, dates of birth and contact
-- details are kept in the vault schema.

CREATE FUNCTION new_reference() RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
COMMENT ON FUNCTION new_reference IS 'A case reference without vowels or look-alikes, as H-7KQ2MX; it tells nothing of the person or the time.';

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
    CONSTRAINT household_erased CHECK ((erased_at IS NULL) = (erasure_reason IS NULL) AND (erased_at IS NULL OR closed_at IS NOT NULL)),
    CONSTRAINT household_primary_victim CHECK ((primary_victim <> 'not_determined')
        = (primary_victim_on IS NOT NULL AND primary_victim_reason IS NOT NULL) AND (primary_victim_on IS NULL) = (primary_victim_reason IS NULL)),
    CONSTRAINT household_submitted CHECK (waiting_since IS NULL OR situation IS NOT NULL)
);
COMMENT ON TABLE household IS 'People who flee, or stay safe at home, together. NULL facts are unknown: they never exclude.';
COMMENT ON COLUMN household.id IS 'Identity.';
COMMENT ON COLUMN household.reference IS 'Case reference, the only name that finance and providers see.';
COMMENT ON COLUMN household.organisation_id IS 'The organisation that took the referral.';
COMMENT ON COLUMN household.owner_id IS 'Officer or navigator in charge.';
COMMENT ON COLUMN household.situation IS 'Where they are tonight; NULL only while the referral is a draft.';
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
COMMENT ON COLUMN household.shortest_stay_days IS 'A shorter stay is of no use.';
COMMENT ON COLUMN household.wishes IS 'Accommodation types wished for; they rank, they do not exclude.';
COMMENT ON COLUMN household.wished_areas IS 'ONS codes of the local authorities wished for: no finer, or a search would tell where a place is.';
COMMENT ON COLUMN household.wished_specialisms IS 'Specialisms wished for: a choice, never a rule.';
COMMENT ON COLUMN household.places_to_reach IS 'Outward codes of school, court, treatment.';
COMMENT ON COLUMN household.languages IS 'ISO 639-1 codes.';
COMMENT ON COLUMN household.interpreter IS 'Whether an interpreter is needed.';
COMMENT ON COLUMN household.wheelchair IS 'Wheelchair access needed; NULL is not asked.';
COMMENT ON COLUMN household.step_free IS 'Step-free access needed.';
COMMENT ON COLUMN household.ground_floor IS 'Ground floor needed.';
COMMENT ON COLUMN household.adapted_bathroom IS 'Adapted bathroom needed.';
COMMENT ON COLUMN household.support_needs IS 'Array of {need, severity}, complete where it was asked: what is not in it is not needed. NULL is not asked.';
COMMENT ON COLUMN household.wants_to_stay IS 'Wants to stay in their own home.';
COMMENT ON COLUMN household.perpetrator_at_home IS 'The perpetrator lives there.';
COMMENT ON COLUMN household.sole_occupation IS 'Legal occupation is theirs alone.';
COMMENT ON COLUMN household.consent_obtainable IS 'The landlord''s consent can be had.';
COMMENT ON COLUMN household.counter_allegation IS 'A counter-allegation was made; never an exclusion.';
COMMENT ON COLUMN household.primary_victim IS 'Who the primary victim was found to be; read by nothing that matches.';
COMMENT ON COLUMN household.primary_victim_on IS 'When that was determined.';
COMMENT ON COLUMN household.primary_victim_reason IS 'What it rests on.';
COMMENT ON COLUMN household.immigration_status IS 'What the main applicant may stay in the country by.';
COMMENT ON COLUMN household.immigration_evidence IS 'What was seen of it; NULL is nobody looked.';
COMMENT ON COLUMN household.immigration_expires_on IS 'Last day of that leave.';
COMMENT ON COLUMN household.income_source IS 'Main source of income.';
COMMENT ON COLUMN household.weekly_income_pence IS 'Weekly income of the household, all sources; NULL is unknown.';
COMMENT ON COLUMN household.risk_review_on IS 'Day on which the risk is assessed again.';
COMMENT ON COLUMN household.poses IS 'Codes of the list mix_risk: what they could do to residents; NULL is not asked.';
COMMENT ON COLUMN household.avoids IS 'Codes of the list mix_risk: what they must be kept from; NULL is not asked.';
COMMENT ON COLUMN household.overnight_carer IS 'A carer stays overnight: one bedroom more.';
COMMENT ON COLUMN household.bedrooms_needed IS 'Size criteria, Universal Credit Regulations 2013 sch. 4.';
COMMENT ON COLUMN household.bedrooms_certain IS 'False where an unknown age or sex could make it fewer.';
COMMENT ON COLUMN household.tie_break IS 'Stable random order among equals.';
COMMENT ON COLUMN household.waiting_since IS 'Start of the waiting time; NULL while the referral is a draft, which no board and no search has.';
COMMENT ON COLUMN household.restricted IS 'Only who is on its list of allowed people sees the case (migration 0009).';
COMMENT ON COLUMN household.closed_at IS 'Set when nothing more is sought for them.';
COMMENT ON COLUMN household.erased_at IS 'When it was erased (migration 0013): what is left is a tombstone and statistics.';
COMMENT ON COLUMN household.erasure_reason IS 'Why.';
COMMENT ON COLUMN household.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN household.created_at IS 'When the first referral was taken.';
CREATE INDEX household_organisation ON household (organisation_id, id);
CREATE INDEX household_risk_review ON household (risk_review_on) WHERE closed_at IS NULL;
CREATE INDEX household_immigration ON household (immigration_expires_on) WHERE closed_at IS NULL;
CREATE INDEX household_restricted ON household (organisation_id) WHERE restricted;
CREATE INDEX household_open ON household (id) WHERE closed_at IS NULL;

CREATE FUNCTION case_reference(household uuid) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT h.reference FROM household h WHERE h.id = household);
END $$;
COMMENT ON FUNCTION case_reference IS 'The one thing of a case that everybody may know who sees a placement, also who may not see cases.';

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
);
COMMENT ON TABLE member IS 'A person of a household; a child is a victim in their own right (Domestic Abuse Act 2021 s. 3).';
COMMENT ON COLUMN member.id IS 'Identity.';
COMMENT ON COLUMN member.household_id IS 'Whose household.';
COMMENT ON COLUMN member.kind IS 'Main applicant, other adult or child.';
COMMENT ON COLUMN member.sex IS 'Sex; NULL is unknown.';
COMMENT ON COLUMN member.gender_identity IS 'Gender identity as needed for a provider''s lawful policy.';
COMMENT ON COLUMN member.age IS 'Age in years on age_on; NULL is unknown. The date of birth is in the vault.';
COMMENT ON COLUMN member.age_on IS 'Day on which the age was so.';
COMMENT ON COLUMN member.relationship IS 'To the main applicant.';
COMMENT ON COLUMN member.couple IS 'Shares a bedroom with the main applicant as a couple.';
COMMENT ON COLUMN member.ended_at IS 'When the person left the household.';
CREATE INDEX member_household ON member (household_id);

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
COMMENT ON TABLE member_characteristic IS 'Protected characteristics that only equality evidence needs (special category data): in no list, no search and no match. Members without a row were not asked.';
COMMENT ON COLUMN member_characteristic.id IS 'Of which member.';
COMMENT ON COLUMN member_characteristic.household_id IS 'Of which household.';
COMMENT ON COLUMN member_characteristic.ethnic_group IS 'Race.';
COMMENT ON COLUMN member_characteristic.religion IS 'Religion or belief.';
COMMENT ON COLUMN member_characteristic.sexual_orientation IS 'Sexual orientation.';
COMMENT ON COLUMN member_characteristic.gender_registered IS 'Gender reassignment.';
COMMENT ON COLUMN member_characteristic.disability IS 'Disability.';
COMMENT ON COLUMN member_characteristic.partnership_status IS 'Marriage and civil partnership.';
COMMENT ON COLUMN member_characteristic.version IS 'Grows by one with each change; the ETag.';
CREATE INDEX characteristic_household ON member_characteristic (household_id);

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
    CONSTRAINT unsafe_place_circle CHECK ((radius_cells IS NULL) = (cell_east IS NULL) AND (cell_east IS NULL) = (cell_north IS NULL))
);
COMMENT ON TABLE unsafe_place IS 'Where a household must not be: an outward code, a sector, or a circle snapped to the 2 km grid.';
COMMENT ON COLUMN unsafe_place.id IS 'Identity.';
COMMENT ON COLUMN unsafe_place.household_id IS 'For whom.';
COMMENT ON COLUMN unsafe_place.kind IS 'Why; never told to a provider.';
COMMENT ON COLUMN unsafe_place.outward_code IS 'The district.';
COMMENT ON COLUMN unsafe_place.sector IS 'The sector.';
COMMENT ON COLUMN unsafe_place.cell_east IS 'Column of the 2 km grid of a circle''s centre.';
COMMENT ON COLUMN unsafe_place.cell_north IS 'Row of the 2 km grid.';
COMMENT ON COLUMN unsafe_place.radius_cells IS 'Radius in cells of 2 km.';
COMMENT ON COLUMN unsafe_place.checked_on IS 'When it was last checked.';
COMMENT ON COLUMN unsafe_place.ended_at IS 'When it stopped being unsafe.';
CREATE INDEX unsafe_place_household ON unsafe_place (household_id);

CREATE TABLE person_index (
    household_id uuid NOT NULL REFERENCES household,
    member_id uuid REFERENCES member,
    purpose text NOT NULL CHECK (purpose IN ('person', 'party', 'link')),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE person_index IS 'Keyed hashes of name and date of birth, to find duplicates, repeats and conflicts without knowing anybody. Not unique: uniqueness would prove existence.';
COMMENT ON COLUMN person_index.household_id IS 'In which case.';
COMMENT ON COLUMN person_index.member_id IS 'Which member; NULL for a party who is no member (perpetrator, associate).';
COMMENT ON COLUMN person_index.purpose IS 'person: a member; party: a perpetrator or associate; link: either, to be compared with declared links. Indexes of different purposes are never equal.';
COMMENT ON COLUMN person_index.hash IS 'Keyed BLAKE2b-256; the key is not in the database. Of party and link up to two a person, so that one is equal also where the other side knows no date of birth.';
COMMENT ON COLUMN person_index.created_at IS 'When it was recorded.';
CREATE INDEX person_index_hash ON person_index (hash);
CREATE INDEX person_index_household ON person_index (household_id);

CREATE TABLE property_party (
    property_id uuid NOT NULL REFERENCES property,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    link text NOT NULL CHECK (link IN ('landlord', 'staff', 'resident'))
);
COMMENT ON TABLE property_party IS 'Keyed hashes of people linked to a property, for the conflict rule.';
COMMENT ON COLUMN property_party.property_id IS 'Which property.';
COMMENT ON COLUMN property_party.hash IS 'Keyed BLAKE2b-256 of purpose party, two a person.';
COMMENT ON COLUMN property_party.link IS 'How linked.';
CREATE INDEX property_party_hash ON property_party (hash);
CREATE INDEX property_party_property ON property_party (property_id);

CREATE TABLE referral (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    organisation_id uuid NOT NULL REFERENCES organisation,
    state referral_state NOT NULL DEFAULT 'submitted',
    earlier_id uuid REFERENCES referral,
    source referral_source NOT NULL DEFAULT 'not_known',
    out_of_hours boolean NOT NULL DEFAULT false,
    close_reason referral_close_reason,
    submitted_at timestamptz,
    triaged_at timestamptz,
    at_home_at timestamptz,
    plan_measures text[] NOT NULL DEFAULT '{}',
    plan_review_on date,
    standing_search boolean NOT NULL DEFAULT true,
    closed_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT referral_submitted CHECK ((state = 'draft') <= (submitted_at IS NULL)),
    CONSTRAINT referral_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL) AND (close_reason IS NOT NULL) <= (closed_at IS NOT NULL)),
    CONSTRAINT referral_safety_plan CHECK (state <> 'waiting_at_home' OR plan_measures <> '{}' AND plan_review_on IS NOT NULL)
);
COMMENT ON TABLE referral IS 'One request for safe accommodation for a household.';
COMMENT ON COLUMN referral.id IS 'Identity.';
COMMENT ON COLUMN referral.household_id IS 'For whom.';
COMMENT ON COLUMN referral.organisation_id IS 'Who took it.';
COMMENT ON COLUMN referral.state IS 'Its course.';
COMMENT ON COLUMN referral.earlier_id IS 'The referral before of the same household: this one is a repeat.';
COMMENT ON COLUMN referral.source IS 'Who referred.';
COMMENT ON COLUMN referral.out_of_hours IS 'Taken at night or at a weekend; clocks run all the same.';
COMMENT ON COLUMN referral.close_reason IS 'Why closed.';
COMMENT ON COLUMN referral.submitted_at IS 'When it was handed in; the decision clock starts.';
COMMENT ON COLUMN referral.triaged_at IS 'When it was looked at.';
COMMENT ON COLUMN referral.at_home_at IS 'When it was first agreed that they wait at home: a decision.';
COMMENT ON COLUMN referral.plan_measures IS 'Codes of the list safety_measure: the interim safety plan.';
COMMENT ON COLUMN referral.plan_review_on IS 'Day on which the interim safety plan is looked at again.';
COMMENT ON COLUMN referral.standing_search IS 'Their search runs again whenever something changes.';
COMMENT ON COLUMN referral.closed_at IS 'When it ended.';
COMMENT ON COLUMN referral.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN referral.created_at IS 'When it was begun.';
CREATE INDEX referral_household ON referral (household_id);
CREATE UNIQUE INDEX referral_open_once ON referral (household_id) WHERE state <> 'closed';
CREATE INDEX referral_undecided ON referral (id) WHERE state IN ('submitted', 'triaged', 'active');
CREATE INDEX referral_organisation ON referral (organisation_id, id);

CREATE TABLE marac (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    referred_on date NOT NULL,
    heard_on date CHECK (heard_on >= referred_on),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (household_id, referred_on)
);
COMMENT ON TABLE marac IS 'A referral of a household to the multi-agency risk assessment conference.';
COMMENT ON COLUMN marac.id IS 'Identity.';
COMMENT ON COLUMN marac.household_id IS 'Of which household.';
COMMENT ON COLUMN marac.referred_on IS 'Day of the referral.';
COMMENT ON COLUMN marac.heard_on IS 'Day of the conference that heard it; NULL is not heard yet.';
COMMENT ON COLUMN marac.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN marac.created_at IS 'When it was recorded.';

CREATE VIEW marac_view WITH (security_invoker = true) AS
SELECT m.id, m.household_id, m.referred_on, m.heard_on,
       EXISTS (SELECT FROM marac e WHERE e.household_id = m.household_id AND e.referred_on < m.referred_on
                  AND coalesce(e.heard_on, e.referred_on) >= m.referred_on - interval '12 months') AS repeat,
       m.version
  FROM marac m;
COMMENT ON VIEW marac_view IS 'With whether it is a repeat: another within the twelve months before.';

CREATE TABLE consent (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    purpose consent_purpose NOT NULL,
    basis consent_basis NOT NULL,
    reason text,
    account_id uuid REFERENCES account,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT consent_high_risk CHECK (basis <> 'high_risk_without_consent'
        OR reason IS NOT NULL AND purpose NOT IN ('contact', 'research_statistics'))
);
COMMENT ON TABLE consent IS 'What a household agreed to, purpose by purpose. Rows are only ever added: the newest of a purpose counts, none is not asked yet.';
COMMENT ON COLUMN consent.id IS 'Identity.';
COMMENT ON COLUMN consent.household_id IS 'Whose answer.';
COMMENT ON COLUMN consent.purpose IS 'To what.';
COMMENT ON COLUMN consent.basis IS 'Given, refused, withdrawn, or shared without it because the risk is high.';
COMMENT ON COLUMN consent.reason IS 'Why shared without consent.';
COMMENT ON COLUMN consent.account_id IS 'Who recorded it.';
COMMENT ON COLUMN consent.at IS 'When.';
CREATE INDEX consent_household ON consent (household_id, purpose, at DESC);

CREATE VIEW consent_now WITH (security_invoker = true) AS
SELECT DISTINCT ON (household_id, purpose) household_id, purpose, basis, reason, account_id, at, id
  FROM consent ORDER BY household_id, purpose, at DESC, id;
COMMENT ON VIEW consent_now IS 'The answer that counts, of every household and purpose that was asked.';

CREATE TABLE unmet_need (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    organisation_id uuid NOT NULL REFERENCES organisation,
    reasons jsonb NOT NULL,
    policy_version text NOT NULL,
    inputs_hash text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (household_id, inputs_hash)
);
COMMENT ON TABLE unmet_need IS 'A search that ended with nothing to offer, once per search: the needs assessment.';
COMMENT ON COLUMN unmet_need.id IS 'Identity.';
COMMENT ON COLUMN unmet_need.household_id IS 'Whose search.';
COMMENT ON COLUMN unmet_need.organisation_id IS 'Who searched.';
COMMENT ON COLUMN unmet_need.reasons IS 'Vacancies by first failing rule.';
COMMENT ON COLUMN unmet_need.policy_version IS 'Matching policy in force.';
COMMENT ON COLUMN unmet_need.inputs_hash IS 'Hash of what was asked, so that asking again counts once.';
COMMENT ON COLUMN unmet_need.recorded_at IS 'When.';

CREATE TABLE vault.person (
    member_id uuid PRIMARY KEY REFERENCES member,
    household_id uuid NOT NULL REFERENCES household,
    sealed bytea NOT NULL CHECK (get_byte(sealed, 0) = 1 AND get_byte(sealed, 1) = 2 AND octet_length(sealed) % 512 = 50)
);
COMMENT ON TABLE vault.person IS 'Who a member is.';
COMMENT ON COLUMN vault.person.member_id IS 'Which member.';
COMMENT ON COLUMN vault.person.household_id IS 'Of which household.';
COMMENT ON COLUMN vault.person.sealed IS 'Name and date of birth.';

CREATE TABLE vault.safe_contact (
    id uuid PRIMARY KEY,
    household_id uuid NOT NULL REFERENCES household,
    sealed bytea NOT NULL CHECK (get_byte(sealed, 0) = 1 AND get_byte(sealed, 1) = 3 AND octet_length(sealed) % 512 = 50),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE vault.safe_contact IS 'How a household may be reached; the newest row counts.';
COMMENT ON COLUMN vault.safe_contact.id IS 'Identity.';
COMMENT ON COLUMN vault.safe_contact.household_id IS 'Whose contact.';
COMMENT ON COLUMN vault.safe_contact.sealed IS 'Number, when it is safe to ring, whether a message may be left, and the word that shows the caller is us.';
COMMENT ON COLUMN vault.safe_contact.created_at IS 'When it was given.';

CREATE TABLE vault.party (
    id uuid PRIMARY KEY,
    household_id uuid NOT NULL REFERENCES household,
    sealed bytea NOT NULL CHECK (get_byte(sealed, 0) = 1 AND get_byte(sealed, 1) = 4 AND octet_length(sealed) % 512 = 50),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE vault.party IS 'What is known of a perpetrator or associate beyond the keyed hash.';
COMMENT ON COLUMN vault.party.id IS 'Identity.';
COMMENT ON COLUMN vault.party.household_id IS 'In which case.';
COMMENT ON COLUMN vault.party.sealed IS 'What the person looks like and drives.';
COMMENT ON COLUMN vault.party.created_at IS 'When it was told.';
