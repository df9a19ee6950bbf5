-- Every rule is judged over every night of a stay: exact ages, who belongs to whom, and the nights that a
-- void or another household takes.

-- ---- what guard() was told of a table, once it has more columns ----

CREATE FUNCTION guard_again(this regclass, more_untold text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    it guarded;
    name text := (SELECT relname FROM pg_class WHERE oid = this);
BEGIN
    UPDATE guarded g SET untold = g.untold || more_untold WHERE g.of_table = this RETURNING * INTO STRICT it;
    PERFORM guard_checks(this, it.untold, it.erase);
    EXECUTE format('DROP TRIGGER %I ON %s', name || '_audit', this);
    PERFORM guard_changes(this, name, true, it.untold, NULL);
END $$;
COMMENT ON FUNCTION guard_again IS
    'Tells the register and the audit trail of columns that a recorded table was given later.';

-- ---- members ----

ALTER TABLE member
    ADD COLUMN age_exact boolean NOT NULL DEFAULT false,
    ADD COLUMN child_of uuid REFERENCES member,
    ADD COLUMN partner_of uuid REFERENCES member;
COMMENT ON COLUMN member.age_on IS
    'Day on which the age was so: a birthday where age_exact, so that it is right on any later day.';
COMMENT ON COLUMN member.age_exact IS
    'Whether age_on is a birthday. If not, the next birthday is on some day of the year after age_on.';
COMMENT ON COLUMN member.child_of IS 'Whose child this member is, within the household; NULL is not said.';
COMMENT ON COLUMN member.partner_of IS 'The member who is named as partner. Two who name each other are a couple.';
SELECT guard_again('member', '{age_exact,child_of,partner_of}');

CREATE FUNCTION couple_of(m member) RETURNS integer LANGUAGE plpgsql STABLE AS $$
DECLARE
    one uuid;
BEGIN
    IF m.partner_of IS NOT NULL THEN
        SELECT least(m.id, p.id) INTO one FROM member p
         WHERE p.id = m.partner_of AND p.partner_of = m.id AND p.household_id = m.household_id AND p.ended_at IS NULL;
    ELSIF m.couple OR m.kind = 'main' THEN
        SELECT m.household_id INTO one FROM member p
         WHERE p.household_id = m.household_id AND p.ended_at IS NULL
           AND CASE WHEN m.kind = 'main' THEN p.couple ELSE p.kind = 'main' AND p.partner_of IS NULL END LIMIT 1;
    END IF;
    RETURN CASE WHEN one IS NULL THEN 0 WHEN one = m.household_id THEN 1
        ELSE 2 + (SELECT count(*) FROM member o WHERE o.household_id = m.household_id AND o.id < one) END;
END $$;
COMMENT ON FUNCTION couple_of IS
    'A number that a member shares with the partner, 0 without one: of two who name each other, or of the main '
    'applicant and the adult who was recorded as a couple with them.';
GRANT EXECUTE ON FUNCTION couple_of TO haven_app, haven_board;

CREATE FUNCTION ages_on(m member, day date, OUT youngest integer, OUT oldest integer) LANGUAGE sql IMMUTABLE AS $$
    SELECT m.age + extract(year FROM age(greatest(day, m.age_on), m.age_on))::integer,
           CASE WHEN m.age_exact OR day <= m.age_on
               THEN m.age + extract(year FROM age(greatest(day, m.age_on), m.age_on))::integer
               ELSE m.age + 1 + extract(year FROM age(day, m.age_on + 1))::integer END
$$;
COMMENT ON FUNCTION ages_on IS 'The least and the most years of age that a member may have on a day; NULL is unknown.';
GRANT EXECUTE ON FUNCTION ages_on TO haven_app;

-- ---- nights that are taken ----

CREATE FUNCTION taken_nights(unit uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT string_agg(concat_ws(',', lower(n) - date '1970-01-01',
                                        coalesce(upper(n) - 1 - date '1970-01-01', 2147483647)), ';' ORDER BY lower(n))
              FROM unnest((SELECT range_agg(t.nights)
                             FROM (SELECT daterange(v.from_day, v.until_day) AS nights FROM void_period v
                                    WHERE v.unit_id = unit AND coalesce(v.until_day, 'infinity') > today()
                                    UNION ALL
                                   SELECT p.period FROM placement p
                                    WHERE p.unit_id = unit AND p.state IN ('accepted', 'arrived')
                                      AND coalesce(upper(p.period), 'infinity') > today()) t)) n);
END $$;
COMMENT ON FUNCTION taken_nights IS
    'The nights from today on that a void or a placement takes from a unit: "first,last;..." in days since 1970, in '
    'order, without overlap.';
GRANT EXECUTE ON FUNCTION taken_nights TO haven_app, haven_board;

-- ---- the board ----

CREATE OR REPLACE VIEW board_vacancy WITH (security_invoker = true) AS
SELECT v.id, v.version, v.unit_id, u.property_id, u.reference, u.facts, free_from(u.id, v.available_from) AS free_from,
       v.available_until, v.confirmed_at, (SELECT max(pl.expires_at) FROM placement pl
         WHERE pl.unit_id = u.id AND pl.state IN ('held', 'offered') AND pl.expires_at > now()) AS busy_until,
       taken_nights(u.id) AS taken
  FROM vacancy v
  JOIN unit u ON u.id = v.unit_id
  JOIN property p ON p.id = u.property_id
 WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL AND u.closed_at IS NULL AND p.closed_at IS NULL;
COMMENT ON COLUMN board_vacancy.taken IS 'As taken_nights() has them.';

DROP FUNCTION board_households_since, board_households_waiting, waiting_case;
DROP VIEW board_household;
CREATE VIEW board_household WITH (security_invoker = true) AS
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
          FROM (SELECT hash FROM person_index WHERE household_id = h.id OFFSET 0) i
         CROSS JOIN LATERAL (SELECT property_id FROM property_party WHERE hash = i.hash OFFSET 0) pp
         CROSS JOIN LATERAL (SELECT id FROM unit WHERE property_id = pp.property_id OFFSET 0) u
          JOIN vacancy v ON v.unit_id = u.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL) AS conflicts
  FROM household h JOIN organisation o ON o.id = h.organisation_id
 WHERE h.closed_at IS NULL AND h.waiting_since IS NOT NULL
   AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = h.id AND p.state IN ('accepted', 'arrived'));
