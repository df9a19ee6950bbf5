-- The conflict rule knows who lives in a property and who works for its provider, besides the people whom the property
-- itself names.

-- ---- people who may live near each other ----
--
-- A member is known by the same kind of hash as the people of properties: two hashes of a case are never compared with
-- each other, because a name with a date of birth and the same name without one would not be equal.

ALTER TABLE person_index
    DROP CONSTRAINT person_index_purpose_check,
    ADD CONSTRAINT person_index_purpose_check CHECK (purpose IN ('person', 'party', 'link', 'resident'));
COMMENT ON COLUMN person_index.purpose IS
    'person: a member; party: a perpetrator or associate; link: either, to compare with declared links; resident: a '
    'member, to compare with the parties of other cases. Hashes of different purposes are never equal, but that of a '
    'resident and of a party who are the same person.';

CREATE FUNCTION met_by(household uuid)
RETURNS TABLE (hash bytea, other uuid, possible boolean, known_at timestamptz) LANGUAGE sql STABLE ROWS 1 AS $$
    -- step by step from the household's few people: any other order reads all people there are
    SELECT i.hash, r.household_id, i.form <> 'exact' OR r.form <> 'exact', greatest(i.created_at, r.created_at)
      FROM (SELECT * FROM person_index p
             WHERE p.household_id = household
               -- of members from before there is no hash but this; by the name alone it says too little
               AND (p.purpose IN ('party', 'resident') OR p.purpose = 'link' AND p.form <> 'name') OFFSET 0) i
     CROSS JOIN LATERAL (SELECT * FROM person_index p
                          WHERE p.hash = i.hash AND p.household_id <> household
                            AND (p.member_id IS NULL) <> (i.member_id IS NULL) OFFSET 0) r
     WHERE NOT EXISTS (SELECT FROM member m WHERE m.id = coalesce(i.member_id, r.member_id) AND m.ended_at IS NOT NULL)
$$;
COMMENT ON FUNCTION met_by IS
    'Households that must not live where this one lives: a member of the one is, or may be, a party of the other.';

CREATE FUNCTION takes_place(p placement) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT p.state IN ('accepted', 'arrived') OR p.state IN ('held', 'offered') AND p.expires_at > now()
$$;
COMMENT ON FUNCTION takes_place IS
    'Whether the household lives there, or may: also by a hold or an offer, since either may be accepted any minute.';

-- A decision is about the people who were there when it was made, and counts for both households.
CREATE FUNCTION resident_cleared(home uuid, other uuid, of_property uuid, same bytea, known_at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM cleared_pair c
                     JOIN placement p ON p.household_id = CASE c.household_id WHEN home THEN other ELSE home END
                     JOIN unit u ON u.id = p.unit_id
                    WHERE c.household_id IN (home, other) AND c.hash = same AND c.property_id = of_property
                      AND c.cleared_at >= greatest(known_at, p.held_at) AND u.property_id = of_property
                      AND takes_place(p))
$$;
COMMENT ON FUNCTION resident_cleared IS
    'Whether somebody decided that a person of one household is not the person of the other who lives, or may live, in '
    'the property.';

-- Inlined into the statements that call it, like the functions of the other rules.
CREATE FUNCTION conflicts_of(household uuid)
RETURNS TABLE (property_id uuid, link_id uuid, hash bytea, possible boolean) LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT pp.property_id, NULL::uuid, pp.hash, i.form <> 'exact' OR pp.form <> 'exact'
      FROM (SELECT p.hash, p.form, p AS one FROM person_index p
             WHERE p.household_id = household AND p.purpose = 'party' OFFSET 0) i
     CROSS JOIN LATERAL (SELECT * FROM property_party x
                          WHERE x.hash = i.hash AND NOT pair_cleared(i.one, NULL, x.property_id) OFFSET 0) pp
     UNION ALL
    SELECT u.property_id, NULL, m.hash, m.possible
      FROM met_by(household) m
     CROSS JOIN LATERAL (SELECT p.unit_id FROM placement p
                          WHERE p.household_id = m.other AND takes_place(p) OFFSET 0) p
     CROSS JOIN LATERAL (SELECT x.property_id FROM unit x WHERE x.id = p.unit_id OFFSET 0) u
     WHERE NOT resident_cleared(household, m.other, u.property_id, m.hash, m.known_at)
     UNION ALL
    SELECT x.id, l.id, l.hash, l.possible
      FROM (SELECT p.hash, p.form, p AS one FROM person_index p
             WHERE p.household_id = household AND p.purpose = 'link' AND p.member_id IS NULL OFFSET 0) i
     CROSS JOIN LATERAL (SELECT d.id, d.hash, d.account_id, i.form <> 'exact' OR d.form <> 'exact' AS possible
                           FROM account_link d
                          WHERE d.hash = i.hash AND d.ended_at IS NULL AND NOT pair_cleared(i.one, d.id, NULL)
                         OFFSET 0) l
     CROSS JOIN LATERAL (SELECT a.organisation_id FROM account a WHERE a.id = l.account_id OFFSET 0) a
     CROSS JOIN LATERAL (SELECT y.id FROM property y WHERE y.organisation_id = a.organisation_id OFFSET 0) x
