-- Placements from hold to departure, and the statement that takes a place.

CREATE FUNCTION may_write_placement(provider uuid, requester uuid, household uuid, entering boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND NOT case_hidden(household, audit.me('account')::uuid)
       AND coalesce(is_provider() AND my_organisation() = provider
                    OR NOT entering AND audit.me('role') IN ('housing_officer', 'navigator') AND my_organisation() = requester, false);
END $$;
COMMENT ON FUNCTION may_write_placement IS 'Whether who asks, proven, is of one of the placement''s two sides; to enter a place (accepted, arrived), of the provider''s.';
GRANT EXECUTE ON FUNCTION may_write_placement TO haven_app;

CREATE FUNCTION placement_proven() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    inside boolean := OLD.state IN ('accepted', 'arrived');
    entering boolean := NEW.state IN ('accepted', 'arrived') AND NOT inside;
BEGIN
    IF current_user = 'haven_app'
       AND (NOT may_write_placement(NEW.organisation_id, NEW.requested_by, NEW.household_id, entering)
            OR entering AND (OLD.state <> 'offered' OR NEW.decided_at IS DISTINCT FROM now())
            OR lower(NEW.period) <> lower(OLD.period)
            OR inside AND (NEW.decided_at IS DISTINCT FROM OLD.decided_at OR OLD.arrived_on IS NOT NULL AND NEW.arrived_on IS DISTINCT FROM OLD.arrived_on)) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION placement_proven IS 'An act on a placement is of one of its two sides, an acceptance the provider''s; and the days by which an address is shown are not set anew.';

CREATE TABLE placement (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    vacancy_id uuid NOT NULL REFERENCES vacancy,
    unit_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    household_id uuid NOT NULL REFERENCES household,
    requested_by uuid NOT NULL REFERENCES organisation,
    holder_id uuid NOT NULL REFERENCES account,
    state placement_state NOT NULL DEFAULT 'held',
    period daterange NOT NULL CHECK (NOT isempty(period) AND NOT lower_inf(period)),
    held_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    offered_at timestamptz,
    decided_at timestamptz,
    arrived_on date,
    departed_on date,
    decline_side decline_side,
    decline_reason decline_reason,
    equality_ground boolean,
    equality_exception equality_exception,
    cancel_reason cancel_reason,
    non_arrival_reason non_arrival_reason,
    departure_reason departure_reason,
    destination destination,
    safe_and_well boolean,
    policy_version text,
    inputs_hash text,
    score integer,
    household_version integer NOT NULL,
    unit_version integer NOT NULL,
    version integer NOT NULL DEFAULT 1,
    erased boolean NOT NULL DEFAULT false,
    FOREIGN KEY (unit_id, organisation_id) REFERENCES unit (id, organisation_id),
    CONSTRAINT placement_once EXCLUDE USING gist (unit_id WITH =, period WITH &&)
        WHERE (state IN ('held', 'offered', 'accepted', 'arrived')),
    CONSTRAINT placement_countdown CHECK ((state IN ('held', 'offered')) <= (expires_at IS NOT NULL)),
    CONSTRAINT placement_declined CHECK ((state = 'declined') = (decline_side IS NOT NULL AND decline_reason IS NOT NULL)),
    CONSTRAINT placement_equality CHECK (equality_ground IS NOT TRUE OR equality_exception IS NOT NULL),
    CONSTRAINT placement_cancelled CHECK ((state = 'cancelled') = (cancel_reason IS NOT NULL)),
    CONSTRAINT placement_not_arrived CHECK ((state = 'not_arrived') = (non_arrival_reason IS NOT NULL)),
    CONSTRAINT placement_departed CHECK ((state = 'departed') = (departed_on IS NOT NULL AND departure_reason IS NOT NULL AND destination IS NOT NULL))
) WITH (fillfactor = 80, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE placement IS 'A place taken for a household, from hold to departure. One active one per unit and period, by constraint.';
COMMENT ON COLUMN placement.id IS 'Identity.';
COMMENT ON COLUMN placement.vacancy_id IS 'What was offered.';
COMMENT ON COLUMN placement.unit_id IS 'The unit, as of the vacancy.';
COMMENT ON COLUMN placement.organisation_id IS 'The provider, as of the unit.';
COMMENT ON COLUMN placement.household_id IS 'For whom.';
COMMENT ON COLUMN placement.requested_by IS 'Organisation that holds it for the household.';
COMMENT ON COLUMN placement.holder_id IS 'Who took the hold.';
COMMENT ON COLUMN placement.state IS 'Stored state; held and offered count as expired once expires_at has passed (view placement_view).';
COMMENT ON COLUMN placement.period IS 'Nights of the stay, [first, last + 1).';
COMMENT ON COLUMN placement.held_at IS 'When the hold was taken.';
COMMENT ON COLUMN placement.expires_at IS 'End of the hold or offer.';
COMMENT ON COLUMN placement.offered_at IS 'When it was put to the provider.';
COMMENT ON COLUMN placement.decided_at IS 'When the provider answered.';
COMMENT ON COLUMN placement.arrived_on IS 'First night really spent.';
COMMENT ON COLUMN placement.departed_on IS 'Day of leaving.';
COMMENT ON COLUMN placement.decline_side IS 'Who declined.';
COMMENT ON COLUMN placement.decline_reason IS 'Coded reason, of the list of that side.';
COMMENT ON COLUMN placement.equality_ground IS 'The decline rests on a protected characteristic.';
COMMENT ON COLUMN placement.equality_exception IS 'The exception of the Equality Act 2010 relied on.';
COMMENT ON COLUMN placement.cancel_reason IS 'Why it was given up.';
COMMENT ON COLUMN placement.non_arrival_reason IS 'Why they did not come.';
COMMENT ON COLUMN placement.departure_reason IS 'Why the stay ended.';
COMMENT ON COLUMN placement.destination IS 'Where they went.';
COMMENT ON COLUMN placement.safe_and_well IS 'Whether they were found safe and well afterwards; NULL is not checked.';
COMMENT ON COLUMN placement.policy_version IS 'Matching policy of the search it came from.';
COMMENT ON COLUMN placement.inputs_hash IS 'Hash of that search''s inputs.';
COMMENT ON COLUMN placement.score IS 'Score of the option in that search.';
COMMENT ON COLUMN placement.household_version IS 'Household''s version then: a decline holds until either changes.';
COMMENT ON COLUMN placement.unit_version IS 'Unit''s version then.';
COMMENT ON COLUMN placement.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN placement.erased IS 'Its household was erased.';
CREATE INDEX placement_unit ON placement (unit_id);
CREATE INDEX placement_vacancy ON placement (vacancy_id);
CREATE INDEX placement_household ON placement (household_id);
CREATE INDEX placement_provider ON placement (organisation_id, id);
CREATE INDEX placement_requester ON placement (requested_by, id);
CREATE UNIQUE INDEX placement_household_once ON placement (household_id) WHERE state IN ('accepted', 'arrived');
CREATE UNIQUE INDEX placement_lived_in ON placement (unit_id) WHERE state = 'arrived';
CREATE INDEX placement_clock ON placement (expires_at) WHERE state IN ('held', 'offered');
-- A placement is made by take_hold() alone, and whose it is never changes: a relation that a worker
-- could invent would open an address.
SELECT guard('placement', 'alone', writes => 'update',
             fixed => '{id,vacancy_id,unit_id,organisation_id,household_id,requested_by,holder_id,held_at,policy_version,inputs_hash,score,household_version,unit_version,erased}',
             proven_by => 'placement_proven', board => true);
CREATE POLICY partners ON placement TO haven_app
    USING (NOT (SELECT is_provider()) AND (SELECT audit.me('role')) NOT IN ('contractor', 'administrator')
           AND organisation_id = ANY ((SELECT my_partners())::uuid[]) AND household_id NOT IN (SELECT hidden_cases()));
CREATE POLICY offered ON placement TO haven_app
    USING ((SELECT is_provider()) AND organisation_id = (SELECT my_organisation()) AND offered_at IS NOT NULL
           AND household_id NOT IN (SELECT hidden_cases()));
CREATE POLICY erased ON placement AS RESTRICTIVE TO haven_app USING (NOT erased);

CREATE FUNCTION case_offered(household uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM placement p
                    WHERE p.household_id = household AND p.organisation_id = my_organisation() AND p.offered_at IS NOT NULL
                      AND (p.state IN ('accepted', 'arrived') OR p.state = 'offered' AND p.expires_at > now()));
END $$;
COMMENT ON FUNCTION case_offered IS 'Whether the household is offered to the organisation of who asks or lives with it.';
GRANT EXECUTE ON FUNCTION case_offered TO haven_app;

CREATE POLICY offered ON household FOR SELECT TO haven_app
    USING ((SELECT is_provider()) AND id <> ALL ((SELECT denied_cases())::uuid[]) AND case_offered(id));
CREATE POLICY offered ON member FOR SELECT TO haven_app
    USING ((SELECT is_provider()) AND household_id <> ALL ((SELECT denied_cases())::uuid[]) AND case_offered(household_id));

CREATE VIEW referral_clock WITH (security_invoker = true) AS
SELECT r.id AS referral_id, r.submitted_at + l.allowed AS due_at,
       least(r.closed_at, r.at_home_at, (SELECT min(p.offered_at) FROM placement p
                                          WHERE p.household_id = r.household_id AND p.offered_at >= r.submitted_at)) AS decided_at
  FROM referral r JOIN household h ON h.id = r.household_id JOIN decision_limit l ON l.urgency = h.urgency;
COMMENT ON VIEW referral_clock IS 'When the first decision on a referral is due and when it was taken: an offer, waiting at home, or its end. Nothing stops this clock.';
GRANT SELECT ON referral_clock TO haven_app;

CREATE FUNCTION placement_now(state placement_state, expires_at timestamptz) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN state IN ('held', 'offered') AND expires_at <= now() THEN 'expired' ELSE state::text END $$;
COMMENT ON FUNCTION placement_now IS 'The state at this moment: right also when no job has run.';
GRANT EXECUTE ON FUNCTION placement_now TO haven_app;

CREATE VIEW placement_view WITH (security_invoker = true) AS
SELECT p.id, placement_now(p.state, p.expires_at) AS state, p.vacancy_id, p.unit_id, u.reference AS unit_reference,
       pr.type, pr.area_label, p.organisation_id, o.name AS provider, p.household_id, case_reference(p.household_id) AS household_reference,
       p.requested_by, r.name AS requester, lower(p.period) AS from_day, upper(p.period) AS until_day,
       utc(p.held_at) AS held_at, utc(p.expires_at) AS expires_at,
       CASE WHEN p.state IN ('held', 'offered') THEN greatest(0, ceil(extract(epoch FROM p.expires_at - now())))::integer END AS seconds_left,
       utc(p.offered_at) AS offered_at, utc(p.decided_at) AS decided_at, p.arrived_on, p.departed_on,
       p.decline_side, p.decline_reason, p.equality_exception, p.cancel_reason, p.non_arrival_reason,
       p.departure_reason, p.destination, p.safe_and_well, p.policy_version, p.inputs_hash, p.score, p.version
  FROM placement p
  JOIN unit u ON u.id = p.unit_id
  JOIN property pr ON pr.id = u.property_id
  JOIN organisation o ON o.id = p.organisation_id
  JOIN organisation r ON r.id = p.requested_by;
COMMENT ON VIEW placement_view IS 'Placements as the service shows them; no address, no name of a person.';
GRANT SELECT ON placement_view TO haven_app;

-- The functions that a hold asks are PL/pgSQL because those keep their plans: one in SQL is planned
-- anew with each statement that calls it.
CREATE FUNCTION free_from(unit uuid, wanted date) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
    in_service date;
    left_on date;
    empty_on date;
BEGIN
    SELECT max(coalesce(v.until_day, 'infinity'::date)) INTO in_service FROM void_period v
     WHERE v.unit_id = unit AND v.from_day <= wanted AND coalesce(v.until_day, 'infinity'::date) > wanted;
    SELECT max(p.departed_on) FILTER (WHERE p.state = 'departed' AND p.departed_on > today() - 100),
           max(coalesce(upper(p.period), 'infinity'::date)) FILTER (WHERE p.state IN ('accepted', 'arrived') AND p.period @> wanted)
      INTO left_on, empty_on FROM placement p WHERE p.unit_id = unit;
    IF left_on IS NOT NULL THEN
        SELECT add_working_days(left_on, pr.turnaround_days) INTO left_on
          FROM unit u JOIN property pr ON pr.id = u.property_id WHERE u.id = unit;
    END IF;
    RETURN greatest(wanted, in_service, left_on, empty_on);
END $$;
COMMENT ON FUNCTION free_from IS 'First day on or after `wanted` on which the unit is in service, cleaned and empty; infinity where nobody knows.';
GRANT EXECUTE ON FUNCTION free_from TO haven_app, haven_board;

-- Whether a place is taken is told to everybody who sees the place, by whom is not: so what follows
-- from placements is asked with the owner's eyes.
CREATE FUNCTION busy_until(vacancy uuid) RETURNS timestamptz LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- a FILTER: as conditions, the greatest would be looked for in the index of all that runs out
    RETURN (SELECT max(p.expires_at) FILTER (WHERE p.state IN ('held', 'offered') AND p.expires_at > now())
              FROM placement p WHERE p.vacancy_id = vacancy);
END $$;
COMMENT ON FUNCTION busy_until IS 'When the hold or offer of a vacancy runs out, or NULL.';
GRANT EXECUTE ON FUNCTION busy_until TO haven_app;

CREATE FUNCTION unit_promised(unit uuid, days daterange) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM placement p WHERE p.unit_id = unit AND p.state IN ('accepted', 'arrived') AND p.period && days);
END $$;
COMMENT ON FUNCTION unit_promised IS 'Whether somebody lives in the unit, or was accepted, on some of the days.';
GRANT EXECUTE ON FUNCTION unit_promised TO haven_app;

CREATE FUNCTION unit_now(unit uuid) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN EXISTS (SELECT FROM void_period v WHERE v.unit_id = unit AND daterange(v.from_day, v.until_day) @> today())
             THEN 'out_of_service'
        WHEN EXISTS (SELECT FROM placement p WHERE p.unit_id = unit AND p.state = 'arrived') THEN 'occupied'
        WHEN EXISTS (SELECT FROM placement p WHERE p.unit_id = unit AND (p.state = 'accepted'
             OR p.state IN ('held', 'offered') AND p.expires_at > now())) THEN 'reserved'
        WHEN EXISTS (SELECT FROM placement p JOIN unit u ON u.id = p.unit_id JOIN property pr ON pr.id = u.property_id
                      WHERE p.unit_id = unit AND p.state = 'departed'
                        AND add_working_days(p.departed_on, pr.turnaround_days) > today()) THEN 'turnaround'
        ELSE 'available' END;
END $$;
COMMENT ON FUNCTION unit_now IS 'The first that is true of out_of_service, occupied, reserved, turnaround, available.';
GRANT EXECUTE ON FUNCTION unit_now TO haven_app;

CREATE VIEW vacancy_state WITH (security_invoker = true) AS
SELECT v.id AS vacancy_id, v.unit_id, v.organisation_id, v.version, v.available_from, v.available_until,
       CASE WHEN v.withdrawn_at IS NOT NULL THEN 'withdrawn'
            WHEN v.taken_at IS NOT NULL THEN 'placed'
            WHEN a.busy_until IS NOT NULL THEN 'held'
            WHEN v.confirmed_at <= now() - interval '72 hours' THEN 'lapsed'
            ELSE 'open' END AS state,
       a.busy_until
  FROM vacancy v CROSS JOIN LATERAL (SELECT busy_until(v.id)) a;
COMMENT ON VIEW vacancy_state IS 'What a vacancy is at this moment.';
GRANT SELECT ON vacancy_state TO haven_app;

CREATE VIEW unit_state WITH (security_invoker = true) AS SELECT u.id AS unit_id, unit_now(u.id) AS state FROM unit u;
COMMENT ON VIEW unit_state IS 'What a unit is at this moment.';
GRANT SELECT ON unit_state TO haven_app;

-- The two below return rows because such functions become part of the statement that asks them.
CREATE FUNCTION unsafe_here(household uuid, in_district outward_code) RETURNS SETOF unsafe_place
LANGUAGE sql STABLE AS $$
    SELECT s.* FROM unsafe_place s LEFT JOIN district d ON d.code = in_district
     WHERE s.household_id = household AND s.ended_at IS NULL
       AND (coalesce(s.outward_code, split_part(s.sector, ' ', 1)) = in_district
            OR EXISTS (SELECT FROM district_neighbour n
                        WHERE n.district = coalesce(s.outward_code, split_part(s.sector, ' ', 1)) AND n.neighbour = in_district)
            OR (2 * s.cell_east - d.east_km) ^ 2 + (2 * s.cell_north - d.north_km) ^ 2
               <= (2 * s.radius_cells + d.reach_km) ^ 2)
$$;
COMMENT ON FUNCTION unsafe_here IS 'The unsafe areas of the household that a place lies in, or next to; a sector or a circle counts for whole districts, so that no finer place can be told from the answer.';
GRANT EXECUTE ON FUNCTION unsafe_here TO haven_app;

CREATE FUNCTION linked_parties(household uuid, of_property uuid) RETURNS SETOF property_party LANGUAGE sql STABLE AS $$
    SELECT pp.* FROM person_index i JOIN property_party pp ON pp.hash = i.hash
     WHERE i.household_id = household AND pp.property_id = of_property
$$;
COMMENT ON FUNCTION linked_parties IS 'People linked to the property who are in the case too (keyed-hash match).';

-- The hard rules that concern life and limb, asked again under the lock: the board proposes, the
-- database decides. Unknown facts never refuse.
CREATE FUNCTION safety_refusal(household uuid, of_unit uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
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
                        bool_or(sex = 'male') FILTER (WHERE adult) AS men, bool_or(sex = 'female') FILTER (WHERE adult) AS women
                   FROM (SELECT *, kind <> 'child' AND gender_identity IN ('same_as_sex', 'not_asked', 'not_known', 'prefers_not_to_say') AS adult
                           FROM member) one
                  WHERE household_id = household AND ended_at IS NULL) m
     WHERE u.id = of_unit);