COMMENT ON VIEW board_household IS 'Needs of the households that wait, without identity.';

CREATE FUNCTION board_households_since(horizon xid8) RETURNS SETOF board_household
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT FROM change_log WHERE kind = 'household' AND xid >= horizon) THEN
        RETURN QUERY SELECT * FROM board_household
                      WHERE id = ANY (ARRAY(SELECT DISTINCT c.id FROM change_log c
                                             WHERE c.kind = 'household' AND c.xid >= horizon));
    END IF;
END $$;
COMMENT ON FUNCTION board_households_since IS
    'Rows of board_household noted in change_log by transactions from the horizon on.';
GRANT EXECUTE ON FUNCTION board_households_since TO haven_app;

-- Runs as the owner because it compares keyed hashes, which no worker's role reads.
CREATE FUNCTION board_households_waiting() RETURNS SETOF board_household
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10000
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM board_household;
END $$;
COMMENT ON FUNCTION board_households_waiting IS 'All rows of board_household, for a board that starts.';
GRANT EXECUTE ON FUNCTION board_households_waiting TO haven_board;

-- A case as a search will read it once it is stored, with conflicts that the caller may not see.
CREATE FUNCTION waiting_case(household uuid) RETURNS SETOF board_household
LANGUAGE plpgsql STABLE ROWS 1 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF case_seen(household) THEN
        RETURN QUERY SELECT * FROM board_household b WHERE b.id = household;
    END IF;
END $$;
COMMENT ON FUNCTION waiting_case IS 'The row of board_household of a case that the caller sees.';
GRANT EXECUTE ON FUNCTION waiting_case TO haven_app;

-- ---- a hold ----

ALTER TABLE policy ADD COLUMN usual_stay_days integer NOT NULL
    GENERATED ALWAYS AS ((numbers ->> 'usual_stay_days')::integer) STORED;