$$;
COMMENT ON FUNCTION conflicts_of IS
    'Properties where the household must not live, once for each reason that is not cleared: a party of the case is or '
    'may be one of those whom the property names (staff, landlord); a household that lives or may live there has a '
    'member who is a party of this one, or a party who is a member of it; somebody of the property''s organisation '
    'declared a link to a party, by link_id. possible: name or date of birth is not surely the same.';

CREATE FUNCTION conflicted_with(of_property uuid) RETURNS TABLE (id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT h.id FROM household h
     WHERE h.closed_at IS NULL
       AND h.id IN (SELECT i.household_id FROM property_party pp
                      JOIN person_index i ON i.hash = pp.hash AND i.purpose = 'party'
                     WHERE pp.property_id = of_property
                     UNION
                    SELECT m.other FROM unit u JOIN placement p ON p.unit_id = u.id AND takes_place(p)
                     CROSS JOIN LATERAL met_by(p.household_id) m WHERE u.property_id = of_property
                     UNION
                    SELECT i.household_id FROM property x JOIN account a ON a.organisation_id = x.organisation_id
                      JOIN account_link l ON l.account_id = a.id AND l.ended_at IS NULL
                      JOIN person_index i ON i.hash = l.hash AND i.member_id IS NULL
                     WHERE x.id = of_property);
END $$;
COMMENT ON FUNCTION conflicted_with IS 'Open households that have, or may have, the property in conflicts_of().';

-- ---- a hold ----

DROP FUNCTION linked_parties(uuid, uuid);
CREATE OR REPLACE FUNCTION safety_refusal(household uuid, of_unit uuid, first_night date) RETURNS hold_outcome
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE
        WHEN EXISTS (SELECT FROM unsafe_here(household, p.outward_code)) THEN 'not_suitable'
        WHEN p.id IN (SELECT c.property_id FROM conflicts_of(household) c) THEN 'not_suitable'
        WHEN p.residents = 'women' AND m.men OR p.residents = 'men' AND m.women THEN 'residents_sex'
        WHEN u.max_people < m.people - least(u.cots, m.infants) THEN 'capacity' END
      FROM unit u JOIN property p ON p.id = u.property_id
     CROSS JOIN (SELECT count(*) AS people,
                        count(*) FILTER (WHERE coalesce(years, CASE WHEN kind = 'child' THEN 0 END) < 2) AS infants,
                        bool_or(sex = 'male') FILTER (WHERE adult) AS men,
                        bool_or(sex = 'female') FILTER (WHERE adult) AS women
                   FROM (SELECT mm.kind, mm.sex, ages.youngest AS years,
                                (mm.kind = 'main' OR coalesce(ages.youngest >= 18, mm.kind = 'adult'))
                                AND mm.gender_identity IN ('same_as_sex', 'not_asked', 'not_known',
                                                           'prefers_not_to_say') AS adult
                           FROM member mm CROSS JOIN LATERAL ages_on(mm, first_night) ages
                          WHERE mm.household_id = household AND mm.ended_at IS NULL) one) m
     WHERE u.id = of_unit);
END $$;

CREATE FUNCTION lock_meetings(household uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(k.number)
       FROM (SELECT DISTINCT ('x' || encode(substr(m.hash, 1, 8), 'hex'))::bit(64)::bigint AS number
               FROM met_by(household) m ORDER BY 1) k;
END $$;
COMMENT ON FUNCTION lock_meetings IS
    'One after the other, two households that must not meet: each locks what they have in common, in the same order. '
    'They take different units, so the lock of a unit does not keep them apart.';

CREATE OR REPLACE FUNCTION lock_hold(a hold_attempt) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM unit u WHERE u.id = a.unit_id FOR NO KEY UPDATE;
    PERFORM lock_meetings(a.household_id);
END $$;

-- ---- the boards ----

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
       (SELECT string_agg(DISTINCT v.id::text, ';')
          FROM conflicts_of(h.id) c
         CROSS JOIN LATERAL (SELECT id FROM unit WHERE property_id = c.property_id OFFSET 0) u
          JOIN vacancy v ON v.unit_id = u.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL) AS conflicts,
       h.unsafe_none_said_by, h.risk_least, h.home_works
  FROM household h JOIN organisation o ON o.id = h.organisation_id
 WHERE h.closed_at IS NULL AND h.waiting_since IS NOT NULL
   AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = h.id AND p.state IN ('accepted', 'arrived'))
   AND NOT EXISTS (SELECT FROM referral r WHERE r.household_id = h.id AND r.state <> 'closed'
                      AND self_referral_only(r.source, h));

