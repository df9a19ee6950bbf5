-- Properties, units, vacancies, voids. Addresses are not here: the schema vault has them, sealed.

CREATE TABLE property (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    type accommodation_type NOT NULL,
    public_name text NOT NULL CHECK (public_name <> ''),
    area_label text NOT NULL CHECK (area_label <> ''),
    local_authority text NOT NULL CHECK (local_authority ~ '^E0[6-9][0-9]{6}$'),
    outward_code outward_code NOT NULL,
    sector text CHECK (sector ~ '^[A-Z]{1,2}[0-9][0-9A-Z]? [0-9]$'),
    residents residents NOT NULL,
    staffing staffing,
    shared_access boolean NOT NULL,
    turnaround_days integer NOT NULL DEFAULT 2 CHECK (turnaround_days BETWEEN 0 AND 60),
    features text[] NOT NULL DEFAULT '{}',
    closed_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT property_shared_access_single_sex CHECK (NOT (shared_access AND residents = 'any')),
    CONSTRAINT property_single_sex_type CHECK (NOT (type IN ('refuge', 'specialist') AND residents = 'any')),
    UNIQUE (id, organisation_id)
);
COMMENT ON TABLE property IS 'A building or dispersed home of a provider.';
COMMENT ON COLUMN property.id IS 'Identity.';
COMMENT ON COLUMN property.organisation_id IS 'The provider.';
COMMENT ON COLUMN property.type IS 'Accommodation type, SI 2021/991 reg. 2.';
COMMENT ON COLUMN property.public_name IS 'A name that does not give the location away.';
COMMENT ON COLUMN property.area_label IS 'Coarse area shown in searches.';
COMMENT ON COLUMN property.local_authority IS 'ONS/GSS code of the local authority.';
COMMENT ON COLUMN property.outward_code IS 'Postcode district, for unsafe areas. Never returned by a search.';
COMMENT ON COLUMN property.sector IS 'Postcode sector, for unsafe areas. Never returned.';
COMMENT ON COLUMN property.residents IS 'The residents that it is for.';
COMMENT ON COLUMN property.staffing IS 'When staff are on site; NULL is unknown.';
COMMENT ON COLUMN property.shared_access IS
    'Whether any part, hallway or access route is shared: then single-sex only.';
COMMENT ON COLUMN property.turnaround_days IS 'Working days between a departure and the next arrival.';
COMMENT ON COLUMN property.features IS 'Free tags, as garden or play_room.';
COMMENT ON COLUMN property.closed_at IS 'When the provider gave the property up.';
COMMENT ON COLUMN property.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN property.created_at IS 'When it was recorded.';
CREATE INDEX property_organisation ON property (organisation_id, id);
SELECT guard('property', 'supply', writes => 'insert, update', fixed => '{id,organisation_id}', board => true);

CREATE TABLE property_party (
    property_id uuid NOT NULL REFERENCES property,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    link text NOT NULL CHECK (link IN ('landlord', 'staff', 'resident'))
);
COMMENT ON TABLE property_party IS 'Keyed hashes of people who are linked to a property, for the conflict rule.';
COMMENT ON COLUMN property_party.property_id IS 'Which property.';
COMMENT ON COLUMN property_party.hash IS 'Keyed BLAKE2b-256 of purpose party, two for each person.';
COMMENT ON COLUMN property_party.link IS 'How the person is linked.';
CREATE INDEX property_party_hash ON property_party (hash);
CREATE INDEX property_party_property ON property_party (property_id);
-- Workers cannot read the keyed hashes: the vault computes the hash of any name, so a worker that could
-- compare would find the case of every person it can name. A function of the owner compares.
SELECT guard('property_party', 'alone', unread => '{hash}', recorded => false);
CREATE POLICY own ON property_party TO haven_app
    USING ((SELECT is_provider()) AND EXISTS (SELECT FROM property p WHERE p.id = property_id));

CREATE FUNCTION code_bits(codes text[], list text[]) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    bits bigint := 0;
    code text;
BEGIN
    FOREACH code IN ARRAY codes LOOP
        bits := bits | coalesce(1::bigint << array_position(list, code) - 1, 0);
    END LOOP;
    RETURN bits;
END $$;
COMMENT ON FUNCTION code_bits IS
    'Bit n - 1 for the n-th code of the list; codes that it does not have count for nothing.';
GRANT EXECUTE ON FUNCTION code_bits TO haven_app;

