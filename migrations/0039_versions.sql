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
        RETURN QUERY SELECT b.* FROM vacancy v JOIN unit u ON u.id = v.unit_id JOIN board_property b ON b.id = u.property_id
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

-- Unit and property together: neither number ever falls, so the sum is the same only where both are.
CREATE FUNCTION judged_as_is(item jsonb, a hold_attempt) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(h.version = (item ->> 'household_version')::integer
                    AND v.version = (item ->> 'judged_version')::integer
                    AND u.version + p.version = (item ->> 'place_version')::integer
                    AND y.digest = item ->> 'policy_digest', false)
      FROM household h, vacancy v, unit u JOIN property p ON p.id = u.property_id, policy y
     WHERE h.id = a.household_id AND v.id = a.vacancy_id AND u.id = a.unit_id AND y.id = 1
$$;
COMMENT ON FUNCTION judged_as_is IS
    'Whether household, vacancy, unit, property and policy are still those that the worker judged. Without a verdict '
    'they are not.';

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
    IF NOT judged_as_is(item, a) THEN
        outcome := 'outdated';
        RETURN;
    END IF;
    IF locked.expired THEN
        UPDATE placement p SET state = 'expired', version = p.version + 1
         WHERE p.unit_id = a.unit_id AND p.state IN ('held', 'offered') AND p.expires_at <= now();
    END IF;
    INSERT INTO placement AS p (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, period,
                                expires_at, policy_version, inputs_hash, score, against, household_version,
                                unit_version, decision_hash)
    VALUES (a.vacancy_id, a.unit_id, a.organisation_id, a.household_id,
            (SELECT h.organisation_id FROM household h WHERE h.id = a.household_id), audit.me('account')::uuid,
            a.nights, now() + make_interval(mins => a.minutes), item ->> 'policy_version', item ->> 'inputs_hash',
            (item ->> 'score')::integer, coalesce(item -> 'against', '[]'), a.household_version, version_of_unit,
            item ->> 'decision_hash')
    RETURNING p.id INTO take_hold.id;
    PERFORM keep_decision(take_hold.id, a.household_id, item);
    outcome := 'held';
    SELECT row_to_json(v)::text INTO body FROM placement_view v WHERE v.id = take_hold.id;
END $$;
