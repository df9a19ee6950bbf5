-- Placements from hold to departure, and what a unit and a vacancy are now.

CREATE FUNCTION may_write_placement(provider uuid, requester uuid, household uuid, entering boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND NOT case_hidden(household, audit.me('account')::uuid)
       AND coalesce(is_provider() AND my_organisation() = provider
                    OR NOT entering AND may_place() AND my_organisation() = requester, false);
END $$;
COMMENT ON FUNCTION may_write_placement IS
    'Whether the caller is proven and of one of the placement''s two sides; for an acceptance or an arrival, of the '
    'provider''s.';
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
            OR inside AND (NEW.decided_at IS DISTINCT FROM OLD.decided_at OR OLD.arrived_on IS NOT NULL
                           AND NEW.arrived_on IS DISTINCT FROM OLD.arrived_on)) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION placement_proven IS
    'Each of the two sides acts for itself, and the provider''s side accepts. The days that decide how long an '
    'address is shown are not set again.';

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
    CONSTRAINT placement_declined
        CHECK ((state = 'declined') = (decline_side IS NOT NULL AND decline_reason IS NOT NULL)),
    CONSTRAINT placement_equality CHECK (equality_ground IS NOT TRUE OR equality_exception IS NOT NULL),
    CONSTRAINT placement_cancelled CHECK ((state = 'cancelled') = (cancel_reason IS NOT NULL)),
    CONSTRAINT placement_not_arrived CHECK ((state = 'not_arrived') = (non_arrival_reason IS NOT NULL)),
    CONSTRAINT placement_departed
        CHECK ((state = 'departed') = (departed_on IS NOT NULL AND departure_reason IS NOT NULL
                                       AND destination IS NOT NULL))
) WITH (fillfactor = 80, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE placement IS
    'A place taken for a household, from hold to departure. A constraint allows one active placement for a unit and '
    'period.';
COMMENT ON COLUMN placement.id IS 'Identity.';
COMMENT ON COLUMN placement.vacancy_id IS 'The vacancy that was taken.';
COMMENT ON COLUMN placement.unit_id IS 'The unit, as of the vacancy.';
COMMENT ON COLUMN placement.organisation_id IS 'The provider, as of the unit.';
COMMENT ON COLUMN placement.household_id IS 'The household.';
COMMENT ON COLUMN placement.requested_by IS 'The organisation that holds it for the household.';
COMMENT ON COLUMN placement.holder_id IS 'The person who took the hold.';
COMMENT ON COLUMN placement.state IS
    'Stored state; held and offered count as expired once expires_at has passed (view placement_view).';
COMMENT ON COLUMN placement.period IS 'Nights of the stay, [first, last + 1).';
COMMENT ON COLUMN placement.held_at IS 'When the hold was taken.';
COMMENT ON COLUMN placement.expires_at IS 'End of the hold or offer.';
COMMENT ON COLUMN placement.offered_at IS 'When it was offered to the provider.';
COMMENT ON COLUMN placement.decided_at IS 'When the provider answered.';
COMMENT ON COLUMN placement.arrived_on IS 'First night that the household spent there.';
COMMENT ON COLUMN placement.departed_on IS 'Day of leaving.';
COMMENT ON COLUMN placement.decline_side IS 'The side that declined.';
COMMENT ON COLUMN placement.decline_reason IS 'Coded reason, from the list of that side.';
COMMENT ON COLUMN placement.equality_ground IS 'The decline rests on a protected characteristic.';
COMMENT ON COLUMN placement.equality_exception IS 'The exception of the Equality Act 2010 relied on.';
COMMENT ON COLUMN placement.cancel_reason IS 'Why it was cancelled.';
COMMENT ON COLUMN placement.non_arrival_reason IS 'Why the household did not come.';
COMMENT ON COLUMN placement.departure_reason IS 'Why the stay ended.';
COMMENT ON COLUMN placement.destination IS 'Where the household went.';
COMMENT ON COLUMN placement.safe_and_well IS
    'Whether the household was found safe and well afterwards; NULL is not checked.';
COMMENT ON COLUMN placement.policy_version IS 'Matching policy of the search that led to it.';
COMMENT ON COLUMN placement.inputs_hash IS 'Hash of that search''s inputs.';
COMMENT ON COLUMN placement.score IS 'Score of the option in that search.';
COMMENT ON COLUMN placement.household_version IS
    'The household''s version at that time: a decline holds until household or unit changes.';
COMMENT ON COLUMN placement.unit_version IS 'The unit''s version at that time.';
COMMENT ON COLUMN placement.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN placement.erased IS 'Its household was erased.';
CREATE INDEX placement_unit ON placement (unit_id, departed_on);
CREATE INDEX placement_vacancy ON placement (vacancy_id);
CREATE INDEX placement_household ON placement (household_id);
CREATE INDEX placement_listed ON placement (organisation_id, held_at, id);
CREATE INDEX placement_listed_state ON placement (organisation_id, state, held_at, id);
CREATE INDEX placement_decided ON placement (decided_at) INCLUDE (organisation_id, offered_at)
    WHERE decided_at IS NOT NULL AND offered_at IS NOT NULL;
CREATE UNIQUE INDEX placement_household_once ON placement (household_id) WHERE state IN ('accepted', 'arrived');
CREATE UNIQUE INDEX placement_lived_in ON placement (unit_id) WHERE state = 'arrived';
CREATE INDEX placement_clock ON placement (expires_at) WHERE state IN ('held', 'offered');
-- Only the owner's functions make a placement, and its household, unit and organisations never change: a worker that
-- could invent such a relation could open an address.
SELECT guard('placement', 'alone', writes => 'update',
             fixed => '{id,vacancy_id,unit_id,organisation_id,household_id,requested_by,holder_id,held_at,
                        policy_version,inputs_hash,score,household_version,unit_version,erased}',
             erase => 'facts', erased => '{"erased": "true"}', proven_by => 'placement_proven', board => true);