-- facts: the unit as a search reads it, packed when the row is written, so that loading a hundred thousand
-- units reads one short column instead of two dozen. Seventeen letters (the first of a code, t or f, '-'
-- where unknown), then numbers. src/board/supply_row.c reads them by position.
CREATE TABLE unit (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    property_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    reference text NOT NULL CHECK (reference <> ''),
    self_contained boolean NOT NULL,
    bedrooms integer CHECK (bedrooms BETWEEN 0 AND 20),
    max_people integer CHECK (max_people BETWEEN 1 AND 30),
    cots integer NOT NULL DEFAULT 0 CHECK (cots BETWEEN 0 AND 10),
    floor integer CHECK (floor BETWEEN -2 AND 60),
    step_free boolean,
    wheelchair wheelchair,
    adapted_bathroom boolean,
    hearing_aids boolean,
    visual_aids boolean,
    pets answer,
    min_age integer CHECK (min_age BETWEEN 0 AND 120),
    oldest_boy integer CHECK (oldest_boy BETWEEN 0 AND 18),
    adult_children answer,
    mental_health answer,
    drugs answer,
    alcohol answer,
    offending answer,
    arson answer,
    violence answer,
    sexual_offending answer,
    nrpf answer,
    specialisms text[] NOT NULL DEFAULT '{}',
    languages text[] NOT NULL DEFAULT '{}',
    highest_risk risk_level,
    weekly_cost_pence pence,
    longest_stay_days integer CHECK (longest_stay_days BETWEEN 1 AND 3650),
    mix_poses text[] NOT NULL DEFAULT '{}',
    mix_avoids text[] NOT NULL DEFAULT '{}',
    mix_reviewed_at timestamptz,
    closed_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    facts text NOT NULL GENERATED ALWAYS AS (
    coalesce(left(self_contained::text, 1), '-') || coalesce(left((floor <= 0)::text, 1), '-')
    || coalesce(left(step_free::text, 1), '-') || coalesce(left(adapted_bathroom::text, 1), '-')
    || coalesce(left(wheelchair, 1), '-') || coalesce(left(pets, 1), '-') || coalesce(left(adult_children, 1), '-')
    || coalesce(left(mental_health, 1), '-') || coalesce(left(drugs, 1), '-') || coalesce(left(alcohol, 1), '-')
    || coalesce(left(offending, 1), '-') || coalesce(left(arson, 1), '-') || coalesce(left(violence, 1), '-')
    || coalesce(left(sexual_offending, 1), '-') || coalesce(left(nrpf, 1), '-') || coalesce(left(highest_risk, 1), '-')
    || left((mix_reviewed_at IS NOT NULL)::text, 1)
    || ' ' || coalesce(bedrooms::text, '-') || ' ' || coalesce(max_people::text, '-') || ' '
        || coalesce(cots::text, '-')
    || ' ' || coalesce(min_age::text, '-') || ' ' || coalesce(oldest_boy::text, '-') || ' '
        || coalesce(weekly_cost_pence::text, '-')
    || ' ' || coalesce(longest_stay_days::text, '-')
    || ' ' || code_bits(specialisms,
                        ARRAY['by_and_for_black_minoritised', 'by_and_for_south_asian', 'by_and_for_african_caribbean',
        'by_and_for_latin_american', 'by_and_for_middle_eastern', 'by_and_for_jewish', 'by_and_for_muslim',
        'by_and_for_gypsy_roma_traveller', 'by_and_for_forced_marriage_hba', 'by_and_for_migrant', 'lgbt', 'male',
        'disabled', 'deaf', 'learning_disability', 'older', 'young', 'complex_needs'])
    || ' ' || code_bits(languages,
                        ARRAY['en', 'am', 'ar', 'bn', 'cs', 'es', 'fa', 'fr', 'gu', 'hi', 'hu', 'ku', 'lt', 'pa', 'pl',
                              'ps', 'pt',
        'ro', 'ru', 'sk', 'so', 'sq', 'ti', 'tr', 'uk', 'ur', 'vi', 'zh', 'bfi'])
    || ' ' || code_bits(mix_poses,
                        ARRAY['drug_use', 'alcohol_use', 'aggression', 'child_risk', 'arson', 'exploitation', 'gang',
        'community_link', 'adult_male'])
    || ' ' || code_bits(mix_avoids,
                        ARRAY['drug_use', 'alcohol_use', 'aggression', 'child_risk', 'arson', 'exploitation', 'gang',
        'community_link', 'adult_male'])) STORED,
    FOREIGN KEY (property_id, organisation_id) REFERENCES property (id, organisation_id),
    UNIQUE (property_id, reference),
    UNIQUE (id, organisation_id)
);
COMMENT ON TABLE unit IS
    'What one household gets: a flat, or a family room. NULL facts are unknown: matching asks, it never fails on them.';
