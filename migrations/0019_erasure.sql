-- Erasure of a household, by the operator's tool (`haven household erase`). It leaves a tombstone and
-- statistics without identity.
--
-- Destroyed: the data key, and with it whatever is sealed in any backup made since; the sealed rows
-- themselves; keyed hashes; unsafe places; MARAC dates, which other agencies keep too; the lists of who may
-- see the case; stored answers. The case reference stands beside names on paper and in other people's files:
-- a new one, E-…, is drawn, the old one is written nowhere, and the trail never had it.
-- Blanked: free text, and every fact that only the placing needed: days, areas, languages, income,
-- immigration, the answers of the risk assessment.
-- Coarsened: an age to the first year of its band on the first day of the year; a support need to its code.
-- Kept, because the annual return (Domestic Abuse Act 2021 s. 57-58), the needs assessment and the equality
-- evidence count it: kind, sex, gender identity, age band and protected characteristics of each member;
-- situation, urgency, band, risk level, pregnancy, recourse to public funds, pets and access needs of the
-- household; course and instants of referrals and placements; unmet need; the purpose and basis of consents.
--
-- The audit trail cannot be edited, so its triggers never write what is destroyed, blanked or coarsened
-- here; a test checks that.

-- Each table's guard() line says what happens to it (0004_guard.sql). The functions here go through that
-- register.
CREATE FUNCTION about_case(g guarded) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = g.of_table AND a.attname = 'household_id')
           THEN 'household_id' ELSE 'id' END
$$;
COMMENT ON FUNCTION about_case IS 'The column of a table that says of which household its row is.';