CREATE POLICY partners ON placement TO haven_app
    USING ((SELECT sees_placements()) AND NOT (SELECT is_provider())
           AND organisation_id IN (SELECT unnest(my_partners())) AND household_id NOT IN (SELECT hidden_cases()));
CREATE POLICY offered ON placement TO haven_app
    USING ((SELECT is_provider()) AND organisation_id = (SELECT my_organisation()) AND offered_at IS NOT NULL
           AND household_id NOT IN (SELECT hidden_cases()));
CREATE POLICY erased ON placement AS RESTRICTIVE TO haven_app USING (NOT erased);

CREATE FUNCTION case_offered(household uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM placement p
                    WHERE p.household_id = household AND p.organisation_id = my_organisation()
                      AND p.offered_at IS NOT NULL
                      AND (p.state IN ('accepted', 'arrived') OR p.state = 'offered' AND p.expires_at > now()));
END $$;
COMMENT ON FUNCTION case_offered IS 'Whether the household is offered to the caller''s organisation or lives with it.';
GRANT EXECUTE ON FUNCTION case_offered TO haven_app;

CREATE POLICY offered ON household FOR SELECT TO haven_app
    USING ((SELECT is_provider()) AND id <> ALL ((SELECT denied_cases())::uuid[]) AND case_offered(id));
CREATE POLICY offered ON member FOR SELECT TO haven_app
    USING ((SELECT is_provider()) AND household_id <> ALL ((SELECT denied_cases())::uuid[])
           AND case_offered(household_id));

CREATE VIEW referral_clock WITH (security_invoker = true) AS
SELECT r.id AS referral_id, r.submitted_at + l.allowed AS due_at,
       least(r.closed_at, r.at_home_at, (SELECT min(p.offered_at) FROM placement p
                                          WHERE p.household_id = r.household_id
                                            AND p.offered_at >= r.submitted_at)) AS decided_at
  FROM referral r JOIN household h ON h.id = r.household_id JOIN decision_limit l ON l.urgency = h.urgency;
COMMENT ON VIEW referral_clock IS
    'When the first decision on a referral is due, and when it was taken: by an offer, by waiting at home, or by '
    'closing. Nothing stops this clock.';
GRANT SELECT ON referral_clock TO haven_app;