COMMENT ON COLUMN unit.id IS 'Identity.';
COMMENT ON COLUMN unit.property_id IS 'The property that it is in.';
COMMENT ON COLUMN unit.organisation_id IS 'The provider, as of the property.';
COMMENT ON COLUMN unit.reference IS 'The provider''s name for it.';
COMMENT ON COLUMN unit.self_contained IS 'Own bathroom and kitchen behind one door.';
COMMENT ON COLUMN unit.bedrooms IS 'Bedrooms; rooms of a refuge are family rooms where people and cots decide.';
COMMENT ON COLUMN unit.max_people IS 'Most people, cots not counted.';
COMMENT ON COLUMN unit.cots IS 'Cots for children under two, beyond max_people.';
COMMENT ON COLUMN unit.floor IS '0 is the ground floor.';
COMMENT ON COLUMN unit.step_free IS 'Reached without a step.';
COMMENT ON COLUMN unit.wheelchair IS 'Wheelchair access.';
COMMENT ON COLUMN unit.adapted_bathroom IS 'Level shower, hoist or the like.';
COMMENT ON COLUMN unit.hearing_aids IS 'Flashing alarms, loop.';
COMMENT ON COLUMN unit.visual_aids IS 'Tactile marking, contrast.';
COMMENT ON COLUMN unit.pets IS 'Whether pets are taken.';
COMMENT ON COLUMN unit.min_age IS 'Least age of the main applicant in years.';
COMMENT ON COLUMN unit.oldest_boy IS 'Oldest age of a boy accepted, in years.';
COMMENT ON COLUMN unit.adult_children IS 'Whether children of 18 and over are taken.';
COMMENT ON COLUMN unit.mental_health IS 'Whether it can support mental-health needs.';
COMMENT ON COLUMN unit.drugs IS 'Whether it can support drug use.';
COMMENT ON COLUMN unit.alcohol IS 'Whether it can support alcohol use.';
COMMENT ON COLUMN unit.offending IS 'Whether an offending history is taken.';
COMMENT ON COLUMN unit.arson IS 'Whether a history of arson is taken.';
COMMENT ON COLUMN unit.violence IS 'Whether a history of violence to staff or residents is taken.';
COMMENT ON COLUMN unit.sexual_offending IS 'Whether a history of sexual offending is taken.';
COMMENT ON COLUMN unit.nrpf IS 'Whether households without recourse to public funds are taken.';
COMMENT ON COLUMN unit.specialisms IS 'Codes of the list specialism.';
COMMENT ON COLUMN unit.languages IS 'ISO 639-1 codes of languages that staff speak.';
COMMENT ON COLUMN unit.highest_risk IS 'Highest risk level taken.';
COMMENT ON COLUMN unit.weekly_cost_pence IS 'Weekly cost.';
COMMENT ON COLUMN unit.longest_stay_days IS 'Longest stay in days.';
COMMENT ON COLUMN unit.mix_poses IS
    'Codes of the list mix_risk: risks that the present residents beside it pose to others.';
COMMENT ON COLUMN unit.mix_avoids IS
    'Codes of the list mix_risk: risks that the present residents beside it must be kept from.';
COMMENT ON COLUMN unit.mix_reviewed_at IS 'When the provider last confirmed both; NULL is unknown, and matching asks.';
COMMENT ON COLUMN unit.closed_at IS 'Set when the unit was given up.';
COMMENT ON COLUMN unit.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN unit.created_at IS 'When it was recorded.';
COMMENT ON COLUMN unit.facts IS
    'The other columns as a search reads them, packed: self_contained, ground floor, step_free, adapted_bathroom, '
    'wheelchair, pets, adult_children, the seven needs, nrpf, highest_risk, mix known; bedrooms, max_people, cots, '
    'min_age, oldest_boy, weekly_cost_pence, longest_stay_days, bits of specialisms, languages, mix_poses and '
    'mix_avoids.';
CREATE INDEX unit_organisation ON unit (organisation_id, id);
SELECT guard('unit', 'supply', writes => 'insert, update', fixed => '{id,organisation_id,property_id}',
             untold => '{facts}', board => true);

