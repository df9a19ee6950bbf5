-- What else is known of a case.

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