COMMENT ON COLUMN policy.usual_stay_days IS 'The stay that suffices where none was asked for.';

ALTER DOMAIN hold_outcome DROP CONSTRAINT hold_outcome_check;
ALTER DOMAIN hold_outcome ADD CONSTRAINT hold_outcome_check CHECK (VALUE IN ('held', 'no_household', 'no_vacancy',
    'minutes', 'not_open', 'not_free_yet', 'nights_taken', 'changed', 'not_suitable', 'residents_sex', 'capacity',
    'outside_period', 'read_only', 'household_placed', 'household_draft', 'household_closed'));

ALTER TYPE hold_attempt ADD ATTRIBUTE stay daterange;

DROP FUNCTION safety_refusal(uuid, uuid);
CREATE FUNCTION safety_refusal(household uuid, of_unit uuid, first_night date) RETURNS hold_outcome
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE
        WHEN EXISTS (SELECT FROM unsafe_here(household, p.outward_code)) THEN 'not_suitable'
        WHEN EXISTS (SELECT FROM linked_parties(household, p.id)) THEN 'not_suitable'
        WHEN p.residents = 'women' AND m.men OR p.residents = 'men' AND m.women THEN 'residents_sex'
        WHEN u.max_people < m.people - least(u.cots, m.infants) THEN 'capacity' END
      FROM unit u JOIN property p ON p.id = u.property_id
     CROSS JOIN (SELECT count(*) AS people,
                        count(*) FILTER (WHERE coalesce(years, CASE WHEN kind = 'child' THEN 0 END) < 2) AS infants,
                        bool_or(sex = 'male') FILTER (WHERE adult) AS men,
                        bool_or(sex = 'female') FILTER (WHERE adult) AS women
                   FROM (SELECT mm.kind, mm.sex, (ages_on(mm, first_night)).youngest AS years,
                                (mm.kind = 'main'
                                 OR coalesce((ages_on(mm, first_night)).youngest >= 18, mm.kind = 'adult'))
                                AND mm.gender_identity IN ('same_as_sex', 'not_asked', 'not_known',
                                                           'prefers_not_to_say') AS adult
                           FROM member mm WHERE mm.household_id = household AND mm.ended_at IS NULL) one) m
 WHERE u.id = of_unit);
END $$;
COMMENT ON FUNCTION safety_refusal IS 'The safety rule that forbids this household this unit, or NULL.';

-- A household that should have left, but whose departure nobody recorded, still lives in the unit.
CREATE OR REPLACE FUNCTION check_hold_locked(a hold_attempt, OUT outcome hold_outcome, OUT expired boolean)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT CASE
               WHEN s.state <> 'open' THEN 'not_open'
               WHEN EXISTS (SELECT FROM placement p
                             WHERE p.unit_id = a.unit_id AND p.state IN ('held', 'offered', 'accepted', 'arrived')
                               AND p.period && a.nights
                               AND (p.state IN ('accepted', 'arrived') OR p.expires_at > now())) THEN 'not_open'
               WHEN free_from(a.unit_id, a.first_night) > a.first_night THEN 'not_free_yet'
               WHEN EXISTS (SELECT FROM void_period v
                             WHERE v.unit_id = a.unit_id AND daterange(v.from_day, v.until_day) && a.stay)
                    THEN 'nights_taken'
               WHEN a.first_night <= today()
                    AND EXISTS (SELECT FROM placement p WHERE p.unit_id = a.unit_id AND p.state = 'arrived')
                    THEN 'not_free_yet'
               WHEN EXISTS (SELECT FROM placement p
                             WHERE p.household_id = a.household_id AND p.state IN ('accepted', 'arrived'))
                    THEN 'household_placed'
               ELSE safety_refusal(a.household_id, a.unit_id, a.first_night) END,
           EXISTS (SELECT FROM placement p
                    WHERE p.unit_id = a.unit_id AND p.state IN ('held', 'offered') AND p.expires_at <= now())
      INTO outcome, expired
      FROM vacancy_state s WHERE s.vacancy_id = a.vacancy_id;
END $$;
COMMENT ON FUNCTION check_hold_locked IS
    'The same with the unit locked, and whether a hold or offer in the unit has expired without a job to say so.';

