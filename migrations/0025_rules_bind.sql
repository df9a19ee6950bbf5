-- Rules bind the hold: five refuse under the lock; of the others the worker hands over the reasons for
-- going against those that failed by its board.

CREATE DOMAIN against_reason AS text CHECK (VALUE IN ('agreed_with_provider', 'funding_being_arranged',
    'equipment_being_arranged', 'assessed_as_safe', 'no_other_place_tonight', 'home_not_safe_meanwhile',
    'wants_to_leave_now', 'works_not_possible'));
COMMENT ON DOMAIN against_reason IS 'Why a place is taken though a rule stands against it.';

ALTER TABLE placement ADD COLUMN against jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN placement.against IS
    'The rules that stood against the hold, each with the reason for going against it: [{n, rule, detail, reason}].';

CREATE OR REPLACE VIEW placement_view WITH (security_invoker = true) AS
SELECT p.id, placement_now(p.state, p.expires_at) AS state, p.vacancy_id, p.unit_id, u.reference AS unit_reference,
       pr.type, pr.area_label, p.organisation_id, o.name AS provider, p.household_id,
       case_reference(p.household_id) AS household_reference,
       p.requested_by, r.name AS requester, lower(p.period) AS from_day, upper(p.period) AS until_day,
       utc(p.held_at) AS held_at, utc(p.expires_at) AS expires_at,
       CASE WHEN p.state IN ('held', 'offered')
           THEN greatest(0, ceil(extract(epoch FROM p.expires_at - now())))::integer END AS seconds_left,
       utc(p.offered_at) AS offered_at, utc(p.decided_at) AS decided_at, p.arrived_on, p.departed_on,
       p.decline_side, p.decline_reason, p.equality_exception, p.cancel_reason, p.non_arrival_reason,
       p.departure_reason, p.destination, p.safe_and_well, p.policy_version, p.inputs_hash, p.score, p.version,
       p.against
  FROM placement p
  JOIN unit u ON u.id = p.unit_id
  JOIN property pr ON pr.id = u.property_id
  JOIN organisation o ON o.id = p.organisation_id
  JOIN organisation r ON r.id = p.requested_by;

-- Check before any lock: most attempts that fail end here.
CREATE OR REPLACE FUNCTION check_hold(item jsonb, OUT outcome hold_outcome, OUT attempt hold_attempt)
LANGUAGE plpgsql AS $$
DECLARE
    place record;
    home record;
    rules policy;
    last_day date; -- the stay ends before it; NULL is open-ended
BEGIN
    SELECT s.vacancy_id, s.unit_id, s.organisation_id, s.version, s.available_from, s.available_until, s.state
      INTO place FROM vacancy_state s WHERE s.vacancy_id = (item ->> 'vacancy_id')::uuid;
    SELECT h.id, h.organisation_id, h.version, h.closed_at, h.waiting_since, h.want_from, h.want_until,
           h.shortest_stay_days
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
        WHEN NOT works_on(home.id) THEN 'read_only'
        WHEN place.state <> 'open' THEN 'not_open'
        WHEN home.closed_at IS NOT NULL THEN 'household_closed'
        WHEN home.waiting_since IS NULL THEN 'household_draft'
        WHEN last_day <= attempt.first_night THEN 'outside_period'
        WHEN place.version <> (item ->> 'vacancy_version')::integer THEN 'changed' END;
    IF outcome IS NULL THEN
        attempt.nights := daterange(attempt.first_night, last_day);
        -- match/match.h: stay_from()
        attempt.stay := daterange(attempt.first_night, CASE WHEN home.want_until > attempt.first_night
            THEN home.want_until ELSE attempt.first_night + greatest(1, coalesce(home.shortest_stay_days,
                home.want_until - home.want_from, rules.usual_stay_days)) END);
    END IF;
END $$;
COMMENT ON FUNCTION check_hold IS 'Why the hold cannot be, as far as that shows without a lock; NULL where it may be.';

CREATE OR REPLACE FUNCTION take_hold(item jsonb, OUT outcome hold_outcome, OUT id uuid, OUT body text)
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
        IF outcome = 'not_suitable' THEN
            PERFORM count_probe(audit.me('account')::uuid, a.household_id, 'area_probing', false);
        END IF;
        RETURN;
    END IF;
    IF locked.expired THEN
        UPDATE placement p SET state = 'expired', version = p.version + 1
         WHERE p.unit_id = a.unit_id AND p.state IN ('held', 'offered') AND p.expires_at <= now();
    END IF;
    INSERT INTO placement AS p (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, period,
                                expires_at, policy_version, inputs_hash, score, against, household_version,
                                unit_version)
    VALUES (a.vacancy_id, a.unit_id, a.organisation_id, a.household_id,
            (SELECT h.organisation_id FROM household h WHERE h.id = a.household_id), audit.me('account')::uuid,
            a.nights, now() + make_interval(mins => a.minutes), item ->> 'policy_version', item ->> 'inputs_hash',
            (item ->> 'score')::integer, coalesce(item -> 'against', '[]'), a.household_version, version_of_unit)
    RETURNING p.id INTO take_hold.id;
    outcome := 'held';
    SELECT row_to_json(v)::text INTO body FROM placement_view v WHERE v.id = take_hold.id;
END $$;