CREATE FUNCTION case_names(home uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    g guarded;
    ids text;
    names text := (SELECT h.reference FROM household h WHERE h.id = home);
BEGIN
    FOR g IN SELECT r.* FROM guarded r JOIN pg_attribute a ON a.attrelid = r.of_table AND a.attname = 'id'
              WHERE r.erase IS NOT NULL AND r.of_table <> 'audit.event'::regclass ORDER BY r.of_table::text LOOP
        EXECUTE format('SELECT string_agg(id::text, ''|'') FROM %s WHERE %I = $1', g.of_table, about_case(g)) INTO ids
            USING home;
        names := concat_ws('|', names, ids);
    END LOOP;
    RETURN names;
END $$;
COMMENT ON FUNCTION case_names IS 'Identities and reference of the case and of its rows, as a regular expression.';

CREATE FUNCTION erased_columns(g guarded) RETURNS TABLE (name text, becomes text) LANGUAGE sql STABLE AS $$
    SELECT quote_ident(c.name), coalesce(g.erased ->> c.name, pg_get_expr(d.adbin, d.adrelid), 'NULL')
      FROM (SELECT unnest(g.untold) UNION SELECT jsonb_object_keys(g.erased)) c (name)
  JOIN pg_attribute a ON a.attrelid = g.of_table AND a.attname = c.name
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     ORDER BY a.attnum
$$;
COMMENT ON FUNCTION erased_columns IS
    'The facts that an erasure takes from a table, each with the expression that replaces it. The expression gives '
    'the same when it is applied again.';

CREATE FUNCTION erasure_refusal(home uuid) RETURNS erasure_refusal LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN h.erased_at IS NOT NULL THEN 'erased'
                WHEN EXISTS (SELECT FROM placement p WHERE p.household_id = h.id
                                AND placement_now(p.state, p.expires_at) IN ('held', 'offered', 'accepted', 'arrived'))
                                    THEN 'placed'
                WHEN h.closed_at IS NULL OR EXISTS (SELECT FROM referral r
                                                     WHERE r.household_id = h.id AND r.state <> 'closed')
                     THEN 'open' END
      FROM household h WHERE h.id = home
$$;
COMMENT ON FUNCTION erasure_refusal IS 'Why the household may not be erased; NULL where it may.';

-- The parts of an erasure. Each returns the number of rows that it took.
CREATE FUNCTION erase_answers(home uuid) RETURNS TABLE (what text, gone bigint) LANGUAGE plpgsql AS $$
DECLARE
    names text := case_names(home);
BEGIN
    -- a repeated request does nothing and gets the answer for a case that does not exist, because
    -- cases_hidden() is true of an erased one
    UPDATE idempotency SET location = NULL, body = NULL, cases = array_append(array_remove(cases, home), home)
     WHERE concat(location, body) ~ names;
    GET DIAGNOSTICS gone = ROW_COUNT;
    what := 'stored answers';
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION erase_answers IS 'Empties the stored answers that name the case or a row of it.';

CREATE FUNCTION erase_keys(home uuid) RETURNS TABLE (what text, gone bigint) LANGUAGE plpgsql AS $$
BEGIN
    -- a household that never had a key must not get one either
    INSERT INTO vault.data_key AS k (subject_id, subject_kind, organisation_id, wrapped, destroyed_at)
    SELECT h.id, 'household', h.organisation_id, NULL, now() FROM household h WHERE h.id = home
    ON CONFLICT (subject_id, subject_kind) DO UPDATE SET wrapped = NULL, destroyed_at = coalesce(k.destroyed_at, now());
    GET DIAGNOSTICS gone = ROW_COUNT;
    what := 'data keys';
    RETURN NEXT;
    DELETE FROM property_party p USING person_index i
     WHERE i.household_id = home AND i.member_id IS NOT NULL AND p.hash = i.hash AND p.link = 'resident';
    GET DIAGNOSTICS gone = ROW_COUNT;
    what := 'links to properties';
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION erase_keys IS
    'Destroys the key of the household, and what its properties know of its people by their hashes.';

CREATE FUNCTION erase_rows(home uuid) RETURNS TABLE (what text, gone bigint) LANGUAGE plpgsql AS $$
DECLARE
    g guarded;
BEGIN
    FOR g IN SELECT * FROM guarded r WHERE r.erase = 'rows' ORDER BY r.of_table::text LOOP
        EXECUTE format('DELETE FROM %s WHERE %I = $1', g.of_table, about_case(g)) USING home;
        GET DIAGNOSTICS gone = ROW_COUNT;
        what := 'rows of ' || g.of_table;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION erase_rows IS 'Removes what no statistics need.';

CREATE FUNCTION erase_facts(home uuid) RETURNS TABLE (what text, gone bigint) LANGUAGE plpgsql AS $$
DECLARE
    g guarded;
BEGIN
    FOR g IN SELECT * FROM guarded r WHERE r.erase = 'facts' AND r.of_table <> 'household'::regclass
        ORDER BY r.of_table::text LOOP
        EXECUTE format('UPDATE %s SET %s WHERE %I = $1', g.of_table,
                       (SELECT string_agg(c.name || ' = ' || c.becomes, ', ') FROM erased_columns(g) c), about_case(g))
                           USING home;
        GET DIAGNOSTICS gone = ROW_COUNT;
        what := 'facts of ' || g.of_table;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION erase_facts IS 'Blanks and coarsens what else is stored about the household.';

CREATE FUNCTION erase_tombstone(home uuid, why erasure_reason) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    g guarded;
BEGIN
    SELECT * INTO STRICT g FROM guarded r WHERE r.of_table = 'household'::regclass;
    EXECUTE format('UPDATE household SET %s, owner_id = NULL, erased_at = now(), erasure_reason = $2, '
                   'version = version + 1 WHERE id = $1',
                   (SELECT string_agg(c.name || ' = ' || c.becomes, ', ') FROM erased_columns(g) c)) USING home, why;
END $$;
COMMENT ON FUNCTION erase_tombstone IS 'Makes the household itself its tombstone.';

CREATE FUNCTION erase_household(home uuid, why erasure_reason) RETURNS TABLE (what text, gone bigint)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM household h WHERE h.id = home FOR UPDATE;
    IF NOT FOUND OR erasure_refusal(home) IS NOT NULL THEN
        RAISE EXCEPTION 'this household may not be erased' USING ERRCODE = 'check_violation';
    END IF;
    RETURN QUERY SELECT * FROM erase_answers(home);
    RETURN QUERY SELECT * FROM erase_keys(home);
    RETURN QUERY SELECT * FROM erase_rows(home);
    RETURN QUERY SELECT * FROM erase_facts(home);
    PERFORM erase_tombstone(home, why);
    INSERT INTO audit.event (action, subject_kind, subject_id, household_id, detail)
    VALUES ('erase', 'household', home, home,
            jsonb_build_object('reason', why));
END $$;
COMMENT ON FUNCTION erase_household IS
    'Erases a household in one transaction and lists what it took. Refused where erasure_refusal() has a reason.';

-- The check trusts neither the erasure nor the register: a table about households that the register does not
-- know must not hold a row of an erased one.
CREATE FUNCTION erasure_left(home uuid) RETURNS TABLE (what text, remaining bigint) LANGUAGE plpgsql AS $$
DECLARE
    t regclass;
    g guarded;
BEGIN
    RETURN QUERY SELECT 'keys that could be unwrapped', count(*) FROM vault.data_key k
                  WHERE k.subject_id = home AND k.wrapped IS NOT NULL;
    RETURN QUERY SELECT 'stored answers', count(*) FROM idempotency WHERE concat(location, body) ~ case_names(home);
    FOR t IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^(pg_|information_schema$)'
                AND (c.oid = 'household'::regclass OR EXISTS (
                    SELECT FROM pg_attribute a
                     WHERE a.attrelid = c.oid AND a.attname = 'household_id' AND NOT a.attisdropped))
              ORDER BY c.oid::regclass::text
    LOOP
        SELECT * INTO g FROM guarded r WHERE r.of_table = t;
        CONTINUE WHEN g.erase = 'kept';
        what := coalesce(g.erase, 'rows') || ' of ' || t;
        EXECUTE format('SELECT count(*) FROM %s WHERE %I = $1 AND (%s)', t, CASE WHEN t = 'household'::regclass
                       THEN 'id' ELSE 'household_id' END,
                       CASE WHEN g.erase = 'facts'
                           THEN (SELECT string_agg(format('%s IS DISTINCT FROM (%s)', c.name, c.becomes), ' OR ')
                                                           FROM erased_columns(g) c) ELSE 'true' END)
           INTO remaining USING home;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION erasure_left IS 'What is left of an erased household that should not be: every count is 0.';
