-- The nights of a stay are worked out in one place: for the hold, and for what a void withdraws.

CREATE FUNCTION stay_nights(first date, want_from date, want_until date, shortest integer, usual integer)
RETURNS daterange LANGUAGE sql IMMUTABLE AS $$
    SELECT daterange(first, CASE WHEN want_until > first THEN want_until
        ELSE first + greatest(1, coalesce(shortest, want_until - want_from, usual)) END)
$$;
COMMENT ON FUNCTION stay_nights IS
    'The nights of a stay that begins on a day, as stay_from() of match/match.h has them: to the day of leaving that '
    'the household wants, else of the shortest length that is of use to it, else of the usual one of the policy.';
GRANT EXECUTE ON FUNCTION stay_nights TO haven_app;

CREATE OR REPLACE FUNCTION nights_needed(it placement) RETURNS daterange LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN upper(it.period) IS NOT NULL THEN it.period
        ELSE stay_nights(lower(it.period), NULL, NULL, h.shortest_stay_days, y.usual_stay_days) END
      FROM household h, policy y WHERE h.id = it.household_id
$$;
COMMENT ON FUNCTION nights_needed IS 'The nights of a stay; of one without an end, the shortest that is of use.';

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
        attempt.stay := stay_nights(attempt.first_night, home.want_from, home.want_until, home.shortest_stay_days,
                                    rules.usual_stay_days);
    END IF;
END $$;
