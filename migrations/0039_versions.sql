-- Rules bind the hold: five are judged in SQL under the lock; of the others the worker hands over its verdict with the
-- versions of what it judged, and the database compares these.

-- ---- the boards know the versions ----

CREATE OR REPLACE VIEW board_property WITH (security_invoker = true) AS
SELECT p.id, p.organisation_id, o.partnership_id::text, o.name AS provider, p.area_label, p.local_authority,
       p.outward_code, p.type, p.residents, p.staffing, p.shared_access, a.median_minutes AS answer_minutes,
       o.day_phone, o.night_phone, o.day_begins, o.day_ends, p.version
  FROM property p
  JOIN organisation o ON o.id = p.organisation_id
  LEFT JOIN provider_answer a ON a.organisation_id = o.id
 WHERE p.closed_at IS NULL;

CREATE OR REPLACE VIEW board_vacancy WITH (security_invoker = true) AS
SELECT v.id, v.version, v.unit_id, u.property_id, u.reference, u.facts, free_from(u.id, v.available_from) AS free_from,
       v.available_until, v.confirmed_at, (SELECT max(pl.expires_at) FROM placement pl
         WHERE pl.unit_id = u.id AND pl.state IN ('held', 'offered') AND pl.expires_at > now()) AS busy_until,
       taken_nights(u.id) AS taken, u.languages::text AS languages, u.version AS unit_version
  FROM vacancy v
  JOIN unit u ON u.id = v.unit_id
  JOIN property p ON p.id = u.property_id
 WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL AND u.closed_at IS NULL AND p.closed_at IS NULL;

-- What a worker judges again when its board was behind. The caller sees the place, or there is no row.
CREATE FUNCTION vacancy_now(vacancy uuid) RETURNS SETOF board_vacancy
LANGUAGE plpgsql STABLE ROWS 1 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF may_place() THEN
        RETURN QUERY SELECT b.* FROM board_vacancy b JOIN vacancy v ON v.id = b.id
                      WHERE b.id = vacancy AND is_partner(v.organisation_id);
    END IF;
END $$;
COMMENT ON FUNCTION vacancy_now IS 'The row of board_vacancy of a vacancy in the caller''s partnership.';
GRANT EXECUTE ON FUNCTION vacancy_now TO haven_app;

CREATE FUNCTION property_now(vacancy uuid) RETURNS SETOF board_property
LANGUAGE plpgsql STABLE ROWS 1 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF may_place() THEN
        RETURN QUERY SELECT b.* FROM vacancy v JOIN unit u ON u.id = v.unit_id
                       JOIN board_property b ON b.id = u.property_id
                      WHERE v.id = vacancy AND is_partner(v.organisation_id);
    END IF;
END $$;
COMMENT ON FUNCTION property_now IS 'The row of board_property of a vacancy in the caller''s partnership.';
GRANT EXECUTE ON FUNCTION property_now TO haven_app;

-- ---- a hold ----

ALTER DOMAIN hold_outcome DROP CONSTRAINT hold_outcome_check;
ALTER DOMAIN hold_outcome ADD CONSTRAINT hold_outcome_check CHECK (VALUE IN ('held', 'no_household', 'no_vacancy',
    'minutes', 'not_open', 'not_free_yet', 'nights_taken', 'changed', 'not_suitable', 'residents_sex', 'capacity',
    'outside_period', 'read_only', 'household_placed', 'household_draft', 'household_closed', 'self_referral',
    'outdated'));

-- What a hold costs the database is the number of statements that it sets up: one reads what several did before, and
-- nothing is asked twice. A plan is made anew whenever the search path is another than at the last call, so a function
-- that is called from two others gets the same path from both.
CREATE OR REPLACE FUNCTION audit.proven() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    -- a proof is valid for a minute: a transaction kept open must not outlive the end of its session
    RETURN session_user <> 'haven_app' OR audit.me('proof') IS NOT DISTINCT FROM audit.proof()
        AND clock_timestamp() < now() + interval '1 minute';
END $$;

