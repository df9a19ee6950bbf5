-- Languages are those of the census of 2021, and another in words. They are more than unit.facts has bits for: the
-- board reads the column.

ALTER TABLE unit
    ADD COLUMN other_language text,
    ADD CONSTRAINT unit_which_language
        CHECK (other_language IS NOT NULL OR NOT languages && '{sgn,sign_system,other}'),
    ADD CONSTRAINT unit_language_selected
        CHECK (other_language IS NULL OR languages && '{sgn,sign_system,other}');
COMMENT ON COLUMN unit.languages IS 'Codes of the list language that staff speak.';
COMMENT ON COLUMN unit.other_language IS
    'Which one, where languages has a code for another one. For people to read: words are not matched.';
GRANT INSERT (other_language), UPDATE (other_language) ON unit TO haven_app;
COMMENT ON COLUMN unit.facts IS
    'The other columns as a search reads them, packed: self_contained, ground floor, step_free, adapted_bathroom, '
    'wheelchair, pets, adult_children, the seven needs, nrpf, highest_risk, mix known; bedrooms, max_people, cots, '
    'min_age, oldest_boy, weekly_cost_pence, longest_stay_days, bits of specialisms, of thirty languages (nobody '
    'reads these: the column languages has all), mix_poses and mix_avoids.';

ALTER TABLE household
    ADD COLUMN other_language text,
    ADD CONSTRAINT household_which_language
        CHECK (other_language IS NOT NULL OR NOT languages && '{sgn,sign_system,other}'),
    ADD CONSTRAINT household_language_selected
        CHECK (other_language IS NULL OR languages && '{sgn,sign_system,other}');
COMMENT ON COLUMN household.languages IS 'Codes of the list language.';
COMMENT ON COLUMN household.other_language IS
    'Which one, where languages has a code for another one. For people to read: words are not matched.';
SELECT guard_again('household', '{other_language}');
GRANT UPDATE (other_language) ON household TO haven_app;

CREATE OR REPLACE VIEW board_vacancy WITH (security_invoker = true) AS
SELECT v.id, v.version, v.unit_id, u.property_id, u.reference, u.facts, free_from(u.id, v.available_from) AS free_from,
       v.available_until, v.confirmed_at, (SELECT max(pl.expires_at) FROM placement pl
         WHERE pl.unit_id = u.id AND pl.state IN ('held', 'offered') AND pl.expires_at > now()) AS busy_until,
       taken_nights(u.id) AS taken, u.languages::text AS languages
  FROM vacancy v
  JOIN unit u ON u.id = v.unit_id
  JOIN property p ON p.id = u.property_id
 WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL AND u.closed_at IS NULL AND p.closed_at IS NULL;
COMMENT ON COLUMN board_vacancy.languages IS 'Codes of the languages that staff speak.';

CREATE OR REPLACE VIEW unit_view WITH (security_invoker = true) AS
SELECT u.id, u.property_id, p.public_name AS property_name, u.organisation_id, o.name AS provider, p.type,
       p.area_label, p.residents, u.reference, unit_now(u.id) AS state, u.self_contained, u.bedrooms, u.max_people,
       u.cots, u.floor, u.step_free, u.wheelchair, u.adapted_bathroom, u.hearing_aids, u.visual_aids, u.pets,
       u.min_age, u.oldest_boy, u.adult_children, u.mental_health, u.drugs, u.alcohol, u.offending, u.arson,
       u.violence, u.sexual_offending, u.nrpf, array_to_json(u.specialisms) AS specialisms,
       array_to_json(u.languages) AS languages, u.highest_risk, u.weekly_cost_pence, u.longest_stay_days,
       CASE WHEN u.organisation_id = my_organisation() AND u.mix_reviewed_at IS NOT NULL
            THEN to_json(u.mix_poses) END AS mix_poses,
       CASE WHEN u.organisation_id = my_organisation() AND u.mix_reviewed_at IS NOT NULL
            THEN to_json(u.mix_avoids) END AS mix_avoids,
       utc(u.mix_reviewed_at) AS mix_reviewed_at, utc(u.closed_at) AS closed_at, u.version,
       utc(u.created_at) AS created_at, u.other_language
  FROM unit u
  JOIN property p ON p.id = u.property_id
  JOIN organisation o ON o.id = u.organisation_id;

CREATE OR REPLACE VIEW case_summary WITH (security_invoker = true) AS
SELECT h.id AS household_id,
       json_build_object('id', CASE WHEN may_place() THEN h.id END, 'reference', h.reference,
           'risk_level', h.risk_level, 'pregnant', h.pregnant, 'nrpf', h.nrpf, 'pets', h.pets,
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

-- Who speaks a sign language may be deaf. Sign systems are no language of a people.
CREATE OR REPLACE FUNCTION borne_by(household uuid) RETURNS SETOF protected_characteristic LANGUAGE sql STABLE AS $$
    SELECT b.characteristic::protected_characteristic
      FROM household h
     CROSS JOIN LATERAL (
           SELECT bool_or(m.gender_identity IN ('trans_woman', 'trans_man', 'non_binary', 'other')
                          OR c.gender_registered = 'different') AS trans,
                  bool_or(c.disability IN ('limited_a_lot', 'limited_a_little')) AS disabled,
                  bool_or(c.ethnic_group !~ '^(white_british$|not_|prefers_)') AS race,
                  bool_or(c.religion !~ '^(no_religion$|not_|prefers_)') AS religion,
                  bool_or(c.sexual_orientation IN ('gay_or_lesbian', 'bisexual', 'any_other')) AS orientation,
                  bool_or(m.kind = 'child' AND m.age + extract(year FROM age(today(), m.age_on)) < 1) AS baby
             FROM member m LEFT JOIN member_characteristic c ON c.id = m.id
            WHERE m.household_id = h.id AND m.ended_at IS NULL) p
     CROSS JOIN LATERAL (VALUES
           ('sex', true),
           ('disability', p.disabled OR h.wheelchair <> 'none' OR h.step_free OR h.ground_floor OR h.adapted_bathroom
                          OR h.support_needs @> '[{"need": "mental_health"}]'
                          OR h.languages && '{bfi,sgn,sign_system}'),
           ('pregnancy_maternity', h.pregnant OR p.baby),
           ('race', p.race OR h.interpreter OR NOT h.languages <@ '{en,bfi,sign_system}' OR h.nrpf),
           ('gender_reassignment', p.trans), ('religion_or_belief', p.religion),
           ('sexual_orientation', p.orientation)) b (characteristic, borne)
     WHERE h.id = household AND b.borne
$$;