CREATE TABLE vacancy (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    unit_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    available_from date NOT NULL,
    available_until date CHECK (available_until > available_from),
    confirmed_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz,
    withdraw_reason withdraw_reason,
    taken_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (unit_id, organisation_id) REFERENCES unit (id, organisation_id),
    CONSTRAINT vacancy_withdrawn CHECK ((withdrawn_at IS NULL) = (withdraw_reason IS NULL)),
    CONSTRAINT vacancy_once EXCLUDE USING gist (unit_id WITH =, daterange(available_from, available_until) WITH &&)
        WHERE (withdrawn_at IS NULL AND taken_at IS NULL)
) WITH (fillfactor = 70, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE vacancy IS 'A period in which a provider offers a unit. Its state is derived, never stored.';
COMMENT ON COLUMN vacancy.id IS 'Identity.';
COMMENT ON COLUMN vacancy.unit_id IS 'The unit that is offered.';
COMMENT ON COLUMN vacancy.organisation_id IS 'The provider, as of the unit.';
COMMENT ON COLUMN vacancy.available_from IS 'First night.';
COMMENT ON COLUMN vacancy.available_until IS 'Day on which it must be free again; NULL is open-ended.';
COMMENT ON COLUMN vacancy.confirmed_at IS
    'When the provider last confirmed it. The policy says when it is stale and when it lapses.';
COMMENT ON COLUMN vacancy.withdrawn_at IS 'When the provider took it back.';
COMMENT ON COLUMN vacancy.withdraw_reason IS 'Why.';
COMMENT ON COLUMN vacancy.taken_at IS 'When a placement in it was accepted; cleared when that placement falls through.';
COMMENT ON COLUMN vacancy.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN vacancy.created_at IS 'When it was posted.';
CREATE INDEX vacancy_unit ON vacancy (unit_id);
CREATE INDEX vacancy_listed ON vacancy (organisation_id, created_at, id);
CREATE INDEX vacancy_current ON vacancy (organisation_id, created_at, id)
    WHERE withdrawn_at IS NULL AND taken_at IS NULL;
CREATE INDEX vacancy_withdrawn ON vacancy (organisation_id, created_at, id) WHERE withdrawn_at IS NOT NULL;
SELECT guard('vacancy', 'supply', writes => 'insert, update', fixed => '{id,organisation_id,unit_id}', board => true);

CREATE TABLE void_period (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    unit_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    from_day date NOT NULL,
    until_day date CHECK (until_day > from_day),
    reason void_reason NOT NULL,
    cost_centre text CHECK (cost_centre <> ''),
    note text,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (unit_id, organisation_id) REFERENCES unit (id, organisation_id),
    CONSTRAINT void_once EXCLUDE USING gist (unit_id WITH =, daterange(from_day, until_day) WITH &&)
);
COMMENT ON TABLE void_period IS 'A period in which a unit is out of service.';
COMMENT ON COLUMN void_period.id IS 'Identity.';
COMMENT ON COLUMN void_period.unit_id IS 'Which unit.';
COMMENT ON COLUMN void_period.organisation_id IS 'The provider, as of the unit.';
COMMENT ON COLUMN void_period.from_day IS 'First day out of service.';
COMMENT ON COLUMN void_period.until_day IS 'First day in service again; NULL is not known yet.';
COMMENT ON COLUMN void_period.reason IS 'Coded reason.';
COMMENT ON COLUMN void_period.cost_centre IS 'Where the cost goes.';
COMMENT ON COLUMN void_period.note IS 'Remark.';
COMMENT ON COLUMN void_period.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN void_period.created_at IS 'When it was recorded.';
CREATE INDEX void_listed ON void_period (organisation_id, created_at, id);
SELECT guard('void_period', 'supply', writes => 'insert, update', board => true);

-- ---- as the service shows them: what concerns the provider alone is shown to the provider alone ----

CREATE VIEW property_view WITH (security_invoker = true) AS
SELECT p.id, p.organisation_id, o.name AS provider, p.type, p.public_name, p.area_label, p.local_authority,
       CASE WHEN p.organisation_id = my_organisation() THEN p.outward_code END AS outward_code,
       p.residents, p.staffing, p.shared_access, p.turnaround_days, array_to_json(p.features) AS features,
       (SELECT count(*) FROM unit u WHERE u.property_id = p.id AND u.closed_at IS NULL)::integer AS units,
       utc(p.closed_at) AS closed_at, p.version, utc(p.created_at) AS created_at
  FROM property p JOIN organisation o ON o.id = p.organisation_id;
COMMENT ON VIEW property_view IS 'Properties, with the number of their open units.';
GRANT SELECT ON property_view TO haven_app;

CREATE VIEW void_view WITH (security_invoker = true) AS
SELECT v.id, v.unit_id, u.reference AS unit_reference, v.organisation_id, v.from_day, v.until_day, v.reason,
       CASE WHEN v.organisation_id = my_organisation() THEN v.cost_centre END AS cost_centre,
       CASE WHEN v.organisation_id = my_organisation() THEN v.note END AS note,
       v.version, utc(v.created_at) AS created_at
  FROM void_period v JOIN unit u ON u.id = v.unit_id;
COMMENT ON VIEW void_view IS 'Periods out of service.';
GRANT SELECT ON void_view TO haven_app;
