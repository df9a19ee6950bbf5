-- Taking a place, and what follows when a placement ends.

-- The next two return rows because PostgreSQL inlines such functions into the calling statement.
CREATE FUNCTION unsafe_here(household uuid, in_district outward_code) RETURNS SETOF unsafe_place
LANGUAGE sql STABLE AS $$
    SELECT s.* FROM unsafe_place s JOIN policy y ON y.id = 1 LEFT JOIN district d ON d.code = in_district
     WHERE s.household_id = household AND s.ended_at IS NULL
       AND (y.unsafe_same AND coalesce(s.outward_code, split_part(s.sector, ' ', 1)) = in_district
            OR y.unsafe_neighbour AND EXISTS (SELECT FROM district_neighbour n
                        WHERE n.district = coalesce(s.outward_code, split_part(s.sector, ' ', 1))
                          AND n.neighbour = in_district)
            OR (2 * s.cell_east - d.east_km) ^ 2 + (2 * s.cell_north - d.north_km) ^ 2
               <= (2 * s.radius_cells + d.reach_km) ^ 2)
$$;
COMMENT ON FUNCTION unsafe_here IS
    'The household''s unsafe areas that include the place, or its neighbourhood. A sector or a circle counts for '
    'whole districts, so that the answer gives away no finer place.';
GRANT EXECUTE ON FUNCTION unsafe_here TO haven_app;

CREATE FUNCTION linked_parties(household uuid, of_property uuid) RETURNS SETOF property_party LANGUAGE sql STABLE AS $$
    SELECT pp.* FROM person_index i JOIN property_party pp ON pp.hash = i.hash
     WHERE i.household_id = household AND pp.property_id = of_property
$$;
COMMENT ON FUNCTION linked_parties IS
    'People who are linked to the property and also in the case (equal keyed hashes).';

-- The rules that concern life and limb are checked again under the lock: the board proposes, the database
-- decides. Unknown facts never refuse.
CREATE FUNCTION safety_refusal(household uuid, of_unit uuid) RETURNS hold_outcome LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE
        WHEN EXISTS (SELECT FROM unsafe_here(household, p.outward_code)) THEN 'not_suitable'
        WHEN EXISTS (SELECT FROM linked_parties(household, p.id)) THEN 'not_suitable'
        WHEN p.residents = 'women' AND m.men OR p.residents = 'men' AND m.women THEN 'residents_sex'
        WHEN u.max_people < m.people - least(u.cots, m.infants) THEN 'capacity' END
      FROM unit u JOIN property p ON p.id = u.property_id
     CROSS JOIN (SELECT count(*) AS people,
                        count(*) FILTER (WHERE kind = 'child'
                            AND coalesce(age + extract(year FROM age(today(), age_on)), 0) < 2) AS infants,
                        bool_or(sex = 'male') FILTER (WHERE adult) AS men,
                        bool_or(sex = 'female') FILTER (WHERE adult) AS women
                   FROM (SELECT *, kind <> 'child'
                            AND gender_identity IN ('same_as_sex', 'not_asked', 'not_known',
                                                    'prefers_not_to_say') AS adult
                           FROM member) one
                  WHERE household_id = household AND ended_at IS NULL) m
     WHERE u.id = of_unit);
END $$;
COMMENT ON FUNCTION safety_refusal IS 'The safety rule that forbids this household this unit, or NULL.';

-- A hold runs some thirty statements, and setting one up costs more than running it. So rows are read one
-- table at a time (a join carries every column of its tables), and together where one statement can.
CREATE TYPE hold_attempt AS (
    vacancy_id uuid,
    unit_id uuid,
    organisation_id uuid,
    household_id uuid,
    household_version integer,
    first_night date,
    nights daterange,
    minutes integer
);
COMMENT ON TYPE hold_attempt IS 'A hold as it was asked for, with what the first check found.';

-- Check before any lock: most attempts that fail end here.
CREATE FUNCTION check_hold(item jsonb, OUT outcome hold_outcome, OUT attempt hold_attempt) LANGUAGE plpgsql AS $$
DECLARE
    place record;
    home record;
    rules policy;
    last_day date; -- the stay ends before it; NULL is open-ended