CREATE VIEW referral_view WITH (security_invoker = true) AS
SELECT r.id, r.household_id, h.reference AS household_reference, r.organisation_id, r.state,
       r.earlier_id IS NOT NULL AS repeat, r.earlier_id AS earlier_referral_id, h.urgency, h.risk_level, r.source,
       r.out_of_hours, r.close_reason, utc(r.submitted_at) AS submitted_at, utc(k.due_at) AS decision_due_at,
       utc(k.decided_at) AS decided_at, k.decided_at IS NULL AND coalesce(k.due_at < now(), false) AS overdue,
       utc(r.triaged_at) AS triaged_at, to_json(r.plan_measures) AS plan_measures, r.plan_review_on,
       r.standing_search, utc(r.closed_at) AS closed_at, r.version, utc(r.created_at) AS created_at
  FROM referral r
  JOIN household h ON h.id = r.household_id
  JOIN referral_clock k ON k.referral_id = r.id;
COMMENT ON VIEW referral_view IS 'Referrals as the service shows them, with their clock.';
GRANT SELECT ON referral_view TO haven_app;

CREATE FUNCTION placement_now(state placement_state, expires_at timestamptz) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN state IN ('held', 'offered') AND expires_at <= now() THEN 'expired' ELSE state::text END $$;
COMMENT ON FUNCTION placement_now IS 'The state at this moment, also while no job has run.';
GRANT EXECUTE ON FUNCTION placement_now TO haven_app;

CREATE VIEW placement_view WITH (security_invoker = true) AS
SELECT p.id, placement_now(p.state, p.expires_at) AS state, p.vacancy_id, p.unit_id, u.reference AS unit_reference,
       pr.type, pr.area_label, p.organisation_id, o.name AS provider, p.household_id,
       case_reference(p.household_id) AS household_reference,
       p.requested_by, r.name AS requester, lower(p.period) AS from_day, upper(p.period) AS until_day,
       utc(p.held_at) AS held_at, utc(p.expires_at) AS expires_at,
       CASE WHEN p.state IN ('held', 'offered')
           THEN greatest(0, ceil(extract(epoch FROM p.expires_at - now())))::integer END AS seconds_left,
       utc(p.offered_at) AS offered_at, utc(p.decided_at) AS decided_at, p.arrived_on, p.departed_on,
       p.decline_side, p.decline_reason, p.equality_exception, p.cancel_reason, p.non_arrival_reason,
       p.departure_reason, p.destination, p.safe_and_well, p.policy_version, p.inputs_hash, p.score, p.version
  FROM placement p
  JOIN unit u ON u.id = p.unit_id
  JOIN property pr ON pr.id = u.property_id
  JOIN organisation o ON o.id = p.organisation_id
  JOIN organisation r ON r.id = p.requested_by;
COMMENT ON VIEW placement_view IS 'Placements as the service shows them, without an address or a person''s name.';
GRANT SELECT ON placement_view TO haven_app;

-- The functions that a hold calls are PL/pgSQL because that keeps their plans: an SQL function is planned anew
-- with each statement that calls it.
CREATE FUNCTION free_from(unit uuid, wanted date) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
    in_service date;
    left_on date;
    empty_on date;
BEGIN
    SELECT max(coalesce(v.until_day, 'infinity'::date)) INTO in_service FROM void_period v
     WHERE v.unit_id = unit AND v.from_day <= wanted AND coalesce(v.until_day, 'infinity'::date) > wanted;
    SELECT max(p.departed_on) FILTER (WHERE p.state = 'departed' AND p.departed_on > today() - 100),
           max(coalesce(upper(p.period), 'infinity'::date)) FILTER (WHERE p.state IN ('accepted', 'arrived')
                   AND p.period @> wanted)
      INTO left_on, empty_on FROM placement p WHERE p.unit_id = unit;
    IF left_on IS NOT NULL THEN
        SELECT add_working_days(left_on, pr.turnaround_days) INTO left_on
          FROM unit u JOIN property pr ON pr.id = u.property_id WHERE u.id = unit;
    END IF;
    RETURN greatest(wanted, in_service, left_on, empty_on);
END $$;
COMMENT ON FUNCTION free_from IS
    'First day on or after `wanted` on which the unit is in service, cleaned and empty; infinity where that is not '
    'known.';
GRANT EXECUTE ON FUNCTION free_from TO haven_app, haven_board;

-- Everyone who can see a place may know that it is taken, but not by whom. These functions therefore run as
-- the owner.
CREATE FUNCTION busy_until(vacancy uuid) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- in a FILTER: as WHERE conditions they would make the planner search the index of all expiry times
    RETURN (SELECT max(p.expires_at) FILTER (WHERE p.state IN ('held', 'offered') AND p.expires_at > now())
              FROM placement p WHERE p.vacancy_id = vacancy);