-- A function in SQL that is not inlined is planned at each call.
CREATE OR REPLACE FUNCTION ages_on(m member, day date, OUT youngest integer, OUT oldest integer)
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    youngest := m.age + extract(year FROM age(greatest(day, m.age_on), m.age_on))::integer;
    oldest := CASE WHEN m.age_exact OR day <= m.age_on THEN youngest
        ELSE m.age + 1 + extract(year FROM age(day, m.age_on + 1))::integer END;
END $$;

ALTER TYPE hold_attempt ADD ATTRIBUTE owner_id uuid;

-- Check before any lock: most attempts that fail end here.
CREATE OR REPLACE FUNCTION check_hold(item jsonb, OUT outcome hold_outcome, OUT attempt hold_attempt)
LANGUAGE plpgsql AS $$
DECLARE
    place record;
    home record;
    worked boolean;
    last_day date; -- the stay ends before it; NULL is open-ended
BEGIN
    SELECT v.id, v.unit_id, v.organisation_id, v.version, v.available_from, v.available_until,
           v.withdrawn_at IS NULL AND v.taken_at IS NULL AND v.confirmed_at > now() - y.lapse
           AND (SELECT bool_or(p.state IN ('held', 'offered') AND p.expires_at > now()) FROM placement p
                 WHERE p.vacancy_id = v.id) IS NOT TRUE AS open,
           y.hold_minutes, y.hold_least_minutes, y.hold_most_minutes, y.usual_stay_days
      INTO STRICT place
      FROM policy y LEFT JOIN vacancy v ON v.id = (item ->> 'vacancy_id')::uuid WHERE y.id = 1;
    SELECT h.id, h.organisation_id, h.version, h.closed_at, h.waiting_since, h.want_from, h.want_until,
           h.shortest_stay_days, EXISTS (SELECT FROM referral r WHERE r.household_id = h.id AND r.state <> 'closed'
                                            AND self_referral_only(r.source, h)) AS self_only
      INTO home FROM household h WHERE h.id = (item ->> 'household_id')::uuid AND h.erased_at IS NULL;
    worked := works_on(home.id);
    -- a case that the caller works on is not hidden from the caller
    IF worked IS NOT TRUE AND case_hidden(home.id, audit.me('account')::uuid) THEN
        home.id := NULL;
    END IF;
    attempt.vacancy_id := place.id;
    attempt.unit_id := place.unit_id;
    attempt.organisation_id := place.organisation_id;
    attempt.household_id := home.id;
    attempt.household_version := home.version;
    attempt.owner_id := home.organisation_id;
    attempt.minutes := coalesce((item ->> 'minutes')::integer, place.hold_minutes);
    attempt.first_night := greatest(home.want_from, place.available_from, today());
    last_day := least(home.want_until, place.available_until);
    outcome := CASE
        WHEN home.id IS NULL THEN 'no_household'
        WHEN NOT (is_partner(place.organisation_id)
                  AND (home.organisation_id = my_organisation() OR is_partner(home.organisation_id))) THEN 'no_vacancy'
        WHEN attempt.minutes NOT BETWEEN place.hold_least_minutes AND place.hold_most_minutes THEN 'minutes'
        WHEN NOT worked THEN 'read_only'
        WHEN NOT place.open THEN 'not_open'
        WHEN home.closed_at IS NOT NULL THEN 'household_closed'
        WHEN home.waiting_since IS NULL THEN 'household_draft'
        WHEN home.self_only THEN 'self_referral'
        WHEN last_day <= attempt.first_night THEN 'outside_period'
        WHEN place.version <> (item ->> 'vacancy_version')::integer THEN 'changed' END;
    IF outcome IS NULL THEN
        attempt.nights := daterange(attempt.first_night, last_day);
        attempt.stay := stay_nights(attempt.first_night, home.want_from, home.want_until, home.shortest_stay_days,
                                    place.usual_stay_days);
    END IF;
END $$;

