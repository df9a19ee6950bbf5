-- What a hold costs must not grow with the history of a unit: of the placements of a unit it reads those that are
-- held, offered, accepted or lived in, and for the turnaround the last departure, each by an index.

CREATE INDEX placement_live ON placement (unit_id) WHERE state IN ('held', 'offered', 'accepted', 'arrived');

CREATE OR REPLACE FUNCTION free_from(unit uuid, wanted date) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
    in_service date;
    left_on date;
    empty_on date;
BEGIN
    SELECT max(coalesce(v.until_day, 'infinity'::date)) INTO in_service FROM void_period v
     WHERE v.unit_id = unit AND v.from_day <= wanted AND coalesce(v.until_day, 'infinity'::date) > wanted;
    SELECT (SELECT p.departed_on FROM placement p
             WHERE p.unit_id = unit AND p.departed_on > today() - 100 AND p.state = 'departed'
             ORDER BY p.departed_on DESC LIMIT 1),
           (SELECT max(coalesce(upper(p.period), 'infinity'::date)) FILTER (WHERE p.period @> wanted) FROM placement p
             WHERE p.unit_id = unit AND p.state IN ('accepted', 'arrived'))
      INTO left_on, empty_on;
    IF left_on IS NOT NULL THEN
        SELECT add_working_days(left_on, pr.turnaround_days) INTO left_on
          FROM unit u JOIN property pr ON pr.id = u.property_id WHERE u.id = unit;
    END IF;
    RETURN greatest(wanted, in_service, left_on, empty_on);
END $$;

CREATE OR REPLACE FUNCTION check_hold_locked(a hold_attempt, item jsonb, OUT outcome hold_outcome,
                                             OUT unit_version integer,
                                             OUT expired boolean)
LANGUAGE plpgsql AS $$
DECLARE
    seen record;
BEGIN
    SELECT v.withdrawn_at IS NOT NULL OR v.taken_at IS NOT NULL OR v.confirmed_at <= now() - y.lapse AS gone,
           v.version = (item ->> 'judged_version')::integer AND y.digest = item ->> 'policy_digest'
           AND u.version + p.version = (item ->> 'place_version')::integer
           AND h.version = (item ->> 'household_version')::integer AS judged_as_is,
           u.version, t.*, n.*,
           EXISTS (SELECT FROM placement s WHERE s.household_id = a.household_id AND s.state IN ('accepted', 'arrived'))
               AS placed,
           EXISTS (SELECT FROM placement d WHERE d.unit_id = u.id AND d.departed_on > today() - 100) AS left_lately
      INTO seen
      FROM policy y, vacancy v, household h, unit u JOIN property p ON p.id = u.property_id
     CROSS JOIN LATERAL (
           SELECT bool_or(s.state IN ('held', 'offered') AND s.expires_at > now()
                          AND (s.vacancy_id = a.vacancy_id OR s.period && a.nights)
                          OR s.state IN ('accepted', 'arrived') AND s.period && a.nights) AS taken,
                  bool_or(s.state = 'arrived') AS lived_in,
                  bool_or(s.state IN ('accepted', 'arrived') AND s.period @> a.first_night) AS lived_in_then,
                  bool_or(s.state IN ('held', 'offered') AND s.expires_at <= now()) AS expired
             FROM placement s
            WHERE s.unit_id = u.id AND s.state IN ('held', 'offered', 'accepted', 'arrived')) t
     CROSS JOIN LATERAL (
           SELECT bool_or(daterange(w.from_day, w.until_day) && a.stay) AS lost,
                  bool_or(daterange(w.from_day, w.until_day) @> a.first_night) AS void
             FROM void_period w WHERE w.unit_id = u.id) n
     WHERE y.id = 1 AND v.id = a.vacancy_id AND h.id = a.household_id AND u.id = a.unit_id;
    unit_version := seen.version;
    expired := seen.expired;
    outcome := CASE
        WHEN seen.gone OR seen.taken THEN 'not_open'
        WHEN (seen.void OR seen.left_lately OR seen.lived_in_then)
             AND free_from(a.unit_id, a.first_night) > a.first_night
            THEN 'not_free_yet'
        WHEN seen.lost THEN 'nights_taken'
        WHEN a.first_night <= today() AND seen.lived_in THEN 'not_free_yet'
        WHEN seen.placed THEN 'household_placed'
        ELSE coalesce(safety_refusal(a.household_id, a.unit_id, a.first_night),
                      CASE WHEN seen.judged_as_is IS NOT TRUE THEN 'outdated' END) END;
END $$;

-- ---- the requests of a year ----

CREATE FUNCTION fund.asked_of(one uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT p.request_id FROM fund.part p JOIN fund.pot_year y ON y.id = p.pot_year_id
                  WHERE y.id = one AND y.organisation_id = ANY (my_partners()) AND audit.me('account') IS NOT NULL);
END $$;
COMMENT ON FUNCTION fund.asked_of IS
    'The requests of a year of a pot in the caller''s partnership, by their ids alone: which of them the caller sees '
    'is asked of the requests, and not of each part again.';
GRANT EXECUTE ON FUNCTION fund.asked_of TO haven_app;
