-- Erasure of a household, by the operator's tool (`haven household erase`). What it leaves is a
-- tombstone and statistics without identity.
--
-- Destroyed: the data key, and with it whatever is sealed in any backup made since; the sealed rows
-- themselves; keyed hashes; unsafe places; MARAC dates, which other agencies keep too; lists of who
-- may see the case; stored answers. The case reference stands beside names on paper and in other
-- people's files: a new one, E-…, is drawn, the old one is written nowhere, and the trail never had it.
-- Blanked: free text, and every fact that only the placing needed: days, areas, languages, income,
-- immigration, the answers of the risk assessment.
-- Coarsened: an age to the first year of its band on the first day of the year; a support need to
-- its code.
-- Kept, because the annual return (Domestic Abuse Act 2021 s. 57-58), the needs assessment and the
-- equality evidence count it: kind, sex, gender identity, age band and protected characteristics of
-- each member; situation, urgency, band, risk level, pregnancy, recourse to public funds, pets and
-- access needs of the household; course and instants of referrals and placements; unmet need; the
-- purpose and basis of consents.
--
-- The audit trail can not be edited: so its triggers never write what is
-- destroyed, blanked or coarsened here (a test holds them to it).

CREATE FUNCTION age_band(age integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT max(b) FROM unnest(ARRAY[0, 5, 11, 16, 18, 25, 35, 45, 55, 65, 75]) b WHERE b <= age
$$;
COMMENT ON FUNCTION age_band IS 'First year of the band that statistics put the age in.';

-- Rows of one case, whatever table they are in, by what an answer would call them.
CREATE FUNCTION case_names(home uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(n, '|') FROM (
        SELECT id::text FROM household WHERE id = home
         UNION ALL SELECT reference FROM household WHERE id = home
         UNION ALL SELECT id::text FROM member WHERE household_id = home
         UNION ALL SELECT id::text FROM referral WHERE household_id = home
         UNION ALL SELECT id::text FROM placement WHERE household_id = home
         UNION ALL SELECT id::text FROM consent WHERE household_id = home
         UNION ALL SELECT id::text FROM marac WHERE household_id = home
         UNION ALL SELECT id::text FROM unsafe_place WHERE household_id = home) x (n)
$$;
COMMENT ON FUNCTION case_names IS 'Identities and reference of the case as a regular expression.';

CREATE FUNCTION erasure_refusal(home uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN h.erased_at IS NOT NULL THEN 'erased'
                WHEN EXISTS (SELECT FROM placement p WHERE p.household_id = h.id
                                AND placement_now(p.state, p.expires_at) IN ('held', 'offered', 'accepted', 'arrived')) THEN 'placed'
                WHEN h.closed_at IS NULL OR EXISTS (SELECT FROM referral r WHERE r.household_id = h.id AND r.state <> 'closed')
                     THEN 'open' END
      FROM household h WHERE h.id = home
$$;
COMMENT ON FUNCTION erasure_refusal IS 'Why the household may not be erased: erased already, placed or held for, or its case is open; NULL where it may.';

-- The parts of an erasure, each with the rows that it took.
CREATE FUNCTION erase_secrets(home uuid) RETURNS TABLE (what text, gone bigint) LANGUAGE plpgsql AS $$
BEGIN
    -- a household that never had a key must not get one either
    INSERT INTO vault.data_key AS k (subject_id, subject_kind, organisation_id, wrapped, destroyed_at)
    SELECT h.id, 'household', h.organisation_id, NULL, now() FROM household h WHERE h.id = home
    ON CONFLICT (subject_id, subject_kind) DO UPDATE SET wrapped = NULL, destroyed_at = coalesce(k.destroyed_at, now());
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'data keys'; RETURN NEXT;
    DELETE FROM vault.person WHERE household_id = home;
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'sealed names and dates of birth'; RETURN NEXT;
    DELETE FROM vault.safe_contact WHERE household_id = home;
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'sealed contacts'; RETURN NEXT;
    DELETE FROM vault.party WHERE household_id = home;
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'sealed descriptions'; RETURN NEXT;
    DELETE FROM property_party p USING person_index i
     WHERE i.household_id = home AND i.member_id IS NOT NULL AND p.hash = i.hash AND p.link = 'resident';
    DELETE FROM person_index WHERE household_id = home;
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'keyed hashes'; RETURN NEXT;
END $$;
COMMENT ON FUNCTION erase_secrets IS 'Destroys the key of the household and all that names its people.';

CREATE FUNCTION erase_rows(home uuid) RETURNS TABLE (what text, gone bigint) LANGUAGE plpgsql AS $$
DECLARE
    names text := case_names(home);
BEGIN
    -- What is asked with that key again is neither done twice nor answered otherwise than about a case
    -- that does not exist: of an erased one cases_hidden() is true.
    UPDATE idempotency SET location = NULL, body = NULL, cases = array_append(array_remove(cases, home), home)
     WHERE concat(location, body) ~ names;
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'stored answers'; RETURN NEXT;
    DELETE FROM unsafe_place WHERE household_id = home;
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'unsafe places'; RETURN NEXT;
    DELETE FROM marac WHERE household_id = home;
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'conferences'; RETURN NEXT;
    DELETE FROM case_access WHERE household_id = home;
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'entries of who may see it'; RETURN NEXT;
END $$;
COMMENT ON FUNCTION erase_rows IS 'Removes what no statistics need.';

CREATE FUNCTION erase_facts(home uuid) RETURNS TABLE (what text, gone bigint) LANGUAGE plpgsql AS $$
BEGIN
    UPDATE member SET age = age_band(age), age_on = date_trunc('year', age_on)::date, relationship = NULL, couple = NULL
     WHERE household_id = home;
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'members coarsened'; RETURN NEXT;
    UPDATE consent SET reason = 'erased' WHERE household_id = home AND reason IS NOT NULL;
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'reasons of consents'; RETURN NEXT;
    UPDATE break_glass SET reason = 'erased' WHERE household_id = home;
    UPDATE alert SET reason = NULL, note = NULL WHERE household_id = home AND num_nonnulls(reason, note) > 0;
    UPDATE referral SET plan_measures = '{}', plan_review_on = NULL, erased = true WHERE household_id = home;
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'referrals hidden'; RETURN NEXT;
    UPDATE placement SET erased = true WHERE household_id = home;
    GET DIAGNOSTICS gone = ROW_COUNT; what := 'placements hidden'; RETURN NEXT;
END $$;
COMMENT ON FUNCTION erase_facts IS 'Blanks and coarsens what hangs off the household.';

CREATE FUNCTION erase_household(home uuid, why erasure_reason) RETURNS TABLE (what text, gone bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM household h WHERE h.id = home FOR UPDATE;
    IF NOT FOUND OR erasure_refusal(home) IS NOT NULL THEN
        RAISE EXCEPTION 'this household may not be erased' USING ERRCODE = 'check_violation';
    END IF;
    RETURN QUERY SELECT * FROM erase_secrets(home);
    RETURN QUERY SELECT * FROM erase_rows(home);
    RETURN QUERY SELECT * FROM erase_facts(home);
    UPDATE household
       SET reference = 'E' || substr(new_reference(), 2), erased_at = now(), erasure_reason = why, owner_id = NULL,
           band_reason = NULL, risk_raised_reason = NULL, dash = NULL, due_on = NULL, nrpf_funded_until = NULL,
           want_from = NULL, want_until = NULL, shortest_stay_days = NULL, wishes = '{}', wished_areas = '{}',
           wished_specialisms = '{}', places_to_reach = '{}', languages = '{}', interpreter = NULL,
           support_needs = (SELECT jsonb_agg(jsonb_build_object('need', n ->> 'need', 'severity', 'not_known') ORDER BY n ->> 'need')
                              FROM jsonb_array_elements(support_needs) n),
           wants_to_stay = NULL, perpetrator_at_home = NULL, sole_occupation = NULL, consent_obtainable = NULL,
           counter_allegation = NULL, primary_victim = 'not_determined', primary_victim_on = NULL, primary_victim_reason = NULL,
           immigration_status = 'not_asked', immigration_evidence = NULL, immigration_expires_on = NULL,
           income_source = 'not_asked', weekly_income_pence = NULL, risk_review_on = NULL, poses = NULL, avoids = NULL,
           overnight_carer = NULL, version = version + 1
     WHERE id = home;
    INSERT INTO audit.event (action, subject_kind, subject_id, household_id, detail)
    VALUES ('erase', 'household', home, home,
            jsonb_build_object('reason', why));
END $$;
COMMENT ON FUNCTION erase_household IS 'Erases a household in one transaction; tells what it took. Refused where erasure_refusal() has a reason.';

-- The proof does not trust the deed: tables of the vault are looked up in the catalogue, so that one
-- added later and forgotten above shows.
CREATE FUNCTION erasure_left(home uuid) RETURNS TABLE (what text, remaining bigint) LANGUAGE plpgsql AS $$
DECLARE
    t text;
    names text := case_names(home);
BEGIN
    RETURN QUERY SELECT 'keys that could be unwrapped', count(*) FROM vault.data_key k
                  WHERE k.subject_id = home AND k.wrapped IS NOT NULL;
    FOR t IN SELECT c.table_name FROM information_schema.columns c
              WHERE c.table_schema = 'vault' AND c.column_name = 'household_id' ORDER BY 1
    LOOP
        what := 'sealed values in vault.' || t;
        EXECUTE format('SELECT count(*) FROM vault.%I WHERE household_id = $1', t) INTO remaining USING home;
        RETURN NEXT;
    END LOOP;
    RETURN QUERY SELECT 'keyed hashes', count(*) FROM person_index i WHERE i.household_id = home;
    RETURN QUERY SELECT 'unsafe places', count(*) FROM unsafe_place u WHERE u.household_id = home;
    RETURN QUERY SELECT 'members with an exact age or a relationship', count(*) FROM member m
                  WHERE m.household_id = home
                    AND (m.age <> age_band(m.age) OR m.age_on <> date_trunc('year', m.age_on) OR m.relationship IS NOT NULL);
    RETURN QUERY SELECT 'free texts', count(*)
                   FROM (SELECT band_reason FROM household WHERE id = home
                          UNION ALL SELECT risk_raised_reason FROM household WHERE id = home
                          UNION ALL SELECT reason FROM consent WHERE household_id = home
                          UNION ALL SELECT reason FROM break_glass WHERE household_id = home
                          UNION ALL SELECT reason FROM case_access WHERE household_id = home
                          UNION ALL SELECT reason FROM alert WHERE household_id = home
                          UNION ALL SELECT note FROM alert WHERE household_id = home) x (words)
                  WHERE words <> 'erased';
    RETURN QUERY SELECT 'stored answers', count(*) FROM idempotency
                  WHERE concat(location, body) ~ names;
END $$;
COMMENT ON FUNCTION erasure_left IS 'What is left of an erased household that should not be: every count is 0.';