BEGIN
    SELECT s.vacancy_id, s.unit_id, s.organisation_id, s.version, s.available_from, s.available_until, s.state
      INTO place FROM vacancy_state s WHERE s.vacancy_id = (item ->> 'vacancy_id')::uuid;
    SELECT h.id, h.organisation_id, h.version, h.closed_at, h.waiting_since, h.want_from, h.want_until
      INTO home FROM household h WHERE h.id = (item ->> 'household_id')::uuid AND h.erased_at IS NULL;
    SELECT * INTO STRICT rules FROM policy y WHERE y.id = 1;
    IF case_hidden(home.id, audit.me('account')::uuid) THEN
        home.id := NULL;
    END IF;
    attempt.vacancy_id := place.vacancy_id;
    attempt.unit_id := place.unit_id;
    attempt.organisation_id := place.organisation_id;
    attempt.household_id := home.id;
    attempt.household_version := home.version;
    attempt.minutes := coalesce((item ->> 'minutes')::integer, rules.hold_minutes);
    attempt.first_night := greatest(home.want_from, place.available_from, today());
    last_day := least(home.want_until, place.available_until);
    outcome := CASE
        WHEN home.id IS NULL THEN 'no_household'
        WHEN NOT (is_partner(place.organisation_id) AND is_partner(home.organisation_id)) THEN 'no_vacancy'
        WHEN attempt.minutes NOT BETWEEN rules.hold_least_minutes AND rules.hold_most_minutes THEN 'minutes'
        WHEN place.state <> 'open' THEN 'not_open'
        WHEN home.closed_at IS NOT NULL THEN 'household_closed'
        WHEN home.waiting_since IS NULL THEN 'household_draft'
        WHEN last_day <= attempt.first_night THEN 'outside_period'
        WHEN place.version <> (item ->> 'vacancy_version')::integer THEN 'changed' END;
    IF outcome IS NULL THEN
        attempt.nights := daterange(attempt.first_night, last_day);
    END IF;
END $$;
COMMENT ON FUNCTION check_hold IS 'Why the hold cannot be, as far as that shows without a lock; NULL where it may be.';

-- A household that should have left, but whose departure nobody recorded, still lives in the unit.
CREATE FUNCTION check_hold_locked(a hold_attempt, OUT outcome hold_outcome, OUT expired boolean) LANGUAGE plpgsql AS $$
BEGIN
    SELECT CASE
               WHEN s.state <> 'open' THEN 'not_open'
               WHEN EXISTS (SELECT FROM placement p
                             WHERE p.unit_id = a.unit_id AND p.state IN ('held', 'offered', 'accepted', 'arrived')
                               AND p.period && a.nights
                               AND (p.state IN ('accepted', 'arrived') OR p.expires_at > now())) THEN 'not_open'
               WHEN free_from(a.unit_id, a.first_night) > a.first_night THEN 'not_free_yet'
               WHEN a.first_night <= today()
                    AND EXISTS (SELECT FROM placement p WHERE p.unit_id = a.unit_id AND p.state = 'arrived')
                    THEN 'not_free_yet'
               WHEN EXISTS (SELECT FROM placement p
                             WHERE p.household_id = a.household_id AND p.state IN ('accepted', 'arrived'))
                    THEN 'household_placed'
               ELSE safety_refusal(a.household_id, a.unit_id) END,
           EXISTS (SELECT FROM placement p
                    WHERE p.unit_id = a.unit_id AND p.state IN ('held', 'offered') AND p.expires_at <= now())
      INTO outcome, expired
      FROM vacancy_state s WHERE s.vacancy_id = a.vacancy_id;
END $$;
COMMENT ON FUNCTION check_hold_locked IS
    'The same with the unit locked, and whether a hold or offer in the unit has expired without a job to say so.';