-- Unit and property together: neither number ever falls, so the sum is the same only where both are. A household that
-- should have left, but whose departure nobody recorded, still lives in the unit.
DROP FUNCTION check_hold_locked(hold_attempt);
CREATE FUNCTION check_hold_locked(a hold_attempt, item jsonb, OUT outcome hold_outcome, OUT unit_version integer,
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
               AS placed
      INTO seen
      FROM policy y, vacancy v, household h, unit u JOIN property p ON p.id = u.property_id
     CROSS JOIN LATERAL (
           SELECT bool_or(s.state IN ('held', 'offered') AND s.expires_at > now()
                          AND (s.vacancy_id = a.vacancy_id OR s.period && a.nights)
                          OR s.state IN ('accepted', 'arrived') AND s.period && a.nights) AS taken,
                  bool_or(s.state = 'arrived') AS lived_in,
                  bool_or(s.state = 'departed' AND s.departed_on > today() - 100
                          OR s.state IN ('accepted', 'arrived') AND s.period @> a.first_night) AS perhaps_later,
                  bool_or(s.state IN ('held', 'offered') AND s.expires_at <= now()) AS expired
             FROM placement s WHERE s.unit_id = u.id) t
     CROSS JOIN LATERAL (
           SELECT bool_or(daterange(w.from_day, w.until_day) && a.stay) AS lost,
                  bool_or(daterange(w.from_day, w.until_day) @> a.first_night) AS void
             FROM void_period w WHERE w.unit_id = u.id) n
     WHERE y.id = 1 AND v.id = a.vacancy_id AND h.id = a.household_id AND u.id = a.unit_id;
    unit_version := seen.version;
    expired := seen.expired;
    outcome := CASE
        WHEN seen.gone OR seen.taken THEN 'not_open'
        WHEN (seen.void OR seen.perhaps_later) AND free_from(a.unit_id, a.first_night) > a.first_night
            THEN 'not_free_yet'
        WHEN seen.lost THEN 'nights_taken'
        WHEN a.first_night <= today() AND seen.lived_in THEN 'not_free_yet'
        WHEN seen.placed THEN 'household_placed'
        ELSE coalesce(safety_refusal(a.household_id, a.unit_id, a.first_night),
                      CASE WHEN seen.judged_as_is IS NOT TRUE THEN 'outdated' END) END;
END $$;
COMMENT ON FUNCTION check_hold_locked IS
    'The same with the unit locked, and whether the worker judged what is there now: `outdated` where household, '
    'vacancy, unit, property or policy have other versions, or there is no verdict. Besides, the unit''s version, and '
    'whether a hold or offer in the unit has expired without a job to say so.';

CREATE FUNCTION lock_hold(a hold_attempt) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM unit u WHERE u.id = a.unit_id FOR NO KEY UPDATE;
END $$;
COMMENT ON FUNCTION lock_hold IS 'What a hold takes before it is judged: everybody else who wants the same waits.';

CREATE OR REPLACE FUNCTION take_hold(item jsonb, OUT outcome hold_outcome, OUT id uuid, OUT body text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    seen record := check_hold(item);
    a hold_attempt := seen.attempt;
    locked record;
BEGIN
    outcome := seen.outcome;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM lock_hold(a);
    locked := check_hold_locked(a, item);
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
                                unit_version, decision_hash)
    VALUES (a.vacancy_id, a.unit_id, a.organisation_id, a.household_id, a.owner_id, audit.me('account')::uuid,
            a.nights, now() + make_interval(mins => a.minutes), item ->> 'policy_version', item ->> 'inputs_hash',
            (item ->> 'score')::integer, coalesce(item -> 'against', '[]'), a.household_version, locked.unit_version,
            item ->> 'decision_hash')
    RETURNING p.id INTO take_hold.id;
    INSERT INTO decision (placement_id, household_id, policy_digest, inputs, answer)
    VALUES (take_hold.id, a.household_id, item ->> 'policy_digest', item ->> 'inputs', item ->> 'answer');
    outcome := 'held';
    SELECT row_to_json(v)::text INTO body FROM placement_view v WHERE v.id = take_hold.id;
END $$;
