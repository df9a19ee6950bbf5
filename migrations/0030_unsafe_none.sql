-- That no place is unsafe is an answer of its own, with who said so. Not having asked is none.

CREATE DOMAIN informant AS text CHECK (VALUE IN ('applicant', 'member', 'referrer', 'police', 'record'));
COMMENT ON DOMAIN informant IS 'Who said it.';

ALTER TABLE household ADD COLUMN unsafe_none_said_by informant;
COMMENT ON COLUMN household.unsafe_none_said_by IS
    'Who said that there is no unsafe place; NULL where none said so, or where one is listed.';
GRANT INSERT (unsafe_none_said_by), UPDATE (unsafe_none_said_by) ON household TO haven_app;

CREATE FUNCTION unsafe_place_is_said() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE household SET unsafe_none_said_by = NULL
     WHERE id = NEW.household_id AND unsafe_none_said_by IS NOT NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION unsafe_place_is_said IS 'Anyone who names an unsafe place takes back that there is none.';
CREATE TRIGGER unsafe_place_said AFTER INSERT ON unsafe_place FOR EACH ROW EXECUTE FUNCTION unsafe_place_is_said();

CREATE OR REPLACE VIEW board_household WITH (security_invoker = true) AS
SELECT h.id, h.version, h.reference, h.organisation_id, o.partnership_id, h.situation, h.urgency, h.band, h.risk_level,
       h.pregnant,
       h.nrpf, CASE WHEN h.nrpf_funded_until >= today() THEN h.nrpf_funded_until END AS nrpf_funded_until,
       h.due_on, h.immigration_expires_on, h.pets, h.want_from, h.want_until, h.shortest_stay_days,
       h.wishes, h.wished_areas,
       h.wished_specialisms, h.places_to_reach, h.languages, h.interpreter, h.wheelchair, h.step_free, h.ground_floor,
       h.adapted_bathroom, h.wants_to_stay, h.perpetrator_at_home, h.sole_occupation, h.consent_obtainable,
       h.overnight_carer, h.poses, h.avoids, h.tie_break,
       (extract(epoch FROM h.waiting_since) * 1000000)::bigint AS waiting_since_us,
       (SELECT string_agg(concat_ws(',', m.kind, coalesce(m.sex, '-'), m.gender_identity, coalesce(m.age, -1),
                                    m.age_on - date '1970-01-01', m.age_exact, coalesce((m.child_of = a.id)::text, '-'),
                                    couple_of(m)), ';' ORDER BY m.kind <> 'main', m.id)
          FROM member m LEFT JOIN member a ON a.household_id = h.id AND a.kind = 'main' AND a.ended_at IS NULL
         WHERE m.household_id = h.id AND m.ended_at IS NULL) AS members,
       (SELECT string_agg(concat_ws(',', coalesce(s.outward_code, '-'), coalesce(s.sector, '-'), s.cell_east,
                                    s.cell_north, s.radius_cells), ';')
          FROM unsafe_place s WHERE s.household_id = h.id AND s.ended_at IS NULL) AS unsafe_places,
       CASE WHEN h.support_needs IS NOT NULL
           THEN (SELECT coalesce(string_agg(n ->> 'need', ';'), '')
                   FROM jsonb_array_elements(h.support_needs) n) END AS needs,
       (SELECT string_agg(DISTINCT v.id || ',' || v.version, ';')
          FROM placement d JOIN unit u ON u.id = d.unit_id AND u.version = d.unit_version
          JOIN vacancy v ON v.unit_id = u.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL
         WHERE d.household_id = h.id AND d.state = 'declined' AND d.household_version = h.version) AS declined,
       -- step by step from the household's few people: any other order reads all units for each household
       (SELECT string_agg(DISTINCT v.id::text, ';')
          FROM (SELECT hash, person_index AS one FROM person_index WHERE household_id = h.id OFFSET 0) i
         CROSS JOIN LATERAL (SELECT property_id FROM property_party
                              WHERE hash = i.hash AND NOT pair_cleared(i.one, NULL, property_id) OFFSET 0) pp
         CROSS JOIN LATERAL (SELECT id FROM unit WHERE property_id = pp.property_id OFFSET 0) u
          JOIN vacancy v ON v.unit_id = u.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL) AS conflicts,
       h.unsafe_none_said_by
  FROM household h JOIN organisation o ON o.id = h.organisation_id
 WHERE h.closed_at IS NULL AND h.waiting_since IS NOT NULL
   AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = h.id AND p.state IN ('accepted', 'arrived'));