-- Only of declines is the version told, so a change of the vacancy concerns nobody else until it is open again.
CREATE OR REPLACE FUNCTION barred_from(unit uuid) RETURNS TABLE (id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT h.id FROM household h
     WHERE h.closed_at IS NULL
       AND h.id IN (SELECT p.household_id FROM placement p WHERE p.unit_id = unit AND p.state = 'declined');
END $$;
COMMENT ON FUNCTION barred_from IS
    'Open households that a decline bars from the unit: their board rows name its vacancies and their versions.';

CREATE OR REPLACE FUNCTION note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    r record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    active placement_state[] := '{held,offered,accepted,arrived}';
BEGIN
    CASE TG_TABLE_NAME
    WHEN 'household' THEN
        INSERT INTO change_log (kind, id) VALUES ('household', r.id);
    WHEN 'vacancy' THEN
        INSERT INTO change_log (kind, id) VALUES ('vacancy', r.id);
        -- a household's board row names the vacancies that it declined or must not have, the former with their versions
        IF r.withdrawn_at IS NULL AND r.taken_at IS NULL THEN
            INSERT INTO change_log (kind, id) SELECT 'household', b.id FROM barred_from(r.unit_id) b;
            IF TG_OP = 'INSERT' OR OLD.withdrawn_at IS NOT NULL OR OLD.taken_at IS NOT NULL THEN
                INSERT INTO change_log (kind, id)
                SELECT 'household', k.id FROM unit u CROSS JOIN LATERAL conflicted_with(u.property_id) k
                 WHERE u.id = r.unit_id;
            END IF;
        END IF;
    WHEN 'member' THEN
        INSERT INTO change_log (kind, id) VALUES ('household', r.household_id);
        IF TG_OP = 'UPDATE' AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
            INSERT INTO change_log (kind, id)
            SELECT DISTINCT 'household', i.household_id
              FROM person_index mine JOIN person_index i ON i.hash = mine.hash AND i.member_id IS NULL
             WHERE mine.household_id = r.household_id AND mine.member_id = r.id;
        END IF;
    WHEN 'unsafe_place' THEN
        INSERT INTO change_log (kind, id) VALUES ('household', r.household_id);
    WHEN 'placement' THEN
        INSERT INTO change_log (kind, id)
        SELECT 'vacancy', v.id FROM vacancy v
         WHERE v.unit_id = r.unit_id AND v.withdrawn_at IS NULL AND (v.taken_at IS NULL OR v.id = r.vacancy_id)
         UNION ALL
        SELECT 'household', r.household_id;
        IF TG_OP <> 'UPDATE' OR OLD.state = ANY (active) <> (NEW.state = ANY (active)) THEN
            INSERT INTO change_log (kind, id) SELECT DISTINCT 'household', m.other FROM met_by(r.household_id) m;
        END IF;
    WHEN 'unit' THEN
        INSERT INTO change_log (kind, id)
        SELECT 'vacancy', v.id FROM vacancy v WHERE v.unit_id = r.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL
         UNION ALL
        SELECT 'household', b.id FROM barred_from(r.id) b;
    WHEN 'void_period' THEN
        INSERT INTO change_log (kind, id)
        SELECT 'vacancy', v.id FROM vacancy v
         WHERE v.unit_id = r.unit_id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL;
    WHEN 'property' THEN
        INSERT INTO change_log (kind, id)
        SELECT 'vacancy', v.id FROM vacancy v JOIN unit u ON u.id = v.unit_id
         WHERE u.property_id = r.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL;
    END CASE;
    RETURN NULL;
END $$;

CREATE FUNCTION note_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    r record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    INSERT INTO change_log (kind, id)
    SELECT DISTINCT 'household', i.household_id
      FROM person_index i JOIN household h ON h.id = i.household_id AND h.closed_at IS NULL
     WHERE i.hash = r.hash AND i.member_id IS NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_link IS
    'Tells the boards of the open cases with a party to whom somebody declared a link, or whom a property names.';
CREATE TRIGGER account_link_changed AFTER INSERT OR UPDATE OR DELETE ON account_link FOR EACH ROW
    EXECUTE FUNCTION note_link();
CREATE TRIGGER property_party_changed AFTER INSERT OR UPDATE OR DELETE ON property_party FOR EACH ROW
    EXECUTE FUNCTION note_link();

CREATE FUNCTION note_people() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    home uuid;
BEGIN
    FOR home IN SELECT DISTINCT f.household_id FROM fresh f LOOP
        INSERT INTO change_log (kind, id) VALUES ('household', home);
        IF EXISTS (SELECT FROM placement p WHERE p.household_id = home AND takes_place(p)) THEN
            INSERT INTO change_log (kind, id) SELECT DISTINCT 'household', m.other FROM met_by(home) m;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_people IS
    'Tells the boards of a case whose people are new, and of those that must not meet them where they live.';
CREATE TRIGGER person_index_changed AFTER INSERT ON person_index REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION note_people();

-- ---- clearing ----

DROP VIEW conflict_pair;
DROP VIEW linked_property;
CREATE FUNCTION conflict_pairs(household uuid)
RETURNS TABLE (link_id uuid, property_id uuid, hash bytea, possible boolean) LANGUAGE sql STABLE AS $$
    SELECT l.link_id, NULL::uuid, l.hash, l.possible FROM linked_case l WHERE l.household_id = household
     UNION ALL
    SELECT NULL, c.property_id, c.hash, c.possible FROM conflicts_of(household) c WHERE c.link_id IS NULL
$$;
COMMENT ON FUNCTION conflict_pairs IS
    'Conflicts of either kind that stand, a row for each equal hash: with a person who declared a link, or with '
    'somebody of a property.';

CREATE OR REPLACE FUNCTION clear_pair(of_case text, link uuid, property uuid, why text)
RETURNS TABLE (outcome clearing_outcome, id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    partners uuid[] := audit.me('partners')::uuid[];
    made uuid := gen_random_uuid();
    home uuid := (SELECT h.id FROM household h
                   WHERE h.reference = of_case AND administers() AND h.organisation_id = ANY (partners)
                     AND NOT case_hidden(h.id, me));
BEGIN
    IF EXISTS (SELECT FROM account_link l WHERE l.id = link AND l.account_id = me) THEN
        RETURN QUERY SELECT 'own'::clearing_outcome, NULL::uuid;
        RETURN;
    END IF;
    SELECT CASE WHEN NOT bool_and(p.possible) THEN 'exact' WHEN count(*) > 0 THEN 'cleared' ELSE 'none' END INTO outcome
      FROM conflict_pairs(home) p
     WHERE (p.link_id = link OR p.property_id = property)
       AND (EXISTS (SELECT FROM account_link l JOIN account a ON a.id = l.account_id
                     WHERE l.id = link AND a.organisation_id = ANY (partners))
            OR EXISTS (SELECT FROM property x WHERE x.id = property AND x.organisation_id = ANY (partners)));
    IF outcome = 'cleared' THEN
        INSERT INTO cleared_pair (id, household_id, hash, link_id, property_id, cleared_by, reason)
        SELECT DISTINCT made, home, p.hash, link, property, me, why FROM conflict_pairs(home) p
         WHERE p.link_id = link OR p.property_id = property;
        INSERT INTO change_log (kind, id) VALUES ('household', home);
    END IF;
    RETURN QUERY SELECT outcome, made;
END $$;

CREATE OR REPLACE FUNCTION possible_conflicts(most integer, after text)
RETURNS TABLE (household_reference text, declaration_id uuid, account text, relationship text, property_id uuid,
               property text, provider text, place text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    partners uuid[] := audit.me('partners')::uuid[];
BEGIN
    RETURN QUERY
    SELECT h.reference, p.link_id, a.display_name, l.relationship::text, p.property_id, x.public_name, o.name, k.place
      FROM household h
     CROSS JOIN LATERAL (SELECT c.link_id, c.property_id FROM conflict_pairs(h.id) c
                          GROUP BY c.link_id, c.property_id HAVING bool_and(c.possible)) p
     CROSS JOIN LATERAL (SELECT h.reference || '|' || coalesce(p.link_id, p.property_id)) k (place)
      LEFT JOIN LATERAL (SELECT d.* FROM account_link d WHERE d.id = p.link_id LIMIT 1) l ON true
      LEFT JOIN account a ON a.id = l.account_id
      LEFT JOIN property x ON x.id = p.property_id
      LEFT JOIN organisation o ON o.id = x.organisation_id
     WHERE administers() AND h.closed_at IS NULL AND h.organisation_id = ANY (partners)
       AND coalesce(a.organisation_id, x.organisation_id) = ANY (partners)
       AND a.id IS DISTINCT FROM audit.me('account')::uuid AND NOT case_hidden(h.id, audit.me('account')::uuid)
       AND (after IS NULL OR k.place > after)
     ORDER BY k.place LIMIT most;
END $$;