END $$;
COMMENT ON FUNCTION busy_until IS 'When the hold or offer of a vacancy ends, or NULL.';
GRANT EXECUTE ON FUNCTION busy_until TO haven_app;

CREATE FUNCTION unit_promised(unit uuid, days daterange) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM placement p
                    WHERE p.unit_id = unit AND p.state IN ('accepted', 'arrived') AND p.period && days);
END $$;
COMMENT ON FUNCTION unit_promised IS
    'Whether a household lives in the unit, or was accepted for it, on any of the days.';
GRANT EXECUTE ON FUNCTION unit_promised TO haven_app;

CREATE FUNCTION unit_now(unit uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
COMMENT ON FUNCTION unit_now IS 'The first that holds of out_of_service, occupied, reserved, turnaround, available.';
GRANT EXECUTE ON FUNCTION unit_now TO haven_app;

CREATE VIEW vacancy_state WITH (security_invoker = true) AS
SELECT n.*, n.confirmed_at <= now() - (SELECT y.stale FROM policy y WHERE y.id = 1)
            AND n.state IN ('open', 'lapsed', 'held') AS stale
  FROM (SELECT v.id AS vacancy_id, v.unit_id, v.organisation_id, v.version, v.available_from, v.available_until,
               CASE WHEN v.withdrawn_at IS NOT NULL THEN 'withdrawn'
                    WHEN v.taken_at IS NOT NULL THEN 'placed'
                    WHEN a.busy_until IS NOT NULL THEN 'held'
                    WHEN v.confirmed_at <= now() - (SELECT y.lapse FROM policy y WHERE y.id = 1) THEN 'lapsed'
                    ELSE 'open' END AS state,
               a.busy_until, v.confirmed_at
          FROM vacancy v CROSS JOIN LATERAL (SELECT busy_until(v.id)) a) n;
COMMENT ON VIEW vacancy_state IS 'The state of a vacancy at this moment, and whether it should be confirmed again.';
GRANT SELECT ON vacancy_state TO haven_app;

CREATE VIEW unit_state WITH (security_invoker = true) AS SELECT u.id AS unit_id, unit_now(u.id) AS state FROM unit u;
COMMENT ON VIEW unit_state IS 'What a unit is at this moment.';
GRANT SELECT ON unit_state TO haven_app;

CREATE VIEW unit_view WITH (security_invoker = true) AS
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
       utc(u.created_at) AS created_at
  FROM unit u
  JOIN property p ON p.id = u.property_id
  JOIN organisation o ON o.id = u.organisation_id;
COMMENT ON VIEW unit_view IS
    'Units as the service shows them. Only the provider sees the risks of the residents beside one.';
GRANT SELECT ON unit_view TO haven_app;

CREATE VIEW vacancy_view WITH (security_invoker = true) AS
SELECT v.id, v.unit_id, u.reference AS unit_reference, u.property_id, p.type, p.area_label, v.organisation_id,
       o.name AS provider, v.available_from, v.available_until, s.state, s.stale,
       utc(v.confirmed_at) AS confirmed_at,
       utc(v.confirmed_at + (SELECT y.lapse FROM policy y WHERE y.id = 1)) AS lapses_at,
       utc(s.busy_until) AS held_until, (SELECT pl.id FROM placement pl
         WHERE pl.vacancy_id = v.id AND v.organisation_id = my_organisation()
           AND placement_now(pl.state, pl.expires_at) IN ('held', 'offered', 'accepted', 'arrived')
         ORDER BY pl.held_at DESC LIMIT 1) AS placement_id,
       utc(v.withdrawn_at) AS withdrawn_at, v.withdraw_reason, v.version, utc(v.created_at) AS created_at
  FROM vacancy v
  JOIN unit u ON u.id = v.unit_id
  JOIN property p ON p.id = u.property_id
  JOIN organisation o ON o.id = v.organisation_id
  JOIN vacancy_state s ON s.vacancy_id = v.id;
COMMENT ON VIEW vacancy_view IS
    'Vacancies as the service shows them. Only the provider sees the placement that has one.';
GRANT SELECT ON vacancy_view TO haven_app;