CREATE FUNCTION take_hold(item jsonb, OUT outcome hold_outcome, OUT id uuid, OUT body text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    seen record := check_hold(item);
    a hold_attempt := seen.attempt;
    version_of_unit integer;
    locked record;
BEGIN
    outcome := seen.outcome;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT u.version INTO version_of_unit FROM unit u WHERE u.id = a.unit_id FOR NO KEY UPDATE;
    locked := check_hold_locked(a);
    outcome := locked.outcome;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    IF locked.expired THEN
        UPDATE placement p SET state = 'expired', version = p.version + 1
         WHERE p.unit_id = a.unit_id AND p.state IN ('held', 'offered') AND p.expires_at <= now();
    END IF;
    INSERT INTO placement AS p (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, period,
                                expires_at, policy_version, inputs_hash, score, household_version, unit_version)
    VALUES (a.vacancy_id, a.unit_id, a.organisation_id, a.household_id, my_organisation(), audit.me('account')::uuid,
            a.nights, now() + make_interval(mins => a.minutes), item ->> 'policy_version', item ->> 'inputs_hash',
            (item ->> 'score')::integer, a.household_version, version_of_unit)
    RETURNING p.id INTO take_hold.id;
    outcome := 'held';
    SELECT row_to_json(v)::text INTO body FROM placement_view v WHERE v.id = take_hold.id;
END $$;
COMMENT ON FUNCTION take_hold IS 'Holds a vacancy for a household: checks, locks the unit, checks again, inserts.';

-- Indexes only, also in everything that it calls: see begin_request.
CREATE FUNCTION hold_many(items jsonb) RETURNS TABLE (ord integer, outcome hold_outcome, id uuid, body text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    i record;
    held record;
    hash bytea;
    me uuid;
    its_key text;
    again boolean;
BEGIN
    -- every group locks units in the same order, so that two groups never deadlock
    FOR i IN SELECT n::integer AS n, value AS item FROM jsonb_array_elements(items) WITH ORDINALITY e(value, n)
              ORDER BY (SELECT v.unit_id FROM vacancy v WHERE v.id = (value ->> 'vacancy_id')::uuid), n
    LOOP
        ord := i.n;
        its_key := i.item ->> 'key';
        hash := decode(i.item ->> 'hash', 'hex');
        me := open_request(decode(i.item ->> 'token', 'hex'), i.item ->> 'request');
        -- a repeat waits for the first request and gets its answer here: an error would undo the whole group
        PERFORM pg_advisory_xact_lock(hashtextextended(me || its_key, 0));
        SELECT k.request_hash = hash AND k.status = 201, k.body, right(k.location, 36) INTO again, body, id
          FROM idempotency k WHERE k.account_id = me AND k.key = its_key;
        IF again THEN
            outcome := 'held';
            IF case_hidden((i.item ->> 'household_id')::uuid, me) THEN
                outcome := 'no_household';
                body := NULL;
            END IF;
            RETURN NEXT;
            CONTINUE;
        END IF;
        IF FOUND THEN
            RAISE EXCEPTION 'key already used' USING ERRCODE = 'HV409';
        END IF;
        held := take_hold(i.item);
        outcome := held.outcome;
        id := held.id;
        body := held.body;
        -- a refusal is not stored: nothing happened, and the caller may try again with the same key
        IF outcome = 'held' THEN
            INSERT INTO idempotency (account_id, key, request_hash, status, location, body)
            VALUES (me, its_key, hash, 201, '/placements/' || id, body) ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'key already used' USING ERRCODE = 'HV409';
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION hold_many IS
    'Takes holds for several people in one commit. Each item carries its caller''s session and is checked by itself.';
GRANT EXECUTE ON FUNCTION hold_many TO haven_app;

-- What follows from an act for the unit, the household and its referral. The actor may not write all of
-- these: a provider's acceptance ends the household's offers at other providers.

CREATE FUNCTION lock_placement(placement uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    it record;
BEGIN
    SELECT p.unit_id, p.household_id INTO it FROM placement p
     WHERE p.id = lock_placement.placement AND p.organisation_id = ANY (audit.me('partners')::uuid[]);
    PERFORM FROM unit u WHERE u.id = it.unit_id FOR NO KEY UPDATE;
    PERFORM FROM household h WHERE h.id = it.household_id FOR NO KEY UPDATE;
END $$;
COMMENT ON FUNCTION lock_placement IS
    'The first statement of every act on a placement: locks the unit, then the household, where the placement is of '
    'the caller''s partnership.';
GRANT EXECUTE ON FUNCTION lock_placement TO haven_app;

CREATE FUNCTION settle_accepted(it placement) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE placement SET state = 'cancelled', cancel_reason = 'other_offer_accepted', version = version + 1
     WHERE household_id = it.household_id AND id <> it.id AND state IN ('held', 'offered') AND expires_at > now();
    UPDATE vacancy SET taken_at = now(), version = version + 1 WHERE id = it.vacancy_id AND taken_at IS NULL;
    UPDATE referral SET state = 'placed', version = version + 1
     WHERE household_id = it.household_id AND state NOT IN ('placed', 'closed');
END $$;
COMMENT ON FUNCTION settle_accepted IS
    'The household''s other holds and offers end, its vacancy is taken, its referral placed.';

CREATE FUNCTION settle_given_back(it placement) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- unless the provider already offers those nights in another vacancy
    UPDATE vacancy v SET taken_at = NULL, version = version + 1
     WHERE v.id = it.vacancy_id AND v.taken_at IS NOT NULL
       AND NOT EXISTS (SELECT FROM placement p
                        WHERE p.vacancy_id = v.id AND p.state IN ('accepted', 'arrived', 'departed'))
       AND NOT EXISTS (SELECT FROM vacancy o
                        WHERE o.unit_id = v.unit_id AND o.id <> v.id AND o.withdrawn_at IS NULL AND o.taken_at IS NULL
                          AND daterange(o.available_from, o.available_until) && daterange(v.available_from,
                                  v.available_until));
    UPDATE referral r SET state = 'active', version = version + 1
     WHERE r.household_id = it.household_id AND r.state = 'placed'
       AND NOT EXISTS (SELECT FROM placement p
                        WHERE p.household_id = r.household_id AND p.state IN ('accepted', 'arrived'));
END $$;
COMMENT ON FUNCTION settle_given_back IS 'The place is open to others again, and the household waits again.';

CREATE FUNCTION settle_departed(it placement) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    again boolean := it.departure_reason IN ('asked_to_leave', 'safety', 'transfer') OR it.destination = 'interim';
BEGIN
    UPDATE referral SET state = CASE WHEN again THEN 'active' ELSE 'closed' END, closed_at = CASE WHEN again THEN NULL
        ELSE now() END,
           version = version + 1
     WHERE household_id = it.household_id AND state = 'placed';
    UPDATE household h SET closed_at = now(), version = version + 1
     WHERE h.id = it.household_id AND h.closed_at IS NULL
       AND NOT EXISTS (SELECT FROM referral r WHERE r.household_id = h.id AND r.state <> 'closed')
       AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = h.id AND p.state IN ('accepted', 'arrived'));
END $$;
COMMENT ON FUNCTION settle_departed IS
    'A household that had to leave still needs a place. For any other the case ends.';

CREATE FUNCTION settle_placement(placement uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    it placement;
BEGIN
    SELECT p.* INTO it FROM placement p
     WHERE p.id = settle_placement.placement AND audit.me('organisation')::uuid IN (p.organisation_id, p.requested_by);
    CASE WHEN it.state = 'accepted' THEN PERFORM settle_accepted(it);
         WHEN it.state IN ('cancelled', 'not_arrived') THEN PERFORM settle_given_back(it);
         WHEN it.state = 'departed' THEN PERFORM settle_departed(it);
         ELSE NULL;
    END CASE;
END $$;
COMMENT ON FUNCTION settle_placement IS 'Does what follows from the state that an act has just given a placement.';
GRANT EXECUTE ON FUNCTION settle_placement TO haven_app;