END $$;
COMMENT ON FUNCTION safety_refusal IS 'Code of the safety rule that forbids this household this unit, or NULL.';

-- Some thirty statements run for a hold, and setting one up costs more than running it: so rows are
-- read one table at a time (a join carries every column of its tables), and asked for together where
-- one statement can.
CREATE FUNCTION take_hold(item jsonb, OUT outcome text, OUT id uuid, OUT body text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    asker uuid := audit.me('organisation')::uuid;
    holder uuid := audit.me('account')::uuid;
    place record;
    home record;
    ours uuid; -- the partnership
    first_night date;
    last_day date; -- the stay ends before it; NULL is open-ended
    unit_now integer;
    lapsed boolean;
BEGIN
    -- look, before any lock: most losers leave here
    SELECT s.* INTO place FROM vacancy_state s WHERE s.vacancy_id = (item ->> 'vacancy_id')::uuid;
    SELECT h.id, h.organisation_id, h.version, h.closed_at, h.waiting_since, h.want_from, h.want_until
      INTO home FROM household h WHERE h.id = (item ->> 'household_id')::uuid AND h.erased_at IS NULL;
    SELECT o.partnership_id INTO ours FROM organisation o WHERE o.id = asker;
    IF case_hidden(home.id, holder) THEN
        home.id := NULL;
    END IF;
    first_night := greatest(home.want_from, place.available_from, today());
    last_day := least(home.want_until, place.available_until);
    outcome := CASE WHEN home.id IS NULL THEN 'no_household'
                    WHEN place.vacancy_id IS NULL
                      OR place.organisation_id <> asker AND ours <> (SELECT o.partnership_id FROM organisation o WHERE o.id = place.organisation_id)
                      OR home.organisation_id <> asker AND ours <> (SELECT o.partnership_id FROM organisation o WHERE o.id = home.organisation_id)
                         THEN 'no_vacancy'
                    WHEN place.state <> 'open' THEN 'not_open'
                    WHEN home.closed_at IS NOT NULL THEN 'household_closed'
                    WHEN home.waiting_since IS NULL THEN 'household_draft'
                    WHEN last_day <= first_night THEN 'outside_period'
                    WHEN place.version <> (item ->> 'vacancy_version')::integer THEN 'changed' END;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    -- lock the unit, then ask again; who should have left but is not known to have does live there
    SELECT u.version INTO unit_now FROM unit u WHERE u.id = place.unit_id FOR NO KEY UPDATE;
    SELECT CASE WHEN s.state <> 'open' THEN 'not_open'
                WHEN EXISTS (SELECT FROM placement p WHERE p.unit_id = place.unit_id AND p.state IN ('held', 'offered', 'accepted', 'arrived')
                                AND p.period && daterange(first_night, last_day)
                                AND (p.state IN ('accepted', 'arrived') OR p.expires_at > now())) THEN 'not_open'
                WHEN free_from(place.unit_id, first_night) > first_night THEN 'not_free_yet'
                WHEN first_night <= today()
                     AND EXISTS (SELECT FROM placement p WHERE p.unit_id = place.unit_id AND p.state = 'arrived') THEN 'not_free_yet'
                WHEN EXISTS (SELECT FROM placement p WHERE p.household_id = home.id AND p.state IN ('accepted', 'arrived'))
                     THEN 'household_placed'
                ELSE safety_refusal(home.id, place.unit_id) END,
           EXISTS (SELECT FROM placement p WHERE p.unit_id = place.unit_id AND p.state IN ('held', 'offered') AND p.expires_at <= now())
      INTO outcome, lapsed
      FROM vacancy_state s WHERE s.vacancy_id = place.vacancy_id;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    IF lapsed THEN
        UPDATE placement p SET state = 'expired', version = p.version + 1
         WHERE p.unit_id = place.unit_id AND p.state IN ('held', 'offered') AND p.expires_at <= now();
    END IF;
    INSERT INTO placement AS p (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, period, expires_at,
                                policy_version, inputs_hash, score, household_version, unit_version)
    VALUES (place.vacancy_id, place.unit_id, place.organisation_id, home.id, asker, holder, daterange(first_night, last_day),
            now() + make_interval(mins => (item ->> 'minutes')::integer),
            item ->> 'policy_version', item ->> 'inputs_hash', (item ->> 'score')::integer, home.version, unit_now)
    RETURNING p.id INTO take_hold.id;
    outcome := 'held';
    SELECT row_to_json(v)::text INTO body FROM placement_view v WHERE v.id = take_hold.id;
END $$;
COMMENT ON FUNCTION take_hold IS 'Holds a vacancy for a household: look, lock the unit, ask again, insert. outcome is held, or why not.';

-- Indexes only, for all that it calls: see begin_request.
CREATE FUNCTION hold_many(items jsonb) RETURNS TABLE (ord integer, outcome text, id uuid, body text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    i record;
    held record;
    hash bytea;
    me uuid;
    its_key text;
    again boolean;
BEGIN
    -- units are locked in one order by everybody, so two groups never dead-lock
    FOR i IN SELECT n::integer AS n, value AS item FROM jsonb_array_elements(items) WITH ORDINALITY e(value, n)
              ORDER BY (SELECT v.unit_id FROM vacancy v WHERE v.id = (value ->> 'vacancy_id')::uuid), n
    LOOP
        ord := i.n;
        its_key := i.item ->> 'key';
        hash := decode(i.item ->> 'hash', 'hex');
        me := open_request(decode(i.item ->> 'token', 'hex'), i.item ->> 'request');
        -- a repeat waits for the first, and gets its answer here: as an error it would undo the group
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
        -- what was refused may be asked again: nothing happened
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
COMMENT ON FUNCTION hold_many IS 'Holds asked for together, by different people, in one commit: each item carries its person''s session and is checked for itself.';
GRANT EXECUTE ON FUNCTION hold_many TO haven_app;

-- What an act on a placement means to the unit, the household and its referral, which not everybody may
-- touch who acts: a provider's acceptance ends the household's offers at other providers.

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
COMMENT ON FUNCTION lock_placement IS 'Locks the unit, then the household of a placement of the partnership: first of every act on it.';
GRANT EXECUTE ON FUNCTION lock_placement TO haven_app;

CREATE FUNCTION settle_accepted(it placement) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE placement SET state = 'cancelled', cancel_reason = 'other_offer_accepted', version = version + 1
     WHERE household_id = it.household_id AND id <> it.id AND state IN ('held', 'offered') AND expires_at > now();
    UPDATE vacancy SET taken_at = now(), version = version + 1 WHERE id = it.vacancy_id AND taken_at IS NULL;
    UPDATE referral SET state = 'placed', version = version + 1
     WHERE household_id = it.household_id AND state NOT IN ('placed', 'closed');
END $$;
COMMENT ON FUNCTION settle_accepted IS 'The household''s other holds and offers end, the vacancy is taken, the referral placed.';

CREATE FUNCTION settle_given_back(it placement) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- unless the provider offers those nights anew already
    UPDATE vacancy v SET taken_at = NULL, version = version + 1
     WHERE v.id = it.vacancy_id AND v.taken_at IS NOT NULL
       AND NOT EXISTS (SELECT FROM placement p WHERE p.vacancy_id = v.id AND p.state IN ('accepted', 'arrived', 'departed'))
       AND NOT EXISTS (SELECT FROM vacancy o WHERE o.unit_id = v.unit_id AND o.id <> v.id AND o.withdrawn_at IS NULL AND o.taken_at IS NULL
                          AND daterange(o.available_from, o.available_until) && daterange(v.available_from, v.available_until));
    UPDATE referral r SET state = 'active', version = version + 1
     WHERE r.household_id = it.household_id AND r.state = 'placed'
       AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = r.household_id AND p.state IN ('accepted', 'arrived'));
END $$;
COMMENT ON FUNCTION settle_given_back IS 'The place is open to others again, and the household waits again.';

CREATE FUNCTION settle_departed(it placement) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    again boolean := it.departure_reason IN ('asked_to_leave', 'safety', 'transfer') OR it.destination = 'interim';
BEGIN
    UPDATE referral SET state = CASE WHEN again THEN 'active' ELSE 'closed' END, closed_at = CASE WHEN again THEN NULL ELSE now() END,
           version = version + 1
     WHERE household_id = it.household_id AND state = 'placed';
    UPDATE household h SET closed_at = now(), version = version + 1
     WHERE h.id = it.household_id AND h.closed_at IS NULL
       AND NOT EXISTS (SELECT FROM referral r WHERE r.household_id = h.id AND r.state <> 'closed')
       AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = h.id AND p.state IN ('accepted', 'arrived'));
END $$;
COMMENT ON FUNCTION settle_departed IS 'Who had to leave still needs a place; for the others the case ends.';

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
COMMENT ON FUNCTION settle_placement IS 'What follows from the state that an act has just given a placement.';
GRANT EXECUTE ON FUNCTION settle_placement TO haven_app;
